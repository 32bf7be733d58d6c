"""What every page has in common: language, head, plan line, ribbon, footer, and the states in which there is
no page.

A page is a function that is handed a `Page`; whatever it raises becomes a page in words, with the details in
the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import streamlit as st

from expectations.gate.clearance import clearance_of
from expectations.gate.people import Person
from reports.derived import is_derived
from reports.guards import is_public, may_see
from reports.identity import NOBODY, current_person, keep_stated_name, mode
from reports.markup import Markup, element, joined, link, page_address
from reports.numbers import Language, format_date, format_number
from reports.palette import COLOURS, STATE_COLOURS, Theme
from reports.periods import sentence_case
from reports.plan_facts import documents, is_true, reference_versions
from reports.release_data import Release, ReleaseUnreadable, Row, current_release, release_in_force
from reports.sign_in import role_words, sign_in
from reports.words import LANGUAGES, Words
from store.settings import Settings, load_settings

logger = logging.getLogger(__name__)

STYLE_FILE = Path(__file__).parent / "style.css"
# Sources come out monthly at the most often; after two missed months a reader is told that figures may have
# moved on.
STALE_AFTER_DAYS = 62
DIGEST_CHARACTERS = 12

# The parameter of an address that names a day: pages then show the release that was in force at its end.
AS_OF = "as_of"

# Pages by name: path in the address.
PATHS: dict[str, str] = {
    "overview": "",
    "target": "chi-tieu",
    "milestones": "cong-trinh",
    "sources": "nguon",
    "method": "phuong-phap",
    "documents": "van-ban",
    "series": "chuoi-so-lieu",
    "submit": "nop-so-lieu",
    "account": "nguoi-dung",
}
# The pages of those who review and sign, by name; `reports/views/desk/<name>.py`.
DESK_PATHS: dict[str, str] = {
    "queue": "ra-soat",
    "finding": "phat-hien",
    "candidate": "du-thao",
    "releases": "ban-cong-bo",
    "coverage": "tinh-hinh-thu-thap",
    "audit": "nhat-ky",
    "process": "quy-trinh",
}
# The page of the documents is reached from the line under every title, that of series from targets and sources, that of
# the visitor from the head. Of these each visitor is shown those that `guards` lets him see.
MENU = ("overview", "target", "milestones", "sources", "method", "submit")
# A finding is reached from the queue.
DESK_MENU = ("queue", "candidate", "releases", "coverage", "process", "audit")


@dataclass(frozen=True)
class Page:
    """What a page needs: its name, its words, the release it shows, the day it is read on and who reads it."""

    name: str
    words: Words
    release: Release
    today: date
    theme: Theme
    as_of: date | None = None
    person: Person = NOBODY

    @property
    def language(self) -> Language:
        return self.words.language

    def address(self, name: str, **parameters: str) -> str:
        """Address of a page in the reader's language, on the day whose release the reader looks at."""
        kept = {AS_OF: self.as_of.isoformat()} if self.as_of else {}
        return page_address(path_of(name), self.language, **kept, **parameters)

    def write(self, *content: object, classes: str = "") -> None:
        """Writes HTML in the page's language."""
        write(self.language, *content, classes=classes)

    def date(self, value: object) -> str:
        """A date of a release row as dd/mm/yyyy; a dash when there is none."""
        if isinstance(value, datetime):
            return format_date(value.date())
        return format_date(value if isinstance(value, date) else None)

    def number(self, value: float | int | None) -> str:
        """A count or a number with the decimals it has."""
        return format_number(value, self.language)


def asked_language() -> Language:
    """The language in the address; Vietnamese unless another known one is asked for."""
    asked = st.query_params.get("lang", LANGUAGES[0])
    return cast(Language, asked) if asked in LANGUAGES else LANGUAGES[0]


class NotADay(ValueError):
    """The day in the address is none."""


