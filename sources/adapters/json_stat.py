"""JSON-stat 1 and 2, as PX-Web and other statistics offices serve it.

Accepted as found in the wild: a trailing NUL byte, a byte order mark, dense arrays and sparse objects of
values, statuses as array, object or one text, category indexes as array or object, single categories without
an index, and several datasets in one answer. A dimension is named by its id; decimals are those of the JSON
literal. A long list of bare numbers is not parsed number by number: it is cut out of the text and read as a column.
"""

import json
import math
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from sources.adapters.json_object import json_number, json_text, object_in
from sources.cell_table import (
    CellTable,
    Repeated,
    alike,
    changed,
    coded,
    constant,
    cube,
    marked,
    one_after_another,
    side_by_side,
)
from sources.cells import AdapterResult, Label, ReadingError, Skipped
from sources.figures import Figures, read_figures
from sources.record import JsonStatReading
from sources.text.numbers import (
    MISSING_MARKS,
    UNREADABLE,
    PrintedNumber,
    canonical_decimal,
    read_printed_number,
)

VERSION = "2"
MOST_CELLS = 5_000_000
_UNIT_TEXTS = ("label", "base", "symbol")


# The list of a dataset's values where no text or list is in it; the quotes are none inside a text.
_BARE_VALUES = re.compile(r'(?<!\\)"value"\s*:\s*\[([^\[\]{}"]*)\]')
_SHORTEST_CUT_OUT = 10_000
_JSON_NUMBER = r"^(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|null)$"


def _cut_out(text: str) -> tuple[str, dict[str, pl.Series]]:
    """Cut long lists of bare numbers out of a JSON text: the text with a name in place of each, name -> list."""
    name = "values"
    while name in text:
        name += "_"
    pieces: list[str] = []
    lists: dict[str, pl.Series] = {}
    position = 0
    for found in _BARE_VALUES.finditer(text):
        if found.end(1) - found.start(1) < _SHORTEST_CUT_OUT:
            continue
        values = pl.Series([found[1]]).str.split(",").explode().str.strip_chars(" \t\r\n")
        if values.str.contains(_JSON_NUMBER).all():
            pieces += [text[position : found.start(1) - 1], f'"{name}{len(lists)}"']
            lists[f"{name}{len(lists)}"] = values
            position = found.end()
    return "".join([*pieces, text[position:]]), lists


def _object(data: bytes) -> Mapping[str, Any]:
    """Parse the bytes into the top object; the values of its datasets may be columns of texts.

    Raises ReadingError for anything that is not JSON-stat at all.
    """
    what, mend = "JSON-stat", "fetch it again as JSON-stat"
    text = json_text(data, mend)
    rest, lists = _cut_out(text)
    content: Mapping[str, Any] | None = None
    if lists:
        try:
            content = object_in(rest, what, mend)
        except ReadingError:
            # What is wrong, and where, the whole text says.
            content = None
        if content is not None and not _put_back(content, lists):
            content = None
    if content is None:
        content = object_in(text, what, mend)
    if "error" in content and "dimension" not in content:
        raise ReadingError(
            "error", f"the server answered with an error: {content['error']}", "correct the query"
        )
    return content


def _put_back(content: Mapping[str, Any], lists: Mapping[str, pl.Series]) -> bool:
    """Put each list in its dataset; say whether all were values of datasets."""
    items = content.get("link", {}).get("item", []) if isinstance(content.get("link"), dict) else []
    places = [content, *content.values(), *(items if isinstance(items, list) else [])]
    left = dict(lists)
    for place in places:
        if isinstance(place, dict) and isinstance(place.get("value"), str):
            place["value"] = left.pop(place["value"], place["value"])
    return not left


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

    def has_unit(self, label: Label) -> bool:
        return isinstance(self.units.get(label.code or ""), dict)


