"""Units as printed: keys, units inside labels, aliases of the unit seed."""

import csv
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.text.numbers import read_printed_number
from sources.text.units import (
    index_base,
    looks_like_unit,
    read_unit,
    split_amount,
    unit_aliases,
    unit_in_brackets,
    unit_key,
)
from store.settings import PROJECT_ROOT


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("Đơn vị tính: Tỷ đồng", "tỷ đồng"),
        ("(Nghìn người)", "nghìn người"),
        ("ĐVT: %", "%"),
        (" Triệu  USD ", "triệu usd"),
    ],
)
def test_printings_of_one_unit_meet(printed: str, meant: str) -> None:
    assert unit_key(printed) == unit_key(meant)


@pytest.mark.parametrize("text", ["%", "Tỷ đồng", "Nghìn tấn; Triệu USD", "Tạ/ha", "Nghìn ha", "Người/km2"])
def test_a_unit_alone(text: str) -> None:
    assert looks_like_unit(text)


@pytest.mark.parametrize("text", ["Sơ bộ", "Tổng số", "quý I", "2024", "", "Cơ cấu (%)"])
def test_a_header_is_no_unit(text: str) -> None:
    assert not looks_like_unit(text)


def test_the_unit_inside_a_label() -> None:
    assert unit_in_brackets("Thực hiện vụ đông xuân Diện tích (Nghìn ha)") == "Nghìn ha"
    assert unit_in_brackets("Trong đó (tiếp theo)") is None


def test_each_alias_once_the_symbols_among_them() -> None:
    row = {"unit": "percent", "symbol_vi": "%", "symbol_en": "%", "aliases": "%|phần trăm|Phần  trăm"}
    found = [(alias.unit, alias.alias_key) for alias in unit_aliases([row])]
    assert found == [("percent", "%"), ("percent", "percent"), ("percent", "phần trăm")]


MAGNITUDES = {"nghìn": 3, "ngàn": 3, "triệu": 6, "tỷ": 9, "tỉ": 9, "Thous.": 3, "mill.": 6, "1000": 3}
SCALED = {"ratio", "ratio_difference", "person", "currency_vnd", "currency_usd", "visit", "per_population"}


@given(
    st.lists(st.sampled_from(sorted(MAGNITUDES)), max_size=2), st.sampled_from(["đồng", "USD", "người", "ha"])
)
def test_magnitudes_multiply(words: list[str], thing: str) -> None:
    unit = read_unit(" ".join([*words, thing]))
    assert unit is not None
    assert unit.factor == Decimal(10) ** sum(MAGNITUDES[word] for word in words)
    assert unit.currency == {"đồng": "VND", "USD": "USD"}.get(thing)


@pytest.mark.parametrize(
    ("text", "kind", "factor", "per"),
    [
        ("%", "percent", "0.01", ()),
        ("điểm phần trăm", "percentage_point", "0.01", ()),
        ("điểm %/năm", "percentage_point", "0.01", ("năm",)),
        ("‰", "per_mille", "0.001", ()),
        ("Đơn vị tính: %o", "per_mille", "0.001", ()),
        ("Nghìn tỷ đồng", "count", "1E+12", ()),
        ("bác sĩ/10.000 dân", "count", "0.0001", ("dân",)),
        ("giường bệnh trên 1 vạn dân", "count", "0.0001", ("dân",)),
        ("nam/100 nữ", "count", "0.01", ("nữ",)),
        ("triệu đồng/người/năm", "count", "1E+6", ("người", "năm")),
    ],
)
def test_a_unit_taken_apart(text: str, kind: str, factor: str, per: tuple[str, ...]) -> None:
    unit = read_unit(text)
    assert unit is not None
    assert (unit.kind, unit.factor, unit.per) == (kind, Decimal(factor), per)


@pytest.mark.parametrize(
    "text", ["Nghìn tấn; Triệu USD", "Tổng số", "năm", "2024", "", "tấn/5 ha", "so với năm trước"]
)
def test_what_is_not_one_unit(text: str) -> None:
    assert read_unit(text) is None


def test_the_units_of_the_seed_have_the_same_factors() -> None:
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "unit.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["dimension"].split("_per_")[0] in SCALED]
    compared = 0
    for row in rows:
        for alias in row["aliases"].split("|"):
            unit = read_unit(alias)
            if unit is not None:
                compared += 1
                assert unit.factor == Decimal(row["factor"]), alias
    assert compared > 30


@pytest.mark.parametrize(
    ("text", "base", "is_index"),
    [
        ("Chỉ số phát triển (Năm trước = 100) - %", "previous_year", True),
        ("so với cùng kỳ năm trước (%)", "same_period_of_previous_year", False),
        ("So với cùng thời điểm tháng trước", "previous_month", False),
        ("Kỳ gốc (2019)", "2019", False),
        ("2010 = 100", "2010", True),
        ("so với tháng 12 năm trước", "december_of_previous_year", False),
    ],
)
def test_what_an_index_is_based_on(text: str, base: str, is_index: bool) -> None:
    found = index_base(text)
    assert found is not None
    assert (found.base, found.is_index) == (base, is_index)


@pytest.mark.parametrize(
    "text", ["so với tháng trước và cùng kỳ năm trước", "giá so sánh 2010", "năm trước", ""]
)
def test_no_base_is_guessed(text: str) -> None:
    assert index_base(text) is None


@given(
    st.decimals(min_value=0, max_value=10**6, places=2),
    st.sampled_from(["%", " %", " tỷ đồng", " người/km2"]),
)
def test_a_figure_parts_from_its_unit(value: Decimal, unit: str) -> None:
    figure, found = split_amount(f"{value}{unit}")
    assert read_printed_number(figure, "point").decimal == value
    assert found == unit.strip()


@given(st.text())
def test_a_text_without_figure_and_unit_stays_whole(text: str) -> None:
    figure, unit = split_amount(text)
    assert (unit is None and figure == text) or (unit is not None and figure[-1:].isdigit())


@pytest.mark.parametrize("text", ["trđ", "Tr.đ", "tr.đồng", "tr đồng", "triệu đ", "Triệu đồng"])
def test_short_forms_of_million_dong(text: str) -> None:
    unit = read_unit(text)
    assert unit is not None
    assert (unit.factor, unit.currency) == (Decimal(10**6), "VND")
    assert read_unit("trường") == read_unit("Trường")
