"""Candidates, verification, publication, the pointer, rollback, pruning."""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from store import releases
from store.manifest import MANIFEST_NAME, ReleaseError, read_manifest
from store.release_tables import RELEASE_CHANGE_TABLE, RELEASE_TABLES
from store.releases import (
    NoRelease,
    ReleaseMissing,
    StaleCandidate,
    VerificationFailed,
    current_release_id,
    equals_current,
    export_table,
    list_releases,
    new_candidate,
    prune_candidates,
    publish,
    release_dir,
    release_in_force_on,
    rollback,
    table_path,
    table_paths,
    verify,
)
from store.settings import Settings
from store.state import audit_events, reading, recorded_releases
from store.warehouse import connect, connect_reader, select
from tests.store.building import CUT_OFF, actuals, published, seal, sealed_candidate, write_candidate


def _actions(settings: Settings) -> list[str]:
    with reading(settings) as connection:
        return [event.action for event in audit_events(connection)]


def test_published_candidate_is_the_current_release(settings: Settings) -> None:
    assert current_release_id(settings) is None
    candidate = sealed_candidate(settings, "551.1", "554.2")
    digest = read_manifest(candidate).content_digest
    release_id = publish(settings, candidate)
    assert release_id == f"{CUT_OFF.isoformat()}-{digest[:8]}"
    assert current_release_id(settings) == release_id
    assert (settings.releases_dir / "current").read_text() == f"{release_id}\n"
    assert not candidate.exists()
    manifest = verify(release_dir(settings))
    assert (manifest.content_digest, manifest.previous_release_id) == (digest, None)
    assert {table: entry.rows for table, entry in manifest.tables().items()} == {
        "dim_indicator": 2,
        "fct_actual": 2,
        RELEASE_CHANGE_TABLE: 0,
    }
    with connect_reader(table_paths(release_dir(settings))) as connection:
        assert select(connection, "SELECT sum(value)::DOUBLE FROM fct_actual").fetchall() == [(1105.3,)]
    with reading(settings) as connection:
        (recorded,) = recorded_releases(connection)
    assert (recorded.release_id, recorded.content_digest, recorded.cut_off) == (release_id, digest, CUT_OFF)


def test_papers_in_subdirectories_are_part_of_the_release_and_not_of_its_content(settings: Settings) -> None:
    plain = read_manifest(sealed_candidate(settings, "551.1")).content_digest
    candidate = write_candidate(settings, "551.1")
    (candidate / "papers").mkdir()
    (candidate / "papers" / "tóm tắt.txt").write_text("…", encoding="utf-8")
    manifest = seal(settings, candidate)
    assert manifest.content_digest == plain
    assert manifest.files["papers/tóm tắt.txt"].rows is None
    release = settings.releases_dir / publish(settings, candidate)
    (release / "papers" / "tóm tắt.txt").unlink()
    with pytest.raises(VerificationFailed, match=r"papers/tóm tắt\.txt is missing"):
        verify(release)


def test_same_content_makes_no_new_release(settings: Settings) -> None:
    release_id = published(settings, "551.1")
    again = sealed_candidate(
        settings, "551.1", created_at=datetime(2027, 1, 1, tzinfo=UTC), code_version="0.2.0"
    )
    assert equals_current(settings, again)
    assert publish(settings, again) == release_id
    assert not again.exists()
    assert [listing.release_id for listing in list_releases(settings)] == [release_id]
    assert _actions(settings) == ["release_published", "candidate_dropped"]


def test_content_of_an_older_release_makes_that_one_current_again(settings: Settings) -> None:
    first = published(settings, "551.1")
    second = published(settings, "551.1", "554.2")
    assert published(settings, "551.1") == first
    assert current_release_id(settings) == first
    assert {listing.release_id for listing in list_releases(settings)} == {first, second}


def test_release_change_table_tells_what_differs_and_which_inputs_did(settings: Settings) -> None:
    published(settings, "551.1", "554.2")
    published(settings, "551.1", "554.3", "558.461", method_version="2", cut_off=date(2026, 11, 21))
    changes = pl.read_parquet(table_path(release_dir(settings), RELEASE_CHANGE_TABLE))
    assert set(RELEASE_TABLES[RELEASE_CHANGE_TABLE]) < set(changes.columns)
    rows = changes.select("change_kind", "row_key", "column_name", "from_value", "to_value", "reason").rows()
    key = '{{"indicator_code": "POPULATION_AVERAGE", "period_id": "{}"}}'.format
    assert rows == [
        ("added", key("2022"), "", None, None, "METHOD|CUT_OFF"),
        ("changed", key("2021"), "value", "554.2", "554.3", "METHOD|CUT_OFF"),
    ]


