"""`ppw template`: the workbook that a department fills in for a period, or the sheet for keying a letter."""

from pathlib import Path

import click

from orchestration.output import emit_fields, emit_json
from store.settings import load_settings


@click.command()
@click.argument("department")
@click.option("--period", help="The period reported on: 2025, 2025-H1, 2025-Q1, 2025-M06, 2025-YTD09.")
@click.option(
    "--letter",
    is_flag=True,
    help="The sheet on which each of two people keys a letter or scan of this sender.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Where to write it; in this folder when left out."
)
@click.option("--json", "as_json", is_flag=True)
def command(department: str, period: str | None, letter: bool, out: Path | None, as_json: bool) -> None:
    """Write the workbook for what a department owes: its figures, its milestones, what is in force.

    DEPARTMENT is its id, short (health) or long (department_health), or its name. Filled in, it goes into the inbox,
    or to `ppw submission receive`.
    """
    from orchestration.submissions import WrongRequest, write_template

    if letter == (period is not None):
        raise click.UsageError("say either --period, for a report, or --letter, for keying a document")
    try:
        report = write_template(load_settings(), department, period, out)
    except WrongRequest as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        emit_json(report)
    else:
        emit_fields(report)
