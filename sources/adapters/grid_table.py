"""Tables in a grid: title, stacked headers, unit line, row labels, figures under the header and nowhere else.

The shape is that of Vietnamese statistics workbooks: a title over one or more rows, a unit alone in a row at
the right, a header whose words are split over several rows (merged or not), then rows with a label at
the left. What stands beside the table without a header, or under it without a label, is named and skipped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sources.adapters.grid_cells import (
    YEAR_WITHIN,
    cell_text,
    filled_columns,
    is_figure,
    is_mark,
    is_unit_text,
    is_words,
    is_year,
    printed_cell,
)
from sources.adapters.grid_prepared import prepared
from sources.adapters.grid_rows import PART_WORDS, LabelledRow, RowLevels, headings, row_label_of
from sources.adapters.workbook_file import CellValue, Sheet, column_letters
from sources.cells import Cell, Label, Skipped
from sources.record import WorkbookTable
from sources.text.labels import label_key, old_tone_placement, tidy_text
from sources.text.units import unit_in_brackets

CONTINUED = re.compile(r"tiếp theo|\(tiếp\)|\bcont\b")
DITTO = {'"', "''", "“", "”", "nt", "-nt-", "″"}
_UNDER_A_TABLE = re.compile(r"tiếp theo|\(tiếp\)|^ghi chú|^nguồn|^note|^source")
NO_LABEL = "figures in a row without a label"
NUMBERING = "the row numbers the columns"
_PERIOD_WORDS = re.compile(r"(?:năm|years?|sơ bộ|prel\.?|ước(?: tính)?|est\.?)")
# Words over a column of labels.
_OVER_LABELS = frozenset((
    "chỉ tiêu", "tên chỉ tiêu", "địa phương", "đơn vị", "huyện", "xã", "huyện, thành phố", "tỉnh", "vùng", "ngành",
    "nội dung", "tên", "năm", "loại", "danh mục", "phân tổ", "items", "indicators", "district", "districts",
    "province", "provinces",
))  # fmt: skip


# "Quý" over I, II, III, IV.
_OF_NUMBERS = re.compile(r"quý|tháng|năm|tuần|quarter|month|year")
_NUMBER = re.compile(r"[IVX]+|\d{1,4}")
# What numbers a row: 1, 12., 1.2
_ROW_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,2})*\.?")


def key_pattern(pattern: str) -> re.Pattern[str]:
    """Return a pattern of the record for searching in label keys, which have tones at their old places."""
    return re.compile(old_tone_placement(pattern))


@dataclass
class _Block:
    """The rows of one table, or of one continued part of it: [first, last] from 0."""

    title: str
    title_row: int
    first: int
    last: int


@dataclass(frozen=True)
class _Header:
    """Where the figures begin, and the stacked header of each column under which figures may stand."""

    first_data_row: int
    labels: dict[int, str]
    units: dict[int, str]
    unit_line: str | None


def title_at(rows: list[list[CellValue]], start: int) -> tuple[str, int] | None:
    """Return the title that begins in this row and the row after it; a title stands alone in its rows."""
    parts: list[str] = []
    column = None
    row = start
    while row < len(rows):
        filled = filled_columns(rows[row])
        if not filled or not is_words(rows[row][filled[0]]) or any(is_figure(rows[row][c]) for c in filled):
            break
        if len(filled) > 1 or (column is not None and filled[0] != column):
            break
        column = filled[0]
        parts.append(cell_text(rows[row][column]))
        row += 1
    return (" ".join(parts), row) if parts else None


def _blocks(sheet: Sheet, table: WorkbookTable) -> list[_Block]:
    """Find the parts of a table in a sheet: where its title matches, and where it says that it goes on."""
    if table.title is None:
        return [_Block(tidy_text(sheet.name), 0, 0, len(sheet.rows) - 1)] if sheet.rows else []
    pattern = key_pattern(table.title)
    blocks: list[_Block] = []
    row = 0
    while row < len(sheet.rows):
        found = title_at(sheet.rows, row)
        if found is None:
            row += 1
            continue
        title, after = found
        key = label_key(title)
        # The first row that alone carries the match is the title's first row.
        if pattern.search(key) or (blocks and CONTINUED.search(key)):
            if blocks:
                blocks[-1].last = min(blocks[-1].last, row - 1)
            blocks.append(_Block(title, row, after, len(sheet.rows) - 1))
        row = after
    return blocks


def unmerged(sheet: Sheet) -> list[list[CellValue]]:
    """Return the grid with the text of a cell merged over several columns in each of them.

    A cell alone in its row and merged from the first column on is a title or a heading, and heads no column.
    """
    rows = [list(row) for row in sheet.rows]
    first = min((filled[0] for row in sheet.rows if (filled := filled_columns(row))), default=0)
    for top, left, _, right in sheet.merged:
        if left <= first and len(filled_columns(sheet.rows[top])) == 1:
            continue
        for column in range(left + 1, right + 1):
            if rows[top][column] is None:
                rows[top][column] = rows[top][left]
    return rows


def is_numbering(row: list[CellValue]) -> bool:
    """Say whether a row numbers the columns of a header: A, 1, 2, 3 or (1), (2), (3=2/1)."""
    texts = [cell_text(row[column]) for column in filled_columns(row)]
    numbers = [text for text in texts if not re.fullmatch(r"[A-Z]", text)]
    bare = [re.fullmatch(r"\(?(\d{1,2})(?:=[\d+\-*/:x%]+)?\)?", text) for text in numbers]
    found = [int(match[1]) for match in bare if match is not None]
    in_order = len(found) > 1 and len(found) == len(numbers) and found == list(range(1, len(found) + 1))
    # Bare numbers without a letter over the labels may be a header of their own: school grades, months.
    return in_order and (len(numbers) < len(texts) or all(text.startswith("(") for text in numbers))


def is_numbering_at(rows: list[list[CellValue]], at: int) -> bool:
    """Say whether a row numbers the columns: directly under words, and not the first of rows A, B, C."""
    if not is_numbering(rows[at]):
        return False
    texts = [cell_text(rows[at][column]) for column in filled_columns(rows[at])]
    if not re.fullmatch(r"[A-Z]", texts[0]):
        return True
    before = next((row for row in reversed(rows[:at]) if filled_columns(row)), [])
    filled = filled_columns(before)
    if (
        filled
        and is_words(before[filled[0]])
        and any(is_figure(before[column]) and not is_year(before[column]) for column in filled)
    ):
        return False
    after = next((row for row in rows[at + 1 :] if filled_columns(row)), None)
    if after is None or _UNDER_A_TABLE.search(label_key(cell_text(after[filled_columns(after)[0]]))):
        return False
    letters = [text for text in texts if re.fullmatch(r"[A-Z]", text)]
    follows = after is not None and cell_text(after[filled_columns(after)[0]]) == chr(ord(letters[0]) + 1)
    return not (follows and len(letters) == 1)


def years_are_figures(rows: list[list[CellValue]], at: int, start: int) -> bool:
    """Say whether figures like 1998 in a row with a label are figures: a header for them stands above."""
    row = rows[at]
    filled = filled_columns(row)
    if (
        len(filled) < 2
        or not is_words(row[filled[0]])
        or _PERIOD_WORDS.fullmatch(label_key(cell_text(row[filled[0]])))
    ):
        return False
    columns = [column for column in filled[1:] if is_figure(row[column])]
    if not columns or any(is_words(row[column]) and column > columns[0] for column in filled):
        return False
    texts = [cell_text(value) for value in row]
    if _repeats_a_header(rows, at, start, columns):
        return False
    for above in reversed(rows[start:at]):
        here = filled_columns(above)
        if len(here) < 2 or not set(columns) <= set(here):
            continue
        years = all(YEAR_WITHIN.search(cell_text(above[column])) for column in columns)
        label = cell_text(above[filled[0]]) if above[filled[0]] is not None else ""
        if years or (label and label != texts[filled[0]] and is_words(above[filled[0]])):
            return True
    return False


def _repeats_a_header(rows: list[list[CellValue]], at: int, start: int, columns: list[int]) -> bool:
    """Say whether a row of years is the header of another table: its words head a column of years above, too."""
    words = cell_text(rows[at][filled_columns(rows[at])[0]])
    if label_key(words) in _OVER_LABELS:
        return True
    return any(
        filled
        and cell_text(above[filled[0]]) == words
        and all(above[column] is None or is_year(above[column]) for column in columns)
        for above in rows[start:at]
        if (filled := filled_columns(above))
    )


def has_only_marks(rows: list[list[CellValue]], at: int, start: int) -> bool:
    """Say whether a row has a label and marks for missing figures alone, under a header."""
    row = rows[at]
    filled = filled_columns(row)
    if len(filled) < 2 or not is_words(row[filled[0]]):
        return False
    marks = [column for column in filled if is_mark(row[column])]
    if not marks or any(is_figure(row[column]) for column in filled):
        return False
    if any(is_words(row[column]) and column > marks[0] for column in filled):
        return False
    return all(any(above[column] is not None for above in rows[start:at]) for column in marks)


def carry_right(sheet: Sheet, rows: list[list[CellValue]], header_rows: range) -> list[list[CellValue]]:
    """Repeat the header of a group over the columns of the group where the cells are not merged.

    "Năm 2024", blank over "Diện tích", "Sản lượng". A blank cell may as well be the header of a column that
    begins one row lower; the group is carried where it is a period or "trong đó", or where two columns would
    otherwise have one header.
    """
    carried = [list(row) for row in rows]
    merged = {top for top, left, _, right in sheet.merged if right > left}
    for at in list(header_rows)[:-1]:
        below = rows[at + 1]
        filled = filled_columns(rows[at])
        texts = [cell_text(below[column]) for column in filled_columns(below)]
        if at in merged or not filled or is_numbering(below):
            continue
        for position, column in enumerate(filled):
            text = cell_text(rows[at][column])
            end = filled[position + 1] if position + 1 < len(filled) else len(below)
            group = [column]
            while group[-1] + 1 < end and below[group[-1] + 1] is not None:
                group.append(group[-1] + 1)
            subs = [cell_text(below[member]) for member in group]
            if len(group) < 2 or not subs[0] or any(sub[:1].islower() for sub in subs) or is_unit_text(text):
                continue
            if len(set(subs)) < len(subs):
                continue
            repeated = all(texts.count(sub) > 1 for sub in subs)
            numbered = _OF_NUMBERS.fullmatch(label_key(text)) and all(_NUMBER.fullmatch(sub) for sub in subs)
            if repeated or numbered or YEAR_WITHIN.search(text) or PART_WORDS.match(label_key(text)):
                for member in group[1:]:
                    carried[at][member] = text
    return carried


def outer_label_columns(
    sheet: Sheet, span: tuple[int, int], candidates: list[int], headers: dict[int, str]
) -> list[int]:
    """Return the columns of labels that hold a label of their own, not a level of the last of them.

    `span` is the first and the last row of figures, from 0.
    """
    first, last = span
    nearest = candidates[-1]
    rows = [
        row
        for row in sheet.rows[first : last + 1]
        if any(is_figure(value) or is_mark(value) for value in row)
    ]
    found = []
    for column in candidates:
        texts = [cell_text(row[column]) for row in rows if is_words(row[column])]
        if column >= nearest or all(
            re.fullmatch(r"[IVX]+|[A-Za-z]|[-+*•]", text.rstrip(".)")) for text in texts
        ):
            continue
        both = sum(is_words(row[column]) and is_words(row[nearest]) for row in rows)
        alone = len(texts) - both
        merged = any(
            left == column == right and first <= top < bottom <= last
            for top, left, bottom, right in sheet.merged
        )
        if both and both >= alone and (merged or column in headers or 2 * both >= len(rows)):
            found.append(column)
    return found


@dataclass
class OuterLabels:
    """Labels left of the nearest one; a blank or a ditto mark repeats the one above."""

    columns: dict[int, str]
    above: dict[int, str] = field(default_factory=dict)

    def read(self, values: list[CellValue], own: int | None) -> tuple[Label, ...]:
        """Return the labels of a row whose nearest label stands in column `own`."""
        for position, column in enumerate(self.columns):
            text = cell_text(values[column])
            if text and text not in DITTO:
                self.above[column] = text
                for inner in list(self.columns)[position + 1 :]:
                    self.above.pop(inner, None)
        return tuple(
            Label(name, self.above[column])
            for column, name in self.columns.items()
            if own is not None and column < own and column in self.above
        )


def with_sections(outer: tuple[Label, ...], sections: tuple[str, ...]) -> tuple[Label, ...]:
    """Return the outer labels and the sections, where they say something else than those do."""
    said = {label.label for label in outer}
    names = zip(("section", "heading"), sections, strict=False)
    return (*outer, *(Label(name, text) for name, text in names if text not in said))


def outer_dimensions(columns: list[int], headers: dict[int, str], default: str) -> dict[int, str]:
    """Return column -> dimension: the header of the column, or else a name made of the default."""
    names: dict[int, str] = {}
    for column in columns:
        name = headers.get(column) or f"{default}_{column_letters(column)}"
        names[column] = name if name not in names.values() else f"{name}_{column_letters(column)}"
    return names


def shared_labels(cells: list[Cell]) -> list[Skipped]:
    """Name the cells of one table that have the same labels: its layout was not understood."""
    seen: dict[tuple[str, tuple[Label, ...]], list[str]] = {}
    for cell in cells:
        seen.setdefault((cell.table_title, cell.labels), []).append(cell.cell_ref)
    shared = [ref for refs in seen.values() if len(refs) > 1 for ref in refs]
    return [Skipped(shared[0], f"{len(shared)} cells share their labels")] if shared else []


def _is_data_row(rows: list[list[CellValue]], at: int, start: int, nearest: bool) -> bool:
    row = rows[at]
    filled = filled_columns(row)
    if is_numbering_at(rows, at):
        return False
    figures = [column for column in filled if is_figure(row[column])]
    if not figures or all(is_year(row[column]) for column in figures):
        return not nearest and (
            years_are_figures(rows, at, start) if figures else has_only_marks(rows, at, start)
        )
    if nearest:
        return any(is_words(row[column]) for column in filled if column < figures[-1])
    return is_words(row[filled[0]]) or _is_numbered_row(row, filled)


def _is_numbered_row(row: list[CellValue], filled: list[int]) -> bool:
    """Say whether a row begins with its number (STT), then its label, then figures: 1, "Lúa", 30.5."""
    return (
        len(filled) > 2
        and _ROW_NUMBER.fullmatch(cell_text(row[filled[0]])) is not None
        and is_words(row[filled[1]])
        and any(is_figure(row[column]) for column in filled[2:])
    )


def _first_data_row(rows: list[list[CellValue]], block: _Block, table: WorkbookTable) -> int | None:
    if table.header_rows is not None:
        start = next(
            (row for row in range(block.first, block.last + 1) if filled_columns(rows[row])), block.last
        )
        return start + table.header_rows
    nearest = table.row_labels == "nearest"
    return next(
        (r for r in range(block.first, block.last + 1) if _is_data_row(rows, r, block.first, nearest)), None
    )


def unit_row_of(rows: list[list[CellValue]], first: int, last: int) -> int | None:
    """Return the row that holds nothing but a unit, above the header."""
    for row in range(first, last):
        filled = filled_columns(rows[row])
        if filled:
            alone = len({cell_text(rows[row][column]) for column in filled}) == 1
            return row if alone and is_unit_text(cell_text(rows[row][filled[0]])) else None
    return None


def _header(sheet: Sheet, rows: list[list[CellValue]], block: _Block, table: WorkbookTable) -> _Header | None:
    first_data = _first_data_row(rows, block, table)
    if first_data is None:
        return None
    unit_row = unit_row_of(sheet.rows, block.first, first_data)
    unit_line = None if unit_row is None else next(cell_text(v) for v in sheet.rows[unit_row] if cell_text(v))
    labels, units = {}, {}
    carried = carry_right(sheet, rows, range(block.first, first_data))
    for column in range(len(rows[0])):
        parts = [
            cell_text(carried[row][column])
            for row in range(block.first, first_data)
            if row != unit_row and not is_numbering(rows[row])
        ]
        parts = [part for part in parts if part]
        if parts:
            labels[column] = " ".join(parts)
            bracketed = [unit for part in parts if (unit := unit_in_brackets(part)) is not None]
            if bracketed:
                units[column] = bracketed[-1]
    return _Header(first_data, labels, units, unit_line)


def _last_row(rows: list[list[CellValue]], header: _Header, columns: list[int], last: int) -> int:
    """Return the last row of the figures: before words stand where figures stood, as in a second header."""
    for row in range(header.first_data_row, last + 1):
        here = [rows[row][column] for column in columns if rows[row][column] is not None]
        if len(here) > 1 and all(is_words(value) for value in here):
            labelled = row_label_of(rows[row], min(columns)) is not None
            follows_figures = any(
                is_figure(rows[row - 1][column]) or is_mark(rows[row - 1][column]) for column in columns
            )
            repeats = any(rows[row] == above for above in rows[: header.first_data_row])
            if labelled and follows_figures and not repeats and row < last:
                continue  # texts where others have figures: unreadable, and no header
            return row - 1
    return last


@dataclass(frozen=True)
class _Part:
    """One part of a table, ready to be read."""

    sheet: Sheet
    table: WorkbookTable
    title: str
    block: _Block
    header: _Header
    columns: list[int]
    last: int

    def ref(self, row: int, column: int) -> str:
        return f"{self.sheet.name}!{self.sheet.letters(column)}{row + 1}"

    def span(self, first_row: int, last_row: int, column: int) -> str:
        return f"{self.ref(first_row, column)}:{self.sheet.letters(column)}{last_row + 1}"


def _part(
    sheet: Sheet, rows: list[list[CellValue]], block: _Block, table: WorkbookTable, title: str
) -> _Part | Skipped:
    place = f"{sheet.name}!{block.title_row + 1}"
    header = _header(sheet, rows, block, table)
    if header is None:
        return Skipped(place, f"the title '{block.title}' has no figures under it")
    area = range(header.first_data_row, block.last + 1)
    wanted = key_pattern(table.header) if table.header else None
    columns = [
        column
        for column, label in header.labels.items()
        if (wanted is None or wanted.search(label_key(label)))
        and any(is_figure(sheet.rows[row][column]) for row in area)
    ]
    if table.row_labels == "left":
        columns = _right_of_labels(sheet.rows, area, columns)
    if not columns:
        return Skipped(
            place, f"no column of '{block.title}' has figures under a header that the record asks for"
        )
    return _Part(
        sheet, table, title, block, header, columns, _last_row(sheet.rows, header, columns, block.last)
    )


def _right_of_labels(rows: list[list[CellValue]], area: range, columns: list[int]) -> list[int]:
    """Leave out the columns before the labels: they number the rows (STT), and no label could stand left of them."""
    data = [rows[row] for row in area if any(is_figure(rows[row][column]) for column in columns)]
    last = max(columns, default=0)
    labels = next((at for at in range(last) if 2 * sum(is_words(row[at]) for row in data) >= len(data)), None)
    return columns if labels is None else [column for column in columns if column > labels]


def unit_columns_of(rows: list[list[CellValue]], label_columns: list[int]) -> list[int]:
    """Return the columns of labels that hold nothing but units ("Nghìn tấn", then ditto marks)."""
    found = []
    for column in label_columns[1:]:
        texts = [cell_text(row[column]) for row in rows if row[column] is not None]
        units = [text for text in texts if is_unit_text(text)]
        if units and 3 * (len(units) + sum(text in DITTO for text in texts)) >= 2 * len(texts):
            found.append(column)
    return found


@dataclass
class RowUnits:
    """The unit of a row where the table has a column for it; a ditto mark repeats the one above."""

    columns: list[int]
    above: str | None = None

    def read(self, values: list[CellValue]) -> str | None:
        texts = [cell_text(values[column]) for column in self.columns if values[column] is not None]
        if not texts:
            return None
        if texts[-1] not in DITTO:
            self.above = texts[-1]
        return self.above


@dataclass(frozen=True)
class _Period:
    """The period found in the column's header, or else in the title; and the header without it."""

    header: str
    text: str | None


