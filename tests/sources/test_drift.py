"""Structural drift: what counts as a change, and what is only a new issue."""

import polars as pl
import pytest

from sources.cell_table import cell_frame
from sources.cells import Cell, Label
from sources.drift import drift, in_words
from sources.text.numbers import read_printed_number

Row = tuple[str, str, str]
ROWS: list[Row] = [("Cao Bằng", "2023", "1"), ("Cao Bằng", "2024", "2"), ("Lạng Sơn", "2023", "3")]


def frame(
    rows: list[Row],
    title: str = "Dân số",
    unit: str | None = "Nghìn người",
    area: str = "Địa phương",
    codes: dict[str, str] | None = None,
) -> pl.DataFrame:
    cells = [
        Cell(
            title,
            str(number),
            (Label(area, place, (codes or {}).get(place)), Label("Năm", year)),
            read_printed_number(value, "point"),
            unit,
            year,
        )
        for number, (place, year, value) in enumerate(rows)
    ]
    return cell_frame(cells, "k", "s")


def kinds(after: pl.DataFrame, before: pl.DataFrame | None = None) -> list[tuple[str, str, str]]:
    found = drift(frame(ROWS) if before is None else before, after)
    return [(item.kind, item.dimension, item.what) for item in found]


def test_a_new_issue_is_no_drift() -> None:
    revised = [("Cao Bằng", "2023", "7"), *ROWS[1:], ("Cao Bằng", "Sơ bộ 2025", "9")]
    assert kinds(frame(revised)) == []
    assert kinds(frame([(f" {place.upper()} ", year, value) for place, year, value in ROWS])) == []
    assert in_words([]) is None


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (frame(ROWS[:2]), [("category_vanished", "Địa phương", "Lạng Sơn")]),
        (frame([*ROWS, ("Hà Giang", "2023", "5")]), [("category_new", "Địa phương", "Hà Giang")]),
        (frame([ROWS[0], ROWS[2]]), [("period_vanished", "", "2024")]),
        (frame(ROWS, unit="Người"), [("unit_new", "", "Người"), ("unit_vanished", "", "Nghìn người")]),
        (frame(ROWS, area="Tỉnh"), [("dimension_new", "", "Tỉnh"), ("dimension_vanished", "", "Địa phương")]),
        (frame(ROWS, title="Dân số trung bình"), [("table_renamed", "", "")]),
        (pl.concat([frame(ROWS), frame([("A", "1", "1")], title="Khác")]), [("table_new", "", "")]),
        (
            frame([("A", "2023", "1"), ("B", "2023", "1")], title="Khác"),
            [("table_vanished", "", ""), ("table_new", "", "")],
        ),
    ],
    ids=["vanished", "new", "period", "unit", "dimension", "renamed", "second table", "another table"],
)
def test_what_drifts(after: pl.DataFrame, expected: list[tuple[str, str, str]]) -> None:
    assert kinds(after) == expected


def test_a_code_that_moves_to_another_label() -> None:
    before = frame(ROWS, codes={"Cao Bằng": "15", "Lạng Sơn": "20"})
    after = frame(ROWS, codes={"Cao Bằng": "16", "Lạng Sơn": "20"})
    assert kinds(after, before) == [("code_changed", "Địa phương", "Cao Bằng = 16")]
    assert "was '15'" in (in_words(drift(before, after)) or "")
