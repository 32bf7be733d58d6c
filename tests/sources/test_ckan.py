"""Rows of a CKAN datastore: figures and labels by the record, types as they come."""

import json
from pathlib import Path
from typing import Any

import pytest

from sources.adapters.ckan import guess, read
from sources.cells import Cell, ReadingError
from sources.detect import json_format
from sources.record import CkanFetch, CkanReading

ANSWER: dict[str, Any] = {
    "help": "...",
    "success": True,
    "result": {
        "resource_id": "r-1",
        "fields": [
            {"id": "_id", "type": "int"},
            {"id": "huyen", "type": "text"},
            {"id": "ngay", "type": "timestamp"},
            {"id": "dien_tich", "type": "numeric"},
            {"id": "ho (hộ)", "type": "text"},
        ],
        "records": [
            {
                "_id": 7,
                "huyen": "Hà Quảng",
                "ngay": "2024-12-31T00:00:00",
                "dien_tich": 810.90,
                "ho (hộ)": "1.234",
            },
            {"_id": 9, "huyen": None, "ngay": "2024-12-31T00:00:00", "dien_tich": None, "ho (hộ)": "..."},
        ],
        "total": 2,
    },
}


def section(**options: Any) -> CkanReading:
    return CkanReading(
        **{"adapter": "ckan", "figures": ["dien_tich", "ho (hộ)"], "decimal_mark": "comma", **options}
    )


def cells(content: Any = ANSWER, **options: Any) -> list[Cell]:
    return read(json.dumps(content).replace("810.9", "810.90").encode(), section(**options)).cells


def test_each_figure_of_a_row_is_a_cell() -> None:
    found = cells(period="ngay")
    assert [(cell.cell_ref, cell.value.decimal_text or cell.value.missing_code) for cell in found] == [
        ("7:dien_tich", "810.90"),
        ("7:ho (hộ)", "1234"),
        ("9:dien_tich", "blank"),
        ("9:ho (hộ)", "dots"),
    ]
    assert [(label.dimension, label.label) for label in found[0].labels] == [
        ("huyen", "Hà Quảng"),
        ("ngay", "2024-12-31T00:00:00"),
        ("column", "dien_tich"),
    ]
    assert (found[0].period_text, found[0].table_title) == ("2024-12-31T00:00:00", "r-1")
    assert [cell.unit_text for cell in found[:2]] == [None, "hộ"]


def test_rows_may_be_lists_and_columns_left_out_are_named() -> None:
    fields = [field["id"] for field in ANSWER["result"]["fields"]]
    rows = [[row[name] for name in fields] for row in ANSWER["result"]["records"]]
    listed = {**ANSWER, "result": {**ANSWER["result"], "records": rows, "resource_id": ["r-1"]}}
    assert cells(listed) == cells()
    result = read(json.dumps(ANSWER).encode(), section(labels=["huyen"], unit="ha"))
    assert [part.name for part in result.skipped] == ["column ngay"]
    assert result.cells[0].unit_text == "ha"


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (ANSWER, {"figures": ["dan_so"]}, "no column dan_so, only _id, huyen"),
        ({"success": False, "error": {"message": "Não encontrado"}}, {}, "Não encontrado"),
        ({"success": True, "result": {}}, {}, "no rows of a datastore"),
        ({**ANSWER, "result": {**ANSWER["result"], "records": [1]}}, {}, "does not fit"),
    ],
)
def test_what_cannot_be_read_says_why(content: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ReadingError) as raised:
        cells(content, **options)
    assert message in raised.value.message


def test_a_record_names_columns_and_resources_once() -> None:
    for wrong in (
        {"labels": ["dien_tich"]},
        {"labels": ["huyen"], "period": "ngay"},
        {"unit": "ha", "unit_column": "x"},
    ):
        with pytest.raises(ValueError, match=r"\|"):
            section(**wrong)
    wrong_fetches: tuple[dict[str, Any], ...] = ({}, {"resource_id": "a", "package": "b"}, {"package": "b"})
    for wrong_fetch in wrong_fetches:
        with pytest.raises(ValueError, match=r"\|"):
            CkanFetch(protocol="ckan", address="https://opendata.example.org", **wrong_fetch)


def test_real_answers(shared_data: Path) -> None:
    for name in ("ckan_parser_06_datastore_search_200", "ckan_storage_types_07_datastore_search_200"):
        data = (shared_data / "ckan" / f"{name}.json").read_bytes()
        assert read(data, section(figures=["id"])).cells == []
    every_type = (shared_data / "ckan" / "ckan_storage_types_03_datastore_search_200.json").read_bytes()
    assert read(every_type, section(figures=["number", "integer"], period="yearmonth")).cells == []
    package = (shared_data / "ckan" / "ckan_storage_types_05_package_show_200.json").read_bytes()
    with pytest.raises(ReadingError, match="no rows of a datastore"):
        read(package, section())


def test_text_that_both_marks_would_read_is_left_unread() -> None:
    def answer(*texts: str) -> bytes:
        rows = [{"_id": place, "xa": "A", "v": text} for place, text in enumerate(texts, 1)]
        fields = [{"id": "_id"}, {"id": "xa"}, {"id": "v"}]
        return json.dumps({"success": True, "result": {"fields": fields, "records": rows}}).encode()

    unclear = answer("1.234", "2.456")
    flags = {cell.value.flags for cell in read(unclear, guess(unclear)).cells}
    assert flags == {("decimal_mark_unclear",)}
    proven = answer("1.234", "12,5")
    assert [cell.value.number for cell in read(proven, guess(proven)).cells] == [1234, 12.5]
    contrary = read(proven, section(figures=["v"], decimal_mark="point")).cells
    assert contrary[0].value.number is None
    hostile = answer("1").replace(b'"1"', b"1E999999999")
    assert read(hostile, section(figures=["v"])).cells[0].value.missing_code == "unreadable"


def test_one_page_of_many_says_how_many_rows_are_left() -> None:
    result = read(json.dumps(ANSWER | {"result": ANSWER["result"] | {"total": 5000}}).encode(), section())
    assert ("4998 of 5000 rows", "offset") in [
        (part.name, part.reason.split()[-1]) for part in result.skipped
    ]


def test_rows_of_a_dump_and_of_dkan_2_are_rows_too() -> None:
    inner = ANSWER["result"]
    dump = {key: inner[key] for key in ("fields", "records")}
    dkan = {"results": inner["records"], "count": 2, "schema": {}}
    for content in (dump, dkan):
        assert json_format(content) == "ckan"
        assert [cell.value for cell in cells(content)] == [cell.value for cell in cells()]
