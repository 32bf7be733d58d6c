"""A run killed at any stage leaves `current` on a whole release, and the next run succeeds."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from store.releases import release_dir, verify
from store.settings import Settings
from tests.orchestration.conftest import PROJECT_ROOT, current, environment, ppw

pytestmark = pytest.mark.integration

STAGES = ("retrieve", "inputs", "observe", "checks", "accept and assess", "candidate", "publish")


def _kill_when(home: Path, stage: str, cut_off: str) -> bool:
    """Start a run that has something to publish and kill its whole process group as the stage begins."""
    process = subprocess.Popen(
        [sys.executable, "-m", "orchestration.cli", "run", "--cut-off", cut_off],
        env=environment(home), cwd=PROJECT_ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if line.startswith(f"{stage} …"):
                os.killpg(process.pid, signal.SIGKILL)
                return True
        return False
    finally:
        process.stderr.close()
        process.wait(timeout=120)


@pytest.mark.parametrize("stage", STAGES)
def test_killed_at(stage: str, home: Path) -> None:
    before = current(home)
    assert _kill_when(home, stage, "2026-12-01"), f"the run never said that {stage} began"
    settings = Settings(home=home)
    in_force = current(home)
    verify(release_dir(settings, in_force))
    assert in_force == before or stage == "publish"
    answer = ppw(home, "run", "--cut-off", "2026-12-01", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["release_id"] == current(home)
    assert current(home).startswith("2026-12-01")
    verify(release_dir(settings, current(home)))
