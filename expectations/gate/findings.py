"""Decisions on findings: where a finding stands, and taking the next step."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy.engine import Connection

from expectations.gate.people import EVERYTHING, Person
from expectations.gate.permissions import role_for_finding
from expectations.gate.policies import needs_second_person, require_other_person
from expectations.gate.states import (
    OUTCOMES,
    SETTLED,
    FindingAction,
    FindingState,
    NotAllowed,
    next_finding_state,
)
from expectations.gate.vocabulary import FLAGS, REASON_CODES, ReasonCode
from store import review, state
from store.review import Decision
from store.settings import Settings

__all__ = [
    "FLAGS",
    "REASON_CODES",
    "Evidence",
    "ReasonCode",
    "Standing",
    "accept_information",
    "applies",
    "decide",
    "effective_decisions",
    "evidence_of",
    "standing",
]

# A hair, so that a tolerance of nothing is met by the same double.
_HAIR = 1e-12
# Ways of deciding by which a value counts although a rule speaks against it.
_LETTING = frozenset({"accept", "accept_flagged", "rule_wrong"})
# A number as the program writes it: no thousands separator, a point before the decimals.
_PLAIN_DECIMAL = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)


@dataclass(frozen=True)
class Evidence:
    """What a decision is about: the finding and the value it names, as they stand when it is taken.

    `value`, `tolerance` (half the unit of its rounding) in `unit`; None for a finding that names no value.
    `is_owned`: the office that reviews issues the figure itself.
    """

    finding_key: str
    finding_id: str
    rule_id: str
    severity: str
    source_id: str | None = None
    indicator_code: str | None = None
    area_id: str | None = None
    period_id: str | None = None
    breakdown: str | None = None
    observation_key: str | None = None
    value: float | None = None
    unit: str | None = None
    tolerance: float | None = None
    is_owned: bool = False
    rule_version: int | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        """What a limited role must cover to decide on it: its source, its indicator; everything when it names none."""
        return tuple(filter(None, (self.source_id, self.indicator_code))) or (EVERYTHING,)

    @classmethod
    def of_row(cls, row: Mapping[str, Any], *, is_owned: bool = False) -> Evidence:
        """From a row that has the columns of fct_finding, value and unit, and perhaps rounding_half_width."""
        names = (
            "finding_key", "finding_id", "rule_id", "severity", "source_id", "indicator_code", "area_id",
            "period_id", "breakdown", "observation_key", "value", "unit", "rule_version",
        )  # fmt: skip
        fields = {name: row.get(name) for name in names}
        if fields["value"] is not None:
            fields["value"] = float(fields["value"])
        return cls(**cast(Any, fields), tolerance=row.get("rounding_half_width"), is_owned=is_owned)


@dataclass(frozen=True)
class Standing:
    """Where a finding stands.

    `effective`: the decision that has effect, or had before it lapsed. `proposal`: what waits for a second person.
    `sequence`: the number of the last step, to be named with the next.
    """

    state: FindingState = "open"
    effective: Decision | None = None
    proposal: Decision | None = None
    confirmed_by: Decision | None = None
    sequence: int = 0

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED


def applies(decision: Decision, evidence: Evidence) -> bool:
    """Whether a step still speaks of what is found: the same evidence, or a value within its tolerance.

    One person's word on a warning is none on an error, which takes two; `rule_wrong` was said of that version.
    """
    if decision.finding_id == evidence.finding_id:
        return True
    if decision.value is None or evidence.value is None or decision.unit != evidence.unit:
        return False
    if decision.action in _LETTING and evidence.severity == "error" != decision.severity:
        return False
    if decision.action == "rule_wrong" and decision.rule_version != evidence.rule_version:
        return False
    tolerance = (decision.tolerance or 0.0) + _HAIR * max(1.0, abs(decision.value))
    return abs(evidence.value - decision.value) <= tolerance


def standing(steps: Sequence[Decision], evidence: Evidence | None = None) -> Standing:
    """Where a finding stands after the steps taken on its question, in their order; with `evidence`, as it is now.

    A question may be put by several issues of a figure. What was decided on one issue holds for it although another
    was decided otherwise later; an issue that no decision speaks of is open, or `lapsed` where there was one.
    """
    taken: list[tuple[Decision, Standing]] = []
    for step in steps:
        taken.append((step, _after(_seen_with(taken, evidence_of(step)), step)))
    if evidence is None:
        return taken[-1][1] if taken else Standing()
    return _seen_with(taken, evidence)


def effective_decisions(steps: Sequence[Decision]) -> dict[int, Decision]:
    """The decisions that have effect after some steps, on any finding, by decision_id."""
    by_key: dict[str, list[Decision]] = {}
    for step in steps:
        by_key.setdefault(step.finding_key, []).append(step)
    found = {}
    for own in by_key.values():
        for evidence in {step.finding_id: evidence_of(step) for step in own}.values():
            now = standing(own, evidence)
            if now.is_settled and now.effective is not None:
                found[now.effective.decision_id] = now.effective
    return found


def evidence_of(step: Decision) -> Evidence:
    """What a step was about."""
    names = Evidence.__dataclass_fields__.keys() - {"is_owned"}
    return Evidence(**{name: value for name, value in asdict(step).items() if name in names})


def _seen_with(taken: Sequence[tuple[Decision, Standing]], evidence: Evidence) -> Standing:
    """Where the question stands after its steps for one issue of the figure."""
    if not taken:
        return Standing()
    last = taken[-1][1]
    for step, after in reversed(taken):
        # A question to the source is about the figure, whatever issue raised it, until it is answered.
        is_answered = after.state == "queried" and after is not last
        if not is_answered and _speaks_of(step, after, evidence):
            return replace(after, sequence=last.sequence)
    if last.state in ("open", "queried"):
        return Standing(last.state, sequence=last.sequence)
    return Standing("lapsed", effective=last.effective, sequence=last.sequence)


def _speaks_of(step: Decision, after: Standing, evidence: Evidence) -> bool:
    judged = after.proposal or (after.effective if after.is_settled else None) or step
    return applies(judged, evidence)


def _after(now: Standing, step: Decision) -> Standing:
    action = cast(FindingAction, step.action)
    second = needs_second_person(action, step.severity)
    proposal = cast(FindingAction, now.proposal.action) if now.proposal else None
    following = next_finding_state(now.state, action, needs_second=second, proposal=proposal)
    if action == "comment":
        return replace(now, sequence=step.sequence)
    if following == "proposed":
        return Standing("proposed", now.effective, step, None, step.sequence)
    if action == "confirm":
        return Standing(following, now.proposal, None, step, step.sequence)
    if following in SETTLED:
        return Standing(following, step, None, None, step.sequence)
    return Standing(following, sequence=step.sequence)


def decide(
    settings: Settings,
    person: Person,
    evidence: Evidence,
    action: FindingAction,
    *,
    seen: int,
    reason_code: ReasonCode | None = None,
    reason_text: str = "",
    flag: str | None = None,
    tolerance: float | None = None,
    corrected_value_text: str | None = None,
    attachment_sha256: str | None = None,
    at: datetime | None = None,
) -> Standing:
    """Take a step on a finding and return where it stands then.

    `seen`: number of the last step that the person saw. `tolerance`: how far the value may move before the decision
    lapses, in the figure's unit; half the unit of its rounding when left out. `corrected_value_text`: a plain
    decimal with a point, in the figure's unit. Raises NotAllowed when role, state, form or the rule of two people
    forbid it, Overtaken when somebody was faster; nothing is written then.
    """
    with review.taking_turns(settings) as connection:
        return _decide(
            connection,
            person,
            evidence,
            action,
            seen=seen,
            reason_code=reason_code,
            reason_text=reason_text,
            flag=flag,
            tolerance=tolerance,
            corrected_value_text=corrected_value_text,
            attachment_sha256=attachment_sha256,
            at=at or datetime.now(UTC),
        )


def accept_information(
    settings: Settings, person: Person, found: Sequence[Evidence], *, at: datetime | None = None
) -> int:
    """Accept every finding that only informs, all or none; returns how many were open.

    Raises NotAllowed when one of them is a warning or an error: these are decided one by one.
    """
    heavier = [one for one in found if one.severity != "information"]
    if heavier:
        raise NotAllowed(f"{len(heavier)} of the findings are more than information; decide these one by one")
    accepted = 0
    with review.taking_turns(settings) as connection:
        by_key: dict[str, list[Decision]] = {}
        for step in review.decisions(connection):
            by_key.setdefault(step.finding_key, []).append(step)
        for one in found:
            own = by_key.setdefault(one.finding_key, [])
            now = standing(own, one)
            if now.state not in ("open", "lapsed"):
                continue
            _decide(
                connection, person, one, "accept", seen=now.sequence, reason_code="INFORMATION_ONLY",
                at=at or datetime.now(UTC),
            )  # fmt: skip
            # Two findings may put one question.
            own[:] = review.decisions(connection, finding_key=one.finding_key)
            accepted += 1
    return accepted


def _decide(
    connection: Connection,
    person: Person,
    evidence: Evidence,
    action: FindingAction,
    *,
    seen: int,
    at: datetime,
    reason_code: ReasonCode | None = None,
    reason_text: str = "",
    flag: str | None = None,
    tolerance: float | None = None,
    corrected_value_text: str | None = None,
    attachment_sha256: str | None = None,
) -> Standing:
    role = role_for_finding(person, action, *evidence.scopes)
    acting_for = person.acting_for(role, *evidence.scopes)
    _require_form(
        evidence,
        action,
        reason_code=reason_code,
        reason_text=reason_text,
        flag=flag,
        tolerance=tolerance,
        corrected_value_text=corrected_value_text,
    )
    if attachment_sha256 is not None and not review.is_recorded_snapshot(connection, attachment_sha256):
        raise NotAllowed(f"no file of sha256 {attachment_sha256} was kept; hand the attachment in first")
    before = standing(review.decisions(connection, finding_key=evidence.finding_key), evidence)
    if before.sequence != seen:
        raise review.Overtaken(
            f"step {before.sequence} on this finding was taken after step {seen} was looked at; look at it again, "
            "then decide"
        )
    _require_people(person, acting_for, action, before)
    step = Decision(
        **{name: value for name, value in asdict(evidence).items() if name not in ("is_owned", "tolerance")},
        action=action,
        at=at,
        actor=person.identifier,
        acting_for=acting_for,
        role=role,
        reason_code=reason_code,
        reason_text=reason_text.strip(),
        tolerance=evidence.tolerance if tolerance is None else tolerance,
        flag=flag,
        corrected_value_text=corrected_value_text,
        attachment_sha256=attachment_sha256,
    )
    # Refuses what the state does not offer before anything is written.
    _after(before, step)
    recorded = review.record_decision(connection, step, seen=seen)
    after = _after(before, recorded)
    _record_audit(connection, person, recorded, before.state, after.state)
    return after


def _require_form(
    evidence: Evidence,
    action: FindingAction,
    *,
    reason_code: ReasonCode | None,
    reason_text: str,
    flag: str | None,
    tolerance: float | None,
    corrected_value_text: str | None,
) -> None:
    information = action == "accept" and evidence.severity == "information"
    if action in OUTCOMES and reason_code is None:
        raise NotAllowed(f"{action} needs a reason code: one of {', '.join(REASON_CODES)}")
    if not information and action != "confirm" and not reason_text.strip():
        raise NotAllowed(f"{action} needs a reason in words")
    if (flag is not None) != (action == "accept_flagged") or (flag is not None and flag not in FLAGS):
        raise NotAllowed(f"accept_flagged, and only it, needs a flag: one of {', '.join(FLAGS)}")
    if tolerance is not None and not (math.isfinite(tolerance) and tolerance >= 0):
        raise NotAllowed("the tolerance is a distance: a number from 0")
    if (corrected_value_text is not None) != (action == "correct"):
        raise NotAllowed("correct, and only it, needs the corrected value")
    if action in ("exclude", "correct", "accept_flagged") and evidence.observation_key is None:
        raise NotAllowed(f"the finding names no value, so there is nothing to {action}")
    if action == "correct":
        _require_correctable(evidence, str(corrected_value_text))


def _require_correctable(evidence: Evidence, text: str) -> None:
    if not evidence.is_owned:
        raise NotAllowed(
            f"the figures of {evidence.source_id} are another office's; they are accepted, excluded or asked about, "
            "never overwritten"
        )
    if not _PLAIN_DECIMAL.fullmatch(text):
        raise NotAllowed(f"the corrected value {text!r} is not a plain decimal such as 46.2")
    if evidence.value is not None and float(text) == evidence.value:
        raise NotAllowed("the corrected value is what the figure says already")


def _require_people(person: Person, acting_for: str | None, action: FindingAction, before: Standing) -> None:
    if before.proposal is None:
        return
    who, proposers = (person.identifier, acting_for), (before.proposal.actor, before.proposal.acting_for)
    if action == "confirm":
        require_other_person(who, proposers, "proposed this decision")
    elif action == "withdraw" and not set(filter(None, who)) & set(filter(None, proposers)):
        raise NotAllowed(f"only {before.proposal.actor} withdraws this proposal; an approver may return it")


def _record_audit(
    connection: Connection, person: Person, step: Decision, before: FindingState, after: FindingState
) -> None:
    detail = {name: value for name, value in asdict(step).items() if value not in (None, "") and name != "at"}
    detail |= {"from": before, "to": after, "identity_verified": person.verified}
    state.record_audit_event(
        connection,
        actor=step.actor,
        action=f"finding_{step.action}",
        subject=step.finding_key,
        detail=detail,
        at=step.at,
    )
