"""`ppw plan`: the plan documents, their proofs, and how another one comes in."""

import getpass
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from orchestration.output import emit_fields, emit_json, emit_table, fail
from store.settings import load_settings


@click.group()
def command() -> None:
    """Plan documents: what ships with the project and what was imported."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_plans(as_json: bool) -> None:
    """All plan documents; the targets of a reference document are the ones counted."""
    from orchestration.plan_reports import plan_rows

    rows, problems = plan_rows(load_settings())
    if as_json:
        emit_json(rows)
    else:
        counts = ["targets", "milestones", "annotations"]
        columns = ["plan_version", "area_id", "kind", "legal_status", "adopted_on", "targets_transcribed"]
        emit_table(rows, [*columns, "is_reference", "route", *counts], right=counts)
    if problems:
        fail("\n".join(["plan documents that cannot be read:", *problems]))


@command.command()
@click.argument("plan_version")
@click.option("--json", "as_json", is_flag=True)
def show(plan_version: str, as_json: bool) -> None:
    """One plan document: its facts, and how much of it is data."""
    from orchestration.plan_reports import plan_detail

    detail = plan_detail(load_settings(), plan_version)
    if detail is None:
        fail(f"There is no plan {plan_version} that can be read; `ppw plan list` shows those there are")
    if as_json:
        emit_json(detail)
        return
    uses = detail.pop("ledger_by_use")
    emit_fields(detail)
    for use, count in uses.items():
        click.echo(f"  ledger, {use}: {count}")


@command.command()
@click.argument("plan", required=False)
@click.option(
    "--text",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The text of the document; the ledger is compared with it token by token.",
)
@click.option("--json", "as_json", is_flag=True)
def check(plan: str | None, text: Path | None, as_json: bool) -> None:
    """Prove the plan documents: nothing left out of the ledger, sums and lists agree or are annotated.

    PLAN is a plan version, or a directory, .zip or .xlsx that is being prepared for import; without it all plan
    documents at hand are proven.
    """
    from orchestration.plan_reports import check_package, check_plans
    from sources.plan.package import NoPackage

    prepared = plan is not None and (Path(plan).is_dir() or Path(plan).is_file())
    try:
        if plan is not None and prepared:
            rows, problems = check_package(load_settings(), Path(plan), text)
        else:
            rows, problems = check_plans(load_settings(), plan, text)
    except NoPackage as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        emit_json({"plans": rows, "problems": problems})
    else:
        counts = ["figures", "sums", "structures", "lists", "annotations", "ledger_entries"]
        emit_table(rows, ["plan_version", *counts, "against_text"], right=counts)
    if problems:
        fail("\n".join([f"{len(problems)} problem(s):", *problems]))


@command.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--amends", help="With a .csv of targets: the plan version it amends.")
@click.option("--plan-version", help="With a .csv: the name of the new version.")
@click.option("--number", help="With a .csv: the number of the document that amends.")
@click.option("--adopted-on", type=click.DateTime(["%Y-%m-%d"]), help="With a .csv: the day it was adopted.")
@click.option(
    "--legal-status",
    type=click.Choice(["draft", "adopted", "in_force", "superseded"]),
    help="With a .csv: its legal status, where it is not that of the document it amends.",
)
@click.option(
    "--remove",
    "removed",
    multiple=True,
    metavar="TARGET_ID",
    help="With a .csv: a target or milestone that the amendment ends; may be repeated.",
)
@click.option(
    "--replace-all",
    is_flag=True,
    help="With a .csv: it is the whole table of targets; those it leaves out end.",
)
@click.option("--dry-run", is_flag=True, help="Check and show what differs; change nothing.")
@click.option("--actor", default=getpass.getuser, help="Who imports; the user of this machine when left out.")
@click.option("--json", "as_json", is_flag=True)
def import_(  # noqa: PLR0917
    path: Path,
    amends: str | None,
    plan_version: str | None,
    number: str | None,
    adopted_on: datetime | None,
    legal_status: str | None,
    removed: tuple[str, ...],
    replace_all: bool,
    dry_run: bool,
    actor: str,
    as_json: bool,
) -> None:
    """Check a plan, show what differs from the one before, and write it as a version; the next run uses it.

    PATH is a directory or .zip of plan files, a workbook with a sheet for each, or a .csv of targets that amends a
    plan (then with --amends, --plan-version, --number and --adopted-on). A row of the .csv replaces the target of its
    target_id or adds one; every other target is carried over, unless --remove names it or --replace-all says that the
    .csv is the whole table. A version never changes.
    """
    from orchestration.plan_reports import import_report
    from sources.plan.amendment import Amendment
    from sources.plan.importing import examine, import_plan
    from sources.plan.package import NoPackage
    from sources.retrieve import utc_now
    from store.state import migrate

    facts = {
        "--amends": amends, "--plan-version": plan_version, "--number": number, "--adopted-on": adopted_on,
    }  # fmt: skip
    amendment = None
    if path.suffix.lower() == ".csv" and path.is_file():
        missing = [name for name, value in facts.items() if value is None]
        if missing:
            raise click.UsageError(f"a .csv of targets also needs {', '.join(missing)}")
        assert plan_version is not None and number is not None and adopted_on is not None
        if removed and replace_all:
            raise click.UsageError("--replace-all already ends what the .csv leaves out: do without --remove")
        amendment = Amendment(
            plan_version, number, adopted_on.date(), legal_status, removed=removed, replaces_all=replace_all
        )
    elif removed or replace_all or any(value is not None for value in (*facts.values(), legal_status)):
        names = [*facts, "--legal-status", "--remove", "--replace-all"]
        raise click.UsageError(f"{', '.join(names)} go with a .csv of targets only")
    settings = load_settings()
    migrate(settings)
    try:
        examined, problems = examine(settings, path, amends, amendment)
    except NoPackage as error:
        raise click.UsageError(str(error)) from error
    if examined is None:
        if as_json:
            emit_json({"imported": False, "problems": [str(problem) for problem in problems]})
        lines = [f"{path.name} is not imported, {len(problems)} problem(s):", *map(str, problems)]
        fail("\n".join(lines))
    if not dry_run:
        import_plan(settings, examined, uuid.uuid4().hex, actor, utc_now)
    report = import_report(examined, dry_run)
    if as_json:
        emit_json(report)
        return
    emit_fields({name: value for name, value in report.items() if not isinstance(value, dict)})
    _print_difference(report["difference"])


def _print_difference(changes: dict[str, Any] | None) -> None:
    if changes is None:
        click.echo("\nnothing to compare with: the plan names none that it supersedes")
        return
    counts = changes["counts"]
    click.echo(
        f"\nagainst {changes['against']}, targets and milestones: {counts['carried_over']} carried over, "
        f"{counts['changed']} changed, {counts['added']} added, {counts['removed']} removed"
    )
    for name in ("added", "removed"):
        click.echo(f"{name}: {', '.join(changes[name]) or 'none'}")
    for name in ("annotations", "relations"):
        if changes[f"{name}_dropped"]:
            click.echo(f"{name} not carried over: {', '.join(changes[f'{name}_dropped'])}")
    click.echo(f"changed: {'' if changes['changed'] else 'none'}")
    if changes["changed"]:
        emit_table(changes["changed"], ["target_id", "field", "before", "after"])
