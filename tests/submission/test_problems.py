"""Each mistake is found at its cell and said in plain words; what is right is taken."""

import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from sources.adapters import submission
from sources.cells import ReadingError
from sources.submission.examine import Judged, judge
from sources.submission.filled import NotAWorkbook, read_filled
from sources.submission.in_force import InForce
from sources.submission.layout import COLUMNS, FIGURES, LAYOUTS, MILESTONES, PROBLEM_SHEET
from sources.submission.marking import marked_copy
from sources.submission.owed import Owed
from sources.submission.problems import PROBLEMS, CellProblem
from sources.submission.styles import PROBLEM_FILL
from sources.submission.template import Template
from tests.submission.conftest import RECEIVED_ON
from tests.submission.workbooks import (
    Edit,
    column_deleted,
    column_inserted,
    edited,
    figure,
    letter,
    milestone,
    place,
    restamped,
    rewritten,
    row_copied,
    row_deleted,
    sheet_deleted,
    stamp_changed,
    ten_mistakes,
)

MS = "MS_PROGRAMME_AGRICULTURE"
UNDATED: dict[str, Any] = {"issuer": "UBND tỉnh", "document": "1/QĐ-THU"}
UNSIGNED: dict[str, Any] = {"document": "1/QĐ-THU", "document_date": date(2025, 12, 1)}
DONE: dict[str, Any] = UNDATED | UNSIGNED
LATE = DONE | {"completed": date(2026, 1, 20)}


@pytest.fixture
def judged(template: Template, owed_2025: Owed, known: InForce) -> Any:
    """Judge the template after some edits."""

    def run(*edits: Edit, received_on: date = RECEIVED_ON) -> tuple[Judged, Workbook]:
        data = edited(template.data, *edits)
        return judge(read_filled(data), owed_2025, known, received_on), load_workbook(io.BytesIO(data))

    return run


def codes(problems: list[CellProblem]) -> list[str]:
    return [one.code for one in problems]


def percent_typed(book: Workbook) -> None:
    cell = place(book[FIGURES], "FOREST_COVER", "value")
    cell.value, cell.number_format = 0.582, "0%"
    place(book[FIGURES], "FOREST_COVER", "maturity").value = "Sơ bộ"


