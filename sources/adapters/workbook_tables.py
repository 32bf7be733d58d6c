"""Every table of a workbook, found without a record: title rows, unit line, header rows, then rows of figures.

Nothing is interpreted: the dimensions are `row`, `column` and `section`. A figure without a header above it or
without a label at its left is not part of a table; it is named and skipped, as are hidden sheets.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sources.adapters.grid_table import (
    NO_LABEL,
    NUMBERING,
    OuterLabels,
    RowLevels,
    RowUnits,
    carry_right,
    cell_text,
    filled_columns,
    has_only_marks,
    is_figure,
    is_mark,
    is_numbering_at,
    is_unit_text,
    is_words,
    is_year,
    outer_dimensions,
    outer_label_columns,
    printed_cell,
    row_label_of,
    shared_labels,
    unit_columns_of,
    unmerged,
    with_section,
    years_are_figures,
)
from sources.adapters.workbook import doubts
from sources.adapters.workbook_file import CellValue, Sheet, column_letters, open_workbook
from sources.cells import AdapterResult, Cell, Label, ReadingError, Skipped
from sources.text.labels import label_key
from sources.text.units import unit_in_brackets

# Rows under a table that say something about it and begin no table of their own.
_NOTE = re.compile(r"(?:\(?\*|ghi chú|nguồn|note|source)")
_END_NOTE = re.compile(r"(?:ghi chú|nguồn(?: số liệu)?|note|source)\s*:")
_MOST_HEADER_ROWS = 14


@dataclass(frozen=True)
class _Found:
    """A table in a sheet; rows and columns from 0, both ends included."""

    sheet: Sheet
    title: str
    unit_line: str | None
    headers: dict[int, str]
    units: dict[int, str]
    label_columns: list[int]
    unit_columns: list[int]
    columns: list[int]
    outer: dict[int, str]
    headings: list[int]
    first: int
    last: int

    def ref(self, row: int, column: int) -> str:
        return f"{self.sheet.name}!{column_letters(column)}{row + 1}"


def _first_figure(sheet: Sheet, at: int, start: int = 0) -> tuple[int, int] | None:
    """Return the column of a row's label and that of the first figure right of it which is no year.

    A row of marks alone, and figures that look like years, count where a header for them stands above.
    """
    row = sheet.rows[at]
    filled = filled_columns(row)
    if len(filled) < 2 or is_numbering_at(sheet.rows, at):
        return None
    label = next((column for column in filled if is_words(row[column])), None)
    if label is None and is_year(row[filled[0]]):
        label = filled[0]  # a row per year
    figures = [column for column in filled if is_figure(row[column]) and not is_year(row[column])]
    if label is None and len(figures) > 1 and _is_number_label(sheet, at, start, filled):
        label = filled[0]
    figure = next((column for column in figures if label is not None and column > label), None)
    if label is not None and figure is None:
        begin = max(start, at - 40 * _MOST_HEADER_ROWS)
        if years_are_figures(sheet.rows, at, begin):
            figure = next(column for column in filled if is_figure(row[column]))
        elif has_only_marks(sheet.rows, at, begin):
            figure = next(column for column in filled if is_mark(row[column]))
    return None if label is None or figure is None else (label, figure)


def _is_number_label(sheet: Sheet, at: int, start: int, filled: list[int]) -> bool:
    """Say whether a whole number is the label of its row (an age): words head its column and the others."""
    value = sheet.rows[at][filled[0]]
    if not cell_text(value).isdigit() or not all(is_figure(sheet.rows[at][column]) for column in filled):
        return False
    for above in reversed(sheet.rows[max(start, at - 10 * _MOST_HEADER_ROWS) : at]):
        here = filled_columns(above)
        if here and not is_figure(above[here[0]]) and len(here) > 1:
            return (
                set(filled) <= set(here)
                and all(is_words(above[column]) or is_year(above[column]) for column in filled)
                and is_words(above[filled[0]])
            )
    return False


def _data_rows(sheet: Sheet) -> list[int]:
    """Return the rows with a label and figures right of it; words where others have figures are a header."""
    found = {row: places for row in range(len(sheet.rows)) if (places := _first_figure(sheet, row))}
    if not found:
        return []
    usual, _ = Counter(figure for _, figure in found.values()).most_common(1)[0]
    return [row for row, (label, _) in found.items() if label < usual]


def _is_header_row(row: list[CellValue], columns: range) -> bool:
    """Say whether words or years alone stand where figures stood: the head of another table."""
    here = [row[column] for column in columns if row[column] is not None]
    return any(is_words(value) for value in here) or (bool(here) and all(is_year(value) for value in here))


def _in_header(value: CellValue) -> str:
    """Return the text of a cell in a header; a figure there is a year or a small number, or left over."""
    if value is None or (isinstance(value, float) and not (value.is_integer() and 0 <= value <= 2100)):
        return ""
    return cell_text(value)


def _spans(sheet: Sheet) -> Iterator[tuple[int, int, int]]:
    """Give (first row above, first row of figures, last row of figures) of each table of a sheet."""
    data_rows = _data_rows(sheet)
    if not data_rows:
        return
    above, first, last = 0, data_rows[0], data_rows[0]
    for row in data_rows[1:]:
        begin = _next_begins(sheet, first, last, row)
        if begin is None and any(_ends_the_table(sheet.rows[at]) for at in range(last + 1, row)):
            continue  # a figure among the notes under the table
        if begin is not None:
            yield above, first, last
            above, first = begin, row
        last = row
    yield above, first, last


def _ends_the_table(row: list[CellValue]) -> bool:
    filled = filled_columns(row)
    return len(filled) == 1 and _END_NOTE.match(label_key(cell_text(row[filled[0]]))) is not None


def _figure_columns(sheet: Sheet, first: int, last: int) -> range:
    columns = [
        column
        for row in range(first, last + 1)
        for column in filled_columns(sheet.rows[row])
        if is_figure(sheet.rows[row][column])
    ]
    label = min(
        filled_columns(sheet.rows[row])[0]
        for row in range(first, last + 1)
        if filled_columns(sheet.rows[row])
    )
    right = [column for column in columns if column > label]
    return range(min(right), max(right) + 1) if right else range(0)


def _next_begins(sheet: Sheet, first: int, last: int, row: int) -> int | None:
    """Return where a new table begins between two rows of figures, or None where the table goes on."""
    columns = _figure_columns(sheet, first, last)
    between = range(last + 1, row)
    headers = [
        at
        for at in between
        if _is_header_row(sheet.rows[at], columns) and not _is_row_of_texts(sheet, first, last, at, columns)
    ]
    if not headers:
        return None
    begin = headers[0]
    while begin - 1 > last and _may_stand_above(sheet.rows[begin - 1]):
        begin -= 1
    return begin


def _is_row_of_texts(sheet: Sheet, first: int, last: int, at: int, columns: range) -> bool:
    """Say whether a row has a label and texts where figures should be, among rows of figures."""
    row = sheet.rows[at]
    filled = filled_columns(row)
    if filled[0] >= columns.start or not is_words(row[filled[0]]) or any(is_figure(row[c]) for c in columns):
        return False
    if sum(is_words(row[column]) for column in columns) * 2 < len(columns):
        return False
    if any(_may_stand_above(sheet.rows[above]) for above in range(last + 1, at)):
        return False
    return not any(row == sheet.rows[above] for above in range(max(0, first - _MOST_HEADER_ROWS), first))


def _may_stand_above(row: list[CellValue]) -> bool:
    filled = filled_columns(row)
    return not filled or (len(filled) == 1 and not _NOTE.match(label_key(cell_text(row[filled[0]]))))


def _title(rows: list[list[CellValue]], above: int, first: int) -> tuple[str, int]:
    """Return the title and the row after it: words alone in their rows, from the first filled row on."""
    parts: list[str] = []
    row = above
    column = None
    figures = {at for at, value in enumerate(rows[first]) if is_figure(value)}
    while row < first:
        filled = filled_columns(rows[row])
        if not filled and not parts:
            row += 1
            continue
        numbered = (
            len(filled) == 2
            and not parts
            and filled[1] == filled[0] + 1
            and re.fullmatch(r"\d+(?:\.\d+)*\.?", cell_text(rows[row][filled[0]])) is not None
            and not is_year(rows[row][filled[0]])
        )
        if numbered:  # the number of the table in a cell of its own
            parts.append(cell_text(rows[row][filled[0]]))
            filled = filled[1:]
        if len(filled) != 1 or not is_words(rows[row][filled[0]]):
            break
        text = cell_text(rows[row][filled[0]])
        if is_unit_text(text) or (column is not None and filled[0] > column and filled[0] in figures):
            break  # alone over figures and right of the title: the header of a table with one column
        column = filled[0] if column is None else column
        parts.append(text)
        row += 1
    return " ".join(parts), row


def _is_value(value: CellValue) -> bool:
    return value is not None and bool(cell_text(value)) and not is_words(value)


def _may_be_figure(value: CellValue) -> bool:
    """Say whether a cell may stand for a figure: also a text ("Chưa có"), but not a unit."""
    return _is_value(value) or (is_words(value) and not is_unit_text(cell_text(value)))


def _label_columns(rows: list[list[CellValue]]) -> list[int]:
    """Return the columns that hold words more often than figures, in rows of figures.

    Right of figures they hold many texts; one text again and again ("Chưa có") stands for missing figures.
    """
    found: list[int] = []
    beside_figures = False
    for column in range(len(rows[0])):
        words = sum(is_words(row[column]) for row in rows)
        figures = sum(is_figure(row[column]) for row in rows)
        texts = {cell_text(row[column]) for row in rows if is_words(row[column])}
        if words > figures and (not beside_figures or 2 * len(texts) > words or words == 1):
            found.append(column)
        beside_figures = beside_figures or (bool(found) and figures > words)
    return found


def _header_parts(
    sheet: Sheet, rows: list[list[CellValue]], header_rows: range
) -> tuple[dict[int, dict[int, str]], str | None]:
    """Return column -> row -> text of the header, and the unit that stands for the whole table."""
    unit_line = None
    parts: dict[int, dict[int, str]] = {}
    carried = carry_right(sheet, rows, header_rows)
    for row in header_rows:
        texts = {text for value in sheet.rows[row] if (text := _in_header(value))}
        columns = [column for column, value in enumerate(rows[row]) if _in_header(value)]
        if len(texts) == 1 and is_unit_text(next(iter(texts))) and (not parts or len(columns) > 1):
            unit_line = unit_line or texts.pop()
        elif not is_numbering_at(sheet.rows, row):
            for column, value in enumerate(carried[row]):
                if _in_header(value):
                    parts.setdefault(column, {})[row] = _in_header(value)
    return parts, unit_line


def _under_the_header(parts: dict[int, dict[int, str]], columns: list[int]) -> list[int]:
    """Leave out columns beyond an empty one whose headers stand in other rows: notes beside the table."""
    kept: list[int] = []
    header_rows: set[int] = set()
    for column in columns:
        if kept and column > kept[-1] + 1 and not header_rows & parts[column].keys():
            break
        kept.append(column)
        header_rows |= parts[column].keys()
    return kept


def _sub_heading(header: dict[int, dict[int, str]], title: str, before: _Found | None) -> str | None:
    """Return the words between two parts of a table under one header ("Cơ cấu - %"), None for a new header."""
    if before is None or len(before.columns) < 2:
        return None
    texts = {text for parts in header.values() for text in parts.values()} | ({title} if title else set())
    return texts.pop() if len(texts) == 1 else None


def _headings(
    sheet: Sheet, rows: list[list[CellValue]], header_rows: range, parts: dict[int, dict[int, str]]
) -> list[int]:
    """Return the rows between the header and the first figures that hold a label and nothing else."""
    figures = {
        at for at, value in enumerate(sheet.rows[header_rows.stop]) if is_figure(value) or is_mark(value)
    }
    label = row_label_of(sheet.rows[header_rows.stop], max(figures))
    if label is None:
        return []
    found: list[int] = []
    for row in reversed(header_rows):
        filled = filled_columns(rows[row])
        if is_numbering_at(sheet.rows, row) or not filled:
            continue
        if (
            filled[-1] > label[0][0]
            or not is_words(rows[row][filled[-1]])
            or is_unit_text(cell_text(rows[row][filled[-1]]))
        ):
            break
        found.insert(0, row)
    under = any(at < found[0] for texts in parts.values() if len(texts) for at in texts) if found else False
    return found if under else []


def _table(
    sheet: Sheet, rows: list[list[CellValue]], span: tuple[int, int, int], before: _Found | None
) -> _Found:
    above, first, last = span
    title, header_from = _title(sheet.rows, above, first)
    parts, unit_line = _header_parts(sheet, rows, range(max(header_from, first - _MOST_HEADER_ROWS), first))
    headings = _headings(sheet, rows, range(header_from, first), parts)
    for texts_of_column in parts.values():
        for row in headings:
            texts_of_column.pop(row, None)
    parts = {column: texts for column, texts in parts.items() if texts}
    sub_heading = _sub_heading(parts, title, before)
    if sub_heading is not None and before is not None:
        ends = [end for end in re.split(r"\s[-–]\s", sub_heading) if is_unit_text(end)]
        unit = unit_in_brackets(sub_heading) or (ends[-1] if ends else None)
        return replace(
            before,
            title=f"{before.title}. {sub_heading}",
            unit_line=unit,
            units={},
            headings=[],
            first=first,
            last=last,
        )
    places = [_first_figure(sheet, row, above) for row in range(first, last + 1)]
    data = [sheet.rows[row] for row, place in zip(range(first, last + 1), places, strict=True) if place]
    label_columns = _label_columns(data) or [min(place[0] for place in places if place)]
    unit_columns = unit_columns_of(data, label_columns)
    columns = [
        column
        for column in range(label_columns[0] + 1, len(sheet.rows[0]))
        if column in parts
        and column not in label_columns
        and any(_may_be_figure(row[column]) for row in data)
    ]
    headers = {column: " ".join(texts.values()) for column, texts in parts.items()}
    kept_labels = [column for column in label_columns if column not in unit_columns]
    left = [column for column in kept_labels if columns and column < columns[0]]
    outer = outer_label_columns(sheet, (first, last), left, headers) if left else []
    return _Found(
        sheet=sheet,
        title=title or sheet.name,
        unit_line=unit_line,
        headers=headers,
        units={
            column: unit
            for column, texts in parts.items()
            for text in texts.values()
            if (unit := text if is_unit_text(text) else unit_in_brackets(text)) is not None
        },
        label_columns=kept_labels,
        unit_columns=unit_columns,
        columns=_under_the_header(parts, columns),
        outer=outer_dimensions(outer, headers, "row"),
        headings=headings,
        first=first,
        last=last,
    )


def _label_at(found: _Found, row: int, column: int) -> tuple[tuple[int, int], str] | None:
    """Return the level and the label of a figure: the words nearest left of it, in the columns of labels.

    A number in a column of labels is a label too: an age, a year.
    """
    values = found.sheet.rows[row]
    first = min(found.columns)
    places = [
        at
        for at in range(column)
        if (at < first or at in found.label_columns) and at not in found.unit_columns
    ]
    kept = [values[at] if at in places else None for at in range(len(values))]
    label = row_label_of(kept, column)
    if label is None:
        numbers = [at for at in found.label_columns if at < column and values[at] is not None]
        label = ((numbers[-1], 0), cell_text(values[numbers[-1]])) if numbers else None
    return label


def _cells(found: _Found) -> Iterator[Cell | Skipped]:
    levels = RowLevels()
    row_units = RowUnits(found.unit_columns)
    outer_labels = OuterLabels(found.outer)
    for row in found.headings:
        heading = _label_at(found, row, min(found.columns))
        if heading is not None and not any(column > min(found.columns) for column in found.label_columns):
            levels.label_only(*heading)
            outer_labels.read(found.sheet.rows[row], None)
    side_by_side = any(column > min(found.columns) for column in found.label_columns)
    for row in range(found.first, found.last + 1):
        values = found.sheet.rows[row]
        row_unit = row_units.read(values)
        if is_numbering_at(found.sheet.rows, row):
            yield Skipped(f"{found.sheet.name}!{row + 1}", NUMBERING)
            continue
        nearest = _label_at(found, row, min(found.columns))
        outer = outer_labels.read(values, None if nearest is None else nearest[0][0])
        filled = [
            column for column in found.columns if values[column] is not None and not is_words(values[column])
        ]
        texts = sum(is_words(values[column]) for column in found.columns)
        if not filled and (side_by_side or texts < 2 or texts * 2 < len(found.columns)):
            label = _label_at(found, row, min(found.columns))
            if label is not None and not side_by_side:
                levels.label_only(*label)
            continue
        if side_by_side:
            for column in filled:
                own = _label_at(found, row, column)
                yield (
                    Skipped(found.ref(row, column), NO_LABEL)
                    if own is None
                    else _cell(found, row, column, (Label("row", own[1]),), row_unit)
                )
            continue
        label = _label_at(found, row, min(found.columns))
        if label is None:
            yield Skipped(found.ref(row, filled[0]), NO_LABEL)
            continue
        text, section = levels.figures(*label)
        labels = (Label("row", text), *with_section(outer, section))
        for column in found.columns:
            yield _cell(found, row, column, labels, row_unit)


def _cell(found: _Found, row: int, column: int, labels: tuple[Label, ...], row_unit: str | None) -> Cell:
    value, own_unit, flags = printed_cell(found.sheet.rows[row][column], "either")
    unit = (
        own_unit
        or found.units.get(column)
        or row_unit
        or unit_in_brackets(labels[0].label)
        or found.unit_line
        or unit_in_brackets(found.title)
    )
    labels = (labels[0], Label("column", found.headers[column]), *labels[1:])
    return Cell(found.title, found.ref(row, column), labels, value, unit, flags=flags)


def _beside(found: _Found) -> Iterator[Skipped]:
    """Name the figures beside the table: without a header, or left of the labels."""
    for column in range(len(found.sheet.rows[0])):
        if column in found.columns or column in found.label_columns:
            continue
        rows = [row for row in range(found.first, found.last + 1) if is_figure(found.sheet.rows[row][column])]
        if rows:
            span = f"{found.ref(rows[0], column)}:{column_letters(column)}{rows[-1] + 1}"
            if column < found.columns[0]:
                reason = "left of the labels"
            elif column in found.headers:
                reason = "beyond the header of the table"
            else:
                reason = "no header above"
            yield Skipped(span, f"{len(rows)} figures: {reason}")


def _outside(sheet: Sheet, spans: list[tuple[int, int, int]]) -> Iterator[Skipped]:
    """Name the figures under a table that belong to no table."""
    if not spans:
        return
    ends = [above for above, _, _ in spans[1:]] + [len(sheet.rows)]
    for (_, _, last), end in zip(spans, ends, strict=True):
        for row in range(last + 1, end):
            figures = [
                column
                for column, value in enumerate(sheet.rows[row])
                if is_figure(value) and not is_year(value)
            ]
            if figures:
                name = f"{sheet.name}!{column_letters(figures[0])}{row + 1}"
                yield Skipped(name, "figures under the table, in a row that is no row of it")


def _sides(sheet: Sheet) -> list[Sheet]:
    """Return the tables that stand side by side, each in a grid of its own at its place, where both have titles."""
    width = len(sheet.rows[0]) if sheet.rows else 0
    used = [any(row[column] is not None for row in sheet.rows) for column in range(width)]
    for gap in [column for column in range(1, width - 1) if not used[column]]:
        left, right = _only(sheet, range(gap)), _only(sheet, range(gap + 1, width))
        tops = [next((row for row in side.rows if filled_columns(row)), []) for side in (left, right)]
        own_titles = all(
            len(at := filled_columns(top)) == 1
            and is_words(top[at[0]])
            and not is_unit_text(cell_text(top[at[0]]))
            for top in tops
        )
        if own_titles and _data_rows(left) and _data_rows(right) and _same_top(left, right):
            return [left, *_sides(right)]
    return [sheet]


def _same_top(left: Sheet, right: Sheet) -> bool:
    tops = [next(at for at, row in enumerate(side.rows) if filled_columns(row)) for side in (left, right)]
    return tops[0] == tops[1]


def _only(sheet: Sheet, columns: range) -> Sheet:
    rows = [[value if at in columns else None for at, value in enumerate(row)] for row in sheet.rows]
    merged = [range_ for range_ in sheet.merged if range_[1] in columns and range_[3] in columns]
    return replace(sheet, rows=rows, merged=merged)


def _read_sheet(sheet: Sheet) -> tuple[list[Cell], list[Skipped]]:
    cells: list[Cell] = []
    skipped: list[Skipped] = []
    rows = unmerged(sheet) if sheet.rows else []
    found = None
    spans = list(_spans(sheet))
    for span in spans:
        before = len(cells)
        found = _table(sheet, rows, span, found)
        if not found.columns:
            skipped.append(
                Skipped(
                    f"{sheet.name}!{found.first + 1}:{found.last + 1}", "figures without a header above them"
                )
            )
            continue
        for item in _cells(found):
            if isinstance(item, Cell):
                cells.append(item)
            else:
                skipped.append(item)
        skipped += _beside(found)
        numbered = (row for row in range(span[0], found.first) if is_numbering_at(sheet.rows, row))
        skipped += [Skipped(f"{sheet.name}!{row + 1}", NUMBERING) for row in numbered]
        skipped += shared_labels([cell for cell in cells[before:]])
    skipped += _outside(sheet, spans)
    if not cells and not skipped:
        skipped.append(Skipped(sheet.name, "no table: no row with a label and a figure"))
    return cells, skipped


def read_any(data: bytes) -> AdapterResult:
    """Read every table of an .xlsx, .xls or .ods workbook. Raises ReadingError when it cannot be opened at all."""
    cells: list[Cell] = []
    skipped: list[Skipped] = []
    sheets = open_workbook(data)
    for sheet in sheets:
        if not sheet.visible:
            skipped.append(Skipped(sheet.name, "the sheet is hidden"))
        elif sheet.refused is not None:
            skipped.append(Skipped(sheet.name, sheet.refused))
        else:
            skipped += doubts(sheet)
            for side in _sides(sheet):
                side_cells, side_skipped = _read_sheet(side)
                cells += side_cells
                skipped += side_skipped
    refused = [sheet for sheet in sheets if sheet.refused is not None]
    if refused and not cells:
        raise ReadingError(
            refused[0].name, refused[0].refused or "", "save the workbook with its text in Unicode"
        )
    return AdapterResult(cells, skipped)
