"""Publishes signed candidates one after another, most of them killed on the way, while another process reads in a loop.

Run as `python -m tests.expectations.gate.publish_under_a_reader DIRECTORY`; it prints what the reader saw, one JSON
object for each release in the order in which it saw it, and leaves every single look in DIRECTORY/reader.log.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path

from expectations.gate.publication import publish_due
from store.releases import current_release_id, release_dir, verify
from store.settings import Settings
from tests.expectations.gate.signing import signed
from tests.store.kill_at_each_step import _in_child, _Killer, _succeed

# Of the steps of a publication those at which each of its parts begins; None: not killed.
KILLED_AT = (None, 8, 10, 13, 26, 27, 30, 33, 34, 36, None)


def _read(settings: Settings, log: Path, stop: Path) -> None:
    """Look at what is in force, all of its bytes, until told to stop; a line for each look."""
    with log.open("w", encoding="utf-8") as lines:
        while not stop.exists():
            started = time.time()
            try:
                current = current_release_id(settings)
                rows = (
                    None
                    if current is None
                    else verify(release_dir(settings, current)).tables()["fct_actual"].rows
                )
                line = {"at": started, "release_id": current, "rows": rows}
            except Exception as error:  # every fault of a look is what the log is for
                line = {"at": started, "fault": repr(error)}
            if line.get("release_id") is None:
                time.sleep(0.01)
            lines.write(json.dumps(line) + "\n")
            lines.flush()


def _publish(settings: Settings, kill_at: int, note: Path) -> None:
    if kill_at:
        _Killer(settings.home, kill_at, note).install(settings)
    publish_due(settings)


def _sign_one(settings: Settings, number: int) -> None:
    signed(settings, *(str(551 + place) for place in range(number)))


def looks(log: Path) -> Iterator[dict[str, object]]:
    """What the reader saw: each release once in a row, with the number of looks at it."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    for (release_id, rows, fault), group in groupby(
        lines, key=lambda line: (line.get("release_id"), line.get("rows"), line.get("fault"))
    ):
        yield {"release_id": release_id, "rows": rows, "fault": fault, "looks": len(list(group))}


def main(directory: Path) -> None:
    """Publish under the eyes of a reader and print what it saw."""
    settings = Settings(home=directory / "home", review_policy="one")
    log, stop, note = directory / "reader.log", directory / "stop", directory / "note"
    _succeed(lambda: settings.releases_dir.mkdir(parents=True))
    reader = os.fork()
    if reader == 0:
        _read(settings, log, stop)
        os._exit(0)
    for number, kill_at in enumerate(KILLED_AT, start=1):
        _succeed(partial(_sign_one, settings, number))
        _in_child(partial(_publish, settings, kill_at or 0, note))
        _succeed(partial(_publish, settings, 0, note))
    time.sleep(0.2)
    stop.touch()
    os.waitpid(reader, 0)
    for look in looks(log):
        print(json.dumps(look), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
