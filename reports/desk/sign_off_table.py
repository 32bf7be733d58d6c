"""Steps of candidates and releases as a table: when, who, what, the paper, why."""

from __future__ import annotations

from collections.abc import Sequence

from reports.desk.desk_page import Desk
from reports.markup import Column, Markup, table
from store.review import SignOff


def sign_offs_table(desk: Desk, caption: str, steps: Sequence[SignOff]) -> Markup:
    """The steps in the order given."""
    words = desk.words
    columns = [
        Column(words("desk.when")),
        Column(words("desk.who")),
        Column(words("desk.what")),
        Column(words("candidate.paper")),
        Column(words("desk.why")),
    ]
    rows = [
        (
            desk.moment(step.at),
            _who(desk, step),
            _what(desk, step),
            _paper(desk, step),
            step.reason_text or words("none"),
        )
        for step in steps
    ]
    return table(caption, columns, rows)


def _who(desk: Desk, step: SignOff) -> str:
    if step.role == "program":
        return desk.words("desk.program")
    if step.acting_for:
        return desk.words("desk.acting_for", actor=step.actor, principal=step.acting_for)
    return step.actor


def _what(desk: Desk, step: SignOff) -> str:
    said = desk.words.of("candidate_action", step.action)
    return f"{said}: {desk.moment(step.publish_at)}" if step.publish_at else said


def _paper(desk: Desk, step: SignOff) -> str:
    if not step.paper_number:
        return desk.words("none")
    return f"{step.paper_number}, {desk.page.date(step.paper_date)}"
