"""The page server: `python -m reports.server run reports/app.py ...` is `streamlit run ...` over a release in memory.

Nobody who opens a page waits for what is the same for everybody: modules, words and what pages say of the release in
force are there before the server answers, and those of a new release soon after it is published.
"""

from __future__ import annotations

import gc
import importlib
import logging
import time
from threading import Thread

from streamlit.web import cli

from reports.frame import DESK_PATHS, PATHS
from reports.kept_chart import target_chart_specification
from reports.milestone_facts import every_milestone
from reports.page_data import CLEARANCES, PREPARED, page_table
from reports.release_data import SMALL_TABLE, Release, ReleaseUnreadable, current_release
from reports.target_facts import every_target, observation_of
from reports.words import LANGUAGES, Words, catalogue
from store.manifest import ReleaseError
from store.releases import current_release_id
from store.settings import Settings, load_settings

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0


def main() -> None:
    """Get ready, follow the releases, and hand over to Streamlit with the arguments of the command line."""
    settings = load_settings()
    import_pages()
    seen = _warm_current(settings, None)
    # What is in memory now stays: the collector need not walk through it again and again while people wait.
    gc.collect()
    gc.freeze()
    Thread(target=_follow, args=(settings, seen), name="warm-up", daemon=True).start()
    cli.main(prog_name="streamlit")


def import_pages() -> None:
    """Import what pages import, and read the words of every language."""
    for name in PATHS:
        importlib.import_module(f"reports.views.{name}")
    for name in DESK_PATHS:
        importlib.import_module(f"reports.views.desk.{name}")
    for language in LANGUAGES:
        catalogue(language)


def warm(release: Release) -> None:
    """Work out for every clearance what pages ask of a release."""
    for clearance in CLEARANCES.values():
        seen = release.seen_with(clearance)
        for name in PREPARED:
            page_table(seen, name)
        for name, entry in release.manifest.tables().items():
            if (entry.rows or 0) <= SMALL_TABLE and name.startswith("dim_"):
                seen.rows(name)
        every_milestone(seen)
        drawn = next((facts for facts in every_target(seen) if facts.points), None)
        if drawn is not None:
            observation_of(seen, str(drawn.points[0].row.get("observation_key")))
            target_chart_specification(seen, drawn, Words(LANGUAGES[0]), "light")


def _warm_current(settings: Settings, before: str | None) -> str | None:
    """Warm the release in force unless it is what was seen before; its id, or the fault of the pointer that names it.

    A release that cannot be read is left to the pages, which say so; it is said here once, and tried again when another
    one is in force.
    """
    try:
        current = current_release_id(settings)
    except (ReleaseError, OSError) as error:
        fault = f"{type(error).__name__}: {error}"
        if fault != before:
            logger.exception("it cannot be told which release is in force")
        return fault
    if current is None or current == before:
        return current
    try:
        if (release := current_release(settings)) is not None:
            began = time.perf_counter()
            warm(release)
            logger.info("release %s is in memory after %.1f s", current, time.perf_counter() - began)
    except (ReleaseError, ReleaseUnreadable, OSError):
        logger.exception("release %s, which is in force, cannot be read", current)
    except Exception:
        logger.exception("what pages say of release %s could not be worked out beforehand", current)
    return current


def _follow(settings: Settings, seen: str | None) -> None:
    while True:
        time.sleep(_LOOK_SECONDS)
        seen = _warm_current(settings, seen)


if __name__ == "__main__":
    main()
