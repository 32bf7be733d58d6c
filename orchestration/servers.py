"""The servers of `ppw serve`, each a child process, stopped by its own process id.

The Dagster UI knows no roles and so never leaves loopback; the pages do when the settings say so and people sign in.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from orchestration.instance import dagster_environment, prepare_instance
from orchestration.manifest import ensure_manifest
from orchestration.sign_in import prepare_sign_in
from store.releases import current_release_id
from store.settings import Settings, SettingsError

LOOPBACK = "127.0.0.1"
_STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Server:
    """A server to start: what it is called on screen and its command."""

    name: str
    arguments: Sequence[str]


def page_server(settings: Settings, port: int) -> Server:
    """The Streamlit app on one port."""
    address = settings.serve_address
    return Server(
        f"pages         http://{f'[{address}]' if ':' in address else address}:{port}",
        [
            sys.executable,
            "-m",
            "reports.server",
            "run",
            str(settings.project_root / "reports" / "app.py"),
            "--server.address",
            address,
            "--server.port",
            str(port),
            "--server.headless",
            "true",
            "--browser.gatherUsageStats",
            "false",
            "--secrets.files",
            str(settings.secrets_file),
        ],
    )


def dagster_servers(port: int) -> list[Server]:
    """The Dagster UI, and the daemon that runs its schedule and its queue."""
    module = ["-m", "orchestration.definitions"]
    scripts = Path(sys.executable).parent
    return [
        Server(
            f"Dagster UI    http://{LOOPBACK}:{port}",
            [str(scripts / "dagster-webserver"), *module, "--host", LOOPBACK, "--port", str(port)],
        ),
        Server("Dagster daemon", [str(scripts / "dagster-daemon"), "run", *module]),
    ]


def port_is_free(port: int) -> bool:
    """Whether nothing listens on the port, as seen from this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex((LOOPBACK, port)) != 0


def _restore_interrupt() -> None:
    # A shell that starts us in the background leaves SIGINT ignored, and Dagster maps SIGTERM to SIGINT: without
    # this its processes could not be stopped.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def serve(settings: Settings, page_port: int, dagster_port: int | None) -> int:
    """Start the servers, wait until one ends or Ctrl-C, stop them all; returns the exit code."""
    for port in (page_port, dagster_port):
        if port is not None and not port_is_free(port):
            click.echo(
                f"ppw: port {port} is taken; stop what uses it or choose another with --port or --dagster-port",
                err=True,
            )
            return 1
    try:
        prepare_sign_in(settings)
    except SettingsError as error:
        click.echo(f"ppw: {error}", err=True)
        return 1
    servers = [page_server(settings, page_port)]
    environment = dict(os.environ)
    if dagster_port is not None:
        ensure_manifest(settings)
        prepare_instance(settings)
        environment |= dagster_environment(settings)
        servers += dagster_servers(dagster_port)
    if current_release_id(settings) is None:
        click.echo("There is no release yet: the pages will say so. `ppw run` makes the first.")
    processes = [
        # A session of its own, so that a server's own children can be stopped with it, whatever they are doing.
        subprocess.Popen(
            server.arguments,
            env=environment,
            cwd=settings.project_root,
            preexec_fn=_restore_interrupt,  # noqa: PLW1509 - this process has no other threads yet
            start_new_session=True,
        )
        for server in servers
    ]
    for server in servers:
        click.echo(server.name)
    click.echo("Ctrl-C stops them.")
    # A service manager stops us with SIGTERM: the same end as Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ended: subprocess.Popen[bytes] | None = None
    try:
        while ended is None:
            time.sleep(0.3)
            ended = next((process for process in processes if process.poll() is not None), None)
    except KeyboardInterrupt:
        pass
    finally:
        _stop(processes)
    if ended is not None:
        click.echo(
            f"ppw: {servers[processes.index(ended)].name.split()[0]} ended by itself; its message stands above",
            err=True,
        )
        return 1
    return 0


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask each server to end, then end what is left of it and of its children."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # The process leads its group: the id names the group also when the leader has ended before its children.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
