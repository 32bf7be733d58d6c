"""Tables of PDF pages with a text layer (yearbook pages), found by where the text stands.

A page is read as lines. A line of figures has words at the left and figures at the right; the figures of all
lines give the columns; what stands above them over a column is its header, and the larger text on top is the
title. Letters of .Vn fonts are TCVN3. A cell's reference is `p3:r4c2`: page, line of figures on that page,
column of figures, each from 1. A page without text is a scan: it is named and skipped.
"""

import io
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sources.adapters.grid_table import CONTINUED, key_pattern
from sources.cells import AdapterResult, Cell, Label, ReadingError, Skipped
from sources.record import PdfTable, PdfTableReading
from sources.text.labels import label_key, tidy_text
from sources.text.numbers import DecimalMark, read_printed_number
from sources.text.tcvn3 import Decoder, EncodingError, decode_word, font_encoding
from sources.text.units import looks_like_unit, unit_in_brackets

VERSION = "1"
MOST_PAGES = 1_000
# Points: a label and its figures stand up to so far apart in height.
_LINE_HEIGHT = 3.0
# Points: words that begin or end this close to one another stand at one edge; so many lines make it one.
_SAME_EDGE = 0.6
_A_COLUMN = 2
_SECOND_UNIT = re.compile(r"\s+[-–]\s+(?:unit\s*:)?.*", re.IGNORECASE)
_UNIT = re.compile(r"(?:đơn vị tính|đơn vị|đvt|unit)\s*(?:[-–]\s*unit\s*)?:", re.IGNORECASE)
_NOTE_MARK = re.compile(r"\(?\*+\)?")
_NOTED = re.compile(r"(-?\d[\d.,]*)(\(?\*+\)?)")
_RUN_TOGETHER = re.compile(r"[^\W\d_]-?\d[\d.,]*$")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class _Word:
    text: str
    x0: float
    x1: float
    bottom: float
    size: float
    note: str = ""

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def is_value(self) -> bool:
        """Say whether this is a figure or a mark for none."""
        printed = read_printed_number(self.text, "either")
        return printed.decimal is not None or printed.missing_code != "unreadable" or bool(printed.flags)

    @property
    def is_figure(self) -> bool:
        printed = read_printed_number(self.text, "either")
        return printed.decimal is not None or bool(printed.flags)


@dataclass(frozen=True)
class _Line:
    """Words of one height, from left to right; `values` are the figures and marks at the right end."""

    words: tuple[_Word, ...]
    values: tuple[_Word, ...]
    bottom: float

    @property
    def text(self) -> str:
        return tidy_text(" ".join(word.text for word in self.words))


@dataclass(frozen=True)
class _PageTable:
    page: int
    title: str
    unit: str | None
    headers: list[str]
    rows: list[tuple[str, str | None, list[_Word | None]]]


# --- words and lines ----------------------------------------------------------------------------------------


def _words(page: Any) -> list[_Word]:
    """Return the words of a page in Unicode: by font, or by the words where no font is a .Vn font."""
    found = page.extract_words(x_tolerance=1.5, y_tolerance=2, return_chars=True)
    texts = [decode_word([(char["text"], char["fontname"]) for char in word["chars"]]) for word in found]
    if not any(font_encoding(char["fontname"]) == "tcvn3" for word in found for char in word["chars"]):
        decoder = Decoder(texts)
        texts = [decoder.decode(text).text for text in texts]
    words = []
    for word, text in zip(found, texts, strict=True):
        if tidy_text(text) and not _NOTE_MARK.fullmatch(text):
            noted = _NOTED.fullmatch(text)
            figure, note = (noted[1], noted[2]) if noted else (text, "")
            words.append(
                _Word(figure, word["x0"], word["x1"], word["bottom"], word["chars"][0]["size"], note)
            )
    return words


def _may_go_on(before: _Word, word: _Word) -> bool:
    return (
        word.x0 - before.x1 < 0.55 * word.size
        and re.fullmatch(r"-?\d{1,3}(?: \d{3})*", before.text) is not None
        and re.fullmatch(r"\d{3}(?:,\d+)?", word.text) is not None
    )


def _right_edges(lines: list[list[_Word]]) -> list[float]:
    """Return where figures end that no other figure goes on."""
    return [
        word.x1
        for line in lines
        for word, after in zip(line, [*line[1:], None], strict=True)
        if word.is_figure and (after is None or not _may_go_on(word, after))
    ]


