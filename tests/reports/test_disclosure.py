"""What is closed to a reader: no table, page or cut of a release tells it, and what is open stays as it is."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from expectations.gate.clearance import FULL, OFFICE, PUBLIC, Clearance, clearance_of
from expectations.gate.people import ROLES, Role, person_on
from orchestration.cli import main
from reports import disclosure
from reports.disclosure import NOT_PUBLIC, Closed, column_access, disclosed, what_is_closed
from reports.identity import NOBODY
from reports.release_data import Release, current_release
from sources.registry import load_records
from store.release_tables import RELEASE_TABLES
from store.settings import Settings
from tests.reports.conftest import Show
from tests.reports.make_release import MARTS_FILE, SyntheticRelease, publish_synthetic

# Figures of these sources are closed; synthetic_ministry is one whose figures are parts of others.
CLOSED_SOURCE = "synthetic_press"


def with_access(access: str | None, *source_ids: str) -> SyntheticRelease:
    content = SyntheticRelease().every_state()
    for row in content.rows["dim_source"]:
        if row["source_id"] in source_ids:
            row["access"] = access
    return content


@pytest.fixture(scope="module")
def office_closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a release whose main source is internal."""
    home = tmp_path_factory.mktemp("closed") / "home"
    publish_synthetic(Settings(home=home), with_access("internal", "synthetic_office"))
    return home


def release_of(home: Path, clearance: Clearance) -> Release:
    release = current_release(Settings(home=home))
    assert release is not None
    return release.seen_with(clearance)


def every_text(release: Release) -> set[str]:
    """Every value of every table of the release, as text."""
    found: set[str] = set()
    for name in release.manifest.tables():
        for column in release.table(name).iter_columns():
            found |= {str(value) for value in column.to_list() if value is not None}
    return found


def test_nothing_of_a_closed_figure_is_left_in_any_table(tmp_path: Path) -> None:
    content = with_access("internal", "synthetic_office")
    # A figure that nothing else in the release could say.
    told = 48151.62342
    keys = set()
    for table in ("fct_observation", "fct_actual"):
        for row in content.rows[table]:
            if row["source_id"] == "synthetic_office" and row["value"] is not None:
                row["value"], row["value_text"] = told, "48.151,62342"
                row["note"] = "48.151,62342 (synthetic)"
                keys.add(row["observation_key"])
    for row in content.rows["fct_assessment"]:
        for column in ("actual_value", "latest_known_value", "base_value", "path_value", "gap"):
            if row.get(column) is not None:
                row[column] = told
    for row in content.rows["fct_finding"]:
        row["message_vi"] = row["message_en"] = "48.151,62342 synthetic"
        row["left_value"] = row["right_value"] = row["expected_low"] = told
        row["source_id"] = "synthetic_office"
    settings = Settings(home=tmp_path / "home")
    publish_synthetic(settings, content)
    assert keys
    full = every_text(release_of(settings.home, FULL))
    assert any("48151.62342" in text for text in full)
    assert any("48.151,62342" in text for text in full)
    public = every_text(release_of(settings.home, PUBLIC))
    assert [text for text in public if "48151.62342" in text or "48.151,62342" in text] == []


def test_rows_stay_and_their_state_says_that_they_are_not_public(office_closed: Path) -> None:
    full, public = release_of(office_closed, FULL), release_of(office_closed, PUBLIC)
    for name in ("fct_observation", "fct_actual", "fct_assessment", "fct_method_result"):
        assert public.table(name).height == full.table(name).height
        assert public.table(name).columns == full.table(name).columns
        assert public.table(name).schema == full.table(name).schema
    closed = public.table("fct_observation").filter(pl.col("source_id") == "synthetic_office")
    assert closed["value"].null_count() == closed.height > 0
    assert set(closed["missing_code"]) == {"not_public"}
    judged = public.table("fct_assessment")
    rests = set(full.table("fct_actual").filter(pl.col("source_id") == "synthetic_office")["indicator_code"])
    of_closed = judged.filter(pl.col("indicator_code").is_in(list(rests)))
    assert set(of_closed["reason_code"]) == {NOT_PUBLIC}
    assert set(of_closed["level_state"]) == set(of_closed["pace_state"]) == {"not_assessed"}
    assert of_closed["actual_value"].null_count() == of_closed.height > 0


