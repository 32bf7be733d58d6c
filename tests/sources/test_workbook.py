"""Workbooks: tables found by title, read only under the header; damaged and oversized files are refused."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sources.adapters.workbook import read
from sources.adapters.workbook_file import column_letters
from sources.cells import AdapterResult, ReadingError
from sources.reading import read as read_section
from sources.record import WorkbookReading, WorkbookTable
from tests.sources.workbooks import Rows, ods
from tests.sources.workbooks import xlsx as workbook


def section(**table: Any) -> WorkbookReading:
    return WorkbookReading(adapter="workbook", tables=[WorkbookTable(**table)])


def figures(result: AdapterResult) -> dict[str, tuple[str, str, str | None]]:
    """Return ref -> (row label, column label, figure or missing code)."""
    return {
        cell.cell_ref: (
            cell.labels[0].label,
            cell.labels[1].label,
            cell.value.decimal_text or cell.value.missing_code,
        )
        for cell in result.cells
    }


STACKED: Rows = [
    ["2. Tổng sản phẩm theo giá hiện hành"],
    ["    phân theo khu vực"],
    [None, None, None, None, "Tỷ đồng"],
    [None, None, "Sơ bộ", "Ước tính", "Cơ cấu (%)"],
    [None, None, "quý I", "quý II", "quý II"],
    [None, None, "năm", "năm", "năm"],
    [None, None, 2024, 2024, 2024],
    [None],
    ["TỔNG SỐ", None, 1872.438, 200.5, 100, None, 7],
    [None, "Nông nghiệp", "1892,6", "-", "0.17", None, 8],
    ["Bắc Trung Bộ"],
    ["và duyên hải miền Trung", None, 1, "...", None],
    [None, None, 5, 6, 7],
    ["Trong đó:"],
    [None, "Lúa (Nghìn tấn)", 3, 4, 5],
]


def test_headers_stacked_without_merging_units_and_marks() -> None:
    result = read(workbook({"2.GRDP": STACKED}), section(title="tổng sản phẩm .* phân theo khu vực"))
    found = figures(result)
    assert found["2.GRDP!C9"] == ("TỔNG SỐ", "Sơ bộ quý I năm 2024", "1872.438")
    assert found["2.GRDP!C10"] == ("Nông nghiệp", "Sơ bộ quý I năm 2024", "1892.6")
    assert found["2.GRDP!D10"][2] == "dash"
    assert found["2.GRDP!E10"] == ("Nông nghiệp", "Cơ cấu (%) quý II năm 2024", "0.17")
    assert found["2.GRDP!D12"][2] == "dots"
    assert found["2.GRDP!E12"][2] == "blank"
    assert found["2.GRDP!C12"][0] == "Bắc Trung Bộ và duyên hải miền Trung"
    units = {cell.cell_ref: cell.unit_text for cell in result.cells}
    assert (units["2.GRDP!C9"], units["2.GRDP!E9"], units["2.GRDP!C15"]) == ("Tỷ đồng", "%", "Nghìn tấn")
    sections = {c.cell_ref: c.labels[2].label for c in result.cells if len(c.labels) > 2}
    assert sections["2.GRDP!C10"] == "TỔNG SỐ"
    assert sections["2.GRDP!C15"] == "Trong đó:"


@pytest.mark.parametrize("numbered", [True, False])
def test_a_column_of_units_and_one_that_numbers_the_rows_hold_no_labels(numbered: bool) -> None:
    rows: list[list[object]] = [
        ["STT", "Chỉ tiêu", "Đơn vị tính", "Năm 2023", "Sơ bộ 2024"],
        [1, "Đàn trâu", "Con", 100, 98],
        [2, "Đàn bò", '"', 5, "..."],
        ["I", "Sản lượng", None, None, None],
        [1, "Thịt trâu", "Tấn", 30, 31],
    ]
    sheet: Rows = [["Biểu 2. Kết quả"], *(row if numbered else row[1:] for row in rows)]
    result = read(workbook({"s": sheet}), section(title="kết quả"))
    assert [
        (cell.labels[0].label, [label.label for label in cell.labels[2:]], cell.unit_text, cell.value.number)
        for cell in result.cells
    ] == [
        ("Đàn trâu", [], "Con", 100),
        ("Đàn trâu", [], "Con", 98),
        ("Đàn bò", [], "Con", 5),
        ("Đàn bò", [], "Con", None),
        ("Thịt trâu", ["Sản lượng"], "Tấn", 30),
        ("Thịt trâu", ["Sản lượng"], "Tấn", 31),
    ]
    assert [skipped.name for skipped in result.skipped] == (["s!A3:A6"] if numbered else [])


def test_what_stands_outside_the_table_is_named() -> None:
    result = read(workbook({"2.GRDP": STACKED}), section(title="tổng sản phẩm"))
    assert ("2.GRDP!G9:G10", "2 figures: no header above") in [(s.name, s.reason) for s in result.skipped]
    assert ("2.GRDP!C13", "figures in a row without a label") in [(s.name, s.reason) for s in result.skipped]
    assert not any(ref.startswith("2.GRDP!G") for ref in figures(result))


def test_the_period_is_taken_out_of_the_header_or_the_title() -> None:
    pattern = r"((?:sơ bộ |ước tính )?quý [iv]+ năm \d{4})"
    result = read(workbook({"2.GRDP": STACKED}), section(title="tổng sản phẩm", period=pattern, name="GRDP"))
    cell = next(cell for cell in result.cells if cell.cell_ref == "2.GRDP!E9")
    assert cell.table_title == "GRDP"
    assert {label.dimension: label.label for label in cell.labels} == {
        "row": "TỔNG SỐ",
        "column": "Cơ cấu (%)",
        "period": "quý II năm 2024",
    }
    assert cell.period_text == "quý II năm 2024"


def test_a_merged_header_stands_over_all_its_columns() -> None:
    rows: Rows = [
        ["Bảng 1. Lúa đông xuân"],
        [None, "Năm 2023", None, "Năm 2024", None],
        [None, "Diện tích", "Sản lượng", "Diện tích", "Sản lượng"],
        ["Cao Bằng", 3.57, 17.25, 3.67, 18.03],
    ]
    found = figures(read(workbook({"5": rows}, merged=["B2:C2", "D2:E2"]), section(title="lúa đông xuân")))
    assert [column for _, column, _ in found.values()] == [
        "Năm 2023 Diện tích",
        "Năm 2023 Sản lượng",
        "Năm 2024 Diện tích",
        "Năm 2024 Sản lượng",
    ]


def test_a_continued_table_is_one_table_and_another_header_ends_it() -> None:
    rows: Rows = [
        ["5. Chỉ số sử dụng lao động"],
        [None, "Tháng trước", "Năm trước"],
        ["Hà Nội", 100.1, 99.2],
        ["5. (Tiếp theo) Chỉ số"],
        [None, "Tháng trước", "Năm trước"],
        ["Cao Bằng", 99.81, 99.51],
        [None],
        ["Ghi chú", "Tháng", "Năm"],
        ["Bản nháp", 1, 2],
    ]
    result = read(workbook({"5": rows}), section(title="^5. chỉ số sử dụng lao động"))
    assert list(figures(result)) == ["5!B3", "5!C3", "5!B6", "5!C6"]
    assert {cell.table_title for cell in result.cells} == {"5. Chỉ số sử dụng lao động"}
    assert ("5!9:9", "figures under a second header that has no title of this table") in [
        (skipped.name, skipped.reason) for skipped in result.skipped
    ]


def test_only_the_headers_asked_for() -> None:
    rows: Rows = [
        ["Bảng"],
        ["TT", "Tỉnh", "Năm 2023", "Năm 2024"],
        [1, "Cao Bằng", 5, 6],
        [2, "Bắc Kạn", 7, 8],
    ]
    result = read(
        workbook({"s": rows}), section(title="^bảng", header=r"năm \d+", row_labels="left", header_rows=1)
    )
    assert figures(result)["s!D3"] == ("Cao Bằng", "Năm 2024", "6")
    assert [(s.name, s.reason) for s in result.skipped] == [
        ("s!A3:A4", "2 figures: the record does not ask for this header")
    ]


def test_each_figure_belongs_to_the_nearest_words() -> None:
    rows: Rows = [
        ["Thứ tự", "Tỉnh", "Gia nhập", None, "Đất đai", "Hạng"],
        [1, "Hà Nội", 9.2, "Cao Bằng", 7.8, 1],
        [2, "Cao Bằng", 9.1, "Hà Nội", 7.1, 2],
    ]
    result = read(workbook({"Summary_VN": rows}), section(sheet="^summary_vn$", row_labels="nearest"))
    found = figures(result)
    assert found["Summary_VN!C3"] == ("Cao Bằng", "Gia nhập", "9.1")
    assert found["Summary_VN!E2"] == ("Cao Bằng", "Đất đai", "7.8")
    assert found["Summary_VN!F2"] == ("Cao Bằng", "Hạng", "1")
    assert [skipped.name for skipped in result.skipped] == ["Summary_VN!A2:A3"]


def test_hidden_sheets_and_sheets_without_the_table_are_named() -> None:
    rows: Rows = [["Bảng dân số"], [None, "2024"], ["Cao Bằng", 5]]
    data = workbook({"1": rows, "6NN": rows, "2": [["Khác"]]}, hidden=["6NN"])
    result = read(data, section(title="dân số"))
    assert list(figures(result)) == ["1!B3"]
    assert [(s.name, s.reason) for s in result.skipped] == [
        ("6NN", "the sheet is hidden"),
        ("2", "no table of the record here"),
    ]


def test_a_table_that_is_not_there_is_an_error_with_a_mend() -> None:
    with pytest.raises(ReadingError) as raised:
        read(workbook({"1": [["Bảng dân số"], [None, "2024"], ["Cao Bằng", 5]]}), section(title="grdp"))
    assert "visible sheets 1" in raised.value.place
    assert "'grdp'" in raised.value.message
    assert "'title'" in raised.value.mend


@pytest.mark.parametrize("kept", [0.02, 0.5, 0.99])
def test_a_truncated_workbook_is_refused(kept: float) -> None:
    data = workbook({"2.GRDP": STACKED})
    with pytest.raises(ReadingError, match="truncated or damaged") as raised:
        read(data[: int(len(data) * kept)], section(title="tổng sản phẩm"))
    assert raised.value.mend == "fetch or copy the file again"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<html><body>404</body></html>", "web page"),
        (b"a,b\n1,2\n", "neither .xlsx nor .xls nor .ods"),
        (b"", "neither"),
    ],
)
def test_what_is_no_workbook_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ReadingError, match=message):
        read(data, section(title="x"))


def with_entry(data: bytes, name: str, content: bytes) -> bytes:
    """Return the workbook with one entry replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return buffer.getvalue()


