"""One series: which value is in force and why, what each source said when, how much it revises."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date, datetime

import streamlit as st

from reports.citations import Citations
from reports.desk.series_checks import write_checks
from reports.frame import Page, show_page
from reports.markup import Column, Markup, element, joined, link, maturity, table
from reports.numbers import decimals_of, format_number, to_decimal, with_unit
from reports.page_data import TOTAL
from reports.periods import period_words
from reports.release_data import Release, Row
from reports.search import domain_order
from reports.series_facts import (
    Issue,
    SeriesKey,
    Triangle,
    TriangleCell,
    behind,
    revised_series,
    revisions_of,
    series_keys,
    series_of_indicator,
    triangles_of,
    vintages_of,
)
from reports.words import Words

# A mean of revisions is printed with one digit more than the figures themselves carry at the most.
REVISION_DECIMALS = 2
# Of a value worked out by its publisher to twelve digits three are enough to read; the file has them all.
VALUE_DECIMALS = 3
# Older issues of a long history are in the table of vintages below.
ISSUES_SHOWN = 12
# More series than these are chosen by their indicator first.
MOST_LISTED = 1000
# An indicator with more series than these shows them when it is opened.
FOLDED_FROM = 3


def show() -> None:
    """The page of the series named in the address; without one, the list to choose from."""
    show_page("series", body, title)


def asked_series(release: Release) -> SeriesKey | None:
    """The series named in the address; the province and the total where it names no area and no breakdown."""
    indicator = st.query_params.get("indicator")
    if not indicator:
        return None
    known = series_of_indicator(release, indicator)
    areas = [key.area_id for key in known]
    area = st.query_params.get("area") or _home(release, areas)
    key = SeriesKey(indicator, area, st.query_params.get("breakdown") or TOTAL)
    return key if key in known else None


def _home(release: Release, areas: Sequence[str]) -> str:
    plans = [str(row["area_id"]) for row in release.rows("fct_target")]
    return next((area for area in areas if area in plans), areas[0] if areas else "")


def keeps_revisions(release: Release) -> bool:
    """Whether the release says of every vintage where it stands: one made before that was kept does not."""
    return release.has("fct_revision")


def title(page: Page) -> str:
    """The indicator's name; the page's name when no series is chosen."""
    key = asked_series(page.release) if keeps_revisions(page.release) else None
    return _indicator_name(page, key.indicator_code) if key else page.words("series.title")


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    if not keeps_revisions(page.release):
        page.write(element("p", page.words("series.not_kept"), classes="ppw-lead"))
        return
    key = asked_series(page.release)
    if key is None:
        _choose(page)
        return
    rows = vintages_of(page.release, key)
    notes = Citations(page)
    _lead(page, key, rows)
    _in_force(page, rows, notes)
    _triangles(page, key)
    _revisions(page, key)
    _vintages(page, rows, notes)
    write_checks(page, key)
    notes.write()
    _siblings(page, key)


def _choose(page: Page) -> None:
    words = page.words
    asked = st.query_params.get("indicator")
    keys = series_keys(page.release)
    if len(keys) > MOST_LISTED:
        _choose_indicator(page, keys)
        return
    revised = revised_series(page.release)
    first = words("series.unknown", series=asked) if asked else words.counted("series.choose", len(keys))
    page.write(element("p", first, classes="ppw-lead"))
    domains = {str(row["indicator_code"]): str(row["domain"]) for row in page.release.rows("dim_indicator")}
    of_domain: dict[str, list[SeriesKey]] = {}
    for key in keys:
        of_domain.setdefault(domains.get(key.indicator_code, ""), []).append(key)
    groups = []
    for domain in sorted(of_domain, key=domain_order):
        these = of_domain[domain]
        heading = f"{words.of('domain', domain)} · {words.counted('series.of_indicator', len(these))}"
        listed = element("ul", *_of_indicators(page, these, revised))
        groups.append(element("details", element("summary", heading), listed))
    page.write(joined(groups), classes="ppw-list")


def _of_indicators(page: Page, keys: Sequence[SeriesKey], revised: Set[SeriesKey]) -> list[Markup]:
    """An item for each indicator: its one series, or the first and, folded, all of them (56 communes have one each)."""
    items = []
    for code, series in _by_indicator(keys).items():
        links = [
            joined(
                [
                    link(_name(page, key), _address(page, key)),
                    *([page.words("series.has_revisions")] if key in revised else []),
                ],
                " · ",
            )
            for key in series
        ]
        if len(series) <= FOLDED_FROM:
            items += [element("li", one) for one in links]
            continue
        heading = f"{_indicator_name(page, code)} · {page.words.counted('series.of_indicator', len(series))}"
        listed = element("ul", *(element("li", one) for one in links))
        items.append(element("li", element("details", element("summary", heading), listed)))
    return items


def _by_indicator(keys: Sequence[SeriesKey]) -> dict[str, list[SeriesKey]]:
    of_indicator: dict[str, list[SeriesKey]] = {}
    for key in keys:
        of_indicator.setdefault(key.indicator_code, []).append(key)
    return of_indicator


def _choose_indicator(page: Page, keys: Sequence[SeriesKey]) -> None:
    """One series of each indicator, that of the plan's area where there is one; the others are reached from there."""
    words, home = page.words, {str(row["area_id"]) for row in page.release.rows("fct_target")}
    items = []
    for code, series in _by_indicator(keys).items():
        first = min(series, key=lambda key: (key.area_id not in home, key.breakdown != TOTAL))
        name = link(_indicator_name(page, code), _address(page, first))
        items.append(element("li", name, " · ", words.counted("series.of_indicator", len(series))))
    page.write(element("ul", *items))


