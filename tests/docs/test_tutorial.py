"""The tutorial is executed: every `$ ppw` line of a console block, in order, in one home."""

import re
import shlex

import pytest

from store.settings import PROJECT_ROOT
from tests.orchestration.conftest import Homes, ppw

pytestmark = pytest.mark.integration

TUTORIAL = PROJECT_ROOT / "docs" / "tutorial.md"


def commands() -> list[list[str]]:
    """The arguments of every command of the tutorial's console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(line.startswith("$ ppw ") for line in lines)
    return [shlex.split(line.removeprefix("$ ppw ")) for line in lines]


def test_every_command_of_the_tutorial_works(homes: Homes) -> None:
    first, *others = commands()
    # The first command is the run that all tests share, made in an empty home as the tutorial has it.
    assert first == ["run"]
    home, answer = homes.first_run(changes=True)
    assert answer.code == 0
    printed = {}
    for arguments in others:
        answer = ppw(home, *arguments)
        assert answer.code == 0, f"ppw {shlex.join(arguments)}: {answer.err}"
        printed[shlex.join(arguments)] = answer.out
    shares = next(text for command, text in printed.items() if "GRDP_SHARE" in command)
    for share in ("20.83", "18.99", "56.48", "3.70"):
        assert share in shares
    assert any("15.24" in text or "15,24" in text for text in printed.values())
