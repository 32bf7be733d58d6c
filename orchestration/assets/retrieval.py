"""One asset per source record and per plan document: retrieve, then read what is new.

These assets never fail and never yield nothing: an asset downstream of several sources would not run. What went
wrong is their outcome, shown as a failed check that blocks nothing; the last asset of the job fails the run for it.
"""

from collections.abc import Callable, Sequence

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    ResourceParam,
    asset,
)

from orchestration.records import usable_records
from orchestration.resources import HeldWarehouse, RunParameters
from orchestration.retrieval import receive_submissions, retrieve_plan, retrieve_source
from sources.retrieve import RetrievalOutcome
from store.settings import Settings

CHECK_NAME = "retrieved"
SUBMISSIONS = AssetKey("submissions")


def source_key(source_id: str) -> AssetKey:
    """The asset key of a source."""
    return AssetKey(["source", source_id])


def plan_key(plan_version: str) -> AssetKey:
    """The asset key of a plan document."""
    return AssetKey(["plan", plan_version.replace("-", "_")])


def source_asset(source_id: str, title: str) -> AssetsDefinition:
    """The asset of one source record."""
    return _retrieval_asset(
        source_key(source_id),
        "sources",
        title,
        lambda settings, parameters, batch_id: retrieve_source(
            settings, source_id, live=parameters.live, batch_id=batch_id,
            wanted=not parameters.source_ids or source_id in parameters.source_ids,
        ),
    )  # fmt: skip


def plan_asset(plan_version: str) -> AssetsDefinition:
    """The asset of one plan document."""
    return _retrieval_asset(
        plan_key(plan_version),
        "plans",
        f"Plan document {plan_version}",
        lambda settings, _, batch_id: retrieve_plan(settings, plan_version, batch_id=batch_id),
    )


def submissions_asset() -> AssetsDefinition:
    """The asset of the inbox: what departments sent in."""
    return _retrieval_asset(
        SUBMISSIONS,
        "sources",
        "Workbooks of departments and keyed letters from the inbox",
        lambda settings, _, batch_id: [
            receipt.as_outcome
            for receipt in receive_submissions(settings, usable_records(settings), batch_id=batch_id)
        ],
    )


def _retrieval_asset(
    key: AssetKey,
    group: str,
    description: str,
    pull: Callable[[Settings, RunParameters, str], Sequence[RetrievalOutcome]],
) -> AssetsDefinition:
    @asset(
        key=key,
        group_name=group,
        description=description,
        check_specs=[
            AssetCheckSpec(
                CHECK_NAME, asset=key, description="Every document was retrieved and could be read."
            )
        ],
        kinds={"python"},
    )
    def retrieval(
        context: AssetExecutionContext, run_parameters: RunParameters, warehouse: ResourceParam[HeldWarehouse]
    ) -> MaterializeResult:  # type: ignore[type-arg]
        outcomes = pull(warehouse.settings, run_parameters, run_parameters.batch(context.run.run_id))
        bad = [outcome for outcome in outcomes if outcome.is_fault]
        summary = (
            "; ".join(f"{outcome.document}: {outcome.outcome}" for outcome in outcomes) or "not asked for"
        )
        for outcome in bad:
            context.log.warning(
                f"{key.to_user_string()} {outcome.document}: {outcome.outcome}: {outcome.reason}"
            )
        return MaterializeResult(
            metadata={"outcome": summary, "documents": len(outcomes)},
            check_results=[
                AssetCheckResult(
                    passed=not bad,
                    check_name=CHECK_NAME,
                    severity=AssetCheckSeverity.WARN,
                    metadata={
                        "reasons": "; ".join(f"{outcome.document}: {outcome.reason}" for outcome in bad)
                        or "none"
                    },
                )
            ],
        )

    return retrieval