@pytest.mark.parametrize(
    ("edit", "code", "key", "problem", "said"),
    [
        (figure("WATER_RURAL", "khoảng 58"), "WATER_RURAL", "value", "text_in_number", "khoảng 58"),
        (figure("WATER_RURAL", "58,5 %"), "WATER_RURAL", "value", "text_in_number", "58,5 %"),
        (figure("WATER_RURAL", ">58"), "WATER_RURAL", "value", "text_in_number", ">58"),
        (figure("LAND_UNUSED", "1.520"), "LAND_UNUSED", "value", "decimal_mark_unclear", "1,52 hoặc 1520"),
        (figure("LAND_UNUSED", "1,520"), "LAND_UNUSED", "value", "decimal_mark_unclear", "1,52 hoặc 1520"),
        (figure("LAND_UNUSED", "−1.520"), "LAND_UNUSED", "value", "decimal_mark_unclear", "-1,52 hoặc -1520"),
        (figure("LAND_UNUSED", "1.520*"), "LAND_UNUSED", "value", "text_in_number", "1.520*"),
        (figure("WATER_RURAL", datetime(2025, 5, 12)), "WATER_RURAL", "value", "date_in_number", "12/05/2025"),
        (figure("WATER_RURAL", True), "WATER_RURAL", "value", "text_in_number", "True"),
        (percent_typed, "FOREST_COVER", "value", "percent_format", "hiện 58,2% nhưng giá trị lưu là 0,582"),
        (figure("WATER_RURAL", "#DIV/0!"), "WATER_RURAL", "value", "formula_error", "#DIV/0!"),
        (figure("WATER_RURAL", "=1+1"), "WATER_RURAL", "value", "formula_without_value", "công thức"),
        (figure("WATER_RURAL", 120), "WATER_RURAL", "value", "percent_over_100", "120%"),
        (figure("LAND_UNUSED", -5), "LAND_UNUSED", "value", "below_bound", "-5 nhỏ hơn"),
        (figure("COMMUNES_NEW_RURAL_ADVANCED", 2.5), "COMMUNES_NEW_RURAL_ADVANCED", "value", "not_whole", "2,5"),
        (figure("COMMUNES_NEW_RURAL", 15000), "COMMUNES_NEW_RURAL", "value", "unit_slip", "gấp khoảng 1.000 lần"),
        (figure("FOREST_COVER", 58.2, None), "FOREST_COVER", "maturity", "maturity_missing", "mức độ"),
        (figure("FOREST_COVER", 58.2, "Gần đúng"), "FOREST_COVER", "maturity", "maturity_unknown", "Gần đúng"),
        (figure("FOREST_COVER", None), "FOREST_COVER", "value", "value_missing", "chưa có số"),
        (rewritten(FIGURES, "WATER_RURAL", "period", "Năm 2024"), "WATER_RURAL", "period", "wrong_period", "2024"),
        (rewritten(FIGURES, "FOREST_COVER", "unit", "ha"), "FOREST_COVER", "unit", "locked_changed", "mẫu ghi '%'"),
        (rewritten(FIGURES, "FOREST_COVER", "name", "Độ che phủ"), "FOREST_COVER", "name", "locked_changed", "Tỷ lệ"),
        (rewritten(FIGURES, "LAND_UNUSED", "last", "6"), "LAND_UNUSED", "last", "last_changed", "tệp ghi '6'"),
        (rewritten(FIGURES, "LAND_UNUSED", "last", None), "LAND_UNUSED", "last", "last_changed", "tệp để trống"),
        (rewritten(FIGURES, "WATER_RURAL", "last", 5), "WATER_RURAL", "last", "last_changed", "mẫu để trống"),
        (rewritten(FIGURES, "LAND_UNUSED", "last_from", "x"), "LAND_UNUSED", "last_from", "locked_changed", "Cơ quan"),
        (rewritten(FIGURES, "WATER_RURAL", "definition", "x"), "WATER_RURAL", "definition", "definition_changed", "x"),
        (figure("COMMUNES_NEW_RURAL", 150), "COMMUNES_NEW_RURAL", "value", "unlike_last", "gấp khoảng 10 lần"),
        (figure("COMMUNES_NEW_RURAL", 0), "COMMUNES_NEW_RURAL", "value", "zero_for_blank", "15 xã"),
        (figure("LAND_AGRICULTURAL", 5320), "LAND_AGRICULTURAL", "value", "value_of_other_row", "chưa sử dụng"),
        (rewritten(MILESTONES, MS, "due", date(2035, 12, 31)), MS, "due", "locked_changed", "31/12/2035"),
        (rewritten(MILESTONES, MS, "last", "Hoàn thành"), MS, "last", "last_changed", "Chưa có báo cáo"),
        (milestone(MS, "Gần xong"), MS, "state", "state_unknown", "Gần xong"),
        (milestone(MS, "", note="đã xong"), MS, "state", "state_missing", "chưa chọn"),
        (milestone(MS, "Đang thực hiện", as_of=None), MS, "as_of", "as_of_missing", "ngày nào"),
        (milestone(MS, "Đang thực hiện", as_of="cuối năm"), MS, "as_of", "date_unreadable", "cuối năm"),
        (milestone(MS, "Đang thực hiện", as_of=date(2025, 6, 30)), MS, "as_of", "date_before_period_end", "30/06/2025"),
        (milestone(MS, "Đang thực hiện", as_of=date(2027, 1, 1)), MS, "as_of", "date_in_future", "03/02/2026"),
        (milestone(MS, "Hoàn thành"), MS, "document", "document_missing", "số văn bản"),
        (milestone(MS, "Hoàn thành", **UNSIGNED), MS, "issuer", "issuer_missing", "cơ quan"),
        (milestone(MS, "Hoàn thành", **UNDATED), MS, "document_date", "document_date_missing", ""),
        (milestone(MS, "Hoàn thành", **LATE), MS, "completed", "completed_after_as_of", "20/01/2026"),
        (milestone(MS, "Đang thực hiện", completed=date(2026, 1, 2)), MS, "completed", "completed_not_done", ""),
        (milestone(MS, "Chưa thực hiện"), MS, "state", "letter_missing", "Chưa thực hiện"),
    ],
)  # fmt: skip
def test_mistake_of_a_cell_is_found_there(  # noqa: PLR0917
    judged: Any, edit: Edit, code: str, key: str, problem: str, said: str
) -> None:
    result, book = judged(edit)
    (found,) = result.problems
    sheet = MILESTONES if code.startswith("MS_") else FIGURES
    assert (found.code, found.sheet) == (problem, sheet)
    assert found.cell == place(book[sheet], code, key).coordinate
    assert said in found.message_vi
    assert found.mend_vi


