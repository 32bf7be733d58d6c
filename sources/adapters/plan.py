"""Tables of a plan document: each printed figure of a target, and each milestone, becomes a cell."""

from sources.adapters.plain_table import raise_together
from sources.cells import AdapterResult, Cell, Label
from sources.plan.document import MILESTONES_FILE, TARGETS_FILE
from sources.plan.rows import read_table
from sources.plan.targets import PlanMilestone, PlanTarget
from sources.problems import Problem
from sources.record import PlanReading
from sources.text.numbers import PrintedNumber

VERSION = "2"
_TARGET_ATTRIBUTES = ("target_type", "comparator", "line", "printed_text", "direction", "reading_status")
_MILESTONE_ATTRIBUTES = ("domain", "action", "due_rule", "line", "printed_text", "reading_status")


def _period_text(row: PlanTarget | PlanMilestone) -> str:
    years = dict.fromkeys((row.period_start, row.period_end))
    return "..".join(str(year) for year in years if year is not None)


def _attributes(row: PlanTarget | PlanMilestone, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(getattr(row, name))) for name in names if getattr(row, name) is not None)


def _target_cells(number: int, target: PlanTarget) -> list[Cell]:
    figures = [("value_low", target.value_low), ("value_high", target.value_high)]
    printed = [figure for figure in figures if figure[1] is not None] or figures[:1]
    return [
        Cell(
            table_title=TARGETS_FILE,
            cell_ref=f"row {number} {column}",
            labels=(
                Label("target", target.name_vi, target.target_id),
                Label("indicator", target.indicator_code),
                Label("area", target.area_id),
                Label("clause", target.clause),
                Label("bound", column),
            ),
            value=PrintedNumber(target.printed_text, value, None if value is not None else "blank"),
            unit_text=target.unit,
            period_text=_period_text(target),
            attributes=_attributes(target, _TARGET_ATTRIBUTES),
        )
        for column, value in printed
    ]


def _milestone_cell(number: int, milestone: PlanMilestone) -> Cell:
    return Cell(
        table_title=MILESTONES_FILE,
        cell_ref=f"row {number}",
        labels=(
            Label("target", milestone.name_vi, milestone.target_id),
            Label("area", milestone.area_id),
            Label("clause", milestone.clause),
        ),
        value=PrintedNumber(milestone.printed_text, None, "blank"),
        period_text=_period_text(milestone),
        attributes=_attributes(milestone, _MILESTONE_ATTRIBUTES),
    )


def _raise(problems: list[Problem]) -> None:
    raise_together(
        [(problem.place, f"{problem.message} ({problem.mend})") for problem in problems], "correct these rows"
    )


def read(data: bytes, options: PlanReading) -> AdapterResult:
    """Read `targets.csv` (a cell for each figure) or `milestones.csv` (a cell for each row).

    Raises ReadingError naming every bad row at once.
    """
    if options.table == "milestones":
        milestones, problems = read_table(data, PlanMilestone, MILESTONES_FILE)
        _raise(problems)
        return AdapterResult([_milestone_cell(number, milestone) for number, milestone in milestones])
    targets, problems = read_table(data, PlanTarget, TARGETS_FILE)
    _raise(problems)
    return AdapterResult([cell for number, target in targets for cell in _target_cells(number, target)])
