"""`ppw source`: the source records, and a preview of a record before it is used."""

from pathlib import Path

import click

from orchestration.output import emit_fields, emit_json, emit_table, fail
from store.settings import load_settings


@click.group()
def command() -> None:
    """Source records: where figures come from, how they are read, how they map to indicators."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_sources(as_json: bool) -> None:
    """All sources, with their rank, routes and last outcome."""
    from orchestration.source_reports import source_rows

    settings = load_settings()
    rows, problems = source_rows(settings)
    if as_json:
        emit_json(rows)
    else:
        emit_table(
            rows,
            ["source_id", "publisher", "rank", "origin", "cadence", "routes", "last_outcome"],
            right=["rank"],
        )
    if problems:
        fail("\n".join(["records that cannot be used:", *problems]))


@command.command()
@click.argument("source_id")
@click.option("--json", "as_json", is_flag=True)
def show(source_id: str, as_json: bool) -> None:
    """One source: its record and its retrievals."""
    from orchestration.source_reports import source_detail

    detail = source_detail(load_settings(), source_id)
    if detail is None:
        fail(f"There is no source {source_id}; `ppw source list` shows those there are")
    if as_json:
        emit_json(detail)
        return
    retrievals = detail.pop("retrievals")
    emit_fields({name: value for name, value in detail.items() if not isinstance(value, dict | list)})
    click.echo()
    columns = ["route", "document", "outcome", "vintage_at", "published_at", "snapshot_sha256", "reason"]
    emit_table(retrievals, columns)


@command.command()
@click.argument("record", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--data", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Read this file instead."
)
@click.option("--route", default=None, help="The route to try; the recorded one when left out.")
@click.option("--json", "as_json", is_flag=True)
def test(record: Path, data: Path | None, route: str | None, as_json: bool) -> None:
    """Read with a record and preview its cells and what the mapping makes of them; nothing is changed."""
    from orchestration.source_reports import preview_rows

    preview = preview_rows(load_settings(), record, data, route)
    if as_json:
        emit_json(preview)
    else:
        emit_fields({name: value for name, value in preview.items() if not isinstance(value, list)})
        for name in ("problems", "first_cells", "unclaimed", "skipped"):
            rows = preview[name]
            if isinstance(rows, list) and rows:
                click.echo(f"\n{name.replace('_', ' ')}:")
                emit_table(rows, list(rows[0]))
    if preview["problems"]:
        fail(f"{record.name} cannot be used as it is; each line above says the place and the mend")
    if preview["unclaimed"]:
        fail(
            f"{preview['n_unclaimed']} cells are claimed by no mapping; add a series or an ignore entry to {record}"
        )