def written(ref: str, content: Any, sheet: str = FIGURES) -> Edit:
    def edit(book: Workbook) -> None:
        book[sheet][ref] = content

    return edit


def renamed(book: Workbook) -> None:
    book[FIGURES].title = "Sheet1"


def merged(book: Workbook) -> None:
    book[FIGURES].merge_cells("H6:H7")


def commented(book: Workbook) -> None:
    place(book[FIGURES], "FOREST_COVER", "value").comment = Comment("chưa tính huyện thử", "Người điền")


@pytest.mark.parametrize(
    ("edit", "problem", "at"),
    [
        (
            written("A1", "Số liệu báo cáo: Sở Nông nghiệp và Môi trường - Năm 2024"),
            "locked_changed",
            "Số liệu!A1",
        ),
        (written("A2", "mẫu khác"), "locked_changed", "Số liệu!A2"),
        (written("C3", "Số", MILESTONES), "locked_changed", "Công trình!C3"),
        (written("B10", "FOREST"), "locked_changed", "Số liệu!B10"),
        (written("H4", "Thực hiện"), "header_changed", "Số liệu!H4"),
        (written("M6", "xem giải trình"), "outside_table", "Số liệu!M6"),
        (written("F60", "1.234,5"), "outside_table", "Số liệu!F60"),
        (renamed, "sheet_renamed", "Sheet1!A1"),
        (merged, "cells_merged", "Số liệu!H6"),
        (commented, "comment_unread", "Số liệu!H10"),
    ],
)
def test_a_change_of_the_template_is_marked_and_the_rest_is_read(
    judged: Any, edit: Edit, problem: str, at: str
) -> None:
    result, book = judged(figure("WATER_RURAL", 58), edit)
    assert [(one.code, one.place) for one in result.problems] == [(problem, at)]
    assert [one.value for one in result.figures] == [Decimal(58)]
    buffer = io.BytesIO()
    book.save(buffer)
    sheet, _, ref = at.partition("!")
    marked = load_workbook(io.BytesIO(marked_copy(buffer.getvalue(), "Trả lại", result.problems)))
    assert result.problems[0].message_vi in marked[sheet][ref].comment.text


def rows_swapped(book: Workbook) -> None:
    sheet = book[FIGURES]
    first, second = (place(sheet, code, "code").row for code in ("FOREST_COVER", "LAND_UNUSED"))
    for one, other in zip(sheet[first], sheet[second], strict=True):
        one.value, other.value = other.value, one.value


def row_above(book: Workbook) -> None:
    book[FIGURES].insert_rows(1)


@pytest.mark.parametrize(
    "edit",
    [
        rows_swapped,
        row_above,
        written("C60", "Người lập biểu"),
        written("F6", 15),
        lambda book: setattr(book[FIGURES], "title", "SỐ LIỆU "),
        lambda book: setattr(book[FIGURES].column_dimensions["H"], "hidden", True),
        lambda book: book.create_sheet("Sheet1"),
        sheet_deleted("Hướng dẫn"),
    ],
)
def test_what_changes_no_figure_and_no_word_is_taken(judged: Any, edit: Edit) -> None:
    result, _ = judged(figure("FOREST_COVER", 58.2), figure("LAND_UNUSED", 5300), edit)
    assert result.problems == []
    assert {one.code: one.value for one in result.figures} == {
        "FOREST_COVER": Decimal("58.2"), "LAND_UNUSED": Decimal(5300),
    }  # fmt: skip


