"""How far a printed figure may lie from the exact one: half a unit of its last printed digit."""

from __future__ import annotations

import polars as pl

# Decimal places beyond which a text is a full-precision export and not a rounded figure.
FULL_PRECISION_DECIMALS = 9


def with_half_unit(observations: pl.DataFrame) -> pl.DataFrame:
    """Add `half_unit`: half a unit of the last printed digit, in the unit of `value`.

    The figure may have been printed in another unit than it is kept in (1.52 million visits, kept as 1520
    thousand); the ratio of the kept value to the printed number carries the rounding over. Where the printed
    text is no plain number, or is zero, `value_decimals` count.

    Digits beyond those its unit is shown with (thousandths of a person) are the noise of an export at full
    precision and no sign of it: such a figure counts as rounded to the unit's decimals.
    """
    printed = pl.col("value_text").cast(pl.Float64, strict=False)
    usable = printed.is_not_null() & printed.is_finite() & (printed != 0) & (pl.col("value") != 0)
    printed_decimals = pl.col("value_text").str.extract(r"\.(\d+)$").str.len_chars().fill_null(0)
    half_unit = (
        pl.when(usable)
        .then(_half(printed_decimals) * (pl.col("value") / printed).abs())
        .otherwise(_half(pl.col("value_decimals").fill_null(0)))
    )
    shown = _half(pl.col("unit_decimals").fill_null(FULL_PRECISION_DECIMALS))
    return observations.with_columns(pl.max_horizontal(half_unit.round(12), shown).alias("half_unit"))


def _half(decimals: pl.Expr) -> pl.Expr:
    return 0.5 * pl.lit(10.0).pow(-decimals.cast(pl.Float64).clip(0, FULL_PRECISION_DECIMALS))