def asked_day() -> date | None:
    """The day in the address whose release is asked for, None for the latest. Raises NotADay."""
    asked = st.query_params.get(AS_OF)
    if not asked:
        return None
    try:
        return date.fromisoformat(asked)
    except ValueError as error:
        raise NotADay(asked) from error


def asked_theme() -> Theme:
    """The reader's theme; light until the browser has told."""
    return "dark" if st.context.theme.type == "dark" else "light"


def today(settings: Settings) -> date:
    """The day in the province. Only used to say how old a release is; nothing is judged by it."""
    return datetime.now(ZoneInfo(settings.time_zone)).date()


def write(language: Language, *content: object, classes: str = "") -> None:
    """Writes HTML marked with its language, so that a screen reader pronounces it right."""
    st.html(element("div", *content, classes=f"ppw {classes}".strip(), lang=language))


def style_sheet() -> str:
    """The style of the pages: the palette as variables, then the rules."""
    variables = "".join(f"--ppw-{n}: light-dark({c.light}, {c.dark});" for n, c in COLOURS.items())
    states = "".join(f".ppw-state-{s} {{ color: var(--ppw-{c}); }}" for s, c in STATE_COLOURS.items())
    return f"<style>.stApp {{ {variables} }} {states} {STYLE_FILE.read_text(encoding='utf-8')}</style>"


def show_page(
    name: str,
    body: Callable[[Page], None],
    title: Callable[[Page], str] | None = None,
    without_release: Callable[[Words], None] | None = None,
    *,
    shown: Callable[[Settings], Release | None] | None = None,
    under_title: Callable[[Page], None] | None = None,
) -> None:
    """Draws one page for a visitor who may see it; others are told so, and no release is read.

    `title` gives the heading when it depends on the release; the page's name is the heading else. `without_release`
    draws a page that has something to say before the first release. `shown` gives what the page is about where that is
    not the release of the reader's day; `under_title` then says what it is.
    """
    words = Words(asked_language())
    st.html(style_sheet())
    try:
        settings = load_settings()
        person = current_person(settings, today(settings))
        keep_stated_name()
        if not may_see(person, name):
            _refused(name, words, settings, person)
            return
        day = asked_day()
        with st.spinner(words("state.loading")):
            if shown is not None:
                release = shown(settings)
            else:
                release = release_in_force(settings, day) if day else current_release(settings)
        if release is None:
            _head(name, words, None, person)
            _local_mode(name, words, settings, person)
            if without_release is None:
                _no_release(name, words, day)
            else:
                st.title(words(f"{name}.title"), anchor=False)
                without_release(words)
            return
        release = release.seen_with(clearance_of(person))
        page = Page(name, words, release, today(settings), asked_theme(), day, person)
        _head(name, words, release, person)
        _local_mode(name, words, settings, person)
        st.title(title(page) if title else words(f"{name}.title"), anchor=False)
        (under_title or _under_title)(page)
        body(page)
        _footer(page)
        if shown is None:
            _ask_day(page)
    except NotADay:
        _failed(words, words("as_of.not_a_day"), None)
    except ReleaseUnreadable as error:
        logger.exception("page %s: release cannot be read", name)
        _failed(words, words("error.unreadable"), str(error))
    except Exception:
        # The reader gets words; whoever runs the program finds the cause in the log.
        logger.exception("page %s failed", name)
        _failed(words, words("error.unexpected"), None)


def province_name(release: Release, words: Words) -> str:
    """The area the plan in use is about: the one its document names, else the one its targets name."""
    areas = {str(row["area_id"]): row for row in release.rows("dim_area")}
    reference = reference_versions(release)
    named = [d.get("area_id") for version, d in documents(release).items() if version in reference]
    named += [t["area_id"] for t in release.rows("fct_target") if str(t["plan_version"]) in reference]
    area = next((str(area_id) for area_id in named if area_id), None)
    return words.pick(areas.get(area, {}), "name") if area else words("none")


