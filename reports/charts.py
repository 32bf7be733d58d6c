"""The chart of a target: figures, target and path, labelled where they stand."""

from __future__ import annotations

from typing import Any

import altair as alt

from reports.numbers import SEPARATORS, Language, format_number
from reports.palette import AMBER, BACKGROUND, BLUE, INK, QUIET, Theme
from reports.sparkline import runs
from reports.statements import promised_value
from reports.target_facts import TargetFacts
from reports.words import Words

HEIGHT = 320
AMOUNT_FORMS = {"level", "increment"}
MOST_LABELS = 5
HALF_DISC = "M0,-1A1,1,0,0,0,0,1Z"


def _data(rows: list[dict[str, Any]]) -> alt.InlineData:
    """Rows as the data of a layer, inside the chart itself."""
    return alt.InlineData(values=rows)


def _locale(language: Language) -> dict[str, Any]:
    group, mark = SEPARATORS[language]
    return {"number": {"decimal": mark, "thousands": group, "grouping": [3], "currency": ["", ""]}}


def target_chart(facts: TargetFacts, words: Words, theme: Theme) -> alt.LayerChart | None:
    """Annual figures against the target: solid where official, half where preliminary, hollow where
    estimated.

    The line stops at a year without a figure. The path is drawn only where one is declared. None when there
    is nothing to draw: no annual figure in a unit that can stand beside the target.
    """
    points = [(p, float(value)) for p, value in facts.comparable_points() if p.year is not None]
    if not points:
        return None
    bounds = facts.target_bounds()
    unit = facts.chart_unit
    segment_of = {
        year: index for index, run in enumerate(runs([p.year for p, _ in points if p.year])) for year in run
    }
    labelled = {points[0][0].year, points[-1][0].year}
    neighbours = {year: value for (p, value) in points if (year := p.year) is not None}
    rows = [
        {
            "year": p.year,
            "value": value,
            "run": segment_of[p.year or 0],
            "maturity": p.row.get("maturity") or "not_stated",
            "label": format_number(p.value, words.language, p.decimals)
            if len(points) <= MOST_LABELS or p.year in labelled
            else "",
            "low": _is_low(p.year or 0, neighbours),
        }
        for p, value in points
    ]
    years = [p.year for p, _ in points if p.year is not None]
    years += [year for year in (facts.first_year, facts.last_year) if bounds and year is not None]
    first, last = min(years), max(years)
    step = max(1, round((last - first) / 6))
    ticks = sorted({*range(last, first - 1, -step)})
    axis_x = alt.Axis(
        values=ticks, format="d", title=None, grid=False, labelFontSize=13, domain=True, tickSize=4
    )
    # Every layer names the same scale: a layer without one would pull the axis of years down to zero.
    scale_x = alt.Scale(domain=[first - 0.7, last + 0.7], nice=False, zero=False)
    x = alt.X("year:Q", axis=axis_x, scale=scale_x)
    zero = facts.indicator.get("form") in AMOUNT_FORMS
    axis_y = alt.Axis(title=None, tickCount=5, labelFontSize=13, domain=False, ticks=False)
    scale_y = alt.Scale(zero=zero, nice=True)
    y = alt.Y("value:Q", axis=axis_y, scale=scale_y)
    actual, aim = BLUE.of(theme), AMBER.of(theme)
    layers: list[alt.Chart] = []
    if bounds and facts.last_year is not None:
        layers += _target_layers(facts, words, aim, scale_x, scale_y)
    if path := facts.path():
        path_data = _data([{"year": year, "value": float(value)} for year, value in path])
        layers.append(
            alt.Chart(path_data).mark_line(strokeDash=[5, 4], strokeWidth=1.5, color=aim).encode(x=x, y=y)
        )
        middle = alt.Data(
            values=[{"year": path[1][0], "value": float(path[1][1]), "label": words("chart.path")}]
        )
        layers.append(
            alt.Chart(middle)
            .mark_text(align="left", dx=6, dy=12, fontSize=13, color=aim)
            .encode(x=x, y=y, text="label:N")
        )
    data = _data(rows)
    base = alt.Chart(data).encode(x=x, y=y)
    layers.append(base.mark_line(strokeWidth=2, color=actual).encode(detail="run:N"))
    marks: dict[str, dict[str, Any]] = {
        "official": {"filled": True, "fill": actual},
        "preliminary": {"filled": True, "fill": BACKGROUND.of(theme)},
        "estimate": {"filled": True, "fill": BACKGROUND.of(theme)},
        "not_stated": {"filled": True, "fill": BACKGROUND.of(theme), "strokeDash": [2, 2]},
    }
    present = {str(row["maturity"]) for row in rows}
    for code, look in marks.items():
        if code in present:
            of_code = base.transform_filter(alt.datum.maturity == code)
            layers.append(of_code.mark_point(size=75, stroke=actual, strokeWidth=1.8, opacity=1, **look))
            if code == "preliminary":
                layers.append(
                    of_code.mark_point(shape=HALF_DISC, size=75, filled=True, fill=actual, opacity=1)
                )
    for low, away in ((False, -13), (True, 15)):
        labels = base.transform_filter(alt.datum.low == low)
        layers.append(
            labels.mark_text(dy=away, fontSize=13, fontWeight="bold", color=INK.of(theme)).encode(
                text="label:N"
            )
        )
    unit_row = facts.units.get(unit or "", {})
    return (
        alt.layer(*layers)
        .properties(height=HEIGHT, usermeta={"unit": str(unit_row.get("unit", ""))})
        .configure(locale=_locale(words.language))
        .configure_axis(labelColor=QUIET.of(theme), gridOpacity=0.6)
        .configure_view(strokeWidth=0)
    )


def _is_low(year: int, values: dict[int, float]) -> bool:
    """Whether a point lies below the points joined to it: its label then stands under it, off the line."""
    beside = [values[other] for other in (year - 1, year + 1) if other in values]
    return bool(beside) and all(values[year] < value for value in beside) and len(beside) == 2


def _target_layers(
    facts: TargetFacts, words: Words, colour: str, scale_x: alt.Scale, scale_y: alt.Scale
) -> list[alt.Chart]:
    """The target as a rule over its span (a short one at its year), or a band, with its label on it."""
    bounds = facts.target_bounds()
    if bounds is None or facts.last_year is None:
        return []
    begin = facts.first_year if facts.first_year is not None else facts.last_year
    low, high = (float(value) for value in bounds)
    label = words("chart.target", value=promised_value(facts, words))
    end = facts.last_year + 0.5
    chart = alt.Chart(
        _data([{"begin": begin - 0.5, "end": end, "low": low, "high": high, "label": label}])
    )
    x, x2 = alt.X("begin:Q", scale=scale_x), alt.X2("end:Q")
    y_low, y_high = alt.Y("low:Q", scale=scale_y), alt.Y("high:Q", scale=scale_y)
    layers: list[alt.Chart] = []
    if high > low:
        layers.append(
            chart.mark_rect(color=colour, opacity=0.25).encode(x=x, x2=x2, y=y_low, y2=alt.Y2("high:Q"))
        )
    layers.append(chart.mark_rule(color=colour, strokeWidth=3).encode(x=x, x2=x2, y=y_low))
    layers.append(
        chart.mark_text(align="right", baseline="bottom", dy=-7, fontSize=13, color=colour).encode(
            x=alt.X("end:Q", scale=scale_x), y=y_high, text="label:N"
        )
    )
    return layers
