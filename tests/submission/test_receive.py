"""The road of a submission: receipt, retrieval, vintage, answer; resubmission; the inbox."""

import io
import json
import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from sources.compile import Inputs, Versions, write_inputs
from sources.record import SourceRecord
from sources.retrieve import retrieve_plan
from sources.submission.filled import MOST_BYTES
from sources.submission.in_force import InForce
from sources.submission.inbox import TooLarge, hand_in, plain_name, receive_inbox, waiting_files
from sources.submission.layout import FIGURES, PROBLEM_SHEET
from sources.submission.owed import owed
from sources.submission.receive import Receipt, receive
from sources.submission.template import department_template
from store import landing, state
from store.settings import Settings
from store.submissions import submissions
from tests.submission.conftest import RECEIVED_AT, dropped
from tests.submission.workbooks import Edit, edited, figure, letter, milestone, stamp_changed

pytestmark = pytest.mark.usefixtures("opened_here")

SOURCE = "department_health"
MS = "MS_HEALTH_TRANSFER"
VERSIONS = Versions("rules-1", "method-1", "code-1")


class Office:
    """A department that fills in its template and hands it in."""

    def __init__(self, settings: Settings, records: dict[str, SourceRecord], folder: Path) -> None:
        self.settings, self.records, self.folder = settings, records, folder
        self.owed = owed(settings, records[SOURCE], "2025")
        self.milestone = self.owed.milestones[0].target_id
        self.template = department_template(self.owed, InForce(), "code-1").data

    def sends(self, *edits: Edit, name: str = "so-y-te.xlsx", after: timedelta = timedelta()) -> Receipt:
        file = self.folder / name
        file.write_bytes(edited(self.template, *edits))
        clock = lambda: RECEIVED_AT + after  # noqa: E731
        return receive(self.settings, self.records, file, "batch-1", "tester", clock)

    def inputs(self) -> tuple[Inputs, dict[str, pl.DataFrame]]:
        with state.reading(self.settings) as connection:
            vintages = state.vintages(connection)
            outcomes = state.latest_retrieval_per_document(connection)
        inputs = write_inputs(
            self.settings, date(2026, 12, 31), {SOURCE: self.records[SOURCE]}, vintages, outcomes, VERSIONS
        )
        return inputs, {path.stem: pl.read_parquet(path) for path in inputs.directory.glob("*.parquet")}


@pytest.fixture
def office(home: Settings, records: dict[str, SourceRecord], tmp_path: Path) -> Office:
    return Office(home, records, tmp_path)


def test_accepted_figures_and_reports_reach_what_dbt_reads(office: Office) -> None:
    retrieve_plan(office.settings, "07-NQ-HDND-2023", "batch-0", lambda: RECEIVED_AT)
    receipt = office.sends(
        letter("77/BC-THU", date(2026, 1, 20)),
        figure("DOCTORS_PER_10000", 16.5, "Sơ bộ", note="Số liệu thử"),
        figure("BEDS_WITHOUT_STATIONS", 1234, "Ước tính"),
        milestone(office.milestone, "Chưa thực hiện"),
    )
    assert receipt.submission.outcome == "accepted"
    assert (receipt.submission.n_figures, receipt.submission.n_milestones) == (2, 1)
    inputs, tables = office.inputs()
    assert inputs.excluded == []
    (vintage,) = tables["vintage"].filter(source_id=SOURCE).rows(named=True)
    assert (vintage["route"], vintage["document"], vintage["origin"]) == ("submitted", "2025", "original")
    assert (vintage["published_at"], vintage["published_at_basis"]) == (date(2026, 2, 3), "inferred")
    cells = pl.read_parquet(vintage["cells_file"])
    assert cells.select("cell_ref", "decimal_text", "unit_text").rows() == [
        (f"{FIGURES}!H5", "16.5", "/10.000 dân"),
        (f"{FIGURES}!H7", "1234", "giường"),
    ]
    assert [{a["name"]: a["text"] for a in row} for row in cells["attributes"]] == [
        {
            "maturity": "preliminary",
            "title": "Biểu số liệu báo cáo, Năm 2025",
            "place": "dòng 5, mã DOCTORS_PER_10000",
            "note": "Số liệu thử",
        },
        {
            "maturity": "estimate",
            "title": "Biểu số liệu báo cáo, Năm 2025",
            "place": "dòng 7, mã BEDS_WITHOUT_STATIONS",
        },
    ]
    series = tables["mapping_series"].select("indicator_code", "unit", "form", "breakdown").rows()
    assert sorted(series) == [
        ("BEDS_WITHOUT_STATIONS", "bed", "level", "_T"),
        ("DOCTORS_PER_10000", "per_10000_population", "ratio", "_T"),
    ]
    aliases = set(tables["unit_alias"].rows())
    assert {("bed", key) for key in cells.filter(decimal_text="1234")["unit_key"]} <= aliases
    assert tables["mapping_area"].select("label_key", "area_id").rows() == [("vn-04", "VN-04")]
    assert tables["mapping_period"].select("label_key", "period_id").rows() == [("2025", "2025")]
    (report,) = tables["milestone_report"].rows(named=True)
    assert (report["target_id"], report["reported_state"], report["document_number"]) == (
        office.milestone, "not_done", "77/BC-THU",
    )  # fmt: skip
    assert (report["issuer_vi"], report["source_id"]) == ("Sở Y tế", SOURCE)
    assert report["cell_ref"].startswith("Công trình!G")


