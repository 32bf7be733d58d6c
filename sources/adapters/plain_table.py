"""Plain table: our own shape for figures carried over by hand, one figure per row with its citation.

CSV, UTF-8, comma, the header exactly COLUMNS. Labels are the publisher's words; the period is one of our own
period ids; the value is as printed, with a decimal point, or a mark for a missing figure.
"""

import csv
import io
from datetime import date
from typing import Any, get_args

from sources.cells import AdapterResult, Cell, Label, ReadingError
from sources.text.numbers import UNREADABLE, read_printed_number
from sources.text.periods import Maturity, PeriodError, parse_period_id

VERSION = "1"
COLUMNS = (
    "indicator", "area", "period", "breakdown", "value", "unit", "maturity",
    "publisher", "title", "address", "published", "place", "note",
)  # fmt: skip
_DIMENSIONS = ("indicator", "area", "period", "breakdown")
_ATTRIBUTES = ("maturity", "publisher", "title", "address", "published", "place", "note")
_REQUIRED = ("indicator", "area", "period", "unit", "maturity", "publisher", "title", "place")
_MOST_PROBLEMS_SHOWN = 20


def read_rows(data: bytes, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV with exactly these columns; give (line in the file, row). Raises ReadingError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ReadingError(f"line {line}", "the file is not UTF-8", "save it as CSV UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        header = next(reader, [])
        if tuple(header) != columns:
            missing = [name for name in columns if name not in header]
            extra = [name for name in header if name not in columns]
            message = "the header is not that of this table"
            message += f"; missing: {', '.join(missing)}" if missing else ""
            message += f"; unknown: {', '.join(extra)}" if extra else ""
            raise ReadingError("line 1", message, f"make the first line {','.join(columns)}")
        line = reader.line_num + 1
        for fields in reader:
            if fields:
                if len(fields) != len(columns):
                    raise ReadingError(
                        f"row {line}",
                        f"the row has {len(fields)} fields, the table {len(columns)}",
                        "put fields that hold a comma in double quotes",
                    )
                rows.append((line, dict(zip(columns, fields, strict=True))))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ReadingError(
            f"line {reader.line_num}", f"the CSV is broken ({error})", "close the quotes"
        ) from error
    return rows


def raise_together(problems: list[tuple[str, str]], mend: str) -> None:
    """Raise one ReadingError for all problems (place, message) of a file; nothing when there are none."""
    if problems:
        shown = "; ".join(f"{place}: {message}" for place, message in problems[:_MOST_PROBLEMS_SHOWN])
        more = len(problems) - _MOST_PROBLEMS_SHOWN
        shown += f"; and {more} more" if more > 0 else ""
        raise ReadingError(problems[0][0], f"{len(problems)} problem(s): {shown}", mend)


def _problems_of_row(row: dict[str, str]) -> list[str]:
    found = [f"{name} is empty" for name in _REQUIRED if not row[name].strip()]
    if row["maturity"] and row["maturity"] not in get_args(Maturity):
        found.append(f"maturity '{row['maturity']}' is none of {', '.join(get_args(Maturity))}")
    if row["period"].strip():
        try:
            parse_period_id(row["period"])
        except PeriodError as error:
            found.append(str(error))
    if row["published"]:
        try:
            date.fromisoformat(row["published"])
        except ValueError:
            found.append(f"published '{row['published']}' is not a date like 2025-01-31")
    if read_printed_number(row["value"], "point").missing_code == UNREADABLE:
        found.append(
            f"value '{row['value']}' is neither a number with a decimal point nor a mark for a missing one"
        )
    return found


def read(data: bytes, options: Any) -> AdapterResult:
    """Read a plain table into one cell per row. Raises ReadingError naming every bad row at once."""
    rows = read_rows(data, COLUMNS)
    problems = [(f"row {line}", message) for line, row in rows for message in _problems_of_row(row)]
    raise_together(problems, "correct these rows")
    cells = [
        Cell(
            table_title=row["title"],
            cell_ref=f"row {line}",
            labels=tuple(Label(name, row[name]) for name in _DIMENSIONS if row[name].strip()),
            value=read_printed_number(row["value"], "point"),
            unit_text=row["unit"],
            period_text=row["period"],
            attributes=tuple((name, row[name]) for name in _ATTRIBUTES if row[name].strip()),
        )
        for line, row in rows
    ]
    return AdapterResult(cells)
