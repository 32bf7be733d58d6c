"""Suite `series`: does each figure in force fit the other years of its series?

A series here is what one source prints of one indicator, area, breakdown and form at one slot of the year, in
one unit, on one base, between declared breaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from expectations.bounds import Class, bounds_of
from expectations.frame import Frame
from expectations.frames.scale import slot_and_year
from expectations.frames.structure import parts_that_sum
from expectations.known import KEY, NAMES

_LINE = (
    "indicator_code",
    "area_id",
    "breakdown",
    "form",
    "source_id",
    "unit_dimension",
    "index_base",
    "price_basis",
    "slot",
    "segment",
)
# Modified z scores: the spread of a normal distribution is its median absolute deviation over this.
_MAD_TO_SPREAD = 0.6745
# The median absolute deviation of few values is too small by this factor (Croux and Rousseeuw 1992, MAD_n); of n
# values more than nine by n / (n - 0.8).
_MAD_OF_FEW = {2: 1.196, 3: 1.495, 4: 1.363, 5: 1.206, 6: 1.200, 7: 1.140, 8: 1.129, 9: 1.107}
# A figure beyond this many spreads lies outside the expected interval that is shown.
_SHOWN_SPREADS = 3.5
_DECIMALS = 9


@dataclass(frozen=True)
class Limits:
    """Parameters of the suite.

    `neighbour_years`: how many years apart two figures may lie to be compared. `fewest_figures` of a series
    for an outlier to be told. `units_of_frames`: units whose counts change with the administrative frame.
    `significant_digits`: from how many on two equal figures are unlikely. `classes`: how indicators move.
    """

    neighbour_years: int
    fewest_figures: int
    significant_digits: int
    units_of_frames: tuple[str, ...]
    classes: tuple[Class, ...]


def limits_of(parameters: Mapping[str, Any]) -> Limits:
    """The parameters of the suite file as limits. TypeError for a name that none of them has."""
    given = dict(parameters)
    return Limits(
        classes=tuple(Class(**one) for one in given.pop("classes")),
        units_of_frames=tuple(given.pop("units_of_frames")),
        **given,
    )


def prepare_changes(
    published: pl.DataFrame,
    indicators: pl.DataFrame,
    breaks: pl.DataFrame,
    limits: Limits,
    breakdowns: Sequence[Mapping[str, Any]],
) -> Frame:
    """One row per published figure in force that has a neighbour in its series.

    `breakdowns`: the groups of the suite `structure`. `whole_confirms`: the figure is one of a group that makes up
    its printed total, and that total is in line with its own series; so the group has moved within a whole that stands.

    `change`: against the nearest earlier year, in the class's kind; `change_allowed`: the bound for so many
    years. `outlier_score`: how many spreads the figure lies from where the other figures of its series put
    it, null under `fewest_figures`; a figure is only as far out as the nearer of its two neighbours says, so
    that a lasting step is none. `expected_low`, `expected_high`: where 3.5 spreads end, in the figure's unit.
    `repeated`: equal to the year before to all its digits.
    """
    figures = _in_lines(published, indicators, breaks, limits)
    scored = _scores(figures, limits)
    rows = (
        figures.join(scored, on="observation_key", how="left", maintain_order="left")
        .filter(pl.col("previous_value").is_not_null() | pl.col("next_y").is_not_null())
        .with_columns(
            (pl.col("n_figures") >= limits.fewest_figures).alias("enough"),
            pl.col("outlier_score").shift(1).alias("score_before"),
        )
        .with_columns(
            pl.when("enough")
            .then(pl.col("outlier_score").fill_null(0.0).round(_DECIMALS))
            .alias("outlier_score"),
            (
                pl.col("previous_value").is_not_null()
                & (pl.col("score_before").fill_null(0.0) > _SHOWN_SPREADS)
            ).alias("beside_an_outlier"),
        )
    )
    in_line = rows.filter(pl.col("outlier_score") <= _SHOWN_SPREADS)["observation_key"]
    confirmed = parts_that_sum(published, breakdowns).filter(pl.col("total_key").is_in(in_line.implode()))
    return Frame(
        rows.with_columns(
            pl.col("observation_key").is_in(confirmed["observation_key"].implode()).alias("whole_confirms")
        ).select(
            "observation_key",
            *KEY,
            "vintage_at",
            "value",
            "previous_period_id",
            "previous_value",
            pl.when(pl.col("step").is_not_null())
            .then((pl.col("value") / pl.col("previous_value")).abs().log10().abs())
            .round(_DECIMALS)
            .alias("orders"),
            pl.col("step").abs().round(_DECIMALS).alias("change"),
            (pl.col("largest_change") * pl.col("gap")).round(_DECIMALS).alias("change_allowed"),
            "outlier_score",
            "beside_an_outlier",
            "whole_confirms",
            pl.col("expected_low").round(_DECIMALS),
            pl.col("expected_high").round(_DECIMALS),
            "repeated",
            *sorted(NAMES),
            "unit",
            pl.col("indicator_code").alias("subject"),
        ),
        NAMES | {"unit"},
    )


def prepare_first_figures(published: pl.DataFrame, neighbour_years: int) -> Frame:
    """One row per figure in force whose own source has no other year of its series near by, beside another source's.

    The figure set beside it is that of the nearest year, at most `neighbour_years` away and not the same one (two
    figures of one year are a matter of the suite agreement), and of the highest rank among those; it was there
    when the figure came. `orders`: decimal
    orders of magnitude between the two. Figures of unlike sign, and zero, have none and are left out.
    """
    series = ["indicator_code", "area_id", "breakdown", "form", "unit_dimension", "slot"]
    line = [*series, "source_id"]
    figures = (
        _placed(published.filter(pl.col("value").is_finite() & (pl.col("value") != 0)))
        .filter(pl.col("year") > 0)
        .with_columns((pl.col("value") * pl.col("unit_factor")).alias("in_base_unit"))
        .sort([*line, "year", "observation_key"], nulls_last=False)
    )
    distance = pl.col("year").diff().over(line)
    alone = figures.filter(
        # Two figures of one source for one year differ in what is not compared here, such as the price basis.
        ~pl.any_horizontal(
            distance.is_between(1, neighbour_years).fill_null(False),
            distance.shift(-1).over(line).is_between(1, neighbour_years).fill_null(False),
        )
    )
    others = figures.select(
        *series,
        pl.col("source_id").alias("other_source_id"),
        pl.col("source_vi").alias("other_source_vi"),
        pl.col("source_en").alias("other_source_en"),
        pl.col("source_rank").alias("other_rank"),
        pl.col("period_id").alias("nearest_period_id"),
        pl.col("year").alias("other_year"),
        pl.col("vintage_at").alias("other_vintage_at"),
        pl.col("in_base_unit").alias("other_in_base_unit"),
        pl.col("observation_key").alias("other_key"),
    )
    beside = (
        alone.join(others, on=series, nulls_equal=True)
        .filter(
            (pl.col("source_id") != pl.col("other_source_id"))
            & (pl.col("year") - pl.col("other_year")).abs().is_between(1, neighbour_years)
            & (pl.col("in_base_unit") * pl.col("other_in_base_unit") > 0)
            # It is the later of the two that is asked about: the other was there when it came.
            & (
                (pl.col("other_vintage_at") < pl.col("vintage_at"))
                | (
                    (pl.col("other_vintage_at") == pl.col("vintage_at"))
                    & (pl.col("other_year") < pl.col("year"))
                )
            )
        )
        .sort(
            "observation_key",
            (pl.col("year") - pl.col("other_year")).abs(),
            pl.col("other_rank"),
            "other_key",
            descending=[False, False, True, False],
        )
        .unique("observation_key", keep="first", maintain_order=True)
    )
    return Frame(
        beside.select(
            "observation_key",
            *KEY,
            "vintage_at",
            "value",
            "nearest_period_id",
            (pl.col("other_in_base_unit") / pl.col("unit_factor")).round(_DECIMALS).alias("nearest_value"),
            "other_source_id",
            (pl.col("in_base_unit") / pl.col("other_in_base_unit"))
            .log10()
            .abs()
            .round(_DECIMALS)
            .alias("orders"),
            *sorted(NAMES),
            "other_source_vi",
            "other_source_en",
            "unit",
            pl.col("indicator_code").alias("subject"),
        ),
        NAMES | {"unit", "other_source_vi", "other_source_en"},
    )


def prepare_running_totals(published: pl.DataFrame, indicators: pl.DataFrame, breaks: pl.DataFrame) -> Frame:
    """One row per figure that counts on from an earlier one of its source, beside the largest before it.

    Within a year the figures since January of what adds up over time (first quarter, half-year, nine months,
    ... year); from year to year the indicators that the seed `running_total` lists, within one administrative
    frame.
    """
    figures = published.filter(
        pl.col("value").is_finite()
        & pl.col("form").is_in(["level", "increment"])
        & (pl.col("lower_bound").fill_null(-1.0) >= 0)
    ).join(
        indicators.select("indicator_code", "is_additive_over_time", "is_running_total"), on="indicator_code"
    )
    extents = _extents(figures["period_id"].unique())
    counted = figures.join(extents, on="period_id", maintain_order="left")
    within = counted.filter("is_additive_over_time").with_columns(
        pl.col("year").cast(pl.String).alias("stretch"), pl.col("month").alias("reached")
    )
    across = counted.filter("is_running_total").with_columns(
        pl.format("since {}", _segment(breaks.filter("of_units"), pl.lit(True))).alias("stretch"),
        (pl.col("year") + pl.col("month") / 12).alias("reached"),
    )
    line = [
        "indicator_code", "area_id", "breakdown", "form", "source_id", "unit_dimension", "price_basis", "stretch",
    ]  # fmt: skip
    ordered = (
        pl.concat([within, across])
        .with_columns((pl.col("value") * pl.col("unit_factor")).alias("in_base_unit"))
        .sort([*line, "reached", "observation_key"], nulls_last=False)
    )
    # What is kept up over years is counted, and counts are not rounded.
    half = pl.when("is_running_total").then(0.0).otherwise(
        pl.col("rounding_half_width").fill_null(0.0)
    ) * pl.col("unit_factor")
    before = ordered.with_columns(
        pl.col("in_base_unit").cum_max().over(line).shift(1).over(line).alias("largest"),
        (pl.col("reached") == pl.col("reached").shift(1).over(line)).fill_null(False).alias("same_extent"),
        half.alias("half"),
        half.cum_max().over(line).shift(1).over(line).alias("half_before"),
    )
    # Which of the figures before was the largest: the last of those that reach it.
    before = before.with_columns(
        pl.when(pl.col("in_base_unit") >= pl.col("largest").fill_null(float("-inf")))
        .then(pl.struct("period_id", "value", "unit_factor"))
        .forward_fill()
        .over(line)
        .shift(1)
        .over(line)
        .alias("peak")
    )
    rows = before.filter(pl.col("largest").is_not_null() & ~pl.col("same_extent")).with_columns(
        (pl.col("largest") / pl.col("unit_factor")).round(_DECIMALS).alias("earlier_value"),
        pl.col("peak").struct.field("period_id").alias("earlier_period_id"),
        ((pl.col("largest") - pl.col("in_base_unit") - pl.col("half") - pl.col("half_before"))
         / pl.col("unit_factor")).round(_DECIMALS).alias("fall"),
    )  # fmt: skip
    return Frame(
        rows.select(
            "observation_key",
            *KEY,
            "vintage_at",
            "value",
            "earlier_period_id",
            "earlier_value",
            "fall",
            *sorted(NAMES),
            "unit",
            pl.col("indicator_code").alias("subject"),
        ),
        NAMES | {"unit"},
    )


def prepare_bases(published: pl.DataFrame) -> Frame:
    """One row per figure that decides its period beside the one before it, where both state a base.

    The deciding figure is that of the highest-ranked source; a base is that of the prices or of the index.
    """
    stated = published.filter(pl.col("value").is_not_null()).with_columns(
        pl.coalesce("price_basis", "index_base").alias("base")
    )
    fact = ["indicator_code", "area_id", "breakdown", "form"]
    deciding = _placed(
        stated.sort(["source_rank", "source_id"], descending=[True, False]).unique(
            subset=[*fact, "period_id"], keep="first", maintain_order=True
        )
    ).filter(pl.col("base").is_not_null() & (pl.col("year") > 0))
    line = [*fact, "slot"]
    ordered = deciding.sort([*line, "year"])
    rows = ordered.with_columns(
        pl.col("base").shift(1).over(line).alias("earlier_base"),
        pl.col("period_id").shift(1).over(line).alias("earlier_period_id"),
        pl.col("value").shift(1).over(line).alias("earlier_value"),
    ).filter(pl.col("earlier_base").is_not_null())
    return Frame(
        rows.select(
            "observation_key",
            *KEY,
            "vintage_at",
            "value",
            "base",
            "earlier_period_id",
            "earlier_value",
            "earlier_base",
            *sorted(NAMES),
            "unit",
            pl.col("indicator_code").alias("subject"),
        ),
        NAMES | {"unit"},
    )


def _placed(figures: pl.DataFrame) -> pl.DataFrame:
    """The figures with the slot and the year of their period; what has no single year of known extent has year 0."""
    periods = figures["period_id"].unique()
    places = [slot_and_year(period) for period in periods]
    table = pl.DataFrame(
        {
            "period_id": periods,
            "slot": pl.Series([slot for slot, _ in places], dtype=pl.String),
            "year": pl.Series([year for _, year in places], dtype=pl.Int64),
        }
    )
    return figures.join(table, on="period_id", how="left", maintain_order="left")


def _segment(breaks: pl.DataFrame, of_frames: pl.Expr) -> pl.Expr:
    """How many declared breaks a figure has behind it; `of_frames`: whether a change of units is one for it."""
    behind = pl.lit(0)
    for row in breaks.iter_rows(named=True):
        if row["of_units"]:
            concerned = of_frames
        else:
            concerned = pl.col("indicator_code") == row["indicator_code"]
            if row["area_id"]:
                concerned &= pl.col("area_id") == row["area_id"]
        behind += (concerned & (pl.col("year") >= row["break_year"])).cast(pl.Int32)
    return behind


def _in_lines(
    published: pl.DataFrame, indicators: pl.DataFrame, breaks: pl.DataFrame, limits: Limits
) -> pl.DataFrame:
    """The figures by line and year, each with its neighbours.

    `y`: the figure on the scale of its kind; `step`, `gap`: change and years since the figure before it, where
    that is near enough; `next_y`, `next_gap` the same for the figure after it.
    """
    bounds = bounds_of(indicators, limits.classes).rename({"form": "bound_form"})
    figures = _placed(published.filter(pl.col("value").is_not_null() & pl.col("value").is_finite())).join(
        bounds, on="indicator_code", how="left", maintain_order="left"
    )
    # The class speaks of the indicator's own form.
    of_kind = figures.filter(
        (pl.col("year") > 0) & pl.col("kind").is_not_null() & (pl.col("form") == pl.col("bound_form"))
    ).with_columns(
        _segment(breaks, pl.col("unit").is_in(list(limits.units_of_frames))).alias("segment"),
        (pl.col("value") * pl.col("unit_factor") / pl.col("factor")).alias("in_own_unit"),
    )
    ordered = of_kind.with_columns(
        pl.when(pl.col("kind") == "difference")
        .then(pl.col("in_own_unit"))
        .when(pl.col("in_own_unit") > 0)
        .then(pl.col("in_own_unit").log())
        .alias("y")
    ).sort([*_LINE, "year"], nulls_last=False)
    same = pl.all_horizontal([pl.col(name).eq_missing(pl.col(name).shift(1)) for name in _LINE])
    numbered = ordered.with_columns((~same.fill_null(False)).cum_sum().alias("line"))
    years = limits.neighbour_years
    follows = (pl.col("line") == pl.col("line").shift(1)) & (
        pl.col("year") - pl.col("year").shift(1) <= years
    )
    precedes = (pl.col("line") == pl.col("line").shift(-1)) & (
        pl.col("year").shift(-1) - pl.col("year") <= years
    )
    in_unit = pl.col("in_own_unit").shift(1) * pl.col("factor") / pl.col("unit_factor")
    digits = (
        pl.col("value_text").str.replace_all(r"[^0-9]", "").str.strip_chars("0").str.len_chars()
        >= limits.significant_digits
    )
    return numbered.with_columns(
        pl.len().over("line").alias("n_figures"),
        pl.when(follows).then(in_unit).round(_DECIMALS).alias("previous_value"),
        pl.when(follows).then(pl.col("period_id").shift(1)).alias("previous_period_id"),
        pl.when(follows).then(pl.col("year") - pl.col("year").shift(1)).alias("gap"),
        pl.when(follows).then(pl.col("y") - pl.col("y").shift(1)).alias("step"),
        pl.when(precedes).then(pl.col("y").shift(-1)).alias("next_y"),
        pl.when(precedes).then(pl.col("year").shift(-1) - pl.col("year")).alias("next_gap"),
        # Asked of neighbouring years alone, and of figures that do not stand still by nature.
        pl.when(follows & (pl.col("year") - pl.col("year").shift(1) == 1) & ~pl.col("may_stand_still"))
        .then((pl.col("in_own_unit") == pl.col("in_own_unit").shift(1)) & digits)
        .alias("repeated"),
    )


def _deviation(drift: pl.Expr) -> pl.Expr:
    """How far a figure lies from its neighbours, less the drift a year; between two, only as far as both agree."""
    back = pl.col("step") - drift * pl.col("gap")
    forth = pl.col("y") - pl.col("next_y") + drift * pl.col("next_gap")
    both = pl.when(back.sign() == forth.sign()).then(
        back.sign() * pl.min_horizontal(back.abs(), forth.abs())
    ).otherwise(0.0)  # fmt: skip
    return pl.when(back.is_not_null() & forth.is_not_null()).then(both).otherwise(pl.coalesce(back, forth))


def _scores(figures: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """The score and the expected interval of the figures that may be outliers; the others lie within half the floor.

    The changes that a figure is set against are those of its series without it, so that it does not widen the
    spread it is judged by: their median is the drift, their median absolute deviation the spread, corrected for
    small samples, and no spread is less than the class's `usual_change`.
    """
    enough = figures.filter((pl.col("n_figures") >= limits.fewest_figures) & pl.col("y").is_not_null())
    drift = (pl.col("step") / pl.col("gap")).median().over("line")
    # Half: the drift without the figure may differ from the drift with it.
    doubtful = enough.with_columns(_deviation(drift).abs().alias("at_first")).filter(
        pl.col("at_first") > _SHOWN_SPREADS / 2 * pl.col("usual_change")
    )
    others = (
        doubtful.select("observation_key", "line", pl.col("year").alias("own_year"))
        .join(enough.select("line", "year", "y"), on="line")
        .filter(pl.col("year") != pl.col("own_year"))
        .sort("observation_key", "year")
        .with_columns(
            (
                pl.col("y").diff().over("observation_key") / pl.col("year").diff().over("observation_key")
            ).alias("change")
        )
        .filter(pl.col("change").is_not_null())
        .with_columns(pl.col("change").median().over("observation_key").alias("drift"))
        .group_by("observation_key", maintain_order=True)
        .agg(
            pl.col("drift").first(),
            ((pl.col("change") - pl.col("drift")).abs().median() * _mad_of_few(pl.len())).alias("mad"),
        )
    )
    judged = doubtful.join(others, on="observation_key").with_columns(
        pl.max_horizontal(pl.col("mad") / _MAD_TO_SPREAD, "usual_change").alias("spread")
    )
    middle = pl.col("y") - _deviation(pl.col("drift"))
    back = (pl.col("factor") / pl.col("unit_factor")).alias("back")
    with_limits = judged.with_columns(
        (_deviation(pl.col("drift")).abs() / pl.col("spread")).alias("outlier_score"),
        (middle - _SHOWN_SPREADS * pl.col("spread")).alias("low_y"),
        (middle + _SHOWN_SPREADS * pl.col("spread")).alias("high_y"),
        back,
    )
    return with_limits.select(
        "observation_key",
        "outlier_score",
        *[
            (
                pl.when(pl.col("kind") == "ratio").then(pl.col(f"{end}_y").exp()).otherwise(f"{end}_y")
                * pl.col("back")
            ).alias(f"expected_{end}")
            for end in ("low", "high")
        ],
    )


def _mad_of_few(number: pl.Expr) -> pl.Expr:
    """The factor by which the median absolute deviation of so many values is corrected."""
    return number.replace_strict(_MAD_OF_FEW, default=number / (number - 0.8), return_dtype=pl.Float64)


def _extents(periods: Sequence[str] | pl.Series) -> pl.DataFrame:
    """Periods that count from January on: period_id, year, month (how far they reach, a whole year is 12)."""
    table = pl.DataFrame({"period_id": periods}, schema={"period_id": pl.String})
    year, part = pl.col("period_id").str.slice(0, 4), pl.col("period_id").str.slice(5)
    days = part.str.extract(r"^YTD\d{2}(\d{2})$", 1).cast(pl.Float64)
    months = part.str.extract(r"^YTD(\d{2})", 1).cast(pl.Float64)
    month = (
        pl.when(pl.col("period_id").str.contains(r"^\d{4}$"))
        .then(12.0)
        .when(part == "H1")
        .then(6.0)
        .when(part == "Q1")
        .then(3.0)
        .when(part == "M01")
        .then(1.0)
        .when(days.is_not_null())
        .then(months - 1 + days / 31)
        .otherwise(months)
    )
    return table.select(
        "period_id", year.cast(pl.Int64, strict=False).alias("year"), month.alias("month")
    ).filter(pl.col("month").is_not_null() & pl.col("year").is_not_null())
