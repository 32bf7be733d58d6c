"""What became of a target from release to release: the releases before one, and the states it had in each.

Nothing is assessed anew: each release says what it said when it was published. Releases never change, so what is read
of them is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice

from reports.per_release import looking_back
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
_KEY = ("plan_version", "target_id")
_STATES = ("level_state", "pace_state", "bucket")
# Releases that a page looks back at.
MOST_SHOWN = 24


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
    assessment: Row
    reason: ChangeReason | None


@dataclass(frozen=True)
class History:
    """What the latest releases said of a target, the newest first; `goes_on_in` the next one that is not looked at,
    None where these are all.
    """

    states: list[PastState]
    goes_on_in: str | None


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


def history_of(settings: Settings, release: Release, key: TargetKey, most: int = MOST_SHOWN) -> History:
    """What each of the last `most` releases up to this one said of a target; those that do not know it are left out."""
    looked_at = list(islice(releases_back(settings, release), most + 1))
    said = [(one, _said(one).get(key)) for one in looked_at]
    history = []
    for place, (one, row) in enumerate(said[:most]):
        if row is None:
            continue
        older = next(((before, was) for before, was in said[place + 1 :] if was is not None), None)
        change = None
        if older is not None and older[1].get("bucket") is not None and _states(older[1]) != _states(row):
            change = _changes(older[0], one).get(key)
        history.append(PastState(one.release_id, one.cut_off, row, change.reason if change else None))
    return History(history, looked_at[most].release_id if len(looked_at) > most else None)


def _states(row: Row) -> tuple[object, ...]:
    return tuple(row.get(name) for name in _STATES)


def _said(release: Release) -> dict[TargetKey, Row]:
    """The states of every target, and nothing else of its assessment."""
    return _said_kept(_Kept(release))


def _changes(before: Release, after: Release) -> dict[TargetKey, Change]:
    return _changes_kept(_Kept(before, after))


class _Kept:
    """One or two releases as one reader sees them, told from others by their keys."""

    def __init__(self, *releases: Release) -> None:
        self.releases = releases
        self._name = tuple(release.key for release in releases)

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and self._name == other._name


@lru_cache(maxsize=8 * MOST_SHOWN)
def _said_kept(kept: _Kept) -> dict[TargetKey, Row]:
    (release,) = kept.releases
    with looking_back():
        found = release.scan("fct_assessment")
        known = found.collect_schema().names()
        rows = found.select(name for name in (*_KEY, *_STATES) if name in known).collect().to_dicts()
    return {target_key(row): row for row in reversed(rows)}


@lru_cache(maxsize=4 * MOST_SHOWN)
def _changes_kept(kept: _Kept) -> dict[TargetKey, Change]:
    before, after = kept.releases
    with looking_back():
        return {target_key(change.row): change for change in state_changes(before, after)}


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
