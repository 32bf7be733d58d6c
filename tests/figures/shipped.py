"""What the project ships, read once for the tests of this folder."""

import csv
from dataclasses import dataclass
from functools import cache

from sources.plan.reading import Plans, load_plans
from sources.record import AreaByLabel, RecordedDocument, SeriesMapping, SourceRecord
from sources.registry import Records, load_records
from sources.text.labels import label_key
from store.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
SPECS = PROJECT_ROOT / "sources" / "specs"
RECORDED = PROJECT_ROOT / "sources" / "recorded"
PLANS = PROJECT_ROOT / "sources" / "plans"
RESOLUTION = "07-NQ-HDND-2023"


@dataclass(frozen=True)
class Figure:
    """One row of a recorded file with the record and document it ships under."""

    record: SourceRecord
    document: RecordedDocument
    line: int
    row: dict[str, str]

    @property
    def where(self) -> str:
        return f"{self.document.file} row {self.line}"

    @property
    def claims(self) -> list[SeriesMapping]:
        """The series of the record whose every condition this row meets."""
        return [
            series
            for series in series_of(self.record)
            if all(label_key(self.row[name]) == label_key(label) for name, label in series.where.items())
        ]

    @property
    def area_id(self) -> str | None:
        mapping = self.record.route("recorded").mapping
        assert mapping is not None and isinstance(mapping.area, AreaByLabel)
        area = mapping.area
        keys = {label_key(label): area_id for label, area_id in area.labels.items()}
        return keys.get(label_key(self.row["area"]))


def series_of(record: SourceRecord) -> list[SeriesMapping]:
    """The series of a record's shipped snapshots; reports on milestones and departments ship none."""
    recorded = record.routes.recorded
    mapping = None if recorded is None else recorded.mapping
    return [] if mapping is None else mapping.series


def rows_of(path: object) -> list[dict[str, str]]:
    with open(str(path), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def seed(name: str) -> list[dict[str, str]]:
    return rows_of(SEEDS / f"{name}.csv")


@cache
def records() -> Records:
    return load_records(SPECS)


@cache
def plans() -> Plans:
    return load_plans(PLANS)


@cache
def figures() -> list[Figure]:
    """Every recorded row; the line is that of the file, as no field holds a line break."""
    return [
        Figure(record, document, line, row)
        for record in records().records.values()
        for document in record.recorded_documents()
        for line, row in enumerate(rows_of(RECORDED / document.file), start=2)
    ]


@cache
def _published() -> dict[tuple[str, str, str, str], dict[str, set[str]]]:
    found: dict[tuple[str, str, str, str], dict[str, set[str]]] = {}
    for figure in figures():
        for series in figure.claims:
            key = (series.indicator, figure.row["period"], series.breakdown, str(figure.area_id))
            by_source = found.setdefault(key, {})
            by_source.setdefault(figure.record.source_id, set()).add(figure.row["value"])
    return found


def published(indicator: str, period: str, breakdown: str = "_T", area: str = "VN-04") -> dict[str, set[str]]:
    """Return source -> the values it gives for a key, as printed."""
    return _published().get((indicator, period, breakdown, area), {})
