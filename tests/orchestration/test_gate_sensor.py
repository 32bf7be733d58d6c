"""The gate in Dagster: what is signed and due is published, what was decided since the last build is built."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import dagster
import pytest

from expectations.gate.candidates import act
from expectations.gate.findings import Evidence, decide
from expectations.gate.office_statements import Concern, state_cause
from expectations.gate.people import Person
from orchestration.build import LastBuild
from orchestration.graph import DECISIONS_REST_FOR, JOB_NAME, PUBLISH_JOB_NAME, build_definitions
from store import state
from store.files import make_directory
from store.settings import Settings
from tests.expectations.gate.signing import FIRST, REVIEWER, signed

pytestmark = pytest.mark.integration


def tick(settings: Settings) -> dagster.RunRequest | dagster.SkipReason:
    sensor = build_definitions(settings).resolve_sensor_def("gate")
    with dagster.build_sensor_context() as context:
        asked = sensor(context)
    assert isinstance(asked, dagster.RunRequest | dagster.SkipReason)
    return asked


def test_a_signed_candidate_asks_once_for_publication_when_its_time_has_come(settings: Settings) -> None:
    settings = settings.model_copy(update={"review_policy": "one"})
    assert isinstance(tick(settings), dagster.SkipReason)
    waiting = signed(settings, "551.1")
    first, again = tick(settings), tick(settings)
    assert isinstance(first, dagster.RunRequest) and isinstance(again, dagster.RunRequest)
    assert first.job_name == PUBLISH_JOB_NAME
    assert first.run_key == again.run_key
    later = datetime.now(UTC) + timedelta(days=1)
    act(settings, FIRST, waiting, "schedule", seen=2, reason_text="press day", publish_at=later)
    assert isinstance(tick(settings), dagster.SkipReason)


def test_decisions_that_came_to_rest_ask_for_one_build(settings: Settings) -> None:
    state.migrate(settings)
    make_directory(settings.warehouse_dir)
    (settings.warehouse_dir / "last_build.json").write_text(json.dumps(vars(LastBuild("x", None))), "utf-8")
    evidence = Evidence(
        "k" * 64, "f" * 64, "late", "warning", observation_key="o" * 64, value=1.0, unit="percent"
    )

    def take(action: str, seen: int, ago: timedelta) -> None:
        decide(
            settings, REVIEWER, evidence, action, seen=seen, reason_code="OTHER",  # type: ignore[arg-type]
            reason_text="wrong row", at=datetime.now(UTC) - ago,
        )  # fmt: skip

    take("comment", 0, timedelta(days=2))
    assert isinstance(tick(settings), dagster.SkipReason), "a comment changes no figure"
    take("exclude", 1, timedelta(days=1))
    asked = tick(settings)
    assert isinstance(asked, dagster.RunRequest)
    assert (asked.job_name, asked.run_key) == (JOB_NAME, "decisions-2")
    take("withdraw", 2, DECISIONS_REST_FOR / 2)
    assert isinstance(tick(settings), dagster.SkipReason), "somebody is still deciding"
    built = LastBuild("x", None, decisions_up_to=3)
    (settings.warehouse_dir / "last_build.json").write_text(json.dumps(vars(built)), "utf-8")
    assert isinstance(tick(settings), dagster.SkipReason)


def test_statements_of_offices_ask_for_one_build(settings: Settings) -> None:
    state.migrate(settings)
    make_directory(settings.warehouse_dir)
    (settings.warehouse_dir / "last_build.json").write_text(json.dumps(vars(LastBuild("x", None))), "utf-8")
    owner = Person("p", "p", {"plan_owner": frozenset({"*"})})
    concern = Concern("plan", "DOCTORS_2030", "DOCTORS", "2026-11-20-aaaaaaaa", "behind")
    state_cause(
        settings, owner, concern, office="Sở Y tế", offices=["Sở Y tế"], cause="c", measure="m",
        deadline=date(2027, 1, 1), day=date(2026, 11, 20), at=datetime.now(UTC) - timedelta(days=1),
    )  # fmt: skip
    asked = tick(settings)
    assert isinstance(asked, dagster.RunRequest)
    assert (asked.job_name, asked.run_key) == (JOB_NAME, "statements-1")
    built = LastBuild("x", None, statements_up_to=1)
    (settings.warehouse_dir / "last_build.json").write_text(json.dumps(vars(built)), "utf-8")
    assert isinstance(tick(settings), dagster.SkipReason)
