"""The report as PDF, set by typst: tagged for screen readers (PDF/UA-1), the same bytes for the same report."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import typst

from reports.paper.fonts import Face
from reports.paper.model import Appendix, Block, Figure, Heading, Paper, Paragraph, Table
from store.xml_letters import without_them

logger = logging.getLogger(__name__)

_TEMPLATE = Path(__file__).with_name("report.typ")
_KINDS: dict[type, str] = {Heading: "heading", Paragraph: "paragraph", Table: "table", Figure: "figure"}


def write_pdf(paper: Paper, face: Face) -> bytes:
    """The report as the bytes of a PDF in the letters of a face.

    A letter that the face does not have stands between others, from a source that is not Vietnamese: it is shown from
    the fonts that typst carries, the log says which, and the file does not claim PDF/UA.
    """
    document = json.dumps(_printable(_as_data(paper, face)), ensure_ascii=False)
    stamp = int(datetime.combine(paper.dated, time(), UTC).timestamp())
    compiler = _compiler(face)
    try:
        return _one(
            compiler.compile(
                format="pdf", sys_inputs={"paper": document}, timestamp=stamp, pdf_standards=["ua-1"]
            )
        )
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        logger.warning("report %s: %s", paper.title, error)
        return _one(compiler.compile(format="pdf", sys_inputs={"paper": document}, timestamp=stamp))


@cache
def _compiler(face: Face) -> typst.Compiler:
    # One compiler keeps the fonts and the template for every report.
    return typst.Compiler(
        input=str(_TEMPLATE), font_paths=face.fonts(), ignore_system_fonts=True, sys_inputs={"paper": "{}"}
    )


def _one(compiled: bytes | list[bytes] | None) -> bytes:
    if not isinstance(compiled, bytes):
        raise TypeError(f"typst gave {type(compiled).__name__} instead of the bytes of one PDF")
    return compiled


def _as_data(paper: Paper, face: Face) -> dict[str, Any]:
    """The report as the template reads it."""
    return {
        "title": paper.title,
        "language": paper.language,
        "font": face.family,
        "dated": [paper.dated.year, paper.dated.month, paper.dated.day],
        "mark": paper.mark,
        "foot": paper.foot,
        "head": asdict(paper.head),
        "closing": asdict(paper.closing),
        "blocks": _blocks(paper.blocks),
        "end": asdict(paper.end),
        "appendices": [_appendix(appendix) for appendix in paper.appendices],
    }


def _printable(value: Any) -> Any:
    """The data without letters that no font shows: they would cost the file its PDF/UA."""
    if isinstance(value, str):
        return without_them(value)
    if isinstance(value, dict):
        return {key: _printable(one) for key, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list | tuple) else value


def _appendix(appendix: Appendix) -> dict[str, Any]:
    return {
        "name": appendix.name,
        "title": appendix.title,
        "is_wide": appendix.is_wide,
        "blocks": _blocks(appendix.blocks),
    }


def _blocks(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    return [{"kind": _KINDS[type(block)], **_fields(block)} for block in blocks]


def _fields(block: Block) -> dict[str, Any]:
    if isinstance(block, Figure):
        picture = {"svg": block.picture.svg, "alt": block.picture.alt}
        return {"caption": block.caption, "note": block.note, "picture": picture}
    return asdict(block)
