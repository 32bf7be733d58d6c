"""The queue of the desk: every finding with where it stands, what it would change, how old it is and when it is due.

Read from one release directory (the candidate on the desk, else the release in force) and the decisions on record; a
frame in, a frame out, so that ten thousand findings are one join. Nothing here looks at a clock: the day is given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from expectations.gate.findings import Evidence, Standing, standing
from expectations.gate.questions import Desk, question, questions
from sources.calendar import Holidays, load_holidays
from store import review, state
from store.manifest import MANIFEST_NAME, read_manifest
from store.releases import current_release_id
from store.review import Decision
from store.settings import Settings

_STANDING_SCHEMA: dict[str, Any] = {
    "finding_id": pl.String, "state": pl.String, "sequence": pl.Int64, "last_action": pl.String,
    "last_actor": pl.String, "last_at": pl.Datetime(time_zone="UTC"), "effective_action": pl.String,
    "proposed_action": pl.String, "proposed_by": pl.String,
}  # fmt: skip


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
    found = questions(settings, at)
    with state.reading(settings) as connection:
        steps = review.decisions(connection)
    found = found.join(standings(found, steps), on="finding_id", how="left").with_columns(
        pl.col("state").fill_null("open"), pl.col("sequence").fill_null(0)
    )
    needs_step = (
        pl.col("state").is_in(["open", "lapsed", "queried", "proposed"])
        & pl.col("is_latest")
        & pl.col("outcome").is_in(["failed", "not_checked"])
    )
    found = found.with_columns(needs_step=needs_step)
    found = _with_dates(settings, found, day)
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
    found = question(at, finding_id)
    return found.row(0, named=True) if found.height == 1 else None


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


def _with_dates(settings: Settings, found: pl.DataFrame, day: date) -> pl.DataFrame:
    holidays = load_holidays()
    # A decision that lapsed asks anew: its days count from the issue that made it lapse.
    since = pl.when(pl.col("state") == "lapsed").then("asked_on").otherwise("raised_on")
    found = found.with_columns(raised_on=since).drop("asked_on")
    asked = found.select("raised_on", "severity").unique()
    due = [
        working_days_after(first, settings.due_working_days[severity], holidays)
        for first, severity in asked.iter_rows()
    ]
    dated = asked.with_columns(due_on=pl.Series(due, dtype=pl.Date))
    return found.join(dated, on=["raised_on", "severity"], how="left").with_columns(
        age_days=(pl.lit(day) - pl.col("raised_on")).dt.total_days(),
        is_overdue=pl.col("needs_step") & (pl.col("due_on") < day),
    )
