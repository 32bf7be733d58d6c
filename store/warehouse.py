"""The warehouse lock and DuckDB connections.

The warehouse is a cache: deleting it and running again gives the same content. Its DuckDB file is opened only
by the process that holds the warehouse lock; pages read releases and never open it.
"""

import json
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock, Timeout

from store.settings import Settings

IN_MEMORY = ":memory:"
_TEMPORARY_PREFIX = "duckdb-"
_held_locks: set[Path] = set()


class WarehouseError(Exception):
    """The warehouse cannot be used."""


class WarehouseBusy(WarehouseError):
    """Another process (or another part of this one) holds the warehouse."""


class WarehouseNotLocked(WarehouseError):
    """The warehouse file was to be opened without holding the warehouse lock."""


class NotReadOnly(WarehouseError):
    """A query over a release is something other than one reading statement."""


@contextmanager
def warehouse_lock(settings: Settings, timeout_seconds: float = 0.0) -> Iterator[None]:
    """Hold the warehouse for this process, waiting at most `timeout_seconds` for another holder to finish.

    The operating system releases the lock when its holder ends, however it ends. Raises WarehouseBusy naming
    the holder's pid.
    """
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    lock_file = settings.warehouse_dir / "warehouse.lock"
    holder_file = settings.warehouse_dir / "warehouse.lock.holder"
    # Whichever thread leaves the block lets go: a run may begin and end in different threads.
    lock = FileLock(lock_file, thread_local=False)
    try:
        lock.acquire(timeout=timeout_seconds, poll_interval=0.1)
    except Timeout as error:
        raise WarehouseBusy(_busy_message(settings, holder_file, timeout_seconds)) from error
    try:
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat("T", "seconds"),
        }
        holder_file.write_text(json.dumps(holder), encoding="utf-8")
        _sweep_temporary_directories(_temporary_root(settings))
        _held_locks.add(settings.warehouse_dir)
        yield
    finally:
        _held_locks.discard(settings.warehouse_dir)
        holder_file.unlink(missing_ok=True)
        lock.release()


