"""The source record: where figures come from, how they are pulled and read, and how they map to indicators.

One YAML file per source, `sources/specs/<source_id>.yml`. Unknown keys are refused. A validator states what
is wrong and, after " | ", the mend.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

from sources.text.labels import label_key, tidy_text
from sources.text.periods import Maturity, PeriodFormat, parse_period_id

SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
DocumentName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]
IndicatorCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
AreaId = Annotated[str, StringConstraints(pattern=r"^VN(-[A-Z0-9]+)*$")]
UnitCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Breakdown = Annotated[str, StringConstraints(pattern=r"^(_T|[A-Z][A-Z0-9_]*)$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Form = Literal[
    "level", "ratio", "growth_rate", "average_growth", "increment", "change", "index", "rank", "score"
]
Origin = Literal["original", "third_party_copy", "transcription"]
PublisherKind = Literal["statistics_office", "ministry", "peoples_council", "press", "research", "private"]

PLAIN_TABLE_DIMENSIONS = ("indicator", "area", "period", "breakdown")


class RecordPart(BaseModel):
    """A part of a record: unknown keys refused, no silent conversion, not changed after loading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class BilingualText(RecordPart):
    vi: Text
    en: Text


# --- reading --------------------------------------------------------------------------------------


class PlainTableReading(RecordPart):
    """Our own transcription shape: CSV with the thirteen columns of `adapters/plain_table.py`."""

    adapter: Literal["plain_table"]


class PlanReading(RecordPart):
    """The target table of a plan document: CSV with the columns of `plan_tables.py`."""

    adapter: Literal["plan"]


class JsonStatReading(RecordPart):
    """JSON-stat 1 or 2. `dataset` names one dataset of a bundle; without it all are read."""

    adapter: Literal["json_stat"]
    dataset: Text | None = None
    period_dimension: Text | None = Field(
        default=None, description="The dimension of periods, where the file's own roles do not say."
    )


def _check_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(
            f"'{pattern}' is not a regular expression ({error}) | correct the pattern"
        ) from error
    return pattern


Pattern = Annotated[str, StringConstraints(min_length=1)]


class WorkbookTable(RecordPart):
    """How one table of a workbook is found and read.

    `title`, `sheet` and `header` are regular expressions searched in label keys (small letters, accents kept,
    one space between words); `period` is searched in the text as printed. The table begins under the rows
    whose text matches `title` (under the top of the sheet, when only `sheet` is given) and goes on where a
    later title matches again or says "(Tiếp theo)".
    """

    title: Pattern | None = None
    sheet: Pattern | None = Field(default=None, description="Only sheets whose name matches.")
    name: Text | None = Field(
        default=None,
        description="The table's name in cells; without it the title as printed, which may carry a date.",
    )
    rows: Text = Field(default="row", description="The name given to the dimension of row labels.")
    columns: Text = Field(default="column", description="The name given to the dimension of column headers.")
    row_labels: Literal["left", "nearest"] = Field(
        default="left",
        description="left: one label left of all figures; nearest: the words nearest left of a figure.",
    )
    header: Pattern | None = Field(
        default=None,
        description="Only columns whose stacked header matches; the others are named and skipped.",
    )
    header_rows: Annotated[int, Field(ge=1, le=12)] | None = Field(
        default=None,
        description="Rows from the first under the title to the last of the header, where it is not found.",
    )
    period: Pattern | None = Field(
        default=None,
        description="What to take as the period from the header, else from the title (group 1 or the whole "
        "match); it becomes the label of the dimension 'period', and the header label is what is left.",
    )
    unit: Text | None = Field(default=None, description="The unit, where the table does not print one.")
    decimal_mark: Literal["point", "comma", "either"] = "either"

    @field_validator("title", "sheet", "header", "period")
    @classmethod
    def _pattern(cls, pattern: str | None) -> str | None:
        return None if pattern is None else _check_pattern(pattern)

    @model_validator(mode="after")
    def _findable(self) -> Self:
        if self.title is None and self.sheet is None:
            raise ValueError("a table needs a title or a sheet to be found by | add 'title' or 'sheet'")
        return self


