"""Sentences of findings, and how far a printed figure may lie from the exact one."""

import math
from datetime import date

import pytest

from expectations.messages import Language, as_text, render


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [
        (2292.0, "2.292", "2,292"),
        (558.461, "558,461", "558.461"),
        (267.013632474341, "267,0136", "267.0136"),
        (-7.88, "-7,88", "-7.88"),
        (0.00042, "0,00042", "0.00042"),
        (0.0, "0", "0"),
        (1234567, "1.234.567", "1,234,567"),
        (None, "–", "–"),
        (math.nan, "–", "–"),
        (date(2025, 7, 1), "01/07/2025", "01/07/2025"),
        ("not_stated", "không ghi rõ", "not stated"),
        ("bất kỳ", "bất kỳ", "bất kỳ"),
    ],
)
def test_a_value_is_written_as_the_language_writes_it(value: object, vi: str, en: str) -> None:
    assert as_text(value, "vi") == vi
    assert as_text(value, "en") == en


@pytest.mark.parametrize(("language", "said"), [("vi", "Dân số: 2,5 người"), ("en", "Population: 2.5 người")])
def test_a_name_is_taken_in_the_language_where_there_is_one(language: Language, said: str) -> None:
    row = {"indicator_vi": "Dân số", "indicator_en": "Population", "value": 2.5, "unit": "người"}
    assert render("{indicator}: {value} {unit}", row, language) == said


def test_a_template_that_asks_for_what_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError):
        render("{nothing}", {"value": 1.0}, "vi")