def test_caller_may_write_the_release_change_table(settings: Settings) -> None:
    candidate = write_candidate(settings, "551.1")
    with pytest.raises(VerificationFailed, match=rf"{RELEASE_CHANGE_TABLE}\.parquet is missing"):
        seal(settings, candidate, write_changes=False)
    own = pl.DataFrame({name: ["x"] for name in RELEASE_TABLES[RELEASE_CHANGE_TABLE]})
    own.write_parquet(table_path(candidate, RELEASE_CHANGE_TABLE))
    seal(settings, candidate, write_changes=False)
    publish(settings, candidate)
    assert pl.read_parquet(table_path(release_dir(settings), RELEASE_CHANGE_TABLE)).equals(own)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (
            lambda path: path.write_bytes(path.read_bytes()[:-50]),
            r"fct_actual\.parquet has \d+ bytes, the manifest says",
        ),
        (
            lambda path: path.write_bytes(path.read_bytes()[:-1] + b"?"),
            r"fct_actual\.parquet has other bytes",
        ),
        (lambda path: path.unlink(), r"fct_actual\.parquet is missing"),
        (lambda path: (path.parent / "extra.csv").write_text("x"), r"extra\.csv is not in the manifest"),
        (lambda path: (path.parent / "link").symlink_to("/etc"), r"link is a link"),
    ],
)
def test_damaged_candidate_is_not_published(
    settings: Settings, damage: Callable[[Path], object], problem: str
) -> None:
    release_id = published(settings, "551.1")
    candidate = sealed_candidate(settings, "551.1", "554.2")
    damage(table_path(candidate, "fct_actual"))
    with pytest.raises(VerificationFailed, match=problem):
        publish(settings, candidate)
    assert current_release_id(settings) == release_id
    assert published(settings, "551.1", "554.2") == current_release_id(settings)


def _edit_manifest(directory: Path, **changes: object) -> None:
    path = directory / MANIFEST_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"content_digest": "f" * 64}, "its content digest is"),
        ({"release_id": "2026-11-20-00000000"}, "is not made from its cut-off"),
        ({"cut_off": "2026-11-19"}, "is not made from its cut-off"),
    ],
)
def test_manifest_that_claims_something_else_is_refused(
    settings: Settings, changes: dict[str, object], problem: str
) -> None:
    candidate = sealed_candidate(settings, "551.1")
    _edit_manifest(candidate, **changes)
    with pytest.raises(VerificationFailed, match=problem):
        verify(candidate)


def test_manifest_of_an_older_digest_is_checked_by_its_files(settings: Settings) -> None:
    candidate = sealed_candidate(settings, "551.1")
    _edit_manifest(candidate, content_digest="f" * 64, digest_version=0)
    assert verify(candidate).digest_version == 0


@pytest.mark.parametrize("text", ["", "{}", '{"unknown": 1}'])
def test_unreadable_manifest_is_named(settings: Settings, text: str) -> None:
    candidate = sealed_candidate(settings, "551.1")
    (candidate / MANIFEST_NAME).write_text(text)
    with pytest.raises(ReleaseError, match=rf"{candidate.name}/{MANIFEST_NAME} cannot be read"):
        verify(candidate)


def test_unsealed_candidate_is_not_published(settings: Settings) -> None:
    with pytest.raises(ReleaseError, match="was not finished"):
        publish(settings, write_candidate(settings, "551.1"))
    assert current_release_id(settings) is None


