"""Overview: where does the plan stand? A sentence, the counts, the headline targets as cards, and every
target.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import streamlit as st

from reports.frame import Page, show_page
from reports.markup import Column, Markup, element, link, maturity, state, state_of_promise, table
from reports.milestone_facts import every_milestone, milestone_apart
from reports.numbers import format_date
from reports.periods import period_words
from reports.plan_facts import HORIZONS
from reports.promise_sections import notes_marker
from reports.sparkline import Years, shared_years, sparkline
from reports.statements import (
    aspiration_words,
    bucket_counts,
    card_reason,
    change_sentence,
    chart_summary,
    figure,
    fresh_sentence,
    latest_year,
    level_words,
    overview_sentence,
    pace_sentence,
    promise,
    reason_codes,
    reasons_counted,
    unit_symbol,
)
from reports.target_facts import TargetFacts, every_target, of_the_plan
from reports.words import FAMILIES

ALL = ""
CARDS_IN_A_ROW = 4
# A list that is no longer than this needs no folding.
SHORT_LIST = 12
SORTS = ("document", "name", "status", "year")


def show() -> None:
    """The page."""
    show_page("overview", body)


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    every = of_the_plan(every_target(page.release))
    _first_lines(page, every)
    _headlines(page, [facts for facts in every if facts.headline])
    _all_targets(page, every)


def _first_lines(page: Page, every: Sequence[TargetFacts]) -> None:
    words = page.words
    counts = [
        element(
            "li",
            element("span", page.number(count), classes="ppw-big"),
            state(bucket, words.of("bucket", bucket)),
            classes="" if count else "ppw-zero",
        )
        for bucket, count in bucket_counts(every).items()
    ]
    why = [
        words("overview.reason_count", reason=words.of("reason", code), n=page.number(n))
        for code, n in reasons_counted(every)
    ]
    has_previous = page.release.manifest.previous_release_id is not None
    lines = [
        element("p", overview_sentence(every, words), classes="ppw-lead"),
        element("p", pace_sentence(every, words)),
        element("ul", *counts, classes="ppw-counts"),
        element("p", change_sentence(page.release.rows("fct_release_change"), has_previous, words)),
        element("p", fresh_sentence(every, format_date(page.release.cut_off), words)),
    ]
    if why:
        lines.append(element("p", words("overview.why", reasons="; ".join(why))))
    milestones = [facts for facts in every_milestone(page.release) if facts.reference]
    if milestones:
        see = link(words("milestones.apart_link"), page.address("milestones"))
        lines.append(element("p", milestone_apart(milestones, words), " ", see))
    page.write(*lines)


def _headlines(page: Page, headlines: Sequence[TargetFacts]) -> None:
    words = page.words
    years = shared_years(headlines)
    if not headlines or years is None:
        return
    st.header(words("overview.headlines"), anchor=False)
    page.write(element("p", words("overview.card_key"), classes="ppw-small"))
    groups = []
    for domain in sorted({facts.domain for facts in headlines}, key=domain_order):
        chosen = [facts for facts in sorted(headlines, key=_headline_order) if facts.domain == domain]
        groups.append(
            element(
                "section",
                element("h3", words.of("domain", domain)),
                element("div", *(card(page, facts, years) for facts in chosen), classes="ppw-cards"),
                classes=f"ppw-group ppw-group-{min(len(chosen), CARDS_IN_A_ROW)}",
            )
        )
    page.write(element("div", *groups, classes="ppw-groups"))


def domain_order(domain: str) -> tuple[int, str]:
    known = FAMILIES["domain"]
    return (known.index(domain) if domain in known else len(known), domain)


def _headline_order(facts: TargetFacts) -> tuple[int, str]:
    order = facts.target.get("headline_order")
    return (int(order) if order is not None else 999, facts.target_id)


def card(page: Page, facts: TargetFacts, years: Years) -> Markup:
    """The card of a target, the same wherever a target appears."""
    words = page.words
    name = link(words.pick(facts.target, "name"), page.address("target", target=facts.target_id))
    shown = facts.shown
    if shown is None:
        figures = [
            element("p", words("none"), classes="ppw-figure"),
            element("p", words("card.no_figure"), classes="ppw-when"),
        ]
    else:
        symbol = unit_symbol(facts, shown.row.get("unit"), words)
        number = figure(shown, facts, words).removesuffix(symbol).rstrip()
        figures = [
            element("p", number, element("span", _spaced(symbol), classes="ppw-unit"), classes="ppw-figure"),
            element(
                "p",
                period_words(shown.period_id, words),
                " · ",
                maturity(shown.row.get("maturity"), words),
                classes="ppw-when",
            ),
        ]
    drawn = facts.comparable_points() or facts.target_bounds()
    chart = sparkline(facts, years, chart_summary(facts, words), page.theme) if drawn else Markup("")
    pace = str(facts.assessment.get("pace_state") or "not_assessed")
    level = str(facts.assessment.get("level_state") or "not_assessed")
    aspiration = aspiration_words(facts, words)
    states = [
        element("p", words(f"card.{name}"), " ", state_of_promise(code, label, aspiration))
        for name, code, label in (
            ("level", level, level_words(facts, words)),
            ("pace", pace, words.of("pace", pace)),
        )
    ]
    if reason := card_reason(facts, words):
        states.append(element("p", reason, classes="ppw-when"))
    if marker := notes_marker(page, facts.annotations):
        states.append(element("p", marker, classes="ppw-when"))
    return element(
        "article",
        element("h4", name),
        *figures,
        element("p", words("card.target", promise=promise(facts, words))),
        chart,
        element("div", *states, classes="ppw-states"),
        classes="ppw-card",
    )


def _spaced(symbol: str) -> str:
    return symbol if symbol.startswith("%") else f"\u00a0{symbol}"


def _all_targets(page: Page, every: Sequence[TargetFacts]) -> None:
    words = page.words
    st.header(words.counted("overview.all_targets", len(every)), anchor=False)
    domains = sorted({facts.domain for facts in every}, key=domain_order)
    buckets = [bucket for bucket in FAMILIES["bucket"] if any(facts.bucket == bucket for facts in every)]
    horizons = [year for year in HORIZONS if any(facts.horizon == year for facts in every)]
    first, second, third, fourth, fifth = st.columns([5, 5, 4, 5, 6])
    domain = first.selectbox(
        words("filter.domain"),
        [ALL, *domains],
        format_func=lambda code: words.of("domain", code) if code else words("filter.all_domains"),
        key="filter_domain",
    )
    bucket = second.selectbox(
        words("filter.status"),
        [ALL, *buckets],
        format_func=lambda code: words.of("bucket", code) if code else words("filter.all_statuses"),
        key="filter_status",
    )
    until = third.selectbox(
        words("filter.horizon"),
        [None, *horizons],
        format_func=lambda year: words("filter.until", year=year) if year else words("filter.all_horizons"),
        key="filter_horizon",
    )
    sort = fourth.selectbox(
        words("filter.sort"), SORTS, format_func=lambda name: words(f"sort.{name}"), key="sort_targets"
    )
    asked = fifth.text_input(
        words("filter.search"), key="search_targets", placeholder=words("filter.search_help")
    )
    chosen = [
        f
        for f in every
        if domain in (ALL, f.domain)
        and bucket in (ALL, f.bucket)
        and until in (None, f.horizon)
        and matches(asked, f.target.get("name_vi"), f.target.get("name_en"), f.target_id)
    ]
    if not chosen:
        page.write(element("p", words("filter.nothing")))
        return
    narrowed = len(chosen) < len(every) or len(every) <= SHORT_LIST
    said = [words("overview.table_caption", n=page.number(len(chosen)), total=page.number(len(every)))]
    if sum(facts.counted for facts in chosen) < len(chosen):
        said.append(words("overview.structure_once"))
    groups = [
        _group(page, code, ordered(page, [f for f in chosen if f.domain == code], str(sort)), narrowed)
        for code in domains
        if any(f.domain == code for f in chosen)
    ]
    page.write(element("p", ". ".join(said), classes="ppw-small"), *groups, classes="ppw-list")


def _group(page: Page, domain: str, chosen: Sequence[TargetFacts], narrowed: bool) -> Markup:
    """The targets of a domain, folded until the reader opens it or has narrowed the list down."""
    words = page.words
    counts = bucket_counts(chosen)
    parts = words.listed([words(f"bucket_count.{b}", n=page.number(n)) for b, n in counts.items() if n])
    heading = words(
        "overview.by_domain",
        domain=words.of("domain", domain),
        n=page.number(sum(counts.values())),
        parts=parts or words("none"),
    )
    return element(
        "details",
        element("summary", heading),
        target_table(page, chosen, words.of("domain", domain)),
        **({"open": ""} if narrowed else {}),
    )


def folded(text: object) -> str:
    """A text without accents and capitals, for searching: Độ che phủ -> do che phu."""
    plain = unicodedata.normalize("NFD", str(text or "").casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def matches(asked: str | None, *texts: object) -> bool:
    """Whether every word asked for occurs in one of the texts, accents and capitals aside."""
    whole = " ".join(folded(text) for text in texts)
    return all(word in whole for word in folded(asked).split())


def ordered(page: Page, chosen: Sequence[TargetFacts], sort: str) -> list[TargetFacts]:
    """Targets in the order asked for; ties keep the order of the plan document."""
    buckets = FAMILIES["bucket"]
    if sort == "name":
        return sorted(chosen, key=lambda f: page.words.pick(f.target, "name").casefold())
    if sort == "status":
        return sorted(chosen, key=lambda f: buckets.index(f.bucket) if f.bucket in buckets else len(buckets))
    if sort == "year":
        return sorted(chosen, key=lambda f: -(latest_year(f) or 0))
    return list(chosen)


def target_table(page: Page, chosen: Sequence[TargetFacts], caption: str) -> Markup:
    """A list of targets as a table, each linking to its page; on a telephone each row becomes a block."""
    words = page.words
    columns = [
        Column(words("column.target")),
        Column(words("column.status")),
        Column(words("column.actual"), "number"),
        Column(words("column.period")),
        Column(words("column.promise")),
        Column(words("column.reason")),
    ]
    rows = []
    for facts in chosen:
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
            )
        )
    return table(caption, columns, rows)


if __name__ == "__main__":
    show()
