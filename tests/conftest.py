"""Rules of the test suite: no network in unit tests, settings confined to a temporary folder."""

import os
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from store.settings import ENVIRONMENT_PREFIX, PROJECT_ROOT, Settings

SHARED_DATA = PROJECT_ROOT.parent / "shared" / "data"
LOOPBACK = ["127.0.0.1", "::1"]

# Examples are the same in every run and are not timed: machines that run the tests are shared and noisy.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("project")


def _turn(item: pytest.Item) -> int:
    """How early a test's file begins: whole runs, then what runs dbt or a server, then the browser, then the rest.

    A worker takes the next file when it is done with one, so what is long begins early.
    """
    if "homes" in getattr(item, "fixturenames", ()):
        return 0
    if item.get_closest_marker("integration"):
        return 1
    return 2 if item.get_closest_marker("browser") else 3


def _in_turn(items: list[pytest.Item]) -> list[Path]:
    """The files in the order in which they begin."""
    turn: dict[Path, int] = {}
    for item in items:
        turn[item.path] = min(turn.get(item.path, 3), _turn(item))
    files = sorted(turn, key=lambda path: turn[path])
    # Of the two files that begin together one does not wait for the first run that the other makes for all.
    other = next((path for path in files if turn[path] == 1), None)
    if other is not None:
        files.remove(other)
        files.insert(1, other)
    return files


# What else runs dbt as the tests of dbt do.
_WITH_DBT = frozenset(
    {
        "tests/expectations/test_shipped_figures.py",
        "tests/sources/test_live_records.py",
        "tests/sources/test_preview.py",
    }
)


class _Sharing(LoadFileScheduling):  # type: ignore[misc]
    """A file's tests stay on one worker, and all of tests/dbt on one: they share a parse of the project and a build."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "tests/dbt" if file.startswith("tests/dbt/") or file in _WITH_DBT else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """With `--dist loadfile`."""
    return _Sharing(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, give loopback to integration and browser tests, and the shared_data marker to tests
    that take that folder.
    """
    files = {path: number for number, path in enumerate(_in_turn(items))}
    items.sort(key=lambda item: files[item.path])
    for item in items:
        if item.get_closest_marker("integration") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))
        if "shared_data" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.shared_data)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("shared_data") and not SHARED_DATA.is_dir():
        pytest.skip("the folder ../shared/data of published files is not on this machine")


@pytest.fixture
def shared_data() -> Path:
    """The folder of files as publishers gave them; the test is skipped where it is absent."""
    return SHARED_DATA


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose stores are in a temporary folder, blind to this machine's environment and ppw.toml."""
    for name in os.environ:
        if name.removeprefix(ENVIRONMENT_PREFIX).lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "toml_file", None)
    return Settings(home=tmp_path / "home")


@pytest.fixture
def system_part() -> Callable[[str, bool], None]:
    """Ask for a part that `make setup-system` installs: skips the test without it, fails where it is
    required.

    Parts are required where PPW_REQUIRE_SYSTEM=1, as in the project's own checks.
    """

    def ask(part: str, is_there: bool) -> None:
        required = os.environ.get("PPW_REQUIRE_SYSTEM") == "1"
        if not is_there and required:
            pytest.fail(f"{part} is missing although PPW_REQUIRE_SYSTEM=1; run `make setup-system` as root")
        if not is_there:
            pytest.skip(f"{part} is not installed; `make setup-system` installs it")

    return ask
