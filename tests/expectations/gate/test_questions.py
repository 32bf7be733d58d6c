"""What the desk takes from files is kept for as long as they stand; what people did is read each time."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.gate.findings import decide
from expectations.gate.questions import MOST_KEPT, Desk, files_of, question, questions
from expectations.gate.queue import desk, evidence_now, queue
from store.manifest import read_manifest
from store.releases import publish, table_path
from store.settings import PROJECT_ROOT, Settings
from tests.expectations.gate.office import (
    DAY,
    REVIEWER,
    WHY,
    finding,
    observation,
    sealed_with_findings,
)

_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from expectations.gate.queue import desk, queue
from store.settings import Settings
from tests.expectations.gate.office import DAY
settings = Settings(home=Path(sys.argv[1]))
for line in sys.stdin:
    print(*queue(settings, desk(settings), DAY)["state"], flush=True)
"""


def the_desk(settings: Settings) -> Desk:
    at = desk(settings)
    assert at is not None
    return at


def states(settings: Settings) -> list[str]:
    return queue(settings, the_desk(settings), DAY)["state"].to_list()


def decided(settings: Settings, action: Any, seen: int) -> None:
    evidence = evidence_now(the_desk(settings), finding(1)["finding_id"])
    assert evidence is not None
    decide(settings, REVIEWER, evidence, action, seen=seen, **WHY)


