"""Templates of the project's own plan, made once; a last value that tests know of."""

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sources import reading_process
from sources.reading_process import ReadingLimits
from sources.record import SourceRecord
from sources.registry import load_records
from sources.submission.in_force import InForce, LastValue
from sources.submission.owed import Owed, find_source, owed
from sources.submission.template import Template, department_template
from store import state
from store.settings import PROJECT_ROOT, Settings

RECEIVED_AT = datetime(2026, 2, 3, 2, 30, tzinfo=UTC)
RECEIVED_ON = date(2026, 2, 3)


@pytest.fixture(scope="session")
def records() -> dict[str, SourceRecord]:
    return load_records(PROJECT_ROOT / "sources" / "specs").records


@pytest.fixture(scope="session")
def owed_2025(tmp_path_factory: pytest.TempPathFactory, records: dict[str, SourceRecord]) -> Owed:
    """What the Department of Agriculture and Environment owes for 2025, with a few of its milestones."""
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith("PPW_")]:
        patch.delenv(name)
    settings = Settings(home=tmp_path_factory.mktemp("owed"))
    state.migrate(settings)
    found = owed(settings, find_source(records, "agriculture_environment"), "2025")
    patch.undo()
    return replace(found, milestones=found.milestones[:6])


@pytest.fixture(scope="session")
def known() -> InForce:
    """Three made-up values in force."""
    end = date(2024, 12, 31)
    communes = LastValue(Decimal("15"), "commune", "2024", end, "official", "Cơ quan thử")
    land = LastValue(Decimal("5321.5"), "ha", "D2024-12-31", end, "official", "Cơ quan thử")
    farmed = LastValue(Decimal("627000"), "ha", "D2024-12-31", end, "official", "Cơ quan thử")
    values = {"COMMUNES_NEW_RURAL": communes, "LAND_UNUSED": land, "LAND_AGRICULTURAL": farmed}
    return InForce("made-up", {("VN-04", code): [value] for code, value in values.items()})


@pytest.fixture(scope="session")
def template(owed_2025: Owed, known: InForce) -> Template:
    return department_template(owed_2025, known, "code-1")


@pytest.fixture
def opened_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks are opened and marked in this process: a child of its own for each costs most of a test's time.

    What passes between the two processes passes here too. That there is a child, and that it is held to its limits, is
    shown by test_transport.py, tests/sources/test_view.py and tests/orchestration/test_submission_command.py.
    """

    def answer(request: dict[str, Any], data: bytes, limits: ReadingLimits) -> bytes:
        return reading_process._answer(json.loads(json.dumps(request)), data)

    monkeypatch.setattr(reading_process, "_in_process", answer)


@pytest.fixture
def home(settings: Settings) -> Settings:
    """Settings with a state database."""
    state.migrate(settings)
    return settings


def dropped(settings: Settings, name: str, data: bytes) -> Path:
    """Put a file into the inbox."""
    settings.inbox_dir.mkdir(parents=True, exist_ok=True)
    path = settings.inbox_dir / name
    path.write_bytes(data)
    return path
