"""Rows of a plan's CSV files: every field arrives as text, an empty field is no value."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from sources.adapters.plain_table import read_rows
from sources.cells import ReadingError
from sources.problems import Problem, problems_of
from sources.record import Text

Flag = Literal["true", "false"]
RowId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
MilestoneId = Annotated[str, StringConstraints(pattern=r"^MS_[A-Za-z0-9][A-Za-z0-9_.-]*$")]
ClauseName = Text
Year = Annotated[int, Field(ge=1990, le=2100)]
LineNumber = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=1)]


def _plain_decimal(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise ValueError(f"'{value}' is not a number | write it with a decimal point, no thousand marks")
    return Decimal(value)


Figure = Annotated[Decimal, BeforeValidator(_plain_decimal)]


class CsvRow(BaseModel):
    """A row of a CSV; its fields, in order, are the columns of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, data: Any) -> Any:
        return {name: (None if value == "" else value) for name, value in data.items()}


RowModel = TypeVar("RowModel", bound=CsvRow)
# (row of the file counted from 1 with the header, what stands in it)
Numbered = list[tuple[int, RowModel]]


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be read: its fields as text, and which of them are wrong (none when it is the whole)."""

    file: str
    number: int
    fields: dict[str, str]
    wrong: frozenset[str]


def columns_of(model: type[CsvRow]) -> tuple[str, ...]:
    """Return the columns of a file of these rows."""
    return tuple(model.model_fields)


def read_table(
    data: bytes, model: type[RowModel], file: str
) -> tuple[list[tuple[int, RowModel]], list[Problem]]:
    """Read a CSV of these rows; rows with a problem are left out, and every problem is returned."""
    rows, problems, _ = read_table_rows(data, model, file)
    return rows, problems


def read_table_rows(
    data: bytes, model: type[RowModel], file: str
) -> tuple[list[tuple[int, RowModel]], list[Problem], list[BadRow] | None]:
    """Read a CSV of these rows, with the rows that were left out; None for them when there is no table at all."""
    try:
        raw = read_rows(data, columns_of(model))
    except ReadingError as error:
        return [], [Problem(file, error.place, error.message, error.mend)], None
    rows: list[tuple[int, RowModel]] = []
    problems: list[Problem] = []
    bad: list[BadRow] = []
    for number, fields in raw:
        try:
            rows.append((number, model.model_validate(fields)))
        except ValidationError as error:
            problems += problems_of(error, model, file, place=(f"row {number}",))
            wrong = frozenset(str(item["loc"][0]) for item in error.errors() if item["loc"])
            bad.append(BadRow(file, number, dict(fields), wrong))
    return rows, problems, bad


def repeated(names: list[tuple[int, str]], what: str, file: str) -> list[Problem]:
    """Say which names of (row, name) stand more than once."""
    first: dict[str, int] = {}
    problems = []
    for number, name in names:
        if name in first:
            message = f"the {what} '{name}' stands also in row {first[name]}"
            problems.append(Problem(file, f"row {number}", message, f"give each {what} one row"))
        first.setdefault(name, number)
    return problems
