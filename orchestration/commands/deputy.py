"""`ppw deputy`: who stands in for whom."""

from datetime import datetime

import click

from expectations.gate.vocabulary import ROLES
from orchestration.commands.actor import actor_option
from orchestration.output import emit_json, emit_table
from store.settings import load_settings


@click.group()
def command() -> None:
    """Deputies, so that the work goes on when somebody is away.

    A deputy acts for the absent person and counts as that person: the two are one where two different people are asked
    for.
    """


@command.command()
@click.argument("principal")
@click.argument("deputy")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day.")
@click.option("--to", "valid_to", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day.")
@click.option("--reason", required=True, help="Why, in words: leave, travel.")
@actor_option
def add(
    *,
    principal: str,
    deputy: str,
    role: str,
    valid_from: datetime,
    valid_to: datetime,
    reason: str,
    actor: str,
) -> None:
    """Name DEPUTY to stand in for PRINCIPAL in a role, from one day to another."""
    from expectations.gate.people import role_called
    from expectations.gate.roles import name_deputy
    from orchestration.desk import acting_person, today

    settings = load_settings()
    one = name_deputy(
        settings, acting_person(settings, actor), principal, deputy, role_called(role), day=today(settings),
        valid_from=valid_from.date(), valid_to=valid_to.date(), reason_text=reason,
    )  # fmt: skip
    click.echo(
        f"{one.deputy} stands in for {one.principal} as {one.role} from {one.valid_from} to {one.valid_to}"
    )


@command.command()
@click.argument("principal")
@click.argument("deputy")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--reason", default="", help="Why, in words.")
@actor_option
def remove(principal: str, deputy: str, role: str, reason: str, actor: str) -> None:
    """End that DEPUTY stands in for PRINCIPAL, at once and for all days to come."""
    from expectations.gate.people import role_called
    from expectations.gate.roles import end_deputation
    from orchestration.desk import acting_person, today

    settings = load_settings()
    end_deputation(
        settings, acting_person(settings, actor), principal, deputy, role_called(role), day=today(settings),
        reason_text=reason,
    )  # fmt: skip
    click.echo(f"{deputy} stands in for {principal} as {role} no longer")


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_deputies(as_json: bool) -> None:
    """Who was named to stand in for whom, and who does today."""
    from orchestration.desk import deputy_rows

    rows = deputy_rows(load_settings())
    if as_json:
        emit_json(rows)
    elif rows:
        emit_table(
            rows, ["deputy", "principal", "role", "valid_from", "valid_to", "stands_in_today", "reason_text"]
        )
    else:
        click.echo("nobody stands in for anybody")
