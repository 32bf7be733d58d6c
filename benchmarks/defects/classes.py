"""The classes of defects, each put into a real series at a place drawn at random.

What is drawn is a pure function of the random generator and the body. A defect arrives as a new issue, a few days
after everything else, in one of two ways:

* `first`: what is known ends before the period; the figure of the period arrives for the first time, and is wrong;
* `revision`: the period is known; a later issue gives another figure for it, and that one is wrong.
"""

import hashlib
import math
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import polars as pl

from benchmarks.defects.bodies import Row

FIRST, REVISION, SHEET = "first figure", "revision", "whole sheet"
BY_TITLE, BY_COLUMNS = "whole sheet, period from the title", "whole sheet, period from the columns"
NEW_TITLE, SAME_BYTES = "whole sheet under a new title", "the same bytes"

# What makes a series: everything of a figure's key but its period.
_SERIES = ("indicator_code", "area_id", "breakdown", "form", "source_id", "unit")
_FACT = ("indicator_code", "area_id", "period_id", "breakdown", "form")
_ANNUAL = re.compile(r"\d{4}")
_YEARS = re.compile(r"(?:19|20)\d{2}")
_SMALLEST_SHIFT, _LARGEST_SHIFT = 0.01, 0.3
_GROUPS = (("SEX_MALE", "SEX_FEMALE"), ("RES_URBAN", "RES_RURAL"))
_SHARES = (
    "GRDP_SHARE_AGRICULTURE",
    "GRDP_SHARE_INDUSTRY_CONSTRUCTION",
    "GRDP_SHARE_SERVICES",
    "GRDP_SHARE_PRODUCT_TAXES",
)
# The report that follows one to the end of the quarter, half-year or nine months.
_NEXT_REPORT = {"-Q1": "-H1", "-H1": "-YTD09"}
# When a defect arrives: after everything else.
LATER = timedelta(days=5)

Series = tuple[str, ...]
Place = tuple[str, str]
Sheet = tuple[str, str]


