"""The communes and districts of a day: spans of time between changes of boundaries, from the rows of dim_area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Row = dict[str, Any]

COMMUNE, DISTRICT = "commune", "district"


@dataclass(frozen=True)
class Boundaries:
    """The communes and districts of a span of time, by area_id. `until` is None for those in force."""

    since: date | None
    until: date | None
    communes: Mapping[str, Row]
    districts: Mapping[str, Row]

    @property
    def day(self) -> date:
        """The day that names them: the first on which they hold, or the last where no first is known."""
        return self.since or self.until or date.max


def boundaries_of(every: Iterable[Row]) -> list[Boundaries]:
    """The boundaries that rows of dim_area tell, those in force first: one for each span between changes."""
    areas = [row for row in every if row["level"] in (COMMUNE, DISTRICT)]
    communes = [row for row in areas if row["level"] == COMMUNE]
    spans = sorted(
        {(_day(row["valid_from"]), _day(row["valid_to"])) for row in communes},
        key=lambda span: span[0] or date.min,
        reverse=True,
    )
    return [
        Boundaries(
            since,
            until,
            {str(r["area_id"]): r for r in communes if _holds(r, since or until or date.max)},
            {
                str(r["area_id"]): r
                for r in areas
                if r["level"] == DISTRICT and _holds(r, since or until or date.max)
            },
        )
        for since, until in spans
    ]


def _holds(row: Row, day: date) -> bool:
    since, until = _day(row["valid_from"]), _day(row["valid_to"])
    return (since is None or since <= day) and (until is None or day <= until)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
