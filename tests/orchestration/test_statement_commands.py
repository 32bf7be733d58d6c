"""`ppw statement` on a made-up release: who may speak for an office, what is kept, and how a statement ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from orchestration.cli import main
from reports.office_facts import known_offices
from reports.release_data import current_release
from store.settings import Settings
from tests.reports.make_release import PLAN, publish_synthetic

SAID = ["--cause", "thiếu vốn", "--measure", "bố trí vốn", "--deadline", "2099-12-31"]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An office that the release in force knows; `a` is approver, `p` plan owner of that office."""
    monkeypatch.setenv("PPW_HOME", str(tmp_path))
    settings = Settings(home=tmp_path)
    publish_synthetic(settings)
    release = current_release(settings)
    assert release is not None
    (name, *_) = known_offices(release)
    ppw("role", "grant", "a", "approver", "--actor", "a")
    ppw("role", "grant", "p", "plan_owner", "--scope", name, "--actor", "a")
    return name


def ppw(*words: str, exits: int = 0) -> str:
    result = CliRunner().invoke(main, words)
    assert result.exit_code == exits, result.output
    return result.output


def ppw_json(*words: str) -> Any:
    return json.loads(ppw(*words, "--json"))


def test_an_office_states_and_ends_at_the_command_line(office: str) -> None:
    assert "no statement is on record" in ppw("statement", "list")
    add = ["statement", "add", "SYNTHETIC_01", "--office", office, *SAID]
    assert "needs the role plan_owner" in ppw(*add, "--actor", "a", exits=1)
    assert "has no target UNHEARD" in ppw(
        "statement", "add", "UNHEARD", "--office", office, *SAID, "--actor", "p", exits=1
    )
    made = ppw_json(*add, "--actor", "p")
    assert (made["plan_version"], made["access"], made["sequence"]) == (PLAN, "internal", 1)
    (row,) = ppw_json("statement", "list", "--open", "--target", "SYNTHETIC_01", "--office", office)
    assert (row["statement_id"], row["ended_by"]) == (made["statement_id"], None)
    close = ["statement", "close", made["statement_id"][:8], "done", "--note", "đã bố trí"]
    assert "needs the role plan_owner" in ppw(*close, "--actor", "a", exits=1)
    assert ppw_json(*close, "--actor", "p")["sequence"] == 2
    assert ppw_json("statement", "list", "--open") == []
    (row,) = ppw_json("statement", "list")
    assert (row["ended_by"], row["ended_note"]) == ("done", "đã bố trí")
    assert "p" not in row.values(), "no person is named"
