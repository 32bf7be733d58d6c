"""The page of one target: sentence, state and why, drawing and table, citations, clause, reading, relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.cited import Cited, cited
from reports.confidence import confidence_sentences, origin_sentences
from reports.derived import formula, is_derived
from reports.long_page import fold
from reports.markup import Column, Markup, element, maturity, state_of_promise, table
from reports.needed_section import write_needed
from reports.numbers import format_number, to_decimal, with_unit
from reports.periods import period_words
from reports.plan_facts import TargetKey
from reports.promise_sections import (
    facts_list,
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
from reports.release_data import Release, Row
from reports.statements import (
    COMPUTED_DECIMALS,
    aspiration_words,
    by_end,
    chart_finding,
    chart_summary,
    figure,
    level_words,
    measured,
    promised_value,
    published_average_source,
    source_name,
    target_sentences,
    unit_symbol,
)
from reports.static_edition.drawing import drawing
from reports.static_edition.static_leaf import StaticLeaf
from reports.target_facts import Point, TargetFacts, observation_of, other_sources, period_list
from reports.words import Words


@dataclass(frozen=True)
class Sightings:
    """What stands behind the figures of a target, whatever the language: period -> observation, and other sources'."""

    observed: Mapping[str, Row | None]
    others: Mapping[str, Sequence[Row]]
    judged: Row | None


def sightings_of(release: Release, facts: TargetFacts) -> Sightings:
    """The observations behind a target's figures, looked up once for all languages."""
    points = (*facts.points, *facts.other_points)
    return Sightings(
        {p.period_id: observation_of(release, p.row.get("observation_key")) for p in points},
        {p.period_id: other_sources(release, p) for p in points},
        observation_of(release, facts.assessment.get("actual_observation_key")),
    )


class _Notes:
    """The numbered citations of the page, each with a place that the tables link to."""

    def __init__(self, release: Release, words: Words) -> None:
        self._release, self._words = release, words
        self._numbers: dict[Cited, int] = {}

    def number(self, observation: Row | None) -> Markup:
        """The mark beside a figure, a link to its citation."""
        if observation is None:
            return Markup(self._words("none"))
        entry = cited(observation, self._release, self._words)
        number = self._numbers.setdefault(entry, len(self._numbers) + 1)
        return element("a", f"[{number}]", href=f"#nguon-{number}")

    @property
    def count(self) -> int:
        """How many citations there are."""
        return len(self._numbers)

    def list(self) -> Markup | None:
        """All citations; addresses are printed, not followed: the edition leads nowhere outside itself."""
        if not self._numbers:
            return None
        items = (
            element("li", _citation(entry), id=f"nguon-{number}") for entry, number in self._numbers.items()
        )
        return element("ol", *items, classes="ppw-notes")


def _citation(entry: Cited) -> Markup:
    parts: list[object] = [entry.text]
    if entry.address:
        parts += [" ", element("span", entry.address, classes="ppw-address")]
    if entry.components:
        items = (element("li", name, " ", _citation(one)) for name, one in entry.components)
        parts.append(element("ul", *items))
    return element("div", *parts)


def write_target(
    page: StaticLeaf,
    facts: TargetFacts,
    seen: Sightings,
    *,
    versions: Sequence[TargetFacts],
    known: dict[TargetKey, Row],
    counted: frozenset[str],
) -> None:
    """Everything between the title and the footer. `versions`: what other documents promise for the same."""
    words = page.words
    notes = _Notes(page.release, words)
    _state(page, facts, seen)
    page.jump()
    _figures(page, facts, seen, notes)
    write_needed(page, facts)
    _others(page, facts, seen, notes)
    if (citations := notes.list()) is not None:
        page.header(words("target.citations"))
        label = words.counted("footer.sources", notes.count)
        page.write(fold(words, words("target.citations"), citations, label=label))
    write_place(page, facts.target)
    write_notes(page, facts.annotations)
    more = []
    if facts.indicator.get("definition_vi"):
        told = words("target.definition", definition=words.pick(facts.indicator, "definition"))
        more.append(element("p", told))
    write_reading(page, facts.target, reading_entries(facts, words), *more)
    if versions:
        page.header(words("around.versions"))
        page.write(
            element("p", words("around.versions_meaning")),
            fold(words, words("around.versions"), versions_table(page, [facts, *versions])),
            classes="ppw-list",
        )
    write_around(page, facts.target, known, counted)


