"""The form by which a finding is decided, confirmed or returned, every step by `expectations.gate.findings`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from expectations.gate.findings import FLAGS, REASON_CODES, Evidence, ReasonCode, decide
from expectations.gate.people import Person
from expectations.gate.permissions import FINDING_ROLES
from expectations.gate.policies import needs_second_person
from expectations.gate.queue import evidence_now
from expectations.gate.states import OUTCOMES, FindingAction, FindingState, NotAllowed, finding_actions
from reports.desk.attachments import keep
from reports.desk.desk_page import Desk, badge, notice, say
from reports.desk.letter import MEDIA_TYPE, Letter
from reports.desk.names import plain_number
from reports.markup import Markup, element
from reports.numbers import decimals_of, format_number, parse_number
from reports.release_data import Row
from store.review import Decision, Overtaken

# What the office is asked for by each action, beside the reason in words.
NEEDS_CODE = frozenset(OUTCOMES)
# These lie less often in a reviewer's hand; they stand after the others.
ORDER: tuple[FindingAction, ...] = (
    "confirm",
    "return_proposal",
    "accept",
    "accept_flagged",
    "query_source",
    "record_answer",
    "exclude",
    "correct",
    "rule_wrong",
    "withdraw",
    "comment",
)
LARGEST_ATTACHMENT = 20_000_000


@dataclass(frozen=True)
class Filled:
    """What the form says when it is sent."""

    action: FindingAction
    reason_code: ReasonCode | None
    reason_text: str
    flag: str | None
    tolerance: float | None
    corrected: str | None
    attachment: tuple[bytes, str] | None


def show_form(desk: Desk, row: Row, steps: Sequence[Decision], letter: Letter) -> None:
    """The decision on a finding: where it stands, what may be done, and the form for it."""
    words = desk.words
    desk.page.write(element("span", id="quyet-dinh"))
    st.header(words("decision.title"), anchor=False)
    seen = _pinned(row)
    if row["sequence"] > seen:
        _overtaken(desk, row, steps)
        return
    _standing(desk, row, steps)
    evidence = evidence_now(desk.subject.at, row["finding_id"])
    if evidence is None:
        return
    offered = offered_actions(desk.person, row["state"], evidence, row["proposed_by"])
    if not offered:
        desk.page.write(element("p", words("decision.nothing_for_you"), classes="ppw-small"))
        return
    key = str(row["finding_id"])[:16]
    action = st.radio(
        words("decision.what"),
        offered,
        index=None,
        format_func=lambda one: words.of("finding_action", one),
        captions=[words.of("finding_action_meaning", one) for one in offered],
        key=f"decision_action_{key}",
    )
    if action is None:
        return
    _fields(desk, evidence, action, key)
    if action == "query_source":
        _offer_letter(desk, letter, key)
    if needs_second_person(action, evidence.severity):
        desk.page.write(notice("ppw-notice", words("decision.second"), words("decision.second_meaning")))
    st.button(
        words.of("decision_send", action),
        type="primary",
        on_click=_send,
        args=(desk, evidence, seen, key),
        key=f"decision_send_{key}",
    )


def offered_actions(
    person: Person, state: FindingState, evidence: Evidence, proposed_by: str | None
) -> list[FindingAction]:
    """What a person may do with a finding as it stands, in the order of the form; nobody confirms his own proposal."""
    possible = {one for one in finding_actions(state) if _fits(evidence, one)}
    if proposed_by is not None and proposed_by in (person.identifier, person.acting_for("approver")):
        possible.discard("confirm")
    return [one for one in ORDER if one in possible and person.has(FINDING_ROLES[one])]


def _fits(evidence: Evidence, action: FindingAction) -> bool:
    if action in ("exclude", "accept_flagged") and evidence.observation_key is None:
        return False
    return action != "correct" or (evidence.is_owned and evidence.observation_key is not None)


def _pinned(row: Row) -> int:
    """The last step that the person saw when the page was opened: the one that the next step names."""
    name = f"decision_seen_{row['finding_key']}"
    if name not in st.session_state:
        st.session_state[name] = row["sequence"]
    return int(st.session_state[name])


def _unpin(finding_key: str) -> None:
    st.session_state.pop(f"decision_seen_{finding_key}", None)


def _overtaken(desk: Desk, row: Row, steps: Sequence[Decision]) -> None:
    """Somebody decided while this person was looking: who, what, and the way on."""
    words, last = desk.words, steps[-1]
    said = words(
        "decision.overtaken_meaning",
        who=last.actor,
        what=words.of("finding_action", last.action),
        at=desk.moment(last.at),
        state=words.of("finding_state", row["state"]),
    )
    desk.page.write(
        notice("ppw-notice ppw-error", words("decision.overtaken"), said, role="alert"),
        element("p", badge(row["state"], words.of("finding_state", row["state"]))),
    )
    st.button(
        words("decision.seen"),
        on_click=_unpin,
        args=(row["finding_key"],),
        key=f"decision_unpin_{row['finding_id'][:16]}",
    )


def _standing(desk: Desk, row: Row, steps: Sequence[Decision]) -> None:
    words = desk.words
    said: list[object] = [element("p", badge(row["state"], words.of("finding_state", row["state"])))]
    moving = [step for step in steps if step.action != "comment"]
    # A confirmation is read together with what it confirms.
    shown = moving[-2:] if moving and moving[-1].action == "confirm" else moving[-1:]
    said += [_step(desk, step) for step in shown]
    if row["state"] == "proposed":
        said.append(element("p", words("decision.waits_for_second"), classes="ppw-small"))
    desk.page.write(*said)


def _step(desk: Desk, step: Decision) -> Markup:
    """A step: what, by whom, when and why."""
    words = desk.words
    code = f"{words.of('decision_reason', step.reason_code)}. " if step.reason_code else ""
    line = words("decision.last", who=step.actor, what=action_words(desk, step), at=desk.moment(step.at))
    why = element("q", f"{code}{step.reason_text}".strip()) if code or step.reason_text else ""
    return element("p", line, " ", why)


def action_words(desk: Desk, step: Decision) -> str:
    """An action with what it set: the flag, or the corrected value."""
    said = desk.words.of("finding_action", step.action)
    if step.flag:
        return f"{said}: {desk.words.of('status_flag', step.flag)}"
    if step.corrected_value_text:
        return f"{said}: {desk.names.measured(step.corrected_value_text, step.unit)}"
    return said


def _fields(desk: Desk, evidence: Evidence, action: FindingAction, key: str) -> None:
    """The fields an action asks for; what they say is read when the form is sent."""
    words = desk.words
    if action in NEEDS_CODE:
        st.selectbox(
            words("decision.reason_code"),
            REASON_CODES,
            index=None,
            format_func=lambda one: words.of("decision_reason", one),
            placeholder=words("decision.choose"),
            key=f"decision_code_{key}",
        )
    if action == "accept_flagged":
        st.selectbox(
            words("decision.flag"),
            FLAGS,
            index=None,
            format_func=lambda one: words.of("status_flag", one),
            placeholder=words("decision.choose"),
            key=f"decision_flag_{key}",
        )
    unit = desk.names.unit(evidence.unit) or ""
    if action == "correct":
        st.text_input(
            words("decision.corrected", unit=unit),
            placeholder=plain_number(evidence.value, desk.page.language),
            key=f"decision_corrected_{key}",
        )
        desk.page.write(element("p", words("decision.correct_until"), classes="ppw-small"))
    st.text_area(
        words("decision.answer" if action == "record_answer" else "decision.reason_text"),
        max_chars=2000,
        height=110,
        key=f"decision_text_{key}",
    )
    if action in OUTCOMES and evidence.value is not None:
        st.text_input(
            words("decision.tolerance", unit=unit),
            value=format_number(evidence.tolerance or 0, desk.page.language),
            help=words("decision.tolerance_help"),
            key=f"decision_tolerance_{key}",
        )
    st.file_uploader(
        words("decision.attachment"),
        max_upload_size=LARGEST_ATTACHMENT // 1_000_000,
        key=f"decision_file_{key}",
    )


def filled_in(desk: Desk, action: FindingAction, key: str) -> Filled:
    """What the fields of an action say now."""

    def field(name: str, wanted: bool = True) -> Any:
        return st.session_state.get(f"decision_{name}_{key}") if wanted else None

    file = field("file")
    return Filled(
        action,
        field("code", action in NEEDS_CODE),
        field("text") or "",
        field("flag", action == "accept_flagged"),
        _number(desk, field("tolerance", action in OUTCOMES) or ""),
        field("corrected", action == "correct"),
        (file.getvalue(), file.type or "application/octet-stream") if file else None,
    )


def _number(desk: Desk, text: str) -> float | None:
    """A number as the page's language writes it; NaN for what is none, so that sending says so."""
    try:
        return float(parse_number(text.strip(), desk.page.language)) if text.strip() else None
    except ValueError:
        return float("nan")


