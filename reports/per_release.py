"""What is worked out from a release once and then read by every session of the server.

A release never changes, so what was worked out stays right for as long as it is kept; it is kept for each clearance
apart, because people see different figures. Answers are shared: who takes one does not write into it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from threading import RLock
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

Answered = TypeVar("Answered")
Asked = ParamSpec("Asked")


class Keyed(Protocol):
    """A release as somebody may see it."""

    @property
    def key(self) -> Hashable:
        """Tells releases, and ways to see them, apart."""
        ...


Shown = TypeVar("Shown", bound=Keyed)

# Releases, each as seen with one clearance. What was asked for the longest ago goes first.
MOST_KEPT = 48
# The same for those of the past that a page of another release looks back at.
MOST_PAST = 6
# Answers of one release to questions of readers, who may ask about anything.
MOST_ANSWERS = 2048


class _Answer:
    """A place for an answer; whoever comes while it is worked out waits for it instead of working it out too."""

    __slots__ = ("known", "lock", "value")

    def __init__(self) -> None:
        self.lock = RLock()
        self.known = False
        self.value: Any = None


_kept: OrderedDict[Hashable, OrderedDict[Hashable, _Answer]] = OrderedDict()
_past: OrderedDict[Hashable, OrderedDict[Hashable, _Answer]] = OrderedDict()
_is_looking_back: ContextVar[bool] = ContextVar("is_looking_back", default=False)
_lock = RLock()


@contextmanager
def looking_back() -> Iterator[None]:
    """What is asked within of releases that nobody has opened is kept apart: however many of the past a page looks
    back at, it pushes none out that people read.
    """
    was = _is_looking_back.set(True)
    try:
        yield
    finally:
        _is_looking_back.reset(was)


def per_release(
    function: Callable[Concatenate[Shown, Asked], Answered],
) -> Callable[Concatenate[Shown, Asked], Answered]:
    """Has a function of a release, and of hashable arguments, answer from memory what it was asked before.

    An exception is no answer: the next call tries again.
    """

    @wraps(function)
    def kept(release: Shown, /, *arguments: Asked.args, **named: Asked.kwargs) -> Answered:
        answer = _place(release.key, (function, arguments, tuple(sorted(named.items()))))
        if not answer.known:
            with answer.lock:
                if not answer.known:
                    answer.value = function(release, *arguments, **named)
                    answer.known = True
        value: Answered = answer.value
        return value

    return kept


def forget() -> None:
    """Keep nothing: for tests that write a release anew under its id."""
    with _lock:
        _kept.clear()
        _past.clear()


def _place(release: Hashable, question: Hashable) -> _Answer:
    with _lock:
        aside = _is_looking_back.get() and release not in _kept
        shelf, most = (_past, MOST_PAST) if aside else (_kept, MOST_KEPT)
        answers = shelf.setdefault(release, OrderedDict())
        shelf.move_to_end(release)
        answer = answers.setdefault(question, _Answer())
        answers.move_to_end(question)
        while len(shelf) > most:
            shelf.popitem(last=False)
        while len(answers) > MOST_ANSWERS:
            answers.popitem(last=False)
    return answer
