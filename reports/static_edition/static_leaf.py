"""A page of the static edition: what the blocks of the app's pages write on, and where its pages lie."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from reports.long_page import Sections
from reports.markup import Markup, element, joined
from reports.numbers import Language, format_date, format_number
from reports.palette import Theme
from reports.release_data import Release
from reports.words import Words

# Pages by name: stem of the file. The English ones lie in a folder of their own.
STEMS: dict[str, str] = {
    "overview": "index",
    "domains": "linh-vuc",
    "target": "chi-tieu",
    "milestones": "cong-trinh",
    "sources": "nguon",
    "method": "phuong-phap",
    "documents": "van-ban",
    "downloads": "tai-ve",
}
MENU = ("overview", "domains", "target", "milestones", "sources", "method", "downloads")
FOLDERS: dict[Language, str] = {"vi": "", "en": "en/"}
# What of a page's parameters makes another file of it; any other says what a list is narrowed to.
_OWN_FILES = {"domains": ("domain",), "target": ("plan", "target")}


def file_name(name: str, **parameters: str) -> str:
    """The file of a page, without its folder: chi-tieu.ECO_01.html."""
    named = [parameters[key] for key in _OWN_FILES.get(name, ()) if parameters.get(key)]
    # A list of a domain is asked for by domain and state; the page of a domain is its own.
    return ".".join([STEMS[name], *(re.sub(r"[^A-Za-z0-9_-]", "_", part) for part in named), "html"])


@dataclass
class StaticLeaf:
    """One page in one language. `parameters` are those of its own file: the target, the domain."""

    name: str
    words: Words
    release: Release
    title: str
    parameters: dict[str, str] = field(default_factory=dict)
    theme: Theme = "light"

    def __post_init__(self) -> None:
        self._parts: list[Markup] = []
        self._sections = Sections()
        self._jump: tuple[int, tuple[object, ...]] | None = None

    @property
    def language(self) -> Language:
        return self.words.language

    @property
    def file(self) -> str:
        """The file of the page, without its folder."""
        return file_name(self.name, **self.parameters)

    @property
    def up(self) -> str:
        """The way from the page's folder to that of the edition."""
        return "../" if FOLDERS[self.language] else ""

    @property
    def content(self) -> Markup:
        """What was written, in the order in which it was."""
        listed = self._sections.listed(self.words)
        if self._jump is None or listed is None:
            return joined(self._parts)
        at, beside = self._jump
        jump = element("div", listed, *beside, classes="ppw")
        return joined([*self._parts[:at], jump, *self._parts[at:]])

    def address(self, name: str, **parameters: str) -> str:
        """Address of a page in the same language: of a milestone its place in the list."""
        if name == "milestones" and "target" in parameters:
            return f"{file_name(name)}#{parameters['target']}"
        if name == "overview" or name not in _OWN_FILES:
            return file_name(name)
        return file_name(name, **parameters)

    def header(self, text: str, place: str = "") -> None:
        """Writes the heading of a section; `place`: its id where links elsewhere lead to it."""
        self._parts.append(element("h2", text, id=self.section(text, place)))

    def section(self, name: str, place: str = "") -> str:
        """Takes a section that has another heading into the list to jump by; returns its id."""
        return self._sections.add(name, place)

    def jump(self, *beside: object) -> None:
        """Keeps the place for the list of the sections that are written after it, and for what stands beside it."""
        self._jump = (len(self._parts), beside)

    def write(self, *content: object, classes: str = "") -> None:
        """Writes HTML."""
        self._parts.append(element("div", *content, classes=f"ppw {classes}".strip()))

    def date(self, value: object) -> str:
        """A date of a release row as dd/mm/yyyy; a dash when there is none."""
        if isinstance(value, datetime):
            return format_date(value.date())
        return format_date(value if isinstance(value, date) else None)

    def number(self, value: float | int | None) -> str:
        """A count or a number with the decimals it has."""
        return format_number(value, self.words.language)