def _offer_letter(desk: Desk, letter: Letter, key: str) -> None:
    words = desk.words
    desk.page.write(
        element(
            "details",
            element("summary", words("decision.letter")),
            *(element("p", part) for part in letter.text().split("\n\n")),
            lang="vi",
            classes="ppw-letter",
        )
    )
    st.download_button(
        words("decision.letter_download"),
        data=letter.docx,
        file_name=f"cong-van-xac-minh-{key[:8]}.docx",
        mime=MEDIA_TYPE,
        on_click="ignore",
        key=f"decision_letter_{key}",
    )


def lacking(desk: Desk, evidence: Evidence, filled: Filled) -> list[str]:
    """What the form still lacks, in words; the gate asks for the same and has the last word."""
    words, asked = desk.words, []
    informs = filled.action == "accept" and evidence.severity == "information"
    if filled.action in NEEDS_CODE and filled.reason_code is None:
        asked.append(words("decision.lacks_code"))
    if not informs and filled.action != "confirm" and not filled.reason_text.strip():
        asked.append(words("decision.lacks_text"))
    if filled.action == "accept_flagged" and filled.flag is None:
        asked.append(words("decision.lacks_flag"))
    if filled.tolerance is not None and not filled.tolerance >= 0:
        asked.append(words("decision.lacks_tolerance"))
    if filled.action == "correct" and _corrected_text(desk, filled) is None:
        asked.append(words("decision.lacks_corrected"))
    return asked


