"""Suite `documents`: does a document bring what it says it brings, or the last one over again?"""

from __future__ import annotations

from typing import Literal

import polars as pl

from expectations.frame import Frame
from expectations.frames.scale import slot_and_year
from expectations.known import KEY, NAMES

_DOCUMENT = ["source_id", "route", "document"]
_SOURCE_NAMES = ("source_vi", "source_en")
_YEAR = r"(?:19|20)\d{2}"
_DECIMALS = 9
_SIDES: tuple[Literal["backward", "forward"], ...] = ("backward", "forward")


def prepare_bytes(document_bytes: pl.DataFrame) -> Frame:
    """One row per document and snapshot: the first other document of its source that had the same bytes."""
    others = document_bytes.select(
        "source_id",
        "snapshot_sha256",
        pl.col("route").alias("other_route"),
        pl.col("document").alias("other_document"),
        pl.col("vintage_at").alias("other_vintage_at"),
    )
    earlier = (
        document_bytes.join(others, on=["source_id", "snapshot_sha256"])
        .filter(
            (pl.col("other_document") != pl.col("document"))
            & (
                (pl.col("other_vintage_at") < pl.col("vintage_at"))
                | (
                    (pl.col("other_vintage_at") == pl.col("vintage_at"))
                    & (pl.col("other_document") < pl.col("document"))
                )
            )
        )
        .sort([*_DOCUMENT, "snapshot_sha256", "other_vintage_at", "other_document"])
        .unique([*_DOCUMENT, "snapshot_sha256"], keep="first", maintain_order=True)
        .select(*_DOCUMENT, "snapshot_sha256", "other_document")
    )
    rows = document_bytes.join(
        earlier, on=[*_DOCUMENT, "snapshot_sha256"], how="left", maintain_order="left"
    ).with_columns(
        pl.col("other_document").is_not_null().alias("seen_before"),
        pl.concat_str("route", "document", separator="/").alias("subject"),
    )
    return Frame(rows, frozenset(_SOURCE_NAMES))


def prepare_figures(figures: pl.DataFrame, names: pl.DataFrame, fewest: int) -> Frame:
    """One row per period of the latest vintage of a document, with another place that gave the same figures.

    `figures`: one row per vintage, table title and period of a document. Compared are sets of at least `fewest`
    different figures. `other_period_id`: an earlier period under which the source gave the same set (`moved`),
    in this document or before it; otherwise `other_document` is an earlier document with the same figures for
    the same periods (`again`).
    """
    sets = figures.group_by([*_DOCUMENT, "cell_set_key", "vintage_at", "period_id"]).agg(
        pl.col("n_figures").sum(),
        pl.col("n_different").max(),
        pl.col("figures").bitwise_xor(),
        pl.col("figures_and_periods").bitwise_xor(),
    )
    latest = sets.filter(pl.col("vintage_at") == pl.col("vintage_at").max().over(_DOCUMENT)).sort(
        [*_DOCUMENT, "period_id", "cell_set_key"]
    )
    asked = latest.filter(pl.col("n_different") >= fewest)
    moved = _moved(asked, sets)
    again = _again(latest, sets, fewest)
    rows = (
        asked.join(moved, on=[*_DOCUMENT, "period_id"], how="left", maintain_order="left")
        .join(again, on=_DOCUMENT, how="left", maintain_order="left")
        .join(names, on="source_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("other_period_id").is_not_null().alias("moved"),
            (pl.col("again_document").is_not_null() & pl.col("other_period_id").is_null()).alias("again"),
            pl.concat_str("route", "document", separator="/").alias("subject"),
        )
    )
    return Frame(
        rows.select(
            *_DOCUMENT,
            "period_id",
            "vintage_at",
            "n_figures",
            "moved",
            "other_period_id",
            "other_document",
            "again",
            "again_document",
            *_SOURCE_NAMES,
            "subject",
        ),
        frozenset(_SOURCE_NAMES),
    )


def _moved(asked: pl.DataFrame, sets: pl.DataFrame) -> pl.DataFrame:
    """The latest earlier period under which the source already gave the same figures."""
    others = sets.select(
        "source_id",
        "figures",
        "n_figures",
        pl.col("period_id").alias("other_period_id"),
        pl.col("document").alias("other_document"),
        pl.col("vintage_at").alias("other_vintage_at"),
    )
    return (
        asked.join(others, on=["source_id", "figures", "n_figures"])
        .filter(
            (pl.col("other_vintage_at") <= pl.col("vintage_at"))
            & (pl.col("other_period_id") < pl.col("period_id"))
        )
        .sort([*_DOCUMENT, "period_id", "other_period_id", "other_document"])
        .unique([*_DOCUMENT, "period_id"], keep="last", maintain_order=True)
        .select(*_DOCUMENT, "period_id", "other_period_id", "other_document")
    )


