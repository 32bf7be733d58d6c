"""`ppw source`: the source records, and a preview of a record before it is used."""

from pathlib import Path

import click

from orchestration.output import emit_fields, emit_json, emit_table, fail
from store.settings import load_settings

_MOST_ROWS = 40


@click.group()
def command() -> None:
    """Source records: where figures come from, how they are read, how they map to indicators."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_sources(as_json: bool) -> None:
    """All sources, with rank, routes and last outcome; by their release calendars, at the cut-off of the release in
    force: issues due, received, late, missing, not collected, and the day of the next.
    """
    from orchestration.source_reports import source_rows

    settings = load_settings()
    rows, problems = source_rows(settings)
    if as_json:
        emit_json(rows)
    else:
        emit_table(
            [{**row, "routes": row["routes"] + " (live only)" * row["live_only"]} for row in rows],
            [
                "source_id",
                "publisher",
                "rank",
                "origin",
                "cadence",
                "routes",
                "last_outcome",
                "calendar",
                "due",
                "received",
                "late",
                "missing",
                "not_collected",
                "next_due_on",
            ],
            right=["rank", "due", "received", "late", "missing", "not_collected"],
        )
    if problems:
        fail("\n".join(["records that cannot be used:", *problems]))


@command.command()
@click.argument("source_id")
@click.option("--json", "as_json", is_flag=True)
def show(source_id: str, as_json: bool) -> None:
    """One source: its record, its retrievals, and what its calendar asks for at the cut-off of the release in force."""
    from orchestration.source_reports import source_detail

    detail = source_detail(load_settings(), source_id)
    if detail is None:
        fail(f"There is no source {source_id}; `ppw source list` shows those there are")
    if as_json:
        emit_json(detail)
        return
    retrievals, issues, live = (detail.pop(name) for name in ("retrievals", "calendar", "live_routes"))
    emit_fields({name: value for name, value in detail.items() if not isinstance(value, dict | list)})
    click.echo()
    columns = ["route", "document", "outcome", "vintage_at", "published_at", "snapshot_sha256", "reason"]
    emit_table(retrievals, columns)
    if live:
        click.echo()
        emit_table(live, ["route", "protocol", "address", "tried_on", "basis"])
    if issues:
        click.echo()
        emit_table(
            issues, ["period_id", "maturity", "due_on", "grace_until", "state", "issued_on", "basis_en"]
        )


@command.command()
@click.option(
    "--from", "origin", required=True, metavar="URL|FILE", help="A PX-Web table's address, or a file."
)
@click.option("--id", "source_id", help="The record's source_id; made from the name when left out.")
@click.option("--table", help="Words of the title of the table wanted, where a file holds several.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file, not to the terminal.",
)
def new(origin: str, source_id: str | None, table: str | None, output: Path | None) -> None:
    """Draft a source record from what a table says of itself; what a person must decide is marked DECIDE."""
    from orchestration.source_draft import draft
    from sources.cells import ReadingError
    from sources.draft import id_from, is_source_id
    from sources.web import FetchError

    source_id = source_id or (output.stem if output is not None else id_from(origin))
    if not is_source_id(source_id):
        raise click.UsageError(f"'{source_id}' is no source_id: small letters, digits and _, a letter first")
    if output is not None and output.stem != source_id:
        raise click.UsageError(
            f"a record's file is called {source_id}.yml, not {output.name}; correct --id or --output"
        )
    if output is not None and output.exists():
        fail(f"{output} exists; it is not overwritten. Name another file, or remove it")
    try:
        text = draft(load_settings(), origin, source_id, table)
    except (ReadingError, FetchError) as error:
        fail(f"{origin}: {error}" if isinstance(error, ReadingError) else str(error))
    except FileNotFoundError as error:
        raise click.UsageError(
            f"there is no file {origin}; an address begins with http:// or https://"
        ) from error
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text, encoding="utf-8")
    n_open = sum("# DECIDE" in line for line in text.splitlines())
    click.echo(f"wrote {output}: {n_open} lines marked DECIDE, then `ppw source test {output}`")


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
        for name in ("problems", "first_cells", "unmapped_labels", "unclaimed", "changes", "skipped"):
            rows = preview[name]
            if isinstance(rows, list) and rows:
                click.echo(f"\n{name.replace('_', ' ')}:")
                emit_table(rows[:_MOST_ROWS], list(rows[0]))
                if len(rows) > _MOST_ROWS:
                    click.echo(f"and {len(rows) - _MOST_ROWS} more; --json gives all")
    if preview["problems"]:
        fail(f"{record.name} cannot be used as it is; each line above says the place and the mend")
    if preview["unclaimed"]:
        fail(
            f"{preview['n_unclaimed']} cells are claimed by no mapping; add a series or an ignore entry to {record}"
        )
