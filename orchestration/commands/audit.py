"""`ppw audit`: the log of everything that people and the program did; rows are added, never changed or removed."""

from datetime import datetime
from pathlib import Path

import click

from orchestration.commands.actor import actor_option
from orchestration.output import emit_json
from store.settings import load_settings


@click.group()
def command() -> None:
    """The audit log: who did what to what, when, from which state to which."""


@command.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else standard output."
)
@click.option("--json", "as_json", is_flag=True, help="JSON in place of CSV.")
@actor_option
def export(since: datetime | None, out: Path | None, as_json: bool, actor: str) -> None:
    """The audit log as CSV, oldest first."""
    from orchestration.desk import audit_csv, audit_rows, require_may
    from store.files import write_durably

    settings = load_settings()
    require_may(settings, actor, "see_audit_log")
    rows = audit_rows(settings, since.date() if since else None)
    if as_json:
        emit_json(rows)
    elif out is None:
        click.echo(audit_csv(rows), nl=False)
    else:
        # With a mark at its beginning, by which spreadsheets know UTF-8.
        write_durably(out.absolute(), audit_csv(rows).encode("utf-8-sig"))
        click.echo(f"{len(rows)} events in {out}")