def _dimension(name: str, size: int, body: Mapping[str, Any], place: str) -> _Dimension:
    category = body.get("category", {})
    index, labels = category.get("index"), category.get("label") or {}
    if not isinstance(labels, dict):
        message = f"the labels of dimension '{name}' do not name their categories"
        raise ReadingError(f"{place}dimension.{name}", message, "fetch the file again")
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
    if len(codes) != size or len(set(codes)) != size:
        message = f"dimension '{name}' has {len(set(codes))} categories, its size is {size}"
        raise ReadingError(f"{place}dimension.{name}", message, "fetch the file again")
    return _Dimension(
        name,
        [Label(name, str(c if labels.get(c) is None else labels[c]), c) for c in codes],
        category.get("unit") or {},
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


def _values(dataset: Mapping[str, Any], n_cells: int, place: str) -> Sequence[Any] | pl.Series:
    value = dataset.get("value")
    if isinstance(value, list | pl.Series):
        if len(value) != n_cells:
            message = f"{len(value)} values, the sizes of the dimensions need {n_cells}"
            raise ReadingError(f"{place}value", message, "fetch the file again")
        return value
    if isinstance(value, dict):
        dense: list[Any] = [None] * n_cells
        for key, item in value.items():
            if not (key.isascii() and key.isdigit()) or int(key) >= n_cells:
                raise ReadingError(
                    f"{place}value.{key}", f"there are only {n_cells} cells", "fetch the file again"
                )
            dense[int(key)] = item
        return dense
    raise ReadingError(f"{place}value", "the dataset has no values", "fetch the dataset, not its description")


def _statuses(dataset: Mapping[str, Any], n_cells: int) -> Repeated[Any]:
    status = dataset.get("status")
    if isinstance(status, list) and len(status) != 1:
        # A short list leaves the rest without.
        listed = [item if isinstance(item, Hashable) else str(item) for item in status[:n_cells]]
        return coded([*listed, *[None] * (n_cells - len(listed))])
    if isinstance(status, dict):
        sparse: list[Any] = [None] * n_cells
        for key, item in status.items():
            if key.isdecimal() and int(key) < n_cells and str(int(key)) == key:
                sparse[int(key)] = item if isinstance(item, Hashable) else str(item)
        return coded(sparse)
    # One status alone stands for all cells.
    alone = status[0] if isinstance(status, list) else status
    return constant(alone if isinstance(alone, str) or isinstance(status, list) else None, n_cells)


def _without_value(status: Any) -> PrintedNumber:
    if status is None or not str(status).strip():
        return PrintedNumber("", None, "blank")
    return PrintedNumber(
        str(status), None, MISSING_MARKS.get(str(status).strip().casefold(), "not_available")
    )


# What a value is that is no number, before its text; no number of JSON begins so.
_NOTHING, _TEXT, _OTHER = "\0n", "\0t", "\0o"


def _marked(value: Any) -> str | None:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return _TEXT + value
    return None if value is None else _OTHER + json.dumps(value, default=str)


def _read_marked(text: str) -> PrintedNumber:
    kind, rest = text[:2], text[2:]
    if kind == _NOTHING:
        return _without_value(rest)
    if kind == _TEXT:
        return read_printed_number(rest, "point")
    if kind == _OTHER:
        return PrintedNumber(rest, None, UNREADABLE)
    value = Decimal(text) if text.removeprefix("-").isdigit() else json_number(text)
    if isinstance(value, str):
        return read_printed_number(value, "point")
    return PrintedNumber(canonical_decimal(value), value, None)


def _figures(values: Sequence[Any] | pl.Series, statuses: Repeated[Any]) -> Figures:
    texts = (
        values.set(values == "null", None)
        if isinstance(values, pl.Series)
        else pl.Series(list(map(_marked, values)), dtype=pl.String)
    )
    if texts.null_count():
        reasons = [_NOTHING + ("" if status is None else str(status)) for status in statuses.values]
        texts = texts.to_frame("text").select(
            pl.coalesce("text", pl.Series("reason", reasons).gather(statuses.places))
        )["text"]
    return read_figures(texts, "point", _read_marked, texts_are_canonical=True)


def _unit(
    labels: Sequence[Label], dimensions: Sequence[_Dimension]
) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """Return the printed unit of a cell, and the rest of what the file says about it as attributes."""
    for label, dimension in zip(labels, dimensions, strict=True):
        unit = dimension.units.get(label.code or "")
        if isinstance(unit, dict):
            said = next((key for key in _UNIT_TEXTS if unit.get(key)), None)
            text = None if said is None else str(unit[said])
            if unit.get("multiplier") and said != "label":
                # The label says the magnitude itself ("thousand persons"); the base does not.
                text = f"10^{unit['multiplier']} {text or ''}".strip()
            return text, tuple(
                (f"unit_{key}", str(item)) for key, item in sorted(unit.items()) if item is not None
            )
    return None, ()


def _table(dataset: Mapping[str, Any], name: str, period_dimension: str | None) -> CellTable:
    place = f"{name}." if name else ""
    dimensions = _dimensions(dataset, place)
    sizes = [len(dimension.categories) for dimension in dimensions]
    n_cells = math.prod(sizes)
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
    labels = [
        Repeated(dimension.categories, places)
        for dimension, places in zip(dimensions, cube(sizes), strict=True)
    ]
    # The unit hangs on the categories that have one.
    with_units = [marked(column, d.has_unit) for d, column in zip(dimensions, labels, strict=True) if d.units]

    def unit_of(cell: int) -> tuple[str | None, tuple[tuple[str, str], ...]]:
        return _unit([column.of(cell) for column in labels], dimensions)

    def attributes_of(cell: int) -> tuple[tuple[str, str], ...]:
        status = statuses.of(cell)
        return shared + unit_of(cell)[1] + ((("status", str(status)),) if status else ())

    units = alike(n_cells, with_units, unit_of)
    time = next((column for d, column in zip(dimensions, labels, strict=True) if d.name in times), None)
    return CellTable(
        titles=constant(str(dataset.get("label") or name), n_cells),
        refs=pl.select(
            pl.lit(f"{name}:" if name else "") + pl.int_range(n_cells).cast(pl.String)
        ).to_series(),
        labels=labels,
        figures=_figures(values, statuses),
        units=changed(units, lambda unit: unit[0]),
        periods=constant(None, n_cells) if time is None else changed(time, lambda label: label.label),
        attributes=side_by_side(alike(n_cells, [*with_units, statuses.places], attributes_of)),
    )


def _is_description(dataset: Mapping[str, Any]) -> bool:
    """A metadata answer describes the dimensions and holds no value at all."""
    value = dataset.get("value")
    bare = not isinstance(value, pl.Series) and value in ([], {}, None)
    return bare and 0 not in (dataset.get("size") or [])


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
    tables = []
    for name, dataset in datasets:
        if _is_description(dataset):
            skipped.append(
                Skipped(name or str(dataset.get("label", "dataset")), "a description without values")
            )
            continue
        tables.append(_table(dataset, name, options.period_dimension))
    return AdapterResult(one_after_another(tables), skipped)