class WorkbookReading(RecordPart):
    """An .xlsx or .xls workbook; tables are found by their title, never by sheet order or row number."""

    adapter: Literal["workbook"]
    tables: Annotated[list[WorkbookTable], Field(min_length=1)]


ReadingSection = Annotated[
    PlainTableReading | PlanReading | JsonStatReading | WorkbookReading, Field(discriminator="adapter")
]


# --- mapping --------------------------------------------------------------------------------------


class AreaByLabel(RecordPart):
    dimension: Text
    labels: Annotated[dict[Text, AreaId], Field(min_length=1)]

    @field_validator("labels")
    @classmethod
    def _one_area_per_key(cls, labels: dict[str, str]) -> dict[str, str]:
        seen: dict[str, str] = {}
        for label, area_id in labels.items():
            other = seen.setdefault(label_key(label), area_id)
            if other != area_id:
                raise ValueError(
                    f"the label '{label}' names both {other} and {area_id} | give each label one area"
                )
        return labels


class AreaConstant(RecordPart):
    constant: AreaId


class PeriodByLabel(RecordPart):
    dimension: Text
    format: PeriodFormat


class PeriodConstant(RecordPart):
    constant: Text
    maturity: Maturity | None = None

    @field_validator("constant")
    @classmethod
    def _period_id(cls, period_id: str) -> str:
        return parse_period_id(period_id).period_id


class SeriesMapping(RecordPart):
    """Cells with every label of `where` are this indicator; `factor` turns the printed unit into `unit`."""

    where: Annotated[dict[Text, Text], Field(min_length=1)]
    indicator: IndicatorCode
    unit: UnitCode
    form: Form
    breakdown: Breakdown
    factor: Annotated[float, Field(gt=0)] = 1.0
    maturity: Maturity | None = None
    index_base: Text | None = None
    price_basis: Text | None = None
    table: Text | None = Field(default=None, description="Only cells of the table with this title.")


def _shape(data: Any) -> str:
    """Tell by its keys which shape a mapping of areas or periods has: a slip is reported against that one."""
    has_constant = "constant" in data if isinstance(data, dict) else hasattr(data, "constant")
    return "constant" if has_constant else "by_label"


AreaMapping = Annotated[
    Annotated[AreaByLabel, Tag("by_label")] | Annotated[AreaConstant, Tag("constant")], Discriminator(_shape)
]
PeriodMapping = Annotated[
    Annotated[PeriodByLabel, Tag("by_label")] | Annotated[PeriodConstant, Tag("constant")],
    Discriminator(_shape),
]


class IgnoredLabels(RecordPart):
    """Labels out of scope: those listed, or all of the dimension except some, and why."""

    dimension: Text
    labels: Annotated[list[Text], Field(min_length=1)] | None = None
    except_: Annotated[list[Text], Field(min_length=1)] | None = Field(default=None, alias="except")
    reason: Text

    @model_validator(mode="after")
    def _labels_or_except(self) -> Self:
        if (self.labels is None) == (self.except_ is None):
            raise ValueError(
                "an ignored part names either 'labels' or 'except' | write exactly one of the two"
            )
        return self


class Mapping(RecordPart):
    area: AreaMapping
    period: PeriodMapping
    series: Annotated[list[SeriesMapping], Field(min_length=1)]
    unit_column: bool = False
    ignore: list[IgnoredLabels] = []

    @model_validator(mode="after")
    def _series_differ(self) -> Self:
        seen: set[tuple[str | None, frozenset[tuple[str, str]]]] = set()
        for series in self.series:
            where = frozenset((tidy_text(name), label_key(label)) for name, label in series.where.items())
            conditions = (series.table and label_key(series.table), where)
            if conditions in seen:
                raise ValueError(
                    f"two series have the same conditions (second: {series.indicator}, {series.breakdown})"
                    " | make 'where' differ"
                )
            seen.add(conditions)
        return self


# --- routes ---------------------------------------------------------------------------------------