def _again(latest: pl.DataFrame, sets: pl.DataFrame, fewest: int) -> pl.DataFrame:
    """The first earlier document of a source with the very same figures for the same periods."""
    whole = [
        pl.col("figures_and_periods").bitwise_xor(),
        pl.col("n_figures").sum(),
        pl.col("n_different").max(),
    ]
    now = latest.group_by([*_DOCUMENT, "cell_set_key", "vintage_at"]).agg(whole)
    before = sets.group_by([*_DOCUMENT, "cell_set_key", "vintage_at"]).agg(whole)
    others = before.select(
        "source_id",
        "figures_and_periods",
        "n_figures",
        pl.col("document").alias("again_document"),
        pl.col("vintage_at").alias("other_vintage_at"),
    )
    return (
        now.filter(pl.col("n_different") >= fewest)
        .join(others, on=["source_id", "figures_and_periods", "n_figures"])
        .filter(
            (pl.col("again_document") != pl.col("document"))
            & (
                (pl.col("other_vintage_at") < pl.col("vintage_at"))
                | (
                    (pl.col("other_vintage_at") == pl.col("vintage_at"))
                    & (pl.col("again_document") < pl.col("document"))
                )
            )
        )
        .sort([*_DOCUMENT, "other_vintage_at", "again_document"])
        .unique(_DOCUMENT, keep="first", maintain_order=True)
        .select(*_DOCUMENT, "again_document")
    )


def prepare_titles(figures: pl.DataFrame, names: pl.DataFrame) -> Frame:
    """One row per title that names a year, beside the issue of the same table before it.

    `lead`: the last year of the title less the last year of the figures under it; `lead_before` that of the
    issue before. Tables are the same where their titles are the same but for numbers and signs.
    """
    title = pl.col("table_title")
    period_year = pl.col("period_id").str.extract(rf"({_YEAR})", 1).cast(pl.Int64)
    tables = (
        figures.filter(title.str.contains(_YEAR) & ~pl.col("period_id").str.contains("..", literal=True))
        .group_by([*_DOCUMENT, "cell_set_key", "vintage_at", "published_at", "table_title"])
        .agg(period_year.max().alias("figures_year"))
        .with_columns(
            title.str.extract_all(_YEAR).cast(pl.List(pl.Int64)).list.max().alias("title_year"),
            title.str.to_lowercase().str.replace_all(r"[^\p{L}]+", " ").str.strip_chars().alias("table"),
        )
        .with_columns((pl.col("title_year") - pl.col("figures_year")).alias("lead"))
        .sort(
            [
                *("source_id", "route", "table", "vintage_at", "published_at"),
                *("figures_year", "document", "table_title", "cell_set_key"),
            ],
            nulls_last=False,
        )
    )  # fmt: skip
    line = ["source_id", "route", "table"]
    before = [
        pl.col(name).shift(1).over(line).alias(f"{name}_before")
        for name in ("lead", "table_title", "figures_year", "document")
    ]
    rows = (
        tables.with_columns(before)
        .filter(pl.col("lead_before").is_not_null())
        .join(names, on="source_id", how="left", maintain_order="left")
        .with_columns(
            pl.concat_str("route", "document", "table", separator="/").alias("subject"),
            # A year is a name: it is not written as a number.
            pl.col("title_year", "figures_year", "figures_year_before").cast(pl.String),
        )
    )
    return Frame(rows.drop("cell_set_key", "published_at", "table"), frozenset(_SOURCE_NAMES))


def prepare_copied(published: pl.DataFrame, digits: int, fewest: int) -> Frame:
    """One row per document and period: how many of its figures in force equal those of the year before.

    Compared are figures of at least `digits` significant digits in one unit, areas left out; where fewer than
    `fewest` can be compared `share` is empty.
    """
    figures = published.filter(
        pl.col("value").is_not_null()
        & (pl.col("unit_dimension") != "area")
        & (pl.col("value_text").str.replace_all(r"[^0-9]", "").str.strip_chars("0").str.len_chars() >= digits)
    )
    placed = _year_before(figures)
    line = [
        "indicator_code",
        "area_id",
        "breakdown",
        "form",
        "source_id",
        "unit",
        "index_base",
        "price_basis",
    ]
    last_year = placed.select(
        *line,
        pl.col("period_id").alias("other_period_id"),
        pl.col("value").alias("other_value"),
    )
    compared = placed.join(last_year, on=[*line, "other_period_id"], nulls_equal=True)
    rows = (
        compared.group_by([*_DOCUMENT, "period_id", "other_period_id"], maintain_order=True)
        .agg(
            pl.len().alias("n_compared"),
            (pl.col("value") == pl.col("other_value")).sum().alias("n_same"),
            pl.col("vintage_at").max(),
            *[pl.col(name).first() for name in _SOURCE_NAMES],
        )
        .sort([*_DOCUMENT, "period_id"])
        .with_columns(
            pl.when(pl.col("n_compared") >= fewest)
            .then((pl.col("n_same") / pl.col("n_compared")).round(_DECIMALS))
            .alias("share"),
            pl.concat_str("route", "document", separator="/").alias("subject"),
        )
    )
    return Frame(rows, frozenset(_SOURCE_NAMES))


