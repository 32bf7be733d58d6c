"""What differs between the promises of two plan documents, or of two versions of one."""

from collections.abc import Iterable
from dataclasses import dataclass

from sources.plan.plan import Plan
from sources.plan.targets import PlanMilestone, PlanTarget


@dataclass(frozen=True)
class Change:
    """One field of a promise that both documents make."""

    target_id: str
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Difference:
    """Promises by id; `changed` field by field, in the order of the later document.

    `counts` has the number of promises carried_over, changed, added and removed. Annotations and relations of the
    earlier document that the later one does not have are named, for they go with a figure that changed.
    """

    against: str
    counts: dict[str, int]
    added: list[str]
    removed: list[str]
    changed: list[Change]
    annotations_dropped: list[str]
    relations_dropped: list[str]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed)


def _fields(promise: PlanTarget | PlanMilestone) -> dict[str, str | None]:
    return {name: None if value is None else str(value) for name, value in promise}


def _changes(before: PlanTarget | PlanMilestone, after: PlanTarget | PlanMilestone) -> Iterable[Change]:
    old, new = _fields(before), _fields(after)
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield Change(after.target_id, name, old.get(name), new.get(name))


def difference(before: Plan, after: Plan) -> Difference:
    """Compare two plans promise by promise."""
    old = {promise.target_id: promise for _, _, promise in before.promises()}
    new = {promise.target_id: promise for _, _, promise in after.promises()}
    changed = [change for name in new if name in old for change in _changes(old[name], new[name])]
    n_changed = len({change.target_id for change in changed})
    added = [name for name in new if name not in old]
    removed = [name for name in old if name not in new]
    annotations = {row.annotation_id for _, row in after.annotations}
    relations = {row.relation_id for _, row in after.relations}
    return Difference(
        against=before.document.plan_version,
        counts={
            "carried_over": len(new) - len(added) - n_changed,
            "changed": n_changed,
            "added": len(added),
            "removed": len(removed),
        },
        added=added,
        removed=removed,
        changed=changed,
        annotations_dropped=[
            row.annotation_id for _, row in before.annotations if row.annotation_id not in annotations
        ],
        relations_dropped=sorted({row.relation_id for _, row in before.relations} - relations),
    )