@dataclass(frozen=True)
class Injection:
    """One defect: the observations that were not yet there, those that arrive, and what a finding must name.

    `document` brings the defect: `added`, or the very bytes of another document (`same_bytes_as`: source, route,
    document). `places`: the indicators of areas it is about; `sheets`: their sources and areas. `size`:
    |ln(wrong / right)| of the figure, the largest one of several; None where there is no right figure. `alone`:
    nothing of the same series and no other source to compare with.
    """

    defect: str
    variant: str
    document: str
    removed: frozenset[str]
    added: tuple[Row, ...]
    places: frozenset[Place]
    sheets: frozenset[Sheet]
    size: float | None
    alone: bool
    same_bytes_as: tuple[str, str, str] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the defect is one of a sheet, not of a figure on it."""
        return self.variant not in (FIRST, REVISION)

    @property
    def keys(self) -> frozenset[str]:
        """The observations that are wrong."""
        return frozenset(str(row["observation_key"]) for row in self.added)


class Pool:
    """The published figures of a body in force, by series, fact and sheet; made once for a body."""

    def __init__(self, observations: pl.DataFrame, flows: Iterable[str], running: Iterable[str]) -> None:
        published = observations.filter(
            pl.col("derivation_id").is_null() & pl.col("value").is_not_null() & ~pl.col("breakdown").is_null()
        ).sort([*_SERIES, "period_id", "arrival"], nulls_last=False)
        self.flows, self.running = frozenset(flows), frozenset(running)
        self.series: dict[Series, dict[str, Row]] = defaultdict(dict)
        self.vintages: dict[tuple[Series, str], list[str]] = defaultdict(list)
        self.sources_of: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self.last_arrival: datetime = observations.select(pl.col("vintage_at").max()).item()
        for row in published.iter_rows(named=True):
            series = series_of(row)
            # Sorted by arrival: the last one stays.
            self.series[series][row["period_id"]] = row
            self.vintages[series, row["period_id"]].append(row["observation_key"])
            self.sources_of[tuple(row[name] for name in _FACT)].add(row["source_id"])
        self.rows = [row for by_period in self.series.values() for row in by_period.values()]
        self.sheets: dict[tuple[str, str], list[Series]] = defaultdict(list)
        self.tables: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for series in self.series:
            self.sheets[series[4], series[1]].append(series)
        self.breakdowns: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for row in self.rows:
            fact = (row["indicator_code"], row["area_id"], row["period_id"], row["source_id"])
            self.breakdowns[fact].add(row["breakdown"])
            self.tables[row["source_id"], row["period_id"], row["unit"]].append(row)

    def keys_from(self, series: Series, period_id: str) -> list[str]:
        """The observations of a series from a period on: what was not known before it."""
        return [
            key for other in self.series[series] if other >= period_id for key in self.vintages[series, other]
        ]

    def stands_with_others(self, row: Row) -> bool:
        """Whether a figure is part of a sum or structure, or another source gives the same fact."""
        breakdowns = self.breakdowns[
            row["indicator_code"], row["area_id"], row["period_id"], row["source_id"]
        ]
        sources = self.sources_of[tuple(row[name] for name in _FACT)]
        return len(breakdowns) > 1 or len(sources) > 1 or row["indicator_code"] in _SHARES

    def is_alone(self, row: Row, variant: str) -> bool:
        """Whether nothing of the series before the period, and no other source, speaks about a figure."""
        if variant == REVISION:
            return False
        others = self.sources_of[tuple(row[name] for name in _FACT)] - {row["source_id"]}
        earlier = [period for period in self.series[series_of(row)] if period < row["period_id"]]
        return not others and not earlier


@dataclass(frozen=True)
class Draw:
    """What a class draws from: the figures, the dice, and the name of the document that brings the result."""

    pool: Pool
    chance: random.Random
    document: str


DefectClass = Callable[[Draw], Injection | None]


def series_of(row: Row) -> Series:
    """The series of a figure."""
    return tuple(str(row[name]) for name in _SERIES)


def unit_slip(draw: Draw) -> Injection | None:
    """A figure a thousand times too large or too small; levels only, a rate or a rank has no such unit."""
    row = draw.chance.choice(draw.pool.rows)
    if row["form"] != "level" or not row["value"]:
        return None
    factor = draw.chance.choice([Decimal(1000), Decimal("0.001")])
    # The slipped figure has the digits of the right one; its rounding moves with the unit.
    rounding = row["rounding_half_width"]
    changes = {"rounding_half_width": None if rounding is None else rounding * float(factor)}
    return _figure("unit slip by 10³", draw, row, row["value"] * factor, changes)


def digit_slip(draw: Draw) -> Injection | None:
    """A digit typed wrong: the first one another, two exchanged, one left out or typed twice."""
    row = draw.chance.choice(draw.pool.rows)
    printed = f"{row['value']:.{_decimals(row)}f}"
    wrong = _mistyped(printed, draw.chance)
    if wrong is None:
        return None
    return _figure("digit slip", draw, row, Decimal(wrong))


def swapped_row(draw: Draw) -> Injection | None:
    """Two figures of one table and period, in one unit, each on the other's row."""
    row = draw.chance.choice(draw.pool.rows)
    table = draw.pool.tables[row["source_id"], row["period_id"], row["unit"]]
    same = [
        other
        for other in table
        if other["value"] != row["value"]
        and (
            other["area_id"] == row["area_id"]
            or (other["indicator_code"], other["breakdown"]) == (row["indicator_code"], row["breakdown"])
        )
    ]
    if not same:
        return None
    other = draw.chance.choice(same)
    variant = draw.chance.choice([FIRST, REVISION])
    pairs = [(row, other["value"]), (other, row["value"])]
    return _sheet("swapped row", variant, draw, [(of, of["period_id"], v) for of, v in pairs])


def title_repeated(draw: Draw) -> Injection | None:
    """A sheet of a year's figures under the title of the year before.

    Where the period is read from the title, the year before is revised; where it is read from the columns, the figures
    are right and the title alone is wrong.
    """
    found = _two_years(draw)
    if found is None:
        return None
    later = [(series_of(after), after["period_id"]) for _, after in found]
    defect = "last year's title on this year's sheet"
    if draw.chance.random() < 0.5:
        rows = [(before, before["period_id"], after["value"]) for before, after in found]
        return _sheet(defect, BY_TITLE, draw, rows, also_gone=later)
    titles = {str(after["table_title"]) for _, after in found}
    year, year_before = found[0][1]["period_id"], found[0][0]["period_id"]
    if len(titles) != 1 or set(_YEARS.findall(min(titles))) != {year}:
        return None
    rows = [(after, year, after["value"]) for _, after in found]
    changes = {"table_title": min(titles).replace(year, year_before)}
    return _sheet(defect, BY_COLUMNS, draw, rows, changes=changes, also_gone=later)


