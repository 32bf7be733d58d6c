"""Reading in a process of its own, with limits: a file from outside may be made to exhaust time or memory.

The child gets the request and the bytes on standard input and answers on standard output, so that nothing but its
answer comes back: JSON, a workbook with marks, or what was refused; a cell set goes to a Parquet file. Nothing is
unpickled.
"""

import json
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sources.cells import ReadingError, Skipped
from store.settings import PROJECT_ROOT, Settings

_REFUSED = 3
# Our own answer, and the signals (abort, kill) by which libraries in C and Rust end when they get no memory.
_NO_MEMORY = 4
_OUT_OF_MEMORY = frozenset((_NO_MEMORY, -signal.SIGABRT, -getattr(signal, "SIGKILL", 9)))
_BROKE = 5
# Before the request stands its length.
_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True)
class ReadingLimits:
    """What one reading may use: wall seconds, and bytes of the child's memory where the system can limit it."""

    seconds: float = 120.0
    memory_bytes: int = 2_000_000_000

    @classmethod
    def of(cls, settings: Settings) -> "ReadingLimits":
        return cls(settings.read_timeout_seconds, settings.read_memory_bytes)


def view_in_process(data: bytes, name: str, format_name: str | None, limits: ReadingLimits) -> bytes:
    """Return the JSON document of `sources.view` for a file, made in a child. Raises ReadingError."""
    return _in_process({"does": "view", "name": name, "format": format_name}, data, limits)


def cells_in_process(
    section: Any, data: bytes, snapshot_sha256: str, file: Path, limits: ReadingLimits
) -> list[Skipped]:
    """Write the cells of a snapshot to a Parquet file, read by a child; return what it skipped. Raises ReadingError."""
    request = {
        "does": "cells",
        "section": section.model_dump(mode="json", by_alias=True),
        "snapshot_sha256": snapshot_sha256,
        "file": str(file.resolve()),
    }
    skipped = json.loads(_in_process(request, data, limits))
    return [Skipped(part["name"], part["reason"]) for part in skipped]


def facts_in_process(data: bytes, name: str, table: str | None, limits: ReadingLimits) -> Any:
    """Return what a table in a file says of itself (`sources.draft.facts_of_file`) as JSON. Raises ReadingError."""
    return json.loads(_in_process({"does": "facts", "name": name, "table": table}, data, limits))


def filled_in_process(data: bytes, limits: ReadingLimits) -> bytes:
    """Return a filled workbook as JSON (`sources.submission.transport`), opened in a child. Raises ReadingError."""
    return _in_process({"does": "filled"}, data, limits)


def milestones_in_process(data: bytes, publisher_vi: str, limits: ReadingLimits) -> Any:
    """Return the reports on milestones of a filled workbook, each with its place, as JSON. Raises ReadingError."""
    return json.loads(_in_process({"does": "milestones", "publisher_vi": publisher_vi}, data, limits))


def marked_in_process(
    data: bytes, heading: str, problems: Sequence[Mapping[str, str]], limits: ReadingLimits
) -> bytes:
    """Return the copy of a workbook with its problems marked, made in a child. Raises ReadingError."""
    return _in_process({"does": "marked", "heading": heading, "problems": list(problems)}, data, limits)


