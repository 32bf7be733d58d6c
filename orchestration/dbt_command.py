"""dbt as a command: what is built before and after the checks, where its artifacts lie, and a run without Dagster.

Apart from orchestration.dbt, which imports Dagster.
"""

import os
import subprocess
from pathlib import Path

from orchestration import manifest
from store.settings import Settings

# The models before the checks and the models after them; seeds go with the first that needs them.
OBSERVE_SELECTION = "path:models/staging path:models/observe resource_type:seed"
ACCEPT_SELECTION = "path:models/accept path:models/assess path:models/method path:models/marts"
# Unit tests prove the rules on made inputs, and the seeds are files of the project: both belong to the test run.
EXCLUDED = "resource_type:unit_test path:seeds,resource_type:test"


class DbtFailed(RuntimeError):
    """dbt did not come to its end; the message is its own output."""


def target_path(settings: Settings) -> Path:
    """Where a run's dbt artifacts go: with the warehouse, and one place for both halves, which share the parsing."""
    return settings.warehouse_dir / "dbt_target"


def compiled_models_dir(settings: Settings) -> Path:
    """The SQL of every model as the last run compiled it, in the folders of the project."""
    return target_path(settings) / "compiled" / "ppw" / "models"


def run_dbt(settings: Settings, *arguments: str) -> None:
    """Run dbt on the warehouse and the inputs of `settings`. Raises DbtFailed."""
    project = str(settings.dbt_project_dir)
    result = subprocess.run(
        [
            str(manifest.dbt_executable()), *arguments, "--quiet", "--no-version-check",
            "--project-dir", project, "--profiles-dir", project,
            "--target-path", str(target_path(settings)), "--log-path", str(settings.warehouse_dir / "dbt_logs"),
        ],
        env={**os.environ, **manifest.dbt_environment(settings)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode != 0:
        raise DbtFailed(f"dbt {' '.join(arguments)} failed:\n{result.stdout}{result.stderr}")
