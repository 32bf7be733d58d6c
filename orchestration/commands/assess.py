"""`ppw assess`: the formulas of a release on cases of one's own."""

from pathlib import Path
from typing import Any

import click

from orchestration.assess_answers import answer_cases
from orchestration.assess_cases import read_cases
from orchestration.assess_fields import InputError, read_records
from orchestration.output import CommandFailed, emit_json, emit_table, fail
from orchestration.release_query import resolve_release
from store.formulas import formulas_of_release
from store.manifest import ReleaseError
from store.releases import NoRelease
from store.settings import load_settings


class WrongFile(CommandFailed):
    """The file given cannot be used at all: exit code 2."""

    exit_code = 2


@click.command()
@click.option(
    "--input",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="JSON: an array of cases, or an object with `cases`.",
)
@click.option("--release", "release_id", help="The formulas of this release instead of the current one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, in the order of the file.")
@click.pass_context
def command(context: click.Context, path: Path, release_id: str | None, as_json: bool) -> None:
    """Answer cases by the methods of docs/methods.md, with the SQL that the release ships.

    A case has `id`, `method` and what the method asks for. One that cannot be answered is {id, refused, message}; the
    others are answered, and the exit code is then 1.
    """
    try:
        cases = read_cases(read_records(path))
    except InputError as error:
        raise WrongFile(str(error)) from error
    try:
        answers = answer_cases(formulas_of_release(resolve_release(load_settings(), release_id)), cases)
    except NoRelease as error:
        fail(f"{error} (`make run` makes the environment too.)")
    except ReleaseError as error:
        fail(str(error))
    if as_json:
        emit_json(answers)
    else:
        _print(answers)
    if any("refused" in answer for answer in answers):
        context.exit(1)


def _print(answers: list[dict[str, Any]]) -> None:
    rows = [
        {
            "id": answer["id"],
            "result": answer["message"]
            if "refused" in answer
            else ", ".join(
                f"{name} {value:.10g}" if isinstance(value, float) else f"{name} {value}"
                for name, value in answer.items()
                if name != "id" and value is not None
            ),
            "refused": answer.get("refused", ""),
        }
        for answer in answers
    ]
    emit_table(rows, ["id", "refused", "result"])
