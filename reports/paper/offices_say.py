"""What the offices say of their targets, for the report: each line is that office's statement, never ours."""

from __future__ import annotations

from collections.abc import Collection

from reports.causes import Cause, every_cause, state_sentence
from reports.plan_facts import TargetKey
from reports.release_data import Release
from reports.words import Words


def statements(release: Release, targets: Collection[TargetKey]) -> list[Cause]:
    """The statements on some targets; none where a release knows of none."""
    return [cause for cause in every_cause(release) if (cause.plan_version, cause.target_id) in targets]


def cells(cause: Cause, words: Words) -> tuple[str, str, str]:
    """Cause, measure, and deadline with where it stands, in the words of the office."""
    state = state_sentence(cause, words)
    if cause.is_closed:
        closed = words("table.not_public")
        return closed, closed, state
    return str(cause.row["cause"]), str(cause.row["measure"]), state