def _joined_thousands(words: list[_Word], right_edges: list[float]) -> list[_Word]:
    """Join figures whose thousands are parted by a narrow space: "1 742,4".

    Where other figures end at the same place, a column ends, and the next figure is of the next column.
    """
    joined: list[_Word] = []
    for word in words:
        before = joined[-1] if joined else None
        if (
            before is not None
            and _may_go_on(before, word)
            and not any(abs(edge - before.x1) < _SAME_EDGE for edge in right_edges)
        ):
            text = f"{before.text} {word.text}"
            joined[-1] = _Word(text, before.x0, word.x1, word.bottom, word.size)
        else:
            joined.append(word)
    return joined


def _line(words: list[_Word], right_edges: list[float]) -> _Line:
    words = _joined_thousands(sorted(words, key=lambda word: word.x0), right_edges)
    first_value = len(words)
    while first_value and words[first_value - 1].is_value:
        first_value -= 1
    if first_value < len(words) - 1 and _YEAR.fullmatch(words[first_value].text):
        near = first_value and words[first_value].x0 - words[first_value - 1].x1 < words[first_value].size
        if near or (not first_value and not all(_YEAR.fullmatch(word.text) for word in words)):
            first_value += 1  # a row per year: "2010", or "Sơ bộ - Prel. 2011"
    if 0 < first_value < len(words) - 1 and not words[first_value].is_figure:
        before, mark = words[first_value - 1], words[first_value]
        if mark.x0 - before.x1 < 0.4 * mark.size:
            first_value += 1  # the dash of a label: "TỔNG SỐ - TOTAL" cut off by its cell
    return _Line(tuple(words), tuple(words[first_value:]), max(word.bottom for word in words))


def _lines(words: list[_Word]) -> list[_Line]:
    lines: list[list[_Word]] = []
    for word in sorted(words, key=lambda word: word.bottom):
        if lines and word.bottom - lines[-1][0].bottom <= _LINE_HEIGHT:
            lines[-1].append(word)
        else:
            lines.append([word])
    for line in lines:
        line.sort(key=lambda word: word.x0)
    right_edges = _right_edges(lines)
    return [_line(line, right_edges) for line in lines]


def _is_row(line: _Line) -> bool:
    """Say whether a line has words at the left and, at the right, figures that are not years alone."""
    return (
        0 < len(line.values) < len(line.words)
        and any(word.is_figure for word in line.values)
        and not all(_YEAR.fullmatch(word.text) for word in line.values)
    )


# --- a page -------------------------------------------------------------------------------------------------


def _columns(rows: list[_Line]) -> list[tuple[float, float]]:
    """Return the columns as stretches from left to right: figures over one another are of one column."""
    columns: list[tuple[float, float]] = []
    for x0, x1 in sorted((word.x0, word.x1) for row in rows for word in row.values):
        if columns and x0 < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], x1))
        else:
            columns.append((x0, x1))
    return columns


def _anchors(header: list[_Line], rows: list[_Line]) -> list[float]:
    """Return the left edges at which words of a header begin, one over another or over figures aligned left."""
    figures = {(word.x0, round(word.x1)) for row in rows for word in row.values}
    phrases = [phrase[0].x0 for line in header for phrase in _phrases(line)]
    words = [word.x0 for line in header for word in line.words]

    anchors: list[float] = []
    for edge in sorted(words):
        is_new = not anchors or edge - anchors[-1] > 2 * _SAME_EDGE
        # Figures that begin at one place and end at several are aligned left.
        ends = {x1 for x0, x1 in figures if abs(edge - x0) < _SAME_EDGE}
        n_phrases = sum(abs(edge - other) < _SAME_EDGE for other in phrases)
        if is_new and max(len(ends), n_phrases) >= _A_COLUMN:
            anchors.append(edge)
    return anchors


def _between(anchors: list[float], before: tuple[float, float], column: tuple[float, float]) -> float | None:
    """Return the anchor at which a column begins, between the one before and its own figures."""
    fits = (x for x in anchors if before[1] - _SAME_EDGE <= x <= column[0] + _SAME_EDGE)
    return next(fits, None)


def _with_left_figures(
    columns: list[tuple[float, float]], anchors: list[float], rows: list[_Line]
) -> list[tuple[float, float]]:
    """Join two stretches that are one column: figures aligned left (text, marks) beside figures aligned right.

    The header begins at the left one and none begins between; and no row has figures in both.
    """
    joined: list[tuple[float, float]] = []
    for left, right in columns:
        before = joined[-1] if joined else None
        if (
            before is not None
            and any(abs(edge - before[0]) < _SAME_EDGE for edge in anchors)
            and not any(before[0] + _SAME_EDGE <= edge < right for edge in anchors)
            and not any(
                any(before[0] <= word.middle <= before[1] for word in row.values)
                and any(left <= word.middle <= right for word in row.values)
                for row in rows
            )
        ):
            joined[-1] = (before[0], right)
        else:
            joined.append((left, right))
    return joined