def test_a_workbook_that_unpacks_too_large_is_not_unpacked() -> None:
    bomb = with_entry(workbook({"1": [["x"]]}), "xl/media/image1.png", b"\0" * 210_000_000)
    assert len(bomb) < 1_000_000
    with pytest.raises(ReadingError, match="unpacks to"):
        read(bomb, section(title="x"))


def test_an_ods_reads_as_the_xlsx_does_and_its_hidden_sheets_are_named() -> None:
    sheets = {"2.GRDP": STACKED, "6NN": STACKED}
    title = section(title="tổng sản phẩm")
    from_ods, from_xlsx = (make(sheets, hidden=["6NN"]) for make in (ods, workbook))
    assert read(from_ods, title) == read(from_xlsx, title)
    assert ("6NN", "the sheet is hidden") in [(s.name, s.reason) for s in read(from_ods, title).skipped]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            '<table:table-row table:number-rows-repeated="100000"><table:table-cell '
            'table:number-columns-repeated="1000" office:value-type="float" office:value="1"/></table:table-row>',
            "span a grid of 100",
        ),
        (
            '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
            '<table:table-row><table:table-cell table:number-columns-repeated="99"/><table:table-cell '
            'office:value-type="float" office:value="1"/></table:table-row>',
            "span a grid of 100",
        ),
        ("<open>", "truncated or damaged"),
    ],
)
def test_an_ods_that_unfolds_too_large_is_not_unfolded(more: str, message: str) -> None:
    with pytest.raises(ReadingError, match=message):
        read(ods({"1": [["x"]]}, more=more), section(title="x"))


