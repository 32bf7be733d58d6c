"""The job as Dagster itself starts it: source assets retrieve; a failed source fails the run after publication."""

import os
import shutil
from pathlib import Path

import pytest

from store.releases import release_dir, verify
from store.settings import PROJECT_ROOT, load_settings
from tests.orchestration.conftest import current

pytestmark = pytest.mark.integration


def test_failed_source_fails_the_run_after_publication(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dagster import DagsterInstance

    from orchestration.graph import JOB_NAME, build_definitions
    from orchestration.instance import dagster_environment
    from orchestration.manifest import dbt_environment, ensure_manifest

    recorded = tmp_path / "recorded"
    shutil.copytree(PROJECT_ROOT / "sources" / "recorded", recorded)
    min(recorded.glob("vna*.csv")).unlink()
    monkeypatch.setenv("PPW_HOME", str(home))
    monkeypatch.setenv("PPW_RECORDED_DIR", str(recorded))
    settings = load_settings()
    for name, value in {**dagster_environment(settings), **dbt_environment(settings)}.items():
        monkeypatch.setenv(name, value)
    ensure_manifest(settings)
    before = current(home)
    run_config = {
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
        "resources": {"run_parameters": {"config": {"cut_off": "2027-01-31"}}},
    }
    with DagsterInstance.get() as instance:
        job = build_definitions(settings).resolve_job_def(JOB_NAME)
        result = job.execute_in_process(run_config=run_config, instance=instance, raise_on_error=False)
    assert os.environ["PPW_HOME"] == str(home)
    assert not result.success
    assert [event.step_key for event in result.all_events if event.is_step_failure] == ["source_outcomes"]
    assert current(home) != before
    verify(release_dir(settings))
    evaluations = {
        (check.asset_key.path[-1], check.check_name): check for check in result.get_asset_check_evaluations()
    }
    assert not evaluations["vna", "retrieved"].passed
    assert not evaluations["vna", "retrieved"].blocking
    assert evaluations["nso_population", "retrieved"].passed
    assert evaluations["check_result", "scale"].severity.value == "WARN"