def _period(part: _Part, header: str) -> _Period:
    if part.table.period is None:
        return _Period(header, None)
    pattern = re.compile(part.table.period, re.IGNORECASE)
    for source in (header, part.block.title):
        match = pattern.search(source)
        if match:
            rest = (
                tidy_text(f"{header[: match.start()]} {header[match.end() :]}")
                if source is header
                else header
            )
            return _Period(rest, match.group(match.lastindex or 0))
    return _Period(header, None)


def _cell(
    part: _Part,
    row: int,
    column: int,
    row_label: str,
    more: tuple[Label, ...] = (),
    *,
    row_unit: str | None = None,
) -> Cell:
    """Return a cell; `more` are the labels of its row beside the nearest one: outer labels, its section."""
    table, header = part.table, part.header
    printed, own_unit, flags = printed_cell(part.sheet.rows[row][column], table.decimal_mark)
    period = _period(part, header.labels[column])
    labels = [Label(table.rows, row_label)]
    if period.header:
        labels.append(Label(table.columns, period.header))
    if period.text is not None:
        labels.append(Label("period", period.text))
    labels += more
    unit = (
        own_unit
        or header.units.get(column)
        or row_unit
        or unit_in_brackets(row_label)
        or header.unit_line
        or table.unit
    )
    return Cell(
        table_title=table.name or part.title,
        cell_ref=part.ref(row, column),
        labels=tuple(labels),
        value=printed,
        unit_text=unit,
        period_text=period.text,
        attributes=(("title", part.block.title), ("header", header.labels[column])),
        flags=flags,
    )


