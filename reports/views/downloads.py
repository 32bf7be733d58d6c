"""Downloads: which files does the release have, what is each for, and how is it cited?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import BinaryIO

import streamlit as st

from reports.frame import RELEASE, Page, show_page
from reports.markup import Column, Markup, element, link, table
from reports.numbers import format_date
from reports.open_data.statements import statements_of
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
    for kind, files in kinds.items():
        offer_kind(page, kind, files)
    if kinds:
        _one_file(page, [one for files in kinds.values() for one in files])
    _releases(page)


def offer_kind(page: Page, kind: str, files: Sequence[ReleaseFile]) -> None:
    """The files of a kind: one by one where they are few, else as one archive where that is not too large."""
    words, release = page.words, page.release
    page.header(words.of("download", kind))
    page.write(element("p", words.of("download_meaning", kind)))
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
    columns = [Column(words("downloads.file")), Column(words("downloads.size"), "number"), Column("SHA-256")]
    rows = [(one.name, _size(page, one.size_bytes), element("code", one.sha256)) for one in files]
    listed = table(words.of("download", kind), columns, rows)
    summary = element("summary", words.counted("downloads.files", len(files)))
    page.write(element("details", summary, listed), classes="ppw-codes")


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
