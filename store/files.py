"""Files that are either wholly there or not there: temporary name, fsync, rename, fsync of the directory."""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

TEMPORARY_PREFIX = ".part-"
DISCARDED_PREFIX = ".discarded-"
_CHUNK_BYTES = 1 << 20


def write_durably(path: Path, data: bytes) -> None:
    """Write bytes so that a reader, or a machine that lost power, sees the old file or the whole new one."""
    make_directory(path.parent)
    temporary = path.parent / f"{TEMPORARY_PREFIX}{path.name}-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    fsync_directory(path.parent)


def make_directory(path: Path) -> None:
    """Create a directory and its missing parents, each made durable in its own parent."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for directory in reversed(missing):
        directory.mkdir(exist_ok=True)
        fsync_directory(directory.parent)


def fsync_directory(path: Path) -> None:
    """Flush a directory's entries: a rename is not durable before this."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_tree(directory: Path) -> None:
    """Flush every file and directory below a directory, itself last."""
    for parent, _, names in os.walk(directory, topdown=False):
        for name in names:
            descriptor = os.open(Path(parent) / name, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        fsync_directory(Path(parent))


def discard_directory(directory: Path) -> None:
    """Remove a directory. It is renamed first, so a half-removed one is never mistaken for a whole one."""
    discarded = directory.parent / f"{DISCARDED_PREFIX}{directory.name}-{secrets.token_hex(4)}"
    os.rename(directory, discarded)
    shutil.rmtree(discarded)


def sweep_leftovers(parent: Path) -> None:
    """Finish the removals and remove the temporary files that killed processes left in a directory.

    Only for a directory that no other process writes to meanwhile.
    """
    for discarded in parent.glob(f"{DISCARDED_PREFIX}*"):
        shutil.rmtree(discarded)
    for temporary in parent.glob(f"{TEMPORARY_PREFIX}*"):
        temporary.unlink()


def sha256_of_file(path: Path) -> str:
    """The sha256 of a file as 64 lower-case hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
