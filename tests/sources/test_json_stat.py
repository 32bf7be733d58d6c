"""JSON-stat of both versions, as statistics offices serve it."""

import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.adapters import json_stat
from sources.adapters.json_stat import read
from sources.cells import AdapterResult, ReadingError
from sources.detect import detect
from sources.reading import read as read_section
from sources.record import JsonStatReading

SECTION = JsonStatReading(adapter="json_stat")
DIMENSION = {
    "area": {
        "label": "Địa phương",
        "category": {"index": {"0": 0, "1": 1}, "label": {"0": "CẢ NƯỚC", "1": "Cao Bằng"}},
    },
    "year": {"category": {"index": ["2023", "2024"]}},
}


def version_1(**changes: Any) -> dict[str, Any]:
    dimension = DIMENSION | {"id": ["area", "year"], "size": [2, 2], "role": {"time": ["year"]}}
    return {"dataset": {"label": "Bảng thử", "dimension": dimension, "value": [1, 2, 3, 4.5]} | changes}


def version_2(**changes: Any) -> dict[str, Any]:
    return {
        "version": "2.0",
        "class": "dataset",
        "label": "Bảng thử",
        "id": ["area", "year"],
        "size": [2, 2],
        "role": {"time": ["year"]},
        "dimension": DIMENSION,
        "value": [1, 2, 3, 4.5],
    } | changes


