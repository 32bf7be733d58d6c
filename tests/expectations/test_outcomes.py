"""Passed, failed and could not be checked are three things; what could not be checked is never a failure."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.gate.decisions_in_force import FINDING_DECISION_SCHEMA
from expectations.rules import Expected, Reason, Rule, RuleSet, Words, load_rules
from expectations.run import RESULT_SCHEMA, CheckRun, empty_check_result, run_suites
from expectations.validation import error_text
from store.settings import Settings
from store.warehouse import warehouse_lock
from tests.expectations.test_suites import above_the_upper_bound, sound
from tests.expectations.warehouse import Warehouse

Check = Callable[..., CheckRun]


def with_rules(rule_set: RuleSet, suite: str, *rules: Rule) -> RuleSet:
    """The rule set with more rules in one suite."""
    return replace(
        rule_set,
        suites=tuple(
            replace(one, rules=(*one.rules, *rules)) if one.name == suite else one for one in rule_set.suites
        ),
    )


def a_rule(rule_id: str, **changes: Any) -> Rule:
    words = Words(vi="Quy tắc thử", en="A trial rule")
    content: dict[str, Any] = {
        "rule_id": rule_id,
        "version": 1,
        "severity": "error",
        "applies_from": date(2021, 1, 1),
        "title": words,
        "description": words,
        "message": words,
        "owner": words,
        "reason": Reason(date=date(2021, 1, 1), text=words),
        "expectation": Expected(
            type="ExpectColumnValuesToBeBetween", arguments={"column": "value", "min_value": -1e9}
        ),
        "frame": "domain",
        "suite": "domain",
        **changes,
    }
    return Rule(**content)


def not_checked(run: CheckRun) -> dict[str, str]:
    """Messages by rule of what could not be checked."""
    rows = run.results.filter(run.results["outcome"] == "not_checked")
    return dict(zip(rows["rule_id"].to_list(), rows["message_en"].to_list(), strict=True))


def test_a_rule_over_a_column_that_is_not_there_is_not_checked_and_the_others_are(
    check: Check, rule_set: RuleSet
) -> None:
    rule = a_rule("over_nothing", expectation=Expected(
        type="ExpectColumnValuesToBeBetween", arguments={"column": "no_such_column", "min_value": 0}
    ))  # fmt: skip
    warehouse = sound()
    held = above_the_upper_bound(warehouse)
    run = check(warehouse, with_rules(rule_set, "domain", rule))
    assert list(not_checked(run)) == ["over_nothing"]
    assert "no_such_column" in not_checked(run)["over_nothing"]
    counts = next(entry.counts for entry in run.rules if entry.rule.rule_id == "over_nothing")
    assert (counts.passed, counts.failed) == (0, 0)
    assert counts.not_checked == len(warehouse.observations)
    assert run.held == {held}


def test_a_condition_over_a_column_that_is_not_there_is_not_checked(check: Check, rule_set: RuleSet) -> None:
    rule = a_rule("conditional", applies_when="no_such_column > 3")
    run = check(sound(), with_rules(rule_set, "domain", rule))
    assert list(not_checked(run)) == ["conditional"]


def test_an_expectation_that_raises_is_not_checked(check: Check, rule_set: RuleSet) -> None:
    texts_below_zero = Expected(
        type="ExpectColumnValuesToBeBetween", arguments={"column": "indicator_code", "min_value": 0}
    )
    run = check(sound(), with_rules(rule_set, "domain", a_rule("texts", expectation=texts_below_zero)))
    assert list(not_checked(run)) == ["texts"]
    assert run.results["outcome"].to_list() == ["not_checked"]
    assert run.suites["domain"].passed > 100


def test_a_suite_that_raises_whole_is_not_checked_with_the_reason(
    check: Check, rule_set: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "great_expectations", None)
    run = check(sound())
    checked = {entry.rule.rule_id for entry in run.rules if entry.counts.passed or entry.counts.failed}
    assert checked == set()
    assert set(run.results["outcome"].to_list()) == {"not_checked"}
    assert all("great_expectations" in message for message in not_checked(run).values())
    assert run.held == frozenset()


def test_a_table_that_is_not_there_stops_its_own_suites_only(settings: Settings, rule_set: RuleSet) -> None:
    sound().write(settings)
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        connection.execute("drop table observe.obs_observation")
    with warehouse_lock(settings):
        run = run_suites(settings, rule_set)
    failed = {entry.rule.suite for entry in run.rules if entry.counts.not_checked}
    assert failed == {
        "domain", "scale", "maturity", "series", "structure", "agreement", "revision", "documents", "target",
    }  # fmt: skip
    assert run.suites["mapping"].passed > 0
    assert "obs_observation" in not_checked(run)["domain_lower_bound"]


def test_what_could_not_be_checked_is_tried_again(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "great_expectations", None)
        check(sound())
    again = check(sound())
    assert again.results.height == 0
    assert again.n_kept == 0
    assert again.n_checked > 0


def test_the_first_figure_of_a_series_is_neither_passed_nor_a_finding(check: Check) -> None:
    warehouse = Warehouse()
    warehouse.observe("FOREST_COVER", "2022", "56.54")
    run = check(warehouse)
    counts = next(entry.counts for entry in run.rules if entry.rule.rule_id == "scale_revision_power_of_ten")
    assert (counts.passed, counts.failed, counts.not_checked, counts.nothing_to_compare) == (0, 0, 0, 1)
    assert run.results.height == 0


def test_nothing_observed_at_all_is_a_run_without_findings(check: Check) -> None:
    run = check(Warehouse())
    assert run.results.height == 0
    # Only the rules themselves are looked at.
    assert run.n_checked == run.suites["registry"].passed


def test_the_empty_result_has_the_columns_of_a_real_one_and_never_replaces_it(
    settings: Settings, check: Check
) -> None:
    import polars as pl

    empty_check_result(settings)
    path, told = (settings.inputs_dir / f"{name}.parquet" for name in ("check_result", "finding_decision"))
    assert dict(pl.read_parquet_schema(path)) == RESULT_SCHEMA
    assert dict(pl.read_parquet_schema(told)) == FINDING_DECISION_SCHEMA
    warehouse = sound()
    above_the_upper_bound(warehouse)
    check(warehouse)
    empty_check_result(settings)
    assert pl.read_parquet(path).height == 1
    assert dict(pl.read_parquet_schema(path)) == RESULT_SCHEMA
    assert dict(pl.read_parquet_schema(told)) == FINDING_DECISION_SCHEMA


def test_the_text_of_an_error_is_the_same_on_every_machine() -> None:
    here = error_text(
        ValueError("no /srv/someone/var/warehouse/inputs/period.parquet in <Known at 0x7f00>\nmore")
    )
    assert here == "ValueError: no period.parquet in <Known>"


def test_the_shipped_rules_load_from_any_directory(tmp_path: Path) -> None:
    from expectations.rules import SUITES_DIR

    for file in SUITES_DIR.glob("*.yml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert load_rules(tmp_path).version == load_rules().version
