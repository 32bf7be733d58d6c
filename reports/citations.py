"""The numbered citations of a page: where each figure was copied from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import streamlit as st

from reports.derived import components_of, formula, is_derived
from reports.frame import Page
from reports.markup import Markup, element, joined, outside_link
from reports.numbers import format_number
from reports.periods import period_words
from reports.release_data import Row
from reports.statements import source_name


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
        st.header(self.page.words("target.citations"), anchor=False)
        self.page.write(
            element("ol", *(element("li", entry) for entry in self._entries), classes="ppw-notes")
        )


# A source of this rank or lower is a copy on a site of unknown owner: shown, but no reader is sent there.
UNTRUSTED_RANK = 10


def _is_trusted(page: Page, source_id: object) -> bool:
    return all(
        row["rank"] > UNTRUSTED_RANK
        for row in page.release.rows("dim_source")
        if row["source_id"] == source_id
    )


def citation(observation: Row, page: Page) -> Markup:
    """Where a figure was copied from: publisher, title, place, date, with a link to its address.

    A derived figure is cited by its formula, and each of its components in turn.
    """
    words = page.words
    if is_derived(observation):
        items = [element("li", _component(part, page)) for part in components_of(page.release, observation)]
        first = words("citation.derived", formula=formula(page.release, observation, words))
        return element("div", element("span", first), element("ul", *items))
    if not observation.get("citation_publisher"):
        named = source_name(page.release, words, observation["source_id"]) or str(observation["source_id"])
        cell = observation.get("cell_ref") or words("none")
        return element("span", words("citation.original", source=named, cell=cell))
    parts = [str(observation["citation_publisher"])]
    if observation.get("citation_title"):
        parts.append(words("citation.quoted", title=observation["citation_title"]))
    if observation.get("citation_place"):
        parts.append(str(observation["citation_place"]))
    parts.append(_printed_date(observation.get("citation_published"), page))
    said: list[object] = [words("citation.copied_from", citation=", ".join(parts))]
    if observation.get("note"):
        said.append(words("citation.note", note=str(observation["note"]).rstrip(".") + "."))
    address = str(observation.get("citation_address") or "")
    if not _is_trusted(page, observation["source_id"]):
        said.append(words("citation.address_untrusted"))
    elif _is_web(address):
        said.append(outside_link(words("citation.address"), address))
    elif address:
        said.append(words("citation.address_text", address=address))
    return element("span", joined(said, " "))


def _component(observation: Row, page: Page) -> Markup:
    """A component: what it is, its value and period, and where it was copied from."""
    words, release = page.words, page.release
    indicator = {str(row["indicator_code"]): row for row in release.rows("dim_indicator")}
    unit = {str(row["unit"]): row for row in release.rows("dim_unit")}
    named = words(
        "citation.component",
        name=words.pick(indicator[str(observation["indicator_code"])], "name")
        + _breakdown(observation, page),
        value=format_number(observation["value"], words.language, observation.get("value_decimals")),
        unit=words.pick(unit[str(observation["unit"])], "symbol"),
        period=period_words(str(observation["period_id"]), words),
    )
    return element("span", named, " ", citation(observation, page))


def _breakdown(observation: Row, page: Page) -> str:
    """The breakdown of an observation in brackets; nothing for the total."""
    named = [
        row for row in page.release.rows("dim_breakdown") if row["breakdown"] == observation["breakdown"]
    ]
    return f" ({page.words.pick(named[0], 'name')})" if named else ""


def _printed_date(published: object, page: Page) -> str:
    """A date of publication as dd/mm/yyyy; one printed in another way as it is; words when there is none."""
    if not published:
        return page.words("citation.no_date")
    try:
        return page.date(date.fromisoformat(published) if isinstance(published, str) else published)
    except ValueError:
        return str(published)


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))
