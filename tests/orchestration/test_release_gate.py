"""What decides over a new release: the release rules, and a person who rolls one back."""

from pathlib import Path

import duckdb
import pytest

from orchestration import publication
from store.releases import export_table, verify
from store.settings import Settings
from tests.orchestration.conftest import current, ppw

pytestmark = pytest.mark.integration


CUT_OFF = ("--cut-off", "2027-01-31")


def test_a_broken_release_rule_publishes_nothing_and_a_rollback_holds(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second run goes on from what the failed one left; the third does not undo what a person decided."""

    def export_without_one_assessment(
        connection: duckdb.DuckDBPyConnection, relation: str, candidate: Path, table: str
    ) -> Path:
        if table == "fct_assessment":
            relation = "(select * from marts.fct_assessment where target_id <> 'GRDP_GROWTH_2021_2030')"
        return export_table(connection, relation, candidate, table)

    monkeypatch.setattr(publication, "export_table", export_without_one_assessment)
    before = current(home)
    answer = ppw(home, "run", *CUT_OFF, "--json")
    assert answer.code == 1
    assert answer.json["new_release"] is False
    (failure,) = answer.json["failures"]
    assert "GRDP_GROWTH_2021_2030" in failure
    assert current(home) == before
    (candidate,) = [path for path in Settings(home=home).candidates_dir.iterdir() if path.is_dir()]
    verify(candidate)

    monkeypatch.undo()
    answer = ppw(home, "run", *CUT_OFF, "--json")
    assert answer.code == 0, answer.err
    second = current(home)
    assert second.startswith("2027-01-31")

    assert ppw(home, "release", "rollback", before, "--actor", "test").code == 0
    answer = ppw(home, "run", *CUT_OFF, "--json")
    assert answer.code == 0, answer.err
    assert answer.json["new_release"] is False
    assert current(home) == before
    listed = {row["release_id"]: row["current"] for row in ppw(home, "release", "list", "--json").json}
    assert listed == {before: True, second: False}
    assert ppw(home, "release", "diff", before, second, "--json").json