def encoded(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def values(result: AdapterResult) -> list[str | None]:
    return [cell.value.decimal_text for cell in result.cells]


@pytest.mark.parametrize("content", [version_1(), version_2()])
@pytest.mark.parametrize("around", [(b"", b""), (b"\xef\xbb\xbf", b"\0"), (b"", b"\0\n")])
def test_both_versions_with_what_servers_put_around_them(
    content: dict[str, Any], around: tuple[bytes, bytes]
) -> None:
    result = read(around[0] + encoded(content) + around[1], SECTION)
    assert values(result) == ["1", "2", "3", "4.5"]
    last = result.cells[-1]
    assert [(label.dimension, label.label, label.code) for label in last.labels] == [
        ("area", "Cao Bằng", "1"),
        ("year", "2024", "2024"),
    ]
    assert (last.cell_ref, last.period_text, last.table_title) == ("3", "2024", "Bảng thử")


@pytest.mark.parametrize(
    ("value", "status", "codes"),
    [
        ([1, None, None, 4], None, [None, "blank", "blank", None]),
        ({"0": 1, "3": 4}, None, [None, "blank", "blank", None]),
        ([1, None, None, 4], {"1": "..", "2": "-"}, [None, "dots", "dash", None]),
        ([1, None, None, 4], {"1": None, "2": None}, [None, "blank", "blank", None]),
        ([1, None, None, 4], ["", "x", ".", "e"], [None, "suppressed", "dot", None]),
        ([1, None, None, 4], "a", [None, "not_available", "not_available", None]),
        ([1, "..", "4.50", "n.a."], None, [None, "dots", None, "not_available"]),
    ],
)
def test_values_and_statuses_in_every_form(value: Any, status: Any, codes: list[str | None]) -> None:
    changes = {"value": value} | ({} if status is None else {"status": status})
    result = read(encoded(version_2(**changes)), SECTION)
    assert [cell.value.missing_code for cell in result.cells] == codes


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_a_decimal_is_that_of_the_literal(value: Decimal) -> None:
    literal = format(value, "f")
    data = encoded(version_1()).replace(b"4.5]", literal.encode() + b"]")
    cell = read(data, SECTION).cells[-1]
    assert Decimal(cell.value.decimal_text or "") == value
    assert cell.value.number == float(literal)


def test_units_of_the_metric_are_kept() -> None:
    metric = {
        "category": {"label": {"pop": "Dân số"}, "unit": {"pop": {"base": "Nghìn người", "decimals": 1}}}
    }
    content = version_2(
        id=["metric", "area", "year"], size=[1, 2, 2], dimension=DIMENSION | {"metric": metric}
    )
    cell = read(encoded(content), SECTION).cells[0]
    assert cell.unit_text == "Nghìn người"
    assert ("unit_decimals", "1") in cell.attributes
    assert cell.labels[0].label == "Dân số"


def test_bundles_collections_and_descriptions() -> None:
    bundle = {"first": version_1()["dataset"], "second": version_1(value=[5, 6, 7, 8])["dataset"]}
    assert [cell.cell_ref for cell in read(encoded(bundle), SECTION).cells][3:5] == ["first:3", "second:0"]
    chosen = read(encoded(bundle), JsonStatReading(adapter="json_stat", dataset="second"))
    assert values(chosen) == ["5", "6", "7", "8"]
    assert [skipped.name for skipped in chosen.skipped] == ["first"]
    with pytest.raises(ReadingError, match="no dataset 'third'"):
        read(encoded(bundle), JsonStatReading(adapter="json_stat", dataset="third"))
    items = [version_2(label="một"), {"class": "dataset", "label": "hai", "href": "https://example.org/2"}]
    collection = read(encoded({"version": "2.0", "class": "collection", "link": {"item": items}}), SECTION)
    assert len(collection.cells) == 4
    assert [skipped.name for skipped in collection.skipped] == ["hai"]
    described = read(encoded(version_2(value=[])), SECTION)
    assert (described.cells, described.skipped[0].reason) == ([], "a description without values")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\xef\xbb\xbf\n <HTML><body>", "web page"),
        (encoded(version_1())[:-40], "breaks off"),
        (b"[1, 2]", "not JSON-stat"),
        (b'{"columns": [], "data": []}', "not JSON-stat"),
        (b'{"error": "Parameter error"}', "Parameter error"),
        (encoded(version_2(value=[1, 2, 3])), "3 values, the sizes of the dimensions need 4"),
        (encoded(version_2(value={"9": 1})), "there are only 4 cells"),
        (encoded(version_2(value={"²": 1})), "there are only 4 cells"),
        (
            encoded(version_2(dimension=DIMENSION | {"year": {"category": {"index": ["2024", "2024"]}}})),
            "dimension 'year' has 1 categories, its size is 2",
        ),
        (
            encoded(
                version_2(dimension=DIMENSION | {"year": {"category": {"index": ["a", "b"], "label": ["c"]}}})
            ),
            "do not name their categories",
        ),
        (encoded(version_2(size=[2, 3])), "dimension 'year' has 2 categories, its size is 3"),
        (encoded(version_2(id=["area", "month"])), "not described: month"),
        (encoded(version_2(**{"class": "dimension"})), "holds no figures"),
        (encoded(version_1()).replace(b"4.5", b"NaN"), "NaN"),
        (encoded(version_1()).replace("ả".encode(), b"\xff"), "UTF-8"),
        (b"", "breaks off"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, message: str) -> None:
    with pytest.raises(ReadingError) as raised:
        read(data, SECTION)
    assert message in raised.value.message
    assert raised.value.mend


def cao_bang(cells: pl.DataFrame) -> dict[tuple[str, ...], str]:
    return {
        tuple(label["label"] for label in row["labels"][1:]): row["decimal_text"]
        for row in cells.rows(named=True)
        if row["labels"][0]["key"] == "cao bang"
    }


def test_the_statistics_office_population_tables(shared_data: Path) -> None:
    folder = shared_data / "nso_pxweb"
    areas = read_section(SECTION, (folder / "E02.01.json").read_bytes(), "a" * 64).cells
    assert areas.height == 70 * 14 * 3
    assert cao_bang(areas)["2024", "Average population (Thous. pers.)"] == "558.461"
    # The file's own digits, the noise of the publisher's arithmetic included.
    assert "89202.88900000001" in set(areas["decimal_text"])
    groups = read_section(SECTION, (folder / "E02.03-07.json").read_bytes(), "b" * 64).cells
    found = cao_bang(groups)
    assert found["Total", "Prel. 2024"] == "558.461"
    assert Decimal(found["Male", "Prel. 2024"]) + Decimal(found["Female", "Prel. 2024"]) == Decimal("558.461")
    assert groups["missing_code"].value_counts().sort("count").rows() == [("blank", 288), (None, 10_362)]


# File -> (cells, cells with a number).
REAL_FILES = {
    "jsonstatpy_cso_NQQ25.json": (1216, 1216),
    "jsonstatpy_ssb_29843_jsonstat1.json": (37_440, 30_240),
    "pxwebapi_v2_MetadataById_tab003.jsonstat2.json": (0, 0),
    "pxwebpy_scb_TAB6471_data.jsonstat2.json": (2772, 2772),
    "pyjstat_cantabria_jsonstat2.json": (5400, 4205),
    "pyjstat_oecd-canada_jsonstat1.json": (552, 552),
    "rjstat_hierarchy.json": (132, 0),
    "rjstat_us-gsp_jsonstat2.json": (204, 204),
    "edwindj_order_v1.json": (24, 0),
}


@pytest.mark.parametrize("file", REAL_FILES)
def test_files_of_other_offices(shared_data: Path, file: str) -> None:
    reading = read_section(SECTION, (shared_data / "pxweb" / file).read_bytes(), "a" * 64)
    assert (reading.cells.height, reading.cells["number"].count()) == REAL_FILES[file]
    assert all(left < right for left, right in pairwise(reading.cells["cell_index"].to_list()))


def test_every_other_json_there_is_refused_and_not_misread(shared_data: Path) -> None:
    others = sorted({path.name for path in (shared_data / "pxweb").glob("*.json")} - REAL_FILES.keys())
    assert len(others) > 5
    for file in others:
        with pytest.raises(ReadingError, match="not JSON-stat"):
            read((shared_data / "pxweb" / file).read_bytes(), SECTION)


def test_what_is_no_figure_is_unreadable() -> None:
    data = json.dumps(version_2(value=[True, [1], 3, 4])).replace("3, 4", "1E999999999, 1e-40").encode()
    assert [cell.value.missing_code for cell in read(data, SECTION).cells] == ["unreadable"] * 4


@pytest.mark.parametrize("index", [{"0": 0, "1": 0}, {"0": 0, "1": "x"}])
def test_every_category_has_a_place_of_its_own(index: dict[str, Any]) -> None:
    dimension = DIMENSION | {"area": {"category": {"index": index}}}
    with pytest.raises(ReadingError, match="area"):
        read(json.dumps(version_2(dimension=dimension)).encode(), SECTION)


def test_utf_16_and_closing_nul_bytes_are_read() -> None:
    text = json.dumps(version_2())
    for data in (text.encode("utf-16"), (text + "\0\n").encode("utf-16"), text.encode() + b"\0\n"):
        assert detect(data) == "json-stat2"
        assert len(read(data, SECTION).cells) == 4


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.integers(),
            st.decimals(allow_nan=False, allow_infinity=False).map(str),
            st.just("-0.0"),
        ),
        min_size=4,
        max_size=4,
    ),
    st.sampled_from(["", "[1]", '{"value": [5]}', '"\\\\"', '"\\"value\\": [7]"']),
)
def test_a_list_cut_out_of_the_text_reads_as_one_that_is_not(
    items: list[int | str | None], beside: str
) -> None:
    listed = " ,\n".join("null" if item is None else str(item).replace("E+", "e+") for item in items)
    text = encoded(version_2(value="HERE")).decode().replace('"HERE"', f"[{listed}]")
    if beside:
        text = text[:-1] + f', "value ": {beside}, "extension": {beside}}}'
    whole = read(text.encode(), SECTION)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stat, "_SHORTEST_CUT_OUT", 0)
        assert json_stat.read(text.encode(), SECTION) == whole
        with pytest.raises(ReadingError) as refused:
            read(text[:-1].encode(), SECTION)
    assert refused.value.place.startswith("line ")


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ({"label": "thousand persons", "base": "persons", "multiplier": 3}, "thousand persons"),
        ({"base": "persons", "multiplier": 3}, "10^3 persons"),
        ({"base": "persons", "multiplier": 0}, "persons"),
    ],
)
def test_a_multiplier_that_no_label_says_stands_before_the_unit(unit: dict[str, Any], text: str) -> None:
    year = {"category": {"index": ["2023", "2024"], "unit": {"2023": unit}}}
    cells = read(encoded(version_2(dimension=DIMENSION | {"year": year})), SECTION).cells
    assert (cells[0].unit_text, cells[1].unit_text) == (text, None)
