"""dbt's own unit tests, one or more for each rule of the models; every code they give has words on the pages."""

import re
from pathlib import Path

import pytest

from reports.words import FAMILIES, REASON_CODES
from tests.dbt.project import PROJECT_DIR, run_dbt

pytestmark = pytest.mark.integration


def test_every_unit_test_of_the_models_passes(empty_warehouse: Path) -> None:
    output = run_dbt(empty_warehouse, "test", "--select", "test_type:unit")
    passed = re.search(r"PASS=(\d+)", output)
    declared = sum(
        len(re.findall(r"^ {4}model: ", path.read_text(encoding="utf-8"), re.MULTILINE))
        for path in (PROJECT_DIR / "models").rglob("*_unit_tests.yml")
    )
    assert passed is not None
    assert int(passed[1]) == declared > 0


def test_every_reason_a_model_gives_has_words() -> None:
    models = [*(PROJECT_DIR / "models" / "assess").glob("*.sql"), PROJECT_DIR / "macros" / "rules.sql"]
    given = {
        code
        for path in models
        for code in re.findall(r"'([A-Z]{2,}_[A-Z_]+|STALE|WITHHELD|BREAK)'", path.read_text("utf-8"))
    }
    assert given == set(REASON_CODES)


def test_every_note_a_model_gives_has_words() -> None:
    models = (PROJECT_DIR / "models" / "assess").glob("asm_*.sql")
    text = "".join(path.read_text("utf-8") for path in models)
    assert {note for note in FAMILIES["assessment_note"] if f"then '{note}'" in text} == set(
        FAMILIES["assessment_note"]
    )
