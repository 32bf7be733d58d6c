"""What differs between two releases, by key."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.manifest import read_manifest
from store.release_diff import CHANGE_KINDS, changes_between
from store.releases import ReleaseMissing, diff, table_path
from store.settings import Settings
from tests.store.building import TABLES, published, seal, write_candidate

_SCHEMA = {
    "indicator_code": pl.String(),
    "period_id": pl.String(),
    "value": pl.Decimal(38, 15),
    "ratio": pl.Float64(),
    "note": pl.String(),
}
_TABLE = st.dictionaries(
    st.tuples(st.sampled_from(["A", "B"]), st.sampled_from(["2020", "2021", "\\N"])),
    st.tuples(
        st.none() | st.sampled_from([Decimal(1), Decimal("1.0"), Decimal(2)]),
        st.none() | st.sampled_from([0.0, -0.0, 0.1, float("nan")]),
        st.none() | st.sampled_from(["", "\\N", "x"]),
    ),
)


def _candidate(settings: Settings, table: dict[tuple[str, str], tuple[Any, ...]]) -> Path:
    candidate = write_candidate(settings, "1")
    rows = [key + values for key, values in table.items()]
    pl.DataFrame(rows, schema=_SCHEMA, orient="row").write_parquet(table_path(candidate, "fct_actual"))
    seal(settings, candidate)
    return candidate


def _kinds(changes: pl.DataFrame) -> list[tuple[str, ...]]:
    assert set(changes["change_kind"]) <= set(CHANGE_KINDS)
    return changes.select("change_kind", "column_name", "from_value", "to_value").rows()


def test_rows_added_removed_and_changed(settings: Settings) -> None:
    first = published(settings, "551.1", "554.2")
    second = published(settings, "551.2")
    found = diff(settings, first, second)
    assert (found.release_from, found.release_to) == (first, second)
    assert set(found.changes["table_name"]) == {"fct_actual"}
    assert _kinds(found.changes) == [("changed", "value", "551.1", "551.2"), ("removed", "", None, None)]
    assert found.counts() == {"fct_actual": {"changed": 1, "removed": 1}}
    back = diff(settings, second, first)
    assert _kinds(back.changes) == [("added", "", None, None), ("changed", "value", "551.2", "551.1")]
    assert diff(settings, first, first).changes.is_empty()


def test_row_with_several_changed_values_counts_once(settings: Settings) -> None:
    one = _candidate(settings, {("A", "2020"): (Decimal(1), 0.1, "x")})
    two = _candidate(settings, {("A", "2020"): (Decimal(2), None, None)})
    found = changes_between(one, two)
    assert found.changes.height == 3
    assert found.counts() == {"fct_actual": {"changed": 1}}


def test_columns_and_tables_that_come_and_go(settings: Settings) -> None:
    one, two = write_candidate(settings, "1", "2"), write_candidate(settings, "1", "2")
    path = table_path(two, "fct_actual")
    pl.read_parquet(path).drop("note").with_columns(
        pl.col("conflict").cast(pl.Int8), pl.lit("x").alias("maturity")
    ).write_parquet(path)
    table_path(one, "dim_indicator").unlink()
    seal(settings, one, tables={"fct_actual": TABLES["fct_actual"]})
    seal(settings, two)
    found = changes_between(one, two)
    assert found.changes.select(
        "table_name", "change_kind", "column_name", "from_value", "to_value"
    ).rows() == [
        ("dim_indicator", "table_added", "", None, None),
        ("fct_actual", "changed", "conflict", "false", "0"),
        ("fct_actual", "changed", "conflict", "false", "0"),
        ("fct_actual", "column_added", "maturity", None, "text"),
        ("fct_actual", "column_removed", "note", "text", None),
        ("fct_actual", "column_retyped", "conflict", "boolean", "integer"),
    ]


@given(before=_TABLE, after=_TABLE)
def test_there_are_changes_exactly_when_the_digests_differ(
    tmp_path_factory: pytest.TempPathFactory, before: dict[Any, Any], after: dict[Any, Any]
) -> None:
    settings = Settings(home=tmp_path_factory.mktemp("diff") / "home")
    one, two = _candidate(settings, before), _candidate(settings, after)
    same = read_manifest(one).content_digest == read_manifest(two).content_digest
    assert changes_between(one, two).changes.is_empty() is same


def test_unknown_release_is_named(settings: Settings) -> None:
    first = published(settings, "551.1")
    with pytest.raises(ReleaseMissing, match="2020-01-01-00000000"):
        diff(settings, first, "2020-01-01-00000000")
