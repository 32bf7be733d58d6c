"""Plan tables as rows of dbt's inputs: targets and milestones in one table, flags as booleans."""

from collections.abc import Sequence, Set
from typing import Any

from sources.input_tables import Rows
from sources.plan.document import MILESTONES_FILE, TARGETS_FILE, reference_version
from sources.plan.known import KnownPlan
from sources.plan.rows import Numbered

_FLAGS = ("horizon_inferred", "aspiration", "headline")


def _promise_rows(known: KnownPlan, file: str, rows: Numbered[Any], **more: Any) -> Rows:
    made = []
    for number, promise in rows:
        row = promise.model_dump()
        flags = {name: row[name] == "true" for name in _FLAGS}
        source = {"snapshot_sha256": known.snapshots.get(file), "cell_ref": f"row {number}"}
        made.append({**row, **flags, **source, **more})
    return made


def _rows(rows: Numbered[Any]) -> list[dict[str, Any]]:
    return [row.model_dump() for _, row in rows]


def plan_rows(
    plans: Sequence[KnownPlan], tables: dict[str, Rows], home_area_id: str, seed_areas: Set[str]
) -> None:
    """Add the rows of every plan to the plan tables of `tables`.

    The reference is that of the home area, so that the counts are of one province. An area that a seed has already
    (`seed_areas`) is not written again.
    """
    reference = reference_version((known.plan.document for known in plans), home_area_id)
    for known in plans:
        plan = known.plan
        version = plan.document.plan_version
        found: dict[str, Rows] = {
            "plan_document": [{**plan.document.model_dump(), "is_reference": version == reference}],
            "plan_clause": _rows(plan.clauses),
            "plan_target": [
                *_promise_rows(known, TARGETS_FILE, plan.targets),
                *_promise_rows(known, MILESTONES_FILE, plan.milestones, target_type="milestone"),
            ],
            "plan_annotation": _rows(plan.annotations),
            "plan_annotation_subject": [
                {"annotation_id": annotation.annotation_id, "subject_type": kind, "subject_id": name}
                for _, annotation in plan.annotations
                for kind, name in annotation.touched
            ],
            "plan_list": _rows(plan.lists),
            "plan_list_member": _rows(plan.members),
            "plan_relation": _rows(plan.relations),
        }
        for table, rows in found.items():
            tables[table] += [{**row, "plan_version": version} for row in rows]
        tables["plan_area"] += [row for row in _rows(plan.areas) if row["area_id"] not in seed_areas]
