"""What must hold for every committed file: no index hosts, no paths of one machine, fresh documents, whole locks."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Written so that this file does not name what it looks for.
INDEX_HOSTS = re.compile(r"py[p]i\.org|pythonho[s]ted|npm[j]s\.|deb\.deb[i]an|fi[l]e:///", re.IGNORECASE)
MACHINE_PATHS = re.compile(r"(^|[\s\"'(=])/(home|root|Users|work)/[a-z]", re.MULTILINE)


def committed() -> list[Path]:
    """The text files under version control; all files of the folder when there is no git here."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: there is no list of committed files to look at")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


def test_no_file_names_a_package_index_or_a_path_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group().strip()}"
        for path in committed()
        for pattern in (INDEX_HOSTS, MACHINE_PATHS)
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_locked_package_has_a_hash() -> None:
    for name in ("product.txt", "dev.txt"):
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").split("\n")
        pinned = [line for line in lines if re.match(r"[a-z0-9]", line)]
        assert len(pinned) > 100
        assert [line for line in pinned if not line.endswith("\\")] == [], name


def test_development_lock_contains_the_product_lock() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        # Without markers: a package that more others need is locked for more machines.
        return {line.split(" ")[0] for line in text.split("\n") if re.match(r"[a-z0-9]", line)}

    assert pins("product.txt") - pins("dev.txt") == set()
