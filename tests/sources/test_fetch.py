"""Fetching: limits, retries, conditional requests, and what each wrong answer means."""

import contextlib
import gzip
import json
import socket
import threading
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from sources.fetch import Fetcher, FetchError, FetchLimits, Known
from sources.record import HttpFetch, PxwebFetch, PxwebQuery, PxwebSelection
from store.settings import Settings

ADDRESS = "https://stat.example.org/api/v1/vi/D%C3%A2n%20s%E1%BB%91/V02.01.px"
HTTP = HttpFetch(protocol="http", address="https://stat.example.org/bieu.xlsx", media_type="application/x")
METADATA = {
    "title": "Bảng thử",
    "variables": [
        {
            "code": "Địa phương",
            "text": "Địa phương",
            "values": ["0", "1"],
            "valueTexts": ["CẢ NƯỚC", "Cao Bằng"],
        },
        {"code": "Năm", "text": "Năm", "values": ["0"], "valueTexts": ["2024"], "time": True},
    ],
}
Handler = Callable[[httpx.Request], httpx.Response]


class Answers:
    """Answers given one after the other; the last one again and again. Requests and waits are kept."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def fetcher(self, **limits: Any) -> Fetcher:
        return Fetcher(
            FetchLimits(allow_hosts=("stat.example.org",), **limits),
            sleep=self.waits.append,
            chance=lambda: 0.5,
            transport=httpx.MockTransport(self),
        )


def ok(content: bytes = b"bytes", headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(200, content=content, headers=headers)


def pxweb(*query: PxwebQuery) -> PxwebFetch:
    return PxwebFetch(protocol="pxweb_v1", address=ADDRESS, query=list(query), response_format="json-stat")


def item(code: str, *values: str) -> PxwebQuery:
    return PxwebQuery(code=code, selection=PxwebSelection(filter="item", values=list(values)))


def refused(answers: Answers, section: HttpFetch | PxwebFetch = HTTP, **limits: Any) -> FetchError:
    with pytest.raises(FetchError) as raised:
        answers.fetcher(**limits).fetch(section)
    assert raised.value.mend
    return raised.value


def chosen(how: str, code: str, *values: str) -> PxwebQuery:
    return PxwebQuery(code=code, selection=PxwebSelection(filter=how, values=list(values)))


def test_bytes_come_with_what_the_server_says_of_them() -> None:
    answers = Answers(ok(headers={"ETag": '"1"', "Last-Modified": "Mon, 02 Nov 2026 00:00:00 GMT"}))
    fetched = answers.fetcher().fetch(HTTP)
    assert (fetched.data, fetched.etag) == (b"bytes", '"1"')
    assert fetched.last_modified == "Mon, 02 Nov 2026 00:00:00 GMT"
    assert "if-none-match" not in answers.requests[0].headers


def test_what_is_known_is_asked_for_only_if_it_changed() -> None:
    answers = Answers(httpx.Response(304))
    fetched = answers.fetcher().fetch(HTTP, Known(HTTP.address, '"1"', "Mon, 02 Nov 2026 00:00:00 GMT"))
    assert fetched.data is None
    assert fetched.etag == '"1"'
    assert answers.requests[0].headers["if-none-match"] == '"1"'
    assert answers.requests[0].headers["if-modified-since"] == "Mon, 02 Nov 2026 00:00:00 GMT"


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("down"), httpx.ReadTimeout("slow"), httpx.Response(503), httpx.Response(429)]
)
def test_what_may_pass_is_tried_again_with_growing_waits(fault: httpx.Response | Exception) -> None:
    answers = Answers(fault, fault, ok())
    assert answers.fetcher(retries=3).fetch(HTTP).data == b"bytes"
    assert answers.waits == [0.5, 1.0]


def test_what_does_not_pass_is_given_up() -> None:
    answers = Answers(httpx.Response(500))
    error = refused(answers, retries=2)
    assert "500" in error.message
    assert "3 times" in error.message
    assert len(answers.requests) == 3


def test_what_cannot_help_is_not_tried_again() -> None:
    answers = Answers(httpx.Response(404))
    assert "404" in refused(answers).message
    assert len(answers.requests) == 1


def test_the_server_says_how_long_to_wait() -> None:
    answers = Answers(httpx.Response(429, headers={"Retry-After": "7"}), ok())
    answers.fetcher().fetch(HTTP)
    assert answers.waits == [7.5]
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    answers = Answers(httpx.Response(503, headers={"Retry-After": moment}), ok())
    answers.fetcher().fetch(HTTP)
    assert 10 < answers.waits[0] <= 20.5


def test_a_wait_that_is_too_long_is_not_waited() -> None:
    answers = Answers(httpx.Response(429, headers={"Retry-After": "3600"}))
    assert "asks to wait 3600 s" in refused(answers).message
    assert answers.waits == []


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example.org/x",
        "https://stat.example.org.evil.example/x",
        "http://127.0.0.1/x",
        "https://stat.example.org@evil.example/x",
    ],
)
def test_a_host_that_is_not_on_the_list_is_not_asked(address: str) -> None:
    answers = Answers(ok())
    section = HttpFetch.model_construct(protocol="http", address=address, media_type="text/csv")
    assert "not on the allow-list" in refused(answers, section).message
    assert answers.requests == []


def test_a_port_can_be_part_of_the_list() -> None:
    answers = Answers(ok())
    fetcher = answers.fetcher()
    allowed = FetchLimits(allow_hosts=("stat.example.org:8443",))
    with pytest.raises(FetchError, match="allow-list"):
        Fetcher(allowed, transport=fetcher.transport).fetch(HTTP)
    section = HttpFetch(protocol="http", address="https://stat.example.org:8443/x", media_type="text/csv")
    assert Fetcher(allowed, transport=fetcher.transport).fetch(section).data == b"bytes"


def test_redirects_stay_within_the_host() -> None:
    moved = httpx.Response(302, headers={"Location": "/new.xlsx"})
    answers = Answers(moved, ok())
    assert answers.fetcher().fetch(HTTP).address == "https://stat.example.org/new.xlsx"
    for location in ("https://elsewhere.example.org/x", "http://stat.example.org/x"):
        away = Answers(httpx.Response(302, headers={"Location": location}))
        assert "sends us on" in refused(away).message
        assert len(away.requests) == 1
    assert "redirects" in refused(Answers(moved)).message


@pytest.mark.parametrize(
    "location",
    [
        "http://stat.example.org:443/x",  # the same port without encryption
        "https://stat.example.org:8443/x",
        "https://stat.example.org./x",
        "https://user:pass@stat.example.org/x",
        "https://stat.example.org@evil.example/x",
        "https://stat.example.org\\@evil.example/x",
        "https://evil.example\\@stat.example.org/x",
        "//evil.example/x",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://[::1]/x",
        "https://[::1/x",
        "https://stat.example.org:99999/x",
        "ftp://stat.example.org/x",
        "javascript:alert(1)",
    ],
)
def test_a_redirect_that_leads_elsewhere_is_not_followed(location: str) -> None:
    away = Answers(httpx.Response(302, headers={"Location": location}), ok())
    assert refused(away).fault == "redirected"
    assert len(away.requests) == 1


def test_an_address_that_the_client_reads_otherwise_is_not_asked() -> None:
    # Tabs are dropped by one reader of addresses and kept by another.
    answers = Answers(ok())
    section = HttpFetch.model_construct(
        protocol="http", address="https://stat.exam\tple.org/x", media_type="text/csv", follow=[]
    )
    assert refused(answers, section).fault == "not_allowed"
    assert answers.requests == []


@pytest.mark.parametrize("stated", ["²", "-5", "1.5", "soon", "", "Fri, 99 Xxx 2026 00:00:00 GMT"])
def test_a_wait_that_is_nonsense_is_our_own_wait(stated: str) -> None:
    answers = Answers(httpx.Response(429, headers=[(b"Retry-After", stated.encode("latin-1"))]), ok())
    assert answers.fetcher().fetch(HTTP).data == b"bytes"
    assert answers.waits == [0.5]


def test_a_moment_that_has_passed_is_no_wait() -> None:
    answers = Answers(httpx.Response(503, headers={"Retry-After": "Mon, 02 Nov 2020 00:00:00 GMT"}), ok())
    answers.fetcher().fetch(HTTP)
    assert answers.waits == [0.5]  # chance only


def raw(content: bytes, packing: str) -> Handler:
    """Answer with bytes as they are, called packed."""
    headers = {"Content-Encoding": packing}
    return lambda _: httpx.Response(200, headers=headers, stream=httpx.ByteStream(content))


@pytest.mark.parametrize("packing", ["gzip", "GZIP", "deflate", "identity, gzip"])
def test_a_packed_answer_is_held_to_what_it_unpacks_to(packing: str) -> None:
    bomb = zlib.compress(bytes(400_000)) if packing == "deflate" else gzip.compress(bytes(400_000))
    assert len(bomb) < 1000
    limits = FetchLimits(allow_hosts=("stat.example.org",), size_cap_bytes=1000, unpacked_cap_bytes=100_000)
    with pytest.raises(FetchError, match="larger than 100000 bytes unpacked"):
        Fetcher(limits, transport=httpx.MockTransport(raw(bomb, packing))).fetch(HTTP)


@pytest.mark.parametrize("packing", ["br", "zstd", "compress", "x-unheard"])
def test_a_packing_that_was_not_asked_for_is_refused_unread(packing: str) -> None:
    limits = FetchLimits(allow_hosts=("stat.example.org",))
    with pytest.raises(FetchError, match=f"packed with '{packing}'") as raised:
        Fetcher(limits, transport=httpx.MockTransport(raw(b"x" * 100, packing))).fetch(HTTP)
    assert raised.value.outcome == "quarantined"


@pytest.mark.integration
def test_a_server_that_answers_drop_by_drop_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not done.wait(0.05):
                    connection.sendall(b"a")

        server = threading.Thread(target=drip, daemon=True)
        server.start()
        port = listening.getsockname()[1]
        limits = FetchLimits(allow_hosts=("127.0.0.1",), timeout_seconds=1.0, longest_answer_seconds=0.3)
        section = HttpFetch(protocol="http", address=f"http://127.0.0.1:{port}/x", media_type="text/csv")
        started = time.monotonic()
        try:
            with pytest.raises(FetchError, match="takes longer") as raised:
                Fetcher(limits).fetch(section)
        finally:
            done.set()
            server.join(5)
        assert raised.value.fault == "too_slow"
        assert time.monotonic() - started < 3


def test_an_answer_over_the_cap_is_cut_off() -> None:
    assert "larger than 10 bytes" in refused(Answers(ok(b"x" * 11)), size_cap_bytes=10).message

    def stream(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=(b"x" * 4 for _ in range(10)))

    limits = FetchLimits(allow_hosts=("stat.example.org",), size_cap_bytes=10)
    with pytest.raises(FetchError, match="larger than 10 bytes"):
        Fetcher(limits, transport=httpx.MockTransport(stream)).fetch(HTTP)


def test_an_answer_that_never_ends_is_left() -> None:
    ticks = iter(range(0, 10_000, 200))
    limits = FetchLimits(allow_hosts=("stat.example.org",))
    fetcher = Fetcher(
        limits,
        monotonic=lambda: float(next(ticks)),
        transport=httpx.MockTransport(lambda _: httpx.Response(200, content=(b"x" for _ in range(9)))),
    )
    with pytest.raises(FetchError, match="longer than 300 s"):
        fetcher.fetch(HTTP)


def test_a_web_page_is_set_aside_with_its_bytes() -> None:
    page = b"<!DOCTYPE html><html></html>"
    error = refused(Answers(ok(page)))
    assert (error.outcome, error.data) == ("quarantined", page)
    assert "web page" in error.message


class PxwebAnswers(Answers):
    """A PxWeb table: metadata and limits by GET, the given answers by POST."""

    metadata: object = METADATA

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return super().__call__(request)
        self.requests.append(request)
        return httpx.Response(200, json={"maxValues": 5000} if request.url.query else self.metadata)


def answer_of(*areas: str) -> bytes:
    """Return a JSON-stat answer of METADATA's table with these areas."""
    dimension = {
        "Địa phương": {"category": {"index": {area: n for n, area in enumerate(areas)}}},
        "Năm": {"category": {"index": {"0": 0}}},
        "id": ["Địa phương", "Năm"],
        "size": [len(areas), 1],
    }
    dataset = {"dimension": dimension, "value": [0.5] * len(areas)}
    return json.dumps({"dataset": dataset}).encode() + b"\0"


