"""Homes for tests of whole runs: one first run is made once, and put back for each test that changes it.

All tests of a worker use one path: dbt parses its project anew for every other path of the warehouse file.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from store.settings import PROJECT_ROOT


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


def ppw(home: Path, *arguments: str, extra: Mapping[str, str] | None = None) -> Answer:
    """Run a `ppw` command in this process, as the console script would: imports are paid for once."""
    from orchestration.cli import main

    result = CliRunner().invoke(
        main, list(arguments), env={"PPW_HOME": str(home), **(extra or {})}, prog_name="ppw"
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def ppw_process(home: Path, *arguments: str) -> Answer:
    """Run a `ppw` command in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        env={**os.environ, "PPW_HOME": str(home)},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Answer(result.returncode, result.stdout, result.stderr)


@dataclass
class Homes:
    """The path that runs use, the pristine copy of it after the first run, and what that run answered."""

    path: Path
    pristine: Path
    answer: Answer
    touched: bool = False

    def restore(self) -> None:
        """Make the path what the first run left."""
        if self.touched:
            shutil.rmtree(self.path)
            shutil.copytree(self.pristine, self.path, symlinks=True)
            self.touched = False


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """The first run on the shipped figures, in a process of its own as `make run` does it."""
    folder = tmp_path_factory.mktemp("homes")
    path, pristine = folder / "home", folder / "pristine"
    answer = ppw_process(path, "run", "--json")
    assert answer.code == 0, answer.err + answer.out
    shutil.copytree(path, pristine, symlinks=True)
    return Homes(path, pristine, answer)


@pytest.fixture
def first_run(homes: Homes) -> tuple[Path, Answer]:
    """A home with the first release, and what the run said. Read it, never change it."""
    homes.restore()
    return homes.path, homes.answer


@pytest.fixture
def home(homes: Homes) -> Iterator[Path]:
    """The first run's home, which a test may change."""
    homes.restore()
    homes.touched = True
    yield homes.path


def current(home: Path) -> str:
    """The release id that the pointer names."""
    return (home / "releases" / "current").read_text(encoding="utf-8").strip()


def rows(home: Path, sql: str) -> list[dict[str, Any]]:
    """The rows of `ppw query`."""
    answer = ppw(home, "query", sql, "--json")
    assert answer.code == 0, answer.err
    result: list[dict[str, Any]] = answer.json
    return result
