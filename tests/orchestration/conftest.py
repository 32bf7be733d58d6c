"""Homes for tests of whole runs: one first run is made once and copied for each test that needs a release."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROJECT_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Answer]


def environment(home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The test's environment with its own home."""
    return {**os.environ, "PPW_HOME": str(home), **(extra or {})}


def ppw(home: Path, *arguments: str, extra: Mapping[str, str] | None = None) -> Answer:
    """Run a `ppw` command in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        env=environment(home, extra), cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    return Answer(result.returncode, result.stdout, result.stderr)


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """A home with the first release on the shipped figures, and what the run said. Read it, never change it."""
    home = tmp_path_factory.mktemp("first_run") / "home"
    answer = ppw(home, "run", "--json")
    assert answer.code == 0, answer.err + answer.out
    return home, answer


@pytest.fixture
def home(first_run: tuple[Path, Answer], tmp_path: Path) -> Path:
    """A copy of the first run's home that a test may change."""
    copy = tmp_path / "home"
    shutil.copytree(first_run[0], copy, symlinks=True)
    return copy


def current(home: Path) -> str:
    """The release id that the pointer names."""
    return (home / "releases" / "current").read_text(encoding="utf-8").strip()


def rows(home: Path, sql: str) -> list[dict[str, Any]]:
    """The rows of `ppw query`."""
    answer = ppw(home, "query", sql, "--json")
    assert answer.code == 0, answer.err
    result: list[dict[str, Any]] = answer.json
    return result