def test_a_table_is_asked_for_by_its_own_codes() -> None:
    answers = PxwebAnswers(ok(answer_of("1")))
    fetched = answers.fetcher().fetch(pxweb(item("Địa phương", "1")))
    assert fetched.data == answer_of("1")
    get, post = answers.requests
    assert (get.method, post.method, str(post.url)) == ("GET", "POST", ADDRESS)
    assert json.loads(post.content) == {
        "query": [{"code": "Địa phương", "selection": {"filter": "item", "values": ["1"]}}],
        "response": {"format": "json-stat"},
    }


@pytest.mark.parametrize(
    ("query", "outcome", "message"),
    [
        (item("Tỉnh", "1"), "failed", "no variable 'Tỉnh', only Địa phương, Năm"),
        (item("Địa phương", "1", "99"), "failed", "'Địa phương' has no value 99"),
        (item("Năm", "1"), "not_yet_published", "'Năm' has no value 1"),
        (chosen("all", "Năm", "2*"), "not_yet_published", "'Năm' has no value 2*"),
        (chosen("all", "Địa phương", "x*"), "failed", "'Địa phương' has no value x*"),
        (chosen("top", "Năm", "last"), "failed", "'top' takes a number of periods, not 'last'"),
    ],
)
def test_a_query_is_compared_with_the_table(query: PxwebQuery, outcome: str, message: str) -> None:
    answers = PxwebAnswers(ok())
    error = refused(answers, pxweb(query))
    assert (error.outcome, [request.method for request in answers.requests]) == (outcome, ["GET"])
    assert message in error.message


