"""Who saw a figure before it was published: an audit event, once for each session, page, candidate and subject."""

from __future__ import annotations

import streamlit as st

from expectations.gate.people import Person
from store.settings import Settings
from store.state import record_audit_event, writing

ACTION = "unreleased_seen"


def unreleased_seen(
    settings: Settings, person: Person, page: str, candidate_id: str, subject: str = ""
) -> None:
    """Record that a person opened a page over a candidate; `subject`: what on it, a finding_key for instance.

    Call it before anything of the candidate is drawn: what cannot be logged is not shown.
    """
    seen = f"{ACTION}:{page}:{candidate_id}:{subject}:{person.identifier}"
    if seen in st.session_state:
        return
    detail = {"page": page, "subject": subject, "identity_verified": person.verified}
    with writing(settings) as connection:
        record_audit_event(
            connection, actor=person.identifier, action=ACTION, subject=candidate_id, detail=detail
        )
    st.session_state[seen] = True
