"""What the project ships, read once for the tests of this folder."""

import csv
from dataclasses import dataclass
from functools import cache

from sources.plan_tables import Plans, load_plans
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
            for series in self.record.routes.recorded.mapping.series
            if all(label_key(self.row[name]) == label_key(label) for name, label in series.where.items())
        ]

    @property
    def area_id(self) -> str | None:
        area = self.record.routes.recorded.mapping.area
        assert isinstance(area, AreaByLabel)
        keys = {label_key(label): area_id for label, area_id in area.labels.items()}
        return keys.get(label_key(self.row["area"]))


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
        for document in record.routes.recorded.documents
        for line, row in enumerate(rows_of(RECORDED / document.file), start=2)
    ]


def published(indicator: str, period: str, breakdown: str = "_T", area: str = "VN-04") -> dict[str, set[str]]:
    """Return source -> the values it gives for a key, as printed."""
    found: dict[str, set[str]] = {}
    for figure in figures():
        if figure.row["period"] == period and figure.area_id == area:
            for series in figure.claims:
                if (series.indicator, series.breakdown) == (indicator, breakdown):
                    found.setdefault(figure.record.source_id, set()).add(figure.row["value"])
    return found
