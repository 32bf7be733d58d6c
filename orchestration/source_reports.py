"""What `ppw source` shows: the records with their last outcome, one record, and the preview of a record."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from orchestration.manifest import dbt_environment, dbt_executable
from orchestration.records import usable_records
from orchestration.retrieval import RECORD_DOCUMENT
from sources.preview import CLAIM_MODELS, Preview, preview
from sources.registry import load_record
from store import state
from store.settings import Settings
from store.warehouse import connect, warehouse_lock

_FIRST_CELLS = 5


def source_rows(settings: Settings) -> tuple[list[dict[str, Any]], list[str]]:
    """One row per source, and what is wrong with the records that cannot be used."""
    usable = usable_records(settings)
    state.migrate(settings)
    with state.reading(settings) as connection:
        latest = state.latest_retrieval_per_source(connection)
    rows = [
        {
            "source_id": source_id,
            "title": record.title.vi,
            "publisher": record.publisher.vi,
            "publisher_kind": record.publisher_kind,
            "rank": record.rank,
            "origin": record.origin,
            "cadence": record.cadence,
            "routes": ", ".join(record.route_names()),
            "last_outcome": latest[source_id].outcome if source_id in latest else None,
        }
        for source_id, record in usable.records.items()
    ]
    return rows, [str(problem) for problems in usable.spoiled.values() for problem in problems]


def source_detail(settings: Settings, source_id: str) -> dict[str, Any] | None:
    """One source: its record and the last retrieval of each of its documents; None when there is no such record."""
    record = usable_records(settings).records.get(source_id)
    if record is None:
        return None
    state.migrate(settings)
    with state.reading(settings) as connection:
        retrievals = [
            row for row in state.latest_retrieval_per_document(connection) if row.source_id == source_id
        ]
    return {
        "source_id": source_id,
        "title_vi": record.title.vi,
        "title_en": record.title.en,
        "publisher_vi": record.publisher.vi,
        "publisher_kind": record.publisher_kind,
        "rank": record.rank,
        "origin": record.origin,
        "licence": record.licence,
        "cadence": record.cadence,
        "topic": record.topic,
        "record": record.model_dump(mode="json", by_alias=True),
        "retrievals": [
            {
                "route": row.route,
                "document": row.document,
                "outcome": row.outcome,
                "reason": row.reason,
                "vintage_at": row.vintage_at,
                "published_at": row.published_at,
                "published_at_basis": row.published_at_basis,
                "address": row.address,
                "snapshot_sha256": row.snapshot_sha256,
            }
            for row in retrievals
            if row.document != RECORD_DOCUMENT
        ],
    }


def preview_rows(
    settings: Settings, record_path: Path, data_file: Path | None, route: str | None
) -> dict[str, Any]:
    """Read with a record and say what the mapping claims; everything happens in a folder of its own.

    When no route is named, the record's recorded route is tried, or, for data given that is not in our own table
    shape, the live one.
    """
    with tempfile.TemporaryDirectory(prefix="ppw-preview-") as folder:
        seen = preview(
            settings, record_path, Path(folder), data_file, route or _route_for(record_path, data_file)
        )
        claims = _claims(settings, Path(folder)) if seen.inputs is not None else []
    reasons: dict[str, int] = {}
    for claim in claims:
        reasons[claim["reason"]] = reasons.get(claim["reason"], 0) + 1
    unclaimed = [claim for claim in claims if claim["reason"] != "IGNORED"]
    n_ignored = len(claims) - len(unclaimed)
    return {
        "record": record_path.name,
        "route": seen.route,
        "documents": ", ".join(document.document for document in seen.documents),
        "n_cells": seen.n_cells,
        "n_claimed": seen.n_cells - len(claims),
        "n_ignored": n_ignored,
        "n_unclaimed": len(unclaimed),
        "problems": [{"problem": str(problem)} for problem in seen.problems],
        "first_cells": _first_cells(seen),
        "unclaimed": unclaimed,
        "skipped": [{"name": part.name, "reason": part.reason} for part in seen.skipped],
    }


def _route_for(record_path: Path, data_file: Path | None) -> str:
    record, _ = load_record(record_path)
    if record is None or data_file is None or record.routes.live is None:
        return "recorded"
    recorded_suffixes = {Path(document.file).suffix for document in record.routes.recorded.documents}
    return "recorded" if data_file.suffix in recorded_suffixes else "live"


def _first_cells(seen: Preview) -> list[dict[str, Any]]:
    return [
        {
            "cell_ref": cell["cell_ref"],
            "labels": ", ".join(f"{label['dimension']}={label['label']}" for label in cell["labels"]),
            "unit_text": cell["unit_text"],
            "value_text": cell["value_text"],
            "missing_code": cell["missing_code"],
        }
        for cell in seen.first_cells(_FIRST_CELLS).to_dicts()
    ]


def _claims(settings: Settings, folder: Path) -> list[dict[str, Any]]:
    """The cells that the mapping does not claim, by the one rule there is: the dbt models, run on its inputs."""
    private = settings.model_copy(update={"home": folder, "landing_url": None, "state_url": None})
    project = settings.dbt_project_dir
    result = subprocess.run(
        [
            str(dbt_executable()), "run", "--quiet", "--no-version-check", "--select", CLAIM_MODELS,
            "--project-dir", str(project), "--profiles-dir", str(project),
            "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
        ],
        env={**os.environ, **dbt_environment(private)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode != 0:
        raise RuntimeError(f"The claim models do not run on this preview:\n{result.stdout}{result.stderr}")
    with warehouse_lock(private), connect(private, read_only=True) as connection:
        found = connection.execute(
            "select cell_ref, labels_text, value_text, reason, declared_reason from observe.obs_cell_unclaimed "
            "order by document, cell_index"
        )
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
