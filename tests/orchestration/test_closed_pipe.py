"""A reader that has seen enough, such as `ppw ... | head`, is no failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.cli import PIPE_CLOSED
from store.settings import PROJECT_ROOT

TABLE = "Dân số\narea,2023\nCao Bằng,1\n"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["source", "--help"], ["read", "FILE"], ["read", "FILE", "--json"]]
)
def test_a_closed_pipe_ends_a_command_without_a_word(tmp_path: Path, arguments: list[str]) -> None:
    file = tmp_path / "table.csv"
    file.write_text(TABLE, encoding="utf-8")
    # The reading end is closed before anything is written, so the first write meets it.
    reading, writing = os.pipe()
    os.close(reading)
    words = [str(file) if word == "FILE" else word for word in arguments]
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *words],
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=PROJECT_ROOT,
        env=os.environ | {"PPW_HOME": str(tmp_path / "home")},
        check=False,
        text=True,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (PIPE_CLOSED, "")