def file_again(draw: Draw) -> Injection | None:
    """The file of the year before again: its figures under the title of the year, or its very bytes."""
    found = _two_years(draw)
    if found is None:
        return None
    year, year_before = found[0][1]["period_id"], found[0][0]["period_id"]
    sheet = draw.pool.sheets[found[0][0]["source_id"], found[0][0]["area_id"]]
    later = [(series, year) for series in sheet]
    # The whole sheet of the year before, with what the year does not have.
    rows = [
        by_period[year_before]
        for by_period in map(draw.pool.series.__getitem__, sheet)
        if year_before in by_period
    ]
    defect = "last period's file again"
    if draw.chance.random() < 0.5:
        return _sheet(defect, NEW_TITLE, draw, [(row, year, row["value"]) for row in rows], also_gone=later)
    before = _sheet(
        defect, SAME_BYTES, draw, [(row, year_before, row["value"]) for row in rows], also_gone=later
    )
    one = rows[0]
    return replace(before, added=(), same_bytes_as=(one["source_id"], one["route"], one["document"]))


def running_total_falls(draw: Draw) -> Injection | None:
    """A later report since January, or a later year of a running total, below the one before it."""
    row = draw.chance.choice(draw.pool.rows)
    if row["form"] != "level" or not row["value"]:
        return None
    later = _next_report(draw.pool, row)
    if later is None:
        return None
    value = _rounded(row, row["value"] * Decimal(str(draw.chance.uniform(0.3, 0.99))))
    if value >= row["value"]:
        return None
    return _sheet("a running total that falls", FIRST, draw, [(row, later, value)])


def estimate_after_final(draw: Draw) -> Injection | None:
    """An estimate issued after the preliminary or official figure of the same period."""
    row = draw.chance.choice(draw.pool.rows)
    if row["maturity"] not in ("preliminary", "official"):
        return None
    value = _rounded(row, row["value"] * Decimal(str(1 + draw.chance.uniform(-0.03, 0.03))))
    changes = {"maturity": "estimate"}
    return _sheet(
        "an estimate newer than a final",
        REVISION,
        draw,
        [(row, row["period_id"], value)],
        changes=changes,
    )


def parts_apart(draw: Draw) -> Injection | None:
    """One part, or the total, of a structure revised alone by 1 to 30 per cent of itself."""
    row = draw.chance.choice(draw.pool.rows)
    series = draw.pool.series
    if row["indicator_code"] in _SHARES:
        members = [
            series.get((code, *series_of(row)[1:]), {}).get(row["period_id"])
            for code in _SHARES
        ]  # fmt: skip
    else:
        group = next((group for group in _GROUPS if row["breakdown"] in group), None)
        if group is None or row["form"] != "level":
            return None
        members = [
            series.get((*series_of(row)[:2], breakdown, *series_of(row)[3:]), {}).get(row["period_id"])
            for breakdown in (*group, "_T")
        ]
    if any(member is None for member in members):
        return None
    chosen = draw.chance.choice([member for member in members if member is not None])
    value = _shifted(chosen, draw.chance)
    if value is None:
        return None
    return _sheet("parts that do not sum", REVISION, draw, [(chosen, chosen["period_id"], value)])


def sources_apart(draw: Draw) -> Injection | None:
    """Another source gives the same fact, 1 to 30 per cent away."""
    row = draw.chance.choice(draw.pool.rows)
    given = draw.pool.sources_of[tuple(row[name] for name in _FACT)]
    others = sorted({series[4] for series in draw.pool.series} - given)
    value = _shifted(row, draw.chance)
    if not others or value is None:
        return None
    changes = {"source_id": draw.chance.choice(others)}
    made = _arriving(draw, row, row["period_id"], value, changes)
    return Injection(
        "two sources apart",
        FIRST,
        draw.document,
        frozenset(),
        (made,),
        frozenset({_place(row)}),
        frozenset({(str(made["source_id"]), str(row["area_id"]))}),
        _size(value, row["value"]),
        False,
    )


