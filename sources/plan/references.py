"""What the tables of one plan say of each other: ids stand once, names lead somewhere, lines lie in clauses."""

from collections.abc import Iterable, Mapping

from sources.plan.document import (
    ANNOTATIONS_FILE,
    AREAS_FILE,
    CLAUSES_FILE,
    LEDGER_FILE,
    LISTS_FILE,
    MEMBERS_FILE,
    PLAN_FILE,
    RELATIONS_FILE,
    TARGETS_FILE,
)
from sources.plan.plan import Plan
from sources.plan.rows import repeated
from sources.problems import Problem

# What the parts of one group have in common; they are judged together.
_GROUP_COLUMNS = ("target_type", "area_id", "unit", "period_start", "period_end", "base_period", "trajectory")


def reference_problems(plan: Plan) -> list[Problem]:
    """Say what in the tables of a plan leads nowhere or stands twice."""
    return [
        *_repeated(plan),
        *_clauses(plan),
        *_promises(plan),
        *_annotations(plan),
        *_lists(plan),
        *_relations(plan),
        *_ledger(plan),
        *_groups(plan),
    ]


def _repeated(plan: Plan) -> list[Problem]:
    problems = []
    positions = [(number, f"{row.list_id} {row.position}") for number, row in plan.members]
    problems += repeated(positions, "position of a list", MEMBERS_FILE)
    joined = [
        (number, f"{row.relation_id} {row.target_id} {row.to_target_id or ''}".strip())
        for number, row in plan.relations
    ]
    problems += repeated(joined, "relation of two promises", RELATIONS_FILE)
    problems += _over_both_files(
        ((file, number, row.target_id) for file, number, row in plan.promises()), "target_id"
    )
    problems += _over_both_files(
        (
            (file, number, str(row.headline_order))
            for file, number, row in plan.promises()
            if row.headline_order is not None
        ),
        "headline_order",
    )
    places = [(number, f"{row.line}:{row.column}") for number, row in plan.ledger]
    return problems + repeated(places, "place in the text", LEDGER_FILE)


def _over_both_files(names: Iterable[tuple[str, int, str]], what: str) -> list[Problem]:
    """Say which of (file, row, name) stand twice over targets and milestones."""
    problems = []
    first: dict[str, str] = {}
    for file, number, name in names:
        if name in first:
            message = f"the {what} {name} stands also in {first[name]}"
            problems.append(Problem(file, f"row {number}", message, f"give each promise its own {what}"))
        first.setdefault(name, f"{file} row {number}")
    return problems


def _in_clause(plan: Plan, file: str, rows: Iterable[tuple[int, str, int]]) -> list[Problem]:
    """Check (row, clause, line): the clause is known and has the line."""
    known = {clause.clause: clause for _, clause in plan.clauses}
    problems = []
    for number, name, line in rows:
        clause = known.get(name)
        if clause is None:
            message = f"clause '{name}' is not in {CLAUSES_FILE}"
            problems.append(Problem(file, f"row {number}", message, "add the clause, or correct it here"))
            continue
        if not clause.line_from <= line <= clause.line_to:
            message = f"line {line} lies outside clause {name} ({clause.line_from}-{clause.line_to})"
            problems.append(Problem(file, f"row {number}", message, "correct the line or the clause"))
    return problems


def _clauses(plan: Plan) -> list[Problem]:
    last = plan.document.text_lines
    if last is None:
        return []
    return [
        Problem(
            CLAUSES_FILE, f"row {number}", f"line_to {clause.line_to} is after the last line of the text ({last})",
            f"correct it, or text_lines in {PLAN_FILE}",
        )
        for number, clause in plan.clauses
        if clause.line_to > last
    ]  # fmt: skip


def _promises(plan: Plan) -> list[Problem]:
    problems = []
    known = {clause.clause: clause for _, clause in plan.clauses}
    lists = {row.list_id for _, row in plan.lists}
    for file, number, row in plan.promises():
        problems += _in_clause(plan, file, [(number, row.clause, row.line)])
        deeper = [
            name
            for name, clause in known.items()
            if name.startswith(f"{row.clause}.") and clause.line_from <= row.line <= clause.line_to
        ]
        if deeper:
            message = f"line {row.line} lies in clause {max(deeper, key=len)}, a part of clause {row.clause}"
            problems.append(Problem(file, f"row {number}", message, "name the innermost clause"))
        if row.list_id is not None and row.list_id not in lists:
            message = f"list '{row.list_id}' is not in {LISTS_FILE}"
            problems.append(Problem(file, f"row {number}", message, "add the list, or correct it here"))
    return problems


def _annotations(plan: Plan) -> list[Problem]:
    known = {
        "target": plan.promise_ids(),
        "clause": {row.clause for _, row in plan.clauses},
        "list": {row.list_id for _, row in plan.lists},
    }
    problems = _in_clause(
        plan, ANNOTATIONS_FILE, [(number, row.clause, row.line) for number, row in plan.annotations]
    )
    for number, annotation in plan.annotations:
        for kind, name in annotation.touched:
            if name not in known[kind]:
                message = f"there is no {kind} '{name}' to annotate"
                problems.append(
                    Problem(
                        ANNOTATIONS_FILE,
                        f"row {number}, subjects",
                        message,
                        "name a target or milestone, clause:NAME or list:NAME that is in the tables",
                    )
                )
    return problems