def _refused(name: str, words: Words, settings: Settings, person: Person) -> None:
    """The page for those who may not see the one they asked for: why, who they are taken for, and a way to sign in."""
    _head(name, words, None, person)
    st.title(words("access.refused"), anchor=False)
    meaning = (
        words("access.refused_known", person=person.name)
        if person.identifier
        else words("access.refused_unknown")
    )
    write(
        words.language,
        element("p", meaning, classes="ppw-lead"),
        element("p", role_words(person, words)),
        element("p", link(words("access.to_overview"), page_address(PATHS["overview"], words.language))),
        classes="ppw-state-page ppw-refused",
    )
    sign_in(words, settings, person)


def _local_mode(name: str, words: Words, settings: Settings, person: Person) -> None:
    """Says on pages that are not for everybody that nobody vouches for who the visitor is."""
    if not is_public(name) and mode(settings) == "local":
        notice = _notice(
            "ppw-notice ppw-local-mode",
            words("access.local_mode"),
            words("access.local_meaning", person=person.name),
        )
        write(words.language, notice)


def _head(name: str, words: Words, release: Release | None, person: Person) -> None:
    language = words.language
    kept = {key: value for key, value in st.query_params.items() if key != "lang"}
    day = {key: value for key, value in kept.items() if key == AS_OF}
    pages = [_menu_link(page, name, words, PATHS[page], **day) for page in MENU if may_see(person, page)]
    desk = [_menu_link(page, name, words, DESK_PATHS[page]) for page in DESK_MENU if may_see(person, page)]
    visitor = element(
        "a",
        person.name or words("access.visitor"),
        href=page_address(PATHS["account"], language, **day),
        **_current(name == "account"),
    )
    other: Language = "en" if language == "vi" else "vi"
    switch = element(
        "a",
        words("head.other_language"),
        href=page_address(path_of(name), other, **kept),
        lang=other,
        hreflang=other,
    )
    brand = words("head.brand_of", area=province_name(release, words)) if release else words("head.brand")
    write(
        language,
        element(
            "header",
            element("span", brand, classes="ppw-brand"),
            element("nav", joined(pages, " "), aria_label=words("head.pages")),
            element("span", visitor, classes="ppw-visitor"),
            element("span", switch),
            classes="ppw-head",
        ),
        _desk_menu(desk, words),
    )


def _desk_menu(links: Sequence[Markup], words: Words) -> Markup:
    """The second row of the menu, for those who have work there."""
    if not links:
        return Markup("")
    label = words("head.desk")
    parts = (element("span", label, aria_hidden="true"), joined(links, " "))
    return element("nav", *parts, aria_label=label, classes="ppw-desk-menu")


def path_of(name: str) -> str:
    """The path of a page in the address."""
    return DESK_PATHS[name] if name in DESK_PATHS else PATHS[name]


def _menu_link(page: str, shown: str, words: Words, path: str, **parameters: str) -> Markup:
    address = page_address(path, words.language, **parameters)
    return element("a", words(f"{page}.title"), href=address, **_current(page == shown))


def _current(is_current: bool) -> dict[str, str]:
    return {"aria_current": "page"} if is_current else {}


def plan_name(document: Row, words: Words) -> str:
    """Form and number of a plan document: Nghị quyết 07/NQ-HĐND. The form is read from the number, as the law
    writes it.
    """
    number = str(document["number"])
    form = number.partition("/")[2].partition("-")[0]
    known = words.of("legal_form", form)
    return f"{known} {number}" if known != form else number


def plan_line(every: Sequence[Row], used: Collection[str], words: Words) -> str:
    """Whose targets are counted, and which document in force is not transcribed."""
    shown = [plan_name(d, words) for d in every if str(d["plan_version"]) in used]
    absent = [
        plan_name(d, words)
        for d in every
        if d["legal_status"] == "in_force" and not is_true(d["targets_transcribed"])
    ]
    line = words("plan.shown", documents=words.listed(shown)) if shown else words("plan.none")
    return f"{line}; {words('plan.absent', documents=words.listed(absent))}" if absent else line


