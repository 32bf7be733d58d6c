"""What the offices say of their targets, for the report: each line is that office's statement, never ours."""

from __future__ import annotations

from collections.abc import Sequence

from reports.causes import Cause, every_cause, state_sentence
from reports.paper.model import Block, Column, Paragraph, Row, Table
from reports.paper.sections import Numbering
from reports.plan_facts import target_key
from reports.release_data import Release
from reports.release_data import Row as ReleaseRow
from reports.words import Words


def cause_blocks(
    release: Release, promised: Sequence[ReleaseRow], numbering: Numbering, words: Words
) -> list[Block]:
    """What offices say of the targets and milestones of a report, given by their rows; that none says anything else."""
    names = {target_key(target): words.pick(target, "name") for target in promised}
    said = [cause for cause in every_cause(release) if (cause.plan_version, cause.target_id) in names]
    if not said:
        return [Paragraph(words("paper.causes_none"))]
    columns = [
        Column(words("paper.column.target"), 3.2),
        Column(words("paper.column.office"), 2.2),
        Column(words("paper.column.cause"), 3.7),
        Column(words("paper.column.measure"), 3.7),
        Column(words("paper.column.deadline"), 3.8),
    ]
    rows = [Row([names[one.plan_version, one.target_id], one.office, *_cells(one, words)]) for one in said]
    caption = numbering.table(words("paper.table_causes"))
    return [Paragraph(words("paper.causes_meaning")), Table(caption, columns, rows)]


def _cells(cause: Cause, words: Words) -> tuple[str, str, str]:
    """Cause, measure, and deadline with where it stands, in the words of the office."""
    state = state_sentence(cause, words)
    if cause.is_closed:
        closed = words("table.not_public")
        return closed, closed, state
    return str(cause.row["cause"]), str(cause.row["measure"]), state
