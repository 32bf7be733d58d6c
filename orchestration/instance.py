"""The Dagster instance of the warehouse: its folder, its settings, telemetry off."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from sqlalchemy import Engine, event

from store.settings import Settings

# One run at a time: the warehouse has one writer. A slot held by a killed run is freed after a minute.
_DAGSTER_YAML = """\
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60
retention:
  schedule:
    purge_after_days: 90
"""


def prepare_instance(settings: Settings) -> Path:
    """Make the instance folder and its `dagster.yaml`; a file the office has changed is left as it is."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    file = home / "dagster.yaml"
    if not file.exists():
        file.write_text(_DAGSTER_YAML, encoding="utf-8")
    return home


def dagster_environment(settings: Settings) -> dict[str, str]:
    """The variables a Dagster process needs to find the instance and to stay silent outside."""
    return {
        "DAGSTER_HOME": str(settings.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PPW_HOME": str(settings.home),
        "DO_NOT_TRACK": "1",
    }


@contextmanager
def quick_event_log(settings: Settings) -> Iterator[None]:
    """While the block runs, Dagster's SQLite files do not wait for the disk at each of a run's 1,600 commits.

    Every event is a connection, a commit and a close of its own. Here a commit is left to the next checkpoint: a power
    cut may lose the last events of the run under way, and leaves the files whole. And one connection to each file stays
    open, for SQLite empties a write-ahead log whenever its last connection closes. What must not be lost is in the
    state database, which is left as it is.
    """
    home = settings.dagster_home.resolve()
    held: dict[str, sqlite3.Connection] = {}

    def ease(connection: sqlite3.Connection, _: object) -> None:
        file = connection.execute("pragma database_list").fetchone()[2]
        if home not in Path(file).resolve().parents:
            return
        connection.execute("pragma synchronous = normal")
        if file not in held:
            held[file] = sqlite3.connect(file, check_same_thread=False)
        # Only a connection that has read since the file went over to a write-ahead log counts as one of it.
        held[file].execute("pragma schema_version").fetchone()

    event.listen(Engine, "connect", ease)
    try:
        yield
    finally:
        event.remove(Engine, "connect", ease)
        for connection in held.values():
            connection.close()


@contextmanager
def lasting_engines() -> Iterator[None]:
    """While the block runs, Dagster's event log keeps one SQLAlchemy engine for each of its files.

    It makes an engine for every connection, some 2,000 in a run, and each compiles the statements it runs anew.
    Connections are opened and closed as before.
    """
    from dagster._core.storage.event_log.sqlite import sqlite_event_log

    make: Callable[..., Engine] = vars(sqlite_event_log)["create_engine"]
    made: dict[str, Engine] = {}

    def kept(address: str, **options: object) -> Engine:
        if address not in made:
            made[address] = make(address, **options)
        return made[address]

    with _replaced(sqlite_event_log, "create_engine", kept):
        yield


@contextmanager
def _replaced(module: ModuleType, name: str, value: object) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)
