"""The content digest depends on what tables say and on nothing else."""

import hashlib
import math
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from store.digest import DigestError, canonical_text, content_digest
from store.settings import PROJECT_ROOT

KEYS = {"fct_observation": ("key",)}
SCHEMA = {
    "key": pl.String(),
    "value": pl.Decimal(38, 15),
    "ratio": pl.Float64(),
    "number": pl.Int64(),
    "label": pl.String(),
    "published_at": pl.Date(),
    "vintage_at": pl.Datetime("us"),
    "held": pl.Boolean(),
    "flags": pl.List(pl.String()),
}
# Texts that could be taken for separators, escapes or null.
_TRICKY = st.sampled_from(["", "\\", "\\N", "N", "\n", "\r", "\x1f", "\x1e", "u", "Cao Bằng", "\x1f\\N\n"])
_TEXT = st.lists(_TRICKY, max_size=3).map("".join)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "value": st.none() | st.decimals(-(10**9), 10**9, places=6, allow_nan=False),
    "ratio": st.none() | st.floats(),
    "number": st.none() | st.integers(-(2**62), 2**62),
    "label": st.none() | _TEXT,
    "published_at": st.none() | st.dates(date(1900, 1, 1)),
    "vintage_at": st.none() | st.datetimes(datetime(1900, 1, 1)),
    "held": st.none() | st.booleans(),
    "flags": st.none() | st.lists(st.none() | _TEXT, max_size=3),
}
_ROWS = st.dictionaries(_TEXT, st.fixed_dictionaries(_VALUES), min_size=1, max_size=8).map(
    lambda rows: [{"key": key} | values for key, values in rows.items()]
)


def _write(directory: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows, schema=SCHEMA, orient="row").write_parquet(
        directory / "fct_observation.parquet", **options
    )
    return directory


def _digest(directory: Path, frame: pl.DataFrame, key: tuple[str, ...] = ("key",)) -> str:
    directory.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(directory / "fct_observation.parquet")
    return content_digest(directory, {"fct_observation": key})


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    return type(a) is type(b) and bool(a == b)


def test_digest_is_the_sha256_of_the_canonical_text_as_documented(tmp_path: Path) -> None:
    pl.DataFrame(
        {
            "period_id": ["2024", "2023", "2023"],
            "value": pl.Series([Decimal("558.4610"), None, Decimal("5")], dtype=pl.Decimal(38, 15)),
            "area_id": ["VN-04", "VN-04", "VN"],
            "created_at": [datetime(2026, 1, 1)] * 3,
        }
    ).write_parquet(tmp_path / "fct_actual.parquet")
    pl.DataFrame({"unit": ["per\ncent"], "factor": [0.1]}).write_parquet(tmp_path / "dim_unit.parquet")
    text = (
        "table dim_unit\ncolumn factor float\ncolumn unit text\nrows 1\n"
        "0.1\x1fper\\ncent\n"
        "table fct_actual\ncolumn area_id text\ncolumn period_id text\ncolumn value decimal\nrows 3\n"
        "VN\x1f2023\x1f5\n"
        "VN-04\x1f2023\x1f\\N\n"
        "VN-04\x1f2024\x1f558.461\n"
    )
    keys = {"fct_actual": ("area_id", "period_id"), "dim_unit": ("unit",)}
    assert content_digest(tmp_path, keys) == hashlib.sha256(text.encode()).hexdigest()


@given(rows=_ROWS, random=st.randoms(use_true_random=False), row_group_size=st.integers(1, 5))
def test_layout_of_the_file_does_not_count(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], random: Any, row_group_size: int
) -> None:
    base = tmp_path_factory.getbasetemp() / "digest_layout"
    digest = content_digest(_write(base / "a", rows), KEYS)
    shuffled = list(rows)
    random.shuffle(shuffled)
    columns = list(SCHEMA)
    random.shuffle(columns)
    frame = pl.DataFrame(shuffled, schema=SCHEMA, orient="row").select(columns)
    (base / "b").mkdir(exist_ok=True)
    frame.write_parquet(
        base / "b" / "fct_observation.parquet", row_group_size=row_group_size, compression="lz4"
    )
    assert content_digest(base / "b", KEYS) == digest


