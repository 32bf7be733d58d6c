"""The files of a release by what they are, cut to those a reader may have: papers and open data for everybody, tables
and results of the checks as they are only for whoever may see all of them.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from expectations.gate.clearance import FULL
from reports.open_data.statements import clock
from reports.release_data import Release, ReleaseUnreadable

# Kind -> the folder or file it is, in the order in which readers are offered them.
PUBLIC_PLACES: Mapping[str, str] = {
    "paper": "paper/",
    "xlsx": "open_data/plan-data.xlsx",
    "static": "static_edition/",
    "csv": "open_data/csv/",
    "parquet": "open_data/parquet/",
    "sdmx": "open_data/sdmx/",
    "json_stat": "open_data/json-stat/",
}
# What is not cut: whoever has it sees figures that are closed or wait.
FULL_PLACES: Mapping[str, str] = {
    "quality": "quality/",
    "rules": "rules/",
    "records": "records/",
    "sql": "sql/",
}
TABLES = "tables"
# The edition links to the open data beside it.
_GOES_WITH: Mapping[str, tuple[str, ...]] = {"static": ("open_data/",)}


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


def bundle(release: Release, kind: str, files: Sequence[ReleaseFile]) -> bytes:
    """The files of a kind as one archive, the same bytes each time. ReleaseUnreadable as `content` raises it."""
    packed = io.BytesIO()
    every = [*files, *_files(release, _GOES_WITH.get(kind, ()))]
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for one in every:
            entry = ZipInfo(one.name, clock(release))
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content(release, one))
    return packed.getvalue()


def content(release: Release, one: ReleaseFile) -> bytes:
    """The bytes of a file. ReleaseUnreadable when it is missing or no longer what the manifest says."""
    path = release.directory / one.name
    try:
        read = path.read_bytes()
    except OSError as error:
        raise ReleaseUnreadable(
            f"{path}: cannot be read ({type(error).__name__}); restore the release from backup"
        ) from error
    if hashlib.sha256(read).hexdigest() != one.sha256:
        raise ReleaseUnreadable(
            f"{path}: is no longer what the manifest says; restore the release from backup"
        )
    return read


def _files(release: Release, places: Sequence[str]) -> list[ReleaseFile]:
    return [
        ReleaseFile(name, entry.size_bytes, entry.sha256)
        for name, entry in sorted(release.manifest.files.items())
        if any(name.startswith(place) for place in places)
    ]
