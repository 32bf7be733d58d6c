"""Jumping on a long page, and the remarks that a table tells once."""

from __future__ import annotations

from typing import Any

from reports.long_page import MOST_OPEN, Sections, place_of
from reports.source_calendar import basis_of, remarks_on
from reports.words import Words

VI = Words("vi")


def test_sections_of_the_same_name_have_places_of_their_own_that_an_address_can_hold() -> None:
    sections = Sections()
    places = [sections.add(name) for name in ("Độ tin cậy", "Độ tin cậy", "Toàn bộ 122 chỉ tiêu")]
    assert places == ["muc-do-tin-cay", "muc-do-tin-cay-2", "muc-toan-bo-122-chi-tieu"]
    assert sections.add("Danh sách", "danh-sach") == "danh-sach"
    assert place_of("GRDP (%)") == "muc-grdp"


def test_a_short_page_has_no_list_and_a_long_list_is_folded() -> None:
    sections = Sections()
    for number in range(2):
        sections.add(f"Phần {number}")
    assert sections.listed(VI) is None
    for number in range(2, MOST_OPEN):
        sections.add(f"Phần {number}")
    listed = sections.listed(VI)
    assert listed is not None and "<details" not in listed and listed.count('href="#muc-phan-') == MOST_OPEN
    sections.add("Phần cuối")
    folded = sections.listed(VI)
    assert folded is not None and "<details" in folded and folded.count("<li>") == MOST_OPEN + 1


def test_a_remark_that_several_days_share_is_told_once_and_marked_in_each_row() -> None:
    issues: list[dict[str, Any]] = [
        {"basis_vi": "Công bố ngày 01/10. Chưa đối chiếu với phụ lục. Số ngày trễ là của kho"},
        {"basis_vi": "Công bố ngày 29/3. Theo báo chí. Số ngày trễ là của kho"},
        {"basis_vi": "Công bố hằng năm"},
        {"basis_vi": None},
    ]
    marks = remarks_on(issues, VI)
    assert list(marks) == ["Chưa đối chiếu với phụ lục", "Số ngày trễ là của kho", "Theo báo chí"]
    assert [basis_of(issue, marks, VI) for issue in issues] == [
        "Công bố ngày 01/10 (1) (2)",
        "Công bố ngày 29/3 (3) (2)",
        "Công bố hằng năm",
        "–",
    ]
