"""What differs between two releases, row by row, by the keys of their tables."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from store.digest import (
    EXCLUDED_COLUMNS,
    EXCLUDED_TABLES,
    canonical_text,
    canonical_type,
    read_table,
)
from store.manifest import Manifest, read_manifest

CHANGE_KINDS = (
    "added",
    "removed",
    "changed",
    "column_added",
    "column_removed",
    "column_retyped",
    "table_added",
    "table_removed",
)

CHANGE_SCHEMA = pl.Schema(
    {
        "change_kind": pl.String(),
        "table_name": pl.String(),
        "row_key": pl.String(),
        "column_name": pl.String(),
        "from_value": pl.String(),
        "to_value": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class ReleaseDiff:
    """The changes from one release to another.

    `changes` has the columns of CHANGE_SCHEMA: one row per row added or removed (column_name empty) and one
    per value changed. row_key is a JSON object of the key columns; values are in canonical text (see
    `store.digest`), null where there is none.
    """

    release_from: str
    release_to: str
    changes: pl.DataFrame

    def counts(self) -> dict[str, dict[str, int]]:
        """Rows touched per table and change kind; a row with several changed values counts once."""
        counted: dict[str, dict[str, int]] = {}
        rows = self.changes.select("table_name", "change_kind", "row_key", "column_name")
        # Changes of columns and tables have no row_key: there, each column counts.
        touched = rows.with_columns(
            pl.when(pl.col("row_key") == "")
            .then(pl.col("column_name"))
            .otherwise(pl.lit(""))
            .alias("column_name")
        ).unique()
        for table, kind, number in (
            touched.group_by("table_name", "change_kind").len().sort("table_name", "change_kind").iter_rows()
        ):
            counted.setdefault(table, {})[kind] = number
        return counted


def changes_between(directory_from: Path, directory_to: Path) -> ReleaseDiff:
    """Compare two releases or candidates that have manifests.

    Columns and tables outside the content digest are left out, so there are no changes exactly when the
    content digests agree. Rows come sorted by table, kind, key and column.
    """
    before, after = read_manifest(directory_from), read_manifest(directory_to)
    return ReleaseDiff(
        before.release_id, after.release_id, table_changes(directory_from, before, directory_to, after.keys())
    )


def table_changes(
    directory_from: Path, before: Manifest, directory_to: Path, keys_to: dict[str, tuple[str, ...]]
) -> pl.DataFrame:
    """The changes (CHANGE_SCHEMA) from a release to a directory of tables that has no manifest yet."""
    keys_from = before.keys()
    parts = [pl.DataFrame(schema=CHANGE_SCHEMA)]
    for table in sorted((set(keys_from) | set(keys_to)) - EXCLUDED_TABLES):
        if table not in keys_from:
            parts.append(_change("table_added", table))
        elif table not in keys_to:
            parts.append(_change("table_removed", table))
        else:
            old = read_table(directory_from / f"{table}.parquet")
            new = read_table(directory_to / f"{table}.parquet")
            parts += _changes_of_table(table, old, new, keys_to[table])
    order = ["table_name", "change_kind", "row_key", "column_name"]
    return pl.concat(parts).sort(order)


def _changes_of_table(
    table: str, old: pl.DataFrame, new: pl.DataFrame, key: tuple[str, ...]
) -> list[pl.DataFrame]:
    old_types, new_types = _types(table, old), _types(table, new)
    parts = [
        _change("column_added", table, column, None, new_types[column])
        for column in new_types
        if column not in old_types
    ]
    parts += [
        _change("column_removed", table, column, old_types[column], None)
        for column in old_types
        if column not in new_types
    ]
    shared = [column for column in old_types if column in new_types]
    parts += [
        _change("column_retyped", table, column, old_types[column], new_types[column])
        for column in shared
        if old_types[column] != new_types[column]
    ]
    if not set(key) <= set(old.columns) & set(new.columns):
        return parts  # The key itself changed: rows of the two have no common name.
    compared = [column for column in shared if column not in key]
    old, new = _without_equal_rows(old, new, key, compared)
    pairs = _texts(table, old, key, compared).join(
        _texts(table, new, key, compared), on="row_key", how="full", suffix=".to", coalesce=True
    )
    parts += [
        _of_rows("added", table, pairs.filter(pl.col("present").is_null())),
        _of_rows("removed", table, pairs.filter(pl.col("present.to").is_null())),
    ]
    both = pairs.filter(pl.col("present").is_not_null() & pl.col("present.to").is_not_null())
    for column in compared:
        differing = both.filter(pl.col(column).ne_missing(pl.col(f"{column}.to")))
        if differing.height:
            parts.append(
                differing.select(
                    pl.lit("changed").alias("change_kind"),
                    pl.lit(table).alias("table_name"),
                    pl.col("row_key"),
                    pl.lit(column).alias("column_name"),
                    pl.col(column).alias("from_value"),
                    pl.col(f"{column}.to").alias("to_value"),
                )
            )
    return parts


def _types(table: str, frame: pl.DataFrame, excluded: Collection[str] = EXCLUDED_COLUMNS) -> dict[str, str]:
    return {
        column: canonical_type(dtype, f"{table} column {column}")
        for column, dtype in sorted(frame.schema.items())
        if column not in excluded
    }


def _texts(table: str, frame: pl.DataFrame, key: tuple[str, ...], columns: list[str]) -> pl.DataFrame:
    """Canonical text per column (null stays null) beside the row's key, and a mark that the row is there."""
    key_values = [canonical_text(frame[column], f"{table} column {column}").to_list() for column in key]
    nulls = [frame[column].is_null().to_list() for column in key]
    row_keys = [
        json.dumps(
            {
                column: None if nulls[position][row] else key_values[position][row]
                for position, column in enumerate(key)
            },
            ensure_ascii=False,
        )
        for row in range(frame.height)
    ]
    texts = [
        pl.select(
            pl.when(frame[column].is_not_null()).then(
                canonical_text(frame[column], f"{table} column {column}")
            )
        )
        .to_series()
        .alias(column)
        for column in columns
    ]
    present = pl.Series("present", [True] * frame.height, dtype=pl.Boolean)
    return pl.DataFrame([pl.Series("row_key", row_keys, dtype=pl.String), present, *texts])


