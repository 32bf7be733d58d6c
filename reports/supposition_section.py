"""The part of a target's page in which a reader supposes what each remaining year brings."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from reports.choices import chosen, written
from reports.frame import Page
from reports.markup import Column, Markup, element, link, state, table
from reports.needs import year_state
from reports.numbers import SEPARATORS, format_number, with_unit
from reports.statements import COMPUTED_DECIMALS, goal_words, measured, promise, unit_of_change, unit_symbol
from reports.supposition import (
    Enough,
    Start,
    Supposition,
    Way,
    is_ambiguous,
    needed,
    read_by,
    start_of,
    suppose,
)
from reports.target_facts import TargetFacts

# Where the part begins on the page.
PLACE = "gia-dinh"


def write_supposition(page: Page, facts: TargetFacts) -> None:
    """The question, the field, and the answer of the formulas; or why nothing can be supposed."""
    words = page.words
    page.write(element("div", id=PLACE))
    page.header(words("what_if.title"))
    start = start_of(page.release, facts)
    if isinstance(start, str):
        page.write(element("p", words(f"what_if_refused.{start}")))
        return
    said = [element("p", words("what_if.meaning", first=start.first, last=start.last))]
    passed = _passed(page, start)
    if passed:
        years = words.listed([str(year) for year in passed])
        said.append(element("p", words.counted("what_if.passed", len(passed), years=years)))
    if start.averaged:
        first, last = start.averaged
        said.append(element("p", words("what_if.averaged", first=first, last=last), classes="ppw-small"))
    page.write(*said)
    first_box, second_box, _ = st.columns([5, 5, 6])
    way = start.ways[0]
    if len(start.ways) > 1:
        options = {str(name): words(f"what_if_way.{name}") for name in start.ways}
        asked = chosen(second_box, "how", words("what_if.how"), options, "what_if_how")
        way = next(name for name in start.ways if name == asked)
    label = words(f"what_if_ask.{way}", unit=_unit(facts, start, way, page))
    text = written(first_box, "x", label, words("what_if.placeholder"), "what_if_x")
    _offer(page, facts, start, way)
    if not text:
        return
    if is_ambiguous(text, page.language):
        _refuse(page, words("what_if.ambiguous", text=text))
        return
    by = read_by(text, way)
    if by is None:
        _refuse(page, words("what_if.no_number", text=text))
        return
    answer = suppose(page.release, facts, start, way, by)
    if answer is None:
        _refuse(page, words("what_if.too_large", text=text))
        return
    page.write(_answer(page, facts, start, answer))


def _refuse(page: Page, why: str) -> None:
    page.write(element("p", why, classes="ppw-notice", role="status"))


def _unit(facts: TargetFacts, start: Start, way: Way, page: Page) -> str:
    unit = {"change": unit_of_change(facts, start.unit), "amount": start.unit}.get(way)
    return "%" if way == "growth" else unit_symbol(facts, unit, page.words)


def _offer(page: Page, facts: TargetFacts, start: Start, way: Way) -> None:
    """The way to what the release says is needed, as a supposition that can be looked at and shared."""
    offers = []
    for enough in needed(facts, way):
        # As the field is written and read in this language.
        written_out = format(enough.by, "f").replace(".", SEPARATORS[page.language][1])
        parameters = {"target": facts.target_id, "x": written_out}
        if not facts.reference:
            parameters["plan"] = facts.plan_version
        if way != start.ways[0]:
            parameters["how"] = way
        address = f"{page.address('target', **parameters)}#{PLACE}"
        offers.append(element("p", link(_offered(page, facts, start, way, enough), address)))
    if way == "change" and any(need.shape == "compound" and need.years for need in facts.needs):
        offers.append(element("p", page.words("what_if.other_way"), classes="ppw-small"))
    page.write(*offers)


def _offered(page: Page, facts: TargetFacts, start: Start, way: Way, enough: Enough) -> str:
    """The offer in words: where the number is not the one that the release states, why it is another."""
    words, unit = page.words, _unit(facts, start, way, page)
    shown, stated = (with_unit(_number(number, page), unit) for number in (enough.by, enough.stated))
    key = "what_if.offer_rounded" if enough.is_rounded_up else "what_if.offer"
    offer = words(key, value=shown, **({"stated": stated} if enough.is_rounded_up else {}))
    if enough.end is None:
        return offer
    return words("what_if.offer_end", offer=offer, end=goal_words(enough.end, facts, words))


def _passed(page: Page, start: Start) -> list[int]:
    """The supposed years that were over at the cut-off of the release: no figure of them is at hand."""
    return [year for year in range(start.first, start.last + 1) if year < page.release.cut_off.year]


def _number(value: Decimal, page: Page) -> str:
    return format_number(value, page.language, COMPUTED_DECIMALS)


def _answer(page: Page, facts: TargetFacts, start: Start, answer: Supposition) -> Markup:
    words, row = page.words, answer.assessment
    by = with_unit(format_number(answer.by, page.language), _unit(facts, start, answer.way, page))
    level = str(row.get("level_state") or "not_assessed")
    outcome = [words(f"what_if_said.{answer.way}", value=by, first=start.first, last=start.last)]
    for name, unit in (("average_to_date", row.get("unit")), ("total_to_date", row.get("unit"))):
        if row.get(name) is not None:
            value = measured(row[name], unit, facts, words, COMPUTED_DECIMALS)
            outcome.append(words(f"what_if.{name}", value=value))
    if answer.way != "amount" and row.get("average_to_date") is None and answer.years:
        year, last = answer.years[-1]
        outcome.append(words("what_if.ends", year=year, value=measured(last, answer.unit, facts, words)))
    outcome.append(words("lead.target", promise=promise(facts, words)))
    reason = str(row.get("reason_code") or "")
    label = words.of("level", level) + (f" · {words.of('reason', reason)}" if reason else "")
    rows = [
        (
            words("period.year", year=year),
            measured(each, answer.unit, facts, words, COMPUTED_DECIMALS),
            _supposed_year(page, facts, year),
        )
        for year, each in answer.years
    ]
    columns = [
        Column(words("column.period")),
        Column(words("column.value"), "number"),
        Column(words("column.maturity")),
    ]
    return element(
        "div",
        element("p", element("strong", words("what_if.label")), " ", "; ".join(outcome), ".", role="status"),
        element("p", words("what_if.then"), " ", state(level, label)),
        table(words("what_if.table", value=by), columns, rows, caption_shown=True),
        element("p", words("what_if.how_made", method=page.release.method_version), classes="ppw-small"),
        classes="ppw-supposed",
    )


def _supposed_year(page: Page, facts: TargetFacts, year: int) -> str:
    """That a year is supposed, and where it has passed, why it has to be."""
    state = year_state(facts, year, page.release.cut_off)
    if state not in ("past", "past_unused"):
        return page.words("what_if.supposed")
    return page.words("what_if.supposed_passed", state=page.words.of("need_year", state))
