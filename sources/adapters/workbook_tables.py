"""Every table of a workbook, found without a record: title rows, unit line, header rows, then rows of figures.

Nothing is interpreted: the dimensions are `row`, `column` and `section`. A figure without a header above it or
without a label at its left is not part of a table; it is named and skipped, as are hidden sheets.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

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
from sources.adapters.grid_rows import LabelledRow, RowLevels, headings, row_label_of, translations
from sources.adapters.grid_table import (
    CONTINUED,
    NO_LABEL,
    NUMBERING,
    OuterLabels,
    RowUnits,
    carry_right,
    has_only_marks,
    is_numbering_at,
    labelled_row,
    outer_dimensions,
    outer_label_columns,
    shared_labels,
    unit_columns_of,
    unmerged,
    with_sections,
    years_are_figures,
)
from sources.adapters.workbook import doubts
from sources.adapters.workbook_file import CellValue, NoFigure, Sheet, open_workbook
from sources.cells import AdapterResult, Cell, Label, ReadingError, Skipped
from sources.text.labels import label_key
from sources.text.units import unit_in_brackets

# Rows under a table that say something about it and begin no table of their own.
_NOTE = re.compile(r"(?:\(?\*|ghi chú|nguồn|note|source)")
_END_NOTE = re.compile(r"(?:ghi chú|nguồn(?: số liệu)?|note|source)\s*:")
# Over a column of words that are no labels.
_NOTES_HEADER = re.compile(r"ghi chú|diễn giải|lý do|nguồn|notes?\b|remarks?\b|source")
# Over a column of codes, which tell apart places of one name.
_CODES_HEADER = re.compile(r"(?:mã|code)(?!\w)")
_OVER_ALL = (-1, 0)
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
    beside: dict[int, str]
    headings: list[int]
    first: int
    last: int

    def ref(self, row: int, column: int) -> str:
        return f"{self.sheet.name}!{self.sheet.letters(column)}{row + 1}"


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


def _unit_over_the_title(rows: list[list[CellValue]], above: int, first: int) -> tuple[str | None, int]:
    """Return the unit that stands alone over the title, and the first row under it; else None and `above`."""
    filled = [(row, columns) for row in range(above, first) if (columns := filled_columns(rows[row]))][:2]
    if len(filled) < 2 or any(len(columns) > 1 for _, columns in filled):
        return None, above
    (row, (column,)), (below, (title_column,)) = filled
    unit, title = cell_text(rows[row][column]), cell_text(rows[below][title_column])
    heads_figures = is_figure(rows[first][title_column]) and title_column > filled_columns(rows[first])[0]
    over = is_unit_text(unit) and not is_unit_text(title) and not heads_figures
    return (unit, row + 1) if over else (None, above)


# Over the title of what an office sends: the office, the republic, its motto, the document's number, place and day.
_LETTERHEAD = re.compile(
    r"(?:ubnd|ủy ban nhân dân|hđnd|hội đồng nhân dân|sở|chi cục|cục|ban quản lý|phòng|trung tâm|công an|bộ chỉ huy)\s"
    r"|cộng hòa xã hội chủ nghĩa|độc lập\s*[-–]\s*tự do|số\s*:|(?:mẫu|biểu|phụ lục) số|[^,()\d]{2,30},\s*ngày\s"
)


def _under_the_letterhead(rows: list[list[CellValue]], above: int, first: int) -> int:
    """Return the first row under a letterhead, where a title follows it; else `above`."""
    end = above
    for row in range(above, first):
        filled = filled_columns(rows[row])
        if not filled:
            continue
        keys = [label_key(cell_text(rows[row][column])) for column in filled]
        if not all(_LETTERHEAD.match(key) for key in keys):
            break
        end = row + 1
    follows = next((row for row in range(end, first) if filled_columns(rows[row])), first)
    if end == above or follows == first:
        return above
    filled = filled_columns(rows[follows])
    text = cell_text(rows[follows][filled[0]])
    return end if len(filled) == 1 and not is_unit_text(text) else above


_CONTINUED_MARK = re.compile(r"\(?\b(?:tiếp theo|tiếp|continued|cont)\b\.?\)?")


def _continued_title(title: str, before: _Found | None) -> str:
    """Return the title of the table above where this one says that it goes on with it."""
    key = label_key(title)
    if before is None or not CONTINUED.search(key):
        return title
    texts = (_CONTINUED_MARK.sub("", key), label_key(before.title))
    rest, first = (re.sub(r"\W+", " ", text).strip() for text in texts)
    return before.title if rest in first or rest.startswith(first) else title


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
        many = 2 * len(texts) > words or words == 1 or _tells_apart(rows, found, column)
        if words > figures and (not beside_figures or many):
            found.append(column)
        beside_figures = beside_figures or (bool(found) and figures > words)
    return found


def _tells_apart(rows: list[list[CellValue]], found: list[int], column: int) -> bool:
    """Say whether a column has another text for each label of the first column of labels, as a translation has."""
    pairs = {
        (cell_text(row[found[0]]), cell_text(row[column])) for row in rows if found and is_words(row[column])
    }
    texts = {text for _, text in pairs}
    return len(texts) > 1 and len(pairs) == len(texts) == len({label for label, _ in pairs})


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
        filled = [column for column in filled if column <= max(figures)]  # its English may stand at the right
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
    sheet: Sheet, rows: list[list[CellValue]], span: tuple[int, int, int], end: int, before: _Found | None
) -> _Found:
    """Return the table of a span of rows; the next table, or nothing, begins at `end`."""
    above, first, last = span
    above = _under_the_letterhead(sheet.rows, above, first)
    unit_above, above = _unit_over_the_title(sheet.rows, above, first)
    title, header_from = _title(sheet.rows, above, first)
    parts, unit_line = _header_parts(sheet, rows, range(max(header_from, first - _MOST_HEADER_ROWS), first))
    unit_line = unit_line or unit_above
    title = _continued_title(title, before)
    headings_above = _headings(sheet, rows, range(header_from, first), parts)
    for texts_of_column in parts.values():
        for row in headings_above:
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
    headers = {column: " ".join(texts.values()) for column, texts in parts.items()}
    # A column of words under a year holds texts in the place of figures ("có", "chưa có").
    label_columns = [
        column
        for column in label_columns
        if column == label_columns[0] or not YEAR_WITHIN.search(headers.get(column, ""))
    ]
    unit_columns = unit_columns_of(data, label_columns)
    awaited = _awaited_columns(sheet, range(header_from, first))
    columns = [
        column
        for column in range(label_columns[0] + 1, len(sheet.rows[0]))
        if column in parts
        and column not in label_columns
        and (any(_may_be_figure(row[column]) for row in data) or column in awaited)
    ]
    columns = _under_the_header(parts, columns)
    kept_labels = [column for column in label_columns if column not in unit_columns]
    trailing = [column for column in kept_labels if columns and column > max(columns)]
    texts = [
        column for column in trailing if headers.get(column) and _holds_texts(data, kept_labels[0], column)
    ]
    texts = [column for column in texts if not _NOTES_HEADER.search(label_key(headers[column]))]
    columns = [*columns, *texts]
    trailing = [column for column in trailing if column not in texts]
    right = [column for column in trailing if _is_translated_column(data, column, headers.get(column, ""))]
    left = [column for column in kept_labels if columns and column < columns[0]]
    codes = [
        column
        for column in range(columns[0] if columns else 0)
        if _CODES_HEADER.match(label_key(headers.get(column, ""))) and column not in label_columns
    ]
    outer = outer_label_columns(sheet, (first, last), left, headers) if left else []
    found = _Found(
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
        label_columns=[column for column in kept_labels if column not in (*trailing, *texts)],
        unit_columns=unit_columns,
        columns=columns,
        outer=outer_dimensions(outer, headers, "row"),
        beside=outer_dimensions([*codes, *right], headers, "row"),
        headings=headings_above,
        first=first,
        last=last,
    )
    return replace(found, last=_last_blank_row(found, end)) if columns else found


def _awaited_columns(sheet: Sheet, header_rows: range) -> set[int]:
    """Return the columns that the last row of the header gives a year of their own, figures or none."""
    last = next((row for row in reversed(header_rows) if filled_columns(sheet.rows[row])), None)
    if last is None:
        return set()
    years = {at for at, value in enumerate(sheet.rows[last]) if YEAR_WITHIN.search(cell_text(value))}
    return years - sheet.hidden_columns


def _holds_texts(rows: list[list[CellValue]], label_column: int, column: int) -> bool:
    """Say whether a column says the same of several rows ("Đạt"): no labels, which tell the rows apart."""
    pairs = [(cell_text(row[label_column]), cell_text(row[column])) for row in rows if is_words(row[column])]
    return len({text for _, text in pairs}) < len({label for label, _ in pairs})


def _is_translated_column(rows: list[list[CellValue]], column: int, header: str) -> bool:
    """Say whether the words right of the figures are labels of their rows, and not notes on some of them."""
    texts = [cell_text(row[column]) for row in rows if is_words(row[column])]
    return not _NOTES_HEADER.search(label_key(header)) and 2 * len(texts) > len(rows) and len(set(texts)) > 1


def _last_blank_row(found: _Found, end: int) -> int:
    """Return the last row of a table with the rows under it whose figures are all blank.

    Such a row has a unit in the column of units, or goes on with the numbers of the rows above it.
    """
    last, sheet = found.last, found.sheet
    first_figure = min(found.columns)
    for row in range(found.last + 1, end):
        values = sheet.rows[row]
        label = _label_at(found, row, first_figure)
        if label is None or any(cell_text(values[column]) for column in found.columns):
            break
        over = _label_at(found, last, first_figure)
        if over is None:
            break
        columns = (first_figure, found.unit_columns)
        here = labelled_row(sheet, row, label, False, columns)
        above = labelled_row(sheet, last, over, True, columns)
        if here.unit is None and not _goes_on(above.number or above.label, here.number or here.label):
            break
        last = row
    return last


def _goes_on(above: str, here: str) -> bool:
    """Say whether two texts are the same but for a number that is one more: 2 and 3, "Tháng 2" and "Tháng 3"."""
    before, after = re.findall(r"\d+", above), re.findall(r"\d+", here)
    if len(before) != 1 or len(after) != 1 or re.sub(r"\d+", "", above) != re.sub(r"\d+", "", here):
        return False
    return int(after[0]) == int(before[0]) + 1


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
        numbers = [at for at in found.label_columns if at < column and cell_text(values[at])]
        label = ((numbers[-1], 0), cell_text(values[numbers[-1]])) if numbers else None
    return label


def _side_by_side(found: _Found) -> bool:
    """Say whether columns of labels stand between the columns of figures, each label for the figures right of it."""
    return any(min(found.columns) < column < max(found.columns) for column in found.label_columns)


def _cells(found: _Found) -> Iterator[Cell | Skipped]:
    return _nearest_cells(found) if _side_by_side(found) else _rows_of_cells(found)


def _nearest_cells(found: _Found) -> Iterator[Cell | Skipped]:
    """Read rows in which each figure belongs to the words nearest at its left."""
    row_units = RowUnits(found.unit_columns)
    for row in range(found.first, found.last + 1):
        values = found.sheet.rows[row]
        row_unit = row_units.read(values)
        if is_numbering_at(found.sheet.rows, row):
            yield Skipped(f"{found.sheet.name}!{row + 1}", NUMBERING)
            continue
        for column in found.columns:
            if values[column] is None or is_words(values[column]):
                continue
            own = _label_at(found, row, column)
            if own is None:
                yield Skipped(found.ref(row, column), NO_LABEL)
            else:
                yield _cell(found, row, column, (Label("row", own[1]),), row_unit)


def _has_figures(found: _Found, row: int) -> bool:
    """Say whether a row holds figures, marks for them, or texts in their place."""
    values = found.sheet.rows[row]
    if any(values[column] is not None and not is_words(values[column]) for column in found.columns):
        return True
    texts = sum(is_words(values[column]) for column in found.columns)
    return texts > 1 and texts * 2 >= len(found.columns)


def _labelled_rows(found: _Found) -> list[LabelledRow]:
    first = min(found.columns)
    labelled = []
    for row in (*found.headings, *range(found.first, found.last + 1)):
        label = _label_at(found, row, first)
        if label is not None and not is_numbering_at(found.sheet.rows, row):
            has_figures = row >= found.first and _has_figures(found, row)
            columns = (first, found.unit_columns)
            labelled.append(labelled_row(found.sheet, row, label, has_figures, columns))
    return labelled


def _rows_of_cells(found: _Found) -> Iterator[Cell | Skipped]:
    """Read rows with one label for all their figures."""
    levels = RowLevels()
    row_units = RowUnits(found.unit_columns)
    outer_labels = OuterLabels(found.outer)
    labelled = _labelled_rows(found)
    heads, translated = headings(labelled), translations(labelled)
    in_english = {above: row.label for row in labelled if (above := translated.get(row.row)) is not None}
    with_label = {row.row for row in labelled}
    over_all = {row.row for row in labelled if row.spans}
    units_of_headings = {
        row.label: unit
        for row in labelled
        if row.row in heads and (unit := unit_in_brackets(row.label)) is not None
    }
    for row in (*found.headings, *range(found.first, found.last + 1)):
        values = found.sheet.rows[row]
        row_unit = row_units.read(values)
        if is_numbering_at(found.sheet.rows, row):
            yield Skipped(f"{found.sheet.name}!{row + 1}", NUMBERING)
            continue
        label = _label_at(found, row, min(found.columns))
        outer = outer_labels.read(values, None if label is None else label[0][0])
        if row not in with_label or label is None:
            filled = [column for column in found.columns if is_figure(values[column])]
            if filled:
                yield Skipped(found.ref(row, filled[0]), NO_LABEL)
            continue
        if row in translated:
            continue
        if row in heads:
            # What is merged over the figures heads all rows under it, whatever their level.
            levels.label_only(_OVER_ALL if row in over_all else label[0], label[1])
            continue
        text, sections = levels.figures(label[0], label[1])
        if row in in_english:
            text = f"{text} {in_english[row]}"
        beside = (
            Label(name, cell_text(values[column]))
            for column, name in found.beside.items()
            if cell_text(values[column])
        )
        labels = (Label("row", text), *beside, *with_sections(outer, sections))
        row_unit = row_unit or unit_in_brackets(text)
        row_unit = row_unit or next(
            (units_of_headings[section] for section in sections if section in units_of_headings), None
        )
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
    if row in found.sheet.hidden_rows or column in found.sheet.hidden_columns:
        flags = (*flags, "hidden")
    return Cell(found.title, found.ref(row, column), labels, value, unit, flags=flags)


def _beside(found: _Found) -> Iterator[Skipped]:
    """Name the figures beside the table: without a header, or left of the labels."""
    for column in range(len(found.sheet.rows[0])):
        if column in (*found.columns, *found.label_columns, *found.beside):
            continue
        words = [row for row in range(found.first, found.last + 1) if is_words(found.sheet.rows[row][column])]
        if words and column > max(found.columns):
            span = f"{found.ref(words[0], column)}:{found.sheet.letters(column)}{words[-1] + 1}"
            yield Skipped(span, f"{len(words)} texts right of the figures")
        rows = [row for row in range(found.first, found.last + 1) if is_figure(found.sheet.rows[row][column])]
        if rows:
            span = f"{found.ref(rows[0], column)}:{found.sheet.letters(column)}{rows[-1] + 1}"
            if column < found.columns[0]:
                reason = "left of the labels"
            elif column in found.headers:
                reason = "beyond the header of the table"
            else:
                reason = "no header above"
            yield Skipped(span, f"{len(rows)} figures: {reason}")


def _outside(sheet: Sheet, ends: list[tuple[int, int]]) -> Iterator[Skipped]:
    """Name the figures under a table that belong to no table; `ends` are (first row under it, first of the next)."""
    for first, end in ends:
        for row in range(first, end):
            figures = [
                column
                for column, value in enumerate(sheet.rows[row])
                if (is_figure(value) or isinstance(value, NoFigure)) and not is_year(value)
            ]
            if figures:
                name = f"{sheet.name}!{sheet.letters(figures[0])}{row + 1}"
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
    ends: list[tuple[int, int]] = []
    for at, span in enumerate(spans):
        before = len(cells)
        end = spans[at + 1][0] if at + 1 < len(spans) else len(sheet.rows)
        found = _table(sheet, rows, span, end, found)
        ends.append((found.last + 1, end))
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
    skipped += _outside(sheet, ends)
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
                side_cells, side_skipped = _read_sheet(prepared(side))
                cells += side_cells
                skipped += side_skipped
    refused = [sheet for sheet in sheets if sheet.refused is not None]
    if refused and not cells:
        raise ReadingError(
            refused[0].name, refused[0].refused or "", "save the workbook with its text in Unicode"
        )
    return AdapterResult(cells, skipped)
