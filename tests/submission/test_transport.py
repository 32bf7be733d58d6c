"""A filled workbook comes back from the process that opened it as it was; one that costs too much is sent back."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sources.record import SourceRecord
from sources.submission import receive as receiving
from sources.submission.filled import Filled
from sources.submission.grid import FilledCell, FilledRow
from sources.submission.layout import StructureRow
from sources.submission.problems import problem
from sources.submission.receive import receive
from sources.submission.transport import from_json, to_json
from store.settings import Settings
from tests.sources.workbooks import xlsx
from tests.submission.conftest import RECEIVED_AT


def test_every_kind_of_value_comes_back() -> None:
    values = (
        None,
        True,
        3,
        0.1,
        "Có",
        datetime(2026, 1, 2, 3, 4),
        date(2026, 1, 2),
        time(3, 4),
        timedelta(days=1),
    )
    cells = {str(at): FilledCell("Số liệu", f"A{at}", value) for at, value in enumerate(values, start=1)}
    cells["formula"] = replace(
        cells["1"], is_formula=True, is_error=True, number_format="0.0%", comment="xem lại"
    )
    filled = Filled(
        None,
        [StructureRow("Số liệu", "T0101", ("Đất",), ("1",))],
        {"Số liệu": [FilledRow(7, "T0101", cells)]},
        {"Số liệu": cells},
        [problem("no_stamp"), problem("sheet_added", "Nháp", "A1", "Nháp")],
    )
    assert from_json(to_json(filled)) == filled


def test_a_workbook_is_opened_under_the_limits_of_reading(
    home: Settings, records: dict[str, SourceRecord], tmp_path: Path
) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(xlsx({"s": [["Thu", 1]]}))
    hurried = home.model_copy(update={"read_timeout_seconds": 0.01})
    receipt = receive(hurried, records, file, "batch-1", "tester", lambda: RECEIVED_AT)
    (found,) = receipt.submission.problems
    assert (receipt.submission.outcome, found["code"]) == ("returned", "cannot_be_read")
    assert receipt.answer.is_file()
    assert not hasattr(receiving, "read_filled")
