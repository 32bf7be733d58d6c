"""Rules on trial and suppressions: what they ask for, what they do, and that nobody forgets them."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.finding_keys import finding_key
from expectations.rules import (
    SUITES_DIR,
    Reason,
    RulesError,
    RuleSet,
    Suppression,
    Words,
    load_rules,
)
from expectations.run import CheckRun
from store.settings import Settings
from tests.expectations import broken
from tests.expectations.warehouse import Warehouse

Check = Callable[..., CheckRun]

WORDS = Words(vi="Thử", en="Trial")
SUPPRESSION = f"""
suppressions:
  - rule_id: series_repeated_value
    indicator_code: LABOUR_FORCE
    area_id: VN-04
    source_id: nso
    period_id: "2016"
    expires: 2027-06-30
    owner: {{vi: {WORDS.vi}, en: {WORDS.en}}}
    reason: {{date: 2026-11-22, text: {{vi: {WORDS.vi}, en: {WORDS.en}}}}}
"""


def suppressing(rule_set: RuleSet, expires: date, **changes: Any) -> RuleSet:
    """The rules with one suppression, of the labour force of 2016 that equals that of 2015."""
    content: dict[str, Any] = {
        "rule_id": "series_repeated_value",
        "indicator_code": "LABOUR_FORCE",
        "area_id": "VN-04",
        "source_id": "nso",
        "period_id": "2016",
        "expires": expires,
        "owner": WORDS,
        "reason": Reason(date=date(2026, 1, 1), text=WORDS),
        **changes,
    }
    return replace(rule_set, suppressions=(Suppression(**content),))


def repeated() -> Warehouse:
    warehouse = Warehouse()
    broken.the_figure_of_the_year_before(warehouse)
    return warehouse


def found(run: CheckRun, rule_id: str) -> pl.DataFrame:
    return run.results.filter(pl.col("rule_id") == rule_id)


def test_every_rule_on_trial_is_decided_on_at_the_cut_off(rule_set: RuleSet) -> None:
    """Whoever ships rules whose trial was over at the date of their reason has forgotten to decide."""
    on_trial = [rule for rule in rule_set.rules if rule.promote_by is not None]
    assert on_trial
    for rule in on_trial:
        assert rule.severity in ("warning", "information"), rule.rule_id
        assert rule.intended_severity is not None


def test_a_trial_that_nobody_ended_is_a_finding(check: Check, rule_set: RuleSet) -> None:
    warehouse = repeated()
    last_day = max(rule.promote_by for rule in rule_set.rules if rule.promote_by is not None)
    warehouse.cut_off = last_day
    assert found(check(warehouse), "registry_trial_decided").is_empty()
    warehouse.cut_off = date(last_day.year, last_day.month + 1, 1)
    rows = found(check(warehouse), "registry_trial_decided")
    assert "series_outlier" in rows["subject"].to_list()
    assert set(rows["severity"]) == {"warning"}
    assert "hết thời gian thử ngày 31/05/2027" in rows["message_vi"][0]


def test_a_suppressed_breach_is_counted_and_kept_and_asks_nobody(check: Check, rule_set: RuleSet) -> None:
    run = check(repeated(), suppressing(rule_set, date(2026, 11, 22)))
    (row,) = found(run, "series_repeated_value").iter_rows(named=True)
    assert row["outcome"] == "suppressed"
    assert (row["left_value"], row["right_value"], row["unit"]) == (360.9, 360.9, "thousand_person")
    counts = next(one.counts for one in run.rules if one.rule.rule_id == "series_repeated_value")
    assert (counts.failed, counts.suppressed) == (0, 1)
    assert run.held == frozenset()


@pytest.mark.parametrize(
    "changes",
    [{"period_id": "2017"}, {"source_id": "press"}, {"breakdown": "SEX_MALE"}, {"rule_id": "series_outlier"}],
)
def test_a_suppression_is_of_one_rule_and_one_figure(
    check: Check, rule_set: RuleSet, changes: dict[str, str]
) -> None:
    run = check(repeated(), suppressing(rule_set, date(2027, 1, 1), **changes))
    assert found(run, "series_repeated_value")["outcome"].to_list() == ["failed"]


def test_after_its_last_day_a_suppression_is_itself_a_finding(check: Check, rule_set: RuleSet) -> None:
    run = check(repeated(), suppressing(rule_set, date(2026, 11, 21)))
    assert found(run, "series_repeated_value")["outcome"].to_list() == ["failed"]
    (row,) = found(run, "registry_suppression_ended").iter_rows(named=True)
    assert row["subject"] == "series_repeated_value|LABOUR_FORCE|VN-04|2016|_T|nso"
    assert "21/11/2026" in row["message_vi"]


# What breaks each of the rules on the rules themselves.
BROKEN_REGISTRY = {
    "registry_trial_decided": test_a_trial_that_nobody_ended_is_a_finding,
    "registry_suppression_ended": test_after_its_last_day_a_suppression_is_itself_a_finding,
}


def test_the_summary_has_every_rule_with_its_words_and_outcomes(
    settings: Settings, check: Check, rule_set: RuleSet
) -> None:
    check(repeated(), suppressing(rule_set, date(2027, 1, 1)))
    summary = pl.read_parquet(settings.inputs_dir / "check_summary.parquet")
    assert summary["rule_id"].to_list() == [rule.rule_id for rule in rule_set.rules]
    row = summary.row(by_predicate=pl.col("rule_id") == "series_repeated_value", named=True)
    assert (row["n_passed"], row["n_failed"], row["n_suppressed"]) == (0, 0, 1)
    assert (row["promote_by"], row["intended_severity"]) == (date(2027, 5, 31), "warning")
    assert all(row[name] for name in ("owner_vi", "owner_en", "reason_vi", "reason_en", "reason_on"))
    assert summary.filter(pl.col("suite") == "release")["n_passed"].null_count() > 0


def test_suppressions_are_read_and_part_of_the_version(tmp_path: Path) -> None:
    file = tmp_path / "suppressions.yml"
    file.write_text(SUPPRESSION, encoding="utf-8")
    rule_set = load_rules(SUITES_DIR, file)
    assert [entry.breakdown for entry in rule_set.suppressions] == ["_T"]
    assert rule_set.version != load_rules().version


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("series_repeated_value", "series_no_such_rule", "no rule is called 'series_no_such_rule'"),
        ("series_repeated_value", "domain_upper_bound", "holds figures: decide the finding instead"),
        ("expires: 2027-06-30", "expires: 2026-11-22", "expires lies after the date of the reason"),
        ("    expires: 2027-06-30\n", "", "expires: Field required"),
        ("suppressions:", "suppressed:", "suppressions: Field required"),
    ],
)
def test_a_wrong_suppression_is_refused_with_its_place(
    tmp_path: Path, was: str, becomes: str, said: str
) -> None:
    assert was in SUPPRESSION
    file = tmp_path / "suppressions.yml"
    file.write_text(SUPPRESSION.replace(was, becomes), encoding="utf-8")
    with pytest.raises(RulesError, match=r"suppressions\.yml: suppressions") as raised:
        load_rules(SUITES_DIR, file)
    assert said in str(raised.value)


def test_one_figure_is_not_suppressed_twice(tmp_path: Path) -> None:
    file = tmp_path / "suppressions.yml"
    file.write_text(SUPPRESSION + SUPPRESSION.partition("suppressions:\n")[2], encoding="utf-8")
    with pytest.raises(RulesError, match="is suppressed twice"):
        load_rules(SUITES_DIR, file)


def test_the_question_stays_the_same_when_the_figure_comes_again(check: Check) -> None:
    once, twice = Warehouse(), Warehouse()
    once.observe("FOREST_COVER", "2015", "100.1")
    twice.observe("FOREST_COVER", "2015", "100.1", **broken.EARLIER)
    twice.observe("FOREST_COVER", "2015", "101.7")
    first, later = (found(check(one), "domain_upper_bound") for one in (once, twice))
    assert later["finding_id"].n_unique() == 2
    assert set(first["finding_key"]) == set(later["finding_key"])


def test_a_figure_beside_two_others_puts_two_questions(check: Check) -> None:
    warehouse = Warehouse()
    for source, value in (("press", "2524"), ("paper", "2458"), ("ministry", "2292")):
        warehouse.observe("BUDGET_REVENUE", "2024", value, source_id=source)
    rows = found(check(warehouse), "agreement_between_sources")
    assert rows.height == 3
    assert rows["finding_key"].n_unique() == 3


def test_the_key_is_the_hash_of_rule_and_place() -> None:
    row = {
        "observation_key": "o",
        "indicator_code": "I",
        "area_id": "A",
        "period_id": "2024",
        "breakdown": "_T",
    }
    row |= {"form": "level", "source_id": "s", "subject": "not part of it"}
    expected = hashlib.sha256(b"r\x1fI\x1fA\x1f2024\x1f_T\x1flevel\x1fs\x1f").hexdigest()
    assert finding_key("r", row) == expected
    assert finding_key("r", {"subject": "table"}) != finding_key("r", {"subject": "another"})
