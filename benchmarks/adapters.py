"""What each adapter costs against the bare library it stands on, over the same bytes, as ratios.

The library only parses (JSON, XML, cells of a workbook, a frame of texts); the adapter also names every label,
keeps the printed text, reads the number exactly and codes what is missing; `sql` is the pull with the reading of what
it brought. The bytes are synthetic: made here, they mean nothing.
"""

import csv
import io
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pdfplumber
import polars as pl
import python_calamine as calamine
import sqlalchemy
from pydantic import SecretStr

from orchestration.output import emit_table
from sources.reading import AnyReading, read
from sources.record import (
    CkanReading,
    CsvTableReading,
    JsonStatReading,
    PdfTableReading,
    PxReading,
    PxWebCsvReading,
    PxwebJsonReading,
    SdmxReading,
    SqlFetch,
    WorkbookReading,
)
from sources.sql import pull
from sources.web import FetchLimits
from tests.sources.pdfs import Placed, pdf

AREAS, YEARS = 700, 40
PAGES, ROWS_OF_A_PAGE, COLUMNS_OF_A_PAGE = 4, 40, 7
_REPEATS = 3
_TITLE = "Synthetic table"


@dataclass(frozen=True)
class Case:
    """One adapter: its reading, which counts its cells, and the library's own reading of the same bytes."""

    adapter: str
    cells: int
    read: Callable[[], int]
    library: str
    bare: Callable[[], object]


def _case(
    section: AnyReading,
    data: bytes,
    library: str,
    bare: Callable[[bytes], object],
    cells: int = AREAS * YEARS,
) -> Case:
    return Case(
        section.adapter, cells, lambda: read(section, data, "").cells.height, library, lambda: bare(data)
    )


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
            "class": "dataset", "label": _TITLE, "id": list(labels), "size": [AREAS, YEARS], "dimension": dimension,
            "value": values, "role": {"time": ["year"]},
        }
    ).encode()  # fmt: skip


def _px() -> bytes:
    def texts(values: list[str]) -> str:
        return ",".join(f'"{value}"' for value in values)

    areas, years = texts([row[0] for row in _rows()]), texts(_head()[1:])
    data = "\n".join(" ".join(row[1:]) for row in _rows())
    return (
        f'TITLE="{_TITLE}";\nSTUB="area";\nHEADING="year";\nVALUES("area")={areas};\nVALUES("year")={years};\n'
        f"DATA=\n{data};\n"
    ).encode()


def _csv(title: str = "") -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=";", lineterminator="\n").writerows([_head(), *_rows()])
    return (f'"{title}"\n\n' if title else "").encode() + stream.getvalue().encode()


def _long_rows() -> list[tuple[str, str, str]]:
    return [
        (row[0], year, value) for row in _rows() for year, value in zip(_head()[1:], row[1:], strict=True)
    ]


def _pxweb_json() -> bytes:
    columns = [
        {"code": "area", "text": "area", "type": "d"}, {"code": "year", "text": "year", "type": "t"},
        {"code": "value", "text": _TITLE, "type": "c"},
    ]  # fmt: skip
    data = [{"key": [area, year], "values": [value]} for area, year, value in _long_rows()]
    return json.dumps({"columns": columns, "comments": [], "data": data}).encode()


def _ckan() -> bytes:
    fields = [{"id": name, "type": "text"} for name in ("_id", "area", "year", "value")]
    records = [
        {"_id": number, "area": area, "year": year, "value": value}
        for number, (area, year, value) in enumerate(_long_rows(), 1)
    ]
    result = {"resource_id": _TITLE, "fields": fields, "records": records}
    return json.dumps({"success": True, "result": result}).encode()


def _pdf() -> bytes:
    font = "Arial"

    def page(number: int) -> list[Placed]:
        placed: list[Placed] = [(60, 780, 12, font, f"{number + 1}. {_TITLE}")]
        placed += [(180 + 55 * c, 740, 9, font, str(2018 + c)) for c in range(COLUMNS_OF_A_PAGE)]
        for row in range(ROWS_OF_A_PAGE):
            placed.append((60, 720 - 16 * row, 9, font, f"Area {_letters(26 + row)}"))
            placed += [
                (180 + 55 * c, 720 - 16 * row, 9, font, f"{row}.{c}") for c in range(COLUMNS_OF_A_PAGE)
            ]
        return placed

    return pdf([page(number) for number in range(PAGES)])


def _words_of_pdf(data: bytes) -> object:
    with pdfplumber.open(io.BytesIO(data)) as document:
        return [page.extract_words() for page in document.pages]


@contextmanager
def _sql_case() -> Iterator[Case]:
    """The case of a database file, which is there as long as the case."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'synthetic.db'}"
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("create table synthetic (area text, year integer, value real)")
            connection.exec_driver_sql(
                "insert into synthetic values (?, ?, ?)",
                [(area, int(year), float(value)) for area, year, value in _long_rows()],
            )
        statement = "select area, year, value from synthetic"
        fetch = SqlFetch(protocol="sql", database="synthetic", statement=statement)
        limits = FetchLimits(allow_hosts=(), sql_urls=(("synthetic", SecretStr(url)),))
        section = CsvTableReading(adapter="csv_table", figures=["value"])

        def bare() -> object:
            with engine.connect() as connection:
                return connection.exec_driver_sql(statement).fetchall()

        yield Case(
            "sql",
            AREAS * YEARS,
            lambda: read(section, pull(fetch, limits), "").cells.height,
            "sqlalchemy",
            bare,
        )
        engine.dispose()


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
        for number, row in enumerate([[_TITLE], ["Area", *_head()[1:]], *frame.rows()], 1)
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


@contextmanager
def cases() -> Iterator[list[Case]]:
    """One case per adapter, 28,000 figures each; a PDF has fewer."""
    with _sql_case() as sql:
        yield [
            _case(JsonStatReading(adapter="json_stat"), _json_stat(), "json", json.loads),
            _case(PxReading(adapter="px"), _px(), "split", lambda data: data.rpartition(b"DATA=")[2].split()),
            _case(PxWebCsvReading(adapter="pxweb_csv"), _csv(_TITLE), "polars", _texts),
            _case(PxwebJsonReading(adapter="pxweb_json"), _pxweb_json(), "json", json.loads),
            _case(CsvTableReading(adapter="csv_table", figures=_head()[1:]), _csv(), "polars", _texts),
            _case(CkanReading(adapter="ckan", figures=["value"]), _ckan(), "json", json.loads),
            _case(SdmxReading(adapter="sdmx"), _sdmx(), "ElementTree", ElementTree.fromstring),
            sql,
            _case(
                WorkbookReading.model_validate({"adapter": "workbook", "tables": [{"title": _TITLE.lower()}]}),
                _workbook(), "calamine", _cells_of_workbook,
            ),
            _case(
                PdfTableReading.model_validate({"adapter": "pdf_table", "tables": [{"title": _TITLE.lower()}]}),
                _pdf(), "pdfplumber", _words_of_pdf, PAGES * ROWS_OF_A_PAGE * COLUMNS_OF_A_PAGE,
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
    with cases() as all_cases:
        for case in all_cases:
            cells = case.read()
            if cells != case.cells:
                raise RuntimeError(f"{case.adapter} reads {cells} of {case.cells} figures")
            seconds, bare = _best(case.read), _best(case.bare)
            rows.append(
                {
                    "adapter": case.adapter,
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