def _read_left(part: _Part) -> Iterator[Cell | Skipped]:
    """Read rows whose label stands left of all figures."""
    first_column = min(part.columns)
    hierarchy = RowLevels()
    outer_labels = _outer_labels(part, first_column)
    unit_columns = _unit_columns(part, first_column)
    row_units = RowUnits(unit_columns)
    heads = headings(_labelled_rows(part, first_column))
    for row in range(part.header.first_data_row, _last_figure(part) + 1):
        values = part.sheet.rows[row]
        row_unit = row_units.read(values)
        found = row_label_of(_without(values, unit_columns), first_column)
        outer = outer_labels.read(values, None if found is None else found[0][0])
        if found is None:
            if any(is_figure(values[column]) for column in part.columns):
                yield Skipped(part.ref(row, first_column), NO_LABEL)
            continue
        if row in heads:
            hierarchy.label_only(*found)
            continue
        label, sections = hierarchy.figures(*found)
        more = with_sections(outer, sections)
        for column in part.columns:
            yield _cell(part, row, column, label, more, row_unit=row_unit)


def _unit_columns(part: _Part, first_column: int) -> list[int]:
    rows = part.sheet.rows[part.header.first_data_row : _last_figure(part) + 1]
    filled = [column for column in range(first_column) if any(is_words(row[column]) for row in rows)]
    return unit_columns_of(rows, filled)


