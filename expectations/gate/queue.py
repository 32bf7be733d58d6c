"""The queue of the desk: every finding with where it stands, what it would change, how old it is and when it is due.

Read from one release directory (the candidate on the desk, else the release in force) and the decisions on record; a
frame in, a frame out, so that ten thousand findings are one join. Nothing here looks at a clock: the day is given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from expectations.finding_keys import finding_key
from expectations.gate.findings import Evidence, Standing, standing
from sources.calendar import Holidays, load_holidays
from store import review, state
from store.manifest import MANIFEST_NAME, Manifest, read_manifest
from store.releases import current_release_id
from store.review import Decision
from store.settings import Settings

# How much a finding weighs: severity x influence (selective editing, GSDEM 2.0).
SEVERITY_WEIGHTS: Mapping[str, int] = {"error": 4, "warning": 2, "information": 1}
# What accepting or excluding the value would change: a headline target's bucket, any target's, none of a target that
# reads it, or nothing that is known.
INFLUENCE_WEIGHTS: Mapping[str, int] = {"headline": 8, "state": 4, "target": 2, "none": 1}

_FIGURE = ("indicator_code", "area_id", "period_id", "breakdown", "form", "source_id")
_OF_OBSERVATION = (
    "value", "value_text", "value_decimals", "rounding_half_width", "unit", "form", "maturity", "vintage_at",
    "published_at", "snapshot_sha256", "document", "cell_ref", "held",
)  # fmt: skip
_STANDING_SCHEMA: dict[str, Any] = {
    "finding_id": pl.String, "state": pl.String, "sequence": pl.Int64, "last_action": pl.String,
    "last_actor": pl.String, "last_at": pl.Datetime(time_zone="UTC"), "effective_action": pl.String,
    "proposed_action": pl.String, "proposed_by": pl.String,
}  # fmt: skip


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
        return pl.read_parquet(self.directory / f"{table}.parquet")


def desk(settings: Settings) -> Desk | None:
    """What the desk looks at: the newest candidate made after the release in force, else that release, else None.

    A candidate that was compared with another release than the one in force is passed over: it cannot be published.
    """
    current = current_release_id(settings)
    offered = []
    for directory in settings.candidates_dir.glob("*"):
        if (directory / MANIFEST_NAME).is_file():
            manifest = read_manifest(directory)
            if manifest.previous_release_id == current:
                offered.append((manifest.created_at, directory.name, manifest, directory))
    if offered:
        _, _, manifest, directory = max(offered, key=lambda one: one[:2])
        return Desk(directory, manifest, True)
    if current is None:
        return None
    directory = settings.releases_dir / current
    return Desk(directory, read_manifest(directory), False)


def queue(settings: Settings, at: Desk, day: date) -> pl.DataFrame:
    """Every finding of a desk, the most pressing first; one row per finding_id.

    Columns: those of fct_finding; of its observation value, value_text, unit, rounding_half_width, vintage_at, place
    (null when it is about none), `is_latest`: no later issue of the figure is there; from the decisions `state`,
    `sequence` (to be named with the next step), last_action, last_actor, last_at, effective_action, proposed_action,
    proposed_by, `needs_step` (somebody has something to do); `influence`, n_targets, `weight`; `raised_on`, `age_days`,
    `due_on`, `is_overdue` (only where needs_step).
    """
    found = _with_observation(at, _findings(at))
    with state.reading(settings) as connection:
        steps = review.decisions(connection)
    found = found.join(standings(found, steps), on="finding_id", how="left").with_columns(
        pl.col("state").fill_null("open"), pl.col("sequence").fill_null(0)
    )
    found = found.join(_influence(at), on="finding_id", how="left").with_columns(
        pl.col("influence").fill_null("none"), pl.col("n_targets").fill_null(0)
    )
    weight = pl.col("severity").replace_strict(SEVERITY_WEIGHTS, default=0, return_dtype=pl.Int64) * pl.col(
        "influence"
    ).replace_strict(INFLUENCE_WEIGHTS, default=0, return_dtype=pl.Int64)
    needs_step = (
        pl.col("state").is_in(["open", "lapsed", "queried", "proposed"])
        & pl.col("is_latest")
        & pl.col("outcome").is_in(["failed", "not_checked"])
    )
    found = found.with_columns(weight=weight, needs_step=needs_step)
    found = _with_dates(settings, at, found, day)
    return found.sort(
        ["needs_step", "weight", "age_days", "due_on", "finding_id"],
        descending=[True, True, True, False, False],
        nulls_last=True,
    )


def standings(found: pl.DataFrame, steps: Sequence[Decision]) -> pl.DataFrame:
    """Where each finding stands on which somebody took a step: a frame by finding_id.

    `found` needs the columns that `Evidence.of_row` reads.
    """
    by_key: dict[str, list[Decision]] = defaultdict(list)
    for step in steps:
        by_key[step.finding_key].append(step)
    touched = found.filter(pl.col("finding_key").is_in(list(by_key)))
    rows = []
    for row in touched.iter_rows(named=True):
        own = by_key[row["finding_key"]]
        rows.append(_standing_row(row["finding_id"], standing(own, Evidence.of_row(row)), own[-1]))
    return pl.DataFrame(rows, schema=_STANDING_SCHEMA, orient="row")


def finding_row(at: Desk, finding_id: str) -> dict[str, Any] | None:
    """The columns of a finding and of its observation, as `Evidence.of_row` and `decide` read them; None without it.

    `finding_id` may be its beginning where that names only one.
    """
    found = _findings(at).filter(pl.col("finding_id").str.starts_with(finding_id))
    if found.height != 1:
        return None
    return _with_observation(at, found).row(0, named=True)


def evidence_now(at: Desk, finding_id: str) -> Evidence | None:
    """What a decision on a finding would be about, or None without it; see `finding_row`."""
    row = finding_row(at, finding_id)
    return None if row is None else Evidence.of_row(row, is_owned=_is_owned(at, row["source_id"]))


def _is_owned(at: Desk, source_id: str | None) -> bool:
    """Whether the reviewing office issues the figures of a source itself, as the source's record says."""
    sources = at.frame("dim_source")
    if source_id is None or sources is None or "owned" not in sources.columns:
        return False
    return bool(sources.filter(pl.col("source_id") == source_id)["owned"].fill_null(False).any())


