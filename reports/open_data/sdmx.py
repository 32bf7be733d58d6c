"""The figures in force as SDMX-CSV 2.0: one row per observation of the dataflow that `sdmx_structure` describes.

Time: a year, half-year, quarter or month by its SDMX form; a day by its date; every other period by its first day and
its length (2025-01-01/P9M). FREQ is `_O` (other) for what is no calendar period. A running total whose last day its
publisher did not state has no place in time and is left out; it is counted, and stands in the other formats.

OBS_STATUS: A official or without a stated maturity (the attribute MATURITY tells which), P preliminary, E estimate, a
reviewer's flag where he set one, Q where the figure is not public; the value then is NaN, as SDMX 3.0 writes a number
that is missing on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from reports.disclosure import NOT_PUBLIC_VALUE
from reports.open_data.tables import FIGURES
from reports.release_data import Release

AGENCY, VERSION = "PPW", "1.0.0"
DATAFLOW = "DF_PLAN_FIGURES"
STRUCTURE_ID = f"{AGENCY}:{DATAFLOW}({VERSION})"
DIMENSIONS = ("FREQ", "REF_AREA", "INDICATOR", "BREAKDOWN", "TIME_PERIOD")
MEASURE = "OBS_VALUE"
ATTRIBUTES = (
    "OBS_STATUS",
    "UNIT_MEASURE",
    "DECIMALS",
    "FORM",
    "MATURITY",
    "SOURCE",
    "PERIOD_ID",
    "REVIEW_STATUS",
)
COLUMNS = ("STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, MEASURE, *ATTRIBUTES)
FREQUENCIES: Mapping[str, str] = {"year": "A", "half_year": "S", "quarter": "Q", "month": "M"}
OTHER_FREQUENCY = "_O"
MATURITY_STATUS: Mapping[str, str] = {"preliminary": "P", "estimate": "E"}
NORMAL, SUPPRESSED = "A", "Q"
WITHOUT_PLACE_IN_TIME = "year_to_date_open"


def review_status(release: Release) -> str:
    """The code of REVIEW_STATUS: the same for every observation of a release."""
    return "REVIEWED" if release.reviewed else "NOT_REVIEWED"


def write_data(release: Release, tables: Mapping[str, Path], path: Path) -> int:
    """Write the SDMX-CSV file of the open tables (name -> Parquet file); returns how many figures have no place in
    time and are left out.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    periods = pl.scan_parquet(tables["dim_period"]).select(
        "period_id", _frequency().alias("FREQ"), _time_period().alias("TIME_PERIOD")
    )
    figures = pl.scan_parquet(tables[FIGURES])
    placed = figures.join(periods, on="period_id", how="left", maintain_order="left")
    _rows(release, placed.filter(pl.col("TIME_PERIOD").is_not_null())).sink_csv(
        path, maintain_order=True, line_terminator="\n"
    )
    return int(placed.select(pl.col("TIME_PERIOD").is_null().sum()).collect().item())


def _rows(release: Release, placed: pl.LazyFrame) -> pl.LazyFrame:
    columns = placed.collect_schema()
    closed = pl.col("missing_code").eq_missing(NOT_PUBLIC_VALUE) | pl.col("value").is_null()
    number = pl.col("value").cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    by_maturity = pl.col("maturity").replace_strict(MATURITY_STATUS, default=NORMAL)
    flag = pl.col("review_flag") if "review_flag" in columns else pl.lit(None, dtype=pl.String)
    return placed.select(
        pl.lit("dataflow").alias("STRUCTURE"),
        pl.lit(STRUCTURE_ID).alias("STRUCTURE_ID"),
        pl.lit("I").alias("ACTION"),
        "FREQ",
        pl.col("area_id").alias("REF_AREA"),
        pl.col("indicator_code").alias("INDICATOR"),
        pl.col("breakdown").alias("BREAKDOWN"),
        "TIME_PERIOD",
        pl.when(closed).then(pl.lit("NaN")).otherwise(number).alias(MEASURE),
        pl.when(closed)
        .then(pl.lit(SUPPRESSED))
        .otherwise(pl.coalesce(flag, by_maturity, pl.lit(NORMAL)))
        .alias("OBS_STATUS"),
        pl.col("unit").alias("UNIT_MEASURE"),
        pl.col("value_decimals").alias("DECIMALS"),
        pl.col("form").alias("FORM"),
        pl.col("maturity").fill_null("not_stated").alias("MATURITY"),
        pl.col("source_id").alias("SOURCE"),
        pl.col("period_id").alias("PERIOD_ID"),
        pl.lit(review_status(release)).alias("REVIEW_STATUS"),
    )


def _frequency() -> pl.Expr:
    return pl.col("type").replace_strict(FREQUENCIES, default=OTHER_FREQUENCY)


def _time_period() -> pl.Expr:
    """TIME_PERIOD of a row of dim_period; null for a period that has no last day."""
    name, start, end = pl.col("period_id"), pl.col("start"), pl.col("end")
    after = end + pl.duration(days=1)
    months = (after.dt.year() - start.dt.year()) * 12 + (after.dt.month() - start.dt.month())
    whole = (start.dt.day() == 1) & (after.dt.day() == 1)
    length = (
        pl.when(whole & (months % 12 == 0))
        .then(pl.format("P{}Y", months // 12))
        .when(whole)
        .then(pl.format("P{}M", months))
        .otherwise(pl.format("P{}D", (after - start).dt.total_days()))
    )
    return (
        pl.when(end.is_null() | start.is_null() | (pl.col("type") == WITHOUT_PLACE_IN_TIME))
        .then(None)
        .when(pl.col("type") == "year")
        .then(name)
        .when(pl.col("type") == "half_year")
        .then(name.str.replace("-H", "-S", literal=True))
        .when(pl.col("type") == "quarter")
        .then(name)
        .when(pl.col("type") == "month")
        .then(name.str.replace("-M", "-", literal=True))
        .when(start == end)
        .then(start.dt.to_string("%Y-%m-%d"))
        .otherwise(pl.format("{}/{}", start.dt.to_string("%Y-%m-%d"), length))
    )