def _lead(page: Page, key: SeriesKey, rows: Sequence[Row]) -> None:
    words = page.words
    sources = {row["source_id"] for row in rows}
    in_force = [row for row in rows if row["standing"] == "in_force"]
    place = element("p", _place(page, key), classes="ppw-small")
    lead = words(
        "series.lead",
        periods=words.counted("series.periods", len(in_force)),
        vintages=words.counted("series.vintages", len(rows)),
        sources=words.counted("sources.count", len(sources)),
    )
    page.write(place, element("p", lead, classes="ppw-lead"), element("p", words("series.order")))
    page.jump()


def _in_force(page: Page, rows: Sequence[Row], notes: Citations) -> None:
    words = page.words
    page.header(words("series.in_force"))
    chosen = [row for row in rows if row["standing"] == "in_force"]
    if not chosen:
        page.write(element("p", words("series.none_in_force")))
        return
    value, own_unit = _value_column(page, chosen)
    columns = [
        Column(words("column.period")),
        value,
        Column(words("column.maturity")),
        Column(words("column.source")),
        Column(words("series.why")),
        Column(words("column.citation")),
    ]
    lines = [
        (
            period_words(row["period_id"], words),
            value_words(page, row, own_unit),
            maturity(row["maturity"], words),
            _source(page, row["source_id"]),
            why_in_force(page, row, rows),
            notes.number(row),
        )
        for row in chosen
    ]
    page.write(table(words("series.in_force"), columns, lines), classes="ppw-list ppw-vintages")


def why_in_force(page: Page, row: Row, rows: Sequence[Row]) -> str:
    """Against what the value stands and what decided; that nothing else is at hand, where that is so."""
    words = page.words
    said = [
        words(
            f"series.before_{way.standing}",
            n=page.number(way.number),
            by=words.of("decided_by", way.decided_by),
        )
        if way.decided_by
        else words.of("standing_meaning", way.standing)
        for way in behind(row, rows)
    ]
    return "; ".join(said) or words("series.only_value")


def _triangles(page: Page, key: SeriesKey) -> None:
    words = page.words
    drawn = [triangle for triangle in triangles_of(page.release, key) if len(triangle.issues) > 1]
    page.header(words("series.triangle"))
    if not drawn:
        page.write(element("p", words("series.triangle_none")))
        return
    page.write(element("p", words("series.triangle_meaning")))
    for triangle in drawn:
        _triangle(page, triangle)


def _triangle(page: Page, triangle: Triangle) -> None:
    words = page.words
    first = max(len(triangle.issues) - ISSUES_SHOWN, 0)
    days = [issue.day for issue in triangle.issues if not issue.is_correction]
    heads = [_issue_words(page, issue, days.count(issue.day) > 1) for issue in triangle.issues[first:]]
    columns = [Column(words("column.period")), *(Column(head, "number") for head in heads)]
    rows = [
        (period_words(period, words), *(_cell(page, cell, before) for before, cell in _pairs(cells, first)))
        for period, cells in triangle.rows
    ]
    caption = words(
        "series.triangle_caption",
        source=_source(page, triangle.source_id),
        unit=_unit(page, triangle.unit),
    )
    page.write(
        table(caption, columns, rows, caption_shown=True),
        element("p", revision_sentence(page, triangle)),
        classes="ppw-series",
    )


