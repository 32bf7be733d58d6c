"""Fetching over HTTP: from hosts on the allow-list only, within time and size limits, retried where it helps.

A fault of the source is a FetchError whose `outcome` says what it means for the retrieval: `failed`,
`quarantined` (something came, and it is not what was asked for) or `not_yet_published`.
"""

import email.utils
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote, urljoin, urlsplit

import httpx

from sources.content import is_html
from sources.record import FetchSection, HttpFetch, PxwebFetch
from store.settings import Settings

FaultOutcome = Literal["failed", "quarantined", "not_yet_published"]
USER_AGENT = "provincial-plan-warehouse"
MOST_REDIRECTS = 3
_RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class FetchError(Exception):
    """A document could not be fetched. `data` holds what came instead, where something did."""

    def __init__(
        self,
        address: str,
        message: str,
        mend: str,
        outcome: FaultOutcome = "failed",
        data: bytes | None = None,
    ) -> None:
        self.address = address
        self.message = message
        self.mend = mend
        self.outcome = outcome
        self.data = data
        super().__init__(f"{address}: {message}. Mend: {mend}")


@dataclass(frozen=True)
class FetchLimits:
    """What a fetch may do. Hosts are named `host` (any port) or `host:port`; times are seconds."""

    allow_hosts: tuple[str, ...]
    timeout_seconds: float = 30.0
    retries: int = 3
    size_cap_bytes: int = 50_000_000
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 60.0
    longest_answer_seconds: float = 300.0

    @classmethod
    def of(cls, settings: Settings) -> "FetchLimits":
        return cls(
            allow_hosts=tuple(settings.http_allow_hosts),
            timeout_seconds=settings.http_timeout_seconds,
            retries=settings.http_retries,
            size_cap_bytes=settings.http_size_cap_bytes,
        )


