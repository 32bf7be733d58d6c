"""The pages of the desk over a made candidate, as those who sit there see and use them."""

from __future__ import annotations

import io
import re
import zipfile

import polars as pl
import pytest

from expectations.gate.candidates import standing_of
from expectations.gate.findings import Evidence, decide, standing
from expectations.gate.people import ROLES, Person
from expectations.gate.queue import evidence_now
from expectations.gate.states import FindingAction
from reports.desk.letter import Letter
from reports.desk.subject import subject_of
from reports.frame import DESK_PATHS
from reports.words import LANGUAGES, catalogue
from store import review, state
from store.review import Decision
from tests.reports.desk.conftest import APPROVER, REVIEWER, SECOND, Open, OpenPage
from tests.reports.desk.made import Made, finding_id

JUMP, SOURCES = finding_id(1)[:16], finding_id(2)[:16]


def steps(made: Made) -> list[Decision]:
    with state.reading(made.settings) as connection:
        return review.decisions(connection)


def somebody(name: str) -> Person:
    return Person(name, name, {role: frozenset({"*"}) for role in ROLES})


def evidence(made: Made, finding: str) -> Evidence:
    subject = subject_of(made.settings)
    assert subject is not None
    found = evidence_now(subject.at, finding)
    assert found is not None
    return found


def decide_for(page: OpenPage, action: str, code: str | None, text: str) -> OpenPage:
    page.choose("decision_action", action)
    if code:
        page.choose("decision_code", code)
    return page.write("decision_text", text).press("decision_send")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(DESK_PATHS))
def test_every_page_opens_with_its_title_and_its_first_line(
    open_page: Open, name: str, language: str
) -> None:
    page = open_page(name, lang=language).shown
    assert not page.failed
    assert page.title == catalogue(language)[f"{name}.title"]
    assert "ppw-lead" in page.html


def test_the_queue_says_how_many_wait_and_what_the_first_would_change(open_page: Open) -> None:
    page = open_page("queue")
    assert "Hôm nay có 4 phát hiện cần quyết định." in page.words
    assert "quyết định sẽ làm thay đổi đánh giá một chỉ tiêu chủ yếu" in page.words
    assert "Gồm 1 lỗi, 1 cảnh báo và 2 thông tin." in page.words
    order = [page.shown.html.index(f"id={finding_id(n)[:16]}") for n in (1, 2)]
    assert order == sorted(order)


def test_the_queue_is_narrowed_by_the_address(open_page: Open) -> None:
    page = open_page("queue", severity="warning")
    assert f"id={SOURCES}" in page.shown.html
    table = page.shown.html[page.shown.html.index("<table") :]
    assert f"id={JUMP}" not in table
    assert "Không có phát hiện nào khớp" in open_page("queue", domain="security").words
    assert f"id={JUMP}" in open_page("queue", domain="economy", rule="synthetic_step").shown.html


def test_only_information_is_accepted_in_one_go(open_page: Open, made: Made) -> None:
    page = open_page("queue").press("queue_batch")
    assert "Đã ghi nhận 2 phát hiện mức thông tin." in page.words
    assert [(step.action, step.severity) for step in steps(made)] == [("accept", "information")] * 2
    assert "Hôm nay có 2 phát hiện cần quyết định." in page.words


def test_an_empty_queue_is_a_state_of_its_own(open_page: Open, made: Made) -> None:
    person = somebody(REVIEWER)
    for number in (1, 2, 3, 4):
        found = evidence(made, finding_id(number))
        action: FindingAction = "exclude" if found.observation_key else "accept"
        decide(made.settings, person, found, action, seen=0, reason_code="OTHER", reason_text="giả lập")
    page = open_page("queue")
    assert "Hôm nay không có việc nào cần quyết định." in page.words
    assert "Cả 4 phát hiện đều đã được xử lý" in page.words


def test_a_finding_shows_the_figure_its_neighbours_its_place_and_what_it_would_change(
    open_page: Open,
) -> None:
    page = open_page("finding", id=JUMP)
    assert "525%" in page.words
    assert page.shown.charts == 1
    assert "▶ năm 2026" in page.words
    assert "+472,5 (+900,0%)" in page.words  # against the same period a year before, 52.5
    assert "Đang được giữ lại." in page.words
    assert "ô đang xét" in page.words
    effects = page.words[page.words.index("Nếu chấp nhận, nếu loại") :]
    assert "Chưa đạt" in effects


