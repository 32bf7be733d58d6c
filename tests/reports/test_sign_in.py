"""Signing in by a real browser at a real OpenID Connect provider, both on loopback; and local mode in a browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value, decode_signed_value

from reports.frame import DESK_PATHS, PATHS
from reports.words import catalogue
from store import state
from store.settings import PROJECT_ROOT, Settings
from tests.reports.desk.made import make_desk
from tests.reports.screenshots import CHROMIUM, START_SECONDS, chromium, empty
from tests.servers.oidc import Provider, free_port, serving_provider

pytestmark = pytest.mark.browser

WORDS = catalogue("vi")
COOKIE = "_streamlit_user"
COOKIE_SECRET = "synthetic cookie secret of the tests only"
USERS: dict[str, dict[str, Any]] = {
    "reviewer": {
        "name": "Người rà soát (giả lập)",
        "email_verified": True,
        "groups": ["stat-review", "others"],
    },
    "unmapped": {"name": "Người không vai trò (giả lập)", "email_verified": True, "groups": ["others"]},
    "unverified": {"name": "Thư chưa xác minh (giả lập)", "email_verified": False, "groups": ["stat-review"]},
}
# What a user's claims say goes into the token last: these get one that is signed well and says the wrong thing.
WRONG_TOKENS: dict[str, dict[str, Any]] = {
    "other_nonce": {"nonce": "the nonce of another sign-in"},
    "expired": {"exp": 1_600_000_000},
    "other_client": {"aud": "the pages of another office"},
}
USERS |= {name: {**USERS["reviewer"], **claims} for name, claims in WRONG_TOKENS.items()}


@dataclass(frozen=True)
class Office:
    """The pages and the provider that runs beside them."""

    address: str
    provider: Provider
    settings: Settings


@contextmanager
def serving_pages(home: Path, port: int, environment: Mapping[str, str]) -> Iterator[str]:
    """`ppw serve` on a port; gives its address and stops it at the end."""
    log = home.parent / "serve.log"
    command = [sys.executable, "-m", "orchestration.cli", "serve", "--pages-only", "--port", str(port)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=PROJECT_ROOT, env={**os.environ, "PPW_HOME": str(home), **environment},
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, server, log)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 5):
        if server.poll() is not None:
            raise RuntimeError(f"ppw serve ended with code {server.returncode}: {log.read_text()[-2000:]}")
        try:
            with urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"no answer from {address}: {log.read_text()[-2000:]}")


@pytest.fixture(autouse=True)
def needs_chromium(system_part: Callable[[str, bool], None]) -> None:
    system_part("Chromium", CHROMIUM.exists())


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    made = make_desk(folder / "home")
    users = [{"sub": name, "email": f"{name}@synthetic.invalid", **claims} for name, claims in USERS.items()]
    with serving_provider(users, folder / "provider.log") as provider:
        port = free_port()
        redirect_uri = f"http://127.0.0.1:{port}/oauth2callback"
        client = provider.register(redirect_uri)
        environment = {
            "PPW_IDENTITY": "oidc",
            "PPW_OIDC_METADATA_URL": provider.metadata_url,
            "PPW_OIDC_CLIENT_ID": client.client_id,
            "PPW_OIDC_CLIENT_SECRET": client.client_secret,
            "PPW_OIDC_REDIRECT_URI": redirect_uri,
            "PPW_OIDC_COOKIE_SECRET": COOKIE_SECRET,
            "PPW_OIDC_ROLES": json.dumps({"stat-review": ["reviewer"]}),
        }
        with serving_pages(made.settings.home, port, environment) as address:
            yield Office(address, provider, made.settings)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def two_browsers(browser: Browser) -> tuple[BrowserContext, BrowserContext]:
    """Two that know nothing of each other."""
    return browser.new_context(), browser.new_context()


@pytest.fixture
def office_and_context(
    request: pytest.FixtureRequest, needs_chromium: None
) -> Iterator[tuple[Office, BrowserContext]]:
    """The office, and a browser that nobody has used. The provider's pages ask a CDN for their looks, in vain."""
    office, (context, _) = request.getfixturevalue("office"), request.getfixturevalue("two_browsers")
    empty(context)
    yield office, context
    empty(context)


@pytest.fixture
def other(
    office_and_context: tuple[Office, BrowserContext], two_browsers: tuple[BrowserContext, BrowserContext]
) -> BrowserContext:
    """Another browser, which nobody has used."""
    empty(two_browsers[1])
    return two_browsers[1]


