"""What a reader is told of the figures of a target when their files are read again."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, get_args

import pytest

import reports.explanation
from expectations.gate.clearance import PUBLIC
from reports.disclosure import NOT_PUBLIC_VALUE
from reports.explanation import FAULTS, StillReading, follow_one_at_a_time, follow_to_cell
from reports.explanation_section import below, outcome
from reports.release_data import Release, Row, current_release
from reports.words import FAMILIES, Words
from sources.registry import load_records
from store.settings import Settings
from store.state import migrate

SPECS = Path(__file__).resolve().parents[2] / "sources" / "specs"
ROW: Row = {"observation_key": "synthetic", "source_id": "synthetic_office", "missing_code": None}


@pytest.fixture
def release(synthetic_home: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    monkeypatch.setattr(reports.explanation, "_below", type(reports.explanation._below)())
    found = current_release(Settings(home=synthetic_home))
    assert found is not None
    return found.seen_with(PUBLIC)


def test_a_figure_that_is_not_for_the_reader_is_not_read_and_not_called_lost(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: Any) -> dict[str, Any]:
        raise AssertionError("was read")

    monkeypatch.setattr(reports.explanation, "follow", read)
    closed = below(Settings(home=release.directory), release, {**ROW, "missing_code": NOT_PUBLIC_VALUE})
    said = outcome([closed, closed, {"snapshot": {"same_value": True}}], Words("vi"))
    assert said.startswith("1 số liệu đi vào đánh giá, đã tìm lại đúng ô")
    assert said.endswith("2 số liệu không công khai nên không truy nguồn ở đây.")


def test_a_lost_snapshot_is_a_kind_of_fault_and_its_place_on_the_disk_is_for_the_log(
    release: Release, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(home=tmp_path)
    migrate(settings)
    records = load_records(SPECS).records
    record = next(one for one in records.values() if "recorded" in one.route_names())
    row = {**ROW, "source_id": record.source_id, "route": "recorded", "snapshot_sha256": "0" * 64}
    lost = follow_to_cell(settings, records, row)
    assert (lost["fault"], str(tmp_path) in lost["problem"]) == ("no_snapshot", True)
    with caplog.at_level(logging.WARNING):
        snapshot = follow_one_at_a_time(settings, release, ROW)["snapshot"]
    assert (snapshot["same_value"], snapshot["fault"]) == (None, "no_record")
    assert "the release carries no record synthetic_office" in caplog.text


def test_every_fault_has_words() -> None:
    assert FAMILIES["explain_fault"] == FAULTS == get_args(reports.explanation.Fault)


def test_files_are_read_for_one_visitor_at_a_time_and_once(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def follow(settings: Settings, release: Release, row: Row) -> dict[str, Any]:
        with pytest.raises(StillReading):
            follow_one_at_a_time(settings, release, {"observation_key": "other"}, wait_seconds=0.01)
        read.append(row["observation_key"])
        return {"components": []}

    monkeypatch.setattr(reports.explanation, "follow", follow)
    settings = Settings(home=release.directory)
    first = follow_one_at_a_time(settings, release, ROW)
    assert follow_one_at_a_time(settings, release, ROW) is first
    assert read == ["synthetic"]
    monkeypatch.setattr(reports.explanation, "KEPT_SECONDS", 0.0)
    follow_one_at_a_time(settings, release, ROW)
    assert read == ["synthetic", "synthetic"], "what was read long ago is read again"
