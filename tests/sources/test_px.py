"""PX files: what the format allows and what offices really write."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.adapters.px import read
from sources.cells import AdapterResult, ReadingError
from sources.record import PxReading

SECTION = PxReading(adapter="px")

TABLE = """CHARSET="ANSI";
AXIS-VERSION="2010";
CODEPAGE="utf-8";
LANGUAGE="vi";
LANGUAGES="vi","en";
TITLE="Dân số và diện tích theo địa phương, chỉ tiêu và năm";
TITLE[en]="Population and area by area, item and year";
STUB="Địa phương";
STUB[en]="Area";
HEADING="Chỉ tiêu","Năm";
HEADING[en]="Item","Year";
CONTVARIABLE="Chỉ tiêu";
CONTVARIABLE[en]="Item";
VALUES("Địa phương")="Cả nước","Cao "
"Bằng";
VALUES[en]("Area")="Whole country","Cao Bang";
CODES("Địa phương")="0","15";
CODES[en]("Area")="0","15";
VALUES("Chỉ tiêu")="Dân số","Diện tích";
VALUES[en]("Item")="Population","Area of land";
VALUES("Năm")="2023","Sơ bộ 2024";
VALUES[en]("Year")="2023","Prel. 2024";
TIMEVAL("Năm")=TLIST(A1),"2023","2024";
UNITS("Dân số")="Nghìn người";
UNITS("Diện tích")="Km2";
UNITS[en]("Population")="Thous. persons";
UNITS[en]("Area of land")="Km2";
PRECISION("Chỉ tiêu","Dân số")=1;
DATASYMBOL2="Chưa có số liệu";
VALUENOTE("Địa phương","Cao Bằng")="Ghi chú; có dấu chấm phẩy";
CELLNOTE("Cao Bằng","Dân số","Sơ bộ 2024")="Ước theo điều tra";
SOURCE="Cục Thống kê";
DATA=
100309.2 101343.1 331236 331236
555.7 ".." "-" 6700.4;
"""


def read_text(text: str, options: PxReading = SECTION) -> AdapterResult:
    return read(text.encode(), options)


def labels(result: AdapterResult, position: int) -> list[str]:
    return [label.label for label in result.cells[position].labels]


def test_cells_come_in_the_order_of_stub_and_heading() -> None:
    result = read_text(TABLE)
    assert [cell.value.decimal_text for cell in result.cells] == [
        "100309.2", "101343.1", "331236", "331236", "555.7", None, None, "6700.4",
    ]  # fmt: skip
    assert labels(result, 4) == ["Cao Bằng", "Dân số", "2023"]
    assert result.cells[4].labels[0].code == "15"
    assert [cell.cell_ref for cell in result.cells] == [str(n) for n in range(8)]


def test_marks_keep_their_code_and_the_meaning_the_file_gives() -> None:
    cells = read_text(TABLE).cells
    assert (cells[5].value.missing_code, cells[6].value.missing_code) == ("dots", "dash")
    assert ("status", "Chưa có số liệu") in cells[5].attributes


def test_units_and_precision_hang_on_the_content() -> None:
    cells = read_text(TABLE).cells
    assert (cells[0].unit_text, cells[3].unit_text) == ("Nghìn người", "Km2")
    assert ("precision", "1") in cells[0].attributes
    assert ("precision", "1") not in cells[3].attributes


def test_notes_reach_the_cells_they_are_about_and_no_other() -> None:
    cells = read_text(TABLE).cells
    about_value = ("note Địa phương", "Ghi chú; có dấu chấm phẩy")
    assert [about_value in cell.attributes for cell in cells] == [False] * 4 + [True] * 4
    about_cell = ("note_cell", "Ước theo điều tra")
    assert [about_cell in cell.attributes for cell in cells] == [False] * 5 + [True] + [False] * 2


def test_periods_are_the_dimension_with_a_time_list() -> None:
    cell = read_text(TABLE).cells[1]
    assert cell.period_text == "Sơ bộ 2024"
    assert ("time_value", "2024") in cell.attributes


def test_another_language_of_the_same_file() -> None:
    result = read_text(TABLE, PxReading(adapter="px", language="en"))
    assert labels(result, 7) == ["Cao Bang", "Area of land", "Prel. 2024"]
    assert result.cells[0].table_title == "Population and area by area, item and year"
    assert result.cells[0].unit_text == "Thous. persons"
    with pytest.raises(ReadingError, match="no language 'sv'"):
        read_text(TABLE, PxReading(adapter="px", language="sv"))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(";\n", ";;\n"),
        lambda text: text.rstrip().removesuffix(";"),
        lambda text: text.replace("\n", "\r\r\n"),
        lambda text: text + "\x1a",
        lambda text: "\ufeff" + text,
    ],
    ids=["two semicolons", "no last semicolon", "odd line ends", "end-of-file mark", "byte order mark"],
)
def test_what_is_found_in_the_wild_reads_the_same(change: object) -> None:
    assert callable(change)
    assert read_text(change(TABLE)) == read_text(TABLE)


def test_code_page_of_the_file() -> None:
    text = TABLE.replace("Địa phương", "Región").replace('CODEPAGE="utf-8"', 'CODEPAGE="iso-8859-15"')
    data = text.encode("iso-8859-15", "replace")
    assert read(data, SECTION).cells[0].labels[0].dimension == "Región"


KEYED = """STUB="Year","Area";
HEADING="Sex";
VALUES("Year")="2007","2010";
VALUES("Area")="Italy","Finland";
CODES("Area")="IT","FI";
VALUES("Sex")="Men","Women";
KEYS("Year")=VALUES;
KEYS("Area")=CODES;
DATA=
"2007","IT", 1 2
"2010","FI", 3 4;
"""


def test_rows_with_keys_find_their_place_and_rows_left_out_are_flagged() -> None:
    cells = read_text(KEYED).cells
    assert [cell.value.number for cell in cells] == [1, 2, 0, 0, 0, 0, 3, 4]
    assert [cell.value.flags == ("row_left_out",) for cell in cells] == [False] * 2 + [True] * 4 + [False] * 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TABLE.replace(" 6700.4", ""), "7 values, the sizes of the dimensions need 8"),
        (TABLE[: TABLE.index("DATA=")], "there is no DATA="),
        (TABLE.replace('CODES("Địa phương")="0","15"', 'CODES("Địa phương")="0"'), "1 codes for 2 values"),
        (KEYED.replace('"2010","FI"', '"2010","DE"'), 'key "DE" is not among the codes'),
        ("<html><body>Login</body></html>", "web page"),
        ('TITLE="never closed', "never closed"),
        ("not px at all", "no PX statement"),
    ],
)
def test_what_cannot_be_whole_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(ReadingError, match=says):
        read_text(text)


# Cells and cells without a figure in files of other offices, counted by hand from their VALUES and their data.
REAL = {
    "pxR_EPA_es_1.px": (2340, 13),
    "pxR_example5.px": (72, 0),
    "pxmake_population_gl.px": (30, 0),
    "pxwebapi_TAB001.px": (5940, 2259),
    "pyaxis_27067.px": (812, 460),
    "scbpxweb_BE0101A1elimtot.px": (90, 0),
    "scbpxweb_BE0101F1datasymbols.px": (24, 6),
    "scbpxweb_BE0101F1nilSymbol.px": (48, 6),
    "scbpxweb_GeneveEUhierarch.px": (58, 0),
    "scbpxweb_PR0101B3.px": (324, 0),
}


@pytest.mark.parametrize("name", REAL)
def test_files_of_other_offices(shared_data: Path, name: str) -> None:
    cells = read((shared_data / "pxweb" / name).read_bytes(), SECTION).cells
    assert (len(cells), sum(cell.value.missing_code is not None for cell in cells)) == REAL[name]
    assert not [cell for cell in cells if cell.value.missing_code == "unreadable"]


@pytest.mark.parametrize("mark", [",", ", ", ";", "\t", ",\n"])
def test_data_may_be_parted_by_marks(mark: str) -> None:
    start, _, body = TABLE.partition("DATA=")
    data = mark.join(body.rstrip("; \n").split())
    assert [cell.value for cell in read_text(f"{start}DATA={data};").cells] == [
        cell.value for cell in read_text(TABLE).cells
    ]


def test_a_decimal_comma_never_parts_a_figure() -> None:
    start = TABLE.partition("DATA=")[0]
    texts = [cell.value for cell in read_text(start + 'DATA=1,5 2,5 ".." 4,5 5,5 6,5 7,5 8,5;').cells]
    assert [value.number for value in texts] == [1.5, 2.5, None, 4.5, 5.5, 6.5, 7.5, 8.5]
    with pytest.raises(ReadingError, match="values, the sizes"):
        read_text(start + "DATA=1,5 2,5 3,5 4,5;")
    unproven = read_text(start + "DATA=1,234 1,234 1,234 1,234 1,234 1,234 1,234 1,234;").cells
    assert {cell.value.missing_code for cell in unproven} == {"unreadable"}


@pytest.mark.parametrize("other", ["1.234", "1.234,5", "2.5"])
def test_two_decimal_marks_in_one_file_are_refused(other: str) -> None:
    start = TABLE.partition("DATA=")[0]
    with pytest.raises(ReadingError, match="decimal comma"):
        read_text(start + f"DATA=1,5 {other} 3 4 5 6 7 8;")


def test_keys_that_do_not_lead_are_refused() -> None:
    start = TABLE.partition("DATA=")[0].replace('STUB="Địa phương"', 'STUB="Địa phương","Năm"')
    start = start.replace('HEADING="Chỉ tiêu","Năm"', 'HEADING="Chỉ tiêu"') + 'KEYS("Năm")=VALUES;'
    with pytest.raises(ReadingError, match="not the first dimensions"):
        read_text(start + 'DATA="2023" 1 2 3 4 "Sơ bộ 2024" 5 6 7 8;')


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('VALUES("Năm")=', 'VALUES ( "Năm" ) = '),
        lambda text: text.replace('STUB="Địa phương";', 'STUB="";').replace(
            'HEADING="Chỉ', 'HEADING="Địa phương","Chỉ'
        ),
        lambda text: text.replace('VALUES("Năm")', 'VALUES[vi]("Năm")').replace("TITLE=", "TITLE[vi]="),
    ],
    ids=["blanks around keys", "nothing in the stub", "its own language named"],
)
def test_other_spellings_of_the_same_statements(change: object) -> None:
    assert callable(change)
    assert change(TABLE) != TABLE
    assert read_text(change(TABLE)) == read_text(TABLE)


def test_dimensions_stated_twice_are_refused() -> None:
    with pytest.raises(ReadingError, match="stands twice"):
        read_text(TABLE.replace("SOURCE=", 'VALUES("Năm")="2022","2023";\nSOURCE='))


def test_a_file_of_dos_has_the_letters_of_dos() -> None:
    text = 'STUB="län";HEADING="år";VALUES("län")="Örebro";VALUES("år")="2024";DATA=1;'
    assert [label.label for label in read(text.encode("cp850"), SECTION).cells[0].labels] == [
        "Örebro",
        "2024",
    ]
    windows = read(('CHARSET="ANSI";' + text).encode("cp1252"), SECTION).cells[0]
    assert [label.dimension for label in windows.labels] == ["län", "år"]


def test_keys_that_are_never_closed_cost_no_time() -> None:
    with pytest.raises(ReadingError, match="no PX statement"):
        read_text("VALUES(" + ' "a" , ' * 200)


def test_exponents_out_of_bounds_and_underscores_are_unreadable() -> None:
    cells = read_text(TABLE.replace("100309.2 101343.1", "1E999999999 1_000")).cells
    assert [cell.value.missing_code for cell in cells[:2]] == ["unreadable", "unreadable"]


def test_a_row_with_the_same_keys_twice_is_refused() -> None:
    start = TABLE.partition("DATA=")[0] + 'KEYS("Địa phương")=CODES;DATA='
    assert read_text(start + '"15" 1 2 3 4;').cells[0].value.flags == ("row_left_out",)
    with pytest.raises(ReadingError, match="stand twice"):
        read_text(start + '"15" 1 2 3 4 "15" 5 6 7 8;')


def test_utf_16_keeps_its_last_letter() -> None:
    assert read((TABLE + "\0").encode("utf-16"), SECTION).cells == read_text(TABLE).cells


@given(
    st.lists(
        st.one_of(
            st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9),
            st.sampled_from(["..", '"."', '"-"', "...", '"n/a"']),
        ),
        min_size=8,
        max_size=8,
    ),
    st.sampled_from([" ", "\n", ", ", ";", "\t", "\r\n"]),
    st.booleans(),
)
def test_figures_are_read_back_whatever_parts_them(
    data: list[Decimal | str], mark: str, decimal_comma: bool
) -> None:
    written = [datum if isinstance(datum, str) else f"{datum:f}" for datum in data]
    if decimal_comma and mark.isspace():
        written = [text if '"' in text else re.sub(r"(?<=\d)\.(?=\d)", ",", text) for text in written]
    body = mark.join(written)
    cells = read_text(TABLE.partition("DATA=")[0] + f"DATA={body};").cells
    assert [cell.value.decimal for cell in cells] == [
        datum if isinstance(datum, Decimal) else None for datum in data
    ]
