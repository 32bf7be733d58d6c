"""One finding: the figure, what stands beside it, the rule, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from expectations.gate.states import SETTLED
from reports.desk.asked_queue import FILTERS, asked_for, choose, finding_address, with_owner
from reports.desk.decision_form import action_words, show_form
from reports.desk.desk_page import Desk, badge, notice, show_desk
from reports.desk.evidence import Comparison, FigureEvidence, Sum, evidence_for, figure_of
from reports.desk.letter import Letter
from reports.desk.names import Names, names_of, plain_number
from reports.desk.neighbour_chart import neighbour_chart
from reports.desk.queue_links import exceptions_table
from reports.desk.sheet import Sheet, sheet_around
from reports.desk.subject import queue_of
from reports.markup import Column, Markup, element, joined, link, maturity, outside_link, table
from reports.markup import state as state_mark
from reports.page_data import TOTAL
from reports.periods import period_words, sentence_case
from reports.release_data import Row
from reports.series_facts import correction_of
from reports.words import Words
from store import review, state
from store.review import Decision

# Of a series with many findings the first few are listed; the queue has them all.
MOST_OTHERS = 10


def show() -> None:
    """The page of the finding named in the address."""
    show_desk("finding", body, title)


def title(desk: Desk) -> str:
    """What the finding is about; the page's name when none is asked for."""
    row = _asked(desk)
    return desk.names.subject(row) if row else desk.words("finding.title")


def _asked(desk: Desk) -> Row | None:
    """The finding in the address, by the beginning of its id."""
    asked = st.query_params.get("id")
    if not asked:
        return None
    found = queue_of(desk.settings, desk.subject, desk.page.today)
    found = found.filter(pl.col("finding_id").str.starts_with(asked))
    return found.row(0, named=True) if found.height == 1 else None


def body(desk: Desk) -> None:
    """Everything between the title and the footer."""
    row = _asked(desk)
    if row is None:
        desk.lead(
            desk.words("finding.unknown"),
            element("p", link(desk.words("finding.to_queue"), desk.page.address("queue"))),
        )
        return
    steps = _steps(desk, row)
    figure = figure_of(desk.release, row)
    found = evidence_for(desk.release, figure) if figure else None
    _lead(desk, row)
    left, right = st.columns([0.64, 0.36], gap="large")
    with left:
        _figure(desk, row, figure)
        _neighbours(desk, found)
        _comparisons(desk, found)
        _sums(desk, found)
        _effects(desk, row)
    with right:
        show_form(desk, row, steps, _letter(desk, row, found))
    _rule(desk, row)
    _place(desk, figure)
    _others(desk, row)
    _history(desk, row, steps)
    _links(desk, row)


def _steps(desk: Desk, row: Row) -> list[Decision]:
    with state.reading(desk.settings) as connection:
        return review.decisions(connection, finding_key=row["finding_key"])


def _lead(desk: Desk, row: Row) -> None:
    words = desk.words
    label = words.of("finding_state", row["state"])
    facts = [
        badge(row["severity"], words.of("severity", row["severity"])),
        badge(row["state"], label),
        words("finding.raised", day=desk.page.date(row["raised_on"])),
        words("queue.due_over" if row["is_overdue"] else "finding.due", day=desk.page.date(row["due_on"])),
    ]
    said = [element("p", joined(facts, " · "), classes="ppw-small")]
    if row["state"] == "lapsed":
        said.append(notice("ppw-notice", words("finding.lapsed"), words("finding.lapsed_meaning")))
    if not row["is_latest"]:
        said.append(notice("ppw-notice", words("finding.older"), words("finding.older_meaning")))
    desk.lead(
        sentence_case(words.pick(row, "message")),
        *said,
        element(
            "p", element("a", words("finding.to_decision"), href="#quyet-dinh"), classes="ppw-narrow-only"
        ),
    )


