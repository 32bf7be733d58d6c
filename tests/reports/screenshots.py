"""Serves the pages on a free loopback port and looks at them with a real browser; also saves pictures of
every page.

    python -m tests.reports.screenshots FOLDER [--person NAME] [TARGET_ID]...

writes each page of the current release of `PPW_HOME` in both languages, at both widths and in both themes; the id of a
milestone begins with MS_. With a person, who has stated that name at this machine, the pages of the desk as well.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    sync_playwright,
)

from reports.frame import DESK_PATHS, PATHS
from reports.identity import NAME_COOKIE
from reports.words import LANGUAGES

PROJECT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nobody outside is found. To stop requests one by one would have the browser keep nothing: every page would fetch
    # and compile the whole client anew.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
WIDTHS = {1280: 900, 390: 844}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# WCAG 2.2, levels A and AA.
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}
GRAVE = ("serious", "critical")
# What is asked of the pages that without a question have little to show.
ASKED = {"linh-vuc": "linh-vuc?domain=economy", "tim-kiem": "tim-kiem?q=chi+tieu"}
# Where our own markup stands; what is outside is Streamlit's.
OURS = ".ppw"
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
START_SECONDS = 60


@contextmanager
def served(home: Path, log: Path) -> Iterator[str]:
    """The app over `home` on a free loopback port; gives its address and stops the server it started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "reports/app.py", "--server.port", str(port)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**os.environ, "PPW_HOME": str(home)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, server, log)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 5):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with code {server.returncode}: {log.read_text()[-2000:]}")
        try:
            with urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"no answer from {address} after {START_SECONDS} s: {log.read_text()[-2000:]}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless and told not to talk to anybody."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Seen:
    """What a visit showed: problems found, the heading, and the rules of accessibility that Streamlit's own markup
    breaks.
    """

    heading: str = ""
    problems: list[str] = field(default_factory=list)
    framework: set[str] = field(default_factory=set)


@contextmanager
def somebody(browser: Browser, address: str, name: str) -> Iterator[BrowserContext]:
    """A browser that keeps the name somebody stated at this machine."""
    context = browser.new_context()
    try:
        hand_over(context, address, name)
        yield context
    finally:
        context.close()


def hand_over(context: BrowserContext, address: str, name: str) -> None:
    """Somebody else sits down at a browser: windows are closed, cookies gone; files of the client stay at hand."""
    empty(context)
    context.add_cookies([{"name": NAME_COOKIE, "value": quote(name, safe=""), "url": address}])


def empty(context: BrowserContext) -> None:
    """A browser as if nobody had used it, but for the files of the client that it keeps."""
    for page in context.pages:
        page.close()
    context.unroute_all()
    context.clear_cookies()


def visit(
    browser: Browser | BrowserContext,
    address: str,
    width: int,
    picture: Path | None = None,
    theme: Literal["light", "dark"] = "light",
    *,
    axe: bool = False,
) -> Seen:
    """Opens an address at a width, waits until the page is drawn, and reports what a reader would stumble
    over.

    Problems: an exception on the page, a console error, a request that leaves the machine, a document wider
    than the screen, a chart that was not drawn or has no words; with `axe`, what breaks WCAG 2.2 AA gravely in markup
    of ours.
    """
    page = browser.new_page()
    try:
        return look(page, address, width, picture, theme, axe=axe)
    finally:
        page.close()


def look(
    page: Page,
    address: str,
    width: int,
    picture: Path | None = None,
    theme: Literal["light", "dark"] = "light",
    *,
    axe: bool = False,
) -> Seen:
    """As `visit`, in a window that is open already: to open one takes the browser as long as to draw a page."""
    # What was shown before is gone before anything is listened to.
    page.goto("about:blank")
    seen = Seen()
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.emulate_media(color_scheme=theme)
    with _noted(page, seen):
        page.goto(address, wait_until="load")
        page.locator(".ppw-foot, .ppw-state-page").first.wait_for(timeout=30_000)
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=30_000)
        page.wait_for_timeout(600)
        seen.heading = page.locator("h1").first.inner_text() if page.locator("h1").count() else ""
        for name in ("stException", "stAlertContentError"):
            if page.get_by_test_id(name).count():
                seen.problems.append(f"{name} on the page")
        if page.locator(".ppw-error").count():
            seen.problems.append(f"error page: {page.locator('.ppw-error').first.inner_text()}")
        seen.problems += _too_wide(page, width)
        for chart in page.get_by_test_id("stVegaLiteChart").all():
            if not chart.locator("canvas, svg").count():
                seen.problems.append("a chart was not drawn")
            if not _has_words(chart):
                seen.problems.append("a chart has no text alternative")
        if axe:
            _examine(page, seen)
        if picture is not None:
            _whole_page(page, width, picture)
    return seen


