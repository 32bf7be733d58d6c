"""`ppw report`: the printed report of a release, the files it carries and any other part or edition."""

from datetime import datetime
from pathlib import Path

import click

from orchestration.asked_release import CUTS, asked_release, release_options
from orchestration.output import emit_json, emit_table, fail
from store.settings import load_settings


@click.group()
def command() -> None:
    """The printed report: what a release carries, and other editions and parts of it."""


@command.command("list")
@release_options
@click.option("--json", "as_json", is_flag=True)
def list_reports(*, release_id: str | None, as_of: datetime | None, recompute: bool, as_json: bool) -> None:
    """The files of the report in a release, and the editions and parts that can be built of it."""
    from orchestration.printed_reports import reports_of

    try:
        asked = asked_release(load_settings(), release_id, as_of, recompute)
        asked.say()
        found = reports_of(asked.directory)
    except LookupError as error:
        fail(str(error))
    if as_json:
        emit_json(found)
        return
    emit_table(found["files"], ["file", "size_bytes"], right=["size_bytes"])
    click.echo()
    emit_table(found["editions"], ["edition", "period", "closed", "default"])
    click.echo()
    emit_table(found["parts"], ["option", "id", "name"])


@command.command()
@click.option(
    "--edition",
    type=click.Choice(["annual", "half-year", "five-year"]),
    help="The one whose period was closed last before the cut-off when left out.",
)
@click.option(
    "--department", help="Only the targets of this office: its id (so-y-te) or name; `ppw report list`."
)
@click.option("--domain", help="Only this domain, for example economy.")
@click.option("--format", "form", type=click.Choice(["pdf", "docx"]), default="pdf", show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it, also over a file that is there. Left out: here, under the report's own name.",
)
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option(
    "--access",
    type=click.Choice(list(CUTS)),
    default="public",
    show_default=True,
    help="With the figures that only the office and the leaders (internal), or only reviewers (full) may see.",
)
@release_options
@click.option("--json", "as_json", is_flag=True)
def build(
    *,
    edition: str | None,
    department: str | None,
    domain: str | None,
    form: str,
    out: Path | None,
    language: str,
    access: str,
    release_id: str | None,
    as_of: datetime | None,
    recompute: bool,
    as_json: bool,
) -> None:
    """Write the report of a release, or of a part of it, as PDF or Word.

    The settings report_organ, report_parent_organ, report_symbol, report_place and report_recipients say who issues
    it; what is not set is left as dots.
    """
    from orchestration.printed_reports import Asked, build_report

    if department and domain:
        raise click.UsageError("--department and --domain name a part each; give one of them")
    settings = load_settings()
    try:
        found = asked_release(settings, release_id, as_of, recompute)
        found.say()
        asked = Asked(edition, department, domain, form, language, CUTS[access])
        built = build_report(settings, found.directory, asked, out)
    except (LookupError, FileExistsError) as error:
        fail(str(error))
    if as_json:
        emit_json(built)
    else:
        click.echo(f"{built['file']} ({built['size_bytes']} bytes; {built['title']}; {built['font']})")
