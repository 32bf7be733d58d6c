"""dbt's own unit tests, one or more for each rule of the models, and what the seeds must agree on."""

import re
from pathlib import Path

import pytest

from tests.dbt.project import PROJECT_DIR, rows, run_dbt

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


def test_every_reason_a_model_gives_has_a_name(empty_warehouse: Path) -> None:
    models = [*(PROJECT_DIR / "models" / "assess").glob("*.sql"), PROJECT_DIR / "macros" / "rules.sql"]
    given = {
        code
        for path in models
        for code in re.findall(r"'([A-Z]{2,}_[A-Z_]+|STALE|WITHHELD)'", path.read_text("utf-8"))
    }
    named = {row["reason_code"] for row in rows(empty_warehouse, "select reason_code from seed.reason_code")}
    assert given <= named
