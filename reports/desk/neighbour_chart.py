"""The drawing of a figure among its neighbours: the series as a line, the judged figure by shape, colour and label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import altair as alt

from reports.charts import LABEL_SIZE, locale_of
from reports.desk.evidence import Point
from reports.desk.names import plain_number
from reports.palette import BACKGROUND, BLUE, INK, QUIET, VERMILLION, Theme
from reports.periods import place_in_time, short_period
from reports.words import Words

HEIGHT = 230
JUDGED_SIZE, POINT_SIZE = 150, 60


def neighbour_chart(points: Sequence[Point], words: Words, theme: Theme) -> alt.LayerChart | None:
    """The points in the order of their periods; a period without a figure breaks the line. None with fewer than two."""
    rows = neighbour_rows(points, words)
    if sum(row["value"] is not None for row in rows) < 2:
        return None
    shown = [row for row in rows if row["value"] is not None]
    order = [row["period"] for row in rows]
    x = alt.X(
        "period:N",
        sort=order,
        scale=alt.Scale(domain=order),
        axis=alt.Axis(title=None, labelAngle=0, labelFontSize=LABEL_SIZE, tickSize=4, labelOverlap=True),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(zero=False, nice=True, padding=18),
        axis=alt.Axis(title=None, tickCount=4, labelFontSize=LABEL_SIZE, domain=False, ticks=False),
    )
    base = alt.Chart(alt.InlineData(values=shown)).encode(x=x, y=y)
    line = base.mark_line(strokeWidth=2, color=BLUE.of(theme)).encode(detail="run:N")
    others = base.transform_filter("!datum.judged").mark_point(
        size=POINT_SIZE,
        filled=True,
        fill=BACKGROUND.of(theme),
        stroke=BLUE.of(theme),
        strokeWidth=1.8,
        opacity=1,
    )
    judged = base.transform_filter("datum.judged")
    diamond = judged.mark_point(
        size=JUDGED_SIZE, shape="diamond", filled=True, color=VERMILLION.of(theme), opacity=1
    )
    label = judged.mark_text(dy=-16, fontSize=LABEL_SIZE, fontWeight="bold", color=INK.of(theme)).encode(
        text="label:N"
    )
    chart = (
        alt.layer(line, others, diamond, label)
        .properties(height=HEIGHT)
        .configure(locale=locale_of(words.language))
        .configure_axis(labelColor=QUIET.of(theme), gridOpacity=0.6)
        .configure_view(strokeWidth=0)
    )
    return cast(alt.LayerChart, chart)


def neighbour_rows(points: Sequence[Point], words: Words) -> list[dict[str, Any]]:
    """What is drawn: period, value, unbroken run, whether it is the judged one, and its label."""
    rows, run, last = [], 0, None
    for point in points:
        value = point.newest["value"]
        place = place_in_time(point.period_id)
        run += value is None or (last is not None and place != last + 1)
        last = place
        rows.append(
            {
                "period": short_period(point.period_id),
                "value": None if value is None else float(value),
                "run": run,
                "judged": point.is_judged,
                "label": plain_number(value, words.language, point.newest.get("value_decimals")),
            }
        )
    return rows
