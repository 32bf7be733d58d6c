"""Compiling: what dbt reads, the same for the same knowledge, and the fingerprint of it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sources.compile import Versions, code_version, default_cut_off, inputs_hash, write_inputs
from sources.input_tables import INPUT_TABLES
from sources.record import SourceRecord
from sources.retrieve import retrieve, retrieve_plan
from store import state
from store.settings import Settings
from tests.sources.plans import TARGET
from tests.sources.plans import small_files as plan_files
from tests.sources.records import LIVE_ROUTE, content, plain_table, record

VERSIONS = Versions("rules-1", "method-1", "code-1")
CUT_OFF = date(2026, 11, 22)


class House:
    """A home with one source and one plan retrieved."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self.settings = settings.model_copy(
            update={"recorded_dir": root / "recorded", "plans_dir": root / "plans"}
        )
        self.settings.recorded_dir.mkdir()
        plan = self.settings.plans_dir / "01-TEST-2020"
        plan.mkdir(parents=True)
        for name, data in plan_files(TARGET | {"period_start": "2021", "base_period": "2020"}).items():
            (plan / name).write_bytes(data)
        state.migrate(self.settings)
        self.made = content(LIVE_ROUTE)
        mapping = self.made["routes"]["recorded"]["mapping"]
        mapping["ignore"] = [
            {"dimension": "area", "except": ["cao  bằng"], "reason": "ngoài phạm vi"},
            {"dimension": "indicator", "labels": ["Diện tích"], "reason": "không theo dõi"},
        ]
        mapping["period"] = {"dimension": "period", "format": "period_id"}

    @property
    def record(self) -> SourceRecord:
        return record(self.made)

    def ship(self, *rows: dict[str, str]) -> None:
        (self.settings.recorded_dir / "made_up.csv").write_bytes(plain_table(*rows))
        retrieve(self.settings, self.record, False, "batch", lambda: datetime(2026, 11, 22, tzinfo=UTC))
        retrieve_plan(self.settings, "01-TEST-2020", "batch", lambda: datetime(2026, 11, 22, tzinfo=UTC))

    def known(self) -> dict[str, Any]:
        with state.reading(self.settings) as connection:
            vintages = state.vintages(connection)
            outcomes = state.latest_retrieval_per_document(connection)
        return {"records": {"made_up": self.record}, "vintages": vintages, "outcomes": outcomes}

    def write(self, cut_off: date = CUT_OFF, **changes: Any) -> dict[str, pl.DataFrame]:
        inputs = write_inputs(self.settings, cut_off, **(self.known() | changes), versions=VERSIONS)
        return {name: pl.read_parquet(inputs.directory / f"{name}.parquet") for name in INPUT_TABLES}

    def hash(self, cut_off: date = CUT_OFF, versions: Versions = VERSIONS, **changes: Any) -> str:
        return inputs_hash(cut_off, **(self.known() | changes), versions=versions, home_area_id="VN-04")


@pytest.fixture
def house(settings: Settings, tmp_path: Path) -> House:
    made = House(settings, tmp_path)
    made.ship({}, {"area": "Hà Nội", "period": "2024-H1"}, {"indicator": "Diện tích", "value": "-"})
    return made


def test_every_table_has_its_columns_and_types(house: House) -> None:
    tables = house.write()
    assert {name: dict(table.schema) for name, table in tables.items()} == INPUT_TABLES
    assert tables["run_parameter"].row(0, named=True) == {
        "cut_off": CUT_OFF,
        "plan_versions": "01-TEST-2020",
        "rule_set_version": "rules-1",
        "method_version": "method-1",
        "code_version": "code-1",
    }


def test_mappings_hold_keys_in_place_of_labels(house: House) -> None:
    tables = {
        name: table.filter(route="recorded") for name, table in house.write().items() if "route" in table
    }
    place = {"source_id": "made_up", "route": "recorded"}
    (series,) = tables["mapping_series"].rows(named=True)
    assert (series["series_id"], series["n_conditions"], series["checks_unit_text"]) == (1, 1, True)
    assert tables["mapping_condition"].rows(named=True) == [
        {**place, "series_id": 1, "dimension": "indicator", "label_key": "dân số trung bình"}
    ]
    assert tables["mapping_area"].rows(named=True) == [
        {**place, "dimension": "area", "label_key": "cao bằng", "area_id": "VN-04"}
    ]
    ignored = tables["mapping_ignored"].select("dimension", "label_key", "reason").rows()
    assert ignored == [("area", "hà nội", "ngoài phạm vi"), ("indicator", "diện tích", "không theo dõi")]


def test_printed_periods_become_ids_and_unclear_ones_are_left_out(house: House) -> None:
    house.made["routes"]["recorded"]["mapping"]["period"] = {"dimension": "period", "format": "year"}
    periods = house.write()["mapping_period"]
    assert periods.select("dimension", "label_key", "period_id", "maturity").rows() == [
        ("period", "2024", "2024", None)
    ]


def test_constants_stand_without_a_dimension(house: House) -> None:
    mapping = house.made["routes"]["recorded"]["mapping"]
    mapping["area"] = {"constant": "VN-04"}
    mapping["period"] = {"constant": "2024-H1", "maturity": "estimate"}
    tables = house.write()
    (area,) = tables["mapping_area"].filter(route="recorded").rows(named=True)
    (period,) = tables["mapping_period"].filter(route="recorded").rows(named=True)
    assert (area["dimension"], area["label_key"], area["area_id"]) == ("", "", "VN-04")
    assert (period["dimension"], period["period_id"], period["maturity"]) == ("", "2024-H1", "estimate")