def _without_page_number(lines: list[_Line]) -> list[_Line]:
    """Leave out the running title with the page number: one whole number, far from the lines beside it."""
    if len(lines) < 4:
        return lines
    gaps = [after.bottom - before.bottom for before, after in pairwise(lines)]
    usual = statistics.median(gaps)
    for at, gap in ((len(lines) - 1, gaps[-1]), (0, gaps[0])):
        numbers = [word for word in lines[at].words if re.fullmatch(r"\d{1,4}", word.text)]
        if (
            len(numbers) == 1
            and gap > 1.8 * usual
            and lines[at].words.index(numbers[0]) in (0, len(lines[at].words) - 1)
        ):
            return _without_page_number(lines[:at] + lines[at + 1 :])
    return lines


def _rows_in(lines: list[_Line]) -> list[int]:
    """Return the places of the rows; figures in words that stand over the columns are a header."""
    found = [at for at, line in enumerate(lines) if _is_row(line)]
    if not found:
        return []
    left = statistics.median(lines[at].words[0].x0 for at in found)
    return [at for at in found if lines[at].words[0].x0 < left + 60]


def _phrases(line: _Line, anchors: Sequence[float] = ()) -> list[list[_Word]]:
    """Part a line of a header where the gap is wider than between words, or a column begins."""
    phrases: list[list[_Word]] = []
    for word in line.words:
        begins = any(abs(edge - word.x0) < _SAME_EDGE for edge in anchors)
        if phrases and not begins and word.x0 - phrases[-1][-1].x1 < 0.4 * word.size:
            phrases[-1].append(word)
        else:
            phrases.append([word])
    return phrases


def _columns_under(
    phrase: list[_Word], columns: list[tuple[float, float]], slots: list[tuple[float, float]], free: set[int]
) -> range:
    """Return the columns under a phrase of a header: one, or those about whose common middle it is centred.

    A phrase may stand over more columns than it touches ("Trong đó - Of which"), if no other stands there (`free`).
    """
    x0, x1 = phrase[0].x0, phrase[-1].x1
    least = max(3.0, 0.2 * (x1 - x0))
    touched = [at for at, (left, right) in enumerate(slots) if min(x1, right) - max(x0, left) > least]
    if len(touched) < 2:
        return range(touched[0], touched[0] + 1) if touched else range(0)
    ranges = [
        range(first, last + 1)
        for first in range(touched[-1] + 1)
        for last in range(max(first, touched[0]), len(columns))
        if set(range(first, last + 1)) <= free
    ]

    def off(span: range) -> float:
        return abs((columns[span[0]][0] + columns[span[-1]][1]) / 2 - (x0 + x1) / 2)

    centred = [span for span in ranges if off(span) < 8]
    return max(centred, key=len) if centred else range(touched[0], touched[-1] + 1)


def _headers(lines: list[_Line], columns: list[tuple[float, float]], anchors: list[float]) -> list[str]:
    """Return the stacked header of each column; a column begins at its anchor, or else midway to the one before."""
    middles = [(left + right) / 2 for left, right in columns]
    between = [(left + right) / 2 for left, right in pairwise(middles)]
    first = columns[0][0] - (between[0] - columns[0][1] if between else 40)
    for at, (before, after) in enumerate(pairwise(columns)):
        anchor = _between(anchors, before, after)
        between[at] = between[at] if anchor is None else anchor - _SAME_EDGE
    edges = [first, *between, columns[-1][1] + 40]
    slots = list(pairwise(edges))
    parts: list[list[str]] = [[] for _ in columns]
    for line in lines:
        phrases = [phrase for phrase in _phrases(line, anchors) if phrase[-1].x1 > first]
        places = [_slot_of((phrase[0].x0 + phrase[-1].x1) / 2, slots) for phrase in phrases]
        for phrase, place in zip(phrases, places, strict=True):
            free = set(range(len(columns))) - {other for other in places if other != place}
            for column in _columns_under(phrase, columns, slots, free):
                parts[column].append(" ".join(word.text for word in phrase))
    return [tidy_text(" ".join(part)) for part in parts]


