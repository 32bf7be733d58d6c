"""The timeline of the milestones: by field and due date, each state with its shape and its count, and the cut-off."""

from __future__ import annotations

from calendar import isleap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import altair as alt

from reports.charts import LABEL_SIZE, locale_of
from reports.milestone_facts import MilestoneFacts
from reports.numbers import format_date, format_number
from reports.palette import COLOURS, INK, QUIET, STATE_COLOURS, Theme
from reports.words import FAMILIES, Words

ROW_HEIGHT = 34
HEAD_HEIGHT = 70
POINT_SIZE = 150
LABEL_WIDTH = 150
# A name shorter than this stays on one line.
SHORT = 20
# A name longer than this is wider than its place.
LONG = 24
BREAK = "|"
# Years between the marks of one field and one day.
APART = 1.2
# The shapes that stand beside the words in the style sheet, in the square from -1 to 1.
SHAPES = {
    "done": "circle",
    "done_late": "M0,-1A1,1,0,0,1,0,1Z M0,-1A1,1,0,1,0,0,1",
    "overdue": "triangle-up",
    "due": "diamond",
    "not_due": "circle",
    "no_report": "M-1,-0.3H1V0.3H-1Z",
    "withdrawn": "cross",
}
HOLLOW = frozenset({"not_due", "due", "done_late"})


@dataclass(frozen=True)
class Stop:
    """The milestones of one field that are due on one day and stand alike."""

    domain: str
    due: date
    state: str
    n: int


def stops(every: Sequence[MilestoneFacts], domains: Sequence[str]) -> list[Stop]:
    """The stops of the timeline: by field in the order given, then by day and state; without those that have no day."""
    counted = Counter((f.domain, f.due, f.state) for f in every if f.due is not None)
    order = FAMILIES["milestone"]
    found = [Stop(domain, due, state, n) for (domain, due, state), n in counted.items() if due is not None]
    return sorted(
        found,
        key=lambda one: (
            domains.index(one.domain),
            one.due,
            order.index(one.state) if one.state in order else 99,
        ),
    )


def timeline(
    every: Sequence[MilestoneFacts], domains: Sequence[str], cut_off: date, words: Words, theme: Theme
) -> alt.LayerChart | None:
    """The timeline; None when no milestone has a day."""
    found = stops(every, domains)
    if not found:
        return None
    shown = [words.of("domain", domain) for domain in domains if any(s.domain == domain for s in found)]
    days = [_place(day) for day in (*(stop.due for stop in found), cut_off)]
    first, last = min(days), max(days)
    margin = max(0.7, (last - first) / 14)
    scale = alt.Scale(domain=[first - margin, last + margin], nice=False, zero=False)
    axis_x = alt.Axis(
        format="d", title=None, labelFontSize=LABEL_SIZE, orient="top", tickCount=6, tickMinStep=1, grid=False
    )
    x = alt.X("due:Q", scale=scale, axis=axis_x)
    axis_y = alt.Axis(
        labelExpr=f"split(datum.label, '{BREAK}')", labelFontSize=LABEL_SIZE, labelLimit=LABEL_WIDTH, ticks=False,
        domain=False, grid=True,
    )  # fmt: skip
    y = alt.Y("field:N", sort=[_in_two_lines(name) for name in shown], title=None, axis=axis_y)
    rows = [_row(stop, words, place) for stop, place in _placed(found)]
    layers: list[alt.Chart] = [_rule(cut_off, theme, scale, axis_x)]
    for state in dict.fromkeys(stop.state for stop in found):
        colour = COLOURS[STATE_COLOURS.get(state, "grey")].of(theme)
        these = [row for row in rows if row["state"] == state]
        tooltip = [
            alt.Tooltip("said:N", title=words("column.status")),
            alt.Tooltip("day:N", title=words("column.due")),
        ]
        points = _chart(these).encode(x=x, y=y, tooltip=tooltip)
        layers.append(
            points.mark_point(
                shape=SHAPES.get(state, "circle"), size=POINT_SIZE, color=colour, opacity=1, strokeWidth=2,
                filled=state not in HOLLOW,
            )
        )  # fmt: skip
        label = _chart(these).encode(x=x, y=y, text="n:N")
        layers.append(
            label.mark_text(dx=13, align="left", fontSize=LABEL_SIZE, fontWeight="bold", color=colour)
        )
    chart = (
        alt.layer(*layers)
        .properties(height=HEAD_HEIGHT + ROW_HEIGHT * len(shown))
        .configure(locale=locale_of(words.language))
        .configure_axis(labelColor=QUIET.of(theme), gridOpacity=0.6)
        .configure_view(strokeWidth=0)
    )
    return cast(alt.LayerChart, chart)


def _placed(found: Sequence[Stop]) -> list[tuple[Stop, int]]:
    """Each stop with its place among those of one field and day: these would lie upon each other."""
    seen: Counter[tuple[str, date]] = Counter()
    placed = []
    for stop in found:
        placed.append((stop, seen[stop.domain, stop.due]))
        seen[stop.domain, stop.due] += 1
    return placed


def _row(stop: Stop, words: Words, among: int) -> dict[str, Any]:
    n = format_number(stop.n, words.language)
    return {
        # States of one day stand side by side; the day itself is in the table and under the pointer.
        "due": _place(stop.due) + APART * among,
        "field": _in_two_lines(words.of("domain", stop.domain)),
        "state": stop.state,
        "n": n,
        "said": f"{words.of('milestone', stop.state)}: {n}",
        "day": format_date(stop.due),
    }


def _rule(cut_off: date, theme: Theme, scale: alt.Scale, axis: alt.Axis) -> alt.Chart:
    rule = _chart([{"day": _place(cut_off)}]).encode(x=alt.X("day:Q", scale=scale, axis=axis))
    return cast(alt.Chart, rule.mark_rule(strokeDash=[5, 4], strokeWidth=1.5, color=INK.of(theme)))


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))


def _place(day: date) -> float:
    """Where a day stands among the years: a year's mark is its last day, on which most things are due."""
    return day.year - 1 + day.timetuple().tm_yday / (366 if isleap(day.year) else 365)


def _in_two_lines(name: str) -> str:
    """A name broken at the comma nearest its middle; at a space where it has none and would be cut off."""
    if len(name) < SHORT:
        return name
    breaks = [at for at, letter in enumerate(name) if letter == ","]
    if not breaks and len(name) > LONG:
        breaks = [at for at, letter in enumerate(name) if letter == " "]
    if not breaks:
        return name
    middle = min(breaks, key=lambda at: abs(at - len(name) / 2))
    return f"{name[: middle + 1].rstrip()}{BREAK}{name[middle + 1 :].strip()}"
