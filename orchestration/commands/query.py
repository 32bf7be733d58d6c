"""`ppw query`: SQL over a release, read-only."""

from datetime import datetime

import click
import duckdb

from orchestration.output import emit_json, emit_table, fail
from orchestration.release_query import query, resolve_release
from store.manifest import ReleaseError
from store.settings import load_settings
from store.warehouse import WarehouseError


@click.command()
@click.argument("sql")
@click.option("--release", "release_id", help="This release instead of the current one.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The release in force at the end of this day."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array of objects.")
def command(sql: str, release_id: str | None, as_of: datetime | None, as_json: bool) -> None:
    """Answer SQL over the tables of a release; nothing can be written and no other file read."""
    if release_id and as_of:
        raise click.UsageError("--release and --as-of name a release each; give one of them")
    try:
        directory = resolve_release(load_settings(), release_id, as_of.date() if as_of else None)
        rows = query(directory, sql)
    except (ReleaseError, WarehouseError, ValueError, duckdb.Error) as error:
        fail(str(error))
    if as_json:
        emit_json(rows)
    elif rows:
        emit_table(rows, list(rows[0]))
        click.echo(f"({len(rows)} rows)", err=True)
    else:
        click.echo("(no rows)", err=True)
