"""Where a figure was copied from, in words: for the pages and for print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from reports.derived import components_of, formula, is_derived
from reports.numbers import format_date, format_number
from reports.periods import period_words
from reports.release_data import Release, Row
from reports.series_facts import corrected_by
from reports.statements import source_name
from reports.words import Words

# A source of this rank or lower is a copy on a site of unknown owner: shown, but no reader is sent there.
UNTRUSTED_RANK = 10


@dataclass(frozen=True)
class Cited:
    """A citation: its sentences, the web address it may be followed to (None when there is none to send a reader to),
    and for a figure worked out here those it was made of, each in words with its own citation.
    """

    text: str
    address: str | None = None
    components: tuple[tuple[str, Cited], ...] = ()

    def plain(self) -> str:
        """All of it in one text."""
        parts = [self.text, *([self.address] if self.address else [])]
        return " ".join([*parts, *(f"{name} {cited.plain()}" for name, cited in self.components)])


def cited(observation: Row, release: Release, words: Words) -> Cited:
    """Publisher, title, place, date and note of an observation; a derived one is cited by its formula and, in turn,
    its components; a corrected one names what it corrects.
    """
    wrong = corrected_by(release, observation)
    if wrong is None:
        return _origin(observation, release, words)
    day = _printed_date(observation["vintage_at"], words)
    # What is held back is not for every reader.
    if wrong["value"] is None:
        said = words("citation.correction", day=day)
    else:
        value = format_number(wrong["value"], words.language, wrong["value_decimals"])
        said = words("citation.correction_of", day=day, value=value)
    origin = _origin(observation, release, words)
    return replace(origin, text=f"{said} {origin.text}")


def _origin(observation: Row, release: Release, words: Words) -> Cited:
    """Where the figure, or what was corrected in it, was copied from."""
    if is_derived(observation):
        components = tuple(
            (_component(part, release, words), cited(part, release, words))
            for part in components_of(release, observation)
        )
        said = words("citation.derived", formula=formula(release, observation, words))
        return Cited(said, components=components)
    if not observation.get("citation_publisher"):
        named = source_name(release, words, observation["source_id"]) or str(observation["source_id"])
        cell = observation.get("cell_ref") or words("none")
        return Cited(words("citation.original", source=named, cell=cell))
    parts = [publisher_named(release, observation, words)]
    if observation.get("citation_title"):
        parts.append(words("citation.quoted", title=observation["citation_title"]))
    if observation.get("citation_place"):
        parts.append(str(observation["citation_place"]))
    parts.append(_printed_date(observation.get("citation_published"), words))
    sentences = [words("citation.copied_from", citation=", ".join(parts))]
    if observation.get("note"):
        sentences.append(words("citation.note", note=str(observation["note"]).rstrip(".") + "."))
    address = str(observation.get("citation_address") or "")
    if not _is_trusted(release, observation["source_id"]):
        sentences.append(words("citation.address_untrusted"))
    elif _is_web(address):
        return Cited(" ".join(sentences), address)
    elif address:
        sentences.append(words("citation.address_text", address=address))
    return Cited(" ".join(sentences))


def publisher_named(release: Release, observation: Row, words: Words) -> str:
    """Who published a figure, in the reader's language where the source's record has it. The printed name stands where
    it is another than the record's, but for a copy on a site of unknown owner.
    """
    of_source = (row for row in release.rows("dim_source") if row["source_id"] == observation["source_id"])
    source = next(of_source, {})
    printed = observation.get("citation_publisher")
    is_recorded = not printed or printed == source.get("publisher_vi")
    if source and (is_recorded or not _is_trusted(release, observation["source_id"])):
        return words.pick(source, "publisher")
    return str(printed) if printed else words("none")


def _component(observation: Row, release: Release, words: Words) -> str:
    """A component: what it is, its value and period."""
    indicator = _by("dim_indicator", "indicator_code", release)
    unit = _by("dim_unit", "unit", release)
    return words(
        "citation.component",
        name=words.pick(indicator[str(observation["indicator_code"])], "name")
        + _breakdown(observation, release, words),
        value=format_number(observation["value"], words.language, observation.get("value_decimals")),
        unit=words.pick(unit[str(observation["unit"])], "symbol"),
        period=period_words(str(observation["period_id"]), words),
    )


def _by(table: str, key: str, release: Release) -> Mapping[str, Row]:
    return {str(row[key]): row for row in release.rows(table)}


def _breakdown(observation: Row, release: Release, words: Words) -> str:
    """The breakdown of an observation in brackets; nothing for the total."""
    named = [row for row in release.rows("dim_breakdown") if row["breakdown"] == observation["breakdown"]]
    return f" ({words.pick(named[0], 'name')})" if named else ""


def _is_trusted(release: Release, source_id: object) -> bool:
    return all(
        row["rank"] > UNTRUSTED_RANK for row in release.rows("dim_source") if row["source_id"] == source_id
    )


def _printed_date(published: object, words: Words) -> str:
    """A date of publication as dd/mm/yyyy; one printed in another way as it is; words when there is none."""
    if not published:
        return words("citation.no_date")
    if isinstance(published, datetime):
        return format_date(published.date())
    if isinstance(published, date):
        return format_date(published)
    try:
        return format_date(date.fromisoformat(str(published)))
    except ValueError:
        return str(published)


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))
