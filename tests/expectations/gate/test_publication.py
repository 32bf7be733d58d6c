"""From candidate to release: only what was signed, by as many as it takes, when its time has come; and back again."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from expectations.gate.candidates import act, read_offer, record_publication, sign, standing_of
from expectations.gate.findings import Evidence, decide
from expectations.gate.publication import (
    due_candidates,
    kept_candidates,
    notices,
    offer_candidate,
    pending_candidates,
    publish_due,
    publish_signed,
    reconcile,
    retract,
    retracted_digests,
    supersede_pending,
)
from expectations.gate.rollback import ask_rollback, roll_back_as_asked, waiting_request
from expectations.gate.states import NotAllowed
from store import review, state
from store.files import sha256_of_file
from store.manifest import MANIFEST_NAME, ReleaseError
from store.releases import (
    ReleaseMissing,
    StaleCandidate,
    current_release_id,
    list_releases,
    prune_candidates,
    publish,
    release_dir,
    rollback,
    verify,
)
from store.settings import Settings
from tests.expectations.gate.publication_cases import CASES
from tests.expectations.gate.signing import FIRST, NOON, REVIEWER, SECOND, candidate, offered, signed
from tests.store.building import seal


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path, review_policy="one")
    state.migrate(made)
    return made


def in_force(settings: Settings, *values: str) -> str:
    """A release published under the policy of the settings."""
    return publish_signed(settings, signed(settings, *values).directory.name)


def files_of(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_on_sqlite(settings: Settings, case: Callable[[Settings], None]) -> None:
    case(settings)


def test_a_signed_candidate_is_published_as_it_was_signed_and_once(settings: Settings) -> None:
    waiting = offered(settings, "551.1")
    before = files_of(waiting.directory)
    with pytest.raises(NotAllowed, match="0 of 1 signatures"):
        publish_signed(settings, waiting.directory.name)
    assert current_release_id(settings) is None
    sign(settings, FIRST, waiting, seen=1)
    assert due_candidates(settings) == [waiting.directory.name]
    done = publish_due(settings)
    assert (dict(done.releases), done.problems) == (
        {waiting.directory.name: waiting.manifest.release_id},
        (),
    )
    # The sign-off stands beside what was signed, never inside.
    assert files_of(release_dir(settings)) == before
    assert publish_signed(settings, waiting.directory.name) == current_release_id(settings)
    assert publish_due(settings).releases == {}
    with state.reading(settings) as connection:
        steps = [step.action for step in review.sign_offs(connection)]
        moves = state.audit_events(connection, action="release_published")
    assert steps == ["offer", "sign", "publish"]
    assert len(moves) == 1


def test_two_people_sign_where_the_policy_asks_for_two(settings: Settings) -> None:
    waiting = signed(settings, "551.1", review_policy="two")
    with pytest.raises(NotAllowed, match="1 of 2 signatures"):
        publish_signed(settings, waiting.directory.name)
    sign(settings, SECOND, waiting, seen=2)
    assert publish_signed(settings, waiting.directory.name) == waiting.manifest.release_id


@pytest.mark.parametrize(
    "name",
    [
        "fct_actual.parquet", "dim_indicator.parquet", "fct_release_change.parquet", "papers/report.html",
        "sql/assess/level.sql", "rules/scale.yml", MANIFEST_NAME,
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_one_flipped_byte_after_sign_off_makes_it_void(settings: Settings, name: str, place: str) -> None:
    before = in_force(settings, "551.1")
    waiting = signed(settings, "551.1", "554.2")
    path = waiting.directory / name
    content = bytearray(path.read_bytes())
    content[{"first": 0, "middle": len(content) // 2, "last": -1}[place]] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(NotAllowed, match="void"):
        publish_signed(settings, waiting.directory.name)
    assert current_release_id(settings) == before
    verify(release_dir(settings))
    with state.reading(settings) as connection:
        steps = review.sign_offs(connection, manifest_sha256=waiting.manifest_sha256)
    assert [step.action for step in steps] == ["offer", "sign", "void"]
    # Void it stays, even when the byte is put back.
    content[{"first": 0, "middle": len(content) // 2, "last": -1}[place]] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(NotAllowed, match="is void"):
        publish_signed(settings, waiting.directory.name)
    assert current_release_id(settings) == before


def test_a_run_says_what_was_changed_under_a_signature(settings: Settings) -> None:
    waiting = signed(settings, "551.1")
    (waiting.directory / MANIFEST_NAME).write_text("{}", encoding="utf-8")
    done = publish_due(settings)
    assert done.releases == {}
    assert "sign-off is void" in done.problems[0]
    assert publish_due(settings).problems == ()


def test_a_manifest_that_asks_for_nobody_is_not_published_where_the_office_asks_for_one(
    settings: Settings,
) -> None:
    unsigned = candidate(settings, "551.1", review_policy="automatic")
    with pytest.raises(NotAllowed, match="built under the policy automatic"):
        publish_signed(settings, unsigned.name)
    assert current_release_id(settings) is None


def test_the_same_again_keeps_the_signature_and_anything_else_takes_its_place(settings: Settings) -> None:
    first = signed(settings, "551.1", review_policy="two")
    assert offer_candidate(settings, candidate(settings, "551.1", review_policy="two")) == first
    assert standing_of(settings, first).state == "partly_signed"
    assert [path.name for path in settings.candidates_dir.iterdir()] == [first.directory.name]
    other_paper = offered(settings, "551.1", paper="another", review_policy="two")
    assert standing_of(settings, first).state == "superseded"
    other_figure = offered(settings, "551.2", paper="another", review_policy="two")
    assert standing_of(settings, other_paper).state == "superseded"
    assert [one.directory for one, _ in pending_candidates(settings)] == [other_figure.directory]
    with pytest.raises(NotAllowed, match="is superseded"):
        sign(settings, SECOND, first, seen=standing_of(settings, first).sequence)
    assert prune_candidates(settings, but=kept_candidates(settings)) == sorted(
        [first.directory.name, other_paper.directory.name]
    )
    assert other_figure.directory.is_dir()


def test_a_candidate_compared_with_another_release_is_superseded_not_published(settings: Settings) -> None:
    first = in_force(settings, "551.1")
    second = in_force(settings, "551.1", "554.2")
    waiting = signed(settings, "551.1", "554.2", "558.4")
    rollback(settings, first, "tester", reason="a test")
    with pytest.raises(StaleCandidate, match=f"compared with {second}"):
        publish_signed(settings, waiting.directory.name)
    assert current_release_id(settings) == first
    assert standing_of(settings, waiting).state == "superseded"


def test_nothing_is_published_before_its_time(settings: Settings) -> None:
    waiting = signed(settings, "551.1")
    at = NOON + timedelta(days=3650)
    act(settings, FIRST, waiting, "schedule", seen=2, reason_text="press day", publish_at=at)
    assert due_candidates(settings) == []
    with pytest.raises(NotAllowed, match="is to be published at"):
        publish_signed(settings, waiting.directory.name)
    early, late = at - timedelta(seconds=1), at
    assert publish_due(settings, now=early).releases == {}
    assert list(publish_due(settings, now=late).releases) == [waiting.directory.name]
    assert current_release_id(settings) == waiting.manifest.release_id


def test_a_decision_taken_after_the_build_waits_for_the_next_one(settings: Settings) -> None:
    waiting = offered(settings, "551.1")
    evidence = Evidence(
        "k" * 64, "f" * 64, "late", "warning", observation_key="o" * 64, value=1.0, unit="percent"
    )
    decide(settings, REVIEWER, evidence, "exclude", seen=0, reason_code="OTHER", reason_text="wrong row")
    with pytest.raises(NotAllowed, match="build again"):
        sign(settings, FIRST, waiting, seen=1)
    again = offered(settings, "551.1", decisions_up_to=1)
    assert again.directory != waiting.directory
    sign(settings, FIRST, again, seen=1)
    assert publish_signed(settings, again.directory.name) == again.manifest.release_id


def test_a_signature_withdrawn_in_time_stops_publication_and_later_not(settings: Settings) -> None:
    waiting = signed(settings, "551.1")
    act(settings, FIRST, waiting, "withdraw", seen=2, reason_text="second thoughts")
    assert due_candidates(settings) == []
    sign(settings, FIRST, waiting, seen=3)
    publish_signed(settings, waiting.directory.name)
    with pytest.raises(NotAllowed, match="published cannot take withdraw"):
        act(settings, FIRST, waiting, "withdraw", seen=5, reason_text="too late")


def test_a_retracted_release_stays_readable_and_the_one_before_comes_in_force(settings: Settings) -> None:
    first, second = in_force(settings, "551.1"), in_force(settings, "551.1", "554.2")
    retract(settings, SECOND, second, reason_text="a row of another province")
    assert current_release_id(settings) == first
    verify(release_dir(settings, second))
    (notice,) = notices(settings, second)
    assert (notice.kind, notice.reason_text) == ("retracted", "a row of another province")
    assert notices(settings, first) == []
    assert read_offer(release_dir(settings, second)).manifest.content_digest in retracted_digests(settings)
    with state.reading(settings) as connection:
        trail = [
            (event.action, event.subject)
            for event in state.audit_events(connection, action=("candidate_retract", "release_rolled_back"))
        ]
    assert trail == [("candidate_retract", second), ("release_rolled_back", first)]
    with pytest.raises(NotAllowed, match="cannot take retract"):
        retract(settings, SECOND, second, reason_text="again")
    # The last one there is stays where readers find it, struck out.
    retract(settings, SECOND, first, reason_text="all of it")
    assert current_release_id(settings) == first
    assert [notice.kind for notice in notices(settings, first)] == ["retracted"]


def test_a_release_that_needed_no_signature_is_retracted_and_noted_too(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    made = [publish(settings, candidate(settings, *values)) for values in (("551.1",), ("551.1", "554.2"))]
    offer = read_offer(release_dir(settings, made[1]))
    act(settings, FIRST, offer, "correction_note", seen=0, reason_text="2021 in thousands")
    retract(settings, FIRST, made[1], reason_text="wrong")
    assert current_release_id(settings) == made[0]
    assert [notice.kind for notice in notices(settings, made[1])] == ["correction_note", "retracted"]


def test_a_retraction_that_was_cut_short_is_made_good(settings: Settings) -> None:
    first, second = in_force(settings, "551.1"), in_force(settings, "551.1", "554.2")
    act(
        settings, FIRST, read_offer(release_dir(settings, second)), "retract", seen=3, reason_text="wrong row"
    )
    assert current_release_id(settings) == second
    assert reconcile(settings) == []
    assert current_release_id(settings) == first
    assert [listing.release_id for listing in list_releases(settings) if listing.is_current] == [first]


def test_what_is_signed_names_every_file(settings: Settings) -> None:
    waiting = signed(settings, "551.1")
    listed = set(waiting.manifest.files) | {MANIFEST_NAME}
    assert listed == set(files_of(waiting.directory))
    with state.reading(settings) as connection:
        signature = review.sign_offs(connection)[-1]
    assert signature.manifest_sha256 == sha256_of_file(waiting.directory / MANIFEST_NAME)
    assert signature.content_digest == waiting.manifest.content_digest


def test_a_publication_that_was_noted_and_not_done_is_done_by_the_next_call(settings: Settings) -> None:
    in_force(settings, "551.1")
    for values in (("551.1", "554.2"), ("551.1", "554.2", "558.4")):
        waiting = signed(settings, *values)
        record_publication(settings, waiting)
        if len(values) == 3:  # killed after the directory took its place, before `current` moved
            waiting.directory.rename(settings.releases_dir / waiting.manifest.release_id)
        assert current_release_id(settings) != waiting.manifest.release_id
        assert reconcile(settings) == []
        assert current_release_id(settings) == waiting.manifest.release_id
        assert standing_of(settings, read_offer(release_dir(settings))).state == "published"


def test_a_publication_that_cannot_be_done_any_more_is_said_and_moves_nothing(settings: Settings) -> None:
    first = in_force(settings, "551.1")
    waiting = signed(settings, "551.1", "554.2")
    record_publication(settings, waiting)
    (waiting.directory / "papers" / "report.html").write_text("another", encoding="utf-8")
    (problem,) = reconcile(settings)
    assert "was to be published and was not" in problem
    assert current_release_id(settings) == first
    other = in_force(settings, "551.1", "555.5")
    # What came in force since makes it a thing of the past.
    assert reconcile(settings) == []
    assert current_release_id(settings) == other


def test_nothing_to_say_takes_what_waits_off_the_desk(settings: Settings) -> None:
    waiting = signed(settings, "551.1")
    supersede_pending(settings, "the figures say what is in force")
    assert standing_of(settings, waiting).state == "superseded"
    assert pending_candidates(settings) == []


def test_one_that_cannot_be_published_does_not_stop_the_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = signed(settings, "551.1")
    (waiting.directory / "papers" / "report.html").write_text("another", encoding="utf-8")
    done = publish_due(settings)
    assert done.releases == {}
    assert "sign-off is void" in done.problems[0]


def test_a_manifest_made_anew_under_a_signature_is_noticed(settings: Settings) -> None:
    waiting = signed(settings, "551.1")
    seal(settings, waiting.directory, method_version="2", review_policy="one")
    (problem,) = publish_due(settings).problems
    assert "not the one that was offered" in problem
    assert standing_of(settings, waiting).state == "void"


def test_a_candidate_that_needs_no_signature_keeps_the_release_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    unsigned = candidate(settings, "551.1")
    monkeypatch.setattr("expectations.gate.publication.release_checks.run", lambda _: ["a table is empty"])
    with pytest.raises(NotAllowed, match="a table is empty"):
        publish_signed(settings, unsigned.name)
    monkeypatch.setattr("expectations.gate.publication.release_checks.run", lambda _: [])
    assert publish_signed(settings, unsigned.name) == current_release_id(settings)


def test_a_candidate_that_never_was_is_named(settings: Settings) -> None:
    in_force(settings, "551.1")
    with pytest.raises(ReleaseMissing, match="no candidate 'nothing'"):
        publish_signed(settings, "nothing")


def test_a_candidate_that_was_lost_is_passed_over(settings: Settings) -> None:
    waiting = signed(settings, "551.1")
    shutil.rmtree(waiting.directory)
    assert pending_candidates(settings) == []
    assert kept_candidates(settings) == frozenset()
    assert publish_due(settings).problems == ()
    with pytest.raises(ReleaseMissing):
        publish_signed(settings, waiting.directory.name)


def test_a_home_without_a_state_database_has_no_notices(tmp_path: Path) -> None:
    assert notices(Settings(home=tmp_path), "2026-11-20-00000000") == []


def test_another_process_that_publishes_is_waited_for_and_then_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("expectations.gate.publication._LOCK_SECONDS", 0.1)
    settings.releases_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.releases_dir / ".gate.lock"), pytest.raises(ReleaseError, match="Another process"):
        publish_due(settings)


def test_who_may_not_publish_may_not_ask_to_go_back(settings: Settings) -> None:
    release = in_force(settings, "551.1")
    with pytest.raises(NotAllowed):
        ask_rollback(settings, REVIEWER, release, "a wrong row")
    assert waiting_request(settings) is None
    assert roll_back_as_asked(settings) == []


@pytest.mark.parametrize(("asked", "said"), [("there", "in force already"), ("2026-11-20-none", "none")])
def test_a_rollback_that_cannot_be_done_is_said_once_and_moves_nothing(
    settings: Settings, asked: str, said: str
) -> None:
    release = in_force(settings, "551.1")
    ask_rollback(settings, FIRST, release if asked == "there" else asked, "a wrong row")
    (problem,) = roll_back_as_asked(settings)
    assert "approver-1" in problem and said in problem
    assert roll_back_as_asked(settings) == []
    assert current_release_id(settings) == release
    with state.reading(settings) as connection:
        (refused,) = state.audit_events(connection, action="rollback_refused")
    assert said in refused.detail["reason"]


def test_a_home_without_a_state_database_waits_for_no_rollback(tmp_path: Path) -> None:
    assert waiting_request(Settings(home=tmp_path / "none")) is None
