"""SQL sources: one SELECT, a deterministic CSV, a database that nothing can be written to, a URL that nobody sees."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from pydantic import SecretStr, TypeAdapter, ValidationError

from sources.fetch import Fetcher, FetchError, FetchLimits
from sources.reading import read
from sources.record import FetchSection, SqlFetch
from sources.retrieve import retrieve
from store import landing, state
from store.settings import Settings, SettingsError, load_settings
from tests.servers.postgresql import serve_postgresql
from tests.sources.records import content, plain_table, record

SELECT = "select huyen, nam, dan_so as \"dân số\" from so_lieu where huyen like 'H%' and nam > 2000"
READING = {"adapter": "csv_table", "figures": ["dân số"], "columns": "Chỉ tiêu"}


def section(statement: str = SELECT) -> SqlFetch:
    return SqlFetch(protocol="sql", database="department", statement=statement)


def limits(url: str, **options: Any) -> FetchLimits:
    return FetchLimits(allow_hosts=(), sql_urls=(("department", SecretStr(url)),), **options)


@pytest.fixture
def database(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "department.db") as connection:
        connection.execute("create table so_lieu (huyen text, nam integer, dan_so numeric, ghi_chu blob)")
        connection.executemany(
            "insert into so_lieu values (?, ?, ?, ?)",
            [("Hà Quảng", 2024, 2.5, None), ("Hạ Lang", 2024, None, b"x"), ("Hà Quảng", 2023, 7, None)],
        )
    return f"sqlite:///{tmp_path / 'department.db'}"


@pytest.mark.parametrize(
    "statement",
    [
        "delete from so_lieu",
        "select 1; select 2",
        "insert into so_lieu values (1) returning 1",
        "with gone as (delete from so_lieu returning *) select * from gone",
        "select * into other from so_lieu",
        "select * from so_lieu for update",
        "create table x as select 1",
        "drop table so_lieu",
        "pragma writable_schema = 1",
        "attach 'x' as y",
        "set role admin",
        "copy so_lieu to program 'x'",
        "explain analyze delete from so_lieu",
        "truncate so_lieu",
        "call something()",
        "select from where",
        "",
    ],
)
def test_what_is_not_one_select_is_refused_in_the_record(statement: str) -> None:
    with pytest.raises(ValidationError):
        section(statement)


@pytest.mark.parametrize(
    "statement",
    [SELECT, "with a as (select 1 as x) select * from a", "select 1 union all select 2", "select ';' as x;"],
)
def test_one_select_is_taken(statement: str) -> None:
    assert section(statement).statement == statement


def test_the_url_has_no_place_in_a_record() -> None:
    with pytest.raises(ValidationError, match="url"):
        TypeAdapter(FetchSection).validate_python(
            {"protocol": "sql", "database": "department", "statement": "select 1", "url": "sqlite://"}
        )


def test_rows_become_the_same_bytes_in_whatever_order_they_come(database: str) -> None:
    pulled = [
        Fetcher(limits(database)).fetch(section(f"{SELECT} order by {order}")).data
        for order in ("1, 2", "2 desc, 1 desc")
    ]
    assert (
        pulled[0]
        == pulled[1]
        == "huyen,nam,dân số\nHà Quảng,2023,7\nHà Quảng,2024,2.5\nHạ Lang,2024,\n".encode()
    )


def test_the_rows_are_read_by_naming_columns(database: str) -> None:
    fetched = Fetcher(limits(database)).fetch(section())
    assert (fetched.media_type, fetched.address) == ("text/csv", "sql://department")
    route = live_route()
    cells = read(record(content(route)).route("live").reading, fetched.data or b"", "").cells
    assert cells["number"].to_list() == [7, 2.5, None]
    assert cells["missing_code"].to_list() == [None, None, "blank"]
    assert [label["dimension"] for label in cells["labels"][0]] == ["huyen", "nam", "Chỉ tiêu"]


def live_route() -> dict[str, Any]:
    return {
        "fetch": {"protocol": "sql", "database": "department", "statement": SELECT},
        "reading": READING,
        "mapping": {
            "area": {"constant": "VN-04"},
            "period": {"dimension": "nam", "format": "year"},
            "series": [
                {
                    "where": {"huyen": "Hà Quảng"}, "indicator": "POPULATION_AVERAGE", "unit": "thousand_person",
                    "form": "level", "breakdown": "_T",
                }
            ],
        },
    }  # fmt: skip


def test_a_record_with_an_sql_route_is_retrieved_and_unchanged_rows_stay(
    database: str, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "made_up.csv").write_bytes(plain_table({}))
    chosen = settings.model_copy(
        update={"recorded_dir": tmp_path, "sql_urls": {"department": SecretStr(database)}}
    )
    state.migrate(chosen)
    first = retrieve(chosen, record(content(live_route())), True, "batch-1")[-1]
    assert (first.outcome, first.reason) == ("new", None)
    assert landing.get(chosen, first.snapshot_sha256 or "").startswith(b"huyen,nam,")
    assert retrieve(chosen, record(content(live_route())), True, "batch-2")[-1].outcome == "unchanged"


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("select * from nowhere", "bad_query"),
        ("select nam, nam from so_lieu", "bad_query"),
        ("select ghi_chu from so_lieu", "not_the_format"),
    ],
)
def test_faults_are_told_apart(database: str, statement: str, fault: str) -> None:
    with pytest.raises(FetchError) as raised:
        Fetcher(limits(database)).fetch(section(statement))
    assert raised.value.fault == fault


def test_a_result_above_the_caps_is_refused(database: str) -> None:
    with pytest.raises(FetchError) as raised:
        Fetcher(limits(database, cells_cap=3)).fetch(section())
    assert raised.value.fault == "too_large"


def test_nobody_sees_the_password(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("postgresql://reader:hush@127.0.0.1:1/x", "nonsense+hush://reader:hush@host/x", "hush"):
        with pytest.raises(FetchError) as raised:
            Fetcher(limits(url)).fetch(section())
        assert "hush" not in str(raised.value)
    with pytest.raises(FetchError, match="PPW_SQL_URLS"):
        Fetcher(FetchLimits(allow_hosts=())).fetch(section())
    monkeypatch.setenv("PPW_SQL_URLS", '{"department": {"hush": 1}}')
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "hush" not in str(refused.value).replace("sql_urls", "")
    monkeypatch.setenv("PPW_SQL_URLS", '{"department": "postgresql://reader:hush@host/x"}')
    assert "hush" not in repr(load_settings())


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serve_postgresql(["department"]) as rest_of_url:
        yield rest_of_url


@pytest.mark.integration
def test_on_postgresql(system_part: Callable[[str, bool], None], server: str) -> None:
    """Types, order, a reading user who may not write, and our transaction that may not either."""
    system_part("PostgreSQL", bool(server))
    owner = sqlalchemy.create_engine(f"postgresql+psycopg://ppw@/department{server}")
    with owner.begin() as connection:
        for statement in (
            "create table so_lieu (huyen text, nam integer, dan_so numeric(12, 3), ngay date, ty_le double precision)",
            "insert into so_lieu values ('Hạ Lang', 2024, 25.100, '2024-12-31', 0.1)",
            "insert into so_lieu values ('Hà Quảng', 2024, null, null, 1e-7)",
            "create role reader login",
            "grant select on so_lieu to reader",
            "create function scribble() returns int language sql as 'delete from so_lieu returning 1'",
        ):
            connection.execute(sqlalchemy.text(statement))
    owner.dispose()
    url = f"postgresql://reader@/department{server}"
    data = (
        Fetcher(limits(url)).fetch(section("select *, 5 % 3 as rest from so_lieu where huyen like 'H%'")).data
    )
    assert (data or b"").decode() == (
        "huyen,nam,dan_so,ngay,ty_le,rest\nHà Quảng,2024,,,0.0000001,2\nHạ Lang,2024,25.100,2024-12-31,0.1,2\n"
    )
    for who in ("reader", "ppw"):
        with pytest.raises(FetchError) as raised:
            Fetcher(limits(url.replace("reader", who))).fetch(section("select scribble()"))
        assert raised.value.fault == "bad_query"
    slow = limits(url, longest_answer_seconds=0.2)
    with pytest.raises(FetchError) as raised:
        Fetcher(slow).fetch(section("select pg_sleep(5)::text as x"))
    assert raised.value.fault == "too_slow"
