"""Printed numbers: exact decimals, both decimal marks, marks for a missing figure."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sources.text.numbers import (
    DecimalMark,
    canonical_decimal,
    decimal_of_literal,
    read_number,
    read_printed_number,
)

decimals = st.decimals(
    min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=4
) | st.decimals(min_value=-(10**6), max_value=10**6, allow_nan=False, allow_infinity=False, places=1)


def printed(value: Decimal, thousands: str, mark: str) -> str:
    return f"{value:,f}".replace(",", "\0").replace(".", mark).replace("\0", thousands)


@given(decimals, st.sampled_from([("", "."), (",", "."), (" ", "."), ("\u00a0", ".")]))
def test_a_figure_with_a_decimal_point_reads_back(value: Decimal, marks: tuple[str, str]) -> None:
    read = read_printed_number(printed(value, *marks), "point")
    assert read.decimal == value
    assert read.missing_code is None


@given(decimals, st.sampled_from([("", ","), (".", ","), (" ", ",")]))
def test_a_figure_with_a_decimal_comma_reads_back(value: Decimal, marks: tuple[str, str]) -> None:
    assert read_printed_number(printed(value, *marks), "comma").decimal == value


@given(decimals, st.sampled_from([",", "."]))
def test_where_marks_mix_a_figure_reads_right_or_not_at_all(value: Decimal, mark: str) -> None:
    thousands = "." if mark == "," else ","
    read = read_printed_number(printed(value, thousands, mark), "either")
    assert read.decimal in (value, None)
    if read.decimal is None:
        assert "decimal_mark_unclear" in read.flags


@given(st.text())
def test_any_text_is_a_figure_or_says_why_not(text: str) -> None:
    marks: list[DecimalMark] = ["point", "comma", "either"]
    for mark in marks:
        read = read_printed_number(text, mark)
        assert (read.decimal is None) != (read.missing_code is None)
        assert read.text == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_stored_float_keeps_every_digit(value: float) -> None:
    read = read_number(value)
    assert read.number == value
    assert float(read.decimal_text or "") == value


@given(decimals)
def test_canonical_text_is_exact_and_plain(value: Decimal) -> None:
    text = canonical_decimal(value)
    assert Decimal(text) == value
    assert set(text) <= set("-0123456789.")
    assume(value != 0)
    assert text.count("-") == (value < 0)


@pytest.mark.parametrize(
    ("text", "mark", "decimal_text"),
    [
        ("1892,6", "either", "1892.6"),
        ("1577.2", "either", "1577.2"),
        ("0.17", "either", "0.17"),
        ("-1996", "either", "-1996"),
        ("1 742,4", "either", "1742.4"),
        ("1.234.567", "either", "1234567"),
        ("6.50", "point", "6.50"),
        ("−0,9", "comma", "-0.9"),
        ("–0,9", "comma", "-0.9"),
        ("\u200e-5\u200b", "either", "-5"),
        ("1,5E+05", "comma", "150000"),
        ("2.5e-1", "either", "0.25"),
    ],
)
def test_printed_as_publishers_do(text: str, mark: DecimalMark, decimal_text: str) -> None:
    assert read_printed_number(text, mark).decimal_text == decimal_text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-", "dash"),
        ("–", "dash"),
        ("..", "dots"),
        ("…", "dots"),
        (".", "dot"),
        ("", "blank"),
        ("  ", "blank"),
        ("n.a.", "not_available"),
        ("x", "suppressed"),
        ("gần 700", "unreadable"),
        ("1,2,3", "unreadable"),
        ("--5", "unreadable"),
        ("- 5", "unreadable"),
        ("(5)", "unreadable"),
        ("1E5", "unreadable"),
        ("1,5E+05", "unreadable"),
        ("NULL", "not_available"),
        ("---", "dash"),
    ],
)
def test_what_stands_where_there_is_no_figure(text: str, code: str) -> None:
    read = read_printed_number(text, "point")
    assert (read.missing_code, read.decimal) == (code, None)


def test_nothing_decides_between_a_thousand_and_one_and_a_half() -> None:
    read = read_printed_number("1.520", "either")
    assert read.decimal is None
    assert read.flags == ("decimal_mark_unclear",)
    assert read_printed_number("1.520", "point").decimal_text == "1.520"
    assert read_printed_number("1.520", "comma").decimal_text == "1520"


def test_a_qualifier_is_kept_beside_the_figure() -> None:
    read = read_printed_number(">98", "point")
    assert (read.decimal_text, read.flags, read.text) == ("98", ("more_than",), ">98")


@pytest.mark.parametrize(
    ("text", "mark", "decimal_text"),
    [
        ("0,123", "either", "0.123"),
        ("0.123", "either", "0.123"),
        ("-0,075", "comma", "-0.075"),
        ("0.075", "point", "0.075"),
        ("0,123", "point", None),
        ("0.123", "comma", None),
        ("00,123", "either", None),
        ("00,123", "comma", None),
        ("0 123", "either", None),
        ("012,345", "either", None),
    ],
)
def test_a_group_of_thousands_never_begins_with_zero(
    text: str, mark: DecimalMark, decimal_text: str | None
) -> None:
    read = read_printed_number(text, mark)
    assert (read.decimal_text, read.missing_code) == (decimal_text, None if decimal_text else "unreadable")


def test_a_literal_is_plain_and_within_bounds() -> None:
    assert decimal_of_literal("-1.50") == Decimal("-1.50")
    assert decimal_of_literal("2.5E+30") == Decimal("2.5E+30")
    for text in (
        "1E31",
        "1E-31",
        "1E999999999",
        "1E9999999999999999999",
        "1_000",
        "NaN",
        "Infinity",
        "",
        "1,5",
    ):
        assert decimal_of_literal(text) is None


@pytest.mark.parametrize("mark", ["*", "**", " (*)"])
def test_a_star_behind_a_figure_is_a_footnote_and_no_digit_of_it(mark: str) -> None:
    read = read_printed_number(f"1.234,5{mark}", "comma")
    assert (read.decimal_text, read.flags) == ("1234.5", ("footnote_mark",))
    assert read_printed_number(f"Quý 4{mark}", "comma").flags == ()
    assert read_printed_number(f"1.234{mark}", "either").decimal is None
