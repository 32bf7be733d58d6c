"""The commands of the gate on a made-up candidate: who may do what, what is said, and how the command ends."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from store import landing
from store.settings import Settings
from tests.expectations.gate.office import finding, observation, sealed_with_findings
from tests.store.building import published


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PPW_HOME", str(tmp_path))
    return Settings(home=tmp_path)


def ppw(*words: str, exits: int = 0) -> str:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == exits, result.output
    return result.output


def ppw_json(*words: str) -> Any:
    return json.loads(ppw(*words, "--json"))


def test_an_office_of_three_works_at_the_command_line(home: Settings) -> None:
    assert "there is no candidate and no release yet" in ppw("finding", "list", exits=1)
    assert "`ppw role grant NAME approver` begins" in ppw("role", "list")
    ppw("role", "grant", "a", "approver", "--actor", "a")
    for person, role in (("b", "approver"), ("r", "reviewer")):
        ppw("role", "grant", person, role, "--actor", "a")
    assert {(row["person"], row["role"]) for row in ppw_json("role", "list")} == {
        ("a", "approver"),
        ("b", "approver"),
        ("r", "reviewer"),
    }

    rows = [finding(1), finding(2, severity="information", rule_id="note")]
    candidate = sealed_with_findings(
        home, rows, observations=[observation(1), observation(2)], review_policy="one"
    )
    from expectations.gate.candidates import offer, read_offer

    offer(home, read_offer(candidate))
    (listed,) = [row for row in ppw_json("finding", "list", "--all") if row["rule_id"] == "digit_slip"]
    short = listed["finding_id"]
    why = ["--reason-code", "KNOWN_EVENT", "--reason", "sáp nhập xã"]
    assert "needs the role reviewer" in ppw(
        "finding", "decide", short, "exclude", *why, "--actor", "a", exits=1
    )
    assert "has no finding" in ppw("finding", "decide", "77", "exclude", *why, "--actor", "r", exits=1)
    proposed = ppw_json("finding", "decide", short, "accept", *why, "--actor", "r")
    assert (proposed["state"], proposed["sequence"]) == ("proposed", 1)
    assert "another person" not in ppw("finding", "show", short)
    late = ppw("finding", "decide", short, "confirm", "--actor", "a", "--seen", "0", exits=1)
    assert "step 1 on this finding" in late and "ppw doctor" not in late
    assert ppw_json("finding", "decide", short, "confirm", "--actor", "a")["state"] == "accepted"
    assert [step["action"] for step in ppw_json("finding", "show", short)["decisions"]] == [
        "accept",
        "confirm",
    ]
    assert ppw_json("finding", "accept-information", "--actor", "r") == {"accepted": 1}

    # The candidate was built before: it holds none of this.
    assert "build again" in ppw("release", "sign", candidate.name, "--actor", "b", exits=1)
    built = sealed_with_findings(
        home, rows, observations=[observation(1)], review_policy="one", decisions_up_to=3
    )
    offer(home, read_offer(built))
    paper = home.home / "paper.pdf"
    paper.write_bytes(b"synthetic")
    assert "give --paper-number" in ppw("release", "sign", built.name, "--paper", str(paper), exits=2)
    signed = ppw_json(
        "release", "sign", built.name, "--actor", "b", "--paper", str(paper), "--paper-number", "12/BC",
        "--paper-date", "2026-11-23",
    )  # fmt: skip
    assert (signed["state"], signed["signatures"], signed["required"]) == ("signed", ["b"], 1)
    assert "lies ahead" in ppw(
        "release", "schedule", built.name, "--at", "2020-01-01T09:30", "--actor", "b", exits=1
    )
    scheduled = ppw_json("release", "schedule", built.name, "--at", "2099-01-01T09:30", "--actor", "b")
    assert scheduled["publish_at"] == "2099-01-01T09:30:00+07:00"
    assert ppw_json("release", "standing", built.name)["state"] == "scheduled"
    withdrawn = ppw_json("release", "withdraw", built.name, "--reason", "x", "--actor", "b")
    assert (withdrawn["state"], withdrawn["publish_at"]) == ("waiting", None)
    assert ppw_json("release", "return", built.name, "--reason", "x", "--actor", "a")["state"] == "returned"
    assert "there is no candidate or release nothing" in ppw("release", "standing", "nothing", exits=1)

    log = list(csv.DictReader(io.StringIO(ppw("audit", "export", "--actor", "a"))))
    assert log[0]["action"] == "role_begun" and log[-1]["action"] == "candidate_return"
    assert {row["detail_to"] for row in log if row["action"] == "finding_confirm"} == {"accepted"}
    assert "may not see_audit_log" in ppw("audit", "export", "--actor", "nobody", exits=1)
    out = home.home / "log.csv"
    ppw("audit", "export", "--actor", "a", "--out", str(out), "--since", "2020-01-01")
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == len(log) + 1


def test_a_deputy_is_named_seen_and_ended(home: Settings) -> None:
    for person in ("a", "b"):
        ppw("role", "grant", person, "approver", "--actor", "a")
    days = ["--from", "2020-01-01", "--to", "2099-01-01", "--reason", "leave"]
    assert "cannot name himself" in ppw("deputy", "add", "a", "b", "approver", *days, "--actor", "b", exits=1)
    ppw("deputy", "add", "a", "d", "approver", *days, "--actor", "a")
    (row,) = ppw_json("deputy", "list")
    assert (row["deputy"], row["principal"], row["stands_in_today"]) == ("d", "a", True)
    ppw("deputy", "remove", "a", "d", "approver", "--actor", "d")
    assert ppw_json("deputy", "list") == []
    ppw("role", "revoke", "b", "approver", "--reason", "left", "--actor", "a")
    assert "only approver" in ppw(
        "role", "revoke", "a", "approver", "--reason", "left", "--actor", "a", exits=1
    )


def test_a_snapshot_is_destroyed_by_two(home: Settings) -> None:
    release_id = published(home, "551.1")
    sha256 = landing.put(home, b"synthetic personal data")
    from store import state
    from tests.expectations.gate.office import AT

    with state.writing(home) as connection:
        for known in (sha256, "a" * 64):
            state.record_snapshot(
                connection, sha256=known, size_bytes=1, media_type="text/csv", origin="original", first_seen_at=AT
            )  # fmt: skip
    for person, role in (("a", "approver"), ("r", "reviewer")):
        ppw("role", "grant", person, role, "--actor", "a")
    why = ["--reason", "names of households"]
    assert f"release {release_id} holds figures" in ppw(
        "snapshot", "destroy", "request", "a" * 64, *why, "--actor", "r"
    )
    ppw("snapshot", "destroy", "refuse", "a" * 64, *why, "--actor", "a")
    ppw("snapshot", "destroy", "request", sha256, *why, "--actor", "r")
    assert "needs the role approver" in ppw(
        "snapshot", "destroy", "confirm", sha256, *why, "--actor", "r", exits=1
    )
    ppw("snapshot", "destroy", "confirm", sha256, *why, "--actor", "a")
    assert not landing.contains(home, sha256)
    assert [row["step"] for row in ppw_json("snapshot", "list") if row["snapshot_sha256"] == sha256] == [
        "request",
        "confirm",
        "done",
    ]
    file = home.home / "again.pdf"
    file.write_bytes(b"synthetic personal data")
    sealed_with_findings(home, [finding(1)], observations=[observation(1)])
    assert "are not kept again" in ppw(
        "finding", "decide", "0" * 60, "comment", "--reason", "x", "--attachment", str(file), "--actor", "r", exits=1
    )  # fmt: skip
