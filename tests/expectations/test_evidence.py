"""The key of a row of evidence: what earlier runs kept is found by it, so its text never changes by the way."""

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.frame import EVIDENCE_KEY, Frame
from expectations.kept_results import keep_results, read_results

SCHEMA = {
    "text": pl.String,
    "number": pl.Float64,
    "count": pl.Int64,
    "known": pl.Boolean,
    "arrived": pl.Datetime("us"),
    "published": pl.Date,
    "exact": pl.Decimal(38, 15),
    "members": pl.List(pl.String),
    "values": pl.List(pl.Float64),
}
ROWS = st.fixed_dictionaries(
    {
        "text": st.none() | st.text(max_size=8),
        "number": st.none() | st.floats(),
        "count": st.none() | st.integers(-(2**40), 2**40),
        "known": st.none() | st.booleans(),
        "arrived": st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
        "published": st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
        "exact": st.none() | st.decimals(-(10**6), 10**6, places=4),
        "members": st.none() | st.lists(st.text(max_size=4), max_size=3),
        "values": st.none() | st.lists(st.floats(allow_nan=False), max_size=3),
    }
)


def plain(value: Any) -> Any:
    match value:
        case float():
            return repr(value)
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value.normalize())
        case list():
            return [plain(item) for item in value]
    return value


@given(rows=st.lists(ROWS, min_size=1, max_size=5))
def test_a_key_is_the_sha256_of_the_row_as_json(rows: list[dict[str, Any]]) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA).with_columns(pl.lit("a name").alias("source_vi"))
    names = sorted(SCHEMA)
    texts = [
        json.dumps([names, [plain(value) for value in row]], ensure_ascii=False, separators=(",", ":"))
        for row in frame.select(names).iter_rows()
    ]
    keys = Frame(frame, frozenset({"source_vi"})).with_evidence_key()[EVIDENCE_KEY].to_list()
    assert keys == [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def test_kept_outcomes_of_one_rule_are_not_taken_for_those_of_another(tmp_path: Path) -> None:
    first = pl.DataFrame({EVIDENCE_KEY: ["a", "b"], "rule_1": [True, False]})
    keep_results(tmp_path, "domain", read_results(tmp_path, "domain", ["rule_1"]), first)
    kept = read_results(tmp_path, "domain", ["rule_2"])
    assert kept["rule_2"].to_list() == [None, None]
    keep_results(tmp_path, "domain", kept, pl.DataFrame({EVIDENCE_KEY: ["b", "c"], "rule_2": [True, None]}))
    assert dict(read_results(tmp_path, "domain", ["rule_2"]).iter_rows()) == {"a": None, "b": True, "c": None}


@pytest.mark.parametrize("damage", [b"", b"not a Parquet file"])
def test_a_store_that_cannot_be_read_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "domain.parquet").write_bytes(damage)
    assert read_results(tmp_path, "domain", ["rule_1"]).is_empty()
