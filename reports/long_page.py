"""Finding one's way on a long page: the list of its sections to jump to, and parts that a telephone folds.

Both work without a script. What is folded is open on a wide screen and on paper, by style alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from reports.markup import Column, Markup, element, link, table
from reports.search import folded
from reports.words import Words

# Fewer sections than these are seen at a glance.
FEWEST_TO_LIST = 3
# A telephone folds a list of more.
MOST_OPEN = 7


@dataclass
class Sections:
    """The sections of a page in the order in which they were written: place in the address, name."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, place: str = "") -> str:
        """Takes a section in; returns the id it can be jumped to by. `place`: the id where it has one of its own."""
        taken = {known for known, _ in self.found}
        own = place or place_of(name, taken)
        self.found.append((own, name))
        return own

    def listed(self, words: Words) -> Markup | None:
        """The list to jump by; None for a page that is short."""
        if len(self.found) < FEWEST_TO_LIST:
            return None
        label = words("jump.to")
        links = element("ul", *(element("li", link(name, f"#{place}")) for place, name in self.found))
        if len(self.found) > MOST_OPEN:
            count = words("jump.sections", n=len(self.found))
            links = element("details", element("summary", count), element("div", links), classes="ppw-fold")
        return element(
            "nav",
            element("span", label, aria_hidden="true"),
            links,
            aria_label=label,
            classes="ppw-jump",
        )


def place_of(name: str, taken: Collection[str] = ()) -> str:
    """The id of a section by its name, with no letter that an address would have to write in another way."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in folded(name))
    own = first = "-".join(["muc", *kept.split()])
    number = 2
    while own in taken:
        own, number = f"{first}-{number}", number + 1
    return own


def fold(words: Words, title: str, *content: object, label: str = "") -> Markup:
    """A part under the heading `title` that is folded on a telephone. `label`: the visible words that open it."""
    named = element("span", f"{title}: ", classes="ppw-unseen")
    return element(
        "details",
        element("summary", named, label or words("jump.show")),
        element("div", *content),
        classes="ppw-fold",
    )


def folded_table(
    words: Words,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    label: str = "",
    *,
    caption_shown: bool = False,
) -> Markup:
    """A table under a heading of the same name, folded on a telephone; `label` as of `fold`."""
    return fold(words, caption, table(caption, columns, rows, caption_shown=caption_shown), label=label)