def _without(values: list[CellValue], columns: list[int]) -> list[CellValue]:
    return [None if at in columns else value for at, value in enumerate(values)] if columns else values


def _labelled_rows(part: _Part, first_column: int) -> list[LabelledRow]:
    """Return the rows with a label, from the first row of figures to the last."""
    rows = range(part.header.first_data_row, _last_figure(part) + 1)
    units = _unit_columns(part, first_column)
    found = []
    for row in rows:
        values = part.sheet.rows[row]
        label = row_label_of(_without(values, units), first_column)
        if label is not None:
            words = [is_words(values[column]) for column in part.columns]
            filled = any(
                values[column] is not None and not is_words(values[column]) for column in part.columns
            )
            has_figures = filled or (all(words) and len(words) > 1)
            found.append(labelled_row(part.sheet, row, label, has_figures, (min(part.columns), units)))
    return found


def _outer_labels(part: _Part, first_column: int) -> OuterLabels:
    """Return the labels left of the nearest ones, without the column of units."""
    first, last = part.header.first_data_row, part.last
    rows = part.sheet.rows[first : last + 1]
    units = _unit_columns(part, first_column)
    candidates = [
        column
        for column in range(first_column)
        if column not in units and any(is_words(row[column]) for row in rows)
    ]
    if not candidates:
        return OuterLabels({})
    outer = outer_label_columns(part.sheet, (first, last), candidates, part.header.labels)
    return OuterLabels(outer_dimensions(outer, part.header.labels, part.table.rows))