@contextmanager
def connect(
    settings: Settings, path: Path | str | None = None, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection with the settings' memory limit and threads, and a temporary directory of its own.

    `path` is the warehouse file unless given; `":memory:"` opens one in memory. Extensions are never
    installed or loaded, the session's time zone is UTC, and rows come in no order that was not asked for. The
    connection is closed and its temporary directory removed at the end. Raises WarehouseNotLocked for the
    warehouse file without the lock, WarehouseBusy or WarehouseError when the file cannot be opened.
    """
    target = settings.warehouse_file if path is None else path
    is_warehouse = target != IN_MEMORY and Path(target).resolve() == settings.warehouse_file.resolve()
    if is_warehouse and settings.warehouse_dir not in _held_locks:
        raise WarehouseNotLocked(
            f"{target} may be opened only inside `with warehouse_lock(settings):`; readers use a release "
            "instead."
        )
    root = _temporary_root(settings)
    root.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f"{_TEMPORARY_PREFIX}{os.getpid()}-", dir=root))
    try:
        config = _config(settings.duckdb_memory_limit, settings.duckdb_threads) | {
            "temp_directory": str(temporary)
        }
        connection = _open(target, read_only, config)
        try:
            yield connection
        finally:
            connection.close()
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def connect_reader(
    tables: Mapping[str, Path], *, memory_limit: str = "1GB", threads: int = 2
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection in memory that holds the given Parquet files as tables and can reach nothing else.

    After loading, access to files and networks is off and the configuration is locked, so any SQL may be run
    on it; see `select`. Raises WarehouseError naming a file that cannot be read.
    """
    connection = _open(IN_MEMORY, False, _config(memory_limit, threads))
    try:
        # Nothing may spill to disk: the temporary directory would be the one place left to write to.
        connection.execute("SET temp_directory = ''")
        for table, path in tables.items():
            try:
                connection.execute(
                    f"CREATE TABLE {quoted(table)} AS SELECT * FROM read_parquet($1)", [str(path)]
                )
            except duckdb.Error as error:
                raise WarehouseError(f"Table {table} cannot be read from {path}: {error}") from error
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


@contextmanager
def connect_tables(
    tables: Mapping[str, Path], *, memory_limit: str = "1GB", threads: int = 2
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection in memory that reads the given Parquet files as views, for the project's own SQL alone.

    Only what a query asks for is read, whatever the size of the tables. A file that cannot be read raises
    WarehouseError.
    """
    connection = _open(IN_MEMORY, False, _config(memory_limit, threads))
    try:
        connection.execute("SET temp_directory = ''")
        for table, path in tables.items():
            file = str(path).replace("'", "''")
            try:
                connection.execute(f"CREATE VIEW {quoted(table)} AS SELECT * FROM read_parquet('{file}')")
            except duckdb.Error as error:
                raise WarehouseError(f"Table {table} cannot be read from {path}: {error}") from error
        yield connection
    finally:
        connection.close()


def select(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    """Run exactly one reading statement (SELECT, WITH, FROM, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN).

    Returns the connection, to fetch the result from.
    Raises NotReadOnly for anything else; duckdb.Error for SQL that DuckDB refuses.
    """
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise NotReadOnly(f"One statement is needed, {len(statements)} were given; run them one at a time.")
    kind = statements[0].type
    # EXPLAIN ANALYZE runs what it explains, which need not be a SELECT.
    runs = kind == duckdb.StatementType.EXPLAIN and re.search(
        r"\banalyze\b", statements[0].query, re.IGNORECASE
    )
    if kind not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN) or runs:
        raise NotReadOnly(f"A release is read-only; a {kind.name} statement was given, use SELECT.")
    return connection.execute(statements[0])


def quoted(identifier: str) -> str:
    """An SQL identifier in double quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def _config(memory_limit: str, threads: int) -> dict[str, Any]:
    return {
        "memory_limit": memory_limit,
        "threads": threads,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "preserve_insertion_order": False,
    }


def _open(target: Path | str, read_only: bool, config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    try:
        connection = duckdb.connect(str(target), read_only=read_only, config=config)
        connection.execute("SET TimeZone = 'UTC'")
    except duckdb.Error as error:
        if holder := re.search(r"Conflicting lock is held in .*\(PID (\d+)\)", str(error)):
            raise WarehouseBusy(
                f"{target} is open in process {holder[1]}, which does not hold the warehouse lock; close it "
                "there (a database viewer, a notebook) and run again."
            ) from error
        if "Conflicting lock" in str(error):
            raise WarehouseBusy(f"{target} is open in another process: {error}") from error
        if read_only and not Path(target).exists():
            raise WarehouseError(f"There is no {target} yet; `ppw run` makes it.") from error
        raise WarehouseError(
            f"DuckDB cannot open {target}: {error}. The warehouse is a cache: delete {target} and "
            f"{target}.wal, then run `ppw run`, which builds it again."
        ) from error
    return connection


def _temporary_root(settings: Settings) -> Path:
    return settings.home / "tmp"


def _sweep_temporary_directories(root: Path) -> None:
    """Remove the temporary directories of processes that are no more."""
    for leftover in root.glob(f"{_TEMPORARY_PREFIX}*-*"):
        pid = leftover.name.removeprefix(_TEMPORARY_PREFIX).split("-", 1)[0]
        if pid.isdigit() and not _is_running(int(pid)):
            shutil.rmtree(leftover, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _busy_message(settings: Settings, holder_file: Path, waited_seconds: float) -> str:
    waited = f" after waiting {waited_seconds:g} s" if waited_seconds > 0 else ""
    mend = "wait until it is done, or end that process, then run again"
    try:
        holder = json.loads(holder_file.read_text(encoding="utf-8"))
        who = f"process {holder['pid']} on {holder['host']} since {holder['since']}"
    except (OSError, ValueError, KeyError):
        # The holder has the lock and has not written its name yet, or is just letting go.
        who = "another process"
    return f"The warehouse {settings.warehouse_dir} is in use by {who}{waited}: {mend}."