def test_receipt_lists_what_was_accepted(office: Office) -> None:
    receipt = office.sends(figure("DOCTORS_PER_10000", 16.5))
    sheet = load_workbook(receipt.answer).active
    assert receipt.answer.parent == office.settings.outbox_dir
    assert "1 số liệu, 0 báo cáo công trình" in str([row[0].value for row in sheet.iter_rows()])
    assert [cell.value for cell in sheet[sheet.max_row]][1:5] == [
        f"{FIGURES}!H5", "DOCTORS_PER_10000", "2025", "16,5",
    ]  # fmt: skip


def test_a_returned_workbook_is_kept_and_is_no_vintage(office: Office) -> None:
    receipt = office.sends(figure("DOCTORS_PER_10000", "mười sáu"))
    assert receipt.submission.outcome == "returned"
    (problem,) = receipt.submission.problems
    assert (problem["place"], problem["code"]) == (f"{FIGURES}!H5", "text_in_number")
    assert receipt.retrieval is not None
    assert receipt.retrieval.outcome == "quarantined"
    assert "mười sáu" in str(receipt.retrieval.reason)
    assert receipt.submission.snapshot_sha256 is not None
    assert landing.contains(office.settings, receipt.submission.snapshot_sha256)
    book = load_workbook(receipt.answer)
    assert book.sheetnames[0] == PROBLEM_SHEET
    assert book[FIGURES]["H5"].comment is not None
    assert office.inputs()[0].n_vintages == 0


def test_a_resubmission_is_a_later_vintage_of_the_same_document(office: Office) -> None:
    first = office.sends(figure("DOCTORS_PER_10000", 16.5), figure("DOCTORS_TOTAL", 900))
    same = office.sends(name="again.xlsx", after=timedelta(minutes=1))
    second = office.sends(figure("DOCTORS_PER_10000", 17), after=timedelta(minutes=2))
    again = receive(
        office.settings, office.records, office.folder / "so-y-te.xlsx", "b", "tester",
        lambda: RECEIVED_AT + timedelta(minutes=3),
    )  # fmt: skip
    assert same.submission.outcome == "returned", "an empty workbook takes nothing back"
    assert [one.retrieval and one.retrieval.outcome for one in (first, second, again)] == [
        "new",
        "new",
        "unchanged",
    ]
    assert second.retrieval is not None
    assert second.retrieval.reason is None, "a row left blank is no drift"
    _, tables = office.inputs()
    vintages = tables["vintage"].filter(source_id=SOURCE).sort("vintage_at")
    assert vintages["document"].to_list() == ["2025", "2025"]
    cells = [pl.read_parquet(path)["decimal_text"].to_list() for path in vintages["cells_file"]]
    assert cells == [["16.5", "900"], ["17"]]
    with state.reading(office.settings) as connection:
        assert len(submissions(connection, source_id=SOURCE, document="2025")) == 4


def test_the_same_file_again_says_so_and_an_old_one_after_a_newer_is_a_vintage(office: Office) -> None:
    first = office.sends(figure("DOCTORS_PER_10000", 16.5))
    old = (office.folder / "so-y-te.xlsx").read_bytes()

    def again(minutes: int) -> Receipt:
        clock = lambda: RECEIVED_AT + timedelta(minutes=minutes)  # noqa: E731
        return hand_in(office.settings, office.records, "so-y-te.xlsx", old, "b", "tester", clock)

    second = again(1)
    assert second.same_as == first.submission
    assert (second.retrieval and second.retrieval.outcome) == "unchanged"
    told = [str(row[0].value) for row in load_workbook(second.answer).active.iter_rows()]
    assert "Tệp này giống hệt tệp của lần nộp số 1 (03/02/2026, tiếp nhận)." in told
    office.sends(figure("DOCTORS_PER_10000", 17), after=timedelta(minutes=2))
    third = again(3)
    assert third.same_as is not None
    assert (third.retrieval and third.retrieval.outcome) == "new", "what was sent last is meant"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/báo cáo.xlsx", "báo cáo.xlsx"),
        ("C:\\Users\\a\\bao cao.xlsx", "bao cao.xlsx"),
        (".hidden.xlsx", "hidden.xlsx"),
        ("~$open.xlsx", "$open.xlsx".replace("$", "")),
        ("a\0b\n<c>|?.xlsx", "a_b__c___.xlsx"),
        ("..", "khong-ten"),
        ("", "khong-ten"),
        ("x" * 500 + ".xlsx", "x" * 110 + ".xlsx"),
    ],
)
def test_a_name_names_a_file_of_the_inbox_and_nothing_else(name: str, kept: str) -> None:
    assert plain_name(name) == kept


