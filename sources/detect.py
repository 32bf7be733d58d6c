"""What format a file is: told from its bytes, and from its name only where the bytes leave it open.

`detect` never reads figures; it says which adapter could, and refuses with a reason what none can.
"""

import codecs
import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from sources.adapters import plain_table
from sources.adapters.csv_table import separator_of, without_separator_line
from sources.adapters.json_object import json_encoding
from sources.cells import ReadingError
from sources.content import is_html

# Formats that can be read -> what they are. The order is that of the help text.
FORMATS = {
    "json-stat": "JSON-stat 1, one dataset or a bundle",
    "json-stat2": "JSON-stat 2, a dataset or a collection",
    "pxweb-json": "the answer of PxWeb's API v1 in format json",
    "ckan": "an answer of CKAN's or DKAN's datastore",
    "px": "a PX file",
    "pxweb-csv": "a CSV export of PX-Web, with its title line",
    "csv": "rows and columns of text with one head row, any separator",
    "plain-table": "our own transcription shape",
    "xlsx": "a workbook of Excel 2007 or later",
    "xls": "a workbook of Excel 97 to 2003",
    "ods": "a workbook of OpenDocument",
    "sdmx": "an SDMX-ML 2.1 data message",
    "pdf": "a PDF with a text layer",
    "zip": "an archive of the above",
}
_ALIASES = {"jsonstat": "json-stat", "jsonstat2": "json-stat2", "sdmx-ml": "sdmx", "txt": "csv", "tsv": "csv"}

_WHOLE = "the whole file"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PX_KEYWORD = re.compile(r'\s*[A-Z][A-Z0-9-]{2,}\s*(?:\[[^\]]*\])?\s*(?:\("[^)]*\))?\s*=')
_PX_TYPICAL = re.compile(
    r"\b(?:STUB|HEADING|VALUES|CODEPAGE|CHARSET|AXIS-VERSION|MATRIX|DATA)\b[^=\n]{0,200}="
)
_ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_SDMX_ROOTS = re.compile(
    r"(?:StructureSpecific|Generic)(?:TimeSeries)?Data|Structure|Error|CompactData|UtilityData|MessageGroup"
)
_START = 4096

# What the bytes are when nothing here reads them -> (what it is, what to do about it).
_NOT_TABLES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "a gzip archive", "unpack it and give the file inside"),
    (b"7z\xbc\xaf'\x1c", "a 7z archive", "unpack it and give the file inside"),
    (b"Rar!", "a RAR archive", "unpack it and give the file inside"),
    (b"\x89PNG", "a picture", "enter a scan's figures by hand, with document, page and table"),
    (b"\xff\xd8\xff", "a picture", "enter a scan's figures by hand, with document, page and table"),
    (b"II*\0", "a picture", "enter a scan's figures by hand, with document, page and table"),
    (b"MM\0*", "a picture", "enter a scan's figures by hand, with document, page and table"),
    (b"PAR1", "a Parquet file", "write it as CSV, or read it through an SQL source"),
    (b"SQLite format 3", "a SQLite database", "read it through an SQL source"),
    (b"{\\rtf", "a text document (RTF)", "enter its figures by hand, or ask for the workbook behind it"),
    (b"\x09\x02", "a workbook of Excel before 97", "save it as .xlsx"),
    (b"\x09\x04", "a workbook of Excel before 97", "save it as .xlsx"),
    (b"\x09\x08", "a workbook of Excel before 97", "save it as .xlsx"),
)


def format_named(name: str) -> str | None:
    """Return the format that a person's word for it names, or None."""
    plain = name.strip().casefold().replace("_", "-")
    plain = _ALIASES.get(plain, plain)
    return plain if plain in FORMATS else None


def _refuse(what: str, mend: str, place: str = _WHOLE) -> ReadingError:
    return ReadingError(place, f"this is {what}", mend)


def detect(data: bytes, name: str = "") -> str:
    """Return the format of a file, a key of FORMATS.

    Raises ReadingError for what no adapter reads (web pages, descriptions without figures, pictures ...), saying
    what it is instead.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise ReadingError(_WHOLE, "the file is empty", "fetch or copy the file again")
    binary = _binary_format(data)
    if binary is not None:
        return binary
    if is_html(data) and b"DATA=" not in data:
        mend = (
            "open it in a spreadsheet program and save it as .xlsx"
            if PurePath(name).suffix.casefold() in (".xls", ".xlsx")
            else "open its address in a browser to see why, and fetch the table itself"
        )
        raise _refuse("a web page (HTML), not a table", mend)
    text = _text(data)
    start = text[:_START].lstrip("\ufeff \t\r\n\0")
    if start.startswith(("{", "[")):
        return json_format(_json(data))
    if start.startswith("<"):
        return _xml_format(start)
    if _PX_KEYWORD.match(start) and (_PX_TYPICAL.search(start) or PurePath(name).suffix.casefold() == ".px"):
        return "px"
    return _text_table_format(text)


def _binary_format(data: bytes) -> str | None:
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_format(data)
    if data.startswith(_OLE):
        return "xls"
    for start, what, mend in _NOT_TABLES:
        if data.startswith(start):
            raise _refuse(what, mend)
    return None


def _zip_format(data: bytes) -> str:
    """Tell a workbook from an archive by what the archive lists."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            mimetype = archive.read("mimetype")[:100] if "mimetype" in names else b""
    # An entry can be of a compression that zipfile does not know, encrypted, or past the end of the file.
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        message = f"the archive or workbook is truncated or damaged ({error})"
        raise ReadingError(_WHOLE, message, "fetch or copy the file again") from error
    if b"opendocument.spreadsheet" in mimetype:
        return "ods"
    if b"opendocument" in mimetype or any(name.startswith("word/") for name in names):
        raise _refuse("a text document", "enter its figures by hand, or ask for the workbook behind it")
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    return "zip"


