"""The chart of a target: figures, target and path, labelled where they stand."""

from __future__ import annotations

from typing import Any, cast

import altair as alt

from reports.numbers import SEPARATORS, Language, format_number
from reports.palette import AMBER, BACKGROUND, BLUE, INK, QUIET, Theme
from reports.sparkline import AMOUNT_FORMS, runs
from reports.statements import promised_value
from reports.target_facts import TargetFacts, period_list
from reports.words import Words

HEIGHT = 320
LABEL_SIZE = 13
POINT_SIZE = 75
# With more figures than this only the first and the last are labelled; the table beside has them all.
MOST_LABELS = 5
TICKS = 6
# Share of a value that is shown over and under it where nothing else is drawn.
ROOM_AROUND = 0.1
# A label is this many pixels a letter on a drawing of this width at the least, and two lines of text need this share
# of its height; nearer than that, two labels would run into each other.
LETTER, NARROW_WIDTH, LINES_SHARE = 7, 300, 0.12
HALF_DISC = "M0,-1A1,1,0,0,0,0,1Z"


class Axes:
    """The two scales that every layer shares, as encodings for any field.

    A layer with a scale of its own would pull the axis of years down to zero.
    """

    def __init__(self, years: list[int], values: list[float], from_zero: bool) -> None:
        first, last = min(years), max(years)
        step = max(1, round((last - first) / TICKS))
        self._scale_x = alt.Scale(domain=[first - 0.7, last + 0.7], nice=False, zero=False)
        self._scale_y = alt.Scale(zero=from_zero, nice=True)
        low, high = min([*values, 0.0] if from_zero else values), max([*values, 0.0] if from_zero else values)
        if low == high:
            # A scale without width has one mark on its axis, and no step to take the decimals of its label from.
            away = abs(high) * ROOM_AROUND or 1.0
            self._scale_y = alt.Scale(domain=[high if from_zero else low - away, high + away], nice=True)
        ticks = sorted(range(last, first - 1, -step))
        self._axis_x = alt.Axis(
            values=ticks, format="d", title=None, grid=False, labelFontSize=LABEL_SIZE, tickSize=4
        )
        self._axis_y = alt.Axis(title=None, tickCount=5, labelFontSize=LABEL_SIZE, domain=False, ticks=False)

    def x(self, field: str) -> alt.X:
        """Years."""
        return alt.X(f"{field}:Q", axis=self._axis_x, scale=self._scale_x)

    def y(self, field: str) -> alt.Y:
        """Values in the unit of the drawing."""
        return alt.Y(f"{field}:Q", axis=self._axis_y, scale=self._scale_y)


def target_chart(facts: TargetFacts, words: Words, theme: Theme) -> alt.LayerChart | None:
    """Annual figures against the target: solid where official, half where preliminary, else hollow.

    The line stops at a year without a figure. The path is drawn only where one is declared. None when nothing
    can be drawn: no annual figure in a unit that can stand beside the target.
    """
    rows = figure_rows(facts, words)
    if not rows:
        return None
    years = [int(row["year"]) for row in rows]
    if facts.target_bounds():
        years += [year for year in (facts.first_year, facts.last_year) if year is not None]
    from_zero = facts.indicator.get("form") in AMOUNT_FORMS
    axes = Axes(years, _drawn_values(facts, rows), from_zero)
    under = settle_labels(rows, facts, words, from_zero)
    layers = [
        *_target_layers(facts, words, axes, AMBER.of(theme), under),
        *_break_layers(facts, words, axes, theme),
        *_path_layers(facts, words, axes, AMBER.of(theme)),
        *_projection_layers(facts, rows, words, axes, theme),
        *_figure_layers(rows, axes, theme),
    ]
    chart = (
        alt.layer(*layers)
        .properties(height=HEIGHT)
        .configure(locale=locale_of(words.language))
        .configure_axis(labelColor=QUIET.of(theme), gridOpacity=0.6)
        .configure_view(strokeWidth=0)
    )
    return cast(alt.LayerChart, chart)


def _drawn_values(facts: TargetFacts, rows: list[dict[str, Any]]) -> list[float]:
    """Every value that stands on the drawing for certain: figures, target and path."""
    on_path = [value for _, value in facts.path()]
    return [float(row["value"]) for row in rows] + [
        float(v) for v in (*(facts.target_bounds() or ()), *on_path)
    ]


