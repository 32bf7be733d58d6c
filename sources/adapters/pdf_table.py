"""Tables of PDF pages with a text layer (yearbook pages), found by where the text stands.

A page is read as lines. A line of figures has words at the left and figures at the right; the figures of all
lines give the columns; what stands above them over a column is its header, and the larger text on top is the
title. Letters of .Vn fonts are TCVN3. A cell's reference is `p3:r4c2`: page, line of figures on that page,
column of figures, each from 1. A page without text is a scan: it is named and skipped.
"""

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sources.adapters.grid_table import CONTINUED, key_pattern
from sources.adapters.pdf_page import PageTable, page_tables
from sources.cells import AdapterResult, Cell, Label, ReadingError, Skipped
from sources.record import PdfTable, PdfTableReading
from sources.text.labels import label_key
from sources.text.numbers import DecimalMark, read_printed_number
from sources.text.units import unit_in_brackets

VERSION = "2"
MOST_PAGES = 1_000
# Points: the figures of a table that goes on over the page end where they ended.
_SAME_PLACE = 2.0


def _page_tables(data: bytes) -> Iterator[PageTable | Skipped]:
    """Give the tables of every page, and what was skipped. Raises ReadingError for a file that cannot be opened."""
    import pdfplumber
    from pdfminer.encodingdb import EncodingDB
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    # The library takes code 173 of WinAnsiEncoding for a space; .Vn fonts draw ư there.
    EncodingDB.win2unicode[0xAD] = "\u00ad"
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            if len(document.pages) > MOST_PAGES:
                raise ReadingError(
                    "the whole file",
                    f"it has {len(document.pages)} pages, more than {MOST_PAGES}",
                    "split the file",
                )
            for number, page in enumerate(document.pages, start=1):
                yield from page_tables(page, number)
                page.close()
    except PdfminerException as error:
        if any(isinstance(reason, PDFPasswordIncorrect) for reason in error.args):
            raise ReadingError(
                "the whole file", "it is locked with a password", "give a copy that opens without one"
            ) from error
        raise ReadingError(
            "the whole file",
            f"the PDF is damaged, or is none ({str(error)[:200]})",
            "fetch or copy the file again",
        ) from error


def _named(tables: list[PageTable]) -> Iterator[tuple[PageTable, str]]:
    """Give each page's table and the title of the page on which it began."""
    began = ""
    for table in tables:
        goes_on = CONTINUED.search(label_key(table.title)) is not None or not table.title
        if not (goes_on and began):
            began = table.title
        yield table, began or f"p{table.page}"


def _own_unit(text: str) -> str | None:
    """Return the first unit in brackets: in two languages the first is the publisher's own."""
    first = re.match(r"[^)]*\)", text)
    return (unit_in_brackets(first[0]) if first else None) or unit_in_brackets(text)


def _cells(
    table: PageTable, title: str, options: PdfTable | None, decimal_mark: DecimalMark
) -> Iterator[Cell]:
    filled = [sum(row.words[at] is not None for row in table.rows) for at in range(len(table.headers))]
    most = sum(any(row.words) for row in table.rows) / 2
    named = {header for header, times in Counter(table.headers).items() if header and times == 1}
    rows_name, columns_name = (options.rows, options.columns) if options else ("row", "column")
    for row in table.rows:
        for column, word in enumerate(row.words, start=1):
            header = table.headers[column - 1]
            if word is None and filled[column - 1] < most and header not in named:
                continue  # a blank says something only in a column of its own name, or that most rows fill
            labels = [Label(rows_name, row.label), Label(columns_name, header or f"c{column}")]
            if row.section is not None:
                labels.append(Label("section", row.section))
            printed = read_printed_number(word.text if word else "", decimal_mark)
            note = word.note if word is not None else ""
            is_percent = note.startswith("%")
            yield Cell(
                table_title=(options.name if options else None) or title,
                cell_ref=f"p{table.page}:r{row.number}c{column}",
                labels=tuple(labels),
                value=replace(printed, text=f"{word.text}{note}") if word is not None and note else printed,
                unit_text=("%" if is_percent else None)
                or row.unit
                or _own_unit(header)
                or _own_unit(row.section or "")
                or table.unit
                or unit_in_brackets(table.title)
                or (options.unit if options else None),
                attributes=(("title", table.title),) if table.title else (),
                flags=("footnote_mark",) if note and note != "%" else (),
            )


def _with_headers_of_the_page_before(found: Iterable[PageTable | Skipped]) -> list[PageTable | Skipped]:
    """Give a table without title and header those of the page before, if its figures stand where that one's do."""
    tables: list[PageTable | Skipped] = []
    before: PageTable | None = None
    for item in found:
        if not isinstance(item, PageTable):
            tables.append(item)
            continue
        if before is not None and _goes_on(before, item):
            before = replace(item, headers=before.headers, unit=item.unit or before.unit)
        else:
            before = item
        tables.append(before)
    return tables


def _goes_on(before: PageTable, table: PageTable) -> bool:
    return (
        not table.title
        and not any(table.headers)
        and table.page == before.page + 1
        and len(table.columns) == len(before.columns)
        and all(
            abs(now[1] - was[1]) < _SAME_PLACE for now, was in zip(table.columns, before.columns, strict=True)
        )
    )


def _found(data: bytes) -> tuple[list[PageTable], list[Skipped]]:
    found = _with_headers_of_the_page_before(_page_tables(data))
    tables = [item for item in found if isinstance(item, PageTable)]
    skipped = [item for item in found if isinstance(item, Skipped)]
    if not tables:
        reasons = "; ".join(sorted({item.reason for item in skipped})) or "no pages"
        raise ReadingError(
            "the whole file",
            f"no table found ({reasons})",
            "ask for the workbook or a file with text; or enter the figures by hand, twice",
        )
    return tables, skipped


def read_any(data: bytes) -> AdapterResult:
    """Read the table of every page. Raises ReadingError when the file cannot be opened or has none."""
    tables, skipped = _found(data)
    return AdapterResult(
        [cell for table, title in _named(tables) for cell in _cells(table, title, None, "either")], skipped
    )


def read(data: bytes, options: PdfTableReading) -> AdapterResult:
    """Read the declared tables. Raises ReadingError when none of them is found."""
    tables, skipped = _found(data)
    cells: list[Cell] = []
    found: set[str] = set()
    for table, title in _named(tables):
        wanted = next((o for o in options.tables if key_pattern(o.title).search(label_key(title))), None)
        if wanted is None:
            skipped.append(Skipped(f"p{table.page}", f"the record does not ask for '{title}'"))
            continue
        found.add(wanted.title)
        cells += _cells(table, title, wanted, options.decimal_mark)
    missing = [table.title for table in options.tables if table.title not in found]
    if not found:
        titles = "; ".join(dict.fromkeys(title for _, title in _named(tables)))
        raise ReadingError(
            f"tables {titles}", f"no table found for {missing}", "correct 'title' in the record"
        )
    return AdapterResult(cells, skipped + [Skipped(title, "this table was not found") for title in missing])