def opened(page: Page, office: Office, name: str) -> Page:
    """Goes to a page by its address and waits until it is drawn."""
    path = {**PATHS, **DESK_PATHS}[name]
    page.goto(f"{office.address}/{path}")
    page.locator(".ppw-foot, .ppw-state-page").first.wait_for(timeout=30_000)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=30_000)
    return page


def is_refused(page: Page) -> bool:
    return page.locator(".ppw-refused").count() == 1


def sign_in(page: Page, office: Office, user: str) -> Page:
    opened(page, office, "queue")
    page.get_by_role("button", name=WORDS["access.sign_in"]).click()
    page.get_by_role("button", name=user, exact=True).click()
    page.wait_for_url(f"{office.address}/", timeout=30_000)
    page.locator(".ppw-foot").wait_for(timeout=30_000)
    return page


def test_who_signs_in_has_the_roles_of_the_map_until_he_signs_out(
    office_and_context: tuple[Office, BrowserContext],
) -> None:
    office, context = office_and_context
    page = context.new_page()
    assert is_refused(opened(page, office, "queue"))
    assert "giả lập" not in page.inner_text("body")
    sign_in(page, office, "reviewer")
    assert page.locator(".ppw-visitor").inner_text() == USERS["reviewer"]["name"]
    assert not is_refused(opened(page, office, "queue"))
    assert page.locator("h1").inner_text() == WORDS["queue.title"]
    assert page.locator(".ppw-local-mode").count() == 0
    opened(page, office, "candidate")
    with state.reading(office.settings) as connection:
        seen = state.audit_events(connection, action="unreleased_seen")
    assert {(event.actor, event.detail["identity_verified"]) for event in seen} == {
        ("reviewer@synthetic.invalid", True)
    }
    # Another window of the same browser is the same person.
    assert not is_refused(opened(context.new_page(), office, "finding"))

    opened(page, office, "account")
    assert "Vai trò: công chúng và người rà soát." in page.inner_text("body")
    page.get_by_role("button", name=WORDS["access.sign_out"]).click()
    page.wait_for_url(f"{office.provider.address}/**")
    assert "id_token_hint=" in page.url, "the provider ends its session too"
    page.get_by_role("button", name="End session").click()
    page.wait_for_url(f"{office.address}/")
    assert COOKIE not in {cookie["name"] for cookie in context.cookies()}
    assert is_refused(opened(page, office, "queue"))


def test_a_person_whom_the_map_gives_no_role_is_the_public(
    office_and_context: tuple[Office, BrowserContext],
) -> None:
    office, context = office_and_context
    page = sign_in(context.new_page(), office, "unmapped")
    for name in ("queue", "finding", "candidate", "audit", "submit"):
        assert is_refused(opened(page, office, name)), name
        assert USERS["unmapped"]["name"] in page.locator(".ppw-refused").inner_text()
    assert not is_refused(opened(page, office, "overview"))


def test_an_address_the_provider_has_not_verified_names_nobody(
    office_and_context: tuple[Office, BrowserContext],
) -> None:
    office, context = office_and_context
    page = sign_in(context.new_page(), office, "unverified")
    assert page.locator(".ppw-visitor").inner_text() == WORDS["access.visitor"]
    assert is_refused(opened(page, office, "queue"))
    assert "địa chỉ thư chưa được xác minh" in page.inner_text("body")


def test_a_forged_or_an_old_cookie_signs_nobody_in(
    office_and_context: tuple[Office, BrowserContext], other: BrowserContext
) -> None:
    office, context = office_and_context
    sign_in(context.new_page(), office, "reviewer")
    (cookie,) = [cookie for cookie in context.cookies() if cookie["name"] == COOKIE]
    text = cookie["value"].strip('"')
    said = json.loads(decode_signed_value(COOKIE_SECRET, COOKIE, text) or b"")
    assert said["email"] == "reviewer@synthetic.invalid"
    old = {**said, "iat": said["iat"] - 9 * 3600}
    cookies = {
        "changed": text[:20] + ("A" if text[20] != "A" else "B") + text[21:],
        "signed by another": create_signed_value(
            "another secret of another server!", COOKIE, json.dumps(said)
        ).decode(),
        "old": create_signed_value(COOKIE_SECRET, COOKIE, json.dumps(old)).decode(),
    }
    for kind, value in cookies.items():
        empty(other)
        other.add_cookies([{"name": COOKIE, "value": value, "url": office.address}])
        shown = opened(other.new_page(), office, "queue")
        assert is_refused(shown), kind
        assert (WORDS["access.session_ended"] in shown.inner_text("body")) is (kind == "old")
    # The cookie itself, carried over, is the session: what was refused above was refused for what it says.
    empty(other)
    other.add_cookies([{"name": COOKIE, "value": text, "url": office.address}])
    assert not is_refused(opened(other.new_page(), office, "queue"))


