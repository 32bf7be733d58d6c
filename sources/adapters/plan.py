"""Target table of a plan document: each printed figure of a target becomes a cell."""

from decimal import Decimal
from typing import Any

from sources.adapters.plain_table import raise_together
from sources.cells import AdapterResult, Cell, Label
from sources.plan_tables import TARGETS_FILE, PlanTarget, read_targets
from sources.text.numbers import PrintedNumber

VERSION = "1"
_ATTRIBUTES = ("target_type", "comparator", "line", "printed_text", "direction", "reading_status")


def _figures(target: PlanTarget) -> list[tuple[str, Decimal | None]]:
    figures = [("value_low", target.value_low), ("value_high", target.value_high)]
    return [(name, value) for name, value in figures if value is not None] or [("value_low", None)]


def _cells(line: int, target: PlanTarget) -> list[Cell]:
    span = [target.period_start, target.period_end]
    period_text = "..".join(str(year) for year in dict.fromkeys(span) if year is not None)
    return [
        Cell(
            table_title=TARGETS_FILE,
            cell_ref=f"row {line} {column}",
            labels=(
                Label("target", target.name_vi, target.target_id),
                Label("indicator", target.indicator_code),
                Label("area", target.area_id),
                Label("clause", target.clause),
                Label("bound", column),
            ),
            value=PrintedNumber(target.printed_text, value, None if value is not None else "blank"),
            unit_text=target.unit,
            period_text=period_text,
            attributes=tuple(
                (name, str(getattr(target, name)))
                for name in _ATTRIBUTES
                if getattr(target, name) is not None
            ),
        )
        for column, value in _figures(target)
    ]


def read(data: bytes, options: Any) -> AdapterResult:
    """Read `targets.csv`: one cell per figure. Raises ReadingError naming every bad row at once."""
    targets, problems = read_targets(data, TARGETS_FILE)
    raise_together(
        [(problem.place, f"{problem.message} ({problem.mend})") for problem in problems], "correct these rows"
    )
    return AdapterResult([cell for line, target in targets for cell in _cells(line, target)])
