"""The list of targets as a table, the same on every page."""

from __future__ import annotations

from collections.abc import Sequence

from reports.leaf import Leaf
from reports.markup import Column, Markup, element, link, maturity, state_of_promise, table
from reports.periods import period_words
from reports.promise_sections import notes_marker
from reports.statements import aspiration_words, figure, promise, reason_codes
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
                "span", period_words(shown.period_id, words), " ", maturity(shown.row.get("maturity"), words)
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
                "; ".join(words.of("reason", code) for code in reason_codes(facts)) or words("none"),
                str(facts.indicator.get("custodian_vi") or words("none")),
            )
        )
    return table(caption, columns, rows)
