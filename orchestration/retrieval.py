"""The retrievals of one run: made once per batch, whoever asks for them first."""

from collections.abc import Sequence

from orchestration.records import UsableRecords
from sources.plan.document import plan_source_id
from sources.plan.reading import plan_versions
from sources.problems import Problem
from sources.registry import load_record
from sources.retrieve import RECORDED, RetrievalOutcome, retrieve, utc_now
from sources.retrieve import retrieve_plan as retrieve_plan_tables
from sources.submission.inbox import receive_inbox
from sources.submission.receive import Receipt
from store import state
from store.settings import Settings

# The document under which a record that cannot be used is reported.
RECORD_DOCUMENT = "record"


def retrieve_source(
    settings: Settings, source_id: str, *, live: bool, batch_id: str, wanted: bool = True
) -> Sequence[RetrievalOutcome]:
    """Retrieve one source, or return what this batch already retrieved; nothing when it was not asked for.

    Every fault is an outcome; raises only when landing or the state database cannot be used.
    """
    done = outcomes_of_batch(settings, batch_id, source_id)
    if done or not wanted:
        return done
    record, problems = load_record(settings.specs_dir / f"{source_id}.yml")
    if record is None:
        return [_report_spoiled(settings, source_id, problems, batch_id)]
    return retrieve(settings, record, live, batch_id)


def retrieve_plan(settings: Settings, plan_version: str, *, batch_id: str) -> Sequence[RetrievalOutcome]:
    """Retrieve the tables of one plan document, or return what this batch already retrieved."""
    done = outcomes_of_batch(settings, batch_id, plan_source_id(plan_version))
    return done or retrieve_plan_tables(settings, plan_version, batch_id)


def retrieve_all(
    settings: Settings, usable: UsableRecords, source_ids: Sequence[str], *, live: bool, batch_id: str
) -> list[RetrievalOutcome]:
    """Retrieve every plan and the sources named (all when none is) under one batch.

    A spoiled record is an outcome too, whether or not it was asked for.
    """
    outcomes: list[RetrievalOutcome] = []
    for plan_version in plan_versions(settings.plans_dir):
        outcomes += retrieve_plan(settings, plan_version, batch_id=batch_id)
    for source_id, problems in usable.spoiled.items():
        outcomes.append(_report_spoiled(settings, source_id, problems, batch_id))
    for source_id, record in usable.retrievable().items():
        if not source_ids or source_id in source_ids:
            outcomes += retrieve(settings, record, live, batch_id)
    return outcomes


def receive_submissions(settings: Settings, usable: UsableRecords, *, batch_id: str) -> list[Receipt]:
    """Receive what waits in the inbox under a batch, whatever sources the run was asked for."""
    return receive_inbox(settings, usable.records, batch_id)


def outcomes_of_batch(
    settings: Settings, batch_id: str, source_id: str | None = None
) -> list[RetrievalOutcome]:
    """What a batch retrieved so far, of one source or of all."""
    with state.reading(settings) as connection:
        rows = state.retrievals_of_batch(connection, batch_id)
    return [
        RetrievalOutcome(
            source_id=row.source_id, route=row.route, document=row.document, outcome=row.outcome, reason=row.reason,
            snapshot_sha256=row.snapshot_sha256, vintage_at=row.vintage_at,
        )
        for row in rows
        if source_id is None or row.source_id == source_id
    ]  # fmt: skip


def _report_spoiled(
    settings: Settings, source_id: str, problems: Sequence[Problem], batch_id: str
) -> RetrievalOutcome:
    outcome = RetrievalOutcome(
        source_id=source_id, route=RECORDED, document=RECORD_DOCUMENT, outcome="failed",
        reason="; ".join(map(str, problems)),
    )  # fmt: skip
    now = utc_now()
    with state.writing(settings) as connection:
        state.record_retrieval(
            connection, batch_id=batch_id, source_id=source_id, route=outcome.route, document=outcome.document,
            outcome=outcome.outcome, reason=outcome.reason, snapshot_sha256=None, vintage_at=None, published_at=None,
            published_at_basis=None, address=f"{source_id}.yml", etag=None, last_modified=None,
            started_at=now, finished_at=now,
        )  # fmt: skip
    return outcome
