"""`ppw series`, and the options by which a command names the release it reads, over the synthetic release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from orchestration.cli import main
from store.releases import current_release_id
from store.settings import Settings

SERIES = ("series", "show", "SYNTHETIC_REVISED", "--area", "XX-00")


@pytest.fixture
def ppw(synthetic_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PPW_HOME", str(synthetic_home))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return run


def test_a_series_is_told_with_its_vintages_triangle_and_revisions(ppw: Any) -> None:
    record = json.loads(ppw(*SERIES, "--json").stdout)
    standings = [
        (row["period_id"], row["value_text"], row["standing"], row["decided_by"])
        for row in record["vintages"]
    ]
    assert standings == [
        ("2024", "14.0", "in_force", None),
        ("2023", "12.5", "in_force", None),
        ("2023", "13.1", "outranked", "source_rank"),
        ("2023", "12.0", "superseded", "published_at"),
        ("2023", "10.0", "superseded", "published_at"),
    ]
    office = record["triangles"][0]
    assert [issue["day"] for issue in office["issues"]] == ["2024-01-02", "2025-01-02", "2026-01-02"]
    said = {
        row["period_id"]: [cell and (cell["value"], cell["is_new"]) for cell in row["cells"]]
        for row in office["rows"]
    }
    assert said == {
        "2024": [None, (14, True), (14, False)],
        "2023": [(10, True), (12, True), (12.5, True)],
    }
    assert office["summary"]["mean_absolute_revision"] == 2.5
    assert [(row["kind"], row["to_value"]) for row in record["revisions"]] == [
        ("correction", 12.5),
        ("scheduled_revision", 12),
    ]


def test_a_series_for_people_puts_what_still_stood_in_brackets(ppw: Any) -> None:
    result = ppw(*SERIES, "--period", "2024")
    assert result.exit_code == 0
    assert "(14)" in result.output
    assert "10.0" not in result.output


def test_a_series_that_is_not_there_is_said_with_the_mend(ppw: Any) -> None:
    result = ppw("series", "show", "NO_SUCH")
    assert result.exit_code == 1
    assert "`ppw series list`" in result.output


def test_the_list_can_be_of_revised_series_only(ppw: Any) -> None:
    every = json.loads(ppw("series", "list", "--json").stdout)
    revised = json.loads(ppw("series", "list", "--revised", "--json").stdout)
    assert [row["indicator_code"] for row in revised] == ["SYNTHETIC_REVISED"]
    assert len(every) > 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "select 1", "--recompute"),
        ("target", "list", "--recompute"),
        (*SERIES, "--release", "x", "--as-of", "2026-11-22"),
        ("explain", "SYNTHETIC_01", "--as-of", "22/11/2026"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(ppw: Any, arguments: tuple[str, ...]) -> None:
    assert ppw(*arguments).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "select count(*) as n from fct_observation"),
        ("target", "list"),
        ("target", "show", "SYNTHETIC_01"),
        SERIES,
    ],
)
def test_as_of_a_day_reads_the_release_in_force_then_and_says_so(
    ppw: Any, synthetic_home: Path, arguments: tuple[str, ...]
) -> None:
    result = ppw(*arguments, "--as-of", "9999-12-31", "--json")
    assert result.exit_code == 0
    assert str(current_release_id(Settings(home=synthetic_home))) in result.stderr
    then, now = json.loads(result.stdout), json.loads(ppw(*arguments, "--json").stdout)
    if isinstance(then, dict):
        named = {"release_id": current_release_id(Settings(home=synthetic_home)), "recomputed": False}
        assert then.pop("release") == {**named, "as_of": "9999-12-31"}
        assert now.pop("release") == {**named, "as_of": None}
    assert then == now
    before = ppw(*arguments, "--as-of", "2020-01-01")
    assert before.exit_code == 1
    assert "No release was in force on 2020-01-01" in before.output
