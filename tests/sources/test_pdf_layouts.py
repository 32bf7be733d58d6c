"""Layouts of PDF tables as publishers make them: what is read, and what is refused because it may be read wrongly."""

import pytest

from sources.adapters.pdf_table import read_any
from sources.cells import AdapterResult, ReadingError
from tests.sources.pdfs import Placed, one_by_one, pdf, placed, printed

TITLE = placed(55, 790, "17. Population by district", size=12)
YEARS = [placed(330 + 70 * at, 750, year, "right") for at, year in enumerate(("2022", "2023", "2024"))]
HEAD = [TITLE, *YEARS]
ROWS = [
    ("Bao Lam", ["10,5", "1 742,4", "12"]),
    ("Ha Quang", ["12 345", "-", "7"]),
    ("Hoa An", ["5,5", "6,5", "8"]),
]


def table(result: AdapterResult) -> dict[tuple[str, str], str]:
    return {(cell.labels[0].label, cell.labels[1].label): cell.value.text for cell in result.cells}


def expected(rows: list[tuple[str, list[str]]], columns: tuple[str, ...]) -> dict[tuple[str, str], str]:
    return {
        (label, column): text
        for label, figures in rows
        for column, text in zip(columns, figures, strict=True)
    }


PRINTED = expected(ROWS, ("2022", "2023", "2024"))


# --- words from letters -------------------------------------------------------------------------------------


@pytest.mark.parametrize("space", [0.5, 0.25, 0.2])
def test_words_are_rebuilt_from_letters_placed_one_by_one(space: float) -> None:
    page = [letter for word in printed(ROWS, HEAD) for letter in one_by_one(word, space)]
    result = read_any(pdf([page]))
    figures = [cell.value.text for cell in result.cells]
    assert figures == list(PRINTED.values())
    assert [cell.labels[0].label for cell in result.cells][::3] == ["Bao Lam", "Ha Quang", "Hoa An"]
    assert {cell.table_title for cell in result.cells} == {"17. Population by district"}


def test_letters_of_a_figure_that_stand_apart_are_refused() -> None:
    apart = [letter for word in printed(ROWS, HEAD) for letter in one_by_one(word, 0.25)]
    broken = [(x + 2.5 * (text == ","), y, size, font, text) for x, y, size, font, text in apart]
    with pytest.raises(ReadingError):
        read_any(pdf([broken]))


def test_letters_drawn_twice_are_read_once_and_figures_upon_figures_are_refused() -> None:
    page = printed(ROWS, HEAD)
    again = [(x + 0.3, y, size, font, text) for x, y, size, font, text in page]
    assert table(read_any(pdf([page + again]))) == PRINTED
    with pytest.raises(ReadingError, match="upon one another"):
        read_any(pdf([[*page, placed(330, 735, "88,8", "right")]]))


def test_a_raised_mark_is_no_digit_of_the_figure() -> None:
    page = printed([("Maize", ["10", "11", "234,4"]), ("Rice", ["1", "2", "3"])], HEAD)
    page.append((400 + 70 + 0.2, 738, 6, "Made", "2"))
    cell = read_any(pdf([page])).cells[2]
    assert (cell.value.decimal_text, cell.value.text, cell.flags) == ("234.4", "234,42", ("footnote_mark",))


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_turned_by_its_own_entry_reads_as_it_is_shown(turn: int) -> None:
    turned = pdf([printed(ROWS, HEAD)]).replace(b"/Contents", f"/Rotate {turn} /Contents".encode())
    assert table(read_any(turned)) == PRINTED


# --- headers ------------------------------------------------------------------------------------------------


def test_centred_headers_over_figures_at_the_right_of_wide_columns() -> None:
    head = [
        TITLE,
        *(placed(235 + 130 * at, 750, text, "centre") for at, text in enumerate(("Total", "Urban", "Rural"))),
    ]
    rows = [placed(55, 735 - 14 * line, label) for line, (label, _) in enumerate(ROWS)]
    figures = [
        placed(295 + 130 * at, 735 - 14 * line, text, "right")
        for line in range(3)
        for at, text in enumerate((f"{line + 1}1,5", f"{line + 1}22", f"{line + 1}3"))
    ]
    found = table(read_any(pdf([head + rows + figures])))
    assert [found["Ha Quang", column] for column in ("Total", "Urban", "Rural")] == ["21,5", "222", "23"]


