"""Steps on a candidate and on releases at the desk: the row that is written, the words that come back, who may."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest

from expectations.gate.candidates import read_offer, sign
from expectations.gate.people import Person
from expectations.gate.publication import publish_signed
from expectations.gate.rollback import REQUEST, roll_back_as_asked
from expectations.gate.states import NotAllowed
from store import landing, review, state
from store.releases import current_release_id
from store.review import SignOff
from tests.reports.desk.conftest import APPROVER, ENGINEER, LEADER, REVIEWER, SECOND, Open
from tests.reports.desk.made import Made

PAPER = b"%PDF-1.7 synthetic"
# A year ahead of the clock, 8 o'clock in the office: what is timed must lie ahead.
DAY = datetime.now(UTC).date() + timedelta(days=365)
MOMENT = datetime(DAY.year, DAY.month, DAY.day, 1, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("office")


def last_step(made: Made) -> SignOff:
    with state.reading(made.settings) as connection:
        return review.sign_offs(connection)[-1]


def test_a_candidate_is_signed_with_its_paper_and_timed(open_page: Open, made: Made) -> None:
    release_id = made.offer.manifest.release_id
    page = open_page("candidate", APPROVER).choose("candidate_action", "sign")
    page.write("candidate_paper_number", "12/BC-XX").date("candidate_paper_date", date(2026, 11, 20))
    page.app.file_uploader[0].set_value([("12-bc.pdf", PAPER, "application/pdf")])
    page.press("candidate_send")
    assert "Bản dự thảo đã đủ chữ ký" in page.words
    assert "văn bản 12/BC-XX ngày 20/11/2026" in page.words
    signed = last_step(made)
    assert (signed.action, signed.actor, signed.role) == ("sign", APPROVER, "approver")
    assert (signed.paper_number, signed.paper_date) == ("12/BC-XX", date(2026, 11, 20))
    assert signed.paper_sha256 == sha256(PAPER).hexdigest()
    assert landing.get(made.settings, signed.paper_sha256) == PAPER

    page = open_page("candidate", APPROVER).choose("candidate_action", "schedule").press("candidate_send")
    assert "Chưa chọn ngày và giờ công bố." in page.words
    page.date("candidate_day", DAY).press("candidate_send")
    assert "Chưa ghi lý do." in page.words
    page.write("candidate_text", "Họp báo (giả lập).").press("candidate_send")
    assert f"hẹn công bố lúc {DAY:%d/%m/%Y} 08:00" in page.words
    assert (last_step(made).action, last_step(made).publish_at) == ("schedule", MOMENT)
    with pytest.raises(NotAllowed, match="is to be published at"):
        publish_signed(made.settings, made.candidate.name)
    assert publish_signed(made.settings, made.candidate.name, now=MOMENT) == release_id


def test_a_candidate_is_returned_with_a_reason_and_only_by_an_approver(open_page: Open, made: Made) -> None:
    assert not open_page("candidate", REVIEWER).has("candidate_")
    for name in (LEADER, ENGINEER):
        refused = open_page("candidate", name)
        assert not refused.has("candidate_")
        assert "Bản dự thảo còn cần" not in refused.words
    page = open_page("candidate", APPROVER).choose("candidate_action", "return").press("candidate_send")
    assert "Chưa ghi lý do." in page.words
    page.write("candidate_text", "Thiếu biểu 3 (giả lập).").press("candidate_send")
    assert f"Bản dự thảo đã bị {APPROVER} trả lại." in page.words
    assert (last_step(made).action, last_step(made).reason_text) == ("return", "Thiếu biểu 3 (giả lập).")


def test_a_note_and_a_retraction_stand_on_the_leaders_page(open_page: Open, made: Made) -> None:
    address = {"release": made.release_id}
    assert not open_page("releases", REVIEWER, **address).has("release_")
    page = open_page("releases", APPROVER, **address).choose("release_action", "correction_note")
    page.write("release_text", "Ô B7 in nhầm (giả lập).").press("release_send")
    assert "Tình trạng mới: Đã công bố." in page.words
    noted = last_step(made)
    assert (noted.action, noted.actor, noted.release_id) == ("correction_note", APPROVER, made.release_id)
    assert "Ô B7 in nhầm (giả lập)." in page.words
    leader = open_page("target", LEADER, target="SYNTHETIC_01")
    assert "Ghi chú đính chính. " in leader.words
    assert APPROVER not in leader.words

    page = open_page("releases", APPROVER, **address).choose("release_action", "retract")
    page.write("release_text", "Sai năm (giả lập).").press("release_send")
    assert "Tình trạng mới: Đã thu hồi." in page.words
    assert (last_step(made).action, last_step(made).reason_text) == ("retract", "Sai năm (giả lập).")
    leader = open_page("target", LEADER, target="SYNTHETIC_01")
    assert "Bản công bố này đã bị thu hồi." in leader.words
    assert "Sai năm (giả lập)." in leader.words
    assert any("line-through" in block.value for block in leader.app.html)


def test_a_rollback_is_asked_for_at_the_desk_and_done_by_the_orchestrator(
    open_page: Open, made: Made
) -> None:
    person = Person(SECOND, SECOND, {"approver": frozenset({"*"})})
    sign(made.settings, person, read_offer(made.candidate), seen=1)
    second = publish_signed(made.settings, made.candidate.name)
    address = {"release": made.release_id}
    assert not open_page("releases", ENGINEER, **address).has("release_")
    page = open_page("releases", APPROVER, **address).choose("release_action", "roll_back")
    page.write("release_text", "Số quý III sai (giả lập).").press("release_send")
    assert f"Đã ghi đề nghị quay lại bản {made.release_id}" in page.words
    assert f"{APPROVER} đề nghị quay lại bản {made.release_id} lúc" in page.words
    with state.reading(made.settings) as connection:
        (asked,) = state.audit_events(connection, action=REQUEST)
    assert (asked.actor, asked.subject, asked.detail["reason"]) == (
        APPROVER,
        made.release_id,
        "Số quý III sai (giả lập).",
    )
    assert current_release_id(made.settings) == second
    assert roll_back_as_asked(made.settings) == []
    assert current_release_id(made.settings) == made.release_id
    assert "đề nghị quay lại bản" not in open_page("releases", APPROVER).words
