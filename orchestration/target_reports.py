"""What the commands say of targets and milestones, from the tables of one release.

Old releases stay readable: a table or a column that a release does not have gives nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.explanation import pick
from reports.milestone_facts import MilestoneFacts, every_milestone
from reports.periods import period_words
from reports.plan_facts import clause_of, documents, in_force, lists_of, relations_of
from reports.reading import reason_sentences
from reports.release_data import Release, Row, release_at
from reports.statements import figure, promise
from reports.target_facts import TargetFacts, every_target, nearest_point, other_versions
from reports.words import Words

VIETNAMESE, ENGLISH = Words("vi"), Words("en")

READING_COLUMNS = (
    "reading_status", "reading_document_number", "reading_document_date", "target_type", "comparator", "direction",
    "base_period", "trajectory", "phasing", "tolerance", "range_kind", "aspiration", "horizon_inferred", "frame_id",
    "group_id", "responsible_vi", "coordinating_vi", "note_vi", "note_en",
)  # fmt: skip
TARGET_COLUMNS = (
    "plan_version", "target_id", "name_vi", "name_en", "area_id", "domain", "indicator_code", "target_type",
    "comparator", "value_low", "value_high", "unit", "period_start", "period_end",
)  # fmt: skip
DOCUMENT_COLUMNS = (
    "plan_version",
    "number",
    "title_vi",
    "kind",
    "legal_status",
    "adopted_on",
    "is_reference",
)


@dataclass(frozen=True)
class Choice:
    """What `ppw target list` is narrowed to; nothing chosen takes everything of the plan in use."""

    domains: frozenset[str] = frozenset()
    horizon: int | None = None
    state: str | None = None
    plan_version: str | None = None


def plan_versions(directory: Path) -> list[str]:
    """The plan documents of a release."""
    return list(documents(release_at(directory)))


def target_rows(directory: Path, choice: Choice) -> list[dict[str, Any]]:
    """One row per target with figures: place, promise, latest actual, states, reasons with who can mend them."""
    release = release_at(directory)
    return [
        {**_target_row(facts), "plan_in_force": plan_in_force(release, facts.plan_version)}
        for facts in every_target(release)
        if _is_chosen(facts, choice)
    ]


def milestone_rows(directory: Path, choice: Choice) -> list[dict[str, Any]]:
    """One row per milestone: place, due day, state, evidence."""
    release = release_at(directory)
    return [
        {**_milestone_row(facts), "plan_in_force": plan_in_force(release, facts.plan_version)}
        for facts in every_milestone(release)
        if _is_chosen(facts, choice)
    ]


def plan_in_force(release: Release, plan_version: str) -> dict[str, Any] | None:
    """Number of the document legally in force and whether its targets are transcribed; None when it is this one."""
    row = in_force(release, plan_version)
    return None if row is None else pick(row, "number", "targets_transcribed")


def in_force_sentence(assessed: str, document: Mapping[str, Any], words: Words) -> str:
    """That another document than the one assessed is in force, and whether its targets are at hand."""
    state = "transcribed" if document["targets_transcribed"] else "not_transcribed"
    return words(f"plan_in_force.{state}", number=document["number"], assessed=assessed)


def in_force_sentences(rows: Sequence[Mapping[str, Any]], directory: Path) -> list[str]:
    """One sentence in each language for each document that the rows are of and that is not the one in force."""
    known = documents(release_at(directory))
    said = {row["plan_version"]: row["plan_in_force"] for row in rows if row["plan_in_force"] is not None}
    return [
        in_force_sentence(str(known[version]["number"]), document, words)
        for version, document in said.items()
        for words in (VIETNAMESE, ENGLISH)
    ]


def _is_chosen(facts: TargetFacts | MilestoneFacts, choice: Choice) -> bool:
    if isinstance(facts, MilestoneFacts):
        states: set[Any] = {facts.state}
    else:
        states = {facts.bucket, facts.assessment.get("level_state"), facts.assessment.get("pace_state")}
    return (
        (facts.plan_version == choice.plan_version if choice.plan_version else facts.reference)
        and (not choice.domains or facts.domain in choice.domains)
        and choice.horizon in (None, facts.horizon)
        and (choice.state is None or choice.state in states)
    )


def _target_row(facts: TargetFacts) -> dict[str, Any]:
    row = facts.assessment
    return {
        **pick(facts.target, "plan_version", "target_id", "clause", "line"),
        "domain": facts.domain,
        "horizon": facts.horizon,
        "name": facts.target.get("name_vi"),
        **pick(facts.target, "name_en", "target_type", "comparator", "value_low", "value_high", "unit"),
        **pick(facts.target, "period_start", "period_end"),
        "promise": promise(facts, VIETNAMESE),
        "actual": actual(facts),
        **pick(row, "actual_value", "actual_period_id", "level_state", "pace_state", "confidence"),
        "bucket": facts.bucket,
        "is_counted": facts.counted,
        "aspiration": facts.aspiration,
        "reason_code": row.get("reason_code") or "",
        "pace_reason_code": row.get("pace_reason_code") or "",
        "reasons": reasons(facts),
        "reading_status": facts.target.get("reading_status"),
        "n_annotations": len(facts.annotations),
    }


def _milestone_row(facts: MilestoneFacts) -> dict[str, Any]:
    return {
        **pick(facts.target, "plan_version", "target_id", "clause", "line"),
        "domain": facts.domain,
        "horizon": facts.horizon,
        "name": facts.target.get("name_vi"),
        **pick(facts.target, "name_en", "action", "period_end"),
        "due_date": facts.due,
        "state": facts.state,
        "evidence": facts.status.get("evidence"),
        "reading_status": facts.target.get("reading_status"),
        "n_annotations": len(facts.annotations),
    }


def actual(facts: TargetFacts) -> str | None:
    """The actual with its unit and its time: 7,22% (năm 2025). The rate of one year stands beside a promised average of
    many, so the time is part of the text. None where nothing was judged.
    """
    judged = facts.judged
    if judged is None:
        return None
    return f"{figure(judged, facts, VIETNAMESE)} ({period_words(judged.period_id, VIETNAMESE)})"


def reasons(facts: TargetFacts) -> list[dict[str, str]]:
    """Why level or pace is not assessed and who can mend it, in both languages; [] when both are."""
    codes = dict.fromkeys(
        str(facts.assessment[name])
        for name in ("reason_code", "pace_reason_code")
        if facts.assessment.get(name)
    )
    vietnamese, english = reason_sentences(facts, VIETNAMESE), reason_sentences(facts, ENGLISH)
    return [
        {
            "code": code,
            "reason_vi": f"{vi[0]}. {vi[1]}",
            "reason_en": f"{en[0]}. {en[1]}",
            "mend_vi": vi[2],
            "mend_en": en[2],
        }
        for code, vi, en in zip(codes, vietnamese, english, strict=True)
    ]


def target_record(directory: Path, target_id: str, plan_version: str | None) -> dict[str, Any] | None:
    """Everything a release says of one target or milestone; None when it has no such target.

    Keys: document, clause, target, reading, annotations, relations, lists, versions, indicator, actual, assessment,
    reasons, milestone. Without a plan version the plan in use comes before the others.
    """
    release = release_at(directory)
    targets, milestones = every_target(release), every_milestone(release)
    every: list[TargetFacts | MilestoneFacts] = [*targets, *milestones]
    named = (f for f in every if f.target_id == target_id and plan_version in (None, f.plan_version))
    found = next(named, None)
    if found is None:
        return None
    target = found.target
    clause = clause_of(release, target)
    return {
        "document": {
            **pick(documents(release).get(found.plan_version, {}), *DOCUMENT_COLUMNS),
            "in_force": plan_in_force(release, found.plan_version),
        },
        "clause": {
            "clause": target["clause"],
            **pick(clause, "heading_vi", "heading_en", "line_from", "line_to"),
            **pick(target, "line", "printed_text"),
        },
        "target": {
            **pick(target, *TARGET_COLUMNS),
            "domain": found.domain,
            "horizon": found.horizon,
            "promise": promise(found, VIETNAMESE) if isinstance(found, TargetFacts) else None,
            **pick(target, "action", "due_rule", "list_id"),
        },
        "reading": pick(target, *READING_COLUMNS),
        "annotations": [
            pick(note, "annotation_id", "kind", "touches", "clause", "line", "effect", "text_vi", "text_en")
            for note in found.annotations
        ],
        "relations": _relations(release, target),
        "lists": [
            {
                **pick(named.row, "list_id", "name_vi", "name_en", "clause", "line", "count_printed"),
                "count_listed": len(named.members),
                "members": [
                    pick(member, "position", "name", "line", "target_id", "note_vi", "note_en")
                    for member in named.members
                ],
            }
            for named in lists_of(release, target)
        ],
        "versions": _versions(release, targets, found) if isinstance(found, TargetFacts) else [],
        "indicator": (found.indicator or None) if isinstance(found, TargetFacts) else None,
        "actual": actual(found) if isinstance(found, TargetFacts) else None,
        "assessment": (found.assessment or None) if isinstance(found, TargetFacts) else None,
        "reasons": reasons(found) if isinstance(found, TargetFacts) else [],
        "milestone": _status(found) if isinstance(found, MilestoneFacts) else None,
    }


def _status(found: MilestoneFacts) -> dict[str, Any]:
    """State, due day and evidence of a milestone."""
    row = {name: value for name, value in found.status.items() if name not in ("plan_version", "target_id")}
    return {**row, "state": found.state, "due_date": found.due}


def _relations(release: Release, target: Row) -> list[dict[str, Any]]:
    return [
        {
            **pick(relation.row, "relation_id", "kind"),
            "role": relation.role,
            "other_targets": [target_id for _, target_id in relation.others],
            **pick(relation.row, "whole_value", "whole_unit", "annotation_id", "note_vi", "note_en"),
        }
        for relation in relations_of(release, target)
    ]


def _versions(release: Release, targets: list[TargetFacts], found: TargetFacts) -> list[dict[str, Any]]:
    known = documents(release)
    rows = []
    for other in other_versions(targets, found):
        nearest, document = nearest_point(other), known.get(other.plan_version, {})
        rows.append(
            {
                **pick(other.target, "plan_version", "target_id"),
                "document": document.get("number"),
                "legal_status": document.get("legal_status"),
                "promise": promise(other, VIETNAMESE),
                **pick(other.target, "value_low", "value_high", "unit", "period_end"),
                "nearest_period_id": nearest.period_id if nearest else None,
                "nearest_value": nearest.value if nearest else None,
                "nearest_unit": nearest.row.get("unit") if nearest else None,
                **pick(other.assessment, "level_state", "pace_state", "reason_code", "pace_reason_code"),
            }
        )
    return rows
