"""Milestones: what is due, what is overdue, on what evidence? And the page of one of them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from reports.cause_section import statements_section
from reports.choices import ALL, chosen, written
from reports.disclosure import NOT_PUBLIC_VALUE
from reports.frame import Page, show_page
from reports.markup import Column, Markup, element, joined, link, state, table
from reports.milestone_chart import stops, timeline
from reports.milestone_facts import (
    MilestoneFacts,
    due_sentence,
    every_milestone,
    evidence,
    milestone_sentence,
    state_counts,
)
from reports.numbers import format_date
from reports.plan_facts import HORIZONS, reference_versions, target_key
from reports.promise_sections import (
    facts_list,
    notes_above,
    notes_list,
    notes_marker,
    own_notes,
    target_address,
    write_around,
    write_notes,
    write_place,
    write_reading,
)
from reports.reading import milestone_entries
from reports.search import domain_order, matches
from reports.statements import source_name
from reports.target_list import SHORT_LIST
from reports.words import FAMILIES

# As many digits of a snapshot's sha256 as name it.
DIGITS = 12


def show() -> None:
    """The list, or the page of the milestone named in the address."""
    show_page("milestones", body, title)


def asked_milestone(page: Page) -> MilestoneFacts | None:
    """The milestone named in the address, of the document named there or of the plan in use; or None."""
    asked, plan = st.query_params.get("target"), st.query_params.get("plan")
    return next(
        (
            facts
            for facts in every_milestone(page.release)
            if facts.target_id == asked and plan in (None, facts.plan_version)
        ),
        None,
    )


def title(page: Page) -> str:
    """The milestone's name; the page's name for the list."""
    facts = asked_milestone(page)
    return page.words.pick(facts.target, "name") if facts else page.words("milestones.title")


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    facts = asked_milestone(page)
    if facts is not None:
        _one(page, facts)
        return
    if asked := st.query_params.get("target"):
        page.write(element("p", page.words("milestones.unknown", target=asked)))
    every = [facts for facts in every_milestone(page.release) if facts.reference]
    if not every:
        page.write(element("p", page.words("milestones.none"), classes="ppw-lead"))
        return
    _first_lines(page, every)
    _timeline(page, every)
    _list(page, every)


def _first_lines(page: Page, every: Sequence[MilestoneFacts]) -> None:
    words = page.words
    counts = [
        element(
            "li",
            element("span", page.number(count), classes="ppw-big"),
            state(code, words.of("milestone", code)),
            classes="" if count else "ppw-zero",
        )
        for code, count in state_counts(every).items()
        # A reader from whom nothing is kept need not be told that something could be.
        if count or code != NOT_PUBLIC_VALUE
    ]
    page.write(
        element("p", milestone_sentence(every, words), classes="ppw-lead"),
        element("ul", *counts, classes="ppw-counts"),
        element("p", words("milestones.evidence_rule"), classes="ppw-small"),
    )


def _timeline(page: Page, every: Sequence[MilestoneFacts]) -> None:
    """When they are due, by field: every state with its shape and its count, and the day the release is judged by."""
    words = page.words
    domains = sorted({facts.domain for facts in every}, key=domain_order)
    chart = timeline(every, domains, page.release.cut_off, words, page.theme)
    if chart is None:
        return
    page.header(words("milestones.timeline"))
    counted = state_counts(every)
    key = [
        element("span", state(code, words(f"milestone_count.{code}", n=page.number(count))))
        for code, count in counted.items()
        if count
    ]
    drawn = words("milestones.drawn", cut_off=page.date(page.release.cut_off))
    summary = words(
        "milestones.timeline_summary",
        lead=milestone_sentence(every, words),
        cut_off=page.date(page.release.cut_off),
    )
    page.write(
        element("p", due_sentence(every, page.release.cut_off, words), classes="ppw-chart-title"),
        element("p", drawn, classes="ppw-small"),
        element("p", joined(key, "   "), classes="ppw-key"),
    )
    st.altair_chart(chart, width="stretch", alt=summary)
    columns = [
        Column(words("column.domain")),
        Column(words("column.due")),
        Column(words("column.status")),
        Column(words("column.count"), "number"),
    ]
    rows = [
        (
            words.of("domain", one.domain),
            format_date(one.due),
            state(one.state, words.of("milestone", one.state)),
            page.number(one.n),
        )
        for one in stops(every, domains)
    ]
    page.write(
        element("p", summary, classes="ppw-unseen"),
        element(
            "details",
            element("summary", words("milestones.timeline_table")),
            table(words("milestones.timeline_table"), columns, rows),
        ),
    )


def _list(page: Page, every: Sequence[MilestoneFacts]) -> None:
    words = page.words
    page.header(words("milestones.list"))
    domains = sorted({facts.domain for facts in every}, key=domain_order)
    states = [code for code, count in state_counts(every).items() if count]
    horizons = [year for year in HORIZONS if any(facts.horizon == year for facts in every)]
    first, second, third, fourth = st.container(key="ppw_filters").columns([5, 5, 4, 6])
    options = {ALL: words("filter.all_domains")} | {code: words.of("domain", code) for code in domains}
    domain = chosen(first, "domain", words("filter.domain"), options, "milestone_domain")
    options = {ALL: words("filter.all_statuses")} | {code: words.of("milestone", code) for code in states}
    state_chosen = chosen(second, "state", words("filter.status"), options, "milestone_state")
    options = {ALL: words("filter.all_horizons")} | {
        str(year): words("filter.until", year=year) for year in horizons
    }
    until = chosen(third, "until", words("filter.horizon"), options, "milestone_until")
    asked = written(fourth, "find", words("filter.search"), words("filter.search_help"), "milestone_search")
    found = [
        f
        for f in every
        if domain in (ALL, f.domain)
        and state_chosen in (ALL, f.state)
        and until in (ALL, str(f.horizon))
        and matches(asked, f.target.get("name_vi"), f.target.get("name_en"), f.target_id)
    ]
    if not found:
        page.write(element("p", words("filter.nothing")))
        return
    narrowed = len(found) < len(every) or len(every) <= SHORT_LIST
    groups = []
    for code in domains:
        rows = sorted(
            (f for f in found if f.domain == code),
            key=lambda f: (f.due_year or 9999, int(f.target.get("line") or 0)),
        )
        if rows:
            heading = words.counted("milestones.group", len(rows), domain=words.of("domain", code))
            groups.append(
                element(
                    "details",
                    element("summary", heading),
                    _table(page, rows, words.of("domain", code)),
                    **({"open": ""} if narrowed else {}),
                )
            )
    caption = words("milestones.caption", n=page.number(len(found)), total=page.number(len(every)))
    page.write(element("p", caption, classes="ppw-small"), *groups, classes="ppw-list")


def _table(page: Page, rows: Sequence[MilestoneFacts], caption: str) -> Markup:
    """Milestones in the order they are due; remarks fold out under the name."""
    words, counted = page.words, reference_versions(page.release)
    columns = [
        Column(words("column.milestone")),
        Column(words("column.due")),
        Column(words("column.status")),
        Column(words("column.evidence")),
        Column(words("column.place")),
    ]
    cells = []
    for facts in rows:
        name: Markup = link(words.pick(facts.target, "name"), target_address(page, facts.target, counted))
        if own := own_notes(facts.annotations):
            remarks = element(
                "details",
                element("summary", notes_marker(page, own)),
                notes_list(page, own),
                classes="ppw-inner",
            )
            name = element("div", name, remarks)
        place = words("notes.place", clause=facts.target["clause"], line=facts.target.get("line"))
        cells.append(
            (
                name,
                format_date(facts.due) if facts.due else words("milestones.no_year"),
                state(facts.state, words.of("milestone", facts.state)),
                evidence(facts, words),
                place,
            )
        )
    return table(caption, columns, cells)


def _one(page: Page, facts: MilestoneFacts) -> None:
    """The page of one milestone."""
    words = page.words
    months = page.release.parameters().get("milestone_due_months")
    meaning = words.of("milestone_meaning", facts.state)
    if facts.state in FAMILIES["milestone"]:
        meaning = words(f"milestone_meaning.{facts.state}", months=page.number(months))
    entries: list[tuple[object, object]] = [
        (words("milestones.state"), state(facts.state, words.of("milestone", facts.state))),
        (words("reading.due"), format_date(facts.due) if facts.due else words("milestones.no_year")),
        (words("milestones.evidence"), evidence(facts, words)),
        (
            words("milestones.responsible"),
            facts.target.get("responsible_vi") or words("milestones.responsible_none"),
        ),
        (words("target.domain"), words.of("domain", facts.domain)),
    ]
    page.write(
        element("p", meaning, classes="ppw-lead"),
        facts_list(entries),
        element("p", notes_above(page, facts.annotations)),
    )
    _citation(page, facts)
    statements_section(page, facts)
    write_place(page, facts.target)
    write_notes(page, facts.annotations)
    write_reading(page, facts.target, milestone_entries(facts.target, words))
    known = {target_key(row): row for row in page.release.rows("fct_target")}
    write_around(page, facts.target, known, reference_versions(page.release))
    page.write(element("p", link(words("milestones.back"), page.address("milestones"))))


def _citation(page: Page, facts: MilestoneFacts) -> None:
    """Where the latest report was read: source, day it is about, what it says, snapshot, cell."""
    words, row = page.words, facts.status
    if not row.get("evidence_source_id"):
        return
    source_id = str(row["evidence_source_id"])
    entries: list[tuple[object, object]] = [
        (words("column.source"), source_name(page.release, words, source_id) or source_id),
        (words("milestones.about_day"), page.date(row.get("reported_as_of"))),
        (words("milestones.says"), words.of("reported_state", row.get("reported_state"))),
        (words("milestones.cell"), str(row.get("evidence_cell_ref") or words("none"))),
        (words("milestones.snapshot"), str(row.get("evidence_snapshot_sha256") or words("none"))[:DIGITS]),
    ]
    page.header(words("milestones.citation"))
    page.write(facts_list(entries))


if __name__ == "__main__":
    show()
