"""`ppw release sign`, `return`, ...: what people do with a candidate, and with the release it became."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from orchestration.commands.actor import actor_option, seen_option
from orchestration.output import emit_fields, emit_json, emit_table
from store.settings import load_settings

_REASON = click.option("--reason", required=True, help="Why, in words.")


def _say(fields: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit_json(fields)
    else:
        emit_fields(
            {name: ", ".join(value) if isinstance(value, list) else value for name, value in fields.items()}
        )


def _act(
    candidate: str, action: Any, actor: str, seen: int | None, reason: str, **given: Any
) -> dict[str, Any]:
    from expectations.gate.candidates import act
    from orchestration.desk import acting_person, find_offer, seen_or_last, standing_fields

    settings = load_settings()
    offer = find_offer(settings, candidate)
    now = act(
        settings, acting_person(settings, actor), offer, action,
        seen=seen_or_last(settings, offer, seen), reason_text=reason, **given,
    )  # fmt: skip
    return standing_fields(offer, now)


@click.command()
@click.argument("candidate")
@click.option("--reason", default="", help="A remark to the signature.")
@click.option("--paper-number", help="Number of the officially signed paper, with --paper-date.")
@click.option("--paper-date", type=click.DateTime(["%Y-%m-%d"]), help="Its date.")
@click.option(
    "--paper", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The paper itself; kept."
)
@actor_option
@seen_option
@click.option("--json", "as_json", is_flag=True)
def sign(
    *,
    candidate: str,
    reason: str,
    paper_number: str | None,
    paper_date: datetime | None,
    paper: Path | None,
    actor: str,
    seen: int | None,
    as_json: bool,
) -> None:
    """Sign CANDIDATE as it lies there: what is signed is its manifest, which names every file by its sha256.

    The run before must have taken every decision in; an author of one of them does not sign.
    """
    from expectations.gate.candidates import sign as sign_candidate
    from orchestration.desk import acting_person, find_offer, keep_file, seen_or_last, standing_fields

    if (paper_number is None) != (paper_date is None) or (paper is not None and paper_number is None):
        raise click.UsageError("a paper has a number and a date: give --paper-number and --paper-date")
    settings = load_settings()
    offer = find_offer(settings, candidate)
    person = acting_person(settings, actor)
    papers = None
    if paper_number is not None and paper_date is not None:
        papers = (paper_number, paper_date.date(), keep_file(settings, paper) if paper else None)
    now = sign_candidate(
        settings, person, offer, seen=seen_or_last(settings, offer, seen), reason_text=reason, paper=papers
    )  # fmt: skip
    _say(standing_fields(offer, now), as_json)


@click.command()
@click.argument("candidate")
@click.option("--json", "as_json", is_flag=True)
def standing(candidate: str, as_json: bool) -> None:
    """Where CANDIDATE stands: its signatures, those it needs, and the steps it offers."""
    from expectations.gate.candidates import standing_of
    from orchestration.desk import find_offer, standing_fields

    settings = load_settings()
    offer = find_offer(settings, candidate)
    _say(standing_fields(offer, standing_of(settings, offer)), as_json)


@click.command("return")
@click.argument("candidate")
@_REASON
@actor_option
@seen_option
@click.option("--json", "as_json", is_flag=True)
def return_candidate(candidate: str, reason: str, actor: str, seen: int | None, as_json: bool) -> None:
    """Return CANDIDATE to the reviewers: it can no longer be signed, the next run makes another."""
    _say(_act(candidate, "return", actor, seen, reason), as_json)


@click.command()
@click.argument("candidate")
@_REASON
@actor_option
@seen_option
@click.option("--json", "as_json", is_flag=True)
def withdraw(candidate: str, reason: str, actor: str, seen: int | None, as_json: bool) -> None:
    """Withdraw your signature from CANDIDATE, as long as it is not published."""
    _say(_act(candidate, "withdraw", actor, seen, reason), as_json)


@click.command()
@click.argument("candidate")
@click.option(
    "--at",
    "publish_at",
    required=True,
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M%z"]),
    help="When it may be published; in the office's time zone where none is given.",
)
@click.option("--reason", default="scheduled", help="Why then.")
@actor_option
@seen_option
@click.option("--json", "as_json", is_flag=True)
def schedule(
    *, candidate: str, publish_at: datetime, reason: str, actor: str, seen: int | None, as_json: bool
) -> None:
    """Say when the signed CANDIDATE may be published, not before."""
    from zoneinfo import ZoneInfo

    if publish_at.tzinfo is None:
        publish_at = publish_at.replace(tzinfo=ZoneInfo(load_settings().time_zone))
    _say(_act(candidate, "schedule", actor, seen, reason, publish_at=publish_at), as_json)


@click.command()
@click.argument("release_id")
@_REASON
@actor_option
@seen_option
@click.option("--json", "as_json", is_flag=True)
def retract(release_id: str, reason: str, actor: str, seen: int | None, as_json: bool) -> None:
    """Retract a published release: its figures stay visible, struck out, with the reason.

    The release published before it comes in force again where it was.
    """
    from expectations.gate.candidates import read_offer
    from expectations.gate.publication import retract as retract_release
    from orchestration.desk import acting_person, standing_fields
    from store.releases import current_release_id, release_dir

    settings = load_settings()
    now = retract_release(settings, acting_person(settings, actor), release_id, seen=seen, reason_text=reason)
    fields = standing_fields(read_offer(release_dir(settings, release_id)), now)
    _say({**fields, "in_force": current_release_id(settings)}, as_json)


@click.command("correction-note")
@click.argument("release_id")
@_REASON
@actor_option
@seen_option
@click.option("--json", "as_json", is_flag=True)
def correction_note(release_id: str, reason: str, actor: str, seen: int | None, as_json: bool) -> None:
    """Put a note of correction on a published release."""
    _say(_act(release_id, "correction_note", actor, seen, reason), as_json)


@click.command()
@click.argument("candidate", required=False)
@click.option("--json", "as_json", is_flag=True)
def publish(candidate: str | None, as_json: bool) -> None:
    """Publish the signed CANDIDATE, or all that are signed and whose time has come.

    Refused where it has too few signatures, or is not what was signed: then its sign-off is void.
    """
    from expectations.gate.states import NotAllowed
    from orchestration.publication import publish_due_candidates, publish_signed_candidate
    from store.manifest import ReleaseError
    from store.releases import current_release_id

    settings = load_settings()
    before = current_release_id(settings)
    problems: list[str] = []
    if candidate is None:
        _, problems = publish_due_candidates(settings)
    else:
        try:
            publish_signed_candidate(settings, candidate)
        except (NotAllowed, ReleaseError) as error:
            problems = [str(error)]
    in_force = current_release_id(settings)
    said = {"in_force": in_force, "new_release": in_force != before, "problems": problems}
    if as_json:
        emit_json(said)
    else:
        click.echo(f"{in_force or 'no release'} {'is' if in_force != before else 'stays'} in force")
        for problem in problems:
            click.echo(f"not published: {problem}", err=True)
    raise SystemExit(1 if problems else 0)


@click.command()
@click.argument("first", required=False)
@click.argument("second", required=False)
@click.option("--json", "as_json", is_flag=True)
def changes(first: str | None, second: str | None, as_json: bool) -> None:
    """What changed from FIRST to SECOND and why: values, states, targets, rules, findings.

    Without SECOND from the release before FIRST to it; without both, from the release in force to the candidate on the
    desk, or from the release before to the one in force.
    """
    from orchestration.release_reports import change_rows, changes_asked

    asked = changes_asked(load_settings(), first, second)
    if as_json:
        emit_json(change_rows(asked, every=True))
        return
    click.echo(f"{asked.release_from or 'no release'} -> {asked.release_to}")
    for name, (was, now) in asked.facts.items():
        click.echo(f"{name}: {was} -> {now}")
    click.echo(", ".join(f"{section} {number}" for section, number in asked.counts().items()) or "no changes")
    rows = change_rows(asked, every=False)["changes"]
    if rows:
        emit_table(rows, ["section", "kind", "what", "from", "to", "reason", "source"])


STEPS = (publish, changes, sign, standing, return_candidate, withdraw, schedule, retract, correction_note)
