"""Import: what may come in, what it differs in, and that a version never changes."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from sources.compile import Versions, inputs_hash, write_inputs
from sources.plan.amendment import Amendment
from sources.plan.difference import Change
from sources.plan.importing import ExaminedPlan, examine, import_plan
from sources.plan.known import IMPORTED_ROUTE, library
from sources.plan.package import MOST_BYTES, NoPackage, read_package
from sources.plan.reading import read_plan
from sources.problems import Problem
from sources.retrieve import retrieve_plan
from store import state
from store.settings import Settings
from tests.sources.plans import (
    TARGET,
    VERSION,
    csv_bytes,
    document,
    files_of,
    small_files,
    tables,
    target,
    whole_files,
    write,
)

NEW = "02-TEST-2024"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AMENDMENT = Amendment(NEW, "02/TEST", date(2024, 5, 6))
VERSIONS = Versions("rules-1", "method-1", "code-1")


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with one plan that ships, and an empty state database."""
    made = settings.model_copy(update={"plans_dir": tmp_path / "plans"})
    write(made.plans_dir / VERSION, whole_files())
    state.migrate(made)
    return made


def bring(home: Settings, path: Path, **options: str | Amendment) -> ExaminedPlan:
    examined, problems = examine(home, path, **options)  # type: ignore[arg-type]
    assert examined is not None, problems
    import_plan(home, examined, "import", "tester", lambda: NOON)
    return examined


def refused(home: Settings, path: Path, **options: str | Amendment) -> list[str]:
    examined, problems = examine(home, path, **options)  # type: ignore[arg-type]
    assert examined is None
    return [f"{problem.file}: {problem.message}" for problem in problems]


def another(**changes: object) -> dict[str, bytes]:
    """The files of another version of the plan, adopted later."""
    later = {"plan_version": NEW, "adopted_on": "2024-05-06", "vintage_at": None}
    return files_of(document(**(later | changes)), tables())


