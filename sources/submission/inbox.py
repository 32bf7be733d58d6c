"""The inbox: files that departments drop there or hand in on the page, each received once and then taken out.

Both roads are one: what is handed in is put into the inbox first, so that a program killed in between finds it there.
"""

import hashlib
import re
import time
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from filelock import FileLock

from sources.record import SourceRecord
from sources.retrieve import utc_now
from sources.submission.filled import MOST_BYTES
from sources.submission.receive import Clock, Receipt, receive
from store.files import make_directory, write_durably
from store.settings import Settings

INBOX_ACTOR = "inbox"
# A file that is still being copied is no whole archive; after this it will not become one.
_COPYING_SECONDS = 60.0
_LOCK_SECONDS = 300.0
_MOST_NAME = 120


class TooLarge(ValueError):
    """More bytes than any workbook of ours has; nothing was kept."""


def waiting_files(settings: Settings) -> list[Path]:
    """Return the files of the inbox that are there as a whole, oldest first; hidden and lock files are none."""
    if not settings.inbox_dir.is_dir():
        return []
    files = [
        path
        for path in settings.inbox_dir.iterdir()
        if path.is_file() and not path.is_symlink() and not path.name.startswith((".", "~$"))
    ]
    whole = [
        path
        for path in files
        if zipfile.is_zipfile(path) or time.time() - path.stat().st_mtime > _COPYING_SECONDS
    ]
    return sorted(whole, key=lambda path: (path.stat().st_mtime, path.name))


def arrival_key(files: Sequence[Path]) -> str:
    """Return what tells one arrival of files from another: their names, sizes and times."""
    facts = [f"{path.name}\0{path.stat().st_size}\0{path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def receive_inbox(
    settings: Settings, records: Mapping[str, SourceRecord], batch_id: str, clock: Clock = utc_now
) -> list[Receipt]:
    """Receive every file of the inbox and take it out; its bytes are in landing, its answer in the outbox."""
    if not waiting_files(settings):
        return []
    with _lock(settings):
        return [
            _taken(settings, records, file, batch_id, INBOX_ACTOR, clock) for file in waiting_files(settings)
        ]


def hand_in(  # noqa: PLR0917
    settings: Settings,
    records: Mapping[str, SourceRecord],
    name: str,
    data: bytes,
    batch_id: str,
    actor: str,
    clock: Clock = utc_now,
) -> Receipt:
    """Put a file into the inbox under a name that stays there, and receive it at once.

    `name` is what the sender calls it: only its last part is used, and no sign that means something to a file system.
    The state database must be migrated. Raises TooLarge.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge(f"{len(data)} bytes, more than {MOST_BYTES}")
    make_directory(settings.inbox_dir)
    with _lock(settings):
        file = _free_place(settings.inbox_dir, plain_name(name))
        write_durably(file, data)
        return _taken(settings, records, file, batch_id, actor, clock)


def plain_name(name: str) -> str:
    """Return a file name that can only name a file of its folder: letters, digits, spaces, `-_.()`, not hidden."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    kept = "".join(letter if letter.isalnum() or letter in " -_.()" else "_" for letter in last)
    stem, dot, suffix = re.sub(r"^[.~_ ]+", "", kept).rpartition(".")
    if not stem:
        stem, dot, suffix = suffix, "", ""
    return f"{stem.strip()[: _MOST_NAME - 10] or 'khong-ten'}{dot}{suffix[:8].strip()}"


def _free_place(folder: Path, name: str) -> Path:
    """The place of a new file: another file of that name waits beside it."""
    path, number = folder / name, 1
    while path.exists() or path.is_symlink():
        number += 1
        path = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
    return path


def _lock(settings: Settings) -> FileLock:
    return FileLock(settings.inbox_dir / ".lock", timeout=_LOCK_SECONDS)


def _taken(  # noqa: PLR0917
    settings: Settings,
    records: Mapping[str, SourceRecord],
    file: Path,
    batch_id: str,
    actor: str,
    clock: Clock,
) -> Receipt:
    receipt = receive(settings, records, file, batch_id, actor, clock)
    file.unlink()
    return receipt
