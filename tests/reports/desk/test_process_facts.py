"""The measures of the work, set beside a count by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from expectations.gate.candidates import offer, read_offer, sign, standing_of
from expectations.gate.findings import Evidence, decide
from expectations.gate.people import ROLES, Person
from expectations.gate.publication import publish_signed
from expectations.gate.states import FindingAction
from reports.desk.process_facts import RuleVerdicts, process
from reports.release_data import release_at
from store import state
from store.manifest import InputSnapshot
from store.releases import publish, release_dir
from store.settings import Settings
from tests.reports.desk.made import sealed, with_findings
from tests.reports.make_release import SyntheticRelease

FIRST = datetime(2026, 11, 2, 1, tzinfo=UTC)
FIRST_LOAD, SECOND_LOAD, THIRD_LOAD = "a" * 64, "b" * 64, "c" * 64
ONE, TWO = (Person(name, name, {role: frozenset({"*"}) for role in ROLES}) for name in ("one", "two"))


def day(number: float) -> datetime:
    return FIRST + timedelta(days=number)


def received(settings: Settings, sha256: str, at: datetime) -> None:
    with state.writing(settings) as connection:
        state.record_snapshot(
            connection,
            sha256=sha256,
            size_bytes=1,
            media_type="text/csv",
            origin="original",
            first_seen_at=at,
        )
        state.record_retrieval(
            connection, batch_id="b", source_id="synthetic_office", route="recorded", document=sha256[:4],
            outcome="new", started_at=at, finished_at=at, snapshot_sha256=sha256,
            vintage_at=at.replace(tzinfo=None),
        )  # fmt: skip


def loads(*sha256s: str) -> Sequence[InputSnapshot]:
    return [
        InputSnapshot(
            source_id="synthetic_office", route="recorded", document=sha256[:4], snapshot_sha256=sha256,
            vintage_at=datetime(2026, 11, 2),
        )
        for sha256 in sha256s
    ]  # fmt: skip


def signed_and_published(
    settings: Settings, content: SyntheticRelease, number: int, at: datetime, *sha256s: str
) -> str:
    candidate = sealed(settings, content, "two", number, input_snapshots=loads(*sha256s))
    waiting = read_offer(candidate)
    offer(settings, waiting)
    for person, when in ((ONE, at - timedelta(days=1)), (TWO, at)):
        sign(settings, person, waiting, seen=standing_of(settings, waiting).sequence, at=when)
    return publish_signed(settings, candidate.name)


def test_days_to_sign_off_findings_per_load_and_shares_are_those_counted_by_hand(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    state.migrate(settings)
    for sha256, at in ((FIRST_LOAD, day(0)), (SECOND_LOAD, day(3)), (THIRD_LOAD, day(4))):
        received(settings, sha256, at)
    # Three findings on one load; published without a signature, so no days are measured yet.
    first = sealed(
        settings, SyntheticRelease().every_state(), "automatic", 0, input_snapshots=loads(FIRST_LOAD)
    )
    publish(settings, first)
    before = process(settings, release_at(release_dir(settings)))
    assert (before.days_to_sign_off, before.loads, before.findings_per_load) == (None, 0, 3.0)

    # On day 5 two people have signed the first two loads, on day 10 all three: 5, 2 and 6 days.
    content = with_findings(SyntheticRelease().every_state())
    signed_and_published(settings, content, 1, day(5), FIRST_LOAD, SECOND_LOAD)
    content.observe("SYNTHETIC_INDICATOR_02", "2026", "61.7")
    signed_and_published(settings, content, 2, day(10), FIRST_LOAD, SECOND_LOAD, THIRD_LOAD)

    why: dict[str, Any] = {"reason_code": "OTHER", "reason_text": "synthetic"}
    for number, rule, severity, action in (
        (1, "jump", "warning", "rule_wrong"),
        (2, "jump", "warning", "accept"),
        (3, "jump", "warning", "exclude"),
        (4, "apart", "warning", "rule_wrong"),
        (5, "apart", "error", "accept"),  # only proposed: not settled
        (6, "slip", "error", "accept"),
        (7, "slip", "warning", "query_source"),  # asked: not settled
    ):
        found = Evidence(f"{number:064x}", f"{number:064x}", rule, severity, observation_key=f"o{number}")
        settled: FindingAction = action  # type: ignore[assignment]
        given = {"reason_text": "synthetic"} if action == "query_source" else why
        decide(settings, ONE, found, settled, seen=0, **given)
    decide(
        settings,
        TWO,
        Evidence(f"{6:064x}", f"{6:064x}", "slip", "error", observation_key="o6"),
        "confirm",
        seen=1,
    )

    measured = process(settings, release_at(release_dir(settings)))
    assert (measured.days_to_sign_off, measured.loads) == (5.0, 3)
    # Four findings, each about a source, on three loads.
    assert measured.findings_per_load == 4 / 3
    assert measured.settled == 5
    assert measured.verdicts == [
        RuleVerdicts("apart", 1, 1),
        RuleVerdicts("jump", 3, 1),
        RuleVerdicts("slip", 1, 0),
    ]
    assert measured.overrides == Counter({("accept", "OTHER"): 1})
