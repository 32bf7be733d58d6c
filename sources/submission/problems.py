"""What can be wrong with a sheet that a person filled in, in plain Vietnamese, each with the way to mend it."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# A cell may hold 32,767 characters; a message needs to name it, not to repeat it.
_MOST_FOUND = 300

# Code -> (what is wrong, what to do). The words in braces come from the place that found it.
PROBLEMS: dict[str, tuple[str, str]] = {
    # the file
    "not_a_workbook": (
        "Không mở được tệp này như một bảng tính .xlsx: tệp hỏng hoặc không phải bảng tính.",
        "Mở tệp bằng Excel hoặc LibreOffice, lưu dạng .xlsx, rồi nộp lại.",
    ),
    "other_format": (
        "Tệp này là bảng tính dạng cũ (.xls) hoặc dạng khác (.ods), không phải .xlsx.",
        "Mở tệp, chọn Lưu thành (Save As) dạng Excel .xlsx, rồi nộp lại; không cần điền lại.",
    ),
    "has_password": (
        "Tệp có mật khẩu nên không mở được.",
        "Bỏ mật khẩu mở tệp, lưu lại, rồi nộp lại.",
    ),
    "too_large": (
        "Tệp quá lớn so với mẫu nên không được mở.",
        "Xóa ảnh và trang thêm vào; nếu vẫn lớn, chép số sang tệp mẫu mới.",
    ),
    "destroyed": (
        "Tệp này trùng với tệp đã hủy theo quyết định của hai người nên không được nhận lại.",
        "Bỏ phần không được gửi (ví dụ thông tin cá nhân), lưu lại rồi nộp tệp mới.",
    ),
    "cannot_be_read": (
        "Chương trình không đọc được tệp này.",
        "Mở tệp bằng Excel hoặc LibreOffice, lưu lại rồi nộp lại; nếu vẫn lỗi, gửi tệp cho đơn vị quản lý kho số liệu.",
    ),
    "no_stamp": (
        "Tệp không có dấu của mẫu: đây không phải mẫu đã phát, hoặc trang ẩn của mẫu đã bị xóa.",
        "Điền số vào đúng tệp mẫu đã phát; không chép sang tệp mới.",
    ),
    "stamp_damaged": (
        "Dấu của mẫu đã bị sửa, không đọc được.",
        "Xin lại tệp mẫu và chép số vào các ô nhập.",
    ),
    "unknown_department": (
        "Dấu của mẫu ghi cơ quan '{found}', không có trong danh sách cơ quan báo cáo.",
        "Xin lại tệp mẫu của đúng cơ quan.",
    ),
    "other_version": (
        "Mẫu này thuộc phiên bản khác: danh mục chỉ tiêu hoặc công trình phải báo cáo đã thay đổi ({detail}).",
        "Xin tệp mẫu mới của kỳ này và chép số sang.",
    ),
    "nothing_filled": (
        "Chưa có số liệu hay tình trạng công trình nào được điền.",
        "Điền ít nhất một số liệu hoặc một công trình.",
    ),
    # the structure
    "sheet_missing": ("Thiếu trang '{found}' của mẫu.", "Xin lại tệp mẫu; không xóa trang."),
    "sheet_added": (
        "Trang '{found}' không có trong mẫu: số ghi ở trang này không được đọc.",
        "Chép số vào đúng trang của mẫu, rồi xóa trang này.",
    ),
    "sheet_renamed": (
        "Trang '{expected}' của mẫu đã bị đổi tên thành '{found}'.",
        "Đổi tên trang lại thành '{expected}'.",
    ),
    "header_changed": (
        "Tiêu đề cột đã bị sửa: mẫu ghi '{expected}', tệp ghi '{found}'.",
        "Ghi lại tiêu đề như mẫu.",
    ),
    "cells_merged": (
        "Các ô {area} đã bị gộp: chỉ ô đầu còn giá trị.",
        "Bỏ gộp ô (Unmerge), ghi từng số vào đúng ô của nó.",
    ),
    "comment_unread": (
        "Ô có chú thích '{found}': chú thích không được đọc.",
        "Chép nội dung vào cột Ghi chú của dòng, rồi xóa chú thích.",
    ),
    "outside_table": (
        "'{found}' ghi ngoài bảng nên không được đọc.",
        "Ghi vào đúng ô của bảng (chữ giải thích vào cột Ghi chú), rồi xóa ô này.",
    ),
    "row_hidden": ("Dòng này đã bị ẩn.", "Bỏ ẩn dòng, kiểm tra số của dòng, rồi nộp lại."),
    "column_missing": ("Thiếu cột '{column}'.", "Xin lại tệp mẫu; không xóa cột."),
    "column_inserted": (
        "Cột {letter} không có trong mẫu: đã có cột bị chèn thêm.",
        "Xóa cột {letter}, hoặc chép số vào tệp mẫu mới.",
    ),
    "column_moved": ("Các cột không còn theo thứ tự của mẫu.", "Chép số vào tệp mẫu mới."),
    "row_deleted": (
        "Thiếu dòng '{name}' (mã {key}): dòng này đã bị xóa.",
        "Xin lại tệp mẫu và chép số sang; dòng nào chưa có số thì để trống, không xóa.",
    ),
    "row_repeated": (
        "Mã {key} xuất hiện hai lần, đã có ở dòng {row}.",
        "Giữ một dòng cho mỗi mã; xóa dòng chép thừa.",
    ),
    "row_unknown": (
        "Dòng này không có trong mẫu: cột Mã {instead}.",
        "Xóa dòng; chỉ tiêu cần bổ sung thì báo cho đơn vị quản lý kho số liệu.",
    ),
    "locked_changed": (
        "Nội dung cố định của mẫu đã bị sửa: mẫu {expected}, tệp {instead}.",
        "Ghi lại như mẫu.",
    ),
    "last_changed": (
        "'{column}' là nội dung cố định của mẫu, không phải ô nhập: mẫu {expected}, tệp {instead}.",
        "Ghi lại như mẫu; nội dung mới chỉ ghi vào ô nền vàng. Nội dung cũ sai thì nêu ở cột ghi chú.",
    ),
    "definition_changed": (
        "Định nghĩa đã bị sửa: mẫu {expected}, tệp {instead}.",
        "Ghi lại như mẫu và báo cáo theo định nghĩa đó; tính khác thì nêu ở cột Ghi chú.",
    ),
    "wrong_period": (
        "Sai kỳ báo cáo: mẫu {expected}, tệp {instead}.",
        "Nộp số của kỳ ghi trên mẫu; số của kỳ khác điền vào mẫu của kỳ đó.",
    ),
    "period_not_begun": (
        "Kỳ báo cáo {period} chưa bắt đầu ngày {received}.",
        "Dùng tệp mẫu của kỳ cần báo cáo.",
    ),
    # a figure
    "text_in_number": (
        "Ô này phải là số, nhưng ghi chữ '{found}'.",
        "Chỉ ghi số; chữ giải thích ghi ở cột Ghi chú. Chưa có số thì để trống.",
    ),
    "decimal_mark_unclear": (
        "'{found}' có thể là {first} hoặc {second}: không rõ dấu chấm, dấu phẩy là dấu thập phân hay dấu nghìn.",
        "Nhập số không có dấu nghìn, ví dụ {example}.",
    ),
    "date_in_number": (
        "Ô số đã bị bảng tính đổi thành ngày ({found}).",
        "Nhập lại số, ví dụ 12,5, rồi kiểm tra ô không hiện thành ngày.",
    ),
    "percent_format": (
        "Ô đang ở dạng phần trăm: hiện {shown}% nhưng giá trị lưu là {found}.",
        "Xóa ô, nhập số không kèm dấu %, ví dụ {example}.",
    ),
    "formula_error": ("Công thức trong ô cho kết quả lỗi {found}.", "Thay công thức bằng con số."),
    "formula_without_value": (
        "Ô chứa công thức nhưng tệp không lưu kết quả.",
        "Mở tệp bằng Excel, lưu lại, hoặc thay công thức bằng con số.",
    ),
    "below_bound": (
        "{found} nhỏ hơn mức thấp nhất có thể của chỉ tiêu này là {bound}.",
        "Kiểm tra lại số và đơn vị tính ({unit}).",
    ),
    "above_bound": (
        "{found} lớn hơn mức cao nhất có thể của chỉ tiêu này là {bound}.",
        "Kiểm tra lại số và đơn vị tính ({unit}).",
    ),
    "percent_over_100": (
        "Tỷ lệ {found}% vượt quá 100%.",
        "Kiểm tra lại tử số, mẫu số; nếu là tốc độ tăng thì không phải số của dòng này.",
    ),
    "not_whole": ("{found} {unit}: số đếm phải là số nguyên.", "Ghi số nguyên."),
    "unit_slip": (
        "{found} {way} khoảng {times} lần số gần nhất ({last} {unit}, {period}): có thể nhầm đơn vị tính.",
        "Nhập theo đơn vị '{unit}'. Nếu số đúng là như vậy, ghi lý do ở cột Ghi chú.",
    ),
    "zero_for_blank": (
        "Ghi 0, trong khi số gần nhất là {last} {unit} ({period}).",
        "Chưa có số thì để trống cả dòng. Nếu đúng là 0, ghi lý do ở cột Ghi chú.",
    ),
    "value_of_other_row": (
        "{found} {way} nhiều lần số gần nhất của dòng này ({last} {unit}, {period}) mà gần bằng số gần nhất của dòng "
        "'{name}': có thể ghi nhầm dòng.",
        "Ghi số vào đúng dòng. Nếu số đúng là như vậy, ghi lý do ở cột Ghi chú.",
    ),
    "unlike_last": (
        "{found} {way} khoảng {times} lần số gần nhất ({last} {unit}, {period}).",
        "Kiểm tra dấu thập phân, dòng và đơn vị tính. Nếu số đúng là như vậy, ghi lý do ở cột Ghi chú.",
    ),
    "maturity_missing": (
        "Có số nhưng chưa chọn mức độ hoàn chỉnh.",
        "Chọn: Ước tính, Sơ bộ hoặc Chính thức.",
    ),
    "maturity_unknown": (
        "'{found}' không phải mức độ hoàn chỉnh.",
        "Chọn trong danh sách: Ước tính, Sơ bộ hoặc Chính thức.",
    ),
    "period_not_over": (
        "Kỳ {period} chưa kết thúc ngày {received}: chưa thể có số sơ bộ hay chính thức.",
        "Chọn Ước tính, hoặc nộp sau khi kỳ kết thúc.",
    ),
    "value_missing": ("Đã chọn mức độ hoàn chỉnh nhưng chưa có số.", "Điền số, hoặc xóa mức độ hoàn chỉnh."),
    # a milestone
    "state_unknown": ("'{found}' không phải tình trạng có trong danh sách.", "Chọn trong danh sách: {states}."),
    "state_missing": ("Dòng có nội dung nhưng chưa chọn tình trạng.", "Chọn tình trạng, hoặc xóa nội dung."),
    "as_of_missing": ("Chưa ghi tình trạng tính đến ngày nào.", "Ghi ngày, dạng ngày/tháng/năm."),
    "date_unreadable": ("'{found}' không phải là ngày.", "Ghi ngày dạng 31/12/2025."),
    "date_before_period_end": (
        "Ngày {found} trước ngày kết thúc kỳ báo cáo ({end}).",
        "Ghi tình trạng tính đến hết kỳ hoặc sau đó; tình trạng giữa kỳ thuộc mẫu của kỳ ngắn hơn.",
    ),
    "date_in_future": ("Ngày {found} sau ngày nhận tệp ({received}).", "Kiểm tra lại ngày."),
    "completed_not_done": (
        "Có ngày hoàn thành nhưng tình trạng không phải Hoàn thành.",
        "Xóa ngày hoàn thành, hoặc chọn Hoàn thành.",
    ),
    "completed_after_as_of": (
        "Ngày hoàn thành {found} sau ngày tính tình trạng {as_of}.",
        "Sửa một trong hai ngày.",
    ),
    "document_missing": (
        "Tình trạng Hoàn thành phải có số văn bản xác nhận (nghiệm thu, quyết định, báo cáo).",
        "Ghi số văn bản, ngày và cơ quan ban hành; chưa có văn bản thì chọn Đang thực hiện.",
    ),
    "document_date_missing": ("Có số văn bản nhưng thiếu ngày văn bản.", "Ghi ngày văn bản."),
    "issuer_missing": ("Có số văn bản nhưng thiếu cơ quan ban hành.", "Ghi tên cơ quan ban hành."),
    "letter_missing": (
        "Tình trạng '{state}' cần văn bản của cơ quan báo cáo.",
        "Ghi số và ngày văn bản gửi kèm ở đầu trang, hoặc văn bản riêng của dòng này.",
    ),
    # a keyed letter
    "field_missing": ("Chưa điền '{column}'.", "Điền ô này."),
    "indicator_unknown": ("Không có chỉ tiêu nào có mã '{found}'.", "Chọn mã trong danh sách của cột."),
    "unit_of_other": (
        "Đơn vị '{found}' không phải đơn vị của chỉ tiêu này ({unit}).",
        "Ghi số theo đơn vị {unit}; văn bản ghi đơn vị khác thì báo cho đơn vị quản lý kho số liệu.",
    ),
    "period_unreadable": (
        "'{found}' không đọc được là kỳ nào.",
        "Ghi như: Năm 2025; 6 tháng đầu năm 2025; Quý I năm 2025; Ngày 31/12/2025.",
    ),
    "entry_repeated": (
        "Chỉ tiêu và kỳ này đã có ở dòng {row}.",
        "Mỗi chỉ tiêu của một kỳ ghi một dòng.",
    ),
    "same_person": (
        "Văn bản {document} đã do chính '{found}' nhập; người nhập thứ hai phải là người khác.",
        "Giao một người khác nhập lại từ văn bản, không chép từ bảng đã nhập.",
    ),
    "same_file": (
        "Tệp này giống hệt tệp của người nhập thứ nhất.",
        "Người thứ hai phải tự nhập từ văn bản vào một tệp mẫu mới.",
    ),
    "keyed_differently": (
        "Hai người nhập khác nhau ở '{column}': người nhập trước ghi '{first}', tệp này ghi '{second}'.",
        "Cả hai đối chiếu với văn bản gốc; người nhập sai sửa và nộp lại.",
    ),
    "keyed_once": (
        "Dòng {key}, {period} chỉ có trong tệp của {who}.",
        "Đối chiếu với văn bản gốc; bổ sung hoặc bỏ dòng rồi nộp lại.",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class CellProblem:
    """One thing wrong at one cell; `sheet` and `cell` are empty when it is the whole file."""

    sheet: str
    cell: str
    code: str
    found: str
    message_vi: str
    mend_vi: str

    @property
    def place(self) -> str:
        return f"{self.sheet}!{self.cell}" if self.sheet else "cả tệp"

    def __str__(self) -> str:
        return f"{self.place}: {self.message_vi} {self.mend_vi}"


def problem(code: str, sheet: str = "", cell: str = "", found: Any = "", **words: Any) -> CellProblem:
    """Return a problem with its sentences filled in."""
    message, mend = PROBLEMS[code]
    told = {"found": shown(found), **{name: shown(word) for name, word in words.items()}}
    told["found"] = _shortened(told["found"])
    return CellProblem(sheet, cell, code, told["found"], message.format(**told), mend.format(**told))


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_FOUND else f"{text[: _MOST_FOUND - 1]}…"


def shown(value: Any) -> str:
    """Return a value as a Vietnamese reader writes it: 1234,5 and 31/12/2025."""
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, float) and math.isfinite(value):
        return number_text(Decimal(format(value, ".15g")))
    if hasattr(value, "strftime"):
        return str(value.strftime("%d/%m/%Y"))
    return "" if value is None else str(value)


def number_text(value: Decimal) -> str:
    """Return a decimal with a comma, without thousand marks and without padding zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",")


def _place(one: CellProblem) -> tuple[int, int, str]:
    match = re.fullmatch(r"([A-Z]+)(\d+)", one.cell)
    letters, row = (match[1], int(match[2])) if match else ("", 0)
    return row, len(letters), letters


def in_order(problems: Iterable[CellProblem]) -> list[CellProblem]:
    """Return problems each once: the whole file's first, then by sheet as they were found, by row and column."""
    unique = list(dict.fromkeys(problems))
    sheets = {one.sheet: number for number, one in reversed([*enumerate(unique, start=1)])} | {"": 0}
    return sorted(unique, key=lambda one: (sheets[one.sheet], *_place(one)))
