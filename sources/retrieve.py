"""Retrieval: one attempt per document of a source; every outcome is a row of the state database.

Offline is the default: the snapshots that ship with the project. With `live` the live route is pulled too.
What a source does wrong never raises here; it becomes an outcome with its reason. Bytes are kept in landing
before anything reads them, those that cannot be read too.
"""

import mimetypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from sources.cells import ReadingError
from sources.fetch import Fetcher, FetchError, FetchLimits, Known
from sources.plan_tables import PLAN_DOCUMENTS, PLAN_FILE, TARGETS_FILE, plan_files, plan_source_id, read_plan
from sources.read_vintage import write_cells
from sources.reading import AnyReading
from sources.record import LiveRoute, PlanReading, RecordedDocument, RecordedRoute, SourceRecord
from store import landing, state
from store.settings import Settings

Clock = Callable[[], datetime]
RECORDED, LIVE = "recorded", "live"
LIVE_DOCUMENT = "live"
_MEDIA_TYPES = {".yml": "application/yaml", ".csv": "text/csv", ".json": "application/json"}


def utc_now() -> datetime:
    """The clock of a real run: now, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class RetrievalOutcome:
    """What became of one attempt. `outcome` is new, unchanged, not_yet_published, failed or quarantined."""

    source_id: str
    route: str
    document: str
    outcome: str
    reason: str | None = None
    snapshot_sha256: str | None = None
    vintage_at: datetime | None = None

    @property
    def is_fault(self) -> bool:
        return self.outcome in {"failed", "quarantined"}


@dataclass(frozen=True)
class _Attempt:
    """An outcome with what the state database keeps of it beside."""

    outcome: RetrievalOutcome
    data: bytes | None = None
    media_type: str = "application/octet-stream"
    published_at: date | None = None
    published_at_basis: str | None = None
    address: str | None = None
    etag: str | None = None
    last_modified: str | None = None

    def becomes(self, outcome: str, reason: str | None = None) -> "_Attempt":
        return replace(self, outcome=replace(self.outcome, outcome=outcome, reason=reason))


def media_type_of(file: str) -> str:
    """Return the media type of a file by its name."""
    return _MEDIA_TYPES.get(Path(file).suffix) or mimetypes.guess_type(file)[0] or "application/octet-stream"


def retrieve(  # noqa: PLR0917
    settings: Settings,
    record: SourceRecord,
    live: bool,
    batch_id: str,
    clock: Clock = utc_now,
    fetcher: Fetcher | None = None,
) -> list[RetrievalOutcome]:
    """Retrieve every document of a source and record each attempt under `batch_id`; one outcome per document.

    The recorded snapshots are always looked at, so that a failing live route leaves the source with figures.
    New bytes are read into cells at once; what cannot be read is quarantined and never becomes a vintage.
    Raises only when landing or the state database cannot be used.
    """
    route = record.routes.recorded
    outcomes = []
    for document in route.documents:
        started_at = clock()
        attempt = _recorded(settings, record.source_id, route, document)
        outcomes.append(
            _conclude(settings, attempt, route.reading, record.origin, batch_id, started_at, clock())
        )
    if live and record.routes.live is not None:
        outcomes.append(_live(settings, record, record.routes.live, batch_id, clock, fetcher))
    return outcomes


def _recorded(
    settings: Settings, source_id: str, route: RecordedRoute, document: RecordedDocument
) -> _Attempt:
    path = settings.recorded_dir / document.file
    midnight = datetime.combine(document.vintage_at, time())
    attempt = _Attempt(
        RetrievalOutcome(source_id, RECORDED, document.document, "new", vintage_at=midnight),
        media_type=media_type_of(document.file),
        published_at=document.published_at,
        published_at_basis=document.published_at_basis,
        address=document.file,
    )
    try:
        return replace(attempt, data=path.read_bytes())
    except OSError as error:
        message = f"the recorded snapshot cannot be read ({error.strerror})"
        reason = f"{document.file}: {message}. Mend: put the file back"
        return attempt.becomes("failed", reason)


def _live(  # noqa: PLR0917
    settings: Settings,
    record: SourceRecord,
    route: LiveRoute,
    batch_id: str,
    clock: Clock,
    fetcher: Fetcher | None,
) -> RetrievalOutcome:
    started_at = clock()
    with state.reading(settings) as connection:
        last = state.latest_new(connection, record.source_id, LIVE, LIVE_DOCUMENT)
    known = Known(last.etag, last.last_modified) if last is not None else None
    attempt = _Attempt(
        RetrievalOutcome(record.source_id, LIVE, LIVE_DOCUMENT, "new"),
        address=route.fetch.address,
    )
    try:
        fetched = (fetcher or Fetcher(FetchLimits.of(settings))).fetch(route.fetch, known)
    except FetchError as error:
        attempt = replace(attempt.becomes(error.outcome, str(error)), data=error.data)
    except Exception as error:
        # Whatever an answer does to us is the fault of the source, not the end of the run.
        attempt = attempt.becomes(
            "failed", f"{route.fetch.address}: {type(error).__name__}: {error}. Mend: try again later"
        )
    else:
        attempt = replace(
            attempt,
            data=fetched.data,
            media_type=fetched.media_type,
            address=fetched.address,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
        )
        if fetched.data is None:
            attempt = attempt.becomes("unchanged")
    finished_at = clock()
    arrived_at = finished_at.astimezone(UTC).replace(tzinfo=None)
    # PX-Web states no usable date of issue (its `updated` may be the year 9999). What a server shows today is its
    # issue of today: the inference that lets a revision follow the recorded issue it revises.
    attempt = replace(
        attempt,
        outcome=replace(attempt.outcome, vintage_at=arrived_at),
        published_at=arrived_at.date(),
        published_at_basis="inferred",
    )
    return _conclude(settings, attempt, route.reading, record.origin, batch_id, started_at, finished_at)


def _conclude(  # noqa: PLR0917
    settings: Settings,
    attempt: _Attempt,
    reading: AnyReading | None,
    origin: str,
    batch_id: str,
    started_at: datetime,
    finished_at: datetime,
) -> RetrievalOutcome:
    """Keep the bytes, compare them with the last ones, read them, and record what became of the attempt."""
    outcome = attempt.outcome
    data = attempt.data
    if data is not None:
        sha256 = landing.put(settings, data)
        with state.writing(settings) as connection:
            state.record_snapshot(
                connection,
                sha256=sha256,
                size_bytes=len(data),
                media_type=attempt.media_type,
                origin=origin,
                first_seen_at=finished_at,
            )
            last = state.latest_new(connection, outcome.source_id, outcome.route, outcome.document)
        attempt = replace(attempt, outcome=replace(outcome, snapshot_sha256=sha256))
        if outcome.outcome == "new" and last is not None and last.snapshot_sha256 == sha256:
            attempt = attempt.becomes("unchanged")
        elif outcome.outcome == "new" and reading is not None:
            attempt = _read(settings, attempt, reading, sha256, data)
    outcome = attempt.outcome
    if outcome.outcome != "new":
        # Only new bytes are a vintage.
        outcome = replace(outcome, vintage_at=None)
    with state.writing(settings) as connection:
        state.record_retrieval(
            connection,
            batch_id=batch_id,
            source_id=outcome.source_id,
            route=outcome.route,
            document=outcome.document,
            outcome=outcome.outcome,
            reason=outcome.reason,
            snapshot_sha256=outcome.snapshot_sha256,
            vintage_at=outcome.vintage_at,
            published_at=attempt.published_at,
            published_at_basis=attempt.published_at_basis,
            address=attempt.address,
            etag=attempt.etag,
            last_modified=attempt.last_modified,
            started_at=started_at,
            finished_at=finished_at,
        )
    return outcome


def _read(settings: Settings, attempt: _Attempt, reading: AnyReading, sha256: str, data: bytes) -> _Attempt:
    name = attempt.address or attempt.outcome.document
    try:
        write_cells(settings, reading, sha256, data)
    except ReadingError as error:
        return attempt.becomes("quarantined", f"{name}: {error}")
    except OSError:
        raise  # the disk is ours, not the source's
    except Exception as error:
        # A file that breaks an adapter is set aside like any other that cannot be read.
        reason = f"{name}: the {reading.adapter} adapter breaks on it ({type(error).__name__}: {error})"
        return attempt.becomes(
            "quarantined", f"{reason}. Mend: read it with `ppw read` and correct the adapter"
        )
    return attempt


def _plan_attempts(settings: Settings, plan_version: str) -> Iterator[_Attempt]:
    source_id = plan_source_id(plan_version)
    files = plan_files(settings.plans_dir / plan_version)
    plan, problems = read_plan(files, plan_version)
    if plan is not None:
        problems += plan.name_problems(plan_version)
    for name in files or {PLAN_FILE: b""}:
        attempt = _Attempt(
            RetrievalOutcome(source_id, RECORDED, PLAN_DOCUMENTS[name], "new"),
            data=files.get(name),
            media_type=media_type_of(name),
            published_at_basis="not_stated",
            address=f"{plan_version}/{name}",
        )
        if plan is not None:
            midnight = datetime.combine(plan.document.vintage_at, time())
            attempt = replace(attempt, outcome=replace(attempt.outcome, vintage_at=midnight))
        if problems:
            attempt = attempt.becomes("quarantined", "; ".join(str(problem) for problem in problems))
        yield attempt


def retrieve_plan(
    settings: Settings, plan_version: str, batch_id: str, clock: Clock = utc_now
) -> list[RetrievalOutcome]:
    """Retrieve the tables of a plan document, each file as a document of its source; one outcome per file.

    A plan with a problem is quarantined whole: its tables belong together.
    """
    outcomes = []
    for attempt in _plan_attempts(settings, plan_version):
        started_at = clock()
        reading = (
            PlanReading(adapter="plan") if attempt.outcome.document == PLAN_DOCUMENTS[TARGETS_FILE] else None
        )
        outcomes.append(_conclude(settings, attempt, reading, "transcription", batch_id, started_at, clock()))
    return outcomes
