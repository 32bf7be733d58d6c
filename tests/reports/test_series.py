"""One series: triangle, vintages, why a value is in force; and pages as of a day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.series_facts import triangle
from store.releases import current_release_id
from store.settings import Settings
from store.state import POINTER_ACTIONS, audit_events, reading
from tests.reports.conftest import Show

Observation = dict[str, Any]
GROUP = ("s", "level", "percent", "", "")


def observation(period: str, value: int, issued: date | None, arrived: date) -> Observation:
    return {
        "observation_key": f"{period}/{issued}/{arrived}/{value}",
        "period_id": period,
        "value": Decimal(value),
        "published_at": issued,
        "vintage_at": datetime(arrived.year, arrived.month, arrived.day),
    }


DAYS = st.dates(date(2020, 1, 1), date(2020, 1, 9))
OBSERVATIONS = st.lists(
    st.builds(
        observation,
        st.sampled_from(["2018", "2019"]),
        st.integers(0, 99),
        st.one_of(st.none(), DAYS),
        DAYS,
    ),
    min_size=1,
    max_size=12,
)


@given(OBSERVATIONS)
def test_a_triangle_says_at_each_issue_what_was_said_last_until_then(rows: list[Observation]) -> None:
    ends = {period: (date(int(period), 12, 31), period) for period in ("2018", "2019")}
    drawn = triangle(GROUP, rows, None, ends)
    assert [(issue.day, issue.received) for issue in drawn.issues] == sorted(
        (issue.day, issue.received) for issue in drawn.issues
    )
    assert [period for period, _ in drawn.rows] == sorted({row["period_id"] for row in rows}, reverse=True)
    for period, cells in drawn.rows:
        assert len(cells) == len(drawn.issues)
        for issue, cell in zip(drawn.issues, cells, strict=True):
            until = place(issue.day, issue.received, issue.is_arrival)
            said = [spoken(row) for row in rows if row["period_id"] == period and spoken(row) <= until]
            assert (cell is None) == (not said)
            if cell is not None:
                assert spoken(cell.observation) == max(said)
                assert cell.is_new == (max(said) == until)


Place = tuple[date, date, bool]


def place(day: date, received: date, is_arrival: bool) -> Place:
    return (day, received, is_arrival)


def spoken(row: Observation) -> Place:
    """When an observation was said: the day of issue, else of arrival; the day it was received."""
    received = row["vintage_at"].date()
    return place(row["published_at"] or received, received, row["published_at"] is None)


def test_the_page_of_a_series_shows_its_vintages_its_triangle_and_why(show: Show) -> None:
    page = show("series", indicator="SYNTHETIC_REVISED")
    assert page.title == "Chỉ tiêu giả lập (synthetic) có sửa đổi"
    assert "Đang dùng số liệu của 2 kỳ, chọn từ 5 lần ghi nhận của 2 nguồn." in page.words
    assert "đứng trước 1 giá trị của nguồn khác theo hạng của nguồn; thay 2 giá trị trước" in page.words
    assert "công bố 02/01/2024 công bố 02/01/2025 công bố 02/01/2026" in page.words
    assert "năm 2023 10,0 12,0 12,5" in page.words
    assert "năm 2024 – 14,0 14,0" in page.words
    mean = (
        "1 trong 1 kỳ được công bố từ hai lần trở lên đã đổi giá trị. Từ giá trị đầu đến giá trị mới nhất, "
        "bình quân lệch 2,50%, nhiều nhất 2,50%; tính cả dấu là tăng 2,50%."
    )
    assert mean in page.words
    assert "Điều chỉnh theo lịch 10 12% +20,00%" in page.words
    assert "Đính chính 12 12,5% +4,17%" in page.words


def test_without_a_series_the_page_lists_them_and_says_which_were_revised(show: Show) -> None:
    page = show("series", indicator="NO_SUCH", lang="en")
    assert "There is no series NO_SUCH." in page.words
    assert "Synthetic indicator with revisions (Synthetic province · total) · revised" in page.words


def test_a_page_as_of_a_day_shows_the_release_in_force_then_and_keeps_the_day(
    show: Show, synthetic_home: Path
) -> None:
    settings = Settings(home=synthetic_home)
    with reading(settings) as connection:
        published = audit_events(connection, action=POINTER_ACTIONS)[-1].at.date()
    page = show(as_of=date.max.isoformat())
    assert "ppw-error" not in page.html
    assert str(current_release_id(settings)) in page.words
    assert "Bản công bố đã qua." in page.words
    assert f"as_of={date.max.isoformat()}" in page.html
    before = show(as_of=published.replace(year=published.year - 1).isoformat())
    assert "chưa có bản công bố nào" in before.words
    assert "ppw-foot" not in before.html


@pytest.mark.parametrize("asked", ["yesterday", "2026-13-01"])
def test_a_day_that_is_none_is_said_in_words(show: Show, asked: str) -> None:
    page = show(as_of=asked)
    assert "Ngày trong địa chỉ không đọc được" in page.words
