"""Writing the workbooks: what a department owes for a period, and the sheet for keying a letter."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from sources.record import SourceRecord
from sources.submission import styles
from sources.submission.catalogue import Indicator
from sources.submission.in_force import InForce, LastValue, MilestoneState
from sources.submission.layout import (
    COLUMNS,
    ENTRY,
    ENTRY_COLUMNS,
    FIELDS,
    FIGURES,
    INSTRUCTIONS,
    MACHINE_SHEET,
    MATURITIES,
    MILESTONES,
    STATES,
    TITLES,
    Column,
    Stamp,
    StructureRow,
    make_stamp,
    write_row,
)
from sources.submission.owed import Owed, OwedFigure
from sources.submission.periods import period_name
from sources.submission.problems import number_text

ENTRY_ROWS = 60
_MATURITY_WORDS = {code: word for word, code in MATURITIES.items()} | {"not_stated": "không ghi mức độ"}
_STATE_WORDS = {
    "done": "Hoàn thành",
    "done_late": "Hoàn thành muộn",
    "withdrawn": "Không thực hiện nữa",
    "overdue": "Quá hạn",
    "due": "Sắp đến hạn",
    "not_due": "Chưa đến hạn",
    "no_report": "Chưa có báo cáo",
}
_INSTRUCTIONS = (
    "Chỉ điền vào các ô nền vàng nhạt. Các ô khác đã khóa: không xóa dòng, không chèn cột, không chép sang tệp khác.",
    "Trang 'Số liệu': ghi số vào cột 'Số báo cáo' theo đúng đơn vị tính của dòng; không ghi chữ, không ghi dấu nghìn, "
    "không ghi dấu %.",
    "Có số thì phải chọn mức độ hoàn chỉnh: Ước tính, Sơ bộ hoặc Chính thức. Kỳ chưa kết thúc chỉ có thể là Ước tính.",
    "Chưa có số thì để trống cả dòng. Ô trống không làm mất số đã báo cáo trước đây.",
    "Cột 'Số gần nhất' là số đang được sử dụng, để đối chiếu. Nếu số báo cáo khác hẳn (gấp hoặc nhỏ hơn nhiều "
    "lần, bằng 0) mà vẫn đúng, ghi lý do ở cột 'Ghi chú'.",
    "Trang 'Công trình': chỉ điền dòng có báo cáo mới: chọn tình trạng và ghi ngày tính tình trạng (từ ngày kết thúc "
    "kỳ báo cáo trở đi).",
    "Tình trạng 'Hoàn thành' phải có số văn bản, ngày và cơ quan ban hành văn bản xác nhận, và ngày hoàn thành nếu có.",
    "Tình trạng 'Chưa thực hiện' và 'Không thực hiện nữa' căn cứ vào văn bản gửi kèm của cơ quan báo cáo: ghi số và "
    "ngày ở đầu trang.",
    "Tệp có lỗi được trả lại: từng ô lỗi tô đỏ, có ghi chú cách sửa, và trang 'Danh sách lỗi' ở đầu. Sửa ngay trên tệp "
    "trả lại rồi nộp lại.",
    "Nộp lại thì lần nộp sau thay lần nộp trước; các lần nộp đều được lưu.",
)
_ENTRY_INSTRUCTIONS = (
    "Hai người nhập cùng một văn bản, mỗi người một tệp, không xem tệp của nhau. Chương trình so hai tệp; khác nhau ở "
    "đâu thì trả lại và nêu cả hai giá trị.",
    "Điền người nhập, số, ngày và tên văn bản ở đầu trang; mỗi số liệu một dòng, ghi trang và bảng trong văn bản.",
    "Ghi số như trong văn bản, theo đơn vị của chỉ tiêu; đơn vị trong văn bản khác thì không tự đổi, báo lại.",
    "Kỳ ghi như: Năm 2025; 6 tháng đầu năm 2025; Quý I năm 2025; Ngày 31/12/2025. Văn bản không ghi mức độ hoàn chỉnh "
    "thì để trống.",
)


@dataclass(frozen=True)
class Template:
    """A workbook ready to be filled in."""

    data: bytes
    stamp: Stamp


def structure_of(owed: Owed, known: InForce | None = None) -> list[StructureRow]:
    """Return the rows that a department's template has; with what is in force, also what it shows of that."""
    figures = [
        StructureRow(
            FIGURES, one.code, one.asked,
            () if known is None
            else last_value_in_words(known.last_value(owed.area_id, one.code, one.period_id), one),
        )
        for one in owed.figures
    ]  # fmt: skip
    milestones = [
        StructureRow(
            MILESTONES, one.target_id, one.asked,
            () if known is None
            else (state_in_words(known.milestones.get((owed.plan_version, one.target_id))),),
        )
        for one in owed.milestones
    ]  # fmt: skip
    return figures + milestones


