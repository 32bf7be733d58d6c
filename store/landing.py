"""Landing: the immutable bytes that publishers gave us, each named by its sha256.

`<landing>/<first two digits>/<sha256>` on any fsspec URL. On a local disk a file appears by rename after
fsync; on other file systems it is written under a temporary name and moved. Nothing here ever changes a
snapshot; a snapshot whose stored bytes no longer match its name is repaired only by putting the same bytes
again. One is removed only when two people decided on its destruction.
"""

import hashlib
import re
import secrets
import time
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from store.files import TEMPORARY_PREFIX, fsync_directory, write_durably
from store.settings import Settings

_SHA256 = re.compile(r"[0-9a-f]{64}")


class LandingError(Exception):
    """The landing store cannot give or take a snapshot."""


class SnapshotMissing(LandingError):
    """No snapshot of that name is stored."""


class DigestMismatch(LandingError):
    """The stored bytes are not the bytes their name promises."""


def put(settings: Settings, data: bytes) -> str:
    """Store bytes and return their sha256. Storing the same bytes again changes nothing."""
    sha256 = hashlib.sha256(data).hexdigest()
    file_system, path = _place(settings, sha256)
    if _stored_sha256(file_system, path) == sha256:
        return sha256
    if isinstance(file_system, LocalFileSystem):
        write_durably(Path(path), data)
        return sha256
    parent, name = path.rsplit("/", 1)
    temporary = f"{parent}/{TEMPORARY_PREFIX}{name}-{secrets.token_hex(4)}"
    file_system.makedirs(parent, exist_ok=True)
    try:
        file_system.pipe_file(temporary, data)
        file_system.mv(temporary, path)
    except BaseException:
        if file_system.exists(temporary):
            file_system.rm_file(temporary)
        raise
    if _stored_sha256(file_system, path) != sha256:
        raise DigestMismatch(
            f"Snapshot {sha256} was written to {file_system.unstrip_protocol(path)}, but reading it back "
            "gives other bytes; check that storage, then run again."
        )
    return sha256


def get(settings: Settings, sha256: str) -> bytes:
    """The bytes of a snapshot, checked against their name.

    Raises SnapshotMissing or DigestMismatch; both name the file.
    """
    file_system, path = _place(settings, sha256)
    address = file_system.unstrip_protocol(path)
    try:
        data: bytes = file_system.cat_file(path)
    except FileNotFoundError as error:
        raise SnapshotMissing(
            f"Snapshot {sha256} is not at {address}; restore the landing store from its backup, "
            "or retrieve its source again."
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise DigestMismatch(
            f"The bytes at {address} have sha256 {found}, not {sha256}: the file was changed or damaged. "
            "Restore it from backup, or retrieve its source again, which writes the same bytes anew."
        )
    return data


def contains(settings: Settings, sha256: str) -> bool:
    """Whether a snapshot of that name is stored (its bytes are not read)."""
    file_system, path = _place(settings, sha256)
    return bool(file_system.exists(path))


def remove(settings: Settings, sha256: str) -> bool:
    """Remove the bytes of a snapshot for good; False when they were not there. Who may is settled by the caller."""
    file_system, path = _place(settings, sha256)
    try:
        file_system.rm_file(path)
    except FileNotFoundError:
        return False
    if isinstance(file_system, LocalFileSystem):
        fsync_directory(Path(path).parent)
    return True


def sweep_leftovers(settings: Settings, older_than_seconds: float = 86_400) -> int:
    """Remove temporary files that killed processes left behind on a local landing; returns how many.

    Younger ones are left alone: another process may be writing them. Other file systems have their own means.
    """
    file_system, root = _root(settings)
    if not isinstance(file_system, LocalFileSystem):
        return 0
    removed = 0
    for leftover in Path(root).glob(f"*/{TEMPORARY_PREFIX}*"):
        if time.time() - leftover.stat().st_mtime >= older_than_seconds:
            leftover.unlink(missing_ok=True)
            removed += 1
    return removed


def _root(settings: Settings) -> tuple[Any, str]:
    try:
        file_system, root = fsspec.url_to_fs(settings.landing_location)
    except (ImportError, ValueError) as error:
        raise LandingError(
            f"The landing URL {settings.landing_location!r} (PPW_LANDING_URL) cannot be opened: {error}"
        ) from error
    return file_system, root.rstrip("/")


def _place(settings: Settings, sha256: str) -> tuple[Any, str]:
    if not _SHA256.fullmatch(sha256):
        raise LandingError(f"{sha256!r} is not a sha256: 64 lower-case hexadecimal digits are needed.")
    file_system, root = _root(settings)
    return file_system, f"{root}/{sha256[:2]}/{sha256}"


def _stored_sha256(file_system: Any, path: str) -> str | None:
    try:
        return hashlib.sha256(file_system.cat_file(path)).hexdigest()
    except FileNotFoundError:
        return None
