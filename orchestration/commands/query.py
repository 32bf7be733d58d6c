"""`ppw query`: SQL over a release, read-only."""

from datetime import datetime

import click
import duckdb

from orchestration.asked_release import access_option, asked_release, cut, release_options
from orchestration.output import emit_json, emit_table, fail
from orchestration.release_query import query
from store.manifest import ReleaseError
from store.settings import load_settings
from store.warehouse import WarehouseError


@click.command()
@click.argument("sql")
@release_options
@access_option
@click.option("--json", "as_json", is_flag=True, help="One JSON array of objects.")
def command(
    *, sql: str, release_id: str | None, as_of: datetime | None, recompute: bool, access: str, as_json: bool
) -> None:
    """Answer SQL over the tables of a release; nothing can be written and no other file read."""
    try:
        asked = cut(asked_release(load_settings(), release_id, as_of, recompute), access)
        asked.say()
        rows = query(asked.directory, sql)
    except (ReleaseError, WarehouseError, ValueError, duckdb.Error) as error:
        fail(str(error))
    if as_json:
        emit_json(rows)
    elif rows:
        emit_table(rows, list(rows[0]))
        click.echo(f"({len(rows)} rows)", err=True)
    else:
        click.echo("(no rows)", err=True)
