"""A published synthetic release, and the app run over it without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

import reports.frame
from reports.identity import STATED_NAME
from reports.numbers import Language
from reports.per_release import forget
from reports.words import LANGUAGES
from store.settings import Settings
from tests.reports.make_release import CUT_OFF, SyntheticRelease, publish_synthetic

APP = Path(__file__).resolve().parents[2] / "reports" / "app.py"
RUN_SECONDS = 60

Show = Callable[..., "Shown"]


class Shown:
    """A page that was run: its HTML, its words, its headings."""

    def __init__(self, app: AppTest) -> None:
        self.app = app
        self.title = app.title[0].value if app.title else ""
        self.headers = [heading.value for heading in (*app.header, *app.subheader)]
        self.charts = len(app.get("vega_lite_chart")) + len(app.get("arrow_vega_lite_chart"))
        self.raised = bool(app.exception)
        self.html = "".join(block.value for block in app.html if "<style>" not in block.value)

    @property
    def words(self) -> str:
        """The visible text, one space between words."""
        bare = unescape(re.sub(r"<[^>]+>", " ", self.html)).replace("\u00a0", " ")
        titles = " ".join([self.title, *self.headers])
        return re.sub(r"\s+([.,;:)])", r"\1", " ".join(f"{titles} {bare}".split()))

    @property
    def failed(self) -> bool:
        return self.raised or "ppw-error" in self.html


@pytest.fixture(scope="session", autouse=True)
def components_are_looked_for_once() -> Iterator[None]:
    """Every AppTest is a server of its own, and a server that starts reads the metadata of all installed packages: nine
    tenths of what a page costs here.
    """
    with pytest.MonkeyPatch.context() as patch:
        once = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture(scope="session")
def synthetic_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a published release with every state."""
    home = tmp_path_factory.mktemp("synthetic") / "home"
    publish_synthetic(Settings(home=home), SyntheticRelease().every_state())
    return home


@pytest.fixture
def show(synthetic_home: Path, monkeypatch: pytest.MonkeyPatch) -> Show:
    """Runs a page: `show("target", home=..., lang="en", target="SYNTHETIC_01")`. `person`: the name that the visitor of
    this machine stated.
    """
    forget()

    def run(
        page: str = "overview",
        home: Path = synthetic_home,
        day: date = CUT_OFF,
        person: str | None = None,
        **query: str,
    ) -> Shown:
        monkeypatch.setenv("PPW_HOME", str(home))
        monkeypatch.setattr(reports.frame, "today", lambda settings: day)
        app = AppTest.from_file(str(APP), default_timeout=RUN_SECONDS)
        if person is not None:
            app.session_state[STATED_NAME] = person
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        if page != "overview":
            app.switch_page(f"views/{page}.py")
            for name, value in query.items():
                app.query_params[name] = value
            app.run()
        return Shown(app)

    return run


@pytest.fixture(scope="session")
def target_pages(synthetic_home: Path) -> dict[tuple[Language, str], Shown]:
    """The page of every target in every language, run once in one session: (language, target id) -> page."""
    pages: dict[tuple[Language, str], Shown] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PPW_HOME", str(synthetic_home))
        patch.setattr(reports.frame, "today", lambda settings: CUT_OFF)
        app = AppTest.from_file(str(APP), default_timeout=RUN_SECONDS).run().switch_page("views/target.py")
        for language in LANGUAGES:
            for row in SyntheticRelease().every_state().rows["fct_target"]:
                if row["target_type"] == "milestone" or not row["is_reference"]:
                    continue
                app.query_params["lang"] = language
                app.query_params["target"] = row["target_id"]
                app.run()
                pages[language, str(row["target_id"])] = Shown(app)
    return pages
