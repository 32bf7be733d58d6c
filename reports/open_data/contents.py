"""What lies in a folder of open data, by format: name, size and digest of each file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from reports.release_files import OPEN_DATA, PUBLIC_PLACES, ReleaseFile

# Format -> the folder or the file of it inside the open data, in the order in which readers are offered them.
PLACES: dict[str, str] = {
    kind: place.removeprefix(f"{OPEN_DATA}/")
    for kind, place in PUBLIC_PLACES.items()
    if place.startswith(f"{OPEN_DATA}/")
}


def open_files(folder: Path) -> dict[str, list[ReleaseFile]]:
    """Format -> its files by name inside the folder; a format that is not there is left out."""
    found: dict[str, list[ReleaseFile]] = {}
    for kind, place in PLACES.items():
        paths = sorted((folder / place).glob("*")) if place.endswith("/") else [folder / place]
        files = [
            ReleaseFile(path.relative_to(folder).as_posix(), path.stat().st_size, sha256_of(path))
            for path in paths
            if path.is_file()
        ]
        if files:
            found[kind] = files
    return found


def sha256_of(path: Path) -> str:
    """The sha256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
