"""The small parts of the pages: periods in words, HTML, colours, module names."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.frame import style_sheet
from reports.markup import (
    Column,
    element,
    link,
    outside_link,
    page_address,
    state_of_promise,
    table,
    text,
)
from reports.numbers import Language
from reports.palette import BACKGROUND, COLOURS, INK, STATE_COLOURS, SURFACE, Theme, contrast
from reports.periods import first_year, period_words, span_years, year_of
from reports.sparkline import runs
from reports.statements import change_sentence
from reports.words import FAMILIES, Words

PROJECT = Path(__file__).resolve().parents[2]
THEMES: tuple[Theme, ...] = ("light", "dark")


@pytest.mark.parametrize(
    ("period_id", "vietnamese", "english"),
    [
        ("2024", "năm 2024", "2024"),
        ("2024-H1", "6 tháng đầu năm 2024", "first half of 2024"),
        ("2024-H2", "6 tháng cuối năm 2024", "second half of 2024"),
        ("2024-Q3", "quý III năm 2024", "quarter 3 of 2024"),
        ("2024-M06", "tháng 6 năm 2024", "month 6 of 2024"),
        ("2024-YTD09", "9 tháng đầu năm 2024", "first 9 months of 2024"),
        ("2025-YTD1219", "từ đầu năm đến 19/12/2025", "from 1 January to 19/12/2025"),
        ("2025-YTDx", "từ đầu năm 2025, không ghi đến ngày nào", "2025 to a day not stated"),
        ("SY2024", "năm học 2024–2025", "school year 2024–2025"),
        ("D2024-12-31", "ngày 31/12/2024", "31/12/2024"),
        ("2021..2025", "giai đoạn 2021–2025", "2021–2025"),
        ("unheard", "unheard", "unheard"),
        (None, "–", "–"),
    ],
)
def test_a_period_is_said_in_words(period_id: str | None, vietnamese: str, english: str) -> None:
    assert period_words(period_id, Words("vi")) == vietnamese
    assert period_words(period_id, Words("en")) == english


@pytest.mark.parametrize("language", ["vi", "en"])
def test_headings_name_years_as_periods_are_named(language: Language) -> None:
    words = Words(language)
    assert words("period.year", year=2024) == period_words("2024", words)
    assert words("period.span", first=2021, last=2025) == period_words("2021..2025", words)


def test_only_annual_periods_answer_for_a_year() -> None:
    assert [year_of(p) for p in ("2024", "SY2024", "D2024-12-31")] == [2024, 2024, 2024]
    assert [year_of(p) for p in ("2024-H1", "2021..2025", "2025-YTD1219")] == [None, None, None]
    assert span_years("2021..2025") == (2021, 2025)
    assert span_years("2021") is None
    assert first_year("2021..2025") == 2021


@given(st.sets(st.integers(min_value=1990, max_value=2060)))
def test_runs_hold_every_year_once_and_never_cross_a_gap(years: set[int]) -> None:
    found = runs(list(years))
    assert sorted(year for run in found for year in run) == sorted(years)
    assert all(run == list(range(run[0], run[-1] + 1)) for run in found)
    assert all(later[0] > earlier[-1] + 1 for earlier, later in pairwise(found))


@given(st.text())
def test_text_from_data_never_becomes_html(value: str) -> None:
    written = element("p", value, title=value)
    assert written.count("<") == 2
    assert written.count('"') == 2


def test_a_link_inside_keeps_the_language_and_one_outside_opens_apart() -> None:
    assert page_address("nguon", "vi") == "nguon"
    assert page_address("", "vi") == "."
    assert page_address("chi-tieu", "en", target="A&B") == "chi-tieu?target=A%26B&lang=en"
    assert link("x", "nguon") == '<a href="nguon">x</a>'
    assert 'rel="noopener noreferrer"' in outside_link("x", "https://example.invalid")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "github:owner/name", "", None])
def test_an_address_that_is_no_web_address_is_no_link(address: str | None) -> None:
    assert outside_link("x", address) == "x"


def test_a_table_has_headers_with_a_scope_and_a_name_and_scrolls_inside_itself() -> None:
    written = table("Tên <b>", [Column("A"), Column("B", "number")], [("a", text("1"))])
    assert '<th scope="col" role="columnheader">A</th>' in written
    assert '<th scope="row" role="rowheader">a</th>' in written
    assert '<td class="ppw-number" role="cell" data-label="B">1</td>' in written
    assert 'role="region" tabindex="0" aria-label="Tên &lt;b&gt;"' in written


@pytest.mark.parametrize("theme", THEMES)
def test_words_can_be_read_on_both_backgrounds(theme: Theme) -> None:
    for name in {*STATE_COLOURS.values(), "ink", "quiet", "accent"}:
        for ground in (BACKGROUND, SURFACE):
            assert contrast(COLOURS[name].of(theme), ground.of(theme)) >= 4.5, (name, theme)


def test_contrast_of_black_and_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


def test_every_state_has_a_shape_and_a_colour() -> None:
    sheet = style_sheet()
    for state in {*FAMILIES["level"], *FAMILIES["pace"], *FAMILIES["bucket"]}:
        assert f".ppw-mark-{state}" in sheet
        assert f".ppw-state-{state} " in sheet
    for maturity in FAMILIES["maturity"]:
        assert f".ppw-mark-maturity-{maturity}" in sheet


@pytest.mark.parametrize("code", ["slightly_behind", "behind", "moving_away", "not_reached", "lost"])
def test_a_shortfall_of_an_aspiration_has_its_words_and_no_colour_of_alarm(code: str) -> None:
    written = state_of_promise(code, "Chậm", "mục tiêu phấn đấu")
    assert f"ppw-mark-{code}" in written
    assert "Chậm · mục tiêu phấn đấu" in written
    assert f"ppw-state-{code}" not in written
    assert STATE_COLOURS["aspiration"] in ("ink", "quiet", "grey")
    assert f"ppw-state-{code}" in state_of_promise(code, "Chậm", None)


@pytest.mark.parametrize("code", ["reached", "on_track", "not_assessed"])
def test_an_aspiration_that_falls_short_of_nothing_looks_like_any_promise(code: str) -> None:
    assert state_of_promise(code, "Đạt", "mục tiêu phấn đấu") == state_of_promise(code, "Đạt", None)


def test_the_theme_of_the_server_has_the_colours_of_the_palette() -> None:
    config = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    for theme in THEMES:
        told = config["theme"][theme]
        assert told["backgroundColor"] == BACKGROUND.of(theme)
        assert told["secondaryBackgroundColor"] == SURFACE.of(theme)
        assert told["textColor"] == INK.of(theme)
        assert told["primaryColor"] == told["linkColor"] == COLOURS["accent"].of(theme)
    assert config["browser"]["gatherUsageStats"] is False
    assert config["server"]["address"] == "127.0.0.1"
    assert config["client"]["showErrorDetails"] == "none"


def test_style_asks_for_nothing_outside() -> None:
    sheet = style_sheet().replace("http://www.w3.org/2000/svg", "")
    assert "http" not in sheet
    assert "@import" not in sheet


def test_no_module_beside_the_app_takes_a_name_that_others_import() -> None:
    """Streamlit puts the folder of the app first on the import path before its server is imported.

    `numbers` is the one name of the standard library there; it is safe only while Streamlit has the real one
    loaded by then, which is what is looked at here.
    """
    beside = {path.stem for path in (PROJECT / "reports").glob("*.py")}
    assert beside & sys.stdlib_module_names <= {"numbers"}
    script = "import streamlit.web.bootstrap, sys; print(sys.modules['numbers'].__file__)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert Path(loaded.strip()).parent != PROJECT / "reports"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_english_address_is_kept_through_links(language: Language) -> None:
    assert ("lang=en" in page_address("nguon", language)) == (language == "en")


def change(kind: str, table_name: str, row_key: str, column_name: str = "") -> dict[str, str]:
    return {"change_kind": kind, "table_name": table_name, "row_key": row_key, "column_name": column_name}


def test_changes_are_counted_by_row_and_assessments_of_a_new_cut_off_are_not_called_unchanged() -> None:
    words = Words("en")
    rows = [
        change("changed", "fct_actual", "a", "value"),
        change("changed", "fct_actual", "a", "maturity"),
        change("removed", "fct_actual", "b"),
        change("changed", "fct_assessment", "c", "gap"),
        change("added", "fct_observation", "d"),
    ]
    assert change_sentence(rows, [], "an id", words) == (
        "Since the release before (an id): 1 actual changed and 1 actual no longer in force."
    )
    anew = [change("added", "fct_assessment", "new"), change("removed", "fct_assessment", "old")]
    assert change_sentence(anew, [], "an id", words).endswith(
        "the assessments were made anew for the new cut-off."
    )
    assert "made anew" in change_sentence([*rows, *anew], [], "an id", words)
    assert change_sentence([], [], "an id", words).startswith(
        "Since the release before (an id), no actual, assessment"
    )
    assert change_sentence([], [], None, words).startswith("This is the first release")
