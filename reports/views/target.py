"""One target: will it be met? A sentence, the state and why, chart and table, citations, clause."""

from __future__ import annotations

import streamlit as st

from reports.cause_section import statements_section
from reports.citations import Citations
from reports.confidence import confidence_sentences, origin_sentences
from reports.derived import formula, is_derived
from reports.explanation_section import write_explanation
from reports.frame import Page, show_page
from reports.history_section import write_history, write_revisions
from reports.kept_chart import target_chart_specification
from reports.long_page import fold
from reports.markup import Column, Markup, element, link, maturity, state_of_promise, table
from reports.needed_section import write_needed
from reports.numbers import decimals_of, format_number, to_decimal
from reports.periods import period_words
from reports.plan_counts import listed_sentence
from reports.plan_facts import reference_versions, target_key
from reports.promise_sections import (
    facts_list,
    notes_above,
    notes_marker,
    versions_table,
    write_around,
    write_notes,
    write_place,
    write_reading,
)
from reports.reading import (
    reading_entries,
    reason_sentences,
    result_sentences,
    sensitivity,
    target_period,
)
from reports.release_data import Release
from reports.search import domain_order
from reports.statements import (
    COMPUTED_DECIMALS,
    aspiration_words,
    by_end,
    chart_finding,
    chart_summary,
    figure,
    level_words,
    promised_value,
    published_average_source,
    source_name,
    target_sentences,
    unit_symbol,
)
from reports.supposition_section import write_supposition
from reports.target_facts import (
    Point,
    TargetFacts,
    every_target,
    find_target,
    held_observations,
    observation_of,
    of_the_plan,
    other_sources,
    other_versions,
    period_list,
)
from reports.workings import workings


def show() -> None:
    """The page of the target named in the address; without one, the list to choose from."""
    show_page("target", body, title)


def asked_target(release: Release) -> TargetFacts | None:
    """The target named in the address, of the document named there or of the plan in use; or None."""
    asked = st.query_params.get("target")
    return find_target(every_target(release), asked, st.query_params.get("plan")) if asked else None


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
    page.jump()
    notes = Citations(page)
    _figures(page, facts, notes)
    write_needed(page, facts)
    _others(page, facts, notes)
    notes.write()
    _series(page, facts)
    statements_section(page, facts)
    write_revisions(page, facts)
    write_supposition(page, facts)
    write_history(page, facts)
    write_place(page, facts.target)
    write_notes(page, facts.annotations)
    _reading(page, facts)
    _versions(page, facts)
    known = {target_key(row): row for row in page.release.rows("fct_target")}
    write_around(page, facts.target, known, reference_versions(page.release))
    _workings(page, facts)
    write_explanation(page, facts)


def _choose(page: Page) -> None:
    words = page.words
    every = of_the_plan(every_target(page.release))
    asked = st.query_params.get("target")
    first = words("target.unknown", target=asked) if asked else words.counted("target.choose", len(every))
    page.write(element("p", first, classes="ppw-lead"))
    if counted := listed_sentence(every, words):
        page.write(element("p", counted))
    page.jump()
    for domain in sorted({f.domain for f in every}, key=domain_order):
        page.header(words.of("domain", domain))
        items = [
            element(
                "li",
                link(words.pick(f.target, "name"), page.address("target", target=f.target_id)),
                " · ",
                state_of_promise(f.bucket, words.of("bucket", f.bucket), aspiration_words(f, words)),
                " ",
                notes_marker(page, f.annotations),
            )
            for f in every
            if f.domain == domain
        ]
        label = words.counted("search.targets", len(items))
        page.write(fold(words, words.of("domain", domain), element("ul", *items), label=label))