def figure_rows(facts: TargetFacts, words: Words) -> list[dict[str, Any]]:
    """The annual figures as the chart draws them: year, value, unbroken run, maturity, label and its side."""
    points = [(p.year, p, float(value)) for p, value in facts.comparable_points() if p.year is not None]
    values = {year: value for year, _, value in points}
    run_of = {year: number for number, run in enumerate(runs(list(values))) for year in run}
    every = len(points) <= MOST_LABELS
    ends = {points[0][0], points[-1][0]} if points else set()
    return [
        {
            "year": year,
            "value": value,
            "run": run_of[year],
            "maturity": point.row.get("maturity") or "not_stated",
            "label": format_number(point.value, words.language, point.decimals)
            if every or year in ends
            else "",
            "below": _is_dip(year, values),
        }
        for year, point, value in points
    ]


def _is_dip(year: int, values: dict[int, float]) -> bool:
    """Whether a figure lies below both its neighbours: its label then stands under it, off the line."""
    beside = [values[other] for other in (year - 1, year + 1) if other in values]
    return len(beside) == 2 and all(values[year] < value for value in beside)


def settle_labels(rows: list[dict[str, Any]], facts: TargetFacts, words: Words, from_zero: bool) -> bool:
    """Keeps the labels of figures and the target's label apart; True when the target's goes under its rule.

    A figure on or under the rule is labelled beneath its point; one over the rule sends the target's label
    beneath.
    """
    bounds, last = facts.target_bounds(), facts.last_year
    if bounds is None or last is None:
        return False
    low, high = (float(value) for value in bounds)
    values = [float(row["value"]) for row in rows]
    room = max([*values, high]) - (0.0 if from_zero else min([*values, low]))
    years = max([last, *(int(row["year"]) for row in rows)]) - min(int(row["year"]) for row in rows) + 1
    reach = len(_target_label(facts, words)) * LETTER / NARROW_WIDTH * years
    under = False
    for row in rows:
        near = abs(float(row["value"]) - high) < LINES_SHARE * room
        if row["label"] and near and last + 0.5 - reach <= row["year"] <= last + 1:
            if float(row["value"]) > high:
                under = True
            else:
                row["below"] = True
    return under


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    """A layer over rows that stand in the chart itself."""
    return alt.Chart(alt.InlineData(values=rows))


def locale_of(language: Language) -> dict[str, Any]:
    """How the numbers of a drawing are written in a language."""
    group, mark = SEPARATORS[language]
    return {"number": {"decimal": mark, "thousands": group, "grouping": [3], "currency": ["", ""]}}


def _figure_layers(rows: list[dict[str, Any]], axes: Axes, theme: Theme) -> list[alt.Chart]:
    """The line in its runs, a point by maturity for each figure, and the labels."""
    colour, paper = BLUE.of(theme), BACKGROUND.of(theme)
    base = _chart(rows).encode(x=axes.x("year"), y=axes.y("value"))
    layers = [base.mark_line(strokeWidth=2, color=colour).encode(detail="run:N")]
    for maturity in sorted({str(row["maturity"]) for row in rows}):
        these = base.transform_filter(alt.datum.maturity == maturity)
        fill = colour if maturity == "official" else paper
        dashes = [2, 2] if maturity == "not_stated" else [1, 0]
        layers.append(
            these.mark_point(
                size=POINT_SIZE,
                filled=True,
                fill=fill,
                stroke=colour,
                strokeWidth=1.8,
                strokeDash=dashes,
                opacity=1,
            )
        )
        if maturity == "preliminary":
            half = these.mark_point(shape=HALF_DISC, size=POINT_SIZE, filled=True, fill=colour, opacity=1)
            layers.append(half)
    for below, away in ((False, -13), (True, 15)):
        these = base.transform_filter(alt.datum.below == below).encode(text="label:N")
        layers.append(these.mark_text(dy=away, fontSize=LABEL_SIZE, fontWeight="bold", color=INK.of(theme)))
    return layers


def _path_layers(facts: TargetFacts, words: Words, axes: Axes, colour: str) -> list[alt.Chart]:
    """The declared path, dashed, with its name beside it; nothing where none is declared."""
    path = facts.path()
    if not path:
        return []
    rows = [{"year": year, "value": float(value), "label": words("chart.path")} for year, value in path]
    line = _chart(rows).encode(x=axes.x("year"), y=axes.y("value"))
    # The name stands where no figure does: halfway along the last stretch, ahead of the latest figure.
    (year, value), (end, goal) = path[-2], path[-1]
    middle = {**rows[-1], "year": (year + end) / 2, "value": float(value + goal) / 2}
    name = _chart([middle]).encode(x=axes.x("year"), y=axes.y("value"), text="label:N")
    # Above the line, on the side where neither the line nor what the series would come to lies.
    rises = goal >= value
    return [
        line.mark_line(strokeDash=[5, 4], strokeWidth=1.5, color=colour),
        name.mark_text(
            align="right" if rises else "left",
            dx=-6 if rises else 6,
            dy=-7,
            fontSize=LABEL_SIZE,
            color=colour,
        ),
    ]


