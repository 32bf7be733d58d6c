"""The state database on a PostgreSQL server that this module starts on a Unix socket and throws away."""

from collections.abc import Callable, Iterator

import pytest

from store import state
from store.releases import current_release_id, rollback
from store.settings import Settings
from tests.servers.postgresql import serve_postgresql
from tests.store.building import published
from tests.store.state_cases import CASES

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A running server; gives the part of its URL after the database name."""
    with serve_postgresql([f"state{number}" for number in range(len(CASES) + 1)]) as rest_of_url:
        yield rest_of_url


@pytest.fixture
def on_postgresql(
    system_part: Callable[[str, bool], None], server: str, settings: Settings
) -> Callable[[int], Settings]:
    """Settings by number of an empty database."""
    system_part("PostgreSQL", bool(server))

    def choose(number: int) -> Settings:
        return settings.model_copy(update={"state_url": f"postgresql://ppw@/state{number}{server}"})

    return choose


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: CASES[number].__name__)
def test_on_postgresql(on_postgresql: Callable[[int], Settings], number: int) -> None:
    chosen = on_postgresql(number)
    try:
        CASES[number](chosen)
    finally:
        state.engine(chosen).dispose()


def test_releases_are_published_and_rolled_back(on_postgresql: Callable[[int], Settings]) -> None:
    chosen = on_postgresql(len(CASES))
    try:
        first = published(chosen, "551.1")
        second = published(chosen, "551.1", "554.2")
        rollback(chosen, first, "tester")
        assert current_release_id(chosen) == first
        with state.reading(chosen) as connection:
            assert {row.release_id for row in state.recorded_releases(connection)} == {first, second}
            assert [release_id for _, release_id in state.pointer_moves(connection)] == [first, second, first]
    finally:
        state.engine(chosen).dispose()
