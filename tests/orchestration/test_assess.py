"""`ppw assess` on a release: the formulas that it ships, what the command prints, how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from store.formulas import SQL_DIR
from store.manifest import ReleaseError, read_manifest
from store.releases import verify
from store.settings import PROJECT_ROOT
from tests.orchestration.conftest import Answer, current, ppw, rows

pytestmark = pytest.mark.integration

PUBLISHED = PROJECT_ROOT / "tests" / "dbt" / "published_cases.json"


def written(folder: Path, data: object) -> str:
    """The path of a JSON file of cases."""
    path = folder / "cases.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return str(path)


def test_a_release_ships_its_formulas_as_files_of_the_manifest(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    release = home / "releases" / current(home)
    manifest = read_manifest(release)
    shipped = {name for name in manifest.files if name.startswith(f"{SQL_DIR}/")}
    assert {f"{SQL_DIR}/method/mth_statcan.sql", f"{SQL_DIR}/assess/asm_level.sql"} <= shipped
    assert {f"{SQL_DIR}/cases.json", f"{SQL_DIR}/case_series.json"} <= shipped
    # They are code: their bytes are vouched for, and no row of the content depends on them.
    assert all(manifest.files[name].key is None for name in shipped)
    for name in shipped:
        text = (release / name).read_text(encoding="utf-8")
        assert str(home) not in text
        assert "read_parquet" not in text
    verify(release)


def test_a_formula_that_was_touched_is_found(home: Path) -> None:
    release = home / "releases" / current(home)
    path = release / SQL_DIR / "method" / "mth_statcan.sql"
    path.write_text(path.read_text(encoding="utf-8").replace("0.95", "0.90"), encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"sql/method/mth_statcan\.sql"):
        verify(release)


def test_published_cases_are_answered_in_order(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    records = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    answer = ppw(home, "assess", "--input", str(PUBLISHED), "--json")
    assert answer.code == 0, answer.err
    found: list[dict[str, Any]] = answer.json
    assert [row["id"] for row in found] == [record["id"] for record in records]
    for record, row in zip(records, found, strict=True):
        for name, printed in record["expected"].items():
            assert row[name] == (pytest.approx(printed, rel=1e-3) if isinstance(printed, float) else printed)


def test_refused_records_are_said_and_the_exit_code_is_1(
    first_run: tuple[Path, Answer], tmp_path: Path
) -> None:
    home, _ = first_run
    record = json.loads(PUBLISHED.read_text(encoding="utf-8"))[0]
    path = written(tmp_path, {"cases": [record | {"method": "eurostat", "id": "x"}, record]})
    answer = ppw(home, "assess", "--input", path, "--json")
    assert answer.code == 1
    refused, answered = answer.json
    assert (refused["id"], refused["refused"]) == ("x", "UNKNOWN_METHOD")
    assert answered["status"] == record["expected"]["status"]
    table = ppw(home, "assess", "--input", path)
    assert table.code == 1
    assert "UNKNOWN_METHOD" in table.out
    assert record["expected"]["status"] in table.out


@pytest.mark.parametrize("content", [None, b"{", b"\xff\xfe\x00", b'{"case": []}', b'"text"', b"[" * 100_000])
def test_a_file_that_cannot_be_used_ends_with_2_and_one_line(
    first_run: tuple[Path, Answer], tmp_path: Path, content: bytes | None
) -> None:
    home, _ = first_run
    path = tmp_path / "cases.json"
    if content is not None:
        path.write_bytes(content)
    answer = ppw(home, "assess", "--input", str(path), "--json")
    assert answer.code == 2
    assert answer.out == ""
    assert len(answer.err.strip().splitlines()) == 1
    assert "cases.json" in answer.err


def test_without_a_release_the_command_says_how_to_make_one(tmp_path: Path) -> None:
    answer = ppw(tmp_path / "empty", "assess", "--input", written(tmp_path, []))
    assert answer.code == 1
    assert "make run" in answer.err


def test_an_older_release_without_formulas_says_so(home: Path, tmp_path: Path) -> None:
    import shutil

    shutil.rmtree(home / "releases" / current(home) / SQL_DIR)
    answer = ppw(home, "assess", "--input", written(tmp_path, []))
    assert answer.code == 1
    assert "ships no formulas" in answer.err


def test_methods_of_other_offices_are_a_table_and_decide_nothing(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    found = rows(home, "select method, status, value, refused_reason from fct_method_result")
    assert found
    assert all(
        row["refused_reason"] is not None or row["status"] or row["value"] is not None for row in found
    )
    decided = rows(home, "select distinct method from fct_assessment")
    assert [row["method"] for row in decided] == ["standard"]
