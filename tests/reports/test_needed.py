"""What each coming year has to reach: the same on the page, on paper, in the static edition and in the files."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from pathlib import Path

import polars as pl
import pytest
from docx import Document
from openpyxl import load_workbook

from expectations.gate.clearance import PUBLIC
from reports import needed_levels
from reports.needed_levels import SCHEMA
from reports.needs import needed_table
from reports.numbers import format_number
from reports.open_data.workbook import TITLES
from reports.open_data.write import write_open_data
from reports.paper.contents import write_contents
from reports.paper.files import material_of
from reports.paper.report_file import WHOLE, editions_of
from reports.paper.word import write_word
from reports.release_data import Release, current_release
from reports.release_files import OPEN_DATA
from reports.static_edition.write import FOLDER, write_static_edition
from reports.target_facts import Point, TargetFacts, every_target, find_target
from reports.words import Words
from store.settings import Settings
from tests.reports.conftest import Show
from tests.reports.make_release import PLAN, SyntheticRelease, publish_synthetic

VIETNAMESE = Words("vi")
TARGET = "SYNTHETIC_03"
ENDS = {"low": Decimal(30), "high": Decimal(40)}
# Made up: no release would say these, so that nothing but the prepared table can be their source.
LEVELS = {
    "low": {2026: 26.11, 2027: 27.07, 2028: 28.03, 2029: 29.01, 2030: 30.0},
    "high": {2026: 27.64, 2027: 30.32, 2028: 33.26, 2029: 36.47, 2030: 40.0},
}
PACE = {"low": (0.959, 3.54), "high": (2.959, 9.68)}


def made_up() -> pl.DataFrame:
    rows = [
        (
            PLAN,
            TARGET,
            bound,
            bound == "low",
            float(goal),
            "million_visit",
            "level",
            "compound",
            *PACE[bound],
            *one,
        )
        for bound, goal in ENDS.items()
        for one in LEVELS[bound].items()
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    content = SyntheticRelease().every_state()
    for table in ("fct_target", "fct_assessment"):
        (row,) = [row for row in content.rows[table] if row["target_id"] == TARGET]
        row |= {"value_low": ENDS["low"], "value_high": ENDS["high"]}
    row |= {"level_state": "not_reached", "bucket": "not_reached", "required_per_year": PACE["low"][0]}
    place = tmp_path_factory.mktemp("needed") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(needed_levels, "needed_levels", lambda assessments, directory: made_up())
        publish_synthetic(Settings(home=place), content, prepares_pages=True)
    return place


@pytest.fixture(scope="module")
def release(home: Path) -> Release:
    found = current_release(Settings(home=home))
    assert found is not None
    return found.seen_with(PUBLIC)


def expected() -> dict[int, list[str]]:
    """The levels of each year as Vietnamese writes them, the lower end first."""
    return {year: [format_number(LEVELS[bound][year], "vi", 2) for bound in ENDS] for year in LEVELS["low"]}


def rows_of(html: str) -> dict[int, list[str]]:
    """The rows of the section's table in HTML: year -> its cells."""
    section = html[html.index(VIETNAMESE("need.caption", last=2030)) :]
    body = section[section.index("<tbody") : section.index("</tbody>")]
    rows = [re.findall(r"<t[dh].*?>(.*?)</t[dh]>", row) for row in re.findall(r"<tr.*?</tr>", body)]
    return {int(re.sub(r"\D", "", cells[0])): [unescape(cell) for cell in cells[1:]] for cells in rows}


STATES = ["đang trong năm", *["sắp tới"] * 4]


def test_page_and_static_edition_show_the_levels_of_the_prepared_table(
    home: Path, release: Release, show: Show, tmp_path: Path
) -> None:
    written = write_static_edition(release, tmp_path / FOLDER, write_open_data(release, tmp_path / OPEN_DATA))
    static = (written / f"chi-tieu.{TARGET}.html").read_text(encoding="utf-8")
    for html in (show("target", home=home, target=TARGET).html, static):
        rows = rows_of(html)
        assert {year: cells[:2] for year, cells in rows.items()} == expected()
        assert [cells[2] for cells in rows.values()] == STATES


def test_paper_prints_the_same_levels(home: Path, release: Release) -> None:
    material = material_of(release, None, VIETNAMESE)[0]
    paper = write_contents(material, editions_of(release)[0], WHOLE, Settings(home=home), VIETNAMESE)
    tables = [
        [[cell.text for cell in row.cells] for row in table.rows]
        for table in Document(io.BytesIO(write_word(paper))).tables
    ]
    years = [str(year) for year in expected()]
    (printed,) = [table for table in tables if table[0][1:] == years]
    assert [row[1:] for row in printed[1:]] == [
        list(of_end) for of_end in zip(*expected().values(), strict=True)
    ] + [STATES]


