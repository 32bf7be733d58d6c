"""Retrieval: every outcome is a row, bytes are kept, and a fault of a source never raises."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from sources.fetch import Fetcher, FetchLimits
from sources.plan.document import plan_source_id
from sources.plan.known import plans_of
from sources.read_vintage import read_vintage
from sources.retrieve import RetrievalOutcome, retrieve, retrieve_plan
from store import landing, state
from store.settings import Settings
from tests.sources.plans import TARGET, small_files, whole_files
from tests.sources.plans import write as write_files
from tests.sources.records import LIVE_ROUTE, content, plain_table, record
from tests.sources.test_json_stat import encoded, version_1

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with an empty state database, and snapshots and plans of their own."""
    made = settings.model_copy(
        update={"recorded_dir": tmp_path / "recorded", "plans_dir": tmp_path / "plans"}
    )
    made.recorded_dir.mkdir()
    (made.recorded_dir / "made_up.csv").write_bytes(plain_table({}))
    state.migrate(made)
    return made


def again(home: Settings, made: dict[str, Any] | None = None, **options: Any) -> list[RetrievalOutcome]:
    return retrieve(home, record(made), options.pop("live", False), "batch", lambda: NOON, **options)


def rows(home: Settings) -> list[state.Retrieval]:
    with state.reading(home) as connection:
        return state.retrievals_of_batch(connection, "batch")


def test_a_shipped_snapshot_is_new_once(home: Settings) -> None:
    (first,) = again(home)
    assert (first.outcome, first.vintage_at) == ("new", datetime(2026, 1, 2))
    (second,) = again(home)
    assert (second.outcome, second.snapshot_sha256, second.vintage_at) == (
        "unchanged",
        first.snapshot_sha256,
        None,
    )
    assert landing.get(home, first.snapshot_sha256 or "") == plain_table({})
    assert [row.outcome for row in rows(home)] == ["new", "unchanged"]
    assert rows(home)[0].published_at_basis == "not_stated"


def test_cells_are_written_once_per_key(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    again(home)
    with state.reading(home) as connection:
        (vintage,) = state.vintages(connection)

    def unread(*_: object) -> bytes:
        raise AssertionError("the snapshot was read a second time")

    monkeypatch.setattr(landing, "get", unread)
    path = read_vintage(home, record(), vintage)
    assert path.is_file()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_other_bytes_under_the_same_date_are_a_vintage_of_when_they_came_in(home: Settings) -> None:
    again(home)
    for value in ("501", "502"):
        (home.recorded_dir / "made_up.csv").write_bytes(plain_table({"value": value}))
        (outcome,) = again(home)
        assert outcome.outcome == "new"
    noon = NOON.replace(tzinfo=None)
    with state.reading(home) as connection:
        found = state.vintages(connection)
        assert [one.vintage_at for one in found] == [
            datetime(2026, 1, 2),
            noon,
            noon + timedelta(microseconds=1),
        ]
        assert [one.retrieval_id for one in found] == sorted(one.retrieval_id for one in found)


def test_a_snapshot_that_cannot_be_read_is_set_aside_and_the_rest_stays(home: Settings) -> None:
    again(home)
    damaged = plain_table({"value": "gần 500"})
    (home.recorded_dir / "made_up.csv").write_bytes(damaged)
    (outcome,) = again(home)
    assert (outcome.outcome, outcome.is_fault) == ("quarantined", True)
    assert outcome.reason is not None
    for part in ("made_up.csv", "row 2", "gần 500", "Mend:"):
        assert part in outcome.reason
    assert landing.get(home, outcome.snapshot_sha256 or "") == damaged
    with state.reading(home) as connection:
        assert len(state.vintages(connection)) == 1


def test_an_adapter_that_breaks_is_an_outcome_too(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise IndexError("out of range")

    monkeypatch.setattr("sources.read_vintage.read_into", breaks)
    (outcome,) = again(home)
    assert outcome.outcome == "quarantined"
    assert "IndexError" in (outcome.reason or "")


def test_a_missing_snapshot_fails(home: Settings) -> None:
    (home.recorded_dir / "made_up.csv").unlink()
    (outcome,) = again(home)
    assert outcome.outcome == "failed"
    assert "made_up.csv" in (outcome.reason or "")
    assert "put the file back" in (outcome.reason or "")


def live_fetcher(*answers: httpx.Response) -> Fetcher:
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        return left.pop(0) if len(left) > 1 else left[0]

    limits = FetchLimits(allow_hosts=("127.0.0.1:1",), retries=0)
    return Fetcher(limits, sleep=lambda _: None, transport=httpx.MockTransport(answer))


def file_route() -> dict[str, Any]:
    address = "http://127.0.0.1:1/table.json"
    fetch = {"protocol": "http", "address": address, "media_type": "application/json"}
    return content({**LIVE_ROUTE, "fetch": fetch})


def test_live_is_pulled_only_when_asked(home: Settings) -> None:
    answer = httpx.Response(200, content=encoded(version_1()), headers={"ETag": '"1"'})
    assert [o.route for o in again(home, file_route())] == ["recorded"]
    recorded, live = again(home, file_route(), live=True, fetcher=live_fetcher(answer))
    assert (recorded.outcome, live.outcome, live.document) == ("unchanged", "new", "live")
    assert live.vintage_at == datetime(2026, 11, 22, 12, 0)
    assert (rows(home)[-1].etag, rows(home)[-1].address) == ('"1"', "http://127.0.0.1:1/table.json")


def test_the_day_of_issue_of_a_live_answer_is_the_day_in_the_office(home: Settings) -> None:
    # 20:00 in UTC is 3 o'clock of the next day in Viet Nam.
    evening = datetime(2026, 10, 5, 20, 0, tzinfo=UTC)
    answer = httpx.Response(200, content=encoded(version_1()))
    retrieve(home, record(file_route()), True, "batch", lambda: evening, fetcher=live_fetcher(answer))
    assert (rows(home)[-1].published_at, rows(home)[-1].published_at_basis) == (date(2026, 10, 6), "inferred")


def test_unchanged_and_not_modified_live_answers_end_there(home: Settings) -> None:
    answer = httpx.Response(200, content=encoded(version_1()))
    for response, outcome in ((answer, "new"), (answer, "unchanged"), (httpx.Response(304), "unchanged")):
        assert again(home, file_route(), live=True, fetcher=live_fetcher(response))[-1].outcome == outcome


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (httpx.Response(500), "failed", "500"),
        (httpx.Response(200, content=b"<!doctype html><html></html>"), "quarantined", "web page"),
        (httpx.Response(200, content=b'{"dataset": {'), "quarantined", "breaks off"),
    ],
)
def test_what_a_live_route_does_wrong(
    home: Settings, answer: httpx.Response, outcome: str, reason: str
) -> None:
    recorded, live = again(home, file_route(), live=True, fetcher=live_fetcher(answer))
    assert (recorded.outcome, live.outcome) == ("new", outcome)
    assert reason in (live.reason or "")
    kept = live.snapshot_sha256
    assert (kept is not None) == (outcome == "quarantined")
    assert kept is None or landing.get(home, kept) == answer.content


