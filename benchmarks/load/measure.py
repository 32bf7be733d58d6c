"""A load in steps: people come, the settling time passes, then what they wait for and what the server uses is taken."""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load.people import ANSWER_SECONDS, CLICK_SECONDS, Crowd, Sample, cookie_of
from benchmarks.load.server import RunningServer
from benchmarks.load.wire import Session

FIRST_PAGE_SECONDS = 1.0
CLICK_GOAL_SECONDS = 0.5
HELD_PAGES = 40
_LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Quantiles:
    """How many there were and how long they took, in seconds; the quantiles are of the answers that came."""

    count: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Step:
    """What was seen with so many people in so many seconds.

    First pages are those of the people who came for this step and of those who took the place of others. CPU in cores
    (1.0 is a whole core), memory in megabytes; `machine_load` is that of the last minute.
    """

    people: int
    seconds: float
    first_page: Quantiles
    clicks: Quantiles
    by_click: dict[str, Quantiles]
    by_page: dict[str, Quantiles]
    faults: tuple[str, ...]
    server_cpu: float
    server_cpu_a_page: float
    generator_cpu: float
    other_cpu: float
    megabytes: float
    most_megabytes: float
    machine_load: float

    @property
    def holds(self) -> bool:
        """Whether pages came as fast as they should, all of them."""
        return (
            not self.faults
            and self.first_page.p95 < FIRST_PAGE_SECONDS
            and self.clicks.p95 < CLICK_GOAL_SECONDS
        )


@dataclass(frozen=True)
class OpenPages:
    """The first page ever, alone, and the memory of pages that are held open, in megabytes."""

    very_first_seconds: float
    before: float
    held: float
    number: int = HELD_PAGES

    @property
    def megabytes_each(self) -> float:
        return (self.held - self.before) / self.number


@dataclass
class Result:
    """A whole measurement."""

    release_id: str
    observations: int
    cores: int
    seconds_to_start: float
    megabytes_at_start: float
    open_pages: OpenPages
    steps: list[Step] = field(default_factory=list)

    @property
    def megabytes_a_person(self) -> float | None:
        """The slope of the greatest memory over the number of people; None with one step."""
        points = [(step.people, step.most_megabytes) for step in self.steps]
        if len(points) < 2:
            return None
        mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
        spread = sum((x - mean_x) ** 2 for x, _ in points)
        return float(sum((x - mean_x) * (y - mean_y) for x, y in points) / spread)


def quantiles(samples: Sequence[Sample]) -> Quantiles:
    """The quantiles of the samples, by the nearest rank; zeros when there are none."""
    taken = sorted(sample.seconds for sample in samples if not sample.fault)

    def at(share: float) -> float:
        return (
            taken[min(len(taken) - 1, max(0, -(-int(share * 100) * len(taken) // 100) - 1))] if taken else 0.0
        )

    return Quantiles(len(samples), at(0.50), at(0.95), at(0.99))


async def look_at_memory(server: RunningServer) -> OpenPages:
    """Open the first page alone, then hold pages open that nobody touches."""
    first = Session(server.port, "")
    very_first = await first.open(ANSWER_SECONDS * 4)
    await first.close()
    # One after the other: what every page and every reader costs once is paid before.
    for index in range(8):
        session = Session(server.port, "", cookie_of(index))
        await session.open(ANSWER_SECONDS)
        await session.close()
    before, held = server.use().megabytes, []
    for index in range(HELD_PAGES):
        session = Session(server.port, "", cookie_of(index))
        await session.open(ANSWER_SECONDS)
        held.append(session)
    await asyncio.sleep(_LOOK_SECONDS)
    after = server.use().megabytes
    for session in held:
        await session.close()
    return OpenPages(very_first, before, after)


async def run_step(server: RunningServer, crowd: Crowd, people: int, seconds: float) -> Step:
    """Let people come up to a number, wait until all are at work, and measure for so many seconds."""
    came = time.monotonic()
    crowd.grow_to(people)
    await asyncio.sleep(CLICK_SECONDS[1])
    began, before, own, busy = time.monotonic(), server.use(), time.process_time(), _machine_busy()
    most = before.megabytes
    while time.monotonic() - began < seconds:
        await asyncio.sleep(_LOOK_SECONDS)
        most = max(most, server.use().megabytes)
    lasted, after = time.monotonic() - began, server.use()
    arrived = [sample for sample in crowd.samples if sample.at >= came and sample.click == "first page"]
    samples = [sample for sample in crowd.samples if sample.at >= began]
    later = [sample for sample in samples if sample.click != "first page"]
    by_click, by_page = defaultdict(list), defaultdict(list)
    for sample in samples:
        by_click[sample.click].append(sample)
        by_page[sample.page or "/"].append(sample)
    server_cpu = (after.cpu_seconds - before.cpu_seconds) / lasted
    generator_cpu = (time.process_time() - own) / lasted
    return Step(
        people=people,
        seconds=lasted,
        first_page=quantiles(arrived),
        clicks=quantiles(later),
        by_click={click: quantiles(found) for click, found in sorted(by_click.items())},
        by_page={page: quantiles(found) for page, found in sorted(by_page.items())},
        faults=tuple(f"{sample.click}: {sample.fault}" for sample in {*samples, *arrived} if sample.fault),
        server_cpu=server_cpu,
        server_cpu_a_page=server_cpu * lasted / len(samples) if samples else 0.0,
        generator_cpu=generator_cpu,
        other_cpu=max(0.0, (_machine_busy() - busy) / lasted - server_cpu - generator_cpu),
        megabytes=after.megabytes,
        most_megabytes=most,
        machine_load=os.getloadavg()[0],
    )


def _machine_busy() -> float:
    """CPU seconds that all processes of the machine have used since it started."""
    fields = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, soft_irq, *_ = map(int, fields)
    return (user + nice + system + irq + soft_irq) / os.sysconf("SC_CLK_TCK")
