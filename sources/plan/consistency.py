"""What the figures of a plan must say together, unless an annotation says that the document does not.

A figure stands for every value that rounds to it, so a part of a sum may be off by half a unit of its last
printed digit. A number of things is exact.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sources.plan.document import ANNOTATIONS_FILE, LISTS_FILE, RELATIONS_FILE, TARGETS_FILE
from sources.plan.plan import Plan
from sources.plan.tables import PlanRelation
from sources.plan.targets import PlanMilestone, PlanTarget
from sources.problems import Problem

_SHORTER, _SUM = "list_shorter_than_count", "parts_do_not_sum"
_HUNDRED = Decimal(100)


def consistency_problems(plan: Plan) -> list[Problem]:
    """Say where sums, shares, lists and horizons of a plan do not agree and no annotation says so."""
    return [*_sums(plan), *_structures(plan), *_lists(plan), *_pairs(plan)]


@dataclass(frozen=True)
class _Range:
    """The values a printed figure or a sum of such figures may stand for."""

    low: Decimal
    high: Decimal
    slack: Decimal

    def holds(self, whole: "_Range") -> bool:
        slack = self.slack + whole.slack
        return self.low - slack <= whole.high and whole.low <= self.high + slack

    def __str__(self) -> str:
        return f"{self.low}" if self.low == self.high else f"{self.low}-{self.high}"


def _half_a_unit(figure: Decimal) -> Decimal:
    exponent = figure.as_tuple().exponent
    assert isinstance(exponent, int)  # a figure is finite
    return Decimal(5).scaleb(exponent - 1)


def _range_of(target: PlanTarget) -> _Range | None:
    """Return what a target's figure may stand for; None when it has no figure."""
    if not target.figures:
        return None
    is_exact = target.target_type == "count" and not target.comparator.startswith("approx")
    slack = Decimal(0) if is_exact else max(_half_a_unit(figure) for figure in target.figures)
    return _Range(target.figures[0], target.figures[-1], slack)


def _added(parts: Iterable[_Range]) -> _Range:
    ranges = list(parts)
    return _Range(
        sum((part.low for part in ranges), Decimal(0)),
        sum((part.high for part in ranges), Decimal(0)),
        sum((part.slack for part in ranges), Decimal(0)),
    )


def _sums(plan: Plan) -> list[Problem]:
    promises = {promise.target_id: promise for _, _, promise in plan.promises()}
    sums: dict[str, list[tuple[int, PlanRelation]]] = {}
    for number, relation in plan.relations:
        if relation.kind == "part_of_sum":
            sums.setdefault(relation.relation_id, []).append((number, relation))
    problems = []
    for relation_id, rows in sums.items():
        number, relation = rows[0]
        place = f"row {number}, relation {relation_id}"
        parts = [promises.get(row.target_id) for _, row in rows]
        whole = _whole(relation, promises)
        if None in parts or (relation.to_target_id is not None and whole is None):
            continue  # said with the references
        found = _figures([*parts, whole] if relation.to_target_id else parts)
        if isinstance(found, str):
            problems.append(Problem(RELATIONS_FILE, place, found, "add only figures of one unit"))
            continue
        units = {part.unit for part in parts if isinstance(part, PlanTarget)}
        if relation.whole_unit is not None and units != {relation.whole_unit}:
            message = f"the parts are in {', '.join(sorted(units))}, the whole in {relation.whole_unit}"
            problems.append(
                Problem(RELATIONS_FILE, place, message, "give the whole in the unit of the parts")
            )
            continue
        if isinstance(whole, PlanTarget):
            total = _range_of(whole)
        else:
            value = relation.whole_value or Decimal(0)
            total = _Range(value, value, Decimal(0) if _all_counts(parts) else _half_a_unit(value))
        assert total is not None  # _figures refused a whole without a figure
        added = _added(found[: len(parts)])
        if not added.holds(total) and relation.annotation_id is None:
            message = f"the parts add up to {added}, the whole is {total}"
            mend = "correct the figures; when the document prints it so, annotate it and fill annotation_id"
            problems.append(Problem(RELATIONS_FILE, place, message, mend))
    return problems


