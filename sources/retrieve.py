"""Retrieval: one attempt per document of a source; every outcome is a row of the state database.

Offline is the default: the snapshots that ship with the project. With `live` the live route is pulled too.
What a source does wrong never raises here; it becomes an outcome with its reason. Bytes are kept in landing
before anything reads them, those that cannot be read too.
"""

import hashlib
import mimetypes
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from sources.cells import ReadingError
from sources.circuit import check_circuit
from sources.drift import drift, in_words
from sources.fetch import NO_SUCH_ROUTE, Fetched, Fetcher, FetchError, FetchLimits, Known, fetcher_within
from sources.plan.document import PLAN_DOCUMENTS, PLAN_FILE, plan_source_id
from sources.plan.known import IMPORTED_ROUTE, WITHDRAWN
from sources.plan.reading import plan_files, read_directory
from sources.problems import Problem
from sources.read_vintage import plan_reading, write_cells
from sources.reading import AnyReading
from sources.record import (
    MilestoneReportReading,
    PlanReading,
    RecordedDocument,
    SourceRecord,
    SubmissionReading,
)
from store import landing, review, state
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
    if route is not None:
        for document in route.documents:
            started_at = clock()
            attempt = _recorded(settings, record.source_id, document)
            outcomes.append(
                _conclude(settings, attempt, route.reading, record.origin, batch_id, started_at, clock())
            )
    if live and record.routes.live is not None:
        outcomes.append(_live(settings, record, batch_id, clock, fetcher))
    return outcomes


def _recorded(settings: Settings, source_id: str, document: RecordedDocument) -> _Attempt:
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


def _live(
    settings: Settings, record: SourceRecord, batch_id: str, clock: Clock, fetcher: Fetcher | None
) -> RetrievalOutcome:
    """Pull the first live route that exists; one attempt, one outcome, under the route that answered."""
    started_at = clock()
    routes = record.routes.live_routes()
    if fetcher is None:
        addresses = tuple(route.fetch.address for route in routes.values())
        fetcher = fetcher_within(FetchLimits.of(settings, addresses))
    passed: list[str] = []
    for name, route in routes.items():
        address = route.fetch.address
        attempt = _Attempt(RetrievalOutcome(record.source_id, name, LIVE_DOCUMENT, "new"), address=address)
        try:
            check_circuit(settings, address, clock())
            fetched = fetcher.fetch(route.fetch, _known(settings, record.source_id, name))
        except FetchError as error:
            attempt = replace(attempt.becomes(error.outcome, str(error)), data=error.data)
            if error.fault in NO_SUCH_ROUTE and name != list(routes)[-1]:
                passed.append(f"{name}: {error.address}: {error.message}")
                continue
        except Exception as error:
            # Whatever an answer does to us is the fault of the source, not the end of the run.
            message = f"{address}: {type(error).__name__}: {error}. Mend: try again later"
            attempt = attempt.becomes("failed", message)
        else:
            attempt = _arrived(attempt, fetched)
        break
    outcome = attempt.outcome
    if passed:
        said = f"{outcome.reason or 'taken by this route'} (before it, {'; '.join(passed)})"
        attempt = attempt.becomes(outcome.outcome, said)
    finished_at = clock()
    arrived_at = finished_at.astimezone(UTC).replace(tzinfo=None)
    # PX-Web states no usable date of issue (its `updated` may be the year 9999). What a server shows today is its
    # issue of today: the inference that lets a revision follow the recorded issue it revises.
    attempt = replace(
        attempt,
        outcome=replace(attempt.outcome, vintage_at=arrived_at),
        # A day of issue is a day in the office's time zone: what arrives at 3 o'clock there is of that day.
        published_at=finished_at.astimezone(ZoneInfo(settings.time_zone)).date(),
        published_at_basis="inferred",
    )
    return _conclude(settings, attempt, route.reading, record.origin, batch_id, started_at, finished_at)


def _known(settings: Settings, source_id: str, route: str) -> Known | None:
    """Return what may be asked "modified since?", and of which address: of bytes that are still here."""
    with state.reading(settings) as connection:
        last = state.latest_new(connection, source_id, route, LIVE_DOCUMENT)
    if last is None or last.address is None or not landing.contains(settings, last.snapshot_sha256 or ""):
        return None
    return Known(last.address, last.etag, last.last_modified)


def _arrived(attempt: _Attempt, fetched: Fetched) -> _Attempt:
    attempt = replace(
        attempt,
        data=fetched.data,
        media_type=fetched.media_type,
        address=fetched.address,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
    )
    return attempt.becomes("unchanged" if fetched.data is None else "new", fetched.note)


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
    tombstone = None if data is None else destroyed_before(settings, data)
    if tombstone is not None:
        # Kept again they would be back; the row names them all the same.
        sha256, reason = tombstone
        attempt = replace(attempt, outcome=replace(outcome, snapshot_sha256=sha256)).becomes(
            "quarantined", reason
        )
    elif data is not None:
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
            attempt = _compared(settings, attempt, reading, last)
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


def destroyed_before(settings: Settings, data: bytes) -> tuple[str, str] | None:
    """The sha256 of bytes that two people had destroyed, and why they are not kept again; None for all others."""
    sha256 = hashlib.sha256(data).hexdigest()
    with state.reading(settings) as connection:
        step = review.destroyed(connection).get(sha256)
    if step is None:
        return None
    return sha256, (
        f"these bytes ({sha256[:12]}) were destroyed on {step.at.astimezone(ZoneInfo(settings.time_zone)):%Y-%m-%d} "
        f"({step.reason_text}) and are not kept again. Mend: take the file out where it comes from, or ask for another"
    )


