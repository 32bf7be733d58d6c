"""Who sees which page: every role on every page, in the menu and by direct link, and what is logged."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import reports.frame
from expectations.gate.people import ROLES, Role, person_on
from reports.frame import DESK_MENU, DESK_PATHS, MENU, PATHS, path_of
from reports.guards import PAGE_ACTIONS, is_public, may_see
from reports.identity import NOBODY, STATED_NAME
from reports.per_release import forget
from reports.words import catalogue
from store import review, state
from tests.reports.conftest import APP, RUN_SECONDS, Shown
from tests.reports.desk.made import Made, finding_id, make_desk
from tests.reports.make_release import CUT_OFF

EVERY_PAGE = (*PATHS, *DESK_PATHS)
WORDS = catalogue("vi")
EVERYBODY = {
    "overview",
    "domains",
    "search",
    "target",
    "milestones",
    "sources",
    "method",
    "documents",
    "series",
    "account",
    "places",
    "departments",
    "downloads",
}
# What each role may see besides; None: nobody is signed in.
BESIDES: dict[Role | None, set[str]] = {
    None: set(),
    "public": set(),
    "leader": set(),
    "plan_owner": {"submit", "statements"},
    "reviewer": {"submit", "queue", "finding", "candidate", "releases", "coverage", "audit", "process"},
    "approver": {"submit", "queue", "finding", "candidate", "releases", "coverage", "audit", "process"},
    "engineer": {"submit", "queue", "finding", "releases", "coverage", "audit", "process"},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A home with a release, a candidate that waits, and a person for each role, named by it."""
    home = make_desk(tmp_path_factory.mktemp("guards") / "home")
    for role in ROLES:
        grant(home, role, role)
    return home


def grant(made: Made, person: str, role: Role) -> None:
    """Gives somebody a role, as `ppw role` does."""
    given = review.RoleGrant(
        action="grant", person=person, role=role, scope="*", valid_from=date(2026, 1, 1), valid_to=None,
        at=datetime(2026, 1, 1, tzinfo=UTC), actor="synthetic",
    )  # fmt: skip
    with state.writing(made.settings) as connection:
        review.record_role_grant(connection, given)


Visit = Callable[[str | None, str], Shown]


