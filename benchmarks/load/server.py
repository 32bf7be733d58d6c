"""The page server under load: started as `ppw serve` starts it, watched through /proc, stopped by its process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.load.wire import HOST
from orchestration.servers import page_server
from orchestration.sign_in import prepare_sign_in
from store.settings import Settings

_START_SECONDS = 180.0
_STOP_SECONDS = 10.0
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Use:
    """What a process has used up to now: CPU seconds; and its memory at the moment, in megabytes."""

    cpu_seconds: float
    megabytes: float


@dataclass(frozen=True)
class RunningServer:
    """A page server that answers."""

    port: int
    pid: int
    seconds_to_start: float

    def use(self) -> Use:
        """CPU and memory of the server's process."""
        stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        resident = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="utf-8").split()[1])
        return Use((int(stat[11]) + int(stat[12])) / _TICKS, resident * _PAGE_BYTES / 1e6)


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(settings: Settings, log: IO[bytes]) -> Iterator[RunningServer]:
    """Start the page server of a home, wait until it answers and has warmed up, stop it at the end.

    RuntimeError when it ends by itself or does not come up in time.
    """
    prepare_sign_in(settings)
    port, started = free_port(), time.monotonic()
    process = subprocess.Popen(
        page_server(settings, port).arguments,
        env={**os.environ, "PPW_HOME": str(settings.home)},
        cwd=settings.project_root,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _wait_for(process, port, started)
        yield RunningServer(port, process.pid, time.monotonic() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, started: float) -> None:
    while time.monotonic() - started < _START_SECONDS:
        if process.poll() is not None:
            raise RuntimeError(f"the page server ended with {process.returncode}; its log says why")
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/_stcore/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the page server did not answer within {_START_SECONDS:g} s")
