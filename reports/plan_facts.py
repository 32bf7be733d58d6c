"""What a release knows of the plan documents around the targets: which one is counted, annotations, named lists,
relations. A table that a release does not have gives nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reports.per_release import per_release
from reports.release_data import Release, Row

TargetKey = tuple[str, str]
HORIZONS = (2025, 2030, 2050)


def is_true(value: object) -> bool:
    """A flag of a release table: boolean, or the text true."""
    return value is True or str(value).casefold() == "true"


def horizon(period_end: object) -> int | None:
    """The first horizon year at or after the target year: 2024 -> 2025, 2026 -> 2030, 2045 -> 2050."""
    return next((year for year in HORIZONS if period_end is not None and int(str(period_end)) <= year), None)


def target_key(row: Row) -> TargetKey:
    """Plan version and id: what names a target among all documents."""
    return str(row["plan_version"]), str(row["target_id"])


def documents(release: Release) -> dict[str, Row]:
    """The plan documents by plan version, in the release's order."""
    return {str(row["plan_version"]): row for row in release.rows("dim_plan_document")}


@per_release
def reference_versions(release: Release) -> frozenset[str]:
    """The plan documents whose targets are counted.

    A release made before documents were told apart holds one transcribed document, and that one is counted.
    """
    known = documents(release).values()
    if any(document.get("is_reference") is not None for document in known):
        return frozenset(str(d["plan_version"]) for d in known if is_true(d.get("is_reference")))
    return frozenset(str(d["plan_version"]) for d in known if is_true(d["targets_transcribed"]))


def in_force(release: Release, plan_version: str) -> Row | None:
    """The document legally in force where it is another one than the document named; None when it is that one itself,
    when none is known to be, or when the release does not say.
    """
    known = documents(release)
    own = known.get(plan_version, {})
    number = own.get("plan_in_force")
    if not number:
        return None
    same = (
        row for row in known.values() if row["number"] == number and row.get("area_id") == own.get("area_id")
    )
    return next(same, None)


def clause_of(release: Release, target: Row) -> Row:
    """The clause a target stands in; empty when the release does not have it."""
    return next(
        (
            clause
            for clause in release.rows("dim_clause")
            if clause["clause"] == target["clause"] and clause["plan_version"] == target["plan_version"]
        ),
        {},
    )


@per_release
def annotations_by_target(release: Release) -> dict[TargetKey, list[Row]]:
    """What is noted about each target: on itself, on its clause, on a list it belongs to; in the order of the text.

    Each row has `touches`: target, clause or list; the nearest when a note touches a target in several ways.
    """
    notes = {
        (str(row["plan_version"]), str(row["annotation_id"])): row
        for row in release.optional_rows("dim_annotation")
    }
    holders = _holders(release)
    found: dict[TargetKey, dict[str, Row]] = defaultdict(dict)
    subjects = release.optional_rows("dim_annotation_subject")
    for kind in ("target", "clause", "list"):
        for subject in (row for row in subjects if row["subject_type"] == kind):
            version, annotation_id = str(subject["plan_version"]), str(subject["annotation_id"])
            note = notes.get((version, annotation_id))
            if note is None:
                continue
            for target_id in holders.get((version, kind, str(subject["subject_id"])), ()):
                found[version, target_id].setdefault(annotation_id, {**note, "touches": kind})
    return {key: sorted(rows.values(), key=_line) for key, rows in found.items()}


def _holders(release: Release) -> dict[tuple[str, str, str], set[str]]:
    """(plan version, kind of subject, subject) -> ids of the targets it touches."""
    holders: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for target in release.rows("fct_target"):
        version, target_id = target_key(target)
        holders[version, "target", target_id].add(target_id)
        holders[version, "clause", str(target["clause"])].add(target_id)
        if target.get("list_id"):
            holders[version, "list", str(target["list_id"])].add(target_id)
    for member in release.optional_rows("dim_plan_list_member"):
        if member.get("target_id"):
            version = str(member["plan_version"])
            holders[version, "list", str(member["list_id"])].add(str(member["target_id"]))
    return holders


def _line(row: Row) -> tuple[int, str]:
    return int(row.get("line") or 0), str(row.get("annotation_id") or "")


@dataclass(frozen=True)
class NamedList:
    """A list of the document by name: the six national roads. `members` in the order of the document."""

    row: Row
    members: tuple[Row, ...]

    @property
    def printed(self) -> int | None:
        """The count the text gives; None when it gives none."""
        count = self.row.get("count_printed")
        return None if count is None else int(count)


def lists_of(release: Release, target: Row) -> list[NamedList]:
    """The named lists a target speaks of or is a member of."""
    version, target_id = target_key(target)
    members: dict[str, list[Row]] = defaultdict(list)
    for member in release.optional_rows("dim_plan_list_member"):
        if member["plan_version"] == version:
            members[str(member["list_id"])].append(member)
    named = {str(target["list_id"])} if target.get("list_id") else set()
    named |= {name for name, rows in members.items() if any(m.get("target_id") == target_id for m in rows)}
    return [
        NamedList(row, tuple(sorted(members[str(row["list_id"])], key=lambda m: int(m["position"]))))
        for row in release.optional_rows("dim_plan_list")
        if row["plan_version"] == version and row["list_id"] in named
    ]


@dataclass(frozen=True)
class Relation:
    """A relation as seen from one target: its kind, seen from which side, and the targets on the other side.

    `role` is part (this target is a part, or the subject), or whole (others refer to this target).
    """

    row: Row
    kind: str
    role: str
    others: tuple[TargetKey, ...]


def relations_of(release: Release, target: Row) -> list[Relation]:
    """What a target is a part of, lies within, comes before, or is promised twice with."""
    version, target_id = target_key(target)
    every = [row for row in release.optional_rows("dim_target_relation") if row["plan_version"] == version]
    found = []
    for relation_id in dict.fromkeys(str(row["relation_id"]) for row in every):
        rows = [row for row in every if row["relation_id"] == relation_id]
        own = [row for row in rows if row["target_id"] == target_id]
        to_here = [row for row in rows if row.get("to_target_id") == target_id]
        if own:
            row = own[0]
            others = [str(row["to_target_id"])] if row.get("to_target_id") else []
            if row["kind"] == "part_of_sum":
                others += [str(r["target_id"]) for r in rows if r["target_id"] != target_id]
            found.append(_relation(row, "part", version, others))
        elif to_here:
            found.append(_relation(to_here[0], "whole", version, [str(row["target_id"]) for row in to_here]))
    return found


def _relation(row: Row, role: str, version: str, others: Sequence[str]) -> Relation:
    return Relation(row, str(row["kind"]), role, tuple((version, other) for other in dict.fromkeys(others)))
