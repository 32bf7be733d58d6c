"""Suite `agreement`: do sources that print the same fact print the same figure?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from expectations.frame import Frame
from expectations.known import ARRIVAL, NAMES
from expectations.messages import LANGUAGES, periods_in_words
from sources.text.period_words import Language

_FACT = ["indicator_code", "area_id", "period_id", "breakdown", "form"]
_SERIES = ["indicator_code", "area_id", "breakdown", "form"]
_SIDE = (
    "observation_key",
    "source_id",
    "source_vi",
    "source_en",
    "source_rank",
    "value",
    "unit_vi",
    "unit_en",
    "rounding_half_width",
    "unit_factor",
)
# `beside` tells apart the findings of one figure that is set beside several.
_DISPLAY = NAMES | {f"other_{name}" for name in _SIDE if name in NAMES} | {"unit", "beside"}
_PUBLICATION = ("citation_publisher", "citation_title", "citation_address")
_COMPONENT_DECIMALS = 4
_TURNED_ROUND = ("remainder", "level_from_change")
_WORDS = ("components_vi", "components_en", "method")
# Sums and conversions of floats carry noise far below any published digit.
_NOISE = 1e-9


def prepare_sources(in_force: pl.DataFrame) -> Frame:
    """One row per fact and pair of sources that give it; the side with the higher rank is `other`.

    `excess`: the difference beyond what rounding explains; not above zero when the two agree.
    """
    figures = _figures(in_force)
    pairs = figures.join(_other(figures, _FACT), on=[*_FACT, "unit_dimension"], how="inner").filter(
        (pl.col("source_rank") < pl.col("other_source_rank"))
        | (
            (pl.col("source_rank") == pl.col("other_source_rank"))
            & (pl.col("source_id") > pl.col("other_source_id"))
        )
    )
    return _frame(
        pairs,
        pl.col("period_id").alias("other_period_id"),
        pl.col("other_source_id").alias("beside"),
    )


def prepare_within_source(observations: pl.DataFrame, held: frozenset[str]) -> Frame:
    """One row per pair of statements of one fact in one source record, where nothing says which is the later.

    A record that collects press statements may hold the figures of two articles for one fact. Where both are
    dated, the later revises the earlier and the two are not compared here.
    """
    figures = _figures(observations.filter(~pl.col("observation_key").is_in(list(held))))
    figures = figures.with_columns(
        pl.concat_str([pl.col(name).fill_null("") for name in _PUBLICATION], separator="\x1f").alias(
            "publication"
        )
    )
    # Within one publication the latest arrival is what it says.
    latest = figures.sort([*ARRIVAL], nulls_last=False).unique(
        subset=[*_FACT, "source_id", "publication"], keep="last", maintain_order=True
    )
    dating = latest.select(
        pl.col("observation_key").alias("other_observation_key"),
        pl.col("publication").alias("other_publication"),
        pl.col("published_at").alias("other_published_at"),
    )
    one_is_later = (pl.col("published_at") != pl.col("other_published_at")).fill_null(False)
    pairs = (
        latest.join(_other(latest, _FACT), on=[*_FACT, "unit_dimension"], how="inner")
        .join(dating, on="other_observation_key", how="inner")
        .filter(
            (pl.col("source_id") == pl.col("other_source_id"))
            & (pl.col("publication") != pl.col("other_publication"))
            & (pl.col("observation_key") > pl.col("other_observation_key"))
            & ~one_is_later
        )
    )
    return _frame(
        pairs,
        pl.col("period_id").alias("other_period_id"),
        pl.concat_str("publication", "other_publication", separator="\x1f").alias("beside"),
    )


def prepare_open_periods(in_force: pl.DataFrame) -> Frame:
    """One row per running total "since January" of unstated extent, beside a half-year of that year.

    Whether the two are one fact cannot be known, so they are set side by side where they differ.
    """
    figures = _figures(in_force)
    open_ended = figures.filter(pl.col("period_id").str.ends_with("-YTDx")).with_columns(
        pl.col("period_id").str.replace("-YTDx", "-H1", literal=True).alias("other_period_id")
    )
    half_years = _other(figures, [*_SERIES, "period_id"]).rename({"period_id": "other_period_id"})
    pairs = open_ended.join(
        half_years, on=[*_SERIES, "other_period_id", "unit_dimension"], how="inner"
    ).filter(pl.col("observation_key") != pl.col("other_observation_key"))
    return _frame(pairs, pl.concat_str("other_source_id", "other_period_id", separator="|").alias("beside"))


def prepare_derived(
    in_force: pl.DataFrame, components: pl.DataFrame, growth_points: float, estimate_share: float
) -> Frame:
    """One row per published figure beside the figure worked out for the same thing, which is `other`.

    `components`: one row per component of a derived observation (observation_key, position, method,
    component_observation_key). A remainder and a level from its change say no more than the sum or the
    difference they turn round, and parts by sex or residence are what the suite `structure` sums: neither is
    asked again. `components_vi` and `components_en` list what the derived figure was made of, `method` how.

    `growth_excess`: what the difference leaves of `growth_points` percentage points, or of the rounding where
    that is wider. `period_excess`: what it leaves of the rounding, or, while a figure in it is not official, of
    the share `estimate_share` of the figure: parts of a year are estimated before the year is.
    """
    figures = in_force.filter(pl.col("value").is_not_null() & pl.col("value").is_finite())
    derived = figures.filter(pl.col("derivation_id").is_not_null())
    made_of = components.filter(~pl.col("method").is_in(_TURNED_ROUND)).join(
        in_force.select(
            pl.col("observation_key").alias("component_observation_key"),
            pl.col("indicator_code").alias("component_indicator_code"),
            *[
                _said(periods_in_words(in_force["period_id"], language), language, mark)
                for language, mark in zip(LANGUAGES, (",", "."), strict=True)
            ],
        ),
        on="component_observation_key",
    )
    listed = made_of.group_by("observation_key").agg(
        *[
            pl.col(f"said_{language}").sort_by("position").str.join("; ").alias(f"components_{language}")
            for language in LANGUAGES
        ],
        pl.col("component_indicator_code").unique().sort(),
        pl.col("method").first(),
    )
    asked = derived.join(listed, on="observation_key").filter(
        ~(
            (pl.col("method") == "parts")
            & (pl.col("component_indicator_code") == pl.concat_list("indicator_code"))
        )
    )
    words = asked.select(
        pl.col("observation_key").alias("other_observation_key"),
        *_WORDS,
        pl.col("maturity").alias("other_maturity"),
    )
    pairs = (
        _figures(in_force)
        .join(_other(asked, _FACT), on=[*_FACT, "unit_dimension"], how="inner")
        .join(words, on="other_observation_key")
    )
    frame = _frame(
        pairs,
        pl.col("period_id").alias("other_period_id"),
        pl.col("method").alias("beside"),
        keep=(*_WORDS, "maturity", "other_maturity"),
    )
    rounding = pl.col("difference") - pl.col("excess")
    official = (pl.col("maturity") == "official") & (pl.col("other_maturity") == "official")
    estimated = pl.when(official).then(0.0).otherwise(pl.col("value").abs() * estimate_share)
    rows = frame.rows.with_columns(
        (pl.col("difference") - pl.max_horizontal(rounding, pl.lit(growth_points)))
        .round(9)
        .alias("growth_excess"),
        (pl.col("difference") - pl.max_horizontal(rounding, estimated)).round(9).alias("period_excess"),
    )
    return Frame(rows.drop("maturity", "other_maturity"), frame.display)


def _said(periods: Mapping[str, str], language: Language, mark: str) -> pl.Expr:
    """An observation in a few words, its decimals behind the mark of the language."""
    number = pl.col("value").round(_COMPONENT_DECIMALS).cast(pl.String).str.strip_suffix(".0")
    said = pl.format(
        "{}, {} = {} {}",
        f"indicator_{language}",
        pl.col("period_id").replace(periods),
        number.str.replace(".", mark, literal=True),
        f"unit_{language}",
    )
    return said.alias(f"said_{language}")


def _figures(observations: pl.DataFrame) -> pl.DataFrame:
    """What was printed: a derived figure is no statement of a source."""
    return observations.filter(
        pl.col("value").is_not_null() & pl.col("value").is_finite() & pl.col("derivation_id").is_null()
    )


def _other(figures: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    renamed = [pl.col(name).alias(f"other_{name}") for name in (*_SIDE, "vintage_at")]
    return figures.select(*keys, "unit_dimension", *renamed)


def _frame(pairs: pl.DataFrame, *more: pl.Expr, keep: Sequence[str] = ()) -> Frame:
    """Pairs of figures with what their difference leaves after rounding, in the unit of `value`."""
    other = pl.col("other_value") * pl.col("other_unit_factor") / pl.col("unit_factor")
    other_half_unit = (
        pl.col("other_rounding_half_width") * pl.col("other_unit_factor") / pl.col("unit_factor")
    )
    difference = (pl.col("value") - other).abs()
    noise = _NOISE * pl.max_horizontal(pl.col("value").abs(), other.abs())
    rows = (
        pairs.with_columns(*more)
        .sort([*_FACT, "source_id", "other_source_id", "observation_key", "other_observation_key"])
        .select(
            *_FACT,
            "other_period_id",
            *[name for name in _SIDE if name not in NAMES],
            *[f"other_{name}" for name in _SIDE],
            pl.max_horizontal("vintage_at", "other_vintage_at").alias("vintage_at"),
            *sorted(NAMES),
            "unit",
            "beside",
            *keep,
            difference.round(9).alias("difference"),
            (difference - pl.col("rounding_half_width") - other_half_unit - noise).round(9).alias("excess"),
            pl.col("indicator_code").alias("subject"),
        )
    )
    return Frame(rows, _DISPLAY | set(keep))
