"""Suite `structure`: do the parts that one source gives for one area and period make up the whole?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from expectations.frame import Frame
from expectations.known import NAMES

# A difference of less than this share of the total is the noise of an export at full precision.
NOISE = 1e-6
_GROUP = ["area_id", "period_id", "source_id"]


def prepare(
    in_force: pl.DataFrame,
    area_sets: pl.DataFrame,
    shares: Sequence[Mapping[str, Any]],
    breakdowns: Sequence[Mapping[str, Any]],
    areas: Mapping[str, Any],
) -> Frame:
    """One row per group of parts that is complete at one source, area and period.

    `shares`: groups of indicators that make up `total`: {group, title, members, total, tolerance_per_member}.
    `breakdowns`: groups of breakdowns that make up the figure without breakdown: {group, title, members};
    their tolerance is the rounding of all figures in it. `areas` {group, title, levels}: areas that make up
    another; `area_sets` lists the sets (area_set, area_id, level, parent_area_id, n_areas), and those of the
    given levels are summed where the indicator adds up over areas, with the tolerance of breakdowns. A group
    with a part missing cannot be summed and gives no row.
    """
    figures = in_force.filter(pl.col("value").is_not_null())
    frames = [_shares(figures, group) for group in shares] + [
        _breakdowns(figures, group) for group in breakdowns
    ]
    frames.append(_areas(figures, area_sets, areas))
    rows = pl.concat(frames, how="vertical").sort(["subject", "indicator_code", *_GROUP, "breakdown"])
    return Frame(rows, NAMES | {"group_vi", "group_en", "unit"})


def parts_that_sum(in_force: pl.DataFrame, breakdowns: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """One row per figure of a group of breakdowns that makes up its printed total: observation_key, total_key.

    `breakdowns` and the tolerance as in `prepare`.
    """
    figures = in_force.filter(pl.col("value").is_not_null())
    summed = [_breakdowns(figures, group).filter(pl.col("excess") <= 0) for group in breakdowns]
    if not summed:
        return pl.DataFrame(schema={"observation_key": pl.String, "total_key": pl.String})
    # The total is the last member.
    members = pl.col("member_keys")
    return (
        pl.concat(summed)
        .select(
            members.list.head(members.list.len() - 1).alias("observation_key"),
            members.list.last().alias("total_key"),
        )
        .explode("observation_key")
    )


def _shares(figures: pl.DataFrame, group: Mapping[str, Any]) -> pl.DataFrame:
    members: list[str] = list(group["members"])
    parts = figures.filter(pl.col("indicator_code").is_in(members) & (pl.col("form") == "ratio"))
    summed = _sum(parts, [*_GROUP, "breakdown"], len(members)).with_columns(
        pl.lit(float(group["total"])).alias("total"),
        (pl.lit(float(group["tolerance_per_member"])) * len(members)).alias("tolerance"),
        *_names(group),
        pl.lit(members[0]).alias("indicator_code"),
    )
    return _finish(summed)


def _breakdowns(figures: pl.DataFrame, group: Mapping[str, Any]) -> pl.DataFrame:
    members: list[str] = list(group["members"])
    levels = figures.filter(pl.col("form") == "level")
    keys = ["indicator_code", *_GROUP, "unit"]
    summed = _sum(levels.filter(pl.col("breakdown").is_in(members)), keys, len(members))
    totals = _totals(levels.filter(pl.col("breakdown") == "_T"), keys)
    return _finish(_beside_total(summed, totals, keys, group).with_columns(pl.lit("_T").alias("breakdown")))


def _areas(figures: pl.DataFrame, area_sets: pl.DataFrame, group: Mapping[str, Any]) -> pl.DataFrame:
    levels = figures.filter((pl.col("form") == "level") & pl.col("is_additive"))
    listed_whole = area_sets.filter(pl.col("level").is_in(list(group["levels"]))).drop("level")
    parts = levels.join(listed_whole, on="area_id", maintain_order="left")
    of_parent = ["indicator_code", "parent_area_id", "period_id", "source_id", "breakdown", "unit"]
    summed = _sum(parts, [*of_parent, "area_set", "n_areas"], pl.col("n_areas")).rename(
        {"parent_area_id": "area_id"}
    )
    keys = ["indicator_code", *_GROUP, "breakdown", "unit"]
    return _finish(_beside_total(summed, _totals(levels, keys), keys, group))


def _totals(levels: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return levels.select(
        *keys,
        pl.col("value").alias("total"),
        pl.col("rounding_half_width").alias("total_half_unit"),
        pl.col("observation_key").alias("total_key"),
        *sorted(NAMES),
    )


def _beside_total(
    summed: pl.DataFrame, totals: pl.DataFrame, keys: list[str], group: Mapping[str, Any]
) -> pl.DataFrame:
    # As many roundings as there are figures, each as wide as the coarsest of them.
    widest = pl.max_horizontal("rounding_half_width", "total_half_unit")
    return (
        summed.drop(*NAMES)
        .join(totals, on=keys, how="inner")
        .with_columns(
            (widest * (pl.col("n_members") + 1)).alias("tolerance"),
            *_names(group),
            pl.col("member_keys").list.concat(pl.col("total_key")).alias("member_keys"),
        )
    )


def _names(group: Mapping[str, Any]) -> list[pl.Expr]:
    return [
        pl.lit(str(group["group"])).alias("subject"),
        pl.lit(str(group["title"]["vi"])).alias("group_vi"),
        pl.lit(str(group["title"]["en"])).alias("group_en"),
    ]


def _sum(parts: pl.DataFrame, by: list[str], count: int | pl.Expr) -> pl.DataFrame:
    ordered = parts.sort(["indicator_code", "area_id", "breakdown", "observation_key"])
    return (
        ordered.group_by(by, maintain_order=True)
        .agg(
            pl.len().alias("n_members"),
            pl.col("value").sum().round(9).alias("sum"),
            pl.col("rounding_half_width").max(),
            pl.col("observation_key").alias("member_keys"),
            pl.col("value").alias("member_values"),
            pl.col("vintage_at").max().alias("vintage_at"),
            *[pl.col(name).first() for name in (*sorted(NAMES), "unit") if name not in by],
        )
        .filter(pl.col("n_members") == count)
    )


def _finish(summed: pl.DataFrame) -> pl.DataFrame:
    difference = (pl.col("sum") - pl.col("total")).round(9)
    return summed.select(
        pl.lit(None, dtype=pl.String).alias("observation_key"),
        "indicator_code",
        *_GROUP,
        "breakdown",
        "subject",
        "vintage_at",
        "sum",
        "total",
        difference.alias("difference"),
        pl.col("tolerance").round(9),
        (difference.abs() - pl.col("tolerance") - NOISE * pl.col("total").abs()).round(9).alias("excess"),
        "member_keys",
        "member_values",
        "group_vi",
        "group_en",
        *sorted(NAMES),
        "unit",
    )
