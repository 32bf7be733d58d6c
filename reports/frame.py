"""What every page has in common: language, head, plan line, ribbon, footer, and the states in which there is
no page.

A page is a function that is handed a `Page`; whatever it raises becomes a page in words, with the details in
the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from expectations.gate.clearance import clearance_of
from expectations.gate.people import Person
from reports.derived import is_derived
from reports.guards import is_public, may_see
from reports.identity import NOBODY, current_person, keep_stated_name, mode
from reports.long_page import Sections
from reports.markup import Markup, element, joined, link, page_address, void
from reports.numbers import Language, format_date, format_number
from reports.page_data import giving_sources
from reports.palette import COLOURS, STATE_COLOURS, Theme
from reports.periods import sentence_case
from reports.plan_facts import reference_versions
from reports.plan_words import plan_line, province_name
from reports.release_data import (
    Release,
    ReleaseUnreadable,
    current_release,
    named_release,
    release_in_force,
)
from reports.release_notices import STRUCK_OUT, notice_marks, notices_of
from reports.sign_in import role_words, sign_in
from reports.words import LANGUAGES, Words
from store.releases import current_release_id
from store.settings import Settings, load_settings

logger = logging.getLogger(__name__)

STYLE_FILE = Path(__file__).parent / "style.css"
# Sources come out monthly at the most often; after two missed months a reader is told that figures may have
# moved on.
STALE_AFTER_DAYS = 62

# The parameter of an address that names a day: pages then show the release that was in force at its end.
AS_OF = "as_of"

# The parameter of an address that names a release: pages then show that one, in force or not.
RELEASE = "release"
# Where the page begins, for those who skip the menu.
CONTENT = "noi-dung"

# The page is drawn after the browser looked for the place that the address names, so the browser is sent there again. A
# browser whose style cannot open what a telephone folds is helped on a wide screen.
TO_THE_PLACE = """<script>
if (!CSS.supports('selector(details::details-content)') && matchMedia('(min-width: 641px)').matches) {
  document.querySelectorAll('.ppw-fold').forEach(folded => { folded.open = true; });
}
setTimeout(() => { document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView(); }, 300);
</script>"""

# Pages by name: path in the address.
PATHS: dict[str, str] = {
    "overview": "",
    "domains": "linh-vuc",
    "target": "chi-tieu",
    "milestones": "cong-trinh",
    "places": "dia-ban",
    "departments": "co-quan",
    "sources": "nguon",
    "method": "phuong-phap",
    "documents": "van-ban",
    "downloads": "tai-ve",
    "series": "chuoi-so-lieu",
    "submit": "nop-so-lieu",
    "statements": "giai-trinh",
    "account": "nguoi-dung",
    "search": "tim-kiem",
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
MENU = (
    "overview",
    "domains",
    "target",
    "milestones",
    "places",
    "departments",
    "sources",
    "method",
    "downloads",
    "submit",
    "statements",
)
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
    # The id of the release that the address names; None when it names none.
    named: str | None = None
    sections: Sections = field(default_factory=Sections, compare=False)
    # Where the list of the sections goes once they are known.
    jumps: list[tuple[DeltaGenerator, tuple[object, ...]]] = field(default_factory=list, compare=False)

    @property
    def language(self) -> Language:
        return self.words.language

    def address(self, name: str, **parameters: str) -> str:
        """Address of a page in the reader's language, in the release that the reader looks at.

        A page of the desk is about what waits now, so the release is not carried there.
        """
        kept = self.kept() if is_public(name) else {}
        return page_address(path_of(name), self.language, **{**kept, **parameters})

    def kept(self) -> dict[str, str]:
        """What an address says of the release the reader looks at: its id, else its day, else nothing."""
        if self.named:
            return {RELEASE: self.named}
        return {AS_OF: self.as_of.isoformat()} if self.as_of else {}

    def write(self, *content: object, classes: str = "") -> None:
        """Writes HTML in the page's language."""
        write(self.language, *content, classes=classes)

    def header(self, text: str, place: str = "") -> None:
        """Writes the heading of a section; `place`: its id where links elsewhere lead to it."""
        st.header(text, anchor=self.section(text, place))

    def section(self, name: str, place: str = "") -> str:
        """Takes a section that has another heading into the list to jump by; returns its id."""
        return self.sections.add(name, place)

    def jump(self, *beside: object) -> None:
        """Keeps the place for the list of the sections that are written after it, and for what stands beside it."""
        self.jumps.append((st.empty(), beside))

    def fill_jump(self) -> None:
        """Writes the list where its place was kept; nothing on a page that is short."""
        listed = self.sections.listed(self.words)
        for place, beside in self.jumps if listed else ():
            place.html(element("div", listed, *beside, classes="ppw", lang=self.language))

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


