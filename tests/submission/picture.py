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

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from PIL import Image, ImageChops

from sources.registry import load_records
from sources.submission.examine import judge
from sources.submission.filled import read_filled
from sources.submission.in_force import in_force
from sources.submission.layout import COLUMNS, FIGURES, MILESTONES, PROBLEM_SHEET
from sources.submission.marking import marked_copy
from sources.submission.owed import find_source, owed
from sources.submission.template import department_template
from store import state
from store.settings import load_settings
from tests.submission.workbooks import edited, ten_mistakes

_DPI = 170
_MARGIN = 24
_FIRST_ROWS = {MILESTONES: 11}
# Columns without a mark that would only make the others smaller.
_LEFT_OUT = {FIGURES: ("last_from", "note", "definition"), MILESTONES: ("clause", "completed", "note")}
_VIETNAMESE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>vi</value></prop></item></oor:items>"""


def _trimmed(page: Image.Image) -> Image.Image:
    """Cut off the white border."""
    white = Image.new(page.mode, page.size, "white")
    box = ImageChops.difference(page, white).getbbox()
    return page.crop(box) if box else page


def _pages(workbook: bytes, folder: Path) -> list[Image.Image]:
    """Print the sheets that matter, each cut to its first page."""
    # Numbers as a Vietnamese office sees them: 58,2 and 15.000.
    profile = folder / ".config" / "libreoffice" / "4" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(_VIETNAMESE, encoding="utf-8")
    pages = []
    for title in (PROBLEM_SHEET, FIGURES, MILESTONES):
        source = folder / "returned.xlsx"
        source.write_bytes(workbook)
        book = load_workbook(source)
        for sheet in book.worksheets:
            if sheet.title != title and sheet.sheet_state == "visible":
                sheet.sheet_state = "hidden"
        book.active = book.sheetnames.index(title)
        sheet = book[title]
        keys = [column.key for column in COLUMNS.get(title, ())]
        for key in _LEFT_OUT.get(title, ()):
            sheet.column_dimensions[get_column_letter(keys.index(key) + 1)].hidden = True
        if title in _FIRST_ROWS:
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
