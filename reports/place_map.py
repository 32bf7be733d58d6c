"""The map of the communes: polygons where a file of them is configured, else the published centre points.

Drawn in the browser from what is on the page; nothing is asked of any other server.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import altair as alt

from reports.charts import LABEL_SIZE, locale_of
from reports.commune_shapes import Shapes
from reports.numbers import Language
from reports.palette import BACKGROUND, BLUE, INK, LINE, QUIET, Theme

HEIGHT = 280
# At most so many names are written beside the largest; the table has them all.
NAMED = 4
# Areas in square pixels. Smaller ones are not found with a finger or an eye, larger ones hide the country.
LARGEST_POINT, SMALLEST_POINT = 900, 90
# A name stands over or under its disc, and needs room over the northernmost and under the southernmost.
ABOVE, BELOW = -14, 15
PADDING = {"top": 24, "left": 14, "right": 14, "bottom": 20}
# Widths of the drawing on a telephone and beside a table, for which it is worked out what fits; narrower than the
# limit, what fits the first is drawn.
NARROW, WIDE, LIMIT = 330, 520, 440
NUMBER_SIZE = 12
# A letter is about so wide, a line so high, as shares of the size of the letters.
LETTER, LINE_HEIGHT = 0.56, 1.25


@dataclass(frozen=True)
class Place:
    """What the map draws of one commune: `shown` is the value as it is printed, or why there is none."""

    code: str
    name: str
    lon: float | None
    lat: float | None
    value: float | None
    shown: str
    # The number under which a place that has no room for its name stands in the key of the map.
    number: int | None = None


def place_map(
    places: Sequence[Place],
    shapes: Shapes | None,
    theme: Theme,
    language: Language,
    heading: Mapping[str, str],
) -> alt.LayerChart | None:
    """The map; None when nothing may be drawn: no polygons and no centre points.

    A commune without a figure is hollow and dashed in grey, never in a colour of alarm. `heading`: words for the
    tooltip (`name`, `value`).
    """
    layers = (
        _polygon_layers(places, shapes, theme, heading) if shapes else _point_layers(places, theme, heading)
    )
    if not layers:
        return None
    chart = (
        alt.layer(*layers)
        .project(type="mercator")
        .properties(height=HEIGHT, padding=PADDING)
        .configure(locale=locale_of(language))
        .configure_view(strokeWidth=0)
    )
    return cast(alt.LayerChart, chart)


def _tooltip(heading: Mapping[str, str]) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title=heading["name"]),
        alt.Tooltip("shown:N", title=heading["value"]),
    ]


def _row(place: Place) -> dict[str, Any]:
    return {
        "code": place.code,
        "name": place.name,
        "value": place.value,
        "shown": place.shown,
        "number": place.number,
    }


def _point_layers(places: Sequence[Place], theme: Theme, heading: Mapping[str, str]) -> list[alt.Chart]:
    drawn = [place for place in places if place.lon is not None and place.lat is not None]
    if not drawn:
        return []
    rows = [{**_row(place), "lon": place.lon, "lat": place.lat} for place in drawn]
    known = [row for row in rows if row["value"] is not None]
    unknown = [row for row in rows if row["value"] is None]
    layers = []
    if known:
        values = [float(row["value"]) for row in known]
        # The area of a disc is in proportion to its value.
        largest = max(values)
        area = {"expr": _largest_area(known)}
        scale = alt.Scale(domain=[0, largest], range=[0, area])
        size = alt.Size("value:Q", scale=scale, legend=None) if largest > min(values) else alt.value(area)
        points = _chart(known).encode(size=size, tooltip=_tooltip(heading))
        layers.append(
            points.mark_circle(color=BLUE.of(theme), opacity=0.55, stroke=BLUE.of(theme), strokeWidth=1)
        )
    if unknown:
        hollow = _chart(unknown).encode(tooltip=_tooltip(heading))
        layers.append(
            hollow.mark_point(
                color=QUIET.of(theme), size=SMALLEST_POINT, strokeDash=[2, 2], filled=False, opacity=1
            )
        )
    numbers = _chart([row for row in rows if row["number"] is not None]).encode(text="number:N")
    layers += _written(numbers, theme, NUMBER_SIZE, ABOVE, 1)
    for width, seen in ((NARROW, f"width < {LIMIT} ? 1 : 0"), (WIDE, f"width < {LIMIT} ? 0 : 1")):
        written = names_that_fit(rows, width)
        for side in (ABOVE, BELOW):
            names = _chart([row for row in written if row["side"] == side]).encode(text="name:N")
            layers += _written(names, theme, LABEL_SIZE, side, {"expr": seen})
    return layers


def _written(texts: alt.Chart, theme: Theme, size: int, side: int, opacity: Any) -> list[alt.Chart]:
    """Words over or under their discs; the background around the letters keeps them apart from what lies behind."""
    behind = BACKGROUND.of(theme)
    drawn: dict[str, Any] = {"fontSize": size, "dy": side, "opacity": opacity}
    return [
        texts.mark_text(color=behind, stroke=behind, strokeWidth=3, **drawn),
        texts.mark_text(color=INK.of(theme), **drawn),
    ]


def area_share(known: Sequence[Mapping[str, Any]]) -> float:
    """The area of the disc of the highest value on a map one pixel wide: as large as it can be without two discs lying
    over each other.
    """
    spots = spots_of(known, 1.0)
    radii = [math.sqrt(max(0.0, float(row["value"]))) for row in known]
    widest = max(radii, default=0.0)
    free = [
        math.dist(spots[i], spots[j]) * widest / (radii[i] + radii[j])
        for i in range(len(spots))
        for j in range(i)
        if radii[i] + radii[j] > 0
    ]
    return math.pi * min(free, default=1.0) ** 2


def _largest_area(known: Sequence[Mapping[str, Any]]) -> str:
    """The area of the disc of the highest value, within the limits, an expression of the room that the map has."""
    spots = spots_of(known, 1.0)
    tall = max((y for _, y in spots), default=0.0) or 1.0
    return (
        f"clamp({area_share(known):.7f} * pow(min(width, height / {tall:.4f}), 2), "
        f"{SMALLEST_POINT}, {LARGEST_POINT})"
    )


def spots_of(rows: Sequence[Mapping[str, Any]], width: float) -> list[tuple[float, float]]:
    """Where places lie on a map in Mercator's projection that is so wide, from its upper left corner."""
    across = [math.radians(row["lon"]) for row in rows]
    up = [math.log(math.tan(math.pi / 4 + math.radians(row["lat"]) / 2)) for row in rows]
    scale = width / ((max(across) - min(across)) or 1.0)
    return [((x - min(across)) * scale, (max(up) - y) * scale) for x, y in zip(across, up, strict=True)]


