"""Homes for tests of whole runs: one first run is made for all workers, and put back for each test that changes it.

All tests of a worker use one path: dbt parses its project anew for every other path of the warehouse file.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from filelock import FileLock

from store.settings import PROJECT_ROOT
from tests import warm_dbt


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


# What a candidate carries beside its tables takes as long to make as the tables; few tests look at it.
NOTHING_RENDERED = {"PPW_REPORT_FILES": "none", "PPW_OPEN_FILES": "false"}


def ppw(home: Path, *arguments: str, extra: Mapping[str, str] | None = None) -> Answer:
    """Run a `ppw` command in this process, as the console script would: imports are paid for once, dbt's too.

    Candidates carry neither printed report nor open data: the first run's does, and one is enough to look at.
    """
    from orchestration.cli import main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orchestration.manifest.dbt_executable", warm_dbt.executable)
        result = CliRunner().invoke(
            main,
            list(arguments),
            env={"PPW_HOME": str(home), **NOTHING_RENDERED, **(extra or {})},
            prog_name="ppw",
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
        check=False,
    )
    return Answer(result.returncode, result.stdout, result.stderr)


@dataclass
class Homes:
    """The path that runs use, and what it is made: empty, or what the first run left."""

    path: Path
    shared: Path
    state: str = "absent"

    @property
    def _parsed(self) -> Path:
        """dbt's parse of the project for this path, as the last run left it; dbt itself sees whether it still holds."""
        return self.path / "warehouse" / "dbt_target" / "partial_parse.msgpack"

    def _cleared(self, fill: Callable[[], object]) -> None:
        parsed = self._parsed.read_bytes() if self._parsed.exists() else None
        if self.path.exists():
            # Away at once, whatever a process that is still ending does in it.
            left = self.path.with_name(f"left-{uuid4().hex}")
            self.path.rename(left)
            shutil.rmtree(left, ignore_errors=True)
        fill()
        if parsed is not None:
            self._parsed.parent.mkdir(parents=True, exist_ok=True)
            self._parsed.write_bytes(parsed)

    def empty(self) -> Path:
        """Make the path a home in which nothing was run."""
        self._cleared(self.path.mkdir)
        self.state = "changed"
        return self.path

    def first_run(self, *, changes: bool) -> tuple[Path, Answer]:
        """Make the path what the first run left, and say what that run answered; `changes`: it will not stay so.

        One worker makes the first run for all, where it stays: what it wrote names the files it read, so that a copy at
        another path still reads some of them there.
        """
        pristine, said = self.shared / "home", self.shared / "answer.json"
        self.shared.mkdir(exist_ok=True)
        with FileLock(self.shared / "lock"):
            if not said.exists():
                answer = ppw_process(pristine, "run", "--json")
                assert answer.code == 0, answer.err + answer.out
                said.write_text(json.dumps(asdict(answer)), encoding="utf-8")
        if self.state != "pristine":
            self._cleared(lambda: shutil.copytree(pristine, self.path, symlinks=True))
        self.state = "changed" if changes else "pristine"
        return self.path, Answer(**json.loads(said.read_text(encoding="utf-8")))


@cache
def _homes(base: Path, shared: Path) -> Homes:
    return Homes(base / "home", shared)


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """The one path of this worker for homes; the first run on the shipped figures is made as `make run` does it."""
    base = tmp_path_factory.getbasetemp()
    return _homes(base, (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "first_run")


@pytest.fixture
def first_run(homes: Homes) -> tuple[Path, Answer]:
    """A home with the first release, and what the run said. Read it, never change it."""
    return homes.first_run(changes=False)


@pytest.fixture
def home(homes: Homes) -> Path:
    """The first run's home, which a test may change."""
    return homes.first_run(changes=True)[0]


@pytest.fixture
def empty_home(homes: Homes) -> Path:
    """A home in which nothing was run, which a test may change."""
    return homes.empty()


def current(home: Path) -> str:
    """The release id that the pointer names."""
    return (home / "releases" / "current").read_text(encoding="utf-8").strip()


def rows(home: Path, sql: str) -> list[dict[str, Any]]:
    """The rows of `ppw query`."""
    answer = ppw(home, "query", sql, "--json")
    assert answer.code == 0, answer.err
    result: list[dict[str, Any]] = answer.json
    return result
