"""Suite `scale`: each vintage beside what was known before it; is it larger or smaller by a power of ten?

Known before a vintage are the figures that arrived earlier and were believed; for the first vintage of a
period also the neighbouring periods of its series, those of the same document included. One wrong figure must
not make its right neighbours look wrong, so where several neighbours are known a majority of them decides.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from expectations import magnitude
from expectations.frame import Frame
from expectations.kept_results import read_kept, write_parquet
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

# What must be equal for figures to be compared: series, slot, dimension, form and base.
_LINE = [
    "indicator_code",
    "area_id",
    "breakdown",
    "form",
    "source_id",
    "unit_dimension",
    "index_base",
    "price_basis",
    "slot",
]
_WALKED = ("line", "arrived_with", "year", "value", "unit_factor", "form", "domain", "held")
_LINE_KEY = "line_key"
_KEPT_FILE = "scale_lines.parquet"
_DOCUMENT = ["vintage_at", "published_at", "route", "document"]


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


NOTHING = Beside()


class _Figure(NamedTuple):
    """One figure of a line. `document`: the number of the arrival it came with."""

    document: int
    year: int
    value: float
    factor: float
    in_base_unit: float
    exempt: bool
    level: bool
    unsettled: bool
    held: bool


class _Outcome(NamedTuple):
    """What a figure looks like beside what was known; the columns of `prepare` of these names."""

    previous_value: float | None
    revision_distance: float | None
    revision_orders: float | None
    neighbour_year: int | None
    neighbour_value: float | None
    neighbour_distance: float | None
    neighbour_orders: float | None
    n_neighbours: int
    step_year: int | None
    step_value: float | None
    step_orders: float | None
    small_count: bool
    believed: bool


_OUTCOME_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    name: pl.Int64 if name.endswith("_year") else _SCHEMA[name] for name in _Outcome._fields
}


def slot_and_year(period_id: str) -> tuple[str, int]:
    """The place of a period in its year, and the year: 2024-H1 -> (*-H1, 2024).

    A period without a single year of known extent is a slot of its own with year 0: it has no neighbours.
    """
    match = _ONE_YEAR.fullmatch(period_id)
    if match is None or period_id.endswith(_OPEN):
        return period_id, 0
    return f"{match['kind']}*{match['part']}", int(match["year"])


def prepare(
    observations: pl.DataFrame, held: frozenset[str], limits: Limits, kept_in: Path | None = None
) -> Frame:
    """One row per observation with a finite value, beside what was known of its key and its neighbours.

    In the directory `kept_in` the outcomes of every line are kept by all that decides them (`_line_keys`): a line that
    holds what it held is not gone through again.

    `previous_value` and `revision_*`: against the last believed vintage of the same key. For a first vintage
    `neighbour_*`: against the neighbours by majority; `step_*`: against the latest earlier year. `believed`:
    whether the figure is used as a reference for later ones.
    """
    figures = observations.filter(pl.col("value").is_not_null() & pl.col("value").is_finite()).sort(
        list(ARRIVAL)
    )
    placed = _placed(figures)
    rows = pl.concat([placed, _outcomes(placed, held, limits, kept_in)], how="horizontal").with_columns(
        _period_id("neighbour_year").alias("neighbour_period_id"),
        _period_id("step_year").alias("step_period_id"),
        pl.col("indicator_code").alias("subject"),
    )
    return Frame(rows.select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items()), NAMES)


def compare(value: float, reference: float | None) -> Beside:
    """A figure beside one other."""
    if reference is None or not comparable(value, reference):
        return NOTHING
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


def _placed(figures: pl.DataFrame) -> pl.DataFrame:
    """The figures with their place: row number, slot and year of the period, line (what may be compared), document."""
    periods = figures["period_id"].unique()
    places = [slot_and_year(period) for period in periods]
    slots = pl.DataFrame(
        {
            "period_id": periods,
            "slot": pl.Series([slot for slot, _ in places], dtype=pl.String),
            "year": pl.Series([year for _, year in places], dtype=pl.Int64),
        }
    )
    placed = figures.join(slots, on="period_id", how="left", maintain_order="left").with_row_index("number")
    lines = placed.select(_LINE).unique(maintain_order=True).with_row_index("line")
    return placed.join(lines, on=_LINE, how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.struct(_DOCUMENT).rle_id().alias("arrived_with")
    )


def _outcomes(
    placed: pl.DataFrame, held: frozenset[str], limits: Limits, kept_in: Path | None
) -> pl.DataFrame:
    """The outcome of each placed figure, in their order; the columns of _OUTCOME_SCHEMA."""
    figures = placed.sort("line", "number").with_columns(
        pl.col("observation_key").is_in(list(held)).alias("held")
    )
    lines = figures.with_row_index("start").group_by("line", maintain_order=True).agg(pl.col("start").first())
    spans = list(pairwise([*lines["start"], figures.height]))
    lines = lines.with_columns(pl.Series(_LINE_KEY, _line_keys(figures, spans, limits), dtype=pl.String))
    lists = {name: pl.List(dtype) for name, dtype in _OUTCOME_SCHEMA.items()}
    kept = read_kept(kept_in and kept_in / _KEPT_FILE, {_LINE_KEY: pl.String, **lists})
    waiting = lines.join(kept, on=_LINE_KEY, how="anti", maintain_order="left")
    rows = figures.join(waiting, on="line", how="semi", maintain_order="left").select(_WALKED).iter_rows()
    new = [
        (key, *zip(*_walk(_of_line(rows_of_line, limits), limits), strict=True))
        for key, (_, rows_of_line) in zip(waiting[_LINE_KEY], groupby(rows, key=itemgetter(0)), strict=True)
    ]
    known = pl.concat([kept, pl.DataFrame(new, schema=kept.schema, orient="row")]).unique(_LINE_KEY)
    if kept_in is not None and new:
        write_parquet(kept_in / _KEPT_FILE, known.join(lines, on=_LINE_KEY, how="semi").sort(_LINE_KEY))
    walked = lines.select(_LINE_KEY).join(known, on=_LINE_KEY, how="left", maintain_order="left")
    walked = walked.select(list(_OUTCOME_SCHEMA)).explode(list(_OUTCOME_SCHEMA))
    numbered = pl.concat([figures.select("number"), walked], how="horizontal")
    return numbered.sort("number").drop("number")


def _line_keys(figures: pl.DataFrame, spans: Sequence[tuple[int, int]], limits: Limits) -> list[str]:
    """For each line a sha256 of all that decides its outcomes: its figures, the limits and the code of the comparison.

    `figures` stand line by line; `spans` say from which row to which.
    """
    start = repr((_code(), astuple(limits))).encode()
    texts = figures.select(
        pl.concat_str(
            [pl.col(name).cast(pl.String).fill_null("\0") for name in (*_DOCUMENT, "form", "domain", "held")],
            separator="\x1f",
        ).alias("text")
    )["text"].to_list()
    numbers = [figures[name].to_numpy() for name in ("year", "value", "unit_factor")]
    keys = []
    for first, last in spans:
        digest = hashlib.sha256(start)
        for values in numbers:
            digest.update(values[first:last].tobytes())
        digest.update("\x1e".join(texts[first:last]).encode())
        keys.append(digest.hexdigest())
    return keys


@cache
def _code() -> str:
    """A digest of the code that decides an outcome."""
    files = (Path(__file__), Path(magnitude.__file__))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _of_line(rows: Iterable[tuple[Any, ...]], limits: Limits) -> list[_Figure]:
    """The figures of one line, in order of arrival; `rows` have the columns _WALKED."""
    return [
        _Figure(
            document=document,
            year=year,
            value=value,
            factor=factor,
            # A source may change the unit it prints.
            in_base_unit=value * factor,
            exempt=form in limits.exempt_forms,
            level=form == "level",
            unsettled=domain in limits.unsettled_domains,
            held=held,
        )
        for _, document, year, value, factor, form, domain, held in rows
    ]


def _walk(figures: Sequence[_Figure], limits: Limits) -> Iterator[_Outcome]:
    """Go through the documents of a line as they arrived, keeping the figure last believed for each year."""
    believed: dict[int, float] = {}
    for _, arrived in groupby(figures, key=lambda figure: figure.document):
        document = list(arrived)
        together: dict[int, float] = {}
        for figure in document:
            if not figure.held:
                together.setdefault(figure.year, figure.in_base_unit)
        newly_believed: dict[int, float] = {}
        for figure in document:
            outcome = _check(figure, believed, together, limits)
            if outcome.believed:
                newly_believed[figure.year] = figure.in_base_unit
            yield outcome
        believed |= newly_believed


def _check(
    figure: _Figure, before: Mapping[int, float], together: Mapping[int, float], limits: Limits
) -> _Outcome:
    revision, beside, step = NOTHING, NOTHING, NOTHING
    neighbours: list[Neighbour] = []
    step_year: int | None = None
    if not figure.exempt:
        if figure.year in before:
            revision = compare(figure.in_base_unit, before[figure.year])
        else:
            neighbours = _neighbours(figure.year, before, together, limits.neighbour_years)
            if not figure.unsettled and not _is_small_count(figure, neighbours, limits):
                beside = compare_with_neighbours(figure.in_base_unit, figure.year, neighbours)
            earlier = [neighbour for neighbour in neighbours if neighbour.year < figure.year]
            if earlier:
                step = compare(figure.in_base_unit, earlier[-1].value)
                step_year = None if step.reference is None else earlier[-1].year
    factor = figure.factor
    return _Outcome(
        previous_value=_in_unit(revision.reference, factor),
        revision_distance=revision.distance,
        revision_orders=revision.orders,
        neighbour_year=beside.reference_year,
        neighbour_value=_in_unit(beside.reference, factor),
        neighbour_distance=beside.distance,
        neighbour_orders=beside.orders,
        n_neighbours=len(neighbours),
        step_year=step_year,
        step_value=_in_unit(step.reference, factor),
        step_orders=step.orders,
        small_count=_is_small_count(figure, neighbours, limits),
        believed=revision.believed(limits) and beside.believed(limits) and not figure.held,
    )


def _neighbours(
    year: int, before: Mapping[int, float], together: Mapping[int, float], years_away: int
) -> list[Neighbour]:
    """The figures known of the years around a year, in order; what arrived earlier before the document's own."""
    found = []
    for other in range(year - years_away, year + years_away + 1):
        if other == year:
            continue
        if other in before:
            found.append(Neighbour(other, before[other], True))
        elif other in together:
            found.append(Neighbour(other, together[other], False))
    return found


def _is_small_count(figure: _Figure, neighbours: Sequence[Neighbour], limits: Limits) -> bool:
    if not figure.level:
        return False
    return all(
        abs(value) < limits.small_count_below and float(value).is_integer()
        for value in (figure.value, *(neighbour.value / figure.factor for neighbour in neighbours))
    )


def _in_unit(figure: float | None, factor: float) -> float | None:
    return None if figure is None else float(f"{figure / factor:.12g}")


def _period_id(year: str) -> pl.Expr:
    """The period of the row's slot in the year that a column names."""
    return pl.when(pl.col(year).is_not_null()).then(
        pl.col("slot").str.split("*").list.join(pl.col(year).cast(pl.String))
    )
