"""Every page in a real browser, at the width of a desk and of a telephone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.reports.screenshots import CHROMIUM, WIDTHS, addresses, chromium, served, visit

TARGETS = ["SYNTHETIC_03", "SYNTHETIC_07", "SYNTHETIC_10", "SYNTHETIC_22", "SYNTHETIC_26", "MS_SYNTHETIC_01"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(synthetic_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(synthetic_home, tmp_path_factory.mktemp("log") / "server.log") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(autouse=True)
def needs_chromium(system_part: Callable[[str, bool], None]) -> None:
    system_part("Chromium", CHROMIUM.exists())


@pytest.mark.parametrize("width", list(WIDTHS))
@pytest.mark.parametrize("name", list(addresses(TARGETS)))
def test_a_page_is_whole(request: pytest.FixtureRequest, needs_chromium: None, name: str, width: int) -> None:
    server, browser = request.getfixturevalue("server"), request.getfixturevalue("browser")
    seen = visit(browser, f"{server}/{addresses(TARGETS)[name]}", width)
    assert seen.problems == []
    assert seen.heading


def test_the_dark_theme_and_the_other_language_are_whole(
    request: pytest.FixtureRequest, needs_chromium: None
) -> None:
    server, browser = request.getfixturevalue("server"), request.getfixturevalue("browser")
    seen = visit(browser, f"{server}/chi-tieu?target=SYNTHETIC_06&lang=en", 390, theme="dark")
    assert seen.problems == []
    assert seen.heading == "Synthetic target 06"


def test_a_reader_goes_from_a_card_to_a_target_to_english_and_back(
    request: pytest.FixtureRequest, needs_chromium: None
) -> None:
    server, browser = request.getfixturevalue("server"), request.getfixturevalue("browser")
    page = browser.new_page()
    try:
        page.goto(f"{server}/")
        page.locator(".ppw-card a").first.click()
        page.locator("h1", has_text="Chỉ tiêu giả lập").wait_for()
        page.get_by_role("link", name="English").click()
        page.locator("h1", has_text="Synthetic target").wait_for()
        page.get_by_role("link", name="Overview").click()
        page.locator("h1", has_text="Overview").wait_for()
        assert page.title().startswith("Overview")
        assert page.url.endswith("/?lang=en")
    finally:
        page.close()
