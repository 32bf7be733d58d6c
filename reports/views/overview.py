"""Overview: where does the plan stand? A sentence, the counts, what changed and why, the weakest and the most improved,
the headline targets as cards, and every target.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.cards import card_key, cards_by_domain
from reports.frame import Page, search_field, show_page
from reports.history import changes_since, release_before
from reports.markup import element, link
from reports.milestone_facts import every_milestone, milestone_apart
from reports.numbers import format_date
from reports.plan_counts import fresh_sentence
from reports.plan_standing import (
    block,
    changes_block,
    counting_line,
    counts_list,
    improved_block,
    reasons_block,
    strongest_block,
    weakest_block,
)
from reports.setbacks import setbacks_since
from reports.sparkline import shared_years
from reports.statements import overview_sentence
from reports.target_facts import TargetFacts, every_target, of_the_plan
from reports.target_list import show_targets
from store.settings import load_settings


def show() -> None:
    """The page."""
    show_page("overview", body)


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    every = of_the_plan(every_target(page.release))
    _first_lines(page, every)
    _answers(page, every)
    _headlines(page, [facts for facts in every if facts.headline])
    show_targets(page, every)


def _first_lines(page: Page, every: Sequence[TargetFacts]) -> None:
    words = page.words
    page.write(
        element("p", overview_sentence(every, words), classes="ppw-lead"),
        counting_line(page, every),
        counts_list(page, every),
    )
    again = search_field(words, page.kept(), words("search.target"), words("search.target_prompt"))
    page.jump(element("div", again, classes="ppw-narrow-only"))


def _answers(page: Page, every: Sequence[TargetFacts]) -> None:
    """What changed, who is weakest, who improved, what is not assessed, how fresh it all is: a block each."""
    words = page.words
    before = release_before(load_settings(), page.release)
    changes = changes_since(before, page.release) if before else ()
    back = setbacks_since(before, every)
    blocks = [
        changes_block(page, every, before, changes, back),
        weakest_block(page, every, listed=True),
        improved_block(page, every, changes, back, compared=before is not None),
        strongest_block(page, every, folds=True),
    ]
    if why := reasons_block(page, every):
        blocks.append(why)
    freshness = [element("p", fresh_sentence(every, format_date(page.release.cut_off), words))]
    milestones = [facts for facts in every_milestone(page.release) if facts.reference]
    if milestones:
        see = link(words("milestones.apart_link"), page.address("milestones"))
        freshness.append(element("p", milestone_apart(milestones, words), " ", see))
    blocks.append(block(page, words("answer.coverage"), *freshness, folds=True))
    page.write(element("div", *blocks, classes="ppw-answers"))


def _headlines(page: Page, headlines: Sequence[TargetFacts]) -> None:
    words = page.words
    years = shared_years(headlines)
    if not headlines or years is None:
        return
    page.header(words("overview.headlines"))
    page.write(card_key(page))
    page.write(cards_by_domain(page, headlines, years))


if __name__ == "__main__":
    show()
