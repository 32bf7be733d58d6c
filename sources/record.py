"""The source record: where figures come from, how they are pulled and read, and how they map to indicators.

One YAML file per source, `sources/specs/<source_id>.yml`. Unknown keys are refused. A validator states what
is wrong and, after " | ", the mend.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
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
PublisherKind = Literal[
    "statistics_office", "ministry", "peoples_council", "department", "press", "research", "private"
]
MilestoneDomain = Literal[
    "economy", "society", "environment", "labour", "population", "tourism", "urbanisation", "security",
    "infrastructure", "land", "governance", "science", "culture", "education", "health", "agriculture",
    "industry", "trade",
]  # fmt: skip

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
    """A table of promises of a plan document: CSV with the columns of `plan/targets.py`."""

    adapter: Literal["plan"]
    table: Literal["targets", "milestones"] = "targets"


class MilestoneReportReading(RecordPart):
    """Reports on milestones of a plan: CSV with the columns of `plan/evidence.py`. It takes no mapping."""

    adapter: Literal["milestone_report"]


class JsonStatReading(RecordPart):
    """JSON-stat 1 or 2. `dataset` names one dataset of a bundle; without it all are read."""

    adapter: Literal["json_stat"]
    dataset: Text | None = None
    period_dimension: Text | None = Field(
        default=None, description="The dimension of periods, where the file's own roles do not say."
    )


class PxReading(RecordPart):
    """A PX file. `language` picks one of several; without it the file's own is read."""

    adapter: Literal["px"]
    language: Text | None = None
    period_dimension: Text | None = Field(
        default=None, description="The dimension of periods, where the file does not say (TIMEVAL)."
    )


class PxWebCsvReading(RecordPart):
    """A CSV export of PX-Web: a line with the title, then rows of labels and one column per remaining value.

    `label_columns` is the number of label columns, where the file leaves it open; `columns` names the dimension
    in the head of the other columns.
    """

    adapter: Literal["pxweb_csv"]
    label_columns: Annotated[int, Field(ge=1, le=20)] | None = None
    columns: Text | None = None
    decimal_mark: Literal["point", "comma", "either"] = "point"
    encoding: Literal["utf-8", "cp1252", "cp1258", "utf-16"] = "utf-8"


class CsvTableReading(RecordPart):
    """Rows of text with one head row: a CSV, or the result set of an SQL source.

    `figures` are the columns that hold figures; `labels` those that say what they are of, all others when left out.
    A cell's labels are its row's under their heads, and the head of its own column under `columns`.
    """

    adapter: Literal["csv_table"]
    figures: Annotated[list[Text], Field(min_length=1)]
    labels: Annotated[list[Text], Field(min_length=1)] | None = None
    columns: Text = Field(default="column", description="The dimension that the heads of figures are of.")
    unit_column: Text | None = None
    period_column: Text | None = None
    title: Text | None = None
    separator: Literal[";", ",", "\t", "|"] | None = Field(
        default=None, description="Found in the file when left out."
    )
    decimal_mark: Literal["point", "comma", "either"] = "point"
    encoding: Literal["utf-8", "cp1252", "cp1258", "utf-16"] = "utf-8"


class SdmxReading(RecordPart):
    """An SDMX-ML 2.1 data message, generic or structure-specific. UNIT_MULT is applied to the numbers."""

    adapter: Literal["sdmx"]


class PxwebJsonReading(RecordPart):
    """The format `json` of PX-Web: rows of codes and figures, figures as text rounded for display.

    As fetched, the table's description stands beside the rows and gives the words for the codes. `contents`
    names the dimension of the columns of figures, where the description does not.
    """

    adapter: Literal["pxweb_json"]
    contents: Text = "contents"
    title: Text | None = None