class NoSuchRelease(LookupError):
    """No release has the id in the address."""


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


@cache
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
        named = st.query_params.get(RELEASE) if is_public(name) and shown is None else None
        day = None if named else asked_day()
        with st.spinner(words("state.loading")):
            release = shown(settings) if shown is not None else _release_asked(settings, named, day)
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
        page = Page(name, words, release, today(settings), asked_theme(), day, person, named)
        _head(name, words, release, person)
        _local_mode(name, words, settings, person)
        st.title(title(page) if title else words(f"{name}.title"), anchor=False)
        if under_title is not None:
            under_title(page)
        else:
            _under_title(page, settings)
        body(page)
        page.fill_jump()
        _footer(page)
        st.html(TO_THE_PLACE, unsafe_allow_javascript=True)
        if shown is None:
            _ask_day(page)
    except NotADay:
        _failed(words, words("as_of.not_a_day"), None)
    except NoSuchRelease:
        back = link(words("as_of.back"), page_address(path_of(name), words.language))
        _failed(words, joined([words("past.unknown", release=st.query_params[RELEASE]), back], " "), None)
    except ReleaseUnreadable as error:
        logger.exception("page %s: release cannot be read", name)
        _failed(words, words("error.unreadable"), str(error))
    except Exception:
        # The reader gets words; whoever runs the program finds the cause in the log.
        logger.exception("page %s failed", name)
        _failed(words, words("error.unexpected"), None)


def _release_asked(settings: Settings, named: str | None, day: date | None) -> Release | None:
    """The release named, else the one of the day, else the one in force. Raises NoSuchRelease, ReleaseUnreadable."""
    if named is None:
        return release_in_force(settings, day) if day else current_release(settings)
    release = named_release(settings, named)
    if release is None:
        raise NoSuchRelease(named)
    return release


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
    day = {key: value for key, value in kept.items() if key in (AS_OF, RELEASE)} if is_public(name) else {}
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
        element("a", words("head.skip"), href=f"#{CONTENT}", classes="ppw-skip"),
        element(
            "header",
            element("span", brand, classes="ppw-brand"),
            element("nav", joined(pages, " "), aria_label=words("head.pages")),
            search_field(words, day, words("search.label")),
            element("span", visitor, classes="ppw-visitor"),
            element("span", switch),
            classes="ppw-head",
        ),
        _desk_menu(desk, words),
        element("div", id=CONTENT, tabindex="-1"),
    )


