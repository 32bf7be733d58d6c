"""Questions put to a release in SQL: the tables a query names are loaded into memory, nothing else can be reached."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from store.releases import NoRelease, release_dir, release_in_force_on, table_paths
from store.settings import Settings
from store.warehouse import connect_reader, select


def resolve_release(settings: Settings, release_id: str | None = None, as_of: date | None = None) -> Path:
    """The directory of the release named, of the one in force at the end of a day, or of the current one.

    Raises NoRelease or ReleaseMissing, saying what to do.
    """
    if release_id is None and as_of is not None:
        release_id = release_in_force_on(settings, as_of)
        if release_id is None:
            raise NoRelease(f"No release was in force on {as_of}; `ppw release list` shows when each was made.")
    return release_dir(settings, release_id)


def query(directory: Path, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, object]]:
    """The rows of a read-only query over one release, as dictionaries in the query's order.

    Raises ValueError when the query names a table the release does not have, WarehouseError or duckdb.Error when it
    is not one valid reading statement.
    """
    tables = table_paths(directory)
    with duckdb.connect() as parser:
        named = set(parser.get_table_names(sql))
    unknown = sorted(named - tables.keys())
    if unknown:
        raise ValueError(f"The release has no table {', '.join(unknown)}; it has: {', '.join(tables)}")
    with connect_reader({name: tables[name] for name in sorted(named)}) as connection:
        # Parameters come only with the commands' own SQL; what a person typed goes through the one-statement gate.
        result = connection.execute(sql, list(parameters)) if parameters else select(connection, sql)
        columns = [column[0] for column in result.description or []]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def one(directory: Path, sql: str, parameters: Sequence[object] = ()) -> dict[str, object] | None:
    """The first row of a query, or None."""
    rows = query(directory, sql, parameters)
    return rows[0] if rows else None
