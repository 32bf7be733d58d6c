"""Fetching what a record's fetch section names: a file, a PX-Web table, a resource of an open-data portal."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin

from sources import ckan, pxweb_form, pxweb_v1, pxweb_v2, sql
from sources.content import is_html
from sources.record import CkanFetch, FetchSection, HttpFetch, PxwebFormFetch, PxwebV2Fetch, SqlFetch
from sources.web import (
    FAULTS,
    HOST_DOWN,
    NO_SUCH_ROUTE,
    Answer,
    FaultOutcome,
    FetchError,
    FetchLimits,
    Session,
    Web,
    check_status,
    fault_of,
    host_of,
    refuse_html,
)


@dataclass(frozen=True)
class Known:
    """What the server said of the bytes fetched last from an address, so that it can answer "not modified"."""

    address: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Fetched:
    """What came: the bytes, or None when the server says that they are those fetched last.

    `note` tells what a person should know of how it came.
    """

    data: bytes | None
    address: str
    media_type: str
    etag: str | None = None
    last_modified: str | None = None
    note: str | None = None


class Fetcher(Web):
    """Fetches within limits; clock, chance and transport as in `Web`."""

    def fetch(self, section: FetchSection, known: Known | None = None) -> Fetched:
        """Fetch what a record's fetch section names, in a session of its own. Raises FetchError."""
        if isinstance(section, CkanFetch):
            return self._ckan(section, known)
        if isinstance(section, SqlFetch):
            return Fetched(sql.pull(section, self.limits), section.address, sql.MEDIA_TYPE)
        if isinstance(section, PxwebFormFetch):
            pulled = pxweb_form.pull(self, section)
            return Fetched(pulled.data, section.address, pulled.media_type, note=pulled.note)
        with self.session(section.address) as session:
            if isinstance(section, HttpFetch):
                return _file(session, _followed(session, section), section.media_type, known)
            if isinstance(section, PxwebV2Fetch):
                pulled = pxweb_v2.pull(session, section)
                address = f"{section.address}/tables/{section.table}"
            else:
                pulled = pxweb_v1.pull(session, section)
                address = section.address
        return Fetched(pulled.data, address, pulled.media_type, note=pulled.note)

    def _ckan(self, section: CkanFetch, known: Known | None) -> Fetched:
        with self.session(section.address) as session:
            if section.content == "datastore":
                data, address, note = ckan.pull_rows(session, section)
                return Fetched(data, address, "application/json", note=note)
            file_address = ckan.file_address(session, section)
        # The file may lie with another host, which must be allowed too.
        with self.session(file_address) as session:
            return _file(session, file_address, "", known)


@lru_cache(maxsize=8)
def fetcher_within(limits: FetchLimits) -> Fetcher:
    """The fetcher of a process within limits; sources pulled one after the other share its call windows."""
    return Fetcher(limits)


def _followed(session: Session, section: HttpFetch) -> str:
    """Return the address of the file, following the links that the record names from page to page."""
    address = section.address
    for pattern in section.follow:
        answer = session.ask(address)
        check_status(answer)
        links = pxweb_form.Page(answer.data.decode("utf-8", errors="replace")).links
        found = next((link for link in links if re.search(pattern, link)), None)
        if found is None:
            message = f"the page has no link like '{pattern}'"
            mend = "open the page in a browser and correct 'follow' in the record"
            raise FetchError("no_link", answer.address, message, mend, answer.data)
        address = urljoin(answer.address, found)
    return address


def _file(session: Session, address: str, media_type: str, last: Known | None) -> Fetched:
    # Another file, such as the next issue behind a page of links, has other marks.
    known = last if last is not None and last.address == address else Known(address)
    headers = {"Accept": media_type} if media_type else {}
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    answer = session.ask(address, headers)
    if answer.status == 304 and known is last:
        return Fetched(None, answer.address, media_type, known.etag, known.last_modified)
    check_status(answer)
    if "html" not in media_type:
        refuse_html(answer, media_type or "a file")
    _refuse_another_kind(answer, media_type)
    return Fetched(
        answer.data,
        answer.address,
        answer.media_type or media_type,
        answer.headers.get("etag"),
        answer.headers.get("last-modified"),
    )


# How files of these types begin; others have no sure beginning.
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (b"PK",),
    "application/vnd.oasis.opendocument.spreadsheet": (b"PK",),
    "application/vnd.ms-excel": (b"\xd0\xcf\x11\xe0", b"PK", b"\t\x08", b"\t\x04", b"\t\x02"),
    "application/pdf": (b"%PDF",),
    "application/json": (b"{", b"[", b"\xef\xbb\xbf"),
    "application/xml": (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"),
}


def _refuse_another_kind(answer: Answer, media_type: str) -> None:
    """Raise the FetchError of bytes that cannot be what the record says, whatever the server calls them."""
    beginnings = _BEGINNINGS.get(media_type)
    if not answer.data or (beginnings and not answer.data.startswith(beginnings)):
        called = answer.media_type or "nothing"
        message = f"the answer is not {media_type or 'a file'}: {len(answer.data)} bytes, called {called}"
        raise FetchError(
            "not_the_format",
            answer.address,
            message,
            "open the address in a browser; correct the record if the publisher changed the file",
            answer.data or None,
        )


__all__ = [
    "FAULTS",
    "HOST_DOWN",
    "NO_SUCH_ROUTE",
    "FaultOutcome",
    "FetchError",
    "FetchLimits",
    "Fetched",
    "Fetcher",
    "Known",
    "fault_of",
    "fetcher_within",
    "host_of",
    "is_html",
]