def test_the_change_list_tells_nothing_closed() -> None:
    changes = pl.LazyFrame(
        [
            {"table_name": table, "column_name": column, "row_key": "{}", "from_value": "1", "to_value": "2"}
            for table, column in (
                ("fct_actual", "value"),
                ("dim_source", "title_en"),
                ("dim_source", "last_reason"),
            )
        ]
    )

    def told(closed: Closed, clearance: Clearance) -> list[str | None]:
        return disclosed("fct_release_change", changes, closed, clearance).collect()["to_value"].to_list()

    assert told(Closed(), FULL) == ["2", "2", "2"]
    assert told(Closed(), PUBLIC) == ["2", "2", None], "a column that is denied"
    assert told(Closed(frozenset({"a"})), PUBLIC) == [None, "2", None]


def test_what_is_worked_out_from_a_closed_figure_is_closed() -> None:
    tables: dict[str, list[dict[str, object]]] = {
        "dim_source": [
            {"source_id": "a", "access": "public"},
            {"source_id": "b", "access": "restricted"},
            {"source_id": "ppw_derived", "access": "public"},
        ],
        "fct_observation": [
            {"observation_key": key, "indicator_code": key.upper(), "area_id": "XX", "source_id": source, "held": False}
            for key, source in {"a1": "a", "b1": "b", **dict.fromkeys(("d1", "d2", "d3"), "ppw_derived")}.items()
        ],
        "fct_observation_component": [
            {"observation_key": whole, "component_observation_key": part}
            for whole, part in (("d1", "a1"), ("d1", "b1"), ("d2", "d1"), ("d3", "a1"))
        ],
        "fct_actual": [
            {"observation_key": "d2", "indicator_code": "D2", "area_id": "XX"},
            {"observation_key": "d3", "indicator_code": "D3", "area_id": "XX"},
        ],
        "fct_assessment": [
            {"assessment_key": f"as_{code}", "target_id": f"t_{code}", "indicator_code": code, "area_id": "XX"}
            for code in ("D2", "D3")
        ],
    }  # fmt: skip
    lazy = {name: pl.LazyFrame(rows) for name, rows in tables.items()}
    for clearance in (PUBLIC, OFFICE):
        closed = what_is_closed(lazy, clearance)
        assert closed.sources == {"b"}
        assert closed.observations == {"b1", "d1", "d2"}
        assert closed.assessments == {"as_D2"}
        assert closed.targets == {"t_D2"}
    assert not what_is_closed(lazy, FULL).anything


@pytest.mark.parametrize("access", [None, "internal", "restricted"])
def test_a_source_is_closed_unless_it_says_that_it_is_public(tmp_path: Path, access: str | None) -> None:
    settings = Settings(home=tmp_path / "home")
    content = with_access(access, CLOSED_SOURCE)
    if access is None:
        # A release made before sources had an access level.
        content.dropped["dim_source"] = {"access"}
    publish_synthetic(settings, content)
    public = release_of(settings.home, PUBLIC).table("fct_observation")
    of_closed = public.filter(pl.col("source_id") == CLOSED_SOURCE)
    assert of_closed["value"].null_count() == of_closed.height > 0
    others = public.filter(pl.col("source_id") != CLOSED_SOURCE, ~pl.col("held"))
    assert (others["value"].null_count() == others.height) is (access is None)
    office = (
        release_of(settings.home, OFFICE)
        .table("fct_observation")
        .filter(pl.col("source_id") == CLOSED_SOURCE)
    )
    assert (office["value"].null_count() == 0) is (access != "restricted")


def test_a_held_figure_is_for_those_who_review(synthetic_home: Path) -> None:
    held = pl.col("held").fill_null(value=False)
    for clearance in (PUBLIC, OFFICE):
        seen = release_of(synthetic_home, clearance).table("fct_observation")
        assert seen.filter(held)["value"].null_count() == seen.filter(held).height > 0
        assert seen.filter(~held)["value"].null_count() == 0
    full = release_of(synthetic_home, FULL).table("fct_observation").filter(held)
    assert full["value"].null_count() == 0