def test_empty_rows_repeated_to_the_end_of_an_ods_are_nothing() -> None:
    rows: Rows = [["Bảng dân số"], [None, "2024"], ["Cao Bằng", 5]]
    more = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert list(figures(read(ods({"1": rows}, more=more), section(title="dân số")))) == ["1!B3"]


def test_text_of_old_fonts_is_read_and_of_vni_refused() -> None:
    rows: Rows = [["1. D©n sè tØnh"], [None, "N¨m 2005"], ["Cao B»ng", "9,72%"]]
    result = read(workbook({"1": rows}), section(title="dân số tỉnh"))
    assert figures(result) == {"1!B3": ("Cao Bằng", "Năm 2005", "9.72")}
    assert result.cells[0].unit_text == "%"
    vni: Rows = [["Daân soá tænh"], [None, "Naêm 2005"], ["Cao Baèng", 5]]
    with pytest.raises(ReadingError, match="VNI") as raised:
        read(workbook({"1": vni}), section(title="dân số"))
    assert raised.value.place == "1"


def test_a_stray_cell_far_away_is_not_spread_out_in_memory() -> None:
    far = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        b"</sheetData></worksheet>"
    )
    data = with_entry(workbook({"1": [["x"]]}), "xl/worksheets/sheet1.xml", far)
    with pytest.raises(ReadingError, match="span a grid of") as raised:
        read(data, section(title="x"))
    assert raised.value.place == "xl/worksheets/sheet1.xml"


