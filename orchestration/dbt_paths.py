"""Where a run's dbt artifacts lie; apart from orchestration.dbt, which imports Dagster."""

from pathlib import Path

from store.settings import Settings


def target_path(settings: Settings) -> Path:
    """Where a run's dbt artifacts go: with the warehouse, and one place for both halves, which share the parsing."""
    return settings.warehouse_dir / "dbt_target"


def compiled_models_dir(settings: Settings) -> Path:
    """The SQL of every model as the last run compiled it, in the folders of the project."""
    return target_path(settings) / "compiled" / "ppw" / "models"
