"""JSON-stat 1 and 2, as PX-Web and other statistics offices serve it.

Accepted as found in the wild: a trailing NUL byte, a byte order mark, dense arrays and sparse objects of
values, statuses as array, object or one text, category indexes as array or object, single categories without
an index, and several datasets in one answer. A dimension is named by its id; decimals are those of the JSON
literal.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from sources.adapters.json_object import json_object
from sources.cells import AdapterResult, Cell, Label, ReadingError, Skipped
from sources.record import JsonStatReading
from sources.text.numbers import (
    MISSING_MARKS,
    UNREADABLE,
    PrintedNumber,
    canonical_decimal,
    read_printed_number,
)

VERSION = "1"
MOST_CELLS = 5_000_000
_UNIT_TEXTS = ("label", "base", "symbol")


def _object(data: bytes) -> Mapping[str, Any]:
    """Parse the bytes into the top object. Raises ReadingError for anything that is not JSON-stat at all."""
    content = json_object(data, "JSON-stat", "fetch it again as JSON-stat")
    if "error" in content and "dimension" not in content:
        raise ReadingError(
            "error", f"the server answered with an error: {content['error']}", "correct the query"
        )
    return content


def _datasets(content: Mapping[str, Any]) -> tuple[list[tuple[str, Mapping[str, Any]]], list[Skipped]]:
    """Find the datasets: one of version 2, a collection of version 2, or the bundle of version 1."""
    kind = content.get("class")
    if kind == "collection":
        found: list[tuple[str, Mapping[str, Any]]] = []
        skipped = []
        items = content.get("link", {}).get("item", [])
        for position, item in enumerate(items):
            name = str(item.get("extension", {}).get("id") or item.get("label") or position)
            if "dimension" in item:
                found.append((name, item))
            else:
                skipped.append(Skipped(name, "the collection links to it and does not hold it"))
        return found, skipped
    if kind == "dataset" or (kind is None and "dimension" in content and "value" in content):
        return [("", content)], []
    if kind is not None:
        raise ReadingError("class", f"class '{kind}' holds no figures", "fetch the dataset itself")
    bundle = [
        (name, item) for name, item in content.items() if isinstance(item, dict) and "dimension" in item
    ]
    if not bundle:
        raise ReadingError(
            "the whole file", "this is JSON, but not JSON-stat", "ask the server for json-stat"
        )
    rest = [
        Skipped(name, "this part of the answer is no dataset") for name in content if name not in dict(bundle)
    ]
    return [("" if len(bundle) == 1 else name, item) for name, item in bundle], rest


@dataclass(frozen=True)
class _Dimension:
    name: str
    categories: list[Label]
    units: Mapping[str, Any]


def _dimension(name: str, size: int, body: Mapping[str, Any], place: str) -> _Dimension:
    category = body.get("category", {})
    index, labels = category.get("index"), category.get("label") or {}
    if isinstance(index, dict):
        if not all(isinstance(at, Decimal) for at in index.values()):
            message = f"a category of dimension '{name}' has a place that is no number"
            raise ReadingError(f"{place}dimension.{name}", message, "fetch the file again")
        if len(set(index.values())) != len(index):
            message = f"two categories of dimension '{name}' have one place"
            raise ReadingError(f"{place}dimension.{name}", message, "fetch the file again")
        codes = sorted(index, key=lambda code: int(index[code]))
    elif isinstance(index, list):
        codes = [str(code) for code in index]
    else:
        codes = list(labels)
    if len(codes) != size:
        message = f"dimension '{name}' has {len(codes)} categories, its size is {size}"
        raise ReadingError(f"{place}dimension.{name}", message, "fetch the file again")
    return _Dimension(
        name, [Label(name, str(labels.get(c, c)), c) for c in codes], category.get("unit") or {}
    )


def _dimensions(dataset: Mapping[str, Any], place: str) -> list[_Dimension]:
    bodies = dataset["dimension"]
    ids, sizes = (dataset.get(key, bodies.get(key)) for key in ("id", "size"))
    listed = isinstance(ids, list) and isinstance(sizes, list) and len(ids) == len(sizes)
    if not listed or not all(isinstance(size, Decimal) for size in sizes):
        raise ReadingError(
            f"{place}id", "the dataset does not list its dimensions and sizes", "fetch the file again"
        )
    missing = [name for name in ids if not isinstance(bodies.get(name), dict)]
    if missing:
        raise ReadingError(
            f"{place}dimension", f"not described: {', '.join(missing)}", "fetch the file again"
        )
    return [_dimension(name, int(size), bodies[name], place) for name, size in zip(ids, sizes, strict=True)]


def _values(dataset: Mapping[str, Any], n_cells: int, place: str) -> list[Any]:
    value = dataset.get("value")
    if isinstance(value, list):
        if len(value) != n_cells:
            message = f"{len(value)} values, the sizes of the dimensions need {n_cells}"
            raise ReadingError(f"{place}value", message, "fetch the file again")
        return value
    if isinstance(value, dict):
        dense: list[Any] = [None] * n_cells
        for key, item in value.items():
            if not key.isdigit() or int(key) >= n_cells:
                raise ReadingError(
                    f"{place}value.{key}", f"there are only {n_cells} cells", "fetch the file again"
                )
            dense[int(key)] = item
        return dense
    raise ReadingError(f"{place}value", "the dataset has no values", "fetch the dataset, not its description")


def _statuses(dataset: Mapping[str, Any], n_cells: int) -> Sequence[str | None]:
    status = dataset.get("status")
    if isinstance(status, str):
        return [status] * n_cells
    if isinstance(status, list):
        # One status alone stands for all cells; a short list leaves the rest without.
        return status * n_cells if len(status) == 1 else [*status, *[None] * (n_cells - len(status))]
    if isinstance(status, dict):
        return [status.get(str(position)) for position in range(n_cells)]
    return [None] * n_cells


def _printed(value: Any, status: str | None) -> PrintedNumber:
    if isinstance(value, Decimal):
        return PrintedNumber(canonical_decimal(value), value, None)
    if isinstance(value, str):
        return read_printed_number(value, "point")
    if value is not None:
        return PrintedNumber(json.dumps(value, default=str), None, UNREADABLE)
    if status is None or not str(status).strip():
        return PrintedNumber("", None, "blank")
    return PrintedNumber(
        str(status), None, MISSING_MARKS.get(str(status).strip().casefold(), "not_available")
    )


def _unit(
    labels: Sequence[Label], dimensions: Sequence[_Dimension]
) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """Return the printed unit of a cell, and the rest of what the file says about it as attributes."""
    for label, dimension in zip(labels, dimensions, strict=True):
        unit = dimension.units.get(label.code or "")
        if isinstance(unit, dict):
            text = next((str(unit[key]) for key in _UNIT_TEXTS if unit.get(key)), None)
            return text, tuple(
                (f"unit_{key}", str(item)) for key, item in sorted(unit.items()) if item is not None
            )
    return None, ()


def _cells(dataset: Mapping[str, Any], name: str, period_dimension: str | None) -> Iterator[Cell]:
    place = f"{name}." if name else ""
    dimensions = _dimensions(dataset, place)
    n_cells = math.prod(len(dimension.categories) for dimension in dimensions)
    if n_cells > MOST_CELLS:
        raise ReadingError(f"{place}size", f"{n_cells} cells are more than {MOST_CELLS}", "narrow the query")
    values, statuses = _values(dataset, n_cells, place), _statuses(dataset, n_cells)
    role = dataset.get("role") or dataset["dimension"].get("role") or {}
    times = [period_dimension] if period_dimension else list(role.get("time") or [])
    shared = tuple(
        (key, str(dataset[key]))
        for key in ("source", "updated")
        if isinstance(dataset.get(key), str) and dataset[key]
    )
    for position, labels in enumerate(product(*(dimension.categories for dimension in dimensions))):
        status = statuses[position]
        unit_text, unit_attributes = _unit(labels, dimensions)
        yield Cell(
            table_title=str(dataset.get("label") or name),
            cell_ref=f"{name}:{position}" if name else str(position),
            labels=labels,
            value=_printed(values[position], status),
            unit_text=unit_text,
            period_text=next((label.label for label in labels if label.dimension in times), None),
            attributes=shared + unit_attributes + ((("status", str(status)),) if status else ()),
        )


def _is_description(dataset: Mapping[str, Any]) -> bool:
    """A metadata answer describes the dimensions and holds no value at all."""
    return dataset.get("value") in ([], {}, None) and 0 not in (dataset.get("size") or [])


def read(data: bytes, options: JsonStatReading) -> AdapterResult:
    """Read JSON-stat into cells, one per value, dataset after dataset. Raises ReadingError."""
    datasets, skipped = _datasets(_object(data))
    if options.dataset is not None:
        names = [name for name, _ in datasets]
        chosen = [item for item in datasets if item[0] in ("", options.dataset)]
        if not chosen:
            message = f"no dataset '{options.dataset}' here, only {', '.join(names)}"
            raise ReadingError("the whole file", message, "correct 'dataset' in the record")
        skipped += [
            Skipped(name, "the record reads another dataset")
            for name, _ in datasets
            if (name, _) not in chosen
        ]
        datasets = chosen
    cells: list[Cell] = []
    for name, dataset in datasets:
        if _is_description(dataset):
            skipped.append(
                Skipped(name or str(dataset.get("label", "dataset")), "a description without values")
            )
            continue
        cells += _cells(dataset, name, options.period_dimension)
    return AdapterResult(cells, skipped)
