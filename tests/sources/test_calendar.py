"""The release calendar: dated rules, working days, and which issues are asked for by a day."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sources.calendar import (
    Holidays,
    due_and_next_issues,
    due_issues,
    due_on,
    issue_rows,
    load_holidays,
)
from sources.record import PARTS_OF_YEAR, BilingualText, CalendarRule, ReleaseCalendar
from sources.registry import load_records
from sources.text.periods import parse_period_id
from store.settings import PROJECT_ROOT
from tests.sources.lunar import hung_kings, tet

HOLIDAYS = load_holidays()
WORDS = BilingualText(vi="để thử", en="for tests")


def rule(**changes: Any) -> CalendarRule:
    usual = {
        "valid_from": date(2023, 1, 1),
        "periodicity": "quarterly",
        "months": 0,
        "day": 29,
        "basis": WORDS,
    }
    return CalendarRule(**{**usual, **changes})


# The calendar as it changed twice: the 29th of the last month, then the 6th of the next, then before the end.
CHANGED = ReleaseCalendar(
    rules=[
        rule(),
        rule(valid_from=date(2024, 7, 1), months=1, day=6),
        rule(valid_from=date(2026, 2, 1), parts=[1, 2, 3]),
        rule(valid_from=date(2026, 2, 1), parts=[4], months=-1),
    ]
)


def test_the_rule_in_force_at_the_end_of_a_period_decides() -> None:
    days = {issue.period_id: issue.due_on for issue in due_issues(CHANGED, date(2026, 12, 31), HOLIDAYS)}
    assert days["2024-Q2"] == date(2024, 6, 29)
    assert days["2024-Q3"] == date(2024, 10, 6)
    assert days["2025-Q4"] == date(2026, 1, 6)
    assert days["2026-Q1"] == date(2026, 3, 29)
    assert days["2026-Q4"] == date(2026, 11, 29)
    assert min(days) == "2023-Q1"


def test_nothing_is_due_before_its_day() -> None:
    assert "2026-Q4" not in {issue.period_id for issue in due_issues(CHANGED, date(2026, 11, 28), HOLIDAYS)}


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        ("none", date(2025, 1, 29)),
        ("next_working_day", date(2025, 2, 3)),
        ("previous_working_day", date(2025, 1, 27)),
    ],
)
def test_a_day_off_moves_the_issue(shift: Any, expected: date) -> None:
    # 29 January 2025 is the first day of the lunar year; 1 and 2 February are a weekend.
    moved = rule(periodicity="monthly", shift=shift)
    assert due_on(moved, date(2025, 1, 31), HOLIDAYS) == expected


def test_a_day_past_the_end_of_the_month_is_its_last() -> None:
    assert due_on(rule(months=-1, day=31), date(2024, 3, 31), HOLIDAYS) == date(2024, 2, 29)


def test_maturities_have_days_of_their_own() -> None:
    annual = ReleaseCalendar(
        rules=[
            rule(periodicity="annual", maturity="preliminary", months=10, day=6),
            rule(periodicity="annual", maturity="official", months=22, day=6),
        ]
    )
    issues = due_issues(annual, date(2025, 12, 31), HOLIDAYS)
    assert [(issue.period_id, issue.maturity, issue.due_on) for issue in issues] == [
        ("2023", "preliminary", date(2024, 10, 6)),
        ("2023", "official", date(2025, 10, 6)),
        ("2024", "preliminary", date(2025, 10, 6)),
    ]


def test_of_what_lies_ahead_the_next_of_each_kind_is_listed() -> None:
    both = ReleaseCalendar(rules=[rule(periodicity="monthly"), rule(periodicity="annual", months=10, day=6)])
    ahead = [
        (issue.period_id, issue.due_on)
        for issue in due_and_next_issues(both, date(2025, 10, 6), HOLIDAYS)
        if issue.due_on > date(2025, 10, 6)
    ]
    assert ahead == [("2025-M10", date(2025, 10, 29)), ("2025", date(2026, 10, 6))]


def test_periods_before_the_source_is_asked_are_left_out() -> None:
    asked = ReleaseCalendar(rules=[rule(periodicity="monthly")], asked_from=date(2026, 11, 1))
    ids = [issue.period_id for issue in due_and_next_issues(asked, date(2026, 12, 31), HOLIDAYS)]
    assert ids == ["2026-M11", "2026-M12", "2027-M01"]


def test_where_the_days_off_are_not_known_the_issue_says_so() -> None:
    shifting = ReleaseCalendar(rules=[rule(periodicity="annual", day=1, shift="next_working_day")])
    known, unknown = (
        due_issues(shifting, date(2025, 12, 31), holidays)[-1]
        for holidays in (HOLIDAYS, Holidays(frozenset({date(2024, 1, 1)})))
    )
    assert known.basis_en == "for tests"
    assert unknown.basis_en == "for tests (the days off of 2025 are not known, the day may move)"
    assert unknown.basis_vi.startswith("để thử (chưa có lịch nghỉ của năm 2025")


PERIODICITIES = sorted(PARTS_OF_YEAR)
RULES = st.builds(
    rule,
    periodicity=st.sampled_from(PERIODICITIES),
    valid_from=st.dates(date(2023, 1, 1), date(2026, 1, 1)),
    months=st.integers(-2, 14),
    day=st.integers(1, 31),
    shift=st.sampled_from(["none", "next_working_day", "previous_working_day"]),
    grace_days=st.integers(0, 30),
)


@settings(max_examples=80)
@given(RULES, st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_every_issue_lies_where_its_rule_says_and_each_period_is_asked_for_once(
    one: CalendarRule, until: date
) -> None:
    issues = due_and_next_issues(ReleaseCalendar(rules=[one]), until, HOLIDAYS)
    keys = [(issue.period_id, issue.maturity) for issue in issues]
    assert len(keys) == len(set(keys))
    assert [issue.due_on for issue in issues] == sorted(issue.due_on for issue in issues)
    assert sum(issue.due_on > until for issue in issues) == 1
    for issue in issues:
        period = parse_period_id(issue.period_id)
        assert (period.start, period.end) == (issue.period_start, issue.period_end)
        assert issue.period_end >= one.valid_from
        assert issue.grace_until == issue.due_on + timedelta(days=one.grace_days)
        if one.shift != "none":
            assert issue.due_on.weekday() < 5
            assert issue.due_on not in HOLIDAYS.days


@settings(max_examples=80)
@given(RULES, st.dates(date(2024, 1, 1), date(2027, 6, 30)), st.integers(0, 200))
def test_a_later_day_adds_issues_and_moves_none(one: CalendarRule, day: date, more: int) -> None:
    rules = ReleaseCalendar(rules=[one])
    earlier, later = (due_issues(rules, day + timedelta(days=n), HOLIDAYS) for n in (0, more))
    assert earlier == [issue for issue in later if issue.due_on <= day]


@settings(max_examples=80)
@given(st.dates(date(2024, 1, 1), date(2030, 11, 30)), st.integers(1, 31))
def test_the_next_working_day_is_never_before_the_day_and_none_lies_between(month: date, day: int) -> None:
    fixed = rule(periodicity="monthly", day=day)
    moved = rule(periodicity="monthly", day=day, shift="next_working_day")
    start, end = due_on(fixed, month, HOLIDAYS), due_on(moved, month, HOLIDAYS)
    between = [start + timedelta(days=n) for n in range((end - start).days)]
    assert all(one.weekday() >= 5 or one in HOLIDAYS.days for one in between)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "a calendar says one thing"),
        ({"rules": [rule()], "none_known": WORDS}, "a calendar says one thing"),
        ({"none_known": WORDS, "nothing_due": WORDS}, "a calendar says one thing"),
        ({"rules": [rule(parts=[1, 2]), rule(parts=[2])]}, "are for part 2"),
        ({"rules": [rule(), rule()]}, "are for part 1"),
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(content: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ReleaseCalendar(**content)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"periodicity": "half_year", "parts": [3]}, "a year has 2 parts"), ({"parts": [1, 1]}, "named twice")],
)
def test_a_rule_for_a_part_that_there_is_not_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        rule(**changes)


def test_the_holidays_of_the_table_are_those_of_the_lunar_calendar() -> None:
    for year in sorted(HOLIDAYS.years):
        new_year = tet(year)
        lunar = {new_year + timedelta(days=n) for n in range(-1, 4)} | {hung_kings(year)}
        solar = {date(year, 1, 1), date(year, 4, 30), date(year, 5, 1), date(year, 9, 2)}
        in_lieu = {day for day in HOLIDAYS.days if day.year == year} - lunar - solar
        assert lunar | solar <= HOLIDAYS.days
        assert all(day.weekday() < 5 and day - timedelta(days=3) < day for day in in_lieu)


def test_the_table_of_holidays_covers_every_year_up_to_its_last() -> None:
    assert HOLIDAYS.years == frozenset(range(2024, max(HOLIDAYS.years) + 1))


@pytest.fixture(scope="module")
def calendars() -> dict[str, ReleaseCalendar | None]:
    records = load_records(PROJECT_ROOT / "sources" / "specs").records
    return {source_id: record.calendar for source_id, record in records.items()}


def test_every_shipped_record_says_something_of_its_calendar(
    calendars: dict[str, ReleaseCalendar | None],
) -> None:
    assert [source_id for source_id, one in calendars.items() if one is None] == []
    states = [one.state for one in calendars.values() if one is not None]
    assert {state: states.count(state) for state in set(states)} == {
        "known": 4,
        "none_known": 23,
        "nothing_due": 23,
    }


def test_the_monthly_report_moved_in_2024_and_in_2026(calendars: dict[str, ReleaseCalendar | None]) -> None:
    monthly = calendars["nso_monthly"]
    assert monthly is not None
    all_issues = monthly.model_copy(update={"asked_from": None})
    days = {issue.period_id: issue.due_on for issue in due_issues(all_issues, date(2027, 1, 31), HOLIDAYS)}
    assert days["2024-M02"] == date(2024, 2, 29)
    # Reported at the time: the figures of July 2024 still came on the 29th, those of August on 6 September.
    assert days["2024-M07"] == date(2024, 7, 29)
    assert days["2024-M08"] == date(2024, 9, 6)
    # 6 April 2025 is a Sunday, the 7th the day of the Hùng kings; 3 May 2026 is a Sunday.
    assert days["2025-M03"] == date(2025, 4, 8)
    assert days["2026-M04"] == date(2026, 5, 4)
    assert days["2026-M11"] == date(2026, 12, 3)


def test_the_rows_are_those_of_the_sources_with_rules(calendars: dict[str, ReleaseCalendar | None]) -> None:
    rows = issue_rows(calendars, date(2026, 11, 20), HOLIDAYS)
    known = {source_id for source_id, one in calendars.items() if one is not None and one.rules}
    assert {row["source_id"] for row in rows} == known
    assert len({row["issue_key"] for row in rows}) == len(rows)
