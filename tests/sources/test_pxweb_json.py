"""The format json of PX-Web: codes get their words from the description, figures stay as printed."""

import json
from pathlib import Path
from typing import Any

import pytest

from sources.adapters.pxweb_json import read
from sources.cells import Cell, ReadingError
from sources.draft import facts_of_file
from sources.record import PxwebJsonReading

SECTION = PxwebJsonReading(adapter="pxweb_json")
ANSWER: dict[str, Any] = {
    "columns": [
        {"code": "Địa phương", "text": "Địa phương", "type": "d"},
        {"code": "Năm", "text": "Năm", "type": "t"},
        {"code": "Dân số (Nghìn người)", "text": "Dân số (Nghìn người)", "type": "c"},
    ],
    "comments": [],
    "data": [{"key": ["15", "0"], "values": ["500.10"]}, {"key": ["15", "1"], "values": [".."]}],
}
METADATA = {
    "title": "Bảng thử",
    "variables": [
        {"code": "Địa phương", "values": ["15"], "valueTexts": ["Cao Bằng"]},
        {"code": "Năm", "values": ["0", "1"], "valueTexts": ["2023", "Sơ bộ 2024"]},
    ],
}


def cells(content: Any, **options: Any) -> list[Cell]:
    return read(json.dumps(content).encode(), SECTION.model_copy(update=options)).cells


def test_words_come_from_the_description() -> None:
    first, second = cells({"metadata": METADATA, **ANSWER})
    assert [(label.label, label.code) for label in first.labels[:2]] == [("Cao Bằng", "15"), ("2023", "0")]
    assert (first.value.decimal_text, first.unit_text, first.table_title) == (
        "500.10",
        "Nghìn người",
        "Bảng thử",
    )
    assert (second.value.missing_code, second.period_text) == ("dots", "Sơ bộ 2024")
    assert (first.cell_ref, second.cell_ref) == ("0:0", "1:0")


def test_without_a_description_a_label_is_its_code() -> None:
    first, _ = cells(ANSWER)
    assert first.labels[0].label == "15"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({**ANSWER, "data": [{"key": ["1"], "values": ["2"]}]}, "1 keys and 1 figures"),
        ({**ANSWER, "data": None}, "no rows"),
        ({"columns": 1}, "format json"),
        ({"error": "Too many values selected"}, "Too many values"),
        ([1], "not an answer of PX-Web"),
    ],
)
def test_what_cannot_be_read_says_why(content: Any, message: str) -> None:
    with pytest.raises(ReadingError) as raised:
        cells(content)
    assert message in raised.value.message
    assert raised.value.mend


def test_real_answers(shared_data: Path) -> None:
    boxed = read(
        (shared_data / "pxweb" / "rpxweb_scb_v1_json_response_reconstructed.json").read_bytes(), SECTION
    )
    assert [label.label for label in boxed.cells[0].labels] == ["OG", "1", "2015", "Population"]
    assert boxed.cells[0].value.decimal_text == "2762601"
    two = read((shared_data / "pxweb" / "edwindj_json_response.json").read_bytes(), SECTION)
    content = json.loads((shared_data / "pxweb" / "edwindj_json_response.json").read_text())
    assert len(two.cells) == 2 * len(content["data"])
    assert two.cells[1].labels[-1].label == "Population growth"
    assert {cell.value.missing_code for cell in two.cells} <= {None, "dots"}


def test_the_servers_own_metadata_stands_beside_our_description() -> None:
    own = [{"label": "Tên bảng", "source": "Cục Thống kê", "updated": "2024-05-01"}]
    first, _ = cells({"table": METADATA, **ANSWER, "metadata": own})
    assert (first.labels[0].label, first.table_title) == ("Cao Bằng", "Bảng thử")
    assert first.attributes == (("source", "Cục Thống kê"), ("updated", "2024-05-01"))
    alone, _ = cells({**ANSWER, "metadata": own})
    assert (alone.labels[0].label, alone.table_title) == ("15", "Tên bảng")


def test_comments_are_notes_on_what_they_name() -> None:
    comments = [
        {"variable": "Năm", "value": "1", "comment": "Ước tính"},
        {"variable": "Năm", "value": None, "comment": "Theo năm dương lịch"},
        "neither",
    ]
    first, second = cells({**ANSWER, "comments": comments})
    assert first.attributes == (("note Năm", "Theo năm dương lịch"),)
    assert second.attributes == (("note Năm", "Theo năm dương lịch"), ("note Năm", "Ước tính"))


def test_a_source_can_be_drafted_from_a_newer_servers_answer() -> None:
    data = json.dumps({**ANSWER, "metadata": [{"label": "Bảng"}]}).encode()
    assert facts_of_file(data, "a.json").title == "Bảng"


def test_a_comma_is_read_only_where_the_figures_prove_what_it_is() -> None:
    def figures(*texts: str) -> list[float | None]:
        data = [{"key": ["15", str(at)], "values": [text]} for at, text in enumerate(texts)]
        return [cell.value.number for cell in cells(ANSWER | {"data": data})]

    assert figures("1.234", "5") == [1.234, 5]
    assert figures("543,1", "1.234") == [543.1, 1234]
    assert figures("1,234", "5") == [None, 5]
    assert figures("1,234.5", "1,234") == [1234.5, 1234]
