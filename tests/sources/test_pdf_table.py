"""Tables of PDF pages with a text layer: columns by place, TCVN3 by font, continued pages, scans named."""

import re
from collections import Counter
from pathlib import Path

import pytest

from sources.adapters.pdf_table import read, read_any
from sources.cells import AdapterResult, Cell, ReadingError
from sources.reading import read as read_section
from sources.record import PdfTable, PdfTableReading
from sources.text.periods import parse_label
from tests.conftest import SHARED_DATA
from tests.sources.pdfs import Placed, pdf

BODY, BOLD = ".VnArial", ".VnArialH"


def page(title: str, rows: list[tuple[str, list[str]]], head: list[tuple[str, str]]) -> list[Placed]:
    """Return a page: a title, a stacked header over columns at x = 300, 360, ..., and rows."""
    placed: list[Placed] = [(90, 780, 12, BODY, title), (400, 760, 9, BODY, "§VT: Ngh×n ng\u00adêi")]
    for at, (upper, lower) in enumerate(head):
        placed += [(300 + 60 * at, 740, 8, BODY, upper), (300 + 60 * at, 730, 8, BODY, lower)]
    for line, (label, values) in enumerate(rows):
        y = 710 - 12 * line
        placed.append((90, y, 9, BODY, label))
        placed += [(300 + 60 * at, y, 9, BODY, value) for at, value in enumerate(values) if value]
    return placed


HEAD = [("", "2010"), ("S¬ bé", "2011")]
ROWS = [("C¶ n\u00adíc", ["1 742,4", "77630,9"]), ("Cao B»ng", ["504,9", "-"]), ("Hµ T©y", ["", "515,0(*)"])]
NEXT = [("B¾c K¹n", ["1,5", "2,5"]), ("L¹ng S¬n", ["3,5", "4,5"])]
FILE = pdf([page("17 D©n sè trung b×nh", ROWS, HEAD), page("17 (TiÕp theo) D©n sè trung b×nh", NEXT, HEAD)])


def by_ref(result: AdapterResult) -> dict[str, Cell]:
    return {cell.cell_ref: cell for cell in result.cells}


def test_labels_figures_marks_and_places() -> None:
    cells = by_ref(read_any(FILE))
    found = {
        ref: (*(label.label for label in cell.labels), cell.value.decimal_text) for ref, cell in cells.items()
    }
    assert found["p1:r1c1"] == ("Cả nước", "2010", "1742.4")
    assert found["p1:r1c2"] == ("Cả nước", "Sơ bộ 2011", "77630.9")
    assert found["p1:r2c1"] == ("Cao Bằng", "2010", "504.9")
    assert cells["p1:r2c2"].value.missing_code == "dash"
    assert cells["p1:r3c1"].value.missing_code == "blank"
    assert (cells["p1:r3c2"].value.text, cells["p1:r3c2"].flags) == ("515,0(*)", ("footnote_mark",))
    assert {cell.unit_text for cell in cells.values()} == {"Nghìn người"}
    assert parse_label("Sơ bộ Prel. 2011", "year") == ("2011", "preliminary")


def test_a_continued_page_is_of_the_table_that_it_continues() -> None:
    cells = by_ref(read_any(FILE))
    assert {cell.table_title for cell in cells.values()} == {"17 Dân số trung bình"}
    assert cells["p2:r2c2"].labels[0].label == "Lạng Sơn"
    assert dict(cells["p2:r1c1"].attributes)["title"].startswith("17 (Tiếp theo)")


def section(title: str) -> PdfTableReading:
    return PdfTableReading(
        adapter="pdf_table", tables=[PdfTable(title=title, name="Dân số", rows="area", columns="year")]
    )


def test_the_record_asks_for_a_table_by_its_title() -> None:
    result = read(FILE, section("^17 dân số"))
    assert len(result.cells) == 10
    assert [label.dimension for label in result.cells[0].labels] == ["area", "year"]
    reading = read_section(section("dân số trung bình"), FILE, "a" * 64)
    assert reading.cells["table_title"].unique().to_list() == ["Dân số"]
    with pytest.raises(ReadingError, match="no table found"):
        read(FILE, section("grdp"))


def test_a_scan_is_named_and_a_file_of_scans_is_refused() -> None:
    result = read_any(pdf([page("1 B¶ng", ROWS, HEAD), []]))
    assert [(skipped.name, skipped.reason) for skipped in result.skipped] == [
        ("p2", "no text on this page: a scan or a picture")
    ]
    with pytest.raises(ReadingError, match="a scan") as raised:
        read_any(pdf([[]]))
    assert "by hand, twice" in raised.value.mend


def test_a_page_in_vni_is_named() -> None:
    vni: list[Placed] = [(x, y, size, "VNI-Times", text) for x, y, size, _, text in page("B", ROWS, HEAD)]
    result = read_any(pdf([page("1 B¶ng", ROWS, HEAD), vni]))
    assert [skipped.name for skipped in result.skipped] == ["p2"]
    assert "VNI" in result.skipped[0].reason


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4 nothing", FILE[:300], b"<html></html>"])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(ReadingError):
        read_any(data)


