"""CSV of any separator: which columns are figures, and what becomes of the others."""

import pytest

from sources.adapters import csv_table
from sources.cells import AdapterResult, ReadingError
from sources.record import CsvTableReading
from sources.text.tcvn3 import in_unicode


def section(**keys: object) -> CsvTableReading:
    return CsvTableReading.model_validate({"adapter": "csv_table", "figures": ["value"], **keys})


def read(text: str, **keys: object) -> AdapterResult:
    return csv_table.read(text.encode(), section(**keys))


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_every_separator_is_found(mark: str) -> None:
    (cell,) = read(f"area{mark}value\nA{mark}1.5\n").cells
    assert [(label.dimension, label.label) for label in cell.labels] == [("area", "A"), ("column", "value")]
    assert (cell.cell_ref, cell.value.text, cell.value.number) == ("r2c2", "1.5", 1.5)


def test_quoted_separators_and_line_ends_stay_in_their_field() -> None:
    cells = read('area,value\n"A, B",1\n"C\nD",2\n').cells
    assert [cell.labels[0].label for cell in cells] == ["A, B", "C\nD"]
    assert [cell.cell_ref for cell in cells] == ["r2c2", "r3c2"]


def test_units_periods_and_columns_left_out_are_as_the_record_says() -> None:
    found = read(
        "area;unit;year;note;value\nA;ha;2024;x;..\n",
        labels=["area", "year"], unit_column="unit", period_column="year", columns="measure", title="T",
    )  # fmt: skip
    (cell,) = found.cells
    assert (cell.table_title, cell.unit_text, cell.period_text) == ("T", "ha", "2024")
    assert cell.value.missing_code == "dots"
    assert [label.dimension for label in cell.labels] == ["area", "year", "measure"]
    assert [part.name for part in found.skipped] == ["column note"]


