"""Writes the open data of a release into a folder: all formats, or those asked for.

    open_data/README.md
    open_data/plan-data.xlsx                       workbook
    open_data/csv/datapackage.json, *.csv     CSV with its Data Package
    open_data/parquet/*.parquet               the same tables
    open_data/sdmx/data.csv, structure.json   SDMX-CSV 2.0 and its structure
    open_data/json-stat/collection.json, *.json

Everything is made from the Parquet copy, which is cut to what the public may see; the same release gives the same
bytes.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal, get_args

from expectations.gate.clearance import PUBLIC
from reports.open_data.contents import PLACES
from reports.open_data.csv_package import write_csv_package
from reports.open_data.json_stat import write_json_stat
from reports.open_data.sdmx import write_data
from reports.open_data.sdmx_structure import write_structure
from reports.open_data.statements import facts_of, statements_of
from reports.open_data.tables import write_parquet_copy
from reports.open_data.workbook import write_workbook
from reports.release_data import Release
from reports.words import Words

OpenFormat = Literal["xlsx", "csv", "parquet", "sdmx-csv", "json-stat"]
OPEN_FORMATS: tuple[OpenFormat, ...] = get_args(OpenFormat)
# What files, words and kinds of downloads call a format, where that is not its own name.
_KINDS: Mapping[OpenFormat, str] = {"sdmx-csv": "sdmx", "json-stat": "json_stat"}
README_NAME = "README.md"


def write_open_data(release: Release, folder: Path, formats: Collection[OpenFormat] = OPEN_FORMATS) -> Path:
    """Write the open data of a release, in place of what the folder held; returns the folder."""
    release = release.seen_with(PUBLIC)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".open_data-") as apart:
        kept = folder / PLACES["parquet"] if "parquet" in formats else Path(apart)
        tables = write_parquet_copy(release, kept, facts_of(release))
        if "csv" in formats:
            write_csv_package(release, tables, folder / PLACES["csv"])
        if "sdmx-csv" in formats:
            left_out = write_data(release, tables, folder / PLACES["sdmx"] / "data.csv")
            write_structure(release, tables, folder / PLACES["sdmx"] / "structure.json", left_out)
        if "json-stat" in formats:
            write_json_stat(release, tables, folder / PLACES["json_stat"])
        if "xlsx" in formats:
            write_workbook(release, tables, folder / PLACES["xlsx"])
    (folder / README_NAME).write_text(_read_me(release, formats), encoding="utf-8")
    return folder


def _read_me(release: Release, formats: Collection[OpenFormat]) -> str:
    """What the folder is and holds, in both languages."""
    kinds = [_KINDS.get(one, one) for one in OPEN_FORMATS if one in formats]
    parts = []
    for words in (Words("vi"), Words("en")):
        said = statements_of(release, words)
        parts += [
            f"# {said.title}",
            f"**{said.review}**",
            said.plan,
            f"{words('open_data.sheet_release')}: {release.release_id}. {said.cut_off}",
            said.rights,
            f"{words('open_data.sheet_cite')}: {said.citation}",
            "\n".join(f"- {words(f'open_data.file_{kind}')}" for kind in kinds),
            *([words("open_data.plain_rule")] if {"csv", "xlsx"} & set(kinds) else []),
        ]
    return "\n\n".join(parts) + "\n"
