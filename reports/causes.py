"""What offices say of their targets in a release: cause, measure, deadline, each as that office's own statement.

The page of a target, the page of the offices and the printed report all show these lines.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from reports.numbers import format_date, format_number
from reports.per_release import per_release
from reports.release_data import Release, Row
from reports.words import STATEMENT_STATES, Words

TABLE = "fct_statement"
# Statements somebody still owes something on.
RUNNING = ("overdue", "open")
# Shape and colour of a state, borrowed from the states of milestones and targets.
SHAPES = {"open": "due", "lapsed": "not_assessed"}


@dataclass(frozen=True)
class Cause:
    """One statement of an office: its row of `fct_statement`, the release before where that had it already, the
    cut-off by which its deadline is judged, and the English name of the office where a record gives one.
    """

    row: Row
    carried_from: str | None
    cut_off: date
    office_en: str | None = None

    @property
    def statement_id(self) -> str:
        return str(self.row["statement_id"])

    @property
    def plan_version(self) -> str:
        return str(self.row["plan_version"])

    @property
    def target_id(self) -> str:
        return str(self.row["target_id"])

    @property
    def office(self) -> str:
        return str(self.row["office"])

    @property
    def state(self) -> str:
        """open, overdue, done, done_late, withdrawn or lapsed."""
        return str(self.row["state"])

    @property
    def shape(self) -> str:
        """The shape that stands beside the word of its state."""
        return SHAPES.get(self.state, self.state)

    @property
    def deadline(self) -> date:
        return _day(self.row["deadline"]) or self.cut_off

    @property
    def is_closed(self) -> bool:
        """Whether its words are not for this reader."""
        return not self.row.get("cause")


def every_cause(release: Release) -> list[Cause]:
    """All statements of a release: what is overdue first, then what runs, then what has ended; each by deadline."""
    rows = release.optional_rows(TABLE)
    before, new = release.manifest.previous_release_id, _new_statements(release) if rows else None
    english = {row["publisher_vi"]: row["publisher_en"] for row in release.rows("dim_source")} if rows else {}
    causes = [
        Cause(
            row,
            None if new is None or row["statement_id"] in new else before,
            release.cut_off,
            english.get(row["office"]),
        )
        for row in rows
    ]
    return sorted(causes, key=_order)


@per_release
def _new_statements(release: Release) -> frozenset[str] | None:
    """The statements that the release before did not have, as the release's own list of changes tells; None when it
    had none at all.
    """
    if release.manifest.previous_release_id is None:
        return None
    changes = release.matching("fct_release_change", pl.col("table_name") == TABLE)
    if "table_added" in changes["change_kind"]:
        return None
    added = changes.filter(pl.col("change_kind") == "added")
    return frozenset(json.loads(key)["statement_id"] for key in added["row_key"])


def causes_of(release: Release, target_id: str, plan_version: str | None = None) -> list[Cause]:
    """The statements on one target, in the order of `every_cause`; of every plan when none is named."""
    return [
        cause
        for cause in every_cause(release)
        if cause.target_id == target_id and plan_version in (None, cause.plan_version)
    ]


def attribution(cause: Cause, words: Words) -> str:
    """Whose word it is and of what day: Theo Sở Y tế (ngày 20/11/2026)."""
    office = (words.language == "en" and cause.office_en) or cause.office
    return words("statement.by", office=office, day=format_date(_day(cause.row.get("stated_on"))))


def answers(cause: Cause, words: Words) -> list[tuple[str, str]]:
    """Label and text of cause, measure and deadline, in the words of the office; why there are none where closed."""
    if cause.is_closed:
        said = [(words("statement.words"), words("statement.closed"))]
    else:
        said = [
            (words("statement.cause"), str(cause.row["cause"])),
            (words("statement.measure"), str(cause.row["measure"])),
        ]
    return [*said, (words("statement.deadline"), format_date(cause.deadline))]


def state_sentence(cause: Cause, words: Words) -> str:
    """Where it stands at the cut-off, and how it ended where the office said so."""
    ended = _day(cause.row.get("ended_on"))
    note = cause.row.get("ended_note")
    said = words(
        f"statement_now.{cause.state}",
        ended=format_date(ended),
        deadline=format_date(cause.deadline),
        cut_off=format_date(cause.cut_off),
    )
    if note:
        said = words("statement.with_note", said=said, note=note)
    if cause.carried_from:
        said = words("statement.carried", said=said, release=cause.carried_from)
    return said


def causes_sentence(causes: Sequence[Cause], words: Words) -> str:
    """How many statements there are and where they stand, in one sentence; that there is none else."""
    if not causes:
        return words("statement.none")
    counts = [
        words(f"statement_count.{state}", n=format_number(count, words.language))
        for state in STATEMENT_STATES
        if (count := sum(cause.state == state for cause in causes))
    ]
    return words.counted("statement.lead", len(causes), parts=words.listed(counts))


def _order(cause: Cause) -> tuple[int, date, str]:
    place = RUNNING.index(cause.state) if cause.state in RUNNING else len(RUNNING)
    return place, cause.deadline, cause.statement_id


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
