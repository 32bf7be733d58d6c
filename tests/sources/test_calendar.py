"""The release calendar: dated rules, working days, and what is due, late and missing on a day."""

from datetime import date
from typing import Any

import pytest

from sources.calendar import Receipt, completeness, due_issues, due_on, load_holidays, statuses
from sources.record import CalendarRule, ReleaseCalendar

HOLIDAYS = load_holidays()


def rule(**changes: Any) -> CalendarRule:
    usual = {
        "valid_from": date(2023, 1, 1),
        "periodicity": "quarterly",
        "months": 0,
        "day": 29,
        "basis": "for tests",
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
    found = statuses(issues, [Receipt("2023", "preliminary", date(2024, 10, 6))], date(2025, 12, 31))
    assert [status.state for status in found] == ["received", "late", "late"]


def test_received_late_missing() -> None:
    quarters = ReleaseCalendar(rules=[rule(valid_from=date(2024, 1, 1), months=1, day=6, grace_days=5)])
    receipts = [
        Receipt("2024-Q1", "estimate", date(2024, 4, 11)),
        Receipt("2024-Q3", None, date(2024, 11, 1)),
        Receipt("2024-Q4", None, None),
        Receipt("2025-Q1", None, date(2025, 6, 1)),
    ]

    def states(on: date) -> dict[str, str]:
        found = statuses(due_issues(quarters, on, HOLIDAYS), receipts, on)
        return {status.issue.period_id: status.state for status in found}

    assert states(date(2024, 7, 10)) == {"2024-Q1": "received", "2024-Q2": "expected"}
    assert states(date(2024, 7, 20))["2024-Q2"] == "late"
    on = date(2025, 5, 1)
    assert states(on) == {
        "2024-Q1": "received",
        "2024-Q2": "missing",
        "2024-Q3": "received_late",
        "2024-Q4": "received_undated",
        "2025-Q1": "late",
    }
    counts = completeness(statuses(due_issues(quarters, on, HOLIDAYS), receipts, on))
    assert (counts.due, counts.received, counts.received_late, counts.late, counts.missing) == (5, 3, 1, 1, 1)
    assert counts.share == 3 / 5
    assert completeness([]).share is None
