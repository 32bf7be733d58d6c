"""The page for handing in: a template taken, filled, handed in, its receipt shown; only on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from openpyxl import load_workbook

from sources.registry import load_records
from sources.submission.in_force import InForce
from sources.submission.owed import owed
from sources.submission.template import department_template
from store import state
from store.settings import Settings
from store.submissions import Submission, submissions
from tests.reports.conftest import Show, Shown
from tests.submission.workbooks import Edit, edited, figure

SOURCE = "department_health"
PERSON = "Người nhận số liệu"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home without a release: departments may hand in before the first run."""
    state.migrate(Settings(home=tmp_path / "home"))
    return tmp_path / "home"


def filled(home: Path, *edits: Edit) -> bytes:
    settings = Settings(home=home)
    wanted = owed(settings, load_records(settings.specs_dir).records[SOURCE], "2025")
    return edited(department_template(wanted, InForce(), "code-1").data, *edits)


def handed_in(page: Shown, *files: tuple[str, bytes]) -> Shown:
    page.app.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files])
    page.app.button[0].click().run()
    return Shown(page.app)


def receipts(home: Path) -> list[Submission]:
    with state.reading(Settings(home=home)) as connection:
        return submissions(connection)


def test_a_filled_workbook_is_accepted_and_its_receipt_shown(show: Show, home: Path) -> None:
    page = handed_in(
        show("submit", home=home, person=PERSON),
        ("../../so y te.xlsx", filled(home, figure("DOCTORS_PER_10000", 16.5))),
    )
    assert not page.failed
    (one,) = receipts(home)
    assert (one.outcome, one.source_id, one.file_name) == ("accepted", SOURCE, "so y te.xlsx")
    assert "Biên nhận số 1" in page.words
    assert "Tiếp nhận. Số liệu được dùng từ lần tổng hợp tiếp theo." in page.words
    assert "DOCTORS_PER_10000 2025 16,5 /10.000 dân" in page.words
    assert not [path for path in (home / "inbox").iterdir() if not path.name.startswith(".")]
    assert [path.parent for path in home.rglob("so y te*")] == []


def test_mistakes_are_listed_and_the_marked_copy_can_be_taken(show: Show, home: Path) -> None:
    good, bad = figure("DOCTORS_PER_10000", 16.5), figure("DOCTORS_TOTAL", "chín trăm")
    page = handed_in(
        show("submit", home=home, lang="en", person=PERSON),
        ("a.xlsx", filled(home, good, bad)),
        ("b.txt", b"no workbook"),
    )
    assert not page.failed
    assert [one.outcome for one in receipts(home)] == ["returned", "returned"]
    assert "1 problem to mend" in page.words
    assert "Ô này phải là số, nhưng ghi chữ 'chín trăm'" in page.words
    assert "tệp hỏng hoặc không phải bảng tính" in page.words
    assert len(page.app.get("download_button")) == 2
    marked = next((home / "outbox").glob("00001-*.xlsx"))
    assert any(cell.comment for row in load_workbook(marked)["Số liệu"].iter_rows() for cell in row)


def test_the_template_of_a_department_and_a_period_can_be_taken(show: Show, home: Path) -> None:
    page = show("submit", home=home, person=PERSON)
    assert page.app.selectbox(key="submit_department").value is None, "nothing is chosen for anyone"
    page.app.selectbox(key="submit_department").select(SOURCE)
    page.app.selectbox(key="submit_period").select("2025").run()
    shown = Shown(page.app)
    assert not shown.failed
    assert "Phải báo cáo: 14 số liệu và 1 công trình" in shown.words
    assert [button.proto.label for button in shown.app.get("download_button")] == ["Tải tệp mẫu (.xlsx)"]


def test_no_file_is_taken_of_somebody_unknown(
    show: Show, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Cần đăng nhập" in show("submit", home=home).words
    option = st.get_option
    monkeypatch.setattr(st, "get_option", lambda key: "0.0.0.0" if key == "server.address" else option(key))
    page = show("submit", home=home, person=PERSON)
    assert "Cần đăng nhập" in page.words
    assert not page.app.file_uploader
