"""The source records on disk: loading, what is wrong with them, and the JSON Schema that editors use."""

import csv
import json
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from sources.cells import ReadingError
from sources.problems import Problem, load_yaml, problems_of
from sources.reading import read
from sources.record import AreaByLabel, AreaConstant, SourceRecord

SCHEMA_FILE = "source_record.schema.json"


@dataclass(frozen=True)
class Records:
    """The records that could be read, by source_id, and what is wrong with the others."""

    records: dict[str, SourceRecord]
    problems: list[Problem]


def read_record(text: str, file: str) -> tuple[SourceRecord | None, list[Problem]]:
    """Read one source record; a record with a problem is None beside all its problems."""
    record, problems = _read_once(text, file)
    return record, list(problems)


@lru_cache(maxsize=1024)
def _read_once(text: str, file: str) -> tuple[SourceRecord | None, Sequence[Problem]]:
    """Read the same text only once in a process: a run asks for its records several times."""
    content, problems = load_yaml(text, file)
    if problems:
        return None, problems
    if not isinstance(content, dict):
        return None, [
            Problem(file, "the whole file", "the file holds no record", "begin it with 'source_id: ...'")
        ]
    try:
        record = SourceRecord.model_validate(content)
    except ValidationError as error:
        return None, problems_of(error, SourceRecord, file, text=text)
    if Path(file).stem != record.source_id:
        message = f"source_id is '{record.source_id}', the file is called '{Path(file).name}'"
        return None, [Problem(file, "source_id", message, f"call the file {record.source_id}.yml")]
    return record, []


def load_record(path: Path) -> tuple[SourceRecord | None, list[Problem]]:
    """Read one source record from a file."""
    try:
        return read_record(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        return None, [
            Problem(path.name, "the whole file", f"the file cannot be read ({error})", "save it as UTF-8")
        ]


def load_records(specs_dir: Path) -> Records:
    """Read every `*.yml` of `specs_dir`, in name order; one bad record does not stop the others."""
    records: dict[str, SourceRecord] = {}
    problems: list[Problem] = []
    for path in sorted(specs_dir.glob("*.yml")):
        record, found = load_record(path)
        problems += found
        if record is not None:
            records[record.source_id] = record
    return Records(records, problems)


def _seed_column(path: Path, column: str) -> set[str] | None:
    """Return the values of a seed's column, or None when the seed is not there."""
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        return {row[column] for row in csv.DictReader(file)}


def check_record(
    record: SourceRecord, seeds_dir: Path, recorded_dir: Path, plan_areas: Set[str] = frozenset()
) -> list[Problem]:
    """Check a record against the seeds it names and the snapshots it ships, which are read for it.

    `plan_areas` are areas that plan documents bring beside the seed.
    """
    file = f"{record.source_id}.yml"
    indicators = _seed_column(seeds_dir / "indicator.csv", "indicator_code")
    units = _seed_column(seeds_dir / "unit.csv", "unit")
    areas = _seed_column(seeds_dir / "area.csv", "area_id")
    areas = None if areas is None else areas | plan_areas
    problems = []

    def check(known: set[str] | None, name: str, place: str, seed: str) -> None:
        if known is not None and name not in known:
            problems.append(
                Problem(file, place, f"'{name}' is not in {seed}", f"correct it, or add it to {seed}")
            )

    for route_name in record.route_names():
        mapping = record.route(route_name).mapping
        if mapping is None:
            continue
        place = f"routes.{route_name}.mapping"
        for position, series in enumerate(mapping.series):
            check(indicators, series.indicator, f"{place}.series[{position}].indicator", "indicator.csv")
            check(units, series.unit, f"{place}.series[{position}].unit", "unit.csv")
        match mapping.area:
            case AreaConstant(constant=area_id):
                check(areas, area_id, f"{place}.area.constant", "area.csv")
            case AreaByLabel(labels=labels):
                for label, area_id in labels.items():
                    check(areas, area_id, f"{place}.area.labels.{label}", "area.csv")
    recorded = record.routes.recorded
    if recorded is None:
        return problems
    for position, document in enumerate(recorded.documents):
        place = f"routes.recorded.documents[{position}].file"
        path = recorded_dir / document.file
        if not path.is_file():
            problems.append(
                Problem(file, place, f"{document.file} is not in {recorded_dir.name}/", "add the file")
            )
            continue
        try:
            read(record.route("recorded").reading, path.read_bytes(), "")
        except ReadingError as error:
            problems.append(Problem(document.file, error.place, error.message, error.mend))
    return problems


def record_schema() -> dict[str, object]:
    """Return the JSON Schema of a source record."""
    schema = SourceRecord.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """Return the JSON Schema as it stands in the file."""
    return json.dumps(record_schema(), ensure_ascii=False, indent=2) + "\n"


def write_schema(specs_dir: Path) -> Path:
    """Write the JSON Schema beside the records, for editors; returns its path."""
    path = specs_dir / SCHEMA_FILE
    path.write_text(schema_text(), encoding="utf-8")
    return path
