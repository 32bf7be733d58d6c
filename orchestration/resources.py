"""What the steps of one run share: its parameters, and the warehouse lock held from its first step to its last."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date

from dagster import ConfigurableResource, InitResourceContext
from pydantic import Field

from expectations.gate.destruction import complete_destructions
from orchestration.manifest import dbt_environment
from store.settings import Settings, load_settings
from store.state import migrate
from store.warehouse import warehouse_lock


class RunParameters(ConfigurableResource):  # type: ignore[type-arg]
    """The arguments of `ppw run` or of the schedule.

    live: pull the live routes instead of the recorded snapshots.
    batch_id: retrievals already made for this run under this id are used, not repeated; empty: none were.
    cut_off: ISO date up to which things are known and judged; empty: the latest retrieval or plan import.
    source_ids: only these sources are retrieved; empty: all.
    """

    live: bool = False
    batch_id: str = ""
    cut_off: str = ""
    source_ids: list[str] = Field(default_factory=list)

    def batch(self, run_id: str) -> str:
        """The id this run's retrievals stand under: the one given, else Dagster's run id."""
        return self.batch_id or run_id

    def cut_off_date(self) -> date | None:
        """The cut-off asked for, or None when it follows from what is known."""
        return date.fromisoformat(self.cut_off) if self.cut_off else None


class WarehouseLock(ConfigurableResource):  # type: ignore[type-arg]
    """Holds the warehouse file lock for the whole run and gives the steps their settings.

    Runs of one job wait for each other here; a second run that waits too long fails with the holder's process id.
    """

    timeout_seconds: float = 600.0

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Generator["HeldWarehouse", None, None]:
        settings = load_settings()
        # Whoever started the run (the UI, the schedule, `ppw run`): dbt's child processes read these variables.
        os.environ.update(dbt_environment(settings))
        migrate(settings)
        with warehouse_lock(settings, timeout_seconds=self.timeout_seconds):
            complete_destructions(settings)
            yield HeldWarehouse(settings)


class HeldWarehouse:
    """Settings of a run that holds the warehouse lock."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
