"""The shape of the workbooks that people fill in: sheets, columns, choices, and the stamp that names them.

`LAYOUT` changes when a column, a sheet or a list of choices does; a filled workbook of another layout is returned.
A workbook that was accepted stays a source of figures and is read again at every build, so each layout that was ever
given out stays in `LAYOUTS`, and words of a list of choices that were once offered go on being understood.
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

LAYOUT = "2"
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
    Column("code", "Mã", 28),
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
    Column("code", "Mã", 28),
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
# Every layout that was given out -> the columns of its sheets. Only the present one is taken in; all can be read.
LAYOUTS = {LAYOUT: COLUMNS}

# Locked columns by sheet: what is asked for, and what is shown beside it as it stood when the template was made.
ASKED = {FIGURES: ("name", "unit", "period", "definition"), MILESTONES: ("name", "clause", "due")}
SHOWN = {FIGURES: ("last", "last_from"), MILESTONES: ("last",)}
# The title of each sheet, before the department and the period.
TITLES = {FIGURES: "Số liệu báo cáo: ", MILESTONES: "Công trình, mốc của quy hoạch: ", ENTRY: ""}

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
    """A row the template was made with: its sheet, its code and the words of its locked cells, `ASKED` and `SHOWN`."""

    sheet: str
    code: str
    asked: tuple[str, ...]
    shown: tuple[str, ...] = ()

    def words(self) -> dict[str, str]:
        """The words of the locked cells by column key."""
        asked = zip(ASKED[self.sheet], self.asked, strict=True)
        return dict(asked) | dict(zip(SHOWN[self.sheet], self.shown, strict=False))


class Stamp(RecordPart):
    """What a template is: for whom, for which period, of which plan, and the digests of what it was made with.

    `structure_digest` is of what is asked for, the same whenever the template is made; `content_digest` is of the
    whole stamp and of every locked word.
    """

    kind: Literal["department", "entry"]
    layout: Text
    template_id: Text
    source_id: Text
    area_id: Text
    period_id: Text | None = None
    plan_version: Text | None = None
    code_version: Text
    heading: Text
    structure_digest: Text
    content_digest: str = ""

    def in_words(self) -> str:
        """The stamp as people read it."""
        parts = [f"Mã mẫu {self.template_id}"]
        parts += [f"quy hoạch {self.plan_version}"] if self.plan_version else []
        parts += [f"mẫu {self.layout}", f"chương trình {self.code_version}"]
        return f"{'; '.join(parts)}; cấu trúc {self.structure_digest[:12]}"


def _digest(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def structure_digest(kind: str, rows: Sequence[StructureRow], layout: str = LAYOUT) -> str:
    """Return the sha256 of what is asked for: the layout, one of `LAYOUTS`, its columns and the rows."""
    columns = {sheet: [column.header for column in columns] for sheet, columns in LAYOUTS[layout].items()}
    asked = [[row.sheet, row.code, list(row.asked)] for row in rows]
    return _digest({"kind": kind, "layout": layout, "columns": columns, "rows": asked})


def content_digest(stamp: Stamp, rows: Sequence[StructureRow]) -> str:
    """Return the sha256 of a stamp and of every word that is locked."""
    facts = stamp.model_dump(mode="json", exclude={"content_digest"})
    return _digest({"stamp": facts, "rows": [[row.sheet, row.code, row.asked, row.shown] for row in rows]})


def make_stamp(
    kind: Literal["department", "entry"],
    rows: Sequence[StructureRow],
    *,
    source_id: str,
    area_id: str,
    code_version: str,
    heading: str,
    period_id: str | None = None,
    plan_version: str | None = None,
) -> Stamp:
    """Return the stamp of a template with these rows. `heading` names the sender and the period."""
    digest = structure_digest(kind, rows)
    stamp = Stamp(
        kind=kind,
        layout=LAYOUT,
        template_id=f"{source_id}-{period_id or 'letter'}-{digest[:8]}",
        source_id=source_id,
        area_id=area_id,
        period_id=period_id,
        plan_version=plan_version,
        code_version=code_version,
        heading=heading,
        structure_digest=digest,
    )
    return stamp.model_copy(update={"content_digest": content_digest(stamp, rows)})


def is_whole(stamp: Stamp, rows: Sequence[StructureRow]) -> bool:
    """Whether a stamp and the rows below it are those the template was made with."""
    return (
        structure_digest(stamp.kind, rows, stamp.layout) == stamp.structure_digest
        and content_digest(stamp, rows) == stamp.content_digest
    )


def write_row(row: StructureRow) -> tuple[str, ...]:
    """Return the cells of the hidden sheet that keep a row."""
    return row.sheet, row.code, json.dumps([row.asked, row.shown], ensure_ascii=False)


def read_row(cells: Sequence[object]) -> StructureRow | None:
    """Read a row of the hidden sheet; None when it is none."""
    sheet, code, words = (str(value or "") for value in cells)
    try:
        asked, shown = json.loads(words)
        row = StructureRow(sheet, code, tuple(map(str, asked)), tuple(map(str, shown)))
        return row if sheet in ASKED and len(row.asked) == len(ASKED[sheet]) else None
    except (TypeError, ValueError):
        return None


def read_stamp(text: str) -> Stamp | None:
    """Read the stamp from its cell; None when it is none."""
    try:
        return Stamp.model_validate_json(text)
    except ValidationError:
        return None
