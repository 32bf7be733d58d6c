"""The chain of a target on its page: clause, target, reading, indicator, rule, inputs, vintages, snapshot, cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from reports.disclosure import NOT_PUBLIC_VALUE
from reports.explanation import StillReading, figure_of, follow_one_at_a_time, inputs_of, not_found_again
from reports.frame import Page
from reports.long_page import fold
from reports.markup import Column, Markup, element, joined, link, maturity, table
from reports.numbers import format_number, with_unit
from reports.page_data import TOTAL
from reports.periods import period_words
from reports.plan_facts import documents
from reports.promise_sections import facts_list
from reports.reading import is_confirmed
from reports.release_data import Release, Row
from reports.statements import promise, unit_symbol
from reports.target_facts import TargetFacts
from reports.words import Words
from store.settings import Settings, load_settings

PARAMETER, OPEN = "explain", "1"
PLACE = "truy-nguyen"
DIGEST_CHARACTERS = 16


def write_explanation(page: Page, facts: TargetFacts) -> None:
    """The chain, when the address asks for it: the snapshots are read again for it, which takes a moment."""
    words = page.words
    page.header(words("explain.title"), PLACE)
    links = facts_list(_upper_links(page, facts))
    page.write(fold(words, words("explain.title"), links, _for_checkers(page, facts)))
    key = facts.assessment.get("assessment_key")
    if key is None:
        page.write(element("p", words("explain.no_inputs")))
        return
    if st.query_params.get(PARAMETER) != OPEN:
        parameters = {"target": facts.target_id, PARAMETER: OPEN}
        if not facts.reference:
            parameters["plan"] = facts.plan_version
        address = f"{page.address('target', **parameters)}#{PLACE}"
        page.write(element("p", link(words("explain.open"), address)))
        return
    settings = load_settings()
    with st.spinner(words("explain.reading")):
        rows = inputs_of(page.release, str(key))
        try:
            chain: list[dict[str, Any]] = [
                {**figure_of(row), "role": row["role"], **below(settings, page.release, row)} for row in rows
            ]
        except StillReading:
            page.write(element("p", words("explain.busy"), classes="ppw-notice", role="status"))
            return
    if not chain:
        page.write(element("p", words("explain.no_inputs")))
        return
    columns = [
        Column(words("explain.figure")),
        Column(words("column.value"), "number"),
        Column(words("column.maturity")),
        Column(words("explain.vintage")),
        Column(words("explain.snapshot")),
        Column(words("explain.cell")),
        Column(words("explain.read_again")),
    ]
    shown = [row for entry in chain for row in _rows(page, facts, entry)]
    page.write(
        element("p", element("strong", outcome(chain, words))),
        table(words("explain.caption"), columns, shown),
        classes="ppw-list ppw-chain",
    )


def below(settings: Settings, release: Release, row: Row) -> dict[str, Any]:
    """What stands below a figure; of one that is not for this reader, nothing is read. Raises StillReading."""
    if row.get("missing_code") == NOT_PUBLIC_VALUE:
        return {"components": [], "closed": True}
    return follow_one_at_a_time(settings, release, row)


def outcome(chain: Sequence[Mapping[str, Any]], words: Words) -> str:
    """Whether the figures that are for this reader were found again, and how many are not for him."""
    followed = [entry for entry in chain if not entry.get("closed")]
    missing, closed = sum(map(not_found_again, followed)), len(chain) - len(followed)
    said = []
    if missing:
        said.append(words.counted("explain.broken", missing))
    elif followed:
        said.append(words.counted("explain.found", len(followed)))
    if closed:
        said.append(words.counted("explain.not_for_reader", closed))
    return " ".join(said)


def _upper_links(page: Page, facts: TargetFacts) -> list[tuple[str, object]]:
    """The chain from the document down to the rule."""
    words, target, row = page.words, facts.target, facts.assessment
    document = documents(page.release).get(facts.plan_version, {})
    series = page.address("series", indicator=str(target["indicator_code"]), area=str(target["area_id"]))
    rule = page.address("method")
    confirmed = words("explain.confirmed" if is_confirmed(target) else "explain.proposed")
    place = words(
        "explain.clause_at",
        clause=target["clause"],
        document=document.get("number") or facts.plan_version,
    )
    method = link(words("explain.rule_is", method=row.get("method_version") or words("none")), rule)
    kind = words.of("target_type", str(target["target_type"]))
    return [
        (words("explain.clause"), place),
        (words("explain.target"), promise(facts, words)),
        (words("explain.reading_is"), f"{kind}; {confirmed}"),
        (words("explain.indicator"), link(words.pick(facts.indicator, "name"), series)),
        (words("explain.rule"), method),
    ]


def _for_checkers(page: Page, facts: TargetFacts) -> Markup:
    """The id of the target and the file of its formula, for those who check: folded away."""
    words = page.words
    entries: list[tuple[str, object]] = [
        (words("explain.target_id"), element("code", facts.target_id)),
        (words("explain.formula"), element("code", f"sql/assess/{_model(facts)}.sql")),
    ]
    return element("details", element("summary", words("explain.for_checkers")), facts_list(entries))


def _model(facts: TargetFacts) -> str:
    """The formula file of the release that judges targets of this type."""
    own = {
        "average_growth": "asm_average_growth",
        "annual_change": "asm_annual_change",
        "cumulative": "asm_cumulative",
        "structure": "asm_structure",
        "hold": "asm_hold",
    }
    return own.get(str(facts.target["target_type"]), "asm_level")


def _rows(
    page: Page, facts: TargetFacts, entry: Mapping[str, Any], depth: int = 0
) -> list[tuple[object, ...]]:
    """A figure with its cell, or with its formula and its components in the rows below it."""
    words = page.words
    unit = unit_symbol(facts, entry.get("unit"), words)
    value = entry.get("value")
    period = period_words(str(entry["period_id"]), words)
    if depth == 0:
        named = words("explain.input", role=words.of("input_role", str(entry["role"])), period=period)
    else:
        named = words("explain.component", name=words.pick(dict(entry), "indicator"), period=period)
    shown = words("explain.closed")
    if value is not None:
        shown = with_unit(format_number(value, words.language, entry.get("value_decimals")), unit)
    first = (named, shown, maturity(entry.get("maturity"), words))
    none = words("none")
    if entry.get("closed"):
        return [(*first, none, none, none, words("explain.closed"))]
    if "components" in entry:
        formula = words("explain.derived", formula=words.pick(entry["derivation"], "formula"))
        below = [row for part in entry["components"] for row in _rows(page, facts, part, depth + 1)]
        return [(*first, none, none, formula, none), *below]
    return [(*first, *_place(page, entry))]


def _place(page: Page, entry: Mapping[str, Any]) -> tuple[object, ...]:
    """Vintage, snapshot, cell, and what the cell says when it is read again."""
    words, snapshot = page.words, entry["snapshot"]
    if snapshot["same_value"]:
        read_again = words("explain.same", text=snapshot["cell_text"])
    elif snapshot["fault"]:
        read_again = words("explain.problem", problem=words.of("explain_fault", snapshot["fault"]))
    else:
        read_again = words("explain.other", text=snapshot.get("cell_text"))
    series = page.address(
        "series",
        indicator=str(entry["indicator_code"]),
        area=str(entry["area_id"]),
        **({} if entry["breakdown"] == TOTAL else {"breakdown": str(entry["breakdown"])}),
    )
    source = joined([str(entry["source_id"]), page.date(entry.get("vintage_at"))], ", ")
    digest = element("code", f"{str(snapshot['snapshot_sha256'])[:DIGEST_CHARACTERS]}…")
    document = " · ".join(str(snapshot[n]) for n in ("route", "document") if snapshot.get(n))
    title = snapshot.get("table_title") or ""
    labels = [str(label) for label in (snapshot.get("cell_labels") or {}).values() if label]
    cell = joined([element("code", snapshot["cell_ref"] or words("none")), title, "; ".join(labels)], " · ")
    return (
        joined([source, link(words("explain.vintages"), series)], " · "),
        joined([digest, document], " "),
        cell,
        read_again,
    )
