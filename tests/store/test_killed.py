"""A process killed at any step leaves the stores whole, and the next one goes on."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from store.settings import PROJECT_ROOT

Steps = list[dict[str, Any]]


def _killed_at_each_step(action: str, tmp_path: Path) -> Steps:
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.kill_at_each_step", action, str(tmp_path)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    steps: Steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert [step["killed"] for step in steps] == [True] * (len(steps) - 1) + [False]
    return steps


def test_put_killed_at_any_step_stores_the_whole_snapshot_or_none(tmp_path: Path) -> None:
    steps = _killed_at_each_step("put", tmp_path)
    assert {step["found"] for step in steps} == {"absent", "whole"}
    assert steps[-1]["found"] == "whole"
    assert all(step["afterwards"] for step in steps)
    assert any("os.rename" in step["step"] for step in steps)


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Steps:
    return _killed_at_each_step("publish", tmp_path_factory.mktemp("publication"))


@pytest.mark.integration
def test_publication_killed_at_any_step_leaves_readers_on_a_whole_release(publication: Steps) -> None:
    # The process that looks reads every release back: what is found is whole.
    before, after = publication[0]["found"], publication[-1]["found"]
    assert [before["rows"], after["rows"]] == [1, 2]
    moved = [step["found"]["current"] == after["current"] for step in publication]
    assert moved == sorted(moved), "current moves once, forward"
    assert {step["found"]["current"] for step in publication} == {before["current"], after["current"]}
    renames = [step["step"] for step in publication if "os.rename" in step["step"]]
    assert len(renames) == 3, "the manifest, the release directory, current"


@pytest.mark.integration
def test_publication_after_a_killed_one_succeeds_and_records_what_was_left_out(publication: Steps) -> None:
    for step in publication:
        before, after = step["found"], step["afterwards"]
        assert after["rows"] == before["rows"] + 1, step["step"]
        assert after["recorded"] == after["on_disk"], step["step"]
        assert after["moved_to"] == after["current"], step["step"]


@pytest.mark.integration
def test_rollback_killed_at_any_step_leaves_readers_on_a_whole_release(tmp_path: Path) -> None:
    steps = _killed_at_each_step("rollback", tmp_path)
    assert [steps[0]["found"]["rows"], steps[-1]["found"]["rows"]] == [2, 1]
    for step in steps:
        assert step["found"]["rows"] in (1, 2)
        assert step["afterwards"]["rows"] == 3
        assert step["afterwards"]["moved_to"] == step["afterwards"]["current"]
