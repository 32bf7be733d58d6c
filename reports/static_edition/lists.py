"""The pages of the edition that list: overview, domains, targets by letter, milestones, sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from reports.cards import card_key, cards_by_domain
from reports.long_page import MOST_OPEN, fold, folded_table
from reports.markup import Column, Markup, element, joined, link, state, table
from reports.milestone_facts import (
    MilestoneFacts,
    due_sentence,
    evidence,
    milestone_sentence,
    state_counts,
)
from reports.numbers import format_date
from reports.plan_answers import plan_answers
from reports.plan_counts import listed_sentence
from reports.plan_standing import (
    counting_line,
    counts_list,
    state_of,
    strongest_block,
    target_link,
    weakest_block,
)
from reports.promise_sections import notes_list
from reports.release_data import Release, Row
from reports.search import domain_order, folded
from reports.sparkline import shared_years
from reports.statements import (
    bucket_counts,
    counts_in_words,
    domains_sentence,
    overview_sentence,
    standing_words,
)
from reports.static_edition.static_leaf import StaticLeaf
from reports.target_facts import TargetFacts
from reports.target_table import LIST, target_table
from reports.words import FAMILIES


def write_overview(
    page: StaticLeaf,
    every: Sequence[TargetFacts],
    milestones: Sequence[MilestoneFacts],
    before: Release | None,
) -> None:
    """Where the plan stands: sentence, counts, short answers, headline targets, every target by domain. `before`: the
    release it is compared with.
    """
    words = page.words
    page.write(
        element("p", overview_sentence(every, words), classes="ppw-lead"),
        counting_line(page, every),
        counts_list(page, every),
    )
    page.jump(element("p", link(words("search.target"), page.address("target")), classes="ppw-further"))
    page.write(plan_answers(page, every, milestones, before))
    headlines = [facts for facts in every if facts.headline]
    years = shared_years(headlines)
    if headlines and years is not None:
        page.header(words("overview.headlines"))
        page.write(
            card_key(page),
            cards_by_domain(page, headlines, years),
        )
    page.header(words.counted("overview.all_targets", len(every)), LIST)
    groups = [_group(page, domain, these) for domain, these in by_domain(every)]
    label = words("filter.by_domain", n=page.number(len(groups)))
    name = words.counted("overview.all_targets", len(every))
    page.write(fold(words, name, *groups, label=label), classes="ppw-list")


def by_domain(every: Sequence[TargetFacts]) -> list[tuple[str, list[TargetFacts]]]:
    """Targets by domain, in the order of the contract."""
    found: dict[str, list[TargetFacts]] = defaultdict(list)
    for facts in every:
        found[facts.domain].append(facts)
    return sorted(found.items(), key=lambda item: domain_order(item[0]))


def _group(page: StaticLeaf, domain: str, these: Sequence[TargetFacts]) -> Markup:
    words = page.words
    heading = words(
        "overview.by_domain",
        domain=words.of("domain", domain),
        n=page.number(sum(bucket_counts(these).values())),
        parts=counts_in_words(these, words) or words("none"),
    )
    return element(
        "details", element("summary", heading), target_table(page, these, words.of("domain", domain))
    )


def write_domains(page: StaticLeaf, every: Sequence[TargetFacts]) -> None:
    """Every domain with its counts and its weakest and strongest target."""
    words = page.words
    domains = by_domain(every)
    page.write(element("p", domains_sentence(dict(domains), words), classes="ppw-lead"))
    items = [
        element(
            "section",
            element(
                "h2",
                link(words.of("domain", domain), page.address("domains", domain=domain)),
                classes="ppw-block-title",
            ),
            element("p", counts_in_words(these, words) or words("none")),
            classes="ppw-answer",
        )
        for domain, these in domains
    ]
    page.write(element("div", *items, classes="ppw-answers"))


def write_domain(page: StaticLeaf, domain: str, these: Sequence[TargetFacts]) -> None:
    """One domain: counts, weakest and strongest, cards, every target."""
    words = page.words
    page.write(
        element("p", counts_in_words(these, words) or words("none"), classes="ppw-lead"),
        element("div", weakest_block(page, these), strongest_block(page, these), classes="ppw-answers"),
    )
    shown = [facts for facts in these if facts.headline or facts.points]
    years = shared_years(shown)
    if shown and years is not None:
        page.header(words("domains.cards"))
        page.write(
            card_key(page),
            # The cards have headings of the fourth level.
            element("h3", words.of("domain", domain), classes="ppw-unseen"),
            cards_by_domain(page, shown, years, linked=False),
        )
    page.header(words.counted("overview.all_targets", len(these)), LIST)
    listed = target_table(page, these, words.of("domain", domain))
    name = words.counted("overview.all_targets", len(these))
    page.write(fold(words, name, listed) if len(these) > MOST_OPEN else listed, classes="ppw-list")
    page.write(element("p", link(words("domains.all"), page.address("domains"))))


def write_target_list(page: StaticLeaf, every: Sequence[TargetFacts]) -> None:
    """Every target of the plan by the first letter of its name, with a row of letters to jump by."""
    words = page.words
    letters: dict[str, list[TargetFacts]] = defaultdict(list)
    for facts in sorted(every, key=lambda f: folded(words.pick(f.target, "name"))):
        first = words.pick(facts.target, "name")[:1].upper()
        letters[first if first.isalpha() else "#"].append(facts)
    order = sorted(letters, key=lambda letter: (folded(letter), letter))
    page.write(element("p", words.counted("target.choose", len(every)), classes="ppw-lead"))
    if counted := listed_sentence(every, words):
        page.write(element("p", counted))
    page.write(
        element(
            "nav",
            joined((link(letter, f"#chu-{ord(letter)}") for letter in order), " "),
            aria_label=words("static_edition.letters"),
            classes="ppw-letters",
        )
    )
    for letter in order:
        page.write(element("h2", letter, id=f"chu-{ord(letter)}"))
        items = [
            element(
                "li",
                target_link(page, facts),
                " ",
                state_of(page, facts),
                element("span", standing_words(facts, words), classes="ppw-when"),
            )
            for facts in letters[letter]
        ]
        listed = element("ul", *items, classes="ppw-named")
        page.write(fold(words, letter, listed, label=words.counted("search.targets", len(items))))


def write_milestones(page: StaticLeaf, every: Sequence[MilestoneFacts]) -> None:
    """What is due and overdue, on what evidence, by domain; each row can be pointed at."""
    words = page.words
    if not every:
        page.write(element("p", words("milestones.none"), classes="ppw-lead"))
        return
    counts = [
        element(
            "li",
            element("span", page.number(count), classes="ppw-big"),
            state(code, words.of("milestone", code)),
            classes="" if count else "ppw-zero",
        )
        for code, count in state_counts(every).items()
    ]
    page.write(
        element("p", milestone_sentence(every, words), classes="ppw-lead"),
        element("p", due_sentence(every, page.release.cut_off, words)),
        element("ul", *counts, classes="ppw-counts"),
        element("p", words("milestones.evidence_rule"), classes="ppw-small"),
    )
    columns = [
        Column(words("column.milestone")),
        Column(words("column.due")),
        Column(words("column.status")),
        Column(words("column.evidence")),
        Column(words("column.place")),
    ]
    groups = []
    for domain in sorted({facts.domain for facts in every}, key=domain_order):
        these = sorted(
            (f for f in every if f.domain == domain),
            key=lambda f: (f.due_year or 9999, int(f.target.get("line") or 0)),
        )
        name = words.of("domain", domain)
        rows = [
            (
                element("span", words.pick(facts.target, "name"), id=facts.target_id),
                format_date(facts.due) if facts.due else words("milestones.no_year"),
                state(facts.state, words.of("milestone", facts.state)),
                evidence(facts, words),
                words("notes.place", clause=facts.target["clause"], line=facts.target.get("line")),
            )
            for facts in these
        ]
        heading = words.counted("milestones.group", len(rows), domain=name)
        # A browser that is sent to a row opens what is folded around it.
        groups.append(element("details", element("summary", heading), table(name, columns, rows)))
    page.write(*groups, classes="ppw-list")
    noted = [facts for facts in every if facts.annotations]
    if noted:
        seen: dict[str, Row] = {}
        for facts in noted:
            for note in facts.annotations:
                seen.setdefault(str(note["annotation_id"]), note)
        page.header(words("notes.title"))
        summary = element("summary", words.counted("notes.marker", len(seen)))
        page.write(element("details", summary, notes_list(page, list(seen.values()))), classes="ppw-list")


def write_sources(page: StaticLeaf, figures: Mapping[str, int]) -> None:
    """Where the figures come from: each source with its publisher, licence and how many figures in force it gives."""
    words = page.words
    every = page.release.rows("dim_source")
    giving = sum(1 for source in every if figures.get(str(source["source_id"])))
    lead = words.counted("static_edition.sources", giving, figures=page.number(sum(figures.values())))
    page.write(element("p", lead, classes="ppw-lead"))
    page.jump()
    columns = [
        Column(words("column.source")),
        Column(words("column.publisher")),
        Column(words("column.origin")),
        Column(words("column.rank"), "number"),
        Column(words("column.figures"), "number"),
        Column(words("static_edition.licence")),
    ]
    for kind in FAMILIES["publisher_kind"]:
        rows = [
            (
                words.pick(source, "title"),
                words.pick(source, "publisher"),
                words.of("origin", source["origin"]),
                page.number(source["rank"]),
                page.number(figures.get(str(source["source_id"]), 0)),
                str(source.get("licence") or words("none")),
            )
            for source in every
            if source["publisher_kind"] == kind
        ]
        if rows:
            page.header(words.of("publisher_kind", kind))
            name = words.of("publisher_kind", kind)
            label = words.counted("footer.sources", len(rows))
            listed = folded_table(words, name, columns, rows, label=label)
            page.write(listed, classes="ppw-list ppw-narrow")
