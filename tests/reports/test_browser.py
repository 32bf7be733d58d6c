"""Every page in a real browser: in Vietnamese in light colours on a desk, in English in dark colours on a telephone.

Nothing sticks out, nothing is said in the console, and axe-core finds nothing grave in markup of ours. What it finds in
Streamlit's is listed by rule in `framework_findings.txt`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.reports.desk.made import finding_id, make_desk, write_cells
from tests.reports.screenshots import CHROMIUM, addresses, chromium, in_language, look, served, somebody
from tests.reports.test_guards import grant

TARGETS = ["SYNTHETIC_03", "SYNTHETIC_10", "MS_SYNTHETIC_01"]
# The page of a finding shows one whose figure is held, with all that stands around it.
PAGES = addresses(TARGETS, desk=True) | {"phat-hien": f"phat-hien?id={finding_id(1)[:16]}"}
PERSON = "Người duyệt thử"
KNOWN: frozenset[str] = frozenset(
    line.split()[0]
    for line in Path(__file__).with_name("framework_findings.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = make_desk(tmp_path_factory.mktemp("pages") / "home")
    write_cells(made)
    for role in ("reviewer", "approver"):
        grant(made, PERSON, role)
    with served(made.settings.home, tmp_path_factory.mktemp("log") / "server.log") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def window(server: str, browser: Browser) -> Iterator[Page]:
    """A window of somebody the office knows."""
    with somebody(browser, server, PERSON) as context:
        yield context.new_page()


@pytest.fixture(autouse=True)
def needs_chromium(system_part: Callable[[str, bool], None]) -> None:
    system_part("Chromium", CHROMIUM.exists())


@pytest.mark.parametrize("way", [("vi", 1280, "light"), ("en", 390, "dark")], ids=("desk", "telephone"))
@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_is_whole_and_open_to_everybody(
    request: pytest.FixtureRequest,
    needs_chromium: None,
    name: str,
    way: tuple[str, int, Literal["light", "dark"]],
) -> None:
    language, width, theme = way
    server, window = request.getfixturevalue("server"), request.getfixturevalue("window")
    path = in_language(PAGES[name], language)
    seen = look(window, f"{server}/{path}", width, theme=theme, axe=True)
    assert seen.problems == []
    assert seen.heading
    assert seen.framework <= KNOWN


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
