"""The homes of tests/orchestration, for tutorials that are run."""

from tests.orchestration.conftest import empty_home, first_run, home, homes

__all__ = ["empty_home", "first_run", "home", "homes"]
