"""Several people at the gate at once, and publication, on a PostgreSQL server that this module starts and throws
away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from store import state
from store.settings import Settings
from tests.expectations.gate import publication_cases, race_cases
from tests.servers.postgresql import serve_postgresql

pytestmark = pytest.mark.integration

CASES = [*race_cases.CASES, *publication_cases.CASES]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serve_postgresql([f"gate{number}" for number in range(len(CASES))]) as rest_of_url:
        yield rest_of_url


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: CASES[number].__name__)
def test_on_postgresql(
    system_part: Callable[[str, bool], None], server: str, settings: Settings, number: int
) -> None:
    system_part("PostgreSQL", bool(server))
    chosen = settings.model_copy(update={"state_url": f"postgresql://ppw@/gate{number}{server}"})
    state.migrate(chosen)
    try:
        CASES[number](chosen)
    finally:
        state.engine(chosen).dispose()
