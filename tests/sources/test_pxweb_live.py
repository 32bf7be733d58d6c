"""The PxWeb road over real sockets: what PX-Web answers, and what it answers when it is not well."""

import time
from pathlib import Path
from typing import Any

import pytest

from sources import pxweb_v1, pxweb_v2
from sources.fetch import Fetched, Fetcher, FetchError, FetchLimits
from sources.reading import read
from sources.record import (
    JsonStatReading,
    PxReading,
    PxWebCsvReading,
    PxwebFetch,
    PxwebJsonReading,
    PxwebQuery,
    PxwebSelection,
    PxwebV2Fetch,
    PxwebV2Selection,
    WorkbookReading,
    WorkbookTable,
)
from sources.retrieve import RetrievalOutcome, retrieve
from store import landing, state
from store.settings import Settings
from tests.servers.http import Reply
from tests.servers.pxweb import Fault, PxwebServer, PxwebTable, PxwebVariable, serve_pxweb
from tests.sources.records import LIVE_ROUTE, content, plain_table, record

pytestmark = pytest.mark.integration

SECTION = JsonStatReading(adapter="json_stat")


def population() -> PxwebTable:
    areas, years, items = ["CẢ NƯỚC", "Cao Bằng"], ["2023", "Sơ bộ 2024"], ["Diện tích", "Dân số trung bình"]
    variables = [
        PxwebVariable("Địa phương", areas),
        PxwebVariable("Năm", years, time=True),
        PxwebVariable("Chỉ tiêu", items),
    ]
    cells: dict[tuple[str, ...], float | int | None] = {
        ("Cao Bằng", "2023", "Dân số trung bình"): 500.125,
        ("Cao Bằng", "Sơ bộ 2024", "Dân số trung bình"): 501.5,
        ("CẢ NƯỚC", "2023", "Dân số trung bình"): 100_000,
    }
    return PxwebTable("Diện tích, dân số", variables, cells)


class Office:
    """A source whose live route is the loopback server."""

    def __init__(self, settings: Settings, root: Path, server: PxwebServer) -> None:
        self.settings = settings.model_copy(update={"recorded_dir": root})
        (root / "made_up.csv").write_bytes(plain_table({}))
        state.migrate(self.settings)
        self.server = server
        self.route: dict[str, Any] = {
            **LIVE_ROUTE,
            "fetch": {**LIVE_ROUTE["fetch"], "address": server.address},
        }

    def pull(self, **limits: Any) -> RetrievalOutcome:
        return self._pull(content(self.route), **limits)

    def pull_routes(self, **routes: Any) -> RetrievalOutcome:
        made = content(self.route)
        made["routes"].update(routes)
        return self._pull(made)

    def _pull(self, made: dict[str, Any], **limits: Any) -> RetrievalOutcome:
        waits: list[float] = []
        bounds = FetchLimits(allow_hosts=(self.server.host,), timeout_seconds=0.7, retries=1, **limits)
        fetcher = Fetcher(bounds, sleep=waits.append)
        return retrieve(self.settings, record(made), True, "batch", fetcher=fetcher)[-1]

    def figures(self, outcome: RetrievalOutcome) -> dict[tuple[str, ...], str | None]:
        data = landing.get(self.settings, outcome.snapshot_sha256 or "")
        return {
            tuple(label["label"] for label in row["labels"]): row["decimal_text"] or row["missing_code"]
            for row in read(SECTION, data, "a" * 64).cells.rows(named=True)
        }


@pytest.fixture
def office(settings: Settings, tmp_path: Path) -> Any:
    with serve_pxweb(population(), database="PLV02Dân số và lao động") as server:
        yield Office(settings, tmp_path, server)


