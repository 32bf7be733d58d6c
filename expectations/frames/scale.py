"""Suite `scale`: each vintage beside what was known before it; is it larger or smaller by a power of ten?

Known before a vintage are the figures that arrived earlier and were believed; for the first vintage of a
period also the neighbouring periods of its series, those of the same document included. One wrong figure must
not make its right neighbours look wrong, so where several neighbours are known a majority of them decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from expectations.frame import Frame
from expectations.known import ARRIVAL, KEY, NAMES
from expectations.magnitude import (
    comparable,
    distance_from_power_of_ten,
    majority_largest,
    majority_smallest,
    orders_of_magnitude,
)

_ONE_YEAR = re.compile(r"(?P<kind>D|SY|)(?P<year>\d{4})(?P<part>(?:-.*)?)")
# An extent that nobody stated has no neighbouring period of the same length.
_OPEN = "-YTDx"
_CARRIED = ("unit", "unit_dimension", "domain")
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "observation_key": pl.String,
    **dict.fromkeys(KEY, pl.String),
    "vintage_at": pl.Datetime("us"),
    "value": pl.Float64,
    **dict.fromkeys(_CARRIED, pl.String),
    "previous_value": pl.Float64,
    "revision_distance": pl.Float64,
    "revision_orders": pl.Float64,
    "neighbour_period_id": pl.String,
    "neighbour_value": pl.Float64,
    "neighbour_distance": pl.Float64,
    "neighbour_orders": pl.Float64,
    "n_neighbours": pl.Int64,
    "step_period_id": pl.String,
    "step_value": pl.Float64,
    "step_orders": pl.Float64,
    "small_count": pl.Boolean,
    "believed": pl.Boolean,
    **dict.fromkeys(sorted(NAMES), pl.String),
    "subject": pl.String,
}

Row = Mapping[str, Any]
Line = tuple[Any, ...]


@dataclass(frozen=True)
class Limits:
    """Where a figure stops being believed; the rules of the suite state the same limits.

    `power_tolerance`: relative distance from a power of ten. `largest_orders`: decimal orders of magnitude.
    `neighbour_years`: how far away a neighbouring period may lie. `exempt_forms`: forms that are never
    compared. `unsettled_domains`: domains where a tenfold change from one year to the next is real.
    `small_count_below`: whole numbers of form level smaller than this (in the figure's own unit) may well go
    from 1 to 10 in a year.
    """

    power_tolerance: float
    largest_orders: float
    neighbour_years: int
    exempt_forms: Sequence[str]
    unsettled_domains: Sequence[str]
    small_count_below: float


@dataclass(frozen=True)
class Neighbour:
    """A figure of the same series at another year; `arrived_earlier` when it is not of the same document."""

    year: int
    value: float
    arrived_earlier: bool


@dataclass(frozen=True)
class Beside:
    """A figure beside what it is compared with; all None where there is nothing to compare."""

    reference: float | None = None
    reference_year: int | None = None
    distance: float | None = None
    orders: float | None = None

    def believed(self, limits: Limits) -> bool:
        """Whether the comparison leaves the figure standing; without one it stands."""
        if self.distance is None or self.orders is None:
            return True
        return self.distance > limits.power_tolerance and self.orders <= limits.largest_orders


def slot_and_year(period_id: str) -> tuple[str, int]:
    """The place of a period in its year, and the year: 2024-H1 -> (*-H1, 2024).

    A period without a single year of known extent is a slot of its own with year 0: it has no neighbours.
    """
    match = _ONE_YEAR.fullmatch(period_id)
    if match is None or period_id.endswith(_OPEN):
        return period_id, 0
    return f"{match['kind']}*{match['part']}", int(match["year"])


def prepare(observations: pl.DataFrame, held: frozenset[str], limits: Limits) -> Frame:
    """One row per observation with a finite value, beside what was known of its key and its neighbours.

    `previous_value` and `revision_*`: against the last believed vintage of the same key. For a first vintage
    `neighbour_*`: against the neighbours by majority; `step_*`: against the latest earlier year. `believed`:
    whether the figure is used as a reference for later ones.
    """
    figures = observations.filter(pl.col("value").is_not_null() & pl.col("value").is_finite()).sort(
        list(ARRIVAL)
    )
    rows = list(_walk(list(figures.iter_rows(named=True)), held, limits))
    return Frame(pl.DataFrame(rows, schema=_SCHEMA, orient="row"), NAMES)


def compare(value: float, reference: float | None) -> Beside:
    """A figure beside one other."""
    if reference is None or not comparable(value, reference):
        return Beside()
    return Beside(
        reference, None, distance_from_power_of_ten(value, reference), orders_of_magnitude(value, reference)
    )


def compare_with_neighbours(value: float, year: int, neighbours: Sequence[Neighbour]) -> Beside:
    """A figure beside its neighbours: a limit counts as crossed only where it is crossed against a majority.

    Of two figures that stand alone in one document nobody can say which is wrong; the later one is
    questioned.
    """
    usable = [neighbour for neighbour in neighbours if comparable(value, neighbour.value)]
    if not usable or (len(usable) == 1 and usable[0].year > year and not usable[0].arrived_earlier):
        return Beside()
    distances = [distance_from_power_of_ten(value, neighbour.value) for neighbour in usable]
    orders = [orders_of_magnitude(value, neighbour.value) for neighbour in usable]
    distance = majority_smallest(distances)
    shown = usable[distances.index(distance)]
    return Beside(shown.value, shown.year, distance, majority_largest(orders))


def _walk(rows: Sequence[Row], held: frozenset[str], limits: Limits) -> Iterator[dict[str, Any]]:
    """Go through the documents as they arrived, keeping the figure last believed for each year of a line."""
    believed: dict[Line, dict[int, float]] = {}
    for _, document in groupby(rows, key=_document):
        placed = [(row, *_line_and_year(row)) for row in document]
        together: dict[Line, dict[int, float]] = {}
        for row, line, year in placed:
            if row["observation_key"] not in held:
                together.setdefault(line, {}).setdefault(year, _in_base_unit(row))
        newly_believed: list[tuple[Line, int, float]] = []
        for row, line, year in placed:
            checked = _check(row, year, believed.get(line, {}), together.get(line, {}), limits)
            stands = checked["believed"] and row["observation_key"] not in held
            if stands:
                newly_believed.append((line, year, _in_base_unit(row)))
            yield {**checked, "believed": stands}
        for line, year, value in newly_believed:
            believed.setdefault(line, {})[year] = value


def _check(
    row: Row, year: int, before: Mapping[int, float], together: Mapping[int, float], limits: Limits
) -> dict[str, Any]:
    value = _in_base_unit(row)
    revision, beside, step = Beside(), Beside(), Beside()
    neighbours: list[Neighbour] = []
    if row["form"] not in limits.exempt_forms:
        if year in before:
            revision = compare(value, before[year])
        else:
            known = {other: Neighbour(other, figure, False) for other, figure in together.items()}
            known.update({other: Neighbour(other, figure, True) for other, figure in before.items()})
            neighbours = [
                known[other]
                for other in sorted(known)
                if other != year and abs(other - year) <= limits.neighbour_years
            ]
            if row["domain"] not in limits.unsettled_domains and not _is_small_count(row, neighbours, limits):
                beside = compare_with_neighbours(value, year, neighbours)
            earlier = [neighbour for neighbour in neighbours if neighbour.year < year]
            if earlier:
                step = compare(value, earlier[-1].value)
    slot = slot_and_year(row["period_id"])[0]
    factor: float = row["unit_factor"]
    return {
        **{name: row[name] for name in ("observation_key", *KEY, "vintage_at", "value", *_CARRIED)},
        "previous_value": _in_unit(revision.reference, factor),
        "revision_distance": revision.distance,
        "revision_orders": revision.orders,
        "neighbour_period_id": _period_id(slot, beside.reference_year),
        "neighbour_value": _in_unit(beside.reference, factor),
        "neighbour_distance": beside.distance,
        "neighbour_orders": beside.orders,
        "n_neighbours": len(neighbours),
        "step_period_id": None if step.reference is None else _period_id(slot, earlier[-1].year),
        "step_value": _in_unit(step.reference, factor),
        "step_orders": step.orders,
        "small_count": _is_small_count(row, neighbours, limits),
        "believed": revision.believed(limits) and beside.believed(limits),
        **{name: row[name] for name in sorted(NAMES)},
        "subject": row["indicator_code"],
    }


def _is_small_count(row: Row, neighbours: Sequence[Neighbour], limits: Limits) -> bool:
    if row["form"] != "level":
        return False
    factor: float = row["unit_factor"]
    figures = [row["value"], *(neighbour.value / factor for neighbour in neighbours)]
    return all(abs(figure) < limits.small_count_below and float(figure).is_integer() for figure in figures)


def _document(row: Row) -> tuple[Any, ...]:
    return row["vintage_at"], row["published_at"], row["route"], row["document"]


def _in_base_unit(row: Row) -> float:
    """The figure in the base unit of its dimension: a source may change the unit it prints."""
    figure: float = row["value"] * row["unit_factor"]
    return figure


def _in_unit(figure: float | None, factor: float) -> float | None:
    return None if figure is None else float(f"{figure / factor:.12g}")


def _period_id(slot: str, year: int | None) -> str | None:
    return None if year is None else slot.replace("*", str(year))


def _line_and_year(row: Row) -> tuple[Line, int]:
    """What must be equal for figures to be compared: series, slot, dimension, form and base."""
    slot, year = slot_and_year(row["period_id"])
    names = (
        "indicator_code",
        "area_id",
        "breakdown",
        "form",
        "source_id",
        "unit_dimension",
        "index_base",
        "price_basis",
    )
    return (*(row[name] for name in names), slot), year
