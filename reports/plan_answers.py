"""The short answers under the counts of the overview: what changed, who is weakest, who improved, what is not assessed,
how fresh it all is; the same in the app and in the static edition.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.history import changes_since
from reports.leaf import Leaf
from reports.markup import Markup, element, link
from reports.milestone_facts import MilestoneFacts, milestone_apart
from reports.numbers import format_date
from reports.plan_counts import fresh_sentence
from reports.plan_standing import (
    block,
    changes_block,
    improved_block,
    reasons_block,
    strongest_block,
    weakest_block,
)
from reports.release_data import Release
from reports.setbacks import setbacks_since
from reports.target_facts import TargetFacts


def plan_answers(
    page: Leaf, every: Sequence[TargetFacts], milestones: Sequence[MilestoneFacts], before: Release | None
) -> Markup:
    """A block for each answer. `before`: the release before, None for the first."""
    words = page.words
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
    if milestones:
        see = link(words("milestones.apart_link"), page.address("milestones"))
        freshness.append(element("p", milestone_apart(milestones, words), " ", see))
    blocks.append(block(page, words("answer.coverage"), *freshness, folds=True))
    return element("div", *blocks, classes="ppw-answers")
