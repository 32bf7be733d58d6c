"""A PxWeb v1 server on loopback, loaded with one table by the test and told how to misbehave.

It answers as PX-Web does: navigation lists, table metadata, `?config`, and a POST query with JSON-stat
(version 1 in a `dataset` object with the dimensions' ids and sizes inside, no status when nothing is missing,
a NUL byte at the end). Filters item, all and top are understood; errors are JSON `{"error": ...}`.
"""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

Number = float | int | None
HTML_PAGE = (
    b"<!DOCTYPE html><html><head><title>Dang bao tri</title></head><body>Bao tri he thong</body></html>"
)


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


@dataclass
class Fault:
    """An answer to give in place of the right one: to POST queries, or to everything."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    to: Literal["post", "all"] = "post"

    @classmethod
    def html(cls) -> "Fault":
        return cls(body=HTML_PAGE, content_type="text/html; charset=utf-8")

    @classmethod
    def busy(cls, retry_after: str = "1") -> "Fault":
        return cls(429, b'{"error":"Too many requests"}', headers={"Retry-After": retry_after})

    @classmethod
    def too_many_values(cls) -> "Fault":
        return cls(403, b'{"error":"Too many values selected"}')

    @classmethod
    def broken(cls) -> "Fault":
        return cls(500, b"Internal Server Error", content_type="text/plain")

    @classmethod
    def oversize(cls, n_bytes: int) -> "Fault":
        return cls(body=b"{" + b" " * n_bytes + b"}")

    @classmethod
    def slow(cls, seconds: float) -> "Fault":
        return cls(delay_seconds=seconds)


@dataclass
class PxwebServer:
    """The running server.

    `faults` are used up one per request, then the table is served; `requests` logs (method, path).
    """

    table: PxwebTable
    database: str = "V02"
    name: str = "V02.01.px"
    max_values: int = 10_000
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    queries: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """The address of the table, as a record's fetch section names it."""
        return f"http://{self.host}/api/v1/vi/{quote(self.database)}/{quote(self.name)}"

    def next_fault(self, method: str) -> Fault | None:
        if self.faults and (self.faults[0].to == "all" or method == "POST"):
            return self.faults.pop(0)
        return None

    def answer_get(self, path: str, query: str) -> tuple[int, Any]:
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if parts[:2] != ["api", "v1"]:
            return 404, {"error": "Not found"}
        if query == "config":
            return 200, {
                "maxValues": self.max_values,
                "maxCells": 100_000,
                "maxCalls": 5,
                "timeWindow": 10,
                "CORS": True,
            }
        match parts[3:]:
            case []:
                return 200, [{"dbid": self.database, "text": self.database}]
            case [self.database]:
                listed = {
                    "id": self.name,
                    "type": "t",
                    "text": self.table.title,
                    "updated": self.table.updated,
                }
                return 200, [listed]
            case [self.database, self.name]:
                return 200, {
                    "title": self.table.title,
                    "variables": [self._described(v) for v in self.table.variables],
                }
        return 404, {"error": "Not found"}

    @staticmethod
    def _described(variable: PxwebVariable) -> dict[str, Any]:
        described: dict[str, Any] = {"code": variable.code, "text": variable.code}
        described |= {"values": variable.codes, "valueTexts": list(variable.labels)}
        return described | ({"time": True} if variable.time else {})

    def answer_post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if unquote(path).split("/")[-1] != self.name:
            return 404, {"error": "Not found"}
        self.queries.append(body)
        chosen: list[tuple[PxwebVariable, list[int]]] = []
        asked = {part["code"]: part["selection"] for part in body.get("query", [])}
        for variable in self.table.variables:
            codes = variable.codes
            selection = asked.pop(variable.code, {"filter": "all", "values": ["*"]})
            if selection["filter"] == "item":
                if not set(selection["values"]) <= set(codes):
                    return 400, {"error": "Parameter error"}
                picked = [codes.index(code) for code in codes if code in selection["values"]]
            elif selection["filter"] == "top":
                picked = list(range(len(codes)))[-int(selection["values"][0]) :]
            else:
                picked = list(range(len(codes)))
            chosen.append((variable, picked))
        if asked or body.get("response", {}).get("format") != "json-stat":
            return 400, {"error": "Parameter error"}
        n_cells = 1
        for _, picked in chosen:
            n_cells *= len(picked)
        if n_cells > self.max_values:
            return 403, {"error": "Too many values selected"}
        return 200, self._json_stat(chosen)

    def _json_stat(self, chosen: list[tuple[PxwebVariable, list[int]]]) -> dict[str, Any]:
        dimensions: dict[str, Any] = {}
        for variable, picked in chosen:
            codes = [variable.codes[n] for n in picked]
            labels = {code: variable.labels[n] for code, n in zip(codes, picked, strict=True)}
            index = {code: position for position, code in enumerate(codes)}
            dimensions[variable.code] = {
                "label": variable.code,
                "category": {"index": index, "label": labels},
            }
        keys = product(*([variable.labels[n] for n in picked] for variable, picked in chosen))
        values = [self.table.cells.get(tuple(key)) for key in keys]
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


def _handler(server: PxwebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _send(self, status: int, body: bytes, content_type: str, headers: dict[str, str]) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _serve(self, method: str, body: dict[str, Any]) -> None:
            address = urlsplit(self.path)
            server.requests.append((method, self.path))
            fault = server.next_fault(method)
            if fault is not None and fault.delay_seconds:
                time.sleep(fault.delay_seconds)
            elif fault is not None:
                self._send(fault.status, fault.body, fault.content_type, fault.headers)
                return
            if method == "GET":
                status, content = server.answer_get(address.path, address.query)
            else:
                status, content = server.answer_post(address.path, body)
            data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
            # PX-Web ends its JSON-stat with a NUL byte.
            tail = b"\0" if method == "POST" and status == 200 else b""
            self._send(status, data + tail, "application/json; charset=utf-8", {})

        def do_GET(self) -> None:
            self._serve("GET", {})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            self._serve("POST", json.loads(self.rfile.read(length) or b"{}"))

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: `requests` is the log."""

    return Handler


@contextmanager
def serve_pxweb(table: PxwebTable, **options: Any) -> Iterator[PxwebServer]:
    """Serve the table on a free port of loopback until the block ends; tests need the mark `integration`."""
    server = PxwebServer(table, **options)
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    http.daemon_threads = True
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(timeout=5)