CLASSES: Mapping[str, DefectClass] = {
    "last year's title on this year's sheet": title_repeated,
    "last period's file again": file_again,
    "unit slip by 10³": unit_slip,
    "swapped row": swapped_row,
    "digit slip": digit_slip,
    "a running total that falls": running_total_falls,
    "an estimate newer than a final": estimate_after_final,
    "parts that do not sum": parts_apart,
    "two sources apart": sources_apart,
}


def right_sheet(draw: Draw) -> Injection | None:
    """No defect: the figures of a year as they are, sent when only those of earlier years are known."""
    found = _two_years(draw)
    if found is None:
        return None
    rows = [(after, after["period_id"], after["value"]) for _, after in found]
    later = [(series_of(after), after["period_id"]) for _, after in found]
    return _sheet("the right figures of a year", SHEET, draw, rows, also_gone=later)


def small_revision(draw: Draw) -> Injection | None:
    """No defect: a later issue moves a known figure by at most one per cent."""
    row = draw.chance.choice(draw.pool.rows)
    value = _rounded(row, row["value"] * Decimal(str(1 + draw.chance.uniform(-0.01, 0.01))))
    # One part revised alone is a defect, and two sources that give a fact are apart after it.
    if value == row["value"] or draw.pool.stands_with_others(row):
        return None
    figures = [(row, row["period_id"], value)]
    return _sheet("a revision of at most 1 %", REVISION, draw, figures)


# What a good source sends: whatever a rule says of these is a false alarm.
CONTROLS: Mapping[str, DefectClass] = {
    "the right figures of a year": right_sheet,
    "a revision of at most 1 %": small_revision,
}


def _figure(
    defect: str,
    draw: Draw,
    row: Row,
    value: Decimal,
    changes: Mapping[str, Any] | None = None,
) -> Injection | None:
    if value == row["value"]:
        return None
    variant = draw.chance.choice([FIRST, REVISION])
    return _sheet(defect, variant, draw, [(row, row["period_id"], value)], changes=changes)


def _sheet(
    defect: str,
    variant: str,
    draw: Draw,
    figures: Sequence[tuple[Row, str, Decimal]],
    *,
    changes: Mapping[str, Any] | None = None,
    also_gone: Iterable[tuple[Series, str]] = (),
) -> Injection:
    """A document with a wrong figure for each (row it is modelled on, period, value)."""
    removed: set[str] = set()
    for series, period_id in also_gone:
        removed.update(draw.pool.keys_from(series, period_id))
    if variant == FIRST:
        for row, period_id, _ in figures:
            removed.update(draw.pool.keys_from(series_of(row), period_id))
    # One document comes by one route.
    changed = {"route": figures[0][0]["route"], **(changes or {})}
    added = [_arriving(draw, row, period_id, value, changed) for row, period_id, value in figures]
    sizes = [_size(value, row["value"]) for row, _, value in figures]
    return Injection(
        defect,
        variant,
        draw.document,
        frozenset(removed),
        tuple(added),
        frozenset(_place(row) for row, _, _ in figures),
        frozenset((str(row["source_id"]), str(row["area_id"])) for row, _, _ in figures),
        max((size for size in sizes if size is not None), default=None),
        all(draw.pool.is_alone({**row, "period_id": period_id}, variant) for row, period_id, _ in figures),
    )


