"""Reading: a snapshot and the record's reading section become cells."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from sources.adapters import (
    ckan,
    csv_table,
    json_stat,
    milestone_report,
    pdf_table,
    plain_table,
    plan,
    px,
    pxweb_csv,
    pxweb_json,
    sdmx,
    submission,
    workbook,
)
from sources.cell_table import cell_frame, cell_frames
from sources.cells import CELL_SCHEMA, AdapterResult, Reading, ReadingError, Skipped
from sources.record import (
    CkanReading,
    CsvTableReading,
    JsonStatReading,
    MilestoneReportReading,
    PdfTableReading,
    PlainTableReading,
    PlanReading,
    PxReading,
    PxWebCsvReading,
    PxwebJsonReading,
    SdmxReading,
    SubmissionReading,
    WorkbookReading,
)
from sources.text.labels import KEY_VERSION

AnyReading = (
    PlainTableReading
    | PlanReading
    | MilestoneReportReading
    | JsonStatReading
    | PxReading
    | PxWebCsvReading
    | CsvTableReading
    | PxwebJsonReading
    | CkanReading
    | SdmxReading
    | SubmissionReading
    | WorkbookReading
    | PdfTableReading
)

# Adapter name -> its version and its function. A new version gives new cell set keys.
ADAPTERS: dict[str, tuple[str, Callable[[bytes, Any], AdapterResult]]] = {
    "plain_table": (plain_table.VERSION, plain_table.read),
    "plan": (plan.VERSION, plan.read),
    "milestone_report": (milestone_report.VERSION, milestone_report.read),
    "json_stat": (json_stat.VERSION, json_stat.read),
    "px": (px.VERSION, px.read),
    "pxweb_csv": (pxweb_csv.VERSION, pxweb_csv.read),
    "csv_table": (csv_table.VERSION, csv_table.read),
    "pxweb_json": (pxweb_json.VERSION, pxweb_json.read),
    "ckan": (ckan.VERSION, ckan.read),
    "sdmx": (sdmx.VERSION, sdmx.read),
    "submission": (submission.VERSION, submission.read),
    "workbook": (workbook.VERSION, workbook.read),
    "pdf_table": (pdf_table.VERSION, pdf_table.read),
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
            "key_version": KEY_VERSION,
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


def read_into(section: AnyReading, data: bytes, snapshot_sha256: str, file: Path) -> list[Skipped]:
    """Read bytes as `read` does and write the cells to a Parquet file; return what was skipped. Raises ReadingError.

    The file is written part by part: laid out as one frame, five million cells take some two gigabytes.
    """
    _, adapter = ADAPTERS[section.adapter]
    result = adapter(data, section)
    key = cell_set_key(section, snapshot_sha256)

    def frames(*_: object) -> Iterator[pl.DataFrame]:
        return cell_frames(result.cells, key, snapshot_sha256)

    # Polars marks this call as unstable; its version is held below the next minor one.
    register_io_source(frames, schema=CELL_SCHEMA).sink_parquet(file)
    return result.skipped


__all__ = ["ADAPTERS", "AnyReading", "Reading", "ReadingError", "cell_set_key", "read", "read_into"]
