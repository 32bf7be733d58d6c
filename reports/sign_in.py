"""The controls by which a visitor says who he is, or no longer is, and the words for what he may do."""

from __future__ import annotations

import streamlit as st

from expectations.gate.people import ROLES, Person
from reports.identity import (
    MOST_OF_A_NAME,
    STATED_NAME,
    clean_name,
    mode,
    session_has_ended,
)
from reports.markup import element
from reports.provider import require_provider
from reports.words import Words
from store.settings import Settings, SettingsError


def role_words(person: Person, words: Words) -> str:
    """The roles a person holds, himself and as deputy, in one sentence."""
    own = [words.of("role", role) for role in ROLES if role in person.roles]
    standing_in = [
        words("access.standing_in", role=words.of("role", role), principal=stand_in.principal)
        for role, stand_in in person.standing_in.items()
    ]
    return words(
        "access.roles", roles=words.listed([*own, *standing_in]) if own or standing_in else words("none")
    )


def sign_in(words: Words, settings: Settings, person: Person) -> None:
    """What signing in takes here: a button that leads to the provider, a field for a name, or a sentence."""
    how = mode(settings)
    if how == "oidc":
        _with_provider(words, settings, person)
    elif how == "local":
        _with_a_name(words, person)
    else:
        _said(words, words("access.public_only"))


def _with_provider(words: Words, settings: Settings, person: Person) -> None:
    try:
        require_provider(settings)
    except SettingsError:
        _said(words, words("access.no_provider"))
        return
    if person.identifier:
        if st.button(words("access.sign_out"), key="sign_out"):
            st.logout()
        return
    if session_has_ended(settings):
        _said(words, words("access.session_ended"))
    elif st.user.to_dict().get("is_logged_in") is True:
        # Signed in, and yet nobody: the token does not name him in the claim that the settings ask for.
        _said(words, words("access.unnamed", claim=settings.oidc_person_claim))
        if st.button(words("access.sign_out"), key="sign_out"):
            st.logout()
        return
    if st.button(words("access.sign_in"), key="sign_in", type="primary"):
        st.login()


def _with_a_name(words: Words, person: Person) -> None:
    _said(words, words("access.local_ask"))
    with st.form("state_name", border=False):
        st.text_input(
            words("access.name"), value=person.name, max_chars=MOST_OF_A_NAME, key="asked_name", width=420
        )
        st.form_submit_button(words("access.state_name"), on_click=_state_name)
    if person.identifier:
        st.button(words("access.forget_name"), key="forget_name", on_click=_forget_name)


def _state_name() -> None:
    st.session_state[STATED_NAME] = clean_name(str(st.session_state.get("asked_name", "")))


def _forget_name() -> None:
    st.session_state[STATED_NAME] = ""
    st.session_state["asked_name"] = ""


def _said(words: Words, sentence: str) -> None:
    st.html(element("div", element("p", sentence), classes="ppw", lang=words.language))