def test_reading_goes_on_after_structure_was_changed(judged: Any) -> None:
    result, book = judged(
        column_inserted(FIGURES, 8), figure("WATER_RURAL", "khoảng 58"), row_copied(FIGURES, "FOREST_COVER")
    )
    found = {one.code: one for one in result.problems}
    assert set(found) == {"column_inserted", "text_in_number", "row_repeated"}
    assert found["column_inserted"].cell == "H4"
    assert found["text_in_number"].cell == place(book[FIGURES], "WATER_RURAL", "value").coordinate
    assert f"dòng {place(book[FIGURES], 'FOREST_COVER', 'code').row}" in found["row_repeated"].message_vi
    assert found["row_repeated"].cell == f"B{book[FIGURES].max_row}"


def test_deleted_row_is_named_above_its_place(judged: Any) -> None:
    result, book = judged(row_deleted(FIGURES, "FOREST_COVER"), figure("WATER_RURAL", 58))
    (found,) = result.problems
    assert found.code == "row_deleted"
    assert "Tỷ lệ che phủ rừng" in found.message_vi
    assert found.cell == place(book[FIGURES], "DISTRICTS_NEW_RURAL", "code").coordinate


def test_added_row_and_lost_column_and_lost_sheet_are_named(judged: Any) -> None:
    def added(book: Workbook) -> None:
        book[FIGURES].append([21, "MADE_UP", "Chỉ tiêu thêm", "%", "Năm 2025", None, None, 5, "Sơ bộ"])

    result, _ = judged(added)
    assert codes(result.problems) == ["row_unknown"]
    result, _ = judged(figure("WATER_RURAL", 58), column_deleted(FIGURES, 9))
    assert "column_missing" in codes(result.problems)
    result, _ = judged(sheet_deleted(MILESTONES), figure("WATER_RURAL", 58))
    assert codes(result.problems) == ["sheet_missing"]


def test_copied_sheet_and_hidden_row_are_named(judged: Any) -> None:
    def copied(book: Workbook) -> None:
        book.copy_worksheet(book[FIGURES])

    result, _ = judged(figure("WATER_RURAL", 58), copied)
    (found,) = result.problems
    assert (found.code, found.sheet) == ("sheet_added", f"{FIGURES} Copy")
    assert f"{FIGURES} Copy" in found.message_vi

    def hidden(book: Workbook) -> None:
        sheet = book[FIGURES]
        sheet.row_dimensions[place(sheet, "WATER_RURAL", "code").row].hidden = True

    result, book = judged(figure("WATER_RURAL", 58), hidden)
    (found,) = result.problems
    assert (found.code, found.cell) == ("row_hidden", place(book[FIGURES], "WATER_RURAL", "code").coordinate)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ('"layout":"2"', '"layout":"1"', "other_version"),
        ('"plan_version":"07-NQ-HDND-2023"', '"plan_version":"99-NQ-HDND-2030"', "other_version"),
        ('"structure_digest":"', '"structure_digest":"0', "stamp_damaged"),
        ('"kind":"department"', '"kind":"guess"', "stamp_damaged"),
        ('"period_id":"2025"', '"period_id":"2024"', "stamp_damaged"),
        ('"area_id":"VN-04"', '"area_id":"VN-06"', "stamp_damaged"),
    ],
)
def test_other_templates_are_told_apart_by_the_stamp(  # noqa: PLR0917
    template: Template, owed_2025: Owed, known: InForce, before: str, after: str, problem: str
) -> None:
    filled = read_filled(edited(template.data, figure("WATER_RURAL", 58), stamp_changed(before, after)))
    problems = filled.problems
    if filled.stamp is not None:
        problems = judge(filled, owed_2025, known, RECEIVED_ON).problems
    assert problem in codes(problems)


