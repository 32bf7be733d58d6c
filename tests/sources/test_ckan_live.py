"""The CKAN road over real sockets: pages, a missing total, files, errors in the portal's language, DKAN."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sources import ckan
from sources.fetch import Fetched, Fetcher, FetchError, FetchLimits, Known
from sources.reading import read
from sources.record import CkanFetch, CkanReading
from tests.servers.ckan import FILE_ID, ROWS_ID, CkanServer, serve_ckan, some_rows
from tests.servers.http import Fault

pytestmark = pytest.mark.integration

SECTION = CkanReading(adapter="ckan", figures=["dan_so"], period="nam")


@pytest.fixture
def portal() -> Iterator[CkanServer]:
    with serve_ckan(rows=some_rows(25)) as server:
        yield server


def fetcher(portal: CkanServer, **limits: Any) -> Fetcher:
    return Fetcher(FetchLimits(allow_hosts=(portal.host,), timeout_seconds=2, retries=1, **limits))


def pull(portal: CkanServer, known: Known | None = None, **section: Any) -> Fetched:
    named = {} if "package" in section else {"resource_id": ROWS_ID}
    return fetcher(portal).fetch(
        CkanFetch(**{"protocol": "ckan", "address": portal.base, **named, **section}), known
    )


def population(fetched: Fetched) -> list[str | None]:
    return read(SECTION, fetched.data or b"", "a" * 64).cells["decimal_text"].to_list()


EVERY = [f"{1000.5 + n}" for n in range(1, 26)]


@pytest.mark.parametrize("dialect", ["ckan", "dkan"])
@pytest.mark.parametrize("states_total", [True, False])
@pytest.mark.parametrize(
    ("page_size", "largest_page"), [(1000, 32_000), (10, 32_000), (1000, 10), (25, 25), (5, 5)]
)
def test_every_row_comes_once(
    portal: CkanServer, dialect: Any, states_total: bool, page_size: int, largest_page: int
) -> None:
    portal.states_total, portal.largest_page = states_total, largest_page
    fetched = pull(portal, dialect=dialect, page_size=page_size)
    assert population(fetched) == EVERY
    assert pull(portal, dialect=dialect, page_size=page_size).data == fetched.data
    path = "/api/action/datastore/search.json" if dialect == "dkan" else "/api/3/action/datastore_search"
    assert portal.requests[0][1].startswith(path)
    assert (fetched.note is not None) == (min(page_size, largest_page) < 25)


def test_a_resource_may_be_named_by_its_package(portal: CkanServer) -> None:
    assert population(pull(portal, package="dan-so", resource="rows")) == EVERY
    with pytest.raises(FetchError, match="no resource 'x', only rows, file") as raised:
        pull(portal, package="dan-so", resource="x")
    assert raised.value.fault == "not_found"


@pytest.mark.parametrize("named", [{"resource_id": FILE_ID}, {"package": "dan-so", "resource": "file"}])
def test_a_resource_that_is_only_a_file_is_the_matter_of_the_next_route(
    portal: CkanServer, named: dict[str, Any]
) -> None:
    with pytest.raises(FetchError, match="content: file") as raised:
        pull(portal, **named)
    assert raised.value.fault == "no_datastore"
    fetched = pull(portal, content="file", **named)
    assert (fetched.data, fetched.etag) == (portal.file, portal.etag)


def test_a_file_elsewhere_needs_its_host_allowed(portal: CkanServer) -> None:
    portal.file_url = "https://elsewhere.example.org/dan-so.csv"
    with pytest.raises(FetchError, match=r"elsewhere\.example\.org is not on the allow-list"):
        pull(portal, content="file", resource_id=FILE_ID)


def test_errors_are_told_by_their_type_in_any_language(portal: CkanServer) -> None:
    with pytest.raises(FetchError, match=r"Não encontrado|Không tìm thấy") as raised:
        pull(portal, resource_id="nowhere")
    assert raised.value.fault == "not_found"
    for status, kind, fault in (
        (403, "Authorization Error", "forbidden"),
        (409, "Validation Error", "bad_query"),
        (200, "Authorization Error", "forbidden"),
    ):
        body = json.dumps({"success": False, "error": {"message": "Truy cập bị từ chối", "__type": kind}})
        portal.faults = [Fault(status, body.encode(), to="datastore_search")]
        with pytest.raises(FetchError, match="Truy cập bị từ chối") as raised:
            pull(portal)
        assert raised.value.fault == fault
    fields = {"success": False, "error": {"limit": ["Phải là số"], "__type": "Validation Error"}}
    portal.faults = [Fault(409, json.dumps(fields, ensure_ascii=False).encode(), to="datastore_search")]
    with pytest.raises(FetchError, match="Phải là số"):
        pull(portal)


def test_rows_that_change_between_pages_are_not_put_together(portal: CkanServer) -> None:
    portal.rows = [*some_rows(10), *some_rows(15)]
    with pytest.raises(FetchError, match="do not fit together") as raised:
        pull(portal, page_size=10)
    assert raised.value.fault == "changed_meanwhile"


def test_too_many_rows_are_refused(portal: CkanServer) -> None:
    section = CkanFetch(protocol="ckan", address=portal.base, resource_id=ROWS_ID, page_size=5)
    with pytest.raises(FetchError, match="more than 40 cells"):
        fetcher(portal, cells_cap=40).fetch(section)
    assert len(portal.requests) == 2


def test_packages_are_searched_over_all_pages(portal: CkanServer) -> None:
    with fetcher(portal).session(portal.base) as session:
        names = [entry["name"] for entry in ckan.packages(session, portal.base, "dân số")]
    assert names == ["dan-so", "dat-dai", "y-te"]