class CkanReading(RecordPart):
    """Rows of a CKAN or DKAN datastore: `figures` are the columns that hold figures, each of them a cell per row.

    `labels` are the columns that say what a figure is about (all others when left out); `_id` never is one.
    Figures in text columns are read with `decimal_mark`.
    """

    adapter: Literal["ckan"]
    figures: Annotated[list[Text], Field(min_length=1)]
    labels: Annotated[list[Text], Field(min_length=1)] | None = None
    period: Text | None = Field(default=None, description="The label column that holds the period.")
    unit: Text | None = Field(default=None, description="The unit of every figure.")
    unit_column: Text | None = Field(default=None, description="The column that holds the unit of its row.")
    columns: Text = Field(default="column", description="The name of the dimension of the figures' columns.")
    title: Text | None = None
    decimal_mark: Literal["point", "comma", "either"] = "point"

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        both = sorted(set(self.figures) & set(self.labels or []))
        if both:
            raise ValueError(f"{', '.join(both)} cannot be figure and label | name each column once")
        if self.period is not None and self.labels is not None and self.period not in self.labels:
            raise ValueError(f"the period column '{self.period}' is no label | add it to 'labels'")
        if self.unit is not None and self.unit_column is not None:
            raise ValueError("'unit' and 'unit_column' exclude each other | write one of the two")
        return self


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
    """An .xlsx, .xls or .ods workbook; tables are found by their title, never by sheet order or row number."""

    adapter: Literal["workbook"]
    tables: Annotated[list[WorkbookTable], Field(min_length=1)]


class SubmissionReading(RecordPart):
    """A workbook that `ppw template` wrote and a department filled in; it names its rows by our own codes."""

    adapter: Literal["submission"]


class PdfTable(RecordPart):
    """How one table of a PDF is found and read; patterns and names as in a workbook's table."""

    title: Pattern
    name: Text | None = Field(
        default=None, description="The table's name in cells; without it the printed title."
    )
    rows: Text = "row"
    columns: Text = "column"
    unit: Text | None = Field(default=None, description="The unit, where the table does not print one.")

    @field_validator("title")
    @classmethod
    def _pattern(cls, pattern: str) -> str:
        return _check_pattern(pattern)


class PdfTableReading(RecordPart):
    """Tables of PDF pages with a text layer, found by title; a table goes on over pages that say so."""

    adapter: Literal["pdf_table"]
    tables: Annotated[list[PdfTable], Field(min_length=1)]
    decimal_mark: Literal["point", "comma", "either"] = "comma"


ReadingSection = Annotated[
    PlainTableReading
    | PlanReading
    | MilestoneReportReading
    | JsonStatReading
    | PxReading
    | PxWebCsvReading
    | CsvTableReading
    | PxwebJsonReading
    | CkanReading
    | SdmxReading
    | SubmissionReading
    | WorkbookReading
    | PdfTableReading,
    Field(discriminator="adapter"),
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


class _Route(RecordPart):
    reading: ReadingSection
    mapping: Mapping | None = Field(
        default=None, description="Required, except of reports on milestones, which name their milestones."
    )

    @model_validator(mode="after")
    def _mapping_fits(self) -> Self:
        is_report = isinstance(self.reading, MilestoneReportReading)
        if is_report and self.mapping is not None:
            raise ValueError("reports on milestones hold no figures to map | remove 'mapping'")
        if not is_report and self.mapping is None:
            raise ValueError("figures that map to nothing are read in vain | add 'mapping'")
        return self


class RecordedRoute(_Route):
    documents: Annotated[list[RecordedDocument], Field(min_length=1)]

    @model_validator(mode="after")
    def _documents_differ(self) -> Self:
        names = [document.document for document in self.documents]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"documents named twice: {', '.join(twice)} | give each document its own name")
        return self


class PxwebSelection(RecordPart):
    """`item` names values, `top` the last so many periods, `all` a pattern; `agg:` and `vs:` a grouping's own."""

    filter: Annotated[str, StringConstraints(pattern=r"^(item|all|top|agg:.+|vs:.+)$")]
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
    """A table of a PxWeb v1 server: its metadata by GET, its figures by POST. No query means everything.

    The answer goes to the adapter of its format: json_stat, pxweb_json (json), px, pxweb_csv or workbook. A
    query above the server's limit is asked for in parts, which only json, json-stat and json-stat2 allow.
    """

    protocol: Literal["pxweb_v1"]
    address: Text
    query: list[PxwebQuery] = []
    response_format: Literal["json", "json-stat", "json-stat2", "px", "csv", "xlsx"]

    @field_validator("address")
    @classmethod
    def _address(cls, address: str) -> str:
        return _check_address(address)


class PxwebV2Selection(RecordPart):
    """Values of one variable: codes, or the server's expressions `*`, `2020*`, TOP(3), FROM(2020), RANGE(a,b)."""

    code: Text
    values: Annotated[list[Text], Field(min_length=1)]


