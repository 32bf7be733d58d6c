"""Reports on milestones: each row is a cell without a figure, whose text is the reported state."""

from typing import Any

from sources.cells import AdapterResult, Cell, Label
from sources.plan.evidence import REPORTS, read_reports
from sources.text.numbers import PrintedNumber

VERSION = "1"
_ATTRIBUTES = ("completed_on", "issuer_vi", "document_number", "document_date", "note_vi", "note_en")


def read(data: bytes, options: Any) -> AdapterResult:
    """Read a file of reports, a cell for each. Raises ReadingError naming every bad row at once."""
    return AdapterResult(
        [
            Cell(
                table_title=REPORTS,
                cell_ref=f"row {number}",
                labels=(Label("plan", report.plan_version), Label("target", report.target_id)),
                value=PrintedNumber(report.reported_state, None, "blank"),
                period_text=report.as_of_date.isoformat(),
                attributes=tuple(
                    (name, str(value)) for name in _ATTRIBUTES if (value := getattr(report, name)) is not None
                ),
            )
            for number, report in read_reports(data)
        ]
    )
