"""Process measures: how well does the work itself go?"""

from __future__ import annotations

import streamlit as st

from reports.desk.coverage_facts import coverage
from reports.desk.desk_page import Desk, show_desk
from reports.desk.process_facts import Process, process
from reports.markup import Column, element, table
from reports.numbers import format_number


def show() -> None:
    """The page."""
    show_desk("process", body, about_draft=False)


def body(desk: Desk) -> None:
    """Everything between the title and the footer."""
    words, page = desk.words, desk.page
    found = process(desk.settings, desk.release)
    first = (
        words("process.lead_none")
        if found.days_to_sign_off is None
        else words(
            "process.lead",
            days=format_number(round(found.days_to_sign_off, 1), page.language),
            loads=words.counted("process.loads", found.loads),
        )
    )
    desk.lead(first, element("p", words("process.meaning"), classes="ppw-small"), _facts(desk, found))
    _rules(desk, found)
    _overrides(desk, found)
    _late(desk)


def _facts(desk: Desk, found: Process) -> object:
    words, page = desk.words, desk.page
    days = (
        words("none")
        if found.days_to_sign_off is None
        else words("process.days", n=_one_decimal(desk, found.days_to_sign_off))
    )
    per_load = (
        words("none") if found.findings_per_load is None else _one_decimal(desk, found.findings_per_load)
    )
    facts = [
        (words("process.days_to_sign_off"), days),
        (words("process.findings_per_load"), per_load),
        (words("process.settled"), page.number(found.settled)),
        (words("process.states_by_revision"), page.number(found.states_by_revision)),
        (words("process.states_by_other"), page.number(found.states_by_other)),
    ]
    entries = [
        element("div", element("dt", name), element("dd", value, classes="ppw-big")) for name, value in facts
    ]
    return element("dl", *entries, classes="ppw-facts")


def _one_decimal(desk: Desk, value: float) -> str:
    return format_number(round(value, 1), desk.page.language)


def _rules(desk: Desk, found: Process) -> None:
    words, page = desk.words, desk.page
    st.header(words("process.rules"), anchor=False)
    if not found.verdicts:
        page.write(element("p", words("process.nothing_settled")))
        return
    columns = [
        Column(words("column.rule")),
        Column(words("process.settled"), "number"),
        Column(words("process.wrong"), "number"),
        Column(words("process.share_wrong"), "number"),
    ]
    rows = [
        (
            desk.names.rule(one.rule_id),
            page.number(one.settled),
            page.number(one.wrong),
            words("calendar.percent", value=_one_decimal(desk, 100 * one.share)),
        )
        for one in found.verdicts
    ]
    page.write(
        element("p", words("process.rules_meaning"), classes="ppw-small"),
        table(words("process.rules"), columns, rows),
        classes="ppw-list ppw-vintages",
    )


def _overrides(desk: Desk, found: Process) -> None:
    words, page = desk.words, desk.page
    st.header(words("process.overrides"), anchor=False)
    if not found.overrides:
        page.write(element("p", words("process.no_overrides")))
        return
    columns = [
        Column(words("desk.why")),
        Column(words("desk.what")),
        Column(words("process.times"), "number"),
    ]
    rows = [
        (words.of("decision_reason", code), words.of("finding_action", action), page.number(count))
        for (action, code), count in sorted(found.overrides.items(), key=lambda item: (-item[1], item[0]))
    ]
    page.write(table(words("process.overrides"), columns, rows), classes="ppw-list ppw-vintages")


def _late(desk: Desk) -> None:
    words, page = desk.words, desk.page
    late = [one for one in coverage(desk.release) if one.owed or one.received_late]
    st.header(words("process.late"), anchor=False)
    if not late:
        page.write(element("p", words("process.none_late")))
        return
    columns = [
        Column(words("column.source")),
        Column(words("column.issues_due"), "number"),
        Column(words("coverage.received_late"), "number"),
        Column(words("column.issues_late"), "number"),
        Column(words("column.issues_missing"), "number"),
    ]
    rows = [
        (
            words.pick(one.source, "title"),
            page.number(one.due),
            page.number(one.received_late),
            page.number(one.late),
            page.number(one.missing),
        )
        for one in late
    ]
    page.write(table(words("process.late"), columns, rows), classes="ppw-list ppw-vintages")


if __name__ == "__main__":
    show()
