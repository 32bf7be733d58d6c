"""What offices say of their targets in a release: cause, measure, deadline, each as that office's own statement.

The page of a target, the page of the offices and the printed report all show these lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from reports.numbers import format_date, format_number
from reports.release_data import Release, Row
from reports.words import STATEMENT_STATES, Words

TABLE = "fct_statement"
# Statements somebody still owes something on.
RUNNING = ("overdue", "open")
# Shape and colour of a state, borrowed from the states of milestones and targets.
SHAPES = {"open": "due", "lapsed": "not_assessed"}


@dataclass(frozen=True)
class Cause:
    """One statement of an office: its row of `fct_statement`, whether an earlier release had it already, the cut-off by
    which its deadline is judged, and the English name of the office where a record gives one.
    """

    row: Row
    carried: bool
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
    before = release.manifest.previous_release_id
    rows = release.optional_rows(TABLE)
    english = {row["publisher_vi"]: row["publisher_en"] for row in release.rows("dim_source")} if rows else {}
    causes = [
        Cause(row, row.get("stated_about") != before, release.cut_off, english.get(row["office"]))
        for row in rows
    ]
    return sorted(causes, key=_order)


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
    if cause.carried:
        said = words("statement.carried", said=said, release=cause.row.get("stated_about") or words("none"))
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
