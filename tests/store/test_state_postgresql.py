"""The state database on a PostgreSQL server that this module starts on a Unix socket and throws away."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store import state
from store.releases import current_release_id, rollback
from store.settings import Settings
from tests.store.building import published
from tests.store.state_cases import CASES

pytestmark = pytest.mark.integration

_BINARIES = Path("/usr/lib/postgresql")
_UNPRIVILEGED_USERS = ("postgres", "nobody")


def _newest_binaries() -> Path | None:
    found = [path.parent for path in _BINARIES.glob("*/bin/initdb") if (path.parent / "pg_ctl").exists()]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def _user() -> str | None:
    """Whom the server runs as: it refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _UNPRIVILEGED_USERS if name in known)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A running server; gives the part of its URL after the database name."""
    binaries = _newest_binaries()
    if binaries is None or os.environ.get("PPW_REQUIRE_SYSTEM") != "1":
        yield ""
        return
    user = _user()
    # Not below pytest's own temporary folder: only its owner may enter that. Short, for the socket's path.
    home = Path(tempfile.mkdtemp(prefix="ppw-pg-", dir="/tmp"))
    if user is not None:
        shutil.chown(home, user)

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, user=user, cwd=home, env={"LC_ALL": "C.UTF-8"}, stdout=subprocess.DEVNULL
        )

    data = home / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
    try:
        run(str(binaries / "initdb"), "-D", str(data), "-U", "ppw", "-A", "trust", "-E", "UTF8", "--no-sync")
        run(str(binaries / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(home / "log"), "-w", "start")
        try:
            for number in range(len(CASES) + 1):
                run(str(binaries / "createdb"), "-h", str(home), "-U", "ppw", f"state{number}")
            yield f"?host={home}"
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home)


@pytest.fixture
def on_postgresql(
    system_part: Callable[[str, bool], None], server: str, settings: Settings
) -> Callable[[int], Settings]:
    """Settings by number of an empty database."""
    system_part("PostgreSQL", _newest_binaries() is not None)

    def choose(number: int) -> Settings:
        return settings.model_copy(update={"state_url": f"postgresql://ppw@/state{number}{server}"})

    return choose


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: CASES[number].__name__)
def test_on_postgresql(on_postgresql: Callable[[int], Settings], number: int) -> None:
    chosen = on_postgresql(number)
    try:
        CASES[number](chosen)
    finally:
        state.engine(chosen).dispose()


def test_releases_are_published_and_rolled_back(on_postgresql: Callable[[int], Settings]) -> None:
    chosen = on_postgresql(len(CASES))
    try:
        first = published(chosen, "551.1")
        second = published(chosen, "551.1", "554.2")
        rollback(chosen, first, "tester")
        assert current_release_id(chosen) == first
        with state.reading(chosen) as connection:
            assert {row.release_id for row in state.recorded_releases(connection)} == {first, second}
            assert [release_id for _, release_id in state.pointer_moves(connection)] == [first, second, first]
    finally:
        state.engine(chosen).dispose()
