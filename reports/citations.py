"""The numbered citations of a page: where each figure was copied from."""

from __future__ import annotations

from dataclasses import dataclass

from reports.cited import Cited, cited
from reports.frame import Page
from reports.long_page import fold
from reports.markup import Markup, element, joined, outside_link
from reports.release_data import Row


@dataclass
class Citations:
    """The numbered citations of a page: one entry per place of origin, numbered as the tables name them."""

    page: Page

    def __post_init__(self) -> None:
        self._entries: list[Markup] = []
        self._numbers: dict[str, int] = {}

    def number(self, observation: Row | None) -> Markup:
        """The mark that stands beside a figure: [1], linking to its citation."""
        if observation is None:
            return Markup(self.page.words("none"))
        entry = citation(observation, self.page)
        if entry not in self._numbers:
            self._entries.append(entry)
            self._numbers[entry] = len(self._entries)
        return Markup(f"[{self._numbers[entry]}]")

    def write(self) -> None:
        """Writes the list; nothing when no figure was cited."""
        if not self._entries:
            return
        self.page.header(self.page.words("target.citations"))
        words, items = self.page.words, [element("li", entry) for entry in self._entries]
        label = words.counted("footer.sources", len(items))
        listed = element("ol", *items, classes="ppw-notes")
        self.page.write(fold(words, words("target.citations"), listed, label=label))


def citation(observation: Row, page: Page) -> Markup:
    """Where a figure was copied from, as `reports.cited` words it, with a link to its address."""
    return _markup(cited(observation, page.release, page.words), page)


def _markup(said: Cited, page: Page) -> Markup:
    link = [outside_link(page.words("citation.address"), said.address)] if said.address else []
    if not said.components:
        return element("span", joined([said.text, *link], " "))
    items = [element("li", element("span", name, " ", _markup(part, page))) for name, part in said.components]
    return element("div", element("span", said.text), element("ul", *items))
