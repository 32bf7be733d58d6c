"""One target: will it be met? A sentence, the state and why, chart and table, citations, clause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from reports.charts import target_chart
from reports.frame import Page, plan_name, show_page
from reports.markup import Column, Markup, element, joined, link, maturity, outside_link, state, table
from reports.numbers import format_number, to_decimal
from reports.periods import period_words, sentence_case
from reports.release_data import Release, Row
from reports.statements import (
    chart_finding,
    chart_summary,
    figure,
    level_words,
    measured,
    promise,
    promised_value,
    published_average_source,
    reason_codes,
    source_name,
    target_sentences,
    unit_of_change,
    unit_symbol,
)
from reports.target_facts import (
    Point,
    TargetFacts,
    every_target,
    held_observations,
    observation_of,
    other_sources,
    period_list,
)
from reports.words import FAMILIES, Words

RATIO_DECIMALS = 3
NOTHING_TO_MEND = {"NOT_DUE", "TARGET_YEAR_OVER"}


def show() -> None:
    """The page of the target named in the address; without one, the list to choose from."""
    show_page("target", body, title)


def asked_target(release: Release) -> TargetFacts | None:
    """The target named in the address, or None."""
    asked = st.query_params.get("target")
    return next((facts for facts in every_target(release) if facts.target_id == asked), None)


def title(page: Page) -> str:
    """The target's name; the page's name when no target is chosen."""
    facts = asked_target(page.release)
    return page.words.pick(facts.target, "name") if facts else page.words("target.title")


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    facts = asked_target(page.release)
    if facts is None:
        _choose(page)
        return
    _state(page, facts)
    notes = Citations(page)
    _figures(page, facts, notes)
    _others(page, facts, notes)
    notes.write()
    _clause(page, facts)
    _workings(page, facts)


def _choose(page: Page) -> None:
    words = page.words
    every = every_target(page.release)
    asked = st.query_params.get("target")
    first = words("target.unknown", target=asked) if asked else words.counted("target.choose", len(every))
    page.write(element("p", first, classes="ppw-lead"))
    known = FAMILIES["domain"]
    for domain in sorted(
        {f.domain for f in every}, key=lambda d: known.index(d) if d in known else len(known)
    ):
        st.header(words.of("domain", domain), anchor=False)
        items = [
            element(
                "li",
                link(words.pick(f.target, "name"), page.address("target", target=f.target_id)),
                " · ",
                state(f.bucket, words.of("bucket", f.bucket)),
            )
            for f in every
            if f.domain == domain
        ]
        page.write(element("ul", *items))


def _state(page: Page, facts: TargetFacts) -> None:
    words, assessment = page.words, facts.assessment
    first, *rest = target_sentences(facts, words, published_average_source(page.release, facts, page.words))
    level = str(assessment.get("level_state") or "not_assessed")
    pace = str(assessment.get("pace_state") or "not_assessed")
    confidence = assessment.get("confidence")
    entries = [
        (words("target.level"), state(level, level_words(facts, words))),
        (words("target.pace"), state(pace, words.of("pace", pace))),
        (
            words("target.confidence"),
            words("target.confidence_value", letter=confidence, word=words.of("confidence", confidence))
            if confidence
            else words("none"),
        ),
        (words("target.domain"), words.of("domain", facts.domain)),
    ]
    parts: list[Markup] = [element("p", first, classes="ppw-lead")]
    parts += [element("p", line) for line in rest]
    parts.append(
        element(
            "dl",
            *(element("div", element("dt", n), element("dd", v)) for n, v in entries),
            classes="ppw-facts",
        )
    )
    for code in reason_codes(facts):
        mend = words.of("reason_mend", code)
        parts.append(
            element(
                "p",
                element("strong", words.of("reason", code), "."),
                " ",
                words.of("reason_meaning", code),
                " ",
                mend if code in NOTHING_TO_MEND else words("target.mend", mend=mend),
            )
        )
    if assessment.get("note"):
        parts.append(element("p", words.of("assessment_note", assessment["note"])))
    if held := held_observations(page.release, facts):
        parts.append(element("p", words.counted("target.held", held)))
    page.write(*parts)


@dataclass
class Citations:
    """The numbered citations of a page: one entry per place of origin, numbered as the tables name them."""

    page: Page

    def __post_init__(self) -> None:
        self._entries: list[Markup] = []
        self._numbers: dict[str, int] = {}

    def number(self, observation: Row | None) -> Markup:
        """The mark that stands beside a figure: [1], linking to its citation."""
        if observation is None:
            return Markup(self.page.words("none"))
        entry = citation(observation, self.page)
        if entry not in self._numbers:
            self._entries.append(entry)
            self._numbers[entry] = len(self._entries)
        return Markup(f"[{self._numbers[entry]}]")

    def write(self) -> None:
        """Writes the list; nothing when no figure was cited."""
        if not self._entries:
            return
        st.header(self.page.words("target.citations"), anchor=False)
        self.page.write(
            element("ol", *(element("li", entry) for entry in self._entries), classes="ppw-notes")
        )


# A source of this rank or lower is a copy on a site of unknown owner: shown, but no reader is sent there.
UNTRUSTED_RANK = 10


def _is_trusted(page: Page, source_id: object) -> bool:
    return all(
        row["rank"] > UNTRUSTED_RANK
        for row in page.release.rows("dim_source")
        if row["source_id"] == source_id
    )


def citation(observation: Row, page: Page) -> Markup:
    """Where a figure was copied from: publisher, title, place, date, with a link to its address."""
    words = page.words
    if not observation.get("citation_publisher"):
        named = source_name(page.release, words, observation["source_id"]) or str(observation["source_id"])
        cell = observation.get("cell_ref") or words("none")
        return element("span", words("citation.original", source=named, cell=cell))
    parts = [str(observation["citation_publisher"])]
    if observation.get("citation_title"):
        parts.append(words("citation.quoted", title=observation["citation_title"]))
    if observation.get("citation_place"):
        parts.append(str(observation["citation_place"]))
    parts.append(_printed_date(observation.get("citation_published"), page))
    said: list[object] = [words("citation.copied_from", citation=", ".join(parts))]
    if observation.get("note"):
        said.append(words("citation.note", note=str(observation["note"]).rstrip(".") + "."))
    address = str(observation.get("citation_address") or "")
    if not _is_trusted(page, observation["source_id"]):
        said.append(words("citation.address_untrusted"))
    elif _is_web(address):
        said.append(outside_link(words("citation.address"), address))
    elif address:
        said.append(words("citation.address_text", address=address))
    return element("span", joined(said, " "))


def _printed_date(published: object, page: Page) -> str:
    """A date of publication as dd/mm/yyyy; one printed in another way as it is; words when there is none."""
    if not published:
        return page.words("citation.no_date")
    try:
        return page.date(date.fromisoformat(published) if isinstance(published, str) else published)
    except ValueError:
        return str(published)


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))


def _figures(page: Page, facts: TargetFacts, notes: Citations) -> None:
    words = page.words
    st.header(words("target.figures"), anchor=False)
    chart = target_chart(facts, words, page.theme)
    unit = unit_symbol(facts, facts.chart_unit, words)
    if chart is None:
        page.write(element("p", words("chart.nothing")))
        _figure_table(page, facts, notes)
        return
    left, right = st.columns([11, 9], gap="large")
    with left:
        drawn = words("chart.drawn", unit=unit) + (
            "" if facts.target_bounds() else " " + words("chart.no_target")
        )
        page.write(
            element("p", chart_finding(facts, words), classes="ppw-chart-title"),
            element("p", drawn, classes="ppw-small"),
        )
        st.altair_chart(chart, width="stretch", alt=chart_summary(facts, words))
        page.write(element("p", chart_summary(facts, words), classes="ppw-unseen"))
    with right:
        _figure_table(page, facts, notes)


def _figure_table(page: Page, facts: TargetFacts, notes: Citations) -> None:
    """Every figure of the chart, the missing years between them, part-year figures, and the target as the
    last row.
    """
    words = page.words
    rows: list[tuple[object, ...]] = []
    classes: list[str] = []
    known = {point.year: point for point in facts.points if point.year is not None}
    missing = {int(p) for p in period_list(facts.assessment.get("periods_missing")) if p.isdigit()}
    span = range(min({*known, *missing}), max({*known, *missing}) + 1) if known or missing else range(0)
    for year in span:
        point = known.get(year)
        if point is None:
            rows.append(
                (words("period.year", year=year), words("none"), words("table.no_figure"), words("none"))
            )
            classes.append("ppw-row-missing")
        else:
            rows.append(_figure_row(page, facts, point, notes))
            classes.append("")
    for point in facts.other_points:
        rows.append(_figure_row(page, facts, point, notes))
        classes.append("ppw-row-other")
    path = to_decimal(facts.assessment.get("path_value"))
    if path is not None and facts.path():
        period = words("table.path_of", period=period_words(facts.assessment.get("actual_period_id"), words))
        value = facts.in_unit(path, facts.assessment.get("unit"), facts.chart_unit)
        rows.append((period, format_number(value, words.language), words("table.declared"), words("none")))
        classes.append("ppw-row-path")
    when = words("table.target_of", period=_target_period(facts, words))
    rows.append((when, promised_value(facts, words), words("table.in_plan"), str(facts.target.get("clause"))))
    classes.append("ppw-row-target")
    unit = unit_symbol(facts, facts.chart_unit, words) if facts.points else None
    value_header = words("column.value_unit", unit=unit) if unit else words("column.value")
    columns = [
        Column(words("column.period")),
        Column(value_header, "number"),
        Column(words("column.maturity")),
        Column(words("column.source")),
    ]
    page.write(table(words("table.figures_caption"), columns, rows, classes), classes="ppw-figures")


def _target_period(facts: TargetFacts, words: Words) -> str:
    first, last = facts.first_year, facts.last_year
    if first is not None and first != last:
        return words("period.span", first=first, last=last)
    return words("period.year", year=last)


def _figure_row(page: Page, facts: TargetFacts, point: Point, notes: Citations) -> tuple[object, ...]:
    words = page.words
    observation = observation_of(page.release, point.row.get("observation_key"))
    same_unit = point.row.get("unit") == facts.chart_unit
    value = (
        format_number(point.value, words.language, point.decimals)
        if same_unit
        else figure(point, facts, words)
    )
    form = point.row.get("form")
    period = period_words(point.period_id, words)
    if form == "average_growth":
        period = words("table.average_of", period=period)
    return (period, value, maturity(point.row.get("maturity"), words), notes.number(observation))


def _others(page: Page, facts: TargetFacts, notes: Citations) -> None:
    """What other sources say of the same figures; the reader sees the conflict, not only who won."""
    words = page.words
    rows = []
    for point in (*facts.points, *facts.other_points):
        for other in other_sources(page.release, point):
            number = format_number(other["value"], words.language, other.get("value_decimals"))
            unit = unit_symbol(facts, other.get("unit"), words)
            rows.append(
                (
                    period_words(point.period_id, words),
                    figure(point, facts, words),
                    f"{number} {unit}" if not unit.startswith("%") else f"{number}{unit}",
                    source_name(page.release, words, other["source_id"]) or str(other["source_id"]),
                    notes.number(other),
                )
            )
    if not rows:
        return
    st.header(words("target.others"), anchor=False)
    columns = [
        Column(words("column.period")),
        Column(words("column.in_force"), "number"),
        Column(words("column.other_value"), "number"),
        Column(words("column.other_source")),
        Column(words("column.citation")),
    ]
    page.write(
        element("p", words("target.others_meaning")),
        table(words("target.others"), columns, rows),
        classes="ppw-rules",
    )


def _clause(page: Page, facts: TargetFacts) -> None:
    words, target = page.words, facts.target
    documents = {str(d["plan_version"]): d for d in page.release.rows("dim_plan_document")}
    document = documents.get(str(target["plan_version"]))
    clause = next(
        (
            c
            for c in page.release.rows("dim_clause")
            if c["clause"] == target["clause"] and c["plan_version"] == target["plan_version"]
        ),
        {},
    )
    st.header(words("target.clause"), anchor=False)
    place = words(
        "target.clause_place",
        document=plan_name(document, words) if document else str(target["plan_version"]),
        clause=target["clause"],
        heading=words.pick(clause, "heading"),
        line=target.get("line") if target.get("line") is not None else words("none"),
    )
    parts = [element("p", sentence_case(place))]
    if target.get("printed_text"):
        parts.append(
            element("blockquote", words("citation.quoted", title=target["printed_text"]), classes="ppw-quote")
        )
    reading = words(
        "target.reading",
        type=words.of("target_type", target["target_type"]),
        direction=words.of("direction", target.get("direction")),
        promise=promise(facts, words),
    )
    parts.append(element("p", reading))
    if target.get("reading_status") == "confirmed":
        parts.append(
            element("p", words("target.confirmed", document=target.get("reading_document") or words("none")))
        )
    else:
        parts.append(
            element("p", element("strong", words("target.proposed"), "."), " ", words("target.proposed_mend"))
        )
    if target.get("responsible_vi"):
        parts.append(element("p", words("target.responsible", name=target["responsible_vi"])))
    if target.get("note_vi") or target.get("note_en"):
        parts.append(element("p", words("target.note", note=words.pick(target, "note"))))
    if facts.indicator.get("definition_vi"):
        parts.append(
            element("p", words("target.definition", definition=words.pick(facts.indicator, "definition")))
        )
    page.write(*parts)


def _workings(page: Page, facts: TargetFacts) -> None:
    """Every stored input and intermediate value of the assessment, folded away."""
    words, assessment = page.words, facts.assessment
    unit = assessment.get("unit")
    computed = {
        "base_value": measured(assessment.get("base_value"), assessment.get("actual_unit"), facts, words)
    }
    computed |= {
        name: measured(assessment.get(name), unit_of_change(facts, unit), facts, words)
        for name in ("gap", "required_per_year")
    }
    computed |= {
        name: measured(assessment.get(name), unit, facts, words)
        for name in (
            "path_value",
            "average_to_date",
            "published_average",
            "required_growth",
            "required_growth_from_published",
        )
    }
    shares = {
        name: format_number(assessment.get(name), words.language, RATIO_DECIMALS)
        for name in ("share_of_way", "pace")
    }
    periods = {
        name: ", ".join(period_list(assessment.get(name))) or words("none")
        for name in ("periods_present", "periods_missing")
    }
    named = {
        "method": " ".join(str(assessment[n]) for n in ("method", "method_version") if assessment.get(n)),
        "n_points": page.number(assessment.get("n_points")),
        "base_period_id": period_words(assessment.get("base_period_id"), words),
        **periods,
        **computed,
        **shares,
    }
    rows = [(words(f"working.{name}"), value) for name, value in named.items()]
    columns = [Column(words("column.input")), Column(words("column.value"), "number")]
    page.write(
        element(
            "details",
            element("summary", words("target.workings")),
            table(words("target.workings"), columns, rows),
        )
    )


if __name__ == "__main__":
    show()
