"""What a cell of a grid holds: a figure and its unit, a mark for none, words, a year."""

import re
from dataclasses import replace
from functools import lru_cache

from sources.adapters.workbook_file import CellValue, NoFigure, Percent, Word
from sources.text.labels import label_key, tidy_text
from sources.text.numbers import (
    UNREADABLE,
    DecimalMark,
    PrintedNumber,
    canonical_decimal,
    read_number,
    read_printed_number,
)
from sources.text.units import looks_like_unit, read_unit, split_amount

_YEARS = range(1900, 2101)
YEAR_WITHIN = re.compile(r"\b(?:19|20)\d\d\b")
# "(1,5)" and "- 12,5": a negative of bookkeeping, or not.
# They are kept as printed and never taken for words.
_ACCOUNTING = re.compile(r"\((?:\d+[.,][\d.,]*|\d{3,})\)|[-–−]\s+\d[\d.,\s]*")
_ERROR = re.compile(r"#(?:N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!)|Err:\d{3}")
# A mark of a footnote after a figure: "55(1)", "50*", "110 (*)", "12 a)".
_FOOTNOTE = re.compile(r"(.*\d)\s*(?:\(?\*{1,3}\)?|\([1-9a-zđ]\)|[¹²³⁴⁵⁶⁷⁸⁹]|(?<=\s)[1-9a-zđ]\))", re.DOTALL)
# Groups of people that are counted; alone they name a row or a column, not its unit.
_PEOPLE = {"nam", "nữ", "phụ nữ", "trẻ", "bé gái"}


def cell_text(value: CellValue) -> str:
    """Return a cell as header text; a year stored as a number reads as a year."""
    if isinstance(value, float):
        return read_number(value).text
    return tidy_text(value or "")


@lru_cache(maxsize=65_536)
def _printed_text(value: str, decimal_mark: DecimalMark) -> tuple[PrintedNumber, str | None]:
    """Read the text of a cell: the figure, and the unit printed after it ("9,72%")."""
    printed = read_printed_number(value, decimal_mark)
    if printed.missing_code != UNREADABLE or printed.flags:
        return printed, None
    if _ERROR.fullmatch(tidy_text(value)):
        return replace(printed, missing_code="formula_error"), None
    noted = _FOOTNOTE.fullmatch(value.strip())
    if noted is not None:
        figure = read_printed_number(noted[1], decimal_mark)
        if figure.missing_code != UNREADABLE or figure.flags:
            return replace(figure, text=value, flags=(*figure.flags, "footnote")), None
    amount, unit = split_amount(value)
    part = None if unit is None else read_unit(unit)
    if part is None or part.kind == "count":
        return printed, None  # "15 tuổi", "5 triệu đồng": as often a row's label as its figure
    figure = read_printed_number(amount, decimal_mark)
    return (replace(figure, text=value), unit) if figure.decimal is not None else (printed, None)


def is_words(value: CellValue) -> bool:
    """Say whether a cell holds words: text that is neither empty, nor a figure, nor a mark for none."""
    if isinstance(value, Word):
        return True
    if not isinstance(value, str) or isinstance(value, NoFigure) or not tidy_text(value):
        return False
    printed, _ = _printed_text(value, "either")
    return (
        printed.missing_code == UNREADABLE
        and not printed.flags
        and not _ACCOUNTING.fullmatch(tidy_text(value))
    )


def is_mark(value: CellValue) -> bool:
    """Say whether a cell holds a mark for a missing figure: "-", "..", "…", an error, a formula without a value."""
    if isinstance(value, NoFigure):
        return True
    if not isinstance(value, str) or isinstance(value, Word) or not tidy_text(value):
        return False
    return _printed_text(value, "either")[0].missing_code not in (None, "blank", UNREADABLE)


def is_unit_text(text: str) -> bool:
    """Say whether a text is nothing but a unit; "Nam" and "Nữ" name groups of people."""
    return looks_like_unit(text) and label_key(text) not in _PEOPLE


def is_figure(value: CellValue) -> bool:
    if isinstance(value, float):
        return True
    if not isinstance(value, str) or isinstance(value, NoFigure):
        return False
    return _printed_text(value, "either")[0].decimal is not None


def is_year(value: CellValue) -> bool:
    text = cell_text(value)
    noted = _FOOTNOTE.fullmatch(text)
    text = noted[1].strip() if noted is not None else text
    return text.isdigit() and int(text) in _YEARS


def filled_columns(row: list[CellValue]) -> list[int]:
    return [column for column, value in enumerate(row) if value is not None and cell_text(value)]


def printed_cell(
    value: CellValue, decimal_mark: DecimalMark
) -> tuple[PrintedNumber, str | None, tuple[str, ...]]:
    """Return the figure of a cell, the unit printed in the cell itself, and flags.

    A cell with a percent format prints a hundred times what it stores, and the sign after it.
    """
    if isinstance(value, Percent):
        stored = read_number(value)
        shown = None if stored.decimal is None else canonical_decimal(stored.decimal.scaleb(2))
        return (stored if shown is None else read_printed_number(shown, "point")), "%", ("percent_format",)
    if isinstance(value, float):
        return read_number(value), None, ()
    if isinstance(value, NoFigure):
        return PrintedNumber(str(value), None, value.missing_code), None, ()
    printed, unit = _printed_text(value or "", decimal_mark)
    return printed, unit, ("number_as_text",) if printed.decimal is not None else ()
