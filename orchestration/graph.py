"""The asset graph: one job from the sources to the release, its schedule and resources."""

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    Definitions,
    RunRequest,
    ScheduleEvaluationContext,
    SensorEvaluationContext,
    SkipReason,
    define_asset_job,
    in_process_executor,
    schedule,
    sensor,
)
from dagster_dbt import DbtProject

from expectations.rules import load_rules
from orchestration.assets.release import candidate_asset, release_asset, source_outcomes_asset
from orchestration.assets.retrieval import (
    SUBMISSIONS,
    plan_asset,
    plan_key,
    source_asset,
    source_key,
    submissions_asset,
)
from orchestration.assets.warehouse import check_asset, dbt_asset_groups, inputs_asset
from orchestration.build import observation_suites
from orchestration.dbt import dbt_resource
from orchestration.resources import RunParameters, WarehouseLock
from sources.plan.reading import plan_versions
from sources.registry import load_records
from sources.submission.inbox import INBOX_ACTOR, arrival_key, waiting_files
from store import state
from store.settings import Settings
from store.submissions import last_accepted

JOB_NAME = "main_job"
# After the statistics offices' working day has begun.
DAILY_AT = "30 7 * * *"
INBOX_SECONDS = 60


def _accepted_by_hand(settings: Settings) -> int | None:
    """The last submission that no run has received itself: accepted on the page or at the command line."""
    if not state.is_made(settings):
        return None
    with state.reading(settings) as connection:
        return last_accepted(connection, actor_is_not=INBOX_ACTOR)


def build_definitions(settings: Settings) -> Definitions:
    """The definitions for one set of settings; records with problems are left out and reported by the run itself."""
    records = {
        source_id: record
        for source_id, record in load_records(settings.specs_dir).records.items()
        if record.routes.recorded is not None  # the others come in through the inbox
    }
    versions = plan_versions(settings.plans_dir)
    retrieved = [
        SUBMISSIONS,
        *(source_key(source_id) for source_id in records),
        *(plan_key(version) for version in versions),
    ]
    project = DbtProject(project_dir=settings.dbt_project_dir, profiles_dir=settings.dbt_project_dir)
    assets = [
        submissions_asset(),
        *(source_asset(source_id, record.title.vi) for source_id, record in records.items()),
        *(plan_asset(version) for version in versions),
        inputs_asset(retrieved),
        *dbt_asset_groups(project),
        check_asset(observation_suites(load_rules())),
        candidate_asset(),
        release_asset(),
        source_outcomes_asset(retrieved),
    ]
    job = define_asset_job(
        JOB_NAME,
        selection=AssetSelection.all(),
        description="Retrieve, read, observe, check, accept, assess, publish.",
        executor_def=in_process_executor,
        tags={"dagster/max_runtime": "3600"},
    )

    @schedule(
        job=job,
        cron_schedule=DAILY_AT,
        execution_timezone=settings.time_zone,
        default_status=DefaultScheduleStatus.STOPPED,
        name="daily",
    )
    def daily(context: ScheduleEvaluationContext) -> RunRequest:
        """Pull every live route each morning; the cut-off is the day of the tick."""
        day = context.scheduled_execution_time.date().isoformat()
        return RunRequest(
            run_key=day,
            run_config={"resources": {"run_parameters": {"config": {"live": True, "cut_off": day}}}},
        )

    @sensor(
        job=job,
        name="inbox",
        minimum_interval_seconds=INBOX_SECONDS,
        default_status=DefaultSensorStatus.STOPPED,
    )
    def inbox(context: SensorEvaluationContext) -> RunRequest | SkipReason:
        """Start a run when a filled workbook has arrived or was accepted by hand; each starts one run only."""
        files = waiting_files(settings)
        if files:
            return RunRequest(run_key=arrival_key(files))
        accepted = _accepted_by_hand(settings)
        if accepted is None:
            return SkipReason("nothing has arrived in the inbox")
        return RunRequest(run_key=f"submission-{accepted}")

    return Definitions(
        assets=assets,
        jobs=[job],
        schedules=[daily],
        sensors=[inbox],
        resources={
            "dbt": dbt_resource(settings),
            "run_parameters": RunParameters(),
            "warehouse": WarehouseLock(),
        },
        executor=in_process_executor,
    )