def department_template(owed: Owed, known: InForce, code_version: str) -> Template:
    """Write the workbook for what a department owes. It holds no value but those in force."""
    rows = structure_of(owed, known)
    period_id = owed.period.period_id
    heading = f"{owed.record.publisher.vi} - {period_name(period_id)}"
    stamp = make_stamp(
        "department",
        rows,
        source_id=owed.record.source_id,
        area_id=owed.area_id,
        code_version=code_version,
        heading=heading,
        period_id=period_id,
        plan_version=owed.plan_version,
    )
    book = Workbook()
    instructions = book.active
    instructions.title = INSTRUCTIONS
    _write_instructions(instructions, f"Hướng dẫn điền biểu: {heading}", _INSTRUCTIONS, stamp)
    words = {row.code: row.words() for row in rows}
    _write_figures(book.create_sheet(FIGURES), owed, words, stamp)
    _write_milestones(book.create_sheet(MILESTONES), owed, words, stamp)
    _write_machine_sheet(book.create_sheet(MACHINE_SHEET), stamp, rows)
    return Template(_saved(book), stamp)


def entry_template(
    record: SourceRecord, area_id: str, indicators: Sequence[Indicator], code_version: str
) -> Template:
    """Write the sheet on which one of two people keys a letter or scan of a publisher."""
    heading = f"Nhập số liệu từ văn bản của {record.publisher.vi}"
    stamp = make_stamp(
        "entry",
        [],
        source_id=record.source_id,
        area_id=area_id,
        code_version=code_version,
        heading=heading,
    )
    book = Workbook()
    instructions = book.active
    instructions.title = INSTRUCTIONS
    _write_instructions(instructions, heading, _ENTRY_INSTRUCTIONS, stamp)
    _write_entry(book.create_sheet(ENTRY), stamp)
    _write_codes(book.create_sheet("Mã chỉ tiêu"), indicators)
    _write_machine_sheet(book.create_sheet(MACHINE_SHEET), stamp, [])
    sheet = book[ENTRY]
    _choices(sheet, ENTRY_COLUMNS, "code", f"='Mã chỉ tiêu'!$A$2:$A${len(indicators) + 1}", "mã chỉ tiêu")
    return Template(_saved(book), stamp)


def _saved(book: Workbook) -> bytes:
    book.security = styles.structure_protection()
    # The sheet to fill in is the one that opens.
    book.active = 1
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write_instructions(sheet: Worksheet, heading: str, lines: Sequence[str], stamp: Stamp) -> None:
    sheet.column_dimensions["A"].width = 5
    sheet.column_dimensions["B"].width = 110
    sheet["A1"] = heading
    sheet["A1"].font = styles.TITLE
    for number, line in enumerate(lines, start=1):
        sheet.cell(number + 2, 1, number).font = styles.PLAIN
        cell = sheet.cell(number + 2, 2, line)
        cell.font, cell.alignment = styles.PLAIN, styles.WRAP
        styles.fit_height(sheet, number + 2, [(line, 110)])
    sheet.cell(len(lines) + 4, 1, stamp.in_words()).font = styles.SMALL
    styles.protect(sheet)
    styles.for_printing(sheet)


def _write_head(sheet: Worksheet, stamp: Stamp) -> int:
    """Write title, stamp, fields and header of a sheet; return the header's row."""
    columns = COLUMNS[sheet.title]
    sheet["A1"] = TITLES[sheet.title] + stamp.heading
    sheet["A1"].font = styles.TITLE
    sheet["A2"] = stamp.in_words()
    sheet["A2"].font = styles.SMALL
    row = 3
    for key, label in FIELDS[sheet.title].items():
        sheet.cell(row, 3, label).font = styles.BOLD
        cell = sheet.cell(row, 4)
        _make_input(cell, is_date=key.endswith("date"))
        sheet.merge_cells(start_row=row, end_row=row, start_column=4, end_column=6)
        row += 1
    row += 1
    for position, column in enumerate(columns, start=1):
        cell = sheet.cell(row, position, column.header)
        cell.font, cell.fill = styles.BOLD, styles.HEADER_FILL
        cell.alignment, cell.border = styles.CENTRE, styles.BORDER
        sheet.column_dimensions[get_column_letter(position)].width = column.width
    sheet.row_dimensions[row].height = 34
    sheet.freeze_panes = sheet.cell(row + 1, 4)
    styles.protect(sheet)
    styles.for_printing(sheet, row)
    return row