def test_headers_that_come_again_under_each_year_carry_the_year() -> None:
    leaves = [placed(310 + 60 * at, 750, text, "right") for at, text in enumerate(("Male", "Female") * 2)]
    head = [TITLE, placed(330, 762, "2023", "centre"), placed(450, 762, "2024", "centre"), *leaves]
    rows = [
        placed(310 + 60 * at, 735 - 14 * line, f"{line + 1}{at}", "right")
        for line in range(2)
        for at in range(4)
    ]
    labels = [placed(55, 735, "Bao Lam"), placed(55, 721, "Ha Quang")]
    found = table(read_any(pdf([head + rows + labels])))
    assert [found["Bao Lam", f"{year} {sex}"] for year in (2023, 2024) for sex in ("Male", "Female")] == [
        "10", "11", "12", "13",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ([TITLE, *YEARS[:2]], r"under no header|which column is which"),
        ([TITLE, *YEARS[:2], placed(470, 750, "2022", "right")], "one header between them"),
        ([TITLE, *(placed(330 + 70 * at, 762, text, "right") for at, text in enumerate(("North", "South", "West"))),
          placed(55, 749, "Total"), *YEARS], "may be a row or a line of years"),
    ],
)  # fmt: skip
def test_headers_that_do_not_tell_the_columns_are_refused(head: list[Placed], reason: str) -> None:
    with pytest.raises(ReadingError, match=reason):
        read_any(pdf([printed(ROWS, head)]))


# --- rows ---------------------------------------------------------------------------------------------------


def test_a_number_that_ends_a_label_is_no_figure() -> None:
    rows = [(f"Month {month}", [f"{month}0,5", f"{month}1,5", f"{month}2"]) for month in range(1, 13)]
    assert table(read_any(pdf([printed(rows, HEAD)]))) == expected(rows, ("2022", "2023", "2024"))


def test_rows_of_marks_alone_and_of_figures_that_look_like_years_are_rows() -> None:
    rows = [ROWS[0], ("Ha Tay", ["-", "...", "-"]), ("Rooms", ["1990", "1995", "2003"]), ROWS[2]]
    assert table(read_any(pdf([printed(rows, HEAD)]))) == expected(rows, ("2022", "2023", "2024"))


def test_minus_signs_apart_from_their_figures() -> None:
    rows = [("A", ["- 2,5", "1", "2"]), ("B", ["-3,5", "-", "4"]), ("C", ["14,5", "7", "8"])]
    found = {cell.cell_ref: cell.value.decimal_text for cell in read_any(pdf([printed(rows, HEAD)])).cells}
    assert (found["p1:r1c1"], found["p1:r2c1"], found["p1:r2c2"]) == ("-2.5", "-3.5", None)


@pytest.mark.parametrize("place", ["top", "middle", "bottom"])
def test_a_label_of_two_lines_is_of_its_own_row(place: str) -> None:
    page = list(HEAD)
    for at in range(4):
        y = 735 - 30 * at
        page += [placed(55, y, f"Nhanh {at}"), placed(55, y - 10.5, f"Branch {'ABCD'[at]}")]
        height = {"top": y, "middle": y - 5.25, "bottom": y - 10.5}[place]
        page += [placed(330 + 70 * column, height, f"{at}{column}", "right") for column in range(3)]
    labels = [cell.labels[0].label for cell in read_any(pdf([page])).cells]
    assert labels[::3] == [f"Nhanh {at} Branch {'ABCD'[at]}" for at in range(4)]


def test_labels_met_again_are_told_apart_by_the_row_they_are_under() -> None:
    page = list(HEAD)
    for line, label in enumerate(["Bao Lam", "  Male", "Ha Quang", "  Male"]):
        y = 735 - 14 * line
        page += [placed(55 + 12 * label.startswith(" "), y, label.strip())]
        page += [placed(330 + 70 * at, y, f"{line}{at}", "right") for at in range(3)]
    under = {
        cell.value.text: [label.label for label in cell.labels if label.dimension == "section"]
        for cell in read_any(pdf([page])).cells
    }
    assert (under["10"], under["30"]) == (["Bao Lam"], ["Ha Quang"])


def test_units_in_a_column_of_their_own() -> None:
    page = [*HEAD, placed(220, 735, "ha"), placed(220, 721, "kg"), placed(220, 707, "km2")]
    cells = read_any(pdf([printed(ROWS, page)])).cells
    assert [(cell.labels[0].label, cell.unit_text) for cell in cells[::3]] == [
        ("Bao Lam", "ha"), ("Ha Quang", "kg"), ("Hoa An", "km2"),
    ]  # fmt: skip


