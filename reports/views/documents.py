"""Plan documents: which are there, which is counted, and what did each promise for one indicator?"""

from __future__ import annotations

from collections import Counter, defaultdict

from reports.frame import Page, show_page
from reports.long_page import fold
from reports.markup import Column, element, table
from reports.milestone_facts import every_milestone
from reports.plan_facts import documents, is_true, reference_versions
from reports.plan_words import plan_name
from reports.promise_sections import versions_table
from reports.release_data import Row
from reports.target_facts import TargetFacts, every_target


def show() -> None:
    """The page."""
    show_page("documents", body)


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    words, release = page.words, page.release
    known, used = documents(release), reference_versions(release)
    counted = [plan_name(d, words) for version, d in known.items() if version in used]
    lead = (
        words("documents.lead", reference=words.listed(counted)) if counted else words("documents.lead_none")
    )
    transcribed = sum(is_true(d["targets_transcribed"]) for d in known.values())
    page.write(
        element("p", lead, classes="ppw-lead"),
        element("p", words.counted("documents.count", len(known), transcribed=page.number(transcribed))),
    )
    every = every_target(release)
    page.jump()
    _table(page, known, used, every)
    _notes(page, known)
    _comparison(page, every)


def _table(page: Page, known: dict[str, Row], used: frozenset[str], every: list[TargetFacts]) -> None:
    words = page.words
    page.header(words("documents.table"))
    targets = Counter(facts.plan_version for facts in every)
    milestones = Counter(facts.plan_version for facts in every_milestone(page.release))
    rows = []
    for version, document in known.items():
        name = plan_name(document, words)
        transcribed = is_true(document["targets_transcribed"])
        rows.append(
            (
                words("documents.used", name=name) if version in used else name,
                words.pick(document, "title"),
                words.of("plan_kind", document.get("kind")),
                words.of("legal_status", document["legal_status"]),
                page.date(document.get("adopted_on")),
                _period(page, document),
                page.number(targets[version]) if transcribed else words("method.not_transcribed"),
                page.number(milestones[version]) if transcribed else words("none"),
            )
        )
    columns = [
        Column(words("column.document")),
        Column(words("column.document_title")),
        Column(words("column.plan_kind")),
        Column(words("column.legal_status")),
        Column(words("column.adopted_on")),
        Column(words("column.plan_period")),
        Column(words("column.targets"), "number"),
        Column(words("column.milestones"), "number"),
    ]
    page.write(table(words("documents.table"), columns, rows), classes="ppw-wide")


def _period(page: Page, document: Row) -> str:
    words = page.words
    first, last = document.get("period_start"), document.get("period_end")
    if first is None or last is None:
        return words("documents.no_date")
    span = words("period.span", first=first, last=last)
    vision = document.get("vision_year")
    return words("documents.vision", span=span, year=vision) if vision else span


def _notes(page: Page, known: dict[str, Row]) -> None:
    words = page.words
    items = [
        element("li", words("documents.note", name=plan_name(d, words), note=words.pick(d, "note")))
        for d in known.values()
        if d.get("note_vi") or d.get("note_en")
    ]
    if items:
        page.header(words("documents.notes"))
        page.write(fold(words, words("documents.notes"), element("ul", *items)))


def _comparison(page: Page, every: list[TargetFacts]) -> None:
    """One table for each indicator that occurs in two documents or more."""
    words = page.words
    page.header(words("documents.comparison"))
    by_indicator: dict[str, list[TargetFacts]] = defaultdict(list)
    for facts in every:
        by_indicator[str(facts.target["indicator_code"])].append(facts)
    shared = [same for same in by_indicator.values() if len({f.plan_version for f in same}) > 1]
    if not shared:
        page.write(element("p", words("documents.comparison_none")))
        return
    page.write(element("p", words("documents.comparison_meaning")))
    for same in shared:
        heading = words.pick(same[0].indicator, "name")
        listed = fold(words, heading, versions_table(page, same))
        page.write(element("h3", heading), listed, classes="ppw-list")


if __name__ == "__main__":
    show()
