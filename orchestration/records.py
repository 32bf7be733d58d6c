"""The source records a run works with: those of the project and, for one that was spoiled, the last good one.

A release carries the records it was made with. A slip in a YAML file then costs that source its next retrieval, not
the figures it already has; the slip is reported in every run until it is mended.
"""

from dataclasses import dataclass
from pathlib import Path

from reports.explanation import RECORDS_DIR
from sources.problems import Problem
from sources.record import SourceRecord
from sources.registry import load_records, read_record
from store.releases import current_release_id, release_dir
from store.settings import Settings


@dataclass(frozen=True)
class UsableRecords:
    """`records` by source_id; `spoiled`: source_id -> what is wrong with its file now; a spoiled one may still be
    among the records, as the current release has it."""

    records: dict[str, SourceRecord]
    spoiled: dict[str, list[Problem]]

    def retrievable(self) -> dict[str, SourceRecord]:
        """The records whose files are good."""
        return {
            source_id: record for source_id, record in self.records.items() if source_id not in self.spoiled
        }


def usable_records(settings: Settings) -> UsableRecords:
    """Load the project's records, falling back to the current release's for those that cannot be used."""
    loaded = load_records(settings.specs_dir)
    spoiled: dict[str, list[Problem]] = {}
    for problem in loaded.problems:
        spoiled.setdefault(Path(problem.file).stem, []).append(problem)
    records = dict(loaded.records)
    if spoiled and current_release_id(settings) is not None:
        for source_id in spoiled:
            path = release_dir(settings) / RECORDS_DIR / f"{source_id}.yml"
            if path.is_file():
                record, _ = read_record(path.read_text(encoding="utf-8"), path.name)
                if record is not None:
                    records[source_id] = record
    return UsableRecords(dict(sorted(records.items())), spoiled)


def keep_records(settings: Settings, usable: UsableRecords, candidate: Path) -> None:
    """Copy the records a candidate was made with into it; a spoiled one as the release before had it."""
    folder = candidate / RECORDS_DIR
    folder.mkdir()
    for source_id in usable.records:
        source = (
            release_dir(settings) / RECORDS_DIR / f"{source_id}.yml"
            if source_id in usable.spoiled
            else settings.specs_dir / f"{source_id}.yml"
        )
        (folder / source.name).write_bytes(source.read_bytes())
