"""One domain: where is it strong, where weak? The weakest and the strongest target, cards, every target, milestones."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from reports.cards import card_key, cards_by_domain
from reports.frame import Page, show_page
from reports.history import changes_since, release_before
from reports.markup import Markup, element, joined, link
from reports.milestone_facts import every_milestone, milestone_apart
from reports.numbers import format_date
from reports.plan_counts import fresh_sentence, listed_sentence
from reports.plan_facts import target_key
from reports.plan_standing import (
    block,
    change_list,
    changes_of,
    counts_list,
    reasons_block,
    setback_lists,
    state_of,
    strongest_block,
    target_link,
    weakest_block,
)
from reports.rankings import strongest, weakest
from reports.search import domain_order
from reports.setbacks import setbacks_since
from reports.sparkline import shared_years
from reports.statements import counts_in_words, domains_sentence, standing_words
from reports.target_facts import TargetFacts, counted, every_target, of_the_plan
from reports.target_list import show_targets
from store.settings import load_settings


def show() -> None:
    """The page of the domain named in the address; without one, all domains side by side."""
    show_page("domains", body, title)


def asked_domain(every: Sequence[TargetFacts]) -> str | None:
    """The domain named in the address, of those that the plan has targets in; or None."""
    asked = st.query_params.get("domain")
    return asked if any(facts.domain == asked for facts in every) else None


def title(page: Page) -> str:
    """The domain's name; the page's name when none is chosen."""
    asked = asked_domain(of_the_plan(every_target(page.release)))
    return page.words.of("domain", asked) if asked else page.words("domains.title")


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    every = of_the_plan(every_target(page.release))
    asked = asked_domain(every)
    if asked is None:
        _choose(page, every)
        return
    these = [facts for facts in every if facts.domain == asked]
    words = page.words
    page.write(
        element("p", first_line(page, these), classes="ppw-lead"),
        counts_list(page, these, domain=asked),
    )
    if why_fewer := listed_sentence(these, words):
        page.write(element("p", why_fewer))
    page.jump()
    _answers(page, these, asked)
    shown = [facts for facts in these if facts.headline or facts.points]
    years = shared_years(shown)
    if shown and years is not None:
        page.header(words("domains.cards"))
        page.write(card_key(page))
        page.write(cards_by_domain(page, shown, years, linked=False))
    show_targets(page, these, of_domain=True)
    page.write(element("p", link(words("domains.all"), page.address("domains"))))


def first_line(page: Page, these: Sequence[TargetFacts]) -> Markup:
    """The weakest and the strongest target, or that there is none."""
    words = page.words
    weak, strong = weakest(these)[:1], strongest(these)[:1]
    parts = [
        joined(
            [
                words(f"domains.{name}"),
                " ",
                target_link(page, facts[0]),
                " (",
                words.of("bucket", facts[0].bucket),
                ")",
            ]
        )
        for name, facts in (("weakest", weak), ("strongest", strong))
        if facts
    ]
    if not parts:
        return joined([words("domains.nothing_assessed" if not _assessed(these) else "domains.neither")])
    return joined([joined(parts, "; "), "."])


def _assessed(these: Sequence[TargetFacts]) -> int:
    return sum(facts.bucket != "not_assessed" for facts in counted(these))


def _answers(page: Page, these: Sequence[TargetFacts], domain: str) -> None:
    words = page.words
    blocks = [weakest_block(page, these, listed=True), strongest_block(page, these)]
    before = release_before(load_settings(), page.release)
    if before is not None:
        changes = changes_of(
            changes_since(before, page.release), these, "worse", "ended", "better", "begun", "other"
        )
        known = {target_key(facts.target): facts for facts in these}
        back = setbacks_since(before, these)
        said = (
            change_list(page, changes, known, back)
            if changes
            else element("p", words("answer.no_state_changed"))
        )
        blocks.append(block(page, words("answer.changes"), said, *setback_lists(page, back), listed=True))
    if why := reasons_block(page, these, domain=domain):
        blocks.append(why)
    freshness = [element("p", fresh_sentence(these, format_date(page.release.cut_off), words))]
    milestones = [f for f in every_milestone(page.release) if f.reference and f.domain == domain]
    if milestones:
        see = link(words("milestones.apart_link"), page.address("milestones", domain=domain))
        freshness.append(element("p", milestone_apart(milestones, words), " ", see))
    blocks.append(block(page, words("answer.coverage"), *freshness, folds=True))
    page.write(element("div", *blocks, classes="ppw-answers"))


def _choose(page: Page, every: Sequence[TargetFacts]) -> None:
    """Every domain with its counts, its weakest and its strongest."""
    words = page.words
    domains = sorted({facts.domain for facts in every}, key=domain_order)
    by_domain = {domain: [facts for facts in every if facts.domain == domain] for domain in domains}
    page.write(element("p", domains_sentence(by_domain, words), classes="ppw-lead"))
    items = []
    for domain, these in by_domain.items():
        named = [
            element("p", words(f"domains.{name}"), " ", target_link(page, found[0]), " ", state_of(page, found[0]),
                    element("span", standing_words(found[0], words), classes="ppw-when"))
            for name, found in (("weakest", weakest(these)), ("strongest", strongest(these)))
            if found
        ]  # fmt: skip
        items.append(
            element(
                "section",
                element(
                    "h2",
                    link(words.of("domain", domain), page.address("domains", domain=domain)),
                    classes="ppw-block-title",
                ),
                element("p", counts_in_words(these, words) or words("none")),
                *named,
                classes="ppw-answer",
            )
        )
    page.write(element("div", *items, classes="ppw-answers"))


if __name__ == "__main__":
    show()
