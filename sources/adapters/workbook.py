"""Workbooks (.xlsx, .xls, .ods): the tables that the record declares, found by title in every visible sheet."""

from sources.adapters.grid_table import key_pattern, read_table
from sources.adapters.workbook_file import Sheet, open_workbook
from sources.cells import AdapterResult, Cell, ReadingError, Skipped
from sources.record import WorkbookReading, WorkbookTable
from sources.text.labels import label_key

VERSION = "5"


def _name(table: WorkbookTable) -> str:
    return table.name or table.title or table.sheet or ""


def _in_sheet(table: WorkbookTable, sheet: Sheet) -> bool:
    return table.sheet is None or key_pattern(table.sheet).search(label_key(sheet.name)) is not None


def doubts(sheet: Sheet) -> list[Skipped]:
    """Name the words that may be TCVN3 or Unicode and stayed as they were, and formulas without a value."""
    formulas: dict[int, list[int]] = {}
    for row, column in sheet.unsaved:
        formulas.setdefault(column, []).append(row)
    unsaved = [
        Skipped(
            f"{sheet.name}!{sheet.letters(column)}{rows[0] + 1}:{sheet.letters(column)}{rows[-1] + 1}",
            f"{len(rows)} formulas whose values were not saved; open the workbook and save it again",
        )
        for column, rows in formulas.items()
    ]
    return unsaved + [
        Skipped(
            f"{sheet.name}!{sheet.letters(column)}{row + 1}", f"'{word}' may be TCVN3; it stays as it stands"
        )
        for row, column, word in sheet.doubts
    ]


def read(data: bytes, options: WorkbookReading) -> AdapterResult:
    """Read the declared tables of a workbook, sheet by sheet. Raises ReadingError.

    Hidden sheets, sheets without a declared table, and figures outside the tables come back as skipped.
    """
    cells: list[Cell] = []
    skipped: list[Skipped] = []
    found: set[str] = set()
    sheets = open_workbook(data)
    for sheet in sheets:
        if not sheet.visible:
            skipped.append(Skipped(sheet.name, "the sheet is hidden"))
            continue
        if sheet.refused is not None:
            raise ReadingError(sheet.name, sheet.refused, "save the workbook with its text in Unicode")
        skipped += doubts(sheet)
        before = len(found)
        for table in options.tables:
            if _in_sheet(table, sheet):
                table_cells, table_skipped = read_table(sheet, table)
                cells += table_cells
                skipped += table_skipped
                found |= {_name(table)} if table_cells else set()
        if len(found) == before and not any(
            cell.cell_ref.startswith(f"{sheet.name}!") for cell in cells[-1:]
        ):
            skipped.append(Skipped(sheet.name, "no table of the record here"))
    missing = [_name(table) for table in options.tables if _name(table) not in found]
    if not found:
        names = ", ".join(sheet.name for sheet in sheets if sheet.visible)
        raise ReadingError(
            f"visible sheets {names}",
            f"no table found for {', '.join(repr(name) for name in missing)}",
            "compare the titles in the workbook with 'title' in the record's reading section",
        )
    return AdapterResult(cells, skipped + [Skipped(name, "this table was not found") for name in missing])
