"""`python -m docs.formats FOLDER`: read every file of a folder, and write what became of it into docs/formats.md.

The table stands between two marks in that page; the words around it are written by hand. Seconds are those of the
machine that wrote it.
"""

import sys
import time
from pathlib import Path

import click

from sources.cells import ReadingError
from sources.detect import detect
from sources.view import document, view

PAGE = Path(__file__).resolve().parent / "formats.md"
_BEGIN, _END = "<!-- results -->", "<!-- end of results -->"
_LONGEST_REASON = 110


def result_row(file: Path, name: str) -> str:
    """Return the row of one file: name, format, parsed or refused and why, tables, cells, missing, seconds."""
    data = file.read_bytes()
    started = time.perf_counter()
    try:
        seen = document(view(data, file.name))
    except ReadingError as error:
        seconds = time.perf_counter() - started
        reason = " ".join(f"{error.place}: {error.message}".split()).replace("|", "\\|")
        short = reason if len(reason) <= _LONGEST_REASON else reason[:_LONGEST_REASON].rstrip() + " ..."
        return f"| {name} | {_format_of(data, file.name)} | refused: {short} | | | | {seconds:.2f} |"
    seconds = time.perf_counter() - started
    cells = sum(table["n_cells"] for table in seen["tables"])
    missing = sum(table["n_missing"] for table in seen["tables"])
    return f"| {name} | {seen['format']} | parsed | {len(seen['tables'])} | {cells} | {missing} | {seconds:.2f} |"


def _format_of(data: bytes, name: str) -> str:
    try:
        return detect(data, name)
    except ReadingError:
        return "none"


def results(folder: Path) -> str:
    """Return the table of all files below a folder, in name order, with its totals."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    rows = [result_row(file, file.relative_to(folder).as_posix()) for file in files]
    parsed = sum("| parsed |" in row for row in rows)
    return "\n".join(
        [
            f"{len(rows)} files: {parsed} parsed, {len(rows) - parsed} refused with a reason.",
            "",
            "| file | format | result | tables | cells | missing | seconds |",
            "|---|---|---|---:|---:|---:|---:|",
            *rows,
        ]
    )


def main(folder: Path) -> None:
    """Write the table of a folder into the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PAGE.write_text(f"{before}{_BEGIN}\n\n{results(folder)}\n\n{_END}{after}", encoding="utf-8")
    click.echo(f"wrote {PAGE.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
