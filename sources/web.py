"""Asking servers over HTTP: allowed hosts only, within limits of time and size, again where that helps.

A fault of the source is a FetchError. Its `fault` is one word of FAULTS, its `outcome` what the fault means for
the retrieval: `failed`, `quarantined` (something came, and it is not what was asked for) or `not_yet_published`.
"""

import email.utils
import ipaddress
import json
import random
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Self
from urllib.parse import quote, urlencode, urljoin, urlsplit

import httpx
from pydantic import SecretStr

from sources.content import is_html
from store.settings import Settings

FaultOutcome = Literal["failed", "quarantined", "not_yet_published"]

# What can go wrong -> what it means for the retrieval. The word stands first in the reason that is recorded.
FAULTS: dict[str, FaultOutcome] = {
    "no_answer": "failed",
    "server_error": "failed",
    "busy": "failed",
    "circuit_open": "failed",
    "broken_off": "failed",
    "too_slow": "failed",
    "too_large": "failed",
    "too_many_cells": "failed",
    "forbidden": "failed",
    "sign_in": "failed",
    "not_found": "failed",
    "refused": "failed",
    "not_allowed": "failed",
    "redirected": "failed",
    "bad_query": "failed",
    "no_datastore": "failed",
    "changed_meanwhile": "failed",
    "session_lost": "failed",
    "not_published": "not_yet_published",
    "web_page": "quarantined",
    "not_the_format": "quarantined",
    "other_table": "quarantined",
    "form_changed": "quarantined",
    "no_link": "quarantined",
}
# Faults that say that this way in does not exist, while another may: the next route of the record is tried.
NO_SUCH_ROUTE = frozenset({"not_found", "no_datastore"})
# Faults that say that nobody is at home; they alone open the circuit.
HOST_DOWN = frozenset({"no_answer", "server_error", "broken_off", "too_slow"})

USER_AGENT = "provincial-plan-warehouse"
MOST_REDIRECTS = 3
_RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# What an answer may be packed with; gzip is what is asked for, and some servers know no other word than deflate.
_PACKINGS = frozenset({"gzip", "deflate"})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_STATUS_FAULTS = {
    401: ("sign_in", "the server asks for a name and password; use another route"),
    403: ("forbidden", "the server refuses; open the address in a browser to see why"),
    404: ("not_found", "check the address in the record, or name another route to the table"),
    405: ("not_found", "check the address in the record, or name another route to the table"),
    410: ("not_found", "the publisher has removed it; correct the record"),
    408: ("no_answer", "try again later"),
    429: ("busy", "try again later"),
}
_TOO_MANY = re.compile(r"too many (?:values|cells|data)|maxdatacells|quá nhiều|vượt quá", re.IGNORECASE)


class FetchError(Exception):
    """A document could not be fetched. `data` holds what came instead, where something did."""

    def __init__(self, fault: str, address: str, message: str, mend: str, data: bytes | None = None) -> None:
        self.fault = fault
        self.address = address
        self.message = message
        self.mend = mend
        self.outcome: FaultOutcome = FAULTS[fault]
        self.data = data
        super().__init__(f"{fault}: {address}: {message}. Mend: {mend}")


def fault_of(reason: str | None) -> str | None:
    """Return the fault word of a recorded reason; None for any other text."""
    word = (reason or "").partition(":")[0]
    return word if word in FAULTS else None


