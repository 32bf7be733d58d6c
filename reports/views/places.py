"""Places: where? What is known by commune, how much is not, and what became of each commune in 2025."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import streamlit as st

from reports.boundaries import Boundaries
from reports.choices import chosen, written
from reports.commune_shapes import Shapes, ShapesUnusable, read_shapes
from reports.frame import Page, show_page
from reports.markup import Column, Markup, element, table
from reports.numbers import decimals_of, format_number, to_decimal, with_unit
from reports.periods import period_words
from reports.place_facts import (
    LocalIndicator,
    Passage,
    coverage,
    districts_of,
    every_boundaries,
    known_by_place,
    local_indicators,
    passages,
)
from reports.place_map import Place, place_map
from reports.plan_facts import documents, reference_versions
from reports.release_data import Row
from reports.search import matches
from reports.statements import source_name
from store.settings import load_settings

COVERAGE = "coverage"
MOST_FOUND = 30
# The kind of a commune that is a part of a town.
WARD = "phường"


def show() -> None:
    """The page."""
    show_page("places", body)


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    every = every_boundaries(page.release)
    if not every:
        page.write(element("p", page.words("places.none"), classes="ppw-lead"))
        return
    known, now = passages(page.release), every[0]
    indicators = local_indicators(page.release)
    _first_lines(page, every, indicators)
    shown = _chosen_boundaries(page, every)
    if shown is now:
        _map(page, now, indicators, known)
    else:
        _former(page, shown, known)
    _search(page, every, known)


def _first_lines(page: Page, every: Sequence[Boundaries], indicators: Sequence[LocalIndicator]) -> None:
    words, now = page.words, every[0]
    counts = known_by_place(page.release, _home(page))
    if indicators:
        names = words.listed([words.pick(one.indicator, "name") for one in indicators])
        lead = words(
            "places.lead",
            known=page.number(counts.by_commune),
            all=page.number(counts.indicators),
            names=names,
            communes=page.number(len(now.communes)),
        )
    else:
        lead = words("places.lead_none", all=page.number(counts.indicators))
    rest = words(
        "places.rest_elsewhere" if counts.elsewhere else "places.rest",
        province=page.number(counts.only_province),
        elsewhere=page.number(counts.elsewhere),
        nowhere=page.number(counts.nowhere),
    )
    spans = [_span_sentence(page, one) for one in every]
    page.write(
        element("p", lead, classes="ppw-lead"), element("p", rest), element("p", "; ".join(spans), ".")
    )


def _home(page: Page) -> str:
    """The area the plan in use is about."""
    reference = reference_versions(page.release)
    named = [d.get("area_id") for version, d in documents(page.release).items() if version in reference]
    return str(next((area for area in named if area), load_settings().area_id))


def _span_sentence(page: Page, one: Boundaries) -> str:
    words = page.words
    counts = {"communes": page.number(len(one.communes)), "districts": page.number(len(one.districts))}
    if one.since:
        key = "places.since" if one.districts else "places.since_no_districts"
        return words(key, day=page.date(one.since), **counts)
    if one.until:
        return words("places.until", day=page.date(one.until), **counts)
    return words("places.always", **counts)


def _chosen_boundaries(page: Page, every: Sequence[Boundaries]) -> Boundaries:
    words = page.words
    by_day = {one.day.isoformat(): one for one in every}
    if len(by_day) == 1:
        return every[0]

    options = {
        day: words(
            "places.option_since" if one.since else "places.option_until",
            day=page.date(one.day),
            n=page.number(len(one.communes)),
        )
        for day, one in by_day.items()
    }
    day = chosen(st.container(), "on", words("places.boundaries"), options, "places_on", radio=True)
    return by_day[day]


def _map(page: Page, now: Boundaries, indicators: Sequence[LocalIndicator], known: Sequence[Passage]) -> None:
    words = page.words
    page.header(words("places.map"))
    by_code = {one.code: one for one in indicators}
    options = {
        code: words(
            "places.measure_of",
            name=words.pick(one.indicator, "name"),
            period=period_words(one.period_id, words),
        )
        for code, one in by_code.items()
    } | {COVERAGE: words("places.coverage")}
    measure = chosen(st.container(), "measure", words("places.measure"), options, "places_measure")
    counted = coverage(page.release)
    values = _values(page, now, by_code.get(measure), counted)
    numbers = _numbers(now)
    places = [
        _place(page, row, values[str(row["area_id"])], numbers.get(str(row["code"])))
        for row in now.communes.values()
    ]
    shapes, fault = _shapes(now)
    heading = {"name": words("column.commune"), "value": words("column.value")}
    chart = place_map(places, shapes, page.theme, page.language, heading)
    finding = _finding(page, places)
    left, right = st.columns([11, 9], gap="large")
    with left:
        drawn = words("places.drawn_polygons" if shapes else "places.drawn_points")
        parts = [element("p", finding, classes="ppw-chart-title")]
        if chart is None:
            parts.append(element("p", words("places.nothing_to_draw")))
        else:
            parts.append(element("p", drawn, " ", words("places.no_data_sign"), classes="ppw-small"))
        if fault:
            label = element("strong", words("places.polygons_faulty"), ".")
            parts.append(element("div", label, " ", fault, classes="ppw-notice", role="note"))
        if shapes and shapes.missing:
            names = {str(row["code"]): words.pick(row, "name") for row in now.communes.values()}
            left_out = words.listed([names[code] for code in shapes.missing])
            parts.append(element("p", words("places.polygons_missing", names=left_out), classes="ppw-small"))
        page.write(*parts)
        if chart is not None:
            summary = words("places.map_summary", finding=finding, n=page.number(len(places)))
            st.altair_chart(chart, width="stretch", alt=summary)
            page.write(element("p", summary, classes="ppw-unseen"))
            numbered = [f"{place.number} {place.name}" for place in places if place.number is not None]
            if numbered and not shapes:
                key = words("places.numbered", names="; ".join(numbered))
                page.write(element("p", key, classes="ppw-small"))
    with right:
        _table(page, now, known, places, counted, None if measure == COVERAGE else measure)
        _sources(page, by_code.get(measure))


def _values(
    page: Page, now: Boundaries, chosen: LocalIndicator | None, counted: Mapping[str, int]
) -> dict[str, tuple[Decimal | None, str]]:
    """area_id -> the value drawn and the value as printed."""
    words = page.words
    if chosen is None:
        return {
            area: (Decimal(n) if (n := counted.get(area, 0)) else None, page.number(n))
            for area in now.communes
        }
    units = {str(row["unit"]): row for row in page.release.rows("dim_unit")}
    found: dict[str, tuple[Decimal | None, str]] = {}
    for area in now.communes:
        value = chosen.value(area)
        if value is None:
            found[area] = (None, words("places.no_figure"))
            continue
        row = chosen.figures[area]
        stated = row.get("value_decimals")
        decimals = decimals_of(value) if stated is None else int(stated)
        symbol = words.pick(units.get(str(row.get("unit")), {}), "symbol")
        found[area] = (value, with_unit(format_number(value, page.language, decimals), symbol))
    return found


def _numbers(now: Boundaries) -> dict[str, int]:
    """code -> number on the map, of the wards: they lie too close to each other for their names."""
    wards = [str(row["code"]) for row in now.communes.values() if row.get("kind_vi") == WARD]
    return {code: number for number, code in enumerate(wards, 1)}


def _place(page: Page, row: Row, value: tuple[Decimal | None, str], number: int | None) -> Place:
    lon, lat = to_decimal(row.get("centre_lon")), to_decimal(row.get("centre_lat"))
    return Place(
        code=str(row["code"]),
        name=page.words.pick(row, "name"),
        lon=None if lon is None else float(lon),
        lat=None if lat is None else float(lat),
        value=None if value[0] is None else float(value[0]),
        shown=value[1],
        number=number,
    )


def _shapes(now: Boundaries) -> tuple[Shapes | None, str | None]:
    """The polygons of the configured file, and why there are none where it cannot be used."""
    path = load_settings().communes_geojson
    if path is None:
        return None, None
    try:
        return read_shapes(path, frozenset(str(row["code"]) for row in now.communes.values())), None
    except ShapesUnusable as error:
        # The reader needs the file's name, not where it lies on the server.
        return None, str(error).replace(str(path), path.name)


def _finding(page: Page, places: Sequence[Place]) -> str:
    """What the map shows, in words: the highest and the lowest, or that all are alike."""
    words = page.words
    known = sorted((place for place in places if place.value is not None), key=lambda place: place.value or 0)
    if not known:
        return words("places.finding_none")
    without = len(places) - len(known)
    gap = words("places.finding_gap", n=page.number(without)) if without else words("places.finding_whole")
    if known[0].value == known[-1].value:
        return words("places.finding_alike", value=known[0].shown, n=page.number(len(known)), gap=gap)
    return words(
        "places.finding",
        most=known[-1].name,
        most_value=known[-1].shown,
        least=known[0].name,
        least_value=known[0].shown,
        gap=gap,
    )


def _table(  # noqa: PLR0917
    page: Page,
    now: Boundaries,
    known: Sequence[Passage],
    places: Sequence[Place],
    counted: Mapping[str, int],
    measure: str | None,
) -> None:
    words = page.words
    columns = [Column(words("column.commune"))]
    if measure is not None:
        columns.append(Column(words("column.value"), "number"))
    columns += [Column(words("column.indicators_known"), "number"), Column(words("column.made_of"))]
    rows, classes = [], []
    order = sorted(zip(places, now.communes.values(), strict=True), key=lambda pair: highest_first(pair[0]))
    for place, area in order:
        area_id = str(area["area_id"])
        made_of = [words.pick(one.old, "name") for one in known if one.new["area_id"] == area_id]
        cells: list[object] = [place.name]
        if measure is not None:
            cells.append(place.shown)
        cells += [page.number(counted.get(area_id, 0)), "; ".join(made_of) or words("none")]
        rows.append(cells)
        classes.append("" if place.value is not None else "ppw-row-missing")
    page.write(table(words("places.table"), columns, rows, classes), classes="ppw-tall")


def highest_first(place: Place) -> tuple[bool, float]:
    """By what to sort places so that the highest value comes first and those without a figure last."""
    return place.value is None, -(place.value or 0)


def _sources(page: Page, chosen: LocalIndicator | None) -> None:
    if chosen is None:
        page.write(element("p", page.words("places.coverage_meaning"), classes="ppw-small"))
        return
    sources = sorted({str(row["source_id"]) for row in chosen.figures.values()})
    named = [source_name(page.release, page.words, one) or one for one in sources]
    said = page.words("places.figures_from", sources="; ".join(named))
    page.write(element("p", said, classes="ppw-small"))


def _former(page: Page, then: Boundaries, known: Sequence[Passage]) -> None:
    """The communes of former boundaries by district, and what became of each; there is nothing to draw them by."""
    words = page.words
    page.header(words("places.former", day=page.date(then.until or then.day)))
    drawable = any(row.get("centre_lon") is not None for row in then.communes.values())
    said = words("places.former_meaning", n=page.number(len(then.communes)))
    parts = [element("p", said)]
    if not drawable:
        parts.append(element("p", words("places.former_not_drawn"), classes="ppw-small"))
    page.write(*parts)
    passed = {str(one.old["area_id"]): one for one in known}
    groups = []
    for district_id, district in then.districts.items():
        own = [row for row in then.communes.values() if str(row.get("parent_area_id")) == district_id]
        became = {str(one.new["area_id"]): one.new for row in own if (one := passed.get(str(row["area_id"])))}
        heading = words(
            "places.district",
            name=words.pick(district, "name"),
            n=page.number(len(own)),
            became=page.number(len(became)),
        )
        rows = [_passage_row(page, passed.get(str(row["area_id"])), row, known) for row in own]
        groups.append(
            element(
                "details",
                element("summary", heading),
                table(words.pick(district, "name"), _passage_columns(page), rows),
            )
        )
    page.write(*groups, classes="ppw-list")


def _passage_columns(page: Page) -> list[Column]:
    words = page.words
    return [
        Column(words("column.former_commune")),
        Column(words("column.became")),
        Column(words("column.remark")),
    ]


def _passage_row(
    page: Page, passage: Passage | None, old: Row, known: Sequence[Passage]
) -> tuple[object, ...]:
    words = page.words
    name = words("places.with_code", name=words.pick(old, "name"), code=old["code"])
    if passage is None:
        return name, words("places.unchanged"), words("none")
    became = words("places.with_code", name=words.pick(passage.new, "name"), code=passage.new["code"])
    return name, became, _remark(page, passage, known)


def _remark(page: Page, passage: Passage, known: Sequence[Passage]) -> str:
    """What a reader has to know beside the name: several districts, the code in use again, lists that differ."""
    words = page.words
    said = [words("places.whole", day=page.date(passage.note["valid_from"]))]
    if passage.straddles:
        districts = districts_of(known, str(passage.new["area_id"]))
        named = words.listed([words.pick(one, "name") for one in districts])
        said.append(words("places.straddles", districts=named))
    if passage.note.get("code_reused") is True:
        said.append(words("places.code_reused", code=passage.old["code"]))
    if passage.note.get("note_vi"):
        said.append(words.pick(passage.note, "note"))
    return " ".join(said)


def _search(page: Page, every: Sequence[Boundaries], known: Sequence[Passage]) -> None:
    words = page.words
    page.header(words("places.search"))
    help_text = words("filter.search_help")
    asked = written(st.container(), "commune", words("places.search_label"), help_text, "places_search")
    if not asked:
        page.write(element("p", words("places.search_meaning"), classes="ppw-small"))
        return
    page.write(*_found(page, asked, every, known), classes="ppw-list")


def _found(page: Page, asked: str, every: Sequence[Boundaries], known: Sequence[Passage]) -> list[Markup]:
    words = page.words
    by_old = [one for one in known if matches(asked, one.old["name_vi"], one.old["name_en"], one.old["code"])]
    by_new = [
        row
        for row in every[0].communes.values()
        if matches(asked, row["name_vi"], row["name_en"], row["code"])
    ]
    if not by_old and not by_new:
        return [element("p", words("places.search_nothing", asked=asked))]
    parts: list[Markup] = []
    if by_old:
        rows = [_passage_row(page, one, one.old, known) for one in by_old[:MOST_FOUND]]
        parts.append(table(words("places.found_former"), _passage_columns(page), rows, caption_shown=True))
    if by_new:
        columns = [
            Column(words("column.commune")),
            Column(words("column.made_of")),
            Column(words("column.former_districts")),
        ]
        new_rows = []
        for row in by_new[:MOST_FOUND]:
            area_id = str(row["area_id"])
            made_of = [words.pick(one.old, "name") for one in known if one.new["area_id"] == area_id]
            districts = [words.pick(one, "name") for one in districts_of(known, area_id)]
            new_rows.append(
                (
                    words("places.with_code", name=words.pick(row, "name"), code=row["code"]),
                    "; ".join(made_of) or words("none"),
                    words.listed(districts) or words("none"),
                )
            )
        parts.append(table(words("places.found_now"), columns, new_rows, caption_shown=True))
    if max(len(by_old), len(by_new)) > MOST_FOUND:
        parts.append(
            element("p", words("places.search_more", n=page.number(MOST_FOUND)), classes="ppw-small")
        )
    return parts


if __name__ == "__main__":
    show()
