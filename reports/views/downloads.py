"""Downloads: which files does the release have, what is each for, and how is it cited?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import BinaryIO

import streamlit as st

from reports.frame import RELEASE, Page, show_page
from reports.markup import Column, Markup, element, link, table
from reports.numbers import format_date
from reports.office_names import english_names
from reports.open_data.statements import statements_of
from reports.paper.report_file import WHOLE, Format, known_reports
from reports.paper.scope import Scope
from reports.promise_sections import facts_list
from reports.release_files import (
    MOST_BUNDLED_BYTES,
    ReleaseFile,
    bundle,
    bundled,
    content,
    files_for,
)
from reports.release_notices import notice_marks, notices_of
from store.releases import list_releases
from store.settings import Settings, load_settings

# More files of a kind than this are offered as one archive, and one by one below.
MOST_BUTTONS = 2
# The kinds for other programs, under one heading.
OPEN_FORMATS = ("csv", "parquet", "sdmx", "json_stat")
_PROGRAMS: Mapping[Format, str] = {"pdf": "PDF", "docx": "Word"}


def show() -> None:
    """The page."""
    show_page("downloads", body)


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    words = page.words
    said = statements_of(page.release, words)
    page.write(
        element("p", words("downloads.lead"), classes="ppw-lead"),
        facts_list(
            [
                (words("open_data.sheet_cite"), said.citation),
                (words("open_data.sheet_rights"), said.rights),
                (words("open_data.sheet_review"), said.review),
            ]
        ),
    )
    page.jump()
    kinds = files_for(page.release)
    if not kinds:
        page.write(element("p", words("downloads.none")))
    under_open_data = False
    for kind, files in kinds.items():
        if kind == "paper":
            _reports(page, files)
        elif kind in OPEN_FORMATS:
            if not under_open_data:
                page.header(words("downloads.open_data"))
                under_open_data = True
            _offer(page, kind, files, element("h3", words.of("download", kind)))
        else:
            offer_kind(page, kind, files)
    if kinds:
        _one_file(page, [one for files in kinds.values() for one in files])
    _releases(page)


def offer_kind(page: Page, kind: str, files: Sequence[ReleaseFile]) -> None:
    """The files of a kind: one by one where they are few, else as one archive where that is not too large."""
    page.header(page.words.of("download", kind))
    _offer(page, kind, files)


def _offer(page: Page, kind: str, files: Sequence[ReleaseFile], *heading: Markup) -> None:
    words, release = page.words, page.release
    page.write(*heading, element("p", words.of("download_meaning", kind)))
    if len(files) <= MOST_BUTTONS:
        for one in files:
            _button(page, one.name.rpartition("/")[2], one.size_bytes, partial(content, release, one))
    else:
        size = sum(one.size_bytes for one in bundled(release, kind, files))
        name = f"{kind.replace('_', '-')}-{release.release_id}.zip"
        if size > MOST_BUNDLED_BYTES:
            page.write(element("p", words("downloads.one_by_one", size=_size(page, size))))
        else:
            _button(page, name, size, partial(bundle, release, kind, files))
    _listed(page, kind, files)


def _listed(page: Page, kind: str, files: Sequence[ReleaseFile]) -> None:
    """Every file of a kind with its size and digest, folded."""
    words = page.words
    columns = [Column(words("downloads.file")), Column(words("downloads.size"), "number"), Column("SHA-256")]
    rows = [(one.name, _size(page, one.size_bytes), element("code", one.sha256)) for one in files]
    listed = table(words.of("download", kind), columns, rows)
    summary = element("summary", words.counted("downloads.files", len(files)))
    page.write(element("details", summary, listed), classes="ppw-codes")


def _reports(page: Page, files: Sequence[ReleaseFile]) -> None:
    """The report by what it is about: each edition of the whole plan, then one part of the reader's choice."""
    words, known = page.words, known_reports(page.release)
    named: dict[tuple[str, Scope], dict[Format, ReleaseFile]] = {}
    by_name = {one.name: one for one in files}
    for path, report in known.items():
        if path in by_name:
            key = report.edition.period(words), report.scope
            named.setdefault(key, {})[report.format] = by_name[path]
    if not named:
        offer_kind(page, "paper", files)
        return
    page.header(words.of("download", "paper"))
    page.write(element("p", words.of("download_meaning", "paper")))
    for (period, scope), formats in named.items():
        if scope == WHOLE:
            _in_formats(page, words("downloads.report", period=period), formats, period)
    parts = {key: formats for key, formats in named.items() if key[1] != WHOLE}
    if parts:
        in_english = english_names(page.release)
        titles = {key: _part_title(page, *key, in_english) for key in parts}
        chosen = st.selectbox(
            words("downloads.part"), list(parts), format_func=titles.__getitem__, key="part"
        )
        _in_formats(page, titles[chosen], parts[chosen], "part")
    size = sum(one.size_bytes for one in bundled(page.release, "paper", files))
    if len(files) > MOST_BUTTONS and size <= MOST_BUNDLED_BYTES:
        st.download_button(
            words("downloads.reports_together", size=_size(page, size)),
            data=partial(bundle, page.release, "paper", files),
            file_name=f"paper-{page.release.release_id}.zip",
            on_click="ignore",
            key="get_reports",
        )
    _listed(page, "paper", files)


