"""Findings as a short list that leads to each."""

from __future__ import annotations

import polars as pl

from reports.desk.asked_queue import finding_address
from reports.desk.desk_page import Desk, badge
from reports.markup import Column, Markup, element, link, table
from reports.periods import period_words


def exceptions_table(desk: Desk, shown: pl.DataFrame, total: int) -> Markup:
    """Findings that nobody has settled, in the order of the queue."""
    words = desk.words
    columns = [
        Column(words("column.finding")),
        Column(words("column.severity")),
        Column(words("column.status")),
    ]
    rows = [
        (
            element(
                "span",
                link(desk.names.subject(row), finding_address(desk, row)),
                element("span", _where(desk, row), classes="ppw-small ppw-block"),
            ),
            badge(row["severity"], words.of("severity", row["severity"])),
            badge(row["state"], words.of("finding_state", row["state"])),
        )
        for row in shown.iter_rows(named=True)
    ]
    caption = words(
        "sources.findings_caption", shown=desk.page.number(shown.height), total=desk.page.number(total)
    )
    return table(caption, columns, rows, caption_shown=True)


def _where(desk: Desk, row: dict[str, object]) -> str:
    parts = [desk.names.rule(row["rule_id"])]
    if row["period_id"]:
        parts.insert(0, period_words(str(row["period_id"]), desk.words))
    return " · ".join(parts)
