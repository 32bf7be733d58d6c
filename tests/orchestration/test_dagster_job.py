"""The job as Dagster itself starts it, on an empty home; a failed source fails the run after publication."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.instance import dagster_environment, prepare_instance
from orchestration.manifest import ensure_manifest
from store.releases import release_dir, verify
from store.settings import PROJECT_ROOT, Settings
from tests.orchestration.conftest import NOTHING_RENDERED, ppw

pytestmark = pytest.mark.integration


def test_failed_source_fails_the_run_after_publication(tmp_path: Path, empty_home: Path) -> None:
    recorded = tmp_path / "recorded"
    shutil.copytree(PROJECT_ROOT / "sources" / "recorded", recorded)
    missing = min(recorded.glob("vna*.csv"))
    missing.unlink()
    settings = Settings(home=empty_home, recorded_dir=recorded)
    ensure_manifest(settings)
    prepare_instance(settings)
    result = subprocess.run(
        [
            str(Path(sys.executable).parent / "dagster"),
            "job",
            "execute",
            "-m",
            "orchestration.definitions",
            "-j",
            "main_job",
        ],
        env={
            **os.environ,
            **dagster_environment(settings),
            **NOTHING_RENDERED,
            "PPW_RECORDED_DIR": str(recorded),
        },
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = result.stdout + result.stderr
    assert "RUN_FAILURE" in said
    assert said.count("STEP_FAILURE") == 1, "no step but the last one fails"
    assert missing.name in said
    verify(release_dir(settings))
    query = "select count(*) as n from fct_actual where source_id = 'nso_population'"
    assert ppw(settings.home, "query", query, "--json").json[0]["n"] > 0
