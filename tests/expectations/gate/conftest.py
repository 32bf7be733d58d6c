"""A home with an empty state database for each test of the gate; migrated once."""

from pathlib import Path

import pytest

from store import state
from store.settings import Settings
from tests.expectations.gate.office import copy_home


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("gate")
    state.migrate(Settings(home=home))
    return home


@pytest.fixture
def settings(empty_home: Path, tmp_path: Path) -> Settings:
    return copy_home(empty_home, tmp_path)
