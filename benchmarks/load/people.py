"""What people do: come to the overview, wait, follow a link they see, change a filter, leave after some clicks."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlsplit

from benchmarks.load.wire import Session, SessionFault

Click = Literal["first page", "link", "filter"]

CLICK_SECONDS = (5.0, 10.0)
ANSWER_SECONDS = 30.0
_CLICKS = (8, 16)
_NAMED_EVERY = 4
# A name that a person of the load states; it stands in no record.
_NAME = "Synthetic load"
_SEED = 20_261_123
# Of a hundred clicks, as far as the page offers them; the rest go back to the overview.
_CONTENT, _MENU, _FILTER, _LANGUAGE = 45, 20, 22, 5


@dataclass(frozen=True)
class Sample:
    """One click: when it was made (monotonic seconds), what kind, on which page, how long, the bytes of the answer.

    `fault` says why there was no page; the seconds are then those until that was known.
    """

    at: float
    click: Click
    page: str
    seconds: float
    n_bytes: int = 0
    fault: str = ""


class Crowd:
    """People at work until they are told to stop; `samples` grows as they click."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._people: list[asyncio.Task[None]] = []
        self.samples: list[Sample] = []

    @property
    def size(self) -> int:
        """How many people there are."""
        return len(self._people)

    def grow_to(self, number: int) -> None:
        """Let people come, each at a moment of the next ten seconds."""
        for index in range(len(self._people), number):
            self._people.append(asyncio.create_task(self._person(index)))

    async def leave(self) -> None:
        """Let all people leave."""
        for person in self._people:
            person.cancel()
        await asyncio.gather(*self._people, return_exceptions=True)
        self._people.clear()

    async def _person(self, index: int) -> None:
        chance = random.Random(_SEED + index)
        cookie = cookie_of(index)
        await asyncio.sleep(chance.uniform(0.0, CLICK_SECONDS[1]))
        while True:
            await self._sitting(chance, cookie)

    async def _sitting(self, chance: random.Random, cookie: str) -> None:
        session = await self._opened("first page", "", cookie)
        try:
            for _ in range(chance.randint(*_CLICKS)):
                await asyncio.sleep(chance.uniform(*CLICK_SECONDS))
                if session is None:
                    session = await self._opened("link", "", cookie)
                    continue
                drawn = chance.uniform(0, 100)
                seen = session.seen
                if seen.filters and drawn < _FILTER:
                    widget = chance.choice(sorted(seen.filters))
                    await self._chosen(session, widget, chance.choice(seen.filters[widget]))
                    continue
                address = _next_address(chance, drawn, seen.content, seen.menu, seen.language)
                await session.close()
                session = await self._opened("link", address, cookie)
        finally:
            if session is not None:
                await session.close()

    async def _opened(self, click: Click, address: str, cookie: str) -> Session | None:
        session, at = Session(self._port, address, cookie), time.monotonic()
        try:
            seconds = await session.open(ANSWER_SECONDS)
        except SessionFault as fault:
            self.samples.append(
                Sample(at, click, session.page, time.monotonic() - at, fault=f"{fault} ({address})")
            )
            await session.close()
            return None
        self.samples.append(Sample(at, click, session.page, seconds, session.seen.n_bytes))
        return session

    async def _chosen(self, session: Session, widget: str, value: str) -> None:
        at = time.monotonic()
        try:
            seconds = await session.choose(widget, value, ANSWER_SECONDS)
        except SessionFault as fault:
            self.samples.append(Sample(at, "filter", session.page, time.monotonic() - at, fault=str(fault)))
            return
        self.samples.append(Sample(at, "filter", session.page, seconds, session.seen.n_bytes))


def cookie_of(index: int) -> str:
    """The cookie by which one in four people has stated a name."""
    return f"ppw_stated_name={quote(_NAME)}" if index % _NAMED_EVERY == _NAMED_EVERY - 1 else ""


def _next_address(
    chance: random.Random, drawn: float, content: list[str], menu: list[str], language: list[str]
) -> str:
    drawn -= _FILTER
    if drawn < _CONTENT and content:
        # The kind of page first: a list of a hundred targets does not hide the one way to the sources.
        pages: dict[str, list[str]] = {}
        for address in content:
            pages.setdefault(urlsplit(address).path, []).append(address)
        return chance.choice(pages[chance.choice(sorted(pages))])
    if drawn < _CONTENT + _MENU and menu:
        return chance.choice(menu)
    if drawn < _CONTENT + _MENU + _LANGUAGE and language:
        return language[0]
    return ""