def _in_process(request: dict[str, Any], data: bytes, limits: ReadingLimits) -> bytes:
    request["memory_bytes"] = limits.memory_bytes
    # One thread: a reading is one file, and each thread of a pool takes its own share of the memory.
    environment = {
        **os.environ,
        "POLARS_MAX_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    told = json.dumps(request).encode()
    command = [sys.executable, "-m", "sources.reading_process"]
    started = time.monotonic()
    try:
        result = subprocess.run(
            command, input=_LENGTH.pack(len(told)) + told + data, capture_output=True, timeout=limits.seconds,
            env=environment, cwd=PROJECT_ROOT,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ReadingError(
            "the whole file", f"reading it takes longer than {limits.seconds:g} s",
            "check where the file comes from, or raise PPW_READ_TIMEOUT_SECONDS",
        ) from error  # fmt: skip
    if result.returncode == 0:
        return result.stdout
    if result.returncode == _REFUSED:
        said = json.loads(result.stdout)
        raise ReadingError(said["place"], said["message"], said["mend"])
    if result.returncode == _BROKE:
        last = result.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise ReadingError(
            "the whole file",
            f"the adapter breaks on it ({last[:300]})",
            "report it with the file; it is not read",
        )
    spent = time.monotonic() - started
    how = (
        f"needs more than {limits.memory_bytes} bytes of memory"
        if result.returncode in _OUT_OF_MEMORY
        else f"ended the reading process ({result.returncode}) after {spent:.1f} s"
    )
    raise ReadingError(
        "the whole file", f"reading it {how}",
        "check where the file comes from, or raise PPW_READ_MEMORY_BYTES",
    )  # fmt: skip


def _hold_to(memory_bytes: int) -> None:
    """Limit this process's memory and forbid core files; Windows has no such limit."""
    try:
        import resource
    except ImportError:
        return
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    most = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    # RLIMIT_DATA counts what is really private to the process; address space that is only reserved does not matter.
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(request: dict[str, Any], data: bytes) -> bytes:
    match request["does"]:
        case "view":
            return _view(request, data)
        case "cells":
            return _cells(request, data)
        case "facts":
            from sources.draft import facts_of_file

            facts = facts_of_file(data, request["name"], request["table"])
            return json.dumps(asdict(facts), ensure_ascii=False).encode()
        case "filled":
            return _filled(data)
        case "milestones":
            from sources.adapters.submission import read_milestones

            reports = read_milestones(data, request["publisher_vi"])
            told = [[place, report.model_dump(mode="json")] for place, report in reports]
            return json.dumps(told, ensure_ascii=False).encode()
        case "marked":
            from sources.submission.marking import marked_copy
            from sources.submission.problems import CellProblem

            return marked_copy(data, request["heading"], [CellProblem(**one) for one in request["problems"]])
    raise ValueError(f"no such request: {request['does']}")


def _view(request: dict[str, Any], data: bytes) -> bytes:
    from sources.view import document, view

    seen = document(view(data, request["name"], request["format"]))
    return json.dumps(seen, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _filled(data: bytes) -> bytes:
    from sources.submission.filled import Filled, NotAWorkbook, read_filled
    from sources.submission.problems import problem
    from sources.submission.transport import to_json

    try:
        return to_json(read_filled(data))
    except NotAWorkbook as error:
        return to_json(Filled(None, problems=[problem(error.code)]))


def _cells(request: dict[str, Any], data: bytes) -> bytes:
    from pydantic import TypeAdapter

    from sources.reading import AnyReading, read_into
    from sources.record import ReadingSection

    adapter: TypeAdapter[AnyReading] = TypeAdapter(ReadingSection)
    section = adapter.validate_python(request["section"])
    skipped_parts = read_into(section, data, request["snapshot_sha256"], Path(request["file"]))
    skipped = [{"name": part.name, "reason": part.reason} for part in skipped_parts]
    return json.dumps(skipped, ensure_ascii=False).encode()


def main() -> int:
    """The child: read standard input as the request says, answer on standard output."""
    (length,) = _LENGTH.unpack(sys.stdin.buffer.read(_LENGTH.size))
    request = json.loads(sys.stdin.buffer.read(length))
    _hold_to(request["memory_bytes"])
    try:
        answer, code = _answer(request, sys.stdin.buffer.read()), 0
    except ReadingError as error:
        said = {"place": error.place, "message": error.message, "mend": error.mend}
        answer, code = json.dumps(said, ensure_ascii=False).encode(), _REFUSED
    except MemoryError:
        answer, code = b"", _NO_MEMORY
    except Exception as error:
        # Whatever a file does to an adapter ends here, as a refusal with the reason.
        print(f"{type(error).__name__}: {error}".replace("\n", " "), file=sys.stderr)
        answer, code = b"", _BROKE
    sys.stdout.buffer.write(answer)
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
