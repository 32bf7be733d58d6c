"""The page data of a release of the benchmark, prepared anew: for a home whose release an earlier version made.

Building the million takes minutes; what pages ask of it takes seconds. Only a release of synthetic sources is touched,
for releases that people read never change.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from benchmarks.synthetic import source_id
from reports.page_data import FOLDER, write_page_data
from store.files import sha256_of_file
from store.manifest import MANIFEST_NAME, FileEntry, manifest_bytes, read_manifest


class NotSynthetic(Exception):
    """The release has other sources than those of the benchmark."""


def prepare_again(directory: Path) -> None:
    """Write the page data of a release in its place and enter it in the manifest. Raises NotSynthetic."""
    sources = pl.read_parquet(directory / "dim_source.parquet")["source_id"].to_list()
    if source_id(0) not in sources:
        raise NotSynthetic(
            f"{directory.name} is no release of the benchmark; a release is prepared when it is made"
        )
    shutil.rmtree(directory / FOLDER, ignore_errors=True)
    write_page_data(directory)
    manifest = read_manifest(directory)
    others = {name: entry for name, entry in manifest.files.items() if not name.startswith(f"{FOLDER}/")}
    prepared = {
        path.relative_to(directory).as_posix(): FileEntry(
            sha256=sha256_of_file(path), size_bytes=path.stat().st_size
        )
        for path in sorted((directory / FOLDER).rglob("*"))
        if path.is_file()
    }
    changed = manifest.model_copy(update={"files": dict(sorted({**others, **prepared}.items()))})
    (directory / MANIFEST_NAME).write_bytes(manifest_bytes(changed))
