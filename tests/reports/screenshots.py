"""Serves the pages on a free loopback port and looks at them with a real browser; also saves pictures of
every page.

    python tests/reports/screenshots.py FOLDER [TARGET_ID]...

writes each page of the current release of `PPW_HOME` at both widths, in both themes where it is asked for.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import urlopen

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

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
]
WIDTHS = {1280: 900, 390: 844}
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
    """What a visit showed: problems found, and the heading."""

    heading: str = ""
    problems: list[str] = field(default_factory=list)


def visit(
    browser: Browser,
    address: str,
    width: int,
    picture: Path | None = None,
    theme: Literal["light", "dark"] = "light",
) -> Seen:
    """Opens an address at a width, waits until the page is drawn, and reports what a reader would stumble
    over.

    Problems: an exception on the page, a console error, a request that leaves the machine, a document wider
    than the screen, a chart that was not drawn.
    """
    seen = Seen()
    page = browser.new_page(viewport={"width": width, "height": WIDTHS[width]}, color_scheme=theme)
    page.on("console", lambda message: _console(message, seen))
    page.on("pageerror", lambda error: seen.problems.append(f"script: {error}"))
    page.on("request", lambda request: _loopback_only(request.url, seen))
    try:
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
        if picture is not None:
            _whole_page(page, width, picture)
    finally:
        page.close()
    return seen


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


def addresses(targets: list[str]) -> dict[str, str]:
    """Name -> path of every page; the targets and milestones each have one."""
    named = ("chi-tieu", "cong-trinh", "nguon", "phuong-phap", "van-ban", "nop-so-lieu")
    pages = {"tong-quan": ""} | {name: name for name in named}
    return pages | {
        f"{page}-{target}": f"{page}?target={target}"
        for target in targets
        for page in ("cong-trinh" if target.startswith("MS_") else "chi-tieu",)
    }


def main(folder: Path, targets: list[str]) -> int:
    """Saves the pictures; 1 when a page has a problem."""
    faulty = 0
    home = Path(os.environ.get("PPW_HOME", str(PROJECT / "var")))
    folder.mkdir(parents=True, exist_ok=True)
    with served(home, folder / "server.log") as address, chromium() as browser:
        for name, path in addresses(targets).items():
            for width in WIDTHS:
                seen = visit(browser, f"{address}/{path}", width, folder / f"{name}-{width}.png")
                faulty += bool(seen.problems)
                print(f"{name} {width}: {seen.heading} {'; '.join(seen.problems)}")
        for name, path in {
            "tong-quan": "?lang=en",
            "chi-tieu": f"chi-tieu?lang=en&target={(targets or [''])[0]}",
        }.items():
            seen = visit(browser, f"{address}/{path}", 1280, folder / f"{name}-en-dark.png", theme="dark")
            faulty += bool(seen.problems)
            print(f"{name} en dark: {seen.heading} {'; '.join(seen.problems)}")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
