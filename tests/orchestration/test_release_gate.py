"""A candidate that breaks a release rule is not published: the run fails and `current` does not move."""

from pathlib import Path

import duckdb
import pytest

from orchestration import publication
from store.releases import export_table, verify
from store.settings import Settings
from tests.orchestration.conftest import current, ppw

pytestmark = pytest.mark.integration


def test_broken_release_rule(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def export_without_one_assessment(
        connection: duckdb.DuckDBPyConnection, relation: str, candidate: Path, table: str
    ) -> Path:
        if table == "fct_assessment":
            relation = "(select * from marts.fct_assessment where target_id <> 'GRDP_GROWTH_2021_2030')"
        return export_table(connection, relation, candidate, table)

    monkeypatch.setattr(publication, "export_table", export_without_one_assessment)
    before = current(home)
    answer = ppw(home, "run", "--cut-off", "2027-01-31", "--json")
    assert answer.code == 1
    assert answer.json["new_release"] is False
    (failure,) = answer.json["failures"]
    assert "GRDP_GROWTH_2021_2030" in failure
    assert current(home) == before
    (candidate,) = [path for path in Settings(home=home).candidates_dir.iterdir() if path.is_dir()]
    verify(candidate)

    monkeypatch.undo()
    answer = ppw(home, "run", "--cut-off", "2027-01-31", "--json")
    assert answer.code == 0, answer.err
    assert current(home).startswith("2027-01-31")
