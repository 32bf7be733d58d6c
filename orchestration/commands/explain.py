"""`ppw explain`: from a target down to the publisher's cells."""

from typing import Any

import click

from orchestration.output import emit_fields, emit_json, emit_table, fail
from orchestration.release_query import resolve_release
from store.manifest import ReleaseError
from store.settings import load_settings


@click.command()
@click.argument("target_id")
@click.option("--period", "period_id", help="Only the figures of this period, for example 2024.")
@click.option("--plan-version", help="Of this plan document instead of the one in use.")
@click.option("--release", "release_id", help="This release instead of the current one.")
@click.option("--json", "as_json", is_flag=True)
def command(
    target_id: str, period_id: str | None, plan_version: str | None, release_id: str | None, as_json: bool
) -> None:
    """The chain of one target: clause, target, reading, indicator, rule, inputs, vintages, snapshot, cell."""
    from orchestration.explain import explain_target

    settings = load_settings()
    try:
        directory = resolve_release(settings, release_id)
        chain = explain_target(settings, directory, target_id, period_id, plan_version)
    except ReleaseError as error:
        fail(str(error))
    if chain is None:
        fail(f"There is no target {target_id}; `ppw target list` shows those there are")
    if as_json:
        emit_json(chain)
    else:
        _print_chain(chain)
    broken = [entry for entry in chain["inputs"] if entry["snapshot"]["same_value"] is not True]
    if broken:
        fail(f"{len(broken)} input(s) could not be found again in their snapshot; the lines marked ✗ say why")


def _print_chain(chain: dict[str, Any]) -> None:
    from orchestration.commands.target import print_record

    click.secho("\nindicator", bold=True)
    indicator = chain["indicator"] or {"": "none"}
    emit_fields({key: value for key, value in indicator.items() if value is not None and value != ""})
    print_record({key: value for key, value in chain.items() if key != "inputs"})
    click.secho("\ninputs, down to the cell", bold=True)
    for entry in chain["inputs"]:
        snapshot = entry["snapshot"]
        mark = "✓" if snapshot["same_value"] else "✗"
        click.echo(
            f"{mark} {entry['role']}: {entry['period_id']} = {entry['value_text']} {entry['unit']} "
            f"({entry['maturity']})"
        )
        click.echo(
            f"    {entry['citation_publisher'] or entry['publisher_vi']}: {entry['citation_title'] or ''}"
        )
        click.echo(f"    {entry['citation_address'] or ''} {entry['citation_place'] or ''}")
        click.echo(
            f"    snapshot {snapshot['snapshot_sha256']}, {snapshot['cell_ref']}, reads {snapshot.get('cell_text')!r}"
        )
        if snapshot["problem"]:
            click.echo(f"    {snapshot['problem']}")
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
