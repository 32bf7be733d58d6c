"""What a filled department workbook says: figures and reports on milestones, with the problems of each cell.

Here stands what can be seen in the workbook alone; `examine` adds what needs the indicators, the figures in force
and the day it arrived.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sources.plan.evidence import MilestoneReport
from sources.submission.filled import Filled
from sources.submission.grid import FilledCell, FilledRow
from sources.submission.layout import (
    FIGURE_COLUMNS,
    FIGURES,
    MATURITIES,
    MILESTONE_COLUMNS,
    MILESTONES,
    STATES,
)
from sources.submission.problems import CellProblem
from sources.submission.values import read_choice, read_day, read_number
from sources.text.periods import parse_label, parse_period_id

_STATE_NAMES = {code: name for name, code in STATES.items()}


@dataclass(frozen=True)
class ReportedFigure:
    """A figure of a department: `cell` holds the value, `unit` is the unit's name as the template prints it."""

    row: FilledRow
    code: str
    period_id: str
    value: Decimal
    maturity: str
    unit: str
    note: str | None

    @property
    def cell(self) -> FilledCell:
        return self.row["value"]


@dataclass(frozen=True)
class Reported:
    """The rows that could be read, and what is wrong with the others and with the workbook."""

    figures: list[ReportedFigure] = field(default_factory=list)
    milestones: list[tuple[FilledRow, MilestoneReport]] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)


def reported(filled: Filled, publisher_vi: str) -> Reported:
    """Read the rows of a department's workbook. `publisher_vi` issues the covering letter."""
    found = Reported(problems=list(filled.problems))
    if filled.stamp is None or filled.stamp.period_id is None or filled.stamp.plan_version is None:
        return found
    codes = {row.code for row in filled.structure}
    for row in filled.rows.get(FIGURES, []):
        if row.code in codes and row.is_filled(FIGURE_COLUMNS):
            _read_figure(row, found)
    reader = _MilestoneReader(filled, publisher_vi, found)
    for row in filled.rows.get(MILESTONES, []):
        if row.code in codes and row.is_filled(MILESTONE_COLUMNS):
            reader.read(row)
    return found


def _read_figure(row: FilledRow, found: Reported) -> None:
    value, wrong = read_number(row["value"])
    problems = [] if wrong is None else [wrong]
    maturity_cell = row["maturity"]
    maturity = read_choice(maturity_cell, MATURITIES)
    if maturity is None and not maturity_cell.is_empty:
        problems.append(maturity_cell.problem("maturity_unknown"))
    elif maturity is None and not row["value"].is_empty:
        problems.append(maturity_cell.problem("maturity_missing"))
    if value is None and wrong is None and maturity is not None:
        problems.append(row["value"].problem("value_missing"))
    found.problems.extend(problems)
    period = parse_label(row["period"].text, "vietnamese")
    if not problems and value is not None and maturity is not None and period is not None:
        note = row["note"].text or None
        figure = ReportedFigure(row, row.code, period.period_id, value, maturity, row["unit"].text, note)
        found.figures.append(figure)


class _MilestoneReader:
    """Reads the rows of the milestone sheet of one workbook, beside its covering letter."""

    def __init__(self, filled: Filled, publisher_vi: str, found: Reported) -> None:
        assert filled.stamp is not None and filled.stamp.period_id and filled.stamp.plan_version
        self.plan_version = filled.stamp.plan_version
        end = parse_period_id(filled.stamp.period_id).end
        assert end is not None
        self.period_end: date = end
        self.publisher_vi = publisher_vi
        self.found = found
        fields = filled.fields.get(MILESTONES, {})
        self.letter = fields["letter"].text if "letter" in fields else ""
        self.letter_date = self._day(fields["letter_date"]) if "letter_date" in fields else None

    def _say(self, problem: CellProblem | None) -> None:
        if problem is not None:
            self.found.problems.append(problem)

    def _day(self, cell: FilledCell) -> date | None:
        day, wrong = read_day(cell)
        self._say(wrong)
        return day

    def read(self, row: FilledRow) -> None:
        """Read a row; a report is made of it when nothing is wrong with it."""
        before = len(self.found.problems)
        state = read_choice(row["state"], STATES)
        if state is None:
            code = "state_missing" if row["state"].is_empty else "state_unknown"
            self._say(row["state"].problem(code, states=", ".join(STATES)))
        as_of = self._as_of(row)
        completed = self._completed(row, state, as_of)
        document_date = self._day(row["document_date"])
        self._check_document(row, state, document_date)
        if len(self.found.problems) > before or state is None or as_of is None:
            return
        own = row["document"].text or None
        is_letter = own is None and state in ("not_done", "withdrawn")
        report = MilestoneReport.model_validate(
            {
                "plan_version": self.plan_version,
                "target_id": row.code,
                "reported_state": state,
                "as_of_date": as_of,
                "completed_on": completed,
                "issuer_vi": self.publisher_vi if is_letter else row["issuer"].text or None,
                "document_number": self.letter if is_letter else own,
                "document_date": self.letter_date if is_letter else document_date,
                "note_vi": row["note"].text or None,
                "note_en": None,
            }
        )
        self.found.milestones.append((row, report))

    def _as_of(self, row: FilledRow) -> date | None:
        cell = row["as_of"]
        day = self._day(cell)
        if cell.is_empty:
            self._say(cell.problem("as_of_missing"))
        elif day is not None and day < self.period_end:
            self._say(cell.problem("date_before_period_end", found=day, end=self.period_end))
        return day

    def _completed(self, row: FilledRow, state: str | None, as_of: date | None) -> date | None:
        cell = row["completed"]
        day = self._day(cell)
        if day is not None and state not in (None, "done"):
            self._say(cell.problem("completed_not_done", found=day))
        elif day is not None and as_of is not None and day > as_of:
            self._say(cell.problem("completed_after_as_of", found=day, as_of=as_of))
        return day

    def _check_document(self, row: FilledRow, state: str | None, document_date: date | None) -> None:
        number = row["document"]
        if number.is_empty and state == "done":
            self._say(number.problem("document_missing"))
        elif number.is_empty and state in ("not_done", "withdrawn"):
            if not self.letter or self.letter_date is None:
                self._say(row["state"].problem("letter_missing", state=_STATE_NAMES[state or ""]))
        elif not number.is_empty:
            if document_date is None and row["document_date"].is_empty:
                self._say(row["document_date"].problem("document_date_missing"))
            if row["issuer"].is_empty:
                self._say(row["issuer"].problem("issuer_missing"))
