"""The assets between the snapshots and the candidate: inputs for dbt, observations, check results, marts."""

from collections.abc import Generator, Sequence
from typing import Any

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
from dagster_dbt import DbtProject, dbt_assets

from orchestration.build import check_observations, plan_run, write_warehouse_inputs
from orchestration.dbt import CHECK_RESULT, WAREHOUSE_INPUTS, PlanDbtResource, PlanDbtTranslator
from orchestration.dbt_command import ACCEPT_SELECTION, EXCLUDED, OBSERVE_SELECTION, target_path
from orchestration.progress import CLOCK
from orchestration.resources import HeldWarehouse, RunParameters


def inputs_asset(upstream: Sequence[AssetKey]) -> AssetsDefinition:
    """The Parquet files that dbt reads: vintages, compiled mappings, plan tables, run parameters."""

    @asset(key=WAREHOUSE_INPUTS, deps=upstream, group_name="warehouse", kinds={"parquet"})
    def warehouse_inputs(
        run_parameters: RunParameters, warehouse: ResourceParam[HeldWarehouse]
    ) -> MaterializeResult:  # type: ignore[type-arg]
        """Everything dbt needs from outside the warehouse, written as Parquet."""
        with CLOCK.stage("inputs"):
            plan = plan_run(warehouse.settings, run_parameters.cut_off_date())
            inputs = write_warehouse_inputs(warehouse.settings, plan)
        return MaterializeResult(
            metadata={
                "cut_off": inputs.cut_off.isoformat(),
                "inputs_hash": inputs.inputs_hash,
                "vintages": inputs.n_vintages,
            }
        )

    return warehouse_inputs


def _dbt_build(
    context: AssetExecutionContext, dbt: PlanDbtResource, warehouse: ResourceParam[HeldWarehouse], phase: str
) -> Generator[Any, None, None]:
    with CLOCK.stage(phase):
        build = dbt.cli(
            ["build", "--exclude", EXCLUDED], context=context, target_path=target_path(warehouse.settings)
        )
        yield from build.stream()


def dbt_asset_groups(project: DbtProject) -> list[AssetsDefinition]:
    """Observations before the checks; actuals, assessments and marts after them."""
    translator = PlanDbtTranslator()

    @dbt_assets(
        manifest=project.manifest_path, project=project, select=OBSERVE_SELECTION, exclude=EXCLUDED,
        dagster_dbt_translator=translator, name="observe",
    )  # fmt: skip
    def observe(
        context: AssetExecutionContext, dbt: PlanDbtResource, warehouse: ResourceParam[HeldWarehouse]
    ) -> Generator[Any, None, None]:
        yield from _dbt_build(context, dbt, warehouse, "observe")

    @dbt_assets(
        manifest=project.manifest_path, project=project, select=ACCEPT_SELECTION, exclude=EXCLUDED,
        dagster_dbt_translator=translator, name="accept_and_assess",
    )  # fmt: skip
    def accept_and_assess(
        context: AssetExecutionContext, dbt: PlanDbtResource, warehouse: ResourceParam[HeldWarehouse]
    ) -> Generator[Any, None, None]:
        yield from _dbt_build(context, dbt, warehouse, "accept and assess")

    return [observe, accept_and_assess]


def check_asset(suites: Sequence[str]) -> AssetsDefinition:
    """Runs the rules on the vintages that are new; one check per suite. A held value blocks itself, not the run."""

    @asset(
        key=CHECK_RESULT,
        deps=[AssetKey(["observe", "obs_observation"]), AssetKey(["observe", "obs_cell_unclaimed"])],
        group_name="checks",
        check_specs=[AssetCheckSpec(suite, asset=CHECK_RESULT) for suite in suites],
        kinds={"great_expectations"},
    )
    def check_result(warehouse: ResourceParam[HeldWarehouse]) -> MaterializeResult:  # type: ignore[type-arg]
        """The results of all rules on all vintages in force for the next build."""
        with CLOCK.stage("checks"):
            counts = check_observations(warehouse.settings)
        return MaterializeResult(
            metadata={"checked_now": counts.checked_now, "findings": counts.findings},
            check_results=[
                AssetCheckResult(
                    passed=suite.failed == 0 and suite.not_checked == 0,
                    check_name=suite.name,
                    severity=AssetCheckSeverity.ERROR if suite.holds_values else AssetCheckSeverity.WARN,
                    metadata={
                        "passed": suite.passed,
                        "failed": suite.failed,
                        "not_checked": suite.not_checked,
                    },
                )
                for suite in counts.suites
            ],
        )

    return check_result
