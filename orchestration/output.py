"""How the command line says things: JSON for machines, aligned tables for people, errors that name the mend."""

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.table import Table


class CommandFailed(click.ClickException):
    """Something failed, was quarantined or does not exist: exit code 1."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        click.echo(f"ppw: {self.format_message()}", err=True)


def fail(message: str) -> NoReturn:
    """End the command with exit code 1 and a message that names the thing and the mend."""
    raise CommandFailed(message)


def json_value(value: object) -> object:
    """A value as JSON has it: decimals become numbers, dates ISO text, a NaN null."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [json_value(item) for item in value]
    return value if isinstance(value, str | int | None) else str(value)


def emit_json(data: object) -> None:
    """Print data as one JSON document on standard output."""
    click.echo(json.dumps(json_value(data), ensure_ascii=False, indent=2))


class _Terminal(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command line; the library's own way is to end with the exit code of a failure."""
        raise BrokenPipeError


def console() -> Console:
    """The terminal; wide when standard output is a file, so that nothing is cut there."""
    return _Terminal(file=sys.stdout, width=None if sys.stdout.isatty() else 200, highlight=False)


def plain(value: object) -> str:
    """A table cell: decimals without padding zeros, an en dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def emit_table(
    rows: Sequence[Mapping[str, object]], columns: Sequence[str], right: Sequence[str] = ()
) -> None:
    """Print rows under their column names; the columns named in `right` are right-aligned."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(plain(row.get(column)) for column in columns))
    console().print(table)


def emit_fields(fields: Mapping[str, object]) -> None:
    """Print one thing as name and value lines."""
    width = max(map(len, fields), default=0)
    for name, value in fields.items():
        click.echo(f"{name:<{width}}  {plain(value)}")
