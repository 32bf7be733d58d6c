"""Units as printed: keys, units inside labels, aliases of the unit seed."""

import pytest

from sources.text.units import looks_like_unit, unit_aliases, unit_in_brackets, unit_key


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
