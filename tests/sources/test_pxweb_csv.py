"""CSV exports of PX-Web, as downloaded."""

from pathlib import Path

import pytest

from sources.adapters.pxweb_csv import read
from sources.cells import AdapterResult, ReadingError
from sources.record import PxWebCsvReading
from sources.view import view

SECTION = PxWebCsvReading(adapter="pxweb_csv")
EXPORT = (
    '"Retail sales (Thous. pers.) by Cities, provincies and Year"\n\n'
    '"Cities, provincies";"2014";"Prel. 2015"\n'
    '" WHOLE COUNTRY";2916233.9;3223202.6\n'
    '"Cao Bang";5400.1;..\n'
    "\n"
    '"Note: at current prices"\n'
)


def read_text(text: str, options: PxWebCsvReading = SECTION) -> AdapterResult:
    return read(text.encode("utf-8-sig"), options)


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_rows_labels_and_years(separator: str) -> None:
    cells = read_text(EXPORT.replace(";", separator)).cells
    assert [cell.value.number for cell in cells] == [2916233.9, 3223202.6, 5400.1, None]
    last = cells[-1]
    assert [(label.dimension, label.label) for label in last.labels] == [
        ("Cities, provincies", "Cao Bang"),
        ("Year", "Prel. 2015"),
    ]
    assert (last.period_text, last.value.missing_code, last.cell_ref) == ("Prel. 2015", "dots", "r5c3")
    assert last.unit_text == "Thous. pers."


def test_notes_under_the_table_are_named_and_skipped() -> None:
    assert [skipped.reason for skipped in read_text(EXPORT).skipped] == [
        "no row of figures: Note: at current prices"
    ]


def test_two_dimensions_in_one_head_keep_their_text_and_give_the_period() -> None:
    text = EXPORT.replace('"2014";"Prel. 2015"', '"Rural 2014";"Rural Prel. 2015"')
    cell = read_text(text).cells[1]
    assert (cell.labels[-1].label, cell.period_text) == ("Rural Prel. 2015", "Prel. 2015")


def test_a_head_printed_twice_is_no_row() -> None:
    head = '"Cities, provincies";"2014";"Prel. 2015"\n'
    result = read_text(EXPORT.replace(head, head + head))
    assert len(result.cells) == 4
    assert result.skipped[0].reason.endswith("the head once more")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<!DOCTYPE html><html></html>", "web page"),
        ("only a title\n", "no row with more than one column"),
        (EXPORT.replace(";..\n", "\n"), "have not the 3 columns"),
        ('"A";"B"\n"x";"y"\n', "no column of figures"),
    ],
)
def test_what_is_no_export_is_refused(text: str, says: str) -> None:
    with pytest.raises(ReadingError, match=says):
        read_text(text)


def test_bytes_in_another_encoding_are_refused_not_guessed() -> None:
    data = EXPORT.replace("Cao Bang", "Cao Bằng").encode("cp1258", "replace").replace(b"?", b"\xea")
    with pytest.raises(ReadingError, match="not utf-8"):
        read(data, SECTION)


def test_every_export_of_2018(shared_data: Path) -> None:
    files = sorted((shared_data / "gso_csv").glob("*/*.csv"))
    assert files
    for file in files:
        cells = read(file.read_bytes(), SECTION).cells
        rows = {cell.labels[0].label.strip() for cell in cells}
        assert "Cao Bang" in rows, file.name
        assert not [cell for cell in cells if cell.value.missing_code == "unreadable"], file.name
        assert all(cell.period_text for cell in cells), file.name


def test_digits_in_the_first_column_are_labels_where_its_head_is_no_year() -> None:
    text = '"People by Age and Year"\n\n"Age","2020","2021"\n0,15,25\n1,35,45\n'
    cells = read_text(text).cells
    assert [(cell.labels[0].label, cell.value.number) for cell in cells] == [
        ("0", 15), ("0", 25), ("1", 35), ("1", 45),
    ]  # fmt: skip
    assert view(text.encode()).result.cells == cells


@pytest.mark.parametrize("second", ['"";"Male";"Female"', '"Area";"Male";"Female"'])
def test_two_heading_rows_are_refused(second: str) -> None:
    for head in ('"Area";"2020";""', '"Area";"2020";"2021"'):
        with pytest.raises(ReadingError, match="second row of headings"):
            read_text(f'"T"\n\n{head}\n{second}\n"Cao Bang";1;2\n')


def test_a_file_that_proves_a_comma_is_never_read_with_a_point() -> None:
    text = '"T"\n\n"Area";"2020";"2021"\n"A";"1 234,5";"12"\n"B";1.234;2.345\n'
    assert [cell.value.number for cell in read_text(text).cells] == [1234.5, 12, None, None]
    assert [cell.value.number for cell in view(text.encode()).result.cells] == [1234.5, 12, 1234, 2345]


def labels_of(text: str) -> list[list[str]]:
    return [[label.label for label in cell.labels] for cell in read_text(text).cells]


def test_columns_of_years_are_labels_where_title_or_rows_say_so() -> None:
    rows = '"Cao Bằng","2022",6700.4,543.1\n"Cao Bằng","2023",6700.4,547.9\n'
    for title in ("Dân số phân theo Tỉnh và Năm", "Dân số"):
        text = f'"{title}"\n\n"Tỉnh","Năm","Diện tích (Km2)","Dân số (Nghìn người)"\n{rows}'
        assert labels_of(text)[:3] == [
            ["Cao Bằng", "2022", "Diện tích (Km2)"],
            ["Cao Bằng", "2022", "Dân số (Nghìn người)"],
            ["Cao Bằng", "2023", "Diện tích (Km2)"],
        ]


def test_a_quoted_line_end_parts_words() -> None:
    assert labels_of('"Dân số"\n\n"Tỉnh","2022"\n"Cao\nBằng",1\n') == [["Cao\nBằng", "2022"]]


def test_a_unit_line_and_a_separator_at_every_line_end() -> None:
    cells = read_text('"Dân số"\n"Đơn vị tính: Nghìn người"\n\n"Tỉnh","2022",\n"Cao Bằng",1,\n').cells
    assert [(cell.unit_text, cell.value.number) for cell in cells] == [("Đơn vị tính: Nghìn người", 1)]


def test_a_second_table_under_the_first_is_refused_and_words_are_a_note() -> None:
    first = '"Dân số"\n\n"Tỉnh","2022"\n"Cao Bằng",1\n\n'
    with pytest.raises(ReadingError, match="second head"):
        read_text(first + '"Bảng hai"\n\n"Huyện","2023"\n"Hòa An",2\n')
    noted = read_text(first + "Nguồn: Cục Thống kê, 2023\n")
    assert (len(noted.cells), noted.skipped[0].name) == (1, "line 6")


def test_a_file_that_proves_no_mark_leaves_three_digits_unread() -> None:
    text = '"Dân số"\n\n"Tỉnh";"2022";"2023"\n"Cao Bằng";{};5\n'
    for figure in ("1.234", "1,234"):
        cells = view(text.format(figure).encode()).result.cells
        assert [cell.value.number for cell in cells] == [None, 5]
    assert view(text.format("1,234.5").encode()).result.cells[0].value.number == 1234.5