def test_workbooks_of_an_older_layout_are_returned_but_stay_readable(
    template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LAYOUTS, "1", COLUMNS)
    data = edited(template.data, figure("WATER_RURAL", 58), restamped("1"))
    assert codes(read_filled(data).problems) == ["other_version"]
    assert read_filled(data, LAYOUTS).problems == []
    (cell,) = submission.read(data, None).cells
    assert (cell.labels[0].label, cell.value.number) == ("WATER_RURAL", 58)
    unknown = edited(data, stamp_changed('"layout":"1"', '"layout":"0"'))
    with pytest.raises(ReadingError, match="mẫu 0"):
        submission.read(unknown, None)


def test_template_of_rows_that_are_no_longer_owed_is_another_version(
    template: Template, owed_2025: Owed, known: InForce
) -> None:
    fewer = replace(owed_2025, figures=owed_2025.figures[1:])
    filled = read_filled(edited(template.data, figure("WATER_RURAL", 58)))
    (found,) = judge(filled, fewer, known, RECEIVED_ON).problems
    assert (found.code, found.sheet) == ("other_version", "")
    assert "bỏ 1 dòng" in found.message_vi


def test_figures_of_a_period_under_way_are_estimates(judged: Any) -> None:
    result, book = judged(figure("FOREST_COVER", 58.2, "Chính thức"), received_on=date(2025, 10, 1))
    (found,) = result.problems
    assert (found.code, found.cell) == (
        "period_not_over",
        place(book[FIGURES], "FOREST_COVER", "maturity").coordinate,
    )
    result, _ = judged(figure("FOREST_COVER", 58.2, "Ước tính"), received_on=date(2025, 10, 1))
    assert result.problems == []
    result, _ = judged(figure("FOREST_COVER", 58.2, "Ước tính"), received_on=date(2024, 12, 31))
    assert codes(result.problems) == ["period_not_begun"]


def test_a_note_lets_an_unusual_figure_pass(judged: Any) -> None:
    result, _ = judged(figure("LAND_UNUSED", 5_320_000, note="Số thử, có chủ ý"))
    assert result.problems == []


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (58, "58"),
        (0.1 + 0.2, "0.3"),
        ("58,5", "58.5"),
        ("58.5", "58.5"),
        ("1.234,5", "1234.5"),
        ("1 234,5", "1234.5"),
    ],
)
def test_numbers_are_taken_where_they_mean_one_thing(judged: Any, written: Any, value: str) -> None:
    result, _ = judged(figure("LAND_NON_AGRICULTURAL", written))
    assert result.problems == []
    assert [one.value for one in result.figures] == [Decimal(value)]


def test_milestones_become_reports_resting_on_documents(judged: Any) -> None:
    result, _ = judged(
        letter("77/BC-THU", date(2026, 1, 20)),
        milestone(MS, "Hoàn thành", **DONE, completed="01/12/2025", note="Số liệu thử"),
        milestone("MS_SPECIALISED_FARMING_AREAS", "Chưa thực hiện"),
        milestone("MS_POLICY_HIGH_TECH_AGRICULTURE", "Đang thực hiện"),
    )
    assert result.problems == []
    done, not_done, under_way = (report for _, report in result.milestones)
    assert (done.reported_state, done.document_number, done.issuer_vi, done.completed_on) == (
        "done", "1/QĐ-THU", "UBND tỉnh", date(2025, 12, 1),
    )  # fmt: skip
    assert (not_done.reported_state, not_done.document_number, not_done.document_date, not_done.issuer_vi) == (
        "not_done", "77/BC-THU", date(2026, 1, 20), "Sở Nông nghiệp và Môi trường",
    )  # fmt: skip
    assert (under_way.reported_state, under_way.document_number, under_way.issuer_vi) == (
        "in_progress",
        None,
        None,
    )


