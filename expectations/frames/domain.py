"""Suite `domain`: is each observation, taken alone, a possible one?"""

from __future__ import annotations

import polars as pl

from expectations.frame import Frame
from expectations.known import NAMES

_PASSED_THROUGH = (
    "observation_key",
    "indicator_code",
    "area_id",
    "period_id",
    "breakdown",
    "source_id",
    "vintage_at",
    "value",
    "missing_code",
    "unit",
    "unit_dimension",
    "form",
    "maturity",
    "indicator_known",
    "area_known",
    "indicator_form",
    "indicator_dimension",
    "lower_bound",
    "upper_bound",
    "period_start",
)


def prepare(observations: pl.DataFrame) -> Frame:
    """One row per observation, with what its value is and when its period begins.

    `value_state`: value, missing_code, neither, both or not_finite.
    """
    has_value, has_code = pl.col("value").is_not_null(), pl.col("missing_code").is_not_null()
    state = (
        pl.when(has_value & ~pl.col("value").is_finite())
        .then(pl.lit("not_finite"))
        .when(has_value & has_code)
        .then(pl.lit("both"))
        .when(has_value)
        .then(pl.lit("value"))
        .when(has_code)
        .then(pl.lit("missing_code"))
        .otherwise(pl.lit("neither"))
    )
    columns = [name for name in _PASSED_THROUGH if name in observations.columns]
    rows = observations.select(
        *columns,
        *[name for name in sorted(NAMES) if name in observations.columns],
        state.alias("value_state"),
        pl.col("vintage_at").dt.date().cast(pl.Datetime("us")).alias("arrived_on"),
        pl.col("period_start").cast(pl.Datetime("us")).alias("period_begins"),
        pl.col("indicator_code").alias("subject"),
    )
    # A bound of 150 per cent may come back from the conversion of units as 150.00000000000003.
    rows = rows.with_columns(pl.col("lower_bound").round(9), pl.col("upper_bound").round(9))
    return Frame(rows, NAMES)