def _slot_of(middle: float, slots: list[tuple[float, float]]) -> int:
    return next((at for at, (_, right) in enumerate(slots) if middle < right), len(slots) - 1)


def _plain_title(lines: list[_Line], first_column: float) -> tuple[str, list[_Line]]:
    """Return the title where no words are larger: the line on top, of one piece, over the labels."""
    if not lines or looks_like_unit(lines[0].text) or _UNIT.match(lines[0].text):
        return "", lines
    top = lines[0]
    words = top.words[1:] if top.words[0].text.isdigit() else top.words
    pieces = _phrases(replace(top, words=words))
    is_title = len(pieces) == 1 and len(words) > 1 and words[0].x0 < first_column - 2 * words[0].size
    return (top.text, lines[1:]) if is_title else ("", lines)


def _title(lines: list[_Line], size: float, first_column: float) -> tuple[str, list[_Line]]:
    """Return the title, the larger words above a table, and the lines left for unit and header."""
    large = [[word for word in line.words if word.size > size + 0.8] for line in lines]
    words = [word for line in large for word in line]
    if not words:
        return _plain_title(lines, first_column)
    left = min((word.x0 for word in words if not word.text.isdigit()), default=0.0)
    numbers = [word.text for word in words if word.text.isdigit() and word.x1 < left]
    texts = [word.text for word in words if not (word.text.isdigit() and word.x1 < left)]
    rest = [
        _line(kept, [])
        for line in lines
        if (kept := [word for word in line.words if word.size <= size + 0.8])
    ]
    return tidy_text(" ".join([*numbers, *texts])), rest


def _unit(lines: list[_Line], columns: list[tuple[float, float]]) -> tuple[str | None, list[_Line]]:
    """Return the unit that stands for the whole table, and the lines left for the header.

    It says that it is one, or stands alone: first of all, or last over more than one column.
    """
    for at, line in enumerate(lines):
        says_so = _UNIT.match(line.text)
        text = line.text[says_so.end() :] if says_so else line.text
        text = text.strip("() ") if re.fullmatch(r"\s*\([^()]*\)\s*", text) else text
        over = sum(line.words[0].x0 < right and line.words[-1].x1 > left for left, right in columns)
        place = at == 0 or (at == len(lines) - 1 and over > 1)
        if says_so or (place and looks_like_unit(text)):
            return _SECOND_UNIT.sub("", text).strip(), lines[:at] + lines[at + 1 :]
    return None, lines


def _labels(lines: list[_Line], rows: set[int]) -> Iterator[tuple[str, str | None, tuple[_Word, ...]]]:
    """Give (label, section, figures) of each row.

    Words close above a row and flush with its label are the first lines of the label; flush but apart they are a
    row without figures; elsewhere they are a section.
    """
    steps = [after.bottom - before.bottom for before, after in pairwise(lines)]
    spacing = statistics.median(steps or [12.0])
    waiting: list[_Line] = []
    section: str | None = None
    for at, line in enumerate(lines):
        if at not in rows:
            waiting.append(line)
            continue
        label = line.words[: len(line.words) - len(line.values)]
        texts = [" ".join(word.text for word in label)]
        below = line
        while waiting and _flush(waiting[-1], label) and below.bottom - waiting[-1].bottom <= 1.15 * spacing:
            below = waiting.pop()
            texts.insert(0, below.text)
        for above in waiting:
            if _flush(above, label):
                yield above.text, section, ()
            else:
                section = above.text
        waiting = []
        yield tidy_text(" ".join(texts)), section, line.values


def _flush(line: _Line, label: tuple[_Word, ...]) -> bool:
    return abs(line.words[0].x0 - label[0].x0) <= 4


def _placed(values: tuple[_Word, ...], columns: list[tuple[float, float]]) -> list[_Word | None]:
    placed: list[_Word | None] = [None] * len(columns)
    for word in values:
        for at, (left, right) in enumerate(columns):
            if left <= word.middle <= right:
                placed[at] = word
    return placed


def _doubt(rows: list[_Line], columns: list[tuple[float, float]]) -> str | None:
    """Say why figures and columns do not fit, or None; figures are never given to a column by guessing."""
    for row in rows:
        placed = _placed(row.values, columns)
        name = row.words[0].text
        if sum(word is not None for word in placed) != len(row.values):
            return (
                f"the row '{name} ...' has {len(row.values)} figures that do not fit {len(columns)} columns"
            )
        label = row.words[-len(row.values) - 1]
        if placed[0] is None and _RUN_TOGETHER.search(label.text):
            return f"'{label.text}' is a label run together with a figure: the columns stand too close"
    return None


