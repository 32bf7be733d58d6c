"""Small inputs for the dbt project: every Parquet file it reads, written from Python rows.

`empty_inputs` gives every table without rows, `add_source` and `add_document` add figures in the shape of a
plain table, `write` puts the files where dbt looks for them. Column types are those of a real run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from expectations.gate.decisions_in_force import FINDING_DECISION_SCHEMA
from expectations.run import RESULT_SCHEMA, SUMMARY_SCHEMA
from sources.cells import CELL_SCHEMA
from sources.input_tables import INPUT_TABLES
from sources.text.labels import label_key
from sources.text.periods import parse_period_id
from sources.text.units import unit_key

Row = dict[str, Any]

SCHEMAS: dict[str, dict[str, Any]] = {
    **INPUT_TABLES,
    "check_result": RESULT_SCHEMA,
    "check_summary": SUMMARY_SCHEMA,
    "finding_decision": FINDING_DECISION_SCHEMA,
}

PLAN = "07-NQ-HDND-2023"
_EXACT = ("value_low", "value_high", "tolerance")


@dataclass
class Inputs:
    """The rows of every input table, and the cell sets by key."""

    tables: dict[str, list[Row]]
    cells: dict[str, list[Row]] = field(default_factory=dict)


def empty_inputs(cut_off: date) -> Inputs:
    """Every table without rows, but for the run's parameters and one plan document with one clause."""
    inputs = Inputs({name: [] for name in SCHEMAS})
    inputs.tables["run_parameter"] = [
        {
            "cut_off": cut_off,
            "plan_versions": PLAN,
            "rule_set_version": "1",
            "method_version": "1",
            "code_version": "test",
        }
    ]
    inputs.tables["plan_document"] = [
        {
            "plan_version": PLAN,
            "kind": "long_term",
            "legal_status": "adopted",
            "targets_transcribed": True,
            "number": "07/NQ-HĐND",
            "title_vi": "Quy hoạch tỉnh",
            "title_en": "Provincial plan",
            "issuer_vi": "Hội đồng nhân dân tỉnh",
            "issuer_en": "People's Council",
            "adopted_on": date(2023, 4, 27),
            "area_id": "VN-04",
            "period_start": 2021,
            "period_end": 2030,
            "vision_year": 2050,
            "is_reference": True,
        }
    ]
    inputs.tables["plan_clause"] = [
        {
            "plan_version": PLAN,
            "clause": "II.2.b",
            "heading_vi": "Mục tiêu",
            "heading_en": "Goals",
            "line_from": 1,
            "line_to": 99,
        }
    ]
    return inputs


def add_target(inputs: Inputs, target_id: str, indicator_code: str, target_type: str, **fields: Any) -> None:
    """Add a target of Cao Bằng; figures are given as text and kept as exact decimals."""
    row: Row = {
        "plan_version": PLAN,
        "target_id": target_id,
        "indicator_code": indicator_code,
        "target_type": target_type,
        "name_vi": target_id,
        "name_en": target_id,
        "area_id": "VN-04",
        "period_end": 2030,
        "clause": "II.2.b",
        "line": 1,
        "direction": "none",
        "reading_status": "proposed",
        "horizon_inferred": False,
        "aspiration": False,
        "headline": False,
    }
    exact = {name: Decimal(value) if name in _EXACT else value for name, value in fields.items()}
    inputs.tables["plan_target"].append(row | exact)


def add_milestone(inputs: Inputs, target_id: str, period_end: int, **fields: Any) -> None:
    """Add a milestone of Cao Bằng that is due by the end of `period_end`."""
    row: Row = {
        "plan_version": PLAN,
        "target_id": target_id,
        "target_type": "milestone",
        "name_vi": target_id,
        "name_en": target_id,
        "area_id": "VN-04",
        "domain": "infrastructure",
        "action": "build",
        "period_end": period_end,
        "due_rule": "by_end",
        "clause": "II.2.b",
        "line": 1,
        "direction": "none",
        "reading_status": "proposed",
        "horizon_inferred": False,
        "aspiration": False,
        "headline": False,
    }
    inputs.tables["plan_target"].append(row | fields)


def add_milestone_report(
    inputs: Inputs, target_id: str, reported_state: str, as_of_date: date, **fields: Any
) -> None:
    """Add what an office states about a milestone, received on the day it is about."""
    row: Row = {
        "source_id": "reports",
        "snapshot_sha256": sha256(target_id.encode()).hexdigest(),
        "cell_ref": f"row {len(inputs.tables['milestone_report']) + 2}",
        "vintage_at": datetime(as_of_date.year, as_of_date.month, as_of_date.day),
        "plan_version": PLAN,
        "target_id": target_id,
        "reported_state": reported_state,
        "as_of_date": as_of_date,
    }
    inputs.tables["milestone_report"].append(row | fields)