@dataclass(frozen=True)
class Received:
    """Bytes that someone sent in: `origin` is what they are, `fault` why they are not taken over."""

    source_id: str
    route: str
    document: str
    data: bytes
    file_name: str
    origin: str
    published_at: date
    published_at_basis: str
    fault: str | None = None


def record_received(
    settings: Settings,
    received: Received,
    reading: AnyReading,
    batch_id: str,
    received_at: datetime,
) -> RetrievalOutcome:
    """Keep what someone sent in and record it as a retrieval; new bytes without a fault are a vintage.

    `received_at` is aware. Raises only when landing or the state database cannot be used.
    """
    attempt = _Attempt(
        RetrievalOutcome(
            received.source_id,
            received.route,
            received.document,
            "new",
            vintage_at=received_at.astimezone(UTC).replace(tzinfo=None),
        ),
        data=received.data,
        media_type=media_type_of(received.file_name),
        published_at=received.published_at,
        published_at_basis=received.published_at_basis,
        address=received.file_name,
    )
    if received.fault is not None:
        attempt = attempt.becomes("quarantined", received.fault)
    return _conclude(settings, attempt, reading, received.origin, batch_id, received_at, received_at)


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


def _compared(
    settings: Settings, attempt: _Attempt, reading: AnyReading, last: state.Retrieval | None
) -> _Attempt:
    """Add to the reason of new bytes what changed in structure since the last ones of the document."""
    outcome = attempt.outcome
    if (
        outcome.outcome != "new"
        or last is None
        or last.snapshot_sha256 is None
        # A department leaves blank what it has no figure for: that is no change of structure.
        or isinstance(reading, PlanReading | MilestoneReportReading | SubmissionReading)
    ):
        return attempt
    try:
        before = pl.read_parquet(write_cells(settings, reading, last.snapshot_sha256))
    except OSError:
        raise
    except Exception:
        return attempt  # by this record the last bytes cannot be read: there is nothing to compare with
    after = pl.read_parquet(write_cells(settings, reading, outcome.snapshot_sha256 or ""))
    said = "; ".join(filter(None, [outcome.reason, in_words(drift(before, after))]))
    return attempt.becomes("new", said or None)


def _plan_attempts(settings: Settings, plan_version: str) -> Iterator[_Attempt]:
    source_id = plan_source_id(plan_version)
    directory = settings.plans_dir / plan_version
    plan, problems = read_directory(directory)
    if plan is not None and plan.document.vintage_at is None:
        place = f"{plan_version}/{PLAN_FILE}"
        mend = "write the day on which the tables came into the project"
        problems.append(Problem(place, "vintage_at", "a plan that ships says when it arrived", mend))
    problems += _imported_otherwise(settings, plan_version)
    files = plan_files(directory)
    if PLAN_FILE in files:
        files |= dict.fromkeys(_withdrawn(settings, source_id, files), WITHDRAWN)
    for name in files or {PLAN_FILE: b""}:
        attempt = _Attempt(
            RetrievalOutcome(source_id, RECORDED, PLAN_DOCUMENTS[name], "new"),
            data=files.get(name),
            media_type=media_type_of(name),
            published_at_basis="not_stated",
            address=f"{plan_version}/{name}",
        )
        if plan is not None and plan.document.vintage_at is not None:
            midnight = datetime.combine(plan.document.vintage_at, time())
            attempt = replace(attempt, outcome=replace(attempt.outcome, vintage_at=midnight))
        if problems:
            attempt = attempt.becomes("quarantined", "; ".join(str(problem) for problem in problems))
        yield attempt


def _imported_otherwise(settings: Settings, plan_version: str) -> list[Problem]:
    """Say so when a plan of this name was imported with other content: a version never changes."""
    source_id = plan_source_id(plan_version)
    files = plan_files(settings.plans_dir / plan_version)
    problems = []
    with state.reading(settings) as connection:
        imported = {
            name: state.latest_new(connection, source_id, IMPORTED_ROUTE, document)
            for name, document in PLAN_DOCUMENTS.items()
        }
    if any(imported.values()):
        for name, row in imported.items():
            shipped = hashlib.sha256(files[name]).hexdigest() if name in files else None
            if shipped != (row.snapshot_sha256 if row else None):
                message = "a plan of this version was imported with another content"
                mend = "give the directory and its plan_version a new name"
                problems.append(Problem(f"{plan_version}/{name}", "the whole file", message, mend))
    return problems


def _withdrawn(settings: Settings, source_id: str, files: Mapping[str, bytes]) -> list[str]:
    """Return the files that the plan had when it was last retrieved and has no more."""
    with state.reading(settings) as connection:
        return [
            name
            for name, document in PLAN_DOCUMENTS.items()
            if name not in files and state.latest_new(connection, source_id, RECORDED, document) is not None
        ]


def retrieve_plan(
    settings: Settings, plan_version: str, batch_id: str, clock: Clock = utc_now
) -> list[RetrievalOutcome]:
    """Retrieve the tables of a plan document, each file as a document of its source; one outcome per file.

    A plan with a problem is quarantined whole: its tables belong together.
    """
    outcomes = []
    for attempt in _plan_attempts(settings, plan_version):
        started_at = clock()
        reading = None if attempt.data == WITHDRAWN else plan_reading(attempt.outcome.document)
        outcomes.append(_conclude(settings, attempt, reading, "transcription", batch_id, started_at, clock()))
    return outcomes
