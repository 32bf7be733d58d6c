"""What a department owes for a period: the figures it keeps that the reference plan needs, and its milestones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sources.plan.document import reference_version
from sources.plan.known import library
from sources.plan.plan import Plan
from sources.plan.targets import PlanMilestone
from sources.record import SourceRecord, SubmittedRoute
from sources.submission.catalogue import Indicator, read_indicators, series_code, split_series_code
from sources.submission.periods import period_name, period_of_indicator, reported_period
from sources.text.labels import label_key
from sources.text.periods import Period
from store.settings import Settings

PREFIX = "department_"


class NoDepartment(LookupError):
    """Nobody of that name sends in figures; the message names those who do."""


@dataclass(frozen=True)
class OwedFigure:
    """One figure to report: a series of the plan's area for a period."""

    code: str
    indicator: Indicator
    period_id: str

    @property
    def name_vi(self) -> str:
        _, breakdown = split_series_code(self.code)
        return self.indicator.name_vi if breakdown == "_T" else f"{self.indicator.name_vi} ({breakdown})"

    @property
    def asked(self) -> tuple[str, ...]:
        """What the locked cells of its row ask for: name, unit, period, definition."""
        return (
            self.name_vi,
            self.indicator.unit.symbol_vi,
            period_name(self.period_id),
            self.indicator.definition_vi,
        )


@dataclass(frozen=True)
class OwedMilestone:
    """One milestone to report on."""

    target_id: str
    name_vi: str
    clause: str
    due_date: date

    @property
    def asked(self) -> tuple[str, ...]:
        """What the locked cells of its row ask for: name, clause, day by which it is due."""
        return self.name_vi, self.clause, f"{self.due_date:%d/%m/%Y}"


@dataclass(frozen=True)
class Owed:
    """Everything a department owes for a period under a plan."""

    record: SourceRecord
    period: Period
    plan_version: str
    area_id: str
    figures: tuple[OwedFigure, ...]
    milestones: tuple[OwedMilestone, ...]


def departments(records: Mapping[str, SourceRecord]) -> dict[str, SubmittedRoute]:
    """Return the departments that send in figures, by source id."""
    return {
        source_id: record.routes.submitted
        for source_id, record in sorted(records.items())
        if record.routes.submitted is not None
    }


def find_source(records: Mapping[str, SourceRecord], name: str) -> SourceRecord:
    """Return the record called `name`: its id, the id without `department_`, or the publisher's name.

    Raises NoDepartment.
    """
    for source_id, record in records.items():
        if name in (source_id, source_id.removeprefix(PREFIX)):
            return record
        if label_key(name) in (label_key(record.publisher.vi), label_key(record.publisher.en)):
            return record
    known = ", ".join(source_id.removeprefix(PREFIX) for source_id in departments(records))
    raise NoDepartment(f"no department is called '{name}'; write one of {known}")


def reference_plan(settings: Settings) -> Plan:
    """Return the plan whose targets of the province are counted. Raises NoDepartment when there is none."""
    plans = {version: known.plan for version, known in library(settings).plans.items()}
    version = reference_version((plan.document for plan in plans.values()), settings.area_id)
    if version is not None:
        return plans[version]
    raise NoDepartment("no plan of the province sets targets; `ppw plan list` shows the plans there are")


def _figures(
    plan: Plan, custodian: str, period: Period, indicators: Mapping[str, Indicator]
) -> tuple[OwedFigure, ...]:
    needed = {}
    for _, target in plan.targets:
        if target.area_id != plan.document.area_id:
            continue
        codes = [series_code(target.indicator_code), *indicators[target.indicator_code].components]
        for code in codes:
            indicator = indicators[split_series_code(code)[0]]
            if label_key(indicator.custodian_vi) == label_key(custodian):
                period_id = period_of_indicator(period, indicator.period_type)
                needed[code] = OwedFigure(code, indicator, period_id)
    order = list(indicators)
    return tuple(sorted(needed.values(), key=lambda one: (order.index(one.indicator.code), one.code)))


def _due(milestone: PlanMilestone) -> date:
    return date(milestone.period_end - (milestone.due_rule == "before"), 12, 31)


def _milestones(plan: Plan, route: SubmittedRoute) -> tuple[OwedMilestone, ...]:
    return tuple(
        OwedMilestone(milestone.target_id, milestone.name_vi, milestone.clause, _due(milestone))
        for _, milestone in plan.milestones
        if (
            milestone.domain in route.milestone_domains
            if milestone.responsible_vi is None
            else label_key(milestone.responsible_vi) == label_key(route.custodian)
        )
    )


def owed(settings: Settings, record: SourceRecord, period_id: str) -> Owed:
    """Return what a department owes for a period. The state database must be migrated.

    Figures: the indicators of the reference plan's targets and what these are worked out from, as far as the
    department is their custodian. Milestones: those the plan gives to the department by name, and, where the
    plan names nobody, those of the department's domains.
    Raises NoDepartment, PeriodError, NotReported.
    """
    route = record.routes.submitted
    if route is None:
        raise NoDepartment(f"{record.source_id} sends in no figures; its record has no route 'submitted'")
    period = reported_period(period_id)
    plan = reference_plan(settings)
    indicators = read_indicators(settings.dbt_project_dir / "seeds")
    return Owed(
        record,
        period,
        plan.document.plan_version,
        plan.document.area_id,
        _figures(plan, route.custodian, period, indicators),
        _milestones(plan, route),
    )