def _year_before(figures: pl.DataFrame) -> pl.DataFrame:
    """The figures of periods with a year, and the same period of the year before as `other_period_id`."""
    periods = figures["period_id"].unique().to_list()
    before = []
    for period in periods:
        slot, year = slot_and_year(period)
        before.append(slot.replace("*", str(year - 1)) if year else None)
    table = pl.DataFrame(
        {"period_id": periods, "other_period_id": before},
        schema={"period_id": pl.String, "other_period_id": pl.String},
    )
    return figures.join(table, on="period_id").filter(pl.col("other_period_id").is_not_null())


def prepare_revised_periods(issues: pl.DataFrame, benchmarks: pl.DataFrame, fewest: int) -> Frame:
    """One row per arrival that revises figures of a period: are they moved by as much as a year moves them?

    `share`: the part of the period's known figures that is revised, `revision` the median size of the
    revisions and `year_change` the median change of the same series from the year before, both as natural
    logarithms; all empty where fewer than `fewest` are revised. Left out are figures that a census re-estimates,
    and revisions to a more final figure, which are what a revision is for.
    """
    figures = issues.filter(pl.col("value") > 0)
    revised = without_benchmarks(
        figures.filter(
            (pl.col("before") > 0)
            & (pl.col("in_base_unit") != pl.col("before"))
            & (pl.col("maturity") == pl.col("maturity_before"))
        ),
        benchmarks,
    )
    first = figures.filter(~pl.col("follows"))
    line = ["indicator_code", "area_id", "breakdown", "form", "source_id"]
    last_known = first.select(
        *line, pl.col("period_id").alias("other_period_id"), pl.col("in_base_unit").alias("year_before")
    )
    compared = _year_before(revised).join(
        last_known, on=[*line, "other_period_id"], how="left", maintain_order="left"
    )
    known = first.group_by(["source_id", "route", "period_id"]).agg(pl.len().alias("n_known"))
    arrival = [*_DOCUMENT, "vintage_at", "period_id"]
    rows = (
        compared.group_by(arrival, maintain_order=True)
        .agg(
            pl.len().alias("n_revised"),
            (pl.col("in_base_unit") / pl.col("before")).log().abs().median().alias("revision"),
            (pl.col("before") / pl.col("year_before")).log().abs().median().alias("year_change"),
            *[pl.col(name).first() for name in _SOURCE_NAMES],
        )
        .join(known, on=["source_id", "route", "period_id"], how="left")
        .sort(arrival)
        .with_columns((pl.col("n_revised") / pl.col("n_known")).alias("share"))
        .with_columns(
            [
                pl.when(pl.col("n_revised") >= fewest).then(pl.col(name)).round(_DECIMALS).alias(name)
                for name in ("share", "revision", "year_change")
            ]
        )
        .with_columns(
            (pl.col("revision") / pl.col("year_change")).round(_DECIMALS).alias("years_moved"),
            (pl.col("revision").exp() * 100 - 100).round(2).alias("revision_percent"),
            (pl.col("year_change").exp() * 100 - 100).round(2).alias("year_percent"),
            pl.concat_str("route", "document", separator="/").alias("subject"),
        )
    )
    return Frame(rows, frozenset(_SOURCE_NAMES))


def without_benchmarks(revised: pl.DataFrame, benchmarks: pl.DataFrame) -> pl.DataFrame:
    """The revisions that no declared re-estimation (a census) accounts for."""
    year = pl.col("period_id").str.extract(rf"({_YEAR})", 1).cast(pl.Int64)
    for row in benchmarks.iter_rows(named=True):
        revised = revised.filter(
            ~(
                (pl.col("indicator_code") == row["indicator_code"])
                & year.is_between(row["first_year"], row["last_year"])
                & (pl.col("published_at") >= row["benchmark_on"]).fill_null(True)
            )
        )
    return revised