def test_a_token_of_another_sign_in_or_time_or_office_signs_nobody_in(
    office_and_context: tuple[Office, BrowserContext],
) -> None:
    """The same person with the same groups is signed in above; only the token says something else."""
    office, context = office_and_context
    for user in WRONG_TOKENS:
        page = sign_in(context.new_page(), office, user)
        assert COOKIE not in {cookie["name"] for cookie in context.cookies()}, user
        assert page.locator(".ppw-visitor").inner_text() == WORDS["access.visitor"], user
        page.close()


def test_an_answer_of_the_provider_counts_in_the_browser_that_asked(
    office_and_context: tuple[Office, BrowserContext], other: BrowserContext
) -> None:
    office, context = office_and_context
    caught: list[str] = []

    def catch(route: Route) -> None:
        if route.request.method == "POST":
            caught.append(route.fetch(max_redirects=0).headers["location"])
            route.abort()
        else:
            route.continue_()

    context.route("**/oauth2/authorize?*", catch)
    page = opened(context.new_page(), office, "queue")
    page.get_by_role("button", name=WORDS["access.sign_in"]).click()
    page.get_by_role("button", name="reviewer", exact=True).click()
    page.wait_for_timeout(1000)
    (answer,) = caught
    assert answer.startswith(f"{office.address}/oauth2callback?")
    assert "state=" in answer
    assert "code=" in answer
    victim = other.new_page()
    for address in (
        answer,
        f"{office.address}/oauth2callback?code=x&state=guessed",
        f"{office.address}/oauth2callback",
    ):
        victim.goto(address)
        assert COOKIE not in {cookie["name"] for cookie in other.cookies()}
        assert is_refused(opened(victim, office, "queue"))
    # Where it was asked for, under a state that was not given out, it counts as little; as it was given, it does.
    state_given = parse_qs(urlsplit(answer).query)["state"][0]
    page.goto(answer.replace(state_given, state_given[::-1]))
    assert COOKIE not in {cookie["name"] for cookie in context.cookies()}
    page.goto(answer)
    assert COOKIE in {cookie["name"] for cookie in context.cookies()}


def test_in_local_mode_a_stated_name_goes_from_page_to_page_and_can_be_taken_back(
    request: pytest.FixtureRequest, needs_chromium: None, tmp_path: Path
) -> None:
    browser: Browser = request.getfixturevalue("browser")
    made = make_desk(tmp_path / "home")
    with serving_pages(made.settings.home, free_port(), {"PPW_IDENTITY": "local"}) as address:
        office = Office(address, Provider(""), made.settings)
        context = browser.new_context()
        page = opened(context.new_page(), office, "queue")
        assert is_refused(page)
        page.get_by_label(WORDS["access.name"]).fill("Nguyễn Văn Giả Lập")
        page.get_by_role("button", name=WORDS["access.state_name"]).click()
        page.locator("h1", has_text=WORDS["queue.title"]).wait_for()
        assert (
            "Tên Nguyễn Văn Giả Lập do người ngồi tại máy này tự khai"
            in page.locator(".ppw-local-mode").inner_text()
        )
        page.locator("nav a", has_text=WORDS["audit.title"]).first.click()
        page.locator("h1", has_text=WORDS["audit.title"]).wait_for()
        page.locator(".ppw-foot").wait_for()
        assert page.locator(".ppw-visitor").inner_text() == "Nguyễn Văn Giả Lập"
        # Through a proxy the visitor may be anybody.
        proxied = browser.new_context(extra_http_headers={"X-Forwarded-For": "10.0.0.9"})
        proxied.add_cookies([{**cookie} for cookie in context.cookies()])  # type: ignore[typeddict-item]
        far = opened(proxied.new_page(), office, "queue")
        assert is_refused(far)
        assert WORDS["access.public_only"] in far.inner_text("body")
        proxied.close()
        opened(page, office, "account")
        page.get_by_role("button", name=WORDS["access.forget_name"]).click()
        page.locator(".ppw-visitor", has_text=WORDS["access.visitor"]).wait_for()
        assert is_refused(opened(page, office, "queue"))
        context.close()
