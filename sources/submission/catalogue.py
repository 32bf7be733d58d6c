"""Indicators and units as the seeds define them, for those who fill in figures and for what judges them."""

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sources.text.units import unit_aliases

TOTAL = "_T"


@dataclass(frozen=True)
class Unit:
    """A unit; `alias_keys` are the keys under which it is printed."""

    unit: str
    name_vi: str
    symbol_vi: str
    is_counted: bool
    alias_keys: frozenset[str]


@dataclass(frozen=True)
class Indicator:
    """An indicator; `components` are the series codes it is worked out from."""

    code: str
    name_vi: str
    unit: Unit
    form: str
    period_type: str
    custodian_vi: str
    definition_vi: str
    lower_bound: Decimal | None
    upper_bound: Decimal | None
    components: tuple[str, ...]


def series_code(indicator: str, breakdown: str = TOTAL) -> str:
    """Return how one series is written in a cell: `BEDS_TOTAL`, `POPULATION_AVERAGE/RES_URBAN`."""
    return indicator if breakdown == TOTAL else f"{indicator}/{breakdown}"


def split_series_code(code: str) -> tuple[str, str]:
    """Return indicator and breakdown of a series code."""
    indicator, _, breakdown = code.partition("/")
    return indicator, breakdown or TOTAL


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def read_units(seeds_dir: Path) -> dict[str, Unit]:
    """Read the unit seed by unit code."""
    rows = _rows(seeds_dir / "unit.csv")
    keys: dict[str, set[str]] = {}
    for alias in unit_aliases(rows):
        keys.setdefault(alias.unit, set()).add(alias.alias_key)
    return {
        row["unit"]: Unit(
            row["unit"],
            row["name_vi"],
            row["symbol_vi"] or row["name_vi"],
            # What is counted has no decimals and no magnitude; a rank or a score is not counted but fits too.
            is_counted=row["decimals"] == "0" and row["factor"] == "1",
            alias_keys=frozenset(keys.get(row["unit"], ())),
        )
        for row in rows
    }


def read_indicators(seeds_dir: Path) -> dict[str, Indicator]:
    """Read the indicator seed by indicator code."""
    units = read_units(seeds_dir)
    return {
        row["indicator_code"]: Indicator(
            code=row["indicator_code"],
            name_vi=row["name_vi"],
            unit=units[row["unit"]],
            form=row["form"],
            period_type=row["observation_period_type"],
            custodian_vi=row["custodian_vi"],
            definition_vi=row["definition_vi"],
            lower_bound=_decimal(row["lower_bound"]),
            upper_bound=_decimal(row["upper_bound"]),
            components=tuple(part.partition(":")[2] for part in row["components"].split(";") if part),
        )
        for row in _rows(seeds_dir / "indicator.csv")
    }