def working_days_after(day: date, n: int, holidays: Holidays) -> date:
    """The n-th working day after a day. Of a year whose days off are not known only its weekends are left out."""
    while n > 0:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays.days:
            n -= 1
    return day


def _standing_row(finding_id: str, now: Standing, last: Decision) -> dict[str, Any]:
    return {
        "finding_id": finding_id,
        "state": now.state,
        "sequence": now.sequence,
        "last_action": last.action,
        "last_actor": last.actor,
        "last_at": last.at,
        "effective_action": now.effective.action if now.effective else None,
        "proposed_action": now.proposal.action if now.proposal else None,
        "proposed_by": now.proposal.actor if now.proposal else None,
    }


def _findings(at: Desk) -> pl.DataFrame:
    return with_finding_key(at, pl.read_parquet(at.directory / "fct_finding.parquet"))


def with_finding_key(at: Desk, found: pl.DataFrame) -> pl.DataFrame:
    """The findings with `finding_key`: of a release made before it had that column it is worked out."""
    if "finding_key" in found.columns:
        return found
    forms = _observations(at, found).select("observation_key", "form").unique("observation_key")
    named = found.join(forms, on="observation_key", how="left", maintain_order="left")
    keys = [finding_key(str(row["rule_id"]), row) for row in named.iter_rows(named=True)]
    return found.with_columns(pl.Series("finding_key", keys, dtype=pl.String))


def _observations(at: Desk, found: pl.DataFrame) -> pl.DataFrame:
    """Every issue of the figures that findings are about."""
    every = pl.scan_parquet(at.directory / "fct_observation.parquet")
    there = every.collect_schema().names()
    wanted = [
        "observation_key", "origin", "ended_by_observation_key", *_FIGURE,
        *(name for name in _OF_OBSERVATION if name not in _FIGURE),
    ]  # fmt: skip
    named = found.select("observation_key").drop_nulls().unique()
    figures = every.join(named.lazy(), on="observation_key", how="semi").select(_FIGURE).unique()
    issues = every.select([name for name in wanted if name in there]).join(
        figures, on=_FIGURE, how="semi", nulls_equal=True
    )
    read = issues.collect()
    missing = [name for name in wanted if name not in there]
    return read.with_columns(pl.lit(None).alias(name) for name in missing)


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
    every = at.frame("fct_finding_influence")
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


def _with_dates(settings: Settings, at: Desk, found: pl.DataFrame, day: date) -> pl.DataFrame:
    holidays = load_holidays()
    by_key = _raised_on(settings, at, found, "finding_key")
    # A decision that lapsed asks anew: its days count from the issue that made it lapse.
    by_id = _raised_on(settings, at, found.filter(pl.col("state") == "lapsed"), "finding_id")
    due: dict[tuple[date, str], date] = {}
    raised_on, due_on = [], []
    for finding_id, key, severity in found.select("finding_id", "finding_key", "severity").iter_rows():
        first = by_id.get(finding_id, by_key[key])
        asked = (first, severity)
        if asked not in due:
            due[asked] = working_days_after(first, settings.due_working_days[severity], holidays)
        raised_on.append(first)
        due_on.append(due[asked])
    return found.with_columns(
        pl.Series("raised_on", raised_on, dtype=pl.Date), pl.Series("due_on", due_on, dtype=pl.Date)
    ).with_columns(
        age_days=(pl.lit(day) - pl.col("raised_on")).dt.total_days(),
        is_overdue=pl.col("needs_step") & (pl.col("due_on") < day),
    )


def _raised_on(settings: Settings, at: Desk, found: pl.DataFrame, name: str) -> dict[str, date]:
    """By finding_key or finding_id the day it first was there: of the oldest release of an unbroken row that has it."""
    zone = ZoneInfo(settings.time_zone)
    raised = dict.fromkeys(found[name], at.manifest.created_at.astimezone(zone).date())
    still, before = set(raised), at.manifest.previous_release_id
    while still and before is not None:
        directory = settings.releases_dir / before
        if not (directory / MANIFEST_NAME).is_file():
            break
        manifest, names = _names_in_release(directory, name)
        still &= names
        raised.update(dict.fromkeys(still, manifest.created_at.astimezone(zone).date()))
        before = manifest.previous_release_id
    return raised


# A release never changes, so what it was asked is read once.
@lru_cache(maxsize=256)
def _names_in_release(directory: Path, name: str) -> tuple[Manifest, frozenset[str]]:
    published = Desk(directory, read_manifest(directory), False)
    if "fct_finding.parquet" not in published.manifest.files:
        return published.manifest, frozenset()
    return published.manifest, frozenset(_findings(published)[name])
