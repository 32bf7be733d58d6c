"""The Parquet files that dbt reads as its sources: their columns, types and order."""

import io
from pathlib import Path
from typing import Any

import polars as pl

from store.files import write_durably

_DECIMAL = pl.Decimal(38, 15)
_TEXT, _INT, _BOOL, _DATE = pl.String(), pl.Int32(), pl.Boolean(), pl.Date()
_ROUTE = {"source_id": _TEXT, "route": _TEXT}

# Table -> column -> type of each file under `warehouse/inputs`; rows are sorted by all columns in this order.
INPUT_TABLES: dict[str, dict[str, pl.DataType]] = {
    "vintage": {
        **_ROUTE, "document": _TEXT, "snapshot_sha256": _TEXT, "cell_set_key": _TEXT, "cells_file": _TEXT,
        "vintage_at": pl.Datetime("us"), "published_at": _DATE, "published_at_basis": _TEXT, "origin": _TEXT,
        "excluded": _BOOL, "excluded_reason": _TEXT,
    },
    "mapping_series": {
        **_ROUTE, "series_id": _INT, "indicator_code": _TEXT, "unit": _TEXT, "factor": pl.Float64(), "form": _TEXT,
        "breakdown": _TEXT, "maturity": _TEXT, "index_base": _TEXT, "price_basis": _TEXT, "table_key": _TEXT,
        "n_conditions": _INT, "checks_unit_text": _BOOL,
    },
    "mapping_condition": {**_ROUTE, "series_id": _INT, "dimension": _TEXT, "label_key": _TEXT},
    "mapping_area": {**_ROUTE, "dimension": _TEXT, "label_key": _TEXT, "area_id": _TEXT},
    "mapping_period": {**_ROUTE, "dimension": _TEXT, "label_key": _TEXT, "period_id": _TEXT, "maturity": _TEXT},
    "mapping_ignored": {**_ROUTE, "dimension": _TEXT, "label_key": _TEXT, "reason": _TEXT},
    "unit_alias": {"unit": _TEXT, "alias_key": _TEXT},
    "period": {"period_id": _TEXT, "type": _TEXT, "start_date": _DATE, "end_date": _DATE},
    "source_record": {
        "source_id": _TEXT, "title_vi": _TEXT, "title_en": _TEXT, "publisher_vi": _TEXT, "publisher_en": _TEXT,
        "publisher_kind": _TEXT, "rank": _INT, "origin": _TEXT, "licence": _TEXT, "cadence": _TEXT, "topic": _TEXT,
    },
    "source_outcome": {"source_id": _TEXT, "last_outcome": _TEXT, "last_reason": _TEXT, "document": _TEXT},
    "plan_document": {
        "plan_version": _TEXT, "kind": _TEXT, "legal_status": _TEXT, "targets_transcribed": _BOOL, "number": _TEXT,
        "title_vi": _TEXT, "title_en": _TEXT, "issuer_vi": _TEXT, "issuer_en": _TEXT, "adopted_on": _DATE,
        "supersedes": _TEXT, "note_vi": _TEXT, "note_en": _TEXT,
    },
    "plan_clause": {
        "plan_version": _TEXT, "clause": _TEXT, "heading_vi": _TEXT, "heading_en": _TEXT, "line_from": _INT,
        "line_to": _INT,
    },
    "plan_target": {
        "plan_version": _TEXT, "target_id": _TEXT, "indicator_code": _TEXT, "name_vi": _TEXT, "name_en": _TEXT,
        "area_id": _TEXT, "target_type": _TEXT, "comparator": _TEXT, "value_low": _DECIMAL, "value_high": _DECIMAL,
        "unit": _TEXT, "period_start": _INT, "period_end": _INT, "horizon_inferred": _BOOL, "clause": _TEXT,
        "line": _INT, "printed_text": _TEXT, "aspiration": _BOOL, "direction": _TEXT, "trajectory": _TEXT,
        "base_period": _TEXT, "phasing": _TEXT, "tolerance": _DECIMAL, "range_kind": _TEXT, "group_id": _TEXT,
        "frame_id": _TEXT, "headline": _BOOL, "headline_order": _INT, "responsible_vi": _TEXT,
        "reading_status": _TEXT, "reading_document": _TEXT, "note_vi": _TEXT, "note_en": _TEXT,
        "snapshot_sha256": _TEXT, "cell_ref": _TEXT,
    },
    "run_parameter": {
        "cut_off": _DATE, "plan_versions": _TEXT, "rule_set_version": _TEXT, "method_version": _TEXT,
        "code_version": _TEXT,
    },
}  # fmt: skip

Rows = list[dict[str, Any]]


def write_table(directory: Path, name: str, rows: Rows) -> Path:
    """Write one input table: its columns and types, rows sorted by all columns, each row once."""
    columns = INPUT_TABLES[name]
    frame = pl.DataFrame(
        [{column: row.get(column) for column in columns} for row in rows], schema=columns, orient="row"
    )
    frame = frame.unique().sort(list(columns), nulls_last=True)
    path = directory / f"{name}.parquet"
    buffer = _parquet_bytes(frame)
    write_durably(path, buffer)
    return path


def _parquet_bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()
