"""Papers that people attach to a decision or a sign-off: kept in landing by sha256, as every byte from outside."""

from __future__ import annotations

from datetime import UTC, datetime

from store import landing, state
from store.settings import Settings


def keep(settings: Settings, data: bytes, media_type: str) -> str:
    """Keeps a paper and returns its sha256."""
    sha256 = landing.put(settings, data)
    with state.writing(settings) as connection:
        state.record_snapshot(
            connection,
            sha256=sha256,
            size_bytes=len(data),
            media_type=media_type,
            origin="original",
            first_seen_at=datetime.now(UTC),
        )
    return sha256
