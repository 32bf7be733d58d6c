"""What offices say of targets: who may, what is kept, and what a build is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from expectations.gate.office_statements import (
    MOST_LETTERS,
    Concern,
    end_statement,
    find_statement,
    read_statements,
    state_cause,
)
from expectations.gate.people import ROLES, Person, Role
from expectations.gate.states import NotAllowed
from store import review, state
from store.review import OfficeStatement
from store.settings import Settings

AT = datetime(2026, 11, 20, 20, tzinfo=UTC)
DAY = date(2026, 11, 21)
OFFICES = ("Sở Y tế", "Sở Xây dựng")
DOCTORS = Concern("plan", "DOCTORS_2030", "DOCTORS", "2026-11-20-aaaaaaaa", "behind")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path)
    state.migrate(made)
    return made


def person(*scopes: str, role: Role = "plan_owner", name: str = "Nguyễn Văn A") -> Person:
    return Person(name, name, {role: frozenset(scopes)})


def said(settings: Settings, who: Person, concern: Concern = DOCTORS, **changes: Any) -> OfficeStatement:
    given: dict[str, Any] = {
        "office": "Sở Y tế",
        "offices": OFFICES,
        "cause": "thiếu bác sĩ",
        "measure": "tuyển mới",
        "deadline": date(2027, 6, 30),
        "day": DAY,
        "at": AT,
    }
    return state_cause(settings, who, concern, **{**given, **changes})


@pytest.mark.parametrize("scope", ["*", "DOCTORS", "DOCTORS_2030", "Sở Y tế"])
def test_a_plan_owner_of_indicator_target_or_office_states_and_ends(settings: Settings, scope: str) -> None:
    made = said(settings, person(scope))
    assert (made.sequence, made.action, made.access) == (1, "state", "internal")
    ended = end_statement(settings, person(scope), made.statement_key, "done", reason_text="đã tuyển", at=AT)
    assert (ended.sequence, ended.office) == (2, "Sở Y tế")
    with state.reading(settings) as connection:
        assert [event.action for event in state.audit_events(connection)] == [
            "statement_state",
            "statement_done",
        ]


@pytest.mark.parametrize(
    "who",
    [
        person("Sở Xây dựng"),
        person("OTHER"),
        *(person("*", role=role) for role in ROLES if role != "plan_owner"),
    ],
)
def test_nobody_else_speaks_for_the_office(settings: Settings, who: Person) -> None:
    made = said(settings, person("*"))
    with pytest.raises(NotAllowed, match="may not state_cause"):
        said(settings, who)
    with pytest.raises(NotAllowed, match="may not state_cause"):
        end_statement(settings, who, made.statement_key, "withdraw", reason_text="nhầm")
    assert len(read_statements(settings).steps) == 1


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"office": "Nguyễn Văn A"}, "knows no office"),
        ({"cause": "  \n"}, "needs its cause"),
        ({"measure": ""}, "needs its measure"),
        ({"cause": "x" * (MOST_LETTERS + 1)}, f"at most {MOST_LETTERS}"),
        ({"cause": "thiếu\ufffe bác sĩ"}, r"the cause has U\+FFFE as letter 6"),
        ({"measure": "tuyển\x01"}, r"U\+0001 as letter 6"),
        ({"measure": "\ud800"}, r"U\+D800 as letter 1"),
        ({"deadline": DAY - timedelta(1)}, "is over"),
        ({"access": "restricted"}, "access 'restricted' is not one of"),
    ],
)
def test_what_is_no_whole_statement_of_an_office_is_refused(
    settings: Settings, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(NotAllowed, match=why):
        said(settings, person("*"), **changes)
    assert read_statements(settings).steps == ()


def test_a_statement_ends_once_and_a_later_one_is_another(settings: Settings) -> None:
    owner = person("*")
    first = said(settings, owner)
    end_statement(settings, owner, first.statement_key, "withdraw", reason_text="nêu nhầm số", at=AT)
    with pytest.raises(NotAllowed, match=r"has ended \(withdraw\)"):
        end_statement(settings, owner, first.statement_key, "done", reason_text="x", seen=2)
    with pytest.raises(review.Overtaken):
        end_statement(settings, owner, first.statement_key, "done", reason_text="x")
    second = said(settings, owner)
    assert second.statement_key != first.statement_key
    with pytest.raises(NotAllowed, match="needs its reason"):
        end_statement(settings, owner, second.statement_key, "done", reason_text=" ")
    assert find_statement(settings, second.statement_key[:10]) == second
    with pytest.raises(NotAllowed, match="0 statements begin with"):
        find_statement(settings, "")
    with pytest.raises(NotAllowed, match="there is no statement"):
        end_statement(settings, owner, "0" * 64, "done", reason_text="x")
    with pytest.raises(NotAllowed, match=r"ends by .*, not by forget"):
        end_statement(settings, owner, second.statement_key, "forget", reason_text="x")  # type: ignore[arg-type]


def test_a_build_is_told_of_the_office_and_of_no_person(settings: Settings) -> None:
    assert read_statements(settings).fingerprint == ""
    made = said(settings, person("*"), access="public")
    before = read_statements(settings)
    (row,) = before.rows()
    assert "Nguyễn Văn A" not in str(row)
    # 20:00 UTC is the next day in the province.
    assert (row["office"], row["stated_on"], row["ended_by"], row["stated_bucket"]) == (
        "Sở Y tế",
        date(2026, 11, 21),
        None,
        "behind",
    )
    end_statement(
        settings, person("*"), made.statement_key, "done", reason_text="xong", at=AT + timedelta(days=2)
    )
    now = read_statements(settings)
    (row,) = now.rows()
    assert (row["ended_by"], row["ended_on"], row["ended_note"]) == ("done", date(2026, 11, 23), "xong")
    assert now.fingerprint != before.fingerprint
    reworded = replace(before, steps=(replace(before.steps[0], cause="thiếu chỗ đào tạo"),))
    assert reworded.fingerprint != before.fingerprint, "the same key and number with other words"
    assert (
        read_statements(settings, up_to=before.up_to).rows()
        == (read_statements(settings, taken_by=AT + timedelta(days=1)).rows())
        == before.rows()
    )
    assert (before.last_day, now.last_day) == (date(2026, 11, 20), date(2026, 11, 22))


def test_a_deputy_speaks_for_the_absent_owner(settings: Settings) -> None:
    from expectations.gate.people import StandIn

    deputy = replace(person(), roles={}, standing_in={"plan_owner": StandIn("B", frozenset({"Sở Y tế"}))})
    assert said(settings, deputy).acting_for == "B"