def _figure(desk: Desk, row: Row, figure: Row | None) -> None:
    words = desk.words
    if figure is None:
        return
    value = (
        words.of("missing", figure["missing_code"])
        if figure["value"] is None
        else _measured(desk.names, figure)
    )
    facts: list[tuple[str, object]] = [
        (words("column.period"), sentence_case(period_words(figure["period_id"], words))),
        (words("finding.printed"), figure.get("value_text") or words("none")),
        (words("column.maturity"), maturity(figure["maturity"], words)),
        (words("column.source"), desk.names.source(figure["source_id"])),
        (words("series.published_at"), desk.page.date(figure["published_at"])),
        (words("series.vintage_at"), desk.page.date(figure["vintage_at"])),
        (words("series.standing"), words.of("standing", figure.get("standing"))),
    ]
    if figure.get("review_state") not in (None, "not_reviewed"):
        facts.append((words("finding.review_state"), words.of("finding_decision", figure["review_state"])))
    entries = [element("div", element("dt", name), element("dd", said)) for name, said in facts]
    desk.page.write(
        element("p", value, classes="ppw-figure-large"), element("dl", *entries, classes="ppw-facts")
    )
    correction = correction_of(desk.release, figure)
    if correction is not None:
        desk.page.write(_correction(desk, correction))
    elif figure.get("held"):
        desk.page.write(notice("ppw-notice", words("finding.held"), words("finding.held_meaning")))


def _correction(desk: Desk, correction: Row) -> Markup:
    """That the figure was corrected, to what and since when; and whether that still holds."""
    ended = correction.get("ended_by_observation_key") is not None
    said = desk.words(
        "finding.corrected_ended" if ended else "finding.corrected_stands",
        value=_measured(desk.names, correction),
        day=desk.page.date(correction["vintage_at"]),
    )
    return notice("ppw-notice", desk.words("finding.corrected"), said)


def _neighbours(desk: Desk, found: FigureEvidence | None) -> None:
    words = desk.words
    if found is None or len(found.points) < 2:
        return
    st.header(words("finding.neighbours"), anchor=False)
    unit = desk.names.unit(found.figure["unit"]) or words("none")
    drawn = neighbour_chart(found.points, words, desk.page.theme)
    if drawn is not None:
        desk.page.write(element("p", words("finding.chart", unit=unit), classes="ppw-small"))
        st.altair_chart(drawn, width="stretch", theme=None)
    columns = [
        Column(words("column.period")),
        Column(words("column.value_unit", unit=unit), "number"),
        Column(words("finding.change"), "number"),
        Column(words("finding.issue_before"), "number"),
        Column(words("column.maturity")),
    ]
    rows, classes, last = [], [], None
    for point in found.points:
        value = point.newest["value"]
        period = period_words(point.period_id, words)
        rows.append(
            (
                element("strong", "▶ ", period) if point.is_judged else period,
                _value(desk, point.newest),
                _percent(desk, value, last),
                _value(desk, point.before) if point.before else words("none"),
                maturity(point.newest["maturity"], words),
            )
        )
        classes.append("ppw-row-judged" if point.is_judged else "")
        last = value
    desk.page.write(table(words("finding.neighbours"), columns, rows, classes), classes="ppw-series")


def _value(desk: Desk, row: Row) -> str:
    if row["value"] is None:
        return desk.words.of("missing", row["missing_code"])
    return plain_number(row["value"], desk.page.language, row["value_decimals"])


def _percent(desk: Desk, value: Any, before: Any) -> str:
    if value is None or not before:
        return desk.words("none")
    return signed_percent(desk, float(100 * (value - before) / abs(before)))


def signed_percent(desk: Desk, percent: float) -> str:
    """A change in per cent with its sign and one decimal."""
    text = plain_number(round(percent, 1), desk.page.language, 1)
    return f"+{text}%" if percent > 0 else f"{text}%"


def _comparisons(desk: Desk, found: FigureEvidence | None) -> None:
    words = desk.words
    if found is None or not found.comparisons:
        return
    st.header(words("finding.beside"), anchor=False)
    columns = [
        Column(words("finding.compared_with")),
        Column(words("column.value"), "number"),
        Column(words("finding.difference"), "number"),
        Column(words("column.maturity")),
        Column(words("column.source")),
    ]
    rows = [
        (
            words.of("compared", one.kind),
            _measured(desk.names, one.row)
            if one.row["value"] is not None
            else words.of("missing", one.row["missing_code"]),
            _difference(desk, one),
            maturity(one.row["maturity"], words),
            element(
                "span",
                desk.names.source(one.row["source_id"]),
                " · ",
                period_words(one.row["period_id"], words),
            ),
        )
        for one in found.comparisons
    ]
    desk.page.write(table(words("finding.beside"), columns, rows), classes="ppw-list ppw-vintages ppw-narrow")


def _difference(desk: Desk, one: Comparison) -> str:
    if one.difference is None:
        return desk.words("none")
    text = plain_number(one.difference, desk.page.language)
    sign = "+" if one.difference > 0 else ""
    return f"{sign}{text}" + (f" ({signed_percent(desk, one.percent)})" if one.percent is not None else "")


