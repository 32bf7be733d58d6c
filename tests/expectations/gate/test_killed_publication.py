"""A publication by signature that is killed at any step: readers see whole releases, the next call finishes it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from store.settings import PROJECT_ROOT
from tests.expectations.gate.publish_under_a_reader import KILLED_AT

pytestmark = pytest.mark.integration


def _lines(module: str, *arguments: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.expectations.gate.{module}", *arguments],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_publication_killed_at_any_step_is_finished_by_the_next_call(tmp_path: Path) -> None:
    steps = _lines("kill_publication", "publish", str(tmp_path))
    assert [step["killed"] for step in steps] == [True] * (len(steps) - 1) + [False]
    moved = [step["found"]["rows"] for step in steps]
    assert moved == sorted(moved) and set(moved) == {1, 2}, "current moves once, forward"
    for step in steps:
        after = step["afterwards"]
        assert step["problems"] == []
        assert (after["rows"], set(after["states"].values()), after["on_desk"]) == (2, {"published"}, [])
        assert after["moved_to"] == after["current"], step["step"]
        assert after["recorded"] == sorted(after["states"]), step["step"]


def test_retraction_killed_at_any_step_is_finished_by_the_next_call(tmp_path: Path) -> None:
    steps = _lines("kill_publication", "retract", str(tmp_path))
    assert [steps[0]["found"]["rows"], steps[-1]["found"]["rows"]] == [2, 1]
    for step in steps:
        after = step["afterwards"]
        was_retracted = "retracted" in step["found"]["states"].values()
        assert after["rows"] == (1 if was_retracted else 2), step["step"]
        assert after["moved_to"] == after["current"], step["step"]


def test_a_reader_sees_whole_releases_only_while_publications_are_killed(
    tmp_path: Path, record_testsuite_property: Any
) -> None:
    seen = _lines("publish_under_a_reader", str(tmp_path))
    assert [look["fault"] for look in seen] == [None] * len(seen)
    # Nothing before the first, then one release after another, each whole, none twice.
    assert [look["rows"] for look in seen if look["rows"] is not None] == list(range(1, len(KILLED_AT) + 1))
    record_testsuite_property("reader_log", json.dumps(seen))
    print("\n".join(json.dumps(look) for look in seen))
