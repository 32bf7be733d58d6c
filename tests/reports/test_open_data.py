"""The open data: each format read back by a reader that is not ours, closed figures in none, the same bytes again."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.gate.clearance import PUBLIC
from reports.open_data import tables
from reports.open_data.dictionary import dictionary
from reports.open_data.json_stat import COLLECTION_NAME, dataset_name
from reports.open_data.plain_text import MARKED, made_plain, plain_column, read_back
from reports.open_data.sdmx import ATTRIBUTES, DIMENSIONS, STRUCTURE_ID
from reports.open_data.tables import FIGURES, OPEN_TABLES, WORKED_OUT, open_tables
from reports.open_data.workbook import TITLES, Cells, write_workbook
from reports.open_data.workbook_file import MOST_CHARACTERS, Number, SheetColumn, workbook_file
from reports.open_data.write import write_open_data
from reports.release_data import Release, current_release
from reports.words import FAMILIES
from store.settings import Settings
from tests.reports.make_release import SyntheticRelease, publish_synthetic

CLOSED_SOURCE = "synthetic_press"
# What no file may hold: figures that only a closed source, or a figure held back, gives.
CLOSED_VALUE, CLOSED_TEXT, HELD_VALUE = "48151.62342", "48.151,62342", "90210.5551"
NASTY = ("=1+1", "+84 26", "-5 synthetic", "@SUM(A1)", "\tsynthetic", "'quoted'", "＝2+2", '=HYPERLINK("x")')


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release with texts that look like formulas, a figure of a closed source and one that waits for review."""
    content = SyntheticRelease().every_state()
    for row in content.rows["dim_source"]:
        if row["source_id"] == CLOSED_SOURCE:
            row["access"] = "internal"
    for text, row in zip(NASTY, content.rows["fct_target"], strict=False):
        row["note_vi"] = text
    content.rows["fct_observation"][0]["note"] = NASTY[0]
    content.closed_keys = {  # type: ignore[attr-defined]
        content.observe("SYNTHETIC_INDICATOR_01", "2011", CLOSED_VALUE, source=CLOSED_SOURCE),
        content.observe("SYNTHETIC_INDICATOR_01", "2026-YTD09", HELD_VALUE, held=True),
    }
    content.observe("SYNTHETIC_INDICATOR_01", "2025-YTDx", "12.5")
    for row in content.rows["fct_observation"]:
        if row["source_id"] == CLOSED_SOURCE and row["period_id"] == "2011":
            row["value_text"] = row["note"] = CLOSED_TEXT
    content.rows["fct_actual"][0]["waiting_observation_key"] = "f" * 32
    settings = Settings(home=tmp_path_factory.mktemp("open") / "home")
    publish_synthetic(settings, content)
    found = current_release(settings)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def files(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_open_data(release, tmp_path_factory.mktemp("files") / "open_data")


@pytest.fixture(scope="module")
def figures(release: Release) -> pl.DataFrame:
    """The figures in force as the public may see them, from the release itself."""
    return release.seen_with(PUBLIC).table(FIGURES)


def values_of(frame: pl.DataFrame) -> dict[tuple[str, ...], float]:
    rows = frame.filter(pl.col("value").is_not_null())
    keys = rows.select("indicator_code", "area_id", "period_id", "breakdown").rows()
    return {tuple(map(str, key)): float(value) for key, value in zip(keys, rows["value"], strict=True)}


def test_frictionless_validates_the_package_and_every_type_key_and_reference(files: Path) -> None:
    import frictionless

    report = frictionless.validate(str(files / "csv" / "datapackage.json"))
    assert report.flatten(["type", "fieldName", "rowNumber", "note"]) == []
    assert len(report.tasks) == len(OPEN_TABLES) + len(WORKED_OUT)
    package = json.loads((files / "csv" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["reviewed"] is False
    assert "Chưa được rà soát" in package["description"] and "Not reviewed" in package["description"]
    described = [field for one in package["resources"] for field in one["schema"]["fields"]]
    assert [field["name"] for field in described if not field["description"]] == []
    # One description, in one place: the dbt project's.
    columns = next(one["schema"]["fields"] for one in package["resources"] if one["name"] == "fct-actual")
    value = next(field for field in columns if field["name"] == "value")
    assert value["description"] == dictionary()[FIGURES].columns["value"]
    assert value["unitField"] == "unit"


def test_the_csv_files_have_the_values_and_texts_of_the_release(files: Path, release: Release) -> None:
    for name, table in open_tables(release).items():
        expected = table.collect()
        with (files / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == expected.height, name
        for column, kind in expected.schema.items():
            for row, value in zip(rows, expected[column].to_list(), strict=True):
                text = row[column]
                if value is None:
                    assert text == ""
                elif kind == pl.String:
                    assert read_back(text) == value
                    assert not text.startswith(tuple("=+-@\t\r"))
                elif isinstance(value, Decimal):
                    assert Decimal(text) == value
                    assert text == f"{value.normalize():f}"
                elif kind.is_numeric():
                    assert float(text) == value


def test_parquet_is_read_by_pyarrow_with_the_columns_of_the_csv(files: Path, figures: pl.DataFrame) -> None:
    for path in (files / "parquet").glob("*.parquet"):
        table = pq.read_table(path)
        header = (files / "csv" / f"{path.stem}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
        assert table.column_names == header.split(",")
        assert pq.read_metadata(path).metadata[b"reviewed"] == b"false"
        assert table.num_rows == pl.read_parquet(path).height
    copy = pl.DataFrame(pq.read_table(files / "parquet" / f"{FIGURES}.parquet"))
    assert values_of(copy) == values_of(figures) != {}


def test_figures_written_in_parts_are_the_same(
    files: Path, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_AT_ONCE", 7)
    copy = tables.write_parquet_copy(release, tmp_path, {"reviewed": "false"})[FIGURES]
    assert pl.read_parquet(copy).equals(pl.read_parquet(files / "parquet" / f"{FIGURES}.parquet"))
    assert pq.read_metadata(copy).metadata[b"reviewed"] == b"false"


def test_pysdmx_reads_the_data_and_the_structure_that_they_name(files: Path, figures: pl.DataFrame) -> None:
    import msgspec
    from pysdmx.io.csv.sdmx20.reader import read
    from pysdmx.io.json.sdmxjson2.messages import JsonStructureMessage
    from pysdmx.model import decoders

    (dataset,) = read((files / "sdmx" / "data.csv").read_text(encoding="utf-8"))
    # The reader's own door asks for the schemas of the format, an extra that is not installed.
    decoder = msgspec.json.Decoder(JsonStructureMessage, dec_hook=decoders)
    message = decoder.decode((files / "sdmx" / "structure.json").read_bytes()).to_model()
    assert dataset.structure == f"Dataflow={STRUCTURE_ID}"
    assert message.get_dataflows()[0].short_urn == f"Dataflow={STRUCTURE_ID}"
    (structure,) = message.get_data_structure_definitions()
    components = {component.id: component for component in structure.components}
    assert [c.id for c in structure.components.dimensions] == list(DIMENSIONS)
    assert {c.id for c in structure.components.attributes} == set(ATTRIBUTES)
    assert '"vi": "giá trị"' in (files / "sdmx" / "structure.json").read_text(encoding="utf-8")
    data: Any = dataset.data
    for name, component in components.items():
        if component.local_codes is not None:
            assert set(data[name]) <= {code.id for code in component.local_codes.codes}, name
    assert not data.duplicated(list(DIMENSIONS)).any()
    given = {
        (str(row.INDICATOR), str(row.REF_AREA), str(row.PERIOD_ID), str(row.BREAKDOWN)): float(row.OBS_VALUE)
        for row in data.itertuples()
        if row.OBS_VALUE != "NaN"
    }
    known = values_of(figures)
    # What has no place in time is left out, and counted.
    assert (
        {key for key in known if key not in given} == {key for key in known if key[2] == "2025-YTDx"} != set()
    )
    assert given == {key: value for key, value in known.items() if key in given}
    closed = data[data["OBS_STATUS"] == "Q"]
    assert len(closed) and set(closed["OBS_VALUE"]) == {"NaN"}
    assert set(data["REVIEW_STATUS"]) == {"NOT_REVIEWED"}
    periods = dict(zip(data["PERIOD_ID"], data["TIME_PERIOD"], strict=True))
    assert all(
        re.fullmatch(r"\d{4}(-S\d|-Q\d|-\d\d(-\d\d(/P\d+[YMD])?)?)?", text) for text in periods.values()
    )


def test_pyjstat_reads_every_dataset_of_the_collection(files: Path, figures: pl.DataFrame) -> None:
    from pyjstat import pyjstat

    folder = files / "json-stat"
    collection = json.loads((folder / COLLECTION_NAME).read_text(encoding="utf-8"))
    listed = {item["href"] for item in collection["link"]["item"]}
    groups = figures.select("indicator_code", "unit", "form").unique().rows()
    assert listed == {dataset_name(*group) for group in groups}
    found: dict[tuple[str, ...], float] = {}
    states: set[str] = set()
    for name in listed:
        text = (folder / name).read_text(encoding="utf-8")
        frame = pyjstat.Dataset.read(text).write("dataframe", naming="id").dropna(subset=["value"])
        for row in frame.itertuples():
            found[row.indicator, row.area, row.period, row.breakdown] = float(row.value)
        dataset = json.loads(text)
        assert any("Chưa được rà soát" in note for note in dataset["note"])
        (code,) = dataset["dimension"]["indicator"]["category"]["index"]
        assert dataset["dimension"]["indicator"]["category"]["unit"][code]["code"] in name
        states |= set(dataset["status"].values())
    assert found == values_of(figures)
    assert "not_public" in states


def sheet_rows(path: Path, title: str) -> list[tuple[Any, ...]]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    return [tuple(cell for cell in row) for row in book[title].iter_rows()]


def test_the_workbook_is_read_by_openpyxl_and_calamine(
    files: Path, release: Release, figures: pl.DataFrame
) -> None:
    from openpyxl import load_workbook
    from python_calamine import CalamineWorkbook

    path = files / "plan-data.xlsx"
    book = load_workbook(path)
    assert book.sheetnames == list(TITLES.values())
    types = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert types <= {"s", "inlineStr", "n", "d", "b"}, "no formula"
    assert [
        cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink
    ] == []
    series = book[TITLES["series"]]
    assert series.freeze_panes == "B2" and series.auto_filter.ref.endswith(str(figures.height + 1))
    place = {str(cell.value).split("\n")[1]: cell.column - 1 for cell in series[1]}
    key = ("Indicator code", "Area id", "Period id", "Breakdown")
    known = values_of(figures)
    by_openpyxl = {}
    for row in series.iter_rows(min_row=2):
        if row[place["Value"]].value is not None:
            by_openpyxl[tuple(row[place[name]].value for name in key[:3])] = row[place["Value"]].value
    assert by_openpyxl == {name[:3]: value for name, value in known.items()}
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(TITLES["series"]).to_python()
    values = [row[place["Value"]] for row in rows[1:] if row[place["Value"]] != ""]
    assert sorted(values) == sorted(known.values())
    decimals = {row[place["Value"]].number_format for row in series.iter_rows(min_row=2)}
    assert "#,##0.0" in decimals or "#,##0.00" in decimals
    forms = {row[place["Form"]].value for row in series.iter_rows(min_row=2)}
    assert "giá trị" in forms and not forms & set(FAMILIES["form"]), "words, no codes"
    targets = book[TITLES["targets"]]
    assert (
        targets.max_row - 1 == release.table("fct_target").filter(pl.col("target_type") != "milestone").height
    )
    notes = {str(cell.value) for row in book[TITLES["notes"]].iter_rows(min_row=2) for cell in row}
    assert {made_plain(text) for text in NASTY} <= notes
    assert "Chưa được rà soát" in str(book[TITLES["read_me"]]["B2"].value)


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every file under a folder; of an archive, and of a Parquet file, what stands in it."""
    for file in sorted(path.rglob("*")):
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as archive:
                yield from ((f"{file.name}:{name}", archive.read(name)) for name in archive.namelist())
        elif file.suffix == ".parquet":
            rows = pq.read_table(file).to_pylist()
            yield file.name, str(rows).encode()
            yield file.name, file.read_bytes()
        elif file.is_file():
            yield file.name, file.read_bytes()


def test_nothing_of_a_closed_figure_stands_in_any_file(files: Path, release: Release) -> None:
    closed = release.table("fct_observation").filter(
        (pl.col("source_id") == CLOSED_SOURCE) | pl.col("held").fill_null(value=False)
    )
    keys = closed["observation_key"].to_list()
    assert len(keys) >= 2
    hidden = [CLOSED_VALUE, CLOSED_TEXT, HELD_VALUE, "f" * 32, *keys]
    seen = 0
    for name, content in contents(files):
        seen += 1
        assert [text for text in hidden if text.encode() in content] == [], name
    assert seen > len(OPEN_TABLES) * 2


def test_the_same_release_gives_the_same_bytes(files: Path, release: Release, tmp_path: Path) -> None:
    again = write_open_data(release, tmp_path / "again")
    names = sorted(path.relative_to(files).as_posix() for path in files.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(again).as_posix() for path in again.rglob("*") if path.is_file())
    assert [name for name in names if (files / name).read_bytes() != (again / name).read_bytes()] == []
    with zipfile.ZipFile(files / "plan-data.xlsx") as archive:
        day = release.cut_off
        assert {entry.date_time for entry in archive.infolist()} == {(day.year, day.month, day.day, 12, 0, 0)}
        assert day.isoformat() in archive.read("docProps/core.xml").decode()


def test_the_read_me_lists_what_was_written(files: Path, release: Release, tmp_path: Path) -> None:
    def listed(folder: Path) -> set[str]:
        lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
        return {line.split("`")[1].rstrip("/") for line in lines if line.startswith("- `")}

    for folder in (files, write_open_data(release, tmp_path / "one", ["csv"])):
        assert listed(folder) == {path.name for path in folder.iterdir()} - {"README.md"}


def test_a_sheet_that_is_full_says_what_it_leaves_out(files: Path, release: Release, tmp_path: Path) -> None:
    copies = {path.stem: path for path in (files / "parquet").glob("*.parquet")}
    figures = pq.read_metadata(copies[FIGURES]).num_rows
    path = tmp_path / "short.xlsx"
    assert write_workbook(release.seen_with(PUBLIC), copies, path, most_rows=3) == figures - 3
    assert len(sheet_rows(path, TITLES["series"])) == 3 + 1
    said = " ".join(str(cell.value) for row in sheet_rows(path, TITLES["read_me"]) for cell in row)
    assert f"3 dòng đầu trong {figures} dòng" in said


def test_what_a_cell_cannot_hold_is_said(tmp_path: Path) -> None:
    path = tmp_path / "cells.xlsx"
    with workbook_file(path, "synthetic", "", "ppw", datetime(2026, 11, 20)) as book:
        rows: list[Cells] = [
            ("a\x01\ufffe\uffffb", Number(Decimal("-1.50"), 2)),
            ("x" * 40_000, date(2026, 1, 2)),
            ("=1+1", True),
        ]
        book.table("s", (SheetColumn("Một", "One"), SheetColumn("Hai", "Two")), rows, len(rows))
    (_, first, second, third) = sheet_rows(path, "s")
    assert first[0].value == "a\ufffd\ufffd\ufffdb"
    assert (first[1].value, first[1].number_format) == (-1.5, "#,##0.00")
    assert len(second[0].value) == MOST_CHARACTERS and second[0].value.endswith("[…]")
    assert third[0].value == "'=1+1" and third[1].value is True


@given(st.text(alphabet=st.sampled_from([*MARKED, "a", "é", " ", "1"]), max_size=6) | st.text(max_size=8))
def test_a_text_made_plain_is_no_formula_and_comes_back(text: str) -> None:
    plain = made_plain(text)
    assert not plain.startswith(tuple(sign for sign in MARKED if sign != "'"))
    assert read_back(plain) == text


def test_a_column_is_made_plain_as_a_text_is() -> None:
    texts = [*NASTY, *MARKED, "a=1", "", " =1", "é", None]
    frame = pl.DataFrame({"t": texts}).select(plain_column("t"))
    assert frame["t"].to_list() == [None if text is None else made_plain(text) for text in texts]
