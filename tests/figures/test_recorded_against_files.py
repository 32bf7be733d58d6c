"""The recorded figures are those of the published files, cell by cell, where the files are at hand."""

import csv
import itertools
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.figures.shipped import Figure, figures, rows_of

# Periods as actuals.csv writes them, and their ids.
PERIODS = {
    "2025-YTD(mid-year)": "2025-YTDx",
    "2025-01/2025-10": "2025-YTD10",
    "2025-01/2025-12-19": "2025-YTD1219",
    "2021-01/2021-09-15": "2021-YTD0915",
    "2021/2025": "2021..2025",
    "2025/2026": "SY2025",
}
AREAS = {
    "CẢ NƯỚC": "WHOLE COUNTRY",
    "Trung du và miền núi phía Bắc": "Northern midlands and mountain areas",
    "Cao Bằng": "Cao Bang",
}
ITEMS = {
    "Tổng diện tích": "Area (Km2(*)",
    "Dân số trung bình": "Average population (Thous. pers.)",
    "Mật độ dân số": "Population density (Person/km2)",
}
RESIDENCE = {"Nam": "Male", "Nữ": "Female", "Thành thị": "Urban", "Nông thôn": "Rural"}


def of_document(document: str) -> list[Figure]:
    return [figure for figure in figures() if figure.document.document == document]


def period_id(row: dict[str, str]) -> str:
    period = PERIODS.get(row["period"], row["period"])
    if "31 December" in row["source_title"]:
        return f"D{period}-12-31"
    return f"D{period}-09-30" if "30 September" in row["source_title"] else period


def json_stat_cells(path: Path) -> dict[tuple[str, ...], Any]:
    """Read a PX-Web export without our own adapter: labels -> value; the file ends in a NUL byte."""
    dataset = json.loads(path.read_bytes().rstrip(b"\0"))["dataset"]
    dimensions = dataset["dimension"]
    labels = []
    for name in dimensions["id"]:
        category = dimensions[name]["category"]
        codes = sorted(category["index"], key=category["index"].__getitem__)
        labels.append([category["label"][code].strip() for code in codes])
    return dict(zip(itertools.product(*labels), dataset["value"], strict=True))


def test_every_collected_figure_is_carried_over_as_it_stands(shared_data: Path) -> None:
    # As numbers: the report prints 3,70 where the collection dropped the zero.
    collected = Counter(
        (row["source"], period_id(row), Decimal(row["value"])) for row in rows_of(shared_data / "actuals.csv")
    )
    carried = Counter(
        (figure.row["address"], figure.row["period"], Decimal(figure.row["value"]))
        for figure in figures()
        if figure.row["area"] == "Cao Bằng"
    )
    assert collected - carried == Counter()
    assert [value for _, _, value in (carried - collected).elements()] == [Decimal("19.9")]


def test_area_population_and_density_are_those_of_table_e02_01(shared_data: Path) -> None:
    cells = json_stat_cells(shared_data / "nso_pxweb" / "E02.01.json")
    recorded = of_document("e02_01_2025")
    assert len(recorded) == len(AREAS) * len(ITEMS) * 10
    for figure in recorded:
        row = figure.row
        cell = cells[AREAS[row["area"]], row["period"], ITEMS[row["indicator"]]]
        assert float(row["value"]) == cell, figure.where


def test_population_by_sex_and_residence_is_that_of_table_e02_03_07(shared_data: Path) -> None:
    cells = json_stat_cells(shared_data / "nso_pxweb" / "E02.03-07.json")
    recorded = of_document("e02_03_07_2025")
    assert len(recorded) == len(AREAS) * len(RESIDENCE) * 10
    for figure in recorded:
        row = figure.row
        year = "Prel. 2024" if row["period"] == "2024" else row["period"]
        assert float(row["value"]) == cells[AREAS[row["area"]], RESIDENCE[row["breakdown"]], year], (
            figure.where
        )
        assert row["maturity"] == ("preliminary" if year.startswith("Prel.") else "not_stated")


@pytest.mark.parametrize(
    ("table", "file", "count"),
    [
        ("E02.55", "21_trained_labour_force_by_province_2008_2024.xlsx", 10),
        ("E02.63", "29_unemployment_rate_by_province_2018_2024.xlsx", 7),
    ],
)
def test_labour_rates_are_those_of_the_workbooks(
    shared_data: Path, table: str, file: str, count: int
) -> None:
    sheet = openpyxl.load_workbook(shared_data / "nso_labour" / file, read_only=True).worksheets[0]
    lines = list(sheet.iter_rows(values_only=True))
    header = next(line for line in lines if "2020" in line)
    values = next(line for line in lines if line[0] == "Cao Bang")
    recorded = [figure for figure in figures() if figure.row["title"].startswith(f"{table} ")]
    assert len(recorded) == count
    for figure in recorded:
        column = figure.row["place"].rpartition("cột ")[2]
        assert float(figure.row["value"]) == values[header.index(column)], figure.where


def test_figures_of_2018_are_those_of_the_exports_at_hand(shared_data: Path) -> None:
    compared = 0
    for figure in figures():
        _, _, inside = figure.row["address"].partition(": gso_06082019/")
        path = shared_data / "gso_csv" / inside
        if not inside or not path.is_file():
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, delimiter=";"))
        header = next(line for line in lines if line and line[0] == "Cities, provincies")
        values = next(line for line in lines if line and line[0].strip() == "Cao Bang")
        column = figure.row["place"].rpartition("cột ")[2]
        assert float(figure.row["value"]) == float(values[header.index(column)]), figure.where
        compared += 1
    assert compared >= 10


@pytest.mark.filterwarnings("ignore:Unknown extension:UserWarning")
@pytest.mark.parametrize("year", ["2015", "2016"])
def test_pci_is_that_of_the_cells_it_cites(shared_data: Path, year: str) -> None:
    book = openpyxl.load_workbook(shared_data / "vietnamdata" / f"PCI_{year}.xlsx", data_only=True)
    sheet = book["Summary_VN"]
    recorded = of_document(f"index_{year}")
    assert len(recorded) == 2
    for figure in recorded:
        cell = figure.row["place"].rpartition("ô ")[2]
        assert float(figure.row["value"]) == sheet[cell].value, figure.where
        assert sheet[f"V{cell[1:]}"].value == "Cao Bằng"
