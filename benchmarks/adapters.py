"""What each adapter costs against the bare library it stands on, over the same bytes, as ratios.

The library only parses (JSON, XML, cells of a workbook, a frame of texts); the adapter also names every label,
keeps the printed text, reads the number exactly and codes what is missing. The bytes are made here and mean nothing.
"""

import csv
import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

import polars as pl
import python_calamine as calamine

from orchestration.output import emit_table
from sources.reading import AnyReading, read
from sources.record import (
    CsvTableReading,
    JsonStatReading,
    PxReading,
    PxWebCsvReading,
    SdmxReading,
    WorkbookReading,
)

AREAS, YEARS = 700, 40
_REPEATS = 3


@dataclass(frozen=True)
class Case:
    """One adapter: its reading section, its bytes, and the library's own reading of them."""

    section: AnyReading
    data: bytes
    library: str
    bare: Callable[[bytes], object]


def _rows() -> list[list[str]]:
    return [[f"Area {area}", *(f"{area}.{year}" for year in range(YEARS))] for area in range(AREAS)]


def _head() -> list[str]:
    return ["Area", *(str(1980 + year) for year in range(YEARS))]


def _json_stat() -> bytes:
    labels = {"area": [row[0] for row in _rows()], "year": _head()[1:]}
    dimension = {
        name: {
            "category": {
                "index": list(map(str, range(len(texts)))),
                "label": {str(n): text for n, text in enumerate(texts)},
            }
        }
        for name, texts in labels.items()
    }
    values = [float(value) for row in _rows() for value in row[1:]]
    return json.dumps(
        {
            "class": "dataset", "label": "Made", "id": list(labels), "size": [AREAS, YEARS], "dimension": dimension,
            "value": values, "role": {"time": ["year"]},
        }
    ).encode()  # fmt: skip


def _px() -> bytes:
    def texts(values: list[str]) -> str:
        return ",".join(f'"{value}"' for value in values)

    areas, years = texts([row[0] for row in _rows()]), texts(_head()[1:])
    data = "\n".join(" ".join(row[1:]) for row in _rows())
    return (
        f'TITLE="Made";\nSTUB="area";\nHEADING="year";\nVALUES("area")={areas};\nVALUES("year")={years};\n'
        f"DATA=\n{data};\n"
    ).encode()


def _csv(title: str = "") -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=";", lineterminator="\n").writerows([_head(), *_rows()])
    return (f'"{title}"\n\n' if title else "").encode() + stream.getvalue().encode()


def _sdmx() -> bytes:
    series = "".join(
        f'<Series AREA="{row[0]}">'
        + "".join(
            f'<Obs TIME_PERIOD="{year}" OBS_VALUE="{value}"/>'
            for year, value in zip(_head()[1:], row[1:], strict=True)
        )
        + "</Series>"
        for row in _rows()
    )
    return f"<StructureSpecificData><Header/><DataSet>{series}</DataSet></StructureSpecificData>".encode()


def _workbook() -> bytes:
    frame = pl.DataFrame([[row[0], *map(float, row[1:])] for row in _rows()], schema=_head(), orient="row")
    # Written by hand: no library of the product writes workbooks.
    cells = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{_letters(column)}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
            if isinstance(value, str)
            else f'<c r="{_letters(column)}{number}"><v>{value}</v></c>'
            for column, value in enumerate(row)
        )
        + "</row>"
        for number, row in enumerate([["Made table"], ["Area", *_head()[1:]], *frame.rows()], 1)
    )
    return _package(f"<sheetData>{cells}</sheetData>")


def _letters(column: int) -> str:
    from sources.adapters.workbook_file import column_letters

    return column_letters(column)


def _package(sheet: str) -> bytes:
    import zipfile

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{sheet}</worksheet>',
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def _cells_of_workbook(data: bytes) -> object:
    workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names]


def _texts(data: bytes) -> object:
    return pl.read_csv(data.rpartition(b"\n\n")[2], separator=";", infer_schema=False)


def cases() -> list[Case]:
    """One case per adapter, 28,000 figures each."""
    years = _head()[1:]
    return [
        Case(JsonStatReading(adapter="json_stat"), _json_stat(), "json", json.loads),
        Case(PxReading(adapter="px"), _px(), "split", lambda data: data.rpartition(b"DATA=")[2].split()),
        Case(PxWebCsvReading(adapter="pxweb_csv"), _csv("Made"), "polars", _texts),
        Case(CsvTableReading(adapter="csv_table", figures=years), _csv(), "polars", _texts),
        Case(SdmxReading(adapter="sdmx"), _sdmx(), "ElementTree", ElementTree.fromstring),
        Case(
            WorkbookReading.model_validate({"adapter": "workbook", "tables": [{"title": "made table"}]}),
            _workbook(), "calamine", _cells_of_workbook,
        ),
    ]  # fmt: skip


def _best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def main() -> None:
    """Print cells a second of each adapter, and how many times as long as the bare library it takes."""
    rows = []
    for case in cases():
        cells = read(case.section, case.data, "").cells.height
        if cells != AREAS * YEARS:
            raise RuntimeError(f"{case.section.adapter} reads {cells} of {AREAS * YEARS} figures")
        seconds = _best(lambda case=case: read(case.section, case.data, ""))  # type: ignore[misc]
        bare = _best(lambda case=case: case.bare(case.data))  # type: ignore[misc]
        rows.append(
            {
                "adapter": case.section.adapter,
                "cells": cells,
                "seconds": f"{seconds:.3f}",
                "cells a second": f"{cells / seconds:,.0f}",
                "library": case.library,
                "its seconds": f"{bare:.4f}",
                "ratio": f"{seconds / bare:.1f}",
            }
        )
    emit_table(rows, list(rows[0]), right=["cells", "seconds", "cells a second", "its seconds", "ratio"])


if __name__ == "__main__":
    main()
