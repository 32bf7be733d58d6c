"""What a block of a page needs of the page it stands on, be that one of the app or one of the static edition."""

from __future__ import annotations

from typing import Protocol

from reports.numbers import Language
from reports.palette import Theme
from reports.release_data import Release
from reports.words import Words


class Leaf(Protocol):
    """A page in one language over one release."""

    @property
    def name(self) -> str:
        """The page's name."""

    @property
    def words(self) -> Words:
        """The words of its language."""

    @property
    def release(self) -> Release:
        """The release it shows, as its reader may see it."""

    @property
    def theme(self) -> Theme:
        """The theme its pictures are drawn for."""

    @property
    def language(self) -> Language:
        """Its language."""

    def address(self, name: str, **parameters: str) -> str:
        """Address of a page in the reader's language."""

    def header(self, text: str, place: str = "") -> None:
        """Writes the heading of a section; `place`: its id where links elsewhere lead to it."""

    def section(self, name: str, place: str = "") -> str:
        """Takes a section that has another heading into the list to jump by; returns its id."""

    def jump(self, *beside: object) -> None:
        """Keeps the place for the list of the sections that are written after it, and for what stands beside it."""

    def write(self, *content: object, classes: str = "") -> None:
        """Writes HTML."""

    def date(self, value: object) -> str:
        """A date of a release row as dd/mm/yyyy; a dash when there is none."""

    def number(self, value: float | int | None) -> str:
        """A count or a number with the decimals it has."""