def _sums(desk: Desk, found: FigureEvidence | None) -> None:
    words = desk.words
    if found is None or not found.sums:
        return
    st.header(words("finding.sums"), anchor=False)
    for one in found.sums:
        desk.page.write(_sum(desk, one), classes="ppw-series")


def _sum(desk: Desk, one: Sum) -> Markup:
    words = desk.words
    named = [
        (
            desk.names.breakdown(part["breakdown"]) if one.kind == "breakdown" else _figure_name(desk, part),
            _measured(desk.names, part),
        )
        for part in one.parts
    ]
    classes = [""] * len(named)
    if one.sum is not None:
        named.append((words("finding.parts_sum"), plain_number(one.sum, desk.page.language)))
        classes.append("ppw-row-target")
    if one.whole is not None:
        label = words("finding.published_total") if one.kind == "breakdown" else _figure_name(desk, one.whole)
        named.append((label, _measured(desk.names, one.whole)))
        classes.append("ppw-row-target")
    if one.sum is not None and one.whole is not None and one.whole["value"] is not None:
        apart = one.sum - one.whole["value"]
        named.append((words("finding.apart"), plain_number(apart, desk.page.language)))
        classes.append("")
    columns = [Column(words("finding.part")), Column(words("column.value"), "number")]
    return table(words.of("sum", one.kind), columns, named, classes, caption_shown=True)


def _figure_name(desk: Desk, row: Row) -> str:
    """What a figure is of: indicator, part, period."""
    parts = [desk.names.indicator(row["indicator_code"])]
    if row["breakdown"] != TOTAL:
        parts.append(desk.names.breakdown(row["breakdown"]))
    return " · ".join([*parts, period_words(row["period_id"], desk.words)])


def _effects(desk: Desk, row: Row) -> None:
    """What becomes of the targets that read the figure if it is accepted, and if it is excluded."""
    words = desk.words
    if not desk.release.has("fct_finding_influence"):
        return
    st.header(words("finding.effects"), anchor=False)
    if row["state"] in SETTLED:
        desk.page.write(element("p", words("finding.effects_settled")))
        return
    rows = desk.release.matching(
        "fct_finding_influence", pl.col("finding_id") == row["finding_id"]
    ).to_dicts()
    scenarios: dict[str, dict[str, Row]] = {}
    for one in sorted(rows, key=lambda one: (not one["is_headline"], one["plan_version"], one["target_id"])):
        scenarios.setdefault(one["assessment_key"], {})[one["scenario"]] = one
    if not scenarios:
        desk.page.write(element("p", words("finding.no_effect")))
        return
    columns = [
        Column(words("column.target")),
        Column(words("finding.now")),
        Column(words("finding.if_accepted")),
        Column(words("finding.if_excluded")),
    ]
    lines = []
    for by_scenario in scenarios.values():
        any_of = next(iter(by_scenario.values()))
        target = desk.names.target(any_of["plan_version"], any_of["target_id"])
        lines.append(
            (
                link(target, desk.page.address("target", target=any_of["target_id"])),
                _outcome(desk, any_of, "_now"),
                *(
                    _outcome(desk, by_scenario[name], "") if name in by_scenario else words("none")
                    for name in ("accepted", "excluded")
                ),
            )
        )
    desk.page.write(
        table(words("finding.effects"), columns, lines), classes="ppw-list ppw-vintages ppw-narrow"
    )


def _outcome(desk: Desk, effect: Row, suffix: str) -> Markup:
    """A state of a target, and the figure it rests on."""
    words = desk.words
    bucket = effect[f"bucket{suffix}"]
    said = state_mark(bucket, words.of("bucket", bucket)) if bucket else element("span", words("none"))
    value, period = effect[f"actual_value{suffix}"], effect[f"actual_period_id{suffix}"]
    if value is None:
        return said
    figure = f"{desk.names.measured(value, effect['actual_unit'])}, {period_words(period, words)}"
    return element("span", said, element("span", figure, classes="ppw-small ppw-block"))


