"""The audit log as it is asked for: which events, on which page, and as a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from store.settings import Settings
from store.state import AuditEvent, audit_events, is_made, reading

COLUMNS = ("event_id", "at", "actor", "acting_for", "action", "subject", "from", "to", "reason", "detail")


@dataclass(frozen=True)
class AskedEvents:
    """What is asked of the log; None asks for everything. Days are those of the office's time zone."""

    action: str | None = None
    actor: str | None = None
    since: date | None = None
    until: date | None = None
    text: str = ""


def every_event(settings: Settings) -> list[AuditEvent]:
    """All events, the newest first."""
    if not is_made(settings):
        return []
    with reading(settings) as connection:
        return audit_events(connection)[::-1]


def choose_events(events: Sequence[AuditEvent], asked: AskedEvents, time_zone: str) -> list[AuditEvent]:
    """The events asked for, in their order; `text` is looked for in what it was done to, and in the details."""
    zone = ZoneInfo(time_zone)
    wanted = asked.text.casefold().strip()
    return [
        event
        for event in events
        if asked.action in (None, event.action)
        and asked.actor in (None, event.actor)
        and (asked.since is None or event.at.astimezone(zone).date() >= asked.since)
        and (asked.until is None or event.at.astimezone(zone).date() <= asked.until)
        and (
            not wanted
            or wanted in f"{event.subject} {json.dumps(event.detail, ensure_ascii=False)}".casefold()
        )
    ]


def reason_of(event: AuditEvent) -> str:
    """Why, in the words of who did it."""
    return str(event.detail.get("reason_text") or event.detail.get("reason") or "")


def events_csv(events: Sequence[AuditEvent]) -> bytes:
    """The events as a CSV file: UTF-8 with a mark that spreadsheets know, times in UTC, `detail` as JSON.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for event in events:
        detail = event.detail
        writer.writerow(
            _safe(str(value))
            for value in (
                event.event_id,
                event.at.isoformat(),
                event.actor,
                detail.get("acting_for") or "",
                event.action,
                event.subject,
                detail.get("from") or "",
                detail.get("to") or "",
                reason_of(event),
                json.dumps(detail, ensure_ascii=False, sort_keys=True),
            )
        )
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _safe(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
