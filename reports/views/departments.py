"""Departments: what does each office owe, what did it deliver, what waits for it? And the page of one of them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from reports.cause_section import cause_list, targets_by_key
from reports.causes import RUNNING, causes_sentence, every_cause
from reports.frame import Page, show_page
from reports.long_page import MOST_OPEN, fold, folded_table
from reports.markup import Column, Markup, element, joined, link, state, table
from reports.office_facts import Office, every_office, office_name, unanswered
from reports.page_data import giving_sources
from reports.periods import period_words
from reports.plan_counts import listed_sentence, not_assessed_sentence, plan_counts
from reports.plan_facts import reference_versions
from reports.promise_sections import facts_list, target_address
from reports.source_calendar import basis_of, remark_list, remarks_on
from reports.target_facts import TargetFacts, every_target, of_the_plan


def show() -> None:
    """The list, or the page of the office named in the address."""
    show_page("departments", body, title)


def asked_office(page: Page) -> Office | None:
    """The office named in the address, or None."""
    asked = st.query_params.get("office")
    return next((one for one in every_office(page.release) if one.name == asked), None) if asked else None


def title(page: Page) -> str:
    """The office's name; the page's name for the list."""
    office = asked_office(page)
    return office_name(office, page.words) if office else page.words("departments.title")


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    office = asked_office(page)
    if office is not None:
        _one(page, office)
        return
    if asked := st.query_params.get("office"):
        page.write(element("p", page.words("departments.unknown", office=asked)))
    every = every_office(page.release)
    _first_lines(page, every)
    concerned = [one for one in every if one.indicators or one.answers_for or one.causes or one.due]
    others = [one for one in every if one not in concerned]
    page.write(_table(page, concerned, page.words("departments.table")), classes="ppw-list ppw-vintages")
    if others:
        page.write(
            element(
                "details",
                element("summary", page.words.counted("departments.others", len(others))),
                _table(page, others, page.words("departments.others_table")),
            ),
            classes="ppw-list ppw-vintages",
        )
    _statements(page)


def _first_lines(page: Page, every: Sequence[Office]) -> None:
    words = page.words
    owing = [one for one in every if one.owed]
    # Also those of whom no record names who keeps the figures.
    plan = of_the_plan(every_target(page.release))
    waiting = plan_counts(plan).n_waiting
    late = (
        words.counted("departments.late", sum(len(one.owed) for one in owing), offices=_names(page, owing))
        if owing
        else words("departments.none_late")
    )
    most = max(every, key=lambda one: len(one.waiting), default=None)
    if not waiting:
        waits = words("departments.none_waiting")
    elif most is None or not most.waiting:
        waits = words.counted("departments.waiting_unnamed", waiting)
    else:
        waits = words.counted(
            "departments.waiting",
            waiting,
            office=office_name(most, words),
            most=page.number(len(most.waiting)),
        )
    targets, milestones = unanswered(page.release)
    unnamed = words(
        "departments.unanswered",
        targets=page.number(targets),
        listed=page.number(len(plan)),
        milestones=page.number(milestones),
    )
    divided, counted = not_assessed_sentence(plan, words), listed_sentence(plan, words)
    page.write(
        element("p", late, " ", waits, classes="ppw-lead"),
        *([element("p", divided)] if divided and waiting else []),
        element("p", joined([one for one in (unnamed, counted) if one], " ")),
        element(
            "p", words("departments.calendar_known", n=_names(page, [o for o in every if o.has_calendar]))
        ),
        element("p", causes_sentence(every_cause(page.release), words)),
    )


def _names(page: Page, offices: Sequence[Office]) -> str:
    return page.words.listed([office_name(one, page.words) for one in offices]) or page.words("none")


def _table(page: Page, offices: Sequence[Office], caption: str) -> Markup:
    words = page.words
    columns = [
        Column(words("column.office")),
        Column(words("column.answers_for"), "number"),
        Column(words("column.keeps"), "number"),
        Column(words("column.waiting"), "number"),
        Column(words("column.figures"), "number"),
        Column(words("column.delivery")),
        Column(words("column.statements")),
    ]
    rows = [
        (
            link(office_name(one, words), page.address("departments", office=one.name)),
            page.number(len(one.answers_for)),
            page.number(len(one.keeps)),
            page.number(len(one.waiting)),
            page.number(one.figures),
            _delivery(page, one),
            _running(page, one),
        )
        for one in offices
    ]
    return table(caption, columns, rows)


def _delivery(page: Page, office: Office) -> str:
    """What was due and what came, in words; that no calendar is known where none is."""
    words = page.words
    if not office.sources:
        return words("departments.no_source")
    if not office.has_calendar:
        return words("departments.no_calendar")
    return words(
        "departments.delivery",
        due=page.number(office.due),
        received=page.number(office.received),
        late=page.number(office.late),
        missing=page.number(office.missing),
        not_collected=page.number(office.counted("not_collected")),
    )


def _running(page: Page, office: Office) -> Markup | str:
    words = page.words
    parts = []
    for code in RUNNING:
        if count := sum(cause.state == code for cause in office.causes):
            shape = "overdue" if code == "overdue" else "due"
            parts.append(state(shape, words(f"statement_count.{code}", n=page.number(count))))
    ended = len(office.causes) - sum(cause.state in RUNNING for cause in office.causes)
    if ended:
        parts.append(element("span", words("departments.ended", n=page.number(ended))))
    return element("div", *parts, classes="ppw-stack") if parts else words("none")


def _statements(page: Page) -> None:
    words = page.words
    causes = every_cause(page.release)
    if not causes:
        return
    page.header(words("statement.title"))
    page.write(
        element("p", words("statement.whose"), classes="ppw-small"),
        cause_list(page, causes, targets_by_key(page.release)),
    )


def _one(page: Page, office: Office) -> None:
    """The page of one office."""
    words = page.words
    waiting = office.waiting
    first = (
        words.counted("departments.office_waiting", len(waiting))
        if waiting
        else words("departments.office_none_waiting")
    )
    entries: list[tuple[object, object]] = [
        (words("column.answers_for"), page.number(len(office.answers_for))),
        (words("column.indicators_kept"), page.number(len(office.indicators))),
        (words("column.keeps"), page.number(len(office.keeps))),
        (words("column.figures"), page.number(office.figures)),
        (words("column.delivery"), _delivery(page, office)),
    ]
    page.write(element("p", first, classes="ppw-lead"), facts_list(entries))
    page.jump()
    if office.causes:
        page.header(words("statement.title"))
        page.write(
            element("p", words("statement.whose"), classes="ppw-small"),
            cause_list(page, office.causes, targets_by_key(page.release)),
        )
    _waiting(page, waiting)
    _owed(page, office)
    _sources(page, office)
    _answers_for(page, office)
    _assessed(page, [facts for facts in office.keeps if facts not in waiting])
    page.write(element("p", link(words("departments.back"), page.address("departments"))))


def _target_link(page: Page, facts: TargetFacts) -> Markup:
    name = page.words.pick(facts.target, "name")
    return link(name, target_address(page, facts.target, reference_versions(page.release)))


def _waiting(page: Page, waiting: Sequence[TargetFacts]) -> None:
    if not waiting:
        return
    words = page.words
    page.header(words("departments.waiting_title"))
    columns = [
        Column(words("column.target")),
        Column(words("column.reason")),
        Column(words("column.meaning")),
    ]
    rows = [
        (
            _target_link(page, facts),
            words.of("reason", facts.assessment["reason_code"]),
            words.of("reason_meaning", facts.assessment["reason_code"]),
        )
        for facts in waiting
    ]
    name, label = words("departments.waiting_title"), words.counted("search.targets", len(rows))
    listed = table(name, columns, rows)
    page.write(
        fold(words, name, listed, label=label) if len(rows) > MOST_OPEN else listed, classes="ppw-list"
    )


def _owed(page: Page, office: Office) -> None:
    words = page.words
    page.header(words("departments.owed_title"))
    if not office.owed:
        key = "calendar.none_owed" if office.has_calendar else "departments.no_calendar_meaning"
        page.write(element("p", words(key)))
        return
    marks = remarks_on(office.owed, words)
    names = {str(source["source_id"]): words.pick(source, "title") for source in office.sources}
    columns = [
        Column(words("column.source")),
        Column(words("column.period")),
        Column(words("column.due")),
        Column(words("column.status")),
        Column(words("column.calendar_basis")),
    ]
    rows = [
        (
            names.get(str(issue["source_id"]), str(issue["source_id"])),
            period_words(issue["period_id"], words),
            page.date(issue["due_on"]),
            words.of("issue_state", issue["state"]),
            basis_of(issue, marks, words),
        )
        for issue in office.owed
    ]
    owed = table(words("departments.owed_title"), columns, rows)
    page.write(remark_list(marks, words), owed, classes="ppw-list")


def _sources(page: Page, office: Office) -> None:
    words = page.words
    page.header(words("departments.sources_title"))
    if not office.sources:
        page.write(element("p", words("departments.no_source")))
        return
    figures = giving_sources(page.release)
    columns = [
        Column(words("column.source")),
        Column(words("column.publisher")),
        Column(words("column.figures"), "number"),
        Column(words("column.outcome")),
        Column(words("column.next_due")),
    ]
    rows = [
        (
            words.pick(source, "title"),
            words.pick(source, "publisher"),
            page.number(figures[str(source["source_id"])]),
            words.of("outcome", source.get("last_outcome")),
            page.date(source.get("next_due_on")),
        )
        for source in office.sources
    ]
    page.write(folded_table(words, words("departments.sources_title"), columns, rows), classes="ppw-list")


def _answers_for(page: Page, office: Office) -> None:
    words = page.words
    page.header(words("departments.answers_title"))
    if not office.answers_for:
        kept = [" ", words("departments.answers_kept")] if office.keeps else []
        page.write(element("p", words("departments.answers_none"), *kept))
        return
    counted = reference_versions(page.release)
    items = [
        element(
            "li",
            link(words.pick(one.target, "name"), target_address(page, one.target, counted)),
            " · ",
            words("notes.place", clause=one.target.get("clause"), line=one.target.get("line")),
        )
        for one in office.answers_for
    ]
    listed = fold(words, words("departments.answers_title"), element("ul", *items))
    page.write(element("p", words("departments.answers_meaning"), classes="ppw-small"), listed)


def _assessed(page: Page, others: Sequence[TargetFacts]) -> None:
    """The other targets whose figures the office keeps, with their state or the reason why there is none."""
    if not others:
        return
    words = page.words
    page.header(words("departments.kept_title"))
    columns = [Column(words("column.target")), Column(words("column.status")), Column(words("column.reason"))]
    rows = [
        (
            _target_link(page, facts),
            state(facts.bucket, words.of("bucket", facts.bucket)),
            words.of("reason", facts.assessment.get("reason_code"))
            if facts.bucket == "not_assessed"
            else words("none"),
        )
        for facts in others
    ]
    page.write(folded_table(words, words("departments.kept_title"), columns, rows), classes="ppw-list")


if __name__ == "__main__":
    show()
