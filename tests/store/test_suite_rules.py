"""The guards of the test suite itself."""

import socket
import threading
from collections.abc import Callable

import pytest
from pytest_socket import SocketBlockedError, SocketConnectBlockedError

from store.settings import PROJECT_ROOT, Settings


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_unit_tests_open_no_socket() -> None:
    with pytest.raises(SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def _close_first_caller(server: socket.socket) -> None:
    server.accept()[0].close()


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_integration_tests_reach_loopback_and_nothing_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=_close_first_caller, args=[server])
        answering.start()
        with socket.create_connection(server.getsockname(), timeout=5) as connection:
            assert connection.recv(1) == b""
        answering.join()
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=5)


def test_missing_system_part_fails_only_where_it_is_required(
    system_part: Callable[[str, bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PPW_REQUIRE_SYSTEM", "1")
    system_part("a part that is there", True)
    with pytest.raises(pytest.fail.Exception, match="Chromium is missing"):
        system_part("Chromium", False)
    monkeypatch.delenv("PPW_REQUIRE_SYSTEM")
    with pytest.raises(pytest.skip.Exception, match="make setup-system"):
        system_part("Chromium", False)


def test_settings_of_tests_live_outside_the_project(settings: Settings) -> None:
    assert PROJECT_ROOT not in settings.home.parents
