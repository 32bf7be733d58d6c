"""`ppw template` and `ppw submission` from end to end, without a run."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.orchestration.conftest import ppw
from tests.submission.workbooks import edited, figure, milestone, ten_mistakes

pytestmark = pytest.mark.integration


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def template(home: Path, department: str) -> Path:
    out = home.parent / f"{department}.xlsx"
    answer = ppw(home, "template", department, "--period", "2025", "--out", str(out), "--json")
    assert answer.code == 0, answer.err
    assert answer.json["file"] == str(out)
    assert answer.json["template_id"].startswith(f"department_{department}-2025-")
    return out


def test_a_workbook_goes_out_and_comes_back(home: Path) -> None:
    out = template(home, "health")
    out.write_bytes(edited(out.read_bytes(), figure("DOCTORS_TOTAL", 900), figure("DOCTORS_PER_10000", 16.5)))
    received = ppw(home, "submission", "receive", str(out), "--json")
    assert received.code == 0, received.err
    (row,) = received.json
    assert (row["outcome"], row["n_figures"], row["document"]) == ("accepted", 2, "2025")
    assert Path(row["answer"]).is_file()
    shown = ppw(home, "submission", "show", str(row["submission_id"]), "--json").json
    assert [one["code"] for one in shown["accepted"]] == ["DOCTORS_PER_10000", "DOCTORS_TOTAL"]
    assert shown["problems"] == []
    listed = ppw(home, "submission", "list", "--json").json
    assert [one["submission_id"] for one in listed] == [row["submission_id"]]
    sources = {one["source_id"]: one for one in ppw(home, "source", "list", "--json").json}
    assert sources["department_health"]["last_outcome"] == "new"
    assert sources["department_health"]["routes"] == "submitted, keyed"


def test_a_bad_one_from_the_inbox_is_returned_with_exit_code_1(home: Path) -> None:
    out = template(home, "agriculture_environment")
    (home / "inbox").mkdir()
    done = milestone("MS_HIGH_TECH_FARMING_AREAS", "Hoàn thành", as_of=date(2026, 1, 2))
    (home / "inbox" / "sent.xlsx").write_bytes(edited(out.read_bytes(), *ten_mistakes(), done))
    received = ppw(home, "submission", "receive", "--json")
    assert received.code == 1
    (row,) = received.json
    # Without a release there is no last value, and 15000 communes are simply too many.
    assert (row["outcome"], row["n_problems"]) == ("returned", 11)
    assert "ppw submission show" in received.err
    shown = ppw(home, "submission", "show", str(row["submission_id"]))
    assert "khoảng 58" in shown.out
    assert "Lỗi phải sửa (11):" in shown.out
    assert "Sở Nông nghiệp và Môi trường" in shown.out
    listed = ppw(home, "submission", "list").out.splitlines()
    assert re.split(r"\s{2,}", listed[0])[:3] == ["Số", "Nhận lúc", "Cơ quan"]
    assert "Năm 2025" in listed[1]
    assert "Trả lại" in listed[1]
    assert "the inbox is empty" in ppw(home, "submission", "receive").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody", "--period", "2025"], "health"),
        (["health", "--period", "SY2025"], "2025-H1"),
        (["health", "--period", "lately"], "not a period id"),
        (["health"], "--letter"),
        (["health", "--letter", "--period", "2025"], "either"),
        (["vna", "--letter"], "keyed"),
    ],
)
def test_a_wrong_request_names_what_there_is(home: Path, arguments: list[str], said: str) -> None:
    answer = ppw(home, "template", *arguments)
    assert answer.code == 2
    assert said in answer.err


def test_an_unknown_receipt_is_told(home: Path) -> None:
    answer = ppw(home, "submission", "show", "7")
    assert answer.code == 1
    assert "ppw submission list" in answer.err
