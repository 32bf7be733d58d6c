"""`ppw release`: what is published, what changed, and the way back."""

import getpass

import click

from orchestration.commands.release_steps import STEPS
from orchestration.output import emit_fields, emit_json, emit_table, fail
from store.manifest import ReleaseError
from store.settings import load_settings


@click.group()
def command() -> None:
    """Candidates and published releases."""


for step in STEPS:
    command.add_command(step)


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_releases(as_json: bool) -> None:
    """All releases, the current one marked."""
    from orchestration.release_reports import release_rows

    rows = release_rows(load_settings())
    if as_json:
        emit_json(rows)
    else:
        emit_table(
            [{**row, "notices": ", ".join(row["notices"])} for row in rows],
            [
                "release_id",
                "current",
                "cut_off",
                "created_at",
                "content_digest",
                "n_actuals",
                "n_observations",
                "notices",
            ],
        )


@command.command()
@click.argument("release_id", required=False)
@click.option("--json", "as_json", is_flag=True)
def show(release_id: str | None, as_json: bool) -> None:
    """The manifest of a release; the current one when none is named."""
    from orchestration.release_reports import manifest_of

    try:
        manifest = manifest_of(load_settings(), release_id)
    except ReleaseError as error:
        fail(str(error))
    if as_json:
        emit_json(manifest)
        return
    emit_fields({name: value for name, value in manifest.items() if not isinstance(value, list | dict)})
    click.echo()
    files = [{"file": name, **entry} for name, entry in manifest["files"].items()]
    emit_table(files, ["file", "rows", "size_bytes", "sha256"], right=["rows", "size_bytes"])


@command.command()
@click.argument("first")
@click.argument("second")
@click.option("--json", "as_json", is_flag=True)
def diff(first: str, second: str, as_json: bool) -> None:
    """Rows that differ between two releases, table by table."""
    from orchestration.release_reports import differences

    try:
        rows = differences(load_settings(), first, second)
    except ReleaseError as error:
        fail(str(error))
    if as_json:
        emit_json(rows)
    elif rows:
        emit_table(rows, list(rows[0]))
    else:
        click.echo("no differences")


@command.command()
@click.argument("release_id")
@click.option("--actor", default=getpass.getuser, help="Who decides; the user of this machine when left out.")
def rollback(release_id: str, actor: str) -> None:
    """Put an earlier release in force again; the move is kept in the audit log."""
    from expectations.gate.publication import gate_lock, retracted_releases
    from store.releases import rollback as roll_back

    settings = load_settings()
    try:
        with gate_lock(settings):
            retracted = retracted_releases(settings).get(release_id)
            if retracted is not None:
                fail(f"{release_id} was retracted ({retracted.reason_text}); it does not come in force again")
            roll_back(settings, release_id, actor)
    except ReleaseError as error:
        fail(str(error))
    click.echo(f"{release_id} is in force")


@command.command()
@click.argument("release_id", required=False)
@click.option("--json", "as_json", is_flag=True)
def rebuild(release_id: str | None, as_json: bool) -> None:
    """Build a release again from what was on record when it was made, and compare the digests."""
    from orchestration.rebuild import rebuild as build_again

    try:
        result = build_again(load_settings(), release_id)
    except ReleaseError as error:
        fail(str(error))
    fields = {
        "release_id": result.published.release_id,
        "same": result.same,
        "content_digest": result.published.content_digest,
        "rebuilt_content_digest": result.rebuilt.content_digest,
        "code_version": result.published.code_version,
        "rebuilt_code_version": result.rebuilt.code_version,
    }
    if as_json:
        emit_json({**fields, "differences": list(result.differences)})
    else:
        emit_fields(fields)
        for difference in result.differences:
            click.echo(f"  {difference}")
    if not result.same:
        other_code = result.published.code_version != result.rebuilt.code_version
        fail(
            "the release cannot be reproduced from its inputs"
            + (" by this version of the program; take the one that made it" if other_code else "")
        )
