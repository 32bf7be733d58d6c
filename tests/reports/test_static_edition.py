"""The static edition: whole, leading nowhere outside itself, saying what the app says, open to everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Request

from reports.open_data.write import write_open_data
from reports.palette import Theme
from reports.release_data import Release, current_release
from reports.release_files import OPEN_DATA
from reports.static_edition.drawing import nice_ticks
from reports.static_edition.write import FOLDER, write_static_edition
from reports.words import Words
from store.settings import Settings
from tests.reports.conftest import Show
from tests.reports.make_release import publish_synthetic
from tests.reports.screenshots import CHROMIUM, chromium
from tests.reports.test_disclosure import with_access

LINKS = re.compile(r'(?:href|src)="([^"]*)"')
KINDS = (
    "index.html", "linh-vuc.html", "linh-vuc.economy.html", "chi-tieu.html", "chi-tieu.SYNTHETIC_06.html",
    "cong-trinh.html", "nguon.html", "phuong-phap.html", "van-ban.html", "tai-ve.html",
)  # fmt: skip
MOST_BYTES = 10_000_000
CUT_TABLES = (
    "() => [...document.querySelectorAll('.ppw-scroll')].some(e => e.scrollWidth > e.clientWidth + 1)"
)
# Whether what a telephone folds is seen although it should not be, or the other way round.
FOLDED = """hidden => [...document.querySelectorAll('.ppw-fold')].some(
  fold => !fold.parentElement.closest('.ppw-fold') && fold.lastElementChild.checkVisibility() === hidden)"""


@pytest.fixture(scope="module")
def release(synthetic_home: Path) -> Release:
    found = current_release(Settings(home=synthetic_home))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def edition(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("edition")
    return write_static_edition(release, place / FOLDER, write_open_data(release, place / OPEN_DATA))


def pages(edition: Path) -> dict[str, str]:
    return {
        path.relative_to(edition).as_posix(): path.read_text(encoding="utf-8")
        for path in edition.rglob("*.html")
    }


def words_of(html: str) -> str:
    bare = unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")
    return re.sub(r"\s+([.,;:)])", r"\1", " ".join(bare.split()))


def test_every_link_leads_to_a_place_that_is_there_and_none_outside(edition: Path) -> None:
    every = pages(edition)
    assert set(KINDS) <= set(every)
    assert {f"en/{name}" for name in every if "/" not in name} == {name for name in every if "/" in name}
    broken = []
    for name, html in every.items():
        assert "<script" not in html and "http-equiv" not in html
        for address in LINKS.findall(html):
            parts = urlsplit(unescape(address))
            if parts.scheme == "data":
                continue
            target = (edition / name).parent / unquote(parts.path) if parts.path else edition / name
            there = target.is_file() and not parts.scheme and not parts.netloc
            if there and parts.fragment and target.suffix == ".html":
                there = f'id="{parts.fragment}"' in target.read_text(encoding="utf-8")
            if not there:
                broken.append(f"{name}: {address}")
    assert broken == []
    style = (edition / "style.css").read_text(encoding="utf-8")
    assert all(found.startswith("data:") for found in re.findall(r'url\("?([^")]*)', style))
    assert "@import" not in style


def test_a_target_says_what_the_app_says(edition: Path, show: Show) -> None:
    for target in ("SYNTHETIC_03", "SYNTHETIC_06", "SYNTHETIC_10"):
        shown = show("target", target=target)
        (lead,) = re.findall(r'<p class="ppw-lead">(.*?)</p>', shown.html)[:1]
        static = pages(edition)[f"chi-tieu.{target}.html"]
        assert lead in static
        citations = re.findall(r'<ol class="ppw-notes">(.*?)</ol>', static, re.DOTALL)
        numbers = set(re.findall(r'href="#(nguon-\d+)"', static))
        assert numbers == set(re.findall(r'id="(nguon-\d+)"', "".join(citations)))
        assert "<svg" in static or Words("vi")("chart.nothing") in static


def test_every_page_says_that_nobody_reviewed_it(edition: Path) -> None:
    for name, html in pages(edition).items():
        words = Words("en" if name.startswith("en/") else "vi")
        assert words("review.not_reviewed") in html, name
        assert f'lang="{words.language}"' in html.split("\n", 2)[1]


def test_a_closed_figure_stands_on_no_page_and_no_icon(tmp_path: Path) -> None:
    content = with_access("internal", "synthetic_office")
    keys = []
    for table in ("fct_observation", "fct_actual"):
        for row in content.rows[table]:
            if row["source_id"] == "synthetic_office":
                row["value"], row["value_text"], row["value_decimals"] = 48151.62342, "48.151,62342", 5
                row["note"] = "48.151,62342 (synthetic)"
                keys.append(row["observation_key"])
    publish_synthetic(Settings(home=tmp_path / "home"), content)
    closed = current_release(Settings(home=tmp_path / "home"))
    assert closed is not None
    every = pages(write_static_edition(closed, tmp_path / FOLDER))
    hidden = ("48151.62342", "48.151,62342", "48,151.62342", *keys)
    assert [name for name, html in every.items() if any(text in html for text in hidden)] == []
    assert any(Words("vi")("table.not_public") in html for html in every.values())


def test_the_same_release_gives_the_same_pages(edition: Path, release: Release, tmp_path: Path) -> None:
    again = write_static_edition(release, tmp_path / FOLDER, edition.parent / OPEN_DATA)
    assert pages(again) == pages(edition)
    assert sum(path.stat().st_size for path in edition.rglob("*")) < MOST_BYTES


def test_ticks_are_round_and_span_the_values() -> None:
    assert nice_ticks(0, 9.72) == [0, 2, 4, 6, 8, 10]
    assert nice_ticks(-1.2, 0.7)[0] <= -1.2 and nice_ticks(-1.2, 0.7)[-1] >= 0.7
    assert len(nice_ticks(5, 5)) >= 2


@pytest.mark.browser
def test_axe_finds_nothing_at_all(edition: Path, system_part: Callable[[str, bool], None]) -> None:
    system_part("Chromium", CHROMIUM.exists())
    from axe_playwright_python.sync_playwright import Axe

    axe, problems = Axe(), list[str]()

    def log(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"console: {message.text}")

    def lost(request: Request) -> None:
        problems.append(f"request: {request.url}")

    looks: list[tuple[int, Theme, tuple[str, ...]]] = [
        (1280, "light", KINDS[::2]),
        (390, "dark", (*KINDS[1::2], "en/chi-tieu.SYNTHETIC_06.html")),
    ]
    with chromium() as browser:
        for width, theme, names in looks:
            page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=theme)
            page.on("console", log)
            page.on("requestfailed", lost)
            for name in names:
                page.goto((edition / name).as_uri())
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    problems.append(f"{name}: wider than {width}")
                if width == 390 and page.evaluate(CUT_TABLES):
                    problems.append(f"{name}: a table is wider than a telephone")
                for media in ("screen", "print"):
                    page.emulate_media(media=media, color_scheme=theme)
                    opened = width == 1280 or media == "print"
                    if page.evaluate(FOLDED, not opened):
                        problems.append(f"{name} {width} {media}: folded parts are not {opened=}")
                page.emulate_media(media="screen", color_scheme=theme)
                # The style need not be fetched a second time: a browser does not let a page read files.
                violations = axe.run(page, options={"preload": False}).response["violations"]
                problems.extend(f"{name} {width} {theme}: {one['id']}" for one in violations)
            page.close()
    assert problems == []
