"""Draws the picture of a returned workbook for the documents: `python -m tests.submission.picture OUT.png`.

The template is that of the release in force, the ten mistakes in it are made up. LibreOffice prints the marked copy
and poppler draws its pages; the picture is the pages below each other.
"""

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image, ImageChops

from sources.registry import load_records
from sources.submission.examine import judge
from sources.submission.filled import read_filled
from sources.submission.in_force import in_force
from sources.submission.layout import FIGURES, MILESTONES, PROBLEM_SHEET
from sources.submission.marking import marked_copy
from sources.submission.owed import find_source, owed
from sources.submission.template import department_template
from store import state
from store.settings import load_settings
from tests.submission.workbooks import edited, ten_mistakes

_DPI = 150
_MARGIN = 24
_FIRST_ROWS = {MILESTONES: 16}


def _trimmed(page: Image.Image) -> Image.Image:
    """Cut off the white border."""
    white = Image.new(page.mode, page.size, "white")
    box = ImageChops.difference(page, white).getbbox()
    return page.crop(box) if box else page


def _pages(workbook: bytes, folder: Path) -> list[Image.Image]:
    """Print the sheets that matter, each cut to its first page."""
    from openpyxl import load_workbook

    pages = []
    for title in (PROBLEM_SHEET, FIGURES, MILESTONES):
        source = folder / "returned.xlsx"
        source.write_bytes(workbook)
        book = load_workbook(source)
        for sheet in book.worksheets:
            if sheet.title != title and sheet.sheet_state == "visible":
                sheet.sheet_state = "hidden"
        book.active = book.sheetnames.index(title)
        if title in _FIRST_ROWS:
            sheet = book[title]
            sheet.print_area = f"A1:{sheet.cell(1, sheet.max_column).column_letter}{_FIRST_ROWS[title]}"
        book.save(source)
        subprocess.run(
            ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(source)],
            check=True, capture_output=True, env={**os.environ, "HOME": str(folder)}, timeout=180,
        )  # fmt: skip
        subprocess.run(
            ["pdftoppm", "-png", "-r", str(_DPI), "-f", "1", "-l", "1", "-singlefile",
             str(folder / "returned.pdf"), str(folder / "page")],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        pages.append(_trimmed(Image.open(folder / "page.png").convert("RGB")))
    return pages


def main(out: Path) -> None:
    """Write the picture."""
    settings = load_settings()
    state.migrate(settings)
    known = in_force(settings)
    record = find_source(load_records(settings.specs_dir).records, "agriculture_environment")
    wanted = owed(settings, record, "2025")
    data = edited(department_template(wanted, known, "code").data, *ten_mistakes())
    problems = judge(read_filled(data), wanted, known, datetime.now(UTC).date()).problems
    heading = f"Trả lại: {record.publisher.vi} (số liệu thử, mười lỗi cố ý)"
    with tempfile.TemporaryDirectory() as folder:
        pages = _pages(marked_copy(data, heading, problems), Path(folder))
    width = max(page.width for page in pages) + 2 * _MARGIN
    picture = Image.new("RGB", (width, sum(page.height + 2 * _MARGIN for page in pages)), "white")
    top = _MARGIN
    for page in pages:
        picture.paste(page, (_MARGIN, top))
        top += page.height + 2 * _MARGIN
    picture.quantize(64).save(out, optimize=True)
    print(f"{out}: {len(problems)} problems, {picture.width} x {picture.height}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
