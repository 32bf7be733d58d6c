"""The registry: what a rule file must say, and that all its problems are reported together."""

from datetime import date
from pathlib import Path

import pytest

from expectations.rules import SUITE_ORDER, RulesError, RuleSet, load_rules

GOOD = """
suite: domain
title: {vi: Miền, en: Domain}
owner: {vi: Phòng, en: Office}
rules:
  - rule_id: one
    version: 1
    severity: error
    applies_from: 2021-01-01
    reason: {date: 2021-01-01, text: {vi: Một, en: One}}
    title: {vi: Một, en: One}
    description: {vi: Một, en: One}
    expectation: {type: ExpectColumnValuesToNotBeNull, arguments: {column: value}}
    message: {vi: "{value}", en: "{value}"}
"""


def test_the_shipped_rules_are_whole(rule_set: RuleSet) -> None:
    assert [suite.name for suite in rule_set.suites] == list(SUITE_ORDER)
    for rule in rule_set.rules:
        assert rule.message.placeholders("vi") == rule.message.placeholders("en"), rule.rule_id
        assert rule.rule_id.startswith(rule.suite), rule.rule_id
        # The two sides are shown as figures with the unit of the row: a year is none.
        sides = {rule.left, rule.right, rule.low, rule.high} - {None}
        assert not [side for side in sides if str(side).endswith(("year", "period_id", "period_end"))], (
            rule.rule_id
        )


def test_the_version_is_that_of_the_files(tmp_path: Path) -> None:
    file = tmp_path / "domain.yml"
    file.write_text(GOOD, encoding="utf-8")
    before = load_rules(tmp_path).version
    assert load_rules(tmp_path).version == before
    file.write_text(GOOD.replace("2021-01-01", "2022-01-01"), encoding="utf-8")
    assert load_rules(tmp_path).version != before


def test_older_vintages_are_only_informed_of(rule_set: RuleSet) -> None:
    rule = rule_set.rule("domain_lower_bound")
    assert rule.severity_for(date(2020, 12, 31)) == "information"
    assert rule.severity_for(rule.applies_from) == "error"
    assert rule.severity_for(None) == "error"
    warning = rule_set.rule("scale_revision_large")
    assert warning.severity_for(date(2020, 12, 31)) == "warning"


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("severity: error", "severity: fatal", "severity"),
        ("version: 1", "version: 1\n    colour: red", "colour"),
        ("ExpectColumnValuesToNotBeNull", "ExpectTableRowCountToEqual", "not one of the row-wise types"),
        ("{column: value}", "{colum: value}", "needs the argument column"),
        ("suite: domain", "suite: dommain", "'dommain' is unknown"),
        ("title: {vi: Một, en: One}\n    desc", "title: {vi: Một}\n    desc", "title.en"),
        ("applies_from: 2021-01-01", "applies_from: soon", "applies_from"),
        ("owner: {vi: Phòng, en: Office}\n", "", "owner"),
        ("reason: {date: 2021-01-01, ", "reason: {", "reason.date"),
        ("version: 1", "version: 1\n    promote_by: 2021-06-01", "go together"),
        (
            "version: 1",
            "version: 1\n    promote_by: 2021-06-01\n    intended_severity: error",
            "severity error is for later",
        ),
        (
            "severity: error",
            "severity: warning\n    promote_by: 2020-06-01\n    intended_severity: error",
            "promote_by lies after the date of the reason",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_place(
    tmp_path: Path, was: str, becomes: str, said: str
) -> None:
    assert was in GOOD
    (tmp_path / "domain.yml").write_text(GOOD.replace(was, becomes), encoding="utf-8")
    with pytest.raises(RulesError, match=r"domain\.yml") as raised:
        load_rules(tmp_path)
    assert said in str(raised.value)


def test_all_problems_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "b.yml").write_text(GOOD.replace("suite: domain", "suite: scale"), encoding="utf-8")
    (tmp_path / "c.yml").write_text("suite: [", encoding="utf-8")
    (tmp_path / "d.yml").write_text(GOOD.replace("version: 1", "version: 0"), encoding="utf-8")
    with pytest.raises(RulesError) as raised:
        load_rules(tmp_path)
    for said in (
        "b.yml: rule_id 'one' is used in a.yml too",
        "c.yml: not readable as YAML",
        "d.yml: rules.0.version",
    ):
        assert said in str(raised.value)


def test_a_directory_without_rules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="no suite file"):
        load_rules(tmp_path)


def test_asking_for_what_is_not_there_says_what_is(rule_set: RuleSet) -> None:
    with pytest.raises(KeyError, match="no rule is called 'nothing'"):
        rule_set.rule("nothing")
    with pytest.raises(KeyError, match="domain"):
        rule_set.suite("nothing")
