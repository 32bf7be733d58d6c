"""`ppw statement`: what offices say of their targets: cause, measure, deadline."""

from datetime import datetime
from typing import Any

import click

from expectations.gate.vocabulary import STATEMENT_ACCESS, STATEMENT_ENDS
from orchestration.commands.actor import actor_option
from orchestration.output import emit_fields, emit_json, emit_table
from store.settings import load_settings


@click.group()
def command() -> None:
    """Statements of the offices responsible for targets.

    They are kept as they were made, and enter the next release as that office's own word.
    """


@command.command("list")
@click.option("--target", "target_id", help="Only those on this target.")
@click.option("--office", help="Only those of this office.")
@click.option("--open", "only_open", is_flag=True, help="Only those that have not ended.")
@click.option("--json", "as_json", is_flag=True)
def list_statements(*, target_id: str | None, office: str | None, only_open: bool, as_json: bool) -> None:
    """The statements on record, also those that no release has yet; `ended_by` says how one ended."""
    from orchestration.office_statements import statement_rows

    rows = statement_rows(load_settings(), target_id=target_id, office=office, only_open=only_open)
    if as_json:
        emit_json(rows)
    elif rows:
        emit_table(
            rows,
            ["statement_id", "target_id", "office", "stated_on", "deadline", "ended_by", "ended_on", "cause"],
        )
    else:
        click.echo("no statement is on record")


@command.command()
@click.argument("target_id")
@click.option("--office", required=True, help="The office whose word it is, as the release names it.")
@click.option("--cause", required=True, help="Why the target stands as it does, in words.")
@click.option("--measure", required=True, help="What the office does about it, in words.")
@click.option("--deadline", required=True, type=click.DateTime(["%Y-%m-%d"]), help="By which day.")
@click.option(
    "--access",
    type=click.Choice(STATEMENT_ACCESS),
    default="internal",
    show_default=True,
    help="Who may read the words.",
)
@click.option("--plan", "plan_version", help="Plan document of the target; the one that is counted else.")
@actor_option
@click.option("--json", "as_json", is_flag=True)
def add(
    *,
    target_id: str,
    office: str,
    cause: str,
    measure: str,
    deadline: datetime,
    access: Any,
    plan_version: str | None,
    actor: str,
    as_json: bool,
) -> None:
    """State cause, measure and deadline for TARGET_ID in the name of an office: by a plan owner of it.

    It enters with the next run; the release in force stays what it is.
    """
    from orchestration.office_statements import add_statement

    made = add_statement(
        load_settings(), actor, target_id, plan_version, office=office, cause=cause, measure=measure,
        deadline=deadline.date(), access=access,
    )  # fmt: skip
    (emit_json if as_json else emit_fields)(made)


@command.command()
@click.argument("statement_id")
@click.argument("how", type=click.Choice(STATEMENT_ENDS))
@click.option("--note", required=True, help="How it was done, or why it is taken back, in words.")
@actor_option
@click.option("--json", "as_json", is_flag=True)
def close(*, statement_id: str, how: Any, note: str, actor: str, as_json: bool) -> None:
    """Say that the measure of a statement (its id or how it begins) was done, or take the statement back."""
    from orchestration.office_statements import close_statement

    ended = close_statement(load_settings(), actor, statement_id, how, note)
    (emit_json if as_json else emit_fields)(ended)