@dataclass(frozen=True)
class FetchLimits:
    """What a fetch may do. Hosts are named `host` (any port) or `host:port`; times are seconds.

    `size_cap_bytes` counts what comes over the wire, `unpacked_cap_bytes` what a compressed answer or file
    holds, `cells_cap` the cells of one table.
    """

    allow_hosts: tuple[str, ...]
    timeout_seconds: float = 30.0
    retries: int = 3
    size_cap_bytes: int = 50_000_000
    unpacked_cap_bytes: int = 200_000_000
    cells_cap: int = 2_000_000
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 60.0
    longest_answer_seconds: float = 300.0
    longest_pull_seconds: float = 1800.0
    # Name -> SQLAlchemy URL of each database that a record may name.
    sql_urls: tuple[tuple[str, SecretStr], ...] = ()

    @classmethod
    def of(cls, settings: Settings, addresses: tuple[str, ...] = ()) -> Self:
        """The limits of the settings; hosts are those of the settings and of a record's own `addresses`."""
        named = [host for address in addresses if (host := _public_host(address)) is not None]
        return cls(
            allow_hosts=tuple(dict.fromkeys([*settings.http_allow_hosts, *named])),
            timeout_seconds=settings.http_timeout_seconds,
            retries=settings.http_retries,
            size_cap_bytes=settings.http_size_cap_bytes,
            unpacked_cap_bytes=settings.http_unpacked_cap_bytes,
            cells_cap=settings.http_cells_cap,
            sql_urls=tuple(sorted(settings.sql_urls.items())),
        )


def host_of(address: str) -> str:
    """Return `host:port` of an address."""
    parts = urlsplit(address)
    return f"{parts.hostname or ''}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _public_host(address: str) -> str | None:
    """Return `host:port` of an address outside; this machine and its neighbours only the settings can allow."""
    name = (urlsplit(address).hostname or "").removesuffix(".")
    try:
        outside = ipaddress.ip_address(name).is_global
    except ValueError:
        # "127.1" and "0x7f.1" are addresses too, to the system that looks names up; no top-level name is a number.
        number = _NUMBER.fullmatch(name.rpartition(".")[2])
        outside = "." in name and not number and not name.endswith((".localhost", ".local", ".internal"))
    return host_of(address) if outside else None


@dataclass(frozen=True)
class FormFields:
    """The fields of a web form, in their order, to be sent as a browser sends them."""

    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Answer:
    """An answer read to its end, within the limits."""

    status: int
    headers: httpx.Headers
    data: bytes
    address: str

    @property
    def media_type(self) -> str:
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()


def json_of(data: bytes, **options: Any) -> Any:
    """Parse JSON as servers send it: a byte order mark before, a NUL byte after. Raises ValueError."""
    return json.loads(data.rstrip(b"\0 \t\r\n").decode("utf-8-sig"), **options)


def error_text(answer: Answer) -> str:
    """Return what the server says of an error, in few words."""
    try:
        content = json_of(answer.data)
    except ValueError:
        content = None
    if isinstance(content, dict):
        said = content.get("error", content)
        if isinstance(said, dict):
            words = [said.get(key) for key in ("message", "title", "detail", "name")]
            words = [word for word in words if isinstance(word, str) and word]
            # CKAN answers a wrong query with the wrong fields and what is wrong with each.
            said = words[0] if words else json.dumps(said, ensure_ascii=False)
        if said:
            return str(said)[:200]
    if is_html(answer.data):
        return "a web page"
    return httpx.codes.get_reason_phrase(answer.status) or "no reason"


def says_too_many(answer: Answer) -> bool:
    """Say whether a refusal is about the size of the query; PX-Web answers that with 403 as well."""
    return answer.status in {400, 403, 413} and bool(_TOO_MANY.search(error_text(answer)))


def check_status(answer: Answer) -> None:
    """Raise the FetchError of an answer that is not 200."""
    if answer.status == 200:
        return
    fault, mend = _STATUS_FAULTS.get(
        answer.status, ("server_error" if answer.status >= 500 else "refused", "try again later")
    )
    message = f"the server answers {answer.status} ({error_text(answer)})"
    raise FetchError(fault, answer.address, message, mend)


def refuse_html(answer: Answer, asked_for: str) -> None:
    """Raise the FetchError of a web page that stands in place of what was asked for."""
    if is_html(answer.data):
        raise FetchError(
            "web_page",
            answer.address,
            f"the answer is a web page (HTML), not {asked_for}",
            "open the address in a browser to see why; a login or a maintenance page often stands in the way",
            answer.data,
        )


