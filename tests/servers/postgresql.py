"""A PostgreSQL server that a test module starts on a Unix socket and throws away."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_BINARIES = Path("/usr/lib/postgresql")
_UNPRIVILEGED_USERS = ("postgres", "nobody")


def newest_binaries() -> Path | None:
    found = [path.parent for path in _BINARIES.glob("*/bin/initdb") if (path.parent / "pg_ctl").exists()]
    return max(found, key=lambda path: int(path.parent.name), default=None)


def _user() -> str | None:
    """Whom the server runs as: it refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _UNPRIVILEGED_USERS if name in known)


@contextmanager
def serve_postgresql(databases: Sequence[str]) -> Iterator[str]:
    """A running server with these databases; gives the part of its URL after the database name.

    Gives an empty text where the server is not installed.
    """
    binaries = newest_binaries()
    if binaries is None:
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
            for name in databases:
                run(str(binaries / "createdb"), "-h", str(home), "-U", "ppw", name)
            yield f"?host={home}"
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home)
