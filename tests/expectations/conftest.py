"""What the tests of the checks share: running the suites over a small warehouse."""

from collections.abc import Callable

import pytest

from expectations.rules import RuleSet, load_rules
from expectations.run import CheckRun, run_suites
from store.settings import Settings
from store.warehouse import warehouse_lock
from tests.expectations.warehouse import Warehouse

Check = Callable[..., CheckRun]


@pytest.fixture(scope="session")
def rule_set() -> RuleSet:
    """The rules as they ship."""
    return load_rules()


@pytest.fixture
def check(settings: Settings, rule_set: RuleSet) -> Check:
    """Write a warehouse and run the suites over it, as the main job does."""

    def run(warehouse: Warehouse, rules: RuleSet = rule_set) -> CheckRun:
        warehouse.write(settings)
        with warehouse_lock(settings):
            return run_suites(settings, rules)

    return run
