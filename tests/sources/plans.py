"""A plan document for tests, with its text: made by hand, no promise here is one of a real plan."""

import csv
import hashlib
import io
from copy import deepcopy
from pathlib import Path

import yaml

from sources.plan.ledger import tokens
from sources.plan.plan import TABLE_MODELS, Plan
from sources.plan.reading import read_plan
from sources.plan.rows import columns_of
from sources.problems import Problem

Row = dict[str, str]
Tables = dict[str, list[Row]]

VERSION = "01-TEST-2020"
TEXT = """\
I. Mục tiêu thử đến năm 2030
1. Trường học: có 550 trường, trong đó 200 trường mầm non và 350 trường phổ thông;
diện tích trường là 1.500,5 ha.
2. Nâng cấp 3 thị trấn: Sông Trên, Sông Dưới, Núi Cao.
Xây dựng đường 205 trước năm 2028. Đến năm 2025 có 500 trường.
"""
DOCUMENT: dict[str, object] = {
    "plan_version": VERSION,
    "kind": "long_term",
    "legal_status": "adopted",
    "targets_transcribed": True,
    "area_id": "VN-04",
    "period_start": 2021,
    "period_end": 2030,
    "number": "01/TEST",
    "title_vi": "Văn bản thử",
    "title_en": "A document for tests",
    "issuer_vi": "Cơ quan thử",
    "issuer_en": "An office for tests",
    "adopted_on": "2020-01-01",
    "vintage_at": "2026-01-02",
}


def target(target_id: str, value: str, printed: str, line: int, **more: str) -> Row:
    """A count of schools to 2030, unless told otherwise."""
    return {
        "target_id": target_id,
        "indicator_code": "SCHOOLS_TOTAL",
        "name_vi": "Số trường",
        "name_en": "Schools",
        "area_id": "VN-04",
        "target_type": "count",
        "comparator": "eq",
        "value_low": value,
        "unit": "school",
        "period_end": "2030",
        "horizon_inferred": "false",
        "clause": "I.1",
        "line": str(line),
        "printed_text": printed,
        "aspiration": "false",
        "direction": "increase",
        "headline": "false",
        "reading_status": "proposed",
    } | more


def milestone(target_id: str, printed: str, line: int, **more: str) -> Row:
    """Something to be upgraded by the end of 2030, unless told otherwise."""
    return {
        "target_id": target_id,
        "name_vi": "Việc thử",
        "name_en": "A thing for tests",
        "area_id": "VN-04",
        "domain": "infrastructure",
        "action": "upgrade",
        "period_end": "2030",
        "due_rule": "by_end",
        "horizon_inferred": "true",
        "clause": "I.2",
        "line": str(line),
        "printed_text": printed,
        "aspiration": "false",
        "headline": "false",
        "reading_status": "proposed",
    } | more


def relation(relation_id: str, kind: str, target_id: str, to_target_id: str, **more: str) -> Row:
    """What one promise has to do with another."""
    ends = {"target_id": target_id, "to_target_id": to_target_id}
    return {"relation_id": relation_id, "kind": kind} | ends | more


