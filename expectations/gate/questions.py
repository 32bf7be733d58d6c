"""The findings of a release directory, each with the figure it is about: what the desk takes from files alone.

Nothing of it hangs on a decision or a day, so it is worked out once for the files as they stand and kept; what people
did is put beside it in `expectations.gate.queue`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

import polars as pl

from expectations.finding_keys import finding_key
from store.manifest import MANIFEST_NAME, Manifest, read_manifest
from store.settings import Settings

# How much a finding weighs: severity x influence (selective editing, GSDEM 2.0).
SEVERITY_WEIGHTS: Mapping[str, int] = {"error": 4, "warning": 2, "information": 1}
# What accepting or excluding the value would change: a headline target's bucket, any target's, none of a target that
# reads it, or nothing that is known.
INFLUENCE_WEIGHTS: Mapping[str, int] = {"headline": 8, "state": 4, "target": 2, "none": 1}

_FINDINGS, _OBSERVATIONS, _INFLUENCE = "fct_finding", "fct_observation", "fct_finding_influence"
_NAMES = ("finding_id", "finding_key")
_FIGURE = ("indicator_code", "area_id", "period_id", "breakdown", "form", "source_id")
_OF_OBSERVATION = (
    "value", "value_text", "value_decimals", "rounding_half_width", "unit", "form", "maturity", "vintage_at",
    "published_at", "snapshot_sha256", "document", "cell_ref", "held",
)  # fmt: skip
# Directories whose questions are kept: what is on the desk, and what was there before it. A million observations
# with 160,000 findings are 130 MB.
MOST_KEPT = 2


@dataclass(frozen=True)
class Desk:
    """The directory that the desk looks at. `is_candidate`: it is not published."""

    directory: Path
    manifest: Manifest
    is_candidate: bool

    def frame(self, table: str) -> pl.DataFrame | None:
        """A table of the directory; None when it has none of that name."""
        if f"{table}.parquet" not in self.manifest.files:
            return None
        return pl.read_parquet(self.path(table))

    def path(self, table: str) -> Path:
        """Where a table of the directory lies."""
        return self.directory / f"{table}.parquet"


_kept: OrderedDict[Hashable, pl.DataFrame] = OrderedDict()
_lock = Lock()


def questions(settings: Settings, at: Desk) -> pl.DataFrame:
    """Every finding of a desk as its files have it, and the releases before it; one row per finding_id, in no order.

    Columns: those of fct_finding; of its observation value, value_text, unit, rounding_half_width, vintage_at, place
    (null when it is about none), `is_latest`: no later issue of the figure is there; `influence`, n_targets, `weight`;
    `raised_on`: the day its question was first put; `asked_on`: the day its evidence was first there.

    Kept for as long as `files_of` is the same; whoever takes the frame does not write into it.
    """
    files = files_of(settings, at)
    # Whoever comes while it is worked out waits for it instead of working it out too.
    with _lock:
        if files not in _kept:
            _kept[files] = _worked_out(settings, at)
        _kept.move_to_end(files)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
        return _kept[files]


def files_of(settings: Settings, at: Desk) -> Hashable:
    """Tells apart what `questions` reads: the directory, its digest, each file as it lies there, the releases before.

    A file that was written anew is another one although its manifest says the same.
    """
    written = [
        (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        for table in (_FINDINGS, _OBSERVATIONS, _INFLUENCE)
        if f"{table}.parquet" in at.manifest.files
        for stat in [at.path(table).stat()]
    ]
    before = tuple(str(directory) for directory, _ in _releases_before(settings, at))
    manifest = at.manifest
    return (
        str(at.directory),
        manifest.content_digest,
        manifest.created_at,
        tuple(written),
        before,
        settings.time_zone,
    )


def question(at: Desk, finding_id: str) -> pl.DataFrame:
    """One finding with its observation, read from the files: of `questions` the columns up to `is_latest`.

    No row without it; `finding_id` may be its beginning, and there may be more rows where that names several.
    """
    found = (
        pl.scan_parquet(at.path(_FINDINGS)).filter(pl.col("finding_id").str.starts_with(finding_id)).collect()
    )
    return found if found.height != 1 else _with_observation(at, with_finding_key(at, found))


def with_finding_key(at: Desk, found: pl.DataFrame) -> pl.DataFrame:
    """The findings with `finding_key`: of a release made before it had that column it is worked out."""
    if "finding_key" in found.columns:
        return found
    forms = _observations(at, found).select("observation_key", "form").unique("observation_key")
    named = found.join(forms, on="observation_key", how="left", maintain_order="left")
    keys = [finding_key(str(row["rule_id"]), row) for row in named.iter_rows(named=True)]
    return found.with_columns(pl.Series("finding_key", keys, dtype=pl.String))


def _worked_out(settings: Settings, at: Desk) -> pl.DataFrame:
    found = _with_observation(at, with_finding_key(at, pl.read_parquet(at.path(_FINDINGS))))
    found = found.join(_influence(at), on="finding_id", how="left").with_columns(
        pl.col("influence").fill_null("none"), pl.col("n_targets").fill_null(0)
    )
    weight = pl.col("severity").replace_strict(SEVERITY_WEIGHTS, default=0, return_dtype=pl.Int64) * pl.col(
        "influence"
    ).replace_strict(INFLUENCE_WEIGHTS, default=0, return_dtype=pl.Int64)
    first_there = _first_there(settings, at, found.select(_NAMES))
    return found.with_columns(weight=weight).join(first_there, on="finding_id", how="left")


def _observations(at: Desk, found: pl.DataFrame) -> pl.DataFrame:
    """Every issue of the figures that findings are about."""
    every = pl.scan_parquet(at.path(_OBSERVATIONS))
    there = every.collect_schema().names()
    wanted = [
        "observation_key", "origin", "ended_by_observation_key", *_FIGURE,
        *(name for name in _OF_OBSERVATION if name not in _FIGURE),
    ]  # fmt: skip
    named = found["observation_key"].drop_nulls().unique()
    figures = (
        every.filter(pl.col("observation_key").is_in(named.implode())).select(_FIGURE).unique().collect()
    )
    issues = every.select([name for name in wanted if name in there])
    if figures.height == 1:
        # Compared with a figure that is known, most of the file is not even read.
        issues = issues.filter(
            pl.col(name).eq_missing(value) for name, value in figures.row(0, named=True).items()
        )
    else:
        issues = issues.join(figures.lazy(), on=_FIGURE, how="semi", nulls_equal=True)
    missing = [name for name in wanted if name not in there]
    return issues.collect().with_columns(pl.lit(None).alias(name) for name in missing)


def _with_observation(at: Desk, found: pl.DataFrame) -> pl.DataFrame:
    issues = _observations(at, found).sort(["published_at", "vintage_at"], nulls_last=False)
    # A correction is the office's word on an issue, no later one; it stands as long as no issue has ended it.
    is_correction = pl.col("origin").eq_missing(pl.lit("correction"))
    last = pl.col("observation_key").filter(~is_correction).last().over(_FIGURE)
    latest = (
        pl.when(is_correction)
        .then(pl.col("ended_by_observation_key").is_null())
        .otherwise(pl.col("observation_key") == last)
    )
    issues = issues.with_columns(
        pl.col("value").cast(pl.Float64), pl.col("rounding_half_width").cast(pl.Float64), is_latest=latest
    )
    told = issues.select("observation_key", *_OF_OBSERVATION, "is_latest")
    both = found.join(told, on="observation_key", how="left", suffix="_of_observation")
    # A finding has a unit of its own, of what it sets side by side; a value is in that of its observation.
    stated = [name for name in _OF_OBSERVATION if f"{name}_of_observation" in both.columns]
    return (
        both.with_columns(pl.coalesce(f"{name}_of_observation", name).alias(name) for name in stated)
        .with_columns(pl.col("is_latest").fill_null(True))
        .drop(f"{name}_of_observation" for name in stated)
    )


def _influence(at: Desk) -> pl.DataFrame:
    """By finding_id what the finding would change: headline, state, target or none; and how many targets read it."""
    every = at.frame(_INFLUENCE)
    if every is None:
        return pl.DataFrame(schema={"finding_id": pl.String, "influence": pl.String, "n_targets": pl.UInt32})
    changes = pl.col("changes_bucket").fill_null(False)
    return every.group_by("finding_id").agg(
        influence=pl.when((changes & pl.col("is_headline").fill_null(False)).any())
        .then(pl.lit("headline"))
        .when(changes.any())
        .then(pl.lit("state"))
        .otherwise(pl.lit("target")),
        n_targets=pl.col("target_id").n_unique(),
    )


def _first_there(settings: Settings, at: Desk, found: pl.DataFrame) -> pl.DataFrame:
    """By finding_id the days `raised_on` (of its finding_key) and `asked_on` (of itself) since when it was there.

    That is the day of the oldest release of an unbroken row that has it.
    """
    zone = ZoneInfo(settings.time_zone)
    today = at.manifest.created_at.astimezone(zone).date()
    first = {name: found.select(pl.col(name).unique(), day=pl.lit(today)) for name in _NAMES}
    still = {name: days.select(name) for name, days in first.items()}
    for directory, created_at in _releases_before(settings, at):
        there = _names_in_release(directory)
        day = created_at.astimezone(zone).date()
        for name in _NAMES:
            still[name] = still[name].join(there, on=name, how="semi")
            first[name] = first[name].update(still[name].with_columns(day=pl.lit(day)), on=name)
        if still["finding_key"].is_empty():
            break
    return found.join(first["finding_key"].rename({"day": "raised_on"}), on="finding_key", how="left").join(
        first["finding_id"].rename({"day": "asked_on"}), on="finding_id", how="left"
    ).select("finding_id", "raised_on", "asked_on")  # fmt: skip


def _releases_before(settings: Settings, at: Desk) -> Iterator[tuple[Path, datetime]]:
    """The releases before a desk that are still there, the newest first, and when each was made."""
    before = at.manifest.previous_release_id
    while before is not None:
        directory = settings.releases_dir / before
        if not (directory / MANIFEST_NAME).is_file():
            return
        created_at, before = _made(directory)
        yield directory, created_at


# A release never changes, so what it says of itself is read once.
@lru_cache(maxsize=256)
def _made(directory: Path) -> tuple[datetime, str | None]:
    manifest = read_manifest(directory)
    return manifest.created_at, manifest.previous_release_id


def _names_in_release(directory: Path) -> pl.DataFrame:
    published = Desk(directory, read_manifest(directory), False)
    if f"{_FINDINGS}.parquet" not in published.manifest.files:
        return pl.DataFrame(schema=dict.fromkeys(_NAMES, pl.String))
    every = pl.scan_parquet(published.path(_FINDINGS))
    if "finding_key" in every.collect_schema().names():
        return every.select(_NAMES).collect()
    return with_finding_key(published, every.collect()).select(_NAMES)
