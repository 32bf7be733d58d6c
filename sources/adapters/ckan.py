"""Rows of a CKAN or DKAN datastore, as `datastore_search` answers them.

The columns of figures and of labels are named by the record: a portal's types (int4, numeric, float8, text,
timestamp) say how a column is stored, not what it means, and figures often arrive as text. The row number
`_id` is the portal's own and names the row in cell references.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from sources.adapters.csv_table import decimal_mark_of, holds_figures, mark_to_read_with, unit_column_of
from sources.adapters.json_object import json_object
from sources.cell_table import CellTable, Repeated, alike, changed, coded, constant, each, in_turn
from sources.cells import AdapterResult, Label, ReadingError, Skipped
from sources.figures import Figures, figures_of, read_figures
from sources.record import CkanReading
from sources.text.numbers import DecimalMark, PrintedNumber, canonical_decimal, read_printed_number
from sources.text.units import unit_in_brackets

VERSION = "2"
MOST_CELLS = 5_000_000
ROW_NUMBER = "_id"


def _result(data: bytes) -> Mapping[str, Any]:
    content = json_object(data, "rows of a datastore", "fetch the resource again")
    if content.get("success") is False:
        said = content.get("error")
        said = said.get("message", said) if isinstance(said, dict) else said
        raise ReadingError(
            "error",
            f"the portal answered with an error: {str(said).rstrip('. ')}",
            "ask the portal for the resource again, by the number that it has today",
        )
    result = content.get("result")
    if result is None and isinstance(content.get("results"), list):
        # The datastore query of DKAN 2.
        result = {"records": content["results"], "total": content.get("count")}
    elif result is None and isinstance(content.get("records"), list):
        result = content  # CKAN's /datastore/dump as JSON
    if not isinstance(result, dict) or not isinstance(result.get("records"), list):
        raise ReadingError(
            "result", "this is JSON, but holds no rows of a datastore", "fetch it by datastore_search"
        )
    return result


def _fields(result: Mapping[str, Any]) -> list[str]:
    listed = result.get("fields")
    if isinstance(listed, list) and listed:
        return [str(field["id"]) for field in listed if isinstance(field, dict) and "id" in field]
    first = next((row for row in result["records"] if isinstance(row, dict)), {})
    return list(first)


def _text(value: Any) -> str:
    """Return the value of a label column as text."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return canonical_decimal(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _figure(value: Any, mark: DecimalMark) -> PrintedNumber:
    if isinstance(value, Decimal):
        return PrintedNumber(canonical_decimal(value), value, None)
    if value is None:
        return PrintedNumber("", None, "blank")
    return read_printed_number(str(value), mark)


def _read_number(text: str) -> PrintedNumber:
    if not text:
        return PrintedNumber("", None, "blank")
    value = Decimal(text)
    return PrintedNumber(canonical_decimal(value), value, None)


def _figures(values: Sequence[Any], mark: DecimalMark) -> Figures:
    """Read the figures of a resource: a portal keeps a column as numbers or as text, and seldom mixes them."""
    are_numbers = {isinstance(value, Decimal) for value in values if value is not None}
    if are_numbers == {True, False}:
        return figures_of([_figure(value, mark) for value in values])
    # What is null reads as an empty text does.
    if are_numbers == {True}:
        numbers = ["" if value is None else format(value, "f") for value in values]
        return read_figures(
            pl.Series(numbers, dtype=pl.String), "point", _read_number, texts_are_canonical=True
        )
    texts = ["" if value is None else str(value) for value in values]
    return read_figures(pl.Series(texts, dtype=pl.String), mark)


def _check_columns(fields: Sequence[str], options: CkanReading) -> list[str]:
    """Return the label columns. Raises ReadingError when the record names a column that is not there."""
    named = [*options.figures, *(options.labels or [])]
    named += [name for name in (options.period, options.unit_column) if name is not None]
    missing = [name for name in dict.fromkeys(named) if name not in fields]
    if missing:
        message = f"there is no column {', '.join(missing)}, only {', '.join(fields)}"
        raise ReadingError("fields", message, "correct the columns in the record's reading section")
    if options.labels is not None:
        return options.labels
    apart = {ROW_NUMBER, *options.figures, options.unit_column}
    return [name for name in fields if name not in apart]


