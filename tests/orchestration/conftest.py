"""Homes for tests of whole runs: one first run is made for all workers, and put back for each test that changes it.

All tests of a worker use one path: dbt parses its project anew for every other path of the warehouse file.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

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


Command = Callable[..., Answer]


def ppw(home: Path, *arguments: str, extra: Mapping[str, str] | None = None) -> Answer:
    """Run a `ppw` command in this process, as the console script would: imports are paid for once, dbt's too."""
    from orchestration.cli import main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orchestration.manifest.dbt_executable", warm_dbt.executable)
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

    @property
    def _parsed(self) -> Path:
        """dbt's parse of the project for this path, as the last run left it; dbt itself sees whether it still holds."""
        return self.path / "warehouse" / "dbt_target" / "partial_parse.msgpack"

    def restore(self) -> None:
        """Make the path what the first run left."""
        if self.touched:
            parsed = self._parsed.read_bytes() if self._parsed.exists() else None
            shutil.rmtree(self.path)
            shutil.copytree(self.pristine, self.path, symlinks=True)
            if parsed is not None:
                self._parsed.write_bytes(parsed)
            self.touched = False


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """The first run on the shipped figures, in a process of its own as `make run` does it.

    One worker makes it for all: a home can be moved, and every worker copies the pristine one to a path of its own.
    """
    own = tmp_path_factory.mktemp("homes") / "home"
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "first_run"
    pristine, said = shared / "home", shared / "answer.json"
    shared.mkdir(exist_ok=True)
    with FileLock(shared / "lock"):
        if said.exists():
            shutil.copytree(pristine, own, symlinks=True)
            answer = Answer(**json.loads(said.read_text(encoding="utf-8")))
        else:
            answer = ppw_process(own, "run", "--json")
            assert answer.code == 0, answer.err + answer.out
            shutil.copytree(own, pristine, symlinks=True)
            said.write_text(json.dumps(asdict(answer)), encoding="utf-8")
    return Homes(own, pristine, answer)


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
