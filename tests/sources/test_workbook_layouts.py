"""Layouts of workbooks that offices send, each made in its test: what a person reads is what is read."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Alignment, Font

from sources.adapters.workbook_file import NoFigure, Percent
from sources.adapters.workbook_tables import read_any
from sources.cells import AdapterResult, ReadingError
from sources.view import view
from tests.sources.workbooks import Rows, compound, ods, xls, xlsx


def styled(rows: Rows, **styles: Any) -> bytes:
    """Return an .xlsx of one sheet with `indent`, `formats` (by cell), `bold`, hidden `rows_off`, `columns_off`."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "s"
    for row in rows:
        sheet.append(list(row))
    for ref, steps in styles.get("indent", {}).items():
        sheet[ref].alignment = Alignment(indent=steps)
    for ref, number_format in styles.get("formats", {}).items():
        sheet[ref].number_format = number_format
    for ref in styles.get("bold", ()):
        sheet[ref].font = Font(bold=True)
    for row in styles.get("rows_off", ()):
        sheet.row_dimensions[row].hidden = True
    for column in styles.get("columns_off", ()):
        sheet.column_dimensions[column].hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def found(result: AdapterResult) -> dict[str, tuple[str | None, ...]]:
    """Return place -> labels but that of the column, then the figure or the code of its absence."""
    return {
        cell.cell_ref.rpartition("!")[2]: (
            *(label.label for label in cell.labels if label.dimension != "column"),
            cell.value.decimal_text or cell.value.missing_code,
        )
        for cell in result.cells
    }


def read(rows: Rows) -> dict[str, tuple[str | None, ...]]:
    return found(read_any(xlsx({"s": rows})))


def test_english_labels_at_the_right_belong_to_their_rows() -> None:
    cells = read(
        [
            ["Số trường - Schools"],
            [None, 2022, "Sơ bộ 2023", "Schools"],
            ["Mầm non", 10, 11, "Kindergarten"],
            ["Tiểu học", 20, None, "Primary"],
            ["THCS", None, None, "Lower secondary"],
            ["THPT", 5, 6, "Upper secondary"],
        ]
    )
    assert cells["C4"] == ("Tiểu học", "Primary", "blank")
    assert cells["B5"] == ("THCS", "Lower secondary", "blank")
    assert len(cells) == 8


def test_labels_at_the_right_alone() -> None:
    result = read_any(
        xlsx(
            {
                "s": [
                    ["Population"],
                    [2020, "Prel. 2022", "District"],
                    [5, 6, "TOTAL"],
                    [7, 8, "Cao Bang city"],
                ]
            }
        )
    )
    assert found(result)["B4"] == ("Cao Bang city", "8")
    assert [cell.labels[1].label for cell in result.cells] == ["2020", "Prel. 2022"] * 2


BLANKS: list[tuple[str, Rows, dict[str, tuple[str | None, ...]]]] = [
    (
        "a place without figures is a row of blanks",
        [
            ["Thu"],
            ["Huyện", "Năm 2023"],
            ["Bảo Lâm", None],
            ["Bảo Lạc", 1],
            ["Hà Quảng", None],
            ["Hạ Lang", 2],
        ],
        {
            "B3": ("Bảo Lâm", "blank"),
            "B4": ("Bảo Lạc", "1"),
            "B5": ("Hà Quảng", "blank"),
            "B6": ("Hạ Lang", "2"),
        },
    ),
    (
        "roman numbers among digits and no unit are sections; a unit makes a row, also the last one",
        [
            ["Một số kết quả"],
            ["STT", "Nội dung", "ĐVT", "TH 2023"],
            ["I", "KINH TẾ", None, None],
            [1, "GRDP", "Tỷ đồng", 23],
            [2, "Thu ngân sách", "Tỷ đồng", None],
            ["II", "XÃ HỘI", None, None],
            [1, "Dân số", "Người", 5],
            [2, "Bác sĩ", "Người", None],
        ],
        {
            "D4": ("GRDP", "KINH TẾ", "23"),
            "D5": ("Thu ngân sách", "KINH TẾ", "blank"),
            "D7": ("Dân số", "XÃ HỘI", "5"),
            "D8": ("Bác sĩ", "XÃ HỘI", "blank"),
        },
    ),
    (
        "words that divide, and rows under them that come again, are sections",
        [
            ["Vốn"],
            [None, "Năm 2023"],
            ["Tổng số", 9],
            ["Chia ra", None],
            ["Trung ương", 4],
            ["Thành thị", None],
            ["Nam", 1],
            ["Nông thôn", None],
            ["Nam", 2],
        ],
        {
            "B3": ("Tổng số", "9"),
            "B5": ("Trung ương", "Chia ra", "4"),
            "B7": ("Nam", "Thành thị", "1"),
            "B9": ("Nam", "Nông thôn", "2"),
        },
    ),
]