def test_pulled_then_unchanged_then_revised(office: Office) -> None:
    first = office.pull()
    assert (first.outcome, office.pull().outcome) == ("new", "unchanged")
    assert landing.get(office.settings, first.snapshot_sha256 or "").endswith(b"}\0")
    key = ("Cao Bằng", "Sơ bộ 2024", "Dân số trung bình")
    assert office.figures(first)[key] == "501.5"
    assert office.figures(first)["CẢ NƯỚC", "2023", "Diện tích"] == "blank"
    office.server.table.cells[key] = 502.25
    revised = office.pull()
    assert (revised.outcome, office.figures(revised)[key]) == ("new", "502.25")


def test_a_vanished_category_is_said_with_the_new_figures(office: Office) -> None:
    office.pull()
    office.server.table.variables[0].labels = ["CẢ NƯỚC", "Tỉnh Cao Bằng"]
    reason = office.pull().reason or ""
    assert "category_vanished 'Cao Bằng' in 'Địa phương'" in reason
    assert "category_new 'Tỉnh Cao Bằng'" in reason


def test_a_query_selects(office: Office) -> None:
    office.route["fetch"]["query"] = [
        {"code": "Địa phương", "selection": {"filter": "item", "values": ["1"]}},
        {"code": "Năm", "selection": {"filter": "top", "values": ["1"]}},
    ]
    assert set(office.figures(office.pull())) == {
        ("Cao Bằng", "Sơ bộ 2024", "Diện tích"),
        ("Cao Bằng", "Sơ bộ 2024", "Dân số trung bình"),
    }


@pytest.mark.parametrize(
    ("fault", "outcome", "reason"),
    [
        (Fault.html(), "quarantined", "web page"),
        (Fault.broken(), "failed", "500"),
        (Fault.busy("3600"), "failed", "asks to wait 3600 s"),
        (Fault.too_many_values(), "failed", "Too many values selected"),
        (Fault.oversize(2_000_000), "failed", "larger than 1000000 bytes"),
        (Fault.slow(1.2), "failed", "ReadTimeout"),
    ],
    ids=["html", "500", "429", "403", "oversize", "slow"],
)
def test_a_server_that_is_not_well(office: Office, fault: Fault, outcome: str, reason: str) -> None:
    office.server.faults = [fault] * 20
    found = office.pull(size_cap_bytes=1_000_000)
    assert found.outcome == outcome
    assert reason in (found.reason or "")
    assert office.server.address in (found.reason or "")


def test_a_busy_server_is_asked_again(office: Office) -> None:
    office.server.faults = [Fault.busy("1")]
    assert office.pull().outcome == "new"
    assert [method for method, _ in office.server.requests] == ["GET", "POST", "POST"]


def test_a_query_above_the_limit_is_put_together_from_parts(office: Office) -> None:
    whole = office.pull()
    office.server.max_values = 4
    cut = office.pull()
    assert cut.outcome == "new"
    assert "from 2 answers along 'Năm'" in (cut.reason or "")
    assert office.figures(cut) == office.figures(whole)
    assert office.pull().outcome == "unchanged"
    office.server.max_values = 1
    single = office.pull()
    assert office.figures(single) == office.figures(whole)
    assert single.outcome == "unchanged", "the parts do not show in the document"


def pxweb_fetcher(server: PxwebServer, **limits: Any) -> Fetcher:
    bounds = FetchLimits(allow_hosts=(server.host,), timeout_seconds=2, retries=2, **limits)
    return Fetcher(bounds, sleep=lambda _: None)


def section_of(server: PxwebServer, **options: Any) -> PxwebFetch:
    return PxwebFetch(
        **{
            "protocol": "pxweb_v1",
            "address": server.address,
            "response_format": "json-stat2",
            **options,
        }
    )


READINGS: dict[str, Any] = {
    "json": PxwebJsonReading(adapter="pxweb_json"),
    "json-stat": SECTION,
    "json-stat2": SECTION,
    "px": PxReading(adapter="px"),
    "csv": PxWebCsvReading(adapter="pxweb_csv", label_columns=2),
    "xlsx": WorkbookReading(
        adapter="workbook", tables=[WorkbookTable(title="diện tích, dân số", header="tích|dân số")]
    ),
}


