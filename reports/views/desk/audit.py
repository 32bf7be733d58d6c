"""The audit log: who did what, when, why?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from expectations.gate.candidates import PROGRAM
from expectations.gate.people import EVERYTHING
from reports.desk.audit_facts import AskedEvents, choose_events, events_csv, every_event, reason_of
from reports.desk.desk_page import Desk, show_desk
from reports.frame import DESK_PATHS
from reports.markup import Column, element, joined, page_address, table
from reports.sightings import ACTION as SEEN
from store.state import AuditEvent

PAGE_SIZE = 50
SHORT = 16


def show() -> None:
    """The page."""
    show_desk("audit", body, about_draft=False)


def body(desk: Desk) -> None:
    """Everything between the title and the footer."""
    words, page = desk.words, desk.page
    every = every_event(desk.settings)
    if not every:
        desk.lead(words("audit.empty"))
        return
    last = every[0]
    desk.lead(
        words("audit.lead", events=words.counted("audit.events", len(every)), at=desk.moment(last.at)),
        element("p", words("audit.append_only"), classes="ppw-small"),
    )
    asked = _filters(desk, every)
    chosen = choose_events(every, asked, desk.settings.time_zone)
    if not chosen:
        page.write(element("p", words("audit.none_chosen"), classes="ppw-state-page"))
        return
    st.download_button(
        words.counted("audit.download", len(chosen)),
        data=lambda: events_csv(chosen),
        file_name=f"nhat-ky-{page.today.isoformat()}.csv",
        mime="text/csv",
        on_click="ignore",
        key="audit_csv",
    )
    _list(desk, chosen)


def _filters(desk: Desk, every: Sequence[AuditEvent]) -> AskedEvents:
    """The fields; what they say stands in the address."""
    words = desk.words
    actions = sorted({event.action for event in every})
    actors = sorted({event.actor for event in every})
    first, second, third, fourth, fifth = st.columns([2, 2, 1.4, 1.4, 2])
    action = first.selectbox(
        words("audit.action"),
        actions,
        index=_place(actions, st.query_params.get("action")),
        format_func=lambda one: words.of("audit_action", one),
        placeholder=words("queue.any"),
        key="audit_action",
    )
    actor = second.selectbox(
        words("desk.who"),
        actors,
        index=_place(actors, st.query_params.get("actor")),
        format_func=lambda one: words("desk.program") if one == PROGRAM else one,
        placeholder=words("queue.any"),
        key="audit_actor",
    )
    since = third.date_input(
        words("audit.since"), value=_day(st.query_params.get("since")), format="DD/MM/YYYY", key="audit_since"
    )
    until = fourth.date_input(
        words("audit.until"), value=_day(st.query_params.get("until")), format="DD/MM/YYYY", key="audit_until"
    )
    text = fifth.text_input(words("audit.text"), value=st.query_params.get("text", ""), key="audit_text")
    asked = AskedEvents(
        action,
        actor,
        since if isinstance(since, date) else None,
        until if isinstance(until, date) else None,
        text or "",
    )
    said = {
        "action": asked.action,
        "actor": asked.actor,
        "since": asked.since.isoformat() if asked.since else None,
        "until": asked.until.isoformat() if asked.until else None,
        "text": asked.text or None,
    }
    for name, value in said.items():
        if st.query_params.get(name) != value:
            if value is None:
                st.query_params.pop(name, None)
            else:
                st.query_params[name] = value
            st.query_params.pop("page", None)
    return asked


def _place(values: Sequence[str], asked: str | None) -> int | None:
    return values.index(asked) if asked in values else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _list(desk: Desk, chosen: Sequence[AuditEvent]) -> None:
    words, page = desk.words, desk.page
    asked = st.query_params.get("page", "1")
    pages = -(-len(chosen) // PAGE_SIZE)
    number = min(max(1, int(asked) if asked.isdigit() else 1), pages)
    part = chosen[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    columns = [
        Column(words("desk.when")),
        Column(words("desk.who")),
        Column(words("desk.what")),
        Column(words("audit.subject")),
        Column(words("audit.change")),
        Column(words("desk.why")),
    ]
    rows = [
        (
            desk.moment(event.at),
            _who(desk, event),
            words.of("audit_action", event.action),
            element("span", _short(event.subject), title=event.subject),
            _change(desk, event),
            reason_of(event) or words("none"),
        )
        for event in part
    ]
    parts: list[object] = []
    kept = {name: value for name, value in st.query_params.items() if name not in ("page", "lang")}
    if number > 1:
        parts.append(element("a", words("queue.before"), href=_address(desk, kept, number - 1), rel="prev"))
    if pages > 1:
        parts.append(words("queue.page_of", n=page.number(number), total=page.number(pages)))
    if number < pages:
        parts.append(element("a", words("queue.next"), href=_address(desk, kept, number + 1), rel="next"))
    page.write(
        table(words.counted("audit.events", len(chosen)), columns, rows, caption_shown=True),
        element("nav", joined(parts, " · "), aria_label=words("queue.pages"), classes="ppw-pager"),
        classes="ppw-list ppw-vintages ppw-audit",
    )


def _address(desk: Desk, kept: dict[str, str], number: int) -> str:
    return page_address(DESK_PATHS["audit"], desk.page.language, **kept, page=str(number))


def _who(desk: Desk, event: AuditEvent) -> str:
    if event.actor == PROGRAM:
        return desk.words("desk.program")
    principal = event.detail.get("acting_for")
    return desk.words("desk.acting_for", actor=event.actor, principal=principal) if principal else event.actor


def _short(subject: str) -> str:
    return f"{subject[:SHORT]}…" if len(subject) > 2 * SHORT else subject


def _change(desk: Desk, event: AuditEvent) -> str:
    """From what to what, which role and for what, or which page was seen, where the event says so."""
    if role := event.detail.get("role"):
        scope = event.detail.get("scope", EVERYTHING)
        name = desk.words.of("role", role)
        return name if scope == EVERYTHING else f"{name} · {scope}"
    if event.action == SEEN and event.detail.get("page") in DESK_PATHS:
        return desk.words(f"{event.detail['page']}.title")
    before, after = event.detail.get("from"), event.detail.get("to")
    if not after:
        return desk.words("none")
    family = "candidate_state" if event.action.startswith("candidate_") else "finding_state"
    return f"{desk.words.of(family, before)} → {desk.words.of(family, after)}"


if __name__ == "__main__":
    show()
