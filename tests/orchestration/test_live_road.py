"""The live road: a loopback PxWeb server with the shipped population figures; revised, unchanged, broken."""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from store.settings import PROJECT_ROOT
from tests.orchestration.conftest import Answer, current, ppw, rows
from tests.servers.pxweb import Fault, PxwebServer, PxwebTable, PxwebVariable, serve_pxweb

pytestmark = pytest.mark.integration

AREAS = {
    "CẢ NƯỚC": " WHOLE COUNTRY",
    "Trung du và miền núi phía Bắc": "Northern midlands and mountain areas",
    "Cao Bằng": "Cao Bang",
}
ITEMS = {
    "Tổng diện tích": "Area (Km2(*)",
    "Dân số trung bình": "Average population (Thous. pers.)",
    "Mật độ dân số": "Population density (Person/km2)",
}
POPULATION_2024 = ("Cao Bang", "2024", "Average population (Thous. pers.)")


def shipped_table() -> PxwebTable:
    """The shipped figures of table E02.01 as a PX-Web table."""
    path = PROJECT_ROOT / "sources" / "recorded" / "nso_population_e02_01_2025.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        cells: dict[tuple[str, ...], float | int | None] = {
            (AREAS[row["area"]], row["period"], ITEMS[row["indicator"]]): float(row["value"])
            for row in csv.DictReader(stream)
        }
    return PxwebTable(
        title="Area, population and population density by province by Cities, provincies, Year and Items",
        variables=[
            PxwebVariable("Cities, provincies", list(AREAS.values())),
            PxwebVariable("Year", sorted({labels[1] for labels in cells}), time=True),
            PxwebVariable("Items", list(ITEMS.values())),
        ],
        cells=cells,
    )


@pytest.fixture
def server() -> Iterator[PxwebServer]:
    with serve_pxweb(shipped_table()) as running:
        yield running


@pytest.fixture
def extra(server: PxwebServer, tmp_path: Path) -> dict[str, str]:
    """Settings under which the population record's live route is the loopback server."""
    specs = tmp_path / "specs"
    shutil.copytree(PROJECT_ROOT / "sources" / "specs", specs)
    file = specs / "nso_population.yml"
    record = yaml.safe_load(file.read_text(encoding="utf-8"))
    record["routes"]["live"]["fetch"]["address"] = server.address
    file.write_text(yaml.safe_dump(record, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return {
        "PPW_SPECS_DIR": str(specs),
        "PPW_HTTP_ALLOW_HOSTS": f'["{server.host}"]',
        "PPW_HTTP_RETRIES": "1",
    }


def _population_2024(home: Path) -> list[dict[str, object]]:
    return rows(
        home,
        "select value from fct_actual where indicator_code = 'POPULATION_AVERAGE' and area_id = 'VN-04' "
        "and period_id = '2024' and breakdown = '_T'",
    )


def _pull(home: Path, extra: dict[str, str]) -> Answer:
    return ppw(home, "run", "--live", "--source", "nso_population", "--json", extra=extra)


def test_revised_unchanged_broken(home: Path, server: PxwebServer, extra: dict[str, str]) -> None:
    # What is worked out from a figure follows it; here the published ones are counted.
    published = "select count(*) as n from fct_observation where origin <> 'derived'"
    observations = rows(home, published)[0]["n"]
    assert _population_2024(home) == [{"value": 558.461}]
    server.table.cells[POPULATION_2024] = 559.0
    before = current(home)
    revised = _pull(home, extra)
    assert revised.code == 0, revised.err + revised.out
    assert revised.json["retrieved"]["new"] == 1
    assert revised.json["new_release"] is True
    assert current(home) != before
    assert _population_2024(home) == [{"value": 559}]
    assert rows(home, published)[0]["n"] == observations + 1, "only the difference is kept"
    values = rows(
        home,
        "select value from fct_observation where indicator_code = 'POPULATION_AVERAGE' and area_id = 'VN-04' "
        "and period_id = '2024' and breakdown = '_T' and origin <> 'derived' order by vintage_at",
    )
    assert [row["value"] for row in values] == [558.461, 559]

    again = _pull(home, extra)
    assert again.code == 0, again.err
    assert again.json["nothing_new"] is True
    assert again.json["retrieved"].get("new") is None

    # A page of HTML where figures should be costs no figure that was accepted before.
    server.faults = [Fault.html()] * 5
    broken = _pull(home, extra)
    assert broken.code == 1
    (problem,) = broken.json["source_problems"]
    assert problem["outcome"] == "quarantined"
    assert "HTML" in problem["reason"] or "web page" in problem["reason"]
    assert server.address.split("/api/")[0] in problem["reason"]
    assert "Mend" in problem["reason"]
    assert _population_2024(home) == [{"value": 559}]
    assert current(home)[:10] == revised.json["release_id"][:10]
