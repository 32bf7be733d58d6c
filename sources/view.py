"""What an adapter sees in a file: the format told, the tables found, every cell with its labels.

For looking at a file that no record reads yet. A format that needs to be told what its columns are (CSV, PX-Web's
CSV) is read as far as the file shows it; a source's own record says it outright.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from pydantic import TypeAdapter

from sources.adapters import ckan, csv_table, pdf_table, workbook_tables
from sources.adapters.archive_names import refuse_unsafe_names
from sources.cells import AdapterResult, Cell, ReadingError, Skipped
from sources.detect import detect
from sources.reading import ADAPTERS, AnyReading
from sources.record import ReadingSection
from sources.text.labels import tidy_text
from sources.text.units import tidy_unit

MOST_MEMBERS = 50
MOST_UNPACKED_BYTES = 200_000_000

# Format -> the adapter that reads it with nothing but its name in the reading section.
_PLAIN_ADAPTERS = {
    "json-stat": "json_stat",
    "json-stat2": "json_stat",
    "pxweb-json": "pxweb_json",
    "px": "px",
    "plain-table": "plain_table",
    "sdmx": "sdmx",
}
_WORKBOOKS = frozenset(("xlsx", "xls", "ods"))
_SECTION: TypeAdapter[AnyReading] = TypeAdapter(ReadingSection)


@dataclass(frozen=True)
class View:
    """A file as its adapter sees it."""

    format: str
    result: AdapterResult


def section_for(format_name: str, data: bytes) -> AnyReading:
    """Return a reading section for a file of this format; not for workbooks, PDFs and archives. Raises ReadingError."""
    if format_name == "csv":
        return csv_table.guess(data)
    if format_name == "ckan":
        return ckan.guess(data)
    if format_name == "pxweb-csv":
        encoding = csv_table.encoding_of(data)
        lines = data.decode("utf-8-sig" if encoding == "utf-8" else encoding).splitlines()
        separator = csv_table.separator_of(lines[:500]) or ";"
        marks = csv_table.decimal_marks_shown(
            text for row in csv.reader(lines, delimiter=separator) for text in row[1:]
        )
        # PX-Web itself writes a point and no thousands, but a file may have been through other hands: it shows it.
        mark = marks.pop() if len(marks) == 1 else "either"
        return _SECTION.validate_python(
            {"adapter": "pxweb_csv", "encoding": encoding}
            | ({} if mark == "point" else {"decimal_mark": mark})
        )
    return _SECTION.validate_python({"adapter": _PLAIN_ADAPTERS[format_name]})


def view(data: bytes, name: str = "", format_name: str | None = None) -> View:
    """Read a file with the adapter of its format, told from its bytes unless given. Raises ReadingError.

    A file in which nothing is a cell is refused with the reasons of what was skipped.
    """
    format_name = format_name or detect(data, name)
    if format_name in _WORKBOOKS:
        result = workbook_tables.read_any(data)
    elif format_name == "pdf":
        result = pdf_table.read_any(data)
    elif format_name == "zip":
        result = _archive(data)
    else:
        section = section_for(format_name, data)
        _, read = ADAPTERS[section.adapter]
        result = read(data, section)
    if not result.cells:
        reasons = "; ".join(f"{part.name}: {part.reason}" for part in result.skipped[:5])
        raise ReadingError(
            "the whole file", "it holds no figures" + (f" ({reasons})" if reasons else ""),
            "give the file with the figures",
        )  # fmt: skip
    return View(format_name, result)


def _archive(data: bytes) -> AdapterResult:
    """Read each file of an archive as if it stood alone; its cells' places begin with the file's name.

    Nothing is unpacked to disk; an archive with names that would lead out of its folder is refused all the same.
    """
    cells: list[Cell] = []
    skipped: list[Skipped] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            refuse_unsafe_names(archive)
            members = [entry for entry in archive.infolist() if not entry.is_dir()]
            unpacked = sum(entry.file_size for entry in members)
            if unpacked > MOST_UNPACKED_BYTES or len(members) > MOST_MEMBERS:
                raise ReadingError(
                    "the whole file",
                    f"the archive holds {len(members)} files of {unpacked} bytes; "
                    f"at most {MOST_MEMBERS} of {MOST_UNPACKED_BYTES} are opened",
                    "unpack it and give the file wanted",
                )
            for entry in members:
                content = _member(archive, entry)
                try:
                    if detect(content, entry.filename) == "zip":
                        skipped.append(Skipped(entry.filename, "an archive in the archive is not opened"))
                        continue
                    inside = view(content, PurePosixPath(entry.filename).name).result
                except ReadingError as error:
                    skipped.append(Skipped(entry.filename, f"{error.place}: {error.message}"))
                    continue
                place = f"{entry.filename}/"
                cells += [replace(cell, cell_ref=place + cell.cell_ref) for cell in inside.cells]
                skipped += [Skipped(place + part.name, part.reason) for part in inside.skipped]
    # zipfile raises NotImplementedError for a compression it does not know, RuntimeError for an encrypted entry.
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ReadingError(
            "the whole file", f"the archive is damaged or locked ({error})", "fetch or copy the file again"
        ) from error
    return AdapterResult(cells, skipped)


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the bytes of an entry, no more than its entry states."""
    with archive.open(entry) as stream:
        return stream.read(entry.file_size + 1)[: entry.file_size]