def _without_equal_rows(
    old: pl.DataFrame, new: pl.DataFrame, key: tuple[str, ...], compared: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both tables without the rows that are in both: what did not change is not put into words."""
    columns = [*key, *compared]
    if (
        [old[name].dtype for name in columns] != [new[name].dtype for name in columns]
        or old.select(key).is_duplicated().any()
        or new.select(key).is_duplicated().any()
    ):
        return old, new
    pairs = (
        old.select(key)
        .with_row_index("place")
        .join(new.select(key).with_row_index("place.to"), on=list(key), how="inner", nulls_equal=True)
    )
    equal = pl.repeat(True, pairs.height, eager=True)
    for name in compared:
        equal &= old[name].gather(pairs["place"]).eq_missing(new[name].gather(pairs["place.to"]))
    same = pairs.filter(equal)
    return (
        old.with_row_index("place").join(same, on="place", how="anti").drop("place"),
        new.with_row_index("place.to").join(same, on="place.to", how="anti").drop("place.to"),
    )


def _of_rows(kind: str, table: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.lit(kind).alias("change_kind"),
        pl.lit(table).alias("table_name"),
        pl.col("row_key"),
        pl.lit("").alias("column_name"),
        pl.lit(None, dtype=pl.String).alias("from_value"),
        pl.lit(None, dtype=pl.String).alias("to_value"),
    )


def _change(
    kind: str, table: str, column: str = "", from_value: str | None = None, to_value: str | None = None
) -> pl.DataFrame:
    return pl.DataFrame([[kind, table, "", column, from_value, to_value]], schema=CHANGE_SCHEMA, orient="row")
