"""What `ppw release` shows: the list, a manifest, a difference."""

from typing import Any

from orchestration.release_query import resolve_release
from store.manifest import read_manifest
from store.releases import diff, list_releases
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
        }
        for listing in list_releases(settings)
    ]


def manifest_of(settings: Settings, release_id: str | None) -> dict[str, Any]:
    """The manifest of a release, the current one when none is named."""
    return read_manifest(resolve_release(settings, release_id)).model_dump()


def differences(settings: Settings, first: str, second: str) -> list[dict[str, Any]]:
    """Rows and values that differ from the first release to the second."""
    return diff(settings, first, second).changes.to_dicts()
