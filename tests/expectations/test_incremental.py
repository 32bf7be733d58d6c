"""Results are kept: a run over what is new and a run over everything write the same file."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from expectations.rules import RuleSet
from expectations.run import CheckRun
from store.settings import PROJECT_ROOT, Settings
from tests.expectations.test_suites import BROKEN, sound
from tests.expectations.warehouse import Warehouse

Check = Callable[..., CheckRun]


def broken_everywhere() -> Warehouse:
    """Sound figures and many that are not."""
    warehouse = sound()
    for break_it, (rule_id, _) in BROKEN.items():
        if rule_id not in {"domain_period_known"}:
            break_it(warehouse)
    return warehouse


def result_file(settings: Settings) -> bytes:
    return (settings.inputs_dir / "check_result.parquet").read_bytes()


def test_vintage_by_vintage_gives_the_file_of_one_full_run(settings: Settings, check: Check) -> None:
    warehouse = broken_everywhere()
    warehouse.observations.sort(key=lambda row: (row["vintage_at"], row["observation_key"]))
    n_observations = len(warehouse.observations)
    checked = []
    for known in (n_observations // 3, 2 * n_observations // 3, n_observations):
        part = replace(warehouse, observations=warehouse.observations[:known])
        checked.append(check(part).n_checked)
    incremental = result_file(settings)

    shutil.rmtree(settings.checks_dir)
    full = check(warehouse)
    assert result_file(settings) == incremental
    assert full.n_kept == 0
    assert checked[-1] < full.n_checked
    assert full.results.height > len(BROKEN) - 3


def test_nothing_new_is_not_checked_again(
    settings: Settings, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = check(broken_everywhere())
    before = result_file(settings)
    # An import would now raise, and every rule would come out as not checked.
    monkeypatch.setitem(sys.modules, "great_expectations", None)
    second = check(broken_everywhere())
    assert second.n_checked == 0
    assert second.n_kept == first.n_checked
    assert result_file(settings) == before
    assert second.suites == first.suites


def test_nothing_new_never_imports_great_expectations(settings: Settings, check: Check) -> None:
    check(sound())
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from expectations.rules import load_rules\n"
        "from expectations.run import run_suites\n"
        "from store.settings import Settings\n"
        "from store.warehouse import warehouse_lock\n"
        "settings = Settings(home=Path(sys.argv[1]))\n"
        "with warehouse_lock(settings):\n"
        "    run = run_suites(settings, load_rules())\n"
        "print(run.n_checked, run.n_kept > 0, 'great_expectations' in sys.modules)\n"
    )
    output = subprocess.run(
        [sys.executable, "-c", program, str(settings.home)],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert output.stdout.split() == ["0", "True", "False"]


def test_only_what_a_new_vintage_touches_is_checked(check: Check) -> None:
    warehouse = sound()
    check(warehouse)
    warehouse.observe(
        "FOREST_COVER", "2023", "57.1", vintage_at=datetime(2026, 12, 1), published_at=date(2026, 12, 1)
    )
    assert check(warehouse).n_checked < 20


def test_a_new_version_of_a_rule_is_checked_anew(check: Check, rule_set: RuleSet) -> None:
    first = check(sound())
    domain = rule_set.suite("domain")
    changed = domain.rules[0].model_copy(update={"version": 2})
    newer = replace(
        rule_set,
        suites=tuple(
            replace(one, rules=(changed, *one.rules[1:])) if one.name == "domain" else one
            for one in rule_set.suites
        ),
    )
    second = check(sound(), newer)
    assert second.n_checked == first.rules[0].counts.passed
    assert first.rules[0].rule.rule_id == changed.rule_id


def test_a_changed_limit_is_checked_anew_even_under_the_same_version(check: Check, rule_set: RuleSet) -> None:
    check(sound())
    rule = rule_set.rule("scale_step_from_year_before")
    arguments = {**rule.expectation.arguments, "max_value": 0.001}
    changed = rule.model_copy(
        update={"expectation": rule.expectation.model_copy(update={"arguments": arguments})}
    )
    newer = replace(
        rule_set,
        suites=tuple(
            replace(one, rules=tuple(changed if each.rule_id == rule.rule_id else each for each in one.rules))
            for one in rule_set.suites
        ),
    )
    assert set(check(sound(), newer).results["rule_id"].to_list()) == {rule.rule_id}


def test_a_renamed_source_is_no_reason_to_check_again(
    settings: Settings, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(broken_everywhere())
    monkeypatch.setattr("tests.expectations.warehouse.SOURCE_TITLE", "Tên mới")
    run = check(broken_everywhere())
    assert run.n_checked == 0
    assert any("Tên mới" in message for message in run.results["message_vi"].to_list())


@pytest.mark.parametrize("damage", [b"", b"not a Parquet file"])
def test_kept_results_that_cannot_be_read_are_worked_out_again(
    settings: Settings, check: Check, damage: bytes
) -> None:
    check(broken_everywhere())
    before = result_file(settings)
    kept: list[Path] = sorted(settings.checks_dir.glob("*.parquet"))
    for file in kept:
        file.write_bytes(damage)
    run = check(broken_everywhere())
    assert run.n_kept == 0
    assert result_file(settings) == before
    assert check(broken_everywhere()).n_checked == 0
