"""What pages ask of a release that would take them through all its figures; prepared when the release is made.

Each answer is a small table, made from the release's tables as somebody may see them, for each of the clearances people
commonly have: `pages/<clearance>/<name>.parquet` of a release. A page reads that file; where there is none (an older
release, another clearance, rules of access that were changed since) the same function makes the table when it is asked.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path

import polars as pl

from expectations.gate import clearance
from expectations.gate.clearance import FULL, OFFICE, PUBLIC, Clearance
from reports import boundaries, disclosure, needed_levels, periods, release_data, supposed_figures
from reports.boundaries import boundaries_of
from reports.disclosure import COLUMN_ACCESS_FILE
from reports.per_release import per_release
from reports.periods import year_of
from reports.release_data import Release, disclosed_table
from reports.words import FAMILIES

# The breakdown of a figure that is of the whole.
TOTAL = "_T"
FOLDER = "pages"
RULES_FILE = "rules.json"
CLEARANCES: Mapping[str, Clearance] = {"public": PUBLIC, "office": OFFICE, "full": FULL}

# Our transcriptions note a publisher's qualifier first: Bài viết ghi “gần”.
_QUALIFIER_NOTE = re.compile(r"^Bài \w+ (?:ghi|viết) “(gần|hơn|trên|khoảng|dưới)\b")
_QUALIFIERS = {"gần": "nearly", "hơn": "more_than", "trên": "over", "khoảng": "about", "dưới": "below"}
# The gravest first.
SEVERITIES = FAMILIES["severity"]
FINDINGS_LISTED = 50
_SERIES = ("indicator_code", "area_id")

# A table of the release by name, as somebody may see it, its rows not read yet.
Tables = Callable[[str], pl.LazyFrame]


def _promised(tables: Tables) -> pl.LazyFrame:
    """The series that a target is about."""
    return tables("fct_target").select(_SERIES).drop_nulls().unique()


def promised_figures(tables: Tables) -> pl.DataFrame:
    """The figures in force, totals alone, of the series that a target is about: the rows of fct_actual in its order,
    and `qualifier`, the publisher's word before the figure (nearly, over, about, below), null without one.

    A figure that is closed has no value.
    """
    # Figures that no target asks for, as a rule the most, are not read.
    figures = tables("fct_actual").filter(pl.col("breakdown") == TOTAL, *_of_promised(tables))
    known = figures.join(_promised(tables), on=_SERIES, how="semi", maintain_order="left").collect()
    qualifiers = _qualifiers(tables)
    if "observation_key" not in known.columns or not qualifiers:
        return known.with_columns(pl.lit(None, dtype=pl.String).alias("qualifier"))
    words = pl.col("observation_key").replace_strict(qualifiers, default=None, return_dtype=pl.String)
    return known.with_columns(words.alias("qualifier"))


def _of_promised(tables: Tables) -> list[pl.Expr]:
    """Conditions that all rows of promised series meet, and few others: a file is read by them in part only."""
    promised = _promised(tables).collect()
    return [pl.col(column).is_in(promised[column].unique().sort().implode()) for column in _SERIES]


def _qualifiers(tables: Tables) -> dict[str, str]:
    """Observation key -> the publisher's qualifier, for the observations that have one."""
    observed = tables("fct_observation")
    if "note" not in observed.collect_schema().names():
        return {}
    noted = (
        observed.filter(pl.col("note").str.starts_with("Bài ")).select("observation_key", "note").collect()
    )
    found = {str(key): _QUALIFIER_NOTE.match(str(note)) for key, note in noted.iter_rows()}
    return {key: _QUALIFIERS[match.group(1)] for key, match in found.items() if match}


def promised_observations(tables: Tables) -> pl.DataFrame:
    """Every observation (vintage, source, breakdown) of the series that a target is about."""
    observed = tables("fct_observation").filter(*_of_promised(tables))
    kept = observed.join(_promised(tables), on=_SERIES, how="semi", maintain_order="left")
    return kept.sort("observation_key").collect()


