"""The report as a Word file in Times New Roman, the same bytes for the same report.

Every text goes in as text: python-docx and `escape` write it into the XML as characters, so nothing in it can become a
field or markup.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section, _Header
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as WordParagraph

from reports.paper.model import Appendix, Block, Closing, Figure, Head, Heading, Paper, Paragraph, Table
from store.xml_letters import without_them

FONT = "Times New Roman"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_A4 = (Mm(210), Mm(297))
# A table of as many rows at the most stays on one page; a cell of more characters may be broken. As in `report.typ`.
FEW_ROWS = 4
LONG_CELL = 300

_TWIPS_A_MM = 56.7
_INDENT_TWIPS = 720
# Zip entries carry a date; this is the first one they can.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_CENTRE, _RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
_LANGUAGES = {"vi": "vi-VN", "en": "en-GB"}


def write_word(paper: Paper) -> bytes:
    """The report as the bytes of a .docx."""
    word = Document()
    _styles(word, _LANGUAGES[paper.language])
    stamp = datetime.combine(paper.dated, time())
    properties = word.core_properties
    properties.title, properties.author = without_them(paper.title), ""
    properties.language = _LANGUAGES[paper.language]
    properties.created = properties.modified = stamp
    properties.revision, properties.last_modified_by, properties.comments = 1, "", ""
    _page(word.sections[0], wide=False)
    _margins_of_every_page(word.sections[0], paper)
    _head(word, paper.head)
    width = _text_width(word.sections[0])
    for block in paper.blocks:
        _block(word, block, width, 11)
    # No signature stands alone on a page.
    _add_xml(word, _paragraph(paper.end, keep=True))
    _closing(word, paper.closing)
    for appendix in paper.appendices:
        _appendix(word, appendix)
    return _with_fixed_dates(word)


def _styles(word: Word, language: str) -> None:
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(13)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(kind), FONT)
    normal.element.get_or_add_rPr().append(parse_xml(f'<w:lang {nsdecls("w")} w:val="{language}"/>'))
    normal.paragraph_format.space_before, normal.paragraph_format.space_after = Pt(3), Pt(3)
    normal.paragraph_format.widow_control = True
    for level in (1, 2, 3):
        style = word.styles[f"Heading {level}"]
        style.font.name, style.font.size, style.font.bold = FONT, Pt(13), True
        style.font.italic = level == 3
        style.font.color.rgb = None
        properties = style.element.get_or_add_rPr()
        for old in properties.findall(qn("w:rFonts")) + properties.findall(qn("w:color")):
            properties.remove(old)
        properties.insert(0, parse_xml(_fonts()))
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(8), Pt(4)
        style.paragraph_format.keep_with_next = True


def _fonts() -> str:
    return f'<w:rFonts {nsdecls("w")} w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}" w:eastAsia="{FONT}"/>'


def _page(section: Section, *, wide: bool) -> None:
    """A4 with the margins of decree 30/2020/NĐ-CP; the wide side up for tables that need it."""
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (_A4[1], _A4[0]) if wide else _A4
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = (Mm(20) if wide else Mm(30)), Mm(15)
    section.header_distance = section.footer_distance = Mm(9)


def _text_width(section: Section) -> float:
    """Millimetres between the margins."""
    sizes = (section.page_width, section.left_margin, section.right_margin)
    page, left, right = (size.mm if size is not None else 0.0 for size in sizes)
    return page - left - right


def _margins_of_every_page(section: Section, paper: Paper) -> None:
    """Page number over the text from the second page on, the mark on every page, the release under it."""
    section.different_first_page_header_footer = True
    for header in (section.first_page_header, section.header):
        first = header.paragraphs[0]
        first.alignment = _CENTRE
        if paper.mark:
            marked = header.add_paragraph()
            marked.alignment = _RIGHT
            _run(marked, paper.mark, size=9, bold=True)
            marked.paragraph_format.space_after = Pt(0)
    _page_number(section.header)
    for footer in (section.first_page_footer, section.footer):
        under = footer.paragraphs[0]
        under.alignment = _CENTRE
        _run(under, paper.foot, size=9)


def _page_number(header: _Header) -> None:
    for mark in ("begin", None, "end"):
        run = header.paragraphs[0].add_run()
        run.font.size = Pt(13)
        inner = (
            f'<w:fldChar {nsdecls("w")} w:fldCharType="{mark}"/>'
            if mark
            else f'<w:instrText {nsdecls("w")} xml:space="preserve"> PAGE </w:instrText>'
        )
        run._r.append(parse_xml(inner))


def _run(
    paragraph: WordParagraph, text: str, *, size: float = 13, bold: bool = False, italic: bool = False
) -> None:
    run = paragraph.add_run(without_them(text))
    run.font.size = Pt(size)
    run.bold, run.italic = bold or None, italic or None


def _head(word: Word, head: Head) -> None:
    left = [
        (line, 12, bold, False) for line, bold in ((head.parent_organ, False), (head.organ, True)) if line
    ]
    right = [(head.nation, 12, True, False), (head.motto, 13, True, False)]
    _side_by_side(
        word,
        [*left, ("_" * 8, 8, True, False), (head.number, 13, False, False)],
        [*right, ("_" * 30, 8, True, False), (head.place_and_date, 13, False, True)],
        (65, 100),
    )
    lines = [(head.kind, 14, 16.0), *((line, 14, 3.0) for line in head.title), ("_" * 16, 8, 0.0)]
    _add_xml(
        word,
        *(
            _paragraph_xml(_run_xml(text, size, bold=True), align="center", before=above)
            for text, size, above in lines
        ),
    )


Line = tuple[str, float, bool, bool]


def _side_by_side(
    word: Word, left: Sequence[Line], right: Sequence[Line], widths: tuple[float, float]
) -> None:
    """Two columns without lines: text, size, bold, italic of each line, centred."""
    cells = "".join(_cell_of_lines(lines, width) for lines, width in zip((left, right), widths, strict=True))
    _add_xml(word, f"{_table_head(widths, bordered=False)}<w:tr>{cells}</w:tr></w:tbl>")


def _cell_of_lines(lines: Sequence[Line], width: float, align: str = "center") -> str:
    paragraphs = "".join(
        f'<w:p><w:pPr><w:spacing w:before="0" w:after="20"/><w:jc w:val="{align}"/></w:pPr>'
        f"{_run_xml(text, size, bold=bold, italic=italic)}</w:p>"
        for text, size, bold, italic in lines
    )
    return f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/></w:tcPr>{paragraphs}</w:tc>'


def _run_xml(text: str, size: float, *, bold: bool = False, italic: bool = False) -> str:
    marks = ("<w:b/>" if bold else "") + ("<w:i/>" if italic else "")
    return (
        f'<w:r><w:rPr>{marks}<w:sz w:val="{round(size * 2)}"/></w:rPr>'
        f'<w:t xml:space="preserve">{_text(text)}</w:t></w:r>'
    )


def _text(text: str) -> str:
    """Text as XML; letters that XML cannot hold are left out."""
    return escape(without_them(text))


def _twips(millimetres: float) -> int:
    return round(millimetres * _TWIPS_A_MM)


def _table_head(widths: Sequence[float], *, bordered: bool) -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="6E6E6E"/>' for side in sides)
    borders = f"<w:tblBorders>{lines}</w:tblBorders>" if bordered else ""
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{_twips(sum(widths))}" w:type="dxa"/>{borders}'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/>'
        f'<w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
    )


def _paragraph_xml(
    runs: str,
    *,
    align: str = "left",
    style: str = "",
    before: float = 3,
    after: float = 3,
    indent: bool = False,
    keep: bool = False,
    boxed: bool = False,
) -> str:
    """A paragraph; distances in points. The parts of its properties stand in the order the schema asks for."""
    sides = ("top", "left", "bottom", "right")
    lines = "".join(f'<w:{side} w:val="single" w:sz="6" w:space="4" w:color="000000"/>' for side in sides)
    parts = [
        f'<w:pStyle w:val="{style}"/>' if style else "",
        "<w:keepNext/>" if keep else "",
        f"<w:pBdr>{lines}</w:pBdr>" if boxed else "",
        f'<w:spacing w:before="{round(before * 20)}" w:after="{round(after * 20)}"/>',
        f'<w:ind w:firstLine="{_INDENT_TWIPS if indent else 0}"/>',
        f'<w:jc w:val="{align}"/>',
    ]
    return f"<w:p><w:pPr>{''.join(parts)}</w:pPr>{runs}</w:p>"


def _add_xml(word: Word, *elements: str) -> None:
    """Put elements at the end of the document, before the properties of its last section."""
    last = word.element.body.sectPr
    for element in parse_xml(f"<w:body {nsdecls('w')}>{''.join(elements)}</w:body>"):
        last.addprevious(element)


def _block(word: Word, block: Block, width: float, size: float) -> None:
    if isinstance(block, Heading):
        _add_xml(word, _heading(block.text, block.level))
    elif isinstance(block, Paragraph):
        _add_xml(word, _paragraph(block))
    elif isinstance(block, Table):
        _add_xml(word, _table(block, width, size))
    else:
        _figure(word, block, width)


def _heading(text: str, level: int) -> str:
    return _paragraph_xml(
        _run_xml(text, 13, bold=True, italic=level == 3),
        style=f"Heading{level}", before=8, after=4, indent=True, keep=True,
    )  # fmt: skip


def _paragraph(block: Paragraph, *, keep: bool = False) -> str:
    size = {"entry": 11.0, "note": 10.5}.get(block.style, 13)
    runs = _run_xml(f"{block.label} " if block.text else block.label, size, bold=True) if block.label else ""
    runs += _run_xml(block.text, size) if block.text else ""
    is_entry = block.style == "entry"
    return _paragraph_xml(
        runs,
        align="left" if block.style == "note" else "both",
        before=6 if is_entry else 3,
        indent=block.style == "body",
        keep=keep or is_entry,
        boxed=block.style == "lead",
    )


def _caption(text: str) -> str:
    return _paragraph_xml(_run_xml(text, 12, bold=True), align="center", before=8, keep=True)


def _table(table: Table, width: float, size: float) -> str:
    """A table whose header comes again on every page and whose rows stay whole, unless a cell is as long as a page; a
    few short rows stay on one page.
    """
    caption = _caption(table.caption) if table.caption else ""
    shares = [column.share for column in table.columns]
    widths = [width * share / sum(shares) for share in shares]
    is_long = any(len(text) > LONG_CELL for row in table.rows for text in row.cells)
    stays_whole = len(table.rows) <= FEW_ROWS and not is_long
    header = "".join(
        _cell(column.title, w, size, "center", bold=True, keep=stays_whole)
        for column, w in zip(table.columns, widths, strict=True)
    )
    rows = [f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{header}</w:tr>"]
    for number, row in enumerate(table.rows, start=1):
        if row.is_group:
            spanned = (
                f'<w:gridSpan w:val="{len(widths)}"/><w:shd w:val="clear" w:color="auto" w:fill="F0F0F0"/>'
            )
            cells = _cell(row.cells[0], width, size, "left", bold=True, more=spanned, keep=True)
        else:
            cells = "".join(
                _cell(text, w, size, column.align, keep=stays_whole and number < len(table.rows))
                for text, column, w in zip(row.cells, table.columns, widths, strict=True)
            )
        whole = "" if any(len(text) > LONG_CELL for text in row.cells) else "<w:cantSplit/>"
        rows.append(f"<w:tr><w:trPr>{whole}</w:trPr>{cells}</w:tr>")
    after = _paragraph_xml(_run_xml("", 6), before=0, after=0)
    return f"{caption}{_table_head(widths, bordered=True)}{''.join(rows)}</w:tbl>{after}"


def _cell(
    text: str,
    width: float,
    size: float,
    align: str,
    *,
    bold: bool = False,
    more: str = "",
    keep: bool = False,
) -> str:
    kept = "<w:keepNext/>" if keep else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{more}</w:tcPr>'
        f'<w:p><w:pPr>{kept}<w:spacing w:before="20" w:after="20"/><w:jc w:val="{align}"/></w:pPr>'
        f"{_run_xml(text, size, bold=bold)}</w:p></w:tc>"
    )


def _figure(word: Word, figure: Figure, width: float) -> None:
    _add_xml(word, _caption(figure.caption))
    paragraph = word.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    shape = paragraph.add_run().add_picture(io.BytesIO(figure.picture.png), width=Mm(width))
    shape._inline.docPr.set("descr", without_them(figure.picture.alt))
    _add_xml(word, _paragraph_xml(_run_xml(figure.note, 10, italic=True), keep=True))


def _closing(word: Word, closing: Closing) -> None:
    left: list[Line] = [
        (closing.recipients_title, 12, True, True),
        *((line, 11, False, False) for line in closing.recipients),
    ]
    right: list[Line] = [
        (closing.signer, 13, True, False),
        (closing.signature, 13, False, True),
        *(("", 13, False, False) for _ in range(4)),
        ("……………………………", 13, False, False),
    ]
    widths = (62, 103)
    cells = _cell_of_lines(left, widths[0], "left") + _cell_of_lines(right, widths[1])
    row = f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"
    apart = _paragraph_xml("", before=8, keep=True)
    _add_xml(word, f"{apart}{_table_head(widths, bordered=False)}{row}</w:tbl>")


def _appendix(word: Word, appendix: Appendix) -> None:
    section = word.add_section()
    _page(section, wide=appendix.is_wide)
    # Only the report's own first page goes without a number.
    section.different_first_page_header_footer = False
    for line in (appendix.name, appendix.title):
        title = _run_xml(line, 14, bold=True)
        _add_xml(word, _paragraph_xml(title, style="Heading1", align="center", before=2, after=2, keep=True))
    width = _text_width(section)
    for block in appendix.blocks:
        _block(word, block, width, 10 if appendix.is_wide else 11)


def _with_fixed_dates(word: Word) -> bytes:
    """The file with its parts in the order they were written, each dated alike, so that nothing tells the hour."""
    written = io.BytesIO()
    word.save(written)
    with zipfile.ZipFile(written) as package:
        parts = [(entry.filename, package.read(entry)) for entry in package.infolist()]
    return _packed(parts)


def _packed(parts: Iterable[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, content)
    return file.getvalue()
