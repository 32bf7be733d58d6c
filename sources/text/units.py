"""Units as printed, and the key under which two printings of one unit meet."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sources.text.labels import label_key, tidy_text

_PREFIX = re.compile(r"(?:đơn vị tính|đơn vị|đvt|unit)\s*[:.]\s*", re.IGNORECASE)


def tidy_unit(text: str) -> str:
    """Return the unit as printed, without "Đơn vị tính:", without brackets around the whole of it."""
    tidy = _PREFIX.sub("", tidy_text(text), count=1).strip()
    if tidy.startswith("(") and tidy.endswith(")") and tidy.count("(") == 1:
        tidy = tidy[1:-1].strip()
    return tidy


def unit_key(text: str) -> str:
    """Return the key of a printed unit: equal keys mean the same printed unit."""
    return label_key(tidy_unit(text))


_MAGNITUDE = r"(?:nghìn|ngàn|trăm|triệu|tỷ|tỉ|thousand|thous\.|million|mill\.|billion|bill\.)"
_BASE = (
    r"(?:%|‰|đồng|vnd|vnđ|usd|đô la mỹ|người|persons?|pers\.|tấn|tons?|tạ|kg|ha|km2|km²|km|m2|m²|m3|m³|lít"
    r"|kwh|lượt|lượt khách|hành khách|khách|con|cái|chiếc|hộ|xã|phường|giường|bác sĩ|doanh nghiệp|dự án|điểm"
    r"|point|lần|năm|tháng)"
)
_UNIT = re.compile(rf"(?:{_MAGNITUDE}\s+)*(?:{_BASE}|{_MAGNITUDE})(?:[./]\s*{_BASE})*")
_BRACKETS = re.compile(r"\(([^()]*)\)")


def looks_like_unit(text: str) -> bool:
    """Say whether a text is nothing but a unit, or several parted by semicolons or commas."""
    parts = [part.strip() for part in re.split(r"[;,]", unit_key(text))]
    return all(_UNIT.fullmatch(part) for part in parts)


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
