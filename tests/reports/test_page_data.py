"""What is prepared for pages is what the pages would work out, closed figures included; what is kept is never stale."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import polars as pl
import pytest

from expectations.gate.clearance import FULL, OFFICE, PUBLIC, Clearance
from reports import page_data, per_release, release_data
from reports.page_data import BY_FORMULAS, CLEARANCES, PREPARED, page_table
from reports.release_data import Release, current_release
from store.settings import Settings
from tests.reports.conftest import Show
from tests.reports.make_release import SyntheticRelease, publish_synthetic

TOLD = 48151.62342
CLOSED_SOURCE = "synthetic_office"


@pytest.fixture(scope="module")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a release with prepared pages; one source is internal, and all its figures are told apart."""
    content = SyntheticRelease().every_state()
    for row in content.rows["dim_source"]:
        if row["source_id"] == CLOSED_SOURCE:
            row["access"] = "internal"
    for table in ("fct_observation", "fct_actual"):
        for row in content.rows[table]:
            if row["source_id"] == CLOSED_SOURCE and row["value"] is not None:
                row["value"] = TOLD
                row["note"] = "Bài viết ghi “hơn 48.151,62342”"
    home = tmp_path_factory.mktemp("prepared") / "home"
    publish_synthetic(Settings(home=home), content, prepares_pages=True)
    return home


@pytest.fixture(autouse=True)
def _nothing_is_kept() -> None:
    per_release.forget()


def release_of(home: Path, clearance: Clearance) -> Release:
    release = current_release(Settings(home=home))
    assert release is not None
    return release.seen_with(clearance)


@pytest.mark.parametrize("level", CLEARANCES)
@pytest.mark.parametrize("name", PREPARED)
def test_what_is_prepared_is_what_is_worked_out(prepared_home: Path, level: str, name: str) -> None:
    release = release_of(prepared_home, CLEARANCES[level])
    file = release.directory / "pages" / level / f"{name}.parquet"
    assert f"pages/{level}/{name}.parquet" in release.manifest.files
    assert pl.read_parquet(file).equals(PREPARED[name](release.scan), null_equal=True)


def test_pages_read_what_is_prepared(prepared_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(tables: page_data.Tables) -> pl.DataFrame:
        raise AssertionError("worked out although it is prepared")

    known = page_table(release_of(prepared_home, PUBLIC), "source_tally")
    assert known.height
    per_release.forget()
    monkeypatch.setattr(page_data, "PREPARED", dict.fromkeys(PREPARED, never))
    assert page_table(release_of(prepared_home, PUBLIC), "source_tally").equals(known)
    # Another clearance, other rules of access: what was prepared does not hold.
    with pytest.raises(AssertionError, match="worked out"):
        page_table(release_of(prepared_home, Clearance(OFFICE.levels, held=True)), "source_tally")
    per_release.forget()
    monkeypatch.setattr(page_data, "_rules", lambda: {"column_access.csv": "changed"})
    with pytest.raises(AssertionError, match="worked out"):
        page_table(release_of(prepared_home, PUBLIC), "source_tally")


def test_what_is_prepared_holds_only_under_the_rules_that_made_it(prepared_home: Path) -> None:
    rules = json.loads(
        (release_of(prepared_home, FULL).directory / "pages" / "rules.json").read_text("utf-8")
    )
    deciding = {"column_access.csv", "clearance.py", "disclosure.py", "release_data.py", "page_data.py"}
    assert deciding <= set(rules)


def test_closed_figures_stay_closed_in_what_is_prepared(prepared_home: Path) -> None:
    def told(level: str) -> list[str]:
        files = sorted((release_of(prepared_home, FULL).directory / "pages" / level).glob("*.parquet"))
        assert len(files) == len(PREPARED) + len(BY_FORMULAS)
        values = (value for file in files for row in pl.read_parquet(file).iter_rows() for value in row)
        return [text for value in values if "48151.62342" in (text := str(value)) or "48.151,62342" in text]

    assert told("office")
    assert told("full")
    assert told("public") == []
    figures = page_table(release_of(prepared_home, PUBLIC), "promised_figures")
    closed = figures.filter(pl.col("source_id") == CLOSED_SOURCE)
    assert closed["value"].null_count() == closed["qualifier"].null_count() == closed.height > 0


CONDITIONS: Sequence[tuple[str, pl.Expr]] = (
    ("fct_observation", pl.col("indicator_code").str.contains("A")),
    ("fct_observation", pl.col("value").is_not_null()),
    ("fct_observation", pl.col("value") == TOLD),
    ("fct_observation_component", pl.col("position") == 1),
    ("fct_revision", pl.col("indicator_code").is_not_null()),
    ("fct_series_revision", pl.col("area_id").is_not_null()),
    ("fct_finding", pl.col("source_id") == CLOSED_SOURCE),
    ("fct_finding", pl.col("message_vi").is_not_null()),
)


@pytest.mark.parametrize(("name", "condition"), CONDITIONS)
@pytest.mark.parametrize("clearance", [PUBLIC, OFFICE, FULL])
def test_rows_of_a_large_table_are_those_of_the_table(
    prepared_home: Path, name: str, condition: pl.Expr, clearance: Clearance, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = release_of(prepared_home, clearance)
    whole = release.table(name).filter(condition)
    per_release.forget()
    monkeypatch.setattr(release_data, "SMALL_TABLE", -1)
    found = release_of(prepared_home, clearance).matching(name, condition)
    order = whole.columns[:1]
    assert found.sort(order).equals(whole.sort(order), null_equal=True)


def test_a_question_is_answered_once_however_many_ask(prepared_home: Path) -> None:
    release, started, asked = release_of(prepared_home, FULL), Event(), []

    @per_release.per_release
    def slow(shown: Release, number: int) -> int:
        started.wait(5)
        asked.append(number)
        return number

    with ThreadPoolExecutor(4) as people:
        answers = [people.submit(slow, release, 7) for _ in range(4)]
        started.set()
        assert [answer.result() for answer in answers] == [7] * 4
    assert asked == [7]
    assert slow(release.seen_with(PUBLIC), 7) == slow(release, 7) == 7
    assert asked == [7, 7], "another clearance sees other figures"
    assert slow(replace(release, release_id="2026-01-01-00000000"), 7) == 7
    assert len(asked) == 3, "another release"


def test_a_fault_is_no_answer_and_old_releases_go(prepared_home: Path) -> None:
    release, tries = release_of(prepared_home, FULL), []

    @per_release.per_release
    def fails_once(shown: Release) -> str:
        tries.append(shown.release_id)
        if len(tries) == 1:
            raise OSError("synthetic")
        return shown.release_id

    with pytest.raises(OSError, match="synthetic"):
        fails_once(release)
    assert fails_once(release) == fails_once(release) == release.release_id
    assert len(tries) == 2
    for number in range(per_release.MOST_KEPT):
        fails_once(replace(release, release_id=f"2026-01-01-{number:08d}"))
    fails_once(release)
    assert tries.count(release.release_id) == 3


def test_pages_do_not_write_into_what_is_kept(prepared_home: Path, show: Show) -> None:
    for page in ("overview", "sources", "series"):
        assert not show(page, home=prepared_home).raised
    release = release_of(prepared_home, PUBLIC)
    for name in ("fct_target", "fct_assessment", "dim_source", "dim_indicator", "dim_unit"):
        assert release.rows(name) == release.table(name).to_dicts(), name
