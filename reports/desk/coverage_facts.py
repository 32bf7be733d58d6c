"""What came in and what is owed, by who keeps it and by source: the board of the officers who ask for figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from reports.release_data import Release, Row

RECEIVED = ("received", "received_late", "received_undated")
OWED = ("late", "missing")


@dataclass(frozen=True)
class SourceCoverage:
    """One source by the cut-off: issues due, received, of these after their day, late, missing, not collected.

    `completeness`: received of those due that are collected, None when none was due. `days`: median days from the day
    an issue was due to its issue, below zero before it; None where no issue is dated. `findings` wait for a decision.
    """

    source: Row
    due: int
    received: int
    received_late: int
    late: int
    missing: int
    not_collected: int
    completeness: float | None
    days: float | None
    next_due: date | None

    @property
    def owed(self) -> int:
        return self.late + self.missing


def coverage(release: Release) -> list[SourceCoverage]:
    """Every source with a release calendar, those that owe most first."""
    by_source: dict[str, list[Row]] = {}
    for issue in release.optional_rows("fct_release_issue"):
        by_source.setdefault(str(issue["source_id"]), []).append(issue)
    sources = {str(row["source_id"]): row for row in release.rows("dim_source")}
    found = [_of_source(sources[name], issues) for name, issues in by_source.items() if name in sources]
    return sorted(found, key=lambda one: (-one.missing, -one.late, -one.due, str(one.source["source_id"])))


def _of_source(source: Row, issues: Sequence[Row]) -> SourceCoverage:
    due = [issue for issue in issues if issue["is_due"]]
    counted = {
        state: sum(issue["state"] == state for issue in due) for state in (*RECEIVED, *OWED, "not_collected")
    }
    received = sum(counted[state] for state in RECEIVED)
    collected = len(due) - counted["not_collected"]
    days = [
        (issue["issued_on"] - issue["due_on"]).days
        for issue in due
        if issue["state"] in ("received", "received_late") and issue["issued_on"] is not None
    ]
    to_come = [issue["due_on"] for issue in issues if not issue["is_due"]]
    return SourceCoverage(
        source,
        len(due),
        received,
        counted["received_late"],
        counted["late"],
        counted["missing"],
        counted["not_collected"],
        received / collected if collected else None,
        float(median(days)) if days else None,
        min(to_come, default=None),
    )


def owed_issues(release: Release) -> list[Row]:
    """Issues that are late or missing, the longest overdue first."""
    rows = [row for row in release.optional_rows("fct_release_issue") if row["state"] in OWED]
    return sorted(rows, key=lambda row: (row["due_on"], row["issue_key"]))


def next_issues(release: Release, day: date, days: int = 45) -> list[Row]:
    """Issues that fall due within the next days, the first first."""
    rows = [
        row
        for row in release.optional_rows("fct_release_issue")
        if row["state"] in ("not_due", "due") and 0 <= (row["due_on"] - day).days <= days
    ]
    return sorted(rows, key=lambda row: (row["due_on"], row["issue_key"]))