def _state(page: StaticLeaf, facts: TargetFacts, seen: Sightings) -> None:
    words, assessment = page.words, facts.assessment
    first, *rest = target_sentences(facts, words, published_average_source(page.release, facts, words))
    level = str(assessment.get("level_state") or "not_assessed")
    pace = str(assessment.get("pace_state") or "not_assessed")
    confidence = assessment.get("confidence")
    aspiration = aspiration_words(facts, words)
    parts = [element("p", first, classes="ppw-lead"), *(element("p", line) for line in rest)]
    if seen.judged and is_derived(seen.judged):
        told = words("target.derived", formula=formula(page.release, seen.judged, words))
        parts.append(element("p", told))
    parts.append(
        facts_list(
            [
                (words("target.level"), state_of_promise(level, level_words(facts, words), aspiration)),
                (words("target.pace"), state_of_promise(pace, words.of("pace", pace), aspiration)),
                (
                    words("target.confidence"),
                    words(
                        "target.confidence_value", letter=confidence, word=words.of("confidence", confidence)
                    )
                    if confidence
                    else words("none"),
                ),
                (words("target.domain"), words.of("domain", facts.domain)),
            ]
        )
    )
    if confidence:
        why = " ".join(confidence_sentences(facts, words))
        named = element("strong", words("target.how_sure", letter=confidence))
        parts.append(element("p", named, " ", why))
    origin = " ".join(origin_sentences(page.release, facts, words))
    parts.append(element("p", element("strong", words("confidence_why.title")), " ", origin))
    reasons = reason_sentences(facts, words)
    parts += [
        element("p", element("strong", label, "."), " ", meaning, " ", mend)
        for label, meaning, mend in reasons
    ]
    if not reasons and facts.bucket == "not_assessed":
        parts.append(element("p", words("more.no_reason")))
    parts += [element("p", line) for line in result_sentences(facts, words)]
    if sensitive := sensitivity(facts, words):
        parts.append(element("p", element("strong", words("more.sensitive")), ": ", sensitive))
    if assessment.get("note"):
        parts.append(element("p", words.of("assessment_note", assessment["note"])))
    page.write(*parts)


def _figures(page: StaticLeaf, facts: TargetFacts, seen: Sightings, notes: _Notes) -> None:
    words = page.words
    page.header(words("target.figures"))
    drawn = drawing(facts, words, chart_summary(facts, words))
    if drawn is None:
        page.write(element("p", words("chart.nothing")))
    else:
        told = words("chart.drawn", unit=unit_symbol(facts, facts.chart_unit, words))
        if not facts.target_bounds():
            told = f"{told} {words('chart.no_target')}"
        page.write(
            element("p", chart_finding(facts, words), classes="ppw-chart-title"),
            element("p", told, classes="ppw-small"),
            drawn,
        )
    page.write(_figure_table(facts, seen, notes, words), classes="ppw-figures")


def _figure_table(facts: TargetFacts, seen: Sightings, notes: _Notes, words: Words) -> Markup:
    """Every figure of the drawing, the years missing between them, part-year figures, path and target."""
    rows: list[tuple[object, ...]] = []
    classes: list[str] = []
    known = {point.year: point for point in facts.points if point.year is not None}
    missing = {int(p) for p in period_list(facts.assessment.get("periods_missing")) if p.isdigit()}
    years = {*known, *missing, *facts.closed_years}
    for year in range(min(years), max(years) + 1) if years else ():
        point = known.get(year)
        if point is None:
            why = words("table.not_public" if year in facts.closed_years else "table.no_figure")
            rows.append((words("period.year", year=year), words("none"), why, words("none")))
            classes.append("ppw-row-missing")
        else:
            rows.append(_figure_row(facts, point, seen, notes, words))
            classes.append("")
    for point in facts.other_points:
        rows.append(_figure_row(facts, point, seen, notes, words))
        classes.append("ppw-row-other")
    path = to_decimal(facts.assessment.get("path_value"))
    if path is not None and facts.path():
        period = period_words(facts.assessment.get("actual_period_id"), words)
        value = measured(path, facts.assessment.get("unit"), facts, words, COMPUTED_DECIMALS)
        declared = by_end(words("table.declared"), facts, words)
        rows.append((words("table.path_of", period=period), value, declared, words("none")))
        classes.append("ppw-row-path")
    when = words("table.target_of", period=target_period(facts.target, words))
    rows.append((when, promised_value(facts, words), words("table.in_plan"), str(facts.target["clause"])))
    classes.append("ppw-row-target")
    unit = unit_symbol(facts, facts.chart_unit, words) if facts.points else None
    columns = [
        Column(words("column.period")),
        Column(words("column.value_unit", unit=unit) if unit else words("column.value"), "number"),
        Column(words("column.maturity")),
        Column(words("column.source")),
    ]
    return table(words("table.figures_caption"), columns, rows, classes)


def _figure_row(
    facts: TargetFacts, point: Point, seen: Sightings, notes: _Notes, words: Words
) -> tuple[object, ...]:
    same_unit = point.row.get("unit") == facts.chart_unit and point.qualifier is None
    value = (
        format_number(point.value, words.language, point.decimals)
        if same_unit
        else figure(point, facts, words)
    )
    period = period_words(point.period_id, words)
    if point.row.get("form") == "average_growth":
        period = words("table.average_of", period=period)
    return (
        period,
        value,
        maturity(point.row.get("maturity"), words),
        notes.number(seen.observed[point.period_id]),
    )


def _others(page: StaticLeaf, facts: TargetFacts, seen: Sightings, notes: _Notes) -> None:
    """What other sources say of the same figures."""
    words = page.words
    rows = [
        (
            period_words(point.period_id, words),
            figure(point, facts, words),
            with_unit(
                format_number(other["value"], words.language, other.get("value_decimals")),
                unit_symbol(facts, other.get("unit"), words),
            ),
            source_name(page.release, words, other["source_id"]) or str(other["source_id"]),
            notes.number(other),
        )
        for point in (*facts.points, *facts.other_points)
        for other in seen.others[point.period_id]
    ]
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
