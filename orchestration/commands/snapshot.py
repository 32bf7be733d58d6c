"""`ppw snapshot`: the end of bytes that must not be kept."""

import click

from orchestration.commands.actor import actor_option
from orchestration.output import emit_json, emit_table
from store.settings import load_settings


@click.group()
def command() -> None:
    """Snapshots: the bytes that publishers gave us."""


@command.group()
def destroy() -> None:
    """Destroy a snapshot, such as personal data sent by mistake: one person asks, another confirms."""


@destroy.command()
@click.argument("sha256")
@click.option("--reason", required=True, help="Why, in words, without the data itself: the reason stays.")
@actor_option
def request(sha256: str, reason: str, actor: str) -> None:
    """Ask for the destruction of the snapshot SHA256."""
    from expectations.gate.destruction import releases_with, request_destruction
    from orchestration.desk import acting_person

    settings = load_settings()
    one = request_destruction(settings, acting_person(settings, actor), sha256, reason)
    click.echo(
        f"{one.snapshot_sha256[:12]} is {one.state}; an approver confirms it: `ppw snapshot destroy confirm`"
    )
    for release_id in releases_with(settings, sha256):
        click.echo(f"release {release_id} holds figures of it; it stays until it is retracted", err=True)


@destroy.command()
@click.argument("sha256")
@click.option("--reason", required=True, help="Why, in words, without the data itself: the reason stays.")
@actor_option
def confirm(sha256: str, reason: str, actor: str) -> None:
    """Confirm the destruction that another person asked for, and carry it out."""
    from expectations.gate.destruction import complete_destructions, confirm_destruction
    from orchestration.desk import acting_person
    from store.warehouse import warehouse_lock

    settings = load_settings()
    confirm_destruction(settings, acting_person(settings, actor), sha256, reason)
    # From here on it counts as destroyed; where this ends early the next run does the rest.
    with warehouse_lock(settings, timeout_seconds=600):
        complete_destructions(settings)
    click.echo(f"{sha256[:12]} is destroyed; what stays is its digest, the reasons, who and when")


@destroy.command()
@click.argument("sha256")
@click.option("--reason", required=True, help="Why, in words.")
@actor_option
def refuse(sha256: str, reason: str, actor: str) -> None:
    """Refuse a destruction that was asked for, or take one's own request back."""
    from expectations.gate.destruction import refuse_destruction
    from orchestration.desk import acting_person

    settings = load_settings()
    refuse_destruction(settings, acting_person(settings, actor), sha256, reason)
    click.echo(f"{sha256[:12]} is kept")


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_destructions(as_json: bool) -> None:
    """The snapshots whose destruction was asked for, and every step."""
    from expectations.gate.destruction import tombstones
    from store.state import migrate

    settings = load_settings()
    migrate(settings)
    rows = [
        {
            "snapshot_sha256": step.snapshot_sha256, "state": one.state, "step": step.action, "at": step.at,
            "actor": step.actor, "reason": step.reason_text,
        }
        for one in tombstones(settings)
        for step in one.steps
    ]  # fmt: skip
    if as_json:
        emit_json(rows)
    elif rows:
        emit_table(rows, ["snapshot_sha256", "state", "step", "at", "actor", "reason"])
    else:
        click.echo("nobody asked for the destruction of a snapshot")
