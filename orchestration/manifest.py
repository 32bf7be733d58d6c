"""The dbt manifest: made by `dbt parse` before anything imports the Dagster definitions, which read it at import.

`python -m orchestration.manifest` makes it; `ensure_manifest` makes it again only when a file of the project is newer.
"""

import os
import subprocess
import sys
from pathlib import Path

from store.settings import Settings, load_settings


def dbt_executable() -> Path:
    """The dbt of the running environment, whether or not the environment is on the PATH."""
    return Path(sys.executable).parent / "dbt"


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The variables `dbt_project/profiles.yml` and the source locations read."""
    return {
        "PPW_WAREHOUSE_FILE": str(settings.warehouse_file),
        "PPW_INPUTS_DIR": str(settings.inputs_dir),
        "PPW_DUCKDB_MEMORY_LIMIT": settings.duckdb_memory_limit,
        "PPW_DUCKDB_THREADS": str(settings.duckdb_threads),
        "PPW_DUCKDB_TEMP_DIR": str(settings.warehouse_dir / "dbt_temp"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def manifest_path(settings: Settings) -> Path:
    """Where the parsed manifest lies; derived, never committed."""
    return settings.dbt_project_dir / "target" / "manifest.json"


def _project_files(project_dir: Path) -> list[Path]:
    folders = ("models", "macros", "seeds", "tests")
    files = [path for folder in folders for path in (project_dir / folder).rglob("*") if path.is_file()]
    return [*files, *project_dir.glob("*.yml")]


def is_stale(settings: Settings) -> bool:
    """True when there is no manifest or a file of the dbt project is newer than it."""
    path = manifest_path(settings)
    if not path.exists():
        return True
    made = path.stat().st_mtime_ns
    return any(file.stat().st_mtime_ns > made for file in _project_files(settings.dbt_project_dir))


def ensure_manifest(settings: Settings) -> Path:
    """Parse the dbt project when its manifest is missing or stale.

    Raises RuntimeError with dbt's own output when the project does not parse.
    """
    path = manifest_path(settings)
    if is_stale(settings):
        project = settings.dbt_project_dir
        result = subprocess.run(
            [
                str(dbt_executable()),
                "parse",
                "--quiet",
                "--no-version-check",
                "--project-dir",
                str(project),
                "--profiles-dir",
                str(project),
                "--log-path",
                str(project / "logs"),
            ],
            env={**os.environ, **dbt_environment(settings)},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0 or not path.exists():
            raise RuntimeError(
                f"The dbt project in {project} does not parse; mend the file dbt names:\n{result.stdout}{result.stderr}"
            )
        # dbt leaves the file untouched when nothing it records changed.
        path.touch()
    return path


if __name__ == "__main__":
    ensure_manifest(load_settings())
