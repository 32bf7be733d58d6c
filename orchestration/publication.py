"""From the marts to a release: candidate, release rules, sign-off where the policy asks for it, publication."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from expectations import release_checks
from expectations.gate.policies import SIGNATURES, Policy, policy_for
from expectations.gate.publication import (
    gate_lock,
    kept_candidates,
    offer_candidate,
    publish_due,
    publish_signed,
    retracted_digests,
    supersede_pending,
)
from expectations.gate.rollback import roll_back_as_asked
from expectations.rules import keep_rules, rules_of_release
from orchestration.build import RunInputs, read_run_inputs, remember_build, remember_publication
from orchestration.influence import write_influence
from orchestration.records import keep_records, usable_records
from orchestration.shipped_sql import keep_sql
from reports.headlines import changed_headlines
from reports.page_data import write_page_data
from reports.quality_report import write_report
from reports.release_data import current_release, release_at
from store.manifest import InputSnapshot, Manifest, read_manifest
from store.release_tables import MADE_FROM_MARTS, RELEASE_TABLES
from store.releases import (
    current_release_id,
    equals_current,
    export_table,
    list_files_again,
    new_candidate,
    prune_candidates,
    publish,
    seal_candidate,
)
from store.settings import Settings
from store.state import POINTER_ACTIONS, audit_events, migrate, reading
from store.warehouse import connect

CANDIDATE_NAME_FILE = "candidate"


@dataclass(frozen=True)
class Outcome:
    """How a build ended: the release in force, whether it is new, and the candidate that waits, if one does."""

    release_id: str | None
    is_new: bool
    awaiting: str | None = None


def build_candidate(settings: Settings) -> Path:
    """Write the marts of the warehouse as a sealed candidate and return its directory.

    Candidates of earlier runs that never became releases are removed: the one that failed last is the one looked at.
    Those that wait to be signed stay.
    """
    inputs = read_run_inputs(settings)
    prune_candidates(settings, but=kept_candidates(settings))
    candidate = new_candidate(settings)
    with connect(settings, read_only=True) as connection:
        for table in RELEASE_TABLES:
            if table not in MADE_FROM_MARTS:
                export_table(connection, f"marts.{table}", candidate, table)
        snapshots = _input_snapshots(connection)
        keep_sql(settings, connection, candidate)
        write_influence(connection, candidate)
    keep_records(settings, usable_records(settings), candidate)
    keep_rules(candidate)
    write_report(candidate, rules_of_release(candidate), inputs.cut_off)
    write_page_data(candidate)
    manifest = _seal(settings, candidate, inputs, snapshots)
    policy = _policy_for(settings, candidate)
    if policy != manifest.review_policy:
        _seal_again(settings, candidate, policy)
    _candidate_file(settings).write_text(candidate.name, encoding="utf-8")
    return candidate


def render_report(settings: Settings, candidate: Path) -> int:
    """Write the report into a sealed candidate; returns the number of files. Nothing for one that will be dropped."""
    if settings.report_files == "none" or equals_current(settings, candidate):
        return 0
    # Imported here: what sets and draws the report is not needed to answer anything else.
    from reports.paper.files import write_reports

    previous = read_manifest(candidate).previous_release_id
    before = None if previous is None else settings.releases_dir / previous
    written = write_reports(candidate, before, settings)
    list_files_again(candidate)
    return len(written)


def render_open_files(settings: Settings, candidate: Path) -> int:
    """Write the open data and the static edition into a sealed candidate; returns the number of files. Nothing for one
    that will be dropped.
    """
    if not settings.open_files or equals_current(settings, candidate):
        return 0
    # Imported here: what writes workbooks is not needed to answer anything else.
    from reports.history import release_before
    from reports.open_data.write import write_open_data
    from reports.release_files import OPEN_DATA
    from reports.static_edition.write import FOLDER as STATIC_EDITION
    from reports.static_edition.write import write_static_edition

    release = release_at(candidate)
    before = release_before(settings, release)
    written = [write_open_data(release, candidate / OPEN_DATA)]
    written.append(write_static_edition(release, candidate / STATIC_EDITION, written[0], before))
    list_files_again(candidate)
    return sum(path.is_file() for folder in written for path in folder.rglob("*"))


def _seal(settings: Settings, candidate: Path, inputs: RunInputs, snapshots: list[InputSnapshot]) -> Manifest:
    return seal_candidate(
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
        decisions_up_to=inputs.decisions_up_to,
        statements_up_to=inputs.statements_up_to,
    )


def _seal_again(settings: Settings, candidate: Path, policy: str) -> None:
    """Seal a candidate against the release that is in force now, or under another policy; its figures stay."""
    was = read_manifest(candidate)
    seal_candidate(
        settings,
        candidate,
        cut_off=was.cut_off,
        created_at=was.created_at,
        inputs_hash=was.inputs_hash,
        plan_versions=was.plan_versions,
        rule_set_version=was.rule_set_version,
        method_version=was.method_version,
        code_version=was.code_version,
        input_snapshots=was.input_snapshots,
        decisions_up_to=was.decisions_up_to,
        statements_up_to=was.statements_up_to,
        review_policy=policy,
    )


def _policy_for(settings: Settings, candidate: Path) -> Policy:
    """The policy of a sealed candidate: a stricter one where it says something else of a headline target."""
    base, headline = settings.review_policy, settings.headline_review_policy
    if headline is None or SIGNATURES[headline] <= SIGNATURES[base]:
        return base
    changed = changed_headlines(current_release(settings), release_at(candidate))
    return policy_for(base, headline, changes_headline=bool(changed))


def check_candidate(candidate: Path) -> list[str]:
    """The release rules that the candidate breaks, in words; empty when it may be published."""
    return [str(failure) for failure in release_checks.run(candidate)]


def publish_candidate(settings: Settings) -> Outcome:
    """Publish the candidate of this run, or put it on the desk where the policy asks for signatures.

    A candidate that says what the current release says is dropped, and so is one that says what somebody took out of
    force; nothing waits to be signed then.
    """
    candidate = settings.candidates_dir / _candidate_file(settings).read_text(encoding="utf-8")
    with gate_lock(settings):
        before = current_release_id(settings)
        if before is not None and says_what_was_rolled_back(settings, candidate):
            supersede_pending(settings, "the figures say what was taken out of force")
            prune_candidates(settings, but=kept_candidates(settings))
            remember_build(settings, before)
            return Outcome(before, False)
        if before is not None and equals_current(settings, candidate):
            supersede_pending(settings, f"the figures say what {before} says")
            publish(settings, candidate)
            remember_build(settings, before)
            return Outcome(before, False)
        # Another release may have come in force while this one was built.
        if read_manifest(candidate).previous_release_id != before:
            _seal_again(settings, candidate, _policy_for(settings, candidate))
            render_report(settings, candidate)
            render_open_files(settings, candidate)
        if SIGNATURES[_policy_for(settings, candidate)] > 0:
            waiting = offer_candidate(settings, candidate).directory.name
            remember_build(settings, before, waiting)
            return Outcome(before, False, waiting)
        supersede_pending(settings, f"{candidate.name} was published without signatures")
        release_id = publish(settings, candidate)
        remember_build(settings, release_id)
        return Outcome(release_id, release_id != before)


def publish_signed_candidate(settings: Settings, name: str) -> str:
    """Publish a signed candidate by name; returns the release in force. Raises as `publish_signed` does."""
    release_id = publish_signed(settings, name)
    remember_publication(settings, name, release_id)
    return release_id


def publish_due_candidates(settings: Settings) -> tuple[list[str], list[str]]:
    """Publish the signed candidates whose time has come and go back where that was asked for: release ids, and in words
    what was not done.
    """
    done = publish_due(settings)
    for name, release_id in done.releases.items():
        remember_publication(settings, name, release_id)
    return list(done.releases.values()), [*done.problems, *roll_back_as_asked(settings)]


def says_what_was_rolled_back(settings: Settings, candidate: Path) -> bool:
    """Whether the candidate says just what someone took out of force: by the last move of the pointer, or by a
    retraction at any time.

    Both are a person's decision: it holds until the figures, targets or rules say something else.
    """
    migrate(settings)
    if read_manifest(candidate).content_digest in retracted_digests(settings):
        return True
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
