"""How Dagster runs the dbt project: two asset groups, before and after the checks, from one manifest."""

from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version as distribution_version
from typing import Any

from dagster import AssetKey
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource
from packaging import version

from orchestration.manifest import dbt_executable
from store.settings import Settings

# The models before the checks and the models after them; seeds go with the first that needs them.
OBSERVE_SELECTION = "path:models/staging path:models/observe resource_type:seed"
ACCEPT_SELECTION = "path:models/accept path:models/assess path:models/method path:models/marts"
# Unit tests prove the rules on made inputs, and the seeds are files of the project: both belong to the test run.
EXCLUDED = "resource_type:unit_test path:seeds,resource_type:test"

WAREHOUSE_INPUTS = AssetKey("warehouse_inputs")
CHECK_RESULT = AssetKey("check_result")


class PlanDbtResource(DbtCliResource):
    """dagster-dbt's resource without its `dbt --version` subprocess: it costs seconds and calls outside."""

    @cached_property
    def _cli_version(self) -> version.Version:
        return version.parse(distribution_version("dbt-core"))


class PlanDbtTranslator(DagsterDbtTranslator):
    """Places dbt's sources and models in the asset graph.

    Every dbt source is written by the asset `warehouse_inputs`, except `check_result`, which the checks write.
    """

    def __init__(self) -> None:
        super().__init__(
            DagsterDbtTranslatorSettings(
                enable_duplicate_source_asset_keys=True, enable_source_metadata=False
            )
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """The key of a dbt resource: its schema and name; sources as said above."""
        if dbt_resource_props["resource_type"] == "source":
            return CHECK_RESULT if dbt_resource_props["name"] == "check_result" else WAREHOUSE_INPUTS
        if dbt_resource_props["resource_type"] == "seed":
            return AssetKey(["seed", dbt_resource_props["name"]])
        return AssetKey([dbt_resource_props["fqn"][1], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Staging, observe, accept, assess, method or marts: the model's folder."""
        return "seeds" if dbt_resource_props["resource_type"] == "seed" else str(dbt_resource_props["fqn"][1])


def dbt_resource(settings: Settings) -> PlanDbtResource:
    """The dbt command of this environment on this project."""
    return PlanDbtResource(
        project_dir=str(settings.dbt_project_dir),
        profiles_dir=str(settings.dbt_project_dir),
        dbt_executable=str(dbt_executable()),
    )
