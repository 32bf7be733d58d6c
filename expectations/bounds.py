"""How far a series may move from one year to the next: bounds from the list of indicators and the classes of a suite.

The classes stand in `suites/series.yml`; an indicator takes the first that fits what the catalogue says of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Class:
    """A class of indicators, and how they move.

    It fits where every list that is given holds what the catalogue says: `indicators`, `forms`, `dimensions`
    (of the unit), `domains`, and `additive_over_time`. `kind`: `ratio` (changes are natural logarithms of the
    ratio of two years), `difference` (changes are in the indicator's unit) or None where a change says nothing.
    `largest_change` a year, None where no bound is drawn; `usual_change`, the least spread of changes that is
    reckoned with, so that a flat series does not alarm. `may_stand_still`: the same figure two years running
    is nothing unusual.
    """

    kind: str | None
    largest_change: float | None = None
    usual_change: float | None = None
    may_stand_still: bool = False
    indicators: Sequence[str] | None = None
    forms: Sequence[str] | None = None
    dimensions: Sequence[str] | None = None
    domains: Sequence[str] | None = None
    additive_over_time: bool | None = None

    def fits(self) -> pl.Expr:
        """Whether a row of the catalogue belongs to the class."""
        asked = [
            pl.col(name).is_in(list(values))
            for name, values in (
                ("indicator_code", self.indicators),
                ("form", self.forms),
                ("dimension", self.dimensions),
                ("domain", self.domains),
            )
            if values is not None
        ]
        if self.additive_over_time is not None:
            asked.append(pl.col("is_additive_over_time") == self.additive_over_time)
        return pl.all_horizontal(asked) if asked else pl.lit(True)


def bounds_of(indicators: pl.DataFrame, classes: Sequence[Class]) -> pl.DataFrame:
    """One row per indicator: indicator_code, form, factor, kind, largest_change, usual_change, may_stand_still.

    An indicator of no class has no kind: its changes are not looked at.
    """
    chosen = pl.lit(None, dtype=pl.Int64)
    for number, one in reversed(list(enumerate(classes))):
        chosen = pl.when(one.fits()).then(pl.lit(number, dtype=pl.Int64)).otherwise(chosen)
    table = pl.DataFrame(
        [
            (number, one.kind, one.largest_change, one.usual_change, one.may_stand_still)
            for number, one in enumerate(classes)
        ],
        schema={
            "class": pl.Int64,
            "kind": pl.String,
            "largest_change": pl.Float64,
            "usual_change": pl.Float64,
            "may_stand_still": pl.Boolean,
        },
        orient="row",
    )
    return (
        indicators.with_columns(chosen.alias("class"))
        .join(table, on="class", how="left", maintain_order="left")
        .select(
            "indicator_code",
            "form",
            "factor",
            "kind",
            "largest_change",
            "usual_change",
            pl.col("may_stand_still").fill_null(False),
        )
    )
