"""Receiving one file that someone sent in: judged, kept, recorded with a receipt, answered in the outbox.

A department's workbook without problems becomes a vintage of its source at once; one with problems is kept too, but
it is quarantined and goes back with every problem marked. A letter waits until a second person has keyed it. The
state database has the receipt before the answer is written and the file leaves the inbox, so that a program killed
in between receives the file again and nothing is lost.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sources.cells import ReadingError
from sources.reading_process import ReadingLimits, filled_in_process, marked_in_process
from sources.record import SourceRecord
from sources.retrieve import (
    Received,
    RetrievalOutcome,
    destroyed_before,
    media_type_of,
    record_received,
    utc_now,
)
from sources.submission.catalogue import read_indicators
from sources.submission.examine import Judged, judge
from sources.submission.filled import MOST_BYTES, Filled
from sources.submission.in_force import in_force
from sources.submission.layout import MATURITIES, STATES, Stamp
from sources.submission.letters import Letter, compare, person_key, plain_table, read_letter
from sources.submission.marking import marked_copy, receipt
from sources.submission.owed import NoDepartment, owed
from sources.submission.periods import period_name
from sources.submission.problems import CellProblem, problem, shown
from sources.submission.transport import from_json
from store import landing, state
from store.files import write_durably
from store.settings import Settings
from store.submissions import Submission, record_submission, same_file_before, submissions

Clock = Callable[[], datetime]
SUBMITTED, KEYED = "submitted", "keyed"
_UNKNOWN = "unknown"
OUTCOMES = {"accepted": "Tiếp nhận", "returned": "Trả lại", "waiting": "Chờ người nhập thứ hai"}
_ANSWERS = {"accepted": "tiep-nhan", "returned": "tra-lai", "waiting": "cho-nguoi-nhap-thu-hai"}
_COMPARISON = {"keyed_differently", "keyed_once"}
_NAMES = {code: name for name, code in (*MATURITIES.items(), *STATES.items())} | {"not_stated": "không ghi"}
_PROBLEMS_IN_REASON = 3


@dataclass(frozen=True)
class _Verdict:
    """What is made of a file, before anything is recorded. `kept`: the bytes that are retrieved, if any."""

    kind: str
    outcome: Literal["accepted", "returned", "waiting"]
    stamp: Stamp | None = None
    route: str | None = None
    document: str | None = None
    keyed_by: str | None = None
    problems: list[CellProblem] = field(default_factory=list)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    n_milestones: int = 0
    kept: bytes | None = None
    published_at: date | None = None


@dataclass(frozen=True)
class Receipt:
    """A file received: the row of the state database, the answer in the outbox, and the retrieval if there is one.

    `same_as` is an earlier receipt of the very same bytes.
    """

    submission: Submission
    answer: Path
    retrieval: RetrievalOutcome | None
    same_as: Submission | None = None

    @property
    def as_outcome(self) -> RetrievalOutcome:
        """The receipt as an outcome of a run; a file of an unknown sender has no retrieval of its own."""
        if self.retrieval is not None:
            return self.retrieval
        one = self.submission
        outcome = "quarantined" if one.outcome == "returned" else "unchanged"
        reason = _reason(one.problems) if one.problems else "one of two people has keyed it"
        return RetrievalOutcome(one.source_id or _UNKNOWN, SUBMITTED, one.file_name, outcome, reason)


def answer_path(settings: Settings, submission: Submission) -> Path:
    """Return where the answer to a submission is."""
    name = f"{submission.submission_id:05d}-{submission.source_id or 'khong-ro-co-quan'}"
    name += f"-{submission.document}" if submission.document else ""
    return settings.outbox_dir / f"{name}-{_ANSWERS[submission.outcome]}.xlsx"


def receive(  # noqa: PLR0917
    settings: Settings,
    records: Mapping[str, SourceRecord],
    file: Path,
    batch_id: str,
    actor: str,
    clock: Clock = utc_now,
) -> Receipt:
    """Receive one file; it stays where it is. The state database must be migrated.

    What is wrong with the file is in the receipt; raises only when the file cannot be read from disk or a store
    cannot be used.
    """
    received_at = clock()
    if file.stat().st_size > MOST_BYTES:
        verdict = _Verdict(_UNKNOWN, "returned", problems=[problem("too_large")])
        return _conclude(settings, records, verdict, None, file.name, batch_id, actor, received_at)
    data = file.read_bytes()
    if destroyed_before(settings, data) is not None:
        verdict = _Verdict(_UNKNOWN, "returned", problems=[problem("destroyed")])
        return _conclude(settings, records, verdict, None, file.name, batch_id, actor, received_at)
    try:
        verdict = _judge(settings, records, data, received_at)
    except (OSError, state.StateError, landing.LandingError, NoDepartment):
        raise  # ours, not the sender's
    except Exception as error:
        # Whatever a file does to us sends it back; it never keeps the others waiting.
        broken = problem("cannot_be_read", found=f"{type(error).__name__}: {error}")
        verdict = _Verdict(_UNKNOWN, "returned", problems=[broken])
    return _conclude(settings, records, verdict, data, file.name, batch_id, actor, received_at)


# --- judging --------------------------------------------------------------------------------------


def _opened(settings: Settings, data: bytes) -> Filled:
    """Return a filled workbook, opened in a process of its own. Raises ReadingError."""
    return from_json(filled_in_process(data, ReadingLimits.of(settings)))


def _judge(
    settings: Settings, records: Mapping[str, SourceRecord], data: bytes, received_at: datetime
) -> _Verdict:
    try:
        filled = _opened(settings, data)
    except ReadingError:
        return _Verdict(_UNKNOWN, "returned", problems=[problem("cannot_be_read")])
    stamp = filled.stamp
    if stamp is None:
        return _Verdict(_UNKNOWN, "returned", problems=filled.problems)
    record = records.get(stamp.source_id)
    route = SUBMITTED if stamp.kind == "department" else KEYED
    if record is None or route not in record.route_names():
        unknown = problem("unknown_department", found=stamp.source_id)
        return _Verdict(_UNKNOWN, "returned", problems=[unknown])
    received_on = received_at.astimezone(ZoneInfo(settings.time_zone)).date()
    if stamp.kind == "department":
        return _judge_workbook(settings, record, filled, stamp, data, received_on)
    return _judge_letter(settings, record, filled, stamp, data)


def _judge_workbook(  # noqa: PLR0917
    settings: Settings,
    record: SourceRecord,
    filled: Filled,
    stamp: Stamp,
    data: bytes,
    received_on: date,
) -> _Verdict:
    if any(one.code == "stamp_damaged" for one in filled.problems):
        # Whose it is can be read; for which period and with which rows cannot be relied on.
        return _Verdict(_UNKNOWN, "returned", problems=[problem("stamp_damaged")])
    wanted = owed(settings, record, stamp.period_id or "")
    judged = judge(filled, wanted, in_force(settings), received_on)
    return _Verdict(
        kind=stamp.kind,
        outcome="returned" if judged.problems else "accepted",
        stamp=stamp,
        route=SUBMITTED,
        document=stamp.period_id,
        problems=judged.problems,
        accepted=[] if judged.problems else _accepted_rows(judged),
        n_milestones=0 if judged.problems else len(judged.milestones),
        kept=data,
        published_at=received_on,
    )


def _accepted_rows(judged: Judged) -> list[dict[str, Any]]:
    figures = [
        {
            "cell": f"{figure.cell.sheet}!{figure.cell.ref}",
            "code": figure.code,
            "period": figure.period_id,
            "value": shown(figure.value),
            "detail": "; ".join(
                text for text in (figure.unit, _NAMES[figure.maturity].lower(), figure.note) if text
            ),
        }
        for figure in judged.figures
    ]
    milestones = [
        {
            "cell": f"{row['state'].sheet}!{row['state'].ref}",
            "code": report.target_id,
            "period": shown(report.as_of_date),
            "value": _NAMES[report.reported_state],
            "detail": "; ".join(
                shown(part)
                for part in (report.issuer_vi, report.document_number, report.document_date, report.note_vi)
                if part is not None
            ),
        }
        for row, report in judged.milestones
    ]
    return figures + milestones


def _judge_letter(
    settings: Settings, record: SourceRecord, filled: Filled, stamp: Stamp, data: bytes
) -> _Verdict:
    indicators = read_indicators(settings.dbt_project_dir / "seeds")
    letter = read_letter(filled, indicators)
    facts: dict[str, Any] = {
        "kind": stamp.kind, "stamp": stamp, "route": KEYED, "keyed_by": letter.person or None,
    }  # fmt: skip
    if letter.problems or letter.day is None:
        return _Verdict(**facts, outcome="returned", problems=letter.problems)
    facts["document"] = letter.document
    first, is_same_person = _other_sheet(settings, record, letter)
    if first is None:
        if not is_same_person:
            return _Verdict(**facts, outcome="waiting")
        words = {"document": letter.number, "found": letter.person}
        return _Verdict(
            **facts, outcome="returned", problems=[letter.fields["person"].problem("same_person", **words)]
        )
    assert first.snapshot_sha256 is not None
    if first.snapshot_sha256 == hashlib.sha256(data).hexdigest():
        return _Verdict(**facts, outcome="returned", problems=[problem("same_file")])
    other = read_letter(_opened(settings, landing.get(settings, first.snapshot_sha256)), indicators)
    differences = compare(other, letter)
    table = plain_table(letter, record, stamp.area_id)
    return _Verdict(
        **facts,
        outcome="returned" if differences else "accepted",
        problems=differences,
        accepted=[] if differences else _keyed_rows(letter),
        kept=table,
        published_at=letter.day,
    )


def _keyed_rows(letter: Letter) -> list[dict[str, Any]]:
    return [
        {
            "cell": f"{figure.row['value'].sheet}!{figure.row['value'].ref}",
            "code": figure.code,
            "period": figure.period_id,
            "value": shown(figure.value),
            "detail": "; ".join(
                (figure.unit, _NAMES[figure.maturity].lower(), f"trang {figure.page}", figure.table)
            ).rstrip("; "),
        }
        for figure in letter.figures.values()
    ]


def _other_sheet(settings: Settings, record: SourceRecord, letter: Letter) -> tuple[Submission | None, bool]:
    """Return the last sheet of another person for a letter, and whether this person keyed it before.

    Once two people have agreed, a further sheet of the letter begins anew.
    """
    with state.reading(settings) as connection:
        history = submissions(connection, source_id=record.source_id, document=letter.document)
    sheets: dict[str, Submission] = {}
    for one in history:
        if one.outcome == "accepted":
            sheets = {}
        elif one.outcome == "waiting" or {found["code"] for found in one.problems} <= _COMPARISON:
            sheets.pop(person_key(one.keyed_by or ""), None)
            sheets[person_key(one.keyed_by or "")] = one
    own = sheets.pop(person_key(letter.person), None)
    return (list(sheets.values())[-1] if sheets else None), own is not None


# --- keeping --------------------------------------------------------------------------------------


def _reason(problems: Sequence[Mapping[str, Any]]) -> str:
    """Say in a line why something was returned."""
    shown_first = "; ".join(
        f"{one['place']}: {one['message_vi'].rstrip('.')}" for one in problems[:_PROBLEMS_IN_REASON]
    )
    more = len(problems) - _PROBLEMS_IN_REASON
    return f"returned with {len(problems)} problem(s): {shown_first}" + (
        f"; and {more} more" if more > 0 else ""
    )


def _problem_rows(verdict: _Verdict) -> list[dict[str, Any]]:
    return [{**asdict(one), "place": one.place} for one in verdict.problems]


def _conclude(  # noqa: PLR0917
    settings: Settings,
    records: Mapping[str, SourceRecord],
    verdict: _Verdict,
    data: bytes | None,
    file_name: str,
    batch_id: str,
    actor: str,
    received_at: datetime,
) -> Receipt:
    """Keep the file, record retrieval and receipt, write the answer."""
    sha256 = None if data is None else _keep(settings, verdict, data, file_name, received_at)
    retrieval = _retrieve(settings, records, verdict, file_name, batch_id, received_at)
    if verdict.outcome == "accepted" and retrieval is not None and retrieval.is_fault:
        unread = problem("cannot_be_read", found=retrieval.reason)
        verdict = replace(verdict, outcome="returned", problems=[unread], accepted=[], n_milestones=0)
    problems = _problem_rows(verdict)
    stamp = verdict.stamp
    with state.writing(settings) as connection:
        submission = record_submission(
            connection,
            batch_id=batch_id,
            received_at=received_at,
            actor=actor,
            file_name=file_name,
            snapshot_sha256=sha256,
            kind=verdict.kind,
            outcome=verdict.outcome,
            source_id=stamp.source_id if stamp else None,
            document=verdict.document,
            period_id=stamp.period_id if stamp else None,
            template_id=stamp.template_id if stamp else None,
            plan_version=stamp.plan_version if stamp else None,
            keyed_by=verdict.keyed_by,
            n_figures=len(verdict.accepted) - verdict.n_milestones,
            n_milestones=verdict.n_milestones,
            problems=problems,
            accepted=verdict.accepted,
        )
        same_as = same_file_before(connection, submission)
    receipt = Receipt(submission, answer_path(settings, submission), retrieval, same_as)
    record = records.get(submission.source_id or "")
    write_durably(receipt.answer, _answer(settings, receipt, record, verdict, data))
    return receipt


def _keep(settings: Settings, verdict: _Verdict, data: bytes, file_name: str, received_at: datetime) -> str:
    sha256 = landing.put(settings, data)
    with state.writing(settings) as connection:
        state.record_snapshot(
            connection,
            sha256=sha256,
            size_bytes=len(data),
            media_type=media_type_of(file_name),
            origin="transcription" if verdict.route == KEYED else "original",
            first_seen_at=received_at,
        )
    return sha256


def _retrieve(  # noqa: PLR0917
    settings: Settings,
    records: Mapping[str, SourceRecord],
    verdict: _Verdict,
    file_name: str,
    batch_id: str,
    received_at: datetime,
) -> RetrievalOutcome | None:
    stamp, document, route = verdict.stamp, verdict.document, verdict.route
    if verdict.kept is None or verdict.published_at is None or stamp is None or not document or not route:
        return None
    is_keyed = route == KEYED
    received = Received(
        stamp.source_id,
        route,
        document,
        verdict.kept,
        f"{document}.csv" if is_keyed else file_name,
        origin="transcription" if is_keyed else "original",
        published_at=verdict.published_at,
        # A letter prints its date; of a workbook the day it arrived is its issue.
        published_at_basis="printed" if is_keyed else "inferred",
        fault=_reason(_problem_rows(verdict)) if verdict.problems else None,
    )
    reading = records[stamp.source_id].route(route).reading
    return record_received(settings, received, reading, batch_id, received_at)


def _marked(settings: Settings, data: bytes, heading: str, problems: Sequence[CellProblem]) -> bytes:
    """Return the workbook with its problems marked, made in a process of its own; their list where that fails."""
    told = [asdict(one) for one in problems]
    try:
        return marked_in_process(data, heading, told, ReadingLimits.of(settings))
    except ReadingError:
        return marked_copy(b"", heading, problems)


def same_as_in_words(settings: Settings, earlier: Submission) -> str:
    """Say that a file is the same as one received before."""
    day = earlier.received_at.astimezone(ZoneInfo(settings.time_zone))
    said = OUTCOMES[earlier.outcome].lower()
    return f"Tệp này giống hệt tệp của lần nộp số {earlier.submission_id} ({day:%d/%m/%Y}, {said})."


def _answer(
    settings: Settings,
    given: Receipt,
    record: SourceRecord | None,
    verdict: _Verdict,
    data: bytes | None,
) -> bytes:
    submission = given.submission
    day = submission.received_at.astimezone(ZoneInfo(settings.time_zone))
    number = f"số {submission.submission_id}, nhận {day:%H:%M %d/%m/%Y}"
    who = record.publisher.vi if record is not None else "không rõ cơ quan"
    same = [] if given.same_as is None else [same_as_in_words(settings, given.same_as)]
    if submission.outcome == "returned":
        heading = ". ".join([f"Trả lại: {who}, lần nộp {number}", *same])
        return _marked(settings, data or b"", heading, verdict.problems)
    lines = [f"Cơ quan: {who}", f"Tệp: {submission.file_name}"]
    lines += [f"Kỳ báo cáo: {period_name(submission.period_id)}"] if submission.period_id else []
    lines += same
    if submission.outcome == "waiting":
        lines.append("Đã nhận bản nhập thứ nhất; chờ người thứ hai nhập. Chưa có số nào được sử dụng.")
    else:
        counts = f"{submission.n_figures} số liệu, {submission.n_milestones} báo cáo công trình"
        lines.append(f"Đã tiếp nhận {counts}; lần nộp sau cho cùng kỳ sẽ thay lần nộp này.")
    return receipt(f"Biên nhận lần nộp {number}", lines, submission.accepted)
