"""Filled department workbooks: each reported figure is a cell, named by our own codes; blank rows are left out."""

from typing import Any

from sources.cells import AdapterResult, Cell, Label, ReadingError, Skipped
from sources.plan.evidence import MilestoneReport
from sources.submission.figures import Reported, reported
from sources.submission.filled import NotAWorkbook, read_filled
from sources.submission.layout import FIGURES, LAYOUTS, MILESTONES, Stamp
from sources.submission.mapping import AREA, INDICATOR, PERIOD
from sources.submission.periods import period_name
from sources.text.numbers import PrintedNumber, canonical_decimal

VERSION = "2"
_MEND = "return the workbook to the department: `ppw submission receive` marks every problem at its cell"


def _read(data: bytes, publisher_vi: str | None = None) -> tuple[Stamp, Reported]:
    """Read a workbook without problems of its own. Raises ReadingError naming them all otherwise.

    `publisher_vi` is the department that issued the covering letter; figures do not need it.
    """
    try:
        filled = read_filled(data, LAYOUTS)
    except NotAWorkbook as error:
        raise ReadingError("the whole file", str(error), "save it as .xlsx without a password") from error
    found = reported(filled, publisher_vi or (filled.stamp.source_id if filled.stamp else ""))
    if filled.stamp is not None and filled.stamp.kind != "department":
        raise ReadingError("the whole file", "this is a sheet for keying a letter", "read it as a pair")
    if found.problems or filled.stamp is None:
        said = "; ".join(str(problem) for problem in found.problems)
        raise ReadingError(found.problems[0].place, f"{len(found.problems)} problem(s): {said}", _MEND)
    return filled.stamp, found


def read(data: bytes, options: Any) -> AdapterResult:
    """Read the figures of a filled workbook into cells. Raises ReadingError."""
    stamp, found = _read(data)
    title = f"Biểu số liệu báo cáo, {period_name(stamp.period_id or '')}"
    cells = [
        Cell(
            table_title=FIGURES,
            cell_ref=f"{FIGURES}!{figure.cell.ref}",
            labels=(
                Label(INDICATOR, figure.code),
                Label(AREA, stamp.area_id),
                Label(PERIOD, figure.period_id),
            ),
            value=PrintedNumber(canonical_decimal(figure.value), figure.value, None),
            unit_text=figure.unit,
            period_text=figure.row["period"].text,
            attributes=(
                ("maturity", figure.maturity),
                ("title", title),
                ("place", f"dòng {figure.row.number}, mã {figure.code}"),
                *([("note", figure.note)] if figure.note else []),
            ),
        )
        for figure in found.figures
    ]
    n_reports = len(found.milestones)
    said = f"{n_reports} report(s) on milestones, which are no figures"
    return AdapterResult(cells, [Skipped(MILESTONES, said)] if n_reports else [])


def read_milestones(data: bytes, publisher_vi: str) -> list[tuple[str, MilestoneReport]]:
    """Read the reports on milestones of a filled workbook as (cell reference, report). Raises ReadingError.

    `publisher_vi` is the department, which issued the covering letter.
    """
    _, found = _read(data, publisher_vi)
    return [(f"{MILESTONES}!{row['state'].ref}", report) for row, report in found.milestones]
