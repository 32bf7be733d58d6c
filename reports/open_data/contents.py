"""What lies in a folder of open data, by format: name, size and digest of each file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

# Format -> the folder or the file of it, in the order in which readers are offered them.
PLACES: dict[str, str] = {
    "xlsx": "plan-data.xlsx",
    "csv": "csv/",
    "parquet": "parquet/",
    "sdmx": "sdmx/",
    "json_stat": "json-stat/",
}


@dataclass(frozen=True)
class OpenFile:
    """One file: its path inside the folder, size in bytes, sha256."""

    name: str
    size_bytes: int
    sha256: str


def open_files(folder: Path) -> dict[str, list[OpenFile]]:
    """Format -> its files by name; a format that is not there is left out."""
    found: dict[str, list[OpenFile]] = {}
    for kind, place in PLACES.items():
        paths = sorted((folder / place).glob("*")) if place.endswith("/") else [folder / place]
        files = [_open_file(folder, path) for path in paths if path.is_file()]
        if files:
            found[kind] = files
    return found


def _open_file(folder: Path, path: Path) -> OpenFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return OpenFile(path.relative_to(folder).as_posix(), path.stat().st_size, digest)
