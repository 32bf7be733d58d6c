"""Compiling: records, plans and vintages become the Parquet files that dbt reads as its sources.

Rows are sorted and columns typed, so the same knowledge gives the same files. Nothing is decided here about a
cell: labels become keys, period labels become period ids, and dbt joins.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from sources.cells import ReadingError
from sources.plan_tables import CLAUSES_FILE, PLAN_FILE, TARGETS_FILE, Plan, PlanTarget, read_plan
from sources.read_vintage import read_vintage
from sources.reading import AnyReading, cell_set_key
from sources.record import (
    AreaByLabel,
    AreaConstant,
    IgnoredLabels,
    LiveRoute,
    PeriodByLabel,
    PeriodConstant,
    PlanReading,
    RecordedRoute,
    SourceRecord,
)
from sources.retrieve import PLAN_DOCUMENTS
from sources.text.labels import label_key, tidy_text
from sources.text.periods import PeriodError, parse_label, parse_period_id
from sources.text.units import unit_aliases
from store import landing
from store.files import write_durably
from store.settings import Settings
from store.state import Retrieval, Vintage

_DECIMAL = pl.Decimal(38, 15)
_TEXT, _INT, _BOOL, _DATE = pl.String(), pl.Int32(), pl.Boolean(), pl.Date()
_ROUTE = {"source_id": _TEXT, "route": _TEXT}

# Table -> column -> type of each file under `warehouse/inputs`; rows are sorted by all columns in this order.
INPUT_TABLES: dict[str, dict[str, pl.DataType]] = {
    "vintage": {
        **_ROUTE, "document": _TEXT, "snapshot_sha256": _TEXT, "cell_set_key": _TEXT, "cells_file": _TEXT,
        "vintage_at": pl.Datetime("us"), "published_at": _DATE, "published_at_basis": _TEXT, "origin": _TEXT,
        "excluded": _BOOL, "excluded_reason": _TEXT,
    },
    "mapping_series": {
        **_ROUTE, "series_id": _INT, "indicator_code": _TEXT, "unit": _TEXT, "factor": pl.Float64(), "form": _TEXT,
        "breakdown": _TEXT, "maturity": _TEXT, "index_base": _TEXT, "price_basis": _TEXT, "table_key": _TEXT,
        "n_conditions": _INT, "checks_unit_text": _BOOL,
    },
    "mapping_condition": {**_ROUTE, "series_id": _INT, "dimension": _TEXT, "label_key": _TEXT},
    "mapping_area": {**_ROUTE, "dimension": _TEXT, "label_key": _TEXT, "area_id": _TEXT},
    "mapping_period": {**_ROUTE, "dimension": _TEXT, "label_key": _TEXT, "period_id": _TEXT, "maturity": _TEXT},
    "mapping_ignored": {**_ROUTE, "dimension": _TEXT, "label_key": _TEXT, "reason": _TEXT},
    "unit_alias": {"unit": _TEXT, "alias_key": _TEXT},
    "period": {"period_id": _TEXT, "type": _TEXT, "start_date": _DATE, "end_date": _DATE},
    "source_record": {
        "source_id": _TEXT, "title_vi": _TEXT, "title_en": _TEXT, "publisher_vi": _TEXT, "publisher_en": _TEXT,
        "publisher_kind": _TEXT, "rank": _INT, "origin": _TEXT, "licence": _TEXT, "cadence": _TEXT, "topic": _TEXT,
    },
    "source_outcome": {"source_id": _TEXT, "last_outcome": _TEXT, "last_reason": _TEXT, "document": _TEXT},
    "plan_document": {
        "plan_version": _TEXT, "kind": _TEXT, "legal_status": _TEXT, "targets_transcribed": _BOOL, "number": _TEXT,
        "title_vi": _TEXT, "title_en": _TEXT, "issuer_vi": _TEXT, "issuer_en": _TEXT, "adopted_on": _DATE,
        "supersedes": _TEXT, "note_vi": _TEXT, "note_en": _TEXT,
    },
    "plan_clause": {
        "plan_version": _TEXT, "clause": _TEXT, "heading_vi": _TEXT, "heading_en": _TEXT, "line_from": _INT,
        "line_to": _INT,
    },
    "plan_target": {
        "plan_version": _TEXT, "target_id": _TEXT, "indicator_code": _TEXT, "name_vi": _TEXT, "name_en": _TEXT,
        "area_id": _TEXT, "target_type": _TEXT, "comparator": _TEXT, "value_low": _DECIMAL, "value_high": _DECIMAL,
        "unit": _TEXT, "period_start": _INT, "period_end": _INT, "horizon_inferred": _BOOL, "clause": _TEXT,
        "line": _INT, "printed_text": _TEXT, "aspiration": _BOOL, "direction": _TEXT, "trajectory": _TEXT,
        "base_period": _TEXT, "phasing": _TEXT, "tolerance": _DECIMAL, "range_kind": _TEXT, "group_id": _TEXT,
        "frame_id": _TEXT, "headline": _BOOL, "headline_order": _INT, "responsible_vi": _TEXT,
        "reading_status": _TEXT, "reading_document": _TEXT, "note_vi": _TEXT, "note_en": _TEXT,
        "snapshot_sha256": _TEXT, "cell_ref": _TEXT,
    },
    "run_parameter": {
        "cut_off": _DATE, "plan_versions": _TEXT, "rule_set_version": _TEXT, "method_version": _TEXT,
        "code_version": _TEXT,
    },
}  # fmt: skip

Rows = list[dict[str, Any]]
Route = RecordedRoute | LiveRoute


@dataclass(frozen=True)
class Versions:
    """What decides beside the figures: the rule set, the method, and the code (the dbt project's files)."""

    rule_set_version: str
    method_version: str
    code_version: str


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


# --- vintages --------------------------------------------------------------------------------------------------


@dataclass
class _Known:
    """The vintages known at the cut-off, with the cells of each route."""

    rows: Rows = field(default_factory=list)
    cells: dict[tuple[str, str], set[Path]] = field(default_factory=dict)
    excluded: list[Excluded] = field(default_factory=list)


def _is_plan(vintage: Vintage) -> bool:
    return vintage.source_id.startswith("plan_") and vintage.document in PLAN_DOCUMENTS.values()


def _section(records: Mapping[str, SourceRecord], vintage: Vintage) -> AnyReading | None:
    """Return the reading section of a vintage; a part of a plan other than its targets has none.

    Raises KeyError when no record or route reads the vintage.
    """
    if _is_plan(vintage) and vintage.source_id not in records:
        is_targets = vintage.document == PLAN_DOCUMENTS[TARGETS_FILE]
        return PlanReading(adapter="plan") if is_targets else None
    if vintage.source_id not in records:
        raise KeyError(f"no source record {vintage.source_id}.yml can be used")
    return records[vintage.source_id].route(vintage.route).reading


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
            section = _section(records, vintage)
            if section is not None:
                row["cell_set_key"] = cell_set_key(section, vintage.snapshot_sha256)
            if section is not None and not _is_plan(vintage):
                path = read_vintage(settings, records[vintage.source_id], vintage)
                row["cells_file"] = str(path.resolve())
                known.cells.setdefault((vintage.source_id, vintage.route), set()).add(path)
        except (KeyError, ReadingError, landing.LandingError) as error:
            reason = str(error.args[0]) if isinstance(error, KeyError) else str(error)
            row |= {"excluded": True, "excluded_reason": reason}
            known.excluded.append(Excluded(vintage.source_id, vintage.route, vintage.document, reason))
        known.rows.append(row)
    return known


# --- mappings --------------------------------------------------------------------------------------------------


def _printed_labels(files: Iterable[Path]) -> dict[str, dict[str, str]]:
    """Return dimension -> label key -> a label as printed, over the cells of a route."""
    paths = sorted(files)
    if not paths:
        return {}
    labels = (
        pl.scan_parquet(paths)
        .select(pl.col("labels").explode().struct.unnest())
        .group_by("dimension", "key")
        .agg(pl.col("label").min())
        .drop_nulls("dimension")
        .sort("dimension", "key")
        .collect()
    )
    printed: dict[str, dict[str, str]] = {}
    for dimension, key, label in labels.select("dimension", "key", "label").iter_rows():
        printed.setdefault(dimension, {})[key] = label
    return printed


def _ignored_keys(ignored: IgnoredLabels, printed: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    if ignored.labels is not None:
        return {label_key(label) for label in ignored.labels}
    kept = {label_key(label) for label in ignored.except_ or []}
    return printed.get(tidy_text(ignored.dimension), {}).keys() - kept


def _compile_route(
    source_id: str,
    route_name: str,
    route: Route,
    printed: Mapping[str, Mapping[str, str]],
    tables: dict[str, Rows],
) -> None:
    place = {"source_id": source_id, "route": route_name}
    mapping = route.mapping
    for series_id, series in enumerate(mapping.series, start=1):
        own = {**place, "series_id": series_id}
        tables["mapping_series"].append({
            **own,
            "indicator_code": series.indicator,
            "unit": series.unit,
            "factor": series.factor,
            "form": series.form,
            "breakdown": series.breakdown,
            "maturity": series.maturity,
            "index_base": series.index_base,
            "price_basis": series.price_basis,
            "table_key": None if series.table is None else label_key(series.table),
            "n_conditions": len(series.where),
            "checks_unit_text": mapping.unit_column,
        })  # fmt: skip
        tables["mapping_condition"] += [
            {**own, "dimension": tidy_text(dimension), "label_key": label_key(label)}
            for dimension, label in series.where.items()
        ]
    match mapping.area:
        case AreaConstant(constant=area_id):
            tables["mapping_area"].append({**place, "dimension": "", "label_key": "", "area_id": area_id})
        case AreaByLabel(dimension=dimension, labels=labels):
            areas = {label_key(label): area_id for label, area_id in labels.items()}
            tables["mapping_area"] += [
                {**place, "dimension": tidy_text(dimension), "label_key": key, "area_id": area_id}
                for key, area_id in areas.items()
            ]
    match mapping.period:
        case PeriodConstant(constant=period_id, maturity=maturity):
            constant = {"dimension": "", "label_key": "", "period_id": period_id, "maturity": maturity}
            tables["mapping_period"].append({**place, **constant})
        case PeriodByLabel(dimension=dimension, format=format):
            for key, label in printed.get(tidy_text(dimension), {}).items():
                period = parse_label(label, format)
                if period is not None:
                    row = {**place, "dimension": tidy_text(dimension), "label_key": key}
                    tables["mapping_period"].append(
                        {**row, "period_id": period.period_id, "maturity": period.maturity}
                    )
    reasons = {
        (tidy_text(ignored.dimension), key): ignored.reason
        for ignored in reversed(mapping.ignore)
        for key in _ignored_keys(ignored, printed)
    }
    tables["mapping_ignored"] += [
        {**place, "dimension": dimension, "label_key": key, "reason": reason}
        for (dimension, key), reason in reasons.items()
    ]


def _record_row(record: SourceRecord) -> dict[str, Any]:
    plain = ("source_id", "publisher_kind", "rank", "origin", "licence", "cadence", "topic")
    return {
        **{name: getattr(record, name) for name in plain},
        "title_vi": record.title.vi,
        "title_en": record.title.en,
        "publisher_vi": record.publisher.vi,
        "publisher_en": record.publisher.en,
    }


# --- plans -----------------------------------------------------------------------------------------------------


def _plans(
    settings: Settings, cut_off: date, vintages: Iterable[Vintage]
) -> tuple[list[tuple[Plan, str | None]], list[Excluded]]:
    """Read the plan documents from their latest snapshots: (plan, sha256 of its target table)."""
    latest: dict[str, dict[str, Vintage]] = {}
    for vintage in vintages:
        if _is_plan(vintage) and vintage.vintage_at.date() <= cut_off:
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


# --- the rest --------------------------------------------------------------------------------------------------


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


def write_table(directory: Path, name: str, rows: Rows) -> Path:
    """Write one input table: its columns and types, rows sorted by all columns, each row once."""
    columns = INPUT_TABLES[name]
    frame = pl.DataFrame(
        [{column: row.get(column) for column in columns} for row in rows], schema=columns, orient="row"
    )
    frame = frame.unique().sort(list(columns), nulls_last=True)
    path = directory / f"{name}.parquet"
    buffer = _parquet_bytes(frame)
    write_durably(path, buffer)
    return path


def _parquet_bytes(frame: pl.DataFrame) -> bytes:
    import io

    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def write_inputs(
    settings: Settings,
    cut_off: date,
    records: Mapping[str, SourceRecord],
    vintages: Sequence[Vintage],
    outcomes: Iterable[Retrieval],
    versions: Versions,
    directory: Path | None = None,
) -> Inputs:
    """Write every table of INPUT_TABLES to `directory` (default `warehouse/inputs`), reading vintages not read before.

    `vintages` are all of them, in the order of the state database; those after the cut-off are left out. A vintage
    that no record reads any more, or whose bytes cannot be read, is written as excluded with its reason.
    """
    directory = directory or settings.inputs_dir
    tables: dict[str, Rows] = {name: [] for name in INPUT_TABLES}
    known = _known(settings, cut_off, records, vintages)
    tables["vintage"] = known.rows
    for source_id, record in sorted(records.items()):
        for route_name in record.route_names():
            printed = _printed_labels(known.cells.get((source_id, route_name), set()))
            _compile_route(source_id, route_name, record.route(route_name), printed, tables)
        tables["source_record"].append(_record_row(record))
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


# --- nothing new -----------------------------------------------------------------------------------------------


def files_digest(directory: Path, suffixes: Iterable[str], leave_out: Iterable[str] = ()) -> str:
    """Return one digest of the files of a directory by name and content, in name order."""
    wanted, unwanted = set(suffixes), set(leave_out)
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory)
        if path.is_file() and path.suffix in wanted and unwanted.isdisjoint(name.parts):
            digest.update(f"{name.as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def code_version(settings: Settings) -> str:
    """Return the version of the code that computes: a digest of the dbt project's models, macros and seeds."""
    digest = files_digest(
        settings.dbt_project_dir, (".sql", ".yml", ".csv"), ("target", "logs", "dbt_packages")
    )
    return digest[:12]


def _jsonable(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value


def inputs_hash(
    cut_off: date,
    records: Mapping[str, SourceRecord],
    vintages: Iterable[Vintage],
    outcomes: Iterable[Retrieval],
    versions: Versions,
) -> str:
    """Return a fingerprint of all that decides a release; computed without reading one snapshot.

    It covers vintages with their cell set keys (plans among them), the records, the faults of the last
    retrievals, the versions of rules, method and code, and the cut-off. Equal hash: nothing new.
    """
    seen = []
    for vintage in vintages:
        if vintage.vintage_at.date() > cut_off:
            continue
        row = {name: _jsonable(item) for name, item in asdict(vintage).items() if name != "retrieval_id"}
        try:
            section = _section(records, vintage)
            row["cell_set_key"] = section and cell_set_key(section, vintage.snapshot_sha256)
        except KeyError as error:
            row["excluded"] = str(error.args[0])
        seen.append(row)
    received = {"new", "unchanged"}
    faults = sorted({
        (o.source_id, o.route, o.document, o.outcome, o.reason or "") for o in outcomes if o.outcome not in received
    })  # fmt: skip
    content = {
        "cut_off": cut_off.isoformat(),
        "vintages": seen,
        "records": {
            name: record.model_dump(mode="json", by_alias=True) for name, record in sorted(records.items())
        },
        "faults": faults,
        "versions": asdict(versions),
    }
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