def test_columns_are_closed_by_what_the_dictionary_says(
    synthetic_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public, full = (release_of(synthetic_home, clearance).table("dim_source") for clearance in (PUBLIC, FULL))
    assert public["last_reason"].null_count() == public.height
    assert full["last_reason"].null_count() < full.height
    unstated = {key: level for key, level in column_access().items() if key != ("dim_source", "title_en")}
    monkeypatch.setattr(disclosure, "column_access", lambda: unstated)
    release = release_of(synthetic_home, PUBLIC)
    path = release.directory / "dim_source.parquet"
    shown = disclosed("dim_source", pl.scan_parquet(path), Closed(), PUBLIC).collect()
    assert shown["title_en"].null_count() == shown.height, "a column that states nothing is denied"


def test_every_column_of_a_release_states_its_access() -> None:
    models = yaml.safe_load(MARTS_FILE.read_text(encoding="utf-8"))["models"]
    stated = {
        (model["name"], column["name"]): column.get("config", {}).get("meta", {}).get("access")
        for model in models
        if model["name"] in RELEASE_TABLES
        for column in model["columns"]
    }
    assert [key for key, level in stated.items() if level not in ("public", "internal", "restricted")] == []
    generated = {key: level for key, level in column_access().items() if key in stated}
    assert generated == stated


def test_every_shipped_record_states_its_access() -> None:
    settings = Settings()
    records = load_records(settings.specs_dir).records
    for source_id, record in records.items():
        text = (settings.specs_dir / f"{source_id}.yml").read_text(encoding="utf-8")
        assert f"\naccess: {record.access}\n" in text, source_id
        assert record.access == ("internal" if source_id.startswith("department_") else "public")


DAY = date(2026, 11, 20)


def test_each_role_has_its_clearance() -> None:
    expected: dict[Role, Clearance] = {
        "public": PUBLIC, "leader": OFFICE, "plan_owner": OFFICE, "reviewer": FULL, "approver": FULL, "engineer": FULL,
    }  # fmt: skip
    assert {role: clearance_of(person_on(DAY, "x", given=[role])) for role in ROLES} == expected
    assert clearance_of(NOBODY) == PUBLIC
    assert clearance_of(person_on(DAY, "x")) == PUBLIC


@given(st.sets(st.sampled_from(ROLES)), st.sampled_from(ROLES))
def test_another_role_never_takes_away(roles: set[Role], more: Role) -> None:
    before, after = (clearance_of(person_on(DAY, "x", given=given)) for given in (roles, roles | {more}))
    assert before.levels <= after.levels
    assert before.held <= after.held


def test_a_public_cut_of_the_command_line_is_the_public_release(
    office_closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPW_HOME", str(office_closed))
    sql = "select count(value) as told from fct_observation where source_id = 'synthetic_office'"

    def told(*options: str) -> int:
        answer = CliRunner().invoke(main, ["query", sql, "--json", *options])
        assert answer.exit_code == 0, answer.output
        return int(json.loads(answer.stdout)[0]["told"])

    assert told() == told("--access", "full") > told("--access", "internal") > 0, (
        "the office does not see what is held"
    )
    assert told("--access", "public") == 0


def test_the_page_of_a_target_says_that_its_figures_are_not_public(show: Show, office_closed: Path) -> None:
    public = show("target", home=office_closed, target="SYNTHETIC_01")
    assert not public.failed
    assert "48,00" not in public.words
    assert "năm 2023 – không công bố –" in public.words
    assert "Không công bố. Có số liệu làm căn cứ" in public.words
    known = show("target", home=office_closed, target="SYNTHETIC_01", person="Người xem thử")
    assert "năm 2023 48,00 sơ bộ" in known.words


@pytest.mark.parametrize("name", ["overview", "milestones", "sources", "method", "documents", "series"])
def test_every_page_opens_when_everything_is_closed(show: Show, tmp_path: Path, name: str) -> None:
    content = SyntheticRelease().every_state()
    for row in content.rows["dim_source"]:
        row["access"] = "restricted"
    home = tmp_path / "home"
    publish_synthetic(Settings(home=home), content)
    page = show(name, home=home)
    assert not page.failed
