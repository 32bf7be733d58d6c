"""Judging a filled department workbook: what may be taken over, and every problem at its cell."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sources.plan.evidence import MilestoneReport
from sources.submission.catalogue import Indicator
from sources.submission.figures import Reported, ReportedFigure, reported
from sources.submission.filled import Filled
from sources.submission.grid import FilledRow
from sources.submission.in_force import InForce
from sources.submission.layout import structure_digest
from sources.submission.owed import Owed, OwedFigure
from sources.submission.periods import period_name
from sources.submission.problems import CellProblem, in_order, problem
from sources.submission.template import structure_of
from sources.submission.unlike import LastValues
from sources.text.periods import parse_period_id


@dataclass(frozen=True)
class Judged:
    """A workbook judged: without problems its figures and reports are accepted."""

    figures: list[ReportedFigure]
    milestones: list[tuple[FilledRow, MilestoneReport]]
    problems: list[CellProblem]


def judge(filled: Filled, owed: Owed, known: InForce, received_on: date) -> Judged:
    """Judge a workbook whose stamp names the department and period of `owed`, as it arrived on a day."""
    read = reported(filled, owed.record.publisher.vi)
    problems = [*_whole(filled, owed, received_on), *read.problems]
    wanted = {figure.code: figure for figure in owed.figures}
    before = LastValues(
        wanted,
        {
            code: known.last_value(owed.area_id, code, one.period_id, before=True)
            for code, one in wanted.items()
        },
    )
    for figure in read.figures:
        if figure.code in wanted:
            problems += _figure_problems(figure, wanted[figure.code], before, received_on)
    problems += _dates_in_future(read, received_on)
    if not problems and not read.figures and not read.milestones:
        problems.append(problem("nothing_filled"))
    return Judged(read.figures, read.milestones, in_order(problems))


def _whole(filled: Filled, owed: Owed, received_on: date) -> Iterator[CellProblem]:
    assert filled.stamp is not None
    now = structure_of(owed)
    if filled.stamp.plan_version != owed.plan_version:
        yield problem(
            "other_version", detail=f"quy hoạch {filled.stamp.plan_version}, nay {owed.plan_version}"
        )
    elif filled.stamp.structure_digest != structure_digest("department", now):
        before = {row.code: row.asked for row in filled.structure}
        after = {row.code: row.asked for row in now}
        gone, new = len(before.keys() - after.keys()), len(after.keys() - before.keys())
        other = sum(before[code] != after[code] for code in before.keys() & after.keys())
        detail = f"thêm {new} dòng, bỏ {gone} dòng, sửa {other} dòng so với mẫu này"
        yield problem("other_version", detail=detail)
    if owed.period.start > received_on:
        period = period_name(owed.period.period_id)
        yield problem("period_not_begun", period=period, received=received_on)


def _figure_problems(
    figure: ReportedFigure, wanted: OwedFigure, before: LastValues, received_on: date
) -> Iterator[CellProblem]:
    unit = wanted.indicator.unit
    # A note says that an unusual figure is meant; the rules of the warehouse still look at it.
    unlike = before.unlike(figure) if figure.note is None else None
    # A slip of thousands explains why a bound is passed: it is said once.
    yield from [unlike] if unlike else _bound_problems(figure, wanted.indicator)
    if unit.is_counted and figure.value != figure.value.to_integral_value():
        yield figure.cell.problem("not_whole", found=figure.value, unit=unit.symbol_vi)
    period = parse_period_id(wanted.period_id)
    if figure.maturity != "estimate" and period.end is not None and period.end > received_on:
        words = {"period": period_name(wanted.period_id), "received": received_on}
        yield figure.row["maturity"].problem("period_not_over", **words)


def _bound_problems(figure: ReportedFigure, indicator: Indicator) -> Iterator[CellProblem]:
    words = {"found": figure.value, "unit": indicator.unit.symbol_vi}
    low, high = indicator.lower_bound, indicator.upper_bound
    if indicator.unit.unit == "percent" and high == 100 and figure.value > 100:
        yield figure.cell.problem("percent_over_100", **words)
    elif high is not None and figure.value > high:
        yield figure.cell.problem("above_bound", bound=high, **words)
    if low is not None and figure.value < low:
        yield figure.cell.problem("below_bound", bound=low, **words)


def _dates_in_future(read: Reported, received_on: date) -> Iterator[CellProblem]:
    for row, report in read.milestones:
        days = (
            ("as_of", report.as_of_date),
            ("completed", report.completed_on),
            ("document_date", report.document_date),
        )
        for key, day in days:
            if day is not None and day > received_on and not row[key].is_empty:
                yield row[key].problem("date_in_future", found=day, received=received_on)