def promised_components(tables: Tables) -> pl.DataFrame:
    """What promised observations that were worked out here were made of, in any number of steps: the rows of
    fct_observation_component.
    """
    every = tables("fct_observation_component")
    reached = promised_observations(tables).select("observation_key")
    steps = every.clear().collect()
    while not reached.is_empty():
        found = every.filter(pl.col("observation_key").is_in(reached["observation_key"].implode())).collect()
        steps = pl.concat([steps, found]).unique()
        parts = found.select(pl.col("component_observation_key").alias("observation_key")).unique()
        reached = parts.join(steps, on="observation_key", how="anti")
    return steps.sort("observation_key", "position")


def component_observations(tables: Tables) -> pl.DataFrame:
    """The observations that promised ones were made of, in any number of steps."""
    parts = promised_components(tables)["component_observation_key"].unique()
    return (
        tables("fct_observation")
        .filter(pl.col("observation_key").is_in(parts.implode()))
        .sort("observation_key")
        .collect()
    )


def source_tally(tables: Tables) -> pl.DataFrame:
    """Per source that has given any figure: `n_figures` (every vintage) and `latest_period`, the one that ends last."""
    given = tables("fct_observation").filter(pl.col("value").is_not_null())
    ends = tables("dim_period").select("period_id", "end")
    reached = given.group_by("source_id", "period_id").len("n_figures").join(ends, on="period_id", how="left")
    by_end = [pl.col("end").fill_null(date.min), pl.col("period_id")]
    return (
        reached.sort(*by_end)
        .group_by("source_id", maintain_order=True)
        .agg(pl.col("n_figures").sum(), pl.col("period_id").last().alias("latest_period"))
        .sort("source_id")
        .collect()
    )


def series_index(tables: Tables) -> pl.DataFrame:
    """Every series (indicator, area, breakdown) in order: `n_observations` and `n_revisions`."""
    key = (*_SERIES, "breakdown")
    observed = tables("fct_observation").group_by(key).len("n_observations")
    revised = tables("fct_revision").group_by(key).len("n_revisions")
    return (
        observed.join(revised, on=key, how="left")
        .with_columns(pl.col("n_revisions").fill_null(0))
        .sort(key)
        .collect()
    )


def unclaimed_tally(tables: Tables) -> pl.DataFrame:
    """Per source and reason the number of cells that were read and used for nothing, `n_cells`."""
    why = pl.col("reason").str.split(":").list.first().str.strip_chars().alias("reason")
    counted = tables("fct_cell_unclaimed").group_by("source_id", why).len("n_cells")
    return counted.sort("n_cells", "source_id", "reason", descending=[True, False, False]).collect()


def finding_tally(tables: Tables) -> pl.DataFrame:
    """Per source and severity the number of findings, `n_findings`; what passed is none."""
    counted = _findings(tables).group_by("source_id", "severity").len("n_findings")
    return counted.sort("source_id", "severity").collect()


def first_findings(tables: Tables) -> pl.DataFrame:
    """The findings that a page lists: the gravest, of one gravity by rule."""
    grave = pl.col("severity").replace_strict(
        {severity: place for place, severity in enumerate(SEVERITIES)}, default=len(SEVERITIES)
    )
    return _findings(tables).sort(grave, "rule_id", "finding_id").head(FINDINGS_LISTED).collect()


def _findings(tables: Tables) -> pl.LazyFrame:
    return tables("fct_finding").filter(pl.col("outcome") != "passed")


def known_areas(tables: Tables) -> pl.DataFrame:
    """Every `indicator_code` and `area_id` that have a figure in force, in whatever breakdown and period."""
    known = tables("fct_actual").filter(pl.col("value").is_not_null())
    return known.select(_SERIES).unique().sort(_SERIES).collect()


