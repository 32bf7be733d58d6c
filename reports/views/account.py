"""The visitor: who he is taken for, which roles he holds, how to sign in and out."""

from __future__ import annotations

from reports.frame import show_page, today, write
from reports.identity import current_person, mode
from reports.markup import element
from reports.sign_in import role_words, sign_in
from reports.words import Words
from store.settings import load_settings


def show() -> None:
    """The page."""
    show_page("account", lambda page: account(page.words), without_release=account)


def account(words: Words) -> None:
    """Everything between the title and the footer; it needs no release."""
    settings = load_settings()
    person = current_person(settings, today(settings))
    how = mode(settings)
    who = words("access.you_are", person=person.name) if person.identifier else words("access.you_are_nobody")
    write(
        words.language,
        element("p", who, classes="ppw-lead"),
        element("p", words.of("identity_mode", how)),
        element("p", role_words(person, words)),
    )
    sign_in(words, settings, person)


if __name__ == "__main__":
    show()
