"""`ppw target`: targets and milestones with where they stand."""

from datetime import datetime
from typing import Any

import click

from orchestration.asked_release import access_option, asked_release, cut, release_options
from orchestration.output import emit_fields, emit_json, emit_table, fail, plain
from store.manifest import ReleaseError
from store.settings import load_settings

HORIZONS = ("2025", "2030", "2050")


@click.group()
def command() -> None:
    """Targets of the plan documents and where they stand."""


@command.command("list")
@click.option("--domain", "domains", multiple=True, help="Only this domain; may be repeated.")
@click.option("--horizon", type=click.Choice(HORIZONS), help="Only what is promised up to this horizon.")
@click.option(
    "--state", help="Only this state of level, pace or milestone, for example not_assessed or overdue."
)
@click.option("--plan-version", help="This plan document instead of the one in use.")
@click.option("--milestones", is_flag=True, help="The milestones instead of the targets with figures.")
@release_options
@access_option
@click.option("--json", "as_json", is_flag=True)
def list_targets(
    *,
    domains: tuple[str, ...],
    horizon: str | None,
    state: str | None,
    plan_version: str | None,
    milestones: bool,
    release_id: str | None,
    as_of: datetime | None,
    recompute: bool,
    access: str,
    as_json: bool,
) -> None:
    """Targets with value, latest actual, level, pace and reason; or milestones with due day, state, evidence."""
    from orchestration.target_reports import (
        Choice,
        in_force_sentences,
        milestone_rows,
        plan_versions,
        target_rows,
    )
    from reports.words import FAMILIES

    _known("domain", domains, FAMILIES["domain"])
    states = FAMILIES["milestone"] if milestones else _target_states(FAMILIES)
    _known("state", (state,) if state else (), states)
    choice = Choice(frozenset(domains), int(horizon) if horizon else None, state, plan_version)
    try:
        asked = cut(asked_release(load_settings(), release_id, as_of, recompute), access)
        asked.say()
        directory = asked.directory
        _known("plan-version", (plan_version,) if plan_version else (), plan_versions(directory))
        rows = (milestone_rows if milestones else target_rows)(directory, choice)
    except ReleaseError as error:
        fail(str(error))
    if as_json:
        emit_json(rows)
        return
    if milestones:
        emit_table(rows, ["target_id", "clause", "line", "name", "due_date", "state", "evidence"])
    else:
        columns = ["target_id", "clause", "name", "promise", "actual",
                   "level_state", "pace_state", "reason_code", "pace_reason_code"]  # fmt: skip
        emit_table(rows, columns, right=["actual"])
    for sentence in in_force_sentences(rows, directory):
        click.echo(sentence)


def _target_states(families: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*families["bucket"], *families["level"], *families["pace"])))


def _known(option: str, given: tuple[str, ...], known: list[str] | tuple[str, ...]) -> None:
    """Refuse a value that no row can have: a slip of the keyboard must not look like an empty list."""
    for value in given:
        if value not in known:
            raise click.BadParameter(f"{value!r} is not one of {', '.join(known)}", param_hint=f"--{option}")


@command.command()
@click.argument("target_id")
@click.option("--plan-version", help="Of this plan document instead of the one in use.")
@release_options
@access_option
@click.option("--json", "as_json", is_flag=True)
def show(
    *,
    target_id: str,
    plan_version: str | None,
    release_id: str | None,
    as_of: datetime | None,
    recompute: bool,
    access: str,
    as_json: bool,
) -> None:
    """One target or milestone: clause, reading, remarks, relations, lists, other documents, assessment with inputs."""
    from orchestration.target_reports import target_record

    try:
        asked = cut(asked_release(load_settings(), release_id, as_of, recompute), access)
        asked.say()
        directory = asked.directory
        record = target_record(directory, target_id, plan_version)
        if record is not None:
            record["inputs"] = _inputs(directory, record["assessment"])
            record["release"] = asked.facts()
    except ReleaseError as error:
        fail(str(error))
    if record is None:
        fail(f"There is no target {target_id}; `ppw target list` shows those there are")
    if as_json:
        emit_json(record)
    else:
        print_record(record)


def _inputs(directory: Any, assessment: dict[str, Any] | None) -> list[dict[str, Any]]:
    from reports.explanation import inputs_of, pick
    from reports.release_data import release_at

    if assessment is None:
        return []
    names = ("role", "period_id", "value", "unit", "maturity", "source_id", "publisher_vi", "observation_key")
    return [pick(row, *names) for row in inputs_of(release_at(directory), assessment["assessment_key"])]


def print_record(record: dict[str, Any]) -> None:
    """Print what a release says of a target, heading by heading; what it does not say is left out."""
    in_force = record["document"]["in_force"]
    _fields("document", {**record["document"], "in_force": in_force and _in_force(in_force)})
    for name in ("clause", "target", "reading"):
        _fields(name, record[name])
    for note in record["annotations"]:
        click.secho(f"\nremark {note['annotation_id']}", bold=True)
        click.echo(f"{note['kind']} (on the {note['touches']}), clause {note['clause']}, line {note['line']}")
        click.echo(f"{note['text_vi']}\n{note['text_en']}")
    if record["relations"]:
        click.secho("\nrelations", bold=True)
        for relation in record["relations"]:
            whole = (
                f", whole {plain(relation['whole_value'])} {relation['whole_unit'] or ''}"
                if relation["whole_value"]
                else ""
            )
            click.echo(
                f"{relation['kind']} ({relation['role']}): {', '.join(relation['other_targets']) or '–'}{whole}"
            )
    for named in record["lists"]:
        click.secho(f"\nlist {named['list_id']}", bold=True)
        click.echo(
            f"{named['name_vi']}: listed {named['count_listed']}, the text says {named['count_printed'] or '–'}"
        )
        emit_table(named["members"], ["position", "name", "line", "target_id"], right=["position", "line"])
    if record["versions"]:
        click.secho("\nthe same indicator in other documents and years", bold=True)
        emit_table(
            record["versions"],
            ["document", "legal_status", "target_id", "promise", "nearest_period_id", "nearest_value", "nearest_unit",
             "level_state", "pace_state", "reason_code"],
            right=["nearest_value"],
        )  # fmt: skip
    if record["milestone"] is not None:
        _fields("milestone", record["milestone"])
        return
    if record["actual"]:
        click.echo(f"\nactual: {record['actual']}")
    _fields("assessment", record["assessment"] or {"": "none"})
    for reason in record["reasons"]:
        click.echo(f"\n{reason['code']}: {reason['reason_vi']} {reason['mend_vi']}")
        click.echo(f"{' ' * len(reason['code'])}  {reason['reason_en']} {reason['mend_en']}")
    if "inputs" in record:
        click.secho("\ninputs", bold=True)
        emit_table(
            record["inputs"], ["role", "period_id", "value", "unit", "maturity", "source_id"], right=["value"]
        )


def _in_force(document: dict[str, Any]) -> str:
    return f"{document['number']} ({'' if document['targets_transcribed'] else 'not '}transcribed)"


def _fields(name: str, fields: dict[str, Any]) -> None:
    known = {key: value for key, value in fields.items() if value is not None and value != ""}
    if known:
        click.secho(f"\n{name}", bold=True)
        emit_fields(known)
