"""What the report says of figures that are missing: the targets that wait for them, by who keeps the figures."""

from __future__ import annotations

from collections.abc import Sequence

from reports.numbers import format_number
from reports.paper.model import Block, Column, Paragraph, Row, Table
from reports.paper.sections import Numbering
from reports.plan_counts import plan_counts, reason_list, waits_for_figures
from reports.target_facts import TargetFacts
from reports.words import Words


def gap_blocks(targets: Sequence[TargetFacts], numbering: Numbering, words: Words) -> list[Block]:
    """How many targets wait for figures, and a table of them by office; that none does else."""
    wanting = [facts for facts in targets if waits_for_figures(facts)]
    if not wanting:
        return [Paragraph(words("paper.gaps_none"))]
    by_office: dict[str, list[TargetFacts]] = {}
    for facts in wanting:
        named = facts.indicator.get("custodian_vi")
        custodian = words.pick(facts.indicator, "custodian") if named else words("paper.not_named")
        by_office.setdefault(custodian, []).append(facts)
    rows = [
        Row(
            [
                office,
                format_number(len(owed), words.language),
                "; ".join(words.pick(facts.target, "name") for facts in owed),
            ]
        )
        for office, owed in sorted(by_office.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    columns = [
        Column(words("paper.column.office"), 3.2),
        Column(words("paper.column.count"), 1.4, "right"),
        Column(words("paper.column.names"), 11),
    ]
    caption = numbering.table(words("paper.table_gaps"))
    counts = plan_counts(targets)
    lead = words(
        "paper.gaps_lead",
        n=format_number(counts.n_waiting, words.language),
        not_assessed=format_number(counts.not_assessed, words.language),
        reasons=reason_list(counts.waiting, words),
    )
    return [Paragraph(lead), Table(caption, columns, rows)]
