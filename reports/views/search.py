"""Search: targets, milestones, domains, clauses and indicators that answer to the words asked for."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from reports.frame import Page, show_page
from reports.markup import Markup, element, link, state
from reports.milestone_facts import every_milestone
from reports.plan_facts import documents
from reports.plan_standing import state_of, target_link
from reports.plan_words import plan_name
from reports.search import Found, find
from reports.target_facts import every_target, of_the_plan

# A longer list is no answer any more; the reader is told how many there are and to say more.
MOST_SHOWN = 30


def show() -> None:
    """The page."""
    show_page("search", body)


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    words, release = page.words, page.release
    asked = st.query_params.get("q", "").strip()
    if not asked:
        page.write(element("p", words("search.nothing_asked"), classes="ppw-lead"))
        return
    targets = of_the_plan(every_target(release))
    milestones = [facts for facts in every_milestone(release) if facts.reference]
    found = find(release, asked, targets, milestones, words)
    if not len(found):
        page.write(element("p", words("search.none", asked=asked), classes="ppw-lead"))
        return
    page.write(element("p", words.counted("search.found", len(found), asked=asked), classes="ppw-lead"))
    for name, items in _groups(page, found).items():
        if items:
            page.header(words.counted(f"search.{name}", len(items)))
            more = len(items) - MOST_SHOWN
            page.write(
                element("ul", *items[:MOST_SHOWN], classes="ppw-named"),
                *([element("p", words("search.more", n=page.number(more)))] if more > 0 else []),
            )


def _groups(page: Page, found: Found) -> dict[str, Sequence[Markup]]:
    words = page.words
    named = documents(page.release)
    return {
        "targets": [
            element(
                "li",
                target_link(page, facts),
                " ",
                state_of(page, facts),
                _where(page, facts.target.get("clause"), facts.target_id),
            )
            for facts in found.targets
        ],
        "milestones": [
            element(
                "li",
                link(words.pick(facts.target, "name"), page.address("milestones", target=facts.target_id)),
                " ",
                state(facts.state, words.of("milestone", facts.state)),
                _where(page, facts.target.get("clause"), facts.target_id),
            )
            for facts in found.milestones
        ],
        "domains": [
            element("li", link(words.of("domain", code), page.address("domains", domain=code)))
            for code in found.domains
        ],
        "clauses": [
            element(
                "li",
                link(
                    words("search.clause", clause=row["clause"], heading=words.pick(row, "heading")),
                    page.address("search", q=str(row["clause"])),
                ),
                element("span", plan_name(named[str(row["plan_version"])], words), classes="ppw-when"),
            )
            for row in found.clauses
        ],
        "indicators": [
            element(
                "li",
                link(words.pick(row, "name"), page.address("series", indicator=str(row["indicator_code"]))),
                element("span", str(row["indicator_code"]), classes="ppw-when"),
            )
            for row in found.indicators
        ],
    }


def _where(page: Page, clause: object, target_id: str) -> Markup:
    return element("span", page.words("search.place", clause=clause, target=target_id), classes="ppw-when")


if __name__ == "__main__":
    show()
