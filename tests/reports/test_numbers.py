"""Numbers and dates as the reader's language writes them."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.numbers import (
    NO_VALUE,
    Language,
    format_date,
    format_number,
    parse_number,
    with_unit,
)

LANGUAGES = st.sampled_from(["vi", "en"])
DECIMALS = st.decimals(
    min_value=Decimal(-(10**15)), max_value=Decimal(10**15), allow_nan=False, allow_infinity=False, places=6
)


@pytest.mark.parametrize(
    ("value", "language", "decimals", "written"),
    [
        ("25204.5", "vi", None, "25.204,5"),
        ("25204.5", "en", None, "25,204.5"),
        ("6.740000000000000", "vi", 2, "6,74"),
        ("6.7", "vi", 2, "6,70"),
        ("-4.23", "vi", 2, "−4,23"),
        ("-0.004", "vi", 2, "0,00"),
        ("558461", "vi", 0, "558.461"),
        ("0.5", "en", 0, "1"),
        ("60.000000000000000", "vi", None, "60"),
        ("1E+3", "en", None, "1,000"),
    ],
)
def test_a_number_is_written_as_the_language_writes_it(
    value: str, language: Language, decimals: int | None, written: str
) -> None:
    assert format_number(Decimal(value), language, decimals) == written


def test_nothing_is_a_dash_and_takes_no_unit() -> None:
    assert format_number(None, "vi") == NO_VALUE
    assert with_unit(NO_VALUE, "%") == NO_VALUE
    assert format_date(None) == NO_VALUE


def test_a_float_keeps_the_digits_it_was_written_with() -> None:
    assert format_number(6.74, "vi") == "6,74"


@given(DECIMALS, LANGUAGES)
def test_what_is_written_reads_back_as_the_same_number(value: Decimal, language: Language) -> None:
    assert parse_number(format_number(value, language), language) == value


@given(DECIMALS, LANGUAGES, st.integers(min_value=0, max_value=4))
def test_the_publishers_decimals_are_kept(value: Decimal, language: Language, decimals: int) -> None:
    text = format_number(value, language, decimals)
    mark = "," if language == "vi" else "."
    assert len(text.partition(mark)[2]) == decimals
    assert parse_number(text, language) == value.quantize(
        Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP
    )


@given(DECIMALS, st.integers(min_value=0, max_value=4))
def test_the_languages_differ_in_marks_only(value: Decimal, decimals: int) -> None:
    swapped = format_number(value, "vi", decimals).translate(str.maketrans(".,", ",."))
    assert swapped == format_number(value, "en", decimals)


@given(st.dates(min_value=date(1, 1, 1)))
def test_a_date_is_day_month_year(day: date) -> None:
    written = format_date(day)
    assert len(written) == 10
    assert date(int(written[6:]), int(written[3:5]), int(written[:2])) == day


def test_a_text_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a number"):
        parse_number("khoảng 60", "vi")


def test_per_cent_stands_against_the_number_and_words_do_not() -> None:
    assert with_unit("6,74", "%/năm") == "6,74%/năm"
    assert with_unit("25.204,5", "tỷ đồng") == "25.204,5\u00a0tỷ đồng"
