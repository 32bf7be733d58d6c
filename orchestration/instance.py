"""The Dagster instance of the warehouse: its folder, its settings, telemetry off."""

from pathlib import Path

from store.settings import Settings

# One run at a time: the warehouse has one writer. A slot held by a killed run is freed after a minute.
_DAGSTER_YAML = """\
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 60
retention:
  schedule:
    purge_after_days: 90
"""


def prepare_instance(settings: Settings) -> Path:
    """Make the instance folder and its `dagster.yaml`; a file the office has changed is left as it is."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    file = home / "dagster.yaml"
    if not file.exists():
        file.write_text(_DAGSTER_YAML, encoding="utf-8")
    return home


def dagster_environment(settings: Settings) -> dict[str, str]:
    """The variables a Dagster process needs to find the instance and to stay silent outside."""
    return {
        "DAGSTER_HOME": str(settings.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PPW_HOME": str(settings.home),
        "DO_NOT_TRACK": "1",
    }
