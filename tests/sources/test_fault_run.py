"""Fault run: every fault of the protocols switched on in turn; the ledger's rows, and nothing partial anywhere.

`pytest tests/sources/test_fault_run.py -s` prints the rows.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sources.fetch import Fetcher, FetchLimits, fault_of
from sources.retrieve import retrieve
from store import state
from store.settings import Settings
from tests.servers.ckan import FILE_ID, ROWS_ID, CkanServer, serve_ckan, some_rows
from tests.servers.http import Fault
from tests.servers.pxweb import PxwebServer, serve_pxweb
from tests.sources.records import LIVE_ROUTE, content, plain_table, record
from tests.sources.test_pxweb_live import population

pytestmark = pytest.mark.integration

SIZE_CAP = 100_000
ELSEWHERE = "http://elsewhere.example.org/taken.json"
CKAN_ERROR = (
    '{"success": false, "error": {"message": "Truy cập bị từ chối", "__type": "Authorization Error"}}'
)


@dataclass(frozen=True)
class Case:
    """A fault given to one way in, and what the ledger must say of it. None as fault means that it passes."""

    name: str
    way: str
    faults: list[Fault]
    outcome: str
    fault: str | None


def _cases() -> Iterator[Case]:
    for way, to in (
        ("v1", "/api/v1/"),
        ("v2", "/api/v2/"),
        ("rows", "datastore_search"),
        ("file", "/files/"),
    ):
        query = {"v1": "post", "v2": "/data"}.get(way, to)
        whole = "other" if way == "file" else "json"
        yield Case("500 always", way, [Fault.broken().on(to)] * 9, "failed", "server_error")
        yield Case("429 with a long wait", way, [Fault.busy("3600").on(query)], "failed", "busy")
        yield Case("401", way, [Fault.sign_in().on(to)], "failed", "sign_in")
        yield Case("403 closed", way, [Fault.closed_door().on(query)], "failed", "forbidden")
        yield Case("HTML in place of data", way, [Fault.html().on(query)], "quarantined", "web_page")
        yield Case("broken off", way, [Fault.broken_off().on(query)] * 9, "failed", "broken_off")
        if whole == "json":
            yield Case("truncated", way, [Fault.truncated().on(query)], "quarantined", "not_the_format")
            yield Case("wrong content", way, [Fault.wrong_type().on(query)], "quarantined", "not_the_format")
        yield Case("too slow", way, [Fault.slow(0.6).on(query)] * 9, "failed", "no_answer")
        yield Case("too large", way, [Fault.oversize(SIZE_CAP).on(query)], "failed", "too_large")
        yield Case("unpacks too large", way, [Fault.packed(3 * SIZE_CAP).on(query)], "failed", "too_large")
        yield Case("packed twice", way, [Fault.packed(9, times=2).on(query)], "failed", "too_large")
        yield Case(
            "redirect to another host", way, [Fault.redirect(ELSEWHERE).on(query)], "failed", "redirected"
        )
        yield Case("404", way, [Fault.not_found().on(to)] * 9, "failed", "not_found")
        yield Case("429 with a short wait, then good", way, [Fault.busy("1").on(query)], "", None)
        yield Case("500, then good", way, [Fault.broken().on(to)], "", None)
        yield Case("broken off, then good", way, [Fault.broken_off().on(query)], "", None)
    yield Case("403 too many cells, always", "v1", [Fault.too_many_values()] * 20, "failed", "too_many_cells")
    yield Case("403 too many cells, then in parts", "v1", [Fault.too_many_values()], "new", None)
    yield Case("404 for .px, .PX gets through", "v1", [Fault.not_found()], "new", None)
    yield Case("403 in the portal's words", "rows", [Fault(403, CKAN_ERROR.encode(), to="datastore_search")],
               "failed", "forbidden")  # fmt: skip


class Run:
    """One source with one live route to two servers; the recorded snapshot stands throughout."""

    def __init__(self, settings: Settings, root: Path, pxweb: PxwebServer, portal: CkanServer) -> None:
        self.settings = settings.model_copy(update={"recorded_dir": root, "http_circuit_failures": 1000})
        (root / "made_up.csv").write_bytes(plain_table({}))
        state.migrate(self.settings)
        self.pxweb, self.portal = pxweb, portal
        ckan = {"protocol": "ckan", "address": portal.base}
        rows_mapping: dict[str, Any] = {
            "area": {"constant": "VN-04"},
            "period": {"dimension": "nam", "format": "year"},
            "series": [{**LIVE_ROUTE["mapping"]["series"][0], "where": {"column": "dan_so"}}],
        }
        rows_reading = {"adapter": "ckan", "figures": ["dan_so"], "period": "nam"}
        csv_reading = {"adapter": "pxweb_csv", "label_columns": 2}
        v2 = {"protocol": "pxweb_v2", "address": pxweb.address_v2, "table": pxweb.table_id}
        self.routes: dict[str, dict[str, Any]] = {
            "v1": {**LIVE_ROUTE, "fetch": {**LIVE_ROUTE["fetch"], "address": pxweb.address}},
            "v2": {**LIVE_ROUTE, "fetch": v2},
            "rows": {"fetch": {**ckan, "resource_id": ROWS_ID}, "reading": rows_reading, "mapping": rows_mapping},
            "file": {
                "fetch": {**ckan, "resource_id": FILE_ID, "content": "file"},
                "reading": csv_reading,
                "mapping": {**rows_mapping, "series": [{**rows_mapping["series"][0], "where": {"column": "dan_so"}}]},
            },
        }  # fmt: skip

    def pull(self, way: str, batch: str) -> state.Retrieval:
        bounds = FetchLimits(
            allow_hosts=(self.pxweb.host, self.portal.host), timeout_seconds=0.3, retries=1,
            size_cap_bytes=SIZE_CAP, unpacked_cap_bytes=2 * SIZE_CAP,
        )  # fmt: skip
        fetcher = Fetcher(bounds, sleep=lambda _: None)
        made = content(self.routes[way])
        made["source_id"] = f"source_{way}"
        retrieve(self.settings, record(made), True, batch, fetcher=fetcher)
        with state.reading(self.settings) as connection:
            return state.retrievals_of_batch(connection, batch)[-1]

    def landed(self) -> dict[str, bytes]:
        root = Path(self.settings.home / "landing")
        return {path.name: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Iterator[Run]:
    with serve_pxweb(population()) as pxweb, serve_ckan(rows=some_rows(3)) as portal:
        portal.file = b"huyen,nam,dan_so\r\nA,2024,500.5\r\nB,2024,501.5\r\n"
        yield Run(settings, tmp_path, pxweb, portal)


def test_every_fault_in_turn(run: Run) -> None:
    whole = {way: run.pull(way, f"whole {way}") for way in run.routes}
    assert {row.outcome for row in whole.values()} == {"new"}
    cells = sorted(path.name for path in run.settings.cells_dir.iterdir())
    wrong: list[tuple[Any, ...]] = []
    for case in _cases():
        server = run.pxweb if case.way in {"v1", "v2"} else run.portal
        server.faults = list(case.faults)
        row = run.pull(case.way, f"{case.way}: {case.name}")
        print(f"{case.way:5}{case.name:36}{row.outcome:13}{fault_of(row.reason) or '':18}{row.reason or ''}")
        expected = (case.outcome or "unchanged", case.fault)
        if (row.outcome, fault_of(row.reason)) != expected:
            wrong.append((case.way, case.name, expected, row.outcome, row.reason))
        if case.fault is not None and "Mend: " not in (row.reason or ""):
            wrong.append((case.way, case.name, "a mend", row.reason))
        if (row.snapshot_sha256 is not None) != (row.outcome in {"new", "unchanged", "quarantined"}):
            wrong.append((case.way, case.name, "a snapshot only of what came whole", row.snapshot_sha256))
        server.faults = []
    assert wrong == []
    # Nothing partial: what lies in landing is whole, named by its digest and known to the ledger; what was set
    # aside was never read; only what came whole is a vintage.
    landed = run.landed()
    assert all(hashlib.sha256(data).hexdigest() == name for name, data in landed.items())
    with state.reading(run.settings) as connection:
        known = state.latest_at_host(connection, (run.pxweb.host, run.portal.host), 999)
        vintages = [vintage for vintage in state.vintages(connection) if vintage.route == "live"]
    assert len(known) == len(run.routes) + len(list(_cases()))
    recorded = hashlib.sha256(plain_table({})).hexdigest()
    assert set(landed) == {row.snapshot_sha256 for row in known if row.snapshot_sha256} | {recorded}
    # A table put together from parts is another document with the same figures.
    assert len(vintages) == len(whole) + 2
    assert len(list(run.settings.cells_dir.iterdir())) == len(cells) + 1


def test_a_fault_within_the_parts_keeps_none_of_them(run: Run) -> None:
    run.pxweb.max_values = 4
    run.pxweb.queries.clear()
    run.pxweb.faults = []
    good = run.pull("v2", "good")
    before = run.landed()
    # The first part comes, the second does not.
    run.pxweb.table.cells["Cao Bằng", "2023", "Dân số trung bình"] = 777
    run.pxweb.faults = [
        Fault.slow(0).on("/data"),
        Fault.slow(0).on("/data"),
        *[Fault.broken().on("/data")] * 9,
    ]
    failed = run.pull("v2", "broken in the middle")
    assert (good.outcome, failed.outcome, fault_of(failed.reason)) == ("new", "failed", "server_error")
    assert run.landed() == before
