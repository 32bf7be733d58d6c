"""What things are called on the desk: indicators, areas, units, sources, looked up once per release and language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from reports.numbers import Language, decimals_of, format_number, to_decimal, with_unit
from reports.page_data import TOTAL
from reports.release_data import Release, Row
from reports.words import Words

# Of a value worked out to twelve digits three are enough to read; the release has them all.
MOST_DECIMALS = 3


@dataclass(frozen=True)
class Names:
    """Lookups by id; what the release does not know is shown by its id."""

    indicators: Mapping[str, Row]
    areas: Mapping[str, str]
    units: Mapping[str, str]
    sources: Mapping[str, Row]
    breakdowns: Mapping[str, str]
    rules: Mapping[str, Row]
    targets: Mapping[tuple[str, str], Row]
    words: Words

    def indicator(self, code: object) -> str:
        row = self.indicators.get(str(code))
        return self.words.pick(row, "name") if row else str(code)

    def area(self, area_id: object) -> str:
        return self.areas.get(str(area_id), str(area_id))

    def unit(self, unit: object) -> str | None:
        return None if unit is None else self.units.get(str(unit), str(unit))

    def source(self, source_id: object) -> str:
        row = self.sources.get(str(source_id))
        return self.words.pick(row, "title") if row else str(source_id)

    def publisher(self, source_id: object) -> str:
        row = self.sources.get(str(source_id))
        return self.words.pick(row, "publisher") if row else str(source_id)

    def breakdown(self, breakdown: object) -> str:
        return self.breakdowns.get(str(breakdown), str(breakdown))

    def rule(self, rule_id: object) -> str:
        row = self.rules.get(str(rule_id))
        return self.words.pick(row, "title") if row else str(rule_id)

    def target(self, plan_version: str, target_id: str) -> str:
        row = self.targets.get((plan_version, target_id))
        return self.words.pick(row, "name") if row else target_id

    def domain(self, indicator_code: object) -> str | None:
        row = self.indicators.get(str(indicator_code))
        return None if row is None else str(row["domain"])

    def subject(self, row: Row) -> str:
        """What a finding is about, in few words: indicator and place, else the source, else what was checked."""
        if row.get("indicator_code"):
            parts = [self.indicator(row["indicator_code"])]
            if row.get("area_id"):
                parts.append(self.area(row["area_id"]))
            if row.get("breakdown") not in (None, TOTAL):
                parts.append(self.breakdown(row["breakdown"]))
            return " · ".join(parts)
        if row.get("source_id"):
            return self.source(row["source_id"])
        return str(row.get("subject") or self.words("none"))

    def measured(self, value: object, unit: object, decimals: int | None = None) -> str:
        """A value with its unit as a reader writes it; a dash where there is none."""
        return with_unit(plain_number(value, self.words.language, decimals), self.unit(unit))


def plain_number(value: object, language: Language, decimals: int | None = None) -> str:
    """A value with its publisher's decimals, three at the most."""
    number = to_decimal(value)  # type: ignore[arg-type]
    if number is None:
        return format_number(None, language)
    places = decimals_of(number) if decimals is None else decimals
    return format_number(number, language, min(places, MOST_DECIMALS))


def names_of(release: Release, words: Words) -> Names:
    """The names of a release in a language."""
    return _names(release.release_id, str(release.directory), words.language, _Held(release))


class _Held:
    """A release as a part of a cache's arguments that is no part of its key."""

    def __init__(self, release: Release) -> None:
        self.release = release

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)


@lru_cache(maxsize=8)
def _names(release_id: str, directory: str, language: Language, held: _Held) -> Names:
    release, words = held.release, Words(language)
    return Names(
        indicators={str(row["indicator_code"]): row for row in release.rows("dim_indicator")},
        areas={str(row["area_id"]): words.pick(row, "name") for row in release.rows("dim_area")},
        units={str(row["unit"]): _unit_symbol(row, words) for row in release.rows("dim_unit")},
        sources={str(row["source_id"]): row for row in release.rows("dim_source")},
        breakdowns={str(row["breakdown"]): words.pick(row, "name") for row in release.rows("dim_breakdown")},
        rules={str(row["rule_id"]): row for row in release.optional_rows("dim_rule")},
        targets={
            (str(row["plan_version"]), str(row["target_id"])): row for row in release.rows("fct_target")
        },
        words=words,
    )


def _unit_symbol(row: Row, words: Words) -> str:
    symbol = words.pick(row, "symbol")
    return words.pick(row, "name") if symbol.startswith("/") else symbol
