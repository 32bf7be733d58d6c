"""`ppw read`: exit codes, the document, and one line for a refusal."""

from pathlib import Path

import pytest

from tests.orchestration.conftest import ppw

pytestmark = pytest.mark.integration


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "made_up.csv"
    file.write_text("area;year;value (ha)\nA;2024;1,5\nB;2024;..\n", encoding="utf-8")
    return file


def test_a_file_is_read_as_json_and_for_people(table: Path, tmp_path: Path) -> None:
    answer = ppw(tmp_path, "read", str(table), "--json")
    assert (answer.code, answer.json["format"], answer.json["skipped"]) == (0, "csv", [])
    (found,) = answer.json["tables"]
    assert found["dimensions"] == ["area", "year", "column"]
    assert found["cells"][0] == {
        "ref": "r2c3", "labels": {"area": "A", "year": "2024", "column": "value (ha)"},
        "text": "1,5", "value": 1.5, "missing_code": None,
    }  # fmt: skip
    assert (found["unit"], found["n_cells"], found["n_missing"]) == ("ha", 2, 1)
    printed = ppw(tmp_path, "read", str(table)).out
    assert "csv: 1 tables, 2 cells, 1 of them without a number" in printed
    assert "dots" in printed


def test_a_refused_file_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><html></html>")
    answer = ppw(tmp_path, "read", str(page))
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.count("\n") == 1
    assert "page.html" in answer.err and "Mend:" in answer.err
    assert ppw(tmp_path, "read", str(page), "--json").json["refused"]["place"] == "the whole file"


def test_wrong_usage_is_exit_code_2(table: Path, tmp_path: Path) -> None:
    assert ppw(tmp_path, "read", str(tmp_path / "absent.csv")).code == 2
    assert ppw(tmp_path, "read", str(table), "--as", "docx").code == 2
    assert ppw(tmp_path, "read", str(table), "--as", "px").code == 1
