"""Reading: a snapshot and the record's reading section become cells."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from sources.adapters import json_stat, plain_table, plan, workbook
from sources.cells import AdapterResult, Reading, ReadingError, cell_frame
from sources.record import JsonStatReading, PlainTableReading, PlanReading, WorkbookReading

AnyReading = PlainTableReading | PlanReading | JsonStatReading | WorkbookReading

# Adapter name -> its version and its function. A new version gives new cell set keys.
ADAPTERS: dict[str, tuple[str, Callable[[bytes, Any], AdapterResult]]] = {
    "plain_table": (plain_table.VERSION, plain_table.read),
    "plan": (plan.VERSION, plan.read),
    "json_stat": (json_stat.VERSION, json_stat.read),
    "workbook": (workbook.VERSION, workbook.read),
}


def cell_set_key(section: AnyReading, snapshot_sha256: str) -> str:
    """Return the key of the cells of a snapshot: sha256 of snapshot, adapter, version and reading section.

    Computed without reading the snapshot, so that what was read once is never read again.
    """
    version, _ = ADAPTERS[section.adapter]
    canonical = json.dumps(
        {
            "adapter": section.adapter,
            "adapter_version": version,
            "reading": section.model_dump(mode="json", by_alias=True),
            "snapshot_sha256": snapshot_sha256,
        },
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def read(section: AnyReading, data: bytes, snapshot_sha256: str) -> Reading:
    """Read bytes as the section says. Raises ReadingError, naming place and mend, when that fails."""
    _, adapter = ADAPTERS[section.adapter]
    result = adapter(data, section)
    frame = cell_frame(result.cells, cell_set_key(section, snapshot_sha256), snapshot_sha256)
    return Reading(frame, result.skipped)


__all__ = ["ADAPTERS", "AnyReading", "Reading", "ReadingError", "cell_set_key", "read"]
