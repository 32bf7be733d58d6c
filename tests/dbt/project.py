"""Runs the dbt project on inputs in a folder of the test's own, as the product runs it: in two halves."""

import os
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from tests.warm_dbt import executable

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"
OBSERVE = ["path:models/staging", "path:models/observe", "resource_type:seed"]
ACCEPT = ["path:models/accept", "path:models/assess", "path:models/method", "path:models/marts"]


@cache
def _target() -> TemporaryDirectory[str]:
    """One folder of dbt artifacts for the test run, so that the project is parsed once."""
    return TemporaryDirectory(prefix="ppw-dbt-target-")


def _under_one_name(directory: Path) -> Path:
    """A path that stands for `directory` now: dbt parses its project anew for every other path of the warehouse."""
    link = Path(_target().name) / "work"
    link.unlink(missing_ok=True)
    link.symlink_to(directory.resolve(), target_is_directory=True)
    return link


def run_dbt(directory: Path, *arguments: str, threads: int = 2) -> str:
    """Run dbt on the inputs and the warehouse of `directory`; AssertionError with dbt's words if it fails."""
    work = _under_one_name(directory)
    environment = os.environ | {
        "PPW_WAREHOUSE_FILE": str(work / "warehouse.duckdb"),
        "PPW_INPUTS_DIR": str(work / "inputs"),
        "PPW_DUCKDB_MEMORY_LIMIT": "1GB",
        "PPW_DUCKDB_THREADS": str(threads),
        "PPW_DUCKDB_TEMP_DIR": str(work / "spill"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [
        str(executable()),
        "--no-version-check",
        "--no-use-colors",
        *arguments,
        "--project-dir",
        str(PROJECT_DIR),
        "--profiles-dir",
        str(PROJECT_DIR),
        "--target-path",
        _target().name,
        "--log-path",
        str(directory / "logs"),
    ]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def build(directory: Path, *selection: str, threads: int = 2) -> str:
    """Build one half of the project."""
    return run_dbt(
        directory, "build", "--select", *selection, "--exclude-resource-type", "unit_test", threads=threads
    )


def build_all(directory: Path, threads: int = 2) -> None:
    """Build both halves with the check results that lie in the inputs."""
    build(directory, *OBSERVE, threads=threads)
    build(directory, *ACCEPT, threads=threads)


def rows(directory: Path, query: str) -> list[dict[str, Any]]:
    """The rows of a query over the warehouse of `directory`."""
    with duckdb.connect(str(directory / "warehouse.duckdb"), read_only=True) as connection:
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, values, strict=True)) for values in result.fetchall()]


def compiled_sql(model: str) -> str:
    """The compiled SQL of a model (its path in the project) as the last run left it."""
    return (Path(_target().name) / "compiled" / "ppw" / model).read_text(encoding="utf-8")


def compiled_models() -> Path:
    """The folder of compiled models, by schema, as the last run left it."""
    return Path(_target().name) / "compiled" / "ppw" / "models"
