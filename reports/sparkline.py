"""The tiny chart of a card: an SVG picture with the same years on every card, and its meaning in words as its
text.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from reports.markup import Markup, element
from reports.palette import BACKGROUND, Theme
from reports.target_facts import TargetFacts

WIDTH, HEIGHT, MARGIN = 260, 64, 7
# Forms whose figures are amounts: drawn from zero.
AMOUNT_FORMS = {"level", "increment"}

# Middle tones, which stand out from both backgrounds.
ACTUAL, TARGET = "#2f80c9", "#b06a00"
HOLLOW_MATURITIES = {"estimate", "not_stated", "preliminary"}


@dataclass(frozen=True)
class Years:
    """First and last year of the axis that all cards share."""

    first: int
    last: int


def shared_years(every: Sequence[TargetFacts]) -> Years | None:
    """The axis for a set of cards: first figure to last target year; None when nothing is dated."""
    years = [p.year for f in every for p in f.points if p.year is not None]
    years += [year for f in every for year in (f.first_year, f.last_year) if year is not None]
    return Years(min(years), max(years)) if years else None


def runs(years: Sequence[int]) -> list[list[int]]:
    """Unbroken runs of years: a line is never drawn across a year that has no figure."""
    broken: list[list[int]] = []
    for year in sorted(years):
        if broken and year == broken[-1][-1] + 1:
            broken[-1].append(year)
        else:
            broken.append([year])
    return broken


def sparkline(facts: TargetFacts, years: Years, meaning: str, theme: Theme) -> Markup:
    """Figures, target and path (if one is declared) of a target as a picture; `meaning` is its text."""
    points = {p.year: (float(value), p) for p, value in facts.comparable_points() if p.year is not None}
    bounds = facts.target_bounds()
    path = [(year, float(value)) for year, value in facts.path()]
    heights = [value for value, _ in points.values()] + [value for _, value in path]
    heights += [float(value) for value in bounds or ()]
    if not heights:
        return element("div", classes="ppw-spark-empty", aria_hidden="true")
    low, high = min(heights), max(heights)
    room = (high - low) or abs(high) or 1.0

    def across(year: float) -> float:
        return MARGIN + (year - years.first) / max(1, years.last - years.first) * (WIDTH - 2 * MARGIN)

    def up(value: float) -> float:
        return (
            HEIGHT - MARGIN - (value - (low if high > low else low - room / 2)) / room * (HEIGHT - 2 * MARGIN)
        )

    drawn = []
    if bounds and facts.last_year is not None:
        begin = across(facts.first_year) if facts.first_year is not None else across(facts.last_year) - 14
        end = across(facts.last_year) + (MARGIN if facts.first_year is None else 0)
        bottom, top = (up(float(bound)) for bound in bounds)
        if bottom - top > 2:
            drawn.append(
                f'<rect x="{begin:.1f}" y="{top:.1f}" width="{end - begin:.1f}" height="{bottom - top:.1f}" '
                f'fill="{TARGET}" fill-opacity=".35"/>'
            )
        drawn.append(
            f'<line x1="{begin:.1f}" x2="{end:.1f}" y1="{bottom:.1f}" y2="{bottom:.1f}" '
            f'stroke="{TARGET}" stroke-width="3"/>'
        )
    if path:
        steps = " ".join(f"{across(year):.1f},{up(value):.1f}" for year, value in path)
        drawn.append(f'<polyline points="{steps}" fill="none" stroke="{TARGET}" stroke-dasharray="4 3"/>')
    for run in runs(list(points)):
        steps = " ".join(f"{across(year):.1f},{up(points[year][0]):.1f}" for year in run)
        drawn.append(f'<polyline points="{steps}" fill="none" stroke="{ACTUAL}" stroke-width="2"/>')
    for year, (value, point) in points.items():
        solid = point.row.get("maturity") not in HOLLOW_MATURITIES
        fill = (
            f'fill="{ACTUAL}"'
            if solid
            else f'fill="{BACKGROUND.of(theme)}" stroke="{ACTUAL}" stroke-width="1.6"'
        )
        drawn.append(f'<circle cx="{across(year):.1f}" cy="{up(value):.1f}" r="3.2" {fill}/>')
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(drawn)}</svg>'
    source = "data:image/svg+xml;base64," + b64encode(picture.encode()).decode()
    return element(
        "div",
        Markup(
            element("img", src=source, alt=meaning, width=str(WIDTH), height=str(HEIGHT)).removesuffix(
                "</img>"
            )
        ),
        element("div", element("span", years.first), element("span", years.last), classes="ppw-spark-years"),
        classes="ppw-spark",
    )
