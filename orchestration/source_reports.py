"""What `ppw source` shows: the records with their last outcome, one record, and the preview of a record."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.dbt_command import run_dbt
from orchestration.records import usable_records
from orchestration.release_query import query
from orchestration.retrieval import RECORD_DOCUMENT
from sources.preview import CLAIM_MODELS, Preview, preview
from sources.record import SourceRecord
from sources.registry import load_record
from sources.retrieve import LIVE, RECORDED
from store import state
from store.manifest import read_manifest
from store.releases import current_release_id, release_dir
from store.settings import Settings
from store.warehouse import connect, warehouse_lock

_FIRST_CELLS = 5


_COUNTS = ("n_due", "n_received", "n_late", "n_missing", "n_not_collected", "completeness", "next_due_on")


def _calendar_counts(settings: Settings) -> dict[str, dict[str, Any]]:
    """What each source owed and what came, at the cut-off of the release in force; empty where there is none."""
    if current_release_id(settings) is None:
        return {}
    rows = query(release_dir(settings), f"select source_id, {', '.join(_COUNTS)} from dim_source")
    return {str(row["source_id"]): row for row in rows}


def _calendar_issues(settings: Settings, source_id: str) -> tuple[date | None, list[dict[str, Any]]]:
    """The issues of a source in the release in force, and the cut-off by which they are judged."""
    if current_release_id(settings) is None:
        return None, []
    directory = release_dir(settings)
    columns = "period_id, maturity, due_on, grace_until, state, issued_on, basis_vi, basis_en"
    rows = query(
        directory,
        f"select {columns} from fct_release_issue where source_id = ? order by due_on, period_id, maturity",
        [source_id],
    )
    return read_manifest(directory).cut_off, rows


def _calendar_state(record: SourceRecord) -> str:
    return "none_known" if record.calendar is None else record.calendar.state


def source_rows(settings: Settings) -> tuple[list[dict[str, Any]], list[str]]:
    """One row per source, and what is wrong with the records that cannot be used."""
    usable = usable_records(settings)
    state.migrate(settings)
    with state.reading(settings) as connection:
        latest = state.latest_retrieval_per_source(connection)
    counts = _calendar_counts(settings)
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
            "live_only": record.routes.recorded is None,
            "last_outcome": latest[source_id].outcome if source_id in latest else None,
            "calendar": _calendar_state(record),
            **{
                name.removeprefix("n_"): counts[source_id][name] if source_id in counts else None
                for name in _COUNTS
            },
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
    cut_off, issues = _calendar_issues(settings, source_id)
    note = None if record.calendar is None else record.calendar.note
    return {
        "source_id": source_id,
        "title_vi": record.title.vi,
        "title_en": record.title.en,
        "publisher_vi": record.publisher.vi,
        "publisher_kind": record.publisher_kind,
        "rank": record.rank,
        "dated_ranks": "; ".join(
            f"{rule.rank} from {rule.applies_from}, {', '.join(rule.indicators or ['all indicators'])}: {rule.reason}"
            for rule in record.ranks
        )
        or None,
        "origin": record.origin,
        "licence": record.licence,
        "access": record.access,
        "cadence": record.cadence,
        "topic": record.topic,
        "record": record.model_dump(mode="json", by_alias=True),
        "live_routes": [
            {
                "route": name,
                "protocol": route.fetch.protocol,
                "address": route.fetch.address,
                "tried_on": route.tried_on,
                "basis": route.basis,
            }
            for name, route in record.routes.live_routes().items()
        ],
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
        "calendar_state": _calendar_state(record),
        "calendar_note": None if note is None else note.vi,
        "calendar_cut_off": cut_off,
        "calendar": issues,
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
        claims, observations = _claims(settings, Path(folder)) if seen.inputs is not None else ([], [])
    reasons: dict[str, int] = {}
    for claim in claims:
        reasons[claim["reason"]] = reasons.get(claim["reason"], 0) + 1
    unclaimed = [claim for claim in claims if claim["reason"] != "IGNORED"]
    n_ignored = len(claims) - len(unclaimed)
    changes = None if seen.record is None else _changes(settings, seen.record.source_id, observations)
    return {
        "record": record_path.name,
        "route": seen.route,
        "documents": ", ".join(document.document for document in seen.documents),
        "n_cells": seen.n_cells,
        "n_claimed": seen.n_cells - len(claims),
        "n_ignored": n_ignored,
        "n_unclaimed": len(unclaimed),
        "coverage": _coverage(seen.n_cells - n_ignored, len(unclaimed)),
        "against_the_current_release": _said(changes),
        "problems": [{"problem": str(problem)} for problem in seen.problems],
        "first_cells": _first_cells(seen),
        "unmapped_labels": _unmapped_labels(seen, claims),
        "unclaimed": unclaimed,
        "changes": changes or [],
        "skipped": [{"name": part.name, "reason": part.reason} for part in seen.skipped],
    }


def _route_for(record_path: Path, data_file: Path | None) -> str:
    record, _ = load_record(record_path)
    if record is None:
        return RECORDED
    if record.routes.recorded is None:
        return record.route_names()[0]
    if data_file is None or record.routes.live is None:
        return RECORDED
    recorded_suffixes = {Path(document.file).suffix for document in record.routes.recorded.documents}
    return RECORDED if data_file.suffix in recorded_suffixes else LIVE


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


def _coverage(n_in_scope: int, n_unclaimed: int) -> str | None:
    """The share of cells in scope that the mapping claims."""
    return f"{100 * (n_in_scope - n_unclaimed) / n_in_scope:.1f} %" if n_in_scope else None


def _unmapped_labels(seen: Preview, claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The labels that stand on unclaimed cells and on no other: what a series or an ignore entry must name."""
    unclaimed = {(claim["document"], claim["cell_ref"]) for claim in claims if claim["reason"] != "IGNORED"}
    counted: dict[tuple[str, str], int] = {}
    mapped: set[tuple[str, str]] = set()
    for document in seen.documents:
        for cell_ref, labels in document.cells.select("cell_ref", "labels").iter_rows():
            names = {(label["dimension"], label["label"]) for label in labels}
            if (document.document, cell_ref) in unclaimed:
                for name in names:
                    counted[name] = counted.get(name, 0) + 1
            else:
                mapped |= names
    return [
        {"dimension": dimension, "label": label, "n_cells": count}
        for (dimension, label), count in sorted(counted.items())
        if (dimension, label) not in mapped
    ]