class PxwebV2Fetch(RecordPart):
    """A table of a PxWeb v2 server, as json-stat2. `address` ends before `/tables`; no query means everything."""

    protocol: Literal["pxweb_v2"]
    address: Text
    table: Text
    language: Text | None = None
    query: list[PxwebV2Selection] = []
    method: Literal["post", "get"] = "post"

    @field_validator("address")
    @classmethod
    def _address(cls, address: str) -> str:
        return _check_address(address).rstrip("/")


class PxwebFormFetch(RecordPart):
    """A table of PX-Web by the form of its page, for databases that are not open to the API: all of the table.

    `address` is the table's page, `.../pxweb/<language>/<database>/<database>/<table>.px/`. The answer goes to the
    adapter of its format: json_stat, pxweb_csv or workbook.
    """

    protocol: Literal["pxweb_form"]
    address: Text
    response_format: Literal["json-stat", "csv", "xlsx"]

    @field_validator("address")
    @classmethod
    def _address(cls, address: str) -> str:
        return _check_address(address)


class HttpFetch(RecordPart):
    """One file by GET. `media_type` is what the publisher should answer with.

    Where each issue lies at an address of its own, `address` is the page that lists them and `follow` leads on:
    each pattern is searched in the links of the page in their order, and the first that matches is the next page,
    the last one the file.
    """

    protocol: Literal["http"]
    address: Text
    media_type: Text
    follow: list[Annotated[Text, AfterValidator(_check_pattern)]] = []

    @field_validator("address")
    @classmethod
    def _address(cls, address: str) -> str:
        return _check_address(address)


class CkanFetch(RecordPart):
    """A resource of a CKAN portal, or of a DKAN one. `address` is the portal's, without `/api`.

    The resource is named by its id, or by package and name (id of the package, name or id of the resource).
    `content: datastore` asks for its rows, page by page, for the adapter `ckan`; `content: file` for the file
    as it was put there, for the adapter of that format. A portal keeps only some files as rows: a record
    names the file as its next route.
    """

    protocol: Literal["ckan"]
    address: Text
    resource_id: Text | None = None
    package: Text | None = None
    resource: Text | None = None
    content: Literal["datastore", "file"] = "datastore"
    dialect: Literal["ckan", "dkan"] = "ckan"
    page_size: Annotated[int, Field(ge=1, le=32_000)] = 1000

    @field_validator("address")
    @classmethod
    def _address(cls, address: str) -> str:
        return _check_address(address).rstrip("/")

    @model_validator(mode="after")
    def _names_a_resource(self) -> Self:
        if (self.resource_id is None) == (self.package is None):
            raise ValueError(
                "a resource is named by 'resource_id', or by 'package' and 'resource' | write one of the two"
            )
        if (self.package is None) != (self.resource is None):
            raise ValueError("'package' and 'resource' go together | write both or neither")
        return self