@pytest.mark.parametrize("form", list(READINGS))
def test_every_format_gives_the_same_figures(office: Office, form: str) -> None:
    fetched = pxweb_fetcher(office.server).fetch(section_of(office.server, response_format=form))
    cells = read(READINGS[form], fetched.data or b"", "a" * 64).cells
    found = sorted(cells["number"].drop_nulls().to_list())
    expected = [500.12, 501.5, 100_000.0] if form == "json" else [500.125, 501.5, 100_000.0]
    assert found == sorted(expected)


@pytest.mark.parametrize("form", ["json", "json-stat", "json-stat2"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 7])
def test_parts_make_the_same_document_as_the_whole(office: Office, form: str, limit: int) -> None:
    section = section_of(office.server, response_format=form)
    whole = pxweb_fetcher(office.server).fetch(section)
    office.server.max_values = limit
    cut = pxweb_fetcher(office.server).fetch(section)
    assert "put together from" in (cut.note or "")

    def rows(fetched: Fetched) -> list[dict[str, Any]]:
        cells = read(READINGS[form], fetched.data or b"", "a" * 64).cells
        kept = cells.select("labels", "decimal_text", "missing_code", "period_text").rows(named=True)
        return sorted(kept, key=str) if form == "json" else kept

    assert rows(cut) == rows(whole)
    assert pxweb_fetcher(office.server).fetch(section).data == cut.data


def test_a_format_that_cannot_be_put_together_says_so(office: Office) -> None:
    office.server.max_values = 4
    with pytest.raises(FetchError, match="its limit is 4 values") as raised:
        pxweb_fetcher(office.server).fetch(section_of(office.server, response_format="px"))
    assert raised.value.fault == "too_many_cells"
    assert "json-stat2" in raised.value.mend


def test_a_closed_door_is_not_a_matter_of_size(office: Office) -> None:
    for fault in (Fault.forbidden(), Fault.closed_door()):
        office.server.faults = [fault]
        with pytest.raises(FetchError) as raised:
            pxweb_fetcher(office.server).fetch(section_of(office.server))
        assert raised.value.fault == "forbidden"


def test_the_call_window_is_kept(office: Office) -> None:
    server = office.server
    server.most_calls, server.window_seconds = 4, 1
    server.stated_calls, server.stated_window = 4, 1
    server.max_values = 2
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        time.sleep(seconds)

    fetcher = pxweb_fetcher(server)
    fetcher.sleep = sleep
    assert fetcher.fetch(section_of(server)).note is not None
    assert fetcher.windows[server.host].most_calls == 4
    refused = len(server.requests) - len(server.queries) - 2
    assert refused <= 2, "once the window is known the server refuses nothing but queries that are too large"
    assert waits


def test_capitals_get_through_where_small_letters_do_not(office: Office) -> None:
    office.server.capitals_only = True
    assert office.pull().outcome == "new"
    assert [path[-3:] for method, path in office.server.requests if method == "POST"] == [".px", ".PX"]


def test_one_session_per_table(office: Office) -> None:
    fetcher = pxweb_fetcher(office.server)
    for _ in range(2):
        fetcher.fetch(section_of(office.server))
    assert office.server.sessions == ["", "rxid=s1", "", "rxid=s3"]


def test_the_selection_of_another_table_is_set_aside(office: Office) -> None:
    answer = office.server.json_stat_2([(v, [0]) for v in office.server.table.variables])
    office.server.faults = [Fault(body=Reply(body=answer).data)]
    query = [PxwebQuery(code="Năm", selection=PxwebSelection(filter="item", values=["1"]))]
    with pytest.raises(FetchError, match="another table or selection") as raised:
        pxweb_fetcher(office.server).fetch(section_of(office.server, query=query))
    assert (raised.value.fault, raised.value.outcome) == ("other_table", "quarantined")


def test_levels_and_tables_are_listed(office: Office) -> None:
    address = f"{office.server.base}/api/v1/vi"
    with pxweb_fetcher(office.server).session(address) as session:
        ((found, node),) = pxweb_v1.tables_below(session, address)
        assert (node.text, node.is_table) == ("Diện tích, dân số", True)
        assert pxweb_v1.describe(session, found).title == "Diện tích, dân số"


