"""The state database on SQLite, and what is refused before a database is asked."""

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from store import state
from store.settings import Settings
from tests.store.state_cases import AT, CASES, remember_snapshot, retrieve


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_on_sqlite(settings: Settings, case: Callable[[Settings], None]) -> None:
    case(settings)


def test_a_tool_without_our_settings_cannot_replace_rows_either(settings: Settings) -> None:
    state.migrate(settings)
    with state.writing(settings) as connection:
        remember_snapshot(connection)
    with sqlite3.connect(settings.home / "state" / "state.db") as plain:
        for statement in (
            "INSERT OR REPLACE INTO snapshot SELECT * FROM snapshot",
            "UPDATE snapshot SET size_bytes = 1",
            "DELETE FROM snapshot",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                plain.execute(statement)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"outcome": "maybe"}, "not one of new, unchanged"),
        ({"snapshot_sha256": None}, "needs snapshot_sha256 and vintage_at"),
        ({"outcome": "quarantined", "vintage_at": None}, "needs a reason"),
        ({"published_at_basis": "guessed"}, "not one of printed"),
        ({"published_at": None}, "does not go with"),
        ({"published_at_basis": "not_stated"}, "does not go with"),
        ({"published_at_basis": None}, "does not go with"),
    ],
)
def test_contradictions_of_a_retrieval_are_refused(
    settings: Settings, changes: dict[str, object], part: str
) -> None:
    state.migrate(settings)
    with state.writing(settings) as connection:
        remember_snapshot(connection)
        with pytest.raises(state.StateError, match=part):
            retrieve(connection, **changes)


def test_times_need_a_zone(settings: Settings) -> None:
    state.migrate(settings)
    with (
        pytest.raises(sa.exc.StatementError, match="no time zone"),
        state.writing(settings) as connection,
    ):
        remember_snapshot(connection)
        retrieve(connection, started_at=datetime(2026, 11, 20))


def test_database_without_tables_says_how_to_make_them(settings: Settings) -> None:
    with pytest.raises(state.StateError, match="cannot be used"), state.reading(settings) as connection:
        state.vintages(connection)
    (settings.home / "state").mkdir(parents=True)
    with pytest.raises(state.StateError, match="run `ppw run`"), state.reading(settings) as connection:
        state.vintages(connection)


def test_database_of_a_newer_program_is_left_alone(settings: Settings) -> None:
    state.migrate(settings)
    with state.writing(settings) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(state.StateError, match=r"version 9999.*update the program"):
        state.migrate(settings)
    with state.reading(settings) as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


@pytest.mark.parametrize(
    "url",
    ["not a url with s3cret", "mysql://root:s3cret@h/d", "postgresql+psycopg2://u:s3cret@h/d", "sqlite://"],
)
def test_unusable_url_is_refused_without_showing_it(settings: Settings, url: str) -> None:
    with pytest.raises(state.StateError, match="PPW_STATE_URL") as caught:
        state.engine(settings.model_copy(update={"state_url": url}))
    assert "s3cret" not in str(caught.value)


def test_two_writers_wait_for_each_other(settings: Settings) -> None:
    state.migrate(settings)
    inside, errors = threading.Event(), []

    def second() -> None:
        inside.wait()
        try:
            with state.writing(settings) as connection:
                state.record_audit_event(connection, actor="second", action="noted", subject="x")
        except state.StateError as error:
            errors.append(error)

    thread = threading.Thread(target=second)
    thread.start()
    with state.writing(settings) as connection:
        before = len(state.audit_events(connection))
        inside.set()
        thread.join(0.3)
        assert thread.is_alive(), "the second writer waits"
        state.record_audit_event(connection, actor="first", action="noted", subject="x")
        assert len(state.audit_events(connection)) == before + 1
    thread.join()
    assert errors == []
    with state.reading(settings) as connection:
        assert [event.actor for event in state.audit_events(connection)] == ["first", "second"]


def test_readers_do_not_wait_for_a_writer(settings: Settings) -> None:
    state.migrate(settings)
    with state.writing(settings) as writer:
        state.record_audit_event(writer, actor="writer", action="noted", subject="x")
        with state.reading(settings) as reader:
            assert state.audit_events(reader) == []


def test_pointer_moves_are_days_of_the_zone(settings: Settings) -> None:
    state.migrate(settings)
    evening = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
    with state.writing(settings) as connection:
        state.record_audit_event(connection, actor="a", action="release_published", subject="r1", at=AT)
        state.record_audit_event(connection, actor="a", action="candidate_dropped", subject="c", at=AT)
        state.record_audit_event(
            connection, actor="a", action="release_rolled_back", subject="r0", at=evening
        )
    with state.reading(settings) as connection:
        assert state.pointer_moves(connection) == [(date(2026, 11, 20), "r1"), (date(2026, 11, 21), "r0")]
