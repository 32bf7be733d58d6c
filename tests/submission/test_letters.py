"""Letters keyed by two people: agreement makes figures with their citation, a difference names both values."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import Workbook

from sources.adapters import plain_table
from sources.record import PlainTableReading, SourceRecord
from sources.submission.catalogue import read_indicators
from sources.submission.layout import ENTRY
from sources.submission.letters import person_key
from sources.submission.receive import Receipt, receive
from sources.submission.template import entry_template
from store import landing, state
from store.settings import PROJECT_ROOT, Settings
from tests.submission.conftest import RECEIVED_AT
from tests.submission.workbooks import Edit, edited, place

pytestmark = pytest.mark.usefixtures("opened_here")

SOURCE = "department_finance"
LETTER = {"document": "12/BC-THU", "document_date": date(2026, 1, 9), "title": "Báo cáo thử"}
ROW = {
    "page": 3, "table": "Biểu 2", "code": "BUDGET_REVENUE", "period": "Năm 2025", "value": 2345.6,
    "unit": "tỷ đồng", "maturity": "Ước tính",
}  # fmt: skip
_FIELDS = {"person": "D3", "document": "D4", "document_date": "D5", "title": "D6"}


def keyed(person: str, *rows: dict[str, Any], **fields: Any) -> Edit:
    """Key a letter; a row gives what differs from the usual one."""

    def edit(book: Workbook) -> None:
        for key, content in {"person": person, **LETTER, **fields}.items():
            book[ENTRY][_FIELDS[key]] = content
        for number, row in enumerate(rows or ({},), start=1):
            for key, content in (ROW | row).items():
                place(book[ENTRY], number, key).value = content

    return edit


class Desk:
    """Where two people hand in their sheets."""

    def __init__(self, settings: Settings, records: dict[str, SourceRecord], folder: Path) -> None:
        self.settings, self.records, self.folder = settings, records, folder
        indicators = list(read_indicators(PROJECT_ROOT / "dbt_project" / "seeds").values())
        self.template = entry_template(records[SOURCE], "VN-04", indicators, "code-1").data

    def gets(self, *edits: Edit) -> Receipt:
        file = self.folder / "letter.xlsx"
        file.write_bytes(edited(self.template, *edits))
        return receive(self.settings, self.records, file, "batch", "tester", lambda: RECEIVED_AT)


@pytest.fixture
def desk(home: Settings, records: dict[str, SourceRecord], tmp_path: Path) -> Desk:
    return Desk(home, records, tmp_path)


def codes(receipt: Receipt) -> list[str]:
    return [problem["code"] for problem in receipt.submission.problems]


def test_what_two_people_agree_on_is_cited_to_the_letter(desk: Desk) -> None:
    first = desk.gets(keyed("Người Một"))
    assert (first.submission.outcome, first.retrieval) == ("waiting", None)
    assert not first.as_outcome.is_fault
    second = desk.gets(keyed("Người Hai", {"value": "2345,6", "note": "bản quét mờ"}))
    assert (second.submission.outcome, second.submission.n_figures) == ("accepted", 1)
    assert second.retrieval is not None
    assert (second.retrieval.route, second.retrieval.document) == ("keyed", "12_bc_thu_2026-01-09")
    with state.reading(desk.settings) as connection:
        (vintage,) = state.vintages(connection)
    assert (vintage.origin, vintage.published_at, vintage.published_at_basis) == (
        "transcription", date(2026, 1, 9), "printed",
    )  # fmt: skip
    data = landing.get(desk.settings, vintage.snapshot_sha256)
    (cell,) = plain_table.read(data, PlainTableReading(adapter="plain_table")).cells
    assert [(label.dimension, label.label) for label in cell.labels][:3] == [
        ("indicator", "BUDGET_REVENUE"), ("area", "VN-04"), ("period", "2025"),
    ]  # fmt: skip
    assert cell.value.decimal_text == "2345.6"
    assert dict(cell.attributes) == {
        "maturity": "estimate", "publisher": "Sở Tài chính", "title": "Văn bản số 12/BC-THU: Báo cáo thử",
        "published": "2026-01-09", "place": "trang 3, Biểu 2", "note": "bản quét mờ",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "key", "first", "second"),
    [
        ({"value": 2354.6}, "value", "2345,6", "2354,6"),
        ({"maturity": None}, "maturity", "Ước tính", "không ghi"),
        ({"page": 4}, "page", "3", "4"),
        ({"table": "Biểu 3"}, "table", "Biểu 2", "Biểu 3"),
    ],
)
def test_a_difference_names_both_values_at_its_cell(
    desk: Desk, change: dict[str, Any], key: str, first: str, second: str
) -> None:
    desk.gets(keyed("Người Một"))
    receipt = desk.gets(keyed("Người Hai", change))
    assert receipt.submission.outcome == "returned"
    (problem,) = receipt.submission.problems
    assert problem["code"] == "keyed_differently"
    assert f"'{first}'" in problem["message_vi"]
    assert f"'{second}'" in problem["message_vi"]
    assert receipt.retrieval is not None
    assert receipt.retrieval.outcome == "quarantined"
    with state.reading(desk.settings) as connection:
        assert state.vintages(connection) == []


def test_either_may_mend_and_the_two_then_agree(desk: Desk) -> None:
    desk.gets(keyed("Người Một"))
    assert codes(desk.gets(keyed("Người Hai", {"value": 9}))) == ["keyed_differently"]
    # The first was wrong after all.
    assert desk.gets(keyed("Người Một", {"value": 9})).submission.outcome == "accepted"
    # A further sheet of the letter begins anew.
    assert desk.gets(keyed("Người Ba", {"value": 10})).submission.outcome == "waiting"


def test_rows_that_one_alone_keyed_are_named(desk: Desk) -> None:
    desk.gets(keyed("Người Một", {}, {"period": "Năm 2024"}))
    receipt = desk.gets(keyed("Người Hai", {}, {"period": "Quý I năm 2025"}))
    said = sorted(problem["message_vi"] for problem in receipt.submission.problems)
    assert codes(receipt) == ["keyed_once", "keyed_once"]
    assert "Năm 2024 chỉ có trong tệp của người nhập trước" in said[0]
    assert "Quý I năm 2025 chỉ có trong tệp của người nhập sau" in said[1]


def test_one_person_twice_is_refused_however_the_name_is_written(desk: Desk) -> None:
    desk.gets(keyed("Đỗ Thị Hà"))
    assert codes(desk.gets(keyed("do thi ha", {"note": "x"}))) == ["same_person"]
    assert desk.gets(keyed("Người Hai")).submission.outcome == "accepted"


def test_the_file_of_the_first_is_no_second_keying(desk: Desk) -> None:
    assert person_key("Đỗ  Thị Hà") == person_key("DO THI HA") != person_key("Đỗ Thị Hạnh")
    desk.gets(keyed("Người Một"))
    file = desk.folder / "letter.xlsx"
    again = receive(desk.settings, desk.records, file, "batch", "tester", lambda: RECEIVED_AT)
    assert codes(again) == ["same_person"]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (keyed("Người Một", {"code": "MADE_UP"}), ["indicator_unknown"]),
        (keyed("Người Một", {"unit": "triệu đồng"}), ["unit_of_other"]),
        (keyed("Người Một", {"period": "năm ngoái"}), ["period_unreadable"]),
        (keyed("Người Một", {"value": None}), ["field_missing"]),
        (keyed("Người Một", {"value": "khoảng 5"}), ["text_in_number"]),
        (keyed("Người Một", {}, {}), ["entry_repeated"]),
        (keyed(""), ["field_missing"]),
        (keyed("Người Một", document_date="đầu năm"), ["date_unreadable"]),
    ],
)
def test_a_sheet_with_a_mistake_is_not_compared(desk: Desk, edit: Edit, expected: list[str]) -> None:
    assert codes(desk.gets(edit)) == expected
    assert desk.gets(keyed("Người Hai")).submission.outcome == "waiting"


def test_the_list_of_codes_is_the_seed(desk: Desk) -> None:
    codes_of_seed = pl.read_csv(PROJECT_ROOT / "dbt_project" / "seeds" / "indicator.csv")["indicator_code"]
    assert set(codes_of_seed) == set(read_indicators(PROJECT_ROOT / "dbt_project" / "seeds"))
