"""Which tables the open data has, cut to what everybody may see. Every format is made from what is written here.

The figures are those in force, each with the citation of its observation; earlier vintages stay in the release. Of a
figure that is not public the row stays, without value, citation and key.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from expectations.gate.clearance import PUBLIC, UNSTATED
from reports.disclosure import NOT_PUBLIC_VALUE, column_access
from reports.open_data.dictionary import TableMeaning, dictionary
from reports.page_data import page_table
from reports.release_data import Release, disclosed_table

FIGURES = "fct_actual"
LEVELS_NEEDED = "levels_needed"
OBSERVATIONS = "fct_observation"
OPEN_TABLES = (
    "dim_plan_document",
    "dim_clause",
    "dim_parameter",
    "dim_unit",
    "dim_source",
    "dim_indicator",
    "dim_area",
    "dim_area_relation",
    "dim_period",
    "dim_breakdown",
    "dim_derivation",
    "dim_annotation",
    "dim_annotation_subject",
    "dim_plan_list",
    "dim_plan_list_member",
    "dim_target_relation",
    "fct_target",
    "fct_milestone",
    "fct_assessment",
    FIGURES,
)
# What is no table of the release: worked out from it by the formulas it ships, for those who read the figures alone.
WORKED_OUT: Mapping[str, TableMeaning] = {
    LEVELS_NEEDED: TableMeaning(
        "One row per target, end of its promise and coming year: what that year has to reach at the needed pace, "
        "worked out from the latest figure by the formulas that the release ships.",
        ("plan_version", "target_id", "bound", "year"),
        {
            "plan_version": "The plan document that promises it.",
            "target_id": "The target within the document.",
            "bound": "The end of the promise: only (one value is promised), low or high of a range.",
            "is_assessed": "Whether level, path and pace in fct_assessment are taken of this end.",
            "goal": "The value that is promised at this end, in the unit of the target.",
            "unit": "The unit of `value`.",
            "kind": "level: a value to stand at in the year; amount: what the year itself has to bring.",
            "shape": "The path that the levels lie on: linear, compound or logit; empty for an amount.",
            "required_per_year": "The change a year, on average, that is required to this end.",
            "required_growth": "The growth a year (%) that is required to this end, where growth is asked for.",
            "year": "The year, from the one after the latest figure to the target year.",
            "value": "What the year has to reach.",
        },
    )
}
# What a figure in force takes from its observation.
FROM_OBSERVATION = (
    "missing_code",
    "origin",
    "published_at_basis",
    "index_base",
    "price_basis",
    "derivation_id",
    "document",
    "table_title",
    "cell_ref",
    "snapshot_sha256",
    "citation_publisher",
    "citation_title",
    "citation_address",
    "citation_published",
    "citation_place",
    "note",
)
# Figures that are put together with their citations at once.
MOST_AT_ONCE = 200_000
ROW_GROUP = 100_000
# The key of a figure that waits for review is the key of one that is not public.
LEFT_OUT = {FIGURES: frozenset({"waiting_observation_key"})}


def open_tables(release: Release) -> dict[str, pl.LazyFrame]:
    """The tables of the open data by name, rows in the release's order; tables that the release lacks are left out."""
    tables = {name: _public_columns(release, name) for name in OPEN_TABLES if release.has(name)}
    worked_out = page_table(release.seen_with(PUBLIC), LEVELS_NEEDED).lazy()
    return {
        name: _with_citation(table, _public_columns(release, OBSERVATIONS)) if name == FIGURES else table
        for name, table in tables.items()
    } | {LEVELS_NEEDED: worked_out.filter(pl.col("year").is_not_null())}


def meaning_of(table: str) -> TableMeaning:
    """What an open table is; KeyError for a name that is none."""
    return WORKED_OUT[table] if table in WORKED_OUT else dictionary()[table]


def description_of(table: str, column: str) -> str:
    """What a column of an open table means; empty when the dictionary does not know it."""
    known = {**dictionary(), **WORKED_OUT}
    for name in (table, OBSERVATIONS) if table == FIGURES else (table,):
        if name in known and column in known[name].columns:
            return known[name].columns[column]
    return ""


def _with_citation(figures: pl.LazyFrame, observed: pl.LazyFrame) -> pl.LazyFrame:
    """Figures in force with what they take from their observations."""
    columns = set(observed.collect_schema().names())
    taken = [column for column in FROM_OBSERVATION if column in columns]
    joined = figures.join(
        observed.select("observation_key", *taken), on="observation_key", how="left", maintain_order="left"
    )
    closed = pl.col("missing_code") == NOT_PUBLIC_VALUE
    return joined.with_columns(
        pl.when(closed).then(None).otherwise("observation_key").alias("observation_key")
    )


def _public_columns(release: Release, name: str) -> pl.LazyFrame:
    table = disclosed_table(release.directory, release.release_id, name, PUBLIC)
    access = column_access()
    return table.select(
        column
        for column in table.collect_schema().names()
        if access.get((name, column), UNSTATED) in PUBLIC.levels
        and column not in LEFT_OUT.get(name, frozenset())
    )


def write_parquet_copy(release: Release, folder: Path, said: Mapping[str, str]) -> dict[str, Path]:
    """Write the open tables as Parquet files into a folder; table -> file.

    `said` stands in the metadata of each file. Rows are streamed: memory does not grow with the number of figures.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, table in open_tables(release).items():
        written[name] = folder / f"{name}.parquet"
        if name == FIGURES and _rows(release, name) > MOST_AT_ONCE:
            _write_in_parts(release, written[name], said)
            continue
        table.sink_parquet(
            written[name],
            compression="zstd",
            row_group_size=ROW_GROUP,
            maintain_order=True,
            metadata={key: text for key, text in sorted(said.items())},
        )
    return written


def _rows(release: Release, name: str) -> int:
    entry = release.manifest.files.get(f"{name}.parquet")
    return 0 if entry is None else entry.rows or 0


def _write_in_parts(release: Release, path: Path, said: Mapping[str, str]) -> None:
    """Write the figures part by part: put together at once, a million of them with their citations take a gigabyte."""
    figures, observed = _public_columns(release, FIGURES), _public_columns(release, OBSERVATIONS)
    writer: pq.ParquetWriter | None = None
    for first in range(0, _rows(release, FIGURES), MOST_AT_ONCE):
        part = figures.slice(first, MOST_AT_ONCE).collect().lazy()
        behind = observed.join(part.select("observation_key"), on="observation_key", how="semi")
        rows = _with_citation(part, behind.collect(engine="streaming").lazy()).collect().to_arrow()
        if writer is None:
            writer = pq.ParquetWriter(path, rows.schema, compression="zstd")
            writer.add_key_value_metadata(dict(sorted(said.items())))
        writer.write_table(rows, row_group_size=ROW_GROUP)
    if writer is not None:
        writer.close()