def _lists(plan: Plan) -> list[Problem]:
    problems = _in_clause(plan, LISTS_FILE, [(number, row.clause, row.line) for number, row in plan.lists])
    known = {row.list_id: row for _, row in plan.lists}
    promises = plan.promise_ids()
    for number, member in plan.members:
        if member.list_id not in known:
            message, mend = (
                f"list '{member.list_id}' is not in {LISTS_FILE}",
                "add the list, or correct it here",
            )
            problems.append(Problem(MEMBERS_FILE, f"row {number}", message, mend))
        else:
            clause = known[member.list_id].clause
            problems += _in_clause(plan, MEMBERS_FILE, [(number, clause, member.line)])
        if member.target_id is not None and member.target_id not in promises:
            message = f"there is no target or milestone '{member.target_id}'"
            problems.append(Problem(MEMBERS_FILE, f"row {number}", message, "correct target_id, or empty it"))
    return problems


def _relations(plan: Plan) -> list[Problem]:
    promises = plan.promise_ids()
    annotations = {row.annotation_id for _, row in plan.annotations}
    problems = []
    for number, relation in plan.relations:
        place = f"row {number}"
        # A successor's predecessor is in the tables of the document before.
        ends = [relation.target_id, *([] if relation.kind == "successor_of" else [relation.to_target_id])]
        for name in ends:
            if name is not None and name not in promises:
                message = f"there is no target or milestone '{name}'"
                problems.append(
                    Problem(RELATIONS_FILE, place, message, "correct the id, or remove the relation")
                )
        if relation.annotation_id is not None and relation.annotation_id not in annotations:
            message = f"annotation '{relation.annotation_id}' is not in {ANNOTATIONS_FILE}"
            problems.append(Problem(RELATIONS_FILE, place, message, "add the annotation, or correct the id"))
    shared = ("kind", "whole_value", "whole_unit", "annotation_id")
    first: dict[str, tuple[int, tuple[object, ...]]] = {}
    for number, relation in plan.relations:
        whole = tuple(getattr(relation, name) for name in shared)
        if relation.kind == "part_of_sum":
            whole = (*whole, relation.to_target_id)
        other, expected = first.setdefault(relation.relation_id, (number, whole))
        if whole != expected:
            message = f"relation {relation.relation_id} is another one in row {other}"
            mend = (
                "rows of one relation_id have one kind, whole and annotation; else give this one another id"
            )
            problems.append(Problem(RELATIONS_FILE, f"row {number}", message, mend))
    return problems


def _ledger(plan: Plan) -> list[Problem]:
    problems = []
    named = plan.document.text_sha256 is not None
    if plan.ledger and not named:
        message = f"{LEDGER_FILE} is there and the text it was made from is not named"
        problems.append(Problem(PLAN_FILE, "text_sha256", message, "fill text_sha256 and text_lines"))
    if named and not plan.ledger:
        message = f"the text that was read is named and {LEDGER_FILE} has no row"
        problems.append(Problem(LEDGER_FILE, "the whole file", message, "add the ledger of the text"))
    return problems


def _groups(plan: Plan) -> list[Problem]:
    problems = []
    first: dict[str, tuple[int, dict[str, object]]] = {}
    for number, target in plan.targets:
        if target.group_id is None:
            continue
        shared = {name: getattr(target, name) for name in _GROUP_COLUMNS}
        other, expected = first.setdefault(target.group_id, (number, shared))
        differing = [name for name in _GROUP_COLUMNS if shared[name] != expected[name]]
        if differing:
            message = f"group {target.group_id} has another {', '.join(differing)} in row {other}"
            mend = "parts of one group are judged together: make them agree, or part the group"
            problems.append(Problem(TARGETS_FILE, f"row {number}", message, mend))
    return problems


def lineage_problems(plan: Plan, others: Mapping[str, Plan]) -> list[Problem]:
    """Say which documents and promises that a plan follows are in none of the others (by plan_version), and which
    areas it describes in another way than they do.
    """
    version = plan.document.plan_version
    problems = []
    superseded = plan.document.supersedes
    if superseded is not None and superseded not in others:
        message, mend = f"there is no plan '{superseded}'", "import that one first, or correct the name"
        problems.append(Problem(f"{version}/{PLAN_FILE}", "supersedes", message, mend))
    before = set().union(*(other.promise_ids() for name, other in others.items() if name != version))
    for number, relation in plan.relations:
        if relation.kind == "successor_of" and relation.to_target_id not in before | plan.promise_ids():
            message = f"no plan has a target or milestone '{relation.to_target_id}'"
            problems.append(
                Problem(f"{version}/{RELATIONS_FILE}", f"row {number}", message, "correct to_target_id")
            )
    described = {
        area.area_id: (name, area)
        for name, other in others.items()
        if name != version
        for _, area in other.areas
    }
    for number, area in plan.areas:
        name, known = described.get(area.area_id, (version, area))
        if known != area:
            message = f"plan {name} describes {area.area_id} in another way"
            problems.append(
                Problem(f"{version}/{AREAS_FILE}", f"row {number}", message, "take over that description")
            )
    return problems
