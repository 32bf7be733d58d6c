"""Kills a process at every step of publishing a signed candidate, and of retracting a release, while another reads.

As `tests.store.kill_at_each_step`, whose tools this uses. Run as `python -m tests.expectations.gate.kill_publication
ACTION DIRECTORY`; it prints one JSON object per step.
"""

import sys
from pathlib import Path
from typing import Any

from expectations.gate.candidates import read_offer, standing_of
from expectations.gate.publication import publish_due, retract
from store.releases import current_release_id, list_releases, release_dir, verify
from store.settings import Settings
from store.state import pointer_moves, reading, recorded_releases
from tests.expectations.gate.signing import SECOND, signed
from tests.store.kill_at_each_step import Action, kill_at_each_step


def _settings(given: Settings) -> Settings:
    return given.model_copy(update={"review_policy": "one"})


def _prepare(given: Settings) -> None:
    settings = _settings(given)
    signed(settings, "551.1")
    publish_due(settings)
    signed(settings, "551.1", "554.2")


def _publish(given: Settings) -> None:
    publish_due(_settings(given))


def _prepare_two(given: Settings) -> None:
    _prepare(given)
    publish_due(_settings(given))


def _retract(given: Settings) -> None:
    settings = _settings(given)
    current = current_release_id(settings)
    retract(settings, SECOND, str(current), reason_text="a wrong row")


def _look_and_go_on(given: Settings) -> dict[str, Any]:
    settings = _settings(given)
    found = _facts(settings)
    done = publish_due(settings)
    return {"found": found, "problems": done.problems, "afterwards": _facts(settings)}


def _facts(settings: Settings) -> dict[str, Any]:
    current = current_release_id(settings)
    whole = {listing.release_id: verify(listing.directory) for listing in list_releases(settings)}
    states = {name: standing_of(settings, read_offer(release_dir(settings, name))).state for name in whole}
    with reading(settings) as connection:
        recorded = sorted(row.release_id for row in recorded_releases(connection))
        moved_to = pointer_moves(connection)[-1][1]
    return {
        "current": current,
        "rows": whole[str(current)].tables()["fct_actual"].rows,
        "states": states,
        "recorded": recorded,
        "moved_to": moved_to,
        "on_desk": sorted(path.name for path in settings.candidates_dir.iterdir()),
    }


ACTIONS = {
    "publish": Action(_prepare, _publish, _look_and_go_on),
    "retract": Action(_prepare_two, _retract, _look_and_go_on),
}

if __name__ == "__main__":
    kill_at_each_step(ACTIONS[sys.argv[1]], Path(sys.argv[2]))
