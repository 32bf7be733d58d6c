"""A sheet made ready for reading: labels first, and letters that enumerate rows taken for words."""

from collections import Counter
from dataclasses import replace

from sources.adapters.grid_cells import cell_text, filled_columns, is_figure, is_mark, is_words, is_year
from sources.adapters.workbook_file import CellValue, Sheet, Word

_FEWEST_ROWS = 2


def prepared(sheet: Sheet) -> Sheet:
    """Return the sheet as tables are looked for in it; its figures keep their places in the file."""
    return _labels_first(_letters_as_words(sheet))


def _letters_as_words(sheet: Sheet) -> Sheet:
    """Take "C" and "X" for words in a column that enumerates rows by letters: A, B, C."""
    rows = sheet.rows
    for column in range(len(rows[0]) if rows else 0):
        letters = [at for at, row in enumerate(rows) if _is_letter(row[column])]
        marks = [at for at in letters if is_mark(rows[at][column])]
        if (
            not marks
            or len({cell_text(rows[at][column]) for at in letters}) < 2
            or len(letters) == len(marks)
        ):
            continue
        if rows is sheet.rows:
            rows = [list(row) for row in sheet.rows]
        for at in marks:
            rows[at][column] = Word(str(rows[at][column]))
    return sheet if rows is sheet.rows else replace(sheet, rows=rows)


def _is_letter(value: CellValue) -> bool:
    text = value.strip() if isinstance(value, str) else ""
    return len(text) == 1 and text.isalpha() and text.isupper()


def _labels_first(sheet: Sheet) -> Sheet:
    """Move the labels before the figures where all of them stand at the right; `places` keeps where they stood."""
    label_columns: Counter[int] = Counter()
    for row in sheet.rows:
        filled = filled_columns(row)
        figures = [column for column in filled if is_figure(row[column]) or is_mark(row[column])]
        if not figures or all(is_year(row[column]) for column in figures):
            continue
        words = [column for column in filled if is_words(row[column])]
        if any(column < figures[-1] for column in words):
            return sheet
        label_columns.update(words[:1])
    if not label_columns:
        return sheet
    (label, n_rows), *others = label_columns.most_common()
    if n_rows < _FEWEST_ROWS or any(n > 1 for _, n in others):
        return sheet
    return _reordered(sheet, [label, *(at for at in range(len(sheet.rows[0])) if at != label)])


def _reordered(sheet: Sheet, order: list[int]) -> Sheet:
    new_place = {old: new for new, old in enumerate(order)}
    label = order[0]
    merged = [
        (top, new_place[left], bottom, new_place[right])
        for top, left, bottom, right in sheet.merged
        if left == right or not left <= label <= right
    ]
    return replace(
        sheet,
        rows=[[row[old] for old in order] for row in sheet.rows],
        merged=merged,
        bold=frozenset((row, new_place[column]) for row, column in sheet.bold if column in new_place),
        hidden_columns=frozenset(new_place[old] for old in sheet.hidden_columns if old in new_place),
        places=tuple(order),
    )