def _issue_words(page: Page, issue: Issue, is_one_of_several: bool) -> str:
    """The day of an issue; of several of one day also the day on which each was received."""
    words = page.words
    if issue.is_correction:
        return words("series.corrected", day=page.date(issue.received))
    if issue.is_arrival:
        return words("series.arrived", day=page.date(issue.day))
    issued = words("series.issued", day=page.date(issue.day))
    return (
        f"{issued}, {words('series.arrived', day=page.date(issue.received))}" if is_one_of_several else issued
    )


def _pairs(
    cells: Sequence[TriangleCell | None], first: int
) -> list[tuple[TriangleCell | None, TriangleCell | None]]:
    return list(zip([None, *cells][first:-1], cells[first:], strict=True))


def _cell(page: Page, cell: TriangleCell | None, before: TriangleCell | None) -> object:
    """A value as of an issue; a changed one is marked, one that still stood is drawn lightly."""
    if cell is None:
        return page.words("none")
    text = _bare_value(page, cell.observation)
    if not cell.is_new:
        return element("span", text, classes="ppw-small")
    return element("strong", text) if before is not None else text


def revision_sentence(page: Page, triangle: Triangle) -> str:
    """How far first values lay from the latest, in words."""
    words, summary = page.words, triangle.summary
    if summary is None or not summary["n_periods_compared"]:
        return words("series.nothing_compared")
    unit = _unit(page, triangle.unit)
    if not summary["n_periods_revised"]:
        return words("series.never_revised", compared=page.number(summary["n_periods_compared"]))

    def in_unit(value: float) -> str:
        return with_unit(format_number(abs(value), words.language, REVISION_DECIMALS), unit)

    sign = "up" if summary["mean_revision"] > 0 else "down" if summary["mean_revision"] < 0 else "even"
    return words(
        "series.revised",
        revised=page.number(summary["n_periods_revised"]),
        compared=page.number(summary["n_periods_compared"]),
        mean=in_unit(summary["mean_absolute_revision"]),
        largest=in_unit(summary["largest_revision"]),
        sign=words(f"series.sign_{sign}", mean=in_unit(summary["mean_revision"])),
    )


def _revisions(page: Page, key: SeriesKey) -> None:
    words = page.words
    rows = revisions_of(page.release, key)
    if not rows:
        return
    page.header(words("series.revisions"))
    names = {str(row["period_id"]): period_words(row["period_id"], words) for row in rows}
    columns = [
        Column(words("column.period")),
        Column(words("column.source")),
        Column(words("series.kind")),
        Column(words("series.before"), "number"),
        Column(words("series.after"), "number"),
        Column(words("series.difference"), "number"),
        Column(words("series.issues")),
    ]
    lines = [
        (
            names[row["period_id"]],
            _source(page, row["source_id"]),
            words.of("revision_kind", row["kind"]),
            _number(page, row["from_value"]),
            with_unit(_number(page, row["to_value"]), _unit(page, row["unit"])),
            _percent(page, row["revision_percent"]),
            words(
                "series.from_to", first=page.date(row["from_issued_on"]), last=page.date(row["to_issued_on"])
            ),
        )
        for row in rows
    ]
    meanings = [
        element(
            "li",
            element("strong", words.of("revision_kind", kind)),
            ": ",
            words.of("revision_kind_meaning", kind),
        )
        for kind in dict.fromkeys(row["kind"] for row in rows)
    ]
    page.write(
        table(words("series.revisions"), columns, lines),
        element("ul", *meanings),
        classes="ppw-list ppw-vintages",
    )


def _vintages(page: Page, rows: Sequence[Row], notes: Citations) -> None:
    words = page.words
    page.header(words("series.all_vintages"))
    value, own_unit = _value_column(page, rows)
    columns = [
        Column(words("column.period")),
        value,
        Column(words("column.maturity")),
        Column(words("column.source")),
        Column(words("series.published_at")),
        Column(words("series.vintage_at")),
        Column(words("series.standing")),
        Column(words("column.citation")),
    ]
    lines = [
        (
            period_words(row["period_id"], words),
            value_words(page, row, own_unit),
            maturity(row["maturity"], words),
            _source(page, row["source_id"]),
            page.date(row["published_at"]),
            page.date(_day(row["vintage_at"])),
            standing_words(words, row),
            notes.number(row),
        )
        for row in rows
    ]
    page.write(table(words("series.all_vintages"), columns, lines), classes="ppw-list ppw-vintages")


