"""Who may see which page: each page by name -> the action of `expectations.gate.permissions` that seeing it is.

A page that does not stand here is shown to nobody. `frame.show_page` looks here before it reads a release, the menu
before it names a page.
"""

from __future__ import annotations

from collections.abc import Mapping

from expectations.gate.people import Person
from expectations.gate.permissions import DeskAction, may

PAGE_ACTIONS: Mapping[str, DeskAction] = {
    "overview": "see_release",
    "domains": "see_release",
    "search": "see_release",
    "target": "see_release",
    "milestones": "see_release",
    "places": "see_release",
    "departments": "see_release",
    "sources": "see_release",
    "method": "see_release",
    "documents": "see_release",
    "downloads": "see_release",
    "series": "see_release",
    "account": "see_release",
    "submit": "hand_in",
    "statements": "state_cause",
    "queue": "see_findings",
    "finding": "see_findings",
    "candidate": "see_candidate",
    "releases": "see_audit_log",
    "coverage": "see_findings",
    "audit": "see_audit_log",
    "process": "see_audit_log",
}


def may_see(person: Person, page: str) -> bool:
    """Whether a person may see a page; nobody may see a page that is not in the table."""
    action = PAGE_ACTIONS.get(page)
    return action is not None and may(person, action)


def is_public(page: str) -> bool:
    """Whether everybody may see the page."""
    return PAGE_ACTIONS.get(page) == "see_release"
