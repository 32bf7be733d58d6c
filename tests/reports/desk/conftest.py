"""A made desk for each test, and its pages run as one person or another."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import reports.frame
from expectations.gate.people import Person, Role
from expectations.gate.roles import grant_role
from reports.frame import DESK_PATHS
from reports.identity import STATED_NAME
from reports.per_release import forget
from store.settings import Settings
from tests.reports.conftest import APP, RUN_SECONDS, Shown
from tests.reports.desk.made import Made, make_desk, write_cells

REVIEWER, APPROVER, SECOND = "Người rà soát (giả lập)", "Người phê duyệt (giả lập)", "Người thứ ba (giả lập)"
LEADER, ENGINEER = "Lãnh đạo (giả lập)", "Kỹ sư (giả lập)"
GIVEN: dict[str, Role] = {
    APPROVER: "approver", SECOND: "approver", REVIEWER: "reviewer", LEADER: "leader", ENGINEER: "engineer"
}  # fmt: skip
TODAY = date(2026, 11, 23)

Open = Callable[..., "OpenPage"]


class OpenPage:
    """A page of the desk in one person's session; `act` does something on it and draws it again."""

    def __init__(self, app: AppTest) -> None:
        self.app = app

    @property
    def shown(self) -> Shown:
        return Shown(self.app)

    @property
    def words(self) -> str:
        return self.shown.words

    def choose(self, key: str, value: object) -> OpenPage:
        """Chooses in a radio or a list whose key begins so."""
        for widget in (*self.app.radio, *self.app.selectbox):
            if str(widget.key).startswith(key):
                widget.set_value(value).run()
                return self
        raise AssertionError(f"no radio or list {key} on the page")

    def write(self, key: str, text: str) -> OpenPage:
        """Writes into a field whose key begins so."""
        for widget in (*self.app.text_area, *self.app.text_input):
            if str(widget.key).startswith(key):
                widget.set_value(text).run()
                return self
        raise AssertionError(f"no field {key} on the page")

    def press(self, key: str) -> OpenPage:
        """Presses the button whose key begins so."""
        for widget in self.app.button:
            if str(widget.key).startswith(key):
                widget.click().run()
                return self
        raise AssertionError(f"no button {key} on the page")

    def date(self, key: str, day: date) -> OpenPage:
        """Writes a day into the field of that key."""
        self.app.date_input(key=key).set_value(day).run()
        return self

    def has(self, key: str) -> bool:
        """Whether there is a widget whose key begins so."""
        app = self.app
        kinds = (
            app.button,
            app.radio,
            app.selectbox,
            app.text_area,
            app.text_input,
            app.date_input,
            app.file_uploader,
        )
        return any(str(widget.key).startswith(key) for widgets in kinds for widget in widgets)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = make_desk(tmp_path_factory.mktemp("desk") / "home")
    write_cells(made)
    return made


@pytest.fixture
def made(made_once: Made, tmp_path: Path) -> Made:
    """A desk of the test's own."""
    home = tmp_path / "home"
    shutil.copytree(made_once.settings.home, home)
    settings = Settings(home=home, review_policy="automatic")
    return replace(made_once, settings=settings, candidate=settings.candidates_dir / made_once.candidate.name)


@pytest.fixture
def office(made: Made) -> None:
    """Each person has one role and no other; without it everybody at this machine has all of them."""
    approver = Person(APPROVER, APPROVER, {"approver": frozenset({"*"})})
    for name, role in GIVEN.items():
        grant_role(made.settings, approver, name, role, day=TODAY)


@pytest.fixture
def open_page(made: Made, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a page, of the desk or another: `open_page("finding", REVIEWER, id=...)`."""
    forget()
    monkeypatch.setenv("PPW_HOME", str(made.settings.home))
    monkeypatch.setattr(reports.frame, "today", lambda settings: TODAY)

    def run(name: str, person: str = REVIEWER, **query: str) -> OpenPage:
        app = AppTest.from_file(str(APP), default_timeout=RUN_SECONDS)
        app.session_state[STATED_NAME] = person
        app.run()
        app.switch_page(f"views/desk/{name}.py" if name in DESK_PATHS else f"views/{name}.py")
        for asked, value in query.items():
            app.query_params[asked] = value
        app.run()
        return OpenPage(app)

    return run