class RecordedDocument(RecordPart):
    """A snapshot shipped with the project. `vintage_at` is when the figures reached us."""

    document: DocumentName
    file: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][A-Za-z0-9._-]*$")]
    vintage_at: date
    published_at: date | None = None
    published_at_basis: Literal["printed", "inferred", "not_stated"]

    @model_validator(mode="after")
    def _basis_fits(self) -> Self:
        if (self.published_at is None) != (self.published_at_basis == "not_stated"):
            raise ValueError(
                "published_at and published_at_basis disagree | give a date with 'printed' or 'inferred', "
                "or leave the date out with 'not_stated'"
            )
        return self


class RecordedRoute(RecordPart):
    documents: Annotated[list[RecordedDocument], Field(min_length=1)]
    reading: ReadingSection
    mapping: Mapping

    @model_validator(mode="after")
    def _documents_differ(self) -> Self:
        names = [document.document for document in self.documents]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"documents named twice: {', '.join(twice)} | give each document its own name")
        return self


class PxwebSelection(RecordPart):
    filter: Literal["item", "all", "top"]
    values: Annotated[list[Text], Field(min_length=1)]


class PxwebQuery(RecordPart):
    code: Text
    selection: PxwebSelection


def _check_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"'{address}' is not a web address | write https://host/path")
    if parts.username or parts.password:
        raise ValueError("the address carries a name or password | remove it")
    return address


class PxwebFetch(RecordPart):
    """A table of a PxWeb v1 server: its metadata by GET, its figures by POST. No query means everything."""

    protocol: Literal["pxweb_v1"]
    address: Text
    query: list[PxwebQuery] = []
    response_format: Literal["json-stat", "json-stat2"]

    @field_validator("address")
    @classmethod
    def _address(cls, address: str) -> str:
        return _check_address(address)


class HttpFetch(RecordPart):
    """One file by GET. `media_type` is what the publisher should answer with."""

    protocol: Literal["http"]
    address: Text
    media_type: Text

    @field_validator("address")
    @classmethod
    def _address(cls, address: str) -> str:
        return _check_address(address)


FetchSection = Annotated[PxwebFetch | HttpFetch, Field(discriminator="protocol")]


class LiveRoute(RecordPart):
    fetch: FetchSection
    reading: ReadingSection
    mapping: Mapping


class Routes(RecordPart):
    recorded: RecordedRoute
    live: LiveRoute | None = None


class SourceRecord(RecordPart):
    """One source. A higher `rank` wins where two sources give the same figure."""

    source_id: SourceId
    title: BilingualText
    publisher: BilingualText
    publisher_kind: PublisherKind
    rank: Annotated[int, Field(ge=1, le=100)]
    origin: Origin
    licence: Text
    cadence: Literal["annual", "monthly", "irregular"]
    topic: DocumentName
    routes: Routes

    def route(self, name: str) -> RecordedRoute | LiveRoute:
        """Return the route `recorded` or `live`. Raises KeyError when the record has no such route."""
        found = getattr(self.routes, name, None) if name in Routes.model_fields else None
        if found is None:
            raise KeyError(f"{self.source_id} has no route '{name}'")
        return found  # type: ignore[no-any-return]

    def route_names(self) -> list[str]:
        return [name for name in Routes.model_fields if getattr(self.routes, name) is not None]

    @model_validator(mode="after")
    def _plain_table_dimensions(self) -> Self:
        for name in self.route_names():
            route = self.route(name)
            if not isinstance(route.reading, PlainTableReading):
                continue
            mapping = route.mapping
            used = {dimension for series in mapping.series for dimension in series.where}
            used |= {part.dimension for part in mapping.ignore}
            if isinstance(mapping.period, PeriodByLabel):
                used.add(mapping.period.dimension)
            if isinstance(mapping.area, AreaByLabel):
                used.add(mapping.area.dimension)
            unknown = sorted(used - set(PLAIN_TABLE_DIMENSIONS))
            if unknown:
                raise ValueError(
                    f"route {name}: a plain table has no dimension {', '.join(unknown)} | "
                    f"use {', '.join(PLAIN_TABLE_DIMENSIONS)}"
                )
        return self
