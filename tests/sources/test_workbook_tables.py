"""Tables of a workbook found without a record."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl
import pytest

from sources.adapters.workbook_file import Percent, open_workbook
from sources.adapters.workbook_tables import read_any
from sources.cells import AdapterResult, Cell, ReadingError
from sources.text.labels import label_key
from tests.sources.workbooks import Rows, ods, xlsx

TWO_TABLES: Rows = [
    ["1. Sản phẩm chủ yếu"],
    ["    năm 2024"],
    [None, None, None, None, None, "Tổng"],
    [None, "Đơn vị", "Thực hiện", "Ước tính"],
    [None, "tính", "tháng 5", "tháng 6", None],
    [None, None, None, None, None, 33.447, 7.5],
    ["A", "B", 1, 2],
    ["Than", "Nghìn tấn", 5, "6,5", None, 12.5],
    ["  Trung ương", '"', 3, "-", None, 99],
    ["Trong đó:"],
    ["  Địa phương", "Tấn", 2, "1.5%"],
    [None],
    [None, None, "Cơ cấu - %"],
    ["Than", None, 100, 100],
    ["(*) Số liệu sơ bộ"],
    ["2. Lao động"],
    [None, None, "Tỷ đồng"],
    [None, None, 2023, 2024],
    ["Cao Bằng", None, 1, 2],
    [5, None, 3, 4],
]


def by_ref(result: AdapterResult) -> dict[str, Cell]:
    return {cell.cell_ref: cell for cell in result.cells}


@pytest.mark.parametrize("make", [xlsx, ods])
def test_titles_headers_units_and_sections(make: type) -> None:
    result = read_any(make({"SP": TWO_TABLES, "6NN": TWO_TABLES}, hidden=["6NN"]))
    cells = by_ref(result)
    found = {
        ref: (cell.table_title, *(label.label for label in cell.labels), cell.unit_text)
        for ref, cell in cells.items()
    }
    products = "1. Sản phẩm chủ yếu năm 2024"
    assert found["SP!C8"] == (products, "Than", "Thực hiện tháng 5", "Nghìn tấn")
    assert found["SP!D9"] == (products, "Trung ương", "Ước tính tháng 6", "Than", "Nghìn tấn")
    assert found["SP!D11"][-2:] == ("Trong đó:", "%")
    assert found["SP!C14"] == (f"{products}. Cơ cấu - %", "Than", "Thực hiện tháng 5", "%")
    assert found["SP!D19"] == ("2. Lao động", "Cao Bằng", "2024", "Tỷ đồng")
    assert cells["SP!D9"].value.missing_code == "dash"
    assert [(s.name, s.reason) for s in result.skipped if s.name.startswith("SP!F")] == [
        ("SP!F8:F9", "2 figures: beyond the header of the table")
    ]
    assert ("6NN", "the sheet is hidden") in [(s.name, s.reason) for s in result.skipped]


def test_labels_side_by_side() -> None:
    rows: Rows = [
        ["Thứ tự", "Tỉnh", "Gia nhập", None, "Đất đai"],
        [1, "Hà Nội", 9.2, "Cao Bằng", 7.8],
        [2, "Cao Bằng", 9.1, "Hà Nội", 7.1],
    ]
    found = by_ref(read_any(xlsx({"s": rows})))
    assert [(ref, cell.labels[0].label) for ref, cell in found.items()] == [
        ("s!C2", "Hà Nội"),
        ("s!E2", "Cao Bằng"),
        ("s!C3", "Cao Bằng"),
        ("s!E3", "Hà Nội"),
    ]


def test_a_sheet_of_another_encoding_is_named_and_the_others_are_read() -> None:
    vni: Rows = [["Daân soá tænh"], [None, "Naêm 2005"], ["Cao Baèng", 5]]
    good: Rows = [["Dân số"], [None, "Năm 2005"], ["Cao Bằng", 5]]
    result = read_any(xlsx({"cũ": vni, "mới": good}))
    assert list(by_ref(result)) == ["mới!B3"]
    assert "VNI" in next(skipped.reason for skipped in result.skipped if skipped.name == "cũ")
    with pytest.raises(ReadingError, match="VNI"):
        read_any(xlsx({"cũ": vni}))


def test_sheets_without_a_table() -> None:
    result = read_any(xlsx({"trống": [], "chữ": [["Ghi chú"]], "số": [[1, 2], [3, 4]]}))
    assert result.cells == []
    assert [skipped.name for skipped in result.skipped] == ["trống", "chữ", "số"]


def read_sheet(
    rows: Rows, merged: Sequence[str] = (), as_ods: bool = False
) -> dict[str, tuple[str | None, ...]]:
    """Return place in the sheet -> labels in order, then the figure or the code of its absence."""
    data = xlsx({"s": rows}, merged=merged) if not as_ods else ods({"s": rows})
    return {
        ref.removeprefix("s!"): (
            *(label.label for label in cell.labels),
            cell.value.decimal_text or cell.value.missing_code,
        )
        for ref, cell in by_ref(read_any(data)).items()
    }


def reasons(rows: Rows) -> list[tuple[str, str]]:
    return [(skipped.name, skipped.reason) for skipped in read_any(xlsx({"s": rows})).skipped]


@pytest.mark.parametrize("merged", [["A3:A4", "A5:A6"], []])
def test_each_column_of_labels_is_a_label(merged: list[str]) -> None:
    rows: Rows = [
        ["Lao động đang làm việc"],
        ["Huyện", "Giới tính", "2022", "2023"],
        ["Bảo Lâm", "Nam", 1, 2],
        [None if merged else "nt", "Nữ", 3, 4],
        ["Bảo Lạc", "Nam", 5, 6],
        [None, "Nữ", 7, 8],
    ]
    cells = by_ref(read_any(xlsx({"s": rows}, merged=merged)))
    assert [(label.dimension, label.label) for label in cells["s!D4"].labels] == [
        ("row", "Nữ"),
        ("column", "2023"),
        ("Huyện", "Bảo Lâm"),
    ]
    assert cells["s!C6"].labels[2].label == "Bảo Lạc"
    assert {cell.unit_text for cell in cells.values()} == {None}


def test_figures_like_years_under_a_header_are_figures() -> None:
    found = read_sheet(
        [["Số doanh nghiệp"], [None, "Năm 2022", "Năm 2023"], ["Tổng số", 1950, 2010], ["Nhà nước", 10, 12]]
    )
    assert found["C3"] == ("Tổng số", "Năm 2023", "2010")
    assert found["B4"] == ("Nhà nước", "Năm 2022", "10")
    found = read_sheet([["Doanh nghiệp"], ["Huyện", "Số DN"], ["Bảo Lâm", 1998], ["Hà Quảng", 300]])
    assert found == {"B3": ("Bảo Lâm", "Số DN", "1998"), "B4": ("Hà Quảng", "Số DN", "300")}


def test_ages_are_labels() -> None:
    found = read_sheet([["Dân số"], ["Tuổi", "Nam", "Nữ"], [0, 100, 101], [1, 110, 111], ["2-4", 120, 121]])
    assert found["C3"] == ("0", "Nữ", "101")
    assert found["B4"] == ("1", "Nam", "110")
    assert found["B5"] == ("2-4", "Nam", "120")


def test_a_row_that_numbers_the_columns_is_named() -> None:
    header: Rows = [["Dân số"], [None, "Nam", "Nữ"]]
    assert reasons([*header, ["A", 1, 2], ["Bảo Lâm", 5, 6]]) == [("s!3", "the row numbers the columns")]
    assert read_sheet([*header, ["A", 1, 2], ["B", 3, 4]])["B3"] == ("A", "Nam", "1")


def test_rows_of_marks_and_of_texts_are_kept() -> None:
    found = read_sheet(
        [
            ["Tỷ lệ hộ nghèo theo huyện"],
            ["Huyện", "Năm 2023", "Năm 2024"],
            ["Bảo Lâm", 10, "(1,5)"],
            ["Hòa An", "…", ".."],
            ["Thạch An", "Chưa có", "Chưa có"],
            ["Bảo Lạc", 12, "- 12,5"],
            ["Hạ Lang", "-", "-"],
        ]
    )
    assert {ref: found[ref][2] for ref in ("C3", "B4", "B5", "C5", "C6", "B7")} == {
        "C3": "unreadable",
        "B4": "dots",
        "B5": "unreadable",
        "C5": "unreadable",
        "C6": "unreadable",
        "B7": "dash",
    }
    assert found["B6"] == ("Bảo Lạc", "Năm 2023", "12")


def test_a_column_of_texts_under_a_year_is_kept_unread() -> None:
    found = read_sheet(
        [
            ["Thu"],
            [None, "2023", "2024"],
            ["Bảo Lâm", 1, "Chưa có"],
            ["Bảo Lạc", 2, "Chưa có"],
            ["Hà Quảng", 3, "Chưa có"],
        ]
    )
    assert found["C4"] == ("Bảo Lạc", "2024", "unreadable")


def test_a_row_of_words_at_the_level_of_the_rows_after_it_is_their_section() -> None:
    found = read_sheet(
        [
            ["Giáo dục"],
            [None, "2023", "2024"],
            ["Số trường"],
            ["Công lập", 11, 12],
            ["Tư thục", 1, 3],
            ["Số lớp"],
            ["Công lập", 110, 120],
            ["Tư thục", 10, 30],
        ]
    )
    assert [found[ref][2] for ref in ("B4", "B5", "B7", "B8")] == ["Số trường"] * 2 + ["Số lớp"] * 2
    two_tongues = read_sheet(
        [["Lúa"], [None, "2023", "2024"], ["Vốn khác"], ["Other", 5, 6], ["Vốn A"], ["Kind A", 7, 8]]
    )
    assert two_tongues["B6"][0] == "Vốn A Kind A"


@pytest.mark.parametrize("as_ods", [False, True])
def test_the_header_of_a_group_stands_over_its_columns_without_merging(as_ods: bool) -> None:
    found = read_sheet(
        [
            ["Lúa"],
            [None, "Năm 2024", None, "Năm 2025", None],
            [None, "Diện tích", "Sản lượng", "Diện tích", "Sản lượng"],
            ["Bảo Lâm", 100, 500, 200, 300],
        ],
        as_ods=as_ods,
    )
    assert [labels[1] for labels in found.values()] == [
        "Năm 2024 Diện tích",
        "Năm 2024 Sản lượng",
        "Năm 2025 Diện tích",
        "Năm 2025 Sản lượng",
    ]


def test_errors_keep_their_text_and_formulas_without_a_value_are_named() -> None:
    rows: Rows = [
        ["Dân số"],
        [None, "2023", "2024", "Tổng"],
        ["Bảo Lâm", 1, "#DIV/0!", "=B3+C3"],
        ["Bảo Lạc", 3, 5, "=B4+C4"],
    ]
    cell = by_ref(read_any(xlsx({"s": rows})))["s!C3"]
    assert (cell.value.text, cell.value.missing_code) == ("#DIV/0!", "formula_error")
    assert (
        "s!D3:D4",
        "2 formulas whose values were not saved; open the workbook and save it again",
    ) in reasons(rows)


def test_tables_side_by_side_with_titles_of_their_own() -> None:
    cells = by_ref(
        read_any(
            xlsx(
                {
                    "s": [
                        ["1. Chăn nuôi", None, None, None, "2. Lâm nghiệp"],
                        [None, "2024", "2025", None, None, "2024", "2025"],
                        ["Trâu", 10, 11, None, "Rừng", 5, 6],
                    ]
                }
            )
        )
    )
    assert [cells[ref].table_title for ref in ("s!C3", "s!G3")] == ["1. Chăn nuôi", "2. Lâm nghiệp"]


def test_a_number_beside_the_title_a_stray_figure_and_labels_that_are_shared() -> None:
    rows: Rows = [[12, "Dân số"], [None, "Nam", "Nam"], ["Bảo Lâm", 1, 2], [None], [None, None, 99]]
    assert {cell.table_title for cell in read_any(xlsx({"s": rows})).cells} == {"12 Dân số"}
    assert reasons(rows) == [
        ("s!B3", "2 cells share their labels"),
        ("s!C5", "figures under the table, in a row that is no row of it"),
    ]


# --- files as the publishers gave them ---------------------------------------------------------------------


def rows_of_cao_bang(shared_data: Path) -> Iterator[tuple[Path, str, int, list[float]]]:
    """Give (workbook, sheet, row, figures right of the name) of the list of rows, for the workbooks at hand."""
    with (shared_data / "vn" / "cao_bang_rows_in_nso_monthly_2000-2025.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = shared_data / "nso_monthly" / row["file"]
            if path.is_file():
                texts = [text.strip() for text in row["nonblank_values_first10"].split("|")]
                name = next(at for at, text in enumerate(texts) if text.startswith("Cao B"))
                yield path, row["sheet"], int(row["row"]), [float(text) for text in texts[name + 1 :]]


def test_every_row_of_cao_bang_at_hand_value_for_value(shared_data: Path) -> None:
    results: dict[Path, dict[tuple[str, str], list[Cell]]] = {}
    compared = 0
    for path, sheet, row, expected in rows_of_cao_bang(shared_data):
        if path not in results:
            by_row = results.setdefault(path, {})
            for cell in read_any(path.read_bytes()).cells:
                name, _, reference = cell.cell_ref.rpartition("!")
                by_row.setdefault((name, re.sub("[A-Z]", "", reference)), []).append(cell)
        cells = results[path][sheet, str(row)]
        assert {label_key(cell.labels[0].label) for cell in cells} == {"cao bằng"}, (path.name, sheet)
        assert [cell.value.number for cell in cells if cell.value.number is not None] == expected
        compared += 1
    assert compared == 13
    assert {path.name[:4] for path in results} >= {"2000", "2006", "2009", "2019", "2021", "2024", "2025"}


@pytest.mark.parametrize("folder", ["nso_monthly", "nso_labour", "vietnamdata"])
def test_every_workbook_reads_and_its_cells_have_one_place(shared_data: Path, folder: str) -> None:
    for path in sorted((shared_data / folder).iterdir()):
        result = read_any(path.read_bytes())
        assert len(result.cells) > 400, path.name
        assert len({cell.cell_ref for cell in result.cells}) == len(result.cells), path.name
        assert all(
            cell.table_title and cell.labels[0].label and cell.labels[1].label for cell in result.cells
        )


def test_cao_bang_in_the_other_workbooks(shared_data: Path) -> None:
    pci = by_ref(read_any((shared_data / "vietnamdata" / "PCI_2015.xlsx").read_bytes()))
    row = [cell for cell in pci.values() if cell.cell_ref.startswith("Summary_VN!")]
    assert len([cell for cell in row if label_key(cell.labels[0].label) == "cao bằng"]) == 12
    labour = read_any(
        (shared_data / "nso_labour" / "29_unemployment_rate_by_province_2018_2024.xlsx").read_bytes()
    )
    last = [cell for cell in labour.cells if label_key(cell.labels[0].label) == "cao bang"][-1]
    assert (last.labels[1].label, last.value.number) == ("Prel. 2024", 2.41)


@pytest.mark.parametrize("make", [xlsx, ods])
def test_a_cell_in_percent_format_is_the_number_shown(make: type) -> None:
    rows: Rows = [
        ["Kế hoạch"],
        [None, "Thực hiện", "Tỷ lệ", "Hệ số (lần)"],
        ["Sở A", 150, Percent(0.125), 0.125],
        ["Sở B", 200, Percent(0.07), Percent(1.1)],
    ]
    cells = by_ref(read_any(make({"S": rows})))
    found = {ref: (cell.value.decimal_text, cell.unit_text, cell.flags) for ref, cell in cells.items()}
    assert found["S!B3"] == ("150", None, ())
    assert found["S!C3"] == ("12.5", "%", ("percent_format",))
    assert found["S!D3"] == ("0.125", "lần", ())
    assert found["S!C4"] == ("7", "%", ("percent_format",))
    assert found["S!D4"] == ("110", "%", ("percent_format",))


@pytest.mark.parametrize(
    ("number_format", "is_percent"),
    [("0%", True), ("#,##0.0 %;[Red]-0.0%", True), ('0.0"%"', False), ("0.0\\%", False), ("General", False)],
)
def test_only_a_percent_sign_that_scales_makes_a_percentage(number_format: str, is_percent: bool) -> None:
    book = openpyxl.Workbook()
    book.active["B2"] = 0.5
    book.active["B2"].number_format = number_format
    buffer = io.BytesIO()
    book.save(buffer)
    (sheet,) = open_workbook(buffer.getvalue())
    assert isinstance(sheet.rows[1][1], Percent) is is_percent
