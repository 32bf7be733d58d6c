"""Workbooks (.xlsx, .xls): the tables that the record declares, found by title in every visible sheet."""

import re

from sources.adapters.grid_table import read_table
from sources.adapters.workbook_file import Sheet, open_workbook
from sources.cells import AdapterResult, Cell, ReadingError, Skipped
from sources.record import WorkbookReading, WorkbookTable
from sources.text.labels import label_key

VERSION = "1"


def _name(table: WorkbookTable) -> str:
    return table.name or table.title or table.sheet or ""


def _in_sheet(table: WorkbookTable, sheet: Sheet) -> bool:
    return table.sheet is None or re.search(table.sheet, label_key(sheet.name)) is not None


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
