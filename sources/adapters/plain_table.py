"""Plain table: our own shape for figures carried over by hand, one figure per row with its citation.

CSV, UTF-8, comma, the header exactly COLUMNS. Labels are the publisher's words; the period is one of our own
period ids; the value is as printed, with a decimal point, or a mark for a missing figure.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar, get_args

import polars as pl

from sources.cell_table import CellTable, Repeated, changed, coded
from sources.cells import AdapterResult, Label, ReadingError
from sources.figures import read_figures
from sources.text.numbers import UNREADABLE
from sources.text.periods import Maturity, PeriodError, parse_period_id

VERSION = "2"
T = TypeVar("T")
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
    return [(line, dict(zip(columns, fields, strict=True))) for line, fields in _read_fields(data, columns)]


def _read_fields(data: bytes, columns: tuple[str, ...]) -> list[tuple[int, list[str]]]:
    """Read a CSV with exactly these columns; give (line in the file, fields). Raises ReadingError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ReadingError(f"line {line}", "the file is not UTF-8", "save it as CSV UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
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
                rows.append((line, fields))
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


def _problems_of_row(row: dict[str, str], is_unreadable: bool) -> list[str]:
    found = [f"{name} is empty" for name in _REQUIRED if not row[name].strip()]
    if row["maturity"] and row["maturity"] not in get_args(Maturity):
        found.append(f"maturity '{row['maturity']}' is none of {', '.join(get_args(Maturity))}")
    problems = (_period_problem(row["period"]), _date_problem(row["published"]))
    found += [problem for problem in problems if problem is not None]
    if is_unreadable:
        found.append(
            f"value '{row['value']}' is neither a number with a decimal point nor a mark for a missing one"
        )
    return found


@lru_cache(maxsize=4096)
def _period_problem(text: str) -> str | None:
    try:
        if text.strip():
            parse_period_id(text)
    except PeriodError as error:
        return str(error)
    return None


@lru_cache(maxsize=4096)
def _date_problem(text: str) -> str | None:
    try:
        if text:
            date.fromisoformat(text)
    except ValueError:
        return f"published '{text}' is not a date like 2025-01-31"
    return None


def _is_sound(texts: Mapping[str, Iterable[str]]) -> bool:
    """Say whether the columns beside the value can hold no problem; told by their different texts alone."""
    found = {name: set(column) for name, column in texts.items()}
    return (
        all(text.strip() for name in _REQUIRED for text in found[name])
        and found["maturity"] <= {*get_args(Maturity)}
        and not any(map(_period_problem, found["period"]))
        and not any(map(_date_problem, found["published"]))
    )


def read(data: bytes, options: Any) -> AdapterResult:
    """Read a plain table into one cell per row. Raises ReadingError naming every bad row at once."""
    rows = _read_fields(data, COLUMNS)
    by_place = zip(*(fields for _, fields in rows), strict=True) if rows else ([] for _ in COLUMNS)
    texts = dict(zip(COLUMNS, map(list, by_place), strict=True))
    figures = read_figures(pl.Series(texts["value"], dtype=pl.String), "point")
    unreadable = [code == UNREADABLE for code, _ in figures.outcomes]
    if any(unreadable) or not _is_sound(texts):
        problems = [
            (f"row {line}", message)
            for (line, fields), outcome in zip(rows, figures.places, strict=True)
            for message in _problems_of_row(dict(zip(COLUMNS, fields, strict=True)), unreadable[outcome])
        ]
        raise_together(problems, "correct these rows")

    def where_filled(name: str, made: Callable[[str, str], T]) -> Repeated[T | None]:
        return changed(coded(texts[name]), lambda text: made(name, text) if text.strip() else None)

    return AdapterResult(
        CellTable(
            titles=coded(texts["title"]),
            refs=pl.Series([f"row {line}" for line, _ in rows], dtype=pl.String),
            labels=[where_filled(name, Label) for name in _DIMENSIONS],
            figures=figures,
            units=coded(texts["unit"]),
            periods=coded(texts["period"]),
            attributes=[where_filled(name, lambda *pair: pair) for name in _ATTRIBUTES],
        )
    )
