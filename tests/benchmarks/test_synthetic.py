"""The synthetic set of the benchmark: records that load, tables that read, the same figures every time."""

from pathlib import Path

from benchmarks import synthetic
from sources.reading import read
from sources.registry import load_records
from store.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
# One that gives facts of its own, and the one that repeats them.
NUMBERS = (0, 42)


def write(folder: Path, issue: int) -> dict[str, list[str]]:
    """The printed figures of an issue by source, read as the warehouse reads them."""
    cells = synthetic.write_issue(folder, issue, NUMBERS)
    records = load_records(folder / "specs")
    assert not records.problems
    printed = {}
    for source_id, record in records.records.items():
        data = (folder / "recorded" / f"{source_id}.csv").read_bytes()
        frame = read(record.route("recorded").reading, data, "").cells
        assert frame["number"].null_count() == 0
        printed[source_id] = frame["value_text"].to_list()
    assert sum(map(len, printed.values())) == cells
    return printed


def test_an_issue_revises_most_figures_and_repeats_some(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        synthetic.prepare(tmp_path / folder, SEEDS)
    first, second = write(tmp_path / "a", 1), write(tmp_path / "a", 2)
    assert write(tmp_path / "b", 2) == second
    for source_id, figures in second.items():
        same = sum(before == after for before, after in zip(first[source_id], figures, strict=False))
        assert len(figures) < len(first[source_id])
        assert 0.15 < same / len(figures) < 0.3
    other = sum(own != repeated for own, repeated in zip(*second.values(), strict=True))
    assert 0 < other / len(second["synthetic_00"]) < 0.02
