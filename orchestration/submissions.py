"""What `ppw template` and `ppw submission` do and show."""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from orchestration.records import usable_records
from sources.fingerprint import code_version
from sources.record import SourceRecord
from sources.submission.catalogue import read_indicators
from sources.submission.in_force import in_force
from sources.submission.inbox import receive_inbox
from sources.submission.owed import NoDepartment, find_source, owed, reference_plan
from sources.submission.periods import NotReported, period_name
from sources.submission.receive import OUTCOMES, Receipt, answer_path, receive
from sources.submission.template import department_template, entry_template
from sources.text.periods import PeriodError
from store import state
from store.files import write_durably
from store.settings import Settings
from store.submissions import Submission, same_file_before, submissions


class WrongRequest(ValueError):
    """A department or period there is no template for."""


def write_template(settings: Settings, name: str, period: str | None, out: Path | None) -> dict[str, Any]:
    """Write a department's workbook for a period, or without one the sheet for keying a letter; say what it holds.

    Raises WrongRequest.
    """
    state.migrate(settings)
    try:
        record = find_source(usable_records(settings).records, name)
        version = code_version(settings)
        if period is None:
            if record.routes.keyed is None:
                raise NoDepartment(
                    f"letters of {record.source_id} are not keyed; its record has no route 'keyed'"
                )
            indicators = list(read_indicators(settings.dbt_project_dir / "seeds").values())
            area_id = reference_plan(settings).document.area_id
            template = entry_template(record, area_id, indicators, version)
            counts: dict[str, Any] = {}
        else:
            wanted = owed(settings, record, period)
            template = department_template(wanted, in_force(settings), version)
            counts = {"figures": len(wanted.figures), "milestones": len(wanted.milestones)}
    except (NoDepartment, NotReported, PeriodError) as error:
        raise WrongRequest(str(error)) from error
    path = out or Path(f"{record.source_id}-{period or 'letter'}.xlsx")
    write_durably(path.absolute(), template.data)
    stamp = template.stamp
    return {
        "file": str(path),
        "department": record.source_id,
        "name": record.publisher.vi,
        "period": period,
        **counts,
        "template_id": stamp.template_id,
        "plan_version": stamp.plan_version,
        "code_version": stamp.code_version,
        "structure_digest": stamp.structure_digest,
    }


def receive_files(settings: Settings, files: Sequence[Path], actor: str) -> list[dict[str, Any]]:
    """Receive files, or everything in the inbox when none is named; a row for each."""
    state.migrate(settings)
    records = usable_records(settings).records
    batch_id = uuid.uuid4().hex
    if not files:
        receipts: Sequence[Receipt] = receive_inbox(settings, records, batch_id)
    else:
        receipts = [receive(settings, records, file, batch_id, actor) for file in files]
    return [_row(settings, records, one.submission) for one in receipts]


def submission_rows(settings: Settings) -> list[dict[str, Any]]:
    """All receipts, the oldest first."""
    state.migrate(settings)
    records = usable_records(settings).records
    with state.reading(settings) as connection:
        return [_row(settings, records, one) for one in submissions(connection)]


def submission_detail(settings: Settings, submission_id: int) -> dict[str, Any] | None:
    """One receipt with its problems or accepted values; None when there is none of that number."""
    state.migrate(settings)
    with state.reading(settings) as connection:
        found = submissions(connection, submission_id=submission_id)
        earlier = same_file_before(connection, found[0]) if found else None
    if not found:
        return None
    one = found[0]
    facts = {
        "template_id": one.template_id, "plan_version": one.plan_version, "keyed_by": one.keyed_by,
        "actor": one.actor, "batch_id": one.batch_id, "snapshot_sha256": one.snapshot_sha256,
    }  # fmt: skip
    same_as = None if earlier is None else earlier.submission_id
    told = {"same_as": same_as, "problems": one.problems, "accepted": one.accepted}
    return {**_row(settings, usable_records(settings).records, one), **facts, **told}


_KINDS = {
    "department": "biểu báo cáo của cơ quan",
    "entry": "văn bản do hai người nhập",
    "unknown": "không rõ",
}


def in_words(row: Mapping[str, Any], time_zone: str) -> dict[str, Any]:
    """A row of a receipt, or of what it lists, as an officer reads it in Vietnamese; the names stay."""
    told = dict(row)
    if "outcome" in row:
        period, sender = row["period_id"], row["sender"]
        told["period"] = period_name(period) if period else row["document"]
        told["sender"] = sender or "không rõ cơ quan"
        told["kind"] = _KINDS.get(row["kind"], row["kind"])
        told["outcome"] = OUTCOMES[row["outcome"]]
        told["received_at"] = f"{row['received_at'].astimezone(ZoneInfo(time_zone)):%d/%m/%Y %H:%M}"
        if row.get("same_as"):
            told["same_as"] = f"tệp giống hệt tệp của lần nộp số {row['same_as']}"
    elif "period" in row:
        # Of a milestone it is a day, which stands as people write it already.
        told["period_or_day"] = _period_name(str(row["period"]))
    return told


def _period_name(text: str) -> str:
    try:
        return period_name(text)
    except PeriodError:
        return text


def _row(settings: Settings, records: Mapping[str, SourceRecord], one: Submission) -> dict[str, Any]:
    record = records.get(one.source_id or "")
    return {
        "submission_id": one.submission_id,
        "received_at": one.received_at,
        "kind": one.kind,
        "source_id": one.source_id,
        "sender": None if record is None else record.publisher.vi,
        "document": one.document,
        "period_id": one.period_id,
        "outcome": one.outcome,
        "n_figures": one.n_figures,
        "n_milestones": one.n_milestones,
        "n_problems": len(one.problems),
        "file_name": one.file_name,
        "answer": str(answer_path(settings, one)),
    }