def _corrected_text(desk: Desk, filled: Filled) -> str | None:
    """The corrected value as a plain decimal with a point."""
    if not filled.corrected:
        return None
    try:
        number = parse_number(filled.corrected.strip(), desk.page.language)
    except ValueError:
        return None
    return f"{number:.{decimals_of(number)}f}" if number.is_finite() else None


def _send(desk: Desk, evidence: Evidence, seen: int, key: str) -> None:
    """Takes the step; what came of it is said on the page that is drawn next.

    `evidence` and `seen` are those of the page that was looked at. The fields are read now: a text may come with the
    very click that sends it.
    """
    words = desk.words
    filled = filled_in(desk, st.session_state[f"decision_action_{key}"], key)
    lacks = lacking(desk, evidence, filled)
    if lacks:
        say("error", words("decision.lacks"), " ".join(lacks))
        return
    try:
        attachment = keep(desk.settings, *filled.attachment) if filled.attachment else None
        after = decide(
            desk.settings,
            desk.person,
            evidence,
            filled.action,
            seen=seen,
            reason_code=filled.reason_code,
            reason_text=filled.reason_text,
            flag=filled.flag,
            tolerance=filled.tolerance,
            corrected_value_text=_corrected_text(desk, filled),
            attachment_sha256=attachment,
            at=datetime.now(UTC),
        )
    except Overtaken:
        say("error", words("decision.overtaken"), words("decision.overtaken_refused"))
        return
    except NotAllowed as error:
        say("error", words("desk.refused"), words("desk.refused_meaning", details=str(error)))
        return
    _unpin(evidence.finding_key)
    st.session_state.pop(f"decision_action_{key}", None)
    say("done", words("desk.done"), words("decision.done", state=words.of("finding_state", after.state)))
