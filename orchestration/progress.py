"""What a run is doing and where its seconds go: one line per stage, kept for the report at the end."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LOGGER = logging.getLogger("ppw")


@dataclass(frozen=True)
class Stage:
    """One stage of a run; seconds are wall seconds."""

    name: str
    seconds: float


@dataclass
class StageClock:
    """The stages of the run under way in this process, in the order they ended."""

    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block, say on the log that it began and ended."""
        LOGGER.info("%s …", name)
        started = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - started
            self.stages.append(Stage(name, seconds))
            LOGGER.info("%s: %.1f s", name, seconds)

    def clear(self) -> None:
        """Forget the stages of the run before."""
        self.stages.clear()


# A run lives in one process: Dagster's in-process executor runs the steps in the thread that started it.
CLOCK = StageClock()
