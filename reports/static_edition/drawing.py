"""The drawing of a target as SVG in the page: figures, declared path and target, coloured by the page's style.

It says what the app's chart says: the line stops at a year without a figure, a mark tells the maturity, the y axis
begins at zero for amounts. Colours are the style's variables, so it follows the reader's theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from reports.markup import Markup, element
from reports.numbers import decimals_of, format_number, to_decimal
from reports.sparkline import AMOUNT_FORMS, runs
from reports.statements import promised_value
from reports.target_facts import Point, TargetFacts
from reports.words import Words

WIDTH, HEIGHT = 480, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 26, 30
TICKS = 5
# With more figures than this only the first and the last are labelled; the table beside has them all.
MOST_LABELS = 5
RADIUS = 4.5
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Scale:
    """Values of one axis on the drawing."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.begin + share * (self.end - self.begin)


def nice_ticks(low: float, high: float) -> list[float]:
    """Round values that span the two, at most a few of them; they differ."""
    room = (high - low) or abs(high) or 1.0
    raw = room / TICKS
    size = 10.0 ** floor(log10(raw))
    step = next(size * s for s in _STEPS if size * s >= raw * 0.999)
    first = floor(low / step)
    ticks = [round((first + n) * step, 12) for n in range(TICKS + 3)]
    last = next(n for n, tick in enumerate(ticks) if tick >= high - step * 1e-9)
    return ticks[: max(last, 1) + 1]


def drawing(facts: TargetFacts, words: Words, meaning: str) -> Markup | None:
    """The drawing of a target, `meaning` its text alternative; None when it has no annual figure to draw."""
    points = [(p.year, p, float(value)) for p, value in facts.comparable_points() if p.year is not None]
    if not points:
        return None
    bounds, path = facts.target_bounds(), [(year, float(value)) for year, value in facts.path()]
    values = [value for _, _, value in points] + [value for _, value in path]
    values += [float(bound) for bound in bounds or ()]
    years = [year for year, _, _ in points] + [year for year, _ in path]
    if bounds:
        years += [year for year in (facts.first_year, facts.last_year) if year is not None]
    low = min(values)
    if facts.indicator.get("form") in AMOUNT_FORMS:
        low = min(low, 0.0)
    ticks = nice_ticks(low, max(values))
    x = Scale(min(years) - 0.6, max(years) + 0.6, LEFT, WIDTH - RIGHT)
    y = Scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP)
    parts = [*_grid(ticks, y, words), *_years(sorted({*years}), x)]
    if bounds and facts.last_year is not None:
        parts += _target(facts, words, x, y, (float(bounds[0]), float(bounds[1])))
    if path:
        parts.append(
            _line(
                " ".join(f"{x(year):.1f},{y(value):.1f}" for year, value in path), "ppw-draw-path", "polyline"
            )
        )
    parts += _figures(points, x, y, words)
    return element(
        "svg",
        *parts,
        classes="ppw-draw",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=meaning,
    )


def _line(points: str, classes: str, tag: str = "polyline") -> Markup:
    return element(tag, points=points, classes=classes)


def _text(x: float, y: float, text: str, classes: str) -> Markup:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", classes=classes)


def _grid(ticks: Sequence[float], y: Scale, words: Words) -> list[Markup]:
    decimals = max(decimals_of(d) for tick in ticks if (d := to_decimal(tick)) is not None)
    parts = []
    for tick in ticks:
        parts.append(_line(f"{LEFT},{y(tick):.1f} {WIDTH - RIGHT},{y(tick):.1f}", "ppw-draw-grid"))
        label = format_number(tick, words.language, decimals)
        parts.append(_text(LEFT - 6, y(tick) + 4, label, "ppw-draw-axis ppw-draw-end"))
    return parts


def _years(years: Sequence[int], x: Scale) -> list[Markup]:
    """The last year and every so many before it: as many as there is room for."""
    step = max(1, round((years[-1] - years[0]) / 6))
    shown = range(years[-1], years[0] - 1, -step)
    return [_text(x(year), HEIGHT - 10, str(year), "ppw-draw-axis ppw-draw-middle") for year in shown]


def _target(
    facts: TargetFacts, words: Words, x: Scale, y: Scale, bounds: tuple[float, float]
) -> list[Markup]:
    last = facts.last_year or 0
    first = facts.first_year if facts.first_year is not None else last
    begin, end = x(first - 0.5), x(last + 0.5)
    low, high = bounds
    parts = []
    if high > low:
        parts.append(
            element(
                "rect", classes="ppw-draw-band", x=f"{begin:.1f}", y=f"{y(high):.1f}", width=f"{end - begin:.1f}",
                height=f"{y(low) - y(high):.1f}",
            )
        )  # fmt: skip
    parts.append(_line(f"{begin:.1f},{y(low):.1f} {end:.1f},{y(low):.1f}", "ppw-draw-target"))
    label = words("chart.target", value=promised_value(facts, words))
    parts.append(_text(end, y(high) - 7, label, "ppw-draw-label ppw-draw-amber ppw-draw-end"))
    return parts


def _figures(points: Sequence[tuple[int, Point, float]], x: Scale, y: Scale, words: Words) -> list[Markup]:
    by_year = {year: (point, value) for year, point, value in points}
    parts = []
    for run in runs(list(by_year)):
        steps = " ".join(f"{x(year):.1f},{y(by_year[year][1]):.1f}" for year in run)
        parts.append(_line(steps, "ppw-draw-line"))
    ends = {points[0][0], points[-1][0]}
    for year, (point, value) in sorted(by_year.items()):
        maturity = str(point.row.get("maturity") or "not_stated")
        place = {"cx": f"{x(year):.1f}", "cy": f"{y(value):.1f}"}
        parts.append(element("circle", classes=f"ppw-draw-point ppw-draw-{maturity}", r=str(RADIUS), **place))
        if maturity == "preliminary":
            top, bottom = y(value) - RADIUS, y(value) + RADIUS
            half = f"M{x(year):.1f},{top:.1f}A{RADIUS},{RADIUS},0,0,0,{x(year):.1f},{bottom:.1f}Z"
            parts.append(element("path", classes="ppw-draw-half", d=half))
        if len(points) <= MOST_LABELS or year in ends:
            label = format_number(point.value, words.language, point.decimals)
            beside = [by_year[other][1] for other in (year - 1, year + 1) if other in by_year]
            under = len(beside) == 2 and all(value < other for other in beside)
            parts.append(
                _text(x(year), y(value) + (18 if under else -9), label, "ppw-draw-label ppw-draw-middle")
            )
    return parts
