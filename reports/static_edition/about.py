"""The pages of the edition that say what it rests on: method, plan documents, downloads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from reports.long_page import fold, folded_table
from reports.markup import Column, element, link, state, table
from reports.milestone_facts import MilestoneFacts
from reports.open_data.contents import open_files
from reports.open_data.statements import statements_of
from reports.plan_counts import not_assessed_sentence, plan_counts
from reports.plan_facts import documents, is_true, reference_versions
from reports.plan_words import plan_name
from reports.promise_sections import facts_list
from reports.static_edition.static_leaf import StaticLeaf
from reports.target_facts import TargetFacts
from reports.words import FAMILIES


def write_method(page: StaticLeaf, plan: Sequence[TargetFacts]) -> None:
    """The rule in three lines, then every word the pages use."""
    words, release = page.words, page.release
    rules = (element("li", words(f"method.rule_{line}")) for line in ("level", "pace", "confidence"))
    page.write(element("p", words("method.lead"), classes="ppw-lead"), element("ol", *rules))
    page.jump()
    parameters = release.parameters()
    limits = {
        name: page.number(parameters.get(f"band_{name}"))
        for name in ("on_track", "slightly_behind", "behind")
    }
    limits["months"] = page.number(parameters.get("milestone_due_months"))
    columns = [Column(words("column.word")), Column(words("column.meaning"))]
    for heading, family in (
        ("level", "level"), ("pace", "pace"), ("milestones", "milestone"), ("maturity", "maturity"),
        ("confidence", "confidence"),
    ):  # fmt: skip
        rows = [
            (_word(page, family, code), words(f"{family}_meaning.{code}", **limits))
            for code in FAMILIES[family]
        ]
        page.header(words(f"method.{heading}"))
        page.write(folded_table(words, words(f"method.{heading}"), columns, rows), classes="ppw-pairs")
    page.header(words("method.reasons"))
    numbers = dict(plan_counts(plan).reasons)
    reasons = [
        (
            *(words.of(named, code) for named in ("reason", "reason_meaning", "reason_mend")),
            page.number(numbers.get(code, 0)),
        )
        for code in FAMILIES["reason"]
    ]
    more = [*columns, Column(words("column.mend")), Column(words("column.results"), "number")]
    told = table(words("method.reasons"), more, reasons)
    page.write(
        element("p", not_assessed_sentence(plan, words) or words("method.all_assessed")),
        fold(words, words("method.reasons"), told),
        classes="ppw-rules",
    )
    page.header(words("method.versions"))
    manifest = release.manifest
    named = {
        "method_version": release.method_version,
        "rule_set_version": manifest.rule_set_version,
        "code_version": manifest.code_version,
    }
    page.write(facts_list([(words(f"version.{name}"), value) for name, value in named.items()]))


def _word(page: StaticLeaf, family: str, code: str) -> object:
    words = page.words
    if family in ("level", "pace", "milestone"):
        return state(code, words.of(family, code))
    if family == "confidence":
        return words("target.confidence_value", letter=code, word=words.of(family, code))
    return words.of(family, code)


def write_documents(
    page: StaticLeaf, every: Sequence[TargetFacts], milestones: Sequence[MilestoneFacts]
) -> None:
    """Which plan documents there are, and which one is counted."""
    words, release = page.words, page.release
    known, used = documents(release), reference_versions(release)
    counted = [plan_name(row, words) for version, row in known.items() if version in used]
    lead = (
        words("documents.lead", reference=words.listed(counted)) if counted else words("documents.lead_none")
    )
    targets = Counter(facts.plan_version for facts in every)
    dated = Counter(facts.plan_version for facts in milestones)
    rows = []
    for version, document in known.items():
        name = plan_name(document, words)
        transcribed = is_true(document["targets_transcribed"])
        rows.append(
            (
                words("documents.used", name=name) if version in used else name,
                words.pick(document, "title"),
                words.of("legal_status", document["legal_status"]),
                page.date(document.get("adopted_on")),
                page.number(targets[version]) if transcribed else words("method.not_transcribed"),
                page.number(dated[version]) if transcribed else words("none"),
            )
        )
    columns = [
        Column(words("column.document")),
        Column(words("column.document_title")),
        Column(words("column.legal_status")),
        Column(words("column.adopted_on")),
        Column(words("column.targets"), "number"),
        Column(words("column.milestones"), "number"),
    ]
    page.write(
        element("p", lead, classes="ppw-lead"),
        table(words("documents.table"), columns, rows),
        classes="ppw-list",
    )


def write_downloads(page: StaticLeaf, open_data: Path | None) -> None:
    """The files of the open data beside the edition: what each is, for whom, its size and digest."""
    words = page.words
    said = statements_of(page.release, words)
    page.write(
        element("p", words("downloads.lead"), classes="ppw-lead"),
        facts_list(
            [(words("open_data.sheet_cite"), said.citation), (words("open_data.sheet_rights"), said.rights)]
        ),
    )
    if open_data is None or not open_data.is_dir():
        page.write(element("p", words("static_edition.no_files")))
        return
    columns = [
        Column(words("downloads.file")),
        Column(words("downloads.size"), "number"),
        Column("SHA-256"),
    ]
    for kind, files in open_files(open_data).items():
        page.header(words.of("download", kind))
        rows = [
            (
                link(one.name, f"{page.up}../{open_data.name}/{one.name}"),
                words("downloads.bytes", n=page.number(one.size_bytes)),
                element("code", one.sha256),
            )
            for one in files
        ]
        shown = table(words.of("download", kind), columns, rows)
        # A format of many files is folded away.
        if len(rows) > 1:
            summary = words.counted("downloads.files", len(rows))
            shown = element("details", element("summary", summary), shown)
        page.write(element("p", words.of("download_meaning", kind)), shown, classes="ppw-files")
