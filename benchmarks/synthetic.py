"""A made set of about a million observations, for the benchmark alone: every figure and every source is synthetic.

Fifty made sources give figures of real indicators and areas of the seeds, over years and months, in five issues each.
Most figures are revised by every issue, one in five is printed again unchanged, a line is no longer listed after the
first issue. Some sources give what others give too. The same numbers come out every time; nothing of it is ever
committed or published.
"""

import csv
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from sources.registry import load_records
from sources.retrieve import retrieve
from store.settings import Settings
from store.state import migrate

SOURCES = 50
ISSUES = 5
# Sources that give facts of their own; the others repeat those of the first ones, with a hundredth of them otherwise.
_OWN = 42
_INDICATORS = 22
_AREAS = 11
_YEARS = range(2010, 2024)
_MONTHS = [f"2024-M{month:02d}" for month in range(1, 8)]
PERIODS = (*map(str, _YEARS), *_MONTHS)
# The share of the figures of an issue that the next one repeats.
_REPEATED = 0.2
_SEED = 20_261_120


@dataclass(frozen=True)
class Indicator:
    """An indicator of the seeds, as the made sources print it."""

    code: str
    label: str
    unit: str
    form: str


@dataclass(frozen=True)
class Area:
    """An area of the seeds, as the made sources print it."""

    area_id: str
    label: str


def prepare(folder: Path, seeds_dir: Path) -> None:
    """Make the folders `specs` and `recorded` under `folder`, with no source in them yet."""
    (folder / "specs").mkdir(parents=True)
    (folder / "recorded").mkdir()
    (folder / "seeds").symlink_to(seeds_dir.resolve())


def settings_of(settings: Settings, folder: Path) -> Settings:
    """The settings with the made sources instead of the project's, under a home of their own."""
    return settings.model_copy(
        update={
            "home": folder / "home",
            "specs_dir": folder / "specs",
            "recorded_dir": folder / "recorded",
        }
    )


def source_id(number: int) -> str:
    """The id of a made source."""
    return f"synthetic_{number:02d}"


def write_issue(folder: Path, issue: int, numbers: Sequence[int] = range(SOURCES)) -> int:
    """Write an issue (1, 2, …) of the made sources: their records and their tables; returns the cells in them."""
    indicators, areas = _indicators(folder / "seeds"), _areas(folder / "seeds")
    cells = 0
    for number in numbers:
        own = number if number < _OWN else number - _OWN
        listed = _facts(own, indicators, areas)
        figures = _figures(own, listed, issue, other=number != own)
        shown = len(listed) if issue == 1 else len(listed) - 1
        _write_table(folder / "recorded" / f"{source_id(number)}.csv", listed[:shown], figures)
        _write_record(folder / "specs" / f"{source_id(number)}.yml", number, issue, listed)
        cells += shown * len(PERIODS)
    return cells


def land_issues(settings: Settings, folder: Path, issues: Sequence[int]) -> int:
    """Write issues one after the other and retrieve each as a run would; returns the cells in them."""
    migrate(settings)
    cells = 0
    for issue in issues:
        cells += write_issue(folder, issue)
        for record in load_records(settings.specs_dir).records.values():
            outcomes = retrieve(settings, record, False, uuid.uuid4().hex)
            faults = [outcome for outcome in outcomes if outcome.is_fault]
            if faults:
                raise RuntimeError(f"{faults[0].source_id}: {faults[0].reason}")
    return cells


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _indicators(seeds_dir: Path) -> list[Indicator]:
    """Indicators that any positive figure fits: levels without an upper bound."""
    fitting = [
        Indicator(row["indicator_code"], row["name_vi"], row["unit"], row["form"])
        for row in _rows(seeds_dir / "indicator.csv")
        if row["form"] == "level" and not row["upper_bound"]
    ]
    return fitting[: 2 * _INDICATORS]