def test_too_many_values_is_a_matter_of_size() -> None:
    refusal = httpx.Response(403, json={"error": "Too many values selected"})
    error = refused(PxwebAnswers(refusal), pxweb())
    assert "Too many values selected" in error.message
    assert "its limit is 5000 values" in error.message
    assert "fewer values" in error.mend


def test_a_page_in_place_of_a_table_is_set_aside() -> None:
    page = ok(b"<html><title>Bao tri</title></html>")
    assert refused(PxwebAnswers(page), pxweb()).outcome == "quarantined"
    assert refused(Answers(page), pxweb()).outcome == "quarantined"
    listed = PxwebAnswers(page)
    listed.metadata = [{"id": "x"}]
    assert "describes no table" in refused(listed, pxweb()).message


def test_limits_come_from_the_settings(settings: Settings) -> None:
    limits = FetchLimits.of(settings)
    assert limits.allow_hosts == ("pxweb.nso.gov.vn",)
    named = (
        "https://stat.example.org/a", "http://127.0.0.1:1/b", "http://10.0.0.1/c", "http://intranet/d",
        "http://127.1/e", "http://2130706433/f", "http://0x7f.1/g", "http://0x7f.0.0.0x1/h", "http://[::1]/i",
        "http://[::ffff:127.0.0.1]/j", "http://127.0.0.1./k", "http://a.localhost./l",
    )  # fmt: skip
    assert FetchLimits.of(settings, named).allow_hosts == ("pxweb.nso.gov.vn", "stat.example.org:443")
    assert limits.size_cap_bytes == settings.http_size_cap_bytes


