"""The fingerprint of all that decides a release: when it is the same as last time, nothing is new."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sources.calendar import HOLIDAYS_FILE
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


def inputs_hash(
    cut_off: date,
    records: Mapping[str, SourceRecord],
    vintages: Iterable[Vintage],
    outcomes: Iterable[Retrieval],
    versions: Versions,
    *,
    home_area_id: str,
) -> str:
    """Return a fingerprint of all that decides a release; computed without reading one snapshot.

    It covers vintages with their cell set keys (plans among them), the records, the faults of the last
    retrievals, the versions of rules, method and code, the cut-off, and the area whose plan is counted.
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
    }
    canonical = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
