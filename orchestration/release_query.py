"""Questions put to a release in SQL: the tables a query names are loaded into memory, nothing else can be reached."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from store.releases import NoRelease, release_dir, release_in_force_on, table_path, table_paths
from store.settings import Settings
from store.warehouse import WarehouseError, connect_reader, connect_tables, select


def resolve_release(settings: Settings, release_id: str | None = None, as_of: date | None = None) -> Path:
    """The directory of the release named, of the one in force at the end of a day, or of the current one.

    Raises NoRelease or ReleaseMissing, saying what to do.
    """
    if release_id is None and as_of is not None:
        release_id = release_in_force_on(settings, as_of)
        if release_id is None:
            raise NoRelease(
                f"No release was in force on {as_of}; `ppw release list` shows when each was made."
            )
    return release_dir(settings, release_id)


def query(directory: Path, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, object]]:
    """The rows of a read-only query over one release, as dictionaries in the query's order.

    Raises WarehouseError or duckdb.Error when it is not one valid reading statement; the message of an unknown table
    names those there are.
    """
    tables = table_paths(directory)
    named = named_tables(sql)
    wanted = {name: path for name, path in tables.items() if named is not None and name in named} or tables
    with connect_reader(wanted) as connection:
        # Parameters come only with the commands' own SQL; what a person typed goes through the one-statement gate.
        try:
            result = connection.execute(sql, list(parameters)) if parameters else select(connection, sql)
        except duckdb.CatalogException as error:
            raise WarehouseError(f"{error}\nThe release has the tables {', '.join(tables)}") from error
        columns = [column[0] for column in result.description or []]
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise ValueError(
                f"Two columns of the answer are called {', '.join(twice)}; name one of them with AS"
            )
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def rows_where(directory: Path, table: str, condition: str, order: str) -> list[dict[str, object]]:
    """The rows of one table of a release that meet a condition, read from its file; for the project's own SQL alone."""
    with connect_tables({table: table_path(directory, table)}) as connection:
        result = connection.execute(f"select * from {table} where {condition} order by {order}")
        columns = [column[0] for column in result.description or []]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def named_tables(sql: str) -> set[str] | None:
    """The names that stand where a table stands in a SELECT (common table expressions among them).

    None when the statement is not a SELECT, or not valid SQL: whoever runs it says so better.
    """
    with duckdb.connect() as parser:
        row = parser.execute("select json_serialize_sql(?)", [sql]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    return None if tree.get("error") else _table_names(tree)


def _table_names(node: object) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(_table_names, node)) if node else set()
    if not isinstance(node, dict):
        return set()
    names = {str(node["table_name"]).lower()} if node.get("type") == "BASE_TABLE" else set()
    return names.union(*map(_table_names, node.values()))


def one(directory: Path, sql: str, parameters: Sequence[object] = ()) -> dict[str, object] | None:
    """The first row of a query, or None."""
    rows = query(directory, sql, parameters)
    return rows[0] if rows else None