def _arriving(draw: Draw, row: Row, period_id: str, value: Decimal, changes: Mapping[str, Any]) -> Row:
    """A figure as a new issue brings it, five days after all others, with its day of issue printed."""
    arrives = draw.pool.last_arrival + LATER
    title, year = str(row["table_title"] or ""), re.search(r"\d{4}", str(row["period_id"]))
    named = set(_YEARS.findall(title))
    if year is not None and named == {year[0]}:
        title = title.replace(year[0], re.findall(r"\d{4}", period_id)[0])
    elif named:
        # The title of a table of many years is not that of a sheet of one.
        title = _YEARS.sub("", title)
    made = {
        **row,
        "table_title": title,
        "period_id": period_id,
        "value": value,
        "value_text": f"{value:f}",
        "value_decimals": _decimals({**row, "value": value}),
        "vintage_at": arrives,
        "published_at": arrives.date(),
        "published_at_basis": "printed",
        "document": draw.document,
        "snapshot_sha256": hashlib.sha256(draw.document.encode()).hexdigest(),
        "confirmed_published_at": arrives.date(),
        "confirmed_vintage_at": arrives,
        "citation_title": draw.document,
        **changes,
    }
    name = "|".join(str(made[part]) for part in (*_SERIES, "period_id", "document"))
    made["observation_key"] = hashlib.md5(name.encode()).hexdigest()
    return made


def _two_years(draw: Draw) -> list[tuple[Row, Row]] | None:
    """The figures of a sheet (one source, one area) of two neighbouring years: series by series (before, after)."""
    sheet = draw.pool.sheets[draw.chance.choice(sorted(draw.pool.sheets))]
    years = sorted(
        {period for series in sheet for period in draw.pool.series[series] if _ANNUAL.fullmatch(period)}
    )
    if len(years) < 2:
        return None
    after = draw.chance.choice(years[1:])
    before = str(int(after) - 1)
    pairs = [
        (draw.pool.series[series][before], draw.pool.series[series][after])
        for series in sheet
        if before in draw.pool.series[series] and after in draw.pool.series[series]
    ]
    changed = [pair for pair in pairs if pair[0]["value"] != pair[1]["value"]]
    # A sheet whose every figure stayed the same shows nothing of the mistake.
    return pairs if changed else None


def _next_report(pool: Pool, row: Row) -> str | None:
    period_id = str(row["period_id"])
    if row["indicator_code"] in pool.running and _ANNUAL.fullmatch(period_id):
        return str(int(period_id) + 1)
    if row["indicator_code"] not in pool.flows:
        return None
    for part, following in _NEXT_REPORT.items():
        if period_id.endswith(part):
            return period_id.removesuffix(part) + following
    if re.fullmatch(r"\d{4}-YTD\d{2,4}", period_id):
        return period_id[:4]
    return None


def _mistyped(printed: str, chance: random.Random) -> str | None:
    places = [place for place, sign in enumerate(printed) if sign.isdigit()]
    first = next((place for place in places if printed[place] != "0"), None)
    if first is None:
        return None
    signs = list(printed)
    whole = printed.partition(".")[0].lstrip("-")
    match chance.choice(["first", "exchanged", "left out", "twice"]):
        case "first":
            signs[first] = chance.choice([digit for digit in "123456789" if digit != printed[first]])
        case "exchanged":
            of_three = [place for place in places if place >= first][:3]
            pairs = [(one, two) for one, two in pairwise(of_three) if printed[one] != printed[two]]
            if not pairs:
                return None
            one, two = chance.choice(pairs)
            signs[one], signs[two] = signs[two], signs[one]
        case "left out":
            if len(whole) < 2:
                return None
            del signs[chance.choice([place for place in places if place < printed.index(whole) + len(whole)])]
        case "twice":
            signs.insert(first, printed[first])
    return "".join(signs)


def _shifted(row: Row, chance: random.Random) -> Decimal | None:
    """The figure moved by 1 to 30 per cent (small moves as often as large ones), or None where rounding hides it."""
    share = math.exp(chance.uniform(math.log(_SMALLEST_SHIFT), math.log(_LARGEST_SHIFT)))
    value = _rounded(row, row["value"] * Decimal(str(1 + chance.choice([-1, 1]) * share)))
    return None if value == row["value"] else value


def _rounded(row: Row, value: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-_decimals(row)))


def _decimals(row: Row) -> int:
    """Decimals of a figure in the unit it is kept in, which may be another than the printed one."""
    return max(int(row["value_decimals"] or 0), -int(row["value"].normalize().as_tuple().exponent), 0)


def _size(wrong: Decimal, right: Decimal) -> float | None:
    if not right or not wrong or (wrong > 0) != (right > 0):
        return None
    return abs(math.log(float(wrong / right)))


def _place(row: Row) -> Place:
    return str(row["area_id"]), str(row["indicator_code"])
