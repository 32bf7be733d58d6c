"""The candidate: what would be published, what is still open in it, who must sign?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from expectations.gate.candidates import CandidateStanding, Offer, act, sign, why_not_sign
from expectations.gate.permissions import CANDIDATE_ROLES
from expectations.gate.states import CANDIDATE_TRANSITIONS, CandidateAction, NotAllowed
from reports.desk.attachments import keep
from reports.desk.change_list import show_changes
from reports.desk.desk_page import Desk, badge, notice, say, show_desk
from reports.desk.queue_links import exceptions_table
from reports.desk.sign_off_facts import latest_sign_off, signers_missing, steps_of
from reports.desk.sign_off_table import sign_offs_table
from reports.desk.subject import queue_of
from reports.markup import element, link
from store.manifest import ReleaseError
from store.review import Overtaken

# What a person may do with a candidate, in the order of the form.
ORDER: tuple[CandidateAction, ...] = ("sign", "return", "withdraw", "schedule")
LARGEST_PAPER = 20_000_000
EXCEPTIONS_SHOWN = 20


def show() -> None:
    """The page."""
    show_desk("candidate", body)


def body(desk: Desk) -> None:
    """Everything between the title and the footer."""
    words, subject = desk.words, desk.subject
    if subject.offer is None or subject.standing is None:
        desk.lead(
            words("candidate.none", release=subject.release.release_id),
            element("p", link(words("candidate.to_releases"), desk.page.address("releases"))),
        )
        return
    offer, standing = subject.offer, subject.standing
    open_findings = queue_of(desk.settings, subject, desk.page.today).filter(pl.col("needs_step"))
    _lead(desk, offer, standing, open_findings)
    left, right = st.columns([0.64, 0.36], gap="large")
    with left:
        _changes(desk)
        _exceptions(desk, open_findings)
    with right:
        _form(desk, offer, standing)
    _identity(desk, offer)
    _history(desk, offer)


def _lead(desk: Desk, offer: Offer, standing: CandidateStanding, open_findings: pl.DataFrame) -> None:
    words = desk.words
    missing = signers_missing(standing, offer.required)
    if standing.state == "scheduled":
        first = words("candidate.lead_scheduled", at=desk.moment(standing.publish_at))
    elif standing.state == "signed":
        first = words("candidate.lead_signed")
    elif standing.state == "returned":
        first = words("candidate.lead_returned", who=standing.last.actor if standing.last else "")
    elif offer.required == 0:
        first = words("candidate.lead_automatic")
    else:
        first = words.counted("candidate.lead_waiting", missing)
    errors = open_findings.filter(pl.col("severity") == "error").height
    said = [
        words("candidate.policy", policy=words(f"candidate.policy_{offer.policy}")),
        words.counted("candidate.open", open_findings.height)
        if open_findings.height
        else words("candidate.none_open"),
    ]
    if errors:
        said.append(words.counted("candidate.open_errors", errors))
    state = badge(standing.state, words.of("candidate_state", standing.state))
    desk.lead(first, element("p", state, " · ", " ".join(said)))


def _changes(desk: Desk) -> None:
    words = desk.words
    st.header(words("candidate.changes"), anchor=False)
    last = latest_sign_off(desk.settings)
    since = (
        words("candidate.since_signed", release=last.release_id, day=desk.moment(last.at))
        if last
        else words(
            "candidate.since_release", release=desk.release.manifest.previous_release_id or words("none")
        )
    )
    desk.page.write(element("p", since, classes="ppw-small"))
    show_changes(desk, desk.release, before=last.release_id if last else None)


def _exceptions(desk: Desk, open_findings: pl.DataFrame) -> None:
    """What goes out undecided if the candidate is signed now."""
    words = desk.words
    st.header(words("candidate.exceptions"), anchor=False)
    if not open_findings.height:
        desk.page.write(element("p", words("candidate.no_exceptions")))
        return
    shown = open_findings.head(EXCEPTIONS_SHOWN)
    desk.page.write(
        exceptions_table(desk, shown, open_findings.height), classes="ppw-list ppw-vintages ppw-narrow"
    )
    if open_findings.height > shown.height:
        desk.page.write(element("p", link(words("candidate.every_exception"), desk.page.address("queue"))))


def _form(desk: Desk, offer: Offer, standing: CandidateStanding) -> None:
    words = desk.words
    st.header(words("candidate.sign_title"), anchor=False)
    seen = _pinned(offer, standing)
    if standing.sequence > seen:
        last = standing.last
        said = words(
            "decision.overtaken_meaning",
            who=last.actor if last else "",
            what=words.of("candidate_action", last.action if last else None),
            at=desk.moment(last.at if last else None),
            state=words.of("candidate_state", standing.state),
        )
        desk.page.write(notice("ppw-notice ppw-error", words("decision.overtaken"), said, role="alert"))
        st.button(
            words("decision.seen"), on_click=_unpin, args=(offer.manifest_sha256,), key="candidate_unpin"
        )
        return
    _signatures(desk, offer, standing)
    offered = offered_actions(desk, standing)
    if not offered:
        desk.page.write(element("p", words("candidate.nothing_for_you"), classes="ppw-small"))
        return
    refused = why_not_sign(desk.settings, desk.person, offer) if "sign" in offered else None
    if refused:
        desk.page.write(
            notice("ppw-notice", words("candidate.cannot_sign"), words.of("cannot_sign", refused))
        )
        offered = [one for one in offered if one != "sign"]
    if not offered:
        return
    action = st.radio(
        words("decision.what"),
        offered,
        index=None,
        format_func=lambda one: words.of("candidate_action", one),
        captions=[words.of("candidate_action_meaning", one) for one in offered],
        key="candidate_action",
    )
    if action is None:
        return
    _fields(desk, action)
    st.button(
        words.of("candidate_send", action),
        type="primary",
        on_click=_send,
        args=(desk, offer, seen),
        key="candidate_send",
    )


def offered_actions(desk: Desk, standing: CandidateStanding) -> list[CandidateAction]:
    """What this person may do with a candidate as it stands."""
    possible = CANDIDATE_TRANSITIONS[standing.state]
    own = desk.person.identifier in {step.actor for step in standing.signatures}
    return [
        one
        for one in ORDER
        if one in possible
        and (role := CANDIDATE_ROLES[one]) is not None
        and desk.person.has(role)
        and (one != "withdraw" or own)
    ]


def _signatures(desk: Desk, offer: Offer, standing: CandidateStanding) -> None:
    words = desk.words
    said = words("candidate.signatures", n=len(standing.signatures), required=offer.required)
    items = [
        element(
            "li",
            words("candidate.signed_by", who=step.actor, at=desk.moment(step.at)),
            *(
                [words("candidate.paper_of", number=step.paper_number, day=desk.page.date(step.paper_date))]
                if step.paper_number
                else []
            ),
        )
        for step in standing.signatures
    ]
    desk.page.write(element("p", said), element("ul", *items) if items else "")


def _fields(desk: Desk, action: CandidateAction) -> None:
    words = desk.words
    optional = action == "sign"
    st.text_area(
        words("candidate.note" if optional else "decision.reason_text"),
        max_chars=2000,
        height=90,
        key="candidate_text",
    )
    if action == "schedule":
        st.date_input(
            words("candidate.publish_day"),
            value=None,
            min_value=desk.page.today,
            format="DD/MM/YYYY",
            key="candidate_day",
        )
        st.time_input(words("candidate.publish_time"), value=time(8, 0), key="candidate_time")
    if action == "sign":
        desk.page.write(element("p", words("candidate.paper_meaning"), classes="ppw-small"))
        st.text_input(words("candidate.paper_number"), key="candidate_paper_number", placeholder="…/BC-…")
        st.date_input(
            words("candidate.paper_date"),
            value=None,
            max_value=desk.page.today,
            format="DD/MM/YYYY",
            key="candidate_paper_date",
        )
        st.file_uploader(
            words("candidate.paper_file"),
            type=["pdf"],
            max_upload_size=LARGEST_PAPER // 1_000_000,
            key="candidate_paper_file",
        )


def _send(desk: Desk, offer: Offer, seen: int) -> None:
    """Takes the step that was chosen; what came of it is said on the page drawn next."""
    words, said = desk.words, st.session_state
    action: CandidateAction = said["candidate_action"]
    text = said.get("candidate_text") or ""
    try:
        if action == "sign":
            paper = _paper(desk, said)
            after = sign(
                desk.settings,
                desk.person,
                offer,
                seen=seen,
                reason_text=text,
                paper=paper,
                at=datetime.now(UTC),
            )
        else:
            publish_at = _publish_at(desk, said) if action == "schedule" else None
            if not text.strip():
                raise _Lacks(words("decision.lacks_text"))
            after = act(
                desk.settings, desk.person, offer, action, seen=seen, reason_text=text, publish_at=publish_at,
                at=datetime.now(UTC),
            )  # fmt: skip
    except _Lacks as lacks:
        say("error", words("decision.lacks"), str(lacks))
        return
    except Overtaken:
        say("error", words("decision.overtaken"), words("decision.overtaken_refused"))
        return
    except (NotAllowed, ReleaseError) as error:
        say("error", words("desk.refused"), words("desk.refused_meaning", details=str(error)))
        return
    _unpin(offer.manifest_sha256)
    said.pop("candidate_action", None)
    say("done", words("desk.done"), words("candidate.done", state=words.of("candidate_state", after.state)))


class _Lacks(Exception):
    """Something that the form asks for was left empty; the message is shown as it stands."""


def _paper(desk: Desk, said: Any) -> tuple[str, date, str | None] | None:
    """Number, day and sha256 of the signed paper; number and day come together."""
    number, day = (said.get("candidate_paper_number") or "").strip(), said.get("candidate_paper_date")
    file = said.get("candidate_paper_file")
    if not (number or day or file):
        return None
    if not number or not isinstance(day, date):
        raise _Lacks(desk.words("candidate.lacks_paper"))
    return number, day, keep(desk.settings, file.getvalue(), "application/pdf") if file else None


def _publish_at(desk: Desk, said: Any) -> datetime:
    day, at = said.get("candidate_day"), said.get("candidate_time")
    if not isinstance(day, date) or not isinstance(at, time):
        raise _Lacks(desk.words("candidate.lacks_time"))
    moment = datetime.combine(day, at, ZoneInfo(desk.settings.time_zone))
    if moment <= datetime.now(UTC):
        raise _Lacks(desk.words("candidate.lacks_future"))
    return moment


def _pinned(offer: Offer, standing: CandidateStanding) -> int:
    return int(st.session_state.setdefault(f"candidate_seen_{offer.manifest_sha256}", standing.sequence))


def _unpin(manifest_sha256: str) -> None:
    st.session_state.pop(f"candidate_seen_{manifest_sha256}", None)


def _identity(desk: Desk, offer: Offer) -> None:
    """What exactly is signed."""
    words, manifest = desk.words, offer.manifest
    facts: Sequence[tuple[str, object]] = [
        (words("footer.release"), manifest.release_id),
        (words("candidate.digest"), element("code", manifest.content_digest)),
        (words("candidate.manifest"), element("code", offer.manifest_sha256)),
        (words("footer.cut_off"), desk.page.date(manifest.cut_off)),
        (words("candidate.made"), desk.moment(manifest.created_at)),
        (words("candidate.rules"), manifest.rule_set_version[:12]),
        (words("footer.method"), manifest.method_version),
        (words("candidate.decisions"), desk.page.number(manifest.decisions_up_to)),
        (words("candidate.files"), desk.page.number(len(manifest.files))),
    ]
    entries = [element("div", element("dt", name), element("dd", value)) for name, value in facts]
    st.header(words("candidate.what_is_signed"), anchor=False)
    desk.page.write(
        element("p", words("candidate.what_is_signed_meaning")),
        element("dl", *entries, classes="ppw-facts ppw-codes"),
    )


def _history(desk: Desk, offer: Offer) -> None:
    steps = steps_of(desk.settings, offer.manifest_sha256)
    if steps:
        st.header(desk.words("candidate.history"), anchor=False)
        table = sign_offs_table(desk, desk.words("candidate.history"), steps[::-1])
        desk.page.write(table, classes="ppw-list ppw-vintages")


if __name__ == "__main__":
    show()
