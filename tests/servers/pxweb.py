"""A PX-Web server on loopback, API versions 1 and 2, loaded with one table by the test and told how to misbehave.

Version 1 answers as PX-Web does: lists of databases, levels and tables, a table's description, `?config`, and
queries by POST in json, json-stat, json-stat2, px, csv or xlsx (px when the query names no format). JSON-stat 1
has one `dataset` object with the dimensions' ids and sizes inside, no status when nothing is missing, a NUL byte
at the end. Errors are `{"error": ...}`: 403 for a query above the limit, 400 for a wrong code, 404 for a wrong
path. Version 2 lists tables in pages and answers with JSON-stat 2; its errors are problem documents.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote

import openpyxl

from tests.servers.http import Fault, Reply, TestServer, serving

Number = float | int | None


@dataclass
class PxwebVariable:
    """A dimension of the table: PX-Web numbers the values of most Vietnamese tables from 0."""

    code: str
    labels: Sequence[str]
    values: Sequence[str] | None = None
    time: bool = False

    @property
    def codes(self) -> list[str]:
        return list(self.values) if self.values is not None else [str(n) for n in range(len(self.labels))]


@dataclass
class PxwebTable:
    """One table: `cells` maps the labels of a cell, in the order of the variables, to its value."""

    title: str
    variables: Sequence[PxwebVariable]
    cells: dict[tuple[str, ...], Number]
    updated: str = "9999-12-31T16:59:59Z"


Chosen = list[tuple[PxwebVariable, list[int]]]


@dataclass
class PxwebServer(TestServer):
    """The running server; `queries` keeps the bodies of queries."""

    table: PxwebTable = field(default_factory=lambda: PxwebTable("", [], {}))
    database: str = "V02"
    name: str = "V02.01.px"
    max_values: int = 10_000
    stated_calls: int = 5
    stated_window: float = 10
    # Whether the web server in front takes `.px` for a file of its own, so that only `.PX` gets through.
    capitals_only: bool = False
    queries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The address of the table, as a record's fetch section names it."""
        return f"{self.base}/api/v1/vi/{quote(self.database)}/{quote(self.name)}"

    @property
    def address_v2(self) -> str:
        return f"{self.base}/api/v2"

    @property
    def table_id(self) -> str:
        return self.name.removesuffix(".px")

    def answer(self, method: str, address: SplitResult, body: Any) -> Reply:
        parts = [unquote(part) for part in address.path.strip("/").split("/")]
        if parts[:2] == ["api", "v2"]:
            status, content = self._version_2(method, parts[2:], parse_qs(address.query), body)
            return Reply(status, content)
        if parts[:2] != ["api", "v1"]:
            return Reply(404, {"error": "Not found"})
        if method == "POST":
            return self._query(parts[-1], body)
        status, content = self._version_1(parts[3:], address.query)
        return Reply(status, content, headers={"Set-Cookie": f"rxid=s{len(self.requests)}"})

    # --- version 1

    def _version_1(self, parts: list[str], query: str) -> tuple[int, Any]:
        if query == "config":
            return 200, {
                "maxValues": self.max_values,
                "maxCells": 100_000,
                "maxCalls": self.stated_calls,
                "timeWindow": self.stated_window,
                "CORS": True,
            }
        match parts:
            case []:
                return 200, [{"dbid": self.database, "text": self.database}]
            case [self.database]:
                listed = {
                    "id": self.name,
                    "type": "t",
                    "text": self.table.title,
                    "updated": self.table.updated,
                }
                return 200, [{"id": "Sub", "type": "l", "text": "Sub"}, listed]
            case [self.database, "Sub"]:
                return 200, []
            case [self.database, self.name]:
                return 200, {
                    "title": self.table.title,
                    "variables": [_described(v) for v in self.table.variables],
                }
        return 404, {"error": "Not found"}

    def _query(self, name: str, body: dict[str, Any]) -> Reply:  # noqa: PLR0911
        if self.capitals_only and name.endswith(".px"):
            return Reply(404, b"<html><title>404</title></html>", "text/html")
        if name.upper() != self.name.upper():
            return Reply(404, {"error": "Not found"})
        self.queries.append(body)
        asked = {part["code"]: part["selection"] for part in body.get("query", [])}
        try:
            chosen = [(v, _picked(v, asked.pop(v.code, {"filter": "all"}))) for v in self.table.variables]
        except ValueError:
            return Reply(400, {"error": "Parameter error"})
        if asked:
            return Reply(400, {"error": "Parameter error"})
        if _size(chosen) > self.max_values:
            return Reply(403, {"error": "Too many values selected"})
        form = body.get("response", {}).get("format", "px")
        if form in self._written:
            return self._written[form](chosen)
        return Reply(400, {"error": "Parameter error"})

    @property
    def _written(self) -> dict[str, Callable[[Chosen], Reply]]:
        """The formats of an answer."""
        return {
            # PX-Web ends its JSON-stat with a NUL byte.
            "json-stat": lambda chosen: Reply(200, Reply(body=self.json_stat(chosen)).data + b"\0"),
            "json-stat2": lambda chosen: Reply(200, self.json_stat_2(chosen)),
            "json": lambda chosen: Reply(200, self.rows(chosen)),
            "px": lambda chosen: Reply(200, self.px(chosen), "application/octet-stream"),
            "csv": lambda chosen: Reply(200, self.csv(chosen), "text/csv; charset=utf-8"),
            "xlsx": lambda chosen: Reply(200, self.workbook(chosen), "application/octet-stream"),
        }

    def _values(self, chosen: Chosen) -> list[Number]:
        keys = product(*([variable.labels[n] for n in picked] for variable, picked in chosen))
        return [self.table.cells.get(tuple(key)) for key in keys]

    def json_stat(self, chosen: Chosen) -> dict[str, Any]:
        dimensions: dict[str, Any] = {v.code: _dimension(v, picked) for v, picked in chosen}
        values = self._values(chosen)
        dimensions["id"] = [variable.code for variable, _ in chosen]
        dimensions["size"] = [len(picked) for _, picked in chosen]
        dimensions["role"] = {}
        dataset: dict[str, Any] = {
            "dimension": dimensions,
            "label": f"{self.table.title} chia theo {', '.join(variable.code for variable, _ in chosen)}",
            "source": None,
            "updated": self.table.updated,
            "value": values,
        }
        missing = {str(position): None for position, value in enumerate(values) if value is None}
        return {"dataset": ({"status": missing} if missing else {}) | dataset}

    def json_stat_2(self, chosen: Chosen) -> dict[str, Any]:
        values = self._values(chosen)
        missing = {str(position): ".." for position, value in enumerate(values) if value is None}
        return {
            "version": "2.0",
            "class": "dataset",
            "label": self.table.title,
            "source": "Cục Thống kê",
            "updated": self.table.updated,
            "id": [variable.code for variable, _ in chosen],
            "size": [len(picked) for _, picked in chosen],
            "dimension": {v.code: _dimension(v, picked) for v, picked in chosen},
            "role": {"time": [variable.code for variable, _ in chosen if variable.time]},
            "value": values,
        } | ({"status": missing} if missing else {})

    def rows(self, chosen: Chosen) -> dict[str, Any]:
        """The format `json`: codes and values as text, rounded for display."""
        columns = [{"code": v.code, "text": v.code, "type": "t" if v.time else "d"} for v, _ in chosen]
        columns.append({"code": self.table.title, "text": self.table.title, "type": "c"})
        keys = product(*([v.codes[n] for n in picked] for v, picked in chosen))
        data = [
            {"key": list(key), "values": [".." if value is None else f"{value:.2f}"]}
            for key, value in zip(keys, self._values(chosen), strict=True)
        ]
        metadata = [{"label": self.table.title, "source": "", "updated": ""}]
        return {"columns": columns, "comments": [], "data": data, "metadata": metadata}

    def _grid(self, chosen: Chosen) -> list[list[Any]]:
        """Labels of all but the last variable, and one column per value of the last."""
        last, picked = chosen[-1]
        rows: list[list[Any]] = [[v.code for v, _ in chosen[:-1]] + [last.labels[n] for n in picked]]
        values = iter(self._values(chosen))
        for key in product(*([v.labels[n] for n in numbers] for v, numbers in chosen[:-1])):
            rows.append([*key, *(next(values) for _ in picked)])
        return rows

    def csv(self, chosen: Chosen) -> bytes:
        lines = [
            ",".join(
                f'"{cell}"' if isinstance(cell, str) else '".."' if cell is None else str(cell)
                for cell in row
            )
            for row in self._grid(chosen)
        ]
        return "\r\n".join([f'"{self.table.title}"', *lines, ""]).encode()

    def workbook(self, chosen: Chosen) -> bytes:
        book = openpyxl.Workbook()
        sheet = book.active
        for row in [[self.table.title], [], *self._grid(chosen)]:
            sheet.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    def px(self, chosen: Chosen) -> bytes:
        def listed(words: Sequence[str]) -> str:
            return ",".join(f'"{word}"' for word in words)

        lines = ['CHARSET="ANSI"', 'AXIS-VERSION="2013"', 'CODEPAGE="utf-8"', f'TITLE="{self.table.title}"']
        lines += [f"STUB={listed([v.code for v, _ in chosen[:-1]])}", f'HEADING="{chosen[-1][0].code}"']
        for variable, picked in chosen:
            lines.append(f'VALUES("{variable.code}")={listed([variable.labels[n] for n in picked])}')
            lines.append(f'CODES("{variable.code}")={listed([variable.codes[n] for n in picked])}')
        values = ['".."' if value is None else str(value) for value in self._values(chosen)]
        return (";\n".join([*lines, f"DATA=\n{' '.join(values)}"]) + ";\n").encode()

    # --- version 2

    def _version_2(
        self, method: str, parts: list[str], options: dict[str, list[str]], body: Any
    ) -> tuple[int, Any]:
        match parts:
            case ["config"]:
                return 200, {
                    "apiVersion": "2.0.0",
                    "maxDataCells": self.max_values,
                    "maxCallsPerTimeWindow": self.stated_calls,
                    "timeWindow": self.stated_window,
                }
            case ["tables"]:
                return 200, self._listed(options)
            case ["tables", self.table_id]:
                return 200, self._entry(self.table_id)
            case ["tables", self.table_id, "metadata"]:
                whole = [(v, list(range(len(v.codes)))) for v in self.table.variables]
                description = self.json_stat_2(whole)
                return 200, {key: item for key, item in description.items() if key not in {"value", "status"}}
            case ["tables", self.table_id, "data"]:
                return self._data(method, options, body)
        return 404, {"type": "Non-existent table", "title": "Non-existent table", "status": 404}

    def _entry(self, table_id: str) -> dict[str, Any]:
        return {"id": table_id, "label": self.table.title, "updated": self.table.updated, "type": "Table"}

    def _listed(self, options: dict[str, list[str]]) -> dict[str, Any]:
        """Three tables, two of which are not there, one per page."""
        every = [self._entry(table_id) for table_id in ("A01", self.table_id, "Z99")]
        search = options.get("query", [""])[0].casefold()
        found = [entry for entry in every if search in entry["id"].casefold()]
        number = int(options.get("pageNumber", ["1"])[0])
        return {
            "language": "vi",
            "tables": found[number - 1 : number],
            "page": {
                "pageNumber": number,
                "pageSize": 1,
                "totalElements": len(found),
                "totalPages": len(found),
            },
        }

    def _data(self, method: str, options: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        if method == "POST":
            self.queries.append(body)
            asked = {part["variableCode"]: part["valueCodes"] for part in body.get("selection", [])}
        else:
            asked = {
                key[len("valuecodes[") : -1]: _split_codes(values[0])
                for key, values in options.items()
                if key.startswith("valuecodes[")
            }
        chosen: Chosen = []
        for variable in self.table.variables:
            codes = variable.codes
            wanted = asked.pop(variable.code, codes)
            if not set(wanted) <= set(codes):
                return 400, {"type": "Parameter error", "title": "Illegal value", "status": 400}
            chosen.append((variable, [codes.index(code) for code in codes if code in wanted]))
        if asked:
            return 400, {"type": "Parameter error", "title": "Illegal variable", "status": 400}
        if _size(chosen) > self.max_values:
            return 403, {"type": "Parameter error", "title": "Too many cells selected", "status": 403}
        return 200, self.json_stat_2(chosen)


def _picked(variable: PxwebVariable, selection: dict[str, Any]) -> list[int]:
    """Return the places of the values that a selection picks. Raises ValueError for a value that is not there."""
    codes = variable.codes
    if selection["filter"] == "item":
        return sorted(codes.index(code) for code in selection["values"])
    return (
        list(range(len(codes)))[-int(selection["values"][0]) :]
        if selection["filter"] == "top"
        else [*range(len(codes))]
    )


def _split_codes(text: str) -> list[str]:
    """Split codes at commas, except within brackets."""
    codes, current, inside = [], "", False
    for letter in text:
        if letter in "[]":
            inside = letter == "["
        elif letter == "," and not inside:
            codes.append(current)
            current = ""
        else:
            current += letter
    return [*codes, current]


def _size(chosen: Chosen) -> int:
    size = 1
    for _, picked in chosen:
        size *= len(picked)
    return size


def _described(variable: PxwebVariable) -> dict[str, Any]:
    described: dict[str, Any] = {"code": variable.code, "text": variable.code}
    described |= {"values": variable.codes, "valueTexts": list(variable.labels)}
    return described | ({"time": True} if variable.time else {})


def _dimension(variable: PxwebVariable, picked: list[int]) -> dict[str, Any]:
    codes = [variable.codes[n] for n in picked]
    return {
        "label": variable.code,
        "category": {
            "index": {code: position for position, code in enumerate(codes)},
            "label": {code: variable.labels[n] for code, n in zip(codes, picked, strict=True)},
        },
    }


@contextmanager
def serve_pxweb(table: PxwebTable, **options: Any) -> Iterator[PxwebServer]:
    """Serve the table on a free port of loopback until the block ends; tests need the mark `integration`."""
    with serving(PxwebServer(table=table, **options)) as server:
        yield server


__all__ = ["Fault", "PxwebServer", "PxwebTable", "PxwebVariable", "serve_pxweb"]