@given(rows=_ROWS, data=st.data())
def test_one_changed_value_changes_the_digest(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    base = tmp_path_factory.getbasetemp() / "digest_change"
    position = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(sorted(_VALUES)))
    value = data.draw(_VALUES[column])
    assume(not _same(value, rows[position][column]))
    changed = [dict(row) for row in rows]
    changed[position][column] = value
    assert content_digest(_write(base / "a", rows), KEYS) != content_digest(_write(base / "b", changed), KEYS)


@given(left=st.lists(_TEXT, min_size=2, max_size=2), right=st.lists(_TEXT, min_size=2, max_size=2))
@example(left=["a\x1f", "b"], right=["a", "\x1fb"])
@example(left=["\\N", ""], right=["\\\\N", ""])
def test_values_of_neighbouring_columns_do_not_run_together(
    tmp_path_factory: pytest.TempPathFactory, left: list[str], right: list[str]
) -> None:
    assume(left != right)
    base = tmp_path_factory.getbasetemp() / "digest_neighbours"
    digests = [
        _digest(base / name, pl.DataFrame({"key": ["k"], "a": [row[0]], "b": [row[1]]}))
        for name, row in (("left", left), ("right", right))
    ]
    assert digests[0] != digests[1]


def test_rows_removed_repeated_or_moved_to_another_table_count(tmp_path: Path) -> None:
    one = pl.DataFrame({"key": ["a"]})
    two = pl.DataFrame({"key": ["a", "b"]})
    repeated = pl.DataFrame({"key": ["a", "a"]})
    assert (
        len({_digest(tmp_path / str(n), frame) for n, frame in enumerate((one, two, repeated, one.clear()))})
        == 4
    )
    for name, (first, second) in {"x": (one, two), "y": (two, one)}.items():
        (tmp_path / name).mkdir()
        first.write_parquet(tmp_path / name / "t1.parquet")
        second.write_parquet(tmp_path / name / "t2.parquet")
    keys = {"t1": ("key",), "t2": ("key",)}
    assert content_digest(tmp_path / "x", keys) != content_digest(tmp_path / "y", keys)


_DIGEST_OF_SQL = """
import sys
from pathlib import Path
import duckdb
from store.digest import content_digest
directory, threads, order = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
directory.mkdir()
connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
connection.execute(
    "COPY (SELECT 'k' || i AS key, CAST(i AS DECIMAL(38, 15)) / 7 AS value, sin(i) AS ratio, "
    "'Bảo Lạc ' || i AS label "
    f"FROM range(100000) AS r(i) ORDER BY {order}) "
    f"TO '{directory / 'fct_observation.parquet'}' (FORMAT parquet, ROW_GROUP_SIZE {2048 * threads})"
)
print(content_digest(directory, {"fct_observation": ("key",)}))
"""


