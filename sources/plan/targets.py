"""What a plan promises: targets, which have a number, and milestones, which are done or not."""

import re
from datetime import date
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from sources.plan.rows import ClauseName, Count, CsvRow, Figure, Flag, LineNumber, MilestoneId, RowId, Year
from sources.record import AreaId, IndicatorCode, MilestoneDomain, Text, UnitCode
from sources.text.periods import PeriodError, parse_period_id

TargetType = Literal[
    "level", "interval", "hold", "floor", "ceiling", "average_growth", "annual_change", "cumulative",
    "structure", "count", "area", "capacity", "rank",
]  # fmt: skip
Comparator = Literal[
    "eq", "ge", "gt", "le", "lt", "approx", "between", "approx_between", "approx_gt", "hold_approx"
]  # fmt: skip
Action = Literal[
    "build", "upgrade", "expand", "establish", "complete", "maintain", "plan", "survey", "relocate",
    "recognise", "adopt", "other",
]  # fmt: skip
_INTERVALS = ("between", "approx_between")
_PHASING = re.compile(r"equal|growth:-?\d+(\.\d+)?")


class PlanTarget(CsvRow):
    """A promise with a number, and our reading of it."""

    target_id: RowId
    indicator_code: IndicatorCode
    name_vi: Text
    name_en: Text
    area_id: AreaId
    target_type: TargetType
    comparator: Comparator
    value_low: Figure | None
    value_high: Figure | None
    unit: UnitCode
    period_start: Year | None
    period_end: Year
    horizon_inferred: Flag
    clause: ClauseName
    line: LineNumber
    printed_text: Text
    aspiration: Flag
    direction: Literal["increase", "decrease", "hold", "none"]
    trajectory: Literal["linear", "compound", "logit", "stepwise"] | None
    base_period: Text | None
    phasing: Text | None
    tolerance: Figure | None
    range_kind: Literal["ambition", "tolerance"] | None
    group_id: RowId | None
    frame_id: RowId | None
    list_id: RowId | None
    headline: Flag
    headline_order: Count | None
    responsible_vi: Text | None
    coordinating_vi: Text | None
    reading_status: Literal["proposed", "confirmed"]
    reading_document_number: Text | None
    reading_document_date: date | None
    note_vi: Text | None
    note_en: Text | None

    @property
    def figures(self) -> list[Decimal]:
        """The figures it promises, the lower first."""
        return [value for value in (self.value_low, self.value_high) if value is not None]

    @field_validator("target_id")
    @classmethod
    def _not_named_as_a_milestone(cls, target_id: str) -> str:
        if target_id.startswith("MS_"):
            raise ValueError("MS_ begins the name of a milestone | name the target by its indicator")
        return target_id

    @field_validator("base_period")
    @classmethod
    def _base_is_a_period(cls, base_period: str | None) -> str | None:
        if base_period is not None:
            try:
                parse_period_id(base_period)
            except PeriodError as error:
                raise ValueError(f"{error} | write a period such as 2020") from error
        return base_period

    @model_validator(mode="after")
    def _figures_fit_the_comparator(self) -> Self:
        if self.comparator in _INTERVALS and len(self.figures) < 2:
            raise ValueError(f"comparator {self.comparator} needs value_low and value_high | fill both")
        if self.comparator not in (*_INTERVALS, "hold_approx"):
            if not self.figures:
                raise ValueError("no figure | fill value_low")
            if len(set(self.figures)) > 1:
                raise ValueError(f"comparator {self.comparator} takes one figure | leave value_high empty")
        if self.value_low is not None and self.value_high is not None and self.value_high < self.value_low:
            raise ValueError("value_high is below value_low | swap them")
        if self.tolerance is not None and self.tolerance < 0:
            raise ValueError("the tolerance is below zero | write how far the figure may be off")
        return self

    @model_validator(mode="after")
    def _type_fits(self) -> Self:
        if self.phasing is not None:
            if self.target_type != "cumulative":
                raise ValueError("only a cumulative target has a phasing | leave phasing empty")
            if not _PHASING.fullmatch(self.phasing):
                raise ValueError(
                    f"phasing '{self.phasing}' is not known | write equal, or growth: and a percentage"
                )
        if self.target_type == "structure" and self.group_id is None:
            raise ValueError("a part of a structure needs the others | give the parts one group_id")
        return self

    @model_validator(mode="after")
    def _shared(self) -> Self:
        _check_span(self.period_start, self.period_end)
        _check_headline(self.headline, self.headline_order)
        _check_reading(self.reading_status, self.reading_document_number, self.reading_document_date)
        return self


class PlanMilestone(CsvRow):
    """A promise without a number of its own that can be seen to be kept: a thing built, upgraded, adopted."""

    target_id: MilestoneId
    name_vi: Text
    name_en: Text
    area_id: AreaId
    domain: MilestoneDomain
    action: Action
    period_start: Year | None
    period_end: Year
    due_rule: Literal["by_end", "before"] = Field(
        description="by_end: due on 31 December of period_end; before: on 31 December of the year before."
    )
    horizon_inferred: Flag
    clause: ClauseName
    line: LineNumber
    printed_text: Text
    aspiration: Flag
    list_id: RowId | None
    frame_id: RowId | None
    headline: Flag
    headline_order: Count | None
    responsible_vi: Text | None
    coordinating_vi: Text | None
    reading_status: Literal["proposed", "confirmed"]
    reading_document_number: Text | None
    reading_document_date: date | None
    note_vi: Text | None
    note_en: Text | None

    @model_validator(mode="after")
    def _shared(self) -> Self:
        _check_span(self.period_start, self.period_end)
        _check_headline(self.headline, self.headline_order)
        _check_reading(self.reading_status, self.reading_document_number, self.reading_document_date)
        return self


def _check_span(start: int | None, end: int) -> None:
    if start is not None and start > end:
        raise ValueError("period_start comes after period_end | swap them")


def _check_headline(headline: str, order: int | None) -> None:
    if order is not None and headline == "false":
        raise ValueError("headline_order is for headlines | leave it empty, or make headline true")


def _check_reading(status: str, number: str | None, day: date | None) -> None:
    if status == "confirmed" and (number is None or day is None):
        raise ValueError(
            "a confirmed reading needs the document that confirms it | "
            "fill reading_document_number and reading_document_date"
        )
    if status == "proposed" and (number is not None or day is not None):
        raise ValueError("a document confirms this reading | make reading_status confirmed")
