"""The asset graph, held against a snapshot: a change of it is seen in review."""

import json
import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

SNAPSHOT = Path(__file__).with_name("graph.json")


def graph() -> dict[str, object]:
    """Assets with their dependencies and checks, the job's size and the schedule, as plain data."""
    from orchestration.definitions import defs
    from orchestration.graph import JOB_NAME

    resolved = defs.resolve_asset_graph()
    job = defs.resolve_job_def(JOB_NAME)
    schedule = defs.resolve_schedule_def("daily")
    return {
        "assets": {
            key.to_user_string(): {
                "after": sorted(parent.to_user_string() for parent in resolved.get(key).parent_keys),
                "checks": sorted(check.name for check in resolved.get_check_keys_for_assets({key})),
            }
            for key in sorted(resolved.get_all_asset_keys(), key=lambda key: key.to_user_string())
        },
        "job": {"name": job.name, "executor": job.executor_def.name},
        "schedule": {
            "cron": schedule.cron_schedule,
            "zone": schedule.execution_timezone,
            "job": schedule.job_name,
        },
    }


def test_graph_is_the_one_agreed() -> None:
    found = json.dumps(graph(), indent=1, ensure_ascii=False) + "\n"
    if os.environ.get("PPW_WRITE_SNAPSHOTS"):
        SNAPSHOT.write_text(found, encoding="utf-8")
    assert found == SNAPSHOT.read_text(encoding="utf-8"), (
        "the asset graph changed; if it should, write the snapshot again with PPW_WRITE_SNAPSHOTS=1"
    )


def test_release_rules_block_and_source_checks_do_not() -> None:
    from orchestration.definitions import defs

    resolved = defs.resolve_asset_graph()
    blocking = {key.name for key in resolved.asset_check_keys if resolved.get(key).blocking}
    assert blocking == {"release_rules"}