def names_that_fit(rows: Sequence[dict[str, Any]], width: float) -> list[dict[str, Any]]:
    """The places whose names are written on a map that is so wide, each with the `side` of its disc: the highest first,
    each that covers no name, number or disc of another and does not stick out.
    """
    spots = {row["code"]: spot for row, spot in zip(rows, spots_of(rows, width), strict=True)}
    known = [row for row in rows if row["value"] is not None]
    area = min(max(area_share(known) * width**2, SMALLEST_POINT), LARGEST_POINT) if known else SMALLEST_POINT
    # Only their middle: a name may touch the rim of a disc.
    reach = math.sqrt(area / math.pi) / 2
    discs = {code: (x - reach, y - reach, x + reach, y + reach) for code, (x, y) in spots.items()}
    taken = [_box(spots[row["code"]], 1, NUMBER_SIZE, ABOVE) for row in rows if row["number"] is not None]
    written: list[dict[str, Any]] = []
    for row in _highest(rows):
        others = [*taken, *(disc for code, disc in discs.items() if code != row["code"])]
        for side in (ABOVE, BELOW):
            box = _box(spots[row["code"]], len(row["name"]), LABEL_SIZE, side)
            inside = box[0] >= -PADDING["left"] and box[2] <= width + PADDING["right"]
            if inside and row["number"] is None and not any(_meet(box, other) for other in others):
                taken.append(box)
                written.append({**row, "side": side})
                break
    return written[:NAMED]


def _box(spot: tuple[float, float], letters: int, size: int, side: int) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of words over or under a disc."""
    half, middle = letters * size * LETTER / 2, spot[1] + side
    return spot[0] - half, middle - size * LINE_HEIGHT / 2, spot[0] + half, middle + size * LINE_HEIGHT / 2


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows)).encode(longitude="lon:Q", latitude="lat:Q")


def _highest(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The places with the highest values first; none where all values are alike."""
    values = {row["value"] for row in rows if row["value"] is not None}
    if len(values) < 2:
        return []
    return sorted((row for row in rows if row["value"] is not None), key=lambda row: -float(row["value"]))


def _polygon_layers(
    places: Sequence[Place], shapes: Shapes, theme: Theme, heading: Mapping[str, str]
) -> list[alt.Chart]:
    by_code = {place.code: place for place in places}
    features = {
        code: {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "MultiPolygon", "coordinates": parts},
            **_row(by_code[code]),
        }
        for code, parts in shapes.polygons.items()
        if code in by_code
    }
    known = [one for one in features.values() if one["value"] is not None]
    unknown = [one for one in features.values() if one["value"] is None]
    layers = []
    if known:
        values = [float(one["value"]) for one in known]
        one_value = min(values) == max(values)
        light, dark = ("#dbe9f5", "#0b4a82") if theme == "light" else ("#1d3a55", "#9ccbf7")
        colour = (
            alt.value(light)
            if one_value
            else alt.Color("value:Q", scale=alt.Scale(range=[light, dark]), legend=None)
        )
        filled = _shape(known).encode(color=colour, tooltip=_tooltip(heading))
        layers.append(filled.mark_geoshape(stroke=BACKGROUND.of(theme), strokeWidth=1))
    if unknown:
        hollow = _shape(unknown).encode(tooltip=_tooltip(heading))
        layers.append(
            hollow.mark_geoshape(
                fill=LINE.of(theme), fillOpacity=0.25, stroke=QUIET.of(theme), strokeDash=[2, 2]
            )
        )
    return layers


def _shape(features: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=features))
