"""The card of a target: the same on every page on which the target appears."""

from __future__ import annotations

from collections.abc import Sequence

from reports.leaf import Leaf
from reports.long_page import fold
from reports.markup import Markup, element, link, maturity, state_of_promise
from reports.promise_sections import notes_marker
from reports.search import domain_order
from reports.sparkline import Years, sparkline
from reports.statements import (
    aspiration_words,
    card_reason,
    chart_summary,
    figure,
    level_words,
    path_words,
    promise,
    required_words,
    shown_period,
    unit_symbol,
)
from reports.target_facts import TargetFacts

CARDS_IN_A_ROW = 4


def cards_by_domain(
    page: Leaf, chosen: Sequence[TargetFacts], years: Years, *, linked: bool = True
) -> Markup:
    """The cards of targets under the names of their domains, small domains side by side."""
    words = page.words
    groups, level = [], "h4" if linked else "h3"
    for domain in sorted({facts.domain for facts in chosen}, key=domain_order):
        these = [facts for facts in sorted(chosen, key=_headline_order) if facts.domain == domain]
        name: object = words.of("domain", domain)
        heading = [element("h3", link(name, page.address("domains", domain=domain)))] if linked else []
        groups.append(
            element(
                "section",
                *heading,
                element("div", *(card(page, facts, years, level) for facts in these), classes="ppw-cards"),
                classes=f"ppw-group ppw-group-{min(len(these), CARDS_IN_A_ROW)}",
            )
        )
    return element("div", *groups, classes="ppw-groups")


def _headline_order(facts: TargetFacts) -> tuple[int, str]:
    order = facts.target.get("headline_order")
    return (int(order) if order is not None else 999, facts.target_id)


def card_key(page: Leaf) -> Markup:
    """How the small drawings of the cards are read."""
    words = page.words
    said = element("p", words("overview.card_key"), classes="ppw-small")
    return fold(words, words("overview.headlines"), said, label=words("overview.card_key_label"))


def card(page: Leaf, facts: TargetFacts, years: Years, heading: str = "h4") -> Markup:
    """Name, actual with its time and maturity, target, required pace; drawing, path, gap, level and pace.

    A telephone shows the first four and the state of the target, and the rest when it is opened.
    """
    words = page.words
    name = link(words.pick(facts.target, "name"), page.address("target", target=facts.target_id))
    drawn = facts.comparable_points() or facts.target_bounds()
    chart = sparkline(facts, years, chart_summary(facts, words), page.theme) if drawn else Markup("")
    needed, path = required_words(facts, words), path_words(facts, words)
    return element(
        "article",
        element(heading, name),
        element("div", *_figures(facts, page), classes="ppw-actual"),
        element(
            "div",
            element("p", words("card.target", promise=promise(facts, words))),
            *([element("p", needed)] if needed else []),
            classes="ppw-aim",
        ),
        element(
            "details",
            _brief(page, facts),
            element(
                "div",
                chart,
                *([element("p", path)] if path else []),
                element("div", *_states(page, facts), classes="ppw-states"),
                classes="ppw-rest",
            ),
            classes="ppw-fold",
        ),
        classes="ppw-card",
    )


def _brief(page: Leaf, facts: TargetFacts) -> Markup:
    """The state in one line, why there is none, and that there is more: what opens the rest on a telephone."""
    words = page.words
    state = state_of_promise(facts.bucket, words.of("bucket", facts.bucket), aspiration_words(facts, words))
    reason = card_reason(facts, words)
    said = element("span", state, *([" · ", element("span", reason, classes="ppw-when")] if reason else []))
    return element("summary", said, " ", element("span", words("card.more"), classes="ppw-more"))


def _figures(facts: TargetFacts, page: Leaf) -> list[Markup]:
    words, shown = page.words, facts.shown
    if shown is None:
        return [
            element("p", words("none"), classes="ppw-figure"),
            element("p", words("card.no_figure"), classes="ppw-when"),
        ]
    symbol = unit_symbol(facts, shown.row.get("unit"), words)
    number = figure(shown, facts, words).removesuffix(symbol).rstrip()
    return [
        element("p", number, element("span", _spaced(symbol), classes="ppw-unit"), classes="ppw-figure"),
        element(
            "p",
            shown_period(facts, words),
            " · ",
            maturity(shown.row.get("maturity"), words),
            classes="ppw-when",
        ),
    ]


def _spaced(symbol: str) -> str:
    return symbol if symbol.startswith("%") else f"\u00a0{symbol}"


def _states(page: Leaf, facts: TargetFacts) -> list[Markup]:
    words = page.words
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
    if letter := facts.assessment.get("confidence"):
        sure = words("target.confidence_value", letter=letter, word=words.of("confidence", letter))
        states.append(element("p", words("card.confidence"), " ", sure))
    if reason := card_reason(facts, words):
        states.append(element("p", reason, classes="ppw-when"))
    if marker := notes_marker(page, facts.annotations):
        states.append(element("p", marker, classes="ppw-when"))
    return states
