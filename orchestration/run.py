"""The main job as `ppw run` does it: retrieve, stop when nothing is new, else let Dagster build and publish."""

import contextlib
import os
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from expectations.gate.destruction import complete_destructions, tombstones
from expectations.gate.publication import pending_candidates
from orchestration.build import NothingRetrieved, nothing_new, plan_run
from orchestration.instance import dagster_environment, lasting_engines, prepare_instance, quick_event_log
from orchestration.manifest import ensure_manifest
from orchestration.progress import CLOCK, Stage
from orchestration.publication import publish_due_candidates
from orchestration.records import usable_records
from orchestration.release_query import rows_where
from orchestration.retrieval import receive_submissions, retrieve_all
from sources.retrieve import RetrievalOutcome
from store.manifest import ReleaseError, read_manifest
from store.releases import current_release_id, release_dir
from store.settings import Settings
from store.state import migrate
from store.warehouse import warehouse_lock

if TYPE_CHECKING:
    from dagster import DagsterEvent, ExecuteInProcessResult

# The last step of the job, in orchestration/assets/release.py.
SOURCE_OUTCOMES = "source_outcomes"
_WAREHOUSE_SECONDS = 600.0


class WrongArgument(ValueError):
    """A source without a record, or a cut-off before anything was known."""


@dataclass(frozen=True)
class RunResult:
    """How a run ended. `failures`: steps of the job that failed, with their messages."""

    release_id: str | None
    content_digest: str | None
    new_release: bool
    nothing_new: bool
    retrieved: dict[str, int]
    source_problems: list[RetrievalOutcome]
    failures: list[str]
    unclaimed: list[str]
    held: list[str]
    destroyed: list[str] = field(default_factory=list)
    awaiting_sign_off: list[dict[str, Any]] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 when everything is good; 1 when a source or a step failed or a cell is claimed by no mapping.

        A value held by a rule is the rules at work: it is said, and is no failure.
        """
        return 1 if self.source_problems or self.failures or self.unclaimed else 0

    def as_dict(self) -> dict[str, Any]:
        """The result as plain data."""
        return {**asdict(self), "exit_code": self.exit_code}

    def print_summary(self) -> None:
        """Say in a few lines what happened; faults go to standard error."""
        counted = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.retrieved.items()))
        click.echo(f"documents retrieved: {counted or 'none'}")
        if self.failures:
            click.echo(f"the run failed; {self.release_id or 'no release'} stays in force")
        elif self.nothing_new:
            click.echo(f"nothing new: {self.release_id or 'no release'} stays in force")
        elif self.new_release:
            click.echo(f"new release: {self.release_id}")
        elif self.awaiting_sign_off:
            click.echo(f"no new release yet: {self.release_id or 'none'} stays in force")
        elif self.release_id:
            click.echo(f"no new release: the figures say what {self.release_id} says")
        for waiting in self.awaiting_sign_off:
            click.echo(
                f"awaiting sign-off: candidate {waiting['candidate']} has {waiting['signatures']} of "
                f"{waiting['required']} signatures ({waiting['state']})"
            )
        for problem in self.source_problems:
            click.echo(
                f"{problem.outcome}: {problem.source_id} {problem.document}: {problem.reason}", err=True
            )
        for failure in self.failures:
            click.echo(f"failed: {failure}", err=True)
        for cell in self.unclaimed:
            click.echo(f"unclaimed: {cell}", err=True)
        for value in self.held:
            click.echo(f"held: {value}", err=True)
        for snapshot in self.destroyed:
            click.echo(f"left out: {snapshot}", err=True)
        click.echo(
            "seconds: " + ", ".join(f"{stage.name} {stage.seconds:.1f}" for stage in self.stages), err=True
        )


def run(
    settings: Settings, *, source_ids: Sequence[str] = (), live: bool = False, cut_off: date | None = None
) -> RunResult:
    """Run the main job once.

    Source faults and failed steps are in the result. Raises WrongArgument, and
    whatever keeps the stores from being used.
    """
    CLOCK.clear()
    batch_id = uuid.uuid4().hex
    before = _in_force(settings)
    with CLOCK.stage("retrieve"):
        migrate(settings)
        # What was signed before goes first; what was built since is then compared with it.
        _, unpublished = publish_due_candidates(settings)
        _complete_destructions(settings)
        usable = usable_records(settings)
        unknown = sorted(set(source_ids) - usable.records.keys() - usable.spoiled.keys())
        if unknown:
            raise WrongArgument(
                f"no source is called {', '.join(unknown)}; `ppw source list` shows those there are"
            )
        outcomes = retrieve_all(settings, usable, source_ids, live=live, batch_id=batch_id)
        receipts = receive_submissions(settings, usable, batch_id=batch_id)
        outcomes += [receipt.as_outcome for receipt in receipts]
    with CLOCK.stage("compare with the release in force"):
        try:
            plan = plan_run(settings, cut_off)
        except NothingRetrieved as error:
            return _nothing_to_build(settings, outcomes, str(error))
        first = min(vintage.vintage_at.date() for vintage in plan.vintages)
        if plan.cut_off < first:
            raise WrongArgument(
                f"nothing was known on {plan.cut_off}; the first figures arrived on {first}: choose a later day"
            )
        unchanged = nothing_new(settings, plan)
    failures = [] if unchanged else _execute(settings, source_ids, live, cut_off, batch_id)
    release_id = current_release_id(settings)
    return RunResult(
        release_id=release_id,
        content_digest=read_manifest(release_dir(settings, release_id)).content_digest
        if release_id
        else None,
        new_release=release_id != before,
        nothing_new=unchanged,
        awaiting_sign_off=_awaiting(settings),
        retrieved=_counted(outcomes),
        source_problems=[outcome for outcome in outcomes if outcome.is_fault],
        failures=[*unpublished, *failures],
        unclaimed=_unclaimed(settings, release_id),
        held=_held(settings, release_id),
        destroyed=_destroyed(settings),
        stages=list(CLOCK.stages),
    )


def _in_force(settings: Settings) -> str | None:
    """The release in force, None where `current` names nothing whole: what cannot be read is said later."""
    try:
        return current_release_id(settings)
    except ReleaseError:
        return None


def _awaiting(settings: Settings) -> list[dict[str, Any]]:
    """The candidates on the desk: how many signatures each has, of how many, and in which state it is."""
    return [
        {
            "candidate": one.directory.name,
            "release_id": one.manifest.release_id,
            "state": now.state,
            "signatures": len(now.signatures),
            "required": one.required,
            "publish_at": now.publish_at,
        }
        for one, now in pending_candidates(settings)
    ]


def _complete_destructions(settings: Settings) -> None:
    """Remove what two people decided to destroy, also when the run that follows has nothing to build."""
    if any(one.state == "confirmed" for one in tombstones(settings)):
        with warehouse_lock(settings, timeout_seconds=_WAREHOUSE_SECONDS):
            complete_destructions(settings)


def _counted(outcomes: Sequence[RetrievalOutcome]) -> dict[str, int]:
    """Number of documents by outcome."""
    return dict(Counter(outcome.outcome for outcome in outcomes))


def _nothing_to_build(settings: Settings, outcomes: Sequence[RetrievalOutcome], message: str) -> RunResult:
    """The end of a run that has no snapshot at all: there can be no release either."""
    return RunResult(
        release_id=None,
        content_digest=None,
        new_release=False,
        nothing_new=False,
        retrieved=_counted(outcomes),
        source_problems=[outcome for outcome in outcomes if outcome.is_fault],
        failures=[message],
        unclaimed=[],
        held=[],
        destroyed=_destroyed(settings),
        stages=list(CLOCK.stages),
    )


def _unclaimed(settings: Settings, release_id: str | None) -> list[str]:
    """The cells of the release in force that no mapping claims: source, document, place, labels and the mend."""
    if release_id is None:
        return []
    cells = rows_where(
        release_dir(settings, release_id),
        "fct_cell_unclaimed", "reason <> 'IGNORED'", "source_id, document, cell_ref",
    )  # fmt: skip
    return [
        f"{cell['source_id']} {cell['document']}, {cell['cell_ref']} ({cell['labels_text']}): {cell['reason']}; add a "
        f"series or an ignore entry to {cell['source_id']}.yml, `ppw source test` previews it"
        for cell in cells
    ]


def _held(settings: Settings, release_id: str | None) -> list[str]:
    """The values of the release in force that an error rule holds back."""
    if release_id is None:
        return []
    from reports.explanation import shown_text

    values = rows_where(
        release_dir(settings, release_id), "fct_observation", "held", "source_id, indicator_code, period_id"
    )
    return [
        f"{value['source_id']} {_place(value)}: {value['indicator_code']} "
        f"{value['period_id']} = {shown_text(value)} ({value['held_reason']}); the value accepted before stays"
        for value in values
    ]


def _destroyed(settings: Settings) -> list[str]:
    """The snapshots that no run uses any more, because two people had them destroyed."""
    return [
        f"snapshot {one.snapshot_sha256[:12]} was destroyed ({one.reason}); see `ppw snapshot list`"
        for one in tombstones(settings)
        if one.state in ("confirmed", "destroyed")
    ]


def _place(value: Mapping[str, Any]) -> str:
    """Where a value stands: document and cell; of a derived one, how it was worked out."""
    if value.get("derivation_id"):
        return f"({value['derivation_id']})"
    return f"{value['document']}, {value['cell_ref']}"


def _execute(
    settings: Settings, source_ids: Sequence[str], live: bool, cut_off: date | None, batch_id: str
) -> list[str]:
    """Run the Dagster job in this process on the project's instance; returns the failed steps in words."""
    with CLOCK.stage("start Dagster"):
        ensure_manifest(settings)
        prepare_instance(settings)
        os.environ.update(dagster_environment(settings))
        from dagster import DagsterInstance

        from orchestration.graph import JOB_NAME, build_definitions

        job = build_definitions(settings).resolve_job_def(JOB_NAME)
    run_config = {
        # Every event stays in the instance, where the UI shows it; the terminal has the stage lines.
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        "resources": {
            "run_parameters": {
                "config": {
                    "live": live,
                    "batch_id": batch_id,
                    "cut_off": cut_off.isoformat() if cut_off else "",
                    "source_ids": list(source_ids),
                }
            }
        },
    }
    # dagster-dbt prints dbt's own lines on standard output, which belongs to the result of this command.
    log = settings.warehouse_dir / "dbt.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        quick_event_log(settings),
        lasting_engines(),
        DagsterInstance.get() as instance,
        log.open("w", encoding="utf-8") as lines,
        contextlib.redirect_stdout(lines),
    ):
        result = job.execute_in_process(run_config=run_config, instance=instance, raise_on_error=False)
    return [] if result.success else _failures(result)


def _failures(result: "ExecuteInProcessResult") -> list[str]:
    """What failed, in words: broken release rules first, for the steps they stopped failed because of them.

    The step that fails the run for its sources is left out: they are in the result one by one.
    """
    broken = [
        f"{check.asset_key.to_user_string()}, {check.check_name}: {check.description}"
        for check in result.get_asset_check_evaluations()
        if check.blocking and not check.passed
    ]
    failed = [event for event in result.all_events if event.is_step_failure]
    messages = [_message(event) for event in failed if event.step_key != SOURCE_OUTCOMES]
    if not broken and not failed:
        return ["the run did not succeed; the Dagster UI (make serve) shows its events"]
    return broken or messages


def _message(event: "DagsterEvent") -> str:
    """A failed step and the error at the root of its failure."""
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return f"{event.step_key}: {error.message.strip() if error else 'no message'}"
