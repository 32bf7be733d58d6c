"""The PxWeb road over real sockets: what PX-Web answers, and what it answers when it is not well."""

from pathlib import Path
from typing import Any

import pytest

from sources.fetch import Fetcher, FetchLimits
from sources.reading import read
from sources.record import JsonStatReading
from sources.retrieve import RetrievalOutcome, retrieve
from store import landing, state
from store.settings import Settings
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
        waits: list[float] = []
        bounds = FetchLimits(allow_hosts=(self.server.host,), timeout_seconds=0.7, retries=1, **limits)
        fetcher = Fetcher(bounds, sleep=waits.append)
        return retrieve(self.settings, record(content(self.route)), True, "batch", fetcher=fetcher)[-1]

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
        (Fault.too_many_values(), "failed", "its limit is 10000 values"),
        (Fault.oversize(2_000_000), "failed", "larger than 1000000 bytes"),
        (Fault.slow(1.2), "failed", "ReadTimeout"),
    ],
    ids=["html", "500", "429", "403", "oversize", "slow"],
)
def test_a_server_that_is_not_well(office: Office, fault: Fault, outcome: str, reason: str) -> None:
    office.server.faults = [fault, fault]
    found = office.pull(size_cap_bytes=1_000_000)
    assert found.outcome == outcome
    assert reason in (found.reason or "")
    assert office.server.address in (found.reason or "")


def test_a_busy_server_is_asked_again(office: Office) -> None:
    office.server.faults = [Fault.busy("1")]
    assert office.pull().outcome == "new"
    assert [method for method, _ in office.server.requests] == ["GET", "POST", "POST"]


def test_more_values_than_the_server_gives(office: Office) -> None:
    office.server.max_values = 3
    assert "its limit is 3 values" in (office.pull().reason or "")
