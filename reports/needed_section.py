"""The part of a target's page that says what each coming year has to reach."""

from __future__ import annotations

from reports.leaf import Leaf
from reports.markup import Column, element, table
from reports.needs import needed_table, status_head
from reports.target_facts import TargetFacts

# Where the part begins on the page.
PLACE = "muc-can-dat"


def write_needed(page: Leaf, facts: TargetFacts) -> None:
    """A row for each coming year until the target year, or the sentence that says why there is none."""
    words = page.words
    page.write(element("div", id=PLACE))
    page.header(words("need.title"))
    needed = needed_table(facts, page.release.cut_off, words)
    if isinstance(needed, str):
        page.write(element("p", needed))
        return
    columns = [
        Column(words("column.period")),
        *(Column(head, "number") for head in needed.heads),
        Column(status_head(page.release.cut_off, words)),
    ]
    rows = [
        (words("period.year", year=one.year), *one.values, words.of("need_year", one.state))
        for one in needed.years
    ]
    classes = ["ppw-row-missing" if one.state.startswith("past") else "" for one in needed.years]
    page.write(table(needed.caption, columns, rows, classes), classes="ppw-needed")
    page.write(element("p", " ".join(needed.said), classes="ppw-small"))
