"""Downloads: which files does the release have, what is each for, and how is it cited?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from reports.frame import RELEASE, Page, show_page
from reports.markup import Column, element, link, table
from reports.numbers import format_date
from reports.open_data.statements import statements_of
from reports.promise_sections import facts_list
from reports.release_files import ReleaseFile, bundle, content, files_for
from store.releases import list_releases
from store.settings import load_settings

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
    kinds = files_for(page.release)
    if not kinds:
        page.write(element("p", words("downloads.none")))
    for kind, files in kinds.items():
        _kind(page, kind, files)
    if kinds:
        _one_file(page, [one for files in kinds.values() for one in files])
    _releases(page)


def _kind(page: Page, kind: str, files: Sequence[ReleaseFile]) -> None:
    words, release = page.words, page.release
    page.header(words.of("download", kind))
    page.write(element("p", words.of("download_meaning", kind)))
    if len(files) <= MOST_BUTTONS:
        for one in files:
            _button(page, one.name.rpartition("/")[2], one.size_bytes, partial(content, release, one))
    else:
        size = sum(one.size_bytes for one in files)
        name = f"{kind.replace('_', '-')}-{release.release_id}.zip"
        _button(page, name, size, partial(bundle, release, kind, files))
    columns = [Column(words("downloads.file")), Column(words("downloads.size"), "number"), Column("SHA-256")]
    rows = [(one.name, _size(page, one.size_bytes), element("code", one.sha256)) for one in files]
    listed = table(words.of("download", kind), columns, rows)
    summary = element("summary", words.counted("downloads.files", len(files)))
    page.write(element("details", summary, listed), classes="ppw-codes")


def _button(page: Page, name: str, size_bytes: int, read: Callable[[], bytes]) -> None:
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
    """Every published release, the latest first, each the way to its own files."""
    words = page.words
    page.header(words("downloads.releases"))
    items = []
    for listing in reversed(list_releases(load_settings())):
        told = words(
            "downloads.release", release=listing.release_id, day=format_date(listing.manifest.cut_off)
        )
        if listing.release_id == page.release.release_id:
            items.append(element("li", element("strong", told)))
        else:
            address = page.address("downloads", **{RELEASE: listing.release_id})
            items.append(element("li", link(told, address)))
    page.write(element("ul", *items))


if __name__ == "__main__":
    show()
