"""What the desk looks at: the candidate that waits for people, or, while there is none, the current release."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import polars as pl

from expectations.gate.candidates import CandidateStanding, Offer, read_offer, standing_of
from expectations.gate.questions import Desk, files_of
from expectations.gate.queue import desk, queue
from reports.release_data import Release, ReleaseUnreadable, release_at
from store import review, state
from store.manifest import ReleaseError
from store.settings import Settings


@dataclass(frozen=True)
class Subject:
    """The tables that are looked at, and, where they are a candidate, what is signed of it and where it stands."""

    at: Desk
    release: Release
    offer: Offer | None = None
    standing: CandidateStanding | None = None

    @property
    def is_draft(self) -> bool:
        return self.offer is not None


def subject_of(settings: Settings) -> Subject | None:
    """What there is to look at, None before the first candidate. ReleaseUnreadable when it cannot be read."""
    try:
        at = desk(settings)
        if at is None:
            return None
        release = release_at(at.directory)
        if not at.is_candidate:
            return Subject(at, release)
        offer = read_offer(at.directory)
        return Subject(at, release, offer, standing_of(settings, offer))
    except ReleaseError as error:
        raise ReleaseUnreadable(str(error)) from error


def queue_of(settings: Settings, subject: Subject, day: date) -> pl.DataFrame:
    """The queue of what is looked at; put together again when a decision was taken, a day went by or a file changed."""
    with state.reading(settings) as connection:
        last = review.last_decision_id(connection)
    files = files_of(settings, subject.at)
    return _queue(_Asked(settings, subject.at, (settings.state_location, files, last, day)), day)


@dataclass(frozen=True)
class _Asked:
    settings: Settings = field(compare=False)
    at: Desk = field(compare=False)
    # What tells one queue from another.
    key: Hashable


# Of a queue with another decision nothing is asked any more; one more is kept for whoever still looks at another day.
@lru_cache(maxsize=2)
def _queue(asked: _Asked, day: date) -> pl.DataFrame:
    return queue(asked.settings, asked.at, day)
