"""From the marts to a release: candidate, release rules, publication."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from expectations import release_checks
from orchestration.build import read_run_inputs, remember_build
from orchestration.records import keep_records, usable_records
from orchestration.shipped_sql import keep_sql
from store.manifest import InputSnapshot, read_manifest
from store.release_tables import RELEASE_CHANGE_TABLE, RELEASE_TABLES
from store.releases import (
    current_release_id,
    equals_current,
    export_table,
    new_candidate,
    prune_candidates,
    publish,
    seal_candidate,
)
from store.settings import Settings
from store.state import POINTER_ACTIONS, audit_events, migrate, reading
from store.warehouse import connect

CANDIDATE_NAME_FILE = "candidate"


def build_candidate(settings: Settings) -> Path:
    """Write the marts of the warehouse as a sealed candidate and return its directory.

    Candidates of earlier runs that never became releases are removed: the one that failed last is the one looked at.
    """
    inputs = read_run_inputs(settings)
    prune_candidates(settings)
    candidate = new_candidate(settings)
    with connect(settings, read_only=True) as connection:
        for table in RELEASE_TABLES:
            if table != RELEASE_CHANGE_TABLE:
                export_table(connection, f"marts.{table}", candidate, table)
        snapshots = _input_snapshots(connection)
        keep_sql(settings, connection, candidate)
    keep_records(settings, usable_records(settings), candidate)
    seal_candidate(
        settings,
        candidate,
        cut_off=inputs.cut_off,
        created_at=datetime.now(UTC),
        inputs_hash=inputs.inputs_hash,
        plan_versions=inputs.plan_versions,
        rule_set_version=inputs.rule_set_version,
        method_version=inputs.method_version,
        code_version=inputs.code_version,
        input_snapshots=snapshots,
    )
    _candidate_file(settings).write_text(candidate.name, encoding="utf-8")
    return candidate


def check_candidate(candidate: Path) -> list[str]:
    """The release rules that the candidate breaks, in words; empty when it may be published."""
    return [str(failure) for failure in release_checks.run(candidate)]


def publish_candidate(settings: Settings) -> tuple[str, bool]:
    """Publish the candidate of this run; returns the release in force and whether it is a new one.

    A candidate that says what the current release says is dropped.
    """
    candidate = settings.candidates_dir / _candidate_file(settings).read_text(encoding="utf-8")
    before = current_release_id(settings)
    if before is not None and says_what_was_rolled_back(settings, candidate):
        prune_candidates(settings)
        remember_build(settings, before)
        return before, False
    is_new = not equals_current(settings, candidate)
    release_id = publish(settings, candidate)
    remember_build(settings, release_id)
    return release_id, is_new and release_id != before


def says_what_was_rolled_back(settings: Settings, candidate: Path) -> bool:
    """Whether the candidate says just what someone took out of force by the last move of the pointer.

    A rollback is a person's decision: it holds until the figures, targets or rules say something else.
    """
    migrate(settings)
    with reading(settings) as connection:
        moves = audit_events(connection, action=POINTER_ACTIONS)
    if not moves or moves[-1].action != "release_rolled_back" or not moves[-1].detail.get("from"):
        return False
    left = read_manifest(settings.releases_dir / str(moves[-1].detail["from"]))
    return left.content_digest == read_manifest(candidate).content_digest


def _candidate_file(settings: Settings) -> Path:
    return settings.warehouse_dir / CANDIDATE_NAME_FILE


def _input_snapshots(connection: duckdb.DuckDBPyConnection) -> list[InputSnapshot]:
    rows = connection.execute(
        "select source_id, route, document, snapshot_sha256, vintage_at from staging.stg_vintage order by all"
    ).fetchall()
    names = ("source_id", "route", "document", "snapshot_sha256", "vintage_at")
    return [InputSnapshot(**dict(zip(names, row, strict=True))) for row in rows]