def test_workbook_and_csv_hold_the_same_levels(release: Release, tmp_path: Path) -> None:
    folder = write_open_data(release, tmp_path / "open", ("csv", "xlsx"))
    with (folder / "csv" / "levels_needed.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["target_id"] == TARGET]
    assert {
        bound: {int(row["year"]): float(row["value"]) for row in rows if row["bound"] == bound}
        for bound in ENDS
    } == LEVELS
    (book,) = folder.glob("*.xlsx")
    _, *cells = load_workbook(book, read_only=True)[TITLES["needed"]].iter_rows(values_only=True)
    ends = {"low": "cận dưới", "high": "cận trên"}
    told = {bound: {row[5]: row[7] for row in cells if row[3] == name} for bound, name in ends.items()}
    assert told == LEVELS


def test_a_range_says_which_end_is_meant_wherever_a_pace_is_said(home: Path, show: Show) -> None:
    page = show("target", home=home, target=TARGET).words
    assert (
        "Năm 2025 đạt 25,2045 triệu lượt; mục tiêu là khoảng 30 – 40 triệu lượt vào năm 2030; tính từ năm 2025, "
        "bình quân mỗi năm cần tăng thêm 0,96 triệu lượt để đạt cận dưới 30 triệu lượt, hoặc 2,96 triệu lượt để đạt "
        "cận trên 40 triệu lượt." in page
    )
    assert "mức, lộ trình và tiến độ được xét theo cận dưới 30 triệu lượt; cận trên 40 triệu lượt" in page
    assert "mỗi năm theo cùng một tỷ lệ: tăng 3,54% (cận dưới), hoặc tăng 9,68% (cận trên)" in page
    card = (
        "Tính từ năm 2025, bình quân mỗi năm cần: thêm 0,96 triệu lượt để đạt cận dưới 30 triệu lượt, "
        "hoặc 2,96 triệu lượt để đạt cận trên 40 triệu lượt"
    )
    assert card in show("domains", home=home, domain="tourism").words
    english = show("target", home=home, target=TARGET, lang="en").words
    assert (
        "a yearly rise of 0.96 million visits to reach the lower end, 30 million visits, or 2.96" in english
    )


def test_where_no_pace_is_told_the_page_says_why(show: Show) -> None:
    for target, why in (
        ("SYNTHETIC_01", "Số liệu gần nhất đã đạt mục tiêu"),
        ("SYNTHETIC_06", "Bản công bố này không kèm dữ liệu để tính mức cần đạt từng năm."),
    ):
        words = show("target", target=target).words
        assert VIETNAMESE("need.title") in words
        assert why in words, target


def with_part_year(
    facts: TargetFacts, so_far: tuple[str, str, str | None], indicator: dict[str, object]
) -> TargetFacts:
    period, value, qualifier = so_far
    row = {**facts.points[-1].row, "period_id": period, "value": Decimal(value), "qualifier": qualifier}
    about = {**facts.indicator, "form": "level", "direction": "increase", **indicator}
    return replace(facts, other_points=(Point(row, None),), indicator=about)


@pytest.mark.parametrize(
    ("so_far", "indicator", "said"),
    [
        (("2026-YTD10", "28000", "more_than"), {}, "vượt mức cần đạt của cả năm 2026"),
        (("2026-YTD10", "28000", None), {}, "vượt mức cần đạt của cả năm 2026"),
        # Past the lower end only; near the number printed; less is better; no amount; a year that adds up is not known.
        (("2026-YTD10", "27000", None), {}, "mức cần đạt được tính từ"),
        (("2026-YTD10", "28000", "nearly"), {}, "mức cần đạt được tính từ"),
        (("2026-YTD10", "28000", None), {"direction": "decrease"}, "mức cần đạt được tính từ"),
        (("2026-YTD10", "28000", None), {"form": "ratio"}, "mức cần đạt được tính từ"),
        (("2026-H1", "28000", None), {}, "mức cần đạt được tính từ"),
        # Of no year that the table asks about, or of no months that are known.
        (("2025-YTD10", "28000", None), {}, None),
        (("2026-Q2", "28000", None), {}, None),
        (("2026-YTDx", "28000", None), {}, None),
    ],
)
def test_the_year_so_far_is_told_beside_the_level_of_its_year(
    release: Release,
    so_far: tuple[str, str, str | None],
    indicator: dict[str, object],
    said: str | None,
) -> None:
    facts = find_target(every_target(release), TARGET, None)
    assert facts is not None
    told = needed_table(with_part_year(facts, so_far, indicator), release.cut_off, VIETNAMESE)
    assert not isinstance(told, str)
    found = [line for line in told.said if line.startswith("Số liệu")]
    assert [(said or "") in line for line in found] == ([True] if said else [])
    assert [line.count("vượt") for line in found] == [int("vượt" in (said or ""))] * len(found)
