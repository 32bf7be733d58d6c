"""The list of targets as a table, the same on every page."""

from __future__ import annotations

from collections.abc import Sequence

from reports.leaf import Leaf
from reports.markup import Column, Markup, element, link, maturity, state_of_promise, table
from reports.promise_sections import notes_marker
from reports.statements import aspiration_words, card_reason, figure, promise, shown_period
from reports.target_facts import TargetFacts

# Where the list begins on its page.
LIST = "danh-sach"


def target_table(page: Leaf, these: Sequence[TargetFacts], caption: str) -> Markup:
    """A list of targets as a table, each linking to its page; on a telephone each row becomes a block."""
    words = page.words
    columns = [
        Column(words("column.target")),
        Column(words("column.status")),
        Column(words("column.actual"), "number"),
        Column(words("column.period")),
        Column(words("column.promise")),
        Column(words("column.reason")),
        Column(words("column.custodian")),
    ]
    rows = []
    for facts in these:
        shown = facts.shown
        period = words("card.no_figure")
        if shown:
            period = element(
                "span", shown_period(facts, words), " ", maturity(shown.row.get("maturity"), words)
            )
        name = link(words.pick(facts.target, "name"), page.address("target", target=facts.target_id))
        rows.append(
            (
                element("span", name, " ", notes_marker(page, facts.annotations)),
                state_of_promise(
                    facts.bucket, words.of("bucket", facts.bucket), aspiration_words(facts, words)
                ),
                figure(shown, facts, words) if shown else words("none"),
                period,
                promise(facts, words),
                card_reason(facts, words) or words("none"),
                words.pick(facts.indicator, "custodian"),
            )
        )
    return table(caption, columns, rows)
