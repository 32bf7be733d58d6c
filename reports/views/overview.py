"""Overview: where does the plan stand? A sentence, the counts, the headline targets as cards, and every
target.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from reports.frame import Page, show_page
from reports.markup import Column, Markup, element, link, maturity, state, table
from reports.numbers import format_date
from reports.periods import period_words
from reports.sparkline import Years, shared_years, sparkline
from reports.statements import (
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
from reports.target_facts import TargetFacts, every_target
from reports.words import FAMILIES

ALL = ""
CARDS_IN_A_ROW = 4
SORTS = ("document", "name", "status", "year")


def show() -> None:
    """The page."""
    show_page("overview", body)


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    every = every_target(page.release)
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
    page.write(*lines)


def _headlines(page: Page, headlines: Sequence[TargetFacts]) -> None:
    words = page.words
    years = shared_years(headlines)
    if not headlines or years is None:
        return
    st.header(words("overview.headlines"), anchor=False)
    page.write(element("p", words("overview.card_key"), classes="ppw-small"))
    groups = []
    for domain in sorted({facts.domain for facts in headlines}, key=_domain_order):
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


def _domain_order(domain: str) -> tuple[int, str]:
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
    states = [
        element("p", words("card.level"), " ", state(level, level_words(facts, words))),
        element("p", words("card.pace"), " ", state(pace, words.of("pace", pace))),
    ]
    if reason := card_reason(facts, words):
        states.append(element("p", reason, classes="ppw-when"))
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
    domains = sorted({facts.domain for facts in every}, key=_domain_order)
    buckets = [bucket for bucket, count in bucket_counts(every).items() if count]
    left, middle, right = st.columns(3)
    domain = left.selectbox(
        words("filter.domain"),
        [ALL, *domains],
        format_func=lambda code: words.of("domain", code) if code else words("filter.all_domains"),
        key="filter_domain",
    )
    bucket = middle.selectbox(
        words("filter.status"),
        [ALL, *buckets],
        format_func=lambda code: words.of("bucket", code) if code else words("filter.all_statuses"),
        key="filter_status",
    )
    sort = right.selectbox(
        words("filter.sort"), SORTS, format_func=lambda name: words(f"sort.{name}"), key="sort_targets"
    )
    chosen = [f for f in every if domain in (ALL, f.domain) and bucket in (ALL, f.bucket)]
    if not chosen:
        page.write(element("p", words("filter.nothing")))
        return
    page.write(target_table(page, ordered(page, chosen, str(sort)), len(every)), classes="ppw-list")


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


def target_table(page: Page, chosen: Sequence[TargetFacts], total: int) -> Markup:
    """The list of targets as a table, each linking to its page."""
    words = page.words
    columns = [
        Column(words("column.target")),
        Column(words("column.status")),
        Column(words("column.actual"), "number"),
        Column(words("column.period")),
        Column(words("column.promise")),
        Column(words("column.reason")),
        Column(words("column.domain")),
    ]
    rows = []
    for facts in chosen:
        shown = facts.shown
        period = words("card.no_figure")
        if shown:
            period = element(
                "span", period_words(shown.period_id, words), " ", maturity(shown.row.get("maturity"), words)
            )
        rows.append(
            (
                link(words.pick(facts.target, "name"), page.address("target", target=facts.target_id)),
                state(facts.bucket, words.of("bucket", facts.bucket)),
                figure(shown, facts, words) if shown else words("none"),
                period,
                promise(facts, words),
                "; ".join(words.of("reason", code) for code in reason_codes(facts)) or words("none"),
                words.of("domain", facts.domain),
            )
        )
    caption = words("overview.table_caption", n=page.number(len(rows)), total=page.number(total))
    return table(caption, columns, rows, caption_shown=True)


if __name__ == "__main__":
    show()
