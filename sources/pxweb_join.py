"""Putting the parts of one PxWeb table together again.

A query above the server's limit is asked for in parts along one dimension, mostly time. The answer that is
kept is one document: the first part's, with the categories and figures of the others set in, in the order in
which the table lists them. Numbers stay as printed. The same parts always give the same bytes.
"""

import math
from collections.abc import Sequence
from typing import Any


class JoinError(ValueError):
    """The parts do not belong together; the table changed while it was pulled, or an answer is another's."""


def body_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return the dataset of a JSON-stat answer; version 1 has it one level down."""
    inner = document.get("dataset")
    found = inner if isinstance(inner, dict) else document
    if not isinstance(found.get("dimension"), dict):
        raise JoinError("the answer is no JSON-stat dataset")
    return found


def dimensions_of(dataset: dict[str, Any]) -> tuple[list[str], list[int]]:
    """Return the ids and sizes of a dataset; version 1 keeps them among the dimensions."""
    bodies = dataset["dimension"]
    ids, sizes = (dataset.get(key, bodies.get(key)) for key in ("id", "size"))
    if not isinstance(ids, list) or not isinstance(sizes, list) or len(ids) != len(sizes):
        raise JoinError("the answer does not list its dimensions")
    return [str(name) for name in ids], [int(size) for size in sizes]


def codes_of(dataset: dict[str, Any], name: str) -> list[str]:
    """Return the category codes of a dimension in their order."""
    body = dataset["dimension"].get(name)
    category = body.get("category", {}) if isinstance(body, dict) else {}
    index = category.get("index")
    if isinstance(index, dict):
        return sorted(index, key=lambda code: int(index[code]))
    return [str(code) for code in (index if isinstance(index, list) else category.get("label") or {})]


def _dense(value: Any, n_cells: int) -> list[Any]:
    """Return one item per cell from an array, a sparse object, one text for all, or nothing."""
    if isinstance(value, list) and len(value) == n_cells:
        return value
    if isinstance(value, dict):
        dense: list[Any] = [None] * n_cells
        for key, item in value.items():
            if not key.isdigit() or int(key) >= n_cells:
                raise JoinError(f"there is no cell {key}")
            dense[int(key)] = item
        return dense
    if value is None or isinstance(value, str):
        return [value] * n_cells
    raise JoinError(f"{len(value)} values or statuses where {n_cells} are needed")


def _interleaved(parts: Sequence[list[Any]], lengths: Sequence[int], n_outer: int) -> list[Any]:
    """Return the cells of the parts in row-major order; `lengths` are each part's cells per outer row."""
    joined: list[Any] = []
    for row in range(n_outer):
        for cells, length in zip(parts, lengths, strict=True):
            joined += cells[row * length : (row + 1) * length]
    return joined


def join_json_stat(documents: Sequence[dict[str, Any]], dimension: str) -> dict[str, Any]:
    """Join JSON-stat answers (version 1 or 2) that differ in the categories of one dimension alone."""
    datasets = [body_of(document) for document in documents]
    first = datasets[0]
    ids, sizes = dimensions_of(first)
    if dimension not in ids:
        raise JoinError(f"the answer has no dimension '{dimension}'")
    place = ids.index(dimension)
    codes: list[str] = []
    for dataset in datasets:
        if dimensions_of(dataset)[0] != ids or dataset.get("updated") != first.get("updated"):
            raise JoinError("the answers are not of one issue of the table")
        for name in ids:
            if name != dimension and codes_of(dataset, name) != codes_of(first, name):
                raise JoinError(f"the answers list other categories of '{name}'")
        codes += codes_of(dataset, dimension)
    if len(set(codes)) != len(codes):
        raise JoinError(f"the answers overlap in '{dimension}'")
    widths = [len(codes_of(dataset, dimension)) for dataset in datasets]
    n_outer, n_inner = math.prod(sizes[:place]), math.prod(sizes[place + 1 :])
    lengths = [width * n_inner for width in widths]
    values = _interleaved(
        [
            _dense(dataset.get("value"), n_outer * length)
            for dataset, length in zip(datasets, lengths, strict=True)
        ],
        lengths,
        n_outer,
    )
    statuses = _interleaved(
        [
            _dense(dataset.get("status"), n_outer * length)
            for dataset, length in zip(datasets, lengths, strict=True)
        ],
        lengths,
        n_outer,
    )
    joined = dict(first)
    joined["dimension"] = dict(first["dimension"])
    joined["dimension"][dimension] = _joined_dimension(
        [dataset["dimension"][dimension] for dataset in datasets], codes
    )
    sizes[place] = len(codes)
    (joined if "size" in first else joined["dimension"])["size"] = sizes
    joined["value"] = values
    joined.pop("status", None)
    marks = {str(position): mark for position, mark in enumerate(statuses) if mark is not None}
    if marks:
        joined["status"] = marks
    return {**documents[0], "dataset": joined} if first is not documents[0] else joined


def _joined_dimension(bodies: Sequence[dict[str, Any]], codes: Sequence[str]) -> dict[str, Any]:
    category: dict[str, Any] = {}
    for body in bodies:
        for key, item in body.get("category", {}).items():
            if isinstance(item, dict):
                category[key] = {**category.get(key, {}), **item}
            else:
                category.setdefault(key, item)
    category["index"] = {code: position for position, code in enumerate(codes)}
    return {**bodies[0], "category": category}


def join_json(documents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Join `json` answers: the columns are the same, the rows follow each other, comments stand once."""
    first = documents[0]
    joined = dict(first)
    rows: list[Any] = []
    comments: list[Any] = []
    for document in documents:
        if document.get("columns") != first.get("columns") or not isinstance(document.get("data"), list):
            raise JoinError("the answers are not of one table")
        rows += document["data"]
        comments += [note for note in document.get("comments") or [] if note not in comments]
    keys = [str(row.get("key")) for row in rows if isinstance(row, dict)]
    if len(set(keys)) != len(keys):
        raise JoinError("the answers overlap")
    joined["data"] = rows
    if "comments" in joined:
        joined["comments"] = comments
    return joined