@pytest.fixture
def visit(made: Made, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Opens a page by its address, as somebody who stated a name or as nobody."""
    forget()
    monkeypatch.setenv("PPW_HOME", str(made.settings.home))
    monkeypatch.setattr(reports.frame, "today", lambda settings: CUT_OFF)

    def opened(person: str | None, page: str) -> Shown:
        app = AppTest.from_file(str(APP), default_timeout=RUN_SECONDS)
        if person:
            app.session_state[STATED_NAME] = person
        app.run()
        return Shown(app) if page == "overview" else to(app, page)

    return opened


def to(app: AppTest, page: str) -> Shown:
    """Goes to another page in the same session."""
    if page == "finding":
        app.query_params["id"] = finding_id(1)
    folder = "views/desk" if page in DESK_PATHS else "views"
    return Shown(app.switch_page(f"{folder}/{page}.py").run())


def refused(page: Shown) -> bool:
    return page.title == WORDS["access.refused"] and "ppw-refused" in page.html


def test_every_page_has_a_guard_and_every_guard_a_page() -> None:
    assert set(PAGE_ACTIONS) == set(EVERY_PAGE)
    assert {page for page in EVERY_PAGE if is_public(page)} == EVERYBODY
    assert not may_see(person_on(CUT_OFF, "x", given=ROLES), "a_page_nobody_declared")


@pytest.mark.parametrize("role", list(BESIDES))
def test_a_role_sees_its_pages_and_no_other(role: Role | None) -> None:
    person = NOBODY if role is None else person_on(CUT_OFF, "x", given=[role])
    assert {page for page in EVERY_PAGE if may_see(person, page)} == EVERYBODY | BESIDES[role]


@pytest.mark.parametrize("role", [None, *ROLES])
def test_by_direct_link_each_role_gets_its_pages_and_words_else(
    visit: Visit, made: Made, role: Role | None
) -> None:
    app = visit(role, "overview").app
    for page in EVERY_PAGE:
        shown = to(app, page)
        assert not shown.failed, page
        assert refused(shown) is (page not in EVERYBODY | BESIDES[role]), page
        if refused(shown):
            # Nothing of the release or the candidate, not even their names.
            assert made.release_id not in shown.words
            assert made.candidate.name not in shown.words
            assert "giả lập" not in shown.words
            assert not [*app.file_uploader, *app.selectbox, *app.dataframe]
            assert shown.charts == 0


@pytest.mark.parametrize("role", [None, *ROLES])
def test_the_menu_names_what_the_visitor_may_see(visit: Visit, role: Role | None) -> None:
    shown = visit(role, "account")
    named = {
        page for page in (*MENU, *DESK_MENU) if path_of(page) and f'href="{path_of(page)}"' in shown.html
    }
    allowed = EVERYBODY | BESIDES[role]
    assert named == {page for page in (*MENU, *DESK_MENU) if page in allowed and path_of(page)}


def test_nothing_is_read_for_a_page_that_is_refused(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = visit("leader", "account")
    assert not refused(shown)

    def read(*_: object) -> None:
        raise AssertionError("a release was read")

    monkeypatch.setattr(reports.frame, "current_release", read)
    monkeypatch.setattr("reports.desk.desk_page.subject_of", read)
    for page in ("queue", "finding", "candidate"):
        shown.app.switch_page(f"views/desk/{page}.py").run()
        assert refused(Shown(shown.app))


def test_pages_do_nothing_before_they_ask(visit: Visit) -> None:
    views = Path(reports.frame.__file__).parent / "views"
    files = sorted(path for path in views.rglob("*.py") if path.name != "__init__.py")
    assert {path.stem for path in files} == set(EVERY_PAGE)
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            does = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            assert not does, f"{path.name}, line {node.lineno}: a page calls something before show_page"
        (show,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "show"]
        called = [
            node.value.func.id
            for node in show.body
            if isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Name)
        ]
        assert called in (["show_page"], ["show_desk"]), path.name


def test_the_first_role_that_is_given_ends_all_roles_for_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_desk(tmp_path / "home")
    monkeypatch.setenv("PPW_HOME", str(made.settings.home))
    monkeypatch.setattr(reports.frame, "today", lambda settings: CUT_OFF)
    app = AppTest.from_file(str(APP), default_timeout=RUN_SECONDS)
    app.session_state[STATED_NAME] = "Ai đó"
    app.run().switch_page("views/desk/audit.py").run()
    assert not refused(Shown(app))
    assert WORDS["access.local_mode"] in Shown(app).words
    grant(made, "Người khác", "approver")
    app.run()
    assert refused(Shown(app))


def test_what_a_button_does_is_done_with_the_roles_of_that_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_desk(tmp_path / "home")
    monkeypatch.setenv("PPW_HOME", str(made.settings.home))
    monkeypatch.setattr(reports.frame, "today", lambda settings: CUT_OFF)
    app = AppTest.from_file(str(APP), default_timeout=RUN_SECONDS)
    app.session_state[STATED_NAME] = "Ai đó"
    shown = to(app.run(), "queue")
    assert not refused(shown)
    grant(made, "Người khác", "approver")
    app.button(key="queue_batch").click().run()
    assert refused(Shown(app))
    with state.reading(made.settings) as connection:
        assert review.decisions(connection) == []


def test_who_saw_an_unreleased_figure_is_logged_once_a_session(visit: Visit, made: Made) -> None:
    def seen() -> list[tuple[str, str, str, str]]:
        with state.reading(made.settings) as connection:
            events = state.audit_events(connection, action="unreleased_seen")
        assert not any(event.detail["identity_verified"] for event in events), "local mode vouches for nobody"
        return [
            (event.actor, event.subject, event.detail["page"], event.detail["subject"]) for event in events
        ]

    before = len(seen())
    shown = visit("reviewer", "candidate")
    shown.app.run()
    assert seen()[before:] == [("reviewer", made.candidate.name, "candidate", "")]
    visit("approver", "finding")
    assert seen()[before + 1 :] == [("approver", made.candidate.name, "finding", finding_id(1))]
    visit("leader", "candidate")
    visit("leader", "overview")
    assert len(seen()) == before + 2, "what is refused, or published, is nothing to log"


def test_a_leader_never_reads_a_candidate(visit: Visit, made: Made) -> None:
    app = visit("leader", "overview").app
    for page in EVERYBODY - {"account"}:
        words = to(app, page).words
        assert made.release_id in words
        assert made.candidate.name not in words
