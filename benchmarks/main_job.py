"""`make bench`: what the main job costs when everything, one snapshot or nothing is new, beside SQL written by hand.

On the shipped figures and on a synthetic set of a million observations (benchmarks/synthetic.py). Absolute seconds
vary with the machine and with what else it does; the ratios within one run of this program and the shares of the
stages are what to compare between versions. `python -m benchmarks.main_job shipped` leaves the million out.
"""

import csv
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import click
import duckdb

from benchmarks import synthetic
from orchestration.output import emit_table
from store.releases import release_dir
from store.settings import Settings, load_settings
from store.warehouse import connect

_BY_HAND = Path(__file__).with_name("by_hand.sql")
# A line of dbt's log: "20 of 23 OK created sql table model observe.obs_cell_claim ....... [OK in 4.21s]".
_MODEL = re.compile(r"OK created sql \w+ model (\S+) \.* ?\[OK in ([\d.]+)s\]")
_SLOWEST = 14
_MOST_SAID = 4000
# A source of the project with a plain table, for the changed snapshot of the shipped figures.
_CHANGED_SOURCE = "nhan_dan"
_FACT = "indicator_code, area_id, period_id, breakdown"
_OBSERVATION = f"{_FACT}, form, source_id, vintage_at, published_at, value, missing_code, maturity"
_ACTUAL = f"{_FACT}, value, source_id, vintage_at"


@dataclass(frozen=True)
class Timing:
    """One timed run: wall seconds, CPU seconds of all its processes, the greatest memory of its main process.

    `stages` are CPU seconds, which other work on the machine hardly moves; `models` wall seconds, as dbt tells them.
    """

    name: str
    seconds: float
    cpu_seconds: float
    peak_gigabytes: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    models: dict[str, float] = field(default_factory=dict)


def run_main_job(name: str, settings: Settings, *, expects_release: bool) -> Timing:
    """Run `ppw run` on a home of its own. Raises RuntimeError when it fails or does not say what it should."""
    environment = {
        **os.environ,
        "PPW_HOME": str(settings.home),
        "PPW_SPECS_DIR": str(settings.specs_dir),
        "PPW_RECORDED_DIR": str(settings.recorded_dir),
    }
    command = [sys.executable, "-m", "orchestration.cli", "run", "--json"]
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as faults:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=faults)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        faults.seek(0)
        answer = said.read()
        if process.returncode != 0:
            message = f"{faults.read().decode()[-_MOST_SAID:]}\n{answer.decode()[-_MOST_SAID:]}"
            raise RuntimeError(f"{name}: ended with {process.returncode}:\n{message}")
    result = json.loads(answer)
    if result["new_release"] != expects_release:
        raise RuntimeError(
            f"{name}: new release: {result['new_release']}, nothing new: {result['nothing_new']}"
        )
    log = settings.warehouse_dir / "dbt.log"
    models = _MODEL.findall(log.read_text(encoding="utf-8")) if expects_release else []
    return Timing(
        name,
        seconds,
        used.ru_utime + used.ru_stime,
        # Linux gives kibibytes.
        used.ru_maxrss * 1024 / 1e9,
        {stage["name"]: stage["cpu_seconds"] for stage in result["stages"]},
        {model: float(model_seconds) for model, model_seconds in models},
    )


def by_hand(settings: Settings) -> tuple[Timing, list[dict[str, object]]]:
    """Make observations and actuals by benchmarks/by_hand.sql, and compare them with the release in force.

    The stages are its tables. DuckDB has the threads and the memory of the warehouse.
    """
    inputs = settings.inputs_dir
    stages: dict[str, float] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(settings, Path(folder) / "by_hand.duckdb") as connection,
    ):
        started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        files = connection.execute(
            f"select distinct cells_file from '{inputs}/vintage.parquet' where not excluded and cells_file is not null"
        ).fetchall()
        script = _BY_HAND.read_text(encoding="utf-8")
        script = script.replace("{inputs}", str(inputs)).replace("{cells}", str([file for (file,) in files]))
        script = script.replace("{seeds}", str(settings.dbt_project_dir / "seeds"))
        for statement in duckdb.extract_statements(script):
            began = time.process_time()
            connection.execute(statement)
            table = re.search(r"create table (\w+)", statement.query)
            stages[table[1] if table else statement.query] = time.process_time() - began
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
        release = release_dir(settings)
        compared = [
            _compared(connection, "observation", _OBSERVATION, release / "fct_observation.parquet"),
            _compared(connection, "actual", _ACTUAL, release / "fct_actual.parquet"),
        ]
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Timing("the tables by hand in SQL", seconds, cpu_seconds, stages=stages), compared


def _compared(
    connection: duckdb.DuckDBPyConnection, table: str, columns: str, file: Path
) -> dict[str, object]:
    """How many rows of a table made by hand the release has too, on the columns named: those that were published."""

    def count(sql: str) -> int:
        return int((connection.execute(f"select count(*) from ({sql})").fetchone() or (0,))[0])

    ours, theirs = (
        f"select {columns} from {table}",
        f"select {columns} from '{file}' where source_id <> 'ppw_derived'",
    )
    return {
        "table": table,
        "rows by hand": count(ours),
        "rows of the release": count(theirs),
        "only by hand": count(f"{ours} except all {theirs}"),
        "only in the release": count(f"{theirs} except all {ours}"),
    }