def _projection_layers(
    facts: TargetFacts, rows: list[dict[str, Any]], words: Words, axes: Axes, theme: Theme
) -> list[alt.Chart]:
    """Where the series would come to if it went on so: a light fan from the last figure, with its words at the end.

    Nothing where the release states none, or none in a unit of the drawing; a thin line where it states no range.
    """
    unit = facts.assessment.get("unit")
    middle, low, high = (
        facts.in_unit(facts.assessment.get(name), unit, facts.chart_unit)
        for name in ("projected_value", "projected_low", "projected_high")
    )
    last = rows[-1]
    if facts.assessment.get("projection_note") or middle is None or facts.last_year is None:
        return []
    if facts.last_year <= last["year"]:
        return []
    colour = QUIET.of(theme)
    begin = {"year": last["year"], "value": last["value"], "low": last["value"], "high": last["value"]}
    end = {
        "year": facts.last_year,
        "value": float(middle),
        "low": float(low if low is not None else middle),
        "high": float(high if high is not None else middle),
        "label": words("chart.projection"),
    }
    fan = _chart([begin, end]).encode(x=axes.x("year"))
    layers = [
        fan.encode(y=axes.y("value")).mark_line(strokeDash=[2, 3], strokeWidth=1.2, color=colour),
        _chart([end])
        .encode(x=axes.x("year"), y=axes.y("value"), text="label:N")
        .mark_text(align="right", dy=14, fontSize=LABEL_SIZE, color=colour),
    ]
    if low is not None and high is not None:
        band = fan.encode(y=axes.y("low"), y2=alt.Y2("high:Q")).mark_area(color=colour, opacity=0.15)
        layers.insert(0, band)
    return layers


def _break_layers(facts: TargetFacts, words: Words, axes: Axes, theme: Theme) -> list[alt.Chart]:
    """A vertical rule where the measure of the series changed, with its word at the foot."""
    years = [int(year) for year in period_list(facts.assessment.get("break_years")) if year.isdigit()]
    if not years:
        return []
    colour = QUIET.of(theme)
    marks = _chart([{"year": year - 0.5, "label": words("chart.break")} for year in years]).encode(
        x=axes.x("year")
    )
    return [
        marks.mark_rule(strokeDash=[1, 3], color=colour),
        marks.encode(y=alt.value(HEIGHT - 8), text="label:N").mark_text(
            align="left", dx=4, fontSize=LABEL_SIZE, color=colour
        ),
    ]


def _target_label(facts: TargetFacts, words: Words) -> str:
    return words("chart.target", value=promised_value(facts, words))


def _target_layers(facts: TargetFacts, words: Words, axes: Axes, colour: str, under: bool) -> list[alt.Chart]:
    """The target as a rule over its span (a short one at its year), or a band, with its label on or under it."""
    bounds = facts.target_bounds()
    if bounds is None or facts.last_year is None:
        return []
    low, high = (float(value) for value in bounds)
    begin = facts.first_year if facts.first_year is not None else facts.last_year
    label = _target_label(facts, words)
    row = {"begin": begin - 0.5, "end": facts.last_year + 0.5, "low": low, "high": high, "label": label}
    chart, until = _chart([row]), alt.X2("end:Q")
    text = chart.encode(x=axes.x("end"), y=axes.y("low" if under else "high"), text="label:N")
    rule = chart.encode(x=axes.x("begin"), x2=until, y=axes.y("low"))
    layers = [
        rule.mark_rule(color=colour, strokeWidth=3),
        text.mark_text(
            align="right",
            baseline="top" if under else "bottom",
            dy=8 if under else -7,
            fontSize=LABEL_SIZE,
            color=colour,
        ),
    ]
    if high > low:
        band = chart.encode(x=axes.x("begin"), x2=until, y=axes.y("low"), y2=alt.Y2("high:Q"))
        layers.insert(0, band.mark_rect(color=colour, opacity=0.25))
    return layers
