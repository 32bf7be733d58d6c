"""Compiling: records, plans and vintages become the Parquet files that dbt reads as its sources.

Rows are sorted and columns typed, so the same knowledge gives the same files. Nothing is decided here about a
cell: that is dbt's.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sources.calendar import issue_rows, load_holidays
from sources.cells import ReadingError
from sources.drift import drift_rows
from sources.fingerprint import Versions, code_version, files_digest, inputs_hash, source_keys
from sources.input_tables import INPUT_TABLES, Rows, write_table
from sources.mapping_tables import compile_route, printed_labels, rank_rows, record_row
from sources.plan.codes import seed_area_ids
from sources.plan.evidence import MilestoneReport, read_reports
from sources.plan.input_rows import plan_rows
from sources.plan.known import KnownPlan, plans_of
from sources.read_vintage import is_plan, read_vintage, section_of
from sources.reading import cell_set_key
from sources.reading_process import ReadingLimits, milestones_in_process
from sources.record import (
    KeyedRoute,
    LiveRoute,
    MilestoneReportReading,
    SourceRecord,
    SubmissionReading,
    SubmittedRoute,
)
from sources.submission.catalogue import read_indicators
from sources.submission.mapping import mapping_by_code
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


# What a report on a milestone takes over from the vintage it stands in.
_REPORT_SOURCE = ("source_id", "snapshot_sha256", "vintage_at", "published_at")


def default_cut_off(vintages: Iterable[Vintage]) -> date | None:
    """Return the day of the latest vintage, or None when nothing has arrived."""
    return max((vintage.vintage_at.date() for vintage in vintages), default=None)


@dataclass
class _Known:
    """The vintages known at the cut-off, with the cells of each route."""

    rows: Rows = field(default_factory=list)
    cells: dict[tuple[str, str], set[Path]] = field(default_factory=dict)
    reports: list[tuple[Vintage, list[tuple[str, MilestoneReport]]]] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)


def _is_whole(records: Mapping[str, SourceRecord], vintage: Vintage) -> bool:
    """Tell whether a later snapshot of the document withdraws what it no longer lists.

    A document that ships, is sent in or is keyed stands for itself as a whole; what a server gives may be a moving
    window, so there the record has to say.
    """
    record = records.get(vintage.source_id)
    if record is None or vintage.route not in record.route_names():
        return False
    route = record.route(vintage.route)
    return not isinstance(route, LiveRoute) or route.covers == "whole"


def _vintage_row(records: Mapping[str, SourceRecord], vintage: Vintage) -> dict[str, Any]:
    columns = INPUT_TABLES["vintage"]
    row = {name: getattr(vintage, name, None) for name in columns}
    return {
        **row,
        "published_at_basis": vintage.published_at_basis or "not_stated",
        "is_whole": _is_whole(records, vintage),
        "excluded": False,
    }


def _known(
    settings: Settings, cut_off: date, records: Mapping[str, SourceRecord], vintages: Iterable[Vintage]
) -> _Known:
    known = _Known()
    for vintage in vintages:
        if vintage.vintage_at.date() > cut_off:
            continue
        row = _vintage_row(records, vintage)
        try:
            section = section_of(records, vintage)
            if section is not None:
                row["cell_set_key"] = cell_set_key(section, vintage.snapshot_sha256)
            if isinstance(section, MilestoneReportReading | SubmissionReading):
                publisher_vi = records[vintage.source_id].publisher.vi
                known.reports.append((vintage, _reports(settings, section, vintage, publisher_vi)))
            is_report = isinstance(section, MilestoneReportReading)
            if section is not None and not is_report and not is_plan(vintage):
                path = read_vintage(settings, records[vintage.source_id], vintage)
                row["cells_file"] = str(path.resolve())
                known.cells.setdefault((vintage.source_id, vintage.route), set()).add(path)
        except (KeyError, ReadingError, landing.LandingError) as error:
            reason = str(error.args[0]) if isinstance(error, KeyError) else str(error)
            row |= {"excluded": True, "excluded_reason": reason}
            known.excluded.append(Excluded(vintage.source_id, vintage.route, vintage.document, reason))
        known.rows.append(row)
    return known


def _reports(
    settings: Settings,
    section: MilestoneReportReading | SubmissionReading,
    vintage: Vintage,
    publisher_vi: str,
) -> list[tuple[str, MilestoneReport]]:
    """Return the reports on milestones in a vintage, each with its place. Raises ReadingError, LandingError."""
    data = landing.get(settings, vintage.snapshot_sha256)
    if isinstance(section, SubmissionReading):
        told = milestones_in_process(data, publisher_vi, ReadingLimits.of(settings))
        return [(place, MilestoneReport.model_validate(report)) for place, report in told]
    return [(f"row {number}", report) for number, report in read_reports(data)]


def _report_rows(known: _Known, plans: Iterable[KnownPlan]) -> tuple[Rows, list[Excluded]]:
    """Return the reports on milestones that a known plan has; those on others are excluded with the reason."""
    there = {
        (one.plan.document.plan_version, milestone.target_id)
        for one in plans
        for _, milestone in one.plan.milestones
    }
    rows: Rows = []
    excluded = []
    for vintage, reports in known.reports:
        for place, report in reports:
            row = {**report.model_dump(), "cell_ref": place}
            row |= {name: getattr(vintage, name) for name in _REPORT_SOURCE}
            if (report.plan_version, report.target_id) in there:
                rows.append(row)
            else:
                reason = f"{place}: no known plan {report.plan_version} has a milestone {report.target_id}"
                excluded.append(Excluded(vintage.source_id, vintage.route, vintage.document, reason))
    return rows, excluded


def _unit_rows(seeds_dir: Path) -> Rows:
    with (seeds_dir / "unit.csv").open(encoding="utf-8", newline="") as file:
        return [asdict(alias) for alias in unit_aliases(csv.DictReader(file))]


# Where figures stand that the warehouse works out itself. The rank lies below every record's: what is published is
# preferred to what is worked out. A figure of it is as closed as the closest of its components.
DERIVED_SOURCE = {
    "source_id": "ppw_derived",
    "title_vi": "Tính từ số liệu thành phần", "title_en": "Worked out from component figures",
    "publisher_vi": "Kho dữ liệu quy hoạch tỉnh", "publisher_en": "Provincial plan warehouse",
    "publisher_kind": "warehouse", "rank": 0, "origin": "derived",
    "licence": "As the components.", "access": "public", "owned": False, "cadence": "irregular", "topic": "derived",
    "calendar_state": "nothing_due",
    "calendar_note_vi": "Được tính mỗi khi số liệu thành phần đổi.",
    "calendar_note_en": "Worked out whenever a component changes.",
}  # fmt: skip
PART_OF_YEAR = re.compile(r"[0-9]{4}-(H[12]|Q[1-4]|M[0-9]{2}|YTD[0-9]{2})")
PARTS_OF_YEAR = ("", "-H1", "-H2", "-Q1", "-Q2", "-Q3", "-Q4", "-YTD09")


def _period_rows(tables: Mapping[str, Rows]) -> Rows:
    """Give every period that a cell or a target names; a span of a target is a period too."""
    ids = {row["period_id"] for row in tables["mapping_period"]}
    for target in tables["plan_target"]:
        start, end = target["period_start"], target["period_end"]
        ids |= {str(year) for year in (start, end) if year is not None}
        if start is not None and start < end:
            ids.add(f"{start}..{end}")
        base = target.get("base_period")  # a milestone has none
        ids |= {base} if base else set()
    # What can be worked out from the parts of a year is a part of that year.
    ids |= {
        f"{period_id[:4]}{part}"
        for period_id in set(ids)
        if PART_OF_YEAR.fullmatch(period_id)
        for part in PARTS_OF_YEAR
    }
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
    corrections: Rows | None = None,
    statements: Rows | None = None,
) -> Inputs:
    """Write every table of INPUT_TABLES to `directory` (default `warehouse/inputs`).

    `corrections`: rows of `correction`, figures that the office corrected by decision. `statements`: rows of
    `statement`, what offices said of their targets.

    Vintages not read before are read. `vintages` are all of them, in the order of the state database; those
    after the cut-off are left out. A vintage that no record reads any more, or whose bytes cannot be read, is
    written as excluded with its reason.
    """
    directory = directory or settings.inputs_dir
    tables: dict[str, Rows] = {name: [] for name in INPUT_TABLES}
    known = _known(settings, cut_off, records, vintages)
    tables["vintage"] = known.rows
    indicators = read_indicators(settings.dbt_project_dir / "seeds")
    tables["structure_drift"] = drift_rows(known.rows)
    for source_id, record in sorted(records.items()):
        for route_name in record.route_names():
            printed = printed_labels(known.cells.get((source_id, route_name), set()))
            route = record.route(route_name)
            by_code = isinstance(route, SubmittedRoute | KeyedRoute)
            mapping = mapping_by_code(printed, indicators) if by_code else route.mapping
            compile_route(source_id, route_name, mapping, printed, tables)
        tables["source_record"].append(record_row(record))
        tables["source_rank"] += rank_rows(record)
    tables["source_record"].append(dict(DERIVED_SOURCE))
    plans, spoiled = plans_of(settings, (v for v in vintages if v.vintage_at.date() <= cut_off))
    plan_rows(plans, tables, settings.area_id, seed_area_ids(settings.dbt_project_dir / "seeds"))
    tables["milestone_report"], unknown = _report_rows(known, plans)
    tables["unit_alias"] = _unit_rows(settings.dbt_project_dir / "seeds")
    tables["period"] = _period_rows(tables)
    tables["source_outcome"] = _outcome_rows(outcomes)
    tables["correction"] = list(corrections or [])
    tables["statement"] = list(statements or [])
    calendars = {source_id: record.calendar for source_id, record in records.items()}
    tables["release_issue"] = issue_rows(calendars, cut_off, load_holidays())
    plan_versions = sorted(known_plan.plan.document.plan_version for known_plan in plans)
    tables["run_parameter"] = [
        {"cut_off": cut_off, "plan_versions": ",".join(plan_versions), **asdict(versions)}
    ]
    tables["source_key"] = source_keys(tables, plan_versions, versions.code_version)
    for name, rows in tables.items():
        write_table(directory, name, rows)
    return Inputs(
        directory,
        n_vintages=sum(not row["excluded"] for row in known.rows),
        n_cell_sets=len({path for paths in known.cells.values() for path in paths}),
        plan_versions=plan_versions,
        excluded=[
            *known.excluded,
            *unknown,
            *(Excluded(source_id, "recorded", "plan", why) for source_id, why in spoiled),
        ],
    )