@dataclass(frozen=True)
class Known:
    """What the server said of the bytes fetched last, so that it can answer "not modified"."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Fetched:
    """What came: the bytes, or None when the server says that they are those fetched last."""

    data: bytes | None
    address: str
    media_type: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: httpx.Headers
    data: bytes
    address: str

    @property
    def media_type(self) -> str:
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()


@dataclass
class Fetcher:
    """Fetches within limits. Clock, chance (0 to 1) and transport are the real ones unless given."""

    limits: FetchLimits
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    monotonic: Callable[[], float] = time.monotonic
    transport: httpx.BaseTransport | None = None

    def fetch(self, section: FetchSection, known: Known | None = None) -> Fetched:
        """Fetch what a record's fetch section names. Raises FetchError."""
        if isinstance(section, PxwebFetch):
            return self._pxweb(section)
        return self._http(section, known or Known())

    def _http(self, section: HttpFetch, known: Known) -> Fetched:
        headers = {"Accept": section.media_type}
        if known.etag:
            headers["If-None-Match"] = known.etag
        if known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        answer = self._ask("GET", section.address, headers=headers)
        if answer.status == 304:
            return Fetched(None, answer.address, section.media_type, known.etag, known.last_modified)
        self._check_status(answer)
        if is_html(answer.data) and "html" not in section.media_type:
            raise _html_instead(answer, section.media_type)
        return _fetched(answer, section.media_type)

    def _pxweb(self, section: PxwebFetch) -> Fetched:
        metadata = self._json("GET", section.address)
        variables = metadata.get("variables") if isinstance(metadata, dict) else None
        if not isinstance(variables, list):
            raise FetchError(
                section.address,
                "the answer describes no table",
                "check that the address ends in the table's .px name",
            )
        _check_query(section, variables)
        body = {
            "query": [part.model_dump() for part in section.query],
            "response": {"format": section.response_format},
        }
        answer = self._ask("POST", section.address, json_body=body)
        if answer.status == 403:
            raise FetchError(
                section.address,
                f"the server refuses the query ({_error_text(answer)}){self._stated_limits(section.address)}",
                "select fewer values in the record's query",
            )
        self._check_status(answer)
        if is_html(answer.data):
            raise _html_instead(answer, section.response_format)
        return _fetched(answer, "application/json")

    def _stated_limits(self, address: str) -> str:
        """Return the server's own limits in words; it need not state any."""
        try:
            limits = self._json("GET", f"{address}?config")
        except FetchError:
            return ""
        return (
            f", its limit is {limits['maxValues']} values"
            if isinstance(limits, dict) and "maxValues" in limits
            else ""
        )

    def _json(self, method: str, address: str) -> Any:
        answer = self._ask(method, address, headers={"Accept": "application/json"})
        self._check_status(answer)
        if is_html(answer.data):
            raise _html_instead(answer, "JSON")
        try:
            return json.loads(answer.data.rstrip(b"\0 \t\r\n").decode("utf-8-sig"))
        except ValueError as error:
            message = f"the answer is not JSON ({error})"
            raise FetchError(address, message, "try again later", "quarantined", answer.data) from error

    def _check_status(self, answer: _Answer) -> None:
        if answer.status == 200:
            return
        mends = {
            401: "the server asks for a name and password; use another route",
            403: "the server refuses; open the address in a browser to see why",
            404: "check the address in the record, or pull the table by another route",
            410: "the publisher has removed it; correct the record",
        }
        mend = mends.get(answer.status, "try again later")
        raise FetchError(answer.address, f"the server answers {answer.status} ({_error_text(answer)})", mend)

    def _ask(
        self, method: str, address: str, headers: Mapping[str, str] | None = None, json_body: object = None
    ) -> _Answer:
        """Ask, again where that can help, following redirects within the host."""
        host = self._allowed(address)
        with self._client(host) as client:
            for _ in range(MOST_REDIRECTS + 1):
                answer = self._ask_until_answered(client, method, address, headers or {}, json_body)
                location = answer.headers.get("location")
                if answer.status not in {301, 302, 303, 307, 308} or not location:
                    return answer
                target = urljoin(address, location)
                if self._allowed(target, leads_from=address) != host or (
                    method == "POST" and answer.status < 307
                ):
                    raise FetchError(
                        address, f"the server sends us on to {target}", "put that address in the record"
                    )
                address = target
        raise FetchError(
            address, f"more than {MOST_REDIRECTS} redirects", "put the final address in the record"
        )

    def _allowed(self, address: str, leads_from: str | None = None) -> str:
        """Return `host:port` of an address on the allow-list. Raises FetchError otherwise."""
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if parts.scheme in {"http", "https"} and not {host, f"{host}:{port}"}.isdisjoint(
            self.limits.allow_hosts
        ):
            return f"{host}:{port}"
        if leads_from is not None:
            raise FetchError(
                leads_from,
                f"the server sends us on to another host, {host}",
                "put that address in the record",
            )
        raise FetchError(
            address,
            f"the host {host} is not on the allow-list",
            "add it to PPW_HTTP_ALLOW_HOSTS if it is trusted",
        )

    @contextmanager
    def _client(self, host: str) -> Iterator[httpx.Client]:
        # A proxy of the environment serves the world outside, never this machine.
        loopback = host.rpartition(":")[0] in _LOOPBACK
        timeout = httpx.Timeout(self.limits.timeout_seconds)
        headers = {"User-Agent": USER_AGENT}
        with httpx.Client(
            timeout=timeout,
            headers=headers,
            follow_redirects=False,
            trust_env=not loopback,
            transport=self.transport,
        ) as client:
            yield client

    def _ask_until_answered(
        self, client: httpx.Client, method: str, address: str, headers: Mapping[str, str], json_body: object
    ) -> _Answer:
        waits = 0
        while True:
            try:
                answer = self._ask_once(client, method, address, headers, json_body)
                problem = f"the server answers {answer.status} ({_error_text(answer)})"
                if answer.status not in _RETRIED_STATUSES:
                    return answer
                asked_to_wait = _retry_after(answer.headers)
            except httpx.TransportError as error:
                problem = f"no answer ({type(error).__name__}: {error})"
                asked_to_wait = None
            except httpx.HTTPError as error:
                message = f"the answer cannot be read ({type(error).__name__}: {error})"
                raise FetchError(address, message, "try again later") from error
            if waits >= self.limits.retries:
                raise FetchError(address, f"{problem}, {waits + 1} times", "try again later")
            if asked_to_wait is not None and asked_to_wait > self.limits.longest_wait_seconds:
                raise FetchError(
                    address, f"{problem} and asks to wait {asked_to_wait:.0f} s", "try again later"
                )
            backoff = min(self.limits.first_wait_seconds * 2**waits, self.limits.longest_wait_seconds)
            # Jitter keeps several offices from asking again at the same moment.
            self.sleep(
                backoff * (0.5 + self.chance()) if asked_to_wait is None else asked_to_wait + self.chance()
            )
            waits += 1

    def _ask_once(
        self, client: httpx.Client, method: str, address: str, headers: Mapping[str, str], json_body: object
    ) -> _Answer:
        cap = self.limits.size_cap_bytes
        too_large = FetchError(
            address,
            f"the answer is larger than {cap} bytes",
            "narrow the query, or raise PPW_HTTP_SIZE_CAP_BYTES",
        )
        began = self.monotonic()
        with client.stream(method, _ascii(address), headers=dict(headers), json=json_body) as response:
            stated = response.headers.get("content-length", "")
            if stated.isdigit() and int(stated) > cap:
                raise too_large
            data = bytearray()
            for chunk in response.iter_bytes():
                data += chunk
                if len(data) > cap:
                    raise too_large
                if self.monotonic() - began > self.limits.longest_answer_seconds:
                    raise FetchError(
                        address,
                        f"the answer takes longer than {self.limits.longest_answer_seconds:.0f} s",
                        "try again later, or narrow the query",
                    )
            return _Answer(response.status_code, response.headers, bytes(data), address)


