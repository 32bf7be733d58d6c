"""Telling the format of a file from its bytes."""

import gzip
import io
import json
import zipfile

import pytest

from sources.cells import ReadingError
from sources.detect import detect, format_named


def _zip(**members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return stream.getvalue()


PX = 'CHARSET="ANSI";\nSTUB="a";\nVALUES("a")="x";\nDATA=1;'
CASES = {
    "json-stat": b'{"dataset": {"dimension": {}, "value": []}}\0',
    "json-stat2": b'\xef\xbb\xbf{"class": "dataset", "dimension": {}}',
    "pxweb-json": b'{"columns": [], "data": []}',
    "ckan": b'{"help": "x", "success": false, "error": {"message": "N\xc3\xa3o"}}',
    "px": PX.encode("cp1258"),
    "pxweb-csv": '"Dân số by Tỉnh and Năm"\n\n"Tỉnh";"2023";"2024"\n"A";"1,5";".."\n"B";"2";"3"\n'.encode(),
    "csv": b"area\tvalue\nA\t1\nB\t2\n",
    "xlsx": _zip(xl__workbook_dot_xml="<workbook/>"),
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
    "ods": _zip(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_dot_xml="<x/>"),
    "sdmx": b'<?xml version="1.0"?>\n<!-- a -->\n<message:GenericData xmlns:message="m"/>',
    "pdf": b"\n%PDF-1.4\n",
    "zip": _zip(a_dot_csv="a,b\n1,2\n"),
}


@pytest.mark.parametrize("format_name", CASES)
def test_a_format_is_told_from_the_bytes_whatever_the_name(format_name: str) -> None:
    assert detect(CASES[format_name], "figures.bin") == format_name
    assert detect(CASES[format_name], "misnamed.json") == format_name


def test_utf_16_is_text_too() -> None:
    assert detect("a;b\n1;2\n3;4\n".encode("utf-16")) == "csv"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\0\0\n", "empty"),
        (b"<!DOCTYPE html><html><body>Login</body></html>", "web page"),
        (b'{"title": "t", "variables": []}', "description of a table"),
        (b'{"query": [], "response": {"format": "px"}}', "a query to PxWeb"),
        (b'{"maxValues": 1, "maxCells": 2, "maxCalls": 3}', "limits"),
        (b'{"apiVersion": "2.0", "maxDataCells": 3}', "limits"),
        (b'{"language": "en", "tables": [], "page": {}}', "list of tables"),
        (b'[{"dbid": "V02", "text": "x"}]', "list of databases"),
        (b'[{"id": "V02.01.px", "type": "t", "text": "x", "updated": "y"}]', "list of folders"),
        (b'{"error": "Too many values selected"}', "Too many values selected"),
        (b'{"columns": [', "breaks off"),
        (b"[[[[" * 50_000, "cannot be read"),
        (b'{"a": 1}', "no adapter knows"),
        (b"<rss/>", "root 'rss'"),
        (gzip.compress(b"x"), "gzip"),
        (b"\x89PNG\r\n", "picture"),
        (b"abc\0\1\2def", "neither text"),
        ("Báo cáo tình hình, quý I.\nDòng hai, ba, bốn.\nKhông có bảng.".encode(), "without columns"),
        (_zip(word__document_dot_xml="<x/>"), "text document"),
        (_zip(xl__workbook_dot_xml="<x/>")[:60], "truncated"),
    ],
    # Packed bytes hold the second in which they were packed: a name made of them would differ from worker to worker.
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_no_adapter_reads_is_refused_and_named(data: bytes, said: str) -> None:
    with pytest.raises(ReadingError) as refused:
        detect(data, "file")
    assert said in refused.value.message
    assert refused.value.mend


def test_a_web_page_under_a_workbooks_name_gets_its_own_mend() -> None:
    with pytest.raises(ReadingError) as refused:
        detect(b"<html><table></table></html>", "bieu.xls")
    assert "save it as .xlsx" in refused.value.mend


def test_formats_answer_to_their_names() -> None:
    assert format_named("JSON_stat") == "json-stat"
    assert format_named("sdmx-ml") == "sdmx"
    assert format_named("docx") is None


def test_numbers_of_any_size_do_not_break_telling() -> None:
    data = json.dumps({"columns": [], "data": [], "n": 1}).replace("1}", "9" * 5000 + "}").encode()
    with pytest.raises(ReadingError):
        detect(data)