def search_field(words: Words, kept: dict[str, str], label: str, prompt: str | None = None) -> Markup:
    """The field that finds targets, figures, clauses and domains: a form that goes to an address, as links do.

    `label`: its name for a screen reader, another for each field of a page; `prompt`: what stands in it while empty.
    """
    hidden = {**kept, **({"lang": words.language} if words.language != "vi" else {})}
    asked = st.query_params.get("q", "")
    return element(
        "form",
        *(void("input", type="hidden", name=name, value=value) for name, value in hidden.items()),
        void(
            "input",
            type="search",
            name="q",
            value=asked,
            placeholder=prompt or words("search.placeholder"),
            aria_label=label,
        ),
        element("button", words("search.send"), type="submit"),
        action=PATHS["search"],
        method="get",
        role="search",
        aria_label=label,
        classes="ppw-search",
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


def _under_title(page: Page, settings: Settings) -> None:
    words, release = page.words, page.release
    line = plan_line(release.rows("dim_plan_document"), reference_versions(release), words)
    documents_link = link(words("plan.all_documents"), page.address("documents"))
    parts = [element("p", sentence_case(line), ". ", documents_link, classes="ppw-small")]
    parts += _past(page, settings)
    if not release.reviewed:
        parts.append(
            _notice("ppw-ribbon", words("review.not_reviewed"), words("review.not_reviewed_meaning"))
        )
        st.html(_written_across(words("review.not_reviewed")))
    age = (page.today - release.cut_off).days
    if age > STALE_AFTER_DAYS:
        meaning = words("state.stale_meaning", day=format_date(release.cut_off), days=page.number(age))
        parts.append(_notice("ppw-notice ppw-stale", words("state.stale"), meaning))
    page.write(*parts, classes="ppw-under")


def _past(page: Page, settings: Settings) -> list[Markup]:
    """That the release is not the one in force, or was corrected or retracted, with the way back."""
    words, release = page.words, page.release
    told = notices_of(settings, release.release_id)
    said = notice_marks(settings, told, words)
    if any(one.kind == "retracted" for one in told):
        st.html(STRUCK_OUT)
    if page.as_of is None and page.named is None:
        return said
    back = link(words("as_of.back"), page_address(path_of(page.name), page.language, **_about()))
    if page.as_of is not None:
        meaning = words("as_of.meaning", day=format_date(page.as_of))
    else:
        current = current_release_id(settings)
        if current == release.release_id:
            meaning = words("past.is_current", release=release.release_id)
            return [*said, element("p", meaning, " ", back, classes="ppw-small")]
        meaning = words(
            "past.meaning",
            release=release.release_id,
            day=format_date(release.cut_off),
            current=current or words("none"),
        )
    return [
        *said,
        _notice("ppw-notice ppw-past", words("as_of.title"), joined([meaning, back], " ")),
    ]


def _about() -> dict[str, str]:
    """What the address says besides language and release: the target, the domain, the filters."""
    return {name: value for name, value in st.query_params.items() if name not in ("lang", AS_OF, RELEASE)}


def _written_across(label: str) -> str:
    """The style that writes a few words across the whole page, behind what is read; nothing for a screen reader."""
    written = label.upper().replace("\\", "").replace('"', "")
    return f'<style>.stApp {{ --ppw-across: "{written}"; }}</style>'


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
    sources = len(giving_sources(release).keys() - worked_out)
    facts = [
        (words("footer.source"), link(words.counted("footer.sources", sources), page.address("sources"))),
        (words("footer.release"), release.release_id),
        (words("footer.digest"), release.short_digest),
        (words("footer.cut_off"), format_date(release.cut_off)),
        (words("footer.method"), link(release.method_version, page.address("method"))),
    ]
    entries = [element("div", element("dt", name), element("dd", value)) for name, value in facts]
    page.write(element("footer", element("dl", *entries), classes="ppw-foot"))


def _ask_day(page: Page) -> None:
    """A field for the day whose release is to be shown; the answer goes into the address, where it can be shared."""
    # The release of a day to come is today's, and the field says so.
    shown = min(page.as_of, page.today) if page.as_of else None
    chosen = st.date_input(
        page.words("as_of.label"),
        value=shown,
        max_value=page.today,
        format="DD/MM/YYYY",
        width=320,
        key="as_of_day",
    )
    if isinstance(chosen, date) and chosen != shown:
        st.query_params.pop(RELEASE, None)
        st.query_params[AS_OF] = chosen.isoformat()
        st.rerun()