def test_ten_mistakes_are_ten_problems_each_marked_at_its_cell(judged: Any, template: Template) -> None:
    result, _ = judged(*ten_mistakes())
    assert sorted(codes(result.problems)) == [
        "date_before_period_end", "decimal_mark_unclear", "document_missing", "formula_error", "maturity_missing",
        "percent_over_100", "row_deleted", "text_in_number", "unit_slip", "wrong_period",
    ]  # fmt: skip
    copy = load_workbook(
        io.BytesIO(marked_copy(edited(template.data, *ten_mistakes()), "Trả lại", result.problems))
    )
    marked = {
        (sheet.title, cell.coordinate)
        for sheet in copy.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.fill.fgColor.rgb == PROBLEM_FILL.fgColor.rgb
    }
    assert marked == {(one.sheet, one.cell) for one in result.problems}
    for one in result.problems:
        assert one.message_vi in copy[one.sheet][one.cell].comment.text
        assert one.mend_vi in copy[one.sheet][one.cell].comment.text
    listed = copy[PROBLEM_SHEET]
    assert copy.sheetnames[0] == PROBLEM_SHEET
    assert [row[4].value for row in listed.iter_rows(min_row=5)] == [
        one.message_vi for one in result.problems
    ]


def test_a_returned_copy_is_mended_and_sent_again(
    judged: Any, template: Template, owed_2025: Owed, known: InForce
) -> None:
    data = edited(template.data, figure("FOREST_COVER", 58.2, None))
    first = judge(read_filled(data), owed_2025, known, RECEIVED_ON)
    returned = marked_copy(data, "Trả lại", first.problems)
    mended = edited(returned, figure("FOREST_COVER", 58.2), figure("WATER_RURAL", "chưa rõ"))
    second = judge(read_filled(mended), owed_2025, known, RECEIVED_ON)
    assert codes(second.problems) == ["text_in_number"]
    book = load_workbook(io.BytesIO(marked_copy(mended, "Trả lại", second.problems)))
    assert place(book[FIGURES], "FOREST_COVER", "maturity").comment is None
    assert place(book[FIGURES], "WATER_RURAL", "value").comment is not None


def test_what_people_wrote_is_never_run_as_a_formula(template: Template) -> None:
    problem = CellProblem(FIGURES, "H5", "text_in_number", "=1+1", "=HYPERLINK(1)", "@x")
    sheet = load_workbook(io.BytesIO(marked_copy(template.data, "Trả lại", [problem])))[PROBLEM_SHEET]
    assert {cell.data_type for cell in sheet[5][3:]} == {"s"}


@pytest.mark.parametrize("data", [b"", b"not a workbook", b"PK\x03\x04broken", b"<html>login</html>"])
def test_what_is_no_workbook_is_answered_with_the_list_alone(data: bytes) -> None:
    with pytest.raises(NotAWorkbook):
        read_filled(data)
    problem = CellProblem("", "", "not_a_workbook", "", "Không mở được.", "Lưu lại.")
    book = load_workbook(io.BytesIO(marked_copy(data, "Trả lại", [problem])))
    assert book.sheetnames == [PROBLEM_SHEET]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "other_format"),
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "has_password"),
        (
            b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            "other_format",
        ),
        (b"a,b\n1,2\n", "not_a_workbook"),
    ],
)
def test_other_files_are_refused_with_the_way_to_save_them(data: bytes, code: str) -> None:
    with pytest.raises(NotAWorkbook) as raised:
        read_filled(data)
    assert raised.value.code == code
    assert code in PROBLEMS


def test_a_workbook_of_ones_own_has_no_stamp() -> None:
    buffer = io.BytesIO()
    Workbook().save(buffer)
    assert codes(read_filled(buffer.getvalue()).problems) == ["no_stamp"]


def test_headers_of_a_sheet_differ() -> None:
    for columns in COLUMNS.values():
        assert (
            len({column.header for column in columns})
            == len({column.key for column in columns})
            == len(columns)
        )


def test_every_problem_is_said_with_the_words_it_is_given() -> None:
    given = {
        "found",
        "detail",
        "sheet",
        "column",
        "letter",
        "name",
        "key",
        "row",
        "expected",
        "period",
        "received",
    }
    given |= {
        "first",
        "second",
        "example",
        "shown",
        "bound",
        "unit",
        "way",
        "times",
        "last",
        "states",
        "state",
        "end",
    }
    given |= {"as_of", "document", "who", "area", "instead"}
    for code, sentences in PROBLEMS.items():
        for sentence in sentences:
            assert {name for _, name, _, _ in Formatter().parse(sentence) if name} <= given, code
            assert sentence.endswith((".", "{example}.")), code