def _make_input(cell: Any, is_date: bool = False, is_number: bool = False) -> None:
    cell.fill, cell.border, cell.protection = styles.INPUT_FILL, styles.BORDER, styles.UNLOCKED
    cell.font, cell.alignment = styles.PLAIN, styles.WRAP
    if is_date:
        cell.number_format = styles.DATE_FORMAT
    elif is_number:
        cell.number_format = styles.NUMBER_FORMAT


_SMALL_PRINT = {"code", "definition"}
_DATES = {"as_of", "completed", "document_date"}


def _write_row(sheet: Worksheet, row: int, locked: dict[str, Any]) -> None:
    for position, column in enumerate(COLUMNS[sheet.title], start=1):
        cell = sheet.cell(row, position)
        if column.is_input:
            _make_input(cell, column.key in _DATES, column.key == "value")
        else:
            cell.value = locked.get(column.key)
            cell.font, cell.alignment, cell.border = styles.PLAIN, styles.WRAP, styles.BORDER
            if column.key in _SMALL_PRINT:
                cell.font = styles.SMALL
            if column.key == "due":
                cell.number_format = styles.DATE_FORMAT
    columns = [column for column in COLUMNS[sheet.title] if not column.is_input and column.key != "due"]
    # The small print of codes and definitions needs less room.
    widths = [column.width * (1.25 if column.key in _SMALL_PRINT else 1) for column in columns]
    texts = [locked.get(column.key) for column in columns]
    styles.fit_height(sheet, row, list(zip(texts, widths, strict=True)))


def last_value_in_words(last: LastValue | None, figure: OwedFigure) -> tuple[str, str]:
    """Return a last value and where it comes from, both as text."""
    if last is None:
        return "", "Chưa có số"
    text = number_text(last.value)
    if last.unit != figure.indicator.unit.unit:
        text = f"{text} ({last.unit})"
    maturity = _MATURITY_WORDS.get(last.maturity, last.maturity)
    return text, f"{period_name(last.period_id)}, {maturity[0].lower()}{maturity[1:]}; {last.publisher_vi}"


def state_in_words(state: MilestoneState | None) -> str:
    """Return the state of a milestone in force with its evidence."""
    if state is None:
        return "Chưa có báo cáo"
    words = _STATE_WORDS.get(state.state, state.state)
    return f"{words} ({state.evidence})" if state.evidence else words


def _write_figures(sheet: Worksheet, owed: Owed, words: dict[str, dict[str, str]], stamp: Stamp) -> None:
    header = _write_head(sheet, stamp)
    for number, figure in enumerate(owed.figures, start=1):
        _write_row(sheet, header + number, {"number": number, "code": figure.code, **words[figure.code]})
        _number_rule(sheet, header + number, figure)
    if owed.figures:
        last_row = header + len(owed.figures)
        _choices(sheet, COLUMNS[FIGURES], "maturity", _listed(MATURITIES), "mức độ", header + 1, last_row)
    else:
        sheet.cell(header + 1, 3, "Không có chỉ tiêu nào phải báo cáo ở trang này.").font = styles.PLAIN


def _letter(columns: Sequence[Column], key: str) -> str:
    return str(get_column_letter([column.key for column in columns].index(key) + 1))


def _listed(words: dict[str, str]) -> str:
    return f'"{",".join(words)}"'


def _choices(  # noqa: PLR0917
    sheet: Worksheet,
    columns: Sequence[Column],
    key: str,
    formula: str,
    what: str,
    first: int | None = None,
    last: int | None = None,
) -> None:
    rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = "Chọn trong danh sách", f"Ô này chỉ nhận {what} có trong danh sách."
    sheet.add_data_validation(rule)
    letter = _letter(columns, key)
    first = first or _entry_rows(sheet)[0]
    rule.add(f"{letter}{first}:{letter}{last or _entry_rows(sheet)[1]}")


