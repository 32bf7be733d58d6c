"""`ppw submission`: what people sent in, and the receipts they got."""

import getpass
from pathlib import Path

import click

from orchestration.output import emit_fields, emit_json, emit_table, fail
from store.settings import load_settings


@click.group()
def command() -> None:
    """Filled workbooks of departments and keyed letters: receive them, and look at their receipts."""


@command.command()
@click.argument(
    "files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[FILE]..."
)
@click.option(
    "--actor", default=getpass.getuser, help="Who hands it in; the user of this machine when left out."
)
@click.option("--json", "as_json", is_flag=True)
def receive(files: tuple[Path, ...], actor: str, as_json: bool) -> None:
    """Receive FILEs, or without one everything in the inbox; the next run uses what was accepted.

    Each gets a receipt; the answer is a workbook in the outbox. Exit code 1 when one was returned.
    """
    from orchestration.submissions import receive_files

    rows = receive_files(load_settings(), files, actor)
    if as_json:
        emit_json(rows)
    elif rows:
        emit_table(
            rows, ["submission_id", "file_name", "source_id", "document", "outcome", "n_problems", "answer"]
        )
    else:
        click.echo("the inbox is empty")
    returned = [str(row["submission_id"]) for row in rows if row["outcome"] == "returned"]
    if returned:
        fail(f"returned: {', '.join(returned)}; `ppw submission show ID` lists the problems")


@command.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_submissions(as_json: bool) -> None:
    """All receipts, the latest last."""
    from orchestration.submissions import submission_rows

    rows = submission_rows(load_settings())
    if as_json:
        emit_json(rows)
        return
    counts = ["n_figures", "n_milestones", "n_problems"]
    columns = ["submission_id", "received_at", "source_id", "document", "outcome", *counts, "file_name"]
    emit_table(rows, columns, right=counts)


@command.command()
@click.argument("submission_id", type=int)
@click.option("--json", "as_json", is_flag=True)
def show(submission_id: int, as_json: bool) -> None:
    """One receipt: what was accepted, or every problem with its place."""
    from orchestration.submissions import submission_detail

    detail = submission_detail(load_settings(), submission_id)
    if detail is None:
        fail(f"There is no submission {submission_id}; `ppw submission list` shows those there are")
    if as_json:
        emit_json(detail)
        return
    problems, accepted = detail.pop("problems"), detail.pop("accepted")
    emit_fields(detail)
    if problems:
        click.echo("\nproblems:")
        emit_table(problems, ["place", "code", "message_vi", "mend_vi"])
    if accepted:
        click.echo("\naccepted:")
        emit_table(accepted, ["cell", "code", "period", "value", "detail"])
