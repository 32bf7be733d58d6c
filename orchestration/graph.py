"""The asset graph: one job from the sources to the release, its schedule and resources."""

from datetime import UTC, datetime, timedelta

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    Definitions,
    Failure,
    RunRequest,
    ScheduleEvaluationContext,
    SensorEvaluationContext,
    SkipReason,
    define_asset_job,
    in_process_executor,
    job,
    op,
    schedule,
    sensor,
)
from dagster_dbt import DbtProject

from expectations.gate.decisions_in_force import read_decisions
from expectations.gate.office_statements import read_statements
from expectations.gate.publication import due_candidates, retracted_releases
from expectations.gate.rollback import waiting_request
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
from orchestration.build import last_build, observation_suites
from orchestration.dbt import dbt_resource
from orchestration.publication import publish_due_candidates
from orchestration.resources import RunParameters, WarehouseLock
from sources.plan.reading import plan_versions
from sources.registry import load_records
from sources.submission.inbox import INBOX_ACTOR, arrival_key, waiting_files
from store import state
from store.releases import current_release_id
from store.settings import Settings, load_settings
from store.submissions import last_accepted

JOB_NAME = "main_job"
PUBLISH_JOB_NAME = "publish_signed"
# After the statistics offices' working day has begun.
DAILY_AT = "30 7 * * *"
INBOX_SECONDS = 60
GATE_SECONDS = 60
# Reviewers decide on one finding after another: a run begins when they have come to rest.
DECISIONS_REST_FOR = timedelta(minutes=5)


def _accepted_by_hand(settings: Settings) -> int | None:
    """The last submission that no run has received itself: accepted on the page or at the command line."""
    if not state.is_made(settings):
        return None
    with state.reading(settings) as connection:
        return last_accepted(connection, actor_is_not=INBOX_ACTOR)


def _decisions_to_build(settings: Settings, now: datetime) -> int | None:
    """The last decision, where the last build does not know it and none was taken within some minutes."""
    if not state.is_made(settings):
        return None
    decisions = read_decisions(settings)
    built = last_build(settings)
    if built is None or decisions.last_step is None:
        return None
    if decisions.fingerprint == read_decisions(settings, up_to=built.decisions_up_to).fingerprint:
        return None
    return decisions.up_to if now - decisions.last_step >= DECISIONS_REST_FOR else None


def _statements_to_build(settings: Settings, now: datetime) -> int | None:
    """The same for the statements of offices: the last step of any, where a build is to take it up."""
    if not state.is_made(settings):
        return None
    statements = read_statements(settings)
    built = last_build(settings)
    if built is None or statements.last_step is None or statements.up_to <= built.statements_up_to:
        return None
    return statements.up_to if now - statements.last_step >= DECISIONS_REST_FOR else None


def _pointer_to_move(settings: Settings) -> str | None:
    """Names the rollback that waits, or the retraction of the release in force; None when `current` is to stay."""
    request = waiting_request(settings)
    if request is not None:
        return f"rollback-{request.event_id}"
    if not state.is_made(settings):
        return None
    current = current_release_id(settings)
    return f"retraction-{current}" if current in retracted_releases(settings) else None


@op(name="publish_signed_candidates")
def _publish_signed() -> list[str]:
    """Publishes every signed candidate whose time has come."""
    release_ids, problems = publish_due_candidates(load_settings())
    if problems:
        raise Failure(description="; ".join(problems), allow_retries=False)
    return release_ids


@job(name=PUBLISH_JOB_NAME, executor_def=in_process_executor)
def publish_signed() -> None:
    """From a signed candidate to the release in force."""
    _publish_signed()


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
    main_job = define_asset_job(
        JOB_NAME,
        selection=AssetSelection.all(),
        description="Retrieve, read, observe, check, accept, assess, publish.",
        executor_def=in_process_executor,
        tags={"dagster/max_runtime": "3600"},
    )

    @schedule(
        job=main_job,
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
        job=main_job,
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

    @sensor(
        jobs=[main_job, publish_signed],
        name="gate",
        minimum_interval_seconds=GATE_SECONDS,
        default_status=DefaultSensorStatus.STOPPED,
    )
    def gate(context: SensorEvaluationContext) -> RunRequest | SkipReason:
        """Publish what is signed when its time has come; build again what was decided on since the last build."""
        due = due_candidates(settings) if state.is_made(settings) else []
        if due:
            return RunRequest(run_key=f"publish-{due[0]}", job_name=PUBLISH_JOB_NAME)
        asked = _pointer_to_move(settings)
        if asked is not None:
            return RunRequest(run_key=asked, job_name=PUBLISH_JOB_NAME)
        decided = _decisions_to_build(settings, datetime.now(UTC))
        if decided is not None:
            return RunRequest(run_key=f"decisions-{decided}", job_name=JOB_NAME)
        stated = _statements_to_build(settings, datetime.now(UTC))
        if stated is not None:
            return RunRequest(run_key=f"statements-{stated}", job_name=JOB_NAME)
        return SkipReason(
            "nothing is signed and due, and the last build knows every decision and every statement of an office"
        )

    return Definitions(
        assets=assets,
        jobs=[main_job, publish_signed],
        schedules=[daily],
        sensors=[inbox, gate],
        resources={
            "dbt": dbt_resource(settings),
            "run_parameters": RunParameters(),
            "warehouse": WarehouseLock(),
        },
        executor=in_process_executor,
    )