def _rule(desk: Desk, row: Row) -> None:
    words = desk.words
    st.header(words("finding.rule"), anchor=False)
    rule = desk.names.rules.get(str(row["rule_id"]), {})
    facts: list[tuple[str, object]] = [
        (
            words("column.rule"),
            words("finding.rule_version", rule=row["rule_id"], version=row["rule_version"]),
        )
    ]
    if rule:
        facts.insert(0, (words("finding.rule_name"), words.pick(rule, "title")))
        facts.append((words("finding.rule_owner"), words.pick(rule, "owner")))
        if rule.get("reason_vi"):
            facts.append((words("finding.rule_reason"), words.pick(rule, "reason")))
        if rule.get("promote_by"):
            said = words("finding.rule_trial_until", day=desk.page.date(rule["promote_by"]))
            facts.append((words("finding.rule_trial"), said))
    for side in ("left", "right"):
        if row.get(f"{side}_value") is not None:
            facts.append(
                (words(f"finding.rule_{side}"), desk.names.measured(row[f"{side}_value"], row.get("unit")))
            )
    if row.get("expected_low") is not None or row.get("expected_high") is not None:
        ends = [
            desk.names.measured(row.get(name), row.get("unit")) for name in ("expected_low", "expected_high")
        ]
        facts.append((words("finding.expected"), words("finding.from_to", low=ends[0], high=ends[1])))
    entries = [element("div", element("dt", name), element("dd", said)) for name, said in facts]
    description = [element("p", words.pick(rule, "description"))] if rule else []
    desk.page.write(*description, element("dl", *entries, classes="ppw-facts"))


def _place(desk: Desk, figure: Row | None) -> None:
    words = desk.words
    if figure is None or not figure.get("snapshot_sha256"):
        return
    st.header(words("finding.place"), anchor=False)
    facts: list[tuple[str, object]] = [
        (
            words("finding.document"),
            outside_link(
                figure.get("citation_title") or figure.get("document") or words("none"),
                figure.get("citation_address"),
            ),
        ),
        (words("finding.table"), figure.get("table_title") or words("none")),
        (words("finding.cell"), cell_words(desk, figure.get("cell_ref"))),
        (words("finding.printed_place"), figure.get("citation_place") or words("none")),
        (
            words("finding.hash"),
            element("code", str(figure["snapshot_sha256"])[:16], "…", title=str(figure["snapshot_sha256"])),
        ),
    ]
    entries = [element("div", element("dt", name), element("dd", said)) for name, said in facts]
    desk.page.write(element("dl", *entries, classes="ppw-facts"))
    sheet = sheet_around(desk.settings, desk.release, figure)
    if sheet is None:
        desk.page.write(element("p", words("finding.sheet_absent"), classes="ppw-small"))
        return
    desk.page.write(_sheet(desk, sheet))


def cell_words(desk: Desk, place: str | None) -> str:
    """A place in a file as a reader writes it: the row of a list by its number, a cell of a sheet by its name."""
    if not place:
        return desk.words("none")
    number = place.removeprefix("row ")
    return f"{desk.words('finding.row')} {number}" if number != place else place


def _sheet(desk: Desk, sheet: Sheet) -> Markup:
    """The cells as they lie in the file; the judged one is framed, and named for those who do not see the frame."""
    words = desk.words
    heads = [words.of("sheet_column", head) for head in sheet.columns]
    head = element(
        "tr",
        element("th", words("finding.row"), scope="col"),
        *(element("th", h, scope="col") for h in heads),
    )
    rows = []
    for down, (name, cells) in enumerate(sheet.rows):
        drawn = []
        for across, text in enumerate(cells):
            is_marked = (down, across) == sheet.marked
            said = words("none") if text is None else text
            if is_marked:
                said = element(
                    "strong", said, element("span", f" ({words('finding.this_cell')})", classes="ppw-unseen")
                )
            drawn.append(element("td", said, classes="ppw-cell-marked" if is_marked else ""))
        classes = "ppw-sheet-row" if down == sheet.marked[0] else ""
        rows.append(
            element("tr", element("th", cell_words(desk, name), scope="row"), *drawn, classes=classes)
        )
    caption = words("finding.sheet", title=sheet.title)
    whole = element("table", element("caption", caption), element("thead", head), element("tbody", *rows))
    return element(
        "div", whole, classes="ppw-scroll ppw-sheet", role="region", tabindex="0", aria_label=caption
    )


def _history(desk: Desk, row: Row, steps: Sequence[Decision]) -> None:
    """What was decided on this finding, and on others of the same series."""
    words = desk.words
    with state.reading(desk.settings) as connection:
        every = review.decisions(connection)
    own = {step.decision_id for step in steps}
    of_series = [
        step
        for step in every
        if step.decision_id not in own
        and step.indicator_code is not None
        and (step.indicator_code, step.area_id, step.breakdown)
        == (row["indicator_code"], row["area_id"], row["breakdown"])
    ]
    st.header(words("finding.history"), anchor=False)
    if not steps and not of_series:
        desk.page.write(element("p", words("finding.no_history")))
        return
    for caption, shown in (("finding.history_own", steps), ("finding.history_series", of_series)):
        if shown:
            desk.page.write(steps_table(desk, words(caption), shown[::-1]), classes="ppw-list ppw-vintages")