def test_issues_and_sources_stand_beside_the_figure(open_page: Open) -> None:
    words = open_page("finding", id=SOURCES).words
    assert "Bản công bố trước của kỳ này 12,0% +0,5 (+4,2%)" in words
    assert "Nguồn khác, cùng kỳ 13,1% −0,6" in words


def test_a_warning_is_accepted_by_one_person(open_page: Open, made: Made) -> None:
    page = open_page("finding", id=SOURCES)
    decide_for(page, "accept", "CONFIRMED_BY_SOURCE", "Đã gọi điện xác nhận (giả lập).")
    assert "Tình trạng mới: Đã chấp nhận." in page.words
    (step,) = steps(made)
    assert (step.action, step.actor, step.value, step.tolerance) == ("accept", REVIEWER, 12.5, 0.0)
    assert "Đã gọi điện xác nhận (giả lập)." in page.words


def test_what_is_missing_is_said_in_words_and_nothing_is_written(open_page: Open, made: Made) -> None:
    page = open_page("finding", id=SOURCES).choose("decision_action", "accept").press("decision_send")
    assert "Còn thiếu. Chưa chọn loại lý do. Chưa ghi lý do." in page.words
    page.write("decision_tolerance", "nhiều").press("decision_send")
    assert "Dung sai phải là một số không âm." in page.words
    assert steps(made) == []


def test_an_overridden_error_waits_for_another_person(open_page: Open, made: Made) -> None:
    page = open_page("finding", id=JUMP)
    decide_for(page, "accept", "KNOWN_EVENT", "Dự án lớn (giả lập).")
    assert "Chờ xác nhận" in page.words
    own = open_page("finding", id=JUMP)
    offered = own.app.radio[0].options
    assert catalogue("vi")["finding_action.confirm"] not in offered
    other = open_page("finding", APPROVER, id=JUMP)
    other.choose("decision_action", "confirm").press("decision_send")
    assert "Tình trạng mới: Đã chấp nhận." in other.words
    assert [(step.action, step.actor) for step in steps(made)] == [
        ("accept", REVIEWER),
        ("confirm", APPROVER),
    ]


def test_who_comes_second_sees_what_the_first_did(open_page: Open, made: Made) -> None:
    page = open_page("finding", id=SOURCES).choose("decision_action", "accept")
    page.choose("decision_code", "OTHER").write("decision_text", "Chậm một bước (giả lập).")
    decide(
        made.settings,
        somebody(SECOND),
        evidence(made, SOURCES),
        "query_source",
        seen=0,
        reason_text="Đã hỏi (giả lập)",
    )
    page.press("decision_send")
    assert "Đã có người xử lý trước." in page.words
    assert f"{SECOND} đã ghi “Hỏi nơi công bố”" in page.words
    assert [step.action for step in steps(made)] == ["query_source"]
    page.press("decision_unpin")
    assert "Ghi câu trả lời" in page.app.radio[0].options


def test_a_figure_of_another_office_cannot_be_corrected(open_page: Open) -> None:
    offered = open_page("finding", id=JUMP).app.radio[0].options
    assert catalogue("vi")["finding_action.correct"] not in offered
    assert catalogue("vi")["finding_action.exclude"] in offered


def test_the_letter_names_the_figure_and_its_place_and_leaves_the_rest_to_the_office(open_page: Open) -> None:
    page = open_page("finding", id=JUMP).choose("decision_action", "query_source")
    assert "Kính gửi: Nơi công bố giả lập 90" in page.words
    assert "là 525%" in page.words
    assert page.has("decision_text")


def test_a_lapsed_decision_says_so(open_page: Open, made: Made) -> None:
    found = evidence(made, SOURCES)
    before = Evidence(**{**found.__dict__, "finding_id": "earlier", "value": 9.0})
    decide(
        made.settings,
        somebody(REVIEWER),
        before,
        "accept",
        seen=0,
        reason_code="OTHER",
        reason_text="giả lập",
    )
    page = open_page("finding", id=SOURCES)
    assert "Quyết định trước đã hết hiệu lực." in page.words
    assert standing(steps(made), found).state == "lapsed"


def test_the_candidate_says_what_changes_what_is_open_and_who_must_sign(open_page: Open) -> None:
    page = open_page("candidate", APPROVER)
    assert "Bản dự thảo còn cần 1 chữ ký để được công bố." in page.words
    assert "4 phát hiện chưa xử lý. Trong đó 1 ở mức lỗi." in page.words
    assert "Bản dự thảo, chưa công bố." in page.words