def shipped_set(settings: Settings, folder: Path) -> Settings:
    """The project's records and snapshots, copied so that one of them can change."""
    shutil.copytree(settings.specs_dir, folder / "specs")
    shutil.copytree(settings.recorded_dir, folder / "recorded")
    return synthetic.settings_of(settings, folder)


def change_a_shipped_snapshot(settings: Settings) -> None:
    """Move the first figure of one source by one unit of its last digit, as a snapshot of a later day."""
    record = settings.specs_dir / f"{_CHANGED_SOURCE}.yml"
    text = record.read_text(encoding="utf-8")
    file = re.search(r"file: (\S+)", text)
    assert file is not None
    record.write_text(re.sub(r"vintage_at: \S+", "vintage_at: 2026-11-22", text), encoding="utf-8")
    path = settings.recorded_dir / file[1]
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    value = Decimal(rows[0]["value"])
    rows[0]["value"] = str(value + Decimal((0, (1,), int(value.as_tuple().exponent))))
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def of_the_shipped_figures(settings: Settings, folder: Path) -> None:
    """The table of the shipped figures."""
    settings = shipped_set(settings, folder)
    full = run_main_job("full build", settings, expects_release=True)
    change_a_shipped_snapshot(settings)
    changed = run_main_job("one changed snapshot", settings, expects_release=True)
    nothing = run_main_job("nothing new", settings, expects_release=False)
    # Last: the memory of this process would be counted as that of the ones it starts.
    floor, compared = by_hand(settings)
    report("The shipped figures", [full, changed, nothing], floor, compared)


def of_the_synthetic_million(settings: Settings, folder: Path) -> None:
    """The table of the synthetic set: five issues are in landing, nothing was read yet when the full build begins."""
    synthetic.prepare(folder, settings.dbt_project_dir / "seeds")
    settings = synthetic.settings_of(settings, folder)
    cells = synthetic.land_issues(settings, folder, range(1, synthetic.ISSUES + 1))
    shutil.rmtree(settings.warehouse_dir)
    full = run_main_job("full build", settings, expects_release=True)
    changed_cells = synthetic.write_issue(folder, synthetic.ISSUES + 1, [0])
    changed = run_main_job("one changed snapshot", settings, expects_release=True)
    nothing = run_main_job("nothing new", settings, expects_release=False)
    # Last: the memory of this process would be counted as that of the ones it starts.
    floor, compared = by_hand(settings)
    title = (
        f"Synthetic: {synthetic.SOURCES} sources, {synthetic.ISSUES} issues, {cells:,} cells; "
        f"the changed snapshot has {changed_cells:,}"
    )
    report(title, [full, changed, nothing], floor, compared)


def report(
    title: str, timings: Sequence[Timing], floor: Timing, compared: Sequence[dict[str, object]]
) -> None:
    """Print what was measured: the runs, their stages, the slowest models, the tables made by hand."""
    click.echo(f"\n## {title}\n")
    _print(
        [
            {
                "what": timing.name,
                "seconds": f"{timing.seconds:.1f}",
                "CPU seconds": f"{timing.cpu_seconds:.1f}",
                "times by hand (CPU)": f"{timing.cpu_seconds / floor.cpu_seconds:.1f}",
                "share of the full build (CPU)": f"{100 * timing.cpu_seconds / timings[0].cpu_seconds:.0f} %",
                "most memory, GB": f"{timing.peak_gigabytes:.1f}" if timing.peak_gigabytes else "",
            }
            for timing in [*timings, floor]
        ]
    )
    stages = dict.fromkeys(name for timing in timings for name in timing.stages)
    rows = [
        {"stage, CPU seconds": name, **{t.name: _seconds(t.stages.get(name)) for t in timings}}
        for name in stages
    ]
    rest = {t.name: _seconds(t.cpu_seconds - sum(t.stages.values())) for t in timings}
    _print([*rows, {"stage, CPU seconds": "imports, scorecard, between the stages", **rest}])
    slowest = sorted(timings[0].models, key=timings[0].models.__getitem__, reverse=True)[:_SLOWEST]
    built = [timing for timing in timings if timing.models]
    _print(
        [
            {"dbt model, seconds": name, **{t.name: _seconds(t.models.get(name)) for t in built}}
            for name in slowest
        ]
    )
    _print([{"by hand": name, "CPU seconds": _seconds(seconds)} for name, seconds in floor.stages.items()])
    _print(compared)


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"


def _print(rows: Sequence[dict[str, object]] | Sequence[dict[str, str]]) -> None:
    columns = list(rows[0])
    emit_table(rows, columns, right=columns[1:])
    click.echo()


def main(which: Sequence[str]) -> None:
    """Measure the sets named: `shipped`, `million`, both without a name."""
    settings = load_settings()
    for name, measure in (("shipped", of_the_shipped_figures), ("million", of_the_synthetic_million)):
        if not which or name in which:
            with tempfile.TemporaryDirectory() as folder:
                measure(settings, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
