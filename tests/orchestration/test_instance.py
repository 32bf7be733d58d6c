"""Dagster's SQLite files during a run: eased while it lasts, closed and whole after it; no other file is touched."""

from pathlib import Path

import dagster
import pytest
import sqlalchemy as sa
from dagster import DagsterInstance
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from sqlalchemy.pool import NullPool

from orchestration.instance import lasting_engines, quick_event_log
from store.settings import Settings

NORMAL, FULL = 1, 2


@dagster.asset
def first() -> int:
    return 1


@dagster.asset(deps=[first])
def second() -> int:
    return 2


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


def test_a_runs_events_are_all_kept_over_one_engine_for_each_file(tmp_path: Path) -> None:
    made: list[str] = []
    with DagsterInstance.local_temp(str(tmp_path)) as instance:
        make = vars(sqlite_event_log)["create_engine"]

        def counted(address: str, **options: object) -> sa.Engine:
            made.append(address)
            engine: sa.Engine = make(address, **options)
            return engine

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sqlite_event_log, "create_engine", counted)
            with lasting_engines():
                result = dagster.materialize([first, second], instance=instance)
        assert vars(sqlite_event_log)["create_engine"] is make
        assert result.success
        events = [record.dagster_event_type for record in instance.all_logs(result.run_id)]
        assert events.count(dagster.DagsterEventType.ASSET_MATERIALIZATION) == 2
        assert instance.get_latest_materialization_event(dagster.AssetKey("second")) is not None
    assert len(made) == len(set(made)) > 1
