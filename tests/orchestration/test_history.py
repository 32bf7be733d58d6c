"""Vintages over a history: issues that arrive late, are sent again, are withdrawn; releases as of a day.

The figures are real ones that were revised (population in its issues of 2018 and 2025) or that sources give apart
(budget revenue); made up are the days on which they arrive, and the later copy of one table that lacks a row.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from orchestration.build import plan_run
from orchestration.manifest import ensure_manifest
from orchestration.rebuild import NothingKnown, build, rebuild, recompute
from orchestration.release_query import resolve_release
from sources.record import SourceRecord
from sources.registry import load_record
from sources.retrieve import retrieve_plan
from store import landing, state
from store.manifest import read_manifest
from store.releases import publish, table_path
from store.settings import Settings
from store.warehouse import warehouse_lock
from tests import warm_dbt

pytestmark = pytest.mark.integration

PLAN = "07-NQ-HDND-2023"
FIRST, SECOND, THIRD = date(2026, 12, 1), date(2027, 2, 1), date(2027, 3, 1)
WITHDRAWN_ROW = "Dân số trung bình,Cao Bằng,2016,Thành thị,"


@dataclass(frozen=True)
class Arrival:
    """Bytes of a document that reached us on a day."""

    day: date
    source_id: str
    document: str
    data: bytes


def arrivals(settings: Settings) -> list[Arrival]:
    """The history: population of 2025 and one word on budget revenue; then the older issue and two more words;
    then the table of 2025 once as it was and once without a row.
    """
    said = [
        (FIRST, "nso_population", "e02_01_2025"),
        (FIRST, "nso_population", "e02_03_07_2025"),
        (FIRST, "peoples_council_cao_bang", "year_2023"),
        (SECOND, "nso_population", "issue_2018"),
        (SECOND, "lao_dong", "indicators_2024"),
        (SECOND, "vietnam_vn", "budget_2024"),
    ]
    history = [
        Arrival(day, source, document, _shipped(settings, source, document)) for day, source, document in said
    ]
    again = _shipped(settings, "nso_population", "e02_03_07_2025").decode()
    kept = [line for line in again.splitlines(keepends=True) if not (line.startswith(WITHDRAWN_ROW))]
    assert len(kept) == len(again.splitlines()) - 1
    return [*history, Arrival(THIRD, "nso_population", "e02_03_07_2025", "".join(kept).encode())]


def _record(settings: Settings, source_id: str) -> SourceRecord:
    record, problems = load_record(settings.specs_dir / f"{source_id}.yml")
    assert record is not None, problems
    return record


def _shipped(settings: Settings, source_id: str, document: str) -> bytes:
    record = _record(settings, source_id)
    file = next(d.file for d in record.recorded_documents() if d.document == document)
    return (settings.recorded_dir / file).read_bytes()


def receive(settings: Settings, history: Iterable[Arrival]) -> None:
    """Put on record what arrived, in the order given."""
    for arrival in history:
        record = _record(settings, arrival.source_id)
        stated = next(d for d in record.recorded_documents() if d.document == arrival.document)
        moment, now = datetime.combine(arrival.day, time(6), UTC), datetime.now(UTC)
        sha256 = landing.put(settings, arrival.data)
        with state.writing(settings) as connection:
            state.record_snapshot(
                connection, sha256=sha256, size_bytes=len(arrival.data), media_type="text/csv",
                origin=record.origin, first_seen_at=now,
            )  # fmt: skip
            state.record_retrieval(
                connection, batch_id=f"{arrival.day}", source_id=arrival.source_id, route="recorded",
                document=arrival.document, outcome="new", started_at=now, finished_at=now,
                snapshot_sha256=sha256, vintage_at=moment, published_at=stated.published_at,
                published_at_basis=stated.published_at_basis,
            )  # fmt: skip


def prepare(home: Path) -> Settings:
    settings = Settings(home=home)
    ensure_manifest(settings)
    state.migrate(settings)
    retrieve_plan(settings, PLAN, "plan")
    return settings


def release_on(settings: Settings, day: date) -> str:
    """Build what is on record up to a day and publish it on that day."""
    with warehouse_lock(settings):
        candidate = build(settings, plan_run(settings, day))
        return publish(settings, candidate, at=datetime.combine(day, time(8), UTC))


def frame(settings: Settings, release_id: str, table: str) -> pl.DataFrame:
    return pl.read_parquet(table_path(settings.releases_dir / release_id, table))


@pytest.fixture(scope="module", autouse=True)
def dbt_starts_warm() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orchestration.manifest.dbt_executable", warm_dbt.executable)
        yield


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[date, str]]:
    """A home with a release on each of the three days."""
    settings = prepare(tmp_path_factory.mktemp("history") / "home")
    releases = {}
    for day in (FIRST, SECOND, THIRD):
        receive(settings, [arrival for arrival in arrivals(settings) if arrival.day == day])
        releases[day] = release_on(settings, day)
    return settings, releases


def test_an_older_issue_that_arrives_late_adds_history_and_changes_no_actual(
    history: tuple[Settings, dict[date, str]],
) -> None:
    settings, releases = history
    population = (pl.col("indicator_code") == "POPULATION_AVERAGE") & (pl.col("area_id") == "VN-04")
    before, after = (
        frame(settings, releases[day], "fct_actual").filter(population) for day in (FIRST, SECOND)
    )
    values = ["period_id", "breakdown", "value", "observation_key", "published_at"]
    assert after.select(values).equals(before.select(values))
    seen = frame(settings, releases[SECOND], "fct_observation").filter(
        population, pl.col("document") == "issue_2018"
    )
    assert set(seen["standing"]) == {"superseded"}
    assert set(seen["decided_by"]) == {"published_at"}
    revisions = frame(settings, releases[SECOND], "fct_revision").filter(
        population, pl.col("breakdown") == "_T"
    )
    # Known only since the second day, and yet the first word: what was said in 2018 comes before what 2025 said.
    assert revisions.select("period_id", "kind", "from_value", "to_value").sort("period_id").rows() == [
        ("2015", "benchmark_revision", Decimal("524.6"), Decimal("522.0")),
        ("2016", "benchmark_revision", Decimal("529.8"), Decimal("524.2")),
    ]


def test_sources_apart_are_ranked_and_the_losers_kept(history: tuple[Settings, dict[date, str]]) -> None:
    settings, releases = history
    budget = frame(settings, releases[THIRD], "fct_observation").filter(
        pl.col("indicator_code") == "BUDGET_REVENUE", pl.col("period_id").is_in(["2023", "2024"])
    )
    said = {(row["period_id"], float(row["value"])): row for row in budget.to_dicts()}
    assert said["2023", 2009.8]["standing"] == "in_force"
    assert said["2023", 2086.0]["standing"] == "outranked"
    assert said["2023", 2086.0]["decided_by"] == "source_rank"
    assert said["2023", 2086.0]["behind_observation_key"] == said["2023", 2009.8]["observation_key"]
    assert sorted(row["standing"] for (year, _), row in said.items() if year == "2024") == [
        "in_force",
        "outranked",
    ]
    findings = frame(settings, releases[THIRD], "fct_finding").filter(
        pl.col("indicator_code") == "BUDGET_REVENUE", pl.col("suite") == "agreement"
    )
    assert {"2023", "2024"} <= set(findings["period_id"])


def test_what_a_later_copy_no_longer_lists_is_withdrawn_and_the_rest_is_not_touched(
    history: tuple[Settings, dict[date, str]],
) -> None:
    settings, releases = history
    observed = frame(settings, releases[THIRD], "fct_observation").filter(
        pl.col("source_id") == "nso_population", pl.col("vintage_at").dt.date() == THIRD
    )
    # Everything else in the copy says what was said: it makes no row.
    assert observed.select("period_id", "breakdown", "value", "missing_code").rows() == [
        ("2016", "RES_URBAN", None, "withdrawn")
    ]
    assert observed["cell_ref"].to_list() == [None]
    actual = frame(settings, releases[THIRD], "fct_actual").filter(
        pl.col("indicator_code") == "POPULATION_AVERAGE",
        pl.col("area_id") == "VN-04",
        pl.col("period_id") == "2016",
        pl.col("breakdown") == "RES_URBAN",
    )
    # What the publisher still says, the total and its rural part, gives the rest; it is marked as worked out.
    assert actual["source_id"].to_list() == ["ppw_derived"]
    revision = frame(settings, releases[THIRD], "fct_revision").filter(
        pl.col("kind") == "withdrawal", pl.col("source_id") == "nso_population"
    )
    assert revision.select("period_id", "breakdown").rows() == [("2016", "RES_URBAN")]


def test_as_of_a_day_is_the_release_in_force_then(history: tuple[Settings, dict[date, str]]) -> None:
    settings, releases = history
    for day, release in (
        (FIRST, FIRST), (date(2027, 1, 31), FIRST), (SECOND, SECOND), (date(2027, 2, 28), SECOND), (THIRD, THIRD),
    ):  # fmt: skip
        assert resolve_release(settings, None, day).name == releases[release]


def test_what_was_known_then_worked_out_again_says_what_the_release_said(
    history: tuple[Settings, dict[date, str]],
) -> None:
    settings, releases = history
    directory = recompute(settings, SECOND)
    assert (
        read_manifest(directory).content_digest
        == read_manifest(settings.releases_dir / releases[SECOND]).content_digest
    )
    assert directory.parent != settings.releases_dir
    built_again = rebuild(settings, releases[SECOND])
    assert built_again.same, built_again.differences
    with pytest.raises(NothingKnown):
        recompute(settings, date(2020, 1, 1))


def test_any_order_of_arrival_on_record_gives_the_same_tables(
    history: tuple[Settings, dict[date, str]], tmp_path: Path
) -> None:
    settings, releases = history
    other = prepare(tmp_path / "home")
    receive(other, reversed(arrivals(other)))
    assert (
        read_manifest(other.releases_dir / release_on(other, THIRD)).content_digest
        == read_manifest(settings.releases_dir / releases[THIRD]).content_digest
    )
