"""Preview of a record: what it reads, and what dbt's own claim rule makes of its cells."""

from pathlib import Path

import duckdb
import pytest

from sources.preview import CLAIM_MODELS, Preview, preview
from store.settings import Settings
from tests.dbt.project import run_dbt
from tests.sources.records import as_yaml, content, plain_table


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Settings:
    made = settings.model_copy(update={"recorded_dir": tmp_path})
    (tmp_path / "made_up.csv").write_bytes(plain_table({}, {"area": "Hà Nội"}, {"indicator": "Diện tích"}))
    (tmp_path / "made_up.yml").write_text(as_yaml(content()), encoding="utf-8")
    return made


def of_record(
    home: Settings, tmp_path: Path, data_file: Path | None = None, route: str = "recorded"
) -> Preview:
    return preview(home, tmp_path / "made_up.yml", tmp_path / "preview", data_file, route)


def test_a_record_shows_what_it_reads_and_touches_nothing_else(home: Settings, tmp_path: Path) -> None:
    found = of_record(home, tmp_path)
    assert (found.problems, found.n_cells) == ([], 3)
    assert found.first_cells(2)["cell_ref"].to_list() == ["row 2", "row 3"]
    assert found.inputs is not None
    assert (found.inputs.n_vintages, found.inputs.directory.is_relative_to(tmp_path / "preview")) == (1, True)
    assert not home.home.exists()


def test_another_file_can_stand_in(home: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_bytes(plain_table({}))
    assert of_record(home, tmp_path, other).n_cells == 1
    other.write_bytes(plain_table({"value": "nhiều"}))
    (problem,) = of_record(home, tmp_path, other).problems
    assert (problem.file, problem.place) == ("other.csv", "row 2")


def test_what_is_wrong_is_said_and_nothing_raises(home: Settings, tmp_path: Path) -> None:
    assert "no route live" in of_record(home, tmp_path, route="live").problems[0].message
    assert "cannot be read" in of_record(home, tmp_path, tmp_path / "absent.csv").problems[0].message
    (tmp_path / "made_up.yml").write_text("source_id: made_up\n", encoding="utf-8")
    found = of_record(home, tmp_path)
    assert found.record is None
    assert len(found.problems) > 5


@pytest.mark.integration
def test_dbt_claims_the_cells_of_a_preview(home: Settings, tmp_path: Path) -> None:
    found = of_record(home, tmp_path)
    assert found.inputs is not None
    warehouse = found.inputs.directory.with_name("warehouse.duckdb")
    run_dbt(warehouse.parent, "run", "--select", *CLAIM_MODELS)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        unclaimed = connection.execute(
            "select cell_ref, reason from observe.obs_cell_unclaimed order by cell_ref"
        ).fetchall()
    assert unclaimed == [("row 3", "NO_AREA"), ("row 4", "NO_SERIES")]