def _text(data: bytes) -> str:
    """Decode for the sake of telling what it is; unknown letters do not matter for that."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data.rstrip(b"\0 \t\r\n")[:_START]:
        raise _refuse("neither text nor a format known here", f"give one of {', '.join(FORMATS)}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _json(data: bytes) -> Any:
    try:
        return json.loads(data.decode(json_encoding(data)).rstrip("\0 \t\r\n"))
    except UnicodeDecodeError as error:
        raise ReadingError(f"byte {error.start}", "the JSON is not UTF-8", "fetch it again") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, character {error.colno}"
        raise ReadingError(
            place, f"the JSON breaks off or is broken ({error.msg})", "fetch the file again"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ReadingError(_WHOLE, f"the JSON cannot be read ({error})", "fetch the file again") from error


# What the keys of an answer give away -> (what it is, what to do about it). All keys of a row must be there.
_DESCRIPTIONS: tuple[tuple[frozenset[str], str, str], ...] = (
    (
        frozenset(("title", "variables")),
        "PxWeb's description of a table (API v1): it holds no figures",
        "ask for the figures by POST to the same address",
    ),
    (
        frozenset(("query", "response")),
        "a query to PxWeb, not its answer",
        "send it by POST and keep what comes back",
    ),
    (
        frozenset(("maxValues", "maxCells")),
        "PxWeb's statement of its limits (API v1, ?config)",
        "fetch a table",
    ),
    (
        frozenset(("apiVersion", "maxDataCells")),
        "PxWeb's statement of its limits (API v2, /config)",
        "fetch a table",
    ),
    (
        frozenset(("tables", "page")),
        "PxWeb's list of tables (API v2, /tables): it holds no figures",
        "fetch /tables/<id>/data of one of them",
    ),
    (
        frozenset(("id", "variableNames")),
        "PxWeb's entry for one table (API v2): it holds no figures",
        "fetch /tables/<id>/data",
    ),
    (
        frozenset(("apis",)),
        "a catalogue of PxWeb servers: it holds no figures",
        "fetch a table of one of them",
    ),
    (frozenset(("type", "features")), "GeoJSON: shapes, not a table of figures", "give the table beside it"),
)
_LISTS: tuple[tuple[frozenset[str], str, str], ...] = (
    (frozenset(("dbid", "text")), "PxWeb's list of databases (API v1)", "go on to a table"),
    (frozenset(("id", "type", "text")), "PxWeb's list of folders and tables (API v1)", "go on to a table"),
    (frozenset(("px_file",)), "a list of PX files: it holds no figures", "fetch one of the tables"),
)


def _is_dataset(item: object) -> bool:
    return isinstance(item, Mapping) and isinstance(item.get("dimension"), Mapping)


def json_format(content: Any) -> str:
    """Tell by its keys what a JSON answer is. Raises ReadingError for what holds no figures."""
    if isinstance(content, list):
        first = content[0] if content and isinstance(content[0], Mapping) else {}
        for keys, what, mend in _LISTS:
            if keys <= first.keys():
                raise _refuse(what, mend)
    elif isinstance(content, Mapping):
        found = _object_format(content)
        if found is not None:
            return found
        for keys, what, mend in _DESCRIPTIONS:
            if keys <= content.keys():
                raise _refuse(what, mend)
        if "error" in content:
            raise ReadingError(
                "error",
                f"the server answered with an error: {str(content['error'])[:200]}",
                "correct the query",
            )
    raise _refuse(
        "JSON of a shape that no adapter knows", "ask the server for json-stat2, or save the table as CSV"
    )


def _object_format(content: Mapping[str, Any]) -> str | None:
    if content.get("class") in ("dataset", "collection", "dimension"):
        return "json-stat2"
    if _is_dataset(content) or any(_is_dataset(item) for item in content.values()):
        return "json-stat"
    if isinstance(content.get("columns"), list) and isinstance(content.get("data"), list):
        return "pxweb-json"
    if "success" in content and ("result" in content or "error" in content):
        return "ckan"
    listed = isinstance(content.get("records"), list) and isinstance(content.get("fields"), list)
    dkan = isinstance(content.get("results"), list) and {"count", "schema", "query"} & content.keys()
    return "ckan" if listed or dkan else None


def _xml_format(start: str) -> str:
    root = _ROOT.search(start)
    name = root.group(1) if root else ""
    if _SDMX_ROOTS.fullmatch(name):
        return "sdmx"
    if name == "Workbook" and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise _refuse("a workbook saved as XML (Excel 2003)", "open it and save it as .xlsx")
    raise _refuse(
        f"XML with the root '{name}', no SDMX-ML message", "ask for SDMX-ML 2.1, JSON-stat or a workbook"
    )


def _text_table_format(text: str) -> str:
    lines = without_separator_line(text).splitlines()[:200]
    try:
        separator = separator_of(lines)
        rows = [] if separator is None else list(csv.reader(lines, delimiter=separator))
    except csv.Error as error:
        raise _refuse(f"text that is no table ({error})", f"give one of {', '.join(FORMATS)}") from error
    filled = [row for row in rows if any(field.strip() for field in row)]
    widths = [len(row) for row in filled if len(row) > 1]
    common = max(widths, key=widths.count, default=0)
    # Prose has commas too, but not the same number in line after line; a list in Markdown has bars at both ends.
    if widths.count(common) < max(2, len(filled) / 2) or text.lstrip().startswith(("#", "|")):
        raise _refuse("text without columns", f"give one of {', '.join(FORMATS)}")
    if tuple(filled[0]) == plain_table.COLUMNS:
        return "plain-table"
    return "pxweb-csv" if len(filled[0]) == 1 else "csv"
