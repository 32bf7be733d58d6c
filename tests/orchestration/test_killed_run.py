"""A run killed at any stage leaves `current` on a whole release, and the next run goes on from there."""

import logging
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.progress import LOGGER
from store.releases import release_dir, verify
from store.settings import PROJECT_ROOT, Settings
from tests.orchestration.conftest import current, ppw

pytestmark = pytest.mark.integration

STAGES = ("inputs", "observe", "checks", "accept and assess", "candidate", "release rules", "publish")
KILLED_AS_IT_BEGINS = "accept and assess"
# Another last complete year: the release that comes out at the end says something else than the one before.
CUT_OFF = "2027-01-31"


def _kill_when(home: Path, stage: str) -> None:
    """Start a run that has something to publish and kill its whole process group as the stage begins."""
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "run", "--cut-off", CUT_OFF],
        env={**os.environ, "PPW_HOME": str(home)},
        cwd=PROJECT_ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    seen = False
    for line in process.stderr:
        if line.startswith(f"{stage} …"):
            os.killpg(process.pid, signal.SIGKILL)
            seen = True
            break
    process.stderr.close()
    process.wait(timeout=120)
    assert seen, f"the run never said that {stage} began"


class _HomeAtEachStage(logging.Filter):
    """Copies what readers look at as each stage begins: a process killed there would have left these bytes.

    A filter of the log, for the command sets the handlers itself.
    """

    def __init__(self, home: Path, copies: Path) -> None:
        super().__init__()
        self.home, self.copies = home, copies
        self.stages: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if said.endswith(" …"):
            stage = said.removesuffix(" …")
            self.stages.append(stage)
            shutil.copytree(self.home / "releases", self.copies / stage / "releases", symlinks=True)
        return True


def test_a_run_killed_at_a_stage_and_then_left_alone(home: Path, tmp_path: Path) -> None:
    before = current(home)
    settings = Settings(home=home)
    _kill_when(home, KILLED_AS_IT_BEGINS)
    assert current(home) == before
    verify(release_dir(settings, before))

    at_each_stage = _HomeAtEachStage(home, tmp_path)
    LOGGER.addFilter(at_each_stage)
    try:
        answer = ppw(home, "run", "--cut-off", CUT_OFF)
    finally:
        LOGGER.removeFilter(at_each_stage)
    assert answer.code == 0, answer.err
    assert f"new release: {current(home)}" in answer.out
    assert current(home).startswith(CUT_OFF)
    verify(release_dir(settings, current(home)))
    assert ppw(home, "release", "list").code == 0

    assert set(STAGES) <= set(at_each_stage.stages)
    for stage in at_each_stage.stages:
        left = tmp_path / stage
        assert current(left) == before, f"as {stage} began, before anything was published"
        verify(release_dir(Settings(home=left), before))
