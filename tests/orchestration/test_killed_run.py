"""A run killed at any stage leaves `current` on a whole release, and the next run goes on from there."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from store.releases import release_dir, verify
from store.settings import PROJECT_ROOT, Settings
from tests.orchestration.conftest import current, ppw

pytestmark = pytest.mark.integration

STAGES = ("observe", "checks", "accept and assess", "candidate", "publish")
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


def test_a_run_killed_at_each_stage_and_then_left_alone(home: Path) -> None:
    before = current(home)
    settings = Settings(home=home)
    for stage in STAGES:
        _kill_when(home, stage)
        assert current(home) == before, f"killed as {stage} began, before anything was published"
        verify(release_dir(settings, before))
    answer = ppw(home, "run", "--cut-off", CUT_OFF, "--json")
    assert answer.code == 0, answer.err
    assert answer.json["new_release"] is True
    assert current(home).startswith(CUT_OFF)
    verify(release_dir(settings, current(home)))
    assert ppw(home, "release", "list").code == 0
