"""Cell sets on disk: each is written once per key and never again."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from sources.cells import Reading
from sources.plan.document import PLAN_DOCUMENTS
from sources.reading import AnyReading, cell_set_key, read, read_into
from sources.reading_process import ReadingLimits, cells_in_process
from sources.record import PlanReading, SourceRecord
from store import landing
from store.settings import Settings
from store.state import Vintage

# Adapters over libraries that parse binary files from outside: they run in a process of their own, with limits. It
# costs 0.7 to 0.9 s a file, and only for a snapshot that was never read; the text formats are read in place.
IN_A_PROCESS = frozenset(("workbook", "pdf_table", "submission"))


def is_plan(vintage: Vintage) -> bool:
    return vintage.source_id.startswith("plan_") and vintage.document in PLAN_DOCUMENTS.values()


def plan_reading(document: str) -> PlanReading | None:
    """Return how a document of a plan is read into cells; None for one that holds no promises."""
    match document:
        case "targets" | "milestones":
            return PlanReading(adapter="plan", table=document)
    return None


def section_of(records: Mapping[str, SourceRecord], vintage: Vintage) -> AnyReading | None:
    """Return the reading section of a vintage; a part of a plan without promises has none.

    Raises KeyError when no record or route reads the vintage.
    """
    if is_plan(vintage) and vintage.source_id not in records:
        return plan_reading(vintage.document)
    if vintage.source_id not in records:
        raise KeyError(f"no source record {vintage.source_id}.yml can be used")
    return records[vintage.source_id].route(vintage.route).reading


def cells_file(settings: Settings, key: str) -> Path:
    """Return where the cell set of a key is, or will be."""
    return settings.cells_dir / f"{key}.parquet"


def read_confined(settings: Settings, section: AnyReading, data: bytes, snapshot_sha256: str) -> Reading:
    """Read bytes as `read` does, what needs a process of its own in one; nothing is kept. Raises ReadingError."""
    if section.adapter not in IN_A_PROCESS:
        return read(section, data, snapshot_sha256)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cells.parquet"
        skipped = cells_in_process(section, data, snapshot_sha256, file, ReadingLimits.of(settings))
        return Reading(pl.read_parquet(file), skipped)


def write_cells(
    settings: Settings, section: AnyReading, snapshot_sha256: str, data: bytes | None = None
) -> Path:
    """Return the Parquet file of a snapshot's cells, reading the snapshot only when it was not read before.

    `data` are the snapshot's bytes where they are at hand; else landing gives them. Raises ReadingError.
    """
    path = cells_file(settings, cell_set_key(section, snapshot_sha256))
    if path.exists():
        return path
    if data is None:
        data = landing.get(settings, snapshot_sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes may write the same key at once: each under its own name, and either rename is right.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        if section.adapter in IN_A_PROCESS:
            cells_in_process(section, data, snapshot_sha256, temporary, ReadingLimits.of(settings))
        else:
            read_into(section, data, snapshot_sha256, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def read_vintage(settings: Settings, record: SourceRecord, vintage: Vintage) -> Path:
    """Return the Parquet file of a vintage's cells, writing it first when it is not there.

    Raises KeyError when the record has no such route any more, ReadingError when the bytes cannot be read.
    """
    return write_cells(settings, record.route(vintage.route).reading, vintage.snapshot_sha256)
