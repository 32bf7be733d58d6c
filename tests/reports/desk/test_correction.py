"""A figure that the office issues itself corrected: proposed, confirmed by another, shown, ended by the publisher."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from expectations.gate.candidates import read_offer, sign
from expectations.gate.decisions_in_force import read_decisions
from expectations.gate.findings import decide
from expectations.gate.people import ROLES, Person
from expectations.gate.publication import offer_candidate, publish_signed
from expectations.gate.queue import evidence_now
from orchestration.cli import main
from reports.desk.subject import subject_of
from reports.words import catalogue
from store import review, state
from store.settings import Settings
from tests.reports.desk.conftest import APPROVER, LEADER, REVIEWER, SECOND, Open
from tests.reports.desk.made import HELD, Made, finding_id, make_desk, sealed, with_findings
from tests.reports.make_release import SyntheticRelease

JUMP = finding_id(1)[:16]
INDICATOR = {"indicator": HELD}


def somebody(name: str) -> Person:
    return Person(name, name, {role: frozenset({"*"}) for role in ROLES})


@pytest.fixture(scope="module")
def owned_once(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_desk(tmp_path_factory.mktemp("owned") / "home", owned=True)


@pytest.fixture
def made(owned_once: Made, tmp_path: Path) -> Made:
    """A desk over a source whose record says that the office owns its figures."""
    home = tmp_path / "home"
    shutil.copytree(owned_once.settings.home, home)
    settings = Settings(home=home, review_policy="automatic")
    return Made(settings, owned_once.release_id, settings.candidates_dir / owned_once.candidate.name)


def built(made: Made, number: int, *, ended: bool = False) -> Path:
    """The candidate that a build makes of the decision, as `obs_correction` has it: offered."""
    (correction,) = read_decisions(made.settings).corrections()
    content = with_findings(SyntheticRelease().every_state(), owned=True)
    finding = next(row for row in content.rows["fct_finding"] if row["finding_id"] == finding_id(1))
    finding |= {
        "decision": "corrected",
        "reason_code": "ENTRY_ERROR",
        "decided_on": date(2026, 11, 23),
        "n_people": 2,
    }
    wrong = next(
        row
        for row in content.rows["fct_observation"]
        if row["observation_key"] == correction["observation_key"]
    )
    wrong["review_state"] = "corrected"
    right = wrong | {
        "observation_key": "f" * 32,
        "value": correction["value"],
        "value_text": correction["value_text"],
        "value_decimals": 1,
        "origin": "correction",
        "vintage_at": correction["decided_at"],
        "held": False,
        "held_reason": None,
        "review_state": "accepted",
        "standing": "superseded" if ended else "in_force",
        "corrects_observation_key": wrong["observation_key"],
        "ended_by_observation_key": "e" * 32 if ended else None,
    }
    content.rows["fct_observation"].append(right)
    in_force = right
    if ended:
        in_force = wrong | {
            "observation_key": "e" * 32, "value": Decimal("53.4"), "value_text": "53.4", "value_decimals": 1,
            "published_at": date(2026, 12, 1), "vintage_at": datetime(2026, 12, 1), "held": False,
            "held_reason": None, "review_state": "not_reviewed", "standing": "in_force",
        }  # fmt: skip
        content.rows["fct_observation"].append(in_force)
    kept = {name: in_force[name] for name in in_force if name in content.rows["fct_actual"][0]}
    content.add("fct_actual", **kept)
    with state.reading(made.settings) as connection:
        up_to = review.last_decision_id(connection)
    candidate = sealed(made.settings, content, "one", number, decisions_up_to=up_to)
    offer_candidate(made.settings, candidate)
    return candidate


def correct_at_the_desk(open_page: Open) -> None:
    """The reviewer proposes 53.1 in the place of 525, the approver confirms it."""
    page = open_page("finding", REVIEWER, id=JUMP)
    assert catalogue("vi")["finding_action.correct"] in page.app.radio[0].options
    page.choose("decision_action", "correct").choose("decision_code", "ENTRY_ERROR")
    page.write("decision_text", "Gõ thừa (giả lập).").write("decision_corrected", "mười").press(
        "decision_send"
    )
    assert "Số đúng phải là một số, ví dụ 46,2." in page.words
    assert "khi đó hệ thống tự gỡ" in page.words
    page.write("decision_corrected", "53,1").press("decision_send")
    assert "Tình trạng mới: Chờ xác nhận." in page.words
    other = open_page("finding", APPROVER, id=JUMP)
    assert f"Đính chính: 53,1% · {REVIEWER}" in other.words
    other.choose("decision_action", "confirm").press("decision_send")
    assert "Tình trạng mới: Đã đính chính." in other.words


def test_a_corrected_figure_is_shown_on_every_page_with_the_old_one_kept(
    open_page: Open, made: Made, office: None
) -> None:
    correct_at_the_desk(open_page)
    (correction,) = read_decisions(made.settings).corrections()
    assert (correction["value"], correction["wrong_value"], correction["unit"]) == (
        Decimal("53.1"),
        525.0,
        "percent",
    )
    with state.reading(made.settings) as connection:
        steps = [(step.action, step.actor, step.value) for step in review.decisions(connection)]
    assert steps == [("correct", REVIEWER, 525.0), ("confirm", APPROVER, 525.0)]

    candidate = built(made, 3)
    finding = open_page("finding", REVIEWER, id=JUMP)
    assert "525%" in finding.words  # the old value stands as it was
    assert "Đã đính chính. Dùng 53,1% từ ngày" in finding.words
    assert "Tình trạng rà soát đã đính chính" in finding.words
    assert "Số liệu này đã có bản mới hơn" not in finding.words
    draft = open_page("candidate", SECOND)
    assert "năm 2026 không có 53,1% cơ quan đính chính" in draft.words
    sign(made.settings, somebody(SECOND), read_offer(candidate), seen=1)
    release_id = publish_signed(made.settings, candidate.name)

    series = open_page("series", REVIEWER, **INDICATOR)
    assert "đang dùng (số đính chính)" in series.words
    assert "bị giữ lại (đã đính chính)" in series.words
    checks = series.words[series.words.index("Bước nhảy giả lập so với năm trước") :]
    assert "525%, nhận 20/11/2026 đã đính chính · Nhập liệu nhầm · 23/11/2026 · 2 người" in checks
    assert "Lịch sử kiểm tra" not in open_page("series", LEADER, **INDICATOR).words
    leader = open_page("target", LEADER, target="SYNTHETIC_01")
    assert release_id in leader.words
    assert "53,1%" in leader.words
    assert "Số đính chính của cơ quan ngày" in leader.words
    # The wrong figure is held back: not for a leader, for the reviewer it is named.
    assert "thay cho số đã công bố." in leader.words
    assert "thay cho 525 đã công bố." in series.words
    changes = open_page("releases", SECOND)
    assert "năm 2026 không có 53,1% cơ quan đính chính" in changes.words


def test_the_publisher_ends_a_correction_by_another_figure(open_page: Open, made: Made) -> None:
    subject = subject_of(made.settings)
    assert subject is not None
    jump = evidence_now(subject.at, finding_id(1))
    assert jump is not None and jump.is_owned
    why: dict[str, Any] = {"reason_code": "ENTRY_ERROR", "reason_text": "giả lập"}
    decide(made.settings, somebody(REVIEWER), jump, "correct", seen=0, corrected_value_text="53.1", **why)
    decide(made.settings, somebody(APPROVER), jump, "confirm", seen=1)
    candidate = built(made, 3, ended=True)
    finding = open_page("finding", REVIEWER, id=JUMP)
    assert "nay nơi công bố đã nêu số khác nên số đính chính hết hiệu lực" in finding.words
    assert "Số liệu này đã có bản mới hơn" in finding.words
    sign(made.settings, somebody(SECOND), read_offer(candidate), seen=1)
    publish_signed(made.settings, candidate.name)
    assert "đã được thay (số đính chính)" in open_page("series", REVIEWER, **INDICATOR).words


def test_a_figure_is_corrected_at_the_command_line(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPW_HOME", str(made.settings.home))

    def said(*words: str, by: str, exits: int = 0) -> str:
        result = CliRunner().invoke(main, ["finding", "decide", JUMP, *words, "--actor", by])
        assert result.exit_code == exits, result.output
        return result.output

    why = ("--reason-code", "ENTRY_ERROR", "--reason", "giả lập")
    assert "not a plain decimal" in said("correct", "--value", "53,1", *why, by=REVIEWER, exits=1)
    assert "says already" in said("correct", "--value", "525", *why, by=REVIEWER, exits=1)
    assert "proposed" in said("correct", "--value", "53.1", *why, by=REVIEWER)
    assert "another person has to do this" in said("confirm", by=REVIEWER, exits=1)
    assert "corrected" in said("confirm", by=APPROVER)
    shown = CliRunner().invoke(main, ["finding", "show", JUMP])
    assert "53.1" in shown.output
