"""`ppw read`: what an adapter sees in a file, before any record reads it."""

import json
from pathlib import Path
from typing import Any

import click

from orchestration.output import emit_json, emit_table, fail
from sources.cells import ReadingError
from sources.detect import FORMATS, format_named
from sources.reading_process import ReadingLimits, view_in_process
from store.settings import load_settings

_FIRST_CELLS = 5
_MOST_TABLES = 30
_MOST_BYTES = 500_000_000


class FormatName(click.ParamType[str]):
    """A format by its name; `json_stat` and `JSON-stat` are one."""

    name = "format"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        found = format_named(str(value))
        if found is None:
            self.fail(f"'{value}' is none of {', '.join(FORMATS)}", param, ctx)
        return found


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--as", "format_name", type=FormatName(), metavar="FORMAT",
    help=f"Read as this format instead of the one the bytes show: {', '.join(FORMATS)}.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="All cells as one JSON document.")
def command(file: Path, format_name: str | None, as_json: bool) -> None:
    """Show what an adapter sees in FILE: its tables, every cell with its labels, and what was skipped.

    The format is told from the bytes. Exit code 1 when the file is refused; the reason says the place and the mend.
    """
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise ReadingError("the whole file", f"it is larger than {_MOST_BYTES} bytes", "narrow the table")
        answer = view_in_process(file.read_bytes(), file.name, format_name, ReadingLimits.of(load_settings()))
    except ReadingError as error:
        if as_json:
            refused = {"place": error.place, "message": error.message, "mend": error.mend}
            emit_json({"format": format_name, "tables": [], "skipped": [], "refused": refused})
        fail(f"{file.name}: {error}")
    if as_json:
        click.echo(answer.decode())
    else:
        _preview(json.loads(answer))


def _preview(seen: dict[str, Any]) -> None:
    tables = seen["tables"]
    n_cells = sum(table["n_cells"] for table in tables)
    n_missing = sum(table["n_missing"] for table in tables)
    click.echo(
        f"{seen['format']}: {len(tables)} tables, {n_cells} cells, {n_missing} of them without a number"
    )
    for table in tables[:_MOST_TABLES]:
        click.echo(f"\n{table['title'] or '(no title)'}")
        unit = f"; unit: {table['unit']}" if table["unit"] else ""
        click.echo(f"{table['n_cells']} cells, {table['n_missing']} missing{unit}")
        rows = [
            {
                "ref": cell["ref"],
                **cell["labels"],
                "text": cell["text"] or ("(row left out)" if "row_left_out" in cell.get("flags", ()) else ""),
                "value": cell["missing_code"] if cell["value"] is None else str(cell["value"]),
            }
            for cell in table["cells"][:_FIRST_CELLS]
        ]
        emit_table(rows, ["ref", *table["dimensions"], "text", "value"], right=["text", "value"])
    if len(tables) > _MOST_TABLES:
        click.echo(f"\nand {len(tables) - _MOST_TABLES} tables more; --json gives all")
    if seen["skipped"]:
        click.echo("\nskipped:")
        emit_table(seen["skipped"], ["name", "reason"])
