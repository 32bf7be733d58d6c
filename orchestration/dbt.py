"""How Dagster runs the dbt project: two asset groups, before and after the checks, from one manifest."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version as distribution_version
from typing import Any

from dagster import AssetKey
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource
from packaging import version

from orchestration import manifest
from store.settings import Settings

WAREHOUSE_INPUTS = AssetKey("warehouse_inputs")
CHECK_RESULT = AssetKey("check_result")
_OF_CHECKS = ("check_result", "check_summary", "finding_decision")


class PlanDbtResource(DbtCliResource):
    """dagster-dbt's resource without what it does before each dbt command, which costs seconds.

    That is a `dbt --version` subprocess, which also calls outside, and a dbt adapter inside the Dagster process, which
    only its fetching of row counts and column metadata would use.
    """

    @cached_property
    def _cli_version(self) -> version.Version:
        return version.parse(distribution_version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:  # type: ignore[override]
        return None


class PlanDbtTranslator(DagsterDbtTranslator):
    """Places dbt's sources and models in the asset graph.

    Every dbt source is written by the asset `warehouse_inputs`, except those that the checks write.
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
            return CHECK_RESULT if dbt_resource_props["name"] in _OF_CHECKS else WAREHOUSE_INPUTS
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
        dbt_executable=str(manifest.dbt_executable()),
        # Dagster reads the manifest of the project folder; a copy per command would only cost a second.
        global_config_flags=["--no-write-json"],
    )