def test_column_letters() -> None:
    assert [column_letters(n) for n in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_a_declared_table_keeps_every_label_and_every_row() -> None:
    rows: Rows = [
        ["Bảng 1. Rừng"],
        ["Huyện", "Loại rừng", "Năm 2023", "Năm 2024"],
        ["Bảo Lâm", "Tự nhiên", 1998, 2005],
        [None, "Trồng", "-", ".."],
        ["Bảo Lạc", "Tự nhiên", "Chưa có", "Chưa có"],
        [None, "Trồng", 7, 8],
    ]
    result = read(workbook({"1": rows}), section(title="rừng", rows="forest"))
    assert [(label.dimension, label.label) for label in result.cells[-1].labels] == [
        ("forest", "Trồng"),
        ("column", "Năm 2024"),
        ("Huyện", "Bảo Lạc"),
    ]
    assert [value for _, _, value in figures(result).values()] == [
        "1998",
        "2005",
        "dash",
        "dots",
        "unreadable",
        "unreadable",
        "7",
        "8",
    ]


# --- files as the publishers gave them ---------------------------------------------------------------------


def of_cao_bang(path: Path, table: WorkbookTable) -> pl.DataFrame:
    reading = read_section(WorkbookReading(adapter="workbook", tables=[table]), path.read_bytes(), "a" * 64)
    keys = pl.element().struct.field("key").is_in(["cao bằng", "cao bang"])
    return reading.cells.filter(pl.col("labels").list.eval(keys).list.any())


def known_rows(shared_data: Path) -> dict[str, list[tuple[str, list[float]]]]:
    """Return file -> (sheet, figures of the row) of the list of rows that name Cao Bằng."""
    found: dict[str, list[tuple[str, list[float]]]] = {}
    with (shared_data / "vn" / "cao_bang_rows_in_nso_monthly_2000-2025.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not row["nonblank_values_first10"].startswith("Cao Bằng"):
                continue  # a row number before the name, or an old encoding
            texts = [text.strip() for text in row["nonblank_values_first10"].split("|")][1:]
            found.setdefault(row["file"], []).append((row["sheet"], [float(text) for text in texts]))
    return found


LABOUR = WorkbookTable(
    title="chỉ số sử dụng lao động .* phân theo địa phương",
    name="Chỉ số sử dụng lao động",
    rows="area",
    period=r"thời điểm (\d{1,2}/\d{1,2}/\d{4})",
)
RICE = WorkbookTable(title=r"lúa đông xuân năm \d+ phân theo địa phương", rows="area", period=r"năm \d{4}")


def test_the_rows_of_cao_bang_in_the_monthly_workbooks(shared_data: Path) -> None:
    compared = 0
    for file, rows in known_rows(shared_data).items():
        path = shared_data / "nso_monthly" / file
        if not file.startswith(("2021", "2023", "2024", "2025", "2019-10")) or not path.is_file():
            continue
        for sheet, expected in rows:
            cells = of_cao_bang(path, LABOUR if "CN_DP" in sheet else RICE)
            assert cells["number"].to_list() == expected, (file, sheet)
            assert all(ref.startswith(f"{sheet}!") for ref in cells["cell_ref"])
            compared += 1
    assert compared == 8


def test_the_employment_index_says_its_date_and_unit(shared_data: Path) -> None:
    path = shared_data / "nso_monthly" / "2024-06-29-02.Bieu-T6.2024.xlsx"
    first, second = of_cao_bang(path, LABOUR).rows(named=True)
    assert [label["label"] for label in first["labels"]] == [
        "Cao Bằng",
        "Chỉ số sử dụng lao động so với cùng thời điểm tháng trước",
        "01/6/2024",
        "CẢ NƯỚC",
    ]
    assert (first["unit_text"], first["cell_ref"], second["cell_ref"]) == (
        "%",
        "15. LĐCN_DP!B21",
        "15. LĐCN_DP!C21",
    )


def test_the_rice_harvest_has_a_unit_and_year_per_column(shared_data: Path) -> None:
    path = shared_data / "nso_monthly" / "2024-06-29-02.Bieu-T6.2024.xlsx"
    cells = of_cao_bang(path, RICE)
    assert cells["unit_text"].to_list() == ["Nghìn ha", "Tạ/ha", "Nghìn tấn"] * 2 + ["%"] * 3
    assert cells["period_text"].to_list()[:6] == ["năm 2023"] * 3 + ["năm 2024"] * 3


def test_an_old_xls_workbook_reads_the_same_way(shared_data: Path) -> None:
    path = shared_data / "nso_monthly" / "2009-06-29-Bieu0609-1.xls"
    table = WorkbookTable(title="kết quả sản xuất lúa đông xuân năm 2009", rows="area")
    cells = of_cao_bang(path, table)
    assert cells["number"].to_list() == [3.7, 50.8, 18.8, 0.0, 0.0, 0.0]
    assert cells["cell_ref"][0] == "dxdp!B24"


@pytest.mark.parametrize(
    ("file", "n_years", "last"),
    [
        ("21_trained_labour_force_by_province_2008_2024.xlsx", 17, ("Prel. 2024", 26.1)),
        ("29_unemployment_rate_by_province_2018_2024.xlsx", 7, ("Prel. 2024", 2.41)),
    ],
)
def test_labour_by_province(shared_data: Path, file: str, n_years: int, last: tuple[str, float]) -> None:
    table = WorkbookTable(title="by province", rows="area", columns="Year", unit="%")
    cells = of_cao_bang(shared_data / "nso_labour" / file, table)
    assert cells.height == n_years
    row = cells.rows(named=True)[-1]
    assert (row["labels"][1]["label"], row["number"]) == last
    assert row["labels"][1]["dimension"] == "Year"


def test_the_competitiveness_index(shared_data: Path) -> None:
    table = WorkbookTable(sheet="^summary_vn$", rows="area", row_labels="nearest")
    cells = of_cao_bang(shared_data / "vietnamdata" / "PCI_2015.xlsx", table)
    found = {row["labels"][1]["label"]: row["number"] for row in cells.rows(named=True)}
    assert found["PCI 2015"] == pytest.approx(54.4377, abs=1e-4)
    assert found["Xếp hạng"] == 58
    assert len(found) == cells.height == 12


def test_a_real_workbook_cut_short_is_refused(shared_data: Path) -> None:
    for file in ("2024-06-29-02.Bieu-T6.2024.xlsx", "2009-06-29-Bieu0609-1.xls"):
        data = (shared_data / "nso_monthly" / file).read_bytes()
        with pytest.raises(ReadingError, match="truncated or damaged"):
            read(data[: len(data) // 2], section(title="x"))
