"""`ppw finding`: what the rules found, where each finding stands, and decisions on it."""

from pathlib import Path
from typing import Any

import click

from expectations.gate.states import FINDING_ACTIONS, FINDING_STATES
from expectations.gate.vocabulary import FLAGS, REASON_CODES
from orchestration.commands.actor import actor_option, seen_option
from orchestration.output import emit_fields, emit_json, emit_table
from store.settings import load_settings


@click.group()
def command() -> None:
    """Findings of the rules and people's decisions on them."""


@command.command("list")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(FINDING_STATES), help="Only those that stand so."
)
@click.option(
    "--severity", "severities", multiple=True, type=click.Choice(["error", "warning", "information"])
)
@click.option("--source", "sources", multiple=True, help="Only of this source.")
@click.option("--rule", "rules", multiple=True, help="Only of this rule.")
@click.option("--all", "every", is_flag=True, help="Also those that nobody has to do anything about.")
@click.option("--json", "as_json", is_flag=True)
def list_findings(
    *,
    states: tuple[str, ...],
    severities: tuple[str, ...],
    sources: tuple[str, ...],
    rules: tuple[str, ...],
    every: bool,
    as_json: bool,
) -> None:
    """Findings that wait for somebody, the most pressing first: severity x influence, then age, then due date.

    Those of the candidate on the desk, else of the release in force.
    """
    from orchestration.desk import LISTED, finding_rows

    at, rows = finding_rows(
        load_settings(), every=every, states=states, severities=severities, sources=sources, rules=rules
    )
    if as_json:
        emit_json(rows)
    elif rows:
        short = [{**row, "finding_id": row["finding_id"][:12]} for row in rows]
        emit_table(short, LISTED, right=["weight", "age_days", "value_text"])
    else:
        click.echo(f"{at.directory.name}: nothing to do")


@command.command()
@click.argument("finding_id")
@click.option("--json", "as_json", is_flag=True)
def show(finding_id: str, as_json: bool) -> None:
    """A finding (its id or how it begins), what was decided on it so far, and the actions it offers."""
    from orchestration.desk import finding_detail

    detail = finding_detail(load_settings(), finding_id)
    if as_json:
        emit_json(detail)
        return
    emit_fields({name: ", ".join(value) if name == "actions" else value for name, value in detail.items()
                 if name not in ("decisions", "influence") and value is not None})  # fmt: skip
    if detail["influence"]:
        click.echo("\nwhat it would change:")
        emit_table(detail["influence"], ["target_id", "scenario", "bucket_now", "bucket", "changes_bucket"])
    if detail["decisions"]:
        click.echo("\nsteps so far:")
        emit_table(
            detail["decisions"],
            [
                "sequence",
                "at",
                "actor",
                "acting_for",
                "role",
                "action",
                "reason_code",
                "reason_text",
                "value",
                "corrected_value_text",
            ],
            right=["sequence", "value", "corrected_value_text"],
        )


@command.command()
@click.argument("finding_id")
@click.argument("action", type=click.Choice(FINDING_ACTIONS))
@click.option(
    "--reason-code",
    type=click.Choice(REASON_CODES),
    help="Needed for every decision on the figure.",
)
@click.option("--reason", default="", help="Why, in words.")
@click.option(
    "--flag", type=click.Choice(FLAGS), help="With accept_flagged: break, estimate, preliminary, unreliable."
)
@click.option(
    "--tolerance", type=float, help="How far the value may move before this lapses; half its rounding else."
)
@click.option(
    "--value", "corrected", help="With correct: the right value, a plain decimal in the figure's unit."
)
@click.option(
    "--attachment",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file to keep.",
)
@actor_option
@seen_option
@click.option("--json", "as_json", is_flag=True)
def decide(
    *,
    finding_id: str,
    action: str,
    reason_code: str | None,
    reason: str,
    flag: str | None,
    tolerance: float | None,
    corrected: str | None,
    attachment: Path | None,
    actor: str,
    seen: int | None,
    as_json: bool,
) -> None:
    """Take a step on a finding. What overrides an error waits until another person, an approver, confirms it.

    It enters the figures with the next run; the candidate on the desk stays what it is.
    """
    from orchestration.desk import keep_file, take_decision

    settings = load_settings()
    evidence, now = take_decision(
        settings,
        actor,
        finding_id,
        action,
        seen=seen,
        reason_code=reason_code,
        reason_text=reason,
        flag=flag,
        tolerance=tolerance,
        corrected_value_text=corrected,
        attachment_sha256=keep_file(settings, attachment) if attachment else None,
    )
    fields: dict[str, Any] = {
        "finding_id": evidence.finding_id,
        "finding_key": evidence.finding_key,
        "state": now.state,
        "sequence": now.sequence,
    }
    if as_json:
        emit_json(fields)
    else:
        emit_fields(fields)


@command.command("accept-information")
@click.option("--source", "sources", multiple=True, help="Only of this source.")
@click.option("--rule", "rules", multiple=True, help="Only of this rule.")
@actor_option
@click.option("--json", "as_json", is_flag=True)
def accept_information(sources: tuple[str, ...], rules: tuple[str, ...], actor: str, as_json: bool) -> None:
    """Accept in one go what only informs; warnings and errors are decided one by one."""
    from expectations.gate.findings import Evidence
    from expectations.gate.findings import accept_information as accept_all
    from orchestration.desk import acting_person, finding_rows

    settings = load_settings()
    _, rows = finding_rows(settings, severities=["information"], sources=sources, rules=rules)
    accepted = accept_all(settings, acting_person(settings, actor), [Evidence.of_row(row) for row in rows])
    if as_json:
        emit_json({"accepted": accepted})
    else:
        click.echo(f"{accepted} accepted")