def test_figures_without_a_label_are_named() -> None:
    result = read_any(pdf([printed([*ROWS[:2], ("", ["1,5", "2,5", "3,5"]), ROWS[2]], HEAD)]))
    assert table(result) == PRINTED
    assert [part.reason for part in result.skipped] == ["figures in a row without a label: '1,5 2,5 3,5'"]


@pytest.mark.parametrize("cell", ["none yet", "5-6", "12:5"])
def test_words_in_place_of_a_figure_are_refused(cell: str) -> None:
    rows = [ROWS[0], ("Ha Quang", ["3,5", cell, "4,5"]), ROWS[2]]
    with pytest.raises(ReadingError, match=r"words for a figure|in place of a figure"):
        read_any(pdf([printed(rows, HEAD)]))


# --- pages --------------------------------------------------------------------------------------------------


def test_two_tables_on_a_page_keep_their_titles_and_columns() -> None:
    second = [
        placed(55, 640, "18. Schools", size=12),
        *(placed(330 + 70 * at, 620, text, "right") for at, text in enumerate(("2020", "2021"))),
    ]
    rows = [("Bao Lam", ["3", "4"]), ("Ha Quang", ["5", "6"])]
    result = read_any(pdf([printed(ROWS, HEAD) + printed(rows, second, top=606)]))
    by_title: dict[str, dict[tuple[str, str], str]] = {}
    for cell in result.cells:
        labels = (cell.labels[0].label, cell.labels[1].label)
        by_title.setdefault(cell.table_title, {})[labels] = cell.value.text
    assert by_title == {
        "17. Population by district": PRINTED,
        "18. Schools": expected(rows, ("2020", "2021")),
    }
    assert len({cell.cell_ref for cell in result.cells}) == len(result.cells)


def test_tables_side_by_side_are_refused() -> None:
    page = printed([("Bao Lam", ["1", "2"]), ("Ha Quang", ["3", "4"])], [TITLE])
    beside = [
        word
        for line, label in enumerate(("Rice", "Maize"))
        for word in (placed(430, 735 - 14 * line, label), placed(520, 735 - 14 * line, f"{line}9", "right"))
    ]
    with pytest.raises(ReadingError, match="a second table beside it"):
        read_any(pdf([page + beside]))


def test_a_page_without_title_and_header_goes_on_where_its_figures_stand_the_same() -> None:
    result = read_any(
        pdf([printed(ROWS, HEAD), printed([("Ha Lang", ["1", "2", "3"]), ("Thach An", ["4", "5", "6"])])])
    )
    assert table(result)["Thach An", "2023"] == "5"
    assert {cell.table_title for cell in result.cells} == {"17. Population by district"}


def test_running_titles_and_page_numbers_are_no_part_of_a_table() -> None:
    running = [placed(200, 815, "Statistical yearbook"), placed(55, 690, "Population and labour 58")]
    result = read_any(pdf([printed(ROWS, HEAD) + running]))
    assert table(result) == PRINTED
    assert {cell.table_title for cell in result.cells} == {"17. Population by district"}


def test_text_upon_a_picture_of_the_page_is_refused_as_a_scan() -> None:
    image = b"q 595 0 0 842 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x80 EI Q\n"
    data = pdf([printed(ROWS, HEAD)])
    start = data.index(b"stream\n") + len(b"stream\n")
    length = data.index(b"endstream", start) - start
    with_image = data.replace(b"/Length %d" % length, b"/Length %d" % (length + len(image)))
    start = with_image.index(b"stream\n") + len(b"stream\n")
    with pytest.raises(ReadingError, match="a scan or a picture under the text"):
        read_any(with_image[:start] + image + with_image[start:])


@pytest.mark.parametrize("number", ["{}", "({})"])
def test_a_line_that_numbers_the_columns_is_no_row_and_small_counts_are(number: str) -> None:
    head = [
        *HEAD,
        placed(80, 735, "A"),
        *(placed(330 + 70 * at, 735, str(at + 1), "right") for at in range(3)),
    ]
    rows = [("Ha Lang", ["1", "2", "3"]), *ROWS]
    assert table(read_any(pdf([printed(rows, head, top=721)]))) == expected(rows, ("2022", "2023", "2024"))