def page(*links: str) -> httpx.Response:
    return ok("".join(f'<a href="{link}">x</a>' for link in links).encode(), {"content-type": "text/html"})


def test_a_file_behind_a_page_of_links_is_found_by_the_first_that_matches() -> None:
    follow = [r"/\d{4}/\d{2}/bao-cao", r"\.xlsx$"]
    section = HttpFetch(
        protocol="http", address="https://stat.example.org/list/", media_type="x", follow=follow
    )
    answers = Answers(
        page("/gioi-thieu/", "/2025/01/bao-cao-1/", "/2024/12/bao-cao-12/"), page("../uploads/b.xlsx"), ok()
    )
    fetched = answers.fetcher().fetch(section)
    assert [request.url.path for request in answers.requests] == [
        "/list/", "/2025/01/bao-cao-1/", "/2025/01/uploads/b.xlsx"
    ]  # fmt: skip
    assert (fetched.data, fetched.address) == (b"bytes", "https://stat.example.org/2025/01/uploads/b.xlsx")

    known = Known(fetched.address, '"1"')
    same = Answers(page("/2025/01/bao-cao-1/"), page("../uploads/b.xlsx"), httpx.Response(304))
    assert same.fetcher().fetch(section, known).data is None
    assert same.requests[-1].headers["if-none-match"] == '"1"'
    # The next issue lies elsewhere: what is known of the last one says nothing of it.
    following = Answers(page("/2025/02/bao-cao-2/"), page("../uploads/c.xlsx"), ok())
    assert following.fetcher().fetch(section, known).data == b"bytes"
    assert "if-none-match" not in following.requests[-1].headers

    without = refused(Answers(page("/gioi-thieu/")), section)
    assert (without.fault, without.outcome) == ("no_link", "quarantined")
    elsewhere = refused(Answers(page("https://elsewhere.org/2025/01/bao-cao/")), section)
    assert elsewhere.fault == "not_allowed"
