"""The plain table: cells with their citation, and every bad row named at once."""

import pytest

from sources.adapters.plain_table import COLUMNS, read
from sources.cells import CELL_SCHEMA, ReadingError
from sources.reading import cell_set_key
from sources.reading import read as read_section
from sources.record import JsonStatReading, PlainTableReading
from tests.sources.records import plain_table

SECTION = PlainTableReading(adapter="plain_table")


def test_a_row_becomes_a_cell_with_its_place_and_citation() -> None:
    data = plain_table({}, {"period": "2023", "value": "...", "note": "chưa công bố"})
    cells = read_section(SECTION, data, "ab" * 32).cells
    assert dict(cells.schema) == CELL_SCHEMA
    first, second = cells.rows(named=True)
    assert (first["cell_ref"], first["cell_index"], second["cell_ref"]) == ("row 2", 0, "row 3")
    assert (first["number"], first["decimal_text"], first["missing_code"]) == (500.5, "500.5", None)
    assert (second["number"], second["missing_code"], second["value_text"]) == (None, "dots", "...")
    assert {label["dimension"]: label["key"] for label in first["labels"]} == {
        "indicator": "dân số trung bình",
        "area": "cao bằng",
        "period": "2024",
        "breakdown": "chung",
    }
    assert {a["name"]: a["text"] for a in second["attributes"]}["note"] == "chưa công bố"
    assert (first["unit_text"], first["unit_key"]) == ("Nghìn người", "nghìn người")


def test_a_quoted_comma_and_a_line_break_keep_the_line_numbers() -> None:
    data = plain_table({"title": '"Bảng, dân\nsố"'}, {"value": "1"})
    cells = read(data, SECTION).cells
    assert [cell.cell_ref for cell in cells] == ["row 2", "row 4"]
    assert cells[0].table_title == "Bảng, dân\nsố"


def test_every_bad_row_is_named_at_once() -> None:
    data = plain_table({"value": "khoảng 5"}, {}, {"period": "năm 2024"}, {"maturity": "final", "unit": ""})
    with pytest.raises(ReadingError) as raised:
        read(data, SECTION)
    assert raised.value.place == "row 2"
    for part in (
        "4 problem(s)",
        "row 2: value 'khoảng 5'",
        "row 4: 'năm 2024'",
        "row 5: unit is empty",
        "'final'",
    ):
        assert part in raised.value.message


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"a,b\n1,2\n", "line 1", "missing: indicator"),
        (plain_table({"value": "1,5"}), "row 2", "14 fields"),
        (plain_table({}) + b"\xff\n", "line 3", "not UTF-8"),
        (b"", "line 1", "header"),
        ((",".join(COLUMNS) + '\n"open').encode(), "line 2", "broken"),
    ],
)
def test_a_file_of_another_shape_is_refused(data: bytes, place: str, message: str) -> None:
    with pytest.raises(ReadingError) as raised:
        read(data, SECTION)
    assert raised.value.place == place
    assert message in raised.value.message
    assert raised.value.mend


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert len(read(b"\xef\xbb\xbf" + plain_table({}), SECTION).cells) == 1


def test_the_key_of_a_cell_set_follows_snapshot_adapter_and_options() -> None:
    keys = {
        cell_set_key(SECTION, "a" * 64),
        cell_set_key(SECTION, "b" * 64),
        cell_set_key(JsonStatReading(adapter="json_stat"), "a" * 64),
        cell_set_key(JsonStatReading(adapter="json_stat", dataset="x"), "a" * 64),
    }
    assert len(keys) == 4
    assert cell_set_key(SECTION, "a" * 64) == cell_set_key(SECTION, "a" * 64)


def test_another_adapter_version_gives_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cell_set_key(SECTION, "a" * 64)
    monkeypatch.setitem(__import__("sources.reading").reading.ADAPTERS, "plain_table", ("next", read))
    assert cell_set_key(SECTION, "a" * 64) != before
