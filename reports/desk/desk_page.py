"""What every page of the desk has in common: who sits there, what is looked at, and that it is a draft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import streamlit as st

from expectations.gate.people import Person
from reports.desk.names import Names, names_of
from reports.desk.subject import Subject, subject_of
from reports.frame import Page, show_page
from reports.identity import current_person
from reports.markup import Markup, element, mark
from reports.release_data import Release
from reports.sightings import unreleased_seen
from reports.words import Words
from store.settings import Settings, load_settings

# What was just done, said on the page that comes after it.
_SAID = "desk_said"


@dataclass(frozen=True)
class Desk:
    """A page of the desk: the page itself, the settings, who sits there, and what is looked at."""

    page: Page
    settings: Settings
    subject: Subject

    @property
    def person(self) -> Person:
        """Who sits there now. Asked anew each time: what a button does is done by whoever presses it, with the roles he
        then has, not by whom the page was drawn for.
        """
        return current_person(self.settings, self.page.today)

    @property
    def words(self) -> Words:
        return self.page.words

    @property
    def release(self) -> Release:
        return self.subject.release

    @cached_property
    def names(self) -> Names:
        return names_of(self.release, self.words)

    def moment(self, at: datetime | None) -> str:
        """A moment in the office's time as dd/mm/yyyy hh:mm."""
        if at is None:
            return self.words("none")
        return f"{at.astimezone(ZoneInfo(self.settings.time_zone)):%d/%m/%Y %H:%M}"

    def lead(self, text: object, *more: object) -> None:
        """The first line of the page, and what belongs to it."""
        self.page.write(element("p", text, classes="ppw-lead"), *more)


def show_desk(
    name: str,
    body: Callable[[Desk], None],
    title: Callable[[Desk], str] | None = None,
    *,
    about_draft: bool = True,
) -> None:
    """Draws a page of the desk over the candidate that waits, or over the current release.

    `about_draft`: what is shown are figures of the candidate; then it is said, and logged, that they are unreleased.
    """
    found: list[Subject] = []

    def shown(settings: Settings) -> Release | None:
        subject = subject_of(settings)
        if subject is None:
            return None
        found.append(subject)
        return subject.release

    def desk(page: Page) -> Desk:
        made = Desk(page, load_settings(), found[0])
        if about_draft and made.subject.is_draft:
            about = st.query_params.get("id", "") if name == "finding" else ""
            unreleased_seen(made.settings, made.person, name, made.subject.at.directory.name, about)
        return made

    show_page(
        name,
        lambda page: body(desk(page)),
        (lambda page: title(desk(page))) if title else None,
        shown=shown,
        under_title=lambda page: under_title(desk(page), about_draft),
    )


def under_title(desk: Desk, about_draft: bool) -> None:
    """Whether a draft or what is published is looked at, and what was just done."""
    words, subject = desk.words, desk.subject
    parts = []
    if about_draft and subject.standing is not None:
        said = words(
            "desk.draft_meaning",
            state=words.of("candidate_state", subject.standing.state),
            day=desk.moment(subject.release.manifest.created_at),
        )
        parts.append(notice("ppw-ribbon", words("desk.draft"), said))
    elif about_draft:
        parts.append(
            element("p", words("desk.published", release=subject.release.release_id), classes="ppw-small")
        )
    said_before = st.session_state.pop(_SAID, None)
    if said_before:
        kind, label, text = said_before
        parts.append(notice(f"ppw-notice ppw-{kind}", label, text, role="status"))
    desk.page.write(*parts, classes="ppw-under")


def say(kind: str, label: str, text: str) -> None:
    """Keeps something to be said at the top of the page when it is drawn next; kind: done, refused."""
    st.session_state[_SAID] = (kind, label, text)


def notice(classes: str, label: str, meaning: object, role: str = "note") -> Markup:
    """A line that is set apart, with its label before it."""
    return element("div", element("strong", f"{label}."), " ", meaning, classes=classes, role=role)


# Shape and colour of states, borrowed from the states of targets: shape and word go together everywhere.
SHAPES: dict[str, tuple[str, str]] = {
    "open": ("not_reached", "amber"),
    "lapsed": ("lost", "amber"),
    "queried": ("due", "amber"),
    "proposed": ("slightly_behind", "accent"),
    "accepted": ("reached", "blue"),
    "flagged": ("done_late", "blue"),
    "excluded": ("withdrawn", "quiet"),
    "corrected": ("on_track", "blue"),
    "rule_wrong": ("withdrawn", "quiet"),
    "error": ("overdue", "vermillion"),
    "warning": ("due", "amber"),
    "information": ("not_assessed", "quiet"),
    "unknown": ("not_assessed", "quiet"),
    "waiting": ("not_reached", "amber"),
    "partly_signed": ("lost", "amber"),
    "signed": ("reached", "blue"),
    "scheduled": ("due", "blue"),
    "published": ("reached", "blue"),
    "returned": ("moving_away", "vermillion"),
    "superseded": ("not_assessed", "quiet"),
    "void": ("withdrawn", "vermillion"),
    "retracted": ("withdrawn", "vermillion"),
    "received": ("reached", "blue"),
    "received_late": ("done_late", "blue"),
    "received_undated": ("done_late", "blue"),
    "due": ("due", "amber"),
    "late": ("due", "amber"),
    "missing": ("overdue", "vermillion"),
    "not_due": ("not_due", "quiet"),
    "not_collected": ("not_assessed", "quiet"),
}


def badge(code: str, label: str) -> Markup:
    """A state of the desk: shape and word in its colour."""
    shape, colour = SHAPES.get(code, ("not_assessed", "quiet"))
    return element("span", mark(shape), label, classes=f"ppw-badge ppw-colour-{colour}")
