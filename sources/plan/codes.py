"""The codes a plan uses, held against the seeds that define them."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sources.plan.document import AREAS_FILE, MILESTONES_FILE, PLAN_FILE, RELATIONS_FILE, TARGETS_FILE
from sources.plan.plan import Plan
from sources.plan.rows import BadRow
from sources.plan.tables import PlanArea
from sources.problems import Problem


def _seed(seeds_dir: Path, name: str, key: str) -> dict[str, dict[str, str]]:
    """Return the rows of a seed by its key."""
    with (seeds_dir / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


# What another province's plan has to bring, or the project to be taught, where a code is not known.
_MENDS = {
    "area": f"correct it, or describe the area in the plan's own {AREAS_FILE}",
    "frame": "correct it, or add the frame to dbt_project/seeds/administrative_frame.csv",
    "indicator": "correct it, or define the indicator in dbt_project/seeds/indicator.csv",
    "unit": "correct it, or define the unit in dbt_project/seeds/unit.csv",
}
_CODE_COLUMNS = {"indicator_code": "indicator", "unit": "unit", "area_id": "area", "frame_id": "frame"}


def _fields_of(area: PlanArea) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in area}


def seed_area_ids(seeds_dir: Path) -> set[str]:
    """Return the areas that the project knows by itself."""
    return set(_seed(seeds_dir, "area", "area_id"))


def _area_problems(plan: Plan, areas: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    """Say which areas a plan brings differ from the seed, and which lie in one that is not known."""
    file = f"{plan.document.plan_version}/{AREAS_FILE}"
    own = {area.area_id for _, area in plan.areas}
    for number, area in plan.areas:
        stated = _fields_of(area)
        known = areas.get(area.area_id)
        if known is not None:
            differing = [name for name in stated if stated[name] != known[name]]
            if differing:
                message = f"area.csv has {area.area_id} with another {', '.join(differing)}"
                mend = "remove the row, or describe another area under another area_id"
                yield Problem(file, f"row {number}", message, mend)
        parent = area.parent_area_id
        if parent is not None and parent not in areas and parent not in own:
            message = f"'{parent}' is neither in area.csv nor in {AREAS_FILE}"
            yield Problem(file, f"row {number}, parent_area_id", message, "correct it, or add a row for it")


def code_problems(plan: Plan, seeds_dir: Path, bad_rows: Iterable[BadRow] = ()) -> list[Problem]:
    """Say which indicators, units, areas and frames of a plan the seeds do not have, or cannot go together.

    `bad_rows` are the rows of its tables that could not be read; their codes are looked up all the same.
    """
    indicators = _seed(seeds_dir, "indicator", "indicator_code")
    units = _seed(seeds_dir, "unit", "unit")
    areas = _seed(seeds_dir, "area", "area_id")
    frames = _seed(seeds_dir, "administrative_frame", "frame_id")
    version = plan.document.plan_version
    own_areas = {area.area_id for _, area in plan.areas}

    def named() -> Iterator[tuple[str, str, str, str | None]]:
        yield PLAN_FILE, "area_id", "area", plan.document.area_id
        for file, number, promise in plan.promises():
            yield file, f"row {number}, area_id", "area", promise.area_id
            yield file, f"row {number}, frame_id", "frame", promise.frame_id
        for number, target in plan.targets:
            place = f"row {number}, indicator_code"
            yield TARGETS_FILE, place, "indicator", target.indicator_code
            yield TARGETS_FILE, f"row {number}, unit", "unit", target.unit
        for number, relation in plan.relations:
            yield RELATIONS_FILE, f"row {number}, whole_unit", "unit", relation.whole_unit
        for bad in bad_rows:
            if bad.file in (TARGETS_FILE, MILESTONES_FILE):
                for column, what in _CODE_COLUMNS.items():
                    # A code that is no code at all was said with the row.
                    if column in bad.fields and column not in bad.wrong:
                        yield bad.file, f"row {bad.number}, {column}", what, bad.fields[column] or None

    known = {
        "area": areas.keys() | own_areas,
        "frame": frames.keys(),
        "indicator": indicators.keys(),
        "unit": units.keys(),
    }
    seeds = {
        "area": "area.csv",
        "frame": "administrative_frame.csv",
        "indicator": "indicator.csv",
        "unit": "unit.csv",
    }
    problems = [*_area_problems(plan, areas)]
    problems += [
        Problem(f"{version}/{file}", place, f"'{name}' is not in {seeds[what]}", _MENDS[what])
        for file, place, what, name in named()
        if name is not None and name not in known[what]
    ]
    for number, target in plan.targets:
        indicator = indicators.get(target.indicator_code)
        if indicator is not None and target.unit in units and indicator["unit"] in units:
            own = units[indicator["unit"]]["dimension"]
            found = units[target.unit]["dimension"]
            if not _fits(target.target_type, found, own):
                message = f"unit {target.unit} ({found}) does not go with {target.indicator_code} ({own})"
                mend = "choose another unit, or the indicator that the figure is of"
                problems.append(Problem(f"{version}/{TARGETS_FILE}", f"row {number}, unit", message, mend))
    return problems


def _fits(target_type: str, found: str, own: str) -> bool:
    """Whether a figure of dimension `found` can be a target of that type for an indicator of dimension `own`."""
    if target_type == "average_growth":
        return found == "ratio_per_year"
    found, own = found.removesuffix("_per_year"), own.removesuffix("_per_year")
    if target_type == "annual_change" and own == "ratio":
        # A share changes by percentage points, not by per cent.
        return found == "ratio_difference"
    return found == own
