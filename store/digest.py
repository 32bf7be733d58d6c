"""The content digest: one sha256 over what a release says, blind to how its files happen to be written.

Canonical text, in this order:

* tables by name; for each a line `table <name>`, a line per column `column <name> <type>` by column name, a
  line `rows <count>`, then the rows sorted by the canonical text of their key columns and then of the whole
  row, compared as UTF-8 bytes;
* a row is its values in column-name order, joined by U+001F, ended by a newline;
* null is `\\N`. In text, backslash is `\\\\`, newline `\\n`, carriage return `\\r`, U+001F `\\u`, U+001E
  `\\l`; so null is never confused with a text. Text is taken as it stands (it was made NFC at the edge);
* integer: plain digits; boolean: `true` or `false`; date: `YYYY-MM-DD`; timestamp: `YYYY-MM-DD
  HH:MM:SS.ffffff`, those with a zone in UTC; finer than a microsecond is refused;
* decimal: plain digits without trailing zeros after the point and without exponent, so the declared scale
  does not count; zero has no sign;
* float: the shortest text that reads back as the same double (Python's `repr`); zero has no sign; `nan`,
  `inf`;
* a list: its items each followed by U+001E, in brackets.

Types are the names above, not storage types: int32 and int64 are both `integer`. The number of threads, the
order of rows and columns in a file, its row groups and its compression leave the digest as it is.
"""

import hashlib
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from store.release_tables import RELEASE_CHANGE_TABLE

DIGEST_VERSION = 1
"""Raised when the canonical text of the same tables changes: older releases are not damaged by that."""

EXCLUDED_TABLES = frozenset({RELEASE_CHANGE_TABLE})
"""Tables that describe a release's place among others, not what it says."""

EXCLUDED_COLUMNS = frozenset(
    {
        # the cut-off: a schedule passes the date of the day, and a day on which nothing else differs is no
        # release
        "cut_off",
        # creation times
        "created_at",
        "recorded_at",
        "retrieved_at",
        "started_at",
        "finished_at",
        "decided_at",
        "signed_at",
        # run ids
        "run_id",
        "batch_id",
        "retrieval_id",
        "invocation_id",
        # persons
        "actor",
        "created_by",
        "recorded_by",
        "decided_by",
        "signed_by",
    }
)
"""Columns that may differ between two runs over the same inputs, by name, in any table."""

_FIELD_END = "\x1f"
_ITEM_END = "\x1e"
_NULL = "\\N"
_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), (_FIELD_END, "\\u"), (_ITEM_END, "\\l"))
_NANOSECONDS_IN_MICROSECOND = 1000
_ROWS_HASHED_AT_ONCE = 50_000


class DigestError(Exception):
    """A table cannot be put into canonical text."""


def content_digest(
    tables_dir: Path,
    keys: Mapping[str, Sequence[str]],
    exclude_tables: Collection[str] = EXCLUDED_TABLES,
    exclude_columns: Collection[str] = EXCLUDED_COLUMNS,
) -> str:
    """The digest of `<table>.parquet` in `tables_dir` for every table in `keys`, as 64 hexadecimal digits.

    `keys` gives each table's key columns. Raises DigestError naming the file and column: a file that is
    missing or cannot be read, a key column that is not there, a type that has no canonical text.
    """
    digest = hashlib.sha256()
    for table in sorted(set(keys) - set(exclude_tables)):
        path = tables_dir / f"{table}.parquet"
        frame = read_table(path)
        types = _canonical_types(path, frame, keys[table], exclude_columns)
        digest.update(f"table {table}\n".encode())
        for column, type_ in types.items():
            digest.update(f"column {column} {type_}\n".encode())
        digest.update(f"rows {frame.height}\n".encode())
        for rows in _canonical_rows(path, frame, keys[table], list(types)):
            digest.update("".join(f"{row}\n" for row in rows).encode())
    return digest.hexdigest()


def read_table(path: Path) -> pl.DataFrame:
    """One Parquet table of a release, whole. Raises DigestError naming the file."""
    try:
        # A Python file object: cutting short a memory-mapped file would kill the process that reads it.
        with path.open("rb") as file:
            return pl.read_parquet(file, use_pyarrow=False)
    except FileNotFoundError as error:
        raise DigestError(f"{path} is missing; build the candidate again.") from error
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DigestError(
            f"{path} cannot be read as Parquet ({error}); build the candidate again."
        ) from error


