"""Figures by column read exactly as their texts one by one."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.figures import read_figures
from sources.text.numbers import DecimalMark, read_printed_number

PRINTED = st.one_of(
    st.from_regex(r"-?[0-9]{1,20}([.,][0-9]{1,14})?", fullmatch=True),
    st.from_regex(r"[-+−>~ ]?[0-9]{1,3}([., ][0-9]{3}){0,3}([.,][0-9]{1,4})?[ %]?", fullmatch=True),
    st.sampled_from(
        ["", " ", "-", "..", "x", "n/a", "-0", "-0,00", "0.000", "007", "1e5", "nan", "inf", "1.", ".5"]
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(max_size=6),
)


@pytest.mark.parametrize("mark", ["point", "comma", "either"])
@given(texts=st.lists(PRINTED, max_size=30))
def test_a_column_reads_as_its_texts_do(mark: DecimalMark, texts: list[str]) -> None:
    found = read_figures(pl.Series(texts, dtype=pl.String), mark)
    for place, text in enumerate(texts):
        alone = read_printed_number(text, mark)
        missing_code, flags = found.outcomes[found.places[place]]
        assert found.text[place] == alone.text
        assert found.decimal_text[place] == alone.decimal_text
        assert (missing_code, flags) == (alone.missing_code, alone.flags)
        number = found.number[place]
        assert number == alone.number
        if number is not None and alone.number is not None:
            assert math.copysign(1, number) == math.copysign(1, alone.number)
