"""The coverage board: what was due, what came, who owes what?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import streamlit as st

from reports.desk.coverage_facts import SourceCoverage, coverage, next_issues, owed_issues
from reports.desk.desk_page import Desk, badge, show_desk
from reports.markup import Column, Markup, element, table
from reports.numbers import format_number
from reports.periods import period_words, sentence_case
from reports.release_data import Row


def show() -> None:
    """The page."""
    show_desk("coverage", body)


def body(desk: Desk) -> None:
    """Everything between the title and the footer."""
    words, page = desk.words, desk.page
    found = coverage(desk.release)
    day = page.date(desk.release.cut_off)
    if not found:
        desk.lead(words("coverage.no_calendar"))
        return
    counts = {
        "due": sum(one.due for one in found),
        "received": sum(one.received for one in found),
        "received_late": sum(one.received_late for one in found),
        "late": sum(one.late for one in found),
        "missing": sum(one.missing for one in found),
        "not_collected": sum(one.not_collected for one in found),
    }
    owing = [one for one in found if one.owed]
    lead = words(
        "coverage.lead",
        day=day,
        due=words.counted("coverage.issues", counts["due"]),
        received=page.number(counts["received"]),
        late=page.number(counts["late"]),
        missing=page.number(counts["missing"]),
        not_collected=page.number(counts["not_collected"]),
    )
    first = (
        words("coverage.first", source=words.pick(owing[0].source, "title"), n=page.number(owing[0].owed))
        if owing
        else words("coverage.none_owing")
    )
    desk.lead(lead, element("p", first), _counts(desk, counts))
    st.header(words("coverage.board"), anchor=False)
    page.write(element("p", words("coverage.meaning"), classes="ppw-small"))
    by_publisher = sorted(found, key=lambda one: (words.pick(one.source, "publisher"), -one.owed))
    for publisher, group in groupby(by_publisher, key=lambda one: words.pick(one.source, "publisher")):
        page.write(_board(desk, publisher, list(group)), classes="ppw-list ppw-vintages ppw-board")
    _owed(desk)
    _next(desk)


def _counts(desk: Desk, counts: Mapping[str, int]) -> Markup:
    words = desk.words
    items = [
        element(
            "li",
            element("span", desk.page.number(count), classes="ppw-big"),
            element("span", words("column.issues_due"), classes="ppw-state")
            if name == "due"
            else badge(name, words.of("issue_state", name)),
            classes="" if count else "ppw-zero",
        )
        for name, count in counts.items()
    ]
    return element("ul", *items, classes="ppw-counts ppw-counts-6")


def _board(desk: Desk, publisher: str, group: Sequence[SourceCoverage]) -> Markup:
    words, page = desk.words, desk.page
    columns = [
        Column(words("column.source")),
        Column(words("column.issues_due"), "number"),
        Column(words("column.issues_received"), "number"),
        Column(words("coverage.received_late"), "number"),
        Column(words("column.issues_late"), "number"),
        Column(words("column.issues_missing"), "number"),
        Column(words("column.issues_not_collected"), "number"),
        Column(words("column.completeness"), "number"),
        Column(words("coverage.days"), "number"),
        Column(words("column.next_due")),
    ]
    rows = [
        (
            words.pick(one.source, "title"),
            page.number(one.due),
            page.number(one.received),
            page.number(one.received_late),
            page.number(one.late),
            page.number(one.missing),
            page.number(one.not_collected),
            _percent(desk, one.completeness),
            _days(desk, one.days),
            page.date(one.next_due),
        )
        for one in group
    ]
    classes = ["ppw-row-owing" if one.owed else "" for one in group]
    return table(publisher, columns, rows, classes, caption_shown=True)


def _percent(desk: Desk, share: float | None) -> str:
    if share is None:
        return desk.words("none")
    return desk.words("calendar.percent", value=desk.page.number(round(100 * share, 1)))


def _days(desk: Desk, days: float | None) -> str:
    if days is None:
        return desk.words("none")
    sign = "+" if days > 0 else ""
    return f"{sign}{format_number(days, desk.page.language)}"


def _owed(desk: Desk) -> None:
    words, page = desk.words, desk.page
    issues = owed_issues(desk.release)
    st.header(words("coverage.owed"), anchor=False)
    if not issues:
        page.write(element("p", words("calendar.none_owed")))
        return
    columns = [
        Column(words("column.source")),
        Column(words("column.period")),
        Column(words("column.due")),
        Column(words("coverage.overdue_by"), "number"),
        Column(words("column.status")),
        Column(words("column.calendar_basis")),
    ]
    rows = [
        (
            desk.names.source(issue["source_id"]),
            _period(desk, issue),
            page.date(issue["due_on"]),
            words.counted("queue.days", (page.today - issue["due_on"]).days),
            badge(issue["state"], words.of("issue_state", issue["state"])),
            words.pick(issue, "basis"),
        )
        for issue in issues
    ]
    page.write(table(words("coverage.owed"), columns, rows), classes="ppw-list ppw-vintages")


def _next(desk: Desk) -> None:
    words, page = desk.words, desk.page
    issues = next_issues(desk.release, page.today)
    st.header(words("coverage.next"), anchor=False)
    if not issues:
        page.write(element("p", words("coverage.none_next")))
        return
    columns = [Column(words("column.due")), Column(words("column.source")), Column(words("column.period"))]
    rows = [
        (page.date(issue["due_on"]), desk.names.source(issue["source_id"]), _period(desk, issue))
        for issue in issues
    ]
    page.write(table(words("coverage.next"), columns, rows), classes="ppw-list ppw-vintages")


def _period(desk: Desk, issue: Row) -> str:
    period = sentence_case(period_words(issue["period_id"], desk.words))
    if issue["maturity"] is None:
        return period
    maturity = desk.words.of("maturity", issue["maturity"])
    return desk.words("calendar.period_maturity", period=period, maturity=maturity)


if __name__ == "__main__":
    show()
