"""How the work itself goes: from load to sign-off, findings per load, rules that were wrong, why errors were let
through, states that revisions changed. Measures of the office, never of a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

import polars as pl

from expectations.gate.findings import standing
from reports.release_data import Release, release_at
from store import review, state
from store.manifest import Manifest
from store.releases import list_releases
from store.review import Decision, SignOff
from store.settings import Settings

STATES = ("level_state", "pace_state")
OVERRIDES = ("accept", "accept_flagged", "rule_wrong", "correct")


@dataclass(frozen=True)
class RuleVerdicts:
    """Of one rule: how many questions were settled, and of how many the rule was wrong."""

    rule_id: str
    settled: int
    wrong: int

    @property
    def share(self) -> float:
        return self.wrong / self.settled


@dataclass(frozen=True)
class Process:
    """The measures. `days_to_sign_off`: median days from a load to the signature under the first release that holds it,
    None while nothing was signed; `loads`: how many loads that is. `overrides`: (action, reason code) -> how often.
    """

    days_to_sign_off: float | None
    loads: int
    findings_per_load: float | None
    settled: int
    verdicts: Sequence[RuleVerdicts]
    overrides: Counter[tuple[str, str]]
    states_by_revision: int
    states_by_other: int


def process(settings: Settings, release: Release) -> Process:
    """The measures as they stand now; `release` is what the desk looks at."""
    with state.reading(settings) as connection:
        steps = review.decisions(connection)
        signed = _signed_at(review.sign_offs(connection))
        loaded = state.loaded_at(connection)
    listings = list_releases(settings)
    manifests = [listing.manifest for listing in listings]
    days = _days(manifests, signed, loaded)
    loads = {one.snapshot_sha256 for one in release.manifest.input_snapshots}
    about = release.table("fct_finding").filter(pl.col("source_id").is_not_null()).height
    settled, verdicts, overrides = _verdicts(steps)
    by_revision, by_other = _flips(release, [listing.directory for listing in listings])
    return Process(
        median(days) if days else None,
        len(days),
        about / len(loads) if loads else None,
        settled,
        verdicts,
        overrides,
        by_revision,
        by_other,
    )


def _signed_at(steps: Sequence[SignOff]) -> dict[str, datetime]:
    """When the last signature was set under each release that was published, by release id."""
    published = {step.manifest_sha256 for step in steps if step.action == "publish"}
    return {
        step.release_id: step.at
        for step in steps
        if step.action == "sign" and step.manifest_sha256 in published
    }


def _days(
    manifests: Sequence[Manifest], signed: Mapping[str, datetime], loaded: Mapping[str, datetime]
) -> list[float]:
    """Days from each load to the first signature under a release that holds it, the releases in their order."""
    found: dict[str, float] = {}
    for manifest in manifests:
        at = signed.get(manifest.release_id)
        for one in manifest.input_snapshots:
            came = loaded.get(one.snapshot_sha256)
            if at is None or came is None or one.snapshot_sha256 in found or at < came:
                continue
            found[one.snapshot_sha256] = (at - came).total_seconds() / 86_400
    return list(found.values())


def _verdicts(steps: Sequence[Decision]) -> tuple[int, list[RuleVerdicts], Counter[tuple[str, str]]]:
    """How many questions are settled, by rule how many of them by calling the rule wrong, and why errors were
    overridden.
    """
    by_key: dict[str, list[Decision]] = {}
    for step in steps:
        by_key.setdefault(step.finding_key, []).append(step)
    settled: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    overrides: Counter[tuple[str, str]] = Counter()
    for taken in by_key.values():
        now = standing(taken)
        if not now.is_settled or now.effective is None:
            continue
        decision = now.effective
        settled[decision.rule_id] += 1
        wrong[decision.rule_id] += decision.action == "rule_wrong"
        if decision.severity == "error" and decision.action in OVERRIDES:
            overrides[decision.action, decision.reason_code or "OTHER"] += 1
    verdicts = [RuleVerdicts(rule, number, wrong[rule]) for rule, number in settled.items()]
    verdicts.sort(key=lambda one: (-one.share, -one.settled, one.rule_id))
    return settled.total(), verdicts, overrides


def _flips(release: Release, directories: Sequence[Path]) -> tuple[int, int]:
    """How many states of targets changed from release to release: where new snapshots came in, and else."""
    by_revision = by_other = 0
    for directory in {*directories, release.directory}:
        changes = release_at(directory).table("fct_release_change")
        flips = changes.filter(
            pl.col("table_name") == "fct_assessment",
            pl.col("change_kind") == "changed",
            pl.col("column_name").is_in(STATES),
        )
        with_snapshots = flips.filter(pl.col("reason").fill_null("").str.contains("SNAPSHOTS"))
        by_revision += with_snapshots["row_key"].n_unique()
        by_other += flips["row_key"].n_unique() - with_snapshots["row_key"].n_unique()
    return by_revision, by_other
