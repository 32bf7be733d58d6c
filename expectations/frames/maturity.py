"""Suite `maturity`: does what is printed as more final stand above what is printed as less?"""

from __future__ import annotations

import polars as pl

from expectations.frame import Frame
from expectations.known import ARRIVAL, KEY, NAMES

# "Not stated" is never read as official, and beside an estimate nothing says which of the two is more final.
STATED = {"estimate": 1, "preliminary": 2, "official": 3}
MORE_THAN_AN_ESTIMATE = 2
FACT = ["indicator_code", "area_id", "period_id", "breakdown", "form"]


def prepare_history(observations: pl.DataFrame) -> Frame:
    """One row per observation that revises an earlier issue of its key, with the most final one before it.

    Only issues with a publication date are compared, by that date: an old issue that arrives late is no step
    back.
    """
    stated = observations.filter(
        pl.col("maturity").is_in(list(STATED))
        & pl.col("published_at").is_not_null()
        & pl.col("value").is_not_null()
    ).with_columns(pl.col("maturity").replace_strict(STATED, return_dtype=pl.Int64).alias("maturity_order"))
    earlier = stated.select(
        *KEY,
        pl.col("vintage_at").alias("earlier_vintage_at"),
        pl.col("published_at").alias("earlier_published_at"),
        pl.col("value").alias("earlier_value"),
        pl.col("maturity").alias("earlier_maturity"),
        pl.col("maturity_order").alias("earlier_maturity_order"),
        pl.col("observation_key").alias("earlier_key"),
    )
    pairs = (
        stated.join(earlier, on=list(KEY), how="inner")
        .filter(
            (pl.col("earlier_vintage_at") <= pl.col("vintage_at"))
            & (pl.col("earlier_published_at") < pl.col("published_at"))
        )
        .sort(["earlier_maturity_order", "earlier_published_at", "earlier_key"])
        .unique(subset=["observation_key"], keep="last", maintain_order=True)
    )
    rows = pairs.sort(list(ARRIVAL)).select(
        "observation_key",
        *KEY,
        "vintage_at",
        "published_at",
        "value",
        "maturity",
        "maturity_order",
        "earlier_value",
        "earlier_maturity",
        "earlier_maturity_order",
        "earlier_published_at",
        *sorted(NAMES),
        "unit",
        pl.col("indicator_code").alias("subject"),
    )
    return Frame(rows, NAMES | {"unit"})


def prepare_ranks(in_force: pl.DataFrame) -> Frame:
    """One row per fact and lower-ranked source that gives it, beside the source whose rank decides."""
    figures = in_force.filter(pl.col("value").is_not_null()).with_columns(
        pl.col("maturity").replace_strict(STATED, default=0, return_dtype=pl.Int64).alias("maturity_order")
    )
    leading = (
        figures.sort(["source_rank", "source_id"], descending=[True, False])
        .unique(subset=FACT, keep="first", maintain_order=True)
        .select(
            *FACT,
            pl.col("source_id").alias("leading_source_id"),
            pl.col("source_vi").alias("leading_source_vi"),
            pl.col("source_en").alias("leading_source_en"),
            pl.col("source_rank").alias("leading_rank"),
            pl.col("value").alias("leading_value"),
            pl.col("maturity").alias("leading_maturity"),
            pl.col("maturity_order").alias("leading_maturity_order"),
            pl.col("observation_key").alias("leading_key"),
        )
    )
    rows = (
        figures.join(leading, on=FACT, how="inner")
        .filter(
            (pl.col("source_rank") < pl.col("leading_rank"))
            & (pl.col("maturity_order") > 0)
            & ((pl.col("leading_maturity_order") > 0) | (pl.col("maturity_order") >= MORE_THAN_AN_ESTIMATE))
        )
        .sort([*FACT, "source_id"])
        .select(
            "observation_key",
            *KEY,
            "vintage_at",
            "value",
            "maturity",
            "maturity_order",
            "source_rank",
            "leading_key",
            "leading_source_id",
            "leading_value",
            "leading_maturity",
            "leading_maturity_order",
            "leading_rank",
            "leading_source_vi",
            "leading_source_en",
            *sorted(NAMES),
            "unit",
            pl.col("leading_source_id").alias("beside"),
            pl.col("indicator_code").alias("subject"),
        )
    )
    return Frame(rows, NAMES | {"leading_source_vi", "leading_source_en", "unit", "beside"})
