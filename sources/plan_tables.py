"""The tables of a plan document: `plan.yml`, `clauses.csv`, `targets.csv` in `sources/plans/<plan_version>/`.

A plan is a source: each file is kept as a snapshot, and the tables below are read from those bytes. A
document whose targets are not transcribed has only `plan.yml`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from sources.adapters.plain_table import read_rows
from sources.cells import ReadingError
from sources.problems import Problem, load_yaml, problems_of
from sources.record import AreaId, IndicatorCode, RecordPart, Text, UnitCode

PLAN_FILE, CLAUSES_FILE, TARGETS_FILE = "plan.yml", "clauses.csv", "targets.csv"
# File of a plan document -> the document it is in the state database.
PLAN_DOCUMENTS = {PLAN_FILE: "plan", CLAUSES_FILE: "clauses", TARGETS_FILE: "targets"}
PlanVersion = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]*$")]
TargetType = Literal[
    "level", "interval", "hold", "floor", "ceiling", "average_growth", "annual_change",
    "cumulative", "structure", "count", "milestone",
]  # fmt: skip
Comparator = Literal[
    "eq", "ge", "gt", "le", "lt", "approx", "between", "approx_between", "approx_gt", "hold_approx"
]  # fmt: skip
_INTERVALS = ("between", "approx_between")

CLAUSE_COLUMNS = ("clause", "heading_vi", "heading_en", "line_from", "line_to")
TARGET_COLUMNS = (
    "target_id", "indicator_code", "name_vi", "name_en", "area_id", "target_type", "comparator", "value_low",
    "value_high", "unit", "period_start", "period_end", "horizon_inferred", "clause", "line", "printed_text",
    "aspiration", "direction", "trajectory", "base_period", "phasing", "tolerance", "range_kind", "group_id",
    "frame_id", "headline", "headline_order", "responsible_vi", "reading_status", "reading_document",
    "note_vi", "note_en",
)  # fmt: skip


class PlanDocument(RecordPart):
    """A legal text that sets targets (`plan.yml`). `vintage_at` is when its tables reached us."""

    plan_version: PlanVersion
    kind: Literal["long_term", "five_year", "annual", "assigned"]
    legal_status: Literal["draft", "adopted", "in_force", "superseded"]
    targets_transcribed: bool
    number: Text
    title_vi: Text
    title_en: Text
    issuer_vi: Text
    issuer_en: Text
    adopted_on: date | None = None
    supersedes: PlanVersion | None = None
    note_vi: Text | None = None
    note_en: Text | None = None
    vintage_at: date
    citation: Text | None = Field(default=None, description="Where the text was read.")

    @property
    def source_id(self) -> str:
        return plan_source_id(self.plan_version)


def plan_source_id(plan_version: str) -> str:
    """Return the source id of a plan document: `07-NQ-HDND-2023` -> `plan_07_nq_hdnd_2023`."""
    return "plan_" + plan_version.lower().replace("-", "_")


class _CsvRow(BaseModel):
    """A row of a CSV: every field arrives as text; an empty field is no value."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, data: Any) -> Any:
        return {name: (None if value == "" else value) for name, value in data.items()}


class PlanClause(_CsvRow):
    """A clause by the document's own numbering, with the lines of the text it takes (from 1, inclusive)."""

    clause: Text
    heading_vi: Text
    heading_en: Text
    line_from: Annotated[int, Field(ge=1)]
    line_to: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _lines_in_order(self) -> Self:
        if self.line_to < self.line_from:
            raise ValueError("line_to comes before line_from | swap them")
        return self


