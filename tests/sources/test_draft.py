"""Drafts of records: what the table says is filled in, what a person decides is refused until it is."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from sources.cells import ReadingError
from sources.draft import draft_of_address, draft_of_file, id_from, is_source_id, known_areas
from sources.draft_live import facts_of_address
from sources.fetch import Fetcher, FetchLimits
from sources.problems import Problem
from sources.record import SourceRecord
from sources.registry import read_record
from store.settings import PROJECT_ROOT
from tests.servers.pxweb import PxwebTable, PxwebVariable, serve_pxweb

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
DAY = date(2026, 1, 2)
DECISIONS = {
    "vi": '"Tên"', "en": '"A name"', "publisher_kind": "research", "rank": "5", "origin": "original",
    "licence": "none", "cadence": "annual", "topic": "population",
    "calendar": '{nothing_due: {vi: "Một lần", en: "Once"}}', "indicator": "POPULATION_AVERAGE",
    "unit": "thousand_person", "form": "level", "constant": '"2024"',
}  # fmt: skip


def decided(draft: str) -> str:
    """Fill in each DECIDE as a person would."""
    return re.sub(
        r"^( *)(\w+): *# DECIDE.*$",
        lambda found: f"{found[1]}{found[2]}: {DECISIONS[found[2]]}",
        draft,
        flags=re.MULTILINE,
    )


def not_todo(draft: str, problems: list[Problem]) -> list[Problem]:
    """The problems that stand on a line without DECIDE."""
    lines = draft.splitlines()

    def line(problem: Problem) -> str:
        found = re.match(r"line (\d+)", problem.place)
        return lines[int(found[1]) - 1] if found else ""

    return [problem for problem in problems if "DECIDE" not in line(problem)]


def checked(draft: str) -> SourceRecord:
    """Return the record of a draft once decided; before that only its DECIDE lines are wrong."""
    undecided, problems = read_record(draft, "made.yml")
    assert undecided is None
    assert not not_todo(draft, problems), not_todo(draft, problems)
    record, problems = read_record(decided(draft), "made.yml")
    assert record is not None, problems
    return record


def drafted(tmp_path: Path, name: str, content: str) -> str:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    return draft_of_file("made", file, SEEDS, DAY)


def test_a_px_file_fills_in_dimensions_areas_periods_and_units() -> None:
    file = PROJECT_ROOT / "tests" / "docs" / "synthetic_population.px"
    draft = draft_of_file("made", file, SEEDS, DAY)
    mapping = checked(draft).route("recorded").mapping
    assert mapping is not None
    assert mapping.area.model_dump() == {"dimension": "Địa phương", "labels": {"Cao Bằng": "VN-04"}}
    assert mapping.period.model_dump() == {"dimension": "Năm", "format": "year"}
    assert [series.where for series in mapping.series] == [
        {"Chỉ tiêu": "Tổng số"}, {"Chỉ tiêu": "Thành thị"}, {"Chỉ tiêu": "Nông thôn"},
    ]  # fmt: skip
    assert draft.count("unit: thousand_person") == 3
    assert mapping.ignore[0].except_ == ["Cao Bằng"]


def test_a_csv_without_area_or_period_leaves_them_to_a_person(tmp_path: Path) -> None:
    draft = drafted(tmp_path, "a.csv", "nhóm;giá trị (ha)\nA;1,5\nB;2,5\n")
    assert "constant:  # DECIDE: the area" in draft and "constant:  # DECIDE: the period" in draft
    draft = draft.replace("constant:  # DECIDE: the area", "constant: VN-04  # the area")
    record, problems = read_record(decided(draft), "made.yml")
    assert record is not None, problems
    assert record.route("recorded").reading.model_dump(exclude_defaults=True) == {
        "adapter": "csv_table", "figures": ["giá trị (ha)"], "decimal_mark": "comma",
    }  # fmt: skip


def test_a_json_stat_dataset_with_many_labels_does_not_grow_without_end(tmp_path: Path) -> None:
    sizes = {"area": ["Cao Bằng", "Hà Nội"], "Năm": ["2023", "2024"], "x": [str(n) for n in range(100, 170)]}
    dimension = {
        name: {"category": {"index": [str(n) for n in range(len(labels))], "label": dict(enumerate(labels))}}
        for name, labels in sizes.items()
    }
    count = 2 * 2 * 70
    dataset = {
        "class": "dataset", "label": "Bảng", "id": list(sizes), "size": [len(v) for v in sizes.values()],
        "dimension": dimension, "value": list(range(count)),
    }  # fmt: skip
    draft = drafted(tmp_path, "a.json", json.dumps(dataset))
    assert "and 30 combinations more" in draft
    mapping = checked(draft).route("recorded").mapping
    assert mapping is not None and len(mapping.series) == 40


def test_a_name_that_two_areas_have_is_no_area() -> None:
    areas = known_areas(SEEDS)
    assert areas["cao bang"] == "VN-04"
    assert areas["whole country"] == areas["ca nuoc"] == "VN"
    assert "hung dao" not in areas


def test_an_archive_and_a_page_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match="web page"):
        drafted(tmp_path, "a.html", "<html></html>")


def test_ids_are_made_of_names() -> None:
    assert id_from("https://host/api/v1/vi/V02/V02.01.px") == "v02_01"
    assert id_from("Dân số Cao Bằng 2024.xlsx") == "dan_so_cao_bang_2024"
    assert id_from("2024.csv") == "source_2024"
    assert is_source_id("a_1") and not is_source_id("A")


@pytest.mark.integration
def test_a_pxweb_address_gives_the_live_route() -> None:
    table = PxwebTable(
        "Dân số", [PxwebVariable("Địa phương", ["CẢ NƯỚC", "Cao Bằng"]), PxwebVariable("Năm", ["2023", "2024"])], {}
    )  # fmt: skip
    with serve_pxweb(table) as server:
        limits = FetchLimits(allow_hosts=(server.host,))
        fetch, facts = facts_of_address(server.address, Fetcher(limits))
        draft = draft_of_address("made", server.address, fetch, facts, SEEDS)
    assert "recorded:" not in draft
    assert 'dimension: "Địa phương"' in draft and '"Cao Bằng": VN-04' in draft
    undecided, problems = read_record(draft, "made.yml")
    assert undecided is None and not not_todo(draft, problems)
