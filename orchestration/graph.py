"""The asset graph: one job from the sources to the release, its schedule and resources."""

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    Definitions,
    RunRequest,
    ScheduleEvaluationContext,
    define_asset_job,
    in_process_executor,
    schedule,
)
from dagster_dbt import DbtProject

from expectations.rules import load_rules
from orchestration.assets.release import candidate_asset, release_asset, source_outcomes_asset
from orchestration.assets.retrieval import plan_asset, plan_key, source_asset, source_key
from orchestration.assets.warehouse import check_asset, dbt_asset_groups, inputs_asset
from orchestration.build import observation_suites
from orchestration.dbt import dbt_resource
from orchestration.resources import RunParameters, WarehouseLock
from sources.plan_tables import plan_versions
from sources.registry import load_records
from store.settings import Settings

JOB_NAME = "main_job"
# After the statistics offices' working day has begun.
DAILY_AT = "30 7 * * *"


def build_definitions(settings: Settings) -> Definitions:
    """The definitions for one set of settings; records with problems are left out and reported by the run itself."""
    records = load_records(settings.specs_dir).records
    versions = plan_versions(settings.plans_dir)
    retrieved = [
        *(source_key(source_id) for source_id in records),
        *(plan_key(version) for version in versions),
    ]
    project = DbtProject(project_dir=settings.dbt_project_dir, profiles_dir=settings.dbt_project_dir)
    assets = [
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

    return Definitions(
        assets=assets,
        jobs=[job],
        schedules=[daily],
        resources={
            "dbt": dbt_resource(settings),
            "run_parameters": RunParameters(),
            "warehouse": WarehouseLock(),
        },
        executor=in_process_executor,
    )
