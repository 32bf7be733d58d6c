"""The inbox in Dagster: a file that arrives asks for one run; the run's first step receives it."""

from datetime import UTC, datetime
from typing import Any

import dagster
import pytest

from orchestration.graph import JOB_NAME, build_definitions
from store import state
from store.settings import Settings
from store.submissions import record_submission

pytestmark = pytest.mark.integration


def test_a_file_that_arrives_asks_for_one_run(settings: Settings) -> None:
    definitions = build_definitions(settings)
    sensor = definitions.resolve_sensor_def("inbox")
    assert sensor.job_name == JOB_NAME

    def tick() -> object:
        with dagster.build_sensor_context() as context:
            return sensor(context)

    assert isinstance(tick(), dagster.SkipReason)
    settings.inbox_dir.mkdir(parents=True)
    (settings.inbox_dir / "~$lock.xlsx").write_bytes(b"x")
    assert isinstance(tick(), dagster.SkipReason), "the lock file of an open workbook is no arrival"
    (settings.inbox_dir / "half.xlsx").write_bytes(b"PK\x03\x04 the rest is still being copied")
    assert isinstance(tick(), dagster.SkipReason), "a file that is still being written waits"
    # The smallest whole archive: whether it is a workbook is seen when it is received.
    empty_archive = b"PK\x05\x06" + bytes(18)
    (settings.inbox_dir / "arrived.xlsx").write_bytes(empty_archive)
    first, again = tick(), tick()
    assert isinstance(first, dagster.RunRequest)
    assert isinstance(again, dagster.RunRequest)
    assert first.run_key == again.run_key, "the same files start one run only"
    (settings.inbox_dir / "another.xlsx").write_bytes(empty_archive)
    more = tick()
    assert isinstance(more, dagster.RunRequest)
    assert more.run_key != first.run_key


def test_what_was_accepted_by_hand_asks_for_one_run_too(settings: Settings) -> None:
    sensor = build_definitions(settings).resolve_sensor_def("inbox")
    state.migrate(settings)
    facts: dict[str, Any] = {
        "batch_id": "b",
        "received_at": datetime(2026, 2, 3, tzinfo=UTC),
        "file_name": "a.xlsx",
    }
    facts |= {"snapshot_sha256": None, "kind": "department", "outcome": "accepted", "source_id": "x"}
    keys = []
    for actor in ("inbox", "someone", "inbox", "someone"):
        with state.writing(settings) as connection:
            record_submission(connection, actor=actor, **facts)
        with dagster.build_sensor_context() as context:
            asked = sensor(context)
        keys.append(asked.run_key if isinstance(asked, dagster.RunRequest) else None)
    assert keys == [None, "submission-2", "submission-2", "submission-4"], (
        "a run has used what it received itself"
    )


def test_the_step_of_the_inbox_receives_what_waits_and_never_fails(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration.assets.retrieval import SUBMISSIONS, submissions_asset
    from orchestration.resources import RunParameters, WarehouseLock

    monkeypatch.setenv("PPW_HOME", str(settings.home))
    settings.inbox_dir.mkdir(parents=True)
    (settings.inbox_dir / "arrived.xlsx").write_bytes(b"PK\x05\x06" + bytes(18))
    result = dagster.materialize(
        [submissions_asset()],
        resources={"run_parameters": RunParameters(), "warehouse": WarehouseLock()},
    )
    assert result.success
    (check,) = result.get_asset_check_evaluations()
    assert (check.asset_key, check.passed) == (SUBMISSIONS, False)
    assert not [path for path in settings.inbox_dir.iterdir() if not path.name.startswith(".")]
    assert len(list(settings.outbox_dir.glob("*-tra-lai.xlsx"))) == 1
