"""One bad figure on its whole way, in a real browser: held, decided, confirmed, signed by another, published, read.

The candidates are made, so that no build runs; the road over a build is that of `tests/orchestration`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from expectations.gate.publication import offer_candidate, publish_signed
from store import review, state
from store.settings import Settings
from tests.reports.desk.conftest import APPROVER, REVIEWER, SECOND
from tests.reports.desk.made import Made, finding_id, make_desk, sealed, with_findings, write_cells
from tests.reports.make_release import SyntheticRelease
from tests.reports.screenshots import CHROMIUM, chromium, hand_over, look, served

JUMP = finding_id(1)[:16]
PAGES = (
    "ra-soat", "phat-hien", f"phat-hien?id={JUMP}", "du-thao", "ban-cong-bo", "tinh-hinh-thu-thap", "nhat-ky",
    "quy-trinh",
)  # fmt: skip

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def needs_chromium(system_part: Callable[[str, bool], None]) -> None:
    system_part("Chromium", CHROMIUM.exists())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = make_desk(tmp_path_factory.mktemp("desk") / "home")
    write_cells(made)
    return made


@pytest.fixture(scope="module")
def server(desk: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(desk.settings.home, tmp_path_factory.mktemp("log") / "server.log") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    """One browser, at which one person sits down after the other."""
    with chromium() as opened:
        yield opened.new_context()


def test_the_pages_of_the_desk_are_whole_in_vietnamese_on_a_telephone(
    server: str, browser: BrowserContext
) -> None:
    """`test_browser` sees them in the two ways in which it sees all pages."""
    hand_over(browser, server, REVIEWER)
    page = browser.new_page()
    for path in PAGES:
        seen = look(page, f"{server}/{path}", 390, theme="dark")
        assert seen.problems == [], path
        assert seen.heading


def opened(browser: BrowserContext, server: str, name: str, path: str) -> Page:
    """A page as somebody opens it who has sat down at the browser."""
    hand_over(browser, server, name)
    page = browser.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{server}/{path}")
    page.locator(".ppw-foot").first.wait_for(timeout=30_000)
    return page


def choose(page: Page, action: str) -> None:
    """Chooses an action and waits until the form for it stands still: a list that is opened before closes again."""
    page.get_by_test_id("stRadio").get_by_text(action, exact=True).click()
    page.locator("button[kind=primary]").wait_for()
    page.wait_for_timeout(300)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def pick(page: Page, label: str, option: str) -> None:
    """Opens a list by the keyboard and chooses in it."""
    field = page.get_by_role("combobox", name=label)
    field.scroll_into_view_if_needed()
    field.focus()
    field.press("ArrowDown")
    page.get_by_role("option", name=option).click()


def last_decision(settings: Settings) -> int:
    with state.reading(settings) as connection:
        return review.last_decision_id(connection)


def test_a_bad_figure_is_held_decided_confirmed_signed_published_and_read(
    desk: Made, server: str, browser: BrowserContext
) -> None:
    _decided_by_the_reviewer(browser, server)
    _confirmed_by_the_approver(browser, server)
    built = _built_with_the_decision(desk)
    _refused_to_who_decided(browser, server)
    _signed_by_another(browser, server)
    release_id = publish_signed(desk.settings, built.name)
    page = opened(browser, server, "Lãnh đạo (giả lập)", "chi-tieu?target=SYNTHETIC_01")
    expect(page.locator(".ppw-foot")).to_contain_text(release_id)
    expect(page.locator("body")).to_contain_text("525")
    assert page.locator(".ppw-ribbon").count() == 0


def _decided_by_the_reviewer(browser: BrowserContext, server: str) -> None:
    """From the queue by the keyboard alone: the first link, Enter, the form."""
    page = opened(browser, server, REVIEWER, "ra-soat")
    expect(page.locator(".ppw-lead")).to_contain_text("4 phát hiện cần quyết định")
    page.get_by_role("link", name="Mở việc đầu tiên").focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Chỉ tiêu thống kê giả lập (synthetic) 01")
    expect(page.locator("body")).to_contain_text("Đang được giữ lại")
    choose(page, "Chấp nhận")
    pick(page, "Loại lý do", "Nơi công bố đã xác nhận")
    page.get_by_label("Lý do (bắt buộc)").fill("Nơi công bố xác nhận bằng văn bản (giả lập).")
    page.get_by_role("button", name="Ghi quyết định: chấp nhận").click()
    expect(page.locator(".ppw-done")).to_contain_text("Chờ xác nhận", timeout=15_000)


def _confirmed_by_the_approver(browser: BrowserContext, server: str) -> None:
    page = opened(browser, server, APPROVER, f"phat-hien?id={JUMP}")
    choose(page, "Xác nhận đề xuất")
    page.get_by_role("button", name="Xác nhận", exact=True).click()
    expect(page.locator(".ppw-done")).to_contain_text("Đã chấp nhận", timeout=15_000)


def _built_with_the_decision(desk: Made) -> Path:
    """What a build makes of the decision: the figure is in force and no longer held."""
    content = with_findings(SyntheticRelease().every_state())
    jump = next(row for row in content.rows["fct_observation"] if row["period_id"] == "2026" and row["held"])
    jump |= {"held": False, "held_reason": None, "standing": "in_force", "review_state": "accepted"}
    kept = {name: jump[name] for name in jump if name in content.rows["fct_actual"][0]}
    content.add("fct_actual", **kept)
    up_to = last_decision(desk.settings)
    built = sealed(desk.settings, content, "one", 3, decisions_up_to=up_to)
    offer_candidate(desk.settings, built)
    return built


def _refused_to_who_decided(browser: BrowserContext, server: str) -> None:
    page = opened(browser, server, REVIEWER, "du-thao")
    expect(page.locator("body")).to_contain_text("người phê duyệt phải là người khác")


def _signed_by_another(browser: BrowserContext, server: str) -> None:
    page = opened(browser, server, SECOND, "du-thao")
    expect(page.locator(".ppw-lead")).to_contain_text("còn cần 1 chữ ký")
    choose(page, "Phê duyệt")
    page.get_by_role("button", name="Ký phê duyệt").click()
    expect(page.locator(".ppw-lead")).to_contain_text("đã đủ chữ ký", timeout=15_000)


def test_the_log_names_everybody_who_had_a_hand_in_it(desk: Made) -> None:
    with state.reading(desk.settings) as connection:
        events = state.audit_events(connection)
    done = [(event.action, event.actor) for event in events if event.action != "unreleased_seen"]
    assert ("finding_accept", REVIEWER) in done
    assert ("finding_confirm", APPROVER) in done
    assert ("candidate_sign", SECOND) in done
    assert all(event.at <= datetime.now(UTC) for event in events)