def archive(files: dict[str, bytes], folder: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(f"{folder}{name}", data)
    return buffer.getvalue()


def workbook(content: dict[str, object], sheets: dict[str, list[dict[str, str]]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "plan"
    sheet.append(["key", "value"])
    for name, value in content.items():
        sheet.append([name, value])
    for name, rows in sheets.items():
        lines = csv_bytes(name, rows).decode().splitlines()
        header = lines[0].split(",")
        sheet = book.create_sheet(name.removesuffix(".csv"))
        sheet.append(header)
        for row in rows:
            cells = [row.get(column) or None for column in header]
            # A person types numbers and ticks; a workbook keeps them as numbers and booleans.
            sheet.append([float(c) if c and c.replace(".", "", 1).isdigit() else c for c in cells])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def known_after(home: Settings) -> tuple[list[state.Vintage], list[state.Retrieval]]:
    with state.reading(home) as connection:
        return state.vintages(connection), state.latest_retrieval_per_document(connection)


def compiled(home: Settings) -> dict[str, pl.DataFrame]:
    vintages, outcomes = known_after(home)
    inputs = write_inputs(home, date(2026, 11, 22), {}, vintages, outcomes, VERSIONS)
    names = (
        "plan_area",
        "plan_document",
        "plan_target",
        "plan_annotation_subject",
        "plan_list_member",
        "vintage",
    )
    return {name: pl.read_parquet(inputs.directory / f"{name}.parquet") for name in names}


def test_an_imported_plan_is_one_of_the_plans(home: Settings, tmp_path: Path) -> None:
    retrieve_plan(home, VERSION, "batch", lambda: NOON)
    before = inputs_hash(date(2026, 11, 22), {}, *known_after(home), VERSIONS, home_area_id="VN-04")
    write(tmp_path / "new", another(supersedes=VERSION))
    examined = bring(home, tmp_path / "new")
    assert not examined.is_known
    assert inputs_hash(date(2026, 11, 22), {}, *known_after(home), VERSIONS, home_area_id="VN-04") != before
    tables_ = compiled(home)
    reference = dict(tables_["plan_document"].select("plan_version", "is_reference").iter_rows())
    assert reference == {VERSION: False, NEW: True}
    assert tables_["plan_target"].group_by("plan_version").len().sort("plan_version").rows() == [
        (VERSION, 7),
        (NEW, 7),
    ]
    roads = tables_["plan_target"].filter(pl.col("target_id") == "MS_ROAD", pl.col("plan_version") == NEW)
    (road,) = roads.rows(named=True)
    assert (road["target_type"], road["indicator_code"], road["value_low"]) == ("milestone", None, None)
    assert (road["domain"], road["action"], road["due_rule"], road["cell_ref"]) == (
        "infrastructure",
        "build",
        "before",
        "row 2",
    )
    milestones = tables_["vintage"].filter(document="milestones", route=IMPORTED_ROUTE)
    assert road["snapshot_sha256"] == milestones["snapshot_sha256"].item()
    assert milestones["vintage_at"].item() == datetime(2026, 11, 22, 12, 0)
    subjects = tables_["plan_annotation_subject"].filter(plan_version=NEW)
    assert subjects.select("subject_type", "subject_id").rows() == [
        ("clause", "I.2"),
        ("list", "L_TOWNS"),
        ("target", "MS_ROAD"),
    ]


def test_the_same_content_changes_nothing(home: Settings, tmp_path: Path) -> None:
    write(tmp_path / "new", another())
    bring(home, tmp_path / "new")
    vintages, _ = known_after(home)
    assert bring(home, tmp_path / "new").is_known
    assert known_after(home)[0] == vintages
    with state.reading(home) as connection:
        events = state.audit_events(connection, action="plan_imported")
    assert [(event.actor, event.subject) for event in events] == [("tester", NEW)]


@pytest.mark.parametrize("imported", [True, False])
def test_a_version_never_changes(home: Settings, tmp_path: Path, imported: bool) -> None:
    version = NEW if imported else VERSION
    if imported:
        write(tmp_path / "first", another())
        bring(home, tmp_path / "first")
    write(tmp_path / "again", another(plan_version=version, title_vi="Tên khác"))
    assert refused(home, tmp_path / "again") == [
        f"plan.yml: there is a plan {version} with another content, and a version never changes"
    ]


def test_a_directory_does_not_replace_an_imported_plan(home: Settings, tmp_path: Path) -> None:
    write(tmp_path / "new", another())
    bring(home, tmp_path / "new")
    shipped = another(vintage_at="2026-01-02")
    write(home.plans_dir / NEW, shipped)
    outcomes = retrieve_plan(home, NEW, "batch", lambda: NOON)
    assert {outcome.outcome for outcome in outcomes} == {"quarantined"}
    assert "was imported with another content" in (outcomes[0].reason or "")
    plans = compiled(home)["plan_document"]
    assert plans.filter(plan_version=NEW)["title_vi"].item() == "Văn bản thử"


def test_all_problems_come_together_and_nothing_is_written(home: Settings, tmp_path: Path) -> None:
    files = small_files(
        TARGET | {"indicator_code": "NO_SUCH", "unit": "furlong"},
        plan_version=NEW,
        supersedes="00-NONE",
        area_id="VN-99",
    )
    write(tmp_path / "new", files | {"target.csv": b""})
    said = refused(home, tmp_path / "new")
    for part in ("'NO_SUCH'", "'furlong'", "'VN-99'", "no plan '00-NONE'", "a plan has no such file"):
        assert any(part in line for line in said), (part, said)
    assert known_after(home)[0] == []


def test_the_difference_is_field_by_field(home: Settings, tmp_path: Path) -> None:
    made = tables()
    made["targets.csv"][3] |= {"value_low": "1600.5", "comparator": "ge"}
    made["targets.csv"].append(
        target("T_STANDARD_2030", "300", "300 trường đạt chuẩn", 2, indicator_code="SCHOOLS_STANDARD")
    )
    made["milestones.csv"].pop(0)
    made["annotations.csv"] = []
    del made["ledger.csv"]
    facts = {"plan_version": NEW, "text_sha256": None, "text_lines": None}
    write(tmp_path / "new", files_of(document(**facts), made))
    examined, problems = examine(home, tmp_path / "new")
    assert examined is not None, problems
    difference = examined.difference
    assert difference is not None
    assert difference.against == VERSION, "the reference, where the plan supersedes none"
    assert (difference.added, difference.removed) == (["T_STANDARD_2030"], ["MS_ROAD"])
    assert difference.changed == [
        Change("T_AREA_2030", "comparator", "eq", "ge"),
        Change("T_AREA_2030", "value_low", "1500.5", "1600.5"),
    ]


def test_an_amended_table_of_targets_makes_a_whole_plan(home: Settings, tmp_path: Path) -> None:
    made = tables()
    made["targets.csv"][0] |= {"value_low": "560", "printed_text": "có 560 trường"}
    made["targets.csv"][2] |= {"value_low": "360"}
    path = tmp_path / "amended.csv"
    path.write_bytes(csv_bytes("targets.csv", [made["targets.csv"][0], made["targets.csv"][2]]))
    examined = bring(home, path, amends=VERSION, amendment=AMENDMENT)
    document_ = examined.plan.document
    assert (document_.plan_version, document_.supersedes, document_.number) == (NEW, VERSION, "02/TEST")
    assert (document_.adopted_on, document_.issuer_vi, document_.text_sha256) == (
        date(2024, 5, 6),
        "Cơ quan thử",
        None,
    )
    assert len(examined.plan.milestones) == 2
    assert len(examined.plan.members) == 3
    kept = {relation.relation_id for _, relation in examined.plan.relations}
    assert kept == set(), "every relation was one of a figure that changed"
    assert examined.plan.ledger == []
    assert examined.difference is not None
    assert [change.field for change in examined.difference.changed] == [
        "value_low",
        "printed_text",
        "value_low",
    ]
    assert examined.difference.counts == {"carried_over": 5, "changed": 2, "added": 0, "removed": 0}
    assert examined.difference.relations_dropped == ["R_INTERIM", "R_PART", "R_SUM"]
    assert [target.target_id for _, target in examined.plan.targets] == [
        row["target_id"] for row in tables()["targets.csv"]
    ], "what the table does not name is carried over, in its place"
    assert list(library(home).plans) == [VERSION, NEW]


def test_what_an_amendment_leaves_alone_keeps_its_annotations(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "amended.csv"
    path.write_bytes(csv_bytes("targets.csv", []))
    examined = bring(home, path, amends=VERSION, amendment=replace(AMENDMENT, removed=("T_AREA_2030",)))
    plan = examined.plan
    assert examined.difference is not None
    assert (examined.difference.removed, examined.difference.counts["carried_over"]) == (["T_AREA_2030"], 6)
    assert [row.subjects for _, row in plan.annotations] == ["MS_ROAD|clause:I.2|list:L_TOWNS"]
    assert {row.relation_id for _, row in plan.relations} == {"R_SUM", "R_PART", "R_INTERIM"}


def test_an_amendment_adds_and_a_whole_table_replaces(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "amended.csv"
    more = target("T_STANDARD_2030", "300", "300 trường đạt chuẩn", 2, indicator_code="SCHOOLS_STANDARD")
    path.write_bytes(csv_bytes("targets.csv", [more]))
    added, problems = examine(home, path, amends=VERSION, amendment=AMENDMENT)
    assert added is not None and added.difference is not None, problems
    assert added.difference.counts == {"carried_over": 7, "changed": 0, "added": 1, "removed": 0}
    assert [row.relation_id for _, row in added.plan.relations] == ["R_SUM", "R_SUM", "R_PART", "R_INTERIM"]
    whole, problems = examine(home, path, amends=VERSION, amendment=replace(AMENDMENT, replaces_all=True))
    assert whole is not None and whole.difference is not None, problems
    assert whole.difference.counts == {"carried_over": 2, "changed": 0, "added": 1, "removed": 5}


def test_a_removal_names_what_is_there_and_not_amended(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "amended.csv"
    path.write_bytes(
        csv_bytes(
            "targets.csv", [TARGET | {"value_low": "560"}, TARGET | {"clause": "X", "target_id": "T_NEW"}]
        )
    )
    amendment = replace(AMENDMENT, removed=("T_NONE", "T_SCHOOLS_2030"))
    _, problems = examine(home, path, amends=VERSION, amendment=amendment)
    said = [f"{problem.place}: {problem.message}" for problem in problems]
    assert said[:2] == [
        f"T_NONE: {VERSION} has no target or milestone 'T_NONE'",
        "T_SCHOOLS_2030: the table has a row for it",
    ]
    assert any(line.startswith("row 3 of amended.csv: clause 'X'") for line in said), (
        "the row of the table given"
    )


def test_a_broken_row_does_not_hide_the_others(home: Settings, tmp_path: Path) -> None:
    made = tables()
    made["targets.csv"][0] |= {"comparator": "more", "unit": "furlong"}
    del made["targets.csv"][3]
    made["targets.csv"][1]["value_low"] = "201"
    made["members.csv"].pop()
    facts = {"plan_version": NEW, "vintage_at": None}
    write(tmp_path / "new", files_of(document(**facts), made))
    said = refused(home, tmp_path / "new")
    for part in (
        "'more' is not a known value",
        "'furlong' is not in unit.csv",
        "'T_AREA_2030' is not in targets.csv",
        "is no figure of T_PRESCHOOLS_2030",
        "the document counts 3 in L_TOWNS",
    ):
        assert any(part in line for line in said), (part, said)
    assert not any("'T_SCHOOLS_2030'" in line for line in said), "a broken row is no missing row"


def test_a_plan_that_cannot_be_the_reference_is_compared_with_what_it_names(
    home: Settings, tmp_path: Path
) -> None:
    old = {"legal_status": "superseded", "adopted_on": "2001-01-01"}
    write(tmp_path / "old", another(**old))
    examined, problems = examine(home, tmp_path / "old")
    assert examined is not None, problems
    assert examined.difference is None
    write(tmp_path / "named", another(supersedes=VERSION, **old))
    examined, _ = examine(home, tmp_path / "named")
    assert examined is not None and examined.difference is not None
    assert examined.difference.against == VERSION


PROVINCE = {
    "area_id": "VN-99",
    "code": "99",
    "level": "province",
    "kind_vi": "tỉnh",
    "name_vi": "Tỉnh Thử Nghiệm (dữ liệu giả định)",
    "name_en": "Test province (made-up data)",
    "valid_from": "2025-07-01",
    "parent_area_id": "VN",
}


def of_another_province(**area: str) -> dict[str, bytes]:
    """The files of a plan of a made-up province that the seed does not have."""
    made = tables() | {"areas.csv": [PROVINCE | area]}
    for row in (*made["targets.csv"], *made["milestones.csv"]):
        row["area_id"] = "VN-99"
    return files_of(
        document(plan_version=NEW, adopted_on="2024-05-06", vintage_at=None, area_id="VN-99"), made
    )


@pytest.mark.parametrize("home_area", ["VN-04", "VN-99"])
def test_another_province_brings_its_area_and_is_not_counted_here(
    home: Settings, tmp_path: Path, home_area: str
) -> None:
    home = home.model_copy(update={"area_id": home_area})
    retrieve_plan(home, VERSION, "batch", lambda: NOON)
    write(tmp_path / "province", of_another_province())
    assert bring(home, tmp_path / "province").difference is None, "of its own area there is none before it"
    inputs = compiled(home)
    assert inputs["plan_area"].select("area_id", "name_vi", "valid_from").rows() == [
        ("VN-99", "Tỉnh Thử Nghiệm (dữ liệu giả định)", date(2025, 7, 1))
    ]
    reference = dict(inputs["plan_document"].select("plan_version", "is_reference").iter_rows())
    assert reference == {VERSION: home_area == "VN-04", NEW: home_area == "VN-99"}
    assert set(inputs["plan_target"].filter(plan_version=NEW)["area_id"]) == {"VN-99"}


@pytest.mark.parametrize(
    ("area", "message"),
    [
        ({"area_id": "VN-04"}, "area.csv has VN-04 with another code"),
        ({"parent_area_id": "VN-98"}, "'VN-98' is neither in area.csv nor in areas.csv"),
        ({"parent_area_id": ""}, "every area but a country lies in another one"),
        ({"valid_to": "2020-01-01"}, "valid_to comes before valid_from"),
        ({"level": "canton"}, "'canton' is not a known value"),
        ({"area_id": "VN-98"}, "'VN-99' is not in area.csv"),
    ],
)
def test_an_area_that_does_not_fit_is_refused(
    home: Settings, tmp_path: Path, area: dict[str, str], message: str
) -> None:
    write(tmp_path / "province", of_another_province(**area))
    assert any(message in line for line in refused(home, tmp_path / "province"))


def test_an_area_is_described_alike_by_all_plans(home: Settings, tmp_path: Path) -> None:
    write(tmp_path / "province", of_another_province())
    bring(home, tmp_path / "province")
    files = of_another_province(name_vi="Tên khác")
    files["plan.yml"] = files["plan.yml"].replace(NEW.encode(), b"03-TEST-2025")
    write(tmp_path / "again", files)
    assert f"areas.csv: plan {NEW} describes VN-99 in another way" in refused(home, tmp_path / "again")[0]


def test_a_table_that_amends_nothing_known_is_a_usage_error(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "amended.csv"
    path.write_bytes(b"")
    with pytest.raises(NoPackage, match="there is no plan 00-NONE to amend"):
        examine(home, path, amends="00-NONE", amendment=AMENDMENT)
    with pytest.raises(NoPackage, match="say which document it amends"):
        examine(home, path)
    write(tmp_path / "new", another())
    with pytest.raises(NoPackage, match="--amends goes with"):
        examine(home, tmp_path / "new", amends=VERSION, amendment=AMENDMENT)
    assert "missing" in refused(home, path, amends=VERSION, amendment=AMENDMENT)[0]


def package(tmp_path: Path, name: str, data: bytes) -> tuple[dict[str, bytes], list[Problem]]:
    (tmp_path / name).write_bytes(data)
    return read_package(tmp_path / name)


@pytest.mark.parametrize("folder", ["", "plan/"])
def test_an_archive_holds_the_files_of_a_plan(tmp_path: Path, folder: str) -> None:
    assert package(tmp_path, "plan.zip", archive(whole_files(), folder)) == (whole_files(), [])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (archive({"plan.yml": b"0" * (MOST_BYTES + 1)}), "it unpacks to 1 files"),
        (archive({f"{number}.csv": b"" for number in range(200)}), "it unpacks to 200 files"),
        (archive({"plan.yml": b"", "../targets.csv": b""}), "its files lie in"),
        (archive({"../plan.yml": b""}), "its files lie in"),
        (archive({"/etc/plan.yml": b""}), "its files lie in"),
        (archive({"plan.yml": b"", "a/targets.csv": b""}), "its files lie in"),
        (archive({"plan.yml": b"", "notes.txt": b""}), "a plan has no such file"),
        (archive(whole_files())[:500], "truncated, damaged or locked"),
        (b"PK no archive", "truncated, damaged or locked"),
    ],
)
def test_an_archive_that_is_no_plan_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    _, problems = package(tmp_path, "plan.zip", data)
    assert any(message in problem.message for problem in problems), problems


def test_other_files_are_no_plan(tmp_path: Path) -> None:
    (tmp_path / "plan.pdf").write_bytes(b"")
    for path in (tmp_path / "plan.pdf", tmp_path / "none.zip"):
        with pytest.raises(NoPackage):
            read_package(path)


def test_a_workbook_has_a_sheet_for_each_table(tmp_path: Path) -> None:
    content = document() | {"adopted_on": date(2020, 1, 1), "vintage_at": None}
    made = tables()
    files, problems = package(tmp_path, "plan-data.xlsx", workbook(content, made))
    assert problems == []
    plan, problems = read_plan(files, "plan-data.xlsx")
    assert plan is not None, problems
    expected, _ = read_plan(files_of(document(), made), "plan")
    assert expected is not None
    assert plan.document == expected.document.model_copy(update={"vintage_at": None})
    for name in ("clauses", "targets", "milestones", "annotations", "lists", "members", "relations"):
        assert getattr(plan, name) == getattr(expected, name), name


def test_a_workbook_with_a_strange_sheet_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Sheet1"
    buffer = io.BytesIO()
    book.save(buffer)
    _, problems = package(tmp_path, "plan-data.xlsx", buffer.getvalue())
    assert [problem.place for problem in problems] == ["sheet Sheet1"]
    _, problems = package(tmp_path, "other.xlsx", b"<html>")
    assert "web page" in problems[0].message
