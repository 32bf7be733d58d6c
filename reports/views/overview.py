"""Overview: where does the plan stand? A sentence, the counts, what changed and why, the weakest and the most improved,
the headline targets as cards, and every target.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.cards import card_key, cards_by_domain
from reports.frame import Page, search_field, show_page
from reports.history import release_before
from reports.markup import element
from reports.milestone_facts import every_milestone
from reports.plan_answers import plan_answers
from reports.plan_standing import counting_line, counts_list
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
    milestones = [facts for facts in every_milestone(page.release) if facts.reference]
    page.write(plan_answers(page, every, milestones, release_before(load_settings(), page.release)))
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
