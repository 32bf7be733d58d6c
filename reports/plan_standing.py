"""Where the plan, or a domain of it, stands: counts, what changed and why, the weakest and the most improved; blocks
that the overview and the page of a domain share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.history import StateChange
from reports.leaf import Leaf
from reports.long_page import fold
from reports.markup import Markup, element, joined, link, state, state_of_promise
from reports.plan_counts import listed_sentence, plan_counts
from reports.plan_facts import TargetKey, target_key
from reports.rankings import strongest, weakest
from reports.release_data import Release
from reports.setbacks import Setback, but_words, setback_words
from reports.statements import (
    aspiration_words,
    bucket_counts,
    change_sentence,
    pace_sentence,
    previous_words,
    standing_words,
)
from reports.target_facts import TargetFacts
from reports.target_table import LIST

# More than these do not help a reader who has two minutes; the list has them all.
MOST_NAMED = 3
MOST_CHANGES = 6
MOST_SETBACKS = 5
# A state that is worse says so itself.
_WORSE = ("worse", "ended")


def counts_list(page: Leaf, every: Sequence[TargetFacts], **parameters: str) -> Markup:
    """The number of targets in each bucket, each a link to the list of those."""
    words = page.words
    items = []
    for bucket, count in bucket_counts(every).items():
        label = state(bucket, words.of("bucket", bucket))
        address = f"{page.address(page.name, status=bucket, **parameters)}#{LIST}"
        items.append(
            element(
                "li",
                element("span", page.number(count), classes="ppw-big"),
                element("a", label, href=address) if count else label,
                classes="" if count else "ppw-zero",
            )
        )
    return element("ul", *items, classes="ppw-counts")


def counting_line(page: Leaf, every: Sequence[TargetFacts]) -> Markup:
    """How many targets have a level and a pace, after why fewer are counted than listed, where that is so."""
    said = [listed_sentence(every, page.words), pace_sentence(every, page.words)]
    return element("p", joined([one for one in said if one], " "))


def reasons_block(page: Leaf, every: Sequence[TargetFacts], **parameters: str) -> Markup | None:
    """Why targets are not assessed: those that wait for figures and the others, each reason with its count a link to
    the list of those; None when all are assessed.
    """
    words, counts = page.words, plan_counts(every)
    if not counts.not_assessed:
        return None
    items = []
    for name, n, reasons in (
        ("waiting_are", counts.n_waiting, counts.waiting),
        ("otherwise_are", counts.n_otherwise, counts.otherwise),
    ):
        links = [
            link(
                words("overview.reason_count", reason=words.of("reason", code), n=page.number(of_reason)),
                f"{page.address(page.name, reason=code, **parameters)}#{LIST}",
            )
            for code, of_reason in reasons
        ]
        if n:
            items.append(element("li", words(f"count.{name}", n=page.number(n)), " ", joined(links, "; ")))
    lead = words("count.not_assessed", n=page.number(counts.not_assessed))
    why_not = words("answer.not_assessed")
    return block(page, why_not, element("p", lead), element("ul", *items), folds=True, listed=True)


def block(page: Leaf, title: str, *content: object, folds: bool = False, listed: bool = False) -> Markup:
    """A short answer under its name. `folds`: a telephone shows the name only, until it is opened; `listed`: the page
    can be jumped on to it.
    """
    place = {"id": page.section(title)} if listed else {}
    heading = element("h2", title, classes="ppw-block-title", **place)
    said = [fold(page.words, title, *content)] if folds else content
    return element("section", heading, *said, classes="ppw-answer ppw-folds" if folds else "ppw-answer")


def target_link(page: Leaf, facts: TargetFacts) -> Markup:
    """The name of a target as the way to its page."""
    return link(page.words.pick(facts.target, "name"), page.address("target", target=facts.target_id))


def state_of(page: Leaf, facts: TargetFacts) -> Markup:
    """The bucket of a target as shape and word."""
    words = page.words
    return state_of_promise(facts.bucket, words.of("bucket", facts.bucket), aspiration_words(facts, words))


def named_list(page: Leaf, chosen: Sequence[TargetFacts]) -> Markup:
    """A few targets, each with its state and where it stands."""
    items = [
        element(
            "li",
            target_link(page, facts),
            " ",
            state_of(page, facts),
            element("span", standing_words(facts, page.words), classes="ppw-when"),
        )
        for facts in chosen[:MOST_NAMED]
    ]
    return element("ul", *items, classes="ppw-named")


def weakest_block(page: Leaf, every: Sequence[TargetFacts], *, listed: bool = False) -> Markup:
    """The targets that stand weakest; `listed` as of `block`."""
    words, found = page.words, weakest(every)
    said = named_list(page, found) if found else element("p", words("answer.none_weak"))
    return block(page, words("answer.weakest"), said, listed=listed)


def strongest_block(page: Leaf, every: Sequence[TargetFacts], *, folds: bool = False) -> Markup:
    """The targets that stand strongest; `folds` as of `block`."""
    words, found = page.words, strongest(every)
    said = named_list(page, found) if found else element("p", words("answer.none_strong"))
    return block(page, words("answer.strongest"), said, folds=folds)


def change_list(
    page: Leaf,
    changes: Sequence[StateChange],
    known: Mapping[TargetKey, TargetFacts],
    back: Sequence[Setback],
) -> Markup:
    """Targets whose state is another one: from what to what, and why; `back`: what went back all the same."""
    words = page.words
    went_back = {target_key(one.now.target): one for one in back}
    items = []
    for change in changes:
        facts = known.get(change.key)
        if facts is None:
            continue
        was = str(change.was.get("bucket") or "not_assessed")
        told = words(
            "answer.changed", was=words.of("bucket", was), reason=words.of("change_reason", change.reason)
        )
        items.append(
            element(
                "li",
                target_link(page, facts),
                " ",
                state_of(page, facts),
                element("span", told, classes="ppw-when"),
                *(
                    [element("span", but_words(one, words), classes="ppw-when")]
                    if (one := went_back.get(change.key)) and change.direction not in _WORSE
                    else []
                ),
            )
        )
    return element("ul", *items, classes="ppw-named")


def setback_lists(page: Leaf, back: Sequence[Setback]) -> list[Markup]:
    """The targets that went back while their state is the same: how many, the first few, the others folded away."""
    words, these = page.words, [one for one in back if one.same_state]
    if not these:
        return []
    said = [
        element("p", words.counted("setback.same_state", len(these))),
        _setback_list(page, these[:MOST_SETBACKS]),
    ]
    if rest := these[MOST_SETBACKS:]:
        more = words.counted("setback.more", len(rest))
        said.append(element("details", element("summary", more), _setback_list(page, rest)))
    return said


def _setback_list(page: Leaf, these: Sequence[Setback]) -> Markup:
    items = [
        element(
            "li",
            target_link(page, one.now),
            " ",
            state_of(page, one.now),
            element("span", setback_words(one, page.words), classes="ppw-when"),
        )
        for one in these
    ]
    return element("ul", *items, classes="ppw-named")


def changes_block(
    page: Leaf,
    every: Sequence[TargetFacts],
    before: Release | None,
    changes: Sequence[StateChange],
    back: Sequence[Setback],
) -> Markup:
    """What changed since the release before: what moved to a worse state, what went back without that, the rest."""
    words, release = page.words, page.release
    previous = previous_words(release, before, words)
    said: list[Markup] = []
    known = {target_key(facts.target): facts for facts in every}
    worse = changes_of(changes, every, "worse", "ended")
    others = changes_of(changes, every, "begun", "other")
    if before is not None:
        said.append(
            element("p", words.counted("answer.worse", len(worse)) if worse else words("answer.none_worse"))
        )
    if worse:
        said.append(change_list(page, worse[:MOST_CHANGES], known, back))
    said += setback_lists(page, back)
    rest = [*worse[MOST_CHANGES:], *others]
    if rest:
        said.append(
            element(
                "details",
                element("summary", words.counted("answer.other_changes", len(rest))),
                change_list(page, rest, known, back),
            )
        )
    said.append(
        element(
            "p",
            change_sentence(release.rows("fct_release_change"), every, previous, words),
            classes="ppw-when" if previous else "",
        )
    )
    return block(page, words("answer.changes"), *said, listed=True)


def improved_block(
    page: Leaf,
    every: Sequence[TargetFacts],
    changes: Sequence[StateChange],
    back: Sequence[Setback],
    *,
    compared: bool,
) -> Markup:
    """The targets whose state is better, and what of them went back all the same."""
    words = page.words
    better = changes_of(changes, every, "better")
    known = {target_key(facts.target): facts for facts in every}
    if better:
        said = change_list(page, better[:MOST_CHANGES], known, back)
    else:
        said = element("p", words("answer.none_better" if compared else "answer.not_compared"))
    return block(page, words("answer.improved"), said, folds=not better)


def changes_of(
    changes: Sequence[StateChange], every: Sequence[TargetFacts], *directions: str
) -> list[StateChange]:
    """The changes of some targets in some directions, in the order named and then of the document."""
    order = {target_key(facts.target): place for place, facts in enumerate(every)}
    these = [change for change in changes if change.key in order and change.direction in directions]
    return sorted(these, key=lambda change: (directions.index(change.direction), order[change.key]))
