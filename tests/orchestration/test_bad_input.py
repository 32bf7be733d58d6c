"""Bad input, end to end: a clear message with file, place and mend; nothing lost; others load; exit code."""

import csv
import shutil
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import yaml

from store.settings import PROJECT_ROOT
from tests.orchestration.conftest import Answer, ppw, rows
from tests.submission.workbooks import edited, figure, milestone

pytestmark = pytest.mark.integration


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path, dict[str, str]]:
    """A copy of the records and recorded files that a test may spoil, and the settings that name it."""
    specs, recorded = tmp_path / "specs", tmp_path / "recorded"
    shutil.copytree(PROJECT_ROOT / "sources" / "specs", specs)
    shutil.copytree(PROJECT_ROOT / "sources" / "recorded", recorded)
    return specs, recorded, {"PPW_SPECS_DIR": str(specs), "PPW_RECORDED_DIR": str(recorded)}


def _workbook_record(specs: Path, recorded: Path) -> Path:
    """A record that reads a synthetic workbook; returns the workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "Dân số thử (số liệu tổng hợp để kiểm thử)"
    sheet["B2"] = "2014"
    sheet["A3"], sheet["B3"] = "Cao Bằng", 123.4
    path = recorded / "synthetic_book.xlsx"
    book.save(path)
    record = {
        "source_id": "synthetic_book",
        "title": {"vi": "Sổ thử", "en": "Synthetic book"},
        "publisher": {"vi": "Kiểm thử", "en": "Test"},
        "publisher_kind": "private",
        "rank": 1,
        "origin": "original",
        "licence": "none: synthetic",
        "cadence": "irregular",
        "topic": "population",
        "routes": {
            "recorded": {
                "documents": [
                    {
                        "document": "book",
                        "file": path.name,
                        "vintage_at": date(2026, 11, 20),
                        "published_at_basis": "not_stated",
                    }
                ],
                "reading": {"adapter": "workbook", "tables": [{"title": "dân số thử"}]},
                "mapping": {
                    "area": {"dimension": "row", "labels": {"Cao Bằng": "VN-04"}},
                    "period": {"dimension": "column", "format": "year"},
                    "series": [
                        {"where": {"row": "Cao Bằng"}, "indicator": "POPULATION_AVERAGE", "unit": "thousand_person",
                         "form": "level", "breakdown": "_T"}
                    ],
                },
            }
        },
    }  # fmt: skip
    (specs / "synthetic_book.yml").write_text(yaml.safe_dump(record, allow_unicode=True), encoding="utf-8")
    return path


def test_three_faults_in_one_run(home: Path, sources: tuple[Path, Path, dict[str, str]]) -> None:
    """A spoiled record, a truncated workbook and a label that no mapping claims; every other figure stays or loads."""
    specs, recorded, extra = sources
    before = rows(home, "select count(*) as n from fct_actual")[0]["n"]
    spoiled = specs / "vcci_pci.yml"
    spoiled.write_text(spoiled.read_text(encoding="utf-8") + "\nratio: 3\n", encoding="utf-8")
    book = _workbook_record(specs, recorded)
    book.write_bytes(book.read_bytes()[: book.stat().st_size // 2])
    n_rows = _add_row(
        min(recorded.glob("statistics_office_cao_bang*.csv")), "Chỉ tiêu chưa ai khai báo", "12.5"
    )

    answer = ppw(home, "run", "--json", extra=extra)
    assert answer.code == 1
    problems = {problem["source_id"]: problem for problem in answer.json["source_problems"]}
    assert set(problems) == {"vcci_pci", "synthetic_book"}, (
        "a label that nothing claims is a finding, not a failure"
    )
    assert problems["vcci_pci"]["outcome"] == "failed"
    for word in ("vcci_pci.yml", "ratio", "line"):
        assert word in problems["vcci_pci"]["reason"]
    assert problems["synthetic_book"]["outcome"] == "quarantined"
    for word in ("synthetic_book.xlsx", "Mend"):
        assert word in problems["synthetic_book"]["reason"]

    (said,) = answer.json["unclaimed"]
    for word in (
        "statistics_office_cao_bang",
        f"row {n_rows + 1}",
        "Chỉ tiêu chưa ai khai báo",
        "ppw source test",
    ):
        assert word in said
    unclaimed = rows(home, "select labels_text, cell_ref from fct_cell_unclaimed where reason = 'NO_SERIES'")
    assert len(unclaimed) == 1
    assert "Chỉ tiêu chưa ai khai báo" in unclaimed[0]["labels_text"]
    assert unclaimed[0]["cell_ref"] == f"row {n_rows + 1}"
    findings = rows(home, "select distinct source_id from fct_finding where suite = 'mapping'")
    assert {"source_id": "statistics_office_cao_bang"} in findings

    assert rows(home, "select count(*) as n from fct_actual")[0]["n"] == before, (
        "nothing that was accepted is lost"
    )
    assert rows(home, "select count(*) as n from fct_actual where source_id = 'vcci_pci'")[0]["n"] > 0
    again = ppw(home, "run", "--json", extra=extra)
    assert (again.code, again.json["nothing_new"]) == (1, True), "faults that stay are said again"

    tried = ppw(home, "source", "test", str(specs / "statistics_office_cao_bang.yml"), extra=extra)
    assert tried.code == 1
    assert "Chỉ tiêu chưa ai khai báo" in tried.out


def _add_row(file: Path, indicator: str, value: str) -> int:
    """Add a row to a plain table; returns its number of rows after the header."""
    with file.open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    table.append({**table[0], "indicator": indicator, "value": value})
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    return len(table)


def _department_workbook(home: Path, extra: dict[str, str]) -> None:
    """Drop a made-up report of a department into the inbox: a figure, and a milestone that is done."""
    out = home.parent / "health.xlsx"
    assert ppw(home, "template", "health", "--period", "2025", "--out", str(out), extra=extra).code == 0
    day = date(2025, 12, 1)
    words = {"issuer": "Cơ quan thử", "document": "1/QĐ-THU", "document_date": day, "completed": day}
    done = milestone("MS_HOSPITAL_TINH_TUC", "Hoàn thành", **words)
    (home / "inbox").mkdir(exist_ok=True)
    (home / "inbox" / "health.xlsx").write_bytes(
        edited(out.read_bytes(), figure("DOCTORS_TOTAL", 905, note="Số liệu thử"), done)
    )


def with_population_issue(specs: Path, recorded: Path, changes: dict[tuple[str, str], str]) -> None:
    """A further issue of the population figures in which some values are other ones; a synthetic revision."""
    file = specs / "nso_population.yml"
    record = yaml.safe_load(file.read_text(encoding="utf-8"))
    documents = record["routes"]["recorded"]["documents"]
    latest = next(document for document in documents if document["document"] == "e02_01_2025")
    with (recorded / latest["file"]).open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    changed = 0
    for row in table:
        key = (row["area"], row["period"])
        if key in changes and row["indicator"] == "Dân số trung bình":
            row["value"] = changes[key]
            changed += 1
    assert changed == len(changes)
    with (recorded / "synthetic_issue.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    day = date(2026, 11, 21)
    documents.append(
        {"document": "synthetic_issue", "file": "synthetic_issue.csv", "vintage_at": day, "published_at": day,
         "published_at_basis": "printed"}
    )  # fmt: skip
    file.write_text(yaml.safe_dump(record, allow_unicode=True, sort_keys=False), encoding="utf-8")


def test_one_wrong_figure_is_held_and_the_others_move_on(
    home: Path, sources: tuple[Path, Path, dict[str, str]]
) -> None:
    """In one run: a wrong figure among good ones, a workbook of a new source, what a department sent in."""
    specs, recorded, extra = sources
    # A digit too many for Cao Bằng in 2024, and a plausible revision of 2023.
    with_population_issue(specs, recorded, {("Cao Bằng", "2024"): "5584.61", ("Cao Bằng", "2023"): "548.1"})
    _workbook_record(specs, recorded)
    _department_workbook(home, extra)
    answer = ppw(home, "run", "--json", extra=extra)
    assert answer.code == 0, answer.err
    assert answer.json["new_release"] is True
    _one_is_held_and_the_other_moves_on(home, answer)
    figures = rows(
        home,
        "select o.value_text, o.cell_ref from fct_actual a join fct_observation o using (observation_key) "
        "where a.period_id = '2014' and a.source_id = 'synthetic_book'",
    )
    assert figures == [{"value_text": "123.4", "cell_ref": "Sheet!B3"}]
    # What a department sent in went the same road in the same run.
    figures = rows(home, "select value, maturity from fct_actual where source_id = 'department_health'")
    assert figures == [{"value": 905, "maturity": "preliminary"}]
    milestones = rows(
        home, "select state, evidence from fct_milestone where target_id = 'MS_HOSPITAL_TINH_TUC'"
    )
    assert milestones == [{"state": "done", "evidence": "Cơ quan thử, 1/QĐ-THU, 01/12/2025"}]


def _one_is_held_and_the_other_moves_on(home: Path, answer: Answer) -> None:
    actuals = rows(
        home,
        "select period_id, value from fct_actual where indicator_code = 'POPULATION_AVERAGE' and area_id = 'VN-04' "
        "and breakdown = '_T' and period_id in ('2023', '2024') order by 1",
    )
    assert actuals == [{"period_id": "2023", "value": 548.1}, {"period_id": "2024", "value": 558.461}]
    published = [said for said in answer.json["held"] if "(component " not in said]
    assert ["5584.61" in said for said in published] == [True]
    # What is worked out from it is held with it.
    assert any("POPULATION_DENSITY" in said for said in answer.json["held"] if said not in published)
    (held,) = rows(home, "select value, held from fct_observation where held and origin <> 'derived'")
    assert held == {"value": 5584.61, "held": True}
    findings = rows(
        home, "select outcome from fct_finding where severity = 'error' and source_id <> 'ppw_derived'"
    )
    assert [row["outcome"] for row in findings] == ["failed"]
    changes = rows(home, "select from_value, to_value, reason from fct_release_change where table_name = 'fct_actual' "
                         "and column_name = 'value' and row_key like '%POPULATION_AVERAGE%'")  # fmt: skip
    assert [(change["from_value"], change["to_value"]) for change in changes] == [
        ("547.857427506693", "548.1")
    ]
    assert "SNAPSHOTS" in changes[0]["reason"]


def test_source_test_names_place_and_mend(home: Path, tmp_path: Path) -> None:
    record = tmp_path / "broken.yml"
    record.write_text("source_id: broken\ntitel: {vi: a, en: b}\n", encoding="utf-8")
    answer: Answer = ppw(home, "source", "test", str(record))
    assert answer.code == 1
    for word in ("broken.yml", "titel", "title"):
        assert word in answer.out + answer.err