def test_periods_of_cells_and_targets(house: House) -> None:
    periods = house.write()["period"]
    # Of a year with a part of it also the other parts, which may be worked out.
    parts = [f"2024-{part}" for part in ("H1", "H2", "Q1", "Q2", "Q3", "Q4", "YTD09")]
    assert periods["period_id"].to_list() == ["2020", "2021", "2021..2030", "2024", *parts, "2030"]
    assert periods.filter(period_id="2024-H1").select("type", "start_date", "end_date").row(0) == (
        "half_year",
        date(2024, 1, 1),
        date(2024, 6, 30),
    )


def test_vintages_name_their_cells(house: House) -> None:
    vintages = house.write()["vintage"]
    figures = vintages.filter(source_id="made_up").row(0, named=True)
    cells = pl.read_parquet(figures["cells_file"])
    assert set(cells["cell_set_key"]) == {figures["cell_set_key"]}
    assert figures["vintage_at"] == datetime(2026, 1, 2)
    plans = vintages.filter(source_id="plan_01_test_2020")
    assert plans.select("document", "cells_file").rows() == [
        ("clauses", None),
        ("plan", None),
        ("targets", None),
    ]


def test_targets_keep_their_place_in_the_snapshot(house: House) -> None:
    tables = house.write()
    (target,) = tables["plan_target"].rows(named=True)
    vintage = tables["vintage"].filter(document="targets").row(0, named=True)
    assert (target["plan_version"], target["cell_ref"], str(target["value_low"])[:3]) == (
        "01-TEST-2020",
        "row 2",
        "550",
    )
    assert target["snapshot_sha256"] == vintage["snapshot_sha256"]
    assert (target["horizon_inferred"], target["headline"], target["frame_id"]) == (False, True, None)


def test_what_comes_after_the_cut_off_is_not_known(house: House) -> None:
    tables = house.write(date(2026, 1, 1))
    assert tables["vintage"].is_empty()
    assert tables["plan_target"].is_empty()
    assert default_cut_off(house.known()["vintages"]) == date(2026, 1, 2)
    assert default_cut_off([]) is None


def test_a_vintage_that_nothing_reads_is_excluded_with_the_reason(house: House) -> None:
    row = house.write(records={})["vintage"].filter(source_id="made_up").row(0, named=True)
    assert (row["excluded"], row["cells_file"]) == (True, None)
    assert "made_up.yml" in row["excluded_reason"]


def test_a_lost_snapshot_is_excluded_and_named(house: House) -> None:
    house.write()
    for path in (*house.settings.cells_dir.iterdir(), *(house.settings.home / "landing").rglob("*")):
        if path.is_file():
            path.unlink()
    with state.reading(house.settings) as connection:
        vintages = [v for v in state.vintages(connection) if v.source_id == "made_up"]
    row = house.write(vintages=vintages)["vintage"].row(0, named=True)
    assert row["excluded"]
    assert vintages[0].snapshot_sha256 in row["excluded_reason"]


def files_of(settings: Settings) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in settings.inputs_dir.iterdir()}


def test_the_same_knowledge_gives_the_same_bytes(house: House) -> None:
    house.write()
    before = files_of(house.settings)
    known = house.known()
    house.write(outcomes=list(reversed(known["outcomes"])))
    assert files_of(house.settings) == before


def test_the_fingerprint_moves_with_what_decides_and_with_nothing_else(house: House) -> None:
    before = house.hash()
    house.ship({}, {"area": "Hà Nội", "period": "2024-H1"}, {"indicator": "Diện tích", "value": "-"})
    assert {row.outcome for row in house.known()["outcomes"]} == {"unchanged"}
    assert house.hash() == before, "unchanged bytes are nothing new"
    others = {
        house.hash(cut_off=date(2026, 11, 23)),
        house.hash(versions=replace(VERSIONS, code_version="code-2")),
        house.hash(versions=replace(VERSIONS, rule_set_version="rules-2")),
        house.hash(records={"made_up": record(content())}),
        house.hash(
            outcomes=[replace(row, outcome="failed", reason="x") for row in house.known()["outcomes"]]
        ),
    }
    house.ship({"value": "501"})
    others.add(house.hash())
    assert before not in others
    assert len(others) == 6


def test_a_new_adapter_version_is_something_new(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from sources.reading import ADAPTERS

    before = house.hash()
    monkeypatch.setitem(ADAPTERS, "plain_table", ("next", ADAPTERS["plain_table"][1]))
    assert house.hash() != before


def test_the_code_version_follows_the_dbt_project(settings: Settings) -> None:
    assert code_version(settings) == code_version(settings)
    assert len(code_version(settings)) == 12


def test_what_a_new_snapshot_lists_otherwise_is_an_input_of_the_checks(house: House) -> None:
    assert house.write()["structure_drift"].height == 0
    house.ship({"unit": "Người"}, {"area": "Cả nước", "period": "2024-H1", "unit": "Người"})
    found = house.write()["structure_drift"].sort("kind").select("kind", "dimension", "what", "was").rows()
    assert ("unit_changed", None, "“Người”", "“Nghìn người”") in found
    assert ("category_vanished", "area", "“Hà Nội”", None) in found
    # A change is told once: the next snapshot is compared with the one that brought it.
    house.ship({"unit": "Người", "value": "7"}, {"area": "Cả nước", "period": "2024-H1", "unit": "Người"})
    assert house.write()["structure_drift"].height == 0
