"""Tables of PX-Web by the form of their page: the flow, and pages that are not what they were."""

from pathlib import Path
from typing import Any, Literal

import pytest

from sources.fetch import Fetched, Fetcher, FetchError, FetchLimits
from sources.reading import read
from sources.record import JsonStatReading, PxwebFormFetch
from sources.retrieve import retrieve
from store import state
from store.settings import Settings
from tests.servers.http import Fault
from tests.servers.pxweb_form import PxwebFormServer, serve_pxweb_form
from tests.sources.records import LIVE_ROUTE, content, plain_table, record
from tests.sources.test_pxweb_live import population

pytestmark = pytest.mark.integration


def pull(
    server: PxwebFormServer, form: Literal["json-stat", "csv", "xlsx"] = "json-stat", **limits: Any
) -> Fetched:
    section = PxwebFormFetch(protocol="pxweb_form", address=server.page, response_format=form)
    fetcher = Fetcher(FetchLimits((server.host,), retries=1, **limits), sleep=lambda seconds: None)
    return fetcher.fetch(section)


@pytest.mark.parametrize("options", [{}, {"redirects": False}, {"links": False}, {"forgets": 1}])
def test_a_table_comes_by_its_form(options: dict[str, Any]) -> None:
    with serve_pxweb_form(population(), **options) as server:
        fetched = pull(server)
        form = dict(server.forms[-1])
    assert fetched.data is not None
    cells = read(JsonStatReading(adapter="json_stat"), fetched.data, "s").cells
    assert cells.height == 8
    assert cells.filter(cells["value_text"] == "500.125").height == 1
    # As a browser sends it: what is hidden, what is chosen, the button that was pressed and no other.
    assert form["__VIEWSTATE"]
    assert [name for name in form if name.endswith(("Clear", "All"))] == []


def test_a_table_is_taken_in_a_session_of_its_own() -> None:
    with serve_pxweb_form(population()) as server:
        pull(server)
        pull(server)
        firsts = [
            cookie for (method, path), cookie in zip(server.requests, server.sessions, strict=True)
            if method == "GET" and "tableView" not in path
        ]  # fmt: skip
    assert firsts == ["", ""]


def test_other_formats() -> None:
    with serve_pxweb_form(population()) as server:
        assert (pull(server, "xlsx").data or b"").startswith(b"PK")
        assert b";" in (
            pull(
                server,
                "csv",
            ).data
            or b""
        )


@pytest.mark.parametrize(
    ("options", "fault", "limits", "word", "outcome"),
    [
        ({"forgets": 2}, None, {}, "session_lost", "failed"),
        ({"changed": True}, None, {}, "form_changed", "quarantined"),
        ({"first_area_only": True}, None, {}, "other_table", "quarantined"),
        ({}, None, {"cells_cap": 7}, "too_large", "failed"),
        ({}, Fault.html().on("all"), {}, "form_changed", "quarantined"),
        ({}, Fault.closed_door().on("all"), {}, "forbidden", "failed"),
        ({}, Fault.not_found().on("all"), {}, "not_found", "failed"),
        ({}, Fault.truncated().on("downloadfile"), {}, "not_the_format", "quarantined"),
        ({}, Fault.redirect("http://127.0.0.2:1/"), {}, "redirected", "failed"),
    ],
)
def test_what_goes_wrong_is_told(
    options: dict[str, Any], fault: Fault | None, limits: dict[str, Any], word: str, outcome: str
) -> None:
    with serve_pxweb_form(population(), **options) as server:
        server.faults = [fault] if fault else []
        with pytest.raises(FetchError) as raised:
            pull(server, **limits)
    assert (raised.value.fault, raised.value.outcome) == (word, outcome)


def test_the_form_is_the_next_route_where_the_api_is_closed(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "made_up.csv").write_bytes(plain_table({}))
    with serve_pxweb_form(population()) as server:
        home = settings.model_copy(update={"recorded_dir": tmp_path, "http_allow_hosts": [server.host]})
        state.migrate(home)
        made = content(LIVE_ROUTE)
        made["routes"]["live"]["fetch"]["address"] = server.address
        by_form = {"protocol": "pxweb_form", "address": server.page, "response_format": "json-stat"}
        made["routes"]["live_second"] = {**made["routes"]["live"], "fetch": by_form}
        outcome = retrieve(home, record(made), True, "batch")[-1]
    assert (outcome.route, outcome.outcome) == ("live_second", "new")
    assert "before it, live" in (outcome.reason or "")
