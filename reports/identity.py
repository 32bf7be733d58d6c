"""Who looks at the pages.

Three ways, by the setting `identity`. `oidc`: the provider's token, kept by Streamlit in a signed cookie, names the
person, and the role map gives roles. `local`: whoever sits at this machine states a name, and nobody vouches for it.
`public`: everybody is nobody. Roles given and deputations of the state database come on top.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

import streamlit as st

from expectations.gate.people import ROLES, Person, known_person, person_on, stated_person
from reports.provider import LOOPBACK, listens_on_loopback, mapped_roles, named_by
from store.settings import Settings
from store.state import is_made, migrate

Mode = Literal["oidc", "local", "public"]

# What a proxy in front of the server adds: then the visitor sits elsewhere, whatever address the server listens on.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")
NAME_COOKIE = "ppw_stated_name"
STATED_NAME = "stated_name"
MOST_OF_A_NAME = 100
NOBODY = Person("", "", {"public": frozenset({"*"})})
# Clocks of two machines differ; a token may seem to come from the near future.
_CLOCKS = timedelta(minutes=2)
# State databases that this process has brought to the version it needs.
_MIGRATED: set[str] = set()


def mode(settings: Settings) -> Mode:
    """How people are known here. Local mode holds only for visitors of this machine; others are the public."""
    if settings.identity == "local" and not _at_this_machine():
        return "public"
    return settings.identity


def current_person(settings: Settings, day: date) -> Person:
    """Who looks at the page, with the roles of that day. SettingsError when the role map cannot be used."""
    how = mode(settings)
    if how == "oidc":
        claims = signed_in_claims(settings)
        return NOBODY if claims is None else person_of_claims(settings, claims, day)
    if how == "local":
        name = stated_name()
        return person_who_says(settings, name, day) if name else NOBODY
    return NOBODY


def signed_in_claims(settings: Settings, now: datetime | None = None) -> dict[str, Any] | None:
    """What the provider said about the visitor; None when nobody is signed in, or has been for too long.

    Streamlit keeps its cookie for thirty days and does not look at times, so they are looked at here on every run.
    """
    claims: dict[str, Any] = dict(st.user.to_dict())
    if claims.get("is_logged_in") is not True:
        return None
    issued = claims.get("iat")
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        return None
    age = (now or datetime.now(UTC)) - datetime.fromtimestamp(issued, UTC)
    return claims if -_CLOCKS <= age <= timedelta(hours=settings.oidc_session_hours) else None


def session_has_ended(settings: Settings) -> bool:
    """Whether the visitor was signed in and no longer is."""
    return st.user.to_dict().get("is_logged_in") is True and signed_in_claims(settings) is None


def person_of_claims(settings: Settings, claims: Mapping[str, Any], day: date) -> Person:
    """The person a provider vouches for. Nobody when the claim that names people is missing, or is an address that
    the provider has not verified.
    """
    identifier = named_by(settings, claims)
    if identifier is None:
        return NOBODY
    shown, given = claims.get("name"), mapped_roles(settings, claims)
    name = shown.strip() if isinstance(shown, str) else ""
    if not has_records(settings):
        return person_on(day, identifier, name=name, given=given, verified=True)
    return known_person(settings, identifier, day, name=name, given=given, verified=True)


def person_who_says(settings: Settings, name: str, day: date) -> Person:
    """The person a visitor of this machine says to be."""
    if not has_records(settings):
        return person_on(day, name, given=ROLES)
    return stated_person(settings, name, day)


def stated_name() -> str:
    """The name the visitor stated in this session, or in an earlier one of this browser; empty when none."""
    stated = st.session_state.get(STATED_NAME)
    if stated is not None:
        return clean_name(str(stated))
    kept = st.context.cookies.get(NAME_COOKIE)
    return clean_name(unquote(kept)) if isinstance(kept, str) else ""


def clean_name(text: str) -> str:
    """A stated name without what does not print and with single spaces."""
    printed = "".join(
        letter if letter.isprintable() else " " for letter in unicodedata.normalize("NFC", text)
    )
    return " ".join(printed.split())[:MOST_OF_A_NAME].strip()


def keep_stated_name() -> None:
    """Has the browser keep the name stated in this session, for the other pages: each is a session of its own."""
    stated = st.session_state.get(STATED_NAME)
    if stated is None:
        return
    value = quote(clean_name(str(stated)), safe="")
    age = "" if value else "; Max-Age=0"
    st.html(
        f"<script>document.cookie = '{NAME_COOKIE}={value}; Path=/; SameSite=Strict{age}';</script>",
        unsafe_allow_javascript=True,
    )


def _at_this_machine() -> bool:
    if not listens_on_loopback(st.get_option("server.address")):
        return False
    headers = st.context.headers
    if any(headers.get(name) for name in FORWARDED):
        return False
    # A page of another site that made its name point here would still call the server by that name.
    host = headers.get("Host")
    return host is None or urlsplit(f"//{host}").hostname in LOOPBACK


def has_records(settings: Settings) -> bool:
    """Whether there is a state database, which then has the tables this code reads; looking makes none."""
    if not is_made(settings):
        return False
    if settings.state_location not in _MIGRATED:
        migrate(settings)
        _MIGRATED.add(settings.state_location)
    return True
