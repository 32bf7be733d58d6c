"""Cell sets on disk: each is written once per key and never again."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from sources.plan_tables import PLAN_DOCUMENTS, TARGETS_FILE
from sources.reading import AnyReading, cell_set_key, read
from sources.record import PlanReading, SourceRecord
from store import landing
from store.settings import Settings
from store.state import Vintage


def is_plan(vintage: Vintage) -> bool:
    return vintage.source_id.startswith("plan_") and vintage.document in PLAN_DOCUMENTS.values()


def section_of(records: Mapping[str, SourceRecord], vintage: Vintage) -> AnyReading | None:
    """Return the reading section of a vintage; a part of a plan other than its targets has none.

    Raises KeyError when no record or route reads the vintage.
    """
    if is_plan(vintage) and vintage.source_id not in records:
        is_targets = vintage.document == PLAN_DOCUMENTS[TARGETS_FILE]
        return PlanReading(adapter="plan") if is_targets else None
    if vintage.source_id not in records:
        raise KeyError(f"no source record {vintage.source_id}.yml can be used")
    return records[vintage.source_id].route(vintage.route).reading


def cells_file(settings: Settings, key: str) -> Path:
    """Return where the cell set of a key is, or will be."""
    return settings.cells_dir / f"{key}.parquet"


def write_cells(
    settings: Settings, section: AnyReading, snapshot_sha256: str, data: bytes | None = None
) -> Path:
    """Return the Parquet file of a snapshot's cells, reading the snapshot only when it was not read before.

    `data` are the snapshot's bytes where they are at hand; else landing gives them. Raises ReadingError.
    """
    path = cells_file(settings, cell_set_key(section, snapshot_sha256))
    if path.exists():
        return path
    cells = read(
        section, landing.get(settings, snapshot_sha256) if data is None else data, snapshot_sha256
    ).cells
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two processes may write the same key at once: each under its own name, and either rename is right.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        cells.write_parquet(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def read_vintage(settings: Settings, record: SourceRecord, vintage: Vintage) -> Path:
    """Return the Parquet file of a vintage's cells, writing it first when it is not there.

    Raises KeyError when the record has no such route any more, ReadingError when the bytes cannot be read.
    """
    return write_cells(settings, record.route(vintage.route).reading, vintage.snapshot_sha256)
