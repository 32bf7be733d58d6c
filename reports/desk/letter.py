"""A letter to the publisher of a figure, drafted as Decree 30/2020/NĐ-CP lays out official letters, as a Word file.

Number, day, addressee's street and signature are left to the office: nothing is invented. The letter is in Vietnamese
whatever language the page is read in.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

DOTS = "……"
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"


@dataclass(frozen=True)
class Letter:
    """What is asked: of whom, about which figure, and the finding in words. Texts are Vietnamese."""

    addressee: str
    indicator: str
    area: str
    period: str
    value: str
    place: str
    finding: str
    compared: Sequence[str] = ()

    def paragraphs(self) -> list[str]:
        """The body of the letter."""
        opening = (
            f"Qua rà soát số liệu phục vụ theo dõi thực hiện quy hoạch tỉnh, cơ quan chúng tôi nhận thấy số liệu "
            f"“{self.indicator}” ({self.area}, {self.period}) do Quý cơ quan công bố là {self.value} "
            f"({self.place}) cần được xác minh, cụ thể:"
        )
        asked = [
            "1. Xác nhận số liệu nêu trên là đúng, hoặc cung cấp số liệu đúng (nếu có sai sót).",
            "2. Cho biết nguyên nhân của chênh lệch (thay đổi phạm vi, phương pháp tính, đơn vị tính, địa giới hành "
            "chính hoặc nguyên nhân khác).",
            "3. Cho biết mức độ hoàn chỉnh của số liệu (ước tính, sơ bộ, chính thức) và thời điểm công bố tiếp theo.",
        ]
        return [
            opening,
            f"- {self.finding}",
            *(f"- {line}" for line in self.compared),
            "Để bảo đảm tính chính xác của số liệu trước khi báo cáo lãnh đạo, đề nghị Quý cơ quan:",
            *asked,
            f"Ý kiến trả lời đề nghị gửi về cơ quan chúng tôi trước ngày {DOTS}/{DOTS}/{DOTS}.",
            "Rất mong nhận được sự phối hợp của Quý cơ quan./.",
        ]

    def subject(self) -> str:
        return f"V/v xác minh số liệu {self.indicator} {self.period}"

    def text(self) -> str:
        """The letter as plain text, for the screen."""
        return "\n\n".join([self.subject(), f"Kính gửi: {self.addressee}", *self.paragraphs()])

    def docx(self) -> bytes:
        """The letter as a Word file; the same words give the same bytes."""
        head = _head(self.subject())
        body = "".join(
            [
                _paragraph(""),
                _paragraph(f"Kính gửi: {self.addressee}", align="center", bold=True),
                *(_paragraph(text, align="both", indent=True) for text in self.paragraphs()),
                _foot(),
            ]
        )
        document = (
            f'<w:document xmlns:w="{_WORDS}"><w:body>{head}{body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
            '<w:pgMar w:top="1134" w:right="850" w:bottom="1134" w:left="1701" w:header="0" w:footer="0" '
            'w:gutter="0"/></w:sectPr></w:body></w:document>'
        )
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
            f'PartName="/word/document.xml" ContentType="{MEDIA_TYPE}.main+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_OFFICE}" Target="word/document.xml"/></Relationships>',
            "word/document.xml": document,
        }
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
            for name, content in parts.items():
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                package.writestr(entry, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{content}')
        return file.getvalue()


def _run(text: str, bold: bool, italic: bool, size: int) -> str:
    marks = ("<w:b/>" if bold else "") + ("<w:i/>" if italic else "")
    return (
        '<w:r><w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman"/>'
        f'{marks}<w:sz w:val="{size}"/></w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def _paragraph(
    text: str,
    *,
    align: str = "left",
    bold: bool = False,
    italic: bool = False,
    indent: bool = False,
    size: int = 28,
) -> str:
    first = '<w:ind w:firstLine="567"/>' if indent else ""
    return (
        f'<w:p><w:pPr><w:spacing w:before="60" w:after="60"/>{first}<w:jc w:val="{align}"/></w:pPr>'
        f"{_run(text, bold, italic, size)}</w:p>"
    )


def _two_columns(left: Sequence[str], right: Sequence[str]) -> str:
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{"".join(part)}</w:tc>'
        for width, part in ((3800, left), (5550, right))
    )
    return (
        '<w:tbl><w:tblPr><w:tblW w:w="9350" w:type="dxa"/></w:tblPr><w:tblGrid><w:gridCol w:w="3800"/>'
        f'<w:gridCol w:w="5550"/></w:tblGrid><w:tr>{cells}</w:tr></w:tbl>'
    )


def _head(subject: str) -> str:
    def centred(text: str, **how: bool) -> str:
        return _paragraph(text, align="center", size=26, **how)

    left = [
        centred(f"TÊN CƠ QUAN {DOTS}", bold=True),
        centred(f"Số: {DOTS}/{DOTS}"),
        centred(subject),
    ]
    right = [
        centred(NATION, bold=True),
        centred(MOTTO, bold=True),
        centred(f"{DOTS}, ngày {DOTS} tháng {DOTS} năm {DOTS}", italic=True),
    ]
    return _two_columns(left, right)


def _foot() -> str:
    left = [
        _paragraph("Nơi nhận:", bold=True, italic=True, size=24),
        _paragraph("- Như trên;", size=22),
        _paragraph(f"- Lưu: VT, {DOTS}", size=22),
    ]
    right = [
        _paragraph("QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ", align="center", bold=True),
        _paragraph("(Chữ ký, dấu)", align="center", italic=True),
        _paragraph(DOTS, align="center"),
    ]
    return _two_columns(left, right)
