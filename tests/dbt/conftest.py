"""One warehouse without figures for all tests that need nothing but its tables."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.shipped_sql import write_sql
from store.formulas import Formulas
from tests.dbt.inputs import add_target, empty_inputs, write
from tests.dbt.project import PROJECT_DIR, build_all, compiled_models, rows


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of one target and no figure; dbt also reads the column types of made rows from its tables."""
    directory = tmp_path_factory.mktemp("empty_warehouse")
    inputs = empty_inputs(date(2026, 11, 22))
    add_target(inputs, "POOR", "POVERTY_RATE", "ceiling", comparator="le", value_low="5", unit="percent")
    write(inputs, directory)
    build_all(directory)
    return directory


@pytest.fixture(scope="session")
def formulas(empty_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Formulas:
    """The formulas of that build as a release would ship them."""
    folder = tmp_path_factory.mktemp("formulas") / "sql"
    with duckdb.connect(str(empty_warehouse / "warehouse.duckdb"), read_only=True) as connection:
        write_sql(compiled_models(), PROJECT_DIR / "models", connection, folder)
    return Formulas(folder, rows(empty_warehouse, "select parameter, value from seed.assessment_parameter"))