def _shared_header(headers: list[str]) -> str | None:
    """Say that two columns beside each other have one header between them, or None."""
    shared = next((one for one, other in pairwise(headers) if one and one == other), None)
    return None if shared is None else f"two columns have one header between them: '{shared}'"


def _page_table(page: Any, number: int) -> _PageTable | Skipped:
    lines = _without_page_number(_lines(_words(page)))
    if not lines:
        return Skipped(f"p{number}", "no text on this page: a scan or a picture")
    rows = _rows_in(lines)
    if len(rows) < 2:
        return Skipped(f"p{number}", "no table: fewer than two lines with words and figures")
    figures = [lines[at] for at in rows]
    columns = _columns(figures)
    size = statistics.median(word.size for at in rows for word in lines[at].words)
    # Words left of all columns above the first figures are the first lines of its label.
    first = rows[0]
    while (
        first
        and lines[first - 1].words[-1].x1 < columns[0][0]
        and _flush(lines[first - 1], lines[first].words)
        and lines[first - 1].words[0].size <= size + 0.8
    ):
        first -= 1
    title, above = _title(lines[:first], size, columns[0][0])
    unit, above = _unit(above, columns)
    anchors = _anchors(above, figures)
    columns = _with_left_figures(columns, anchors, figures)
    if any(_between(anchors, before, column) is None for before, column in pairwise(columns)):
        anchors = []  # the header is not aligned left: what begins at one place does so by chance
    headers = _headers(above, columns, anchors)
    doubt = _doubt(figures, columns) or _shared_header(headers)
    if doubt is not None:
        return Skipped(f"p{number}", doubt)
    labels = _labels(lines[first : rows[-1] + 1], {at - first for at in rows})
    table = [(label, section, _placed(values, columns)) for label, section, values in labels]
    return _PageTable(number, title, unit, headers, table)


# --- a file -------------------------------------------------------------------------------------------------


def _page_tables(data: bytes) -> Iterator[_PageTable | Skipped]:
    import pdfplumber
    from pdfminer.encodingdb import EncodingDB
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
                try:
                    yield _page_table(page, number)
                except EncodingError as error:
                    yield Skipped(f"p{number}", str(error))
                page.close()
    except PdfminerException as error:
        raise ReadingError(
            "the whole file",
            f"the PDF is damaged, encrypted or none ({error})",
            "fetch or copy the file again",
        ) from error


def _named(tables: list[_PageTable]) -> Iterator[tuple[_PageTable, str]]:
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
    table: _PageTable, title: str, options: PdfTable | None, decimal_mark: DecimalMark
) -> Iterator[Cell]:
    filled = [sum(words[at] is not None for _, _, words in table.rows) for at in range(len(table.headers))]
    most = sum(any(words) for _, _, words in table.rows) / 2
    named = {header for header, times in Counter(table.headers).items() if header and times == 1}
    rows_name, columns_name = (options.rows, options.columns) if options else ("row", "column")
    for row, (label, section, words) in enumerate(table.rows, start=1):
        for column, word in enumerate(words, start=1):
            header = table.headers[column - 1]
            if word is None and filled[column - 1] < most and header not in named:
                continue  # a blank says something only in a column of its own name, or that most rows fill
            labels = [Label(rows_name, label), Label(columns_name, header or f"c{column}")]
            if section is not None:
                labels.append(Label("section", section))
            printed = read_printed_number(word.text if word else "", decimal_mark)
            noted = word is not None and bool(word.note)
            yield Cell(
                table_title=(options.name if options else None) or title,
                cell_ref=f"p{table.page}:r{row}c{column}",
                labels=tuple(labels),
                value=replace(printed, text=f"{word.text}{word.note}")
                if word is not None and noted
                else printed,
                unit_text=_own_unit(header)
                or _own_unit(section or "")
                or table.unit
                or unit_in_brackets(table.title)
                or (options.unit if options else None),
                attributes=(("title", table.title),) if table.title else (),
                flags=("footnote_mark",) if noted else (),
            )


def _found(data: bytes) -> tuple[list[_PageTable], list[Skipped]]:
    found = list(_page_tables(data))
    tables = [item for item in found if isinstance(item, _PageTable)]
    skipped = [item for item in found if isinstance(item, Skipped)]
    if not tables:
        reasons = "; ".join(sorted({item.reason for item in skipped})) or "no pages"
        raise ReadingError(
            "the whole file", f"no table found ({reasons})", "enter the figures of a scan by hand, twice"
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