def _part_title(page: Page, period: str, scope: Scope, in_english: Mapping[str, str]) -> str:
    """What a part of the report is about, and of which period."""
    words = page.words
    if scope.kind == "domain":
        name = words.of("domain", scope.name)
    else:
        name = in_english.get(scope.name, scope.name) if page.language == "en" else scope.name
    return words("downloads.part_of", name=name, period=period)


def _in_formats(page: Page, title: str, formats: Mapping[Format, ReleaseFile], key: str) -> None:
    """One report, a button a format, side by side where there is room."""
    words = page.words
    places = st.columns(len(_PROGRAMS))
    for place, (form, program) in zip(places, _PROGRAMS.items(), strict=True):
        if form not in formats:
            continue
        one = formats[form]
        with place:
            st.download_button(
                words("downloads.report_as", title=title, program=program, size=_size(page, one.size_bytes)),
                data=partial(content, page.release, one),
                file_name=one.name.rpartition("/")[2],
                on_click="ignore",
                key=f"get_{key}_{form}",
                width="stretch",
            )


def _button(page: Page, name: str, size_bytes: int, read: Callable[[], bytes | BinaryIO]) -> None:
    """A button that reads the file when it is pressed, not before."""
    st.download_button(
        page.words("downloads.get", name=name, size=_size(page, size_bytes)),
        data=read,
        file_name=name,
        on_click="ignore",
        key=f"get_{name}",
    )


def _one_file(page: Page, files: Sequence[ReleaseFile]) -> None:
    """One file of all by name."""
    words = page.words
    page.header(words("downloads.single"))
    names = {one.name: one for one in files}
    chosen = st.selectbox(words("downloads.file"), list(names), key="one_file")
    one = names[chosen]
    name = one.name.rpartition("/")[2]
    st.download_button(
        words("downloads.get", name=name, size=_size(page, one.size_bytes)),
        data=partial(content, page.release, one),
        file_name=name,
        on_click="ignore",
        key="get_one_file",
    )


def _size(page: Page, size_bytes: int) -> str:
    """A size in the unit that suits it."""
    if size_bytes < 1_000:
        return page.words("downloads.bytes", n=page.number(size_bytes))
    if size_bytes < 1_000_000:
        return page.words("downloads.kilobytes", n=page.number(round(size_bytes / 1_000)))
    return page.words("downloads.megabytes", n=page.number(round(size_bytes / 1_000_000, 1)))


def _releases(page: Page) -> None:
    page.header(page.words("downloads.releases"))
    page.write(element("ul", *release_items(page, load_settings())))


def release_items(page: Page, settings: Settings) -> list[Markup]:
    """Every published release, the latest first, each the way to its own files, with what was said of it since."""
    words, items = page.words, []
    for listing in reversed(list_releases(settings)):
        told = words(
            "downloads.release", release=listing.release_id, day=format_date(listing.manifest.cut_off)
        )
        shown = listing.release_id == page.release.release_id
        address = page.address("downloads", **{RELEASE: listing.release_id})
        notices = notice_marks(settings, notices_of(settings, listing.release_id), words)
        items.append(element("li", element("strong", told) if shown else link(told, address), *notices))
    return items


if __name__ == "__main__":
    show()
