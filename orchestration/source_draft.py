"""`ppw source new`: the draft of a record, from an address or a file."""

from pathlib import Path
from urllib.parse import urlsplit

from sources.draft import draft_of_address, draft_of_file
from sources.draft_live import facts_of_address
from sources.fetch import FetchLimits, fetcher_within
from sources.retrieve import utc_now
from store.settings import Settings


def draft(settings: Settings, origin: str, source_id: str, table: str | None) -> str:
    """Return the draft as YAML. Raises ReadingError, FetchError, FileNotFoundError.

    The host of an address that a person gives is asked; hosts of this machine only where the settings allow them.
    """
    seeds = settings.dbt_project_dir / "seeds"
    if urlsplit(origin).scheme in ("http", "https"):
        fetcher = fetcher_within(FetchLimits.of(settings, (origin,)))
        fetch, facts = facts_of_address(origin, fetcher, table)
        return draft_of_address(source_id, origin, fetch, facts, seeds)
    return draft_of_file(source_id, Path(origin), seeds, utc_now().date(), table)
