"""The tutorial on adding a source is executed: its record, and every `$ ppw` line of a console block, in order."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from store.settings import PROJECT_ROOT
from tests.orchestration.conftest import ppw

pytestmark = pytest.mark.integration

TUTORIAL = PROJECT_ROOT / "docs" / "tutorials" / "add-a-source.md"
SCRATCH = "var/scratch/"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)


def test_the_tutorial_adds_a_source(
    tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT_ROOT)
    scratch = tmp_path.as_posix() + "/"
    (settings, copy), (record,) = blocks("sh"), blocks("yaml")
    for folder in re.findall(r"\S+", settings.splitlines()[0])[2:]:
        Path(folder.replace(SCRATCH, scratch)).mkdir(parents=True)
    environment = dict(re.findall(r"(PPW_\w+)=(\S+)", settings.replace(SCRATCH, scratch)))
    assert environment.pop("PPW_HOME").startswith(scratch)
    home = empty_home
    commands = [
        shlex.split(line.removeprefix("$ ppw ").replace(SCRATCH, scratch))
        for block in blocks("console")
        for line in block.splitlines()
    ]
    # The file and the record are put where the tutorial says, before the first command that needs them.
    _, source, target = shlex.split(copy)
    shutil.copy(source, target.replace(SCRATCH, scratch))
    (tmp_path / "specs" / "synthetic_population.yml").write_text(record, encoding="utf-8")
    printed: dict[str, list[str]] = {}
    for arguments in commands:
        answer = ppw(home, *arguments, extra=environment)
        assert answer.code == 0, f"ppw {shlex.join(arguments)}: {answer.out}{answer.err}"
        printed.setdefault(" ".join(arguments[:2]), []).append(answer.out)
    (seen,) = (texts[0] for name, texts in printed.items() if name.startswith("read"))
    assert "18 cells, 2 of them without a number" in seen
    (first,) = printed["source test"]
    assert re.search(r"n_claimed +6\b", first) and re.search(r"n_ignored +12\b", first)
    assert "no release to compare with" in first
    (rows,) = (texts[0] for name, texts in printed.items() if name.startswith("query"))
    assert "500.3" in rows and "preliminary" in rows
    draft = printed["source new"][0]
    assert "DECIDE" in draft and '"Cao Bằng": VN-04' in draft
    changed = record.replace("RES_URBAN", "RES_RURAL")
    (tmp_path / "specs" / "synthetic_population.yml").write_text(changed, encoding="utf-8")
    (test,) = (arguments for arguments in commands if arguments[:2] == ["source", "test"])
    found = json.loads(ppw(home, *test, "--json", extra=environment).out)
    assert found["against_the_current_release"] == "3 new, 0 changed, 3 removed"
    assert {row["change"] for row in found["changes"]} == {"new", "removed"}