@contextmanager
def _noted(page: Page, seen: Seen) -> Iterator[None]:
    """What a page says in the console and what it asks for, as problems of this visit alone."""

    def said(message: ConsoleMessage) -> None:
        _console(message, seen)

    def broke(error: Error) -> None:
        seen.problems.append(f"script: {error}")

    def asked(request: Request) -> None:
        _loopback_only(request.url, seen)

    page.on("console", said)
    page.on("pageerror", broke)
    page.on("request", asked)
    try:
        yield
    finally:
        page.remove_listener("console", said)
        page.remove_listener("pageerror", broke)
        page.remove_listener("request", asked)


def _has_words(chart: Locator) -> bool:
    """Whether a chart says in words what it shows: in a label on it or in it."""
    script = "e => !!(e.getAttribute('aria-label') || e.querySelector('[aria-label],title,desc'))"
    return bool(chart.evaluate(script))


def _examine(page: Page, seen: Seen) -> None:
    """Has axe-core look at the page, with the script that comes with its package."""
    found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    for rule in found:
        if rule["impact"] not in GRAVE:
            continue
        for node in rule["nodes"]:
            selector = node["target"][-1]
            ours = page.evaluate(
                "([s, o]) => { const e = document.querySelector(s); return !!(e && e.closest(o)); }",
                [selector, OURS],
            )
            if ours:
                seen.problems.append(f"axe {rule['id']} ({rule['impact']}): {node['html'][:160]}")
            else:
                seen.framework.add(rule["id"])


def _console(message: ConsoleMessage, seen: Seen) -> None:
    """Errors in the console are problems, but for one: opened at a page's own address, Streamlit's client
    first asks for its server under that page's path, gets a 404, and goes one level up.
    """
    url = str(message.location.get("url", ""))
    probing = url.endswith(("/_stcore/health", "/_stcore/host-config")) and "404" in message.text
    if message.type == "error" and not probing:
        seen.problems.append(f"console: {message.text} {url}")


def _loopback_only(url: str, seen: Seen) -> None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in LOOPBACK:
        seen.problems.append(f"request to {parts.hostname}")


def _too_wide(page: Page, width: int) -> list[str]:
    """Elements that stick out of the screen and do not lie in a box that scrolls."""
    script = """width => {
      const found = [];
      const root = document.documentElement;
      const main = document.querySelector('[data-testid=stMain]');
      if (root.scrollWidth > width) found.push('document ' + root.scrollWidth);
      if (main && main.scrollWidth > main.clientWidth) found.push('main ' + main.scrollWidth);
      for (const e of document.querySelectorAll('.ppw *, h1, h2, h3')) {
        const inside = e.closest('.ppw-scroll') || e.closest('.ppw-unseen');
        const right = e.getBoundingClientRect().right;
        if (!inside && right > width + 1) found.push(`${e.tagName} ${e.className}: ${right}`);
      }
      return found.slice(0, 5);
    }"""
    return [f"wider than {width} px: {item}" for item in page.evaluate(script, width)]


def _whole_page(page: Page, width: int, picture: Path) -> None:
    """A picture of the whole page: the app scrolls inside itself, so the window is made as tall as its
    content.
    """
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": int(height) + 20})
    page.wait_for_timeout(500)
    picture.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(picture))


def addresses(targets: Sequence[str], *, desk: bool = False) -> dict[str, str]:
    """Name -> path of every page, those of the desk where asked for; the targets and milestones each have one."""
    every = [*PATHS.values(), *(DESK_PATHS.values() if desk else ())]
    pages = {path or "tong-quan": ASKED.get(path, path) for path in every}
    return pages | {
        f"{page}-{target}": f"{page}?target={target}"
        for target in targets
        for page in ("cong-trinh" if target.startswith("MS_") else "chi-tieu",)
    }


def in_language(path: str, language: str) -> str:
    """An address of a page in a language."""
    if language == LANGUAGES[0]:
        return path
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def main(folder: Path, targets: Sequence[str], person: str | None) -> int:
    """Saves the pictures; 1 when a page has a problem."""
    faulty = 0
    home = Path(os.environ.get("PPW_HOME", str(PROJECT / "var")))
    folder.mkdir(parents=True, exist_ok=True)
    with (
        served(home, folder / "server.log") as address,
        chromium() as browser,
        somebody(browser, address, person or "") as context,
    ):
        for name, path in addresses(targets, desk=person is not None).items():
            for language, width, theme in product(LANGUAGES, WIDTHS, THEMES):
                picture = folder / f"{name}-{language}-{width}-{theme}.png"
                seen = visit(context, f"{address}/{in_language(path, language)}", width, picture, theme)
                faulty += bool(seen.problems)
                print(f"{picture.stem}: {seen.heading} {'; '.join(seen.problems)}", flush=True)
    return 1 if faulty else 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Pictures of every page.")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("targets", nargs="*")
    arguments.add_argument("--person")
    asked = arguments.parse_args()
    sys.exit(main(asked.folder, asked.targets, asked.person))