def test_all_faults_of_a_candidate_are_reported_when_it_is_sealed(settings: Settings) -> None:
    candidate = write_candidate(settings, "551.1", "554.2")
    pl.concat([actuals("551.1"), actuals("551.2", "1")]).write_parquet(table_path(candidate, "fct_actual"))
    table_path(candidate, "dim_indicator").write_bytes(b"PAR1 cut short")
    actuals("1").write_parquet(candidate / "fct_unknown.parquet")
    with pytest.raises(VerificationFailed) as caught:
        seal(settings, candidate)
    message = str(caught.value)
    assert "dim_indicator.parquet cannot be read" in message
    assert "fct_unknown.parquet is not a release table" in message
    assert (
        "fct_actual.parquet has 1 keys more than once, for example "
        "indicator_code=POPULATION_AVERAGE, period_id=2020" in message
    )
    assert len(caught.value.problems) == 3


def test_every_release_table_is_needed(settings: Settings) -> None:
    candidate = write_candidate(settings, "551.1")
    with pytest.raises(VerificationFailed) as caught:
        seal(settings, candidate, tables=RELEASE_TABLES)
    missing = [problem for problem in caught.value.problems if "is missing" in problem]
    assert len(missing) == len(RELEASE_TABLES) - len({"dim_indicator", "fct_actual", RELEASE_CHANGE_TABLE})


def test_candidate_compared_with_another_release_is_stale(settings: Settings) -> None:
    candidate = sealed_candidate(settings, "551.1", "554.2")
    published(settings, "551.1")
    with pytest.raises(StaleCandidate, match="compared with no release, but current is now 2026"):
        publish(settings, candidate)
    seal(settings, candidate)
    assert publish(settings, candidate) == current_release_id(settings)


def test_only_candidates_are_published(settings: Settings, tmp_path: Path) -> None:
    candidate = sealed_candidate(settings, "551.1")
    elsewhere = candidate.rename(tmp_path / "elsewhere")
    with pytest.raises(ReleaseError, match="is not a candidate in"):
        publish(settings, elsewhere)


