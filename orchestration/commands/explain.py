"""`ppw explain`: from a target down to the publisher's cells."""

from datetime import datetime
from typing import Any

import click

from orchestration.asked_release import asked_release, release_options
from orchestration.output import emit_fields, emit_json, emit_table, fail
from store.manifest import ReleaseError
from store.settings import load_settings


@click.command()
@click.argument("target_id")
@click.option("--period", "period_id", help="Only the figures of this period, for example 2024.")
@click.option("--plan-version", help="Of this plan document instead of the one in use.")
@release_options
@click.option("--json", "as_json", is_flag=True)
def command(
    *,
    target_id: str,
    period_id: str | None,
    plan_version: str | None,
    release_id: str | None,
    as_of: datetime | None,
    recompute: bool,
    as_json: bool,
) -> None:
    """The chain of one target: clause, target, reading, indicator, rule, inputs, vintages, snapshot, cell."""
    from orchestration.explain import explain_target
    from reports.explanation import not_found_again

    settings = load_settings()
    try:
        asked = asked_release(settings, release_id, as_of, recompute)
        asked.say()
        chain = explain_target(settings, asked.directory, target_id, period_id, plan_version)
        if chain is not None:
            chain["release"] = asked.facts()
    except ReleaseError as error:
        fail(str(error))
    if chain is None:
        fail(f"There is no target {target_id}; `ppw target list` shows those there are")
    if as_json:
        emit_json(chain)
    else:
        _print_chain(chain)
    if broken := not_found_again(chain):
        fail(f"{broken} figure(s) could not be found again in their snapshot; the lines marked ✗ say why")


def _print_chain(chain: dict[str, Any]) -> None:
    from orchestration.commands.target import print_record

    click.secho("\nindicator", bold=True)
    indicator = chain["indicator"] or {"": "none"}
    emit_fields({key: value for key, value in indicator.items() if value is not None and value != ""})
    print_record({key: value for key, value in chain.items() if key != "inputs"})
    click.secho("\ninputs, down to the cell", bold=True)
    for entry in chain["inputs"]:
        _print_entry(entry, "")
    if not chain["inputs"]:
        click.echo("none: nothing at hand enters this assessment")
    click.secho("\nall vintages of the indicator", bold=True)
    emit_table(
        chain["vintages"],
        [
            "period_id",
            "value_text",
            "unit",
            "form",
            "maturity",
            "source_id",
            "rank",
            "published_at",
            "vintage_at",
            "in_force",
            "held",
        ],
        right=["value_text", "rank"],
    )
    if chain["findings"]:
        click.secho("\nfindings", bold=True)
        emit_table(
            chain["findings"], ["rule_id", "severity", "outcome", "period_id", "source_id", "message_vi"]
        )


def _print_entry(entry: dict[str, Any], indent: str) -> None:
    """A figure with its cell, or with its components below it, each a step further in."""
    named = f"{entry['indicator_code']}{_breakdown(entry)} " if indent else ""
    said = f"{entry['role']}: {named}{entry['period_id']} = {entry['value_text']} {entry['unit']} ({entry['maturity']})"
    below = f"{indent}    "
    if "components" in entry:
        derivation = entry["derivation"]
        click.echo(f"{indent}= {said}")
        click.echo(
            f"{below}worked out, ± {entry['rounding_half_width']:.3g} by rounding: {derivation['formula_vi']}"
        )
        for part in entry["components"]:
            _print_entry(part, below)
        return
    snapshot = entry["snapshot"]
    click.echo(f"{indent}{'✓' if snapshot['same_value'] else '✗'} {said}")
    click.echo(
        f"{below}{entry['citation_publisher'] or entry['publisher_vi']}: {entry['citation_title'] or ''}"
    )
    click.echo(f"{below}{entry['citation_address'] or ''} {entry['citation_place'] or ''}")
    click.echo(
        f"{below}snapshot {snapshot['snapshot_sha256']}, {snapshot['cell_ref']}, reads {snapshot.get('cell_text')!r}"
    )
    if snapshot["problem"]:
        click.echo(f"{below}{snapshot['problem']}")


def _breakdown(entry: dict[str, Any]) -> str:
    return "" if entry["breakdown"] == "_T" else f"/{entry['breakdown']}"
