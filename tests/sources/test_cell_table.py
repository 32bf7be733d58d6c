"""Cells by column: the same frame and the same cells as one by one."""

from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sources.cell_table import alike, cell_frame, coded, cube, one_after_another, table_of
from sources.cells import CELL_SCHEMA, Cell, Label
from sources.text.numbers import PrintedNumber, read_printed_number
from sources.text.units import tidy_unit, unit_key

WORDS = st.sampled_from(["Cao Bằng", " Hoà  An", "Ðông Khê", "", "area", "(Nghìn ha)", "2024", "12.5"])
LABELS = st.builds(Label, WORDS, WORDS, st.none() | WORDS)
CELLS = st.builds(
    Cell,
    table_title=WORDS,
    cell_ref=WORDS,
    labels=st.lists(LABELS, max_size=3).map(tuple),
    value=st.sampled_from(["1", "-0", "1,5", "..", "x", ">3", "nothing"]).map(
        lambda text: read_printed_number(text, "comma")
    ),
    unit_text=st.none() | WORDS,
    period_text=st.none() | WORDS,
    attributes=st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple),
)


@given(st.lists(CELLS, max_size=12))
def test_cells_come_out_of_their_columns_as_they_went_in(cells: list[Cell]) -> None:
    table = table_of(cells)
    assert table == cells
    assert [table[place] for place in range(-len(cells), len(cells))] == cells * 2


@given(st.lists(st.lists(CELLS, max_size=5), max_size=4))
def test_tables_one_after_another_are_their_cells_in_order(parts: list[list[Cell]]) -> None:
    joined = one_after_another([table_of(part) for part in parts])
    assert list(joined) == [cell for part in parts for cell in part]


@given(st.lists(CELLS, max_size=12), st.integers(1, 5))
def test_the_frame_says_what_each_cell_says_however_it_is_parted(cells: list[Cell], at_once: int) -> None:
    frame = cell_frame(cells, "k", "s")
    assert dict(frame.schema) == CELL_SCHEMA
    parts = [cell_frame(cells[start : start + at_once], "k", "s") for start in range(0, len(cells), at_once)]
    index = pl.int_range(len(cells), eager=True).alias("cell_index")
    if parts:
        assert_frame_equal(pl.concat(parts).with_columns(index), frame)
    for row, cell in zip(frame.rows(named=True), cells, strict=True):
        assert [(item["label"], item["code"]) for item in row["labels"]] == [
            (" ".join(label.label.replace("Ð", "Đ").split()), label.code) for label in cell.labels
        ]
        assert [(item["name"], item["text"]) for item in row["attributes"]] == list(cell.attributes)
        units = (None, None)
        if cell.unit_text is not None:
            units = (tidy_unit(cell.unit_text), unit_key(cell.unit_text))
        assert (row["unit_text"], row["unit_key"]) == units
        assert row["decimal_text"] == cell.value.decimal_text
        assert (row["number"], row["missing_code"]) == (cell.value.number, cell.value.missing_code)
        assert row["flags"] == list(cell.value.flags)


def test_flags_of_figure_and_cell_come_once_each_in_that_order() -> None:
    cell = Cell("t", "1", (), PrintedNumber("1", Decimal(1), None, ("a", "b")), flags=("b", "c"))
    assert cell_frame([cell], "k", "s")["flags"].to_list() == [["a", "b", "c"]]


@given(st.lists(st.integers(1, 4), max_size=4))
def test_the_last_dimension_of_a_cube_runs_fastest(sizes: list[int]) -> None:
    places = [column.tolist() for column in cube(sizes)]
    rows = list(zip(*places, strict=True))
    assert rows == sorted(set(rows))
    assert [max(column) + 1 for column in places] == sizes


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 900)), max_size=60))
def test_a_column_that_follows_from_others_is_worked_out_once_for_each_combination(
    rows: list[tuple[int, int]],
) -> None:
    columns = [coded(row[place] for row in rows).places for place in (0, 1)]
    asked: list[int] = []

    def value_of(cell: int) -> tuple[int, int]:
        asked.append(cell)
        return rows[cell]

    column = alike(len(rows), columns, value_of)
    assert [column.of(cell) for cell in range(len(rows))] == rows
    assert len(asked) == len(set(rows))
