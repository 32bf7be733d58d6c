"""The release calendar of a source: the issues that its rules ask for, and the days on which they are due.

Rules are dated, because calendars change: Decree 62/2024 moved reports and GRDP, Decree 13/2026 moved them again.
An issue is one period at one maturity. Days are days in Viet Nam. Nothing here looks at a clock; the day is an
argument. What became of an issue is worked out beside the figures, in the model `obs_release_issue`.
"""

import calendar
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sources.record import PARTS_OF_YEAR, CalendarRule, ReleaseCalendar

HOLIDAYS_FILE = Path(__file__).resolve().parent / "holidays.csv"
# No two issues of one rule lie further apart than a year and the days that a weekend or Tết moves them.
_LONGEST_GAP = timedelta(days=400)


@dataclass(frozen=True)
class Holidays:
    """The days off of the years that the table covers. Of another year the days off are not known."""

    days: frozenset[date]

    @property
    def years(self) -> frozenset[int]:
        """The years that are covered."""
        return frozenset(day.year for day in self.days)


@dataclass(frozen=True)
class DueIssue:
    """One issue that a rule asks for. `grace_until` is the last day on which it is not late."""

    due_on: date
    grace_until: date
    period_id: str
    period_start: date
    period_end: date
    periodicity: str
    maturity: str | None
    basis_vi: str
    basis_en: str


def load_holidays(path: Path = HOLIDAYS_FILE) -> Holidays:
    """Return the days off of the table."""
    with path.open(encoding="utf-8", newline="") as file:
        return Holidays(frozenset(date.fromisoformat(row["date"]) for row in csv.DictReader(file)))


def _period(periodicity: str, year: int, part: int) -> tuple[str, date, date]:
    """Return a period's id, first and last day; the last part of a year is a part, not the year."""
    months = 12 // PARTS_OF_YEAR[periodicity]
    month = months * part
    end = date(year, month, calendar.monthrange(year, month)[1])
    marks = {"annual": "", "half_year": f"-H{part}", "quarterly": f"-Q{part}", "monthly": f"-M{part:02d}"}
    return f"{year}{marks[periodicity]}", date(year, month - months + 1, 1), end


def due_on(rule: CalendarRule, period_end: date, holidays: Holidays) -> date:
    """Return the day on which the issue of a period that ends on `period_end` is due by a rule.

    Where the days off of a year are not known only its weekends move a day.
    """
    month = period_end.year * 12 + period_end.month - 1 + rule.months
    year, month = divmod(month, 12)
    day = date(year, month + 1, min(rule.day, calendar.monthrange(year, month + 1)[1]))
    step = {"none": 0, "next_working_day": 1, "previous_working_day": -1}[rule.shift]
    while step and (day.weekday() >= 5 or day in holidays.days):
        day += timedelta(days=step)
    return day


def due_issues(rules: ReleaseCalendar, until: date, holidays: Holidays) -> list[DueIssue]:
    """Return every issue due up to a day, in the order of their days.

    For each periodicity, maturity and part the latest rule that is valid at the period's end decides. Periods that
    end before the calendar's `asked_from` are left out.
    """
    found = []
    for periodicity, maturity in dict.fromkeys((rule.periodicity, rule.maturity) for rule in rules.rules):
        own = [rule for rule in rules.rules if (rule.periodicity, rule.maturity) == (periodicity, maturity)]
        for (period_id, start, end), rule in _ruled_periods(periodicity, own, until):
            day = due_on(rule, end, holidays)
            if day <= until and (rules.asked_from is None or end >= rules.asked_from):
                basis_vi, basis_en = rule.basis.vi, rule.basis.en
                if rule.shift != "none" and day.year not in holidays.years:
                    basis_vi += f" (chưa có lịch nghỉ của năm {day.year}, hạn có thể lùi)"
                    basis_en += f" (the days off of {day.year} are not known, the day may move)"
                grace = day + timedelta(days=rule.grace_days)
                found.append(
                    DueIssue(day, grace, period_id, start, end, periodicity, maturity, basis_vi, basis_en)
                )
    return sorted(found, key=lambda issue: (issue.due_on, issue.period_id, issue.maturity or ""))


def due_and_next_issues(rules: ReleaseCalendar, cut_off: date, holidays: Holidays) -> list[DueIssue]:
    """Return every issue due up to the cut-off, and after it the next of each periodicity and maturity."""
    listed: list[DueIssue] = []
    ahead: set[tuple[str, str | None]] = set()
    for issue in due_issues(rules, _horizon(rules, cut_off), holidays):
        kind = (issue.periodicity, issue.maturity)
        if issue.due_on > cut_off:
            if kind in ahead:
                continue
            ahead.add(kind)
        listed.append(issue)
    return listed


def _horizon(rules: ReleaseCalendar, cut_off: date) -> date:
    """Return a day by which an issue of every rule that is asked for after the cut-off is due."""
    beginnings = [cut_off, *(rule.valid_from for rule in rules.rules), rules.asked_from or cut_off]
    months = max((rule.months for rule in rules.rules), default=0)
    return max(beginnings) + _LONGEST_GAP + timedelta(days=31 * max(months, 0))


def _ruled_periods(
    periodicity: str, rules: Sequence[CalendarRule], until: date
) -> Iterator[tuple[tuple[str, date, date], CalendarRule]]:
    # An issue may be due up to a year before its period ends.
    for year in range(min(rule.valid_from for rule in rules).year, until.year + 2):
        for part in range(1, PARTS_OF_YEAR[periodicity] + 1):
            period = _period(periodicity, year, part)
            valid = [r for r in rules if r.valid_from <= period[2] and (r.parts is None or part in r.parts)]
            if valid:
                yield period, max(valid, key=lambda rule: rule.valid_from)


def issue_rows(
    calendars: Mapping[str, ReleaseCalendar | None], cut_off: date, holidays: Holidays
) -> list[dict[str, object]]:
    """Return the rows of the input table `release_issue`: the issues of every source that has rules."""
    return [
        {
            "source_id": source_id,
            "issue_key": "|".join([source_id, issue.period_id, issue.maturity or ""]),
            **vars(issue),
        }
        for source_id, rules in calendars.items()
        if rules is not None
        for issue in due_and_next_issues(rules, cut_off, holidays)
    ]
