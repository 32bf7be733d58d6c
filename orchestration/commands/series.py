"""`ppw series`: everything that was published of one series, and why the value in force is in force."""

from datetime import datetime
from typing import Any

import click

from orchestration.asked_release import access_option, asked_release, cut, release_options
from orchestration.output import emit_fields, emit_json, emit_table, fail, plain
from store.manifest import ReleaseError
from store.settings import load_settings


@click.group()
def command() -> None:
    """Series of figures: vintages, revisions, and the value in force."""


@command.command("list")
@release_options
@access_option
@click.option("--revised", is_flag=True, help="Only series that a source has revised.")
@click.option("--json", "as_json", is_flag=True)
def list_series(
    *,
    release_id: str | None,
    as_of: datetime | None,
    recompute: bool,
    access: str,
    revised: bool,
    as_json: bool,
) -> None:
    """Every series with its periods, vintages, sources and revisions."""
    from orchestration.series_reports import series_rows

    try:
        asked = cut(asked_release(load_settings(), release_id, as_of, recompute), access)
        asked.say()
        rows = series_rows(asked.directory, revised_only=revised)
    except ReleaseError as error:
        fail(str(error))
    if as_json:
        emit_json(rows)
    else:
        emit_table(rows, ["indicator_code", "area_id", "breakdown", "periods", "vintages", "sources", "revisions"],
                   right=["periods", "vintages", "sources", "revisions"])  # fmt: skip


@command.command()
@click.argument("indicator_code")
@click.option("--area", "area_id", help="The area; the one the plan is about when left out.")
@click.option("--breakdown", default="_T", show_default=True, help="For example RES_URBAN.")
@click.option("--period", "period_id", help="Only this period.")
@release_options
@access_option
@click.option("--json", "as_json", is_flag=True)
def show(
    *,
    indicator_code: str,
    area_id: str | None,
    breakdown: str,
    period_id: str | None,
    release_id: str | None,
    as_of: datetime | None,
    recompute: bool,
    access: str,
    as_json: bool,
) -> None:
    """Vintages with what decided against each, the revision triangle of each source, how much it revises."""
    from orchestration.series_reports import series_record

    settings = load_settings()
    try:
        asked = cut(asked_release(settings, release_id, as_of, recompute), access)
        asked.say()
        area = area_id or settings.area_id
        record = series_record(asked.directory, indicator_code, area, breakdown, period_id)
        if record is not None:
            record["release"] = asked.facts()
    except ReleaseError as error:
        fail(str(error))
    if record is None:
        fail(
            f"There is no figure of {indicator_code} for {area}, {breakdown}; `ppw series list` shows those there are"
        )
    if as_json:
        emit_json(record)
    else:
        _print_record(record)


def _print_record(record: dict[str, Any]) -> None:
    emit_fields(
        {name: record[name] for name in ("indicator_code", "name_vi", "name_en", "area_id", "breakdown")}
    )
    click.secho("\nvintages", bold=True)
    columns = ["period_id", "value_text", "missing_code", "unit", "maturity", "source_id", "source_rank",
               "published_at", "vintage_at", "standing", "why"]  # fmt: skip
    rows = [{**row, "why": row["decided_by"] or _why(row)} for row in record["vintages"]]
    emit_table(rows, columns, right=["value_text", "source_rank"])
    for row in record["vintages"]:
        if row["components"] and row["standing"] == "in_force":
            parts = "; ".join(
                f"{part['indicator_code']}/{part['breakdown']} {part['period_id']} = {plain(part['value'])} "
                f"{part['unit']} ({part['source_id']})"
                for part in row["components"]
            )
            click.echo(f"{row['period_id']} is worked out from {parts}")
    for triangle in record["triangles"]:
        click.secho(
            f"\nrevision triangle of {triangle['source_id']} ({triangle['form']}, {triangle['unit']})",
            bold=True,
        )
        days = [issue["day"] for issue in triangle["issues"]]
        issues = [
            f"{issue['day']}" + (f", received {issue['received']}" if days.count(issue["day"]) > 1 else "")
            for issue in triangle["issues"]
        ]
        rows = [
            {"period_id": row["period_id"], **dict(zip(issues, map(_cell, row["cells"]), strict=True))}
            for row in triangle["rows"]
        ]
        emit_table(rows, ["period_id", *issues], right=issues)
        if triangle["summary"]:
            emit_fields(triangle["summary"])
    if record["revisions"]:
        click.secho("\nrevisions", bold=True)
        emit_table(
            record["revisions"],
            ["period_id", "source_id", "kind", "from_value", "to_value", "unit", "revision_percent", "from_issued_on",
             "to_issued_on"],
            right=["from_value", "to_value", "revision_percent"],
        )  # fmt: skip


def _why(row: dict[str, Any]) -> str:
    """What a value in force stands before, and by what."""
    ways = [
        f"before {way['number']} {way['standing']}"
        + (f" by {way['decided_by']}" if way["decided_by"] else "")
        for way in row["before"]
    ]
    return "; ".join(ways) or ("the only value" if row["standing"] == "in_force" else "")


def _cell(cell: dict[str, Any] | None) -> str:
    """A value; one that an issue did not say anew in brackets."""
    if cell is None:
        return ""
    said = plain(cell["value"]) if cell["value"] is not None else str(cell["missing_code"])
    return said if cell["is_new"] else f"({said})"
