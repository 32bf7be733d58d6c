"""The warehouse lock, DuckDB connections, and the connection that readers get."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from store.settings import PROJECT_ROOT, Settings
from store.warehouse import (
    NotReadOnly,
    WarehouseBusy,
    WarehouseError,
    WarehouseNotLocked,
    connect,
    connect_reader,
    connect_tables,
    select,
    warehouse_lock,
)

_HOLD = """
import sys, time
from pathlib import Path
from store.settings import Settings
from store.warehouse import connect, warehouse_lock
settings = Settings(home=Path(sys.argv[1]))
with warehouse_lock(settings), connect(settings) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS held AS SELECT 1 AS n")
    print("held", flush=True)
    time.sleep(60)
"""


_VIEW = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
input()
"""


@pytest.fixture
def holder(settings: Settings) -> "subprocess.Popen[str]":
    """Another process that holds the lock and the file."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(settings.home)], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_second_holder_learns_the_pid_and_a_killed_holder_lets_go(
    settings: Settings, holder: "subprocess.Popen[str]"
) -> None:
    try:
        with pytest.raises(WarehouseBusy, match=rf"process {holder.pid} on .*end that process"):
            warehouse_lock(settings).__enter__()
        temporary = list((settings.home / "tmp").iterdir())
        assert [str(holder.pid) in path.name for path in temporary] == [True]
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with warehouse_lock(settings, timeout_seconds=10), connect(settings) as connection:
        assert connection.execute("SELECT n FROM held").fetchall() == [(1,)]
        assert not temporary[0].exists(), "the killed process's temporary directory is swept"


def test_lock_is_not_taken_twice_in_one_process(settings: Settings) -> None:
    with warehouse_lock(settings):
        with (
            pytest.raises(WarehouseBusy, match=f"process {os.getpid()} .*after waiting 0.2 s"),
            warehouse_lock(settings, timeout_seconds=0.2),
        ):
            pass
        with connect(settings):
            pass
    with warehouse_lock(settings):
        pass


def test_file_is_opened_only_under_the_lock(settings: Settings) -> None:
    with pytest.raises(WarehouseNotLocked, match="warehouse_lock"), connect(settings):
        pass
    with pytest.raises(WarehouseNotLocked), connect(settings, read_only=True):
        pass
    with (
        pytest.raises(WarehouseNotLocked),
        connect(settings, str(settings.warehouse_dir / "." / "warehouse.duckdb")),
    ):
        pass


def test_connection_has_the_limits_of_the_settings(settings: Settings) -> None:
    limited = settings.model_copy(update={"duckdb_memory_limit": "512MiB", "duckdb_threads": 1})
    names = [
        "memory_limit",
        "threads",
        "preserve_insertion_order",
        "autoinstall_known_extensions",
        "autoload_known_extensions",
        "TimeZone",
        "temp_directory",
    ]
    with connect(limited, ":memory:") as connection:
        *found, temporary = [
            connection.execute("SELECT current_setting($1)", [name]).fetchall()[0][0] for name in names
        ]
        assert found == ["512.0 MiB", 1, False, False, False, "UTC"]
        with connect(limited, ":memory:") as other:
            assert other.execute("SELECT current_setting('temp_directory')").fetchall()[0][0] != temporary
        assert Path(temporary).is_dir()
    assert not Path(temporary).exists()


def test_temporary_directory_goes_also_after_an_error(settings: Settings) -> None:
    with pytest.raises(duckdb.Error), connect(settings, ":memory:") as connection:
        connection.execute("SELECT nothing")
    assert list((settings.home / "tmp").iterdir()) == []


def test_damaged_file_says_that_it_may_be_deleted(settings: Settings) -> None:
    with warehouse_lock(settings):
        settings.warehouse_file.write_bytes(b"not a database" * 1000)
        with pytest.raises(WarehouseError, match=r"delete .*warehouse\.duckdb.*ppw run"), connect(settings):
            pass
        settings.warehouse_file.unlink()
        with pytest.raises(WarehouseError, match="`ppw run` makes it"), connect(settings, read_only=True):
            pass


def test_file_open_elsewhere_without_the_lock_names_the_process(settings: Settings) -> None:
    with warehouse_lock(settings):
        viewer = subprocess.Popen(
            [sys.executable, "-c", _VIEW, str(settings.warehouse_file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            assert viewer.stdout is not None
            viewer.stdout.readline()
            with pytest.raises(WarehouseBusy, match=f"process {viewer.pid}"), connect(settings):
                pass
        finally:
            viewer.kill()
            viewer.communicate()


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    path = tmp_path / "it's a table.parquet"
    pl.DataFrame({"n": [1, 2, 3]}).write_parquet(path)
    return {"fct_actual": path}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sum(n) FROM fct_actual",
        "WITH x AS (FROM fct_actual) SELECT * FROM x",
        "FROM fct_actual",
        "DESCRIBE fct_actual",
        "SHOW TABLES",
        "SUMMARIZE fct_actual",
        "EXPLAIN SELECT 1",
        "SELECT 1 -- remark",
    ],
)
def test_readers_may_ask(tables: dict[str, Path], sql: str) -> None:
    with connect_reader(tables) as connection:
        assert select(connection, sql).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO fct_actual VALUES (4)",
        "DROP TABLE fct_actual",
        "CREATE TABLE t AS SELECT 1",
        "COPY fct_actual TO '/tmp/out.csv'",
        "SET threads = 1",
        "ATTACH '/tmp/x.duckdb'",
        "EXPLAIN ANALYZE DELETE FROM fct_actual",
        "explain (analyze) DELETE FROM fct_actual",
        "/* x */ EXPLAIN ANALYZE DELETE FROM fct_actual",
        "SELECT 1; DELETE FROM fct_actual",
        "",
    ],
)
def test_readers_may_only_ask(tables: dict[str, Path], sql: str) -> None:
    with connect_reader(tables) as connection:
        with pytest.raises(NotReadOnly):
            select(connection, sql)
        assert select(connection, "SELECT count(*) FROM fct_actual").fetchall() == [(3,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{path}')",
        "SELECT * FROM '{path}'",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/*')",
        "COPY fct_actual TO '{path}.csv'",
        "ATTACH '{path}.duckdb'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '10GB'",
    ],
)
def test_readers_reach_nothing_outside(tables: dict[str, Path], sql: str) -> None:
    # On the connection itself, past the gate of `select`.
    with connect_reader(tables) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql.format(path=str(tables["fct_actual"]).replace("'", "''")))
    assert len(list(tables["fct_actual"].parent.iterdir())) == 1


def test_reader_names_the_table_file_that_cannot_be_read(tables: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / "fct_target.parquet"
    shutil.copy(tables["fct_actual"], broken)
    broken.write_bytes(broken.read_bytes()[:-20])
    with (
        pytest.raises(WarehouseError, match=r"fct_target.*fct_target\.parquet"),
        connect_reader({"fct_target": broken}),
    ):
        pass


def test_tables_read_where_they_lie_need_no_room_in_memory(tmp_path: Path) -> None:
    rows = pl.DataFrame({"key": [f"{number:064d}" for number in range(400_000)]}).with_columns(
        pl.col("key").is_in([f"{7:064d}"]).alias("held")
    )
    rows.write_parquet(tmp_path / "it's large.parquet")
    with connect_tables({"large": tmp_path / "it's large.parquet"}, memory_limit="20MB") as connection:
        assert connection.execute("select count(*) from large where held").fetchall() == [(1,)]
    with (
        pytest.raises(WarehouseError, match="Table lost cannot be read"),
        connect_tables({"lost": tmp_path / "no"}),
    ):
        pass
