"""The report as a document, before anybody writes it down: plain text in headings, paragraphs, tables and figures.

Every text is text: the writers carry it over as it stands, so nothing in it can become markup, a formula or a field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from reports.numbers import Language

Align = Literal["left", "right", "center"]
Style = Literal["body", "lead", "note", "entry"]


@dataclass(frozen=True)
class Heading:
    """A heading with its number in the text; level 1 is I., level 2 is 1., level 3 is a)."""

    level: Literal[1, 2, 3]
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `label` stands before the text in bold. An entry is one of a list of short notes."""

    text: str
    style: Style = "body"
    label: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table: `share` is its part of the width beside the shares of the others."""

    title: str
    share: float
    align: Align = "left"


@dataclass(frozen=True)
class Row:
    """A row of a table; a group has one cell, which spans all columns and heads the rows under it."""

    cells: Sequence[str]
    is_group: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its numbered caption; its header comes again on every page."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Picture:
    """A chart: as SVG for the PDF and PNG for Word, of so many pixels before scaling. `alt` says it in words."""

    svg: str
    png: bytes
    width: float
    height: float
    alt: str


@dataclass(frozen=True)
class Figure:
    """A picture with its numbered caption, and a line that says what is drawn."""

    caption: str
    picture: Picture
    note: str


Block = Heading | Paragraph | Table | Figure


@dataclass(frozen=True)
class Appendix:
    """An annex on pages of its own, set across the paper when its table is wide."""

    name: str
    title: str
    blocks: Sequence[Block]
    is_wide: bool = False


@dataclass(frozen=True)
class Head:
    """What stands over the report, line by line."""

    parent_organ: str
    organ: str
    number: str
    nation: str
    motto: str
    place_and_date: str
    kind: str
    title: Sequence[str]


@dataclass(frozen=True)
class Closing:
    """Recipients, and room for the signature: whoever signs writes it."""

    recipients_title: str
    recipients: Sequence[str]
    signer: str
    signature: str


@dataclass(frozen=True)
class Paper:
    """The report. `end` is its last sentence, which stays with the signature. `mark` stands on every page of one that
    nobody reviewed or that is not for everybody; `foot` says which release it is of.
    """

    language: Language
    title: str
    dated: date
    head: Head
    blocks: Sequence[Block]
    end: Paragraph
    closing: Closing
    appendices: Sequence[Appendix] = field(default=())
    mark: str = ""
    foot: str = ""