def standing_words(words: Words, row: Row) -> str:
    """Whether an observation is in force, and what decided against it."""
    standing = words.of("standing", row["standing"])
    if row.get("origin") == "correction":
        standing = words("series.standing_correction", standing=standing)
    elif row.get("review_state") in ("corrected", "excluded"):
        review = words.of("finding_decision", row["review_state"])
        standing = words("series.standing_by", standing=standing, by=review)
    if not row["decided_by"]:
        return standing
    return words("series.standing_by", standing=standing, by=words.of("decided_by", row["decided_by"]))


def _siblings(page: Page, key: SeriesKey) -> None:
    """The same indicator in other areas and breakdowns."""
    words = page.words
    others = [other for other in series_of_indicator(page.release, key.indicator_code) if other != key]
    if not others:
        return
    page.header(words("series.siblings"))
    items = [element("li", link(_place(page, other), _address(page, other))) for other in others]
    page.write(element("ul", *items))


def _value_column(page: Page, rows: Sequence[Row]) -> tuple[Column, bool]:
    """The column of values, with the unit in its head where all have one; and whether each value needs its own."""
    units = {row["unit"] for row in rows}
    if len(units) > 1:
        return Column(page.words("column.value"), "number"), True
    return Column(page.words("column.value_unit", unit=_unit(page, units.pop())), "number"), False


def value_words(page: Page, row: Row, with_own_unit: bool) -> str:
    """A value as its publisher printed it, with its unit where asked for, or the word for why there is none."""
    bare = _bare_value(page, row)
    return with_unit(bare, _unit(page, row["unit"])) if with_own_unit and row["value"] is not None else bare


def _bare_value(page: Page, row: Row) -> str:
    if row["value"] is None:
        return page.words.of("missing", row["missing_code"])
    decimals = row["value_decimals"]
    shown = VALUE_DECIMALS if decimals is None else min(decimals, VALUE_DECIMALS)
    return format_number(row["value"], page.language, shown)


def _number(page: Page, value: object) -> str:
    number = to_decimal(value)  # type: ignore[arg-type]
    if number is None:
        return page.words("none")
    return format_number(number, page.language, min(decimals_of(number), VALUE_DECIMALS))


def _percent(page: Page, value: float | None) -> str:
    if value is None:
        return page.words("none")
    sign = "+" if value > 0 else ""
    return f"{sign}{format_number(value, page.language, REVISION_DECIMALS)}%"


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _unit(page: Page, unit: str) -> str:
    row = next((row for row in page.release.rows("dim_unit") if row["unit"] == unit), None)
    if row is None:
        return unit
    symbol = page.words.pick(row, "symbol")
    return page.words.pick(row, "name") if symbol.startswith("/") else symbol


def _source(page: Page, source_id: object) -> str:
    found = next((row for row in page.release.rows("dim_source") if row["source_id"] == source_id), None)
    return page.words.pick(found, "title") if found else str(source_id)


def _indicator_name(page: Page, code: str) -> str:
    found = next((r for r in page.release.rows("dim_indicator") if r["indicator_code"] == code), None)
    return page.words.pick(found, "name") if found else code


def _place(page: Page, key: SeriesKey) -> str:
    area = next((r for r in page.release.rows("dim_area") if r["area_id"] == key.area_id), None)
    place = page.words.pick(area, "name") if area else key.area_id
    part = page.words("series.total") if key.breakdown == TOTAL else _part(page, key.breakdown)
    return f"{place} · {part}"


def _part(page: Page, breakdown: str) -> str:
    row = next((r for r in page.release.rows("dim_breakdown") if r["breakdown"] == breakdown), None)
    return page.words.pick(row, "name") if row else breakdown


def _name(page: Page, key: SeriesKey) -> Markup:
    return element("span", _indicator_name(page, key.indicator_code), " (", _place(page, key), ")")


def _address(page: Page, key: SeriesKey) -> str:
    return page.address("series", indicator=key.indicator_code, area=key.area_id, breakdown=key.breakdown)


if __name__ == "__main__":
    show()
