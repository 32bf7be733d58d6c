"""Small pieces of HTML; every text that comes from data is escaped here, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal
from urllib.parse import urlencode, urlsplit

from reports.numbers import Language
from reports.words import Words

# States in which a promise is fallen short of.
SHORTFALLS = frozenset({"slightly_behind", "behind", "moving_away", "not_reached", "lost"})


class Markup(str):
    """Text that is HTML already and is not escaped again."""


def text(value: object) -> Markup:
    """A value as HTML text; Markup stays as it is."""
    return value if isinstance(value, Markup) else Markup(escape(str(value)))


def element(tag: str, *content: object, classes: str = "", **attributes: str) -> Markup:
    """An element with escaped content and attributes; a trailing underscore in an attribute's name is
    dropped.
    """
    named = {"class": classes, **attributes} if classes else attributes
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value, quote=True)}"'
        for name, value in named.items()
    )
    return Markup(f"<{tag}{written}>{''.join(text(part) for part in content)}</{tag}>")


def void(tag: str, **attributes: str) -> Markup:
    """An element that has no content and no end: an input, a picture."""
    return Markup(element(tag, **attributes).removesuffix(f"</{tag}>"))


def joined(parts: Iterable[object], between: str = "") -> Markup:
    """Parts one after the other, each escaped, with a text between them."""
    return Markup(escape(between).join(text(part) for part in parts))


def page_address(path: str, language: Language, **parameters: str) -> str:
    """Address of a page of this app, relative so that it also holds behind a proxy's prefix."""
    query = {**parameters, **({"lang": language} if language != "vi" else {})}
    return f"{path or '.'}{'?' + urlencode(query) if query else ''}"


def link(label: object, address: str) -> Markup:
    """A link inside the app."""
    return element("a", label, href=address)


def outside_link(label: object, address: str | None) -> Markup:
    """A link to a publisher's page, opened in a new tab; what is no web address stays plain text."""
    if address and urlsplit(address).scheme in {"http", "https"}:
        return element("a", label, href=address, target="_blank", rel="noopener noreferrer")
    return text(label)


def mark(shape: str) -> Markup:
    """The shape of a state or a maturity; the word beside it carries the meaning too."""
    return element("span", classes=f"ppw-mark ppw-mark-{shape}", aria_hidden="true")


def state(code: str, label: str) -> Markup:
    """A state: shape and word in the state's colour."""
    return element("span", mark(code), label, classes=f"ppw-state ppw-state-{code}")


def state_of_promise(code: str, label: str, aspiration: str | None) -> Markup:
    """The state of one promise. `aspiration` are the words for a promise to strive for, None for any other: falling
    short of it is no fault, so it is said beside the state and drawn without a colour of alarm.
    """
    if aspiration is None or code not in SHORTFALLS:
        return state(code, label)
    return element("span", mark(code), f"{label} · {aspiration}", classes="ppw-state ppw-state-aspiration")


def maturity(code: str | None, words: Words) -> Markup:
    """A maturity: its mark and its word."""
    known = code or "not_stated"
    label = words.of("maturity", known)
    # The word for a source that says nothing is taken for a fault of the page unless it is explained.
    meaning = {"title": words.of("maturity_meaning", known)} if known == "not_stated" else {}
    return element("span", mark(f"maturity-{known}"), label, classes="ppw-maturity", **meaning)


@dataclass(frozen=True)
class Column:
    """A column of a table: its header, and whether its cells are words or numbers."""

    header: str
    kind: Literal["words", "number"] = "words"


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    row_classes: Sequence[str] | None = None,
    caption_shown: bool = False,
) -> Markup:
    """A table that scrolls inside itself when the screen is narrow; the first cell of a row is its header.

    Each cell also carries its column's header, for lists that a telephone shows as blocks; the roles are written out
    because a browser forgets them of a table that style lays out in another way.
    """
    classes = ["ppw-number" if column.kind == "number" else "" for column in columns]
    head = element(
        "tr",
        *(
            element("th", c.header, scope="col", role="columnheader", classes=k)
            for c, k in zip(columns, classes, strict=True)
        ),
        role="row",
    )
    body = []
    for index, row in enumerate(rows):
        cells = [
            element("th", cell, scope="row", role="rowheader", classes=kind)
            if place == 0
            else element("td", cell, classes=kind, role="cell", data_label=columns[place].header)
            for place, (cell, kind) in enumerate(zip(row, classes, strict=True))
        ]
        body.append(element("tr", *cells, classes=row_classes[index] if row_classes else "", role="row"))
    whole = element(
        "table",
        element("caption", caption, classes="" if caption_shown else "ppw-unseen"),
        element("thead", head, role="rowgroup"),
        element("tbody", *body, role="rowgroup"),
        role="table",
    )
    return element("div", whole, classes="ppw-scroll", role="region", tabindex="0", aria_label=caption)
