"""What `ppw release` shows: the list, a manifest, a difference, the changes with their reasons."""

from decimal import Decimal
from typing import Any

from expectations.gate.publication import notices, pending_candidates
from orchestration.release_query import resolve_release
from reports.release_changes import Change, ReleaseChanges, Section, release_changes
from reports.release_data import Release, current_release, release_at
from store.manifest import MANIFEST_NAME, read_manifest
from store.releases import NoRelease, diff, list_releases, release_dir
from store.settings import Settings


def release_rows(settings: Settings) -> list[dict[str, Any]]:
    """One row per published release, oldest first."""
    return [
        {
            "release_id": listing.release_id,
            "current": listing.is_current,
            "cut_off": listing.manifest.cut_off,
            "created_at": listing.manifest.created_at,
            "content_digest": listing.manifest.content_digest,
            "n_actuals": listing.manifest.tables()["fct_actual"].rows,
            "n_observations": listing.manifest.tables()["fct_observation"].rows,
            "review_policy": listing.manifest.review_policy,
            "notices": [notice.kind for notice in notices(settings, listing.release_id)],
        }
        for listing in list_releases(settings)
    ]


def manifest_of(settings: Settings, release_id: str | None) -> dict[str, Any]:
    """The manifest of a release, the current one when none is named."""
    return read_manifest(resolve_release(settings, release_id)).model_dump()


def differences(settings: Settings, first: str, second: str) -> list[dict[str, Any]]:
    """Rows and values that differ from the first release to the second."""
    return diff(settings, first, second).changes.to_dicts()


def changes_asked(settings: Settings, first: str | None, second: str | None) -> ReleaseChanges:
    """The changes between two releases or candidates by name; see `ppw release changes`. Raises ReleaseError."""
    if first is not None and second is not None:
        return release_changes(_named(settings, first), _named(settings, second))
    if first is None:
        waiting = pending_candidates(settings)
        if waiting:
            return release_changes(current_release(settings), release_at(waiting[-1][0].directory))
        after = current_release(settings)
        if after is None:
            raise NoRelease("there is no release and no candidate yet; `ppw run` makes one")
    else:
        after = _named(settings, first)
    before = after.manifest.previous_release_id
    return release_changes(_named(settings, before) if before else None, after)


def _named(settings: Settings, name: str) -> Release:
    candidate = settings.candidates_dir / name
    return release_at(candidate if (candidate / MANIFEST_NAME).is_file() else release_dir(settings, name))


# What people read; the rest is where it comes from.
_SHOWN: tuple[Section, ...] = ("value", "state", "target", "milestone", "rule", "finding")


def change_rows(changes: ReleaseChanges, *, every: bool) -> dict[str, Any]:
    """The changes as plain data; with `every` all of them, else those of figures, states, targets, rules, findings."""
    told = changes.changes if every else changes.of(*_SHOWN)
    return {
        "from": changes.release_from,
        "to": changes.release_to,
        "facts": {name: {"from": was, "to": now} for name, (was, now) in changes.facts.items()},
        "counts": changes.counts(),
        "changes": [_change_row(change) for change in told],
    }


def _change_row(change: Change) -> dict[str, Any]:
    column = {"value": "value", "state": "bucket", "finding": "decision", "milestone": "state"}.get(
        change.section
    )
    return {
        "section": change.section,
        "kind": change.kind,
        "table": change.table,
        "key": change.key,
        "what": " ".join(str(value) for value in change.key.values()),
        "from": _text((change.before or {}).get(column)) if column else None,
        "to": _text((change.after or {}).get(column)) if column else None,
        "reason": change.reason,
        "source": change.row.get("source_id") or change.row.get("actual_source_id"),
        "is_headline": change.is_headline,
        "columns": {name: {"from": was, "to": now} for name, (was, now) in change.columns.items()},
    }


def _text(value: object) -> str | None:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return None if value is None else str(value)
