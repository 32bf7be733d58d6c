"""A pytest plugin: who may publish is tested to the last branch, measured in the one run of all tests.

`pytest -p tests.gate_coverage` measures the tests of the gate wherever they run, and fails the run where they leave a
line or a branch of its code out; `[tool.coverage]` in pyproject.toml says which code, and how much. Tests of other
things that happen to pass through the gate do not count, nor do races and generated walks, which may reach a branch
today and miss it tomorrow.
"""

from collections.abc import Generator
from io import StringIO
from pathlib import Path

import coverage
import pytest

GATE = Path(__file__).parent / "expectations" / "gate"
FILES = frozenset({*GATE.glob("test_*.py"), Path(__file__).parent / "store" / "test_state.py"})
LEFT_OUT = frozenset({GATE / "test_machine.py", GATE / "test_races.py"})

# Begun before anything imports the gate: the lines of a module run once.
MEASURED = coverage.Coverage(data_suffix=True)
MEASURED.start()


class GateCoverage:
    """Measures while modules are imported, and then during each test of the gate."""

    def __init__(self, config: pytest.Config) -> None:
        # With workers the tests run there; this process only puts together what they saw.
        self.is_worker = hasattr(config, "workerinput")
        self.runs_tests = self.is_worker or not config.getoption("numprocesses", None)
        self.report = ""
        if not self.is_worker:
            # What a run that was cut short left is not this one's.
            coverage.Coverage().erase()
        if not self.runs_tests:
            MEASURED.stop()

    def pytest_collection_finish(self) -> None:
        if self.runs_tests:
            MEASURED.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if item.path not in FILES - LEFT_OUT or item.get_closest_marker("integration"):
            return (yield)
        MEASURED.start()
        try:
            return (yield)
        finally:
            MEASURED.stop()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.runs_tests:
            MEASURED.save()
        if self.is_worker:
            return
        together, text = coverage.Coverage(), StringIO()
        together.combine(strict=True)
        together.save()
        reached, wanted = together.report(file=text), float(together.get_option("report:fail_under") or 0)  # type: ignore[arg-type]
        self.report = text.getvalue()
        if reached < wanted:
            self.report += f"the tests of the gate reach {reached:.2f} % of it, not {wanted:g} %\n"
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("branches of the gate")
        terminalreporter.write(self.report)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(GateCoverage(config), "gate-coverage")