def _others(desk: Desk, row: Row) -> None:
    """What else the rules found on the series, settled or not."""
    if row["indicator_code"] is None:
        return
    same = [pl.col(name).eq_missing(row[name]) for name in ("indicator_code", "area_id", "breakdown")]
    found = queue_of(desk.settings, desk.subject, desk.page.today).filter(
        *same, pl.col("finding_id") != row["finding_id"]
    )
    if found.height:
        st.header(desk.words("finding.others"), anchor=False)
        desk.page.write(
            exceptions_table(desk, found.head(MOST_OTHERS), found.height), classes="ppw-list ppw-vintages"
        )


def steps_table(desk: Desk, caption: str, steps: Sequence[Decision]) -> Markup:
    """Steps on findings: when, who, what, on which value, why."""
    words = desk.words
    columns = [
        Column(words("desk.when")),
        Column(words("desk.who")),
        Column(words("desk.what")),
        Column(words("column.value"), "number"),
        Column(words("desk.why")),
    ]
    rows = [
        (
            desk.moment(step.at),
            who(desk, step.actor, step.acting_for),
            action_words(desk, step),
            desk.names.measured(step.value, step.unit) if step.value is not None else words("none"),
            " ".join(part for part in (_code(desk, step), step.reason_text) if part) or words("none"),
        )
        for step in steps
    ]
    return table(caption, columns, rows, caption_shown=True)


def _code(desk: Desk, step: Decision) -> str:
    return f"{desk.words.of('decision_reason', step.reason_code)}." if step.reason_code else ""


def who(desk: Desk, actor: str, acting_for: str | None) -> str:
    """Who did it; for whom, where as deputy."""
    return desk.words("desk.acting_for", actor=actor, principal=acting_for) if acting_for else actor


def _links(desk: Desk, row: Row) -> None:
    """Where to go from here: the next finding, the series, the queue."""
    words = desk.words
    links = []
    queue = with_owner(desk, queue_of(desk.settings, desk.subject, desk.page.today))
    rest = choose(queue, asked_for()).filter(pl.col("finding_id") != row["finding_id"], pl.col("needs_step"))
    if rest.height:
        links.append(link(words("finding.next"), finding_address(desk, rest.row(0, named=True))))
    if row["indicator_code"] and row["area_id"]:
        series = {
            "indicator": row["indicator_code"],
            "area": row["area_id"],
            "breakdown": row["breakdown"] or TOTAL,
        }
        links.append(link(words("finding.to_series"), desk.page.address("series", **series)))
    kept = {name: value for name, value in st.query_params.items() if name in FILTERS}
    links.append(link(words("finding.to_queue"), desk.page.address("queue", **kept)))
    desk.page.write(
        element("nav", joined(links, " · "), aria_label=words("finding.further")), classes="ppw-further"
    )


def _letter(desk: Desk, row: Row, found: FigureEvidence | None) -> Letter:
    """The letter that asks the publisher; always Vietnamese."""
    words = Words("vi")
    names = names_of(desk.release, words)
    figure = found.figure if found else None
    where = ""
    if figure is not None:
        parts = (
            figure.get("citation_title") or figure.get("document"),
            figure.get("citation_place") or figure.get("cell_ref"),
        )
        where = ", ".join(str(part) for part in parts if part)
    compared = [
        f"{words.of('compared', one.kind)} ({names.publisher(one.row['source_id'])}, "
        f"{period_words(one.row['period_id'], words)}): {_measured(names, one.row)}"
        for one in (found.comparisons if found else ())
        if one.row["value"] is not None
    ]
    return Letter(
        addressee=names.publisher(row["source_id"]) if row["source_id"] else words("none"),
        indicator=names.indicator(row["indicator_code"]) if row["indicator_code"] else names.subject(row),
        area=names.area(row["area_id"]) if row["area_id"] else words("none"),
        period=period_words(row["period_id"], words),
        value=_measured(names, figure) if figure else words("none"),
        place=where or words("none"),
        finding=sentence_case(str(row["message_vi"])),
        compared=compared,
    )


def _measured(names: Names, row: Row) -> str:
    return names.measured(row["value"], row["unit"], row["value_decimals"])


if __name__ == "__main__":
    show()
