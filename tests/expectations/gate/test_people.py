"""Roles and deputies: who holds what on which day, who may give it, and what the words of the gate come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from expectations.gate.clearance import FULL, OFFICE, PUBLIC, Clearance, clearance_of
from expectations.gate.people import (
    ROLES,
    Person,
    deputations_on,
    holders_on,
    known_person,
    person_on,
    role_called,
    stated_person,
)
from expectations.gate.permissions import CANDIDATE_ROLES, DESK_ROLES, FINDING_ROLES, may, require
from expectations.gate.policies import (
    POLICIES,
    SIGNATURES,
    needs_second_person,
    policy_for,
    require_other_person,
)
from expectations.gate.roles import end_deputation, grant_role, name_deputy, revoke_role
from expectations.gate.states import (
    CANDIDATE_ACTIONS,
    CANDIDATE_OUTCOMES,
    CANDIDATE_STATES,
    CANDIDATE_TRANSITIONS,
    COUNTING,
    FINDING_ACTIONS,
    FINDING_STATES,
    FINDING_TRANSITIONS,
    OUTCOMES,
    NotAllowed,
    finding_actions,
    next_finding_state,
)
from store import review, state
from store.review import Deputation, RoleGrant
from store.settings import Settings
from store.tables import DECISION_ACTIONS, SIGN_OFF_ACTIONS
from tests.expectations.gate.office import (
    ALL,
    APPROVER,
    AT,
    DAY,
    ENGINEER,
    LEADER,
    OTHER_APPROVER,
    REVIEWER,
    deputy,
)


def granted(person: str, role: str, **changes: Any) -> RoleGrant:
    row: dict[str, Any] = {
        "action": "grant", "person": person, "role": role, "scope": "*", "valid_from": date(2026, 1, 1),
        "valid_to": None, "at": AT, "actor": "approver-1",
    }  # fmt: skip
    return RoleGrant(**row | changes)


def stands_in(principal: str, somebody: str, role: str = "approver", **changes: Any) -> Deputation:
    row: dict[str, Any] = {
        "action": "grant", "principal": principal, "deputy": somebody, "role": role, "valid_from": date(2026, 11, 1),
        "valid_to": date(2026, 11, 30), "at": AT, "actor": principal,
    }  # fmt: skip
    return Deputation(**row | changes)


def test_a_role_holds_from_its_first_day_to_its_last(settings: Settings) -> None:
    grants = [granted("a", "reviewer", valid_from=date(2026, 3, 1), valid_to=date(2026, 5, 31))]
    held = [
        person_on(day, "a", grants=grants).has("reviewer") for day in (date(2026, 2, 28), date(2026, 3, 1))
    ]
    assert held == [False, True]
    assert person_on(date(2026, 5, 31), "a", grants=grants).has("reviewer")
    assert not person_on(date(2026, 6, 1), "a", grants=grants).has("reviewer")
    assert not person_on(date(2026, 4, 1), "b", grants=grants).roles


def test_a_role_is_taken_back_in_its_scope(settings: Settings) -> None:
    grants = [
        granted("a", "reviewer", scope="x"),
        granted("a", "reviewer", scope="y"),
        granted("a", "reviewer", action="revoke", scope="x", valid_from=date(2026, 2, 1)),
    ]
    assert person_on(date(2026, 1, 15), "a", grants=grants).roles == {"reviewer": {"x", "y"}}
    there = person_on(DAY, "a", grants=grants)
    assert there.roles == {"reviewer": {"y"}}
    assert (there.has("reviewer"), there.has("reviewer", "y"), there.has("reviewer", "x")) == (
        True,
        True,
        False,
    )
    everything_back = [*grants, granted("a", "reviewer", action="revoke", valid_from=date(2026, 3, 1))]
    assert person_on(DAY, "a", grants=everything_back).roles == {}


def test_the_provider_gives_roles_beside_those_given_here() -> None:
    person = person_on(DAY, "a", name="A", given=["leader"], grants=[granted("a", "reviewer")], verified=True)
    assert (person.name, person.verified, set(person.roles)) == ("A", True, {"leader", "reviewer"})
    assert person_on(DAY, "a").name == "a"


def test_a_deputy_holds_the_role_of_somebody_who_holds_it_that_day() -> None:
    grants = [granted("a", "approver", valid_to=date(2026, 11, 20))]
    named = [stands_in("a", "d"), stands_in("a", "e")]
    there = person_on(date(2026, 11, 20), "d", grants=grants, deputations=named)
    assert (there.has("approver"), there.has("approver", "*"), there.acting_for("approver")) == (
        True,
        True,
        "a",
    )
    assert person_on(date(2026, 11, 20), "e", grants=grants, deputations=named).acting_for("approver") == "a"
    assert not person_on(date(2026, 11, 21), "d", grants=grants, deputations=named).has("approver")
    assert not person_on(date(2026, 10, 31), "d", grants=grants, deputations=named).has("approver")
    # A deputy has no deputy: d holds nothing that f could have of him.
    chain = [*named, stands_in("d", "f")]
    grants_of_all = [*grants, granted("d", "reviewer"), granted("d", "approver", action="revoke")]
    assert not person_on(date(2026, 11, 20), "f", grants=grants_of_all, deputations=chain).has("approver")


def test_a_deputy_who_holds_the_role_himself_acts_in_his_own_right() -> None:
    grants = [granted("a", "reviewer"), granted("d", "reviewer", scope="x")]
    there = person_on(DAY, "d", grants=grants, deputations=[stands_in("a", "d", "reviewer")])
    assert there.acting_for("reviewer", "x") is None
    assert there.acting_for("reviewer", "y") == "a"
    assert there.has("reviewer", "y")
    limited = person_on(
        DAY, "e", grants=[granted("a", "reviewer", scope="x")], deputations=[stands_in("a", "e", "reviewer")]
    )
    assert (limited.has("reviewer", "x"), limited.has("reviewer", "y")) == (True, False)


def test_a_deputation_that_was_ended_ends_whenever_it_was_for() -> None:
    grants = [granted("a", "approver"), granted("b", "approver")]
    named = [
        stands_in("a", "d"),
        stands_in("a", "d", valid_from=date(2026, 12, 20), valid_to=date(2026, 12, 31)),
        stands_in("b", "d"),
    ]
    assert person_on(DAY, "d", grants=grants, deputations=named).acting_for("approver") == "a"
    assert person_on(date(2026, 12, 24), "d", grants=grants, deputations=named).acting_for("approver") == "a"
    ended = [*named, stands_in("a", "d", action="revoke", valid_from=DAY, valid_to=DAY)]
    assert person_on(DAY, "d", grants=grants, deputations=ended).acting_for("approver") == "b"
    assert deputations_on(date(2026, 12, 24), ended, grants) == []


def test_a_principal_of_the_provider_is_taken_to_hold_what_he_handed_on() -> None:
    assert person_on(DAY, "d", deputations=[stands_in("a", "d")]).acting_for("approver") == "a"


def test_a_word_that_is_no_role_is_refused() -> None:
    assert [role_called(role) for role in ROLES] == list(ROLES)
    with pytest.raises(ValueError, match="no role is called 'boss'"):
        role_called("boss")


def test_the_first_approver_is_made_by_anybody_and_then_only_by_approvers(settings: Settings) -> None:
    anybody = stated_person(settings, "a", DAY)
    assert set(anybody.roles) == set(ROLES)
    begins_later: dict[str, Any] = {"role": "approver", "valid_from": DAY + timedelta(days=1)}
    for too_early in ({"role": "reviewer"}, begins_later):
        with pytest.raises(NotAllowed, match="nobody is approver here yet"):
            grant_role(settings, anybody, "b", **too_early, day=DAY)
    grant_role(settings, anybody, "a", "approver", day=DAY)
    first = stated_person(settings, "a", DAY)
    assert set(first.roles) == {"approver"}
    assert not stated_person(settings, "b", DAY).roles
    grant_role(settings, first, "b", "reviewer", day=DAY, scope="a_source", reason_text="agriculture")
    with pytest.raises(NotAllowed, match="give a role to himself"):
        grant_role(settings, first, "a", "reviewer", day=DAY)
    for who in (known_person(settings, "b", DAY), deputy("d", "approver", "a")):
        with pytest.raises(NotAllowed, match="may not give roles"):
            grant_role(settings, who, "c", "leader", day=DAY)
    with pytest.raises(NotAllowed, match="cannot be limited"):
        grant_role(settings, first, "c", "approver", day=DAY, scope="a_source")
    with pytest.raises(NotAllowed, match="before it begins"):
        grant_role(settings, first, "c", "approver", day=DAY, valid_to=date(2026, 1, 1))
    with pytest.raises(NotAllowed, match="names nobody"):
        grant_role(settings, first, " b", "leader", day=DAY)
    with state.reading(settings) as connection:
        assert [event.action for event in state.audit_events(connection)] == ["role_begun", "role_granted"]
        assert [one.role for one in review.role_grants(connection, person="b")] == ["reviewer"]


def test_an_office_whose_last_approvers_term_ran_out_begins_again(settings: Settings) -> None:
    grant_role(settings, stated_person(settings, "a", DAY), "a", "approver", day=DAY, valid_to=DAY)
    after = DAY + timedelta(days=1)
    grant_role(settings, stated_person(settings, "b", after), "b", "approver", day=after)
    with state.reading(settings) as connection:
        assert holders_on(after, "approver", review.role_grants(connection)) == {"b"}


def test_where_a_provider_vouches_nobody_begins(settings: Settings) -> None:
    with pytest.raises(NotAllowed, match="may not give roles"):
        grant_role(settings, replace(REVIEWER, verified=True), "b", "approver", day=DAY)
    assert grant_role(settings, replace(APPROVER, verified=True), "b", "approver", day=DAY).person == "b"


def test_a_role_is_taken_back_by_an_approver_and_never_the_last_one(settings: Settings) -> None:
    grant_role(settings, stated_person(settings, "a", DAY), "a", "approver", day=DAY)
    first = stated_person(settings, "a", DAY)
    with pytest.raises(NotAllowed, match="only approver"):
        revoke_role(settings, first, "a", "approver", day=DAY, reason_text="leaves")
    grant_role(settings, first, "b", "approver", day=DAY)
    grant_role(settings, first, "b", "reviewer", day=DAY, scope="x")
    with pytest.raises(NotAllowed, match="does not hold the role reviewer for y"):
        revoke_role(settings, first, "b", "reviewer", day=DAY, scope="y", reason_text="moved")
    with pytest.raises(NotAllowed, match="does not hold the role leader"):
        revoke_role(settings, first, "b", "leader", day=DAY, reason_text="moved")
    with pytest.raises(NotAllowed, match="reason in words"):
        revoke_role(settings, first, "b", "reviewer", day=DAY, reason_text="")
    with pytest.raises(NotAllowed, match="may not give roles"):
        revoke_role(settings, LEADER, "b", "reviewer", day=DAY, reason_text="x")
    revoke_role(settings, first, "b", "reviewer", day=DAY, scope="x", reason_text="moved")
    revoke_role(settings, first, "a", "approver", day=DAY, reason_text="leaves")
    assert set(stated_person(settings, "b", DAY).roles) == {"approver"}


def test_who_is_away_or_an_approver_names_the_deputy(settings: Settings) -> None:
    begin = stated_person(settings, "a", DAY)
    grant_role(settings, begin, "a", "approver", day=DAY)
    a = stated_person(settings, "a", DAY)
    for person, role in (("b", "approver"), ("r", "reviewer")):
        grant_role(settings, a, person, role_called(role), day=DAY)
    days: dict[str, Any] = {
        "day": DAY,
        "valid_from": DAY,
        "valid_to": DAY + timedelta(days=7),
        "reason_text": "leave",
    }
    r = stated_person(settings, "r", DAY)
    with pytest.raises(NotAllowed, match="may not name a deputy of a"):
        name_deputy(settings, r, "a", "d", "approver", **days)
    for actor, principal, somebody in ((a, "b", "a"), (r, "r", "r")):
        with pytest.raises(NotAllowed, match="cannot name himself"):
            name_deputy(
                settings, actor, principal, somebody, "approver" if actor is a else "reviewer", **days
            )
    with pytest.raises(NotAllowed, match="nobody stands in as engineer"):
        name_deputy(settings, a, "b", "d", "engineer", **days)
    with pytest.raises(NotAllowed, match="over or out of order"):
        name_deputy(settings, a, "a", "d", "approver", **{**days, "valid_to": DAY - timedelta(days=1)})
    with pytest.raises(NotAllowed, match="reason in words"):
        name_deputy(settings, a, "a", "d", "approver", **{**days, "reason_text": ""})
    with pytest.raises(NotAllowed, match="does not hold the role approver"):
        name_deputy(settings, a, "r", "d", "approver", **days)
    name_deputy(settings, a, "a", "d", "approver", **days)
    with pytest.raises(NotAllowed, match="stands in for a as approver"):
        name_deputy(settings, a, "b", "d", "approver", **{**days, "valid_from": DAY + timedelta(days=7)})
    name_deputy(
        settings, a, "b", "d", "approver",
        **{**days, "valid_from": DAY + timedelta(days=8), "valid_to": DAY + timedelta(days=9)},
    )  # fmt: skip
    name_deputy(settings, r, "r", "d", "reviewer", **days)
    there = stated_person(settings, "d", DAY)
    assert (there.acting_for("approver"), there.acting_for("reviewer")) == ("a", "r")
    with pytest.raises(NotAllowed, match="may not name a deputy"):
        end_deputation(settings, r, "a", "d", "approver", day=DAY)
    end_deputation(settings, there, "a", "d", "approver", day=DAY)
    with pytest.raises(NotAllowed, match="does not stand in for a"):
        end_deputation(settings, a, "a", "d", "approver", day=DAY)
    with pytest.raises(NotAllowed, match="does not stand in for b"):
        end_deputation(settings, a, "b", "x", "approver", day=DAY)
    end_deputation(settings, r, "r", "d", "reviewer", day=DAY, reason_text="back early")
    assert not stated_person(settings, "d", DAY).standing_in
    with state.reading(settings) as connection:
        assert len(review.deputations(connection, deputy="d")) == 5
        assert review.deputations(connection, deputy="x") == []


def test_a_person_of_the_provider_hands_on_the_role_the_provider_gave(settings: Settings) -> None:
    vouched = replace(REVIEWER, verified=True)
    days: dict[str, Any] = {"day": DAY, "valid_from": DAY, "valid_to": DAY, "reason_text": "leave"}
    name_deputy(settings, vouched, "reviewer-1", "d", "reviewer", **days)
    assert known_person(settings, "d", DAY, verified=True).acting_for("reviewer") == "reviewer-1"
    with pytest.raises(NotAllowed, match="does not hold"):
        name_deputy(settings, OTHER_APPROVER, "approver-1", "d", "approver", **days)


def test_every_action_has_a_role_and_every_state_its_actions() -> None:
    assert set(FINDING_ROLES) == set(FINDING_ACTIONS) == set(DECISION_ACTIONS)
    assert set(CANDIDATE_ROLES) == set(CANDIDATE_ACTIONS) == set(SIGN_OFF_ACTIONS)
    assert set(FINDING_TRANSITIONS) == set(FINDING_STATES)
    assert set(CANDIDATE_TRANSITIONS) == set(CANDIDATE_STATES)
    assert set(CANDIDATE_OUTCOMES) | set(COUNTING) == set(CANDIDATE_ACTIONS)
    assert {role for roles in DESK_ROLES.values() for role in roles} <= set(ROLES)
    offered = {action for state in FINDING_STATES for action in finding_actions(state)}
    assert offered == set(FINDING_ACTIONS)
    assert {action for actions in CANDIDATE_TRANSITIONS.values() for action in actions} == set(
        CANDIDATE_ACTIONS
    )


def test_a_state_refuses_what_it_does_not_offer_and_says_what_it_does() -> None:
    with pytest.raises(NotAllowed, match="open cannot take confirm; it can take accept"):
        next_finding_state("open", "confirm", needs_second=False)
    assert next_finding_state("proposed", "confirm", needs_second=False, proposal="correct") == "corrected"


def test_nobody_does_at_the_desk_what_his_role_does_not_allow() -> None:
    for action, roles in DESK_ROLES.items():
        for role in ROLES:
            assert may(Person("p", "P", {role: frozenset({"*"})}), action) is (role in roles)
    require(APPROVER, "give_roles")
    with pytest.raises(NotAllowed, match="Leader 1 may not run_job: it needs the role engineer"):
        require(LEADER, "run_job")


def test_the_stricter_policy_holds_where_a_headline_changes() -> None:
    assert policy_for("one", "two", changes_headline=True) == "two"
    assert policy_for("two", "one", changes_headline=True) == "two"
    assert policy_for("one", "two", changes_headline=False) == "one"
    assert policy_for("one", None, changes_headline=True) == "one"
    assert [SIGNATURES[policy] for policy in POLICIES] == [0, 1, 2]


def test_a_second_person_is_needed_against_an_error_and_for_every_change() -> None:
    needed = {
        (action, severity)
        for action in FINDING_ACTIONS
        for severity in ("error", "warning", "information")
        if needs_second_person(action, severity)
    }
    letting_through = {(action, "error") for action in OUTCOMES if action != "exclude"}
    assert needed == letting_through | {("correct", "warning"), ("correct", "information")}


def test_nobody_is_another_than_himself() -> None:
    require_other_person(("a", None), ("b", None), "did it")
    with pytest.raises(NotAllowed, match="a did it; another person"):
        require_other_person(("b", "a"), ("a", None), "did it")


@pytest.mark.parametrize(
    ("person", "sees"),
    [
        (Person("", "", {}), PUBLIC),
        (LEADER, OFFICE),
        (REVIEWER, FULL),
        (APPROVER, FULL),
        (Person("both", "Both", {"leader": ALL, "plan_owner": ALL}), OFFICE),
        # An engineer reads every table to mend it, and decides on nothing that is held.
        (ENGINEER, Clearance(FULL.levels, held=may(ENGINEER, "see_findings"))),
    ],
)
def test_somebody_sees_what_all_his_roles_together_may_see(person: Person, sees: Clearance) -> None:
    assert clearance_of(person) == sees