def add_source(inputs: Inputs, source_id: str, rank: int, series: Sequence[Row]) -> None:
    """Add a source of the plain-table kind.

    A series: indicator, unit and what it declares; its label is the indicator code unless `label` says
    another, the spellings of its unit are `aliases` or the unit code.
    """
    inputs.tables["source_record"].append(
        {
            "source_id": source_id,
            "title_vi": source_id,
            "title_en": source_id,
            "publisher_vi": f"Cơ quan {source_id}",
            "publisher_en": f"Office {source_id}",
            "publisher_kind": "press",
            "rank": rank,
            "origin": "transcription",
            "licence": "public",
            "access": "public",
            "owned": False,
            "cadence": "annual",
            "topic": "test",
            "calendar_state": "nothing_due",
        }
    )
    inputs.tables["source_outcome"].append(
        {"source_id": source_id, "document": "issue", "last_outcome": "new"}
    )
    inputs.tables["mapping_area"].append(
        {
            "source_id": source_id,
            "route": "recorded",
            "dimension": "area",
            "label_key": label_key("Cao Bằng"),
            "area_id": "VN-04",
        }
    )
    for number, declared in enumerate(series):
        own: Row = {
            "source_id": source_id,
            "route": "recorded",
            "series_id": number,
            "indicator_code": declared["indicator"],
            "factor": 1.0,
            "form": "level",
            "breakdown": "_T",
            "n_conditions": 1,
            "checks_unit_text": True,
        }
        declared_fields = {
            name: value for name, value in declared.items() if name not in ("indicator", "label", "aliases")
        }
        inputs.tables["mapping_series"].append(own | declared_fields)
        inputs.tables["mapping_condition"].append(
            {
                "source_id": source_id,
                "route": "recorded",
                "series_id": number,
                "dimension": "indicator",
                "label_key": label_key(str(declared.get("label", declared["indicator"]))),
            }
        )
        for alias in declared.get("aliases", [declared["unit"]]):
            inputs.tables["unit_alias"].append({"unit": declared["unit"], "alias_key": unit_key(alias)})


def add_document(
    inputs: Inputs,
    source_id: str,
    document: str,
    vintage_at: datetime,
    figures: Sequence[Row],
    *,
    published_at: date | None = None,
    **vintage_fields: Any,
) -> str:
    """Add a vintage of a document. A figure: indicator, period, value (text), area, unit, attributes.

    Returns the sha256 that stands for its bytes; equal figures give equal bytes.
    """
    digest = sha256(repr((source_id, list(figures))).encode()).hexdigest()
    key = f"set-{digest[:16]}"
    inputs.cells[key] = [_cell(key, digest, index, figure) for index, figure in enumerate(figures)]
    inputs.tables["vintage"].append(
        {
            "source_id": source_id,
            "route": "recorded",
            "document": document,
            "snapshot_sha256": digest,
            "cell_set_key": key,
            "vintage_at": vintage_at,
            "published_at": published_at,
            "published_at_basis": "printed" if published_at else "not_stated",
            "origin": "transcription",
            "excluded": False,
        }
        | vintage_fields
    )
    for figure in figures:
        _add_period(inputs, source_id, figure["period"])
    return digest


def _add_period(inputs: Inputs, source_id: str, period_id: str) -> None:
    mapped = {
        "source_id": source_id,
        "route": "recorded",
        "dimension": "period",
        "label_key": label_key(period_id),
        "period_id": period_id,
    }
    if mapped not in inputs.tables["mapping_period"]:
        inputs.tables["mapping_period"].append(mapped)
    if period_id not in {row["period_id"] for row in inputs.tables["period"]}:
        period = parse_period_id(period_id)
        inputs.tables["period"].append(
            {"period_id": period_id, "type": period.type, "start_date": period.start, "end_date": period.end}
        )


def _cell(key: str, digest: str, index: int, figure: Row) -> Row:
    labels: dict[str, str] = {
        "indicator": figure["indicator"],
        "area": figure.get("area", "Cao Bằng"),
        "period": figure["period"],
    }
    attributes = {name: figure[name] for name in ("published", "maturity", "note") if name in figure}
    value = figure.get("value")
    return {
        "cell_set_key": key,
        "snapshot_sha256": digest,
        "table_title": "",
        "cell_index": index,
        "cell_ref": f"row {index + 2}",
        "labels": [
            {"dimension": name, "label": text, "code": None, "key": label_key(text)}
            for name, text in labels.items()
        ],
        "attributes": [{"name": name, "text": text} for name, text in attributes.items()],
        "unit_text": figure.get("unit"),
        "unit_key": unit_key(figure["unit"]) if figure.get("unit") else None,
        "period_text": figure["period"],
        "value_text": value,
        "number": float(value) if value is not None else None,
        "decimal_text": value,
        "missing_code": None if value is not None else figure.get("missing_code", "dots"),
        "flags": [],
    }


def write(inputs: Inputs, directory: Path) -> Path:
    """Write the tables to `directory`/inputs and the cell sets to `directory`/cells; returns the first."""
    tables_dir, cells_dir = directory / "inputs", directory / "cells"
    for folder in (tables_dir, cells_dir):
        folder.mkdir(parents=True, exist_ok=True)
    for key, rows in inputs.cells.items():
        pl.DataFrame(rows, schema=CELL_SCHEMA, orient="row").write_parquet(cells_dir / f"{key}.parquet")
    for row in inputs.tables["vintage"]:
        row["cells_file"] = str(cells_dir / f"{row['cell_set_key']}.parquet")
    for name, rows in inputs.tables.items():
        write_table(tables_dir, name, rows)
    return tables_dir


def write_table(tables_dir: Path, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write one input table; columns that a row does not name are null."""
    schema = SCHEMAS[name]
    unknown = {column for row in rows for column in row} - set(schema)
    if unknown:
        raise ValueError(f"input table {name} has no column {', '.join(sorted(unknown))}")
    frame = pl.DataFrame(
        [{column: row.get(column) for column in schema} for row in rows], schema=schema, orient="row"
    )
    frame.write_parquet(tables_dir / f"{name}.parquet")