def test_two_columns_of_one_name_are_told_apart() -> None:
    found = csv_table.read(b"a,a,,value,value\nx,y,z,1,2\n", section(figures=["value", "value (2)"]))
    assert [label.dimension for label in found.cells[0].labels] == ["a", "a (2)", "column 3", "column"]
    assert [cell.labels[-1].label for cell in found.cells] == ["value", "value (2)"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("area,value\nA,1,2\nB,1\n", "line 2"),
        ('area,value\n"A,1\n', "line 2"),
        ("one column\n1\n", "the whole file"),
        ("area,amount\nA,1\n", "line 1"),
        ("<html></html>", "the whole file"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(ReadingError) as refused:
        read(text)
    assert refused.value.place == place


def test_a_guess_takes_years_and_codes_for_labels() -> None:
    text = "mã;địa phương;năm;diện tích (ha);dân số;ghi chú\n01273;A;2023;1,25;..;\n01279;B;2024;12,5;10;x\n"
    guessed = csv_table.guess(text.encode())
    assert guessed.figures == ["diện tích (ha)", "dân số"]
    assert guessed.decimal_mark == "comma"
    cells = csv_table.read(text.encode(), guessed).cells
    assert [cell.value.number for cell in cells] == [1.25, None, 12.5, 10]
    assert [cell.unit_text for cell in cells[:2]] == ["ha", None]


def test_a_guess_leaves_what_both_marks_would_read_unread() -> None:
    text = b"area;value\nA;1.520\nB;2.304\n"
    cells = csv_table.read(text, csv_table.guess(text)).cells
    assert {cell.value.missing_code for cell in cells} == {"unreadable"}
    assert all("decimal_mark_unclear" in cell.value.flags for cell in cells)


def test_old_code_pages_are_told_by_their_letters() -> None:
    assert csv_table.encoding_of("Cao Bằng".encode()) == "utf-8"
    assert csv_table.encoding_of("Población;Año".encode("cp1252")) == "cp1252"
    vietnamese = "Tha\u0323ch An; Ha\u0323 Lang".encode("cp1258")
    assert csv_table.encoding_of(vietnamese) == "cp1258"


def test_no_column_of_figures_is_said() -> None:
    with pytest.raises(ReadingError, match="no column holds figures"):
        csv_table.guess(b"code,name\n01,A\n02,B\n")


def test_one_figure_is_evidence_for_the_whole_file() -> None:
    for proof in ("12,34", "1 234,5", "0,123", "1.234,5"):
        text = f"area;value\nA;{proof}\nB;1.234\n"
        guessed = csv_table.guess(text.encode())
        assert guessed.decimal_mark == "comma"
        assert csv_table.read(text.encode(), guessed).cells[1].value.number == 1234
        (_, unclear) = read(text, decimal_mark="point").cells
        assert (unclear.value.number, unclear.value.flags) == (None, ("decimal_mark_unclear",))


def test_utf_16_keeps_its_last_letter() -> None:
    text = "area;value\nA;1.5\n\0"
    assert len(csv_table.read(text.encode("utf-16"), section(encoding="utf-16")).cells) == 1


def test_the_line_that_tells_excel_the_separator_is_no_head() -> None:
    assert csv_table.guess("sep=;\ntên;số\nx;1,5\n".encode()).figures == ["số"]


def test_words_of_time_make_a_label_only_as_a_whole_name() -> None:
    assert csv_table.guess(b"x;Th\xc3\xa1ng;N\xc4\x83m 2022;N\xc4\x83m 2023\na;1;2,5;3,5\n").figures == [
        "Năm 2022",
        "Năm 2023",
    ]


def test_text_of_a_vn_font_is_converted_and_vni_refused() -> None:
    data = "TØnh;D©n sè\nCao B»ng;1\nB¾c K¹n;2\n".encode("cp1252")
    cells = csv_table.read(data, section(figures=["Dân số"], encoding="cp1252")).cells
    assert [label.label for label in cells[0].labels] == ["Cao Bằng", "Dân số"]
    with pytest.raises(ReadingError, match="VNI"):
        csv_table.guess("Tænh;Daân soá\nCao Baèng;1\nBaéc Kaïn;2\n".encode("cp1252"))


@pytest.mark.parametrize("text", ["Län;År\nVästra;1\nPå sjön;2\n", "Año;España\nMálaga;1\nCórdoba;2\n"])
def test_other_languages_are_not_taken_for_a_vn_font(text: str) -> None:
    assert in_unicode(text) == text


def test_a_guess_takes_a_column_of_units_for_units_and_one_of_offices_for_labels() -> None:
    text = "Chỉ tiêu;ĐVT;2022\nDân số;người;543\nTỷ lệ;%;1,5\n".encode()
    assert [cell.unit_text for cell in csv_table.read(text, csv_table.guess(text)).cells] == ["người", "%"]
    offices = "Đơn vị;Số hồ sơ\nSở Y tế;15\nSở Xây dựng;7\n".encode()
    assert csv_table.guess(offices).unit_column is None


def test_a_column_of_percentages_has_the_sign_as_its_unit() -> None:
    text = "Tỉnh;Dân số;Tỷ lệ\nA;543;12,5%\nB;324;-\n".encode()
    cells = csv_table.read(text, csv_table.guess(text)).cells
    assert [(cell.value.number, cell.value.text, cell.unit_text) for cell in cells] == [
        (543, "543", None), (12.5, "12,5%", "%"), (324, "324", None), (None, "-", "%"),
    ]  # fmt: skip


def test_a_sign_on_some_figures_of_a_column_leaves_them_unread() -> None:
    cells = read("area;value\nA;12,5%\nB;13\n", decimal_mark="comma").cells
    assert [cell.value.number for cell in cells] == [None, 13]


def test_text_under_the_table_is_named_and_skipped() -> None:
    result = read("area;value\nA;1.5\n\nNguồn: Sở Y tế\n")
    assert len(result.cells) == 1
    assert [(part.name, part.reason) for part in result.skipped] == [
        ("line 4", "no row of figures: Nguồn: Sở Y tế")
    ]


def test_a_file_without_a_head_is_refused() -> None:
    with pytest.raises(ReadingError, match="no head"):
        csv_table.guess(b"A;1,5\nB;2,5\n")
