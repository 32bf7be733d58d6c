"""The end of the job: candidate, release, and the word on sources that failed."""

from collections.abc import Sequence

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    Failure,
    MaterializeResult,
    ResourceParam,
    asset,
)

from orchestration.progress import CLOCK
from orchestration.publication import (
    build_candidate,
    check_candidate,
    publish_candidate,
    render_open_files,
    render_report,
)
from orchestration.resources import HeldWarehouse, RunParameters
from orchestration.retrieval import outcomes_of_batch
from store.release_tables import MADE_FROM_MARTS, RELEASE_TABLES

CANDIDATE = AssetKey("candidate")
RELEASE = AssetKey("release")
RELEASE_RULES = "release_rules"


def candidate_asset() -> AssetsDefinition:
    """The candidate directory; the release rules block what comes after it."""

    @asset(
        key=CANDIDATE,
        deps=[AssetKey(["marts", table]) for table in RELEASE_TABLES if table not in MADE_FROM_MARTS],
        group_name="release",
        check_specs=[AssetCheckSpec(RELEASE_RULES, asset=CANDIDATE, blocking=True)],
        kinds={"parquet"},
    )
    def candidate(warehouse: ResourceParam[HeldWarehouse]) -> MaterializeResult:  # type: ignore[type-arg]
        """A complete release directory that is not published."""
        with CLOCK.stage("candidate"):
            built = build_candidate(warehouse.settings)
        with CLOCK.stage("report"):
            reports = render_report(warehouse.settings, built)
        with CLOCK.stage("open files"):
            opened = render_open_files(warehouse.settings, built)
        with CLOCK.stage("release rules"):
            broken = check_candidate(built)
        return MaterializeResult(
            metadata={
                "directory": str(built),
                "broken_rules": len(broken),
                "report_files": reports,
                "open_files": opened,
            },
            check_results=[
                AssetCheckResult(
                    passed=not broken,
                    check_name=RELEASE_RULES,
                    severity=AssetCheckSeverity.ERROR,
                    metadata={"broken": "; ".join(broken) or "none"},
                    description="; ".join(broken) or None,
                )
            ],
        )

    return candidate


def release_asset() -> AssetsDefinition:
    """Moves `current` when the candidate differs from the release in force, or puts it on the desk to be signed."""

    @asset(key=RELEASE, deps=[CANDIDATE], group_name="release")
    def release(warehouse: ResourceParam[HeldWarehouse]) -> MaterializeResult:  # type: ignore[type-arg]
        """The release in force."""
        with CLOCK.stage("publish"):
            outcome = publish_candidate(warehouse.settings)
        return MaterializeResult(
            metadata={
                "release_id": outcome.release_id or "none",
                "new": outcome.is_new,
                "awaiting_sign_off": outcome.awaiting or "none",
            }
        )

    return release


def source_outcomes_asset(upstream: Sequence[AssetKey]) -> AssetsDefinition:
    """Fails the run, after publication, when a source failed or was quarantined: Dagster's own alerts then see it."""

    @asset(key="source_outcomes", deps=[RELEASE, *upstream], group_name="release")
    def source_outcomes(
        context: AssetExecutionContext, run_parameters: RunParameters, warehouse: ResourceParam[HeldWarehouse]
    ) -> MaterializeResult:  # type: ignore[type-arg]
        """Whether every source of this run was retrieved and read."""
        outcomes = outcomes_of_batch(warehouse.settings, run_parameters.batch(context.run.run_id))
        bad = [outcome for outcome in outcomes if outcome.is_fault]
        if bad:
            raise Failure(
                description="; ".join(
                    f"{outcome.source_id} {outcome.document}: {outcome.reason}" for outcome in bad
                ),
                allow_retries=False,
            )
        return MaterializeResult(metadata={"failed": 0})

    return source_outcomes
