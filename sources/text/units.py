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