# --- narrow columns, as an office suite prints a sheet -------------------------------------------------------

NARROW_HEAD: list[Placed] = [
    (55, 780, 9, "Arial", "1. Output of industry"),
    (420, 768, 9, "Arial", "(%)"),
    (300, 750, 9, "Arial", "Year 2023"),
    (360, 750, 9, "Arial", "Year 2024"),
]


def narrow(*rows: tuple[str, str, str], left: tuple[str, ...] = ()) -> bytes:
    """Return a page whose columns are 60 points wide; figures stand at the right, those in `left` at the left."""
    placed = list(NARROW_HEAD)
    for line, (label, *figures) in enumerate(rows):
        y = 735 - 15 * line
        placed.append((55, y, 9, "Arial", label))
        for at, figure in enumerate(figures):
            width = sum(2.5 if sign in ".," else 5.0 for sign in figure)  # of Arial at this size
            x = 300 + 60 * at if figure in left else 358 + 60 * at - width
            placed += [(x, y, 9, "Arial", figure)] if figure else []
    return pdf([placed])


def test_figures_aligned_left_and_right_are_of_one_column() -> None:
    left = ("7,2", "101,5", "14,25", "...")
    rows = (("A", "100", "110"), ("B", "100", "101,5"), ("E", "7,2", "9"), ("D", "14,25", "..."))
    result = read_any(narrow(*rows, left=left))
    found = [[c.value.text for c in result.cells if c.labels[0].label == row] for row in "ABED"]
    assert found == [["100", "110"], ["100", "101,5"], ["7,2", "9"], ["14,25", "..."]]
    assert {c.labels[1].label for c in result.cells} == {"Year 2023", "Year 2024"}
    assert {(c.table_title, c.unit_text) for c in result.cells} == {("1. Output of industry", "%")}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            (("A", "100", "110"), ("B", "100000000000000", "2"), ("E", "5", "6000000000000000")),
            "upon one another",
        ),
        ((("A", "100", "110"), ("Mining10", "", "11"), ("E", "5", "6")), "run together"),
    ],
)
def test_columns_that_stand_too_close_are_refused(
    rows: tuple[tuple[str, str, str], ...], reason: str
) -> None:
    with pytest.raises(ReadingError, match=reason):
        read_any(narrow(*rows))


# --- pages as the publisher gave them ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def yearbook() -> AdapterResult:
    path = SHARED_DATA / "yearbook_pdf" / "ngtk-2011-excerpt.pdf"
    if not path.is_file():
        pytest.skip("the folder ../shared/data of published files is not on this machine")
    return read_any(path.read_bytes())


def test_every_row_of_the_extracted_text_is_there(yearbook: AdapterResult, shared_data: Path) -> None:
    text = (shared_data / "yearbook_pdf" / "ngtk-2011-excerpt.pypdf.txt").read_text(encoding="utf-8")
    rows: dict[str, list[str]] = {}
    for cell in yearbook.cells:
        if cell.value.missing_code != "blank":
            rows.setdefault(cell.cell_ref.rpartition("c")[0], []).append(cell.value.text)
    for number, printed in enumerate(re.split(r"=== page index \d+\n", text)[1:], start=1):
        expected: Counter[tuple[str, ...]] = Counter()
        for line in printed.splitlines():
            figures = re.search(r"((?:(?:^|\s+)-?\d[\d.,]*(?:\(\*\))?)+)\s*$", line)
            if figures:
                values = tuple(figures[1].split())
                year = re.fullmatch(r"(?:19|20)\d\d", values[0]) and (
                    "Prel" in line or not line[: figures.start()]
                )
                expected[values[1:] if year else values] += 1
        found = Counter(tuple(values) for ref, values in rows.items() if ref.startswith(f"p{number}:"))
        assert sum(found.values()) >= 34
        assert not found - expected, f"page {number}"


@pytest.mark.parametrize(
    ("ref", "read_by_eye"),
    [
        ("p1:r16c7", ("Cao Bằng", "Xã Communes", None, "179")),
        ("p2:r16c3", ("Cao Bằng", "Trong đó - Of which Đất lâm nghiệp Forestry land", "Nghìn ha", "534.3")),
        ("p4:r16c2", ("Cao Bằng", "Diện tích (Km2) Area (Km2)", "Km2", "6707.9")),
        ("p5:r12c1", ("Sơ bộ - Prel. 2011", "Tổng số Total", "Nghìn người", "87840.0")),
        ("p8:r17c5", ("Cao Bằng", "Sơ bộ Prel. 2011", "‰", "-5.5")),
        ("p17:r4c1", ("Cao Bằng", "2005", "Nghìn tấn", "21.6")),
        ("p20:r17c5", ("Cao Bằng", "Sơ bộ Prel. 2011", "Tấn", "277")),
    ],
)
def test_cells_read_by_eye(yearbook: AdapterResult, ref: str, read_by_eye: tuple[str | None, ...]) -> None:
    cell = by_ref(yearbook)[ref]
    row, column = cell.labels[:2]
    assert (row.label, column.label, cell.unit_text, cell.value.decimal_text) == read_by_eye