def test_number_of_threads_does_not_count(tmp_path: Path) -> None:
    digests = set()
    for threads, order in ((1, "i"), (4, "hash(i)")):
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST_OF_SQL, str(tmp_path / str(threads)), str(threads), order],
            cwd=PROJECT_ROOT,
            env=os.environ | {"POLARS_MAX_THREADS": str(threads)},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1
    assert len(digests.pop()) == 64


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1.5, -0.0, 0.1 + 0.2, 1e16, float("nan"), float("-inf"), None],
         ["1.5", "0.0", "0.30000000000000004", "1e+16", "nan", "-inf", "\\N"]),
        ([Decimal("558.461000"), Decimal("-0.00"), Decimal("100"), Decimal("-1.50")],
         ["558.461", "0", "100", "-1.5"]),
        ([True, False, None], ["true", "false", "\\N"]),
        ([date(2026, 11, 22), None], ["2026-11-22", "\\N"]),
        ([datetime(2026, 11, 22, 1, 2, 3, 40)], ["2026-11-22 01:02:03.000040"]),
        ([datetime(2026, 11, 22, 7, tzinfo=timezone(timedelta(hours=7)))], ["2026-11-22 00:00:00.000000"]),
        (["\\N", "a\nb\rc", "\x1f\x1e", None], ["\\\\N", "a\\nb\\rc", "\\u\\l", "\\N"]),
        ([[1, None], [], None], ["[1\x1e\\N\x1e]", "[]", "\\N"]),
        ([None, None], ["\\N", "\\N"]),
    ],
)  # fmt: skip
def test_canonical_texts(values: list[Any], texts: list[str]) -> None:
    assert canonical_text(pl.Series(values), "here").to_list() == texts


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (pl.Series([1], dtype=pl.Int32), pl.Series([1], dtype=pl.Int64), True),
        (pl.Series([1], dtype=pl.Int64), pl.Series([1.0]), False),
        (pl.Series(["1"]), pl.Series([1]), False),
        (pl.Series([Decimal("1.5")], dtype=pl.Decimal(10, 2)),
         pl.Series([Decimal("1.5")], dtype=pl.Decimal(38, 15)), True),
        (pl.Series([datetime(2026, 1, 1)], dtype=pl.Datetime("ms")),
         pl.Series([datetime(2026, 1, 1)], dtype=pl.Datetime("us")), True),
        (pl.Series([datetime(2026, 1, 1)]), pl.Series([datetime(2026, 1, 1, tzinfo=UTC)]), False),
        (pl.Series([date(2026, 1, 1)]), pl.Series(["2026-01-01"]), False),
        (pl.Series(["a"], dtype=pl.Categorical), pl.Series(["a"]), True),
    ],
)  # fmt: skip
def test_kinds_of_values_count_and_their_storage_does_not(
    tmp_path: Path, a: pl.Series, b: pl.Series, same: bool
) -> None:
    digests = [
        _digest(tmp_path / name, pl.DataFrame([pl.Series("key", ["k"]), column.alias("value")]))
        for name, column in (("a", a), ("b", b))
    ]
    assert (digests[0] == digests[1]) is same


def test_excluded_columns_and_tables_do_not_count(tmp_path: Path) -> None:
    frame = pl.DataFrame({"key": ["a", "b"], "value": [1, 2]})
    with_times = frame.with_columns(
        pl.lit(datetime(2026, 1, 1)).alias("created_at"), pl.lit("me").alias("actor")
    )
    assert _digest(tmp_path / "a", frame) == _digest(tmp_path / "b", with_times)
    keys = {"fct_observation": ("key",), "fct_release_change": ("row_key",)}
    assert content_digest(tmp_path / "a", keys) == content_digest(
        tmp_path / "a", {"fct_observation": ("key",)}
    )


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), "cannot be read as Parquet"),
        (lambda path: path.write_bytes(b""), "cannot be read as Parquet"),
        (lambda path: pl.DataFrame({"other": [1]}).write_parquet(path), "lacks the key column key"),
        (
            lambda path: pl.DataFrame({"key": ["a"], "s": [{"x": 1}]}).write_parquet(path),
            "column s has the type Struct",
        ),
        (
            lambda path: duckdb.sql(
                "SELECT 'a' AS key, TIMESTAMP_NS '2026-01-01 00:00:00.000000001' AS t"
            ).write_parquet(str(path)),
            "column t has times finer than a microsecond",
        ),
    ],
)
def test_unusable_tables_are_named(tmp_path: Path, damage: Callable[[Path], object], part: str) -> None:
    path = tmp_path / "fct_observation.parquet"
    pl.DataFrame({"key": ["a"] * 100}).write_parquet(path)
    damage(path)
    with pytest.raises(DigestError, match=rf"fct_observation\.parquet.* {part}"):
        content_digest(tmp_path, KEYS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.floats(allow_nan=False), min_size=1, max_size=20))
def test_canonical_float_reads_back_as_the_same_double(values: list[float]) -> None:
    assert [float(text) for text in canonical_text(pl.Series(values, dtype=pl.Float64), "here")] == values


@given(values=st.lists(st.decimals(-(10**12), 10**12, places=15), min_size=1, max_size=20))
def test_canonical_decimal_is_plain_and_without_trailing_zeros(values: list[Decimal]) -> None:
    texts = canonical_text(pl.Series(values, dtype=pl.Decimal(38, 15)), "here").to_list()
    assert [Decimal(text) for text in texts] == values
    assert not [
        text for text in texts if "E" in text or text in ("-0", "") or ("." in text and text[-1] in ".0")
    ]
