"""A table of amended targets becomes a whole plan: what the amendment leaves alone is carried over.

A row replaces the target of its id or adds one; nothing else is touched. The text of the amendment is another one,
so neither the ledger nor the notes on where the text was read go with it. Annotations and relations stay with
milestones, lists, clauses and the targets that are word for word the same.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date

from sources.plan.document import (
    ANNOTATIONS_FILE,
    AREAS_FILE,
    CLAUSES_FILE,
    LISTS_FILE,
    MEMBERS_FILE,
    MILESTONES_FILE,
    PLAN_FILE,
    RELATIONS_FILE,
    TARGETS_FILE,
    PlanDocument,
)
from sources.plan.package import document_bytes
from sources.plan.plan import TABLE_MODELS, Plan
from sources.plan.rows import CsvRow, columns_of, read_table, repeated
from sources.plan.tables import PlanAnnotation, PlanListMember
from sources.plan.targets import PlanMilestone, PlanTarget
from sources.problems import Problem

# Said of one text and not of the next.
_OF_THE_TEXT = ("note_vi", "note_en", "citation", "text_sha256", "text_lines", "vintage_at")


@dataclass(frozen=True)
class Amendment:
    """The facts of the document that amends another, and what it takes away.

    `removed`: targets and milestones that end; with `replaces_all` the table is the whole table of targets.
    """

    plan_version: str
    number: str
    adopted_on: date
    legal_status: str | None = None
    removed: tuple[str, ...] = ()
    replaces_all: bool = False


@dataclass(frozen=True)
class AmendedPlan:
    """The files of a plan made by an amendment, and where each row of its targets.csv comes from."""

    files: dict[str, bytes]
    problems: list[Problem]
    places: dict[str, str] = field(default_factory=dict)

    def placed(self, problem: Problem) -> Problem:
        """Return a problem of the made table of targets with the row of the table that was given."""
        row, comma, rest = problem.place.partition(",")
        if not problem.file.endswith(TARGETS_FILE) or row not in self.places:
            return problem
        return replace(problem, place=f"{self.places[row]}{comma}{rest}")


def amended_files(amended: Plan, table: bytes, file: str, amendment: Amendment) -> AmendedPlan:
    """Return the plan that a table of targets (`file` is its name) makes of the plan it amends.

    A row that cannot be read is said and leaves the target as it was, so that the rest can be checked as well.
    """
    read, problems = read_table(table, PlanTarget, file)
    problems += repeated([(number, target.target_id) for number, target in read], "target_id", file)
    given = {target.target_id: (number, target) for number, target in read}
    problems += _wrongly_removed(amended, given, amendment.removed)
    targets = _targets(amended, {name: target for name, (_, target) in given.items()}, amendment)
    milestones = [row for _, row in amended.milestones if row.target_id not in amendment.removed]
    files = _files(amended, targets, milestones, amendment)
    places = {
        f"row {number}": f"row {given[target.target_id][0]} of {file}"
        if target.target_id in given
        else f"{target.target_id}, carried over"
        for number, target in enumerate(targets, start=2)
    }
    return AmendedPlan(files, problems, places)


def _wrongly_removed(amended: Plan, given: Mapping[str, object], removed: Iterable[str]) -> list[Problem]:
    there = amended.promise_ids()
    version = amended.document.plan_version
    problems = []
    for name in removed:
        if name not in there:
            message = f"{version} has no target or milestone '{name}'"
            problems.append(Problem("--remove", name, message, "correct the id"))
        elif name in given:
            problems.append(
                Problem("--remove", name, "the table has a row for it", "leave out one of the two")
            )
    return problems


def _targets(amended: Plan, given: Mapping[str, PlanTarget], amendment: Amendment) -> list[PlanTarget]:
    """Return the targets of the new plan: those of the old one in their order, then those that are new."""
    if amendment.replaces_all:
        return list(given.values())
    kept = [target for _, target in amended.targets if target.target_id not in amendment.removed]
    old = {target.target_id for target in kept}
    added = [target for name, target in given.items() if name not in old and name not in amendment.removed]
    return [*(given.get(target.target_id, target) for target in kept), *added]


def _files(
    amended: Plan, targets: list[PlanTarget], milestones: list[PlanMilestone], amendment: Amendment
) -> dict[str, bytes]:
    new = {target.target_id: target for target in targets}
    same = {target.target_id for _, target in amended.targets if new.get(target.target_id) == target}
    standing = same | {milestone.target_id for milestone in milestones}
    annotations = [
        kept for _, row in amended.annotations if (kept := _still_about(row, standing)) is not None
    ]
    named = {row.annotation_id for row in annotations}
    relations = [
        row
        for _, row in amended.relations
        if row.target_id in standing
        # The predecessor of a successor is in the tables of another document.
        and (row.to_target_id is None or row.to_target_id in standing or row.kind == "successor_of")
        and (row.annotation_id is None or row.annotation_id in named)
    ]
    whole_sums = {row.relation_id for row in relations} - {
        row.relation_id for _, row in amended.relations if row not in relations
    }
    there = standing | new.keys()
    members = [_without_lost_target(row, there) for _, row in amended.members]
    tables: dict[str, list[CsvRow]] = {
        CLAUSES_FILE: [row for _, row in amended.clauses],
        MILESTONES_FILE: [*milestones],
        ANNOTATIONS_FILE: [*annotations],
        LISTS_FILE: [row for _, row in amended.lists],
        MEMBERS_FILE: [*members],
        RELATIONS_FILE: [row for row in relations if row.relation_id in whole_sums],
        AREAS_FILE: [row for _, row in amended.areas],
    }
    files = {
        PLAN_FILE: document_bytes(_facts(amended.document, amendment)),
        TARGETS_FILE: _csv(TARGETS_FILE, targets),
    }
    return files | {file: _csv(file, rows) for file, rows in tables.items() if rows}


def _facts(document: PlanDocument, amendment: Amendment) -> dict[str, object]:
    carried = {
        name: value
        for name, value in document.model_dump().items()
        if value is not None and name not in _OF_THE_TEXT
    }
    return carried | {
        "plan_version": amendment.plan_version,
        "legal_status": amendment.legal_status or document.legal_status,
        "targets_transcribed": True,
        "number": amendment.number,
        "adopted_on": amendment.adopted_on,
        "supersedes": document.plan_version,
    }


def _still_about(annotation: PlanAnnotation, standing: set[str]) -> PlanAnnotation | None:
    """Return the annotation with the subjects that stand as they did; None when none of them does."""
    kept = [
        name if kind == "target" else f"{kind}:{name}"
        for kind, name in annotation.touched
        if kind != "target" or name in standing
    ]
    return annotation.model_copy(update={"subjects": "|".join(kept)}) if kept else None


def _without_lost_target(member: PlanListMember, there: Set[str]) -> PlanListMember:
    return (
        member
        if member.target_id is None or member.target_id in there
        else member.model_copy(update={"target_id": None})
    )


def _csv(file: str, rows: Iterable[CsvRow]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns_of(TABLE_MODELS[file]))
    for row in rows:
        writer.writerow(["" if value is None else str(value) for _, value in row])
    return buffer.getvalue().encode()
