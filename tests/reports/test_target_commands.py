"""`ppw target` and the scorecard over a synthetic release: what they take and the shape of what they give."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from orchestration.scorecard import scorecard
from store.settings import Settings
from tests.reports.make_release import SyntheticRelease, publish_synthetic

Ask = Callable[..., Any]


def run(home: Path, *arguments: str) -> Result:
    from orchestration.cli import main

    return CliRunner().invoke(main, list(arguments), env={"PPW_HOME": str(home)}, prog_name="ppw")


@pytest.fixture
def ask(synthetic_home: Path) -> Ask:
    def answer(*arguments: str) -> Any:
        result = run(synthetic_home, "target", *arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return answer


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["target_id"] for row in rows]


def test_the_list_has_the_targets_of_the_plan_in_use_and_no_milestones(ask: Ask) -> None:
    rows = ask("list")
    assert ids(rows) == [f"SYNTHETIC_{number:02d}" for number in range(1, 27)]
    assert list(rows[0]) == [
        "plan_version", "target_id", "clause", "line", "domain", "horizon", "name", "name_en", "target_type",
        "comparator", "value_low", "value_high", "unit", "period_start", "period_end", "promise", "actual",
        "actual_value", "actual_period_id", "level_state", "pace_state", "confidence", "bucket", "is_counted",
        "aspiration", "reason_code", "pace_reason_code", "reasons", "reading_status", "n_annotations",
        "plan_in_force",
    ]  # fmt: skip
    assert sum(row["is_counted"] for row in rows) == 25


def test_the_list_is_narrowed_by_domain_horizon_state_and_document(ask: Ask) -> None:
    assert set(ids(ask("list", "--domain", "tourism", "--domain", "security"))) == {
        "SYNTHETIC_03",
        "SYNTHETIC_19",
    }
    assert ids(ask("list", "--horizon", "2050")) == ["SYNTHETIC_26"]
    assert ids(ask("list", "--horizon", "2025")) == ["SYNTHETIC_20", "SYNTHETIC_21"]
    assert ids(ask("list", "--state", "lost")) == ["SYNTHETIC_04"]
    assert "SYNTHETIC_09" in ids(ask("list", "--state", "moving_away"))
    (before,) = ask("list", "--plan-version", "97-QD-TTG-2089")
    assert (before["target_id"], before["value_low"], before["is_counted"]) == ("SYNTHETIC_01", 45, False)


def test_milestones_are_listed_with_due_day_state_and_evidence(ask: Ask) -> None:
    rows = ask("list", "--milestones")
    assert list(rows[0]) == [
        "plan_version", "target_id", "clause", "line", "domain", "horizon", "name", "name_en", "action", "period_end",
        "due_date", "state", "evidence", "reading_status", "n_annotations", "plan_in_force",
    ]  # fmt: skip
    assert len(rows) == 8
    (overdue,) = ask("list", "--milestones", "--state", "overdue")
    assert overdue["due_date"] == "2025-12-31"
    assert overdue["evidence"] == "Cơ quan giả lập, 12/BC-XX"


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        (("--state", "overdue"), "not_reached"),
        (("--domain", "sport"), "culture"),
        (("--plan-version", "none"), "97-QD-TTG-2089"),
        (("--horizon", "2040"), "2050"),
    ],
)
def test_a_slip_is_wrong_usage_and_names_what_there_is(
    synthetic_home: Path, arguments: tuple[str, ...], known: str
) -> None:
    result = run(synthetic_home, "target", "list", *arguments)
    assert result.exit_code == 2
    assert known in result.stderr


def test_every_target_not_assessed_says_why_and_who_can_mend_it_in_both_languages(ask: Ask) -> None:
    for row in ask("list", "--state", "not_assessed"):
        assert row["reasons"], row["target_id"]
        for reason in row["reasons"]:
            assert all(reason[name] for name in ("code", "reason_vi", "reason_en", "mend_vi", "mend_en"))
    (withheld,) = [row for row in ask("list") if row["target_id"] == "SYNTHETIC_26"]
    assert "Nơi giữ số liệu: Sở giả lập." in withheld["reasons"][0]["mend_vi"]


def test_a_target_is_shown_whole(ask: Ask) -> None:
    record = ask("show", "SYNTHETIC_01")
    assert list(record) == [
        "document", "clause", "target", "reading", "annotations", "relations", "lists", "versions", "indicator",
        "actual", "assessment", "reasons", "milestone", "inputs", "release",
    ]  # fmt: skip
    assert record["document"]["number"] == "99/NQ-HĐND"
    assert record["clause"]["printed_text"] == "chữ in giả lập số 1"
    assert record["clause"]["line"] == 1
    assert record["reading"]["reading_status"] == "confirmed"
    assert record["reading"]["reading_document_date"] == "2099-03-04"
    assert [note["kind"] for note in record["annotations"]] == ["missing_unit"]
    assert record["relations"][0] | {"kind": "interim_of", "role": "whole"} == record["relations"][0]
    assert record["relations"][0]["other_targets"] == ["SYNTHETIC_20"]
    (before,) = record["versions"]
    assert (before["plan_version"], before["legal_status"]) == ("97-QD-TTG-2089", "superseded")
    assert (before["nearest_period_id"], before["nearest_value"]) == ("2019", 44.25)
    assert record["assessment"]["level_state"] == "reached"
    assert record["milestone"] is None


def test_the_document_in_force_is_named_wherever_another_one_is_assessed(
    ask: Ask, synthetic_home: Path
) -> None:
    in_force = {"number": "98/QĐ-TTg", "targets_transcribed": False}
    for row in (*ask("list"), *ask("list", "--milestones")):
        assert row["plan_in_force"] == in_force
    assert ask("show", "SYNTHETIC_01")["document"]["in_force"] == in_force
    card = scorecard(Settings(home=synthetic_home), "en")
    assert card["plan_in_force"] == in_force
    (sentence,) = card["plan_in_force_sentences"]
    assert "99/NQ-HĐND" in sentence and "98/QĐ-TTg" in sentence and "not transcribed" in sentence
    listed = run(synthetic_home, "target", "list").stdout
    assert listed.rstrip().endswith(sentence)
    for command in (("target", "show"), ("explain",)):
        assert "98/QĐ-TTg (not transcribed)" in run(synthetic_home, *command, "SYNTHETIC_26").stdout


def test_a_milestone_is_shown_with_its_evidence_and_its_list(ask: Ask) -> None:
    record = ask("show", "MS_SYNTHETIC_03")
    assert record["milestone"]["state"] == "overdue"
    assert record["milestone"]["evidence_document_number"] == "12/BC-XX"
    assert record["assessment"] is None
    assert record["lists"][0]["count_printed"] == 3
    assert [member["position"] for member in record["lists"][0]["members"]] == [1, 2]


def test_the_same_id_in_another_document_is_asked_for_by_its_version(ask: Ask, synthetic_home: Path) -> None:
    assert ask("show", "SYNTHETIC_01")["target"]["value_low"] == 50
    assert ask("show", "SYNTHETIC_01", "--plan-version", "97-QD-TTG-2089")["target"]["value_low"] == 45
    assert (
        run(synthetic_home, "target", "show", "SYNTHETIC_02", "--plan-version", "97-QD-TTG-2089").exit_code
        == 1
    )


def test_for_people_the_reading_and_the_remarks_are_printed(synthetic_home: Path) -> None:
    for command in (("target", "show"), ("explain",)):
        printed = run(synthetic_home, *command, "SYNTHETIC_26").stdout
        assert "reading_status" in printed
        assert "Ghi nhận giả lập số 4.\nSynthetic remark 4." in printed
        assert "Chưa có số liệu" in printed


def test_a_release_made_before_the_plan_tables_is_listed_and_shown(tmp_path: Path) -> None:
    home = tmp_path / "home"
    content = SyntheticRelease().every_state()
    content.before_the_plan_tables()
    publish_synthetic(Settings(home=home), content)
    assert len(json.loads(run(home, "target", "list", "--json").stdout)) == 26
    assert json.loads(run(home, "target", "list", "--milestones", "--json").stdout) == []
    record = json.loads(run(home, "target", "show", "SYNTHETIC_01", "--json").stdout)
    assert record["annotations"] == record["lists"] == record["relations"] == record["versions"] == []
    assert run(home, "explain", "SYNTHETIC_11").exit_code == 0


def test_the_scorecard_counts_targets_and_milestones_apart(synthetic_home: Path) -> None:
    card = scorecard(Settings(home=synthetic_home), "vi")
    assert sum(card["counts"].values()) == 25
    assert sum(card["milestones"].values()) == 8
    assert card["milestone_sentence"].startswith("Ngoài ra có 8 công trình, mốc:")
