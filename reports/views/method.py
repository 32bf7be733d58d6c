"""Method: how is it judged, and how far can it be trusted? The rule in three lines, then every word the pages
use.
"""

from __future__ import annotations

from collections import defaultdict

import streamlit as st

from reports.frame import Page, plan_name, show_page
from reports.markup import Column, element, maturity, state, table
from reports.target_facts import is_true
from reports.words import FAMILIES


def show() -> None:
    """The page."""
    show_page("method", body)


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    words = page.words
    page.write(
        element("p", words("method.lead"), classes="ppw-lead"),
        element(
            "ol", *(element("li", words(f"method.rule_{line}")) for line in ("level", "pace", "confidence"))
        ),
    )
    _states(page, "level")
    _states(page, "pace")
    _reasons(page)
    _maturities(page)
    _confidence(page)
    _ranks(page)
    _documents(page)
    _versions(page)


def _states(page: Page, family: str) -> None:
    words = page.words
    st.header(words(f"method.{family}"), anchor=False)
    limits = bands(page) if family == "pace" else {}
    rows = [
        (state(code, words.of(family, code)), words(f"{family}_meaning.{code}", **limits))
        for code in FAMILIES[family]
    ]
    columns = [Column(words("column.word")), Column(words("column.meaning"))]
    page.write(table(words(f"method.{family}"), columns, rows), classes="ppw-pairs")


def bands(page: Page) -> dict[str, str]:
    """The limits of the pace bands, as this release carries them."""
    parameters = page.release.parameters()
    return {
        name: page.number(parameters[f"band_{name}"]) for name in ("on_track", "slightly_behind", "behind")
    }


def _reasons(page: Page) -> None:
    words = page.words
    st.header(words("method.reasons"), anchor=False)
    rows = [
        (words.of("reason", code), words.of("reason_meaning", code), words.of("reason_mend", code), code)
        for code in FAMILIES["reason"]
    ]
    columns = [
        Column(words("column.reason")),
        Column(words("column.meaning")),
        Column(words("column.mend")),
        Column(words("column.code")),
    ]
    page.write(table(words("method.reasons"), columns, rows), classes="ppw-rules")


def _maturities(page: Page) -> None:
    words = page.words
    st.header(words("method.maturity"), anchor=False)
    rows = [(maturity(code, words), words.of("maturity_meaning", code)) for code in FAMILIES["maturity"]]
    columns = [Column(words("column.word")), Column(words("column.meaning"))]
    page.write(table(words("method.maturity"), columns, rows), classes="ppw-pairs")


def _confidence(page: Page) -> None:
    words = page.words
    st.header(words("method.confidence"), anchor=False)
    rows = [
        (
            words("target.confidence_value", letter=code, word=words.of("confidence", code)),
            words.of("confidence_meaning", code),
        )
        for code in FAMILIES["confidence"]
    ]
    columns = [Column(words("column.word")), Column(words("column.meaning"))]
    page.write(table(words("method.confidence"), columns, rows), classes="ppw-pairs")


def _ranks(page: Page) -> None:
    """Ranks as the sources of this release carry them."""
    words = page.words
    st.header(words("method.ranks"), anchor=False)
    ranks: dict[str, set[int]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for source in page.release.rows("dim_source"):
        ranks[str(source["publisher_kind"])].add(int(source["rank"] or 0))
        counts[str(source["publisher_kind"])] += 1
    rows = [
        (
            words.of("publisher_kind", kind),
            ", ".join(page.number(rank) for rank in sorted(ranks[kind], reverse=True)),
            page.number(counts[kind]),
        )
        for kind in sorted(ranks, key=lambda k: -max(ranks[k]))
    ]
    columns = [
        Column(words("column.publisher_kind")),
        Column(words("column.rank"), "number"),
        Column(words("column.sources"), "number"),
    ]
    page.write(element("p", words("method.ranks_meaning")), table(words("method.ranks"), columns, rows))


def _documents(page: Page) -> None:
    words = page.words
    st.header(words("method.documents"), anchor=False)
    rows = [
        (
            plan_name(document, words),
            words.pick(document, "title"),
            page.date(document.get("adopted_on")),
            words.of("legal_status", document["legal_status"]),
            words(
                "method.transcribed" if is_true(document["targets_transcribed"]) else "method.not_transcribed"
            ),
        )
        for document in page.release.rows("dim_plan_document")
    ]
    columns = [
        Column(words("column.document")),
        Column(words("column.document_title")),
        Column(words("column.adopted_on")),
        Column(words("column.legal_status")),
        Column(words("column.targets")),
    ]
    page.write(table(words("method.documents"), columns, rows), classes="ppw-rules")


def _versions(page: Page) -> None:
    words, manifest = page.words, page.release.manifest
    st.header(words("method.versions"), anchor=False)
    named = {
        "method_version": page.release.method_version,
        "rule_set_version": manifest.rule_set_version,
        "code_version": manifest.code_version,
    }
    rows = [(words(f"version.{name}"), value) for name, value in named.items()]
    columns = [Column(words("column.version_of")), Column(words("column.version"))]
    page.write(table(words("method.versions"), columns, rows))


if __name__ == "__main__":
    show()
