"""A rollback is a person's decision: the next run does not undo it."""

from pathlib import Path

import pytest

from tests.orchestration.conftest import current, ppw

pytestmark = pytest.mark.integration


def test_rollback_holds_until_the_figures_say_something_else(home: Path) -> None:
    first = current(home)
    assert ppw(home, "run", "--cut-off", "2027-01-31").code == 0
    second = current(home)
    assert second != first
    assert ppw(home, "release", "rollback", first, "--actor", "test").code == 0
    answer = ppw(home, "run", "--cut-off", "2027-01-31", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["new_release"] is False
    assert current(home) == first
    listed = {row["release_id"]: row["current"] for row in ppw(home, "release", "list", "--json").json}
    assert listed == {first: True, second: False}
    assert ppw(home, "release", "diff", first, second, "--json").json
