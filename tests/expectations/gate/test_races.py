"""Several people at the gate at once, on SQLite: threads, and two processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from store import review, state
from store.settings import PROJECT_ROOT, Settings
from tests.expectations.gate.race_cases import CASES

_IN_A_PROCESS = """
import sys
from dataclasses import replace
from pathlib import Path
from expectations.gate.findings import decide
from store.review import Overtaken
from store.settings import Settings
from tests.expectations.gate.office import ERROR, REVIEWER, WHY
settings = Settings(home=Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
won = 0
for number in range(12):
    found = replace(ERROR, severity="warning", finding_key=f"{number:064x}")
    try:
        decide(settings, replace(REVIEWER, identifier=sys.argv[2]), found, "exclude", seen=0, **WHY)
        won += 1
    except Overtaken:
        pass
print(won)
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_on_sqlite(settings: Settings, case: Callable[[Settings], None]) -> None:
    case(settings)


def test_of_two_processes_on_the_same_findings_each_finding_has_one_winner(settings: Settings) -> None:
    runners = [
        subprocess.Popen(
            [sys.executable, "-c", _IN_A_PROCESS, str(settings.home), name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT,
        )
        for name in ("reviewer-1", "reviewer-2")
    ]  # fmt: skip
    for runner in runners:
        assert runner.stdout is not None and runner.stdout.readline() == "ready\n"
    won = [int(runner.communicate("go\n")[0]) for runner in _started(runners)]
    assert sum(won) == 12
    with state.reading(settings) as connection:
        steps = review.decisions(connection)
    assert [step.sequence for step in steps] == [1] * 12
    assert [[step.actor for step in steps].count(f"reviewer-{n}") for n in (1, 2)] == won


def _started(runners: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    for runner in runners:
        assert runner.stdin is not None
        runner.stdin.write("go\n")
        runner.stdin.flush()
    return runners
