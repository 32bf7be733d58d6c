"""One session of a browser with the page server: HTTP for the page, then Streamlit's messages on a websocket."""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

HOST = "127.0.0.1"
# What a browser asks for before it opens the websocket, besides the page itself; the scripts it keeps are not asked for
# again.
_BEFORE = ("/_stcore/health", "/_stcore/host-config")
_LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"[^>]*>')
_DESK_MENU = re.compile(r"<nav\b[^>]*ppw-desk-menu.*?</nav>", re.DOTALL)
_FAULT = "ppw-error"
_MOST_BYTES = 64_000_000


class SessionFault(Exception):
    """The server did not answer as it answers a browser; the message says what happened."""


@dataclass
class Seen:
    """What a page shows after a run: the links of its menu and of its content, its filters by id."""

    menu: list[str] = field(default_factory=list)
    content: list[str] = field(default_factory=list)
    language: list[str] = field(default_factory=list)
    filters: dict[str, list[str]] = field(default_factory=dict)
    n_bytes: int = 0
    n_messages: int = 0


class Session:
    """A page open in a browser. `address` is the path and the query as the address line shows them."""

    def __init__(self, port: int, address: str, cookie: str = "") -> None:
        self._port = port
        parts = urlsplit(address)
        self.page, self._query = parts.path.strip("/."), parts.query
        self._headers = {"Cookie": cookie} if cookie else {}
        self._socket: ClientConnection | None = None
        self._kept: dict[str, Element] = {}
        self._widgets: dict[str, WidgetState] = {}
        self.seen = Seen()

    async def open(self, timeout: float) -> float:
        """Open the page; seconds until its script has ended. SessionFault when it does not come."""
        started = time.perf_counter()
        async with _Bounded(timeout, f"page {self.page or 'overview'}"):
            for path in (f"/{self.page}", *_BEFORE):
                await _get(self._port, path, self._headers)
            self._socket = await connect(
                f"ws://{HOST}:{self._port}/_stcore/stream",
                subprotocols=[Subprotocol("streamlit")],
                additional_headers=self._headers,
                origin=None,
                compression=None,
                max_size=_MOST_BYTES,
            )
            await self._run()
        return time.perf_counter() - started

    async def choose(self, widget: str, value: str, timeout: float) -> float:
        """Change a filter of the page; seconds until the script has ended."""
        started = time.perf_counter()
        self._widgets[widget] = WidgetState(id=widget, string_value=value)
        async with _Bounded(timeout, f"a filter of page {self.page or 'overview'}"):
            await self._run()
        return time.perf_counter() - started

    async def close(self) -> None:
        """Leave the page."""
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def _run(self) -> None:
        if self._socket is None:
            raise SessionFault(f"page {self.page}: the session is closed")
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = self._query, self.page
        state.widget_states.widgets.extend(self._widgets.values())
        state.cached_message_hashes.extend(self._kept)
        state.context_info.url = f"http://{HOST}:{self._port}/{self.page}"
        state.context_info.timezone, state.context_info.timezone_offset = "Asia/Ho_Chi_Minh", -420
        state.context_info.locale, state.context_info.color_scheme = "vi-VN", "light"
        await self._socket.send(message.SerializeToString())
        self.seen = Seen()
        while True:
            data = await self._socket.recv(decode=False)
            told = ForwardMsg.FromString(data)
            self.seen.n_bytes += len(data)
            self.seen.n_messages += 1
            kind = told.WhichOneof("type")
            if kind == "script_finished":
                if told.script_finished in (
                    ForwardMsg.FINISHED_SUCCESSFULLY,
                    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
                ):
                    return
                if told.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    raise SessionFault(f"page {self.page}: the script does not compile")
            elif kind == "page_not_found":
                raise SessionFault(f"page {self.page}: not found")
            elif kind == "ref_hash":
                self._look_at(self._kept[told.ref_hash])
            elif kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                if told.metadata.cacheable:
                    self._kept[told.hash] = told.delta.new_element
                self._look_at(told.delta.new_element)

    def _look_at(self, shown: Element) -> None:
        kind = shown.WhichOneof("type")
        if kind == "exception":
            raise SessionFault(f"page {self.page}: {shown.exception.type} {shown.exception.message}")
        if kind == "selectbox" and len(shown.selectbox.options) > 1 and not shown.selectbox.form_id:
            self.seen.filters[shown.selectbox.id] = list(shown.selectbox.options)
        if kind != "html":
            return
        body = shown.html.body
        if _FAULT in body and "<style>" not in body:
            raise SessionFault(f"page {self.page}: the page says that it failed")
        of_menu = "ppw-head" in body and "<style>" not in body
        for found in _LINK.finditer(_DESK_MENU.sub("", body) if of_menu else body):
            address = html.unescape(found[1])
            if not _is_page(address):
                continue
            if "hreflang=" in found[0]:
                self.seen.language.append(address)
            else:
                (self.seen.menu if of_menu else self.seen.content).append(address)


def _is_page(address: str) -> bool:
    parts = urlsplit(address)
    return not (
        parts.scheme
        or parts.netloc
        or address.startswith(("#", "media/", "/media/"))
        or "." in parts.path[1:]
    )


class _Bounded:
    """Turns everything that keeps a page from coming into a SessionFault."""

    def __init__(self, seconds: float, what: str) -> None:
        self._timeout, self._what, self._seconds = asyncio.timeout(seconds), what, seconds

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)  # type: ignore[arg-type]
        except TimeoutError as late:
            raise SessionFault(f"{self._what}: nothing within {self._seconds:g} s") from late
        if isinstance(error, OSError | WebSocketException):
            raise SessionFault(f"{self._what}: {type(error).__name__} {error}") from error


async def _get(port: int, path: str, headers: Mapping[str, str]) -> None:
    """One HTTP request, read to its end. SessionFault when the answer is not 200."""
    reader, writer = await asyncio.open_connection(HOST, port)
    lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}:{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    try:
        await writer.drain()
        answer = await reader.read()
    finally:
        writer.close()
    if b" 200 " not in answer[:20]:
        raise SessionFault(f"{path}: answered {answer[:30]!r}")
