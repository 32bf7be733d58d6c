"""What the release in force says: the last accepted value of each series, the state of each milestone."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from sources.submission.catalogue import series_code
from sources.text.periods import parse_period_id
from store.releases import current_release_id, release_dir
from store.settings import Settings

_ANNUAL = ("year", "date", "school_year")


@dataclass(frozen=True)
class LastValue:
    """An accepted value: its unit, period, maturity and who gave it."""

    value: Decimal
    unit: str
    period_id: str
    period_end: date
    maturity: str
    publisher_vi: str


@dataclass(frozen=True)
class MilestoneState:
    """The state of a milestone, with its evidence in words."""

    state: str
    evidence: str | None


@dataclass(frozen=True)
class InForce:
    """What is in force, by area and series code, and by plan version and milestone."""

    release_id: str | None = None
    values: dict[tuple[str, str], list[LastValue]] = field(default_factory=dict)
    milestones: dict[tuple[str, str], MilestoneState] = field(default_factory=dict)

    def last_value(self, area_id: str, code: str, to: str, before: bool = False) -> LastValue | None:
        """Return the last annual value up to the end of period `to`, or ended before it."""
        end = parse_period_id(to).end
        found = [
            value
            for value in self.values.get((area_id, code), ())
            if end is not None and (value.period_end < end if before else value.period_end <= end)
        ]
        return max(found, key=lambda value: (value.period_end, value.period_id), default=None)


def _table(folder: Path, name: str) -> list[dict[str, Any]]:
    return pl.read_parquet(folder / f"{name}.parquet").rows(named=True)


def in_force(settings: Settings) -> InForce:
    """Read the release in force; nothing is in force before the first release."""
    release_id = current_release_id(settings)
    if release_id is None:
        return InForce()
    folder = release_dir(settings, release_id)
    publishers = {row["source_id"]: row["publisher_vi"] for row in _table(folder, "dim_source")}
    found = InForce(release_id)
    for row in _table(folder, "fct_actual"):
        period = parse_period_id(row["period_id"])
        if period.type in _ANNUAL and period.end is not None and row["value"] is not None:
            key = (row["area_id"], series_code(row["indicator_code"], row["breakdown"]))
            found.values.setdefault(key, []).append(
                LastValue(
                    row["value"].normalize(),
                    row["unit"],
                    row["period_id"],
                    period.end,
                    row["maturity"],
                    publishers.get(row["source_id"], row["source_id"]),
                )
            )
    for row in _table(folder, "fct_milestone"):
        found.milestones[row["plan_version"], row["target_id"]] = MilestoneState(
            row["state"], row["evidence"]
        )
    return found