def parsed(answer: Answer, **options: Any) -> Any:
    """Return the JSON of an answer; a web page, a broken off or another text is a FetchError."""
    check_status(answer)
    refuse_html(answer, "JSON")
    try:
        return json_of(answer.data, **options)
    except (ValueError, RecursionError) as error:
        kind = f" and is called {answer.media_type}" if "json" not in answer.media_type else ""
        message = f"the answer is not whole JSON ({error}){kind}"
        raise FetchError("not_the_format", answer.address, message, "try again later", answer.data) from error


@dataclass
class CallWindow:
    """The calls made to one host, and how many it allows in how many seconds, once it has said so."""

    most_calls: int | None = None
    seconds: float = 0.0
    # When the last calls were answered; the host counts them from earlier.
    calls: deque[float] = field(default_factory=lambda: deque(maxlen=1000))

    def wait(self, now: float) -> float:
        """Return the seconds to wait before the next call."""
        if self.most_calls is None or len(self.calls) < self.most_calls:
            return 0.0
        return max(self.calls[-self.most_calls] + self.seconds - now, 0.0)

    def state(self, most_calls: object, seconds: object) -> None:
        """Take the host's own words for its window; nonsense is not taken."""
        if isinstance(most_calls, int) and isinstance(seconds, int | float) and most_calls > 0 < seconds:
            self.most_calls, self.seconds = most_calls, float(seconds)


@dataclass
class Web:
    """Opens sessions within limits. Clock, chance (0 to 1) and transport are the real ones unless given.

    The call windows of hosts are kept here, so that several tables pulled one after the other share them.
    """

    limits: FetchLimits
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    monotonic: Callable[[], float] = time.monotonic
    transport: httpx.BaseTransport | None = None
    windows: dict[str, CallWindow] = field(default_factory=dict)

    @contextmanager
    def session(self, address: str) -> Iterator["Session"]:
        """A session with the host of an address, with cookies of its own: one per table.

        PX-Web keeps what was selected in its session, and may answer with another table's selection.
        """
        host = self.allowed(address)
        # A proxy of the environment serves the world outside, never this machine.
        loopback = host.rpartition(":")[0] in _LOOPBACK
        with httpx.Client(
            timeout=httpx.Timeout(self.limits.timeout_seconds),
            # One packing only: each further one would multiply what a small answer unpacks to.
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            follow_redirects=False,
            trust_env=not loopback,
            transport=self.transport,
        ) as client:
            window = self.windows.setdefault(host, CallWindow())
            deadline = self.monotonic() + self.limits.longest_pull_seconds
            yield Session(self, client, urlsplit(address).scheme, host, window, deadline)

    def allowed(self, address: str, leads_from: str | None = None) -> str:
        """Return `host:port` of an address on the allow-list. Raises FetchError otherwise."""
        try:
            parts = urlsplit(address)
            name, host = parts.hostname or "", host_of(address)
        except ValueError as error:
            message = f"'{address}' is no web address ({error})"
            raise FetchError(
                "redirected" if leads_from else "not_allowed",
                leads_from or address,
                message,
                "correct the record",
            ) from error
        # A name before the host is a trick, or a password that does not belong in an address.
        plain = parts.username is None and parts.password is None
        if (
            plain
            and parts.scheme in {"http", "https"}
            and not {name, host}.isdisjoint(self.limits.allow_hosts)
        ):
            return host
        if leads_from is not None:
            raise FetchError(
                "redirected",
                leads_from,
                f"the server sends us on to another host or port, {host}",
                "open that address in a browser; if it is the publisher's, put it in the record",
            )
        raise FetchError(
            "not_allowed",
            address,
            f"the host {name} is not on the allow-list",
            "add it to PPW_HTTP_ALLOW_HOSTS if it is trusted",
        )


