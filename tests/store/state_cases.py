"""What the state database must do on any engine; run on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from store import review, state
from store.settings import Settings
from store.submissions import Submission, record_submission, submissions
from store.tables import APPEND_ONLY_TABLES, metadata

AT = datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC)
SHA256 = "ab" * 32


def retrieve(connection: sa.Connection, **changes: Any) -> int:
    row: dict[str, Any] = {
        "batch_id": "b1",
        "source_id": "nso_population",
        "route": "recorded",
        "document": "issue_2025",
        "outcome": "new",
        "snapshot_sha256": SHA256,
        "vintage_at": datetime(2026, 11, 20),
        "published_at": date(2025, 7, 23),
        "published_at_basis": "printed",
        "started_at": AT,
        "finished_at": AT + timedelta(seconds=2),
    }
    return state.record_retrieval(connection, **(row | changes))


def remember_snapshot(connection: sa.Connection, sha256: str = SHA256, media_type: str = "text/csv") -> bool:
    return state.record_snapshot(
        connection,
        sha256=sha256,
        size_bytes=10,
        media_type=media_type,
        origin="transcription",
        first_seen_at=AT,
    )


def migrations_build_the_tables_of_the_code(settings: Settings) -> None:
    state.migrate(settings)
    state.migrate(settings)
    with state.reading(settings) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def vintages_are_ordered_and_carry_their_snapshot(settings: Settings) -> None:
    state.migrate(settings)
    hanoi = timezone(timedelta(hours=7))
    with state.writing(settings) as connection:
        assert remember_snapshot(connection)
        assert remember_snapshot(connection, "cd" * 32)
        assert not remember_snapshot(connection, media_type="application/json")
        late = retrieve(
            connection, snapshot_sha256="cd" * 32, vintage_at=datetime(2026, 11, 21, 6, tzinfo=hanoi)
        )
        early = retrieve(
            connection, document="issue_2024", published_at=None, published_at_basis="not_stated"
        )
        retrieve(connection, outcome="unchanged", vintage_at=None, batch_id="b2")
    with state.reading(settings) as connection:
        found = state.vintages(connection)
        assert [vintage.retrieval_id for vintage in found] == [early, late]
        assert found[1].vintage_at == datetime(2026, 11, 20, 23)
        assert (found[0].media_type, found[0].origin) == ("text/csv", "transcription")
        newest = state.latest_new(connection, "nso_population", "recorded", "issue_2025")
        assert newest is not None
        assert (newest.retrieval_id, newest.started_at) == (late, AT)
        assert state.latest_new(connection, "nso_population", "live", "live") is None


def retrievals_are_found_by_batch_and_source(settings: Settings) -> None:
    state.migrate(settings)
    with state.writing(settings) as connection:
        remember_snapshot(connection)
        nothing = {
            "snapshot_sha256": None,
            "vintage_at": None,
            "published_at": None,
            "published_at_basis": None,
        }
        first = retrieve(connection)
        failed = retrieve(
            connection, outcome="failed", reason="HTTP 503", document="live", route="live", **nothing
        )
        other = retrieve(
            connection, source_id="a_source", outcome="not_yet_published", batch_id="b2", **nothing
        )
    with state.reading(settings) as connection:
        assert [row.retrieval_id for row in state.retrievals_of_batch(connection, "b1")] == [first, failed]
        latest = state.latest_retrieval_per_source(connection)
        assert {source: row.retrieval_id for source, row in latest.items()} == {
            "a_source": other,
            "nso_population": failed,
        }
        assert [row.retrieval_id for row in state.latest_retrieval_per_document(connection)] == [
            other,
            failed,
            first,
        ]


def rows_are_never_changed_or_removed(settings: Settings) -> None:
    state.migrate(settings)
    with state.writing(settings) as connection:
        remember_snapshot(connection)
        retrieve(connection)
        _record_release(connection)
        state.record_audit_event(connection, actor="tester", action="noted", subject="x")
        _record_submission(connection)
        _record_review(connection)
    columns = {
        "snapshot": "media_type",
        "retrieval": "reason",
        "release": "state",
        "audit_event": "actor",
        "submission": "file_name",
        "decision": "reason_text",
        "sign_off": "reason_text",
        "role_grant": "person",
        "deputation": "deputy",
        "destruction": "reason_text",
        "office_statement": "cause",
    }
    assert set(columns) == set(APPEND_ONLY_TABLES)
    for table, column in columns.items():
        name = sa.sql.quoted_name(table, quote=True)
        statements = [
            sa.update(metadata.tables[table]).values({column: "changed"}),
            sa.delete(metadata.tables[table]),
        ]
        if settings.state_location.startswith("postgresql"):
            statements.append(sa.text(f'TRUNCATE "{name}" CASCADE'))  # type: ignore[arg-type]
        else:
            statements.append(sa.text(f'INSERT OR REPLACE INTO "{name}" SELECT * FROM "{name}"'))  # type: ignore[arg-type]
        for statement in statements:
            with pytest.raises(sa.exc.DBAPIError, match="append-only"), state.writing(settings) as connection:
                connection.execute(statement)
    with state.reading(settings) as connection:
        assert [len(connection.execute(sa.select(metadata.tables[table])).all()) for table in columns] == [
            1
        ] * len(columns)


def a_step_is_never_put_in_place_of_another(settings: Settings) -> None:
    """The unique key of the steps is defended as the primary key is: INSERT OR REPLACE under another row number."""
    state.migrate(settings)
    with state.writing(settings) as connection:
        remember_snapshot(connection)
        _record_review(connection)
    keys = {
        "decision": "decision_id",
        "sign_off": "sign_off_id",
        "destruction": "destruction_id",
        "office_statement": "office_statement_id",
    }
    for name, key in keys.items():
        table = metadata.tables[name]
        with state.reading(settings) as connection:
            (before,) = connection.execute(sa.select(table)).mappings().all()
        changed = {**before, key: before[key] + 50, "reason_text": "changed"}
        insert = table.insert()
        if not settings.state_location.startswith("postgresql"):
            insert = insert.prefix_with("OR REPLACE")
        with pytest.raises(sa.exc.IntegrityError), state.writing(settings) as connection:
            connection.execute(insert.values(changed))
        with state.reading(settings) as connection:
            assert connection.execute(sa.select(table)).mappings().all() == [before]


def the_rows_of_the_review_come_back_as_recorded(settings: Settings) -> None:
    state.migrate(settings)
    with state.writing(settings) as connection:
        remember_snapshot(connection)
        decision, sign_off, grant, deputation, destruction, statement = _record_review(connection)
    with state.reading(settings) as connection:
        assert review.decisions(connection) == review.decisions(connection, up_to=1) == [decision]
        assert (
            review.decisions(connection, finding_key="other") == review.decisions(connection, up_to=0) == []
        )
        assert review.sign_offs(connection) == [sign_off]
        assert (sign_off.publish_at, sign_off.paper_date) == (AT + timedelta(days=1), date(2026, 11, 21))
        assert review.role_grants(connection) == [grant]
        assert review.deputations(connection) == [deputation]
        assert review.destructions(connection) == [destruction]
        assert review.destroyed(connection) == {}
        assert review.office_statements(connection) == [statement]
        assert review.office_statements(connection, up_to=0) == []
        assert (
            review.last_decision_id(connection),
            review.last_decision_id(connection, AT - timedelta(1)),
        ) == (1, 0)
        assert review.is_recorded_snapshot(connection, SHA256)
        assert not review.is_recorded_snapshot(connection, "0" * 64)
    for seen in (0, 2):
        with (
            pytest.raises(review.Overtaken, match="step 1 is the last"),
            review.taking_turns(settings) as connection,
        ):
            review.record_decision(connection, decision, seen=seen)
    with review.taking_turns(settings) as connection:
        assert review.record_decision(connection, decision, seen=1).sequence == 2
        confirmed = replace(destruction, action="confirm")
        review.record_destruction(connection, confirmed, seen=1)
    with state.reading(settings) as connection:
        assert review.destroyed(connection).keys() == {SHA256}
        assert state.vintages(connection) == []


def a_destroyed_snapshot_is_no_vintage(settings: Settings) -> None:
    state.migrate(settings)
    with state.writing(settings) as connection:
        remember_snapshot(connection)
        remember_snapshot(connection, "cd" * 32)
        retrieve(connection)
        kept = retrieve(connection, document="issue_2024", snapshot_sha256="cd" * 32)
        step = review.Destruction(
            snapshot_sha256=SHA256, action="request", at=AT, actor="a", reason_text="personal data"
        )
        review.record_destruction(connection, step, seen=0)
        assert len(state.vintages(connection)) == 2
        review.record_destruction(connection, replace(step, action="confirm", actor="b"), seen=1)
    with state.reading(settings) as connection:
        assert [one.retrieval_id for one in state.vintages(connection)] == [kept]
        assert [one.retrieval_id for one in state.vintages(connection, AT + timedelta(days=1))] == [kept]


def _record_review(
    connection: sa.Connection,
) -> tuple[
    review.Decision,
    review.SignOff,
    review.RoleGrant,
    review.Deputation,
    review.Destruction,
    review.OfficeStatement,
]:
    day = date(2026, 11, 21)
    return (
        review.record_decision(
            connection,
            review.Decision(
                finding_key="k" * 64, finding_id="f" * 64, rule_id="r", rule_version=2, severity="error",
                action="exclude", at=AT, actor="a", acting_for="b", role="reviewer", reason_code="OTHER",
                reason_text="một lý do", value=46.2, unit="percent", tolerance=0.05, attachment_sha256=SHA256,
            ),
            seen=0,
        ),
        review.record_sign_off(
            connection,
            review.SignOff(
                manifest_sha256="1" * 64, content_digest="2" * 64, candidate_id="c", release_id="r", action="schedule",
                at=AT, actor="a", role="approver", decisions_up_to=1, publish_at=AT + timedelta(days=1),
                paper_number="12/BC", paper_date=day, paper_sha256=SHA256,
            ),
            seen=0,
        ),
        review.record_role_grant(
            connection,
            review.RoleGrant(
                action="grant", person="a", role="reviewer", scope="*", valid_from=day, valid_to=day, at=AT, actor="b"
            ),
        ),
        review.record_deputation(
            connection,
            review.Deputation(
                action="grant", principal="a", deputy="d", role="reviewer", valid_from=day, valid_to=day, at=AT,
                actor="a",
            ),
        ),
        review.record_destruction(
            connection,
            review.Destruction(
                snapshot_sha256=SHA256, action="request", at=AT, actor="a", reason_text="personal data"
            ),
            seen=0,
        ),
        review.record_office_statement(
            connection,
            review.OfficeStatement(
                statement_key="s" * 64, action="state", plan_version="p", target_id="t", office="Sở Y tế", at=AT,
                actor="a", role="plan_owner", release_id="r", cause="c", measure="m", deadline=day, access="public",
            ),
            seen=0,
        ),
    )  # fmt: skip


def database_itself_refuses_incomplete_retrievals(settings: Settings) -> None:
    state.migrate(settings)
    table = metadata.tables["retrieval"]
    row = {
        "batch_id": "b",
        "source_id": "s",
        "route": "r",
        "document": "d",
        "started_at": AT,
        "finished_at": AT,
    }
    for wrong in ({"outcome": "new"}, {"outcome": "failed"}, {"outcome": "perhaps"}):
        with pytest.raises(sa.exc.IntegrityError), state.writing(settings) as connection:
            connection.execute(table.insert().values(row | wrong))
    with pytest.raises(sa.exc.IntegrityError), state.writing(settings) as connection:
        unknown_snapshot = {"outcome": "unchanged", "snapshot_sha256": "ee" * 32}
        connection.execute(table.insert().values(row | unknown_snapshot))


def releases_and_audit_events_come_back(settings: Settings) -> None:
    state.migrate(settings)
    with state.writing(settings) as connection:
        assert _record_release(connection)
        assert not _record_release(connection)
        state.record_audit_event(
            connection,
            actor="Nông Thị Tổng",
            action="release_published",
            subject="r1",
            detail={"từ": None},
            at=AT,
        )
        state.record_audit_event(connection, actor="tester", action="noted", subject="r2")
    with state.reading(settings) as connection:
        (release,) = state.recorded_releases(connection)
        assert (release.cut_off, release.created_at) == (date(2026, 11, 20), AT)
        (event,) = state.audit_events(connection, action="release_published")
        assert (event.actor, event.at, event.detail) == ("Nông Thị Tổng", AT, {"từ": None})
        assert len(state.audit_events(connection)) == 2
        # 01:02 UTC on the 20th; in Los Angeles it is still the 19th.
        assert state.pointer_moves(connection, "America/Los_Angeles") == [(date(2026, 11, 19), "r1")]


def failed_transaction_leaves_nothing(settings: Settings) -> None:
    state.migrate(settings)
    with pytest.raises(RuntimeError, match="stop"), state.writing(settings) as connection:
        remember_snapshot(connection)
        raise RuntimeError("stop")
    with state.reading(settings) as connection:
        assert connection.execute(sa.select(metadata.tables["snapshot"])).all() == []


def _record_release(connection: sa.Connection) -> bool:
    return state.record_release(
        connection,
        release_id="2026-11-20-00000000",
        content_digest="0" * 64,
        inputs_hash="1" * 64,
        cut_off=date(2026, 11, 20),
        created_at=AT,
    )


def _record_submission(connection: sa.Connection) -> Submission:
    return record_submission(
        connection,
        batch_id="b1",
        received_at=AT,
        actor="tester",
        file_name="made_up.xlsx",
        snapshot_sha256=SHA256,
        kind="department",
        outcome="accepted",
        source_id="department_made_up",
        document="2025",
        accepted=[{"cell": "A1", "value": "1"}],
    )


def receipts_come_back_as_recorded_and_returned_ones_say_why(settings: Settings) -> None:
    state.migrate(settings)
    with state.writing(settings) as connection:
        remember_snapshot(connection)
        recorded = _record_submission(connection)
    with state.reading(settings) as connection:
        assert submissions(connection, source_id="department_made_up", document="2025") == [recorded]
        assert submissions(connection, batch_id="b2") == []
    facts: dict[str, Any] = {
        "batch_id": "b1", "received_at": AT, "actor": "tester", "file_name": "x", "snapshot_sha256": None,
        "kind": "unknown",
    }  # fmt: skip
    for outcome, problems in (("returned", []), ("accepted", [{"code": "x"}]), ("lost", [])):
        with pytest.raises(state.StateError), state.writing(settings) as connection:
            record_submission(connection, **facts, outcome=outcome, problems=problems)
    with pytest.raises(sa.exc.IntegrityError), state.writing(settings) as connection:
        record_submission(connection, **facts, outcome="accepted")


CASES = [
    receipts_come_back_as_recorded_and_returned_ones_say_why,
    migrations_build_the_tables_of_the_code,
    vintages_are_ordered_and_carry_their_snapshot,
    retrievals_are_found_by_batch_and_source,
    rows_are_never_changed_or_removed,
    a_step_is_never_put_in_place_of_another,
    the_rows_of_the_review_come_back_as_recorded,
    a_destroyed_snapshot_is_no_vintage,
    database_itself_refuses_incomplete_retrievals,
    releases_and_audit_events_come_back,
    failed_transaction_leaves_nothing,
]