def _under_title(page: Page) -> None:
    words, release = page.words, page.release
    line = plan_line(release.rows("dim_plan_document"), reference_versions(release), words)
    documents_link = link(words("plan.all_documents"), page.address("documents"))
    parts = [element("p", sentence_case(line), ". ", documents_link, classes="ppw-small")]
    if page.as_of:
        meaning = words("as_of.meaning", day=format_date(page.as_of))
        back = link(words("as_of.back"), page_address(PATHS[page.name], page.language))
        parts.append(_notice("ppw-notice ppw-past", words("as_of.title"), joined([meaning, back], " ")))
    if not release.reviewed:
        parts.append(
            _notice("ppw-ribbon", words("review.not_reviewed"), words("review.not_reviewed_meaning"))
        )
    age = (page.today - release.cut_off).days
    if age > STALE_AFTER_DAYS:
        meaning = words("state.stale_meaning", day=format_date(release.cut_off), days=page.number(age))
        parts.append(_notice("ppw-notice ppw-stale", words("state.stale"), meaning))
    page.write(*parts, classes="ppw-under")


def _notice(classes: str, label: str, meaning: object) -> Markup:
    return element("div", element("strong", f"{label}."), " ", meaning, classes=classes, role="note")


def _no_release(name: str, words: Words, day: date | None) -> None:
    st.title(words(f"{name}.title"), anchor=False)
    if day:
        back = link(words("as_of.back"), page_address(PATHS[name], words.language))
        said = words("as_of.none", day=format_date(day))
        write(
            words.language,
            element("p", said, classes="ppw-lead"),
            element("p", back),
            classes="ppw-state-page ppw-empty",
        )
        return
    write(
        words.language,
        element("p", words("state.empty"), classes="ppw-lead"),
        element("p", words("state.empty_mend")),
        classes="ppw-state-page ppw-empty",
    )


def _failed(words: Words, meaning: str, details: str | None) -> None:
    parts = [_notice("ppw-notice ppw-error", words("error.title"), meaning)]
    if details:
        parts.append(
            element("p", words("error.details", details=_without_directory(details)), classes="ppw-small")
        )
    write(words.language, *parts, classes="ppw-state-page")


def _without_directory(details: str) -> str:
    """The fault without the place on the server's disk: readers need the file, not the directory."""
    path, separator, rest = details.partition(": ")
    return f"{Path(path).name}{separator}{rest}"


def _footer(page: Page) -> None:
    words, release = page.words, page.release
    worked_out = {str(row["source_id"]) for row in release.rows("dim_source") if is_derived(row)}
    sources = len(release.giving_sources().keys() - worked_out)
    facts = [
        (words("footer.source"), link(words.counted("footer.sources", sources), page.address("sources"))),
        (words("footer.release"), release.release_id),
        (words("footer.digest"), release.digest[:DIGEST_CHARACTERS]),
        (words("footer.cut_off"), format_date(release.cut_off)),
        (words("footer.method"), link(release.method_version, page.address("method"))),
    ]
    entries = [element("div", element("dt", name), element("dd", value)) for name, value in facts]
    page.write(element("footer", element("dl", *entries), classes="ppw-foot"))


def _ask_day(page: Page) -> None:
    """A field for the day whose release is to be shown; the answer goes into the address, where it can be shared."""
    chosen = st.date_input(
        page.words("as_of.label"),
        value=page.as_of,
        max_value=page.today,
        format="DD/MM/YYYY",
        width=320,
        key="as_of_day",
    )
    if isinstance(chosen, date) and chosen != page.as_of:
        st.query_params[AS_OF] = chosen.isoformat()
        st.rerun()