TARGET = target("T_SCHOOLS_2030", "550", "có 550 trường", 2, headline="true", headline_order="1")
_TABLES: Tables = {
    "clauses.csv": [
        {"clause": name, "heading_vi": "Mục", "heading_en": "Clause", "line_from": first, "line_to": last}
        for name, first, last in (("I", "1", "5"), ("I.1", "2", "3"), ("I.2", "4", "5"))
    ],
    "targets.csv": [
        TARGET,
        target("T_PRESCHOOLS_2030", "200", "200 trường mầm non", 2, indicator_code="SCHOOLS_PRESCHOOL"),
        target("T_GENERAL_2030", "350", "350 trường phổ thông", 2, indicator_code="SCHOOLS_GENERAL"),
        target(
            "T_AREA_2030", "1500.5", "là 1.500,5 ha", 3, indicator_code="AREA_TOTAL", unit="ha",
            target_type="area",
        ),
        target("T_SCHOOLS_2025", "500", "có 500 trường", 5, clause="I.2", period_end="2025"),
    ],
    "milestones.csv": [
        milestone("MS_ROAD", "đường 205", 5, action="build", period_end="2028", due_rule="before"),
        milestone("MS_TOWN_A", "Sông Trên", 4, list_id="L_TOWNS"),
    ],
    "annotations.csv": [
        {
            "annotation_id": "AN_ROAD", "kind": "ambiguous_scope", "clause": "I.2", "line": "5",
            "subjects": "MS_ROAD|clause:I.2|list:L_TOWNS", "text_vi": "Không rõ đường nào.",
            "text_en": "Which road is not said.",
        }
    ],
    "lists.csv": [
        {
            "list_id": "L_TOWNS", "name_vi": "Thị trấn", "name_en": "Towns", "clause": "I.2", "line": "4",
            "count_printed": "3",
        }
    ],
    "members.csv": [
        {"list_id": "L_TOWNS", "position": str(place), "name": name, "line": "4", "target_id": target_id}
        for place, name, target_id in ((1, "Sông Trên", "MS_TOWN_A"), (2, "Sông Dưới", ""), (3, "Núi Cao", ""))
    ],
    "relations.csv": [
        relation("R_SUM", "part_of_sum", "T_PRESCHOOLS_2030", "T_SCHOOLS_2030"),
        relation("R_SUM", "part_of_sum", "T_GENERAL_2030", "T_SCHOOLS_2030"),
        relation("R_PART", "subset_of", "T_PRESCHOOLS_2030", "T_SCHOOLS_2030"),
        relation("R_INTERIM", "interim_of", "T_SCHOOLS_2025", "T_SCHOOLS_2030"),
    ],
}  # fmt: skip
# (line, token) of the text -> what it is there for, and whose it is.
_USES = {
    (1, "I"): ("section_number", ""),
    (1, "2030"): ("plan_period", ""),
    (2, "1"): ("section_number", ""),
    (2, "550"): ("target", "T_SCHOOLS_2030"),
    (2, "200"): ("target", "T_PRESCHOOLS_2030"),
    (2, "350"): ("target", "T_GENERAL_2030"),
    (3, "1.500,5"): ("target", "T_AREA_2030"),
    (4, "2"): ("section_number", ""),
    (4, "3"): ("list_member", "L_TOWNS"),
    (5, "205"): ("milestone_term", "MS_ROAD"),
    (5, "2028"): ("milestone_term", "MS_ROAD"),
    (5, "2025"): ("target_term", "T_SCHOOLS_2025"),
    (5, "500"): ("target", "T_SCHOOLS_2025"),
}


def ledger_of(text: str = TEXT) -> list[Row]:
    """The ledger of the text: every token with its use."""
    rows = []
    for token in tokens(text):
        use, ref = _USES[token.line, token.text]
        place = {"line": str(token.line), "column": str(token.column)}
        rows.append(place | {"token": token.text, "kind": token.kind, "use": use, "ref": ref})
    return rows


def tables() -> Tables:
    """All tables of the plan, to be changed by the test."""
    return deepcopy(_TABLES) | {"ledger.csv": ledger_of()}


def document(**changes: object) -> dict[str, object]:
    """The facts of the document that has a ledger, with changes; a change to None takes the key away."""
    text = {"text_sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "text_lines": TEXT.count("\n")}
    return {name: value for name, value in (DOCUMENT | text | changes).items() if value is not None}


def csv_bytes(name: str, rows: list[Row]) -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns_of(TABLE_MODELS[name]), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def yaml_bytes(content: dict[str, object]) -> bytes:
    """`plan.yml`; dates are given as ISO text and written as dates."""
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    for name in ("adopted_on", "vintage_at"):
        text = text.replace(f"{name}: '{content.get(name)}'", f"{name}: {content.get(name)}")
    return text.encode()


def files_of(content: dict[str, object], made: Tables) -> dict[str, bytes]:
    return {"plan.yml": yaml_bytes(content)} | {name: csv_bytes(name, rows) for name, rows in made.items()}


def whole_files() -> dict[str, bytes]:
    """The files of the plan with every table."""
    return files_of(document(), tables())


def small_files(*targets: Row, **changes: object) -> dict[str, bytes]:
    """The files of a plan of clauses and targets alone, without a ledger."""
    content = document(text_sha256=None, text_lines=None, **changes)
    made = {"clauses.csv": tables()["clauses.csv"], "targets.csv": list(targets) or [TARGET]}
    return files_of(content, made)


def read(made: Tables, **changes: object) -> tuple[Plan | None, list[Problem]]:
    """Read the plan with these tables and changes to its document."""
    return read_plan(files_of(document(**changes), made), "plan")


def write(directory: Path, files: dict[str, bytes]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (directory / name).write_bytes(data)