def test_what_is_handed_in_never_takes_the_place_of_a_file_that_waits(office: Office) -> None:
    dropped(office.settings, "a.xlsx", b"still being copied")
    good = edited(office.template, figure("DOCTORS_PER_10000", 16.5))
    receipt = hand_in(office.settings, office.records, "../a.xlsx", good, "b", "tester", lambda: RECEIVED_AT)
    assert (receipt.submission.file_name, receipt.submission.outcome) == ("a (2).xlsx", "accepted")
    assert (office.settings.inbox_dir / "a.xlsx").read_bytes() == b"still being copied"
    with pytest.raises(TooLarge):
        hand_in(office.settings, office.records, "b.xlsx", bytes(MOST_BYTES + 1), "b", "tester")


def test_a_changed_stamp_is_sent_back_without_a_crash(office: Office) -> None:
    receipt = office.sends(stamp_changed('"period_id":"2025"', '"period_id":"lately"'))
    assert [problem["code"] for problem in receipt.submission.problems] == ["stamp_damaged"]


def test_senders_that_nobody_knows_get_an_answer_too(office: Office) -> None:
    stranger = office.sends(
        stamp_changed('"source_id":"department_health"', '"source_id":"department_weather"')
    )
    assert [problem["code"] for problem in stranger.submission.problems] == ["unknown_department"]
    assert "department_weather" in stranger.submission.problems[0]["message_vi"]
    assert stranger.retrieval is None
    assert stranger.as_outcome.is_fault
    broken = office.folder / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 cut off")
    receipt = receive(office.settings, office.records, broken, "b", "tester", lambda: RECEIVED_AT)
    assert [problem["code"] for problem in receipt.submission.problems] == ["not_a_workbook"]
    assert load_workbook(receipt.answer).sheetnames == [PROBLEM_SHEET]


def test_last_values_of_the_release_in_force_are_held_against_a_slip(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sources.submission.in_force import LastValue

    last = LastValue(Decimal("834"), "person", "2022", date(2022, 12, 31), "not_stated", "Cơ quan thử")
    known = InForce("made-up", {("VN-04", "DOCTORS_TOTAL"): [last]})
    monkeypatch.setattr("sources.submission.receive.in_force", lambda settings: known)
    receipt = office.sends(figure("DOCTORS_TOTAL", 900_000))
    (problem,) = receipt.submission.problems
    assert problem["code"] == "unit_slip"
    assert "834 người, Năm 2022" in problem["message_vi"]


def test_the_inbox_is_emptied_and_what_is_still_copied_waits(office: Office) -> None:
    settings = office.settings
    good = edited(office.template, figure("DOCTORS_PER_10000", 16.5))
    assert waiting_files(settings) == []
    dropped(settings, "good.xlsx", good)
    half = dropped(settings, "half.xlsx", good[: len(good) // 2])
    dropped(settings, "~$good.xlsx", b"lock")
    (settings.inbox_dir / "link.xlsx").symlink_to(office.folder)
    receipts = receive_inbox(settings, office.records, "b", lambda: RECEIVED_AT)
    assert [(one.submission.file_name, one.submission.outcome) for one in receipts] == [
        ("good.xlsx", "accepted")
    ]
    assert not (settings.inbox_dir / "good.xlsx").exists()
    long_ago = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    os.utime(half, (long_ago, long_ago))
    receipts = receive_inbox(settings, office.records, "b", lambda: RECEIVED_AT)
    assert [one.submission.outcome for one in receipts] == ["returned"]
    assert {path.name for path in settings.inbox_dir.iterdir()} >= {"~$good.xlsx", "link.xlsx"}


def test_a_file_killed_before_it_left_the_inbox_is_received_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped(office.settings, "good.xlsx", edited(office.template, figure("DOCTORS_PER_10000", 16.5)))

    unlink = Path.unlink

    def killed(path: Path, missing_ok: bool = False) -> None:
        if path.parent == office.settings.inbox_dir:
            raise KeyboardInterrupt
        unlink(path, missing_ok=missing_ok)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "unlink", killed)
        receive_inbox(office.settings, office.records, "b", lambda: RECEIVED_AT)
    (receipt,) = receive_inbox(office.settings, office.records, "b", lambda: RECEIVED_AT)
    assert receipt.submission.outcome == "accepted"
    assert receipt.retrieval is not None
    assert receipt.retrieval.outcome == "unchanged"


def test_receipts_hold_plain_data(office: Office) -> None:
    receipt = office.sends(figure("DOCTORS_PER_10000", 16.5))
    with state.reading(office.settings) as connection:
        (kept,) = submissions(connection, submission_id=receipt.submission.submission_id)
    assert kept == receipt.submission
    assert json.dumps(kept.accepted)
    assert io.BytesIO(landing.get(office.settings, str(kept.snapshot_sha256))).read(2) == b"PK"
