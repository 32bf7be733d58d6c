"""What the servers for tests share: faults to switch on, and serving on loopback."""

import gzip
import json
import math
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

HTML_PAGE = (
    b"<!DOCTYPE html><html><head><title>Dang bao tri</title></head><body>Bao tri he thong</body></html>"
)
JSON_TYPE = "application/json; charset=utf-8"


@dataclass
class Reply:
    """An answer: a status, bytes or something to write as JSON, and headers."""

    status: int = 200
    body: Any = b""
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass
class Fault:
    """An answer to give in place of the right one, or what to do to the right one.

    `to` are the requests that it is given to: POST queries, those whose path holds a text, or all.
    """

    status: int = 200
    body: bytes | None = b""
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    to: Literal["post", "all"] | str = "post"
    # The share of the right answer that is sent; the connection then closes, or the answer simply ends.
    share: float = 1.0
    closes: bool = False

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
    def forbidden(cls) -> "Fault":
        return cls(403, b'{"error":"Forbidden"}')

    @classmethod
    def closed_door(cls) -> "Fault":
        return cls(403, HTML_PAGE, content_type="text/html")

    @classmethod
    def sign_in(cls) -> "Fault":
        return cls(401, b"", content_type="text/plain")

    @classmethod
    def not_found(cls) -> "Fault":
        """A web server in front of the API that knows no such file."""
        return cls(404, HTML_PAGE, content_type="text/html")

    @classmethod
    def broken(cls) -> "Fault":
        return cls(500, b"Internal Server Error", content_type="text/plain")

    @classmethod
    def oversize(cls, n_bytes: int) -> "Fault":
        return cls(body=b"{" + b" " * n_bytes + b"}")

    @classmethod
    def packed(cls, n_bytes: int, times: int = 1) -> "Fault":
        """A small answer that unpacks to a large one."""
        body = b"{" + b" " * n_bytes + b"}"
        for _ in range(times):
            body = gzip.compress(body)
        return cls(body=body, headers={"Content-Encoding": ", ".join(["gzip"] * times)})

    @classmethod
    def slow(cls, seconds: float) -> "Fault":
        return cls(body=None, delay_seconds=seconds)

    @classmethod
    def broken_off(cls, share: float = 0.5) -> "Fault":
        """The connection closes in the middle of the answer."""
        return cls(body=None, share=share, closes=True)

    @classmethod
    def truncated(cls, share: float = 0.5) -> "Fault":
        """The answer ends in the middle, and nothing but its content shows it."""
        return cls(body=None, share=share)

    @classmethod
    def wrong_type(cls) -> "Fault":
        return cls(body=b"\x89PNG\r\n\x1a\n" + bytes(64), content_type="image/png")

    @classmethod
    def redirect(cls, location: str) -> "Fault":
        return cls(307, b"", headers={"Location": location})

    def on(self, to: str) -> "Fault":
        """The same fault, for other requests."""
        self.to = to
        return self


@dataclass
class TestServer(ABC):
    """A server on loopback. `faults` are used up one per request that they are for; `requests` logs (method, path).

    With `most_calls`, more requests within `window_seconds` are answered 429 with Retry-After.
    """

    __test__ = False

    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    most_calls: int | None = None
    window_seconds: float = 10.0
    port: int = 0
    _served: list[float] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        return f"http://{self.host}"

    def next_fault(self, method: str, path: str) -> Fault | None:
        if not self.faults:
            return None
        to = self.faults[0].to
        if to == "all" or (method == "POST" if to == "post" else to in path):
            return self.faults.pop(0)
        return None

    def seconds_to_wait(self) -> int:
        """Return what Retry-After says, 0 when the call window has room."""
        now = time.monotonic()
        self._served = [at for at in self._served if now - at < self.window_seconds]
        if self.most_calls is not None and len(self._served) >= self.most_calls:
            return max(math.ceil(self._served[0] + self.window_seconds - now), 1)
        self._served.append(now)
        return 0

    @abstractmethod
    def answer(self, method: str, address: SplitResult, body: Any) -> Reply:
        """Return the right answer; each server has its own."""


def _handler(server: TestServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _send(self, reply: Reply, share: float = 1.0, closes: bool = False) -> None:
            whole = reply.data
            part = whole[: int(len(whole) * share)]
            try:
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(whole if closes else part)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(part)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            if closes:
                self.close_connection = True

        def _serve(self, method: str, body: Any) -> None:
            server.requests.append((method, self.path))
            server.sessions.append(self.headers.get("Cookie", ""))
            wait = server.seconds_to_wait()
            if wait:
                self._send(Reply(429, {"error": "Too many requests"}, headers={"Retry-After": str(wait)}))
                return
            fault = server.next_fault(method, self.path)
            if fault is not None and fault.delay_seconds:
                time.sleep(fault.delay_seconds)
            if fault is not None and fault.body is not None:
                self._send(Reply(fault.status, fault.body, fault.content_type, fault.headers))
                return
            reply = server.answer(method, urlsplit(self.path), body)
            if fault is not None:
                self._send(reply, fault.share, fault.closes)
            else:
                self._send(reply)

        def do_GET(self) -> None:
            self._serve("GET", None)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            sent = self.rfile.read(length)
            if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
                self._serve("POST", parse_qsl(sent.decode(), keep_blank_values=True))
            else:
                self._serve("POST", json.loads(sent or b"{}"))

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: `requests` is the log."""

    return Handler


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hangs up: limits make it do so."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


S = TypeVar("S", bound=TestServer)


@contextmanager
def serving(server: S) -> Iterator[S]:
    """Serve on a free port of loopback until the block ends; tests need the mark `integration`."""
    http = _QuietServer(("127.0.0.1", 0), _handler(server))
    server.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(timeout=5)
