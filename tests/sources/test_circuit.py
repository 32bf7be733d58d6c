"""The circuit: a host that is down is left alone for a while, within a run and from run to run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from sources.fetch import Fetcher, FetchLimits
from sources.retrieve import RetrievalOutcome, retrieve
from store import state
from store.settings import Settings
from tests.sources.records import LIVE_ROUTE, content, plain_table, record

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Host:
    """A host that answers or does not, asked by several sources."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self.settings = settings.model_copy(update={"recorded_dir": root})
        (root / "made_up.csv").write_bytes(plain_table({}))
        state.migrate(self.settings)
        self.answer: httpx.Response | Exception = httpx.ConnectError("down")
        self.n_asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.n_asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def pull(self, minutes: float = 0, address: str = "https://stat.example.org/a.csv") -> RetrievalOutcome:
        route: dict[str, Any] = {
            **LIVE_ROUTE,
            "fetch": {"protocol": "http", "address": address, "media_type": "text/csv"},
        }
        limits = FetchLimits(allow_hosts=("stat.example.org", "other.example.org"), retries=1)
        fetcher = Fetcher(limits, sleep=lambda _: None, transport=httpx.MockTransport(self))
        moment = NOON + timedelta(minutes=minutes)
        made = record(content(route))
        return retrieve(self.settings, made, True, "batch", lambda: moment, fetcher=fetcher)[-1]


@pytest.fixture
def host(settings: Settings, tmp_path: Path) -> Host:
    return Host(settings, tmp_path)


def test_after_three_failures_nobody_is_asked(host: Host) -> None:
    for _ in range(3):
        assert "no_answer" in (host.pull().reason or "")
    assert host.n_asked == 6
    left = host.pull(minutes=1, address="https://stat.example.org:443/other.csv")
    assert host.n_asked == 6
    assert (left.outcome, left.is_fault) == ("failed", True)
    assert (left.reason or "").startswith("circuit_open: https://stat.example.org:443/other.csv: ")
    assert "Mend:" in (left.reason or "")
    assert host.pull(minutes=2, address="https://other.example.org/a.csv").reason != left.reason
    assert host.n_asked == 8, "another host is another circuit"


def test_after_the_rest_one_is_asked_and_the_host_rests_again_or_is_well(host: Host) -> None:
    for _ in range(3):
        host.pull()
    host.pull(minutes=59)
    assert host.n_asked == 6
    host.pull(minutes=61)
    assert host.n_asked == 8
    host.pull(minutes=100)
    assert host.n_asked == 8
    host.answer = httpx.Response(404)
    assert "not_found" in (host.pull(minutes=130).reason or "")
    host.answer = httpx.ConnectError("down")
    assert "no_answer" in (host.pull(minutes=131).reason or ""), "an answer of any kind closes the circuit"


@pytest.mark.parametrize("answer", [httpx.Response(404), httpx.Response(403), httpx.Response(429)])
def test_a_host_that_answers_is_not_down(host: Host, answer: httpx.Response) -> None:
    host.answer = answer
    for _ in range(5):
        assert "circuit_open" not in (host.pull().reason or "")
