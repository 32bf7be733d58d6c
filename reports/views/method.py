"""Method: how is it judged, and how far can it be trusted? The rule in three lines, then every word the pages
use.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import streamlit as st

from reports.frame import Page, show_page
from reports.markup import Column, element, link, maturity, state, table
from reports.plan_facts import TargetKey, target_key
from reports.release_data import Row
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
    _milestones(page)
    _reasons(page)
    _maturities(page)
    _confidence(page)
    _parameters(page)
    _ranks(page)
    _named_methods(page)
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


def _milestones(page: Page) -> None:
    words = page.words
    st.header(words("method.milestones"), anchor=False)
    months = page.release.parameters().get("milestone_due_months")
    rows = [
        (
            state(code, words.of("milestone", code)),
            words(f"milestone_meaning.{code}", months=page.number(months)),
        )
        for code in FAMILIES["milestone"]
    ]
    columns = [Column(words("column.word")), Column(words("column.meaning"))]
    page.write(table(words("method.milestones"), columns, rows), classes="ppw-pairs")


def _parameters(page: Page) -> None:
    """Every number the method works with, as this release carries it."""
    words = page.words
    st.header(words("method.parameters"), anchor=False)
    rows = []
    for row in page.release.rows("dim_parameter"):
        code = str(row["parameter"])
        meaning = words.of("parameter", code)
        rows.append(
            (str(row["meaning"]) if meaning == code else meaning, _parameter(page, code, row["value"]), code)
        )
    columns = [
        Column(words("column.meaning")),
        Column(words("column.value"), "number"),
        Column(words("column.code")),
    ]
    page.write(table(words("method.parameters"), columns, rows), classes="ppw-parameters")


def _parameter(page: Page, code: str, value: float) -> str:
    """A parameter's value; a year is written without a mark between its thousands."""
    return str(int(value)) if code.endswith("_year") else page.number(value)


def _named_methods(page: Page) -> None:
    """What the methods of other offices say; headed so that nobody takes it for the result."""
    words = page.words
    st.header(words("method.named"), anchor=False)
    results = page.release.optional_rows("fct_method_result")
    if not results:
        page.write(element("p", words("method.named_none")))
        return
    by_method: dict[str, list[Row]] = defaultdict(list)
    for row in results:
        by_method[str(row["method"])].append(row)
    rows = []
    for method, same in sorted(by_method.items()):
        counts = Counter(str(row["status"]) for row in same if row.get("status"))
        said = [
            words("method.status_count", status=status, n=page.number(n))
            for status, n in counts.most_common()
        ]
        if refused := len(same) - sum(counts.values()):
            said.append(words("method.refused", n=page.number(refused)))
        rows.append((words.of("named_method", method), page.number(sum(counts.values())), "; ".join(said)))
    columns = [
        Column(words("column.method")),
        Column(words("column.results"), "number"),
        Column(words("column.said")),
    ]
    page.write(
        element("p", words("method.named_meaning")),
        table(words("method.named"), columns, rows),
        classes="ppw-rules",
    )
    _example(page, results)


def _example(page: Page, results: list[Row]) -> None:
    """The target on which the methods disagree most, each with its own word."""
    words = page.words
    by_target: dict[TargetKey, list[Row]] = defaultdict(list)
    for row in results:
        if row.get("status"):
            by_target[target_key(row)].append(row)
    disagreed = [same for same in by_target.values() if len({row["status"] for row in same}) > 1]
    if not disagreed:
        page.write(element("p", words("method.named_agree")))
        return
    example = max(disagreed, key=lambda same: (len({row["status"] for row in same}), len(same)))
    known = {target_key(row): row for row in page.release.rows("fct_target")}
    target = known.get(target_key(example[0]), {})
    rows = [
        (
            words.of("named_method", str(row["method"])),
            str(row["status"]),
            "" if row.get("value") is None else page.number(round(float(row["value"]), 3)),
        )
        for row in sorted(example, key=lambda row: str(row["method"]))
    ]
    columns = [
        Column(words("column.method")),
        Column(words("column.said")),
        Column(words("column.value_of_method"), "number"),
    ]
    named = words("method.named_differ", target=words.pick(target, "name"))
    page.write(element("p", named), table(named, columns, rows), classes="ppw-rules")


def _documents(page: Page) -> None:
    words = page.words
    st.header(words("method.documents"), anchor=False)
    page.write(element("p", link(words("plan.all_documents"), page.address("documents"))))


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