def _ascii(address: str) -> str:
    """Percent-encode what stands in an address as Vietnamese text; what is encoded already stays."""
    return quote(address, safe=":/?#[]@!$&'()*+,;=%~")


def _fetched(answer: _Answer, media_type: str) -> Fetched:
    return Fetched(
        answer.data,
        answer.address,
        answer.media_type or media_type,
        answer.headers.get("etag"),
        answer.headers.get("last-modified"),
    )


def _html_instead(answer: _Answer, asked_for: str) -> FetchError:
    return FetchError(
        answer.address,
        f"the answer is a web page (HTML), not {asked_for}",
        "open the address in a browser to see why; a login or a maintenance page often stands in the way",
        "quarantined",
        answer.data,
    )


def _error_text(answer: _Answer) -> str:
    """Return what the server says of an error, in few words."""
    try:
        content = json.loads(answer.data.rstrip(b"\0").decode("utf-8-sig"))
        return str(content["error"])[:200]
    except (ValueError, KeyError, TypeError):
        return (
            "a web page"
            if is_html(answer.data)
            else httpx.codes.get_reason_phrase(answer.status) or "no reason"
        )


def _retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds that Retry-After asks for; it states seconds or a moment."""
    text = str(headers.get("retry-after", "")).strip()
    if text.isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return float(max((moment - datetime.now(UTC)).total_seconds(), 0.0))


def _check_query(section: PxwebFetch, variables: list[Any]) -> None:
    """Compare the query with the table's own variables: a wrong code is named, not answered by "400"."""
    known = {str(v.get("code")): v for v in variables if isinstance(v, dict)}
    for part in section.query:
        variable = known.get(part.code)
        if variable is None:
            message = f"the table has no variable '{part.code}', only {', '.join(known)}"
            raise FetchError(section.address, message, "correct the code in the record's query")
        if part.selection.filter != "item":
            continue
        values = {str(value) for value in variable.get("values", [])}
        missing = [value for value in part.selection.values if value not in values]
        if missing:
            message = f"the variable '{part.code}' has no value {', '.join(missing)}"
            if variable.get("time"):
                raise FetchError(
                    section.address, message, "the period is not published yet", "not_yet_published"
                )
            raise FetchError(section.address, message, "correct the values in the record's query")
