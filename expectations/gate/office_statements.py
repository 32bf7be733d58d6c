"""What the office responsible for a target says of it: cause, measure, deadline; and what of it a build knows.

A statement is the office's own word. It is never changed: that its measure was done, or that it is taken back, are
further steps. Who wrote it stays in the state database; a release names the office only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from expectations.gate.people import Person
from expectations.gate.permissions import role_for_statement
from expectations.gate.states import NotAllowed
from expectations.gate.vocabulary import STATEMENT_ACCESS, STATEMENT_ENDS, StatementAccess, StatementEnd
from store import review, state
from store.review import OfficeStatement
from store.settings import Settings
from store.xml_letters import NOT_IN_XML

# As many letters as a page and a printed report can show of one answer.
MOST_LETTERS = 2000

Row = dict[str, Any]


@dataclass(frozen=True)
class Concern:
    """The target a statement is about, as the release said it that the office looked at."""

    plan_version: str
    target_id: str
    indicator_code: str | None
    release_id: str
    bucket: str | None


def state_cause(
    settings: Settings,
    person: Person,
    concern: Concern,
    *,
    office: str,
    offices: Collection[str],
    cause: str,
    measure: str,
    deadline: date,
    day: date,
    access: StatementAccess = "internal",
    at: datetime | None = None,
) -> OfficeStatement:
    """Record what an office says of a target. `offices`: those the release knows; `day`: today where the office is.

    Raises NotAllowed for who is not plan owner of the indicator, target or office, for an office that the release does
    not know, for an empty or overlong answer, and for a deadline that is over.
    """
    role, acting_for = role_for_statement(person, *_scopes(concern.indicator_code, concern.target_id, office))
    if office not in offices:
        raise NotAllowed(
            f"the release knows no office {office!r}; a statement is an office's: {'; '.join(sorted(offices))}"
        )
    cause, measure = _text("cause", cause), _text("measure", measure)
    if deadline < day:
        raise NotAllowed(f"the deadline {deadline} is over; name today or a later day")
    if access not in STATEMENT_ACCESS:
        raise NotAllowed(f"access {access!r} is not one of {', '.join(STATEMENT_ACCESS)}")
    with review.taking_turns(settings) as connection:
        before = [
            one
            for one in review.office_statements(connection)
            if (one.plan_version, one.target_id, one.action)
            == (concern.plan_version, concern.target_id, "state")
        ]
        named = f"{concern.plan_version}|{concern.target_id}|{len(before) + 1}"
        step = OfficeStatement(
            **asdict(concern), cause=cause, measure=measure, action="state",
            statement_key=hashlib.sha256(named.encode()).hexdigest(),
            office=office, deadline=deadline, access=access, at=at or datetime.now(UTC), actor=person.identifier,
            acting_for=acting_for, role=role,
        )  # fmt: skip
        recorded = review.record_office_statement(connection, step, seen=0)
        _record_audit(connection, person, recorded)
        return recorded


def end_statement(
    settings: Settings,
    person: Person,
    statement_key: str,
    action: StatementEnd,
    *,
    reason_text: str,
    seen: int = 1,
    at: datetime | None = None,
) -> OfficeStatement:
    """Record that the measure of a statement was done, or that the statement is taken back, with a word on how or why.

    Raises NotAllowed for a statement that there is not or that has ended, without that word, and for who is not plan
    owner of the indicator, target or office; Overtaken when somebody was faster.
    """
    if action not in STATEMENT_ENDS:
        raise NotAllowed(f"a statement ends by {' or '.join(STATEMENT_ENDS)}, not by {action}")
    with review.taking_turns(settings) as connection:
        steps = review.office_statements(connection, statement_key=statement_key)
        if not steps:
            raise NotAllowed(f"there is no statement {statement_key}; `ppw statement list` shows them")
        first = steps[0]
        role, acting_for = role_for_statement(
            person, *_scopes(first.indicator_code, first.target_id, first.office)
        )
        if len(steps) > 1 and seen == len(steps):
            raise NotAllowed(f"this statement has ended ({steps[-1].action}); what is new is a new statement")
        step = OfficeStatement(
            statement_key=statement_key, action=action, plan_version=first.plan_version, target_id=first.target_id,
            indicator_code=first.indicator_code, office=first.office, at=at or datetime.now(UTC),
            actor=person.identifier, acting_for=acting_for, role=role, reason_text=_text("reason", reason_text),
        )  # fmt: skip
        recorded = review.record_office_statement(connection, step, seen=seen)
        _record_audit(connection, person, recorded)
        return recorded


@dataclass(frozen=True)
class StatementsOnRecord:
    """The steps of statements that a build knows, in their order. `up_to`: the number of the last, 0 before the first.

    `time_zone`: in which days are told.
    """

    up_to: int = 0
    steps: tuple[OfficeStatement, ...] = ()
    time_zone: str = "Asia/Ho_Chi_Minh"

    @property
    def fingerprint(self) -> str:
        """The sha256 (hex) of what a build is told, words and all; empty before the first, so that an office without
        statements is unchanged.
        """
        told = self.rows()
        return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest() if told else ""

    @property
    def last_step(self) -> datetime | None:
        """When the last step was taken; None before the first."""
        return max((step.at for step in self.steps), default=None)

    @property
    def last_day(self) -> date | None:
        """The day (UTC, as that of a vintage) of that step."""
        return self.last_step.astimezone(UTC).date() if self.last_step else None

    def rows(self) -> list[Row]:
        """One row per statement for the input table `statement`; no person is named."""
        by_key: dict[str, list[OfficeStatement]] = {}
        for step in self.steps:
            by_key.setdefault(step.statement_key, []).append(step)
        return [self._row(steps[0], steps[1] if len(steps) > 1 else None) for steps in by_key.values()]

    def _row(self, first: OfficeStatement, end: OfficeStatement | None) -> Row:
        return {
            "statement_id": first.statement_key[:16],
            "plan_version": first.plan_version,
            "target_id": first.target_id,
            "office": first.office,
            "cause": first.cause,
            "measure": first.measure,
            "deadline": first.deadline,
            "access": first.access,
            "stated_on": self._day(first.at),
            "stated_about": first.release_id,
            "stated_bucket": first.bucket,
            "ended_by": end.action if end else None,
            "ended_on": self._day(end.at) if end else None,
            "ended_note": end.reason_text if end else None,
        }

    def _day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.time_zone)).date()


def read_statements(
    settings: Settings, *, up_to: int | None = None, taken_by: datetime | None = None
) -> StatementsOnRecord:
    """The statements that a build is to know: all, those up to a number, those made by a moment."""
    with state.reading(settings) as connection:
        last = review.last_office_statement_id(connection, taken_by)
        if up_to is not None:
            last = min(last, up_to)
        steps = review.office_statements(connection, up_to=last)
    return StatementsOnRecord(last, tuple(steps), settings.time_zone)


def find_statement(settings: Settings, beginning: str) -> OfficeStatement:
    """The first step of the statement whose key begins so. Raises NotAllowed when it is none or several."""
    with state.reading(settings) as connection:
        found = [
            one
            for one in review.office_statements(connection)
            if one.action == "state" and beginning and one.statement_key.startswith(beginning)
        ]
    if len(found) != 1:
        raise NotAllowed(f"{len(found)} statements begin with {beginning!r}; `ppw statement list` shows them")
    return found[0]


def _scopes(*named: str | None) -> tuple[str, ...]:
    return tuple(one for one in named if one)


def _text(name: str, text: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise NotAllowed(f"a statement needs its {name} in words")
    if unprintable := NOT_IN_XML.search(said):
        place, code = unprintable.start() + 1, ord(unprintable.group())
        raise NotAllowed(
            f"the {name} has U+{code:04X} as letter {place}, which no report can print; take it out"
        )
    if len(said) > MOST_LETTERS:
        raise NotAllowed(f"the {name} has {len(said)} letters; at most {MOST_LETTERS} fit a report")
    return said


def _record_audit(connection: Any, person: Person, step: OfficeStatement) -> None:
    detail = {
        name: str(value) for name, value in asdict(step).items() if value not in (None, "") and name != "at"
    }
    state.record_audit_event(
        connection,
        actor=person.identifier,
        action=f"statement_{step.action}",
        subject=f"{step.plan_version} {step.target_id}",
        detail={**detail, "identity_verified": person.verified},
        at=step.at,
    )