def commune_figures(tables: Tables) -> pl.DataFrame:
    """The figures in force of the communes in force, totals alone: of each indicator the rows of fct_actual of its
    latest year, and of what is no figure of a year the period that most communes have.
    """
    known = boundaries_of(tables("dim_area").collect().to_dicts())
    communes = list(known[0].communes) if known else []
    figures = tables("fct_actual").filter(
        pl.col("area_id").is_in(communes), pl.col("value").is_not_null(), pl.col("breakdown") == TOTAL
    )
    latest: dict[str, tuple[int, int, str]] = {}
    for code, period_id, n in figures.group_by("indicator_code", "period_id").len().collect().iter_rows():
        rank = (year_of(period_id) or 0, n, period_id)
        latest[code] = max(latest.get(code, rank), rank)
    chosen = pl.LazyFrame(
        {"indicator_code": list(latest), "period_id": [period_id for *_, period_id in latest.values()]},
        schema={"indicator_code": pl.String, "period_id": pl.String},
    )
    of_latest = figures.join(chosen, on=["indicator_code", "period_id"], how="semi")
    return of_latest.sort(_SERIES).collect()


def levels_needed(tables: Tables, directory: Path) -> pl.DataFrame:
    """What each target has to reach in each coming year, as `reports.needed_levels` has it."""
    return needed_levels.needed_levels(tables("fct_assessment").collect(), directory)


PREPARED: Mapping[str, Callable[[Tables], pl.DataFrame]] = {
    "promised_figures": promised_figures,
    "promised_observations": promised_observations,
    "promised_components": promised_components,
    "component_observations": component_observations,
    "source_tally": source_tally,
    "series_index": series_index,
    "unclaimed_tally": unclaimed_tally,
    "finding_tally": finding_tally,
    "first_findings": first_findings,
    "known_areas": known_areas,
    "commune_figures": commune_figures,
}
# What is worked out by the formulas that lie in the release's directory.
BY_FORMULAS: Mapping[str, Callable[[Tables, Path], pl.DataFrame]] = {"levels_needed": levels_needed}


@per_release
def page_table(release: Release, name: str) -> pl.DataFrame:
    """One of PREPARED or BY_FORMULAS for a release as its reader may see it: read where it was prepared, else made."""
    file = _prepared_file(release, name)
    if file is not None:
        return pl.read_parquet(file)
    if name in BY_FORMULAS:
        return BY_FORMULAS[name](release.scan, release.directory)
    return PREPARED[name](release.scan)


def giving_sources(release: Release) -> Counter[str]:
    """The number of figures (every vintage) of each source that has given any, by source id."""
    return Counter(dict(page_table(release, "source_tally").select("source_id", "n_figures").iter_rows()))


def write_page_data(candidate: Path) -> None:
    """Prepare the tables of PREPARED and BY_FORMULAS in the folder `pages` of a candidate, sealed or not, that holds
    its tables and its formulas.
    """
    folder = candidate / FOLDER
    for level, cleared in CLEARANCES.items():
        (folder / level).mkdir(parents=True, exist_ok=True)

        def tables(name: str, cleared: Clearance = cleared) -> pl.LazyFrame:
            return disclosed_table(candidate, candidate.name, name, cleared)

        def write(name: str, made: pl.DataFrame, place: Path = folder / level) -> None:
            made.write_parquet(place / f"{name}.parquet", statistics=False)

        for name, function in PREPARED.items():
            write(name, function(tables))
        for name, by_formulas in BY_FORMULAS.items():
            write(name, by_formulas(tables, candidate))
    (folder / RULES_FILE).write_text(json.dumps(_rules(), indent=2, sort_keys=True) + "\n", encoding="utf-8")


@cache
def _rules() -> dict[str, str]:
    """What decides besides the release what a prepared table holds: who may see what, and the functions above. Tables
    that were made under other rules are not read.
    """
    deciding = (
        clearance, disclosure, release_data, boundaries, periods, needed_levels, supposed_figures,
    )  # fmt: skip
    files = (COLUMN_ACCESS_FILE, *(Path(str(module.__file__)) for module in deciding), Path(__file__))
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in files}


def _prepared_file(release: Release, name: str) -> Path | None:
    level = next((level for level, known in CLEARANCES.items() if known == release.clearance), None)
    if level is None or not _is_prepared(release):
        return None
    file = f"{FOLDER}/{level}/{name}.parquet"
    return release.directory / file if file in release.manifest.files else None


@per_release
def _is_prepared(release: Release) -> bool:
    file = f"{FOLDER}/{RULES_FILE}"
    if file not in release.manifest.files:
        return False
    told: object = json.loads((release.directory / file).read_text(encoding="utf-8"))
    return told == _rules()