def _areas(seeds_dir: Path) -> list[Area]:
    """The areas of the seeds, the home province and the districts first; names beside ids, for names repeat."""
    rows = sorted(_rows(seeds_dir / "area.csv"), key=lambda row: row["level"] == "commune")
    ids = dict.fromkeys(row["area_id"] for row in rows)
    names = {row["area_id"]: row["name_vi"] for row in rows}
    return [Area(area_id, f"{names[area_id]} ({area_id})") for area_id in ids]


def _facts(own: int, indicators: Sequence[Indicator], areas: Sequence[Area]) -> list[tuple[Indicator, Area]]:
    """What a source lists: half of the indicators for one block of areas."""
    half, block = own % 2, own // 2
    return [
        (indicator, area)
        for indicator in indicators[half * _INDICATORS : (half + 1) * _INDICATORS]
        for area in areas[block * _AREAS : (block + 1) * _AREAS]
    ]


def _figures(own: int, listed: Sequence[object], issue: int, *, other: bool) -> np.ndarray:
    """The figures of an issue, rows of `listed` by PERIODS: a smooth growth with small yearly shocks and revisions."""
    chance = np.random.Generator(np.random.PCG64([_SEED, own]))
    shape = (len(listed), len(PERIODS))
    start = 10.0 ** chance.uniform(2.0, 4.5, (len(listed), 1))
    # Figures of a month are of the size of a year's: what is measured is the warehouse, not the world.
    steps = np.cumsum(chance.normal(0.04, 0.02, shape), axis=1)
    figures = start * np.exp(steps)
    for _ in range(1, issue):
        revised = chance.random(shape) >= _REPEATED
        figures = np.where(revised, figures * (1.0 + chance.normal(0.0, 0.004, shape)), figures)
    if other:
        differing = np.random.Generator(np.random.PCG64([_SEED, own, 1])).random(shape) < 0.01
        figures = np.where(differing, figures * 1.02, figures)
    return figures


def _write_table(path: Path, listed: Sequence[tuple[Indicator, Area]], figures: np.ndarray) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["indicator", "area", "unit", *PERIODS])
        for (indicator, area), values in zip(listed, figures, strict=False):
            writer.writerow(
                [indicator.label, area.label, indicator.unit, *(f"{value:.3f}" for value in values)]
            )


def _write_record(path: Path, number: int, issue: int, listed: Sequence[tuple[Indicator, Area]]) -> None:
    areas = dict.fromkeys(area for _, area in listed)
    indicators = dict.fromkeys(indicator for indicator, _ in listed)
    arrived, published = date(2026, 11, issue), date(2018 + issue, 6, 30)
    labels = "\n".join(f'          "{area.label}": {area.area_id}' for area in areas)
    series = "\n".join(
        f'        - where: {{indicator: "{indicator.label}"}}\n'
        f"          indicator: {indicator.code}\n          unit: {indicator.unit}\n"
        f"          form: {indicator.form}\n          breakdown: _T"
        for indicator in indicators
    )
    path.write_text(
        f"""source_id: {source_id(number)}
title: {{vi: "Số liệu giả lập để đo tốc độ {number:02d}", en: "Synthetic figures of the benchmark {number:02d}"}}
publisher: {{vi: "Số liệu giả lập {number:02d}", en: "Synthetic {number:02d}"}}
publisher_kind: research
rank: {50 + number % 7}
origin: original
licence: Made figures, of no meaning.
access: public
cadence: irregular
topic: synthetic
routes:
  recorded:
    documents:
      - document: synthetic_table
        file: {source_id(number)}.csv
        vintage_at: {arrived}
        published_at: {published}
        published_at_basis: printed
    reading: {{adapter: csv_table, figures: [{", ".join(f'"{period}"' for period in PERIODS)}], columns: period,
      unit_column: unit, separator: ",", title: "Synthetic figures"}}
    mapping:
      area:
        dimension: area
        labels:
{labels}
      period: {{dimension: period, format: period_id}}
      unit_column: false
      series:
{series}
""",
        encoding="utf-8",
    )