@pytest.fixture
def candidate(settings: Settings) -> Path:
    influence = [{"finding_id": finding(1)["finding_id"], "target_id": "T1", "scenario": "excluded",
                  "changes_bucket": True, "is_headline": True}]  # fmt: skip
    return sealed_with_findings(
        settings, [finding(1, finding_key="k" * 64)], observations=[observation(1)], influence=influence
    )


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that were read since, by name."""
    read: list[str] = []
    for name in ("read_parquet", "scan_parquet"):
        real = getattr(pl, name)

        def noted(source: Any, real: Any = real, **how: Any) -> Any:
            read.append(Path(getattr(source, "name", source)).stem)
            return real(source, **how)

        monkeypatch.setattr(pl, name, noted)
    return read


def test_a_decision_is_seen_at_once_without_reading_the_files_again(
    settings: Settings, candidate: Path, reads: list[str]
) -> None:
    assert states(settings) == ["open"]
    assert set(reads) == {"fct_finding", "fct_observation", "fct_finding_influence"}
    for seen, (action, state) in enumerate([("query_source", "queried"), ("exclude", "excluded")]):
        decided(settings, action, seen)
        reads.clear()
        assert states(settings) == [state]
        assert reads == []


def test_a_decision_of_another_process_is_seen_at_once_both_ways(settings: Settings, candidate: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _ANOTHER_PROCESS, str(settings.home)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT,
    ) as other:  # fmt: skip

        def says() -> str:
            assert other.stdin is not None and other.stdout is not None
            other.stdin.write("?\n")
            other.stdin.flush()
            return other.stdout.readline().strip()

        # Both have the queue in memory before anything is decided; this process decides, the other one sees it.
        assert (says(), states(settings)) == ("open", ["open"])
        decided(settings, "query_source", 0)
        assert (says(), states(settings)) == ("queried", ["queried"])
        decided(settings, "exclude", 1)
        assert (says(), states(settings)) == ("excluded", ["excluded"])


@pytest.mark.parametrize(
    ("table", "changed", "shown"),
    [
        ("fct_finding", {"severity": pl.lit("warning")}, {"severity": "warning"}),
        ("fct_observation", {"value": pl.lit(64.2)}, {"value": 64.2}),
        ("fct_finding_influence", {"is_headline": pl.lit(False)}, {"influence": "state"}),
    ],
)
def test_a_file_that_was_written_anew_is_read_anew(
    settings: Settings, candidate: Path, table: str, changed: Any, shown: dict[str, Any]
) -> None:
    at = the_desk(settings)

    def says() -> dict[str, Any]:
        row = queue(settings, at, DAY).row(0, named=True)
        return {name: row[name] for name in shown}

    path = table_path(candidate, table)
    path.chmod(0o644)
    as_it_was, before = pl.read_parquet(path), says()
    # In its place, and as another file of the same name.
    as_it_was.with_columns(**changed).write_parquet(path)
    assert (says(), before != shown) == (shown, True)
    as_it_was.write_parquet(path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
    assert says() == before
    # The manifest, and with it the digest, says throughout what it said.
    assert read_manifest(candidate) == at.manifest


def test_a_candidate_that_was_sealed_again_is_read_anew(settings: Settings, candidate: Path) -> None:
    at = the_desk(settings)
    again = Desk(at.directory, at.manifest.model_copy(update={"content_digest": "0" * 64}), True)
    assert files_of(settings, at) == files_of(settings, the_desk(settings))
    assert files_of(settings, at) != files_of(settings, again)


def test_a_release_before_that_went_away_moves_the_days(settings: Settings) -> None:
    first = publish(settings, sealed_with_findings(settings, [finding(1)], observations=[observation(1)]))
    sealed_with_findings(settings, [finding(1)], observations=[observation(1, "13.6")])
    at = the_desk(settings)
    files = files_of(settings, at)
    (settings.releases_dir / first / "manifest.json").unlink()
    assert files_of(settings, at) != files


@pytest.mark.parametrize(
    "named", [{"finding_key": "k" * 64}, {}], ids=["by its own key", "by a key worked out"]
)
def test_a_question_is_as_old_as_the_oldest_release_of_an_unbroken_row_that_put_it(
    settings: Settings, named: dict[str, str]
) -> None:
    for day in (20, 21):
        publish(
            settings,
            sealed_with_findings(
                settings, [finding(1, **named)], observations=[observation(1, f"46.{day}")],
                created_at=datetime(2026, 11, day, 3, tzinfo=UTC),
            ),
        )  # fmt: skip
    sealed_with_findings(
        settings,
        [finding(2, **named)],
        observations=[observation(2)],
        created_at=datetime(2026, 11, 22, 3, tzinfo=UTC),
    )
    (row,) = questions(settings, the_desk(settings)).to_dicts()
    # The question was put from the first of them on, by another figure than the one that puts it now.
    assert (row["raised_on"], row["asked_on"]) == (date(2026, 11, 20), date(2026, 11, 22))


def test_no_more_directories_are_kept_than_are_looked_at(settings: Settings, reads: list[str]) -> None:
    desks = []
    for number in range(MOST_KEPT + 1):
        directory = sealed_with_findings(settings, [finding(number)], observations=[observation(number)])
        desks.append(Desk(directory, read_manifest(directory), True))

    def is_read(at: Desk) -> bool:
        reads.clear()
        assert queue(settings, at, DAY).height == 1
        return bool(reads)

    assert [is_read(at) for at in desks] == [True] * len(desks)
    # The last ones are kept, the one that was asked for the longest ago is not.
    assert [is_read(at) for at in desks[1:]] == [False] * MOST_KEPT
    assert is_read(desks[0])


def test_one_finding_is_what_the_queue_says_of_it(settings: Settings) -> None:
    rows = [finding(1), finding(2), finding(3, observation_key=None), finding(4, period_id="2023")]
    observed = [observation(1), observation(2, "13.6"), observation(4, period_id="2023")]
    sealed_with_findings(settings, rows, observations=observed)
    at = the_desk(settings)
    whole = {row["finding_id"]: row for row in queue(settings, at, DAY).iter_rows(named=True)}
    for row in rows:
        (one,) = question(at, row["finding_id"]).to_dicts()
        assert one == {name: whole[row["finding_id"]][name] for name in one}
    assert question(at, "0").height == 4
    assert question(at, "9").height == 0
