"""Suite `target`: does each target of a plan make sense beside the figures in force?"""

from __future__ import annotations

from datetime import date

import polars as pl

from expectations.frame import Frame
from expectations.known import TOTAL

_DISPLAY = frozenset(
    {"target_vi", "target_en", "target_unit_vi", "target_unit_en", "document_number", "clause"}
    | {"base_source_vi", "base_source_en", "last_source_vi", "last_source_en", "unit"}
)
_GROWTH = ("average_growth", "annual_change")
_LEVELS = ("level", "floor", "ceiling", "interval", "count", "area", "capacity", "hold")
_BANDS = ("between", "approx_between")
_DECIMALS = 9


def prepare(targets: pl.DataFrame, in_force: pl.DataFrame, indicators: pl.DataFrame, cut_off: date) -> Frame:
    """One row per target, beside the figure of its base year and the last figure there is.

    The figure of a year is that of the highest-ranked source, of the whole year or of its last day. `advance`:
    how far the target lies from its base in the direction it names, in the target's unit, below zero where it
    leads back; for a growth or a change that is the printed value itself. `years_old`: whole years between the
    last figure and the last complete year at the cut-off.
    """
    figures = _deciding(in_force)
    base = figures.select(
        "indicator_code", "area_id", "dimension", "year",
        pl.col("in_base_unit").alias("base_in_base_unit"),
        pl.col("source_id").alias("base_source_id"),
        pl.col("source_vi").alias("base_source_vi"),
        pl.col("source_en").alias("base_source_en"),
    )  # fmt: skip
    last = (
        figures.sort("year")
        .unique(["indicator_code", "area_id"], keep="last", maintain_order=True)
        .select(
            "indicator_code", "area_id",
            pl.col("year").alias("last_year"),
            pl.col("source_id").alias("last_source_id"),
            pl.col("source_vi").alias("last_source_vi"),
            pl.col("source_en").alias("last_source_en"),
        )
    )  # fmt: skip
    rows = (
        targets.with_columns(
            pl.col("base_period").str.extract(r"(\d{4})", 1).cast(pl.Int64).alias("year"),
            pl.col("target_dimension").alias("dimension"),
        )
        .join(
            indicators.select("indicator_code", pl.col("direction").alias("usual_direction")),
            on="indicator_code",
            how="left",
            maintain_order="left",
        )
        # A growth is reached from a base in another unit: whether there is one is asked whatever it measures.
        .join(
            base.drop("dimension", "base_in_base_unit"),
            on=["indicator_code", "area_id", "year"],
            how="left",
            maintain_order="left",
        )
        .join(
            base.select("indicator_code", "area_id", "dimension", "year", "base_in_base_unit"),
            on=["indicator_code", "area_id", "dimension", "year"],
            how="left",
            maintain_order="left",
        )
        .join(last, on=["indicator_code", "area_id"], how="left", maintain_order="left")
    )
    towards = pl.coalesce("direction", "usual_direction")
    sign = pl.when(towards == "increase").then(1.0).when(towards == "decrease").then(-1.0)
    # Of a band the end that lies farther in the direction.
    end = pl.when(pl.col("comparator").is_in(_BANDS) & (sign > 0)).then("value_high").otherwise("value_low")
    base_value = (pl.col("base_in_base_unit") / pl.col("target_factor")).round(_DECIMALS)
    advance = (
        pl.when(pl.col("target_type").is_in(_GROWTH))
        .then(sign * pl.col("value_low"))
        .when(pl.col("target_type").is_in(_LEVELS))
        .then(sign * (end - base_value))
    )
    return Frame(
        rows.select(
            pl.concat_str("plan_version", "target_id", separator="|").alias("subject"),
            "indicator_code",
            "area_id",
            pl.col("base_period").alias("period_id"),
            "plan_version",
            "target_id",
            "target_type",
            "comparator",
            pl.col("value_low").alias("target_value"),
            # A year is a name: it is not written as a number.
            pl.col("period_end").cast(pl.String),
            (pl.col("period_end") - pl.col("year")).alias("years_to_go"),
            pl.col("base_source_id").is_not_null().alias("has_base"),
            base_value.alias("base_value"),
            advance.round(_DECIMALS).alias("advance"),
            towards.alias("direction"),
            "base_source_id",
            "last_source_id",
            pl.col("last_year").cast(pl.String),
            (pl.lit(cut_off.year - 1) - pl.col("last_year")).clip(lower_bound=0).alias("years_old"),
            pl.col("target_unit").alias("unit"),
            *sorted(_DISPLAY - {"unit"}),
        ),
        _DISPLAY,
    )


def _deciding(in_force: pl.DataFrame) -> pl.DataFrame:
    """One row per indicator, area and year: the figure of the highest-ranked source."""
    year = pl.col("period_id").str.extract(r"^(?:D)?(\d{4})(?:-12-31)?$", 1).cast(pl.Int64)
    return (
        in_force.filter(pl.col("value").is_not_null() & (pl.col("breakdown") == TOTAL))
        .with_columns(
            year.alias("year"),
            (pl.col("value") * pl.col("unit_factor")).alias("in_base_unit"),
            pl.col("unit_dimension").alias("dimension"),
        )
        .filter(pl.col("year").is_not_null())
        .sort(["source_rank", "source_id", "period_id"], descending=[True, False, False])
        .unique(["indicator_code", "area_id", "year"], keep="first", maintain_order=True)
    )
