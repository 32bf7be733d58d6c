"""`ppw export`: the open data or the static edition of a release, into a folder."""

from pathlib import Path

import click

from orchestration.output import fail
from store.manifest import ReleaseError
from store.settings import load_settings

FORMATS = ("csv", "xlsx", "parquet", "sdmx-csv", "json-stat", "static")


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    required=True,
    help="What to write: see docs/open_data.md.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="A folder that is not there yet, or empty.",
)
@click.option("--release", "release_id", help="A release; the current one when none is named.")
def command(form: str, out: Path, release_id: str | None) -> None:
    """Write what the public may see of a release, made anew from its tables: the bytes are those of the release."""
    from reports.history import release_before
    from reports.open_data.write import OPEN_FORMATS, write_open_data
    from reports.release_data import release_at
    from reports.release_files import OPEN_DATA
    from reports.static_edition.write import FOLDER as STATIC_EDITION
    from reports.static_edition.write import write_static_edition
    from store.releases import release_dir

    if out.exists() and any(out.iterdir()):
        fail(f"{out} is not empty; name a folder that is not there yet")
    try:
        settings = load_settings()
        release = release_at(release_dir(settings, release_id))
    except ReleaseError as error:
        fail(str(error))
    if form == "static":
        data = write_open_data(release, out / OPEN_DATA)
        before = release_before(settings, release)
        written = write_static_edition(release, out / STATIC_EDITION, data, before)
        click.echo(f"{release.release_id}: open {written / 'index.html'} in a browser")
        return
    written = write_open_data(release, out, [one for one in OPEN_FORMATS if one == form])
    files = sum(path.is_file() for path in written.rglob("*"))
    click.echo(f"{release.release_id}: {files} files in {written}")
