"""Kills a process at every step of an action of the store and says what the next process finds.

A step is a file opened for writing, a directory made, a rename, a removal, an fsync, or a change or commit
of the state database, below the home of the four stores; between two steps nothing changes that outlives the
process. For step 1, 2, ... a forked process does the action on a copy of a prepared home and is killed with
SIGKILL just before that step; another forked process then looks and goes on. This ends with the first action
that is not killed. Run as `python -m tests.store.kill_at_each_step ACTION DIRECTORY`; it prints one JSON
object per step. The process that forks only imports and starts no threads, so forking is safe.
"""

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import alembic.command  # noqa: F401  (imported once here instead of in every forked process)
import sqlalchemy as sa

from store.landing import SnapshotMissing, get, put
from store.releases import current_release_id, list_releases, release_dir, rollback, verify
from store.settings import Settings
from store.state import engine, pointer_moves, reading, recorded_releases
from tests.store.building import published

SNAPSHOT = b"indicator,area,period\n" * 1000
FIRST, SECOND, THIRD = ("551.1",), ("551.1", "554.2"), ("551.1", "554.2", "558.461")
_MOST_STEPS = 500


@dataclass(frozen=True)
class Action:
    """What is prepared, what is done and killed, and what is found and done afterwards."""

    prepare: Callable[[Settings], None]
    act: Callable[[Settings], None]
    look_and_go_on: Callable[[Settings], dict[str, Any]]


def _prepare_landing(settings: Settings) -> None:
    put(settings, b"another snapshot")


def _put(settings: Settings) -> None:
    put(settings, SNAPSHOT)


def _look_at_landing(settings: Settings) -> dict[str, Any]:
    import hashlib

    name = hashlib.sha256(SNAPSHOT).hexdigest()
    try:
        found = "whole" if get(settings, name) == SNAPSHOT else "other bytes"
    except SnapshotMissing:
        found = "absent"
    put(settings, SNAPSHOT)
    return {"found": found, "afterwards": get(settings, name) == SNAPSHOT}


def _prepare_release(settings: Settings) -> None:
    published(settings, *FIRST)


def _publish(settings: Settings) -> None:
    published(settings, *SECOND)


def _look_at_releases(settings: Settings) -> dict[str, Any]:
    found = _facts(settings)
    published(settings, *(THIRD if found["rows"] == len(SECOND) else SECOND))
    return {"found": found, "afterwards": _facts(settings)}


def _prepare_two_releases(settings: Settings) -> None:
    published(settings, *FIRST)
    published(settings, *SECOND)


def _roll_back(settings: Settings) -> None:
    rollback(settings, list_releases(settings)[0].release_id, "tester")


def _look_at_rollback(settings: Settings) -> dict[str, Any]:
    found = _facts(settings)
    published(settings, *THIRD)
    return {"found": found, "afterwards": _facts(settings)}


def _facts(settings: Settings) -> dict[str, Any]:
    current = current_release_id(settings)
    rows = verify(release_dir(settings, current)).tables()["fct_actual"].rows
    on_disk = sorted(listing.release_id for listing in list_releases(settings))
    for release_id in on_disk:
        verify(release_dir(settings, release_id))
    with reading(settings) as connection:
        recorded = sorted(row.release_id for row in recorded_releases(connection))
        moved_to = pointer_moves(connection)[-1][1]
    return {"rows": rows, "current": current, "on_disk": on_disk, "recorded": recorded, "moved_to": moved_to}


ACTIONS = {
    "put": Action(_prepare_landing, _put, _look_at_landing),
    "publish": Action(_prepare_release, _publish, _look_at_releases),
    "rollback": Action(_prepare_two_releases, _roll_back, _look_at_rollback),
}


class _Killer:
    """Counts steps below a directory and ends this process before the one asked for."""

    def __init__(self, home: Path, kill_at: int, note: Path) -> None:
        self.home, self.kill_at, self.note, self.count = str(home), kill_at, note, 0

    def install(self, settings: Settings) -> None:
        fsync = os.fsync

        def counted_fsync(descriptor: int) -> None:
            self.step(f"fsync {os.readlink(f'/proc/self/fd/{descriptor}')}")
            fsync(descriptor)

        setattr(os, "fsync", counted_fsync)  # noqa: B010  (mypy refuses the assignment)
        sys.addaudithook(self.heard)
        database = engine(settings)
        sa.event.listen(database, "before_cursor_execute", lambda *given: self.asked(given[2]))
        sa.event.listen(database, "commit", lambda _connection: self.step("commit"))

    def asked(self, statement: str) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SELECT")):
            self.step(statement)

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.step_on(event, path)
        elif event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir"):
            self.step_on(event, arguments[0])

    def step_on(self, event: str, path: object) -> None:
        if isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(self.home):
            self.step(f"{event} {os.fsdecode(path)}")

    def step(self, name: str) -> None:
        self.count += 1
        if self.count == self.kill_at:
            kill_at, self.kill_at = self.kill_at, 0
            self.note.write_text(f"{kill_at}: {name.replace(self.home, '')}")
            os.kill(os.getpid(), signal.SIGKILL)


def _in_child(work: Callable[[], None]) -> int:
    """Run in a forked process; the wait status. A failure is printed and ends that process with 1."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def _succeed(work: Callable[[], None]) -> None:
    if _in_child(work) != 0:
        raise SystemExit("a process that nobody killed failed; its error is above")


def kill_at_each_step(action: Action, directory: Path) -> None:
    """Kill at each step in turn and print what was found."""
    prepared = directory / "prepared"
    _succeed(lambda: action.prepare(Settings(home=prepared)))
    for kill_at in range(1, _MOST_STEPS):
        home, note, answer = directory / "home", directory / "note", directory / "answer"
        shutil.copytree(prepared, home)
        settings = Settings(home=home)

        def act(
            settings: Settings = settings, home: Path = home, kill_at: int = kill_at, note: Path = note
        ) -> None:
            _Killer(home, kill_at, note).install(settings)
            action.act(settings)

        def look(settings: Settings = settings, answer: Path = answer) -> None:
            answer.write_text(json.dumps(action.look_and_go_on(settings)))

        status = _in_child(act)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and status != 0:
            raise SystemExit(f"the action failed without being killed, at step {kill_at}")
        _succeed(look)
        step = note.read_text() if killed else "done"
        print(json.dumps({"step": step, "killed": killed} | json.loads(answer.read_text())), flush=True)
        shutil.rmtree(home)
        if not killed:
            return
    raise SystemExit(f"the action has more than {_MOST_STEPS} steps")


if __name__ == "__main__":
    kill_at_each_step(ACTIONS[sys.argv[1]], Path(sys.argv[2]))