def _state(page: Page, facts: TargetFacts) -> None:
    words, assessment = page.words, facts.assessment
    first, *rest = target_sentences(facts, words, published_average_source(page.release, facts, page.words))
    level = str(assessment.get("level_state") or "not_assessed")
    pace = str(assessment.get("pace_state") or "not_assessed")
    confidence = assessment.get("confidence")
    aspiration = aspiration_words(facts, words)
    entries = [
        (words("target.level"), state_of_promise(level, level_words(facts, words), aspiration)),
        (words("target.pace"), state_of_promise(pace, words.of("pace", pace), aspiration)),
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
    judged = observation_of(page.release, assessment.get("actual_observation_key"))
    if judged and is_derived(judged):
        parts.append(element("p", words("target.derived", formula=formula(page.release, judged, words))))
    parts.append(facts_list(entries))
    if confidence:
        parts.append(
            element(
                "p",
                element("strong", words("target.how_sure", letter=confidence)),
                " ",
                " ".join(confidence_sentences(facts, words)),
            )
        )
    origin = " ".join(origin_sentences(page.release, facts, words))
    parts.append(element("p", element("strong", words("confidence_why.title")), " ", origin))
    reasons = reason_sentences(facts, words)
    for label, meaning, mend in reasons:
        parts.append(element("p", element("strong", label, "."), " ", meaning, " ", mend))
    if not reasons and facts.bucket == "not_assessed":
        parts.append(element("p", words("more.no_reason")))
    if marker := notes_above(page, facts.annotations):
        parts.append(element("p", marker))
    parts += [element("p", line) for line in result_sentences(facts, words)]
    if sensitive := sensitivity(facts, words):
        parts.append(element("p", element("strong", words("more.sensitive")), ": ", sensitive))
    if assessment.get("note"):
        parts.append(element("p", words.of("assessment_note", assessment["note"])))
    if held := held_observations(page.release, facts):
        parts.append(element("p", words.counted("target.held", held)))
    page.write(*parts)


def _figures(page: Page, facts: TargetFacts, notes: Citations) -> None:
    words = page.words
    page.header(words("target.figures"))
    chart = target_chart_specification(page.release, facts, words, page.theme)
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
        st.vega_lite_chart(spec=chart, width="stretch", alt=chart_summary(facts, words))
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
    years = {*known, *missing, *facts.closed_years}
    span = range(min(years), max(years) + 1) if years else range(0)
    for year in span:
        point = known.get(year)
        if point is None:
            why = words("table.not_public" if year in facts.closed_years else "table.no_figure")
            rows.append((words("period.year", year=year), words("none"), why, words("none")))
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
        places = min(decimals_of(value), COMPUTED_DECIMALS) if value is not None else 0
        rows.append(
            (
                period,
                format_number(value, words.language, places),
                by_end(words("table.declared"), facts, words),
                words("none"),
            )
        )
        classes.append("ppw-row-path")
    when = words("table.target_of", period=target_period(facts.target, words))
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
    page.header(words("target.others"))
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


def _series(page: Page, facts: TargetFacts) -> None:
    """The way to everything that was published of the target's series."""
    if facts.points or facts.other_points:
        address = page.address(
            "series",
            indicator=str(facts.target["indicator_code"]),
            area=str(facts.target["area_id"]),
        )
        page.write(element("p", link(page.words("series.see"), address)))


def _reading(page: Page, facts: TargetFacts) -> None:
    words = page.words
    more = []
    if facts.indicator.get("definition_vi"):
        definition = words("target.definition", definition=words.pick(facts.indicator, "definition"))
        more.append(element("p", definition))
    write_reading(page, facts.target, reading_entries(facts, words), *more)


def _versions(page: Page, facts: TargetFacts) -> None:
    """What other documents promised for the same indicator, and what happened; this target's row among them."""
    others = other_versions(every_target(page.release), facts)
    if not others:
        return
    page.header(page.words("around.versions"))
    page.write(
        element("p", page.words("around.versions_meaning")),
        fold(page.words, page.words("around.versions"), versions_table(page, [facts, *others])),
        classes="ppw-list",
    )


def _workings(page: Page, facts: TargetFacts) -> None:
    """Every stored input and intermediate value of the assessment, folded away."""
    words = page.words
    columns = [Column(words("column.input")), Column(words("column.value"), "number")]
    page.write(
        element(
            "details",
            element("summary", words("target.workings")),
            table(words("target.workings"), columns, workings(facts, words)),
        ),
        classes="ppw-parameters",
    )


if __name__ == "__main__":
    show()
