"""Small candidates under a policy, and people who sign them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from expectations.gate.candidates import Offer, read_offer, sign, standing_of
from expectations.gate.people import Person
from expectations.gate.publication import offer_candidate
from store.settings import Settings
from tests.store.building import seal, write_candidate

ALL = frozenset({"*"})
REVIEWER = Person("reviewer-1", "Reviewer 1", {"reviewer": ALL})
FIRST, SECOND = (Person(f"approver-{number}", f"Approver {number}", {"approver": ALL}) for number in (1, 2))
# Before the clock of any machine that runs this: what is signed then is due now.
NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)


def candidate(settings: Settings, *values: str, paper: str = "report", **changes: Any) -> Path:
    """A sealed candidate with tables, a paper, formulas and rules, as a run leaves it."""
    directory = write_candidate(settings, *values)
    for name, text in (
        ("papers/report.html", paper),
        ("sql/assess/level.sql", "select 1"),
        ("rules/scale.yml", "r"),
    ):
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    seal(settings, directory, **changes)
    return directory


def offered(settings: Settings, *values: str, **changes: Any) -> Offer:
    return offer_candidate(settings, candidate(settings, *values, **changes))


def signed(settings: Settings, *values: str, by: tuple[Person, ...] = (FIRST,), **changes: Any) -> Offer:
    """An offered candidate with the signatures of some people."""
    waiting = offered(settings, *values, **changes)
    for person in by:
        sign(settings, person, waiting, seen=standing_of(settings, waiting).sequence)
    return read_offer(waiting.directory)
