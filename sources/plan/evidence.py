"""Evidence on milestones: what an office reported of them, with the document that says so.

A file of reports is a document of a source record whose reading is `milestone_report`: each row says in what
state one milestone of one plan was on a day.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

from sources.cells import ReadingError
from sources.plan.document import PlanVersion
from sources.plan.plan import Plan
from sources.plan.rows import CsvRow, MilestoneId, Numbered, read_table, repeated
from sources.problems import Problem
from sources.record import MilestoneReportReading, SourceRecord, Text

REPORTS = "reports"
# States that change what is said of the province: they rest on a document.
_DOCUMENTED = ("done", "not_done", "withdrawn")


class MilestoneReport(CsvRow):
    """The state of a milestone on `as_of_date`, by the document of an issuer."""

    plan_version: PlanVersion
    target_id: MilestoneId
    reported_state: Literal["done", "not_done", "in_progress", "withdrawn"]
    as_of_date: date
    completed_on: date | None
    issuer_vi: Text | None
    document_number: Text | None
    document_date: date | None
    note_vi: Text | None
    note_en: Text | None

    @model_validator(mode="after")
    def _documented(self) -> Self:
        if self.reported_state in _DOCUMENTED:
            if self.issuer_vi is None:
                raise ValueError(f"a report of {self.reported_state} needs its issuer | fill issuer_vi")
            if self.document_number is None and self.document_date is None:
                raise ValueError(
                    f"a report of {self.reported_state} needs its document | "
                    "fill document_number, document_date or both"
                )
        return self

    @model_validator(mode="after")
    def _completion_fits(self) -> Self:
        if self.completed_on is not None:
            if self.reported_state != "done":
                raise ValueError("only what is done was completed | leave completed_on empty")
            if self.completed_on > self.as_of_date:
                raise ValueError("completed_on comes after as_of_date | correct one of the two")
        return self


def _read(data: bytes, file: str) -> tuple[Numbered[MilestoneReport], list[Problem]]:
    rows, problems = read_table(data, MilestoneReport, file)
    days = [(number, f"{row.plan_version} {row.target_id} {row.as_of_date}") for number, row in rows]
    return rows, problems + repeated(days, "milestone on a day", file)


def read_reports(data: bytes) -> Numbered[MilestoneReport]:
    """Read a file of reports into (row of the file, report). Raises ReadingError naming every bad row."""
    rows, problems = _read(data, REPORTS)
    if problems:
        said = "; ".join(f"{problem.place}: {problem.message} ({problem.mend})" for problem in problems)
        raise ReadingError(problems[0].place, f"{len(problems)} problem(s): {said}", "correct these rows")
    return rows


def report_problems(record: SourceRecord, recorded_dir: Path, plans: Mapping[str, Plan]) -> list[Problem]:
    """Say which reports that a record ships are on milestones no plan has."""
    recorded = record.routes.recorded
    if recorded is None or not isinstance(recorded.reading, MilestoneReportReading):
        return []
    there = {
        (version, milestone.target_id) for version, plan in plans.items() for _, milestone in plan.milestones
    }
    problems = []
    for document in recorded.documents:
        path = recorded_dir / document.file
        reports, _ = _read(path.read_bytes(), document.file) if path.is_file() else ([], [])
        for number, report in reports:
            if (report.plan_version, report.target_id) not in there:
                message = f"plan {report.plan_version} has no milestone {report.target_id}"
                mend = "correct plan_version or target_id"
                problems.append(Problem(document.file, f"row {number}", message, mend))
    return problems
