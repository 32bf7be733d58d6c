"""Units as printed, and the key under which two printings of one unit meet."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sources.text.labels import label_key, tidy_text

_PREFIX = re.compile(r"(?:đơn vị tính|đơn vị|đvt|unit)\s*(?:[-–]\s*unit\s*)?[:.]\s*", re.IGNORECASE)


def tidy_unit(text: str) -> str:
    """Return the unit as printed, without "Đơn vị tính:", without brackets around the whole of it."""
    tidy = _PREFIX.sub("", tidy_text(text), count=1).strip()
    if tidy.startswith("(") and tidy.endswith(")") and tidy.count("(") == 1:
        tidy = tidy[1:-1].strip()
    return tidy


def unit_key(text: str) -> str:
    """Return the key of a printed unit: equal keys mean the same printed unit."""
    return label_key(tidy_unit(text))


# --- what a unit is made of ---------------------------------------------------------------------------------

_MAGNITUDES: dict[str, int] = {
    "nghìn": 3, "ngàn": 3, "thousand": 3, "thousands": 3, "thous.": 3, "ths.": 3, "1000": 3, "1.000": 3, "1,000": 3,
    "vạn": 4, "trăm": 2, "triệu": 6, "tr.": 6, "tr": 6, "million": 6, "millions": 6, "mill.": 6, "mil.": 6,
    "tỷ": 9, "tỉ": 9, "billion": 9, "billions": 9, "bill.": 9, "bil.": 9, "trillion": 12,
}  # fmt: skip
_CURRENCIES: dict[str, str] = {
    "đồng": "VND", "đ": "VND", "vnd": "VND", "vnđ": "VND", "dongs": "VND", "dong": "VND", "đồng việt nam": "VND",
    "usd": "USD", "đô la mỹ": "USD", "đô-la mỹ": "USD", "us dollars": "USD", "us dollar": "USD", "us$": "USD",
    "euro": "EUR", "eur": "EUR", "nhân dân tệ": "CNY", "cny": "CNY", "jpy": "JPY",
}  # fmt: skip
UnitKind = Literal["count", "percent", "percentage_point", "per_mille", "index"]
_PARTS: dict[str, UnitKind] = {
    "%": "percent", "phần trăm": "percent", "per cent": "percent", "percent": "percent",
    "điểm %": "percentage_point", "điểm phần trăm": "percentage_point", "% điểm": "percentage_point",
    "percentage point": "percentage_point", "percentage points": "percentage_point", "pp": "percentage_point",
    "‰": "per_mille", "%o": "per_mille", "%0": "per_mille", "o/oo": "per_mille", "phần nghìn": "per_mille",
    "per mille": "per_mille",
}  # fmt: skip
_PART_FACTORS: dict[UnitKind, int] = {"percent": -2, "percentage_point": -2, "per_mille": -3}
# Things counted and measures, as printed; a text of other words is no unit.
_THING_NAMES = (
    "người|persons|person|pers.|lượt người|lượt|lượt khách|visits|hành khách|hk|passengers|khách|dân|nhân khẩu"
    "|lao động|nữ|nam|phụ nữ|trẻ|bé gái|học sinh|sinh viên|giáo viên|pupils|students|lớp|trường|phòng|con|heads"
    "|cái|chiếc|quả|cây|bộ|đôi|bao|viên|tờ|sản phẩm|hộ|households|xã|phường|thị trấn|huyện|thôn|xóm|giường"
    "|giường bệnh|beds|bác sĩ|bác sỹ|doctors|doanh nghiệp|dn|enterprises|dự án|projects|cơ sở|hợp tác xã|vụ"
    "|điểm|point|points|lần|times|hạng|tuổi|tấn|tons|ton|tonnes|tạ|quintals|kg|gam|ha|héc-ta|hecta|km2|km²|km|m"
    "|m2|m²|m3|m³|lít|litres|ml|kwh|mw|kw|gw|teu|tấn.km|tons.km|hk.km|hành khách.km|lượt khách.km"
    "|lượt người.km|khách.km|ste|thuê bao|thùng|hl|°c|mm|tiêu chí|chỉ tiêu|văn bản|hồ sơ|kcal"
)
_THINGS = set(_THING_NAMES.split("|"))
# Stretches of time are units only after a stroke: alone they are words of a header.
_TIMES = {"năm", "tháng", "quý", "ngày", "giờ", "year", "month", "day", "hour"}
_COUNT_OF_THINGS = re.compile(
    r"(?P<count>10{1,5}|\d{1,3}(?:[.,]000)+|(?:1\s+|một\s+)?(?:vạn|nghìn))\s+(?P<thing>\D.*)"
)
# "trđ", "tr.đ", "1000đ", "Tr.đồng": a magnitude and the currency in one word.
_SHORT = re.compile(r"^(1\.?000|tr\.?|triệu|tỷ|nghìn)(đồng|đ)(?=$|/)")
_STROKES = re.compile(r"/|\btrên\b|\bper\b(?! (?:cent|mille))")


@dataclass(frozen=True)
class PrintedUnit:
    """A printed unit taken apart: `factor` things (`thing`, a currency as its code) per each of `per`.

    "Nghìn tỷ đồng" is 10^12 VND; "Tạ/ha" is tạ per ha; "bác sĩ/10.000 dân" is 0.0001 bác sĩ per dân. A change in
    percentage points is of another kind than a percentage. An index says in `index_base` what is 100.
    """

    kind: UnitKind
    factor: Decimal
    thing: str
    per: tuple[str, ...] = ()
    currency: str | None = None
    index_base: str | None = None


def _magnitude(words: list[str]) -> tuple[int, list[str]]:
    exponent = 0
    while words and words[0] in _MAGNITUDES:
        exponent += _MAGNITUDES[words[0]]
        words = words[1:]
    return exponent, words


def _denominator(text: str) -> tuple[int, str] | None:
    """Read "10.000 dân", "1 vạn dân", "100 nữ", "người": the power of ten and the thing."""
    match = _COUNT_OF_THINGS.fullmatch(text)
    count, thing = (match["count"], match["thing"]) if match else ("", text)
    if thing not in _THINGS and thing not in _TIMES:
        return None
    if "vạn" in count or "nghìn" in count:
        return (4 if "vạn" in count else 3), thing
    digits = re.sub(r"\D", "", count)
    if digits and digits.strip("0") != "1":
        return None
    return max(len(digits) - 1, 0), thing


def read_unit(text: str) -> PrintedUnit | None:
    """Take one printed unit apart; None for anything else, also for two units in one text."""
    key = _SHORT.sub(lambda match: f"{match[1]} {match[2]}", unit_key(text))
    base = index_base(key)
    if base is not None and base.is_index:
        return PrintedUnit("index", Decimal(1), "", index_base=base.base)
    first, *rest = [part.strip() for part in _STROKES.split(key)]
    per = [found for part in rest if (found := _denominator(part)) is not None]
    if len(per) < len(rest):
        return None
    exponent, denominators = -sum(power for power, _ in per), tuple(thing for _, thing in per)
    if first in _PARTS:
        kind = _PARTS[first]
        return PrintedUnit(kind, Decimal(10) ** (_PART_FACTORS[kind] + exponent), "", denominators)
    magnitude, words = _magnitude(first.split())
    thing = " ".join(words)
    if thing not in _CURRENCIES and thing not in _THINGS and not (not thing and (magnitude or denominators)):
        return None
    currency = _CURRENCIES.get(thing)
    return PrintedUnit(
        "count", Decimal(10) ** (magnitude + exponent), currency or thing, denominators, currency
    )


@dataclass(frozen=True)
class IndexBase:
    """What a figure is compared with; `is_index` where the text says that this is 100."""

    base: str
    is_index: bool


_BASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), base)
    for pattern, base in (
        (r"cùng kỳ(?: năm trước| năm ngoái)?", "same_period_of_previous_year"),
        (r"same period(?: of (?:the )?(?:last|previous) year)?", "same_period_of_previous_year"),
        (r"cùng (?:tháng|thời điểm) năm trước", "same_period_of_previous_year"),
        (r"tháng 12 năm trước|december of (?:the )?(?:last|previous) year", "december_of_previous_year"),
        (r"tháng trước|cùng thời điểm tháng trước|(?:last|previous) month", "previous_month"),
        (r"quý trước|(?:last|previous) quarter", "previous_quarter"),
        (r"năm trước|(?:last|previous) year", "previous_year"),
        (r"kỳ gốc(?: \(?(?:năm )?(?P<year>(?:19|20)\d\d)\)?)?", "base_period"),
        (r"(?:năm )?(?P<year>(?:19|20)\d\d)(?=\s*=\s*100\b)", "base_period"),
    )
)
_IS_100 = re.compile(r"=\s*100\b")
_COMPARED = re.compile(r"so với|compared (?:to|with)|kỳ gốc")


def index_base(text: str) -> IndexBase | None:
    """Find what a text compares with ("năm trước = 100", "so với cùng kỳ"): `previous_year`, `2019`, ...

    None where it compares with nothing, or with two things at once.
    """
    key = label_key(text)
    is_index = _IS_100.search(key) is not None
    if not is_index and not _COMPARED.search(key):
        return None
    found: set[str] = set()
    for pattern, base in _BASES:
        found |= {match.groupdict().get("year") or base for match in pattern.finditer(key)}
        key = pattern.sub(" ", key)
    return IndexBase(found.pop(), is_index) if len(found) == 1 else None


def looks_like_unit(text: str) -> bool:
    """Say whether a text is nothing but a unit, or several parted by semicolons, commas, "và", or in two tongues."""
    parts = [part.strip() for part in re.split(r"[;,]|\bvà\b|\s[-–]\s(?:unit:)?", unit_key(text))]
    return bool(parts) and all(read_unit(part) is not None for part in parts)


_BRACKETS = re.compile(r"\(([^()]*)\)")


_AMOUNT = re.compile(r"([<>≥≤~≈]?\s*[-+−]?\d[\d.,\s\u00a0\u202f]*?)\s*([^\d\s.,].*)", re.DOTALL)


def split_amount(text: str) -> tuple[str, str | None]:
    """Part a figure from the unit printed after it: "9,72%" -> ("9,72", "%"); other texts come back whole."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or read_unit(match[2]) is None:
        return text, None
    return match[1], match[2]


def unit_in_brackets(text: str) -> str | None:
    """Return the last unit that a label carries in brackets: "Diện tích (Nghìn ha)" -> "Nghìn ha"."""
    units = [inside.strip() for inside in _BRACKETS.findall(text) if looks_like_unit(inside)]
    return units[-1] if units else None


@dataclass(frozen=True)
class UnitAlias:
    unit: str
    alias_key: str


def unit_aliases(rows: Iterable[dict[str, str]]) -> Iterator[UnitAlias]:
    """Give the keys under which each unit of the unit seed is printed, sorted, each once.

    `rows` are rows of `unit.csv`; the unit's own code, its symbols and its `aliases` (parted by |) count.
    """
    seen: set[tuple[str, str]] = set()
    for row in rows:
        printed = [row["unit"], row.get("symbol_vi", ""), row.get("symbol_en", "")]
        printed += (row.get("aliases") or "").split("|")
        seen.update((row["unit"], unit_key(text)) for text in printed if text and text.strip())
    for unit, alias_key in sorted(seen):
        yield UnitAlias(unit, alias_key)
