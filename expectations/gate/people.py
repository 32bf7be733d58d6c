"""Who somebody is: the roles a person holds on a day, also as deputy for somebody who is away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from expectations.gate.vocabulary import EVERYTHING, ROLES, Role
from store import review, state
from store.review import Deputation, RoleGrant
from store.settings import Settings

__all__ = [
    "EVERYTHING",
    "ROLES",
    "Person",
    "Role",
    "StandIn",
    "deputations_on",
    "holders_on",
    "known_person",
    "named_deputations",
    "own_roles",
    "person_on",
    "role_called",
    "stated_person",
]


@dataclass(frozen=True)
class StandIn:
    """For whom somebody stands in, and the scopes that the role holds for there."""

    principal: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Person:
    """Somebody at the desk. `roles`: role -> the scopes it holds for (`*`: everything).

    `standing_in`: role -> whom the person is deputy for in it. `verified`: the identity provider vouches for the
    person; in local mode nobody does.
    """

    identifier: str
    name: str
    roles: dict[Role, frozenset[str]] = field(default_factory=dict)
    standing_in: dict[Role, StandIn] = field(default_factory=dict)
    verified: bool = False

    def has(self, role: Role, *scopes: str) -> bool:
        """Whether the person holds a role, in his own right or as deputy; with `scopes` for one of these at least."""
        stand_in = self.standing_in.get(role)
        return self._in_own_right(role, scopes) or (stand_in is not None and _covers(stand_in.scopes, scopes))

    def acting_for(self, role: Role, *scopes: str) -> str | None:
        """Whom the person stands in for when acting in a role; None when acting in his own right."""
        stand_in = self.standing_in.get(role)
        return None if stand_in is None or self._in_own_right(role, scopes) else stand_in.principal

    def _in_own_right(self, role: Role, scopes: Collection[str]) -> bool:
        return _covers(self.roles.get(role, frozenset()), scopes)


def person_on(
    day: date,
    identifier: str,
    *,
    name: str = "",
    given: Collection[Role] = (),
    grants: Sequence[RoleGrant] = (),
    deputations: Sequence[Deputation] = (),
    verified: bool = False,
) -> Person:
    """The person with the roles of a day.

    `given`: roles the identity provider's role map gives. `grants`, `deputations`: as recorded, in that order, for
    anybody: a deputy stands in only while the principal holds the role himself. A principal to whom nobody ever
    granted the role here had it from the provider when the deputy was named, and is taken to have it until that ends.
    Who was named deputy by several in one role stands in for the first of them.
    """
    own = own_roles(day, identifier, grants)
    for role in given:
        own[role] = own.get(role, frozenset()) | {EVERYTHING}
    standing_in: dict[Role, StandIn] = {}
    for one in deputations_on(day, deputations, grants):
        role = role_called(one.role)
        if one.deputy == identifier and role not in standing_in:
            scopes = own_roles(day, one.principal, grants).get(role, frozenset({EVERYTHING}))
            standing_in[role] = StandIn(one.principal, scopes)
    return Person(identifier, name or identifier, own, standing_in, verified)


def known_person(
    settings: Settings,
    identifier: str,
    day: date,
    *,
    name: str = "",
    given: Collection[Role] = (),
    verified: bool = False,
) -> Person:
    """The person with the roles of a day, given by the identity provider and on record here."""
    with state.reading(settings) as connection:
        grants, deputations = review.role_grants(connection), review.deputations(connection)
    return person_on(
        day,
        identifier,
        name=name,
        given=given,
        grants=grants,
        deputations=deputations,
        verified=verified,
    )


def stated_person(settings: Settings, identifier: str, day: date) -> Person:
    """Who says to be somebody on this machine, where no identity provider vouches for anybody.

    With the roles given to that name, or with every role as long as none was ever given to anybody.
    """
    with state.reading(settings) as connection:
        nobody_has_any = not review.role_grants(connection)
    return known_person(settings, identifier, day, given=ROLES if nobody_has_any else ())


def holders_on(day: date, role: Role, grants: Sequence[RoleGrant]) -> set[str]:
    """Who holds a role on a day by what was granted here; nobody as a deputy."""
    return {person for person in {grant.person for grant in grants} if role in own_roles(day, person, grants)}


def named_deputations(deputations: Sequence[Deputation]) -> list[Deputation]:
    """Who was named to stand in for whom and not told to stop, whatever the day, in the order of naming."""
    named: list[Deputation] = []
    for one in deputations:
        if one.action == "grant":
            named.append(one)
        else:
            ended = (one.principal, one.deputy, one.role)
            named = [other for other in named if (other.principal, other.deputy, other.role) != ended]
    return named


def deputations_on(
    day: date, deputations: Sequence[Deputation], grants: Sequence[RoleGrant]
) -> list[Deputation]:
    """Who stands in for whom on a day, in the order of naming."""
    return [
        one
        for one in named_deputations(deputations)
        if one.valid_from <= day <= one.valid_to and _principal_holds(day, one, grants)
    ]


def _principal_holds(day: date, one: Deputation, grants: Sequence[RoleGrant]) -> bool:
    here = [grant for grant in grants if (grant.person, grant.role) == (one.principal, one.role)]
    return not here or role_called(one.role) in own_roles(day, one.principal, here)


def _covers(held: frozenset[str], asked: Collection[str]) -> bool:
    return bool(held) and (not asked or EVERYTHING in held or not held.isdisjoint(asked))


def own_roles(day: date, identifier: str, grants: Sequence[RoleGrant]) -> dict[Role, frozenset[str]]:
    """The roles that were granted to somebody and hold on a day, with their scopes; none as a deputy."""
    held: dict[Role, frozenset[str]] = {}
    for grant in grants:
        if grant.person != identifier or grant.valid_from > day:
            continue
        role = role_called(grant.role)
        scopes = held.pop(role, frozenset())
        if grant.action == "revoke":
            scopes = frozenset() if grant.scope == EVERYTHING else scopes - {grant.scope}
        elif grant.valid_to is None or day <= grant.valid_to:
            scopes |= {grant.scope}
        if scopes:
            held[role] = scopes
    return held


def role_called(word: str) -> Role:
    """The role of that name. Raises ValueError naming those there are."""
    for role in ROLES:
        if role == word:
            return role
    raise ValueError(f"no role is called {word!r}; the roles are {', '.join(ROLES)}")
