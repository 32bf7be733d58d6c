"""`ppw role`: who may do what."""

from datetime import datetime

import click

from expectations.gate.vocabulary import EVERYTHING, ROLES
from orchestration.commands.actor import actor_option
from orchestration.output import emit_json, emit_table
from store.settings import load_settings


@click.group()
def command() -> None:
    """Roles of people: leader, plan_owner, reviewer, approver, engineer.

    An approver gives and takes them, and gives none to himself. As long as nobody is approver anybody may make
    somebody one: so it begins, and the audit log says who did it.
    """


@command.command()
@click.argument("person")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--scope", default=EVERYTHING, help="A source or an indicator that the role is limited to.")
@click.option(
    "--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), help="First day; today when left out."
)
@click.option("--to", "valid_to", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@click.option("--reason", default="", help="Why, in words.")
@actor_option
def grant(
    *,
    person: str,
    role: str,
    scope: str,
    valid_from: datetime | None,
    valid_to: datetime | None,
    reason: str,
    actor: str,
) -> None:
    """Give PERSON a role."""
    from expectations.gate.people import role_called
    from expectations.gate.roles import grant_role
    from orchestration.desk import acting_person, today

    settings = load_settings()
    given = grant_role(
        settings, acting_person(settings, actor), person, role_called(role), day=today(settings), scope=scope,
        valid_from=valid_from.date() if valid_from else None, valid_to=valid_to.date() if valid_to else None,
        reason_text=reason,
    )  # fmt: skip
    click.echo(f"{given.person} is {given.role} from {given.valid_from}")


@command.command()
@click.argument("person")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--scope", default=EVERYTHING, help="Only for this source or indicator.")
@click.option("--reason", required=True, help="Why, in words.")
@actor_option
def revoke(person: str, role: str, scope: str, reason: str, actor: str) -> None:
    """Take a role back from PERSON, from today on."""
    from expectations.gate.people import role_called
    from expectations.gate.roles import revoke_role
    from orchestration.desk import acting_person, today

    settings = load_settings()
    taken = revoke_role(
        settings, acting_person(settings, actor), person, role_called(role), day=today(settings), scope=scope,
        reason_text=reason,
    )  # fmt: skip
    click.echo(f"{taken.person} is {taken.role} no longer")


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_roles(as_json: bool) -> None:
    """Who holds which role today."""
    from orchestration.desk import role_rows

    rows = role_rows(load_settings())
    if as_json:
        emit_json(rows)
    elif rows:
        emit_table(rows, ["person", "role", "scope", "valid_to"])
    else:
        click.echo("no role was given yet: `ppw role grant NAME approver` begins")
