"""SQL sources: one SELECT over a database that a department keeps, its result kept as the bytes of a CSV.

The address of the database, with name and password, stands in the settings under a name that the record gives; a
record and its snapshots never hold it. The database user should be able to read only; besides, the statement is held
to one SELECT, and the session to a transaction that reads only and is rolled back.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError

from sources.record import SqlFetch
from sources.text.numbers import canonical_decimal, decimal_of_float
from sources.web import FetchError, FetchLimits

MEDIA_TYPE = "text/csv"
_ROWS_AT_ONCE = 1000


def pull(section: SqlFetch, limits: FetchLimits) -> bytes:
    """Return the result set of a record's statement as CSV. Raises FetchError.

    UTF-8, comma, one head row; rows sorted by their texts, so that the same rows are the same bytes in whatever
    order the database gives them. No value is rounded; NULL is an empty field.
    """
    url = _url(section, limits)
    try:
        engine = create_engine(url, connect_args=_connect_arguments(url, limits))
    except (SQLAlchemyError, ImportError) as error:
        message = f"no driver for {url.drivername} is installed ({error})"
        raise FetchError(
            "not_allowed", section.address, message, "name a driver that is installed"
        ) from error
    try:
        with engine.connect() as connection:
            _read_only(connection, limits)
            try:
                return _csv(section, connection, limits)
            finally:
                connection.rollback()
    except DBAPIError as error:
        raise _fault(section, error) from error
    finally:
        engine.dispose()


def _url(section: SqlFetch, limits: FetchLimits) -> URL:
    secret = dict(limits.sql_urls).get(section.database)
    if secret is None:
        known = ", ".join(sorted(name for name, _ in limits.sql_urls)) or "none"
        raise FetchError(
            "not_allowed", section.address,
            f"the settings name no database '{section.database}' (known: {known})",
            f"give its SQLAlchemy URL in PPW_SQL_URLS, as {{\"{section.database}\": \"postgresql+psycopg://...\"}}",
        )  # fmt: skip
    try:
        url = make_url(secret.get_secret_value())
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        # The text of the setting stays out of the message: it holds a password.
        raise FetchError(
            "not_allowed", section.address, f"the setting for '{section.database}' is no usable SQLAlchemy URL",
            "write it as driver://user:password@host/database in PPW_SQL_URLS",
        ) from error  # fmt: skip
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _connect_arguments(url: URL, limits: FetchLimits) -> dict[str, Any]:
    if url.get_backend_name() == "postgresql":
        return {"connect_timeout": max(int(limits.timeout_seconds), 1)}
    return {"timeout": limits.timeout_seconds} if url.get_backend_name() == "sqlite" else {}


def _read_only(connection: Connection, limits: FetchLimits) -> None:
    """Hold the session to reading, and the statement to a time, where the database knows how."""
    match connection.dialect.name:
        case "postgresql":
            connection.execute(text("set transaction read only"))
            milliseconds = int(limits.longest_answer_seconds * 1000)
            connection.execute(text(f"set local statement_timeout = {milliseconds}"))
        case "sqlite":
            connection.execute(text("pragma query_only = on"))
        case "mysql" | "mariadb":
            connection.execute(text("set transaction read only"))


def _csv(section: SqlFetch, connection: Connection, limits: FetchLimits) -> bytes:
    # The driver gets the statement as it stands: a colon or a per cent sign in it is no parameter.
    result = connection.execution_options(stream_results=True).exec_driver_sql(
        section.statement.strip().rstrip(";").replace("%", "%%")
        if connection.dialect.paramstyle in ("format", "pyformat")
        else section.statement.strip().rstrip(";")
    )
    names = [str(name) for name in result.keys()]  # noqa: SIM118 (a result's keys, not a dictionary's)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"two columns are called {', '.join(twice)}"
        raise FetchError("bad_query", section.address, message, "name each column with AS")
    rows: list[list[str]] = []
    size = 0
    while batch := result.fetchmany(_ROWS_AT_ONCE):
        for row in batch:
            fields = list(_fields(section, names, row))
            size += sum(map(len, fields)) + len(fields)
            rows.append(fields)
        if len(rows) * len(names) > limits.cells_cap or size > limits.size_cap_bytes:
            raise FetchError(
                "too_large", section.address,
                f"the result has more than {limits.cells_cap} values or {limits.size_cap_bytes} bytes",
                "select fewer rows in the record's statement",
            )  # fmt: skip
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(sorted(rows))
    return stream.getvalue().encode()


def _fields(section: SqlFetch, names: Sequence[str], row: Sequence[Any]) -> Iterator[str]:
    for name, value in zip(names, row, strict=True):
        yield _field(section, name, value)


def _field(section: SqlFetch, name: str, value: Any) -> str:
    """Return a value as text that reads back as it: no rounding, a point for decimals, ISO dates."""
    match value:
        case None:
            found = ""
        case bool():
            found = "true" if value else "false"
        case int() | str():
            found = str(value)
        case float():
            found = canonical_decimal(decimal_of_float(value)) if value - value == 0 else repr(value)
        case Decimal():
            found = canonical_decimal(value) if value.is_finite() else str(value)
        case datetime() | date() | time():
            found = value.isoformat()
        case _:
            message = f"column '{name}' holds a {type(value).__name__}, which is no text, number or date"
            raise FetchError("not_the_format", section.address, message, "cast it, or leave it out")
    return found


def _fault(section: SqlFetch, error: DBAPIError) -> FetchError:
    """Tell a database that is not there from a statement that it does not take; neither text holds the URL."""
    said = " ".join(str(error.orig).split())[:300]
    if "statement timeout" in said:
        return FetchError("too_slow", section.address, said, "select less in the record's statement")
    if isinstance(error, OperationalError) and error.statement is None:
        mend = "check that the database runs and that the URL in PPW_SQL_URLS is right"
        return FetchError("no_answer", section.address, f"the database cannot be reached ({said})", mend)
    mend = "correct the record's statement, or what its user may read"
    return FetchError(
        "bad_query", section.address, f"the database does not take the statement ({said})", mend
    )