def key_text(frame: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    """The canonical text of each row's key: key values joined by U+001F, null as `\\N`."""
    texts = [canonical_text(frame[column], f"column {column}").alias(column) for column in key]
    return frame.select(pl.concat_str(texts, separator=_FIELD_END).alias("key")).to_series()


def canonical_text(values: pl.Series, place: str) -> pl.Series:
    """The canonical text of each value (see the module), never null. `place` is named in a DigestError."""
    return _text_of(values, place).fill_null(_NULL)


def canonical_type(dtype: pl.DataType, place: str) -> str:
    """The canonical name of a type. Raises DigestError when the type has none."""
    if dtype.is_integer():
        return "integer"
    if dtype.is_float():
        return "float"
    if dtype.is_decimal():
        return "decimal"
    if isinstance(dtype, pl.List):
        inner = dtype.inner
        if isinstance(inner, pl.DataType) and not inner.is_nested():
            return f"list of {canonical_type(inner, place)}"
    if isinstance(dtype, pl.Datetime):
        return "timestamp" if dtype.time_zone is None else "timestamp with time zone"
    names: dict[type[pl.DataType], str] = {
        pl.String: "text",
        pl.Categorical: "text",
        pl.Enum: "text",
        pl.Boolean: "boolean",
        pl.Date: "date",
        pl.Null: "null",
    }
    if type(dtype) in names:
        return names[type(dtype)]
    raise DigestError(f"{place} has the type {dtype}, which has no canonical text; cast it in its mart.")


def _canonical_types(
    path: Path, frame: pl.DataFrame, key: Sequence[str], exclude_columns: Collection[str]
) -> dict[str, str]:
    """The columns that count, in name order, with the canonical names of their types."""
    missing = [column for column in key if column not in frame.columns]
    if missing:
        raise DigestError(
            f"{path} lacks the key column {', '.join(missing)}; it has {', '.join(frame.columns)}."
        )
    columns = sorted(set(frame.columns) - set(exclude_columns))
    return {column: canonical_type(frame[column].dtype, f"{path} column {column}") for column in columns}


def _canonical_rows(
    path: Path, frame: pl.DataFrame, key: Sequence[str], columns: Sequence[str]
) -> Iterator[pl.Series]:
    """The canonical text of the rows in their order, some thousands at a time: all of a table would fill the memory."""
    # Key columns may themselves be excluded ones; their text orders the rows all the same.
    keys = key_text(frame, key)
    if keys.is_duplicated().any():
        rows = _row_texts(path, frame, columns)
        ordered = pl.DataFrame({"key": keys, "row": rows}).sort("key", "row")
        yield from (part["row"] for part in ordered.iter_slices(_ROWS_HASHED_AT_ONCE))
        return
    order = keys.arg_sort().to_frame("place")
    for part in order.iter_slices(_ROWS_HASHED_AT_ONCE):
        yield _row_texts(path, frame[part["place"]], columns)


def _row_texts(path: Path, frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    if not columns:
        return pl.Series("row", [""] * frame.height, dtype=pl.String)
    texts = pl.DataFrame(
        [canonical_text(frame[column], f"{path} column {column}").alias(column) for column in columns]
    )
    return texts.select(pl.concat_str(columns, separator=_FIELD_END).alias("row")).to_series()


def _text_of(values: pl.Series, place: str) -> pl.Series:
    dtype = values.dtype
    kind = canonical_type(dtype, place)
    if kind == "text":
        text = values.cast(pl.String)
        for plain, escaped in _ESCAPES:
            text = text.str.replace_all(plain, escaped, literal=True)
        return text
    if kind in ("integer", "null"):
        return values.cast(pl.String)
    if kind in ("date", "boolean"):
        return values.dt.strftime("%Y-%m-%d") if kind == "date" else values.cast(pl.String)
    if isinstance(dtype, pl.Datetime):
        return _timestamp_text(values, dtype, place)
    if isinstance(dtype, pl.List):
        return _list_text(values, place)
    return _decimal_text(values) if kind == "decimal" else _float_texts(values)


def _decimal_text(values: pl.Series) -> pl.Series:
    """Plain digits with all places of the scale; only trailing zeros after a point go."""
    text = values.cast(pl.String)
    without_zeros = text.str.strip_chars_end("0").str.strip_chars_end(".")
    return without_zeros if values.dtype.is_decimal() and values.dtype.scale else text  # type: ignore[attr-defined]


def _float_texts(values: pl.Series) -> pl.Series:
    # Each different number once, in Python: its texts do not change between versions of a library.
    unique = values.unique()
    texts = [None if value is None else _float_text(value) for value in unique]
    return values.replace_strict(unique, pl.Series(texts, dtype=pl.String), return_dtype=pl.String)


def _float_text(value: float) -> str:
    if math.isnan(value):
        return "nan"
    return "0.0" if value == 0 else repr(value)


def _timestamp_text(values: pl.Series, dtype: pl.Datetime, place: str) -> pl.Series:
    if dtype.time_zone is not None:
        values = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if dtype.time_unit == "ns" and (values.dt.timestamp("ns") % _NANOSECONDS_IN_MICROSECOND != 0).any():
        raise DigestError(f"{place} has times finer than a microsecond; cast it in its mart.")
    return values.cast(pl.Datetime("us")).dt.strftime("%Y-%m-%d %H:%M:%S%.6f")


def _list_text(values: pl.Series, place: str) -> pl.Series:
    texts: list[str | None] = []
    for items in values:
        if items is None:
            texts.append(None)
        else:
            inner: Any = canonical_text(items, place)
            texts.append("[" + "".join(f"{text}{_ITEM_END}" for text in inner) + "]")
    return pl.Series(values.name, texts, dtype=pl.String)
