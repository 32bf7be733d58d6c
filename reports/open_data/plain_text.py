"""Texts that a spreadsheet would take for a formula are made plain, by a rule that can be turned back.

A text that begins with one of `MARKED` gets an apostrophe in front; a text that begins with an apostrophe is one that
got it, so it loses its first letter when it is read back. Numbers, dates and booleans are never touched. The signs are
those of the OWASP note on CSV injection, with their full-width forms.
"""

from __future__ import annotations

import polars as pl

APOSTROPHE = "'"
MARKED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", APOSTROPHE)


def made_plain(text: str) -> str:
    """A text as it stands in CSV files and the workbook."""
    return APOSTROPHE + text if text.startswith(MARKED) else text


def read_back(text: str) -> str:
    """The text of the release behind a text that `made_plain` gave: the rule that the README tells its readers."""
    return text.removeprefix(APOSTROPHE)


def plain_column(name: str) -> pl.Expr:
    """`made_plain` over a column of texts, nulls kept."""
    column = pl.col(name)
    marked = pl.any_horizontal(column.str.starts_with(sign) for sign in MARKED)
    return pl.when(marked).then(pl.concat_str(pl.lit(APOSTROPHE), column)).otherwise(column).alias(name)