def _check_select(statement: str) -> str:
    """Refuse a statement that is not one SELECT, whatever else the database would let it do."""
    # Imported here: only records with an SQL source pay for the parser.
    import sqlglot
    from sqlglot import expressions

    try:
        found = [tree for tree in sqlglot.parse(statement, read="postgres") if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        message = str(error).splitlines()[0]
        raise ValueError(f"the statement cannot be read as SQL ({message}) | write one SELECT") from error
    if len(found) != 1:
        raise ValueError(f"there are {len(found)} statements | write one SELECT")
    acting = (
        expressions.DML, expressions.DDL, expressions.Command, expressions.Into, expressions.Lock,
        expressions.Set, expressions.Transaction, expressions.Alter, expressions.Drop, expressions.Copy,
    )  # fmt: skip
    # A SELECT is DML to the parser; what is not a query at all, or holds a part that writes or locks, is refused.
    writing = [
        node
        for node in found[0].walk()
        if isinstance(node, acting) and not isinstance(node, expressions.Query)
    ]
    if not isinstance(found[0], expressions.Query) or writing:
        raise ValueError("the statement does more than select | write one SELECT")
    return statement


class SqlFetch(RecordPart):
    """One SELECT over a database; the rows are kept as a CSV, for the adapter csv_table.

    `database` names the SQLAlchemy URL that the settings hold (PPW_SQL_URLS); a record never holds it.
    """

    protocol: Literal["sql"]
    database: SourceId
    statement: Text

    @field_validator("statement")
    @classmethod
    def _statement(cls, statement: str) -> str:
        return _check_select(statement)

    @property
    def address(self) -> str:
        """What stands for the database in outcomes: its name, never its URL."""
        return f"sql://{self.database}"


FetchSection = Annotated[
    PxwebFetch | PxwebV2Fetch | PxwebFormFetch | CkanFetch | SqlFetch | HttpFetch,
    Field(discriminator="protocol"),
]


class LiveRoute(_Route):
    """`tried_on` is the day on which the route was last pulled from the publisher's own server and fitted.

    Without it nobody has tried the route against the world: it rests on what others wrote of the server.
    """

    fetch: FetchSection
    covers: Literal["whole", "window"] | None = Field(
        default=None,
        description="whole: every pull gives the whole table, so a period that a later pull no longer lists is "
        "withdrawn. window: a pull gives some periods only; nothing follows from absence, nor where this is left out.",
    )
    tried_on: date | None = None
    basis: Text | None = Field(
        default=None, description="What the route rests on: which published files or programs say so."
    )


class SubmittedRoute(RecordPart):
    """What a department sends in by itself: figures of the indicators it keeps, and reports on milestones.

    `custodian` is the department's name among the custodians of the indicator seed; `milestone_domains` are the
    domains whose milestones it reports on, where the plan names no body for them. Rows carry our own codes, so
    there is nothing to map.
    """

    custodian: Text
    milestone_domains: list[MilestoneDomain] = []
    reading: SubmissionReading

    @property
    def mapping(self) -> None:
        return None


class KeyedRoute(RecordPart):
    """Letters and scans of this publisher, keyed by two people; what both agree on is a plain table of ours."""

    reading: PlainTableReading

    @property
    def mapping(self) -> None:
        return None


Route = RecordedRoute | LiveRoute | SubmittedRoute | KeyedRoute


class Routes(RecordPart):
    """The ways to a source: snapshots that ship with the project, live ones, what is sent in, what is keyed from paper.

    The second and third live route are tried where the one before does not exist: PX-Web opens its API per
    database, and a table that answers 404 there may be had in another way.
    """

    recorded: RecordedRoute | None = None
    live: LiveRoute | None = None
    live_second: LiveRoute | None = None
    live_third: LiveRoute | None = None
    submitted: SubmittedRoute | None = None
    keyed: KeyedRoute | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not any((self.recorded, self.live, self.submitted, self.keyed)):
            raise ValueError("a source needs a way to it | add 'recorded', 'live', 'submitted' or 'keyed'")
        if (self.live is None and self.live_second is not None) or (
            self.live_second is None and self.live_third is not None
        ):
            raise ValueError("a live route is named without the one before it | name live, then live_second")
        return self

    def live_routes(self) -> dict[str, "LiveRoute"]:
        """Return the live routes by name, in the order in which they are tried."""
        named = {"live": self.live, "live_second": self.live_second, "live_third": self.live_third}
        return {name: route for name, route in named.items() if route is not None}


CalendarState = Literal["known", "none_known", "nothing_due"]
PARTS_OF_YEAR = {"annual": 1, "half_year": 2, "quarterly": 4, "monthly": 12}


class CalendarRule(RecordPart):
    """When an issue is due: `day` of the month that lies `months` after the month in which its period ends.

    `months: 0` is the period's last month, -1 the one before; `day` past a month's end is its last day. The rule
    holds for periods that end on `valid_from` or later, until a later rule of the same periodicity and maturity.
    `parts` names quarters (1-4), halves (1-2) or months (1-12) where a rule is not for all of them.
    """

    valid_from: date
    periodicity: Literal["annual", "half_year", "quarterly", "monthly"]
    maturity: Maturity | None = None
    months: Annotated[int, Field(ge=-12, le=36)]
    day: Annotated[int, Field(ge=1, le=31)]
    parts: Annotated[list[Annotated[int, Field(ge=1, le=12)]], Field(min_length=1)] | None = None
    shift: Literal["none", "next_working_day", "previous_working_day"] = "none"
    grace_days: Annotated[int, Field(ge=0, le=120)] = 0
    basis: BilingualText = Field(description="The rule in law or practice, and how sure we are of it.")

    @field_validator("parts")
    @classmethod
    def _parts_differ(cls, parts: list[int] | None) -> list[int] | None:
        if parts is not None and len(set(parts)) < len(parts):
            raise ValueError("a part is named twice | name each part once")
        return parts

    @model_validator(mode="after")
    def _parts_exist(self) -> Self:
        most = PARTS_OF_YEAR[self.periodicity]
        if self.parts is not None and max(self.parts) > most:
            raise ValueError(
                f"a year has {most} parts of the periodicity {self.periodicity}, not {max(self.parts)} | "
                "correct 'parts' or 'periodicity'"
            )
        return self


class ReleaseCalendar(RecordPart):
    """When a source owes what: dated rules, or, in words, why there are none.

    `none_known`: the source comes regularly, but by what days is not known to us. `nothing_due`: what it gives comes
    once, or when its publisher likes. Days off are those of `sources/holidays.csv`.
    """

    rules: list[CalendarRule] = []
    asked_from: date | None = Field(
        default=None,
        description="Periods that end before it are not asked for: where the source shows its latest issue only.",
    )
    none_known: BilingualText | None = None
    nothing_due: BilingualText | None = None

    @property
    def state(self) -> CalendarState:
        """Which of the three it is."""
        if self.rules:
            return "known"
        return "none_known" if self.none_known is not None else "nothing_due"

    @property
    def note(self) -> BilingualText | None:
        """Why there are no rules, where there are none."""
        return self.none_known or self.nothing_due

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum((bool(self.rules), self.none_known is not None, self.nothing_due is not None)) != 1:
            raise ValueError(
                "a calendar says one thing of 'rules', 'none_known' and 'nothing_due' | write exactly one of them"
            )
        return self

    @model_validator(mode="after")
    def _one_rule_decides(self) -> Self:
        seen: set[tuple[object, ...]] = set()
        for rule in self.rules:
            for part in rule.parts or range(1, PARTS_OF_YEAR[rule.periodicity] + 1):
                place = (rule.periodicity, rule.maturity, rule.valid_from, part)
                if place in seen:
                    raise ValueError(
                        f"two {rule.periodicity} rules of {rule.valid_from} are for part {part} | give them "
                        "another 'valid_from', 'maturity' or 'parts'"
                    )
                seen.add(place)
        return self


class DatedRank(RecordPart):
    """Another rank from a day on: for the indicators named, or for all of the source.

    For one indicator the rule with the latest `applies_from` up to the cut-off holds; of two of one day the one
    that names the indicator.
    """

    applies_from: date
    rank: Annotated[int, Field(ge=1, le=100)]
    indicators: Annotated[list[IndicatorCode], Field(min_length=1)] | None = None
    reason: Text


class SourceRecord(RecordPart):
    """One source. A higher `rank` wins where two sources give the same figure; `ranks` are dated exceptions."""

    source_id: SourceId
    title: BilingualText
    publisher: BilingualText
    publisher_kind: PublisherKind
    rank: Annotated[int, Field(ge=1, le=100)]
    ranks: list[DatedRank] = []
    origin: Origin
    licence: Text
    # Who may see its figures: everybody, the office and the leaders, or only those who work on the figures.
    access: Literal["public", "internal", "restricted"] = "internal"
    # The office that reviews issues these figures itself, so that a reviewer may correct one. What is compiled
    # centrally, or by another office, is only asked about.
    owned: bool = False
    cadence: Literal["annual", "monthly", "irregular"]
    topic: DocumentName
    calendar: ReleaseCalendar | None = None
    routes: Routes

    @field_validator("ranks")
    @classmethod
    def _one_rank_a_day(cls, ranks: list[DatedRank]) -> list[DatedRank]:
        seen: set[tuple[date, str]] = set()
        for rule in ranks:
            for code in rule.indicators or [""]:
                if (rule.applies_from, code) in seen:
                    raise ValueError(
                        f"two ranks of {code or 'all indicators'} apply from {rule.applies_from} | keep one of them"
                    )
                seen.add((rule.applies_from, code))
        return ranks

    def route(self, name: str) -> Route:
        """Return the route of that name. Raises KeyError when the record has no such route."""
        found = getattr(self.routes, name, None) if name in Routes.model_fields else None
        if found is None:
            raise KeyError(f"{self.source_id} has no route '{name}'")
        return found  # type: ignore[no-any-return]

    def recorded_documents(self) -> list[RecordedDocument]:
        """Return the snapshots that ship with the project; none where everything is sent in."""
        return [] if self.routes.recorded is None else self.routes.recorded.documents

    def route_names(self) -> list[str]:
        return [name for name in Routes.model_fields if getattr(self.routes, name) is not None]

    @model_validator(mode="after")
    def _plain_table_dimensions(self) -> Self:
        for name in self.route_names():
            route = self.route(name)
            mapping = route.mapping
            if mapping is None or not isinstance(route.reading, PlainTableReading):
                continue
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
