"""What a release knows about each milestone: the promise, its state, the evidence. Nothing is judged here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from reports.numbers import format_date, format_number
from reports.per_release import per_release
from reports.periods import sentence_case
from reports.plan_facts import (
    annotations_by_target,
    horizon,
    is_true,
    reference_versions,
    target_key,
)
from reports.release_data import Release, Row
from reports.target_facts import MILESTONE
from reports.words import FAMILIES, Words


@dataclass(frozen=True)
class MilestoneFacts:
    """One milestone with everything the pages say about it. `status` is its row of `fct_milestone`."""

    target: Row
    status: Row
    annotations: tuple[Row, ...] = ()
    reference: bool = True

    @property
    def target_id(self) -> str:
        return str(self.target["target_id"])

    @property
    def plan_version(self) -> str:
        return str(self.target["plan_version"])

    @property
    def domain(self) -> str:
        return str(self.target.get("domain") or "")

    @property
    def state(self) -> str:
        """Its state; without a row, nothing was reported."""
        return str(self.status.get("state") or "no_report")

    @property
    def due(self) -> date | None:
        """The day it is due."""
        value = self.status.get("due_date")
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else None

    @property
    def due_year(self) -> int | None:
        """The year it is due: of the due day, else of the target."""
        if self.due is not None:
            return self.due.year
        end = self.target.get("period_end")
        return None if end is None else int(end)

    @property
    def horizon(self) -> int | None:
        """2025, 2030 or 2050."""
        return horizon(self.target.get("period_end"))

    @property
    def headline(self) -> bool:
        return is_true(self.target.get("headline"))


def every_milestone(release: Release) -> list[MilestoneFacts]:
    """All milestones of the plan in use, then of the others, each document in its own order."""
    return list(_every_milestone(release))


@per_release
def _every_milestone(release: Release) -> Sequence[MilestoneFacts]:
    states = {target_key(row): row for row in release.optional_rows("fct_milestone")}
    annotations, reference = annotations_by_target(release), reference_versions(release)
    facts = [
        MilestoneFacts(
            target=target,
            status=states.get(target_key(target), {}),
            annotations=tuple(annotations.get(target_key(target), ())),
            reference=str(target["plan_version"]) in reference,
        )
        for target in release.rows("fct_target")
        if target["target_type"] == MILESTONE
    ]
    return sorted(
        facts, key=lambda f: (not f.reference, f.plan_version, int(f.target.get("line") or 0), f.target_id)
    )


def state_counts(every: Sequence[MilestoneFacts]) -> dict[str, int]:
    """Number of milestones in each state, every state named, in the order of the contract."""
    known = Counter(facts.state for facts in every)
    return {state: known.get(state, 0) for state in FAMILIES["milestone"]}


def counts_in_words(every: Sequence[MilestoneFacts], words: Words) -> str:
    """The states that occur, each with its count: 12 chưa đến hạn, 3 chưa có báo cáo."""
    said = [
        words(f"milestone_count.{state}", n=format_number(count, words.language))
        for state, count in state_counts(every).items()
        if count
    ]
    return words.listed(said)


def milestone_sentence(every: Sequence[MilestoneFacts], words: Words) -> str:
    """How many milestones there are and where they stand, in one sentence."""
    return words.counted("milestones.lead", len(every), parts=counts_in_words(every, words))


def milestone_apart(every: Sequence[MilestoneFacts], words: Words) -> str:
    """The same beside the counts of targets, which milestones are no part of."""
    return words.counted("milestones.apart", len(every), parts=counts_in_words(every, words))


def due_sentence(every: Sequence[MilestoneFacts], cut_off: date, words: Words) -> str:
    """What comes due next: the day, how many are due then, and the first by name."""
    coming = [f for f in every if f.state in ("not_due", "due") and f.due is not None and f.due >= cut_off]
    if not coming:
        return words("milestones.next_none")
    day = min(f.due for f in coming if f.due is not None)
    then = [f for f in coming if f.due == day]
    return sentence_case(
        words.counted(
            "milestones.next", len(then), day=format_date(day), name=words.pick(then[0].target, "name")
        )
    )


def evidence(facts: MilestoneFacts, words: Words) -> str:
    """What the state rests on: issuer, number, date; else that nobody has reported."""
    row = facts.status
    number, day = row.get("evidence_document_number"), row.get("evidence_document_date")
    if isinstance(day, datetime):
        day = day.date()
    dated = words("milestones.of_day", day=format_date(day)) if isinstance(day, date) else None
    parts = [str(part) for part in (row.get("evidence_issuer"), number, dated) if part]
    if parts:
        return ", ".join(parts)
    return str(row["evidence"]) if row.get("evidence") else words("milestones.no_report")