def _number_rule(sheet: Worksheet, row: int, figure: OwedFigure) -> None:
    indicator = figure.indicator
    low, high = indicator.lower_bound, indicator.upper_bound
    kind = "whole" if indicator.unit.is_counted else "decimal"
    rule = DataValidation(type=kind, allow_blank=True, showErrorMessage=True, showInputMessage=True)
    if low is not None and high is not None:
        rule.operator, rule.formula1, rule.formula2 = "between", str(low), str(high)
        said = f"từ {number_text(low)} đến {number_text(high)}"
    elif low is not None:
        rule.operator, rule.formula1 = "greaterThanOrEqual", str(low)
        said = f"từ {number_text(low)} trở lên"
    else:
        rule.operator, rule.formula1, rule.formula2 = "between", "-1E+15", "1E+15"
        said = "không kèm chữ"
    unit = indicator.unit.symbol_vi
    rule.errorTitle, rule.error = "Chỉ nhận số", f"Ghi số {said}, đơn vị: {unit}."
    rule.promptTitle, rule.prompt = "Số báo cáo", f"Đơn vị: {unit}. Chỉ ghi số, {said}."
    sheet.add_data_validation(rule)
    rule.add(f"{_letter(COLUMNS[FIGURES], 'value')}{row}")


def _date_rule(sheet: Worksheet, key: str, rows: tuple[int, int], not_before: date) -> None:
    text = f"DATE({not_before.year},{not_before.month},{not_before.day})"
    rule = DataValidation(
        type="date", operator="greaterThanOrEqual", formula1=text, allow_blank=True, showErrorMessage=True
    )
    rule.errorTitle, rule.error = "Ngày", f"Ghi ngày dạng ngày/tháng/năm, không trước {not_before:%d/%m/%Y}."
    sheet.add_data_validation(rule)
    letter = _letter(COLUMNS[sheet.title], key)
    rule.add(f"{letter}{rows[0]}:{letter}{rows[1]}")


def _write_milestones(sheet: Worksheet, owed: Owed, words: dict[str, dict[str, str]], stamp: Stamp) -> None:
    header = _write_head(sheet, stamp)
    for number, milestone in enumerate(owed.milestones, start=1):
        code = milestone.target_id
        locked = {"number": number, "code": code, **words[code], "due": milestone.due_date}
        _write_row(sheet, header + number, locked)
    if not owed.milestones:
        sheet.cell(header + 1, 3, "Không có công trình nào phải báo cáo ở trang này.").font = styles.PLAIN
        return
    rows = (header + 1, header + len(owed.milestones))
    _choices(sheet, COLUMNS[MILESTONES], "state", _listed(STATES), "tình trạng", *rows)
    _date_rule(sheet, "as_of", rows, owed.period.end or owed.period.start)
    for key in ("completed", "document_date"):
        _date_rule(sheet, key, rows, date(1990, 1, 1))


def _entry_rows(sheet: Worksheet) -> tuple[int, int]:
    first = 3 + len(FIELDS[sheet.title]) + 2
    return first, first + ENTRY_ROWS - 1


def _write_entry(sheet: Worksheet, stamp: Stamp) -> None:
    header = _write_head(sheet, stamp)
    for number in range(1, ENTRY_ROWS + 1):
        _write_row(sheet, header + number, {"number": number})
    _choices(sheet, ENTRY_COLUMNS, "maturity", _listed(MATURITIES), "mức độ")


def _write_codes(sheet: Worksheet, indicators: Sequence[Indicator]) -> None:
    for position, (header, width) in enumerate((("Mã", 44), ("Chỉ tiêu", 70), ("Đơn vị tính", 20)), start=1):
        sheet.cell(1, position, header).font = styles.BOLD
        sheet.column_dimensions[get_column_letter(position)].width = width
    for row, indicator in enumerate(indicators, start=2):
        values = (indicator.code, indicator.name_vi, indicator.unit.symbol_vi)
        for position, value in enumerate(values, start=1):
            sheet.cell(row, position, value).font = styles.PLAIN
    styles.protect(sheet)


def _write_machine_sheet(sheet: Worksheet, stamp: Stamp, rows: Sequence[StructureRow]) -> None:
    sheet.sheet_state = "veryHidden"
    sheet["A1"] = stamp.model_dump_json()
    for number, row in enumerate(rows, start=2):
        for position, value in enumerate(write_row(row), start=1):
            sheet.cell(number, position, value)
    styles.protect(sheet)
