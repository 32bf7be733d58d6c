"""Suite `revision`: is a figure revised by more than its source usually revises it?"""

from __future__ import annotations

import polars as pl

from expectations.frame import Frame
from expectations.frames.documents import without_benchmarks
from expectations.known import KEY, NAMES

_SERIES = ["indicator_code", "area_id", "breakdown", "form", "source_id"]
_DECIMALS = 9


def prepare(
    issues: pl.DataFrame,
    benchmarks: pl.DataFrame,
    fewest_periods: int,
    least_share: float,
) -> Frame:
    """One row per last issue of a figure that revises the one before, beside the usual revision of its series.

    `usual_revision`: the mean absolute distance from first to latest issue over the other periods of the series
    that two issues speak of, unchanged ones included; empty under `fewest_periods` of them. `allowed`: three
    times that, but no less than the rounding of both figures and `least_share` of the figure before. `share`: the
    revision as a share of the figure before.
    """
    # A later issue that repeats a value makes no row, but it is a second look at it.
    looked_at_twice = (pl.len() > 1) | (
        (pl.col("confirmed_vintage_at") > pl.col("vintage_at")).fill_null(False).any()
    )
    periods = (
        issues.group_by(list(KEY), maintain_order=True)
        .agg(
            (pl.col("in_base_unit").last() - pl.col("in_base_unit").first()).abs().alias("moved"),
            looked_at_twice.alias("compared"),
        )
        .filter("compared")
    )
    series = periods.group_by(_SERIES, maintain_order=True).agg(
        pl.len().alias("n_periods"), pl.col("moved").sum().alias("sum_moved")
    )
    latest = without_benchmarks(
        issues.filter(pl.col("is_last") & (pl.col("before") != pl.col("in_base_unit"))), benchmarks
    )
    others = pl.col("n_periods") - 1
    in_unit = [
        (pl.col(name) / pl.col("unit_factor")).round(_DECIMALS).alias(name)
        for name in ("before", "revised_by", "usual_revision", "allowed")
    ]
    rows = (
        latest.join(periods, on=list(KEY), how="left", maintain_order="left")
        .join(series, on=_SERIES, how="left", maintain_order="left")
        .with_columns(
            (pl.col("in_base_unit") - pl.col("before")).abs().alias("revised_by"),
            pl.when(others >= fewest_periods)
            .then((pl.col("sum_moved") - pl.col("moved")) / others)
            .alias("usual_revision"),
        )
        .with_columns(
            pl.when(pl.col("usual_revision").is_not_null())
            .then(
                pl.max_horizontal(
                    3 * pl.col("usual_revision"),
                    pl.col("half") + pl.col("half_before"),
                    least_share * pl.col("before").abs(),
                )
            )
            .alias("allowed")
        )
        .with_columns(in_unit)
        .with_columns(
            (pl.col("revised_by") - pl.col("allowed")).round(_DECIMALS).alias("excess"),
            (pl.col("revised_by") / pl.col("before").abs()).round(_DECIMALS).alias("share"),
            (pl.col("before") - pl.col("allowed")).alias("low"),
            (pl.col("before") + pl.col("allowed")).alias("high"),
        )
    )
    return Frame(
        rows.select(
            "observation_key",
            *KEY,
            "vintage_at",
            "value",
            pl.col("before").alias("earlier_value"),
            "revised_by",
            "share",
            "usual_revision",
            "allowed",
            "excess",
            "low",
            "high",
            *sorted(NAMES),
            "unit",
            pl.col("indicator_code").alias("subject"),
        ),
        NAMES | {"unit"},
    )
