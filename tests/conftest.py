"""Rules of the test suite: no network in unit tests, settings confined to a temporary folder."""

import os
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

from store.settings import ENVIRONMENT_PREFIX, PROJECT_ROOT, Settings

SHARED_DATA = PROJECT_ROOT.parent / "shared" / "data"
LOOPBACK = ["127.0.0.1", "::1"]

# Examples are the same in every run and are not timed: machines that run the tests are shared and noisy.
hypothesis.settings.register_profile("project", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("project")


# Files of tests that take longest, longest first. A worker takes the next file when it is done with one, so what is
# long begins early; the two that begin together do not both wait for the first run of tests/orchestration.
LONGEST_FIRST = (
    "orchestration/test_killed_run.py",
    "docs/test_tutorial.py",
    "orchestration/test_bad_input.py",
    "orchestration/test_main_job.py",
    "docs/test_add_a_source.py",
    "orchestration/test_live_road.py",
    "orchestration/test_rollback.py",
    "orchestration/test_release_gate.py",
    "dbt/test_build.py",
    "orchestration/test_dagster_job.py",
    "orchestration/test_assess.py",
    "dbt/test_unit_tests.py",
    "dbt/test_formulas.py",
    "dbt/test_named_methods.py",
    "sources/test_view.py",
)
_TESTS = Path(__file__).parent


def _turn(item: pytest.Item) -> int:
    """The place of a test's file among those that begin early; all others follow in their own order."""
    name = item.path.relative_to(_TESTS).as_posix()
    return LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, give loopback to integration and browser tests, and the shared_data marker to tests
    that take that folder.
    """
    items.sort(key=_turn)
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
