"""The release calendar of a source: what is due when, what came late, what is missing.

Rules are dated, because calendars change: Decree 62/2024 moved reports and GDP, Decree 13/2026 moved them again.
An issue is one period at one maturity. Nothing here looks at a clock; the day is an argument.
"""

import calendar
import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from sources.record import CalendarRule, ReleaseCalendar

# expected: due today or within its grace; late: past it, nothing came; missing: past it, and a later period came.
IssueState = Literal["received", "received_late", "received_undated", "expected", "late", "missing"]
HOLIDAYS_FILE = Path(__file__).resolve().parent / "holidays.csv"
_PARTS = {"annual": 1, "half_year": 2, "quarterly": 4, "monthly": 12}


@dataclass(frozen=True, order=True)
class DueIssue:
    """One issue that a rule asks for."""

    due_on: date
    period_id: str
    maturity: str | None
    period_end: date
    periodicity: str
    grace_days: int = 0


@dataclass(frozen=True)
class Receipt:
    """A figure of a period that came, at a maturity, and the day of its issue where that is known."""

    period_id: str
    maturity: str | None
    issued_on: date | None


@dataclass(frozen=True)
class IssueStatus:
    """A due issue and what became of it up to a day."""

    issue: DueIssue
    state: IssueState
    issued_on: date | None = None


@dataclass(frozen=True)
class Completeness:
    """The counts of a source on a day; `share` is received due / due, None where nothing is due."""

    due: int
    received: int
    received_late: int
    late: int
    missing: int

    @property
    def share(self) -> float | None:
        return self.received / self.due if self.due else None


def load_holidays(path: Path = HOLIDAYS_FILE) -> frozenset[date]:
    """Return the holidays of the table."""
    with path.open(encoding="utf-8", newline="") as file:
        return frozenset(date.fromisoformat(row["date"]) for row in csv.DictReader(file))


def _period(periodicity: str, year: int, part: int) -> tuple[str, date]:
    """Return the id and the last day of a period; the last part of a year is a part, not the year."""
    month = 12 // _PARTS[periodicity] * part
    end = date(year, month, calendar.monthrange(year, month)[1])
    marks = {"annual": "", "half_year": f"-H{part}", "quarterly": f"-Q{part}", "monthly": f"-M{part:02d}"}
    return f"{year}{marks[periodicity]}", end


def due_on(rule: CalendarRule, period_end: date, holidays: Collection[date]) -> date:
    """Return the day on which the issue of a period that ends on `period_end` is due by a rule."""
    month = period_end.year * 12 + period_end.month - 1 + rule.months
    year, month = divmod(month, 12)
    day = date(year, month + 1, min(rule.day, calendar.monthrange(year, month + 1)[1]))
    step = {"none": 0, "next_working_day": 1, "previous_working_day": -1}[rule.shift]
    while step and (day.weekday() >= 5 or day in holidays):
        day += timedelta(days=step)
    return day


def due_issues(rules: ReleaseCalendar, until: date, holidays: Collection[date]) -> list[DueIssue]:
    """Return every issue due up to a day, in the order of their days.

    For each periodicity, maturity and part the latest rule that is valid at the period's end decides.
    """
    found = []
    for periodicity, maturity in dict.fromkeys((rule.periodicity, rule.maturity) for rule in rules.rules):
        own = [rule for rule in rules.rules if (rule.periodicity, rule.maturity) == (periodicity, maturity)]
        for period_id, end, rule in _ruled_periods(periodicity, own, until):
            day = due_on(rule, end, holidays)
            if day <= until:
                found.append(DueIssue(day, period_id, maturity, end, periodicity, rule.grace_days))
    return sorted(found, key=lambda issue: (issue.due_on, issue.period_id, issue.maturity or ""))


def _ruled_periods(
    periodicity: str, rules: Sequence[CalendarRule], until: date
) -> Iterator[tuple[str, date, CalendarRule]]:
    # An issue may be due up to a year before its period ends.
    for year in range(min(rule.valid_from for rule in rules).year, until.year + 2):
        for part in range(1, _PARTS[periodicity] + 1):
            period_id, end = _period(periodicity, year, part)
            valid = [r for r in rules if r.valid_from <= end and (r.parts is None or part in r.parts)]
            if valid:
                yield period_id, end, max(valid, key=lambda rule: rule.valid_from)


def statuses(issues: Iterable[DueIssue], receipts: Iterable[Receipt], on: date) -> list[IssueStatus]:
    """Return what became of each due issue up to the day `on`.

    A receipt answers an issue of the same period, and of the same maturity where the issue names one. An issue
    without a date counts as received; whether it was late is not known.
    """
    came: dict[tuple[str, str | None], list[date | None]] = {}
    for receipt in receipts:
        if receipt.issued_on is None or receipt.issued_on <= on:
            for maturity in {receipt.maturity, None}:
                came.setdefault((receipt.period_id, maturity), []).append(receipt.issued_on)
    listed = [issue for issue in issues if issue.due_on <= on]
    answered = [issue for issue in listed if (issue.period_id, issue.maturity) in came]
    found = []
    for issue in listed:
        days = came.get((issue.period_id, issue.maturity))
        last_day = issue.due_on + timedelta(days=issue.grace_days)
        if days is not None:
            first = min((day for day in days if day is not None), default=None)
            state: IssueState = (
                "received_undated" if first is None else "received" if first <= last_day else "received_late"
            )
            found.append(IssueStatus(issue, state, first))
            continue
        later = any(
            (other.periodicity, other.maturity) == (issue.periodicity, issue.maturity)
            and other.period_end > issue.period_end
            for other in answered
        )
        found.append(IssueStatus(issue, "expected" if on <= last_day else "missing" if later else "late"))
    return found


def completeness(found: Iterable[IssueStatus]) -> Completeness:
    """Count what is due, received, late and missing."""
    states = [status.state for status in found]
    return Completeness(
        due=len(states),
        received=sum(state.startswith("received") for state in states),
        received_late=states.count("received_late"),
        late=states.count("late"),
        missing=states.count("missing"),
    )
