"""Preview of a source record before it is used: what the adapter reads, and dbt's inputs for the mapping.

Which cells the mapping claims is decided in one place, the dbt model `obs_cell_claim`. A preview therefore
writes the inputs of that model for this record alone into a directory of its own; whoever runs dbt on them,
with `PPW_INPUTS_DIR` and a warehouse file there, gets `obs_cell_claim` and `obs_cell_unclaimed` for them.
Nothing of the real warehouse, landing or state is touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from sources.cells import ReadingError, Skipped
from sources.compile import Inputs, Versions, write_inputs
from sources.problems import Problem
from sources.read_vintage import read_confined
from sources.record import SourceRecord
from sources.registry import load_record
from store import landing
from store.settings import Settings
from store.state import Vintage

_VERSIONS = Versions("preview", "preview", "preview")
# A preview has no date of its own; any day serves, as vintage and cut-off are the same.
_ARRIVAL = datetime(2000, 1, 1)
# The models to run on the inputs of a preview.
CLAIM_MODELS = ("+obs_cell_unclaimed", "+obs_published")


@dataclass(frozen=True)
class PreviewedDocument:
    """One document read with the record: `cells` has the columns of CELL_SCHEMA."""

    document: str
    file: str
    snapshot_sha256: str
    cells: pl.DataFrame


@dataclass(frozen=True)
class Preview:
    """What a record reads. `record` is None when the record itself has problems.

    `inputs` names the directory with dbt's inputs, None when nothing could be read.
    """

    record: SourceRecord | None
    route: str
    documents: list[PreviewedDocument]
    skipped: list[Skipped]
    problems: list[Problem]
    inputs: Inputs | None = None

    @property
    def n_cells(self) -> int:
        return sum(document.cells.height for document in self.documents)

    def first_cells(self, count: int = 5) -> pl.DataFrame:
        """Return the first cells over all documents."""
        frames = [document.cells for document in self.documents]
        return pl.concat(frames).head(count) if frames else pl.DataFrame()


def _files(
    settings: Settings, record: SourceRecord, route: str, data_file: Path | None
) -> list[tuple[str, Path]]:
    if data_file is not None:
        return [(data_file.stem, data_file)]
    if route != "recorded" or record.routes.recorded is None:
        return []
    documents = record.recorded_documents()
    return [(document.document, settings.recorded_dir / document.file) for document in documents]


def preview(
    settings: Settings,
    record_path: Path,
    directory: Path,
    data_file: Path | None = None,
    route: str = "recorded",
) -> Preview:
    """Read a record's snapshots, or `data_file` in their place, and write dbt's inputs below `directory`.

    All that is wrong with the record or a file comes back as problems; nothing raises for it.
    """
    record, problems = load_record(record_path)
    if record is None:
        return Preview(None, route, [], [], problems)
    if route not in record.route_names():
        mend = f"name one of {', '.join(record.route_names())}"
        return Preview(
            record, route, [], [], [Problem(record_path.name, "routes", f"there is no route {route}", mend)]
        )
    files = _files(settings, record, route, data_file)
    if not files:
        problems.append(
            Problem(record_path.name, f"routes.{route}", "it ships no snapshot", "give a file to read")
        )
    private = settings.model_copy(update={"home": directory, "landing_url": None})
    documents: list[PreviewedDocument] = []
    skipped: list[Skipped] = []
    for document, path in files:
        try:
            data = path.read_bytes()
            sha256 = landing.put(private, data)
            reading = read_confined(settings, record.route(route).reading, data, sha256)
            skipped += reading.skipped
            documents.append(PreviewedDocument(document, path.name, sha256, reading.cells))
        except ReadingError as error:
            problems.append(Problem(path.name, error.place, error.message, error.mend))
        except OSError as error:
            message = f"it cannot be read ({error.strerror})"
            problems.append(Problem(path.name, "the whole file", message, "check the path"))
    inputs = _write_inputs(private, record, route, documents) if documents else None
    return Preview(record, route, documents, skipped, problems, inputs)


def _write_inputs(
    private: Settings, record: SourceRecord, route: str, documents: Sequence[PreviewedDocument]
) -> Inputs:
    vintages = [
        Vintage(
            retrieval_id=position,
            source_id=record.source_id,
            route=route,
            document=document.document,
            snapshot_sha256=document.snapshot_sha256,
            vintage_at=_ARRIVAL,
            published_at=None,
            published_at_basis="not_stated",
            origin=record.origin,
            media_type="",
        )
        for position, document in enumerate(documents)
    ]
    records = {record.source_id: record}
    return write_inputs(private, _ARRIVAL.date(), records, vintages, [], _VERSIONS)
