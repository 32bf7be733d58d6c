"""Tables of a workbook found without a record."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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
