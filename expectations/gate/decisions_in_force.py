"""What a build knows of people's decisions: read once at its start, told of each finding once, after it was found.

A build takes the steps up to one number and no later ones. What a decision does to a value is said here and nowhere
else; dbt and the pages only read it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl

from expectations.gate.findings import Evidence, Standing, evidence_of, standing
from expectations.gate.states import LETTING_THROUGH, FindingState
from store import review, state
from store.review import Decision
from store.settings import Settings

# What a decision does to the value that the finding names: it counts although an error rule failed, or is held back.
Effect = Literal["lets_through", "holds"]

# One row per finding on which somebody took a step; no person is named, so a release that reads it names none.
FINDING_DECISION_SCHEMA: dict[str, Any] = {
    "finding_id": pl.String,
    "decision": pl.String,
    "effect": pl.String,
    "action": pl.String,
    "decision_id": pl.Int64,
    "reason_code": pl.String,
    "flag": pl.String,
    "value": pl.Float64,
    "decided_on": pl.Date,
    "n_people": pl.Int32,
}

Row = dict[str, Any]


@dataclass(frozen=True)
class DecisionsInForce:
    """The steps on findings that a build knows, by finding_key, each key's in their order.

    `up_to`: decision_id of the last step known, 0 before the first. `time_zone`: in which days are told.
    """

    up_to: int = 0
    steps: Mapping[str, tuple[Decision, ...]] = field(default_factory=dict)
    time_zone: str = "Asia/Ho_Chi_Minh"

    @property
    def fingerprint(self) -> str:
        """The sha256 (hex) of all that decides; a comment decides nothing."""
        told = [
            [step.decision_id, step.finding_key, step.action]
            for steps in self.steps.values()
            for step in steps
            if step.action != "comment"
        ]
        return hashlib.sha256(json.dumps(sorted(told)).encode()).hexdigest()

    def on(self, evidence: Evidence) -> Standing | None:
        """Where a finding stands; None when nobody took a step on its question."""
        steps = self.steps.get(evidence.finding_key)
        return standing(steps, evidence) if steps else None

    def row(self, evidence: Evidence) -> Row | None:
        """The row of a finding in finding_decision.parquet; None when nobody took a step on its question."""
        now = self.on(evidence)
        if now is None:
            return None
        told = now.effective or now.proposal
        return {
            "finding_id": evidence.finding_id,
            "decision": now.state,
            "effect": effect_of(now.state),
            "action": told.action if told else None,
            "decision_id": told.decision_id if told else None,
            "reason_code": told.reason_code if told else None,
            "flag": told.flag if told else None,
            "value": told.value if told else None,
            "decided_on": self._day(now.confirmed_by or told) if told else None,
            "n_people": (2 if now.confirmed_by else 1) if told else None,
        }

    def corrections(self) -> list[Row]:
        """Figures that the office corrected: one row per observation, for the input table `correction`.

        Whether one is still in force is for dbt to say, which knows what the publisher gave since.
        """
        rows: dict[str, Row] = {}
        corrected = [
            (now.confirmed_by or now.effective, now.effective)
            for steps in self.steps.values()
            for evidence in {step.observation_key: evidence_of(step) for step in steps}.values()
            if (now := standing(steps, evidence)).state == "corrected" and now.effective is not None
        ]
        # Where two findings on one figure were corrected, the later word holds.
        for effective_with, step in sorted(corrected, key=lambda pair: pair[0].decision_id):
            text = str(step.corrected_value_text)
            rows[str(step.observation_key)] = {
                "observation_key": step.observation_key,
                "decision_id": step.decision_id,
                "value": Decimal(text),
                "value_text": text,
                "unit": step.unit,
                "wrong_value": step.value,
                "tolerance": step.tolerance or 0.0,
                "decided_at": effective_with.at.astimezone(UTC).replace(tzinfo=None),
            }
        return list(rows.values())

    @property
    def last_step(self) -> datetime | None:
        """When the last step was taken that decides something; None before the first."""
        moments = [step.at for steps in self.steps.values() for step in steps if step.action != "comment"]
        return max(moments, default=None)

    @property
    def last_day(self) -> date | None:
        """The day (UTC, as that of a vintage) of that step."""
        return self.last_step.astimezone(UTC).date() if self.last_step else None

    def _day(self, step: Decision) -> date:
        return step.at.astimezone(ZoneInfo(self.time_zone)).date()


def read_decisions(
    settings: Settings, *, up_to: int | None = None, taken_by: datetime | None = None
) -> DecisionsInForce:
    """The steps on findings that a build is to know: all, those up to a decision_id, those taken by a moment."""
    with state.reading(settings) as connection:
        last = review.last_decision_id(connection, taken_by)
        if up_to is not None:
            last = min(last, up_to)
        steps = review.decisions(connection, up_to=last)
    by_key: dict[str, list[Decision]] = {}
    for step in steps:
        by_key.setdefault(step.finding_key, []).append(step)
    return DecisionsInForce(last, {key: tuple(own) for key, own in by_key.items()}, settings.time_zone)


def known_on(day: date) -> datetime:
    """The end of a cut-off: what was decided up to then counts. In UTC, as the days of vintages are told."""
    return datetime.combine(day, time.max, UTC)


def effect_of(now: FindingState) -> Effect | None:
    """What a decision does to the value; None while the rule alone speaks."""
    if now in LETTING_THROUGH:
        return "lets_through"
    return "holds" if now in ("excluded", "corrected") else None
