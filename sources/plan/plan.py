"""A plan document with all its tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sources.plan.document import (
    ANNOTATIONS_FILE,
    AREAS_FILE,
    CLAUSES_FILE,
    LEDGER_FILE,
    LISTS_FILE,
    MEMBERS_FILE,
    MILESTONES_FILE,
    RELATIONS_FILE,
    TARGETS_FILE,
    PlanDocument,
)
from sources.plan.rows import CsvRow, Numbered
from sources.plan.tables import (
    LedgerEntry,
    PlanAnnotation,
    PlanArea,
    PlanClause,
    PlanList,
    PlanListMember,
    PlanRelation,
)
from sources.plan.targets import PlanMilestone, PlanTarget

# File -> its rows. The attribute of Plan that holds them is the name of the file without its ending.
TABLE_MODELS: dict[str, type[CsvRow]] = {
    CLAUSES_FILE: PlanClause,
    TARGETS_FILE: PlanTarget,
    MILESTONES_FILE: PlanMilestone,
    ANNOTATIONS_FILE: PlanAnnotation,
    LISTS_FILE: PlanList,
    MEMBERS_FILE: PlanListMember,
    RELATIONS_FILE: PlanRelation,
    LEDGER_FILE: LedgerEntry,
    AREAS_FILE: PlanArea,
}


@dataclass(frozen=True)
class Plan:
    """A plan document; each table holds (row of its file, row)."""

    document: PlanDocument
    clauses: Numbered[PlanClause] = field(default_factory=list)
    targets: Numbered[PlanTarget] = field(default_factory=list)
    milestones: Numbered[PlanMilestone] = field(default_factory=list)
    annotations: Numbered[PlanAnnotation] = field(default_factory=list)
    lists: Numbered[PlanList] = field(default_factory=list)
    members: Numbered[PlanListMember] = field(default_factory=list)
    relations: Numbered[PlanRelation] = field(default_factory=list)
    ledger: Numbered[LedgerEntry] = field(default_factory=list)
    areas: Numbered[PlanArea] = field(default_factory=list)

    def promises(self) -> Iterator[tuple[str, int, PlanTarget | PlanMilestone]]:
        """Give every target and milestone as (file, row of the file, promise)."""
        for number, target in self.targets:
            yield TARGETS_FILE, number, target
        for number, milestone in self.milestones:
            yield MILESTONES_FILE, number, milestone

    def promise_ids(self) -> set[str]:
        """The ids of targets and milestones."""
        return {promise.target_id for _, _, promise in self.promises()}

    def annotation_kinds(self, subject: str) -> set[str]:
        """The kinds of the annotations on a subject, written as in annotations.csv (`list:ID`, a target id)."""
        return {
            annotation.kind
            for _, annotation in self.annotations
            if subject
            in {name if kind == "target" else f"{kind}:{name}" for kind, name in annotation.touched}
        }
