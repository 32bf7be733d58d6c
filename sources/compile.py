"""Compiling: records, plans and vintages become the Parquet files that dbt reads as its sources.

Rows are sorted and columns typed, so the same knowledge gives the same files. Nothing is decided here about a
cell: that is dbt's.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sources.cells import ReadingError
from sources.fingerprint import Versions, code_version, files_digest, inputs_hash
from sources.input_tables import INPUT_TABLES, Rows, write_table
from sources.mapping_tables import compile_route, printed_labels, record_row
from sources.plan_tables import (
    CLAUSES_FILE,
    PLAN_DOCUMENTS,
    PLAN_FILE,
    TARGETS_FILE,
    Plan,
    PlanTarget,
    read_plan,
)
from sources.read_vintage import is_plan, read_vintage, section_of
from sources.reading import cell_set_key
from sources.record import SourceRecord
from sources.text.periods import PeriodError, parse_period_id
from sources.text.units import unit_aliases
from store import landing
from store.settings import Settings
from store.state import Retrieval, Vintage

__all__ = [
    "Excluded",
    "Inputs",
    "Versions",
    "code_version",
    "default_cut_off",
    "files_digest",
    "inputs_hash",
    "write_inputs",
]


@dataclass(frozen=True)
class Excluded:
    """A vintage that dbt does not read, and why."""

    source_id: str
    route: str
    document: str
    reason: str


@dataclass(frozen=True)
class Inputs:
    """What was written. `n_vintages` counts those that dbt reads."""

    directory: Path
    n_vintages: int
    n_cell_sets: int
    plan_versions: list[str]
    excluded: list[Excluded] = field(default_factory=list)


def default_cut_off(vintages: Iterable[Vintage]) -> date | None:
    """Return the day of the latest vintage, or None when nothing has arrived."""
    return max((vintage.vintage_at.date() for vintage in vintages), default=None)


@dataclass
class _Known:
    """The vintages known at the cut-off, with the cells of each route."""

    rows: Rows = field(default_factory=list)
    cells: dict[tuple[str, str], set[Path]] = field(default_factory=dict)
    excluded: list[Excluded] = field(default_factory=list)


def _vintage_row(vintage: Vintage) -> dict[str, Any]:
    columns = INPUT_TABLES["vintage"]
    row = {name: getattr(vintage, name, None) for name in columns}
    return {**row, "published_at_basis": vintage.published_at_basis or "not_stated", "excluded": False}


def _known(
    settings: Settings, cut_off: date, records: Mapping[str, SourceRecord], vintages: Iterable[Vintage]
) -> _Known:
    known = _Known()
    for vintage in vintages:
        if vintage.vintage_at.date() > cut_off:
            continue
        row = _vintage_row(vintage)
        try:
            section = section_of(records, vintage)
            if section is not None:
                row["cell_set_key"] = cell_set_key(section, vintage.snapshot_sha256)
            if section is not None and not is_plan(vintage):
                path = read_vintage(settings, records[vintage.source_id], vintage)
                row["cells_file"] = str(path.resolve())
                known.cells.setdefault((vintage.source_id, vintage.route), set()).add(path)
        except (KeyError, ReadingError, landing.LandingError) as error:
            reason = str(error.args[0]) if isinstance(error, KeyError) else str(error)
            row |= {"excluded": True, "excluded_reason": reason}
            known.excluded.append(Excluded(vintage.source_id, vintage.route, vintage.document, reason))
        known.rows.append(row)
    return known


def _plans(
    settings: Settings, cut_off: date, vintages: Iterable[Vintage]
) -> tuple[list[tuple[Plan, str | None]], list[Excluded]]:
    """Read the plan documents from their latest snapshots: (plan, sha256 of its target table)."""
    latest: dict[str, dict[str, Vintage]] = {}
    for vintage in vintages:
        if is_plan(vintage) and vintage.vintage_at.date() <= cut_off:
            latest.setdefault(vintage.source_id, {})[vintage.document] = vintage
    plans: list[tuple[Plan, str | None]] = []
    excluded = []
    names = {document: file for file, document in PLAN_DOCUMENTS.items()}
    for source_id, documents in sorted(latest.items()):
        try:
            files = {names[d]: landing.get(settings, v.snapshot_sha256) for d, v in documents.items()}
        except landing.LandingError as error:
            excluded.append(Excluded(source_id, "recorded", "plan", str(error)))
            continue
        plan, problems = read_plan(_without_withdrawn(files), source_id)
        if plan is None:
            excluded.append(Excluded(source_id, "recorded", "plan", "; ".join(str(p) for p in problems)))
            continue
        targets = documents.get(PLAN_DOCUMENTS[TARGETS_FILE]) if plan.document.targets_transcribed else None
        plans.append((plan, targets.snapshot_sha256 if targets else None))
    return plans, excluded


def _without_withdrawn(files: dict[str, bytes]) -> dict[str, bytes]:
    """Leave out the target table of a document that now says its targets are not transcribed."""
    plan, _ = read_plan({name: files[name] for name in (PLAN_FILE, CLAUSES_FILE) if name in files}, "")
    return {name: data for name, data in files.items() if plan is None or name != TARGETS_FILE}


def _target_row(plan: Plan, line: int, target: PlanTarget, snapshot_sha256: str | None) -> dict[str, Any]:
    row = target.model_dump()
    flags = {name: row[name] == "true" for name in ("horizon_inferred", "aspiration", "headline")}
    source = {"snapshot_sha256": snapshot_sha256, "cell_ref": f"row {line}"}
    return {**row, **flags, **source, "plan_version": plan.document.plan_version}


def _plan_rows(plans: Iterable[tuple[Plan, str | None]], tables: dict[str, Rows]) -> None:
    for plan, snapshot_sha256 in plans:
        document = plan.document.model_dump()
        version = {"plan_version": plan.document.plan_version}
        tables["plan_document"].append({name: document[name] for name in INPUT_TABLES["plan_document"]})
        tables["plan_clause"] += [{**version, **clause.model_dump()} for clause in plan.clauses]
        tables["plan_target"] += [
            _target_row(plan, line, target, snapshot_sha256) for line, target in plan.targets
        ]


def _unit_rows(seeds_dir: Path) -> Rows:
    with (seeds_dir / "unit.csv").open(encoding="utf-8", newline="") as file:
        return [asdict(alias) for alias in unit_aliases(csv.DictReader(file))]


def _period_rows(tables: Mapping[str, Rows]) -> Rows:
    """Give every period that a cell or a target names; a span of a target is a period too."""
    ids = {row["period_id"] for row in tables["mapping_period"]}
    for target in tables["plan_target"]:
        start, end = target["period_start"], target["period_end"]
        ids |= {str(year) for year in (start, end) if year is not None}
        if start is not None and start < end:
            ids.add(f"{start}..{end}")
        ids |= {target["base_period"]} if target["base_period"] else set()
    rows = []
    for period_id in ids:
        try:
            period = parse_period_id(period_id)
        except PeriodError:
            continue  # a base period written in words stays words
        rows.append({
            "period_id": period_id, "type": period.type, "start_date": period.start, "end_date": period.end
        })  # fmt: skip
    return rows


def _outcome_rows(outcomes: Iterable[Retrieval]) -> Rows:
    return [
        {"source_id": o.source_id, "last_outcome": o.outcome, "last_reason": o.reason, "document": o.document}
        for o in outcomes
    ]


def write_inputs(  # noqa: PLR0917
    settings: Settings,
    cut_off: date,
    records: Mapping[str, SourceRecord],
    vintages: Sequence[Vintage],
    outcomes: Iterable[Retrieval],
    versions: Versions,
    directory: Path | None = None,
) -> Inputs:
    """Write every table of INPUT_TABLES to `directory` (default `warehouse/inputs`).

    Vintages not read before are read. `vintages` are all of them, in the order of the state database; those
    after the cut-off are left out. A vintage that no record reads any more, or whose bytes cannot be read, is
    written as excluded with its reason.
    """
    directory = directory or settings.inputs_dir
    tables: dict[str, Rows] = {name: [] for name in INPUT_TABLES}
    known = _known(settings, cut_off, records, vintages)
    tables["vintage"] = known.rows
    for source_id, record in sorted(records.items()):
        for route_name in record.route_names():
            printed = printed_labels(known.cells.get((source_id, route_name), set()))
            compile_route(source_id, route_name, record.route(route_name), printed, tables)
        tables["source_record"].append(record_row(record))
    plans, excluded_plans = _plans(settings, cut_off, vintages)
    _plan_rows(plans, tables)
    tables["unit_alias"] = _unit_rows(settings.dbt_project_dir / "seeds")
    tables["period"] = _period_rows(tables)
    tables["source_outcome"] = _outcome_rows(outcomes)
    plan_versions = sorted(plan.document.plan_version for plan, _ in plans)
    tables["run_parameter"] = [
        {"cut_off": cut_off, "plan_versions": ",".join(plan_versions), **asdict(versions)}
    ]
    for name, rows in tables.items():
        write_table(directory, name, rows)
    return Inputs(
        directory,
        n_vintages=sum(not row["excluded"] for row in known.rows),
        n_cell_sets=len({path for paths in known.cells.values() for path in paths}),
        plan_versions=plan_versions,
        excluded=known.excluded + excluded_plans,
    )