def _part_of(format_name: str, ref: str) -> str:
    """Return what, of a cell's place, tells the part of the file its table stands in: sheet, dataset, archived file."""
    if format_name in _WORKBOOKS:
        return ref.rpartition("!")[0]
    if format_name == "zip":
        return ref.rpartition("!")[0] or ref.rpartition("/")[0]
    return ref.rpartition(":")[0] if format_name.startswith("json-stat") else ""


def _tables(seen: View) -> Iterator[list[Cell]]:
    """Give the cells of each table, in the order of the file: one table per title and part of the file."""
    tables: dict[tuple[str, str], list[Cell]] = {}
    for cell in seen.result.cells:
        title = tidy_text(cell.table_title)
        part = _part_of(seen.format, cell.cell_ref)
        if seen.format == "pdf" and not title:
            part = cell.cell_ref.partition(":")[0]
        tables.setdefault((part, title), []).append(cell)
    yield from tables.values()


def _labels(cell: Cell) -> dict[str, str]:
    """Return a cell's labels by dimension; a name met again gets its number, so that no label is lost."""
    labels: dict[str, str] = {}
    for label in cell.labels:
        printed = tidy_text(label.dimension) or "(unnamed)"
        name, number = printed, 2
        while name in labels:
            name, number = f"{printed} ({number})", number + 1
        labels[name] = tidy_text(label.label)
    return labels


def _value(number: Decimal | None) -> int | float | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _table(cells: Sequence[Cell]) -> dict[str, Any]:
    units = {None if cell.unit_text is None else tidy_unit(cell.unit_text) for cell in cells}
    one_unit = len(units) == 1
    rows: list[dict[str, Any]] = [
        {
            "ref": cell.cell_ref,
            "labels": _labels(cell),
            "text": cell.value.text,
            "value": _value(cell.value.decimal),
            "missing_code": cell.value.missing_code,
            **({"flags": [*cell.value.flags, *cell.flags]} if cell.value.flags or cell.flags else {}),
            **({} if one_unit else {"unit": cell.unit_text and tidy_unit(cell.unit_text)}),
        }
        for cell in cells
    ]
    return {
        "title": tidy_text(cells[0].table_title),
        "dimensions": list(dict.fromkeys(name for row in rows for name in row["labels"])),
        "unit": units.pop() if one_unit else None,
        "n_cells": len(rows),
        "n_missing": sum(row["value"] is None for row in rows),
        "cells": rows,
    }


def document(seen: View) -> dict[str, Any]:
    """Return what `ppw read --json` prints.

    {format, tables: [{title, dimensions, unit, n_cells, n_missing, cells: [{ref, labels, text, value, missing_code}]}],
    skipped: [{name, reason}]}. `unit` is the one that all cells of a table share; where they differ it is null and
    each cell has its own. A cell whose figure needs a word (`row_left_out`, `decimal_mark_unclear`) has `flags`.
    """
    return {
        "format": seen.format,
        "tables": [_table(cells) for cells in _tables(seen)],
        "skipped": [{"name": part.name, "reason": part.reason} for part in seen.result.skipped],
    }
