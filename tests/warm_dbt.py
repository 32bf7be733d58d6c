"""A dbt command that starts warm, for the many dbt commands of the tests: importing dbt takes longer than most of them.

`python -m tests.warm_dbt SOCKET` imports dbt and parses a project once, and forks for every command it is asked for;
the child is a process of its own with the caller's streams, variables and folder, as the `dbt` of the environment would
be. `executable()` gives a path that asks it. It ends with the process that started it.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT_ROOT = Path(__file__).resolve().parents[1]
LARGEST_REQUEST = 10_000_000

# What stands for `dbt`: hands its streams, arguments, variables and folder over, and ends as the child ended.
_ASKING = """\
#!{python} -SE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({address!r})
    request = json.dumps({{"arguments": sys.argv[1:], "variables": dict(os.environ), "folder": os.getcwd()}})
    socket.send_fds(asked, [b"0"], [0, 1, 2])
    asked.sendall(request.encode())
    asked.shutdown(socket.SHUT_WR)
    code = asked.recv(16)
sys.exit(int(code) if code else 1)
"""


@cache
def executable() -> Path:
    """The path of a `dbt` that starts warm, as long as this process lives."""
    folder = TemporaryDirectory(prefix="ppw-warm-dbt-")
    address = f"{folder.name}/socket"
    path = Path(folder.name) / "dbt"
    path.write_text(_ASKING.format(python=sys.executable, address=address), encoding="utf-8")
    path.chmod(0o755)
    server = subprocess.Popen(
        # Semaphores of dbt's adapters outlive the children, who end without ado; they go with the server.
        [sys.executable, "-W", "ignore:resource_tracker:UserWarning", "-m", "tests.warm_dbt", address],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n", "the warm dbt did not start; its message stands above"

    def end() -> None:
        server.kill()
        server.wait()
        folder.cleanup()

    atexit.register(end)
    return path


def _received(asked: socket.socket) -> tuple[list[int], dict[str, object]]:
    _, streams, _, _ = socket.recv_fds(asked, 1, 3)
    text = b""
    while part := asked.recv(65536):
        text += part
        assert len(text) < LARGEST_REQUEST
    return list(streams), json.loads(text)


def _run(asked: socket.socket, streams: list[int], request: dict[str, object]) -> None:
    """The child: becomes what the caller would have started, and never returns."""
    from dbt.cli.main import cli

    code: object = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.environ.clear()
        os.environ.update(request["variables"])  # type: ignore[call-overload]
        os.chdir(str(request["folder"]))
        sys.argv = ["dbt", *request["arguments"]]  # type: ignore[misc]
        try:
            cli()
        except SystemExit as ended:
            code = ended.code or 0
        # As when a process of its own ends: what was written goes from the log of the warehouse file into the file.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        asked.sendall(str(code if isinstance(code, int) else 1).encode())
        os._exit(0)


def _warm_up(folder: Path) -> None:
    """Import dbt and parse an empty project: what dbt builds in memory when it first meets its own classes would cost
    every command a second and more.

    A project with models would start the threads of dbt's static parser, which a fork does not have and would wait for.
    """
    import dbt.adapters.duckdb  # noqa: F401 - imported for the children
    import duckdb  # noqa: F401 - likewise
    from dbt.cli.main import dbtRunner

    (folder / "dbt_project.yml").write_text("name: empty\nprofile: empty\n", encoding="utf-8")
    profile = "empty: {target: it, outputs: {it: {type: duckdb, path: ':memory:'}}}\n"
    (folder / "profiles.yml").write_text(profile, encoding="utf-8")
    threads = _threads()
    quiet = ("--quiet", "--no-version-check", "--no-send-anonymous-usage-stats", "--log-level-file", "none")
    # Once to write what was parsed, once to read it.
    for _ in range(2):
        parsed = dbtRunner().invoke(
            ["parse", *quiet, "--project-dir", str(folder), "--profiles-dir", str(folder)]
        )
        assert parsed.success, parsed.exception
    assert _threads() == threads, "parsing has started threads, for which the forks would wait"


def _threads() -> int:
    """The threads of this process, those of libraries in Rust and C among them."""
    return len(list(Path("/proc/self/task").iterdir())) if Path("/proc/self/task").is_dir() else 1


def _serve(address: str) -> None:
    _warm_up(Path(address).parent)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        print("ready", flush=True)
        # The caller holds the other end of the standard input for as long as it lives.
        while listening in select.select([listening, sys.stdin], [], [])[0]:
            asked, _ = listening.accept()
            streams, request = _received(asked)
            if os.fork() == 0:
                listening.close()
                _run(asked, streams, request)
            for stream in streams:
                os.close(stream)
            asked.close()


if __name__ == "__main__":
    _serve(sys.argv[1])