def test_a_paper_has_both_a_number_and_a_day(open_page: Open, made: Made) -> None:
    page = open_page("candidate", APPROVER).choose("candidate_action", "sign")
    page.write("candidate_paper_number", "12/BC-XX").press("candidate_send")
    assert "Văn bản kèm theo cần có cả số và ngày." in page.words
    assert standing_of(made.settings, made.offer).state == "waiting"


def test_decisions_newer_than_the_candidate_keep_it_from_being_signed(open_page: Open, made: Made) -> None:
    found = evidence(made, SOURCES)
    decide(
        made.settings, somebody(REVIEWER), found, "accept", seen=0, reason_code="OTHER", reason_text="giả lập"
    )
    page = open_page("candidate", APPROVER)
    assert "Có quyết định mới hơn bản dự thảo này." in page.words
    assert catalogue("vi")["candidate_action.sign"] not in page.app.radio[0].options


def test_the_release_in_force_cannot_be_gone_back_to(open_page: Open, made: Made) -> None:
    page = open_page("releases", APPROVER, release=made.release_id)
    assert catalogue("vi")["candidate_action.roll_back"] not in page.app.radio[0].options
    assert "Có 1 bản công bố; bản hiện hành là" in page.words


def test_the_board_counts_what_is_owed_by_source(open_page: Open) -> None:
    words = open_page("coverage").words
    assert "4 kỳ số liệu đến hạn, đã nhận 2, quá hạn 1, chưa cung cấp 1, chưa thu thập 0." in words
    assert "+27,5" in words  # on the day, and 55 days late


def test_the_log_tells_who_saw_the_draft_and_can_be_taken_along(open_page: Open) -> None:
    open_page("queue", SECOND)
    page = open_page("audit", APPROVER)
    assert SECOND in page.words
    assert "Dự thảo: trình phê duyệt" in page.words
    filtered = open_page("audit", APPROVER, action="candidate_offer")
    assert "1 sự kiện" in filtered.words


@pytest.mark.usefixtures("office")
def test_the_log_tells_which_role_was_given(open_page: Open) -> None:
    words = open_page("audit", APPROVER).words
    assert f"{REVIEWER} người rà soát" in words
    assert f"{SECOND} người phê duyệt" in words


def test_measures_say_when_there_is_nothing_to_measure(open_page: Open, made: Made) -> None:
    assert "chưa có bản nào được ký" in open_page("process").words
    found = evidence(made, SOURCES)
    decide(
        made.settings, somebody(REVIEWER), found, "rule_wrong", seen=0, reason_code="RULE_TOO_STRICT",
        reason_text="giả lập",
    )  # fmt: skip
    assert "Hai nguồn giả lập chênh nhau 1 1 100%" in open_page("process").words


def test_a_page_of_the_list_that_is_not_there_gives_the_last(open_page: Open) -> None:
    assert "Phát hiện 1–4 trong số 4" in open_page("queue", page="7").words


def test_the_letter_is_a_word_file_that_is_the_same_each_time() -> None:
    letter = Letter("Cơ quan <giả lập> & con", "Chỉ tiêu", "Tỉnh", "quý I", "525%", "ô B7", "Gấp mười.")
    data = letter.docx()
    assert data == letter.docx()
    text = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "Cơ quan &lt;giả lập&gt; &amp; con" in text
    assert not re.search(r"ngày \d|năm \d", text)


def test_the_queue_follows_decisions_and_files_at_once(made: Made, open_page: Open) -> None:
    page = open_page("queue", APPROVER)
    assert JUMP in page.shown.html
    decide(made.settings, somebody("elsewhere"), evidence(made, JUMP), "exclude", seen=0,
           reason_code="KNOWN_EVENT", reason_text="giả lập")  # fmt: skip
    page.app.run()
    assert JUMP not in page.shown.html
    path = made.candidate / "fct_finding.parquet"
    path.chmod(0o644)
    told = (
        pl.when(pl.col("finding_id").str.starts_with(SOURCES))
        .then(pl.lit("Câu đã viết lại."))
        .otherwise("message_vi")
    )
    pl.read_parquet(path).with_columns(message_vi=told).write_parquet(path)
    page.app.run()
    assert "Câu đã viết lại." in page.words