class PlanTarget(_CsvRow):
    """What a plan document promises for an indicator, and our reading of it."""

    target_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    indicator_code: IndicatorCode
    name_vi: Text
    name_en: Text
    area_id: AreaId
    target_type: TargetType
    comparator: Comparator | None
    value_low: Decimal | None
    value_high: Decimal | None
    unit: UnitCode | None
    period_start: Annotated[int, Field(ge=1990, le=2100)] | None
    period_end: Annotated[int, Field(ge=1990, le=2100)]
    horizon_inferred: Literal["true", "false"]
    clause: Text
    line: Annotated[int, Field(ge=1)]
    printed_text: Text
    aspiration: Literal["true", "false"]
    direction: Literal["increase", "decrease", "hold", "none"]
    trajectory: Literal["linear", "compound"] | None
    base_period: Text | None
    phasing: Text | None
    tolerance: Decimal | None
    range_kind: Literal["ambition", "tolerance"] | None
    group_id: Text | None
    frame_id: Text | None
    headline: Literal["true", "false"]
    headline_order: Annotated[int, Field(ge=1)] | None
    responsible_vi: Text | None
    reading_status: Literal["proposed", "confirmed"]
    reading_document: Text | None
    note_vi: Text | None
    note_en: Text | None

    @field_validator("value_low", "value_high", "tolerance", mode="before")
    @classmethod
    def _plain_decimal(cls, text: Any) -> Any:
        if isinstance(text, str):
            try:
                if not re.fullmatch(r"-?\d+(\.\d+)?", text):
                    raise InvalidOperation
                return Decimal(text)
            except InvalidOperation as error:
                raise ValueError(
                    f"'{text}' is not a number | write it with a decimal point, no thousand marks"
                ) from error
        return text

    @model_validator(mode="after")
    def _values_fit(self) -> Self:
        if self.target_type == "milestone":
            return self
        if self.comparator is None or self.unit is None:
            raise ValueError("a target with a figure needs a comparator and a unit | fill both columns")
        figures = [value for value in (self.value_low, self.value_high) if value is not None]
        if self.comparator in _INTERVALS and len(figures) < 2:
            raise ValueError(f"comparator {self.comparator} needs value_low and value_high | fill both")
        if self.comparator not in (*_INTERVALS, "hold_approx"):
            if not figures:
                raise ValueError("no figure | fill value_low")
            if len(set(figures)) > 1:
                raise ValueError(f"comparator {self.comparator} takes one figure | leave value_high empty")
        if self.value_low is not None and self.value_high is not None and self.value_high < self.value_low:
            raise ValueError("value_high is below value_low | swap them")
        return self

    @model_validator(mode="after")
    def _span_fits(self) -> Self:
        if self.period_start is not None and self.period_start > self.period_end:
            raise ValueError("period_start comes after period_end | swap them")
        if self.reading_status == "confirmed" and self.reading_document is None:
            raise ValueError(
                "a confirmed reading needs the document that confirms it | fill reading_document"
            )
        return self


Row = TypeVar("Row", bound=_CsvRow)


@dataclass(frozen=True)
class Plan:
    """A plan document with its tables. `targets` holds (line in the file, target)."""

    document: PlanDocument
    clauses: list[PlanClause] = field(default_factory=list)
    targets: list[tuple[int, PlanTarget]] = field(default_factory=list)

    def name_problems(self, directory: str) -> list[Problem]:
        """Say what is wrong when the directory does not carry the plan's name."""
        if self.document.plan_version == directory:
            return []
        message = f"plan_version is '{self.document.plan_version}', the directory '{directory}'"
        return [Problem(f"{directory}/{PLAN_FILE}", "plan_version", message, "give both the same name")]


def _rows(
    data: bytes, columns: tuple[str, ...], model: type[Row], file: str
) -> tuple[list[tuple[int, Row]], list[Problem]]:
    try:
        raw = read_rows(data, columns)
    except ReadingError as error:
        return [], [Problem(file, error.place, error.message, error.mend)]
    rows: list[tuple[int, Row]] = []
    problems: list[Problem] = []
    for line, fields in raw:
        try:
            rows.append((line, model.model_validate(fields)))
        except ValidationError as error:
            problems += problems_of(error, model, file, place=(f"row {line}",))
    return rows, problems


def _twice(names: list[tuple[int, str]], what: str, file: str) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for line, name in names:
        if name in first:
            message = f"the {what} '{name}' stands also in row {first[name]}"
            problems.append(Problem(file, f"row {line}", message, f"give each {what} one row"))
        first.setdefault(name, line)
    return problems


