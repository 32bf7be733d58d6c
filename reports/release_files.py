"""The files of a release by what they are, cut to those a reader may have: papers and open data for everybody, tables
and results of the checks as they are only for whoever may see all of them.
"""

from __future__ import annotations

import atexit
import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp, mkstemp
from threading import Lock
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from expectations.gate.clearance import FULL
from reports.open_data.statements import clock
from reports.release_data import Release, ReleaseUnreadable

OPEN_DATA = "open_data"
# Kind -> the folder or file it is, in the order in which readers are offered them.
PUBLIC_PLACES: Mapping[str, str] = {
    "paper": "paper/",
    "xlsx": f"{OPEN_DATA}/plan-data.xlsx",
    "static": "static_edition/",
    "csv": f"{OPEN_DATA}/csv/",
    "parquet": f"{OPEN_DATA}/parquet/",
    "sdmx": f"{OPEN_DATA}/sdmx/",
    "json_stat": f"{OPEN_DATA}/json-stat/",
}
# What is not cut: whoever has it sees figures that are closed or wait.
FULL_PLACES: Mapping[str, str] = {
    "quality": "quality/",
    "rules": "rules/",
    "records": "records/",
    "sql": "sql/",
}
TABLES = "tables"
# Files of more bytes than this together are not put into one archive: the server hands out what it holds in memory.
MOST_BUNDLED_BYTES = 200_000_000
# Archives that stay on the disk of the server.
MOST_ARCHIVES = 12
PIECE_BYTES = 1 << 20
# The edition links to the open data beside it.
_GOES_WITH: Mapping[str, tuple[str, ...]] = {"static": (f"{OPEN_DATA}/",)}


@dataclass(frozen=True)
class ReleaseFile:
    """One file of a release: path inside it, size in bytes, sha256."""

    name: str
    size_bytes: int
    sha256: str


def files_for(release: Release) -> dict[str, list[ReleaseFile]]:
    """Kind -> its files by name, of those that the reader of the release is cleared for; kinds without files left out.

    A file that no kind names is offered to nobody.
    """
    places = dict(PUBLIC_PLACES)
    if release.clearance == FULL:
        places |= FULL_PLACES
    found = {kind: _files(release, (place,)) for kind, place in places.items()}
    if release.clearance == FULL:
        tables = set(release.manifest.tables())
        found[TABLES] = [one for one in _files(release, ("",)) if one.name.removesuffix(".parquet") in tables]
    return {kind: files for kind, files in found.items() if files}


def bundled(release: Release, kind: str, files: Sequence[ReleaseFile]) -> list[ReleaseFile]:
    """The files that the archive of a kind holds: its own and those that go with them."""
    return [*files, *_files(release, _GOES_WITH.get(kind, ()))]


def bundle(release: Release, kind: str, files: Sequence[ReleaseFile]) -> BinaryIO:
    """The files of a kind as one archive, the same bytes each time, open for reading.

    It is made once, in pieces, in the temporary folder of the operating system, and removed when the process ends.
    ReleaseUnreadable as `content` raises it.
    """
    every = bundled(release, kind, files)
    key = (str(release.directory), kind, tuple(every))
    with _making:
        made = _archives.get(key)
        if made is None or not made.exists():
            made = _archive(release, every)
            _archives[key] = made
        _archives.move_to_end(key)
        while len(_archives) > MOST_ARCHIVES:
            _archives.popitem(last=False)[1].unlink(missing_ok=True)
        return made.open("rb")


_making = Lock()
_archives: OrderedDict[Hashable, Path] = OrderedDict()


@cache
def _temporary_folder() -> Path:
    folder = Path(mkdtemp(prefix="ppw-downloads-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder


def _archive(release: Release, files: Sequence[ReleaseFile]) -> Path:
    handle, name = mkstemp(suffix=".zip", dir=_temporary_folder())
    path = Path(name)
    try:
        with open(handle, "wb") as packed, ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for one in files:
                entry = ZipInfo(one.name, clock(release))
                entry.compress_type = ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                entry.file_size = one.size_bytes
                with archive.open(entry, "w") as written:
                    for piece in _pieces(release, one):
                        written.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def content(release: Release, one: ReleaseFile) -> bytes:
    """The bytes of a file. ReleaseUnreadable when it is missing or no longer what the manifest says."""
    return b"".join(_pieces(release, one))


def _pieces(release: Release, one: ReleaseFile) -> Iterator[bytes]:
    """The bytes of a file piece by piece; after the last one ReleaseUnreadable when they are not what was promised."""
    path, digest = release.directory / one.name, hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                digest.update(piece)
                yield piece
    except OSError as error:
        raise ReleaseUnreadable(
            f"{path}: cannot be read ({type(error).__name__}); restore the release from backup"
        ) from error
    if digest.hexdigest() != one.sha256:
        raise ReleaseUnreadable(
            f"{path}: is no longer what the manifest says; restore the release from backup"
        )


def _files(release: Release, places: Sequence[str]) -> list[ReleaseFile]:
    return [
        ReleaseFile(name, entry.size_bytes, entry.sha256)
        for name, entry in sorted(release.manifest.files.items())
        if any(name.startswith(place) for place in places)
    ]
