"""What people write into cells: numbers, days, choices. Each reader gives a value or the problem at the cell."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from sources.submission.grid import FilledCell
from sources.submission.problems import CellProblem, number_text
from sources.text.labels import label_key
from sources.text.numbers import DecimalMark, read_printed_number
from sources.text.periods import parse_label

Choice = TypeVar("Choice")
# What a spreadsheet keeps of a number; more digits are noise of its arithmetic.
_DIGITS = 15
_MARKS: tuple[DecimalMark, ...] = ("point", "comma")


def _decimal(value: float | int) -> Decimal:
    return Decimal(value) if isinstance(value, int) else Decimal(format(value, f".{_DIGITS}g"))


def _broken_formula(cell: FilledCell) -> CellProblem | None:
    if cell.is_error:
        return cell.problem("formula_error")
    if cell.is_formula and cell.value is None:
        return cell.problem("formula_without_value")
    return None


def _from_text(cell: FilledCell) -> tuple[Decimal | None, CellProblem | None]:
    text = cell.text
    read = read_printed_number(text, "either")
    if read.flags == ("decimal_mark_unclear",):
        readings = [read_printed_number(text, mark).decimal for mark in _MARKS]
        first, second = sorted((found for found in readings if found is not None), key=abs)
        words = {"first": number_text(first), "second": str(second), "example": number_text(first)}
        return None, cell.problem("decimal_mark_unclear", **words)
    if read.decimal is None or read.flags:
        return None, cell.problem("text_in_number")
    return read.decimal, None


def _from_number(cell: FilledCell, value: float | int) -> tuple[Decimal | None, CellProblem | None]:
    number = _decimal(value)
    if not number.is_finite():
        return None, cell.problem("text_in_number")
    if "%" in cell.number_format:
        meant = number_text(number * 100)
        return None, cell.problem("percent_format", found=number, shown=meant, example=meant)
    return number, None


def read_number(cell: FilledCell) -> tuple[Decimal | None, CellProblem | None]:
    """Read a number; text is taken only where it can mean one number."""
    broken = _broken_formula(cell)
    if broken is not None or cell.is_empty:
        return None, broken
    match cell.value:
        case bool():
            return None, cell.problem("text_in_number")
        case int() | float() as value:
            return _from_number(cell, value)
        case datetime() | date() | time() | timedelta():
            return None, cell.problem("date_in_number")
    return _from_text(cell)


def read_day(cell: FilledCell) -> tuple[date | None, CellProblem | None]:
    """Read a day: a date cell, or text as Vietnamese writes it (31/12/2025)."""
    broken = _broken_formula(cell)
    if broken is not None or cell.is_empty:
        return None, broken
    if isinstance(cell.value, datetime):
        return cell.value.date(), None
    if isinstance(cell.value, date):
        return cell.value, None
    label = parse_label(cell.text, "vietnamese") if isinstance(cell.value, str) else None
    if label is None or not label.period_id.startswith("D"):
        return None, cell.problem("date_unreadable")
    return date.fromisoformat(label.period_id[1:]), None


def read_choice(cell: FilledCell, choices: Mapping[str, Choice]) -> Choice | None:
    """Read one of the words of a list; None when it is none of them."""
    keys = {label_key(word): choice for word, choice in choices.items()}
    return keys.get(label_key(cell.text))
