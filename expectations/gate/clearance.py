"""What of a release a person may see: by the access level of a source, of a column, and whether a figure is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from expectations.gate.people import Person, Role
from expectations.gate.permissions import may

Access = Literal["public", "internal", "restricted"]
ACCESS_LEVELS: tuple[Access, ...] = get_args(Access)
# What says nothing of its access is internal.
UNSTATED: Access = "internal"


@dataclass(frozen=True)
class Clearance:
    """The access levels somebody may see, and whether he sees figures that are held back for review."""

    levels: frozenset[Access]
    held: bool


PUBLIC = Clearance(frozenset({"public"}), held=False)
OFFICE = Clearance(frozenset({"public", "internal"}), held=False)
FULL = Clearance(frozenset(ACCESS_LEVELS), held=True)

LEVELS: Mapping[Role, frozenset[Access]] = {
    "public": PUBLIC.levels,
    "leader": OFFICE.levels,
    "plan_owner": OFFICE.levels,
    "reviewer": FULL.levels,
    "approver": FULL.levels,
    "engineer": FULL.levels,
}


def clearance_of(person: Person) -> Clearance:
    """What the person may see, in all his roles together; somebody without a role sees what the public sees."""
    levels = PUBLIC.levels.union(*(LEVELS[role] for role in LEVELS if person.has(role)))
    return Clearance(levels, held=may(person, "see_findings"))