def guess(data: bytes) -> CkanReading:
    """Return a reading section that fits an answer as far as it shows; for looking at it, never for a source.

    Raises ReadingError for an answer without rows, or without a column of figures.
    """
    result = _result(data)
    fields = _fields(result)
    rows = [_row(row, fields, position) for position, row in enumerate(result["records"])]
    columns = {name: [_text(row.get(name)) for row in rows] for name in fields if name != ROW_NUMBER}
    figures = [name for name, texts in columns.items() if holds_figures(name, texts, "either")]
    if not figures:
        # A column that the portal keeps as numbers can be shown, be it a number for each row.
        figures = [name for name in columns if any(isinstance(row.get(name), Decimal) for row in rows)]
    if not figures:
        message = f"{len(rows)} rows, and no column of figures among {', '.join(columns) or 'none'}"
        raise ReadingError("result.records", message, "give the resource with the figures")
    return CkanReading(
        adapter="ckan",
        figures=figures,
        unit_column=unit_column_of(columns),
        decimal_mark=decimal_mark_of(_printed_figures(rows, figures)),
    )


def _printed_figures(rows: Sequence[Mapping[str, Any]], figures: Sequence[str]) -> list[str]:
    """Return the figures that are text; what the portal keeps as a number says nothing of a printed mark."""
    return [row[name] for row in rows for name in figures if isinstance(row.get(name), str)]


def read(data: bytes, options: CkanReading) -> AdapterResult:
    """Read the rows of a datastore into cells, row by row. Raises ReadingError."""
    result = _result(data)
    fields = _fields(result)
    labels = _check_columns(fields, options)
    rows = result["records"]
    if len(rows) * len(options.figures) > MOST_CELLS:
        raise ReadingError(
            "result.records", f"{len(rows)} rows are more than {MOST_CELLS} cells", "pull fewer"
        )
    title = options.title or _title(result.get("resource_id"))
    named_rows = [_row(row, fields, position) for position, row in enumerate(rows)]
    n_figures, n_cells = len(options.figures), len(rows) * len(options.figures)
    printed = pl.Series(_printed_figures(named_rows, options.figures), dtype=pl.String)

    def by_row(name: str) -> Repeated[str]:
        return each(coded(_text(row.get(name)) for row in named_rows), n_figures)

    heads = in_turn(options.figures, len(rows))
    if options.unit:
        row_units: Repeated[str] = constant(options.unit, n_cells)
    else:
        row_units = by_row(options.unit_column) if options.unit_column else constant("", n_cells)
    numbers = [_text(row.get(ROW_NUMBER, Decimal(position))) for position, row in enumerate(named_rows, 1)]
    no_period: Repeated[str | None] = constant(None, n_cells)
    cells = CellTable(
        titles=constant(title, n_cells),
        refs=pl.select(
            pl.format(
                "{}:{}",
                pl.Series("row", numbers, pl.String).gather(np.repeat(np.arange(len(rows)), n_figures)),
                pl.Series("name", options.figures, pl.String).gather(heads.places),
            )
        ).to_series(),
        labels=[
            *(changed(by_row(name), partial(Label, name)) for name in labels),
            changed(heads, partial(Label, options.columns)),
        ],
        figures=_figures(
            [row.get(name) for row in named_rows for name in options.figures],
            mark_to_read_with(options.decimal_mark, printed),
        ),
        units=alike(
            n_cells,
            [row_units.places, heads.places],
            lambda cell: row_units.of(cell) or unit_in_brackets(heads.of(cell)),
        ),
        periods=by_row(options.period) if options.period else no_period,
    )
    used = {ROW_NUMBER, options.unit_column, *options.figures, *labels}
    skipped = [
        Skipped(f"column {name}", "the record does not name it") for name in fields if name not in used
    ]
    total = str(result.get("total"))
    if total.isascii() and total.isdigit() and int(total) > len(rows):
        left = f"{int(total) - len(rows)} of {total} rows"
        skipped.append(Skipped(left, "the answer is one page; ask for the others with offset"))
    return AdapterResult(cells, skipped)


def _title(resource_id: Any) -> str:
    """Return the resource's id; DKAN lists the ids asked for."""
    if isinstance(resource_id, list):
        return ", ".join(str(part) for part in resource_id)
    return str(resource_id or "")


def _row(row: Any, fields: Sequence[str], position: int) -> Mapping[str, Any]:
    if isinstance(row, dict):
        return row
    if isinstance(row, list) and len(row) == len(fields):
        return dict(zip(fields, row, strict=True))
    raise ReadingError(f"result.records[{position}]", "this row does not fit the fields", "fetch it again")
