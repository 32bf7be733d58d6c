"""Writes the static edition of a release into a folder: a page per target, domain and question, in both languages.

    static_edition/index.html, chi-tieu.html, chi-tieu.ECO_01.html, ...   Vietnamese
    static_edition/en/...                                                 the same in English
    static_edition/style.css                                              the app's own style

What the public may see of the release, and nothing else; the same release gives the same bytes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from expectations.gate.clearance import PUBLIC
from reports.markup import Markup, element, joined
from reports.milestone_facts import every_milestone
from reports.numbers import Language, format_date
from reports.open_data.tables import FIGURES
from reports.palette import COLOURS, STATE_COLOURS
from reports.periods import sentence_case
from reports.plan_facts import reference_versions, target_key
from reports.plan_words import plan_line, province_name
from reports.release_data import Release
from reports.static_edition.about import write_documents, write_downloads, write_method
from reports.static_edition.lists import (
    by_domain,
    write_domain,
    write_domains,
    write_milestones,
    write_overview,
    write_sources,
    write_target_list,
)
from reports.static_edition.static_leaf import FOLDERS, MENU, StaticLeaf
from reports.static_edition.target_page import Sightings, sightings_of, write_target
from reports.target_facts import TargetFacts, every_target, of_the_plan, other_versions
from reports.words import LANGUAGES, Words

FOLDER = "static_edition"
STYLE_NAME = "style.css"
_APP_STYLE = Path(__file__).resolve().parents[1] / "style.css"
_OWN_STYLE = Path(__file__).with_name("static.css")


def write_static_edition(
    release: Release, folder: Path, open_data: Path | None = None, before: Release | None = None
) -> Path:
    """Write the static edition of a release, in place of what the folder held; returns the folder.

    `open_data`: the folder of open data that lies beside it, which the page of downloads lists. `before`: the release
    that this one is compared with.
    """
    if folder.exists():
        shutil.rmtree(folder)
    release = release.seen_with(PUBLIC)
    edition = _Edition(release, open_data, None if before is None else before.seen_with(PUBLIC))
    for language, place in FOLDERS.items():
        (folder / place).mkdir(parents=True, exist_ok=True)
        words = Words(language)
        same = _Same(
            words("head.brand_of", area=province_name(release, words)), _plan_in_words(release, words)
        )
        for page in edition.pages(words):
            (folder / place / page.file).write_text(_document(page, same), encoding="utf-8")
    (folder / STYLE_NAME).write_text(style_sheet(), encoding="utf-8")
    return folder


@dataclass(frozen=True)
class _Same:
    """What every page of a language says the same: the name at its head, the line under its title."""

    brand: str
    plan: str


def _plan_in_words(release: Release, words: Words) -> str:
    line = plan_line(release.rows("dim_plan_document"), reference_versions(release), words)
    return f"{sentence_case(line)}. "


class _Edition:
    """What the pages share, put together once for both languages."""

    def __init__(self, release: Release, open_data: Path | None, before: Release | None) -> None:
        self._release, self._open_data, self._before = release, open_data, before
        self._every = every_target(release)
        self._plan = of_the_plan(self._every)
        self._milestones = every_milestone(release)
        self._of_the_plan = [facts for facts in self._milestones if facts.reference]
        self._known = {target_key(row): row for row in release.rows("fct_target")}
        self._counted = reference_versions(release)
        self._seen: list[Sightings] = [sightings_of(release, facts) for facts in self._every]
        self._versions = [other_versions(self._every, facts) for facts in self._every]
        known = release.scan(FIGURES).filter(pl.col("value").is_not_null())
        counts = known.group_by("source_id").len().collect()
        self._figures = {str(source): int(n) for source, n in counts.iter_rows()}

    def pages(self, words: Words) -> Iterator[StaticLeaf]:
        """Every page in one language."""
        page = self._page("overview", words)
        write_overview(page, self._plan, self._of_the_plan, self._before)
        yield page
        page = self._page("domains", words)
        write_domains(page, self._plan)
        yield page
        for domain, these in by_domain(self._plan):
            page = self._page("domains", words, words.of("domain", domain), domain=domain)
            write_domain(page, domain, these)
            yield page
        page = self._page("target", words)
        write_target_list(page, self._plan)
        yield page
        for facts, seen, versions in zip(self._every, self._seen, self._versions, strict=True):
            yield self._target(words, facts, seen, versions)
        page = self._page("milestones", words)
        write_milestones(page, self._of_the_plan)
        yield page
        page = self._page("sources", words)
        write_sources(page, self._figures)
        yield page
        page = self._page("method", words)
        write_method(page, self._plan)
        yield page
        page = self._page("documents", words)
        write_documents(page, self._every, self._milestones)
        yield page
        page = self._page("downloads", words)
        write_downloads(page, self._open_data)
        yield page

    def _target(
        self, words: Words, facts: TargetFacts, seen: Sightings, versions: list[TargetFacts]
    ) -> StaticLeaf:
        # As the blocks name it: a document that is not counted is named in the address.
        named = {} if facts.plan_version in self._counted else {"plan": facts.plan_version}
        page = self._page("target", words, words.pick(facts.target, "name"), target=facts.target_id, **named)
        write_target(page, facts, seen, versions=versions, known=self._known, counted=self._counted)
        return page

    def _page(self, name: str, words: Words, title: str | None = None, **parameters: str) -> StaticLeaf:
        return StaticLeaf(name, words, self._release, title or words(f"{name}.title"), parameters)


def _document(page: StaticLeaf, same: _Same) -> str:
    words, release = page.words, page.release
    across = ""
    if not release.reviewed:
        label = words("review.not_reviewed").upper()
        across = f" style='--ppw-across:\"{label}\"'"
    body = joined(
        [
            element("a", words("head.skip"), href="#noi-dung", classes="ppw-skip"),
            _head(page, same.brand),
            element(
                "main",
                element("h1", page.title),
                element("div", *_under_title(page, same.plan), classes="ppw ppw-under"),
                page.content,
                id="noi-dung",
                tabindex="-1",
            ),
            _foot(page),
        ],
        "\n",
    )
    return (
        f'<!doctype html>\n<html lang="{page.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{element('title', words('head.page_title', page=page.title))}\n"
        f'<link rel="stylesheet" href="{page.up}{STYLE_NAME}">\n</head>\n'
        f'<body class="stApp ppw-static"{across}>\n{body}\n</body>\n</html>\n'
    )


def _head(page: StaticLeaf, brand: str) -> Markup:
    words = page.words
    links = [
        element(
            "a",
            words(f"{name}.title"),
            href=page.address(name),
            **({"aria_current": "page"} if name == page.name else {}),
        )
        for name in MENU
    ]
    other: Language = next(language for language in LANGUAGES if language != page.language)
    switch = element(
        "a",
        words("head.other_language"),
        href=f"{page.up}{FOLDERS[other]}{page.file}",
        lang=other,
        hreflang=other,
    )
    header = element(
        "header",
        element("span", brand, classes="ppw-brand"),
        element("nav", joined(links, " "), aria_label=words("head.pages")),
        switch,
        classes="ppw-head",
    )
    return element("div", header, classes="ppw")


def _under_title(page: StaticLeaf, plan: str) -> list[Markup]:
    words, release = page.words, page.release
    more = element("a", words("plan.all_documents"), href=page.address("documents"))
    parts = [element("p", plan, more, classes="ppw-small")]
    if not release.reviewed:
        label = element("strong", f"{words('review.not_reviewed')}.")
        meaning = words("review.not_reviewed_meaning")
        parts.append(element("div", label, " ", meaning, classes="ppw-ribbon"))
    return parts


def _foot(page: StaticLeaf) -> Markup:
    words, release = page.words, page.release
    facts = [
        (words("footer.source"), element("a", words("sources.title"), href=page.address("sources"))),
        (words("footer.release"), release.release_id),
        (words("footer.digest"), release.short_digest),
        (words("footer.cut_off"), format_date(release.cut_off)),
        (words("footer.method"), element("a", release.method_version, href=page.address("method"))),
    ]
    entries = [element("div", element("dt", name), element("dd", value)) for name, value in facts]
    return element("div", element("footer", element("dl", *entries), classes="ppw-foot"), classes="ppw")


def style_sheet() -> str:
    """The style of the app with its palette, and the few rules that a page without the app needs."""
    variables = "".join(f"--ppw-{n}: light-dark({c.light}, {c.dark});" for n, c in COLOURS.items())
    states = "".join(f".ppw-state-{s} {{ color: var(--ppw-{c}); }}" for s, c in STATE_COLOURS.items())
    rules = [path.read_text(encoding="utf-8") for path in (_APP_STYLE, _OWN_STYLE)]
    return "\n".join([f":root {{ color-scheme: light dark; {variables} }}", states, *rules])
