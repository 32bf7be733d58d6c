"""The Parquet files that dbt reads as its sources: their columns, types and order."""

import io
from pathlib import Path
from typing import Any

import polars as pl

from store.files import write_durably

_DEC = pl.Decimal(38, 15)
_STR, _INT, _BOOL, _DATE = pl.String(), pl.Int32(), pl.Boolean(), pl.Date()
_ROUTE = {"source_id": _STR, "route": _STR}

# Table -> column -> type of each file under `warehouse/inputs`; rows are sorted by all columns in this order.
INPUT_TABLES: dict[str, dict[str, pl.DataType]] = {
    "vintage": {
        **_ROUTE, "document": _STR, "snapshot_sha256": _STR, "cell_set_key": _STR, "cells_file": _STR,
        "vintage_at": pl.Datetime("us"), "published_at": _DATE, "published_at_basis": _STR, "origin": _STR,
        "is_whole": _BOOL, "excluded": _BOOL, "excluded_reason": _STR,
    },
    "mapping_series": {
        **_ROUTE, "series_id": _INT, "indicator_code": _STR, "unit": _STR, "factor": pl.Float64(),
        "form": _STR,
        "breakdown": _STR, "maturity": _STR, "index_base": _STR, "price_basis": _STR, "table_key": _STR,
        "n_conditions": _INT, "checks_unit_text": _BOOL,
    },
    "mapping_condition": {**_ROUTE, "series_id": _INT, "dimension": _STR, "label_key": _STR},
    "mapping_area": {**_ROUTE, "dimension": _STR, "label_key": _STR, "area_id": _STR},
    "mapping_period": {**_ROUTE, "dimension": _STR, "label_key": _STR, "period_id": _STR, "maturity": _STR},
    "mapping_ignored": {**_ROUTE, "dimension": _STR, "label_key": _STR, "reason": _STR},
    "unit_alias": {"unit": _STR, "alias_key": _STR},
    "period": {"period_id": _STR, "type": _STR, "start_date": _DATE, "end_date": _DATE},
    "source_record": {
        "source_id": _STR, "title_vi": _STR, "title_en": _STR, "publisher_vi": _STR, "publisher_en": _STR,
        "publisher_kind": _STR, "rank": _INT, "origin": _STR, "licence": _STR, "access": _STR, "owned": _BOOL,
        "cadence": _STR, "topic": _STR,
        "calendar_state": _STR, "calendar_note_vi": _STR, "calendar_note_en": _STR,
    },
    "correction": {
        "observation_key": _STR, "decision_id": pl.Int64(), "value": _DEC, "value_text": _STR, "unit": _STR,
        "wrong_value": pl.Float64(), "tolerance": pl.Float64(), "decided_at": pl.Datetime("us"),
    },
    "statement": {
        "statement_id": _STR, "plan_version": _STR, "target_id": _STR, "office": _STR, "cause": _STR, "measure": _STR,
        "deadline": _DATE, "access": _STR, "stated_on": _DATE, "stated_about": _STR, "stated_bucket": _STR,
        "ended_by": _STR, "ended_on": _DATE, "ended_note": _STR,
    },
    "release_issue": {
        "issue_key": _STR, "source_id": _STR, "periodicity": _STR, "period_id": _STR, "period_start": _DATE,
        "period_end": _DATE, "maturity": _STR, "due_on": _DATE, "grace_until": _DATE, "basis_vi": _STR,
        "basis_en": _STR,
    },
    "source_key": {"source_id": _STR, "source_key": _STR},
    "source_rank": {
        "source_id": _STR, "indicator_code": _STR, "applies_from": _DATE, "rank": _INT, "reason": _STR,
    },
    "source_outcome": {"source_id": _STR, "last_outcome": _STR, "last_reason": _STR, "document": _STR},
    "structure_drift": {
        **_ROUTE, "document": _STR, "snapshot_sha256": _STR, "vintage_at": pl.Datetime("us"),
        "table_title": _STR, "kind": _STR, "dimension": _STR, "n_changes": _INT, "what": _STR, "was": _STR,
    },
    "plan_document": {
        "plan_version": _STR, "kind": _STR, "legal_status": _STR, "targets_transcribed": _BOOL,
        "area_id": _STR, "period_start": _INT, "period_end": _INT, "vision_year": _INT, "number": _STR,
        "title_vi": _STR, "title_en": _STR, "issuer_vi": _STR, "issuer_en": _STR, "adopted_on": _DATE,
        "supersedes": _STR, "note_vi": _STR, "note_en": _STR, "is_reference": _BOOL,
    },
    "plan_clause": {
        "plan_version": _STR, "clause": _STR, "heading_vi": _STR, "heading_en": _STR, "line_from": _INT,
        "line_to": _INT,
    },
    "plan_target": {
        "plan_version": _STR, "target_id": _STR, "indicator_code": _STR, "name_vi": _STR, "name_en": _STR,
        "area_id": _STR, "target_type": _STR, "comparator": _STR, "value_low": _DEC, "value_high": _DEC,
        "unit": _STR, "period_start": _INT, "period_end": _INT, "horizon_inferred": _BOOL, "clause": _STR,
        "line": _INT, "printed_text": _STR, "aspiration": _BOOL, "direction": _STR, "trajectory": _STR,
        "base_period": _STR, "phasing": _STR, "tolerance": _DEC, "range_kind": _STR, "group_id": _STR,
        "frame_id": _STR, "list_id": _STR, "headline": _BOOL, "headline_order": _INT, "responsible_vi": _STR,
        "coordinating_vi": _STR, "reading_status": _STR, "reading_document_number": _STR,
        "reading_document_date": _DATE, "note_vi": _STR, "note_en": _STR, "domain": _STR, "action": _STR,
        "due_rule": _STR, "snapshot_sha256": _STR, "cell_ref": _STR,
    },
    "plan_annotation": {
        "plan_version": _STR, "annotation_id": _STR, "kind": _STR, "clause": _STR, "line": _INT,
        "effect": _STR, "text_vi": _STR, "text_en": _STR,
    },
    "plan_annotation_subject": {
        "plan_version": _STR, "annotation_id": _STR, "subject_type": _STR, "subject_id": _STR,
    },
    "plan_list": {
        "plan_version": _STR, "list_id": _STR, "name_vi": _STR, "name_en": _STR, "clause": _STR,
        "line": _INT, "count_printed": _INT,
    },
    "plan_list_member": {
        "plan_version": _STR, "list_id": _STR, "position": _INT, "name": _STR, "line": _INT,
        "target_id": _STR, "note_vi": _STR, "note_en": _STR,
    },
    "plan_relation": {
        "plan_version": _STR, "relation_id": _STR, "kind": _STR, "target_id": _STR, "to_target_id": _STR,
        "whole_value": _DEC, "whole_unit": _STR, "annotation_id": _STR, "note_vi": _STR, "note_en": _STR,
    },
    "plan_area": {
        "area_id": _STR, "code": _STR, "level": _STR, "kind_vi": _STR, "name_vi": _STR, "name_en": _STR,
        "valid_from": _DATE, "valid_to": _DATE, "parent_area_id": _STR,
    },
    "milestone_report": {
        "source_id": _STR, "snapshot_sha256": _STR, "cell_ref": _STR, "vintage_at": pl.Datetime("us"),
        "published_at": _DATE, "plan_version": _STR, "target_id": _STR, "reported_state": _STR,
        "as_of_date": _DATE, "completed_on": _DATE, "issuer_vi": _STR, "document_number": _STR,
        "document_date": _DATE, "note_vi": _STR, "note_en": _STR,
    },
    "run_parameter": {
        "cut_off": _DATE, "plan_versions": _STR, "rule_set_version": _STR, "method_version": _STR,
        "code_version": _STR,
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