@dataclass
class Session:
    """A conversation with one host."""

    web: Web
    client: httpx.Client
    scheme: str
    host: str
    window: CallWindow
    deadline: float

    @property
    def limits(self) -> FetchLimits:
        return self.web.limits

    def json(self, address: str, body: object = None) -> Any:
        """Return the JSON that an address answers with; POST when there is a body."""
        return parsed(self.ask(address, {"Accept": "application/json"}, body))

    def ask(self, address: str, headers: Mapping[str, str] | None = None, body: object = None) -> Answer:
        """Ask, again where that can help, following redirects within the host; POST when there is a body.

        A form may be answered with the address of its result (303, or 302 as browsers take it); a query may not.
        """
        method = "GET" if body is None else "POST"
        if not self._is_here(address):
            raise FetchError(
                "not_allowed", address, f"this is not the host {self.host}", "correct the record"
            )
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._ask_until_answered(method, address, headers or {}, body)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                return answer
            try:
                target = urljoin(address, location)
            except ValueError as error:
                message = f"the server sends us on to '{location}', which is no address"
                raise FetchError("redirected", address, message, "tell the publisher") from error
            if isinstance(body, FormFields) and answer.status in {302, 303}:
                method, body = "GET", None
            if not self._is_here(target, address) or (method == "POST" and answer.status < 307):
                raise FetchError(
                    "redirected",
                    address,
                    f"the server sends us on to {target}",
                    "put that address in the record",
                )
            address = target
        raise FetchError(
            "redirected",
            address,
            f"more than {MOST_REDIRECTS} redirects",
            "put the final address in the record",
        )

    def _is_here(self, address: str, leads_from: str | None = None) -> bool:
        """Say whether an allowed address is this session's: the same host and port, and no way out of encryption."""
        host = self.web.allowed(address, leads_from)
        return host == self.host and urlsplit(address).scheme == self.scheme

    def _ask_until_answered(
        self, method: str, address: str, headers: Mapping[str, str], body: object
    ) -> Answer:
        limits = self.limits
        waits = 0
        while True:
            asked_to_wait = None
            self._wait_for_turn(address)
            try:
                answer = self._ask_once(method, address, headers, body)
                if answer.status not in _RETRIED_STATUSES:
                    return answer
                problem = f"the server answers {answer.status} ({error_text(answer)})"
                fault = _STATUS_FAULTS.get(answer.status, ("server_error", ""))[0]
                asked_to_wait = _retry_after(answer.headers)
            except httpx.TransportError as error:
                problem = f"no answer ({type(error).__name__}: {error})"
                fault = "broken_off" if isinstance(error, httpx.RemoteProtocolError) else "no_answer"
            except httpx.HTTPError as error:
                message = f"the answer cannot be read ({type(error).__name__}: {error})"
                raise FetchError("broken_off", address, message, "try again later") from error
            if waits >= limits.retries:
                raise FetchError(fault, address, f"{problem}, {waits + 1} times", "try again later")
            if asked_to_wait is not None and asked_to_wait > limits.longest_wait_seconds:
                raise FetchError(
                    fault, address, f"{problem} and asks to wait {asked_to_wait:.0f} s", "try again later"
                )
            backoff = min(limits.first_wait_seconds * 2**waits, limits.longest_wait_seconds)
            # Jitter keeps several offices from asking again at the same moment.
            self.web.sleep(
                backoff * (0.5 + self.web.chance())
                if asked_to_wait is None
                else asked_to_wait + self.web.chance()
            )
            waits += 1

    def _wait_for_turn(self, address: str) -> None:
        """Wait until the host's call window has room. Raises FetchError when the pull has taken too long."""
        wait = self.window.wait(self.web.monotonic())
        if wait > 0:
            self.web.sleep(wait)
        now = self.web.monotonic()
        if now > self.deadline:
            raise FetchError(
                "too_slow",
                address,
                f"the pull takes longer than {self.limits.longest_pull_seconds:.0f} s",
                "try again later, or narrow the query",
            )

    def _ask_once(self, method: str, address: str, headers: Mapping[str, str], body: object) -> Answer:
        # A server that sends its answer drop by drop never runs into the time limit of one read.
        seconds = self.limits.longest_answer_seconds
        watch = threading.Timer(seconds, self.client.close)
        watch.daemon = True
        watch.start()
        try:
            return self._read(method, address, headers, body)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            if self.client.is_closed:
                raise _too_slow(address, seconds) from error
            # The client reads where a redirect leads before we do, and says so in these two ways.
            if isinstance(error, httpx.InvalidURL) or "location header" in str(error):
                message = f"the server sends us on to no address ({error})"
                raise FetchError("redirected", address, message, "tell the publisher") from error
            raise
        finally:
            watch.cancel()
            self.window.calls.append(self.web.monotonic())

    def _url(self, address: str) -> httpx.URL:
        """Return the address as it is sent; where the client reads another host in it than we did, it is refused."""
        try:
            url = httpx.URL(_ascii(address))
            port = url.port or (443 if url.scheme == "https" else 80)
            if f"{url.raw_host.decode('ascii').lower()}:{port}" == self.host:
                return url
            message = f"the address leads to {url.host}, not to {self.host}"
        except (httpx.InvalidURL, UnicodeError) as error:
            message = f"this is no web address ({error})"
        raise FetchError("not_allowed", address, message, "correct the address")

    def _read(self, method: str, address: str, headers: Mapping[str, str], body: object) -> Answer:
        limits = self.limits
        began = self.web.monotonic()
        sent: dict[str, Any] = {"json": body}
        if isinstance(body, FormFields):
            headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
            sent = {"content": urlencode(body.fields).encode("ascii")}
        with self.client.stream(method, self._url(address), headers=dict(headers), **sent) as response:
            stated = response.headers.get("content-length", "")
            if stated.isdigit() and int(stated) > limits.size_cap_bytes:
                raise _too_large(address, limits.size_cap_bytes, "")
            stated_packings = response.headers.get_list("content-encoding", split_commas=True)
            packings = [part for part in map(str.lower, stated_packings) if part not in {"", "identity"}]
            if len(packings) > 1:
                raise FetchError(
                    "too_large",
                    address,
                    f"the answer is packed {len(packings)} times over ({', '.join(packings)})",
                    "tell the publisher; such an answer may unpack without end",
                )
            if not _PACKINGS.issuperset(packings):
                raise FetchError(
                    "not_the_format",
                    address,
                    f"the answer is packed with '{packings[0]}', which was not asked for",
                    "tell the publisher; the warehouse asks for gzip",
                )
            cap = limits.unpacked_cap_bytes if packings else limits.size_cap_bytes
            data = bytearray()
            for chunk in response.iter_bytes():
                data += chunk
                if response.num_bytes_downloaded > limits.size_cap_bytes:
                    raise _too_large(address, limits.size_cap_bytes, "")
                if len(data) > cap:
                    raise _too_large(address, cap, " unpacked" if packings else "")
                if self.web.monotonic() - began > limits.longest_answer_seconds:
                    raise _too_slow(address, limits.longest_answer_seconds)
            return Answer(response.status_code, response.headers, bytes(data), address)


def _too_slow(address: str, seconds: float) -> FetchError:
    message = f"the answer takes longer than {seconds:.0f} s"
    return FetchError("too_slow", address, message, "try again later, or narrow the query")


def _too_large(address: str, cap: int, how: str) -> FetchError:
    name = "PPW_HTTP_UNPACKED_CAP_BYTES" if how else "PPW_HTTP_SIZE_CAP_BYTES"
    return FetchError(
        "too_large",
        address,
        f"the answer is larger than {cap} bytes{how}",
        f"narrow the query, or raise {name}",
    )


def _ascii(address: str) -> str:
    """Percent-encode what stands in an address as Vietnamese text; what is encoded already stays."""
    return quote(address, safe=":/?#[]@!$&'()*+,;=%~")


def _retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds that Retry-After asks for; it states seconds or a moment."""
    text = str(headers.get("retry-after", "")).strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return float(max((moment - datetime.now(UTC)).total_seconds(), 0.0))