@pytest.mark.parametrize(
    ("rows", "expected"), [case[1:] for case in BLANKS], ids=[case[0] for case in BLANKS]
)
def test_a_row_without_figures_is_blank_unless_something_says_it_heads(
    rows: Rows, expected: dict[str, tuple[str | None, ...]]
) -> None:
    assert read(rows) == expected


def test_a_bold_row_heads_the_others() -> None:
    rows: Rows = [
        ["Thu"],
        [None, "2023"],
        ["Khối tỉnh", None],
        ["Sở A", 1],
        ["Khối huyện", None],
        ["Hạ Lang", 2],
    ]
    cells = found(read_any(styled(rows, bold=["A3", "A5"])))
    assert cells == {"B4": ("Sở A", "Khối tỉnh", "1"), "B6": ("Hạ Lang", "Khối huyện", "2")}


def test_indents_of_alignment_are_levels_and_a_heading_around_them_stays() -> None:
    rows: Rows = [
        ["GRDP"],
        [None, "2022"],
        ["THEO GIÁ HIỆN HÀNH"],
        ["Tổng số", 9],
        ["Nông nghiệp", 5],
        ["THEO GIÁ SO SÁNH"],
        ["Tổng số", 8],
        ["Nông nghiệp", 4],
    ]
    cells = found(read_any(styled(rows, indent={"A5": 1, "A8": 1})))
    assert cells["B5"] == ("Nông nghiệp", "Tổng số", "THEO GIÁ HIỆN HÀNH", "5")
    assert cells["B8"] == ("Nông nghiệp", "Tổng số", "THEO GIÁ SO SÁNH", "4")


def test_rows_of_blanks_at_the_end_go_on_with_the_numbers_above() -> None:
    cells = read(
        [["Chỉ số giá"], ["Tháng", "2023"], ["Tháng 1", 100], ["Tháng 2", 101], ["Tháng 3"], ["Người lập"]]
    )
    assert list(cells) == ["B3", "B4", "B5"]
    assert cells["B5"] == ("Tháng 3", "blank")


def test_headings_merged_over_the_figures_are_sections_and_no_header() -> None:
    rows: Rows = [
        ["THU NGÂN SÁCH"],
        ["Huyện", "2023", "2024"],
        ["A. Số thu (Triệu đồng)"],
        ["Tỉnh:"],
        ["Thuế", 1, 2],
        ["B. Cơ cấu (%)"],
        ["Tỉnh:"],
        ["Thuế", 5, 6],
    ]
    result = read_any(xlsx({"s": rows}, merged=["A1:C1", "A3:C3", "A6:C6"]))
    assert found(result)["B5"] == ("Thuế", "Tỉnh:", "A. Số thu (Triệu đồng)", "1")
    assert found(result)["B8"] == ("Thuế", "Tỉnh:", "B. Cơ cấu (%)", "5")
    assert [cell.unit_text for cell in result.cells] == ["Triệu đồng", "Triệu đồng", "%", "%"]
    assert {cell.labels[1].label for cell in result.cells} == {"2023", "2024"}


def test_codes_tell_places_of_one_name_apart_and_quarters_keep_their_word() -> None:
    rows: Rows = [
        ["Triệu đồng"],
        ["Thu theo quý"],
        ["Mã", "Xã", "Quý", None],
        [None, None, "I", "II"],
        ["01273", "Hưng Đạo", 1, 2],
        ["01290", "Hưng Đạo", 3, 4],
    ]
    result = read_any(xlsx({"s": rows}))
    assert found(result)["D6"] == ("Hưng Đạo", "01290", "4")
    assert [cell.labels[1].label for cell in result.cells[:2]] == ["Quý I", "Quý II"]
    assert {(cell.table_title, cell.unit_text) for cell in result.cells} == {("Thu theo quý", "Triệu đồng")}


def test_english_below_a_row_of_figures_belongs_to_its_label() -> None:
    cells = read(
        [["Vốn"], [None, "2023"], ["TỔNG SỐ", 9], ["TOTAL"], ["Vốn Nhà nước", 5], ["State"], ["Khác", 4]]
    )
    assert cells == {"B3": ("TỔNG SỐ TOTAL", "9"), "B5": ("Vốn Nhà nước State", "5"), "B7": ("Khác", "4")}