def test_failed_rename_of_the_pointer_leaves_the_release_before(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = published(settings, "551.1")
    candidate = sealed_candidate(settings, "551.1", "554.2")

    def refuse(*_: object) -> None:
        raise OSError("input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", refuse)
        with pytest.raises(OSError, match="input/output"):
            publish(settings, candidate)
    assert current_release_id(settings) == first
    second = published(settings, "551.1", "554.2")
    assert current_release_id(settings) == second
    assert sorted(path.name for path in settings.releases_dir.iterdir() if path.name.startswith(".")) == [
        ".lock"
    ]


def test_rollback_moves_the_pointer_and_says_who_did_it(settings: Settings) -> None:
    first, second = published(settings, "551.1"), published(settings, "551.1", "554.2")
    rollback(settings, first, "Hoàng Văn Thạch", reason="sai số liệu 2021")
    assert current_release_id(settings) == first
    assert [listing.is_current for listing in list_releases(settings)] == [
        listing.release_id == first for listing in list_releases(settings)
    ]
    with reading(settings) as connection:
        (event,) = audit_events(connection, action="release_rolled_back")
    assert (event.actor, event.subject) == ("Hoàng Văn Thạch", first)
    assert event.detail == {"from": second, "reason": "sai số liệu 2021"}
    with pytest.raises(ReleaseError, match="already"):
        rollback(settings, first, "tester")


def test_rollback_to_a_damaged_or_unknown_release_is_refused(settings: Settings) -> None:
    first, second = published(settings, "551.1"), published(settings, "551.1", "554.2")
    with pytest.raises(ReleaseMissing, match="ppw release list"):
        rollback(settings, "2026-01-01-00000000", "tester")
    table_path(settings.releases_dir / first, "fct_actual").write_bytes(b"")
    with pytest.raises(VerificationFailed, match="fct_actual"):
        rollback(settings, first, "tester")
    assert current_release_id(settings) == second


@pytest.mark.parametrize("text", ["2026-01-01-00000000\n", "candidates\n", "../../elsewhere", "", "\xff\x00"])
def test_pointer_to_nothing_is_a_clear_error_that_rollback_mends(settings: Settings, text: str) -> None:
    release_id = published(settings, "551.1")
    (settings.releases_dir / "current").write_text(text, encoding="latin-1")
    with pytest.raises(ReleaseMissing, match=rf"current .*ppw release rollback {release_id}"):
        current_release_id(settings)
    with pytest.raises(ReleaseMissing):
        release_dir(settings)
    with pytest.raises(ReleaseMissing):
        sealed_candidate(settings, "551.1", "554.2")
    rollback(settings, release_id, "tester")
    assert current_release_id(settings) == release_id


def test_nothing_published_says_what_to_run(settings: Settings) -> None:
    with pytest.raises(NoRelease, match="`ppw run`"):
        release_dir(settings)
    assert list_releases(settings) == []
    assert release_in_force_on(settings, date(2030, 1, 1)) is None


@pytest.mark.parametrize("name", ["candidates", "../x", "2026-01-01-00000000/..", ""])
def test_only_a_release_id_names_a_release(settings: Settings, name: str) -> None:
    published(settings, "551.1")
    with pytest.raises(ReleaseMissing):
        release_dir(settings, name)


def test_release_in_force_on_a_day_follows_publications_and_rollbacks(settings: Settings) -> None:
    first = publish(settings, sealed_candidate(settings, "1"), at=datetime(2026, 11, 1, tzinfo=UTC))
    # 18:30 UTC is the next day in the settings' time zone.
    second = publish(settings, sealed_candidate(settings, "2"), at=datetime(2026, 11, 10, 18, 30, tzinfo=UTC))
    rollback(settings, first, "tester", at=datetime(2026, 11, 20, tzinfo=UTC))
    in_force = {day: release_in_force_on(settings, date(2026, 11, day)) for day in (10, 11, 19, 20)}
    assert in_force == {10: first, 11: second, 19: second, 20: first}
    assert release_in_force_on(settings, date(2026, 10, 31)) is None


def test_prune_removes_old_candidates_and_no_release(settings: Settings) -> None:
    release_id = published(settings, "551.1")
    made = [write_candidate(settings, str(number), candidate_id=f"c{number}") for number in range(3)]
    for age, candidate in enumerate(reversed(made)):
        os.utime(candidate, (1_700_000_000 - age,) * 2)
    (settings.candidates_dir / ".discarded-half").mkdir()
    assert prune_candidates(settings, keep=1) == ["c0", "c1"]
    assert [path.name for path in settings.candidates_dir.iterdir()] == ["c2"]
    assert prune_candidates(settings) == ["c2"]
    verify(release_dir(settings, release_id))


def test_candidate_ids(settings: Settings) -> None:
    assert new_candidate(settings) != new_candidate(settings)
    new_candidate(settings, "c1")
    with pytest.raises(ReleaseError, match="exists already"):
        new_candidate(settings, "c1")
    for name in ("../x", ".hidden", "", "a/b"):
        with pytest.raises(ReleaseError, match="cannot name"):
            new_candidate(settings, name)


def test_exported_observations_lie_by_series(settings: Settings) -> None:
    candidate = new_candidate(settings)
    with connect(settings.model_copy(update={"duckdb_threads": 4}), ":memory:") as connection:
        connection.execute(
            "CREATE TABLE o AS SELECT md5(i::VARCHAR) AS observation_key, 'I' || i % 3 AS indicator_code, "
            "'VN-04' AS area_id, '_T' AS breakdown, (2000 + i % 7)::VARCHAR AS period_id FROM range(300000) AS r(i)"
        )
        path = export_table(connection, "o", candidate, "fct_observation")
        with pytest.raises(ReleaseError, match="fct_other is not a release table"):
            export_table(connection, "o", candidate, "fct_other")
        with pytest.raises(ReleaseError, match="nothing cannot be written as release table fct_actual"):
            export_table(connection, "nothing", candidate, "fct_actual")
    rows = pl.read_parquet(path)
    order = ["indicator_code", "area_id", "breakdown", "period_id", "observation_key"]
    assert rows.equals(rows.sort(order))
    assert rows.height == 300_000


def test_second_publisher_gives_up_after_waiting(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = sealed_candidate(settings, "551.1")
    monkeypatch.setattr(releases, "_LOCK_TIMEOUT_SECONDS", 0.1)
    with (
        releases._releases_lock(settings),
        pytest.raises(ReleaseError, match="is publishing or rolling back"),
    ):
        publish(settings, candidate)


def test_reader_of_a_release_is_not_disturbed_by_the_next(settings: Settings) -> None:
    published(settings, "551.1")
    directory = release_dir(settings)
    published(settings, "551.2")
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT value::DOUBLE FROM read_parquet($1)", [str(table_path(directory, "fct_actual"))]
        )
        assert found.fetchall() == [(551.1,)]
