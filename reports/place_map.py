"""The map of the communes: polygons where a file of them is configured, else the published centre points.

Drawn in the browser from what is on the page; nothing is asked of any other server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import altair as alt

from reports.charts import LABEL_SIZE, locale_of
from reports.commune_shapes import Shapes
from reports.numbers import Language
from reports.palette import BACKGROUND, BLUE, INK, LINE, QUIET, Theme

HEIGHT = 320
# Names that fit beside the largest; the table has them all.
NAMED = 4
LARGEST_POINT, SMALLEST_POINT = 900, 40
# A name stands over the largest disc (a radius of 17), and needs room over the northernmost.
ABOVE_A_POINT = -24
PADDING = {"top": 24, "left": 36, "right": 36, "bottom": 4}


@dataclass(frozen=True)
class Place:
    """What the map draws of one commune: `shown` is the value as it is printed, or why there is none."""

    code: str
    name: str
    lon: float | None
    lat: float | None
    value: float | None
    shown: str


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
    return {"code": place.code, "name": place.name, "value": place.value, "shown": place.shown}


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
        scale = alt.Scale(domain=[0, largest], range=[0, LARGEST_POINT])
        size = (
            alt.Size("value:Q", scale=scale, legend=None)
            if largest > min(values)
            else alt.value(LARGEST_POINT / 3)
        )
        points = _chart(known).encode(size=size, tooltip=_tooltip(heading))
        layers.append(
            points.mark_circle(color=BLUE.of(theme), opacity=0.55, stroke=BLUE.of(theme), strokeWidth=1)
        )
    if unknown:
        hollow = _chart(unknown).encode(tooltip=_tooltip(heading))
        layers.append(
            hollow.mark_point(
                color=QUIET.of(theme), size=SMALLEST_POINT * 2, strokeDash=[2, 2], filled=False, opacity=1
            )
        )
    names = _chart(_largest(rows)).encode(text="name:N")
    # The background around the letters keeps them apart from the discs they lie over.
    behind = BACKGROUND.of(theme)
    return [
        *layers,
        names.mark_text(fontSize=LABEL_SIZE, dy=ABOVE_A_POINT, color=behind, stroke=behind, strokeWidth=3),
        names.mark_text(fontSize=LABEL_SIZE, dy=ABOVE_A_POINT, color=INK.of(theme)),
    ]


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows)).encode(longitude="lon:Q", latitude="lat:Q")


def _largest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The few whose names are written on the map: the largest, where there is a largest."""
    values = {row["value"] for row in rows if row["value"] is not None}
    if len(values) < 2:
        return []
    ranked = sorted((row for row in rows if row["value"] is not None), key=lambda row: -float(row["value"]))
    return ranked[:NAMED]


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
