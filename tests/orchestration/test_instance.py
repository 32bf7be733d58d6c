"""Dagster's SQLite files during a run: eased while it lasts, closed and whole after it; no other file is touched."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from orchestration.instance import quick_event_log
from store.settings import Settings

NORMAL, FULL = 1, 2


def _write(file: Path) -> int:
    """Write a row as Dagster does, over a connection of its own; returns how the connection waits for the disk."""
    with sa.create_engine(f"sqlite:///{file}", poolclass=NullPool).connect() as connection:
        connection.execute(sa.text("pragma journal_mode = wal"))
        connection.execute(sa.text("create table if not exists event (n integer)"))
        connection.execute(sa.text("insert into event values (1)"))
        connection.commit()
        waits: int = connection.execute(sa.text("pragma synchronous")).scalar_one()
    return waits


def _rows(file: Path) -> int:
    with sa.create_engine(f"sqlite:///{file}", poolclass=NullPool).connect() as connection:
        found: int = connection.execute(sa.text("select count(*) from event")).scalar_one()
    return found


def test_only_dagsters_own_files_are_eased_and_all_is_written_at_the_end(settings: Settings) -> None:
    events, state = settings.dagster_home / "history" / "events.db", settings.home / "state.db"
    events.parent.mkdir(parents=True)
    log = events.with_name("events.db-wal")
    with quick_event_log(settings):
        assert (_write(events), _write(events), _write(state)) == (NORMAL, NORMAL, FULL)
        assert log.stat().st_size > 0, "the write-ahead log waits until the end"
        assert not state.with_name("state.db-wal").exists()
    assert not log.exists()
    assert (_rows(events), _rows(state)) == (2, 1)
    assert _write(events) == FULL