def version_2(server: PxwebServer, **options: Any) -> PxwebV2Fetch:
    return PxwebV2Fetch(
        **{"protocol": "pxweb_v2", "address": server.address_v2, "table": server.table_id, **options}
    )


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("limit", [10_000, 4, 1])
def test_version_2(office: Office, method: Any, limit: int) -> None:
    office.server.max_values = limit
    fetched = pxweb_fetcher(office.server).fetch(version_2(office.server, method=method, language="vi"))
    cells = read(SECTION, fetched.data or b"", "a" * 64).cells
    assert cells["decimal_text"].drop_nulls().to_list() == ["100000", "500.125", "501.5"]
    assert set(cells["period_text"]) == {"2023", "Sơ bộ 2024"}
    assert (fetched.note is None) == (limit == 10_000)


@pytest.mark.parametrize(
    ("values", "chosen"),
    [
        (["*"], ["0", "1"]),
        (["TOP(1)"], ["1"]),
        (["BOTTOM(1)"], ["0"]),
        (["FROM(1)"], ["1"]),
        (["TO(0)"], ["0"]),
        (["RANGE(0,1)"], ["0", "1"]),
        (["TOP(1,1)"], ["0"]),
        (["1"], ["1"]),
    ],
)
def test_expressions_of_version_2(office: Office, values: list[str], chosen: list[str]) -> None:
    query = [PxwebV2Selection(code="Năm", values=values)]
    pxweb_fetcher(office.server).fetch(version_2(office.server, query=query))
    (asked,) = [
        part["valueCodes"] for part in office.server.queries[0]["selection"] if part["variableCode"] == "Năm"
    ]
    assert asked == chosen


def test_version_2_names_what_is_not_there(office: Office) -> None:
    for code, value, fault in (
        ("Năm", "9", "not_published"),
        ("Chỉ tiêu", "9", "bad_query"),
        ("X", "1", "bad_query"),
    ):
        with pytest.raises(FetchError) as raised:
            query = [PxwebV2Selection(code=code, values=[value])]
            pxweb_fetcher(office.server).fetch(version_2(office.server, query=query))
        assert raised.value.fault == fault
    with pytest.raises(FetchError, match="Non-existent table") as raised:
        pxweb_fetcher(office.server).fetch(version_2(office.server, table="NONE"))
    assert raised.value.fault == "not_found"


def test_version_2_lists_every_page(office: Office) -> None:
    address = office.server.address_v2
    with pxweb_fetcher(office.server).session(address) as session:
        assert [entry["id"] for entry in pxweb_v2.tables(session, address)] == ["A01", "V02.01", "Z99"]
        assert [entry["id"] for entry in pxweb_v2.tables(session, address, "v02")] == ["V02.01"]
        assert pxweb_v2.cell_limit(session, address) == 10_000


def test_the_next_route_is_taken_where_the_api_does_not_have_the_table(office: Office) -> None:
    office.server.faults = [Fault.not_found().on("/api/v1/")]
    second = {
        **LIVE_ROUTE,
        "fetch": {
            "protocol": "pxweb_v2",
            "address": office.server.address_v2,
            "table": office.server.table_id,
        },
    }
    found = office.pull_routes(live_second=second)
    assert (found.outcome, found.route) == ("new", "live_second")
    assert "live: " in (found.reason or "")
    assert "404" in (found.reason or "")
    office.server.faults = [Fault.not_found().on("all")] * 2
    nowhere = office.pull_routes(live_second=second)
    assert (nowhere.outcome, nowhere.route) == ("failed", "live_second")
    office.server.faults = [Fault.broken().on("/api/v1/")] * 2
    broken = office.pull_routes(live_second=second)
    assert (broken.outcome, broken.route) == ("failed", "live"), "a fault is no reason to look elsewhere"
