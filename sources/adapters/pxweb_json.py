"""The format `json` of PX-Web: `columns`, and rows with a `key` of codes and `values` of figures as text.

Figures are rounded for display; json-stat2 carries them whole. The rows hold codes only, and a code may be no
more than a place in a list that another table has otherwise, so the words matter: they come from the table's
description, which the fetch puts beside the rows as `table` (once as `metadata`). Without it a label is its code.
Newer servers send a list `metadata` of their own, with the table's name, source and date; comments become attributes.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from sources.adapters.csv_table import decimal_mark_of
from sources.adapters.json_object import json_object
from sources.cell_table import (
    CellTable,
    alike,
    changed,
    coded,
    constant,
    each,
    in_turn,
    marked,
    side_by_side,
)
from sources.cells import AdapterResult, Label, ReadingError
from sources.figures import read_figures
from sources.record import PxwebJsonReading
from sources.text.units import unit_in_brackets

VERSION = "2"
MOST_CELLS = 5_000_000
_TEXTS = frozenset((str,))
_DIMENSION_TYPES = frozenset({"d", "t"})


def _unboxed(item: Any) -> Any:
    """Return the one item of a list; some clients store every value as a list of one."""
    return item[0] if isinstance(item, list) and len(item) == 1 else item


def _columns(content: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the columns of keys and the columns of figures."""
    columns = content.get("columns")
    if not isinstance(columns, list) or not all(isinstance(c, dict) and "code" in c for c in columns):
        raise ReadingError(
            "columns", "this is JSON, but no answer of PX-Web in the format json", "ask the server for json"
        )
    keys = [column for column in columns if column.get("type") in _DIMENSION_TYPES]
    figures = [column for column in columns if column.get("type") not in _DIMENSION_TYPES]
    if not figures:
        raise ReadingError("columns", "there is no column of figures", "fetch the table again")
    return keys, figures


def _words(metadata: Any) -> dict[str, dict[str, str]]:
    """Return variable code -> value code -> the word for it."""
    variables = metadata.get("variables") if isinstance(metadata, dict) else None
    return {
        str(variable.get("code")): {
            str(code): str(word)
            for code, word in zip(
                variable.get("values") or [], variable.get("valueTexts") or [], strict=False
            )
        }
        for variable in variables or []
        if isinstance(variable, dict)
    }


