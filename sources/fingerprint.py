"""The fingerprint of all that decides a release: when it is the same as last time, nothing is new."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from sources.calendar import HOLIDAYS_FILE
from sources.input_tables import Rows
from sources.read_vintage import section_of
from sources.reading import cell_set_key
from sources.record import SourceRecord
from store.settings import Settings
from store.state import Retrieval, Vintage


@dataclass(frozen=True)
class Versions:
    """What decides beside the figures: the rule set, the method, and the code (the dbt project's files)."""

    rule_set_version: str
    method_version: str
    code_version: str


def files_digest(directory: Path, suffixes: Iterable[str], leave_out: Iterable[str] = ()) -> str:
    """Return one digest of the files of a directory by name and content, in name order."""
    wanted, unwanted = set(suffixes), set(leave_out)
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory)
        if path.is_file() and path.suffix in wanted and unwanted.isdisjoint(name.parts):
            digest.update(f"{name.as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def code_version(settings: Settings) -> str:
    """Return the version of the code that computes: a digest of dbt's models, macros and seeds, and of the days off."""
    files = files_digest(
        settings.dbt_project_dir, (".sql", ".yml", ".csv"), ("target", "logs", "dbt_packages")
    )
    return hashlib.sha256(files.encode() + HOLIDAYS_FILE.read_bytes()).hexdigest()[:12]


def _jsonable(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value


# What decides the rows of one source before figures of several sources meet, beside what all sources share.
_TABLES_OF_A_SOURCE = (
    "vintage", "mapping_series", "mapping_condition", "mapping_area", "mapping_period", "mapping_ignored",
    "source_record",
)  # fmt: skip


def source_keys(tables: Mapping[str, Rows], plan_versions: Sequence[str], code_version: str) -> Rows:
    """Rows of the input table `source_key`: a fingerprint of all that decides what is made of one source alone.

    `tables` are the input tables. A source whose key is that of an earlier build has the same claims and the same
    published observations as then.
    """
    shared = json.dumps(
        [code_version, duckdb.__version__, sorted(plan_versions), _texts(tables["unit_alias"])],
        ensure_ascii=False,
    )
    texts: dict[str, list[str]] = {}
    for name in _TABLES_OF_A_SOURCE:
        of_source: dict[str, Rows] = {}
        for row in tables[name]:
            of_source.setdefault(row["source_id"], []).append(row)
        for source_id, rows in of_source.items():
            texts.setdefault(source_id, [shared]).append(json.dumps([name, _texts(rows)], ensure_ascii=False))
    return [
        {"source_id": source_id, "source_key": hashlib.sha256("\n".join(parts).encode()).hexdigest()}
        for source_id, parts in texts.items()
    ]


def _texts(rows: Rows) -> list[str]:
    """Each different row once as a text, in an order of its own; where its cells lie says nothing of what they are."""
    kept = ({name: value for name, value in row.items() if name != "cells_file"} for row in rows)
    return sorted({json.dumps(row, ensure_ascii=False, sort_keys=True, default=str) for row in kept})


def inputs_hash(
    cut_off: date,
    records: Mapping[str, SourceRecord],
    vintages: Iterable[Vintage],
    outcomes: Iterable[Retrieval],
    versions: Versions,
    *,
    home_area_id: str,
    decisions: str = "",
    statements: str = "",
) -> str:
    """Return a fingerprint of all that decides a release; computed without reading one snapshot.

    It covers vintages with their cell set keys (plans among them), the records, the faults of the last
    retrievals, the versions of rules, method and code, the cut-off, the area whose plan is counted, and the
    fingerprints `decisions`, of those that people took on findings, and `statements`, of what offices said of targets.
    Equal hash: nothing new.
    """
    seen = []
    for vintage in vintages:
        if vintage.vintage_at.date() > cut_off:
            continue
        row = {name: _jsonable(item) for name, item in asdict(vintage).items() if name != "retrieval_id"}
        try:
            section = section_of(records, vintage)
            row["cell_set_key"] = section and cell_set_key(section, vintage.snapshot_sha256)
        except KeyError as error:
            row["excluded"] = str(error.args[0])
        seen.append(row)
    received = {"new", "unchanged"}
    faults = [o for o in outcomes if o.outcome not in received]
    content = {
        "cut_off": cut_off.isoformat(),
        "vintages": seen,
        "records": {
            name: record.model_dump(mode="json", by_alias=True) for name, record in sorted(records.items())
        },
        "faults": sorted({(o.source_id, o.route, o.document, o.outcome, o.reason or "") for o in faults}),
        "versions": asdict(versions),
        "home_area_id": home_area_id,
        "decisions": decisions,
        "statements": statements,
    }
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
