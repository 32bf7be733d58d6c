"""`make bench`: what the main job costs on the shipped figures, as ratios within one run of this program.

Absolute seconds vary with the machine; the ratios and the shares of the stages are what to compare between versions.
"""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.output import emit_table


@dataclass(frozen=True)
class Timing:
    """One timed command; seconds are wall seconds of the whole process."""

    name: str
    seconds: float
    stages: dict[str, float]


def ppw(home: Path, *arguments: str) -> tuple[float, dict[str, object]]:
    """Run `ppw run` on a home of its own; returns its seconds and its JSON result."""
    command = [sys.executable, "-m", "orchestration.cli", "run", "--json", *arguments]
    started = time.perf_counter()
    result = subprocess.run(command, env=_environment(home), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {result.returncode}:\n{result.stderr}")
    return seconds, json.loads(result.stdout)


def _environment(home: Path) -> dict[str, str]:
    import os

    return {**os.environ, "PPW_HOME": str(home)}


def timed(name: str, home: Path, *arguments: str) -> Timing:
    """Time one run and keep the seconds of its stages."""
    seconds, result = ppw(home, *arguments)
    stages = {stage["name"]: stage["seconds"] for stage in result["stages"]}  # type: ignore[attr-defined]
    return Timing(name, seconds, stages)


def floor(home: Path) -> Timing:
    """The same tables read and written by DuckDB alone: what no pipeline can go below."""
    release = home / "releases" / (home / "releases" / "current").read_text(encoding="utf-8").strip()
    started = time.perf_counter()
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as folder:
        for file in sorted((home / "warehouse" / "cells").glob("*.parquet")):
            connection.execute(f"create or replace table cell as select * from read_parquet('{file}')")
        for file in sorted(release.glob("*.parquet")):
            connection.execute(f"create or replace table mart as select * from read_parquet('{file}')")
            connection.execute(f"copy mart to '{folder}/{file.name}' (format parquet)")
    return Timing("DuckDB alone: read cells, read and write the tables", time.perf_counter() - started, {})


def main() -> None:
    """Full run, nothing new, the warehouse deleted, another cut-off; then the shares of the stages."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        full = timed("first run", home)
        timings = [full, timed("nothing new", home)]
        subprocess.run(["rm", "-rf", str(home / "warehouse")], check=True)
        timings.append(timed("warehouse deleted", home))
        timings.append(timed("another cut-off", home, "--cut-off", "2026-12-31"))
        timings.append(floor(home))
    base = timings[1].seconds
    emit_table(
        [
            {
                "what": timing.name,
                "seconds": f"{timing.seconds:.2f}",
                "times 'nothing new'": f"{timing.seconds / base:.2f}",
            }
            for timing in timings
        ],
        ["what", "seconds", "times 'nothing new'"],
        right=["seconds", "times 'nothing new'"],
    )
    outside = full.seconds - sum(full.stages.values())
    emit_table(
        [
            {
                "stage of the first run": name,
                "seconds": f"{seconds:.2f}",
                "share": f"{100 * seconds / full.seconds:.0f} %",
            }
            for name, seconds in [*full.stages.items(), ("interpreter and between the stages", outside)]
        ],
        ["stage of the first run", "seconds", "share"],
        right=["seconds", "share"],
    )


if __name__ == "__main__":
    main()
