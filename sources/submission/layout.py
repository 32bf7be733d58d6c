"""The shape of the workbooks that people fill in: sheets, columns, choices, and the stamp that names them.

`LAYOUT` changes when a column, a sheet or a list of choices does; a filled workbook of another layout is returned.
The stamp stands on a hidden sheet for the program and in words on every sheet for people. Below it the hidden
sheet lists the rows the template was made with, so that what was deleted or changed can be named.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import ValidationError

from sources.record import RecordPart, Text

LAYOUT = "1"
FIGURES, MILESTONES, ENTRY = "Số liệu", "Công trình", "Nhập văn bản"
INSTRUCTIONS, PROBLEM_SHEET, MACHINE_SHEET = "Hướng dẫn", "Danh sách lỗi", "_ppw"

MATURITIES = {"Ước tính": "estimate", "Sơ bộ": "preliminary", "Chính thức": "official"}
STATES = {
    "Hoàn thành": "done",
    "Đang thực hiện": "in_progress",
    "Chưa thực hiện": "not_done",
    "Không thực hiện nữa": "withdrawn",
}


@dataclass(frozen=True)
class Column:
    """A column of a sheet; `width` in characters. Only input columns may be written in."""

    key: str
    header: str
    width: float
    is_input: bool = False


FIGURE_COLUMNS = (
    Column("number", "STT", 5),
    Column("code", "Mã", 24),
    Column("name", "Chỉ tiêu", 38),
    Column("unit", "Đơn vị tính", 13),
    Column("period", "Kỳ báo cáo", 17),
    Column("last", "Số gần nhất", 13),
    Column("last_from", "Kỳ, mức độ và nguồn của số gần nhất", 30),
    Column("value", "Số báo cáo", 14, is_input=True),
    Column("maturity", "Mức độ hoàn chỉnh", 14, is_input=True),
    Column("note", "Ghi chú", 26, is_input=True),
    Column("definition", "Định nghĩa", 60),
)
MILESTONE_COLUMNS = (
    Column("number", "STT", 5),
    Column("code", "Mã", 24),
    Column("name", "Công trình, mốc", 42),
    Column("clause", "Mục", 10),
    Column("due", "Hạn", 12),
    Column("last", "Tình trạng gần nhất", 22),
    Column("state", "Tình trạng", 16, is_input=True),
    Column("as_of", "Tính đến ngày", 13, is_input=True),
    Column("completed", "Ngày hoàn thành", 13, is_input=True),
    Column("issuer", "Cơ quan ban hành", 20, is_input=True),
    Column("document", "Số văn bản", 16, is_input=True),
    Column("document_date", "Ngày văn bản", 13, is_input=True),
    Column("note", "Minh chứng, ghi chú", 34, is_input=True),
)
ENTRY_COLUMNS = (
    Column("number", "STT", 5),
    Column("page", "Trang", 8, is_input=True),
    Column("table", "Bảng, mục", 16, is_input=True),
    Column("code", "Mã chỉ tiêu", 34, is_input=True),
    Column("period", "Kỳ", 22, is_input=True),
    Column("value", "Giá trị", 14, is_input=True),
    Column("unit", "Đơn vị tính", 14, is_input=True),
    Column("maturity", "Mức độ hoàn chỉnh", 16, is_input=True),
    Column("note", "Ghi chú", 30, is_input=True),
)
COLUMNS = {FIGURES: FIGURE_COLUMNS, MILESTONES: MILESTONE_COLUMNS, ENTRY: ENTRY_COLUMNS}

# Cells above a table, each right of its label.
FIELDS: dict[str, dict[str, str]] = {
    FIGURES: {},
    MILESTONES: {"letter": "Văn bản gửi kèm, số:", "letter_date": "Ngày văn bản gửi kèm:"},
    ENTRY: {
        "person": "Người nhập:",
        "document": "Số văn bản:",
        "document_date": "Ngày văn bản:",
        "title": "Tên văn bản:",
    },
}


class StructureRow(NamedTuple):
    """A row the template was made with: its sheet, its code and the words of its locked cells."""

    sheet: str
    code: str
    text: str


class Stamp(RecordPart):
    """What a template is: for whom, for which period, of which plan, and the digest of its structure."""

    kind: Literal["department", "entry"]
    layout: Text
    template_id: Text
    source_id: Text
    area_id: Text
    period_id: Text | None = None
    plan_version: Text | None = None
    code_version: Text
    structure_digest: Text

    def in_words(self) -> str:
        """The stamp as people read it."""
        parts = [f"Mã mẫu {self.template_id}"]
        parts += [f"quy hoạch {self.plan_version}"] if self.plan_version else []
        parts += [f"mẫu {self.layout}", f"chương trình {self.code_version}"]
        return f"{'; '.join(parts)}; cấu trúc {self.structure_digest[:12]}"


def structure_digest(kind: str, rows: Sequence[StructureRow]) -> str:
    """Return the sha256 of what is locked: the layout, its columns and the rows."""
    columns = {sheet: [column.header for column in columns] for sheet, columns in COLUMNS.items()}
    content = {"kind": kind, "layout": LAYOUT, "columns": columns, "rows": [list(row) for row in rows]}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def make_stamp(
    kind: Literal["department", "entry"],
    rows: Sequence[StructureRow],
    *,
    source_id: str,
    area_id: str,
    code_version: str,
    period_id: str | None = None,
    plan_version: str | None = None,
) -> Stamp:
    """Return the stamp of a template with these rows."""
    digest = structure_digest(kind, rows)
    return Stamp(
        kind=kind,
        layout=LAYOUT,
        template_id=f"{source_id}-{period_id or 'letter'}-{digest[:8]}",
        source_id=source_id,
        area_id=area_id,
        period_id=period_id,
        plan_version=plan_version,
        code_version=code_version,
        structure_digest=digest,
    )


def read_stamp(text: str) -> Stamp | None:
    """Read the stamp from its cell; None when it is none."""
    try:
        return Stamp.model_validate_json(text)
    except ValidationError:
        return None
