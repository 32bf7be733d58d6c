"""CSV files with a Data Package: `datapackage.json` says what each file and column is, as one file.

UTF-8 without byte order mark, comma, point as decimal mark, empty for no value. Decimals are written with the digits
they need and no others. Texts are made plain (`plain_text`). Conforms to Data Package 1 (Tabular Data Package), which
readers of version 2 read too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from reports.open_data.contents import sha256_of
from reports.open_data.plain_text import plain_column
from reports.open_data.statements import statements_of
from reports.open_data.tables import FIGURES, LEVELS_NEEDED, description_of, meaning_of
from reports.release_data import Release
from reports.words import Words

PACKAGE_NAME = "datapackage.json"
# (table, columns) -> (table, columns) that every filled row points to.
_POINTS_TO: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...]], ...] = (
    (FIGURES, ("indicator_code",), "dim_indicator", ("indicator_code",)),
    (FIGURES, ("area_id",), "dim_area", ("area_id",)),
    (FIGURES, ("period_id",), "dim_period", ("period_id",)),
    (FIGURES, ("unit",), "dim_unit", ("unit",)),
    (FIGURES, ("source_id",), "dim_source", ("source_id",)),
    ("fct_target", ("plan_version",), "dim_plan_document", ("plan_version",)),
    ("fct_target", ("indicator_code",), "dim_indicator", ("indicator_code",)),
    ("fct_target", ("area_id",), "dim_area", ("area_id",)),
    ("fct_target", ("unit",), "dim_unit", ("unit",)),
    ("fct_assessment", ("plan_version", "target_id"), "fct_target", ("plan_version", "target_id")),
    (LEVELS_NEEDED, ("plan_version", "target_id"), "fct_target", ("plan_version", "target_id")),
    (LEVELS_NEEDED, ("unit",), "dim_unit", ("unit",)),
    ("fct_milestone", ("plan_version", "target_id"), "fct_target", ("plan_version", "target_id")),
    ("dim_clause", ("plan_version",), "dim_plan_document", ("plan_version",)),
    ("dim_indicator", ("unit",), "dim_unit", ("unit",)),
)
# (table, column of a figure) -> the column that names its unit.
_UNITS: Mapping[tuple[str, str], str] = {
    (FIGURES, "value"): "unit",
    ("fct_target", "value_low"): "unit",
    ("fct_target", "value_high"): "unit",
    ("fct_assessment", "value_low"): "unit",
    ("fct_assessment", "value_high"): "unit",
    ("fct_assessment", "actual_value"): "actual_unit",
    ("fct_assessment", "latest_known_value"): "latest_known_unit",
    ("fct_assessment", "path_value"): "unit",
    ("fct_assessment", "gap"): "unit",
    ("fct_assessment", "required_per_year"): "unit",
    (LEVELS_NEEDED, "value"): "unit",
}


def write_csv_package(release: Release, tables: Mapping[str, Path], folder: Path) -> None:
    """Write the open tables (name -> Parquet file) as CSV files with their Data Package."""
    folder.mkdir(parents=True, exist_ok=True)
    resources = []
    for name, parquet in tables.items():
        table = pl.scan_parquet(parquet)
        path = folder / f"{name}.csv"
        table.select(_as_text(column, kind) for column, kind in table.collect_schema().items()).sink_csv(
            path, maintain_order=True, datetime_format="%Y-%m-%dT%H:%M:%S%.f", line_terminator="\n"
        )
        resources.append(_resource(name, table, path, tables))
    (folder / PACKAGE_NAME).write_text(
        json.dumps(_package(release, resources), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    if isinstance(kind, pl.Decimal):
        text = pl.col(name).cast(pl.String)
        # The mark stands in every text: the release's decimals have a scale.
        return text.str.strip_chars_end("0").str.strip_chars_end(".").alias(name) if kind.scale else text
    return plain_column(name) if kind == pl.String else pl.col(name)


def _type(kind: pl.DataType) -> str:
    if kind.is_integer():
        return "integer"
    if kind.is_numeric():
        return "number"
    named = {pl.Boolean: "boolean", pl.Date: "date", pl.Datetime: "datetime", pl.String: "string"}
    return named[kind.base_type()]


def _resource(name: str, table: pl.LazyFrame, path: Path, tables: Mapping[str, Path]) -> dict[str, Any]:
    columns = table.collect_schema()
    fields = []
    for column, kind in columns.items():
        field = {"name": column, "type": _type(kind), "description": description_of(name, column)}
        if unit := _UNITS.get((name, column)):
            field["unitField"] = unit
        fields.append(field)
    known = meaning_of(name)
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""], "primaryKey": list(known.key)}
    if points := _foreign_keys(name, columns, tables):
        schema["foreignKeys"] = points
    return {
        "name": name.replace("_", "-"),
        "path": path.name,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "description": known.description,
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True},
        "schema": schema,
    }


def _foreign_keys(name: str, columns: pl.Schema, tables: Mapping[str, Path]) -> list[dict[str, Any]]:
    """The references whose both ends are in the package."""
    return [
        {
            "fields": list(fields),
            "reference": {"resource": "" if other == name else other.replace("_", "-"), "fields": list(to)},
        }
        for table, fields, other, to in _POINTS_TO
        if table == name and other in tables and set(fields) <= set(columns)
    ]


def _package(release: Release, resources: list[dict[str, Any]]) -> dict[str, Any]:
    vi, en = (statements_of(release, words) for words in (Words("vi"), Words("en")))
    return {
        "profile": "tabular-data-package",
        "name": f"plan-{release.release_id}",
        "title": f"{vi.title} / {en.title}",
        "description": "\n\n".join(
            (
                vi.plan,
                vi.review,
                vi.rights,
                en.plan,
                en.review,
                en.rights,
                Words("en")("open_data.plain_rule"),
            )
        ),
        "version": release.release_id,
        "created": f"{release.cut_off.isoformat()}T12:00:00Z",
        "reviewed": release.reviewed,
        "citation": vi.citation,
        "contentDigest": release.digest,
        # Nobody gave the whole a licence of its own: each source keeps what its publisher says.
        "rights": {"vi": vi.rights, "en": en.rights},
        "sources": [
            {
                "title": f"{row['publisher_vi']}: {row['title_vi']}",
                "name": row["source_id"],
                "licence": row["licence"],
            }
            for row in release.rows("dim_source")
        ],
        "resources": resources,
    }