def read_document(data: bytes, file: str) -> tuple[PlanDocument | None, list[Problem]]:
    """Read `plan.yml`; a document that cannot be read is None beside its problems."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None, [Problem(file, "the whole file", "the file is not UTF-8", "save it as UTF-8")]
    content, problems = load_yaml(text, file)
    if problems:
        return None, problems
    try:
        return PlanDocument.model_validate(content), []
    except ValidationError as error:
        return None, problems_of(error, PlanDocument, file, text=text)


def read_clauses(data: bytes, file: str) -> tuple[list[PlanClause], list[Problem]]:
    """Read `clauses.csv`."""
    rows, problems = _rows(data, CLAUSE_COLUMNS, PlanClause, file)
    problems += _twice([(line, row.clause) for line, row in rows], "clause", file)
    return [row for _, row in rows], problems


def read_targets(data: bytes, file: str) -> tuple[list[tuple[int, PlanTarget]], list[Problem]]:
    """Read `targets.csv` into (line in the file, target)."""
    rows, problems = _rows(data, TARGET_COLUMNS, PlanTarget, file)
    return rows, problems + _twice([(line, row.target_id) for line, row in rows], "target_id", file)


def read_plan(files: Mapping[str, bytes], place: str) -> tuple[Plan | None, list[Problem]]:
    """Read the files of one plan document (file name -> bytes); `place` goes before the names in problems.

    Everything wrong comes back at once; a plan with a problem is None.
    """
    if PLAN_FILE not in files:
        return None, [Problem(f"{place}/{PLAN_FILE}", "the whole file", "the file is missing", "add it")]
    document, problems = read_document(files[PLAN_FILE], f"{place}/{PLAN_FILE}")
    clauses: list[PlanClause] = []
    targets: list[tuple[int, PlanTarget]] = []
    if CLAUSES_FILE in files:
        clauses, found = read_clauses(files[CLAUSES_FILE], f"{place}/{CLAUSES_FILE}")
        problems += found
    if TARGETS_FILE in files:
        targets, found = read_targets(files[TARGETS_FILE], f"{place}/{TARGETS_FILE}")
        problems += found
    if document is not None:
        if document.targets_transcribed != bool(TARGETS_FILE in files):
            stated = str(document.targets_transcribed).lower()
            message = f"targets_transcribed is {stated}, and {TARGETS_FILE} says otherwise"
            problems.append(
                Problem(
                    f"{place}/{PLAN_FILE}",
                    "targets_transcribed",
                    message,
                    f"correct it, or mend {TARGETS_FILE}",
                )
            )
        known = {clause.clause: clause for clause in clauses}
        for line, target in targets:
            clause = known.get(target.clause)
            if clause is None:
                message, mend = (
                    f"clause '{target.clause}' is not in {CLAUSES_FILE}",
                    "add the clause, or correct it here",
                )
            elif not clause.line_from <= target.line <= clause.line_to:
                lines = f"{clause.line_from}-{clause.line_to}"
                message = f"line {target.line} lies outside clause {clause.clause} ({lines})"
                mend = "correct the line or the clause"
            else:
                continue
            problems.append(Problem(f"{place}/{TARGETS_FILE}", f"row {line}", message, mend))
    if document is None or problems:
        return None, problems
    return Plan(document, clauses, targets), []


@dataclass(frozen=True)
class Plans:
    """The plan documents that could be read, by plan_version, and what is wrong with the others."""

    plans: dict[str, Plan]
    problems: list[Problem]


def plan_versions(plans_dir: Path) -> list[str]:
    """Return the directories under `plans_dir`, one per plan document, in name order."""
    if not plans_dir.is_dir():
        return []
    return sorted(path.name for path in plans_dir.iterdir() if path.is_dir() and path.name[0] not in "._")


def load_plans(plans_dir: Path) -> Plans:
    """Read every plan document under `plans_dir`; one bad document does not stop the others."""
    plans: dict[str, Plan] = {}
    problems: list[Problem] = []
    for version in plan_versions(plans_dir):
        plan, found = read_plan(plan_files(plans_dir / version), version)
        if plan is not None:
            found += plan.name_problems(version)
        problems += found
        if plan is not None and not found:
            plans[version] = plan
    return Plans(plans, problems)


def plan_files(directory: Path) -> dict[str, bytes]:
    """Return the bytes of the plan files that are there."""
    names = (PLAN_FILE, CLAUSES_FILE, TARGETS_FILE)
    return {name: (directory / name).read_bytes() for name in names if (directory / name).is_file()}
