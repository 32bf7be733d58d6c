"""The format `json` of PX-Web: `columns`, and rows with a `key` of codes and `values` of figures as text.

Figures are rounded for display; json-stat2 carries them whole. The rows hold codes only, and a code may be no
more than a place in a list that another table has otherwise, so the words matter: they come from the table's
description, which the fetch puts beside the rows as `table` (once as `metadata`). Without it a label is its code.
Newer servers send a list `metadata` of their own, with the table's name, source and date; comments become attributes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sources.adapters.json_object import json_object
from sources.cells import AdapterResult, Cell, Label, ReadingError
from sources.record import PxwebJsonReading
from sources.text.numbers import read_printed_number
from sources.text.units import unit_in_brackets

VERSION = "1"
MOST_CELLS = 5_000_000
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
    cells: list[Cell] = []
    for number, row in enumerate(rows):
        codes, values = _row(row, number, len(keys), len(figures))
        labels = tuple(
            Label(name, words.get(name, {}).get(code, code), code)
            for name, code in zip(names, codes, strict=True)
        )
        when = next((label.label for label in labels if label.dimension == period), None)
        for place, (column, value) in enumerate(zip(columns, values, strict=True)):
            cells.append(
                Cell(
                    table_title=title,
                    cell_ref=f"{number}:{place}",
                    labels=(*labels, column),
                    value=read_printed_number(value, "point"),
                    unit_text=unit_in_brackets(column.label) or unit_in_brackets(title),
                    period_text=when,
                    attributes=shared + comments.of((*labels, column)),
                )
            )
    return AdapterResult(cells)


def _row(row: Any, number: int, n_keys: int, n_figures: int) -> tuple[list[str], list[str]]:
    codes = [_unboxed(item) for item in row.get("key") or []] if isinstance(row, dict) else []
    values = [_unboxed(item) for item in row.get("values") or []] if isinstance(row, dict) else []
    if len(codes) != n_keys or len(values) != n_figures:
        message = f"{len(codes)} keys and {len(values)} figures; the columns need {n_keys} and {n_figures}"
        raise ReadingError(f"data[{number}]", message, "fetch the table again")
    return [str(code) for code in codes], ["" if value is None else str(value) for value in values]