def prepare_rows(published: pl.DataFrame, issues: pl.DataFrame, least_distance: float) -> Frame:
    """One row per figure that moved by more than `least_distance` (natural logarithm), and where it moved to.

    A figure is set against the issue before it, or against the year before where it is the first. Among the
    rows of one document, period, unit and form that moved, `other_*` is the row whose figure of before is
    nearest to this one; `exchanged` where each of two rows now has what the other had: both are nearer to the
    other's figure than a quarter of the way they moved.
    """
    figures = published.filter(
        (pl.col("value") > 0) & pl.col("value").is_finite() & ~pl.col("form").is_in(["rank"])
    )
    last_issue = issues.filter(pl.col("before") > 0).select(
        "observation_key", pl.col("before").log().alias("before_issue")
    )
    line = ["indicator_code", "area_id", "breakdown", "form", "source_id", "unit_dimension"]
    y = figures.with_columns((pl.col("value") * pl.col("unit_factor")).log().alias("y"))
    last_year = y.select(
        *line, pl.col("period_id").alias("other_period_id"), pl.col("y").alias("before_year")
    ).unique([*line, "other_period_id"], keep="first", maintain_order=True)
    beside = (
        _year_before(y)
        .join(last_issue, on="observation_key", how="left", maintain_order="left")
        .join(last_year, on=[*line, "other_period_id"], how="left", maintain_order="left")
        .with_columns(pl.coalesce("before_issue", "before_year").alias("before"))
        .filter((pl.col("y") - pl.col("before")).abs() > least_distance)
    )
    table = [*_DOCUMENT, "period_id", "unit_dimension", "form"]
    groups = beside.with_columns(pl.struct(table).rank("dense").alias("table")).with_columns(
        pl.len().over("table").alias("n_moved")
    )
    moved = groups.filter(pl.col("n_moved") > 1)
    found = _nearest(moved)
    both = found.join(
        found.select(
            pl.col("observation_key").alias("other_observation_key"),
            pl.col("other_observation_key").alias("others_other"),
            pl.col("distance").alias("others_distance"),
        ),
        on="other_observation_key",
        how="left",
    )
    way = (pl.col("y") - pl.col("before")).abs()
    other = moved.select(
        pl.col("observation_key").alias("other_observation_key"),
        pl.col("indicator_vi").alias("other_row_vi"),
        pl.col("indicator_en").alias("other_row_en"),
        pl.col("area_vi").alias("other_area_vi"),
        pl.col("area_en").alias("other_area_en"),
        pl.col("value").alias("other_value"),
        pl.concat_str("indicator_code", "area_id", "breakdown", separator="|").alias("beside"),
    )
    rows = (
        moved.join(both, on="observation_key", how="left", maintain_order="left")
        .join(other, on="other_observation_key", how="left", maintain_order="left")
        .with_columns(
            (
                (pl.col("others_other") == pl.col("observation_key"))
                & (pl.max_horizontal("distance", "others_distance") < way / 4)
                # Of the two rows the one that comes first tells of both.
                & (pl.col("observation_key") < pl.col("other_observation_key"))
            )
            .fill_null(False)
            .alias("exchanged"),
            (pl.col("before").exp() / pl.col("unit_factor")).round(6).alias("before_value"),
        )
    )
    return Frame(
        rows.select(
            "observation_key",
            *KEY,
            "vintage_at",
            "document",
            "value",
            "before_value",
            "other_observation_key",
            "other_value",
            "exchanged",
            "other_row_vi",
            "other_row_en",
            "other_area_vi",
            "other_area_en",
            "beside",
            *sorted(NAMES),
            "unit",
            pl.col("indicator_code").alias("subject"),
        ),
        NAMES | {"unit", "beside", "other_row_vi", "other_row_en", "other_area_vi", "other_area_en"},
    )


def _nearest(moved: pl.DataFrame) -> pl.DataFrame:
    """For each moved figure the other row of its table whose figure of before is nearest."""
    now = moved.select("table", "observation_key", "y").sort("table", "y")
    before = moved.select(
        "table",
        pl.col("observation_key").alias("other_observation_key"),
        pl.col("before").alias("others_before"),
    ).sort("table", "others_before")
    sides = [
        now.join_asof(
            before, left_on="y", right_on="others_before", by="table", strategy=side, check_sortedness=False
        )
        for side in _SIDES
    ]
    return (
        pl.concat(sides)
        .filter(
            pl.col("other_observation_key").is_not_null()
            & (pl.col("other_observation_key") != pl.col("observation_key"))
        )
        .with_columns((pl.col("y") - pl.col("others_before")).abs().alias("distance"))
        .sort("observation_key", "distance", "other_observation_key")
        .unique("observation_key", keep="first", maintain_order=True)
        .select("observation_key", "other_observation_key", "distance")
    )