def _read_nearest(part: _Part) -> Iterator[Cell | Skipped]:
    """Read rows in which each figure belongs to the words nearest at its left."""
    unlabelled: dict[int, list[int]] = {}
    for row in range(part.header.first_data_row, part.last + 1):
        values = part.sheet.rows[row]
        for column in part.columns:
            if values[column] is None or is_words(values[column]):
                continue
            found = row_label_of(values, column)
            if found is None:
                unlabelled.setdefault(column, []).append(row)
            else:
                yield _cell(part, row, column, found[1])
    for column, rows in unlabelled.items():
        yield Skipped(part.span(rows[0], rows[-1], column), f"{len(rows)} {NO_LABEL}")


def _beside(part: _Part) -> Iterator[Skipped]:
    """Name the columns that hold figures and are not read."""
    for column in range(len(part.sheet.rows[0])):
        if column in part.columns:
            continue
        rows = [
            row
            for row in range(part.header.first_data_row, part.last + 1)
            if is_figure(part.sheet.rows[row][column])
        ]
        if rows:
            reason = (
                "the record does not ask for this header"
                if column in part.header.labels
                else "no header above"
            )
            yield Skipped(part.span(rows[0], rows[-1], column), f"{len(rows)} figures: {reason}")


def _below(part: _Part) -> Iterator[Skipped]:
    rows = [
        row
        for row in range(part.last + 1, part.block.last + 1)
        if any(is_figure(value) for value in part.sheet.rows[row])
    ]
    if rows:
        name = f"{part.sheet.name}!{rows[0] + 1}:{rows[-1] + 1}"
        yield Skipped(name, "figures under a second header that has no title of this table")


