"""One warehouse without figures for all tests that need nothing but its tables."""

from datetime import date
from pathlib import Path

import pytest

from tests.dbt.inputs import add_target, empty_inputs, write
from tests.dbt.project import build_all


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of one target and no figure; dbt also reads the column types of made rows from its tables."""
    directory = tmp_path_factory.mktemp("empty_warehouse")
    inputs = empty_inputs(date(2026, 11, 22))
    add_target(inputs, "POOR", "POVERTY_RATE", "ceiling", comparator="le", value_low="5", unit="percent")
    write(inputs, directory)
    build_all(directory)
    return directory