def _described(content: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the table's description as fetched, and what the server itself says of the table."""
    metadata = content.get("metadata")
    own = metadata[0] if isinstance(metadata, list) and metadata and isinstance(metadata[0], dict) else {}
    found = content.get("table", metadata)
    return (found if isinstance(found, dict) else {}), own


class _Comments:
    """The comments of an answer: on the table, or on one value of a variable."""

    def __init__(self, comments: Any) -> None:
        self._of: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._table: list[tuple[str, str]] = []
        for comment in comments if isinstance(comments, list) else []:
            if not isinstance(comment, dict) or not isinstance(comment.get("comment"), str):
                continue
            variable, value = comment.get("variable"), comment.get("value")
            if variable and value:
                note = (f"note {variable}", comment["comment"])
                self._of.setdefault((str(variable), str(value)), []).append(note)
            else:
                self._table.append((f"note {variable}" if variable else "note", comment["comment"]))

    def has(self, label: Label) -> bool:
        """Say whether there is a comment on this value."""
        return (label.dimension, label.code or "") in self._of

    def of(self, labels: Sequence[Label]) -> tuple[tuple[str, str], ...]:
        found = [note for label in labels for note in self._of.get((label.dimension, label.code or ""), ())]
        return (*self._table, *found)


def _contents_dimension(words: Mapping[str, Any], keys: Sequence[Mapping[str, Any]], default: str) -> str:
    """Return the variable that the description has and the rows do not: its values are the columns of figures."""
    left = [code for code in words if code not in {str(column["code"]) for column in keys}]
    return left[0] if len(left) == 1 else default


def read(data: bytes, options: PxwebJsonReading) -> AdapterResult:
    """Read a `json` answer into cells, row by row. Raises ReadingError."""
    content = json_object(data, "an answer of PX-Web", "fetch the file again")
    if "error" in content and "data" not in content:
        raise ReadingError(
            "error", f"the server answered with an error: {content['error']}", "correct the query"
        )
    keys, figures = _columns(content)
    rows = content.get("data")
    if not isinstance(rows, list):
        raise ReadingError("data", "the answer holds no rows", "fetch the table again")
    if len(rows) * len(figures) > MOST_CELLS:
        raise ReadingError("data", f"{len(rows)} rows are more than {MOST_CELLS} cells", "narrow the query")
    described, own = _described(content)
    words = _words(described)
    contents = _contents_dimension(words, keys, options.contents)
    title = options.title or str(
        described.get("title")
        or own.get("label")
        or (figures[0].get("text", "") if len(figures) == 1 else "")
    )
    comments = _Comments(content.get("comments"))
    shared = tuple(
        (key, own[key]) for key in ("source", "updated") if own.get(key) and isinstance(own[key], str)
    )
    names = [str(column["code"]) for column in keys]
    period = next((str(column["code"]) for column in keys if column.get("type") == "t"), None)
    columns = [
        Label(
            contents,
            words.get(contents, {}).get(str(c["code"]), str(c.get("text", c["code"]))),
            str(c["code"]),
        )
        for c in figures
    ]
    keys_of_rows: list[list[str]] = []
    texts: list[str] = []
    for number, row in enumerate(rows):
        codes, values = _row(row, number, len(keys), len(figures))
        keys_of_rows.append(codes)
        texts += values

    # Without a comma the figures are as PX-Web writes them; one that went through other hands says its mark itself.
    mark = decimal_mark_of(set(texts)) if any("," in text for text in texts) else "point"

    def label_of(name: str, code: str) -> Label:
        return Label(name, words.get(name, {}).get(code, code), code)

    labels = [
        *(
            changed(
                each(coded(codes[place] for codes in keys_of_rows), len(columns)), partial(label_of, name)
            )
            for place, name in enumerate(names)
        ),
        in_turn(columns, len(rows)),
    ]
    when = None if period is None else labels[names.index(period)]
    title_unit = unit_in_brackets(title)
    attributes = alike(
        len(texts),
        [marked(column, comments.has) for column in labels],
        lambda cell: shared + comments.of([column.of(cell) for column in labels]),
    )
    return AdapterResult(
        CellTable(
            titles=constant(title, len(texts)),
            refs=pl.select(
                pl.format(
                    "{}:{}",
                    pl.Series("row", np.repeat(np.arange(len(rows)), len(columns))),
                    pl.Series("column", labels[-1].places),
                )
            ).to_series(),
            labels=labels,
            figures=read_figures(pl.Series(texts, dtype=pl.String), mark),
            units=changed(labels[-1], lambda column: unit_in_brackets(column.label) or title_unit),
            periods=constant(None, len(texts)) if when is None else changed(when, lambda label: label.label),
            attributes=side_by_side(attributes),
        )
    )


def _row(row: Any, number: int, n_keys: int, n_figures: int) -> tuple[list[str], list[str]]:
    codes, values = (row.get("key") or [], row.get("values") or []) if isinstance(row, dict) else ([], [])
    if not {*map(type, codes), *map(type, values)} <= _TEXTS:
        codes, values = [_unboxed(item) for item in codes], [_unboxed(item) for item in values]
    if len(codes) != n_keys or len(values) != n_figures:
        message = f"{len(codes)} keys and {len(values)} figures; the columns need {n_keys} and {n_figures}"
        raise ReadingError(f"data[{number}]", message, "fetch the table again")
    return [str(code) for code in codes], ["" if value is None else str(value) for value in values]
