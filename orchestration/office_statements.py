"""What `ppw statement` does and shows."""

from dataclasses import asdict
from datetime import date
from typing import Any

from expectations.gate.office_statements import (
    end_statement,
    find_statement,
    read_statements,
    state_cause,
)
from expectations.gate.states import NotAllowed
from expectations.gate.vocabulary import StatementAccess, StatementEnd
from orchestration.desk import acting_person, today
from reports.office_facts import concern_of, known_offices
from reports.release_data import current_release
from store import state
from store.review import OfficeStatement
from store.settings import Settings


def statement_rows(
    settings: Settings, *, target_id: str | None = None, office: str | None = None, only_open: bool = False
) -> list[dict[str, Any]]:
    """The statements on record in the order they were made, those asked for."""
    state.migrate(settings)
    return [
        row
        for row in read_statements(settings).rows()
        if target_id in (None, row["target_id"])
        and office in (None, row["office"])
        and not (only_open and row["ended_by"])
    ]


def add_statement(
    settings: Settings,
    actor: str,
    target_id: str,
    plan_version: str | None,
    *,
    office: str,
    cause: str,
    measure: str,
    deadline: date,
    access: StatementAccess,
) -> dict[str, Any]:
    """State a cause on a target of the release in force. Raises NotAllowed, also when there is no such target."""
    person = acting_person(settings, actor)
    release = current_release(settings)
    concern = concern_of(release, target_id, plan_version) if release else None
    if release is None or concern is None:
        raise NotAllowed(f"the release in force has no target {target_id}; `ppw target list` shows them")
    made = state_cause(
        settings, person, concern, office=office, offices=known_offices(release), cause=cause, measure=measure,
        deadline=deadline, day=today(settings), access=access,
    )  # fmt: skip
    return _fields(made)


def close_statement(
    settings: Settings, actor: str, statement_id: str, how: StatementEnd, note: str
) -> dict[str, Any]:
    """End a statement. Raises NotAllowed, Overtaken."""
    person = acting_person(settings, actor)
    first = find_statement(settings, statement_id)
    return _fields(end_statement(settings, person, first.statement_key, how, reason_text=note))


def _fields(step: OfficeStatement) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(step).items() if value not in (None, "") and name != "at"}
    return {"statement_id": shown.pop("statement_key")[:16], **shown}
