"""Evidence on milestones: what a report must say, and how it comes to dbt. Every report here is made up."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from sources.adapters import milestone_report
from sources.cells import ReadingError
from sources.compile import Versions, write_inputs
from sources.plan.evidence import MilestoneReport, read_reports, report_problems
from sources.plan.reading import load_plans
from sources.plan.rows import columns_of
from sources.record import MilestoneReportReading, SourceRecord
from sources.retrieve import retrieve, retrieve_plan
from store import state
from store.settings import Settings
from tests.sources.plans import VERSION, whole_files, write
from tests.sources.records import content

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DONE = {
    "plan_version": VERSION,
    "target_id": "MS_ROAD",
    "reported_state": "done",
    "as_of_date": "2026-06-30",
    "completed_on": "2026-05-01",
    "issuer_vi": "Cơ quan thử",
    "document_number": "9/THU",
    "document_date": "2026-07-01",
}


def reports(*rows: dict[str, str]) -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns_of(MilestoneReport), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def record(**route: Any) -> SourceRecord:
    made = content()
    recorded = made["routes"]["recorded"]
    recorded["reading"] = {"adapter": "milestone_report"}
    del recorded["mapping"]
    recorded |= route
    recorded["documents"][0]["vintage_at"] = date(2026, 11, 1)
    return SourceRecord.model_validate(made)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"issuer_vi": ""}, "a report of done needs its issuer"),
        ({"document_number": "", "document_date": ""}, "a report of done needs its document"),
        ({"reported_state": "not_done", "completed_on": "", "issuer_vi": ""}, "needs its issuer"),
        ({"reported_state": "withdrawn", "completed_on": "", "issuer_vi": ""}, "needs its issuer"),
        ({"reported_state": "in_progress"}, "only what is done was completed"),
        ({"completed_on": "2026-07-02"}, "completed_on comes after as_of_date"),
        ({"reported_state": "soon"}, "'soon' is not a known value"),
        ({"as_of_date": "tháng 6"}, "as_of_date"),
        ({"as_of_date": ""}, "as_of_date"),
        ({"target_id": "T_SCHOOLS_2030"}, "target_id"),
    ],
)
def test_a_wrong_report_is_named_by_row(change: dict[str, str], message: str) -> None:
    with pytest.raises(ReadingError, match="row 3") as error:
        read_reports(reports(DONE, DONE | {"as_of_date": "2026-06-29"} | change))
    assert message in str(error.value)


def test_progress_needs_no_document() -> None:
    rows = read_reports(
        reports({**DONE, "reported_state": "in_progress", "completed_on": "", "issuer_vi": ""})
    )
    assert rows[0][1].reported_state == "in_progress"


def test_a_milestone_has_one_state_a_day() -> None:
    with pytest.raises(ReadingError, match="stands also in row 2"):
        read_reports(reports(DONE, DONE))


def test_a_report_is_a_cell_without_a_figure() -> None:
    options = MilestoneReportReading(adapter="milestone_report")
    (cell,) = milestone_report.read(reports(DONE), options).cells
    assert (cell.cell_ref, cell.value.text, cell.value.decimal) == ("row 2", "done", None)
    assert ("document_number", "9/THU") in cell.attributes


def test_reports_take_no_mapping_and_figures_need_one() -> None:
    with pytest.raises(ValidationError, match="reports on milestones hold no figures to map"):
        record(mapping=content()["routes"]["recorded"]["mapping"])
    made = content()
    made["routes"]["recorded"]["documents"][0]["vintage_at"] = date(2026, 11, 1)
    del made["routes"]["recorded"]["mapping"]
    with pytest.raises(ValidationError, match="figures that map to nothing are read in vain"):
        SourceRecord.model_validate(made)


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Settings:
    made = settings.model_copy(
        update={"plans_dir": tmp_path / "plans", "recorded_dir": tmp_path / "recorded"}
    )
    write(made.plans_dir / VERSION, whole_files())
    made.recorded_dir.mkdir()
    state.migrate(made)
    retrieve_plan(made, VERSION, "batch", lambda: NOON)
    return made


def test_reports_come_to_dbt_with_their_place(home: Settings) -> None:
    other = DONE | {"target_id": "MS_NOT_THERE"}
    (home.recorded_dir / "made_up.csv").write_bytes(reports(DONE, other))
    (outcome,) = retrieve(home, record(), False, "batch", lambda: NOON)
    assert outcome.outcome == "new", outcome.reason
    with state.reading(home) as connection:
        vintages = state.vintages(connection)
    inputs = write_inputs(
        home, date(2026, 11, 22), {"made_up": record()}, vintages, [], Versions("r", "m", "c")
    )
    (row,) = pl.read_parquet(inputs.directory / "milestone_report.parquet").rows(named=True)
    assert (row["source_id"], row["snapshot_sha256"]) == ("made_up", outcome.snapshot_sha256)
    assert (row["cell_ref"], row["vintage_at"]) == ("row 2", datetime(2026, 11, 1))
    assert (row["target_id"], row["reported_state"], row["completed_on"]) == (
        "MS_ROAD",
        "done",
        date(2026, 5, 1),
    )
    assert [part.reason for part in inputs.excluded] == [
        f"row 3: no known plan {VERSION} has a milestone MS_NOT_THERE"
    ]
    vintage = pl.read_parquet(inputs.directory / "vintage.parquet").filter(source_id="made_up")
    assert vintage.select("excluded", "cells_file").row(0) == (False, None), "there is no figure to claim"


def test_a_report_without_its_document_is_quarantined(home: Settings) -> None:
    (home.recorded_dir / "made_up.csv").write_bytes(reports(DONE | {"issuer_vi": ""}))
    (outcome,) = retrieve(home, record(), False, "batch", lambda: NOON)
    assert outcome.outcome == "quarantined"
    assert "needs its issuer" in (outcome.reason or "")


def test_a_shipped_report_is_on_a_milestone_of_a_plan(home: Settings) -> None:
    (home.recorded_dir / "made_up.csv").write_bytes(reports(DONE, DONE | {"target_id": "MS_NOT_THERE"}))
    plans = load_plans(home.plans_dir).plans
    (problem,) = report_problems(record(), home.recorded_dir, plans)
    assert (problem.place, problem.message) == ("row 3", f"plan {VERSION} has no milestone MS_NOT_THERE")