def test_a_letterhead_is_no_header() -> None:
    result = read_any(
        xlsx(
            {
                "s": [
                    ["UBND TỈNH CAO BẰNG", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
                    ["SỞ TÀI CHÍNH", None, None, "Độc lập - Tự do - Hạnh phúc"],
                    [None],
                    ["BIỂU TỔNG HỢP GIẢI NGÂN"],
                    [None, None, None, "Đơn vị: Triệu đồng"],
                    ["STT", "Chủ đầu tư", "Kế hoạch", "Giải ngân"],
                    [1, "Sở Y tế", 100, 50],
                    [2, "Sở Xây dựng", 200, 150],
                ]
            }
        )
    )
    first = result.cells[1]
    assert (first.table_title, first.labels[1].label, first.unit_text) == (
        "BIỂU TỔNG HỢP GIẢI NGÂN",
        "Giải ngân",
        "Đơn vị: Triệu đồng",
    )
    assert {cell.unit_text for cell in result.cells} == {"Đơn vị: Triệu đồng"}


def test_the_header_of_a_second_table_is_no_row_of_the_first() -> None:
    rows: Rows = [
        ["1. Trâu"],
        ["Huyện", "2023", "2024"],
        ["Hạ Lang", 1, 2],
        ["2. Bò"],
        ["Huyện", "2023", "2024"],
        ["Hạ Lang", 5, 6],
    ]
    cells = {
        cell.cell_ref: (cell.table_title, cell.value.decimal_text)
        for cell in read_any(xlsx({"s": rows})).cells
    }
    assert cells == {
        "s!B3": ("1. Trâu", "1"),
        "s!C3": ("1. Trâu", "2"),
        "s!B6": ("2. Bò", "5"),
        "s!C6": ("2. Bò", "6"),
    }


def test_a_continued_table_keeps_its_title() -> None:
    part: Rows = [[None, "2023"], ["Bảo Lâm", 1]]
    rows: Rows = [
        ["3. Lúa phân theo huyện"],
        *part,
        ["3. (Tiếp theo) Lúa phân theo huyện"],
        ["(Cont.) Paddy by district"],
        [None, "2023"],
        ["Hạ Lang", 2],
    ]
    assert {cell.table_title for cell in read_any(xlsx({"s": rows})).cells} == {"3. Lúa phân theo huyện"}


def test_footnotes_after_figures_letters_for_rows_and_texts_for_figures() -> None:
    result = read_any(
        xlsx(
            {
                "s": [
                    ["Lao động (*)"],
                    [None, "2023 (1)", "2024", "2025"],
                    ["A", 100, "110 (*)", None],
                    ["B", "50*", "55(1)", None],
                    ["C", True, "1 742,4 a)", None],
                ]
            }
        )
    )
    cells = found(result)
    assert [cells[ref][-1] for ref in ("B3", "C3", "B4", "C4", "B5", "C5", "D5")] == [
        "100",
        "110",
        "50",
        "55",
        "unreadable",
        "1742.4",
        "blank",
    ]
    assert cells["C5"][0] == "C"
    flags = {cell.cell_ref: cell.value.flags for cell in result.cells}
    assert (flags["s!B3"], flags["s!C4"]) == ((), ("footnote",))


def test_months_that_are_dates_read_as_shown() -> None:
    rows: Rows = [["Chỉ số"], ["Nhóm", datetime(2024, 1, 1), datetime(2024, 2, 29)], ["CPI", 101, 102]]
    result = read_any(styled(rows, formats={"B2": "mm/yyyy", "C2": "dd/mm/yyyy"}))
    assert [cell.labels[1].label for cell in result.cells] == ["01/2024", "2024-02-29"]


def test_hidden_rows_and_columns_are_read_and_flagged() -> None:
    rows: Rows = [["Thu"], [None, "2022", "2023"], ["Bảo Lâm", 1, 2], ["Bảo Lạc", 3, 4]]
    result = read_any(styled(rows, rows_off=[4], columns_off=["B"]))
    assert {cell.cell_ref: cell.flags for cell in result.cells} == {
        "s!B3": ("hidden",),
        "s!C3": (),
        "s!B4": ("hidden",),
        "s!C4": ("hidden",),
    }


def test_errors_and_formulas_without_a_value_in_an_ods() -> None:
    more = (
        "<table:table-row><table:table-cell office:value-type='string'><text:p>Hạ Lang</text:p></table:table-cell>"
        "<table:table-cell table:formula='of:=1/0' office:value-type='string' office:string-value=''>"
        "<text:p>#DIV/0!</text:p></table:table-cell>"
        "<table:table-cell table:formula='of:=[.B3]'/></table:table-row>"
    )
    result = read_any(ods({"s": [["Thu"], [None, "2023", "2024"], ["Bảo Lâm", 1, 2]]}, more=more))
    codes = {cell.cell_ref: (cell.value.text, cell.value.missing_code) for cell in result.cells}
    assert codes["s!B4"] == ("#DIV/0!", "formula_error")
    assert codes["s!C4"] == ("of:=[.B3]", "formula_without_value")
    assert ("s!C4:C4", "1 formulas whose values were not saved; open the workbook and save it again") in [
        (skipped.name, skipped.reason) for skipped in result.skipped
    ]


def test_an_xls_says_as_much_of_its_cells_as_an_xlsx() -> None:
    rows: Rows = [
        ["Thu"],
        [None, "Kế hoạch", "Tỷ lệ"],
        ["Tổng số", 200, Percent(0.125)],
        ["  Thuế", NoFigure("#DIV/0!", "formula_error"), NoFigure("=", "formula_without_value")],
        ["Phí", 5, 6],
    ]
    result = read_any(xls(rows, hidden_rows=[4]))
    assert found(result) == {
        "B3": ("Tổng số", "200"),
        "C3": ("Tổng số", "12.5"),
        "B4": ("Thuế", "Tổng số", "formula_error"),
        "C4": ("Thuế", "Tổng số", "formula_without_value"),
        "B5": ("Phí", "5"),
        "C5": ("Phí", "6"),
    }
    assert {cell.cell_ref: cell.unit_text for cell in result.cells}["s!C3"] == "%"
    assert [cell.cell_ref for cell in result.cells if "hidden" in cell.flags] == ["s!B5", "s!C5"]


# --- what is not opened ----------------------------------------------------------------------------------


def rezipped(parts: dict[str, bytes], data: bytes) -> bytes:
    """Return a workbook with parts put in their places or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name) if name in parts else old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return buffer.getvalue()


DECLARED = (
    b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY f SYSTEM "file://localhost/etc/hostname">]><sst>&a;&f;</sst>'
)
REFUSED: Sequence[tuple[str, dict[str, bytes], str]] = [
    ("entities", {"xl/sharedStrings.xml": DECLARED}, "declares a document type"),
    ("a name above the archive", {"../x.xml": b"x"}, "leads out"),
    ("an absolute name", {"/etc/x": b"x"}, "leads out"),
    ("a drive", {"C:\\x": b"x"}, "leads out"),
    ("backslashes", {"a\\..\\..\\x": b"x"}, "leads out"),
    ("a sheet that is not UTF-8", {"xl/worksheets/sheet1.xml": "<worksheet/>".encode("utf-16")}, "not UTF-8"),
    ("a binary workbook", {"xl/workbook.bin": b"x"}, "xlsb"),
]


@pytest.mark.parametrize(
    ("parts", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_tricks_in_a_workbook_are_refused(parts: dict[str, bytes], message: str) -> None:
    good = xlsx({"s": [["Thu"], [None, "2023"], ["Bảo Lâm", 1]]})
    with pytest.raises(ReadingError, match=message):
        read_any(rezipped(dict(parts), good))


def test_an_archive_with_a_name_that_leads_out_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../a.csv", "area;value\nA;1\n")
    with pytest.raises(ReadingError, match="leads out"):
        view(buffer.getvalue(), "a.zip")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.xls", b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (
            "a.xls",
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "XML",
        ),
        ("a.xlsx", compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), "password"),
        ("a.xls", compound({"WordDocument": b"x"}), "text document"),
        ("a.xls", xls([["Thu"], [None, "2023"], ["Hạ Lang", 1]])[:3000], "truncated or damaged"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "truncated or damaged"),
    ],
)
def test_what_is_called_a_workbook_and_is_none(name: str, data: bytes, message: str) -> None:
    with pytest.raises(ReadingError, match=message):
        view(data, name)


def test_names_do_not_decide_what_a_file_is() -> None:
    good = xlsx({"s": [["Thu"], [None, "2023"], ["Bảo Lâm", 1]]})
    assert (view(good, "a.xls").format, view("Huyện;2023\nHạ Lang;1\n".encode(), "a.xls").format) == (
        "xlsx",
        "csv",
    )
