"""What a run is doing and where its seconds go: one line per stage, kept for the report at the end."""

import logging
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LOGGER = logging.getLogger("ppw")


@dataclass(frozen=True)
class Stage:
    """One stage of a run: wall seconds, and CPU seconds of this process and of those that it started and saw end."""

    name: str
    seconds: float
    cpu_seconds: float


@dataclass
class StageClock:
    """The stages of the run under way in this process, in the order they ended."""

    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block, say on the log that it began and ended."""
        LOGGER.info("%s …", name)
        started, cpu_before = time.perf_counter(), _cpu_seconds()
        try:
            yield
        finally:
            seconds = time.perf_counter() - started
            self.stages.append(Stage(name, seconds, _cpu_seconds() - cpu_before))
            LOGGER.info("%s: %.1f s", name, seconds)

    def clear(self) -> None:
        """Forget the stages of the run before."""
        self.stages.clear()


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


# A run lives in one process: Dagster's in-process executor runs the steps in the thread that started it.
CLOCK = StageClock()