def _whole(
    relation: PlanRelation, promises: dict[str, PlanTarget | PlanMilestone]
) -> PlanTarget | PlanMilestone | None:
    return None if relation.to_target_id is None else promises.get(relation.to_target_id)


def _all_counts(parts: Sequence[PlanTarget | PlanMilestone | None]) -> bool:
    return all(isinstance(part, PlanTarget) and part.target_type == "count" for part in parts)


def _figures(promises: Sequence[PlanTarget | PlanMilestone | None]) -> list[_Range] | str:
    """Return the figures of promises of one unit, or what keeps them from being added."""
    ranges: list[_Range] = []
    units = set()
    for promise in promises:
        if promise is None:
            return "a part or the whole is no row of this plan"
        found = _range_of(promise) if isinstance(promise, PlanTarget) else None
        if found is None or not isinstance(promise, PlanTarget):
            return f"{promise.target_id} has no figure to add"
        ranges.append(found)
        units.add(promise.unit)
    if len(units) > 1:
        return f"the figures are in several units ({', '.join(sorted(units))})"
    return ranges


def _structures(plan: Plan) -> list[Problem]:
    groups: dict[str, list[tuple[int, PlanTarget]]] = {}
    for number, target in plan.targets:
        if target.target_type == "structure" and target.group_id is not None:
            groups.setdefault(target.group_id, []).append((number, target))
    problems = []
    for group_id, parts in groups.items():
        ranges = [found for _, target in parts if (found := _range_of(target)) is not None]
        added = _added(ranges)
        if added.holds(_Range(_HUNDRED, _HUNDRED, Decimal(0))):
            continue
        if any(_SUM in plan.annotation_kinds(target.target_id) for _, target in parts):
            continue
        message = f"the shares of group {group_id} add up to {added}, not to 100"
        mend = f"add the missing share; when the document prints it so, annotate a part with {_SUM}"
        problems.append(Problem(TARGETS_FILE, f"row {parts[0][0]}", message, mend))
    return problems


def _lists(plan: Plan) -> list[Problem]:
    counts = Counter(member.list_id for _, member in plan.members)
    problems = []
    for number, named in plan.lists:
        members, printed = counts[named.list_id], named.count_printed
        kinds = plan.annotation_kinds(f"list:{named.list_id}")
        if printed is None or printed == members:
            continue
        if _SHORTER not in kinds if members < printed else not kinds:
            message = f"the document counts {printed} in {named.list_id}, and {members} are listed"
            mend = f"add the members; when the document prints it so, annotate list:{named.list_id}"
            problems.append(Problem(LISTS_FILE, f"row {number}", message, mend))
    whole = {named.list_id for _, named in plan.lists if named.count_printed == counts[named.list_id]}
    for number, annotation in plan.annotations:
        lists = {name for kind, name in annotation.touched if kind == "list"}
        if annotation.kind == _SHORTER and lists and lists <= whole:
            message = f"{', '.join(sorted(lists))} is as long as its count"
            problems.append(
                Problem(ANNOTATIONS_FILE, f"row {number}", message, "remove the annotation, or mend the list")
            )
    return problems


def _pairs(plan: Plan) -> list[Problem]:
    promises = {promise.target_id: promise for _, _, promise in plan.promises()}
    problems = []
    for number, relation in plan.relations:
        one, other = promises.get(relation.target_id), promises.get(relation.to_target_id or "")
        if one is None or other is None or relation.annotation_id is not None:
            continue
        place = f"row {number}"
        if relation.kind == "interim_of" and one.period_end >= other.period_end:
            message = f"{one.target_id} ({one.period_end}) does not come before {other.target_id} ({other.period_end})"
            mend = "put the earlier horizon in target_id, the later in to_target_id"
            problems.append(Problem(RELATIONS_FILE, place, message, mend))
        if relation.kind == "subset_of" and isinstance(one, PlanTarget) and isinstance(other, PlanTarget):
            part, whole = _range_of(one), _range_of(other)
            if part and whole and one.unit == other.unit and part.low > whole.high:
                message = f"the part {one.target_id} ({part}) is above its whole {other.target_id} ({whole})"
                mend = (
                    "swap the two or correct the figures; when the document prints it so, fill annotation_id"
                )
                problems.append(Problem(RELATIONS_FILE, place, message, mend))
    return problems
