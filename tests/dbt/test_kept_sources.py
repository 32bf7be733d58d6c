"""A source that is as it was is not worked out again, and what is taken over is what would be worked out."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.fingerprint import source_keys
from tests.dbt.inputs import PLAN, Inputs, add_document, add_source, empty_inputs, write
from tests.dbt.project import rows, run_dbt

pytestmark = pytest.mark.integration

GROWTH = {"indicator": "GRDP_GROWTH", "unit": "percent", "form": "growth_rate", "aliases": ["%"]}
SELECTED = "stg_cell stg_cell_label stg_vintage obs_cell_claim obs_published"
FIRST, SECOND = datetime(2026, 11, 20), datetime(2026, 11, 21)


def growth(period: str, value: str) -> dict[str, Any]:
    return {"indicator": "GRDP_GROWTH", "period": period, "value": value, "unit": "%"}


def three_sources() -> Inputs:
    """Two sources with a figure each, and one whose figure no series claims."""
    inputs = empty_inputs(date(2026, 11, 22))
    for source_id, value in (("office", "4.56"), ("press", "4.6")):
        add_source(inputs, source_id, 50, [GROWTH])
        add_document(inputs, source_id, "report", FIRST, [growth("2021", value)])
    add_source(inputs, "other", 50, [])
    add_document(inputs, "other", "report", FIRST, [growth("2021", "4")])
    return inputs


def observe(inputs: Inputs, directory: Path, code_version: str = "1") -> dict[str, list[dict[str, Any]]]:
    """What dbt makes of the inputs in a warehouse, new or not, with the sources whose cells it asked for."""
    inputs.tables["source_key"] = source_keys(inputs.tables, [PLAN], code_version)
    write(inputs, directory)
    run_dbt(directory, "run", "--select", SELECTED)
    return {
        "worked out": rows(
            directory,
            "select distinct source_id from staging.stg_vintage inner join staging.stg_cell using (cell_set_key)"
            " order by source_id",
        ),
        "claims": rows(directory, "select * from observe.obs_cell_claim order by source_id, cell_set_key"),
        "published": rows(directory, "select * from observe.obs_published order by observation_key"),
    }


def test_only_sources_that_changed_are_worked_out_and_the_tables_are_those_of_a_new_warehouse(
    tmp_path: Path,
) -> None:
    kept, new = tmp_path / "kept", tmp_path / "new"
    kept.mkdir()
    new.mkdir()
    inputs = three_sources()
    before = observe(inputs, kept)
    assert [row["source_id"] for row in before["worked out"]] == ["office", "other", "press"]

    add_document(inputs, "office", "report", SECOND, [growth("2021", "4.57")])
    changed = observe(inputs, kept)
    assert [row["source_id"] for row in changed["worked out"]] == ["office"]
    assert len(changed["published"]) == 3

    inputs.tables["source_record"] = [
        row for row in inputs.tables["source_record"] if row["source_id"] != "press"
    ]
    inputs.tables["vintage"] = [row for row in inputs.tables["vintage"] if row["source_id"] != "press"]
    less = observe(inputs, kept)
    assert {row["source_id"] for row in less["claims"]} == {"office", "other"}
    assert less["worked out"] == []
    fresh = observe(inputs, new)
    assert (less["claims"], less["published"]) == (fresh["claims"], fresh["published"])

    # Another code may make something else of the same cells.
    again = observe(inputs, kept, code_version="2")
    assert [row["source_id"] for row in again["worked out"]] == ["office", "other"]