def test_a_host_off_the_list_fails_with_the_mend(home: Settings) -> None:
    live = again(home, file_route(), live=True)[-1]
    assert live.outcome == "failed"
    assert "PPW_HTTP_ALLOW_HOSTS" in (live.reason or "")


def test_a_fetcher_that_breaks_is_an_outcome_too(home: Settings) -> None:
    def breaks(request: httpx.Request) -> httpx.Response:
        raise RuntimeError("no idea")

    fetcher = Fetcher(FetchLimits(allow_hosts=("127.0.0.1:1",)), transport=httpx.MockTransport(breaks))
    assert "RuntimeError" in (again(home, file_route(), live=True, fetcher=fetcher)[-1].reason or "")


def write_plan(home: Settings, *targets: dict[str, str]) -> None:
    directory = home.plans_dir / "01-TEST-2020"
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in small_files(*targets).items():
        (directory / name).write_bytes(data)


def test_each_file_of_a_plan_is_a_document_of_its_source(home: Settings) -> None:
    write_plan(home)
    outcomes = retrieve_plan(home, "01-TEST-2020", "batch", lambda: NOON)
    assert {o.document: o.outcome for o in outcomes} == dict.fromkeys(("plan", "clauses", "targets"), "new")
    assert {o.source_id for o in outcomes} == {plan_source_id("01-TEST-2020")}
    assert {o.vintage_at.date() for o in outcomes if o.vintage_at} == {date(2026, 1, 2)}
    assert {o.outcome for o in retrieve_plan(home, "01-TEST-2020", "batch", lambda: NOON)} == {"unchanged"}


def test_a_plan_with_a_problem_is_set_aside_whole(home: Settings) -> None:
    write_plan(home, TARGET | {"clause": "IX"})
    outcomes = retrieve_plan(home, "01-TEST-2020", "batch", lambda: NOON)
    assert {o.outcome for o in outcomes} == {"quarantined"}
    assert "01-TEST-2020/targets.csv: row 2" in (outcomes[0].reason or "")
    (missing,) = retrieve_plan(home, "02-NOT-THERE", "batch", lambda: NOON)
    assert "plan.yml" in (missing.reason or "")
    assert missing.outcome == "quarantined"


def test_a_table_taken_out_of_a_plan_is_withdrawn(home: Settings) -> None:
    directory = home.plans_dir / "01-TEST-2020"
    write_files(directory, whole_files())
    retrieve_plan(home, "01-TEST-2020", "batch", lambda: NOON)
    write_plan(home)
    for name in ("milestones", "annotations", "lists", "members", "relations", "ledger"):
        (directory / f"{name}.csv").unlink()
    outcomes = {o.document: o.outcome for o in retrieve_plan(home, "01-TEST-2020", "batch", lambda: NOON)}
    assert outcomes["milestones"] == outcomes["ledger"] == "new"
    with state.reading(home) as connection:
        (known,), spoiled = plans_of(home, state.vintages(connection))
    assert spoiled == []
    assert set(known.files) == {"plan.yml", "clauses.csv", "targets.csv"}
    assert known.plan.milestones == []
    assert {o.outcome for o in retrieve_plan(home, "01-TEST-2020", "batch", lambda: NOON)} == {"unchanged"}
    write_files(directory, whole_files())
    retrieve_plan(home, "01-TEST-2020", "batch", lambda: NOON)
    with state.reading(home) as connection:
        (back,), _ = plans_of(home, state.vintages(connection))
    assert len(back.plan.milestones) == 2


def test_a_plan_that_ships_says_when_it_arrived(home: Settings) -> None:
    write_files(home.plans_dir / "01-TEST-2020", small_files(vintage_at=None))
    outcomes = retrieve_plan(home, "01-TEST-2020", "batch", lambda: NOON)
    assert {o.outcome for o in outcomes} == {"quarantined"}
    assert "a plan that ships says when it arrived" in (outcomes[0].reason or "")
