"""What the report says of milestones: which are due or done, and all of them by domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from reports.milestone_facts import MilestoneFacts, due_sentence, evidence, milestone_sentence
from reports.numbers import format_date
from reports.paper.model import Block, Column, Paragraph, Row, Table
from reports.paper.scope import offices_of
from reports.paper.sections import Numbering, domain_title
from reports.words import Words

_MILESTONES_TOLD = frozenset({"overdue", "due", "no_report", "done", "done_late"})


def milestone_blocks(
    every: Sequence[MilestoneFacts], cut_off: date, appendix: str, numbering: Numbering, words: Words
) -> list[Block]:
    """Where the milestones stand, and those that are due within a year or done. `appendix`: the one that has all."""
    blocks: list[Block] = [
        Paragraph(milestone_sentence(every, words)),
        Paragraph(due_sentence(every, cut_off, words)),
    ]
    soon = cut_off + timedelta(days=365)
    told = [facts for facts in every if _is_told(facts, soon)]
    if told:
        blocks.append(milestone_table(told, numbering.table(words("paper.milestones_coming")), words))
    blocks.append(Paragraph(words("paper.milestones_meaning", appendix=appendix)))
    return blocks


def _is_told(facts: MilestoneFacts, soon: date) -> bool:
    due_soon = facts.state == "not_due" and facts.due is not None and facts.due <= soon
    return facts.state in _MILESTONES_TOLD or due_soon


def milestone_table(
    every: Sequence[MilestoneFacts], title: str, words: Words, domains: Sequence[str] | None = None
) -> Table:
    """Milestones with due day, state, what that rests on, and who answers for them; grouped where domains are given."""
    wide = domains is not None
    columns = [
        Column(words("paper.column.order"), 0.9, "right"),
        Column(words("paper.column.milestone"), 11 if wide else 6),
        Column(words("paper.column.clause"), 1.8),
        Column(words("paper.column.due"), 2.3),
        Column(words("paper.column.state"), 3 if wide else 2.6),
        Column(words("paper.column.evidence"), 4 if wide else 2.6),
        *([Column(words("paper.column.office"), 4)] if wide else []),
    ]
    rows: list[Row] = []
    number = 0
    groups: Sequence[str | None] = [None] if domains is None else domains
    for domain in groups:
        if domain is not None:
            rows.append(Row([domain_title(domain, words)], is_group=True))
        for facts in every:
            if domain not in (None, facts.domain):
                continue
            number += 1
            due = format_date(facts.due) if facts.due else str(facts.due_year or words("none"))
            offices = [", ".join(offices_of(facts)) or words("none")] if wide else []
            rows.append(
                Row(
                    [
                        str(number),
                        words.pick(facts.target, "name"),
                        str(facts.target.get("clause") or words("none")),
                        due,
                        words.of("milestone", facts.state),
                        evidence(facts, words),
                        *offices,
                    ]
                )
            )
    return Table(title, columns, rows)