def _last_figure(part: _Part) -> int:
    rows = range(part.header.first_data_row, part.last + 1)
    return max(
        row for row in rows if any(part.sheet.rows[row][column] is not None for column in part.columns)
    )


def labelled_row(
    sheet: Sheet,
    row: int,
    label: tuple[tuple[int, int], str],
    has_figures: bool,
    columns: tuple[int, list[int]],
) -> LabelledRow:
    """Return what tells a heading from a row of blanks; `columns` are the first of figures, and those of units."""
    values = sheet.rows[row]
    (column, _), text = label
    first_figure, unit_columns = columns
    number = next((cell_text(values[at]) for at in range(column) if cell_text(values[at])), "")
    units = [cell_text(values[at]) for at in unit_columns if cell_text(values[at])]
    spans = any(
        top == row and left <= column and right >= first_figure for top, left, _, right in sheet.merged
    )
    return LabelledRow(
        row,
        label[0],
        text,
        has_figures,
        number,
        units[-1] if units else None,
        (row, column) in sheet.bold,
        spans,
    )


def read_table(sheet: Sheet, table: WorkbookTable) -> tuple[list[Cell], list[Skipped]]:
    """Read one declared table from one sheet; both lists are empty when the sheet does not hold it."""
    cells: list[Cell] = []
    skipped: list[Skipped] = []
    sheet = prepared(sheet)
    rows = unmerged(sheet)
    blocks = _blocks(sheet, table)
    for block in blocks:
        part = _part(sheet, rows, block, table, title=blocks[0].title)
        if isinstance(part, Skipped):
            skipped.append(part)
            continue
        read = _read_nearest(part) if table.row_labels == "nearest" else _read_left(part)
        for item in read:
            if isinstance(item, Cell):
                cells.append(item)
            else:
                skipped.append(item)
        skipped += [*_beside(part), *_below(part)]
    return cells, [*skipped, *shared_labels(cells)]