_KEY = ("indicator_code", "area_id", "period_id", "breakdown")


def _changes(
    settings: Settings, source_id: str, observations: list[dict[str, Any]]
) -> list[dict[str, Any]] | None:
    """What this source's observations would add, change and no longer hold against the current release's latest ones.

    None without a release. A value that several documents give counts as unchanged when one of them is the release's.
    """
    if current_release_id(settings) is None:
        return None
    kept = query(
        release_dir(settings),
        f"select {', '.join(_KEY)}, value, value_text, missing_code from fct_observation where source_id = ? "
        f"qualify row_number() over (partition by {', '.join(_KEY)} order by vintage_at desc, published_at desc) = 1",
        [source_id],
    )
    before = {tuple(row[name] for name in _KEY): row for row in kept}
    now: dict[tuple[object, ...], list[dict[str, Any]]] = {}
    for row in observations:
        now.setdefault(tuple(row[name] for name in _KEY), []).append(row)
    changes: list[tuple[str, tuple[object, ...], dict[str, Any] | None, dict[str, Any] | None]] = []
    for key, rows in now.items():
        old = before.get(key)
        if old is None or all(
            (old["value"], old["missing_code"]) != (r["value"], r["missing_code"]) for r in rows
        ):
            changes.append(("new" if old is None else "changed", key, old, rows[-1]))
    changes += [("removed", key, old, None) for key, old in before.items() if key not in now]
    return [
        {
            "change": kind,
            **dict(zip(_KEY, key, strict=True)),
            "from": old and old["value_text"],
            "to": new and new["value_text"],
        }
        for kind, key, old, new in sorted(changes, key=lambda change: (change[0], change[1]))
    ]


def _said(changes: list[dict[str, Any]] | None) -> str:
    if changes is None:
        return "there is no release to compare with"
    kinds = [change["change"] for change in changes]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("new", "changed", "removed"))


def _claims(settings: Settings, folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The cells that the mapping does not claim, by the one rule there is: the dbt models, run on its inputs.

    Beside them the observations that the others become.
    """
    private = settings.model_copy(update={"home": folder, "landing_url": None, "state_url": None})
    run_dbt(private, "run", "--select", *CLAIM_MODELS)
    with warehouse_lock(private), connect(private, read_only=True) as connection:
        unclaimed = connection.execute(
            "select document, cell_ref, labels_text, value_text, reason, declared_reason "
            "from observe.obs_cell_unclaimed order by document, cell_index"
        )
        claims = _rows(unclaimed)
        observed = connection.execute(
            f"select {', '.join(_KEY)}, value, value_text, missing_code from observe.obs_published"
        )
        return claims, _rows(observed)


def _rows(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
