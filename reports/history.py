"""What became of a target from release to release: the releases before one, and the states it had in each.

Nothing is assessed anew: each release says what it said when it was published. Releases never change, so what is read
of them is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reports.plan_facts import TargetKey, target_key
from reports.release_changes import Change, ChangeReason, state_changes
from reports.release_data import Release, ReleaseUnreadable, Row, named_release
from reports.words import FAMILIES
from store.settings import Settings

# From the best to the worst, as far as one follows from the other: a target without a pace that is not reached yet is
# neither better nor worse than one that is behind.
_PACES = ("reached", "on_track", "slightly_behind", "behind", "moving_away")
_LEVELS = ("reached", "not_reached")
_NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True)
class StateChange:
    """A target whose state is another one than in the release before.

    `direction`: better, worse, begun (assessed for the first time), ended (no longer assessed) or other.
    """

    key: TargetKey
    was: Row
    now: Row
    direction: str
    reason: ChangeReason


@dataclass(frozen=True)
class PastState:
    """What one release said of a target; `reason` why that is not what the release before said, None where it is."""

    release_id: str
    cut_off: date
    published: date
    assessment: Row
    reason: ChangeReason | None


def release_before(settings: Settings, release: Release) -> Release | None:
    """The release that was in force when this one was made, as the same reader may see it; None without one.

    One that was taken away, or that this version of the program cannot read, counts as none.
    """
    previous = release.manifest.previous_release_id
    if previous is None:
        return None
    try:
        found = named_release(settings, previous)
    except ReleaseUnreadable:
        return None
    return None if found is None else found.seen_with(release.clearance)


def releases_back(settings: Settings, release: Release) -> Iterator[Release]:
    """The release and those before it, the newest first."""
    seen: set[str] = set()
    current: Release | None = release
    while current is not None and current.release_id not in seen:
        seen.add(current.release_id)
        yield current
        current = release_before(settings, current)


def changes_since(before: Release, after: Release) -> tuple[StateChange, ...]:
    """The targets whose state changed, the plan in use alone, in the order of the assessments."""
    return tuple(_state_change(change) for change in _changes(before, after).values() if _in_use(change))


def history_of(settings: Settings, release: Release, key: TargetKey) -> list[PastState]:
    """What each release up to this one said of a target, the newest first; those that do not know it are left out."""
    every = [(one, _assessment(one, key)) for one in releases_back(settings, release)]
    known = [(one, row) for one, row in every if row is not None]
    history = []
    for place, (one, row) in enumerate(known):
        older = known[place + 1] if place + 1 < len(known) else None
        change = None
        if older is not None and older[1].get("bucket") is not None and _states(older[1]) != _states(row):
            change = _changes(older[0], one).get(key)
        history.append(
            PastState(
                one.release_id,
                one.cut_off,
                one.manifest.created_at.date(),
                row,
                change.reason if change else None,
            )
        )
    return history


def _assessment(release: Release, key: TargetKey) -> Row | None:
    return next((row for row in release.rows("fct_assessment") if target_key(row) == key), None)


def _states(row: Row) -> tuple[object, ...]:
    return tuple(row.get(name) for name in ("level_state", "pace_state", "bucket"))


def _changes(before: Release, after: Release) -> dict[TargetKey, Change]:
    return _changes_kept(_Pair(before, after))


class _Pair:
    """Two releases as one reader sees them, told from others by their ids and his clearance."""

    def __init__(self, before: Release, after: Release) -> None:
        self.before, self.after = before, after
        self._name = (
            str(before.directory),
            before.release_id,
            str(after.directory),
            after.release_id,
            after.clearance,
        )

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pair) and self._name == other._name


@lru_cache(maxsize=64)
def _changes_kept(pair: _Pair) -> dict[TargetKey, Change]:
    return {target_key(change.row): change for change in state_changes(pair.before, pair.after)}


def _in_use(change: Change) -> bool:
    return bool(change.row.get("is_reference", True))


def _state_change(change: Change) -> StateChange:
    was, now = change.before or {}, change.after or {}
    return StateChange(target_key(now), was, now, direction_of(was, now), change.reason)


def direction_of(was: Row, now: Row) -> str:
    """better, worse, begun, ended or other: by the bucket, in the order from reached to moving away."""
    old, new = str(was.get("bucket") or _NOT_ASSESSED), str(now.get("bucket") or _NOT_ASSESSED)
    if old == new or not {old, new} <= set(FAMILIES["bucket"]):
        return "other"
    if _NOT_ASSESSED in (old, new):
        return "begun" if old == _NOT_ASSESSED else "ended"
    for order in (_PACES, _LEVELS):
        if old in order and new in order:
            return "better" if order.index(new) < order.index(old) else "worse"
    return "other"
