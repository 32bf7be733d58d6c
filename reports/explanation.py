"""The last links of a figure's chain: the inputs of an assessment, what each was worked out from, and the cell of the
snapshot that it was read from, proved by reading the snapshot's bytes again.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import polars as pl

from reports.release_data import Release, Row
from sources.cells import ReadingError
from sources.read_vintage import read_confined
from sources.record import SourceRecord
from sources.registry import load_records
from store.landing import LandingError, get
from store.review import Destruction, destroyed
from store.settings import Settings
from store.state import reading

logger = logging.getLogger(__name__)

RECORDS_DIR = "records"
# Why a cell was not found again: a reader is told the kind in words, whoever runs the program the text of the fault.
Fault = Literal["no_record", "destroyed", "no_snapshot", "unreadable", "no_cell", "other"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
# How long a visitor waits for the one reading at a time, and how long what was read is answered from memory: not for
# ever, because a lost snapshot may be brought back and a snapshot may be destroyed.
MOST_WAIT_SECONDS = 20.0
KEPT_SECONDS = 600.0
MOST_KEPT = 512
FIGURE_COLUMNS = (
    "observation_key", "indicator_code", "area_id", "period_id", "breakdown", "value", "value_text", "value_decimals",
    "rounding_half_width", "unit", "form", "maturity", "source_id", "publisher_vi", "rank", "vintage_at",
    "published_at", "published_at_basis", "held", "citation_publisher", "citation_title", "citation_address",
    "citation_published", "citation_place", "note", "derivation_id",
)  # fmt: skip


@lru_cache(maxsize=16)
def _records(folder: Path) -> dict[str, SourceRecord]:
    return load_records(folder).records


def records_of_release(release: Path) -> dict[str, SourceRecord]:
    """The source records a release was made with."""
    return _records(release / RECORDS_DIR)


def inputs_of(release: Release, assessment_key: str, period_id: str | None = None) -> list[Row]:
    """The observations an assessment rests on, each with its role and its source; by role, period and rank.

    With a period, only those of that period.
    """
    roles = release.matching("fct_assessment_input", pl.col("assessment_key") == assessment_key)
    keys = roles["observation_key"].to_list()
    observed = release.matching("fct_observation", pl.col("observation_key").is_in(keys))
    rows = _with_source(release, roles.select("role", "observation_key").join(observed, on="observation_key"))
    chosen = [row for row in rows if period_id in (None, row["period_id"])]
    return sorted(chosen, key=lambda r: (r["role"], r["period_id"], -(r["rank"] or 0), r["source_id"]))


def components_of_figure(release: Release, observation_key: str) -> list[Row]:
    """The observations a figure was worked out from, in order, each with its role, operation and coefficient."""
    parts = release.matching("fct_observation_component", pl.col("observation_key") == observation_key)
    of_parts = parts.sort("position").select(
        "role", "operation", "coefficient", pl.col("component_observation_key").alias("observation_key")
    )
    keys = of_parts["observation_key"].to_list()
    observed = release.matching("fct_observation", pl.col("observation_key").is_in(keys))
    names = release.table("dim_indicator").select(
        "indicator_code", indicator_vi=pl.col("name_vi"), indicator_en=pl.col("name_en")
    )
    joined = of_parts.join(observed, on="observation_key", maintain_order="left")
    return _with_source(release, joined.join(names, on="indicator_code", how="left", maintain_order="left"))


def _with_source(release: Release, rows: pl.DataFrame) -> list[Row]:
    sources = release.table("dim_source").select("source_id", "publisher_vi", "publisher_en", "rank")
    return rows.join(sources, on="source_id", maintain_order="left").to_dicts()


def follow(settings: Settings, release: Release, row: Mapping[str, Any]) -> dict[str, Any]:
    """What stands below an observation: its `snapshot` and cell, or its `derivation` with the `components`.

    A component is a figure with its role, operation and coefficient, and what stands below it in turn.
    """
    if not row.get("derivation_id"):
        return {"snapshot": follow_to_cell(settings, records_of_release(release.directory), row)}
    (derivation,) = release.matching(
        "dim_derivation", pl.col("derivation_id") == row["derivation_id"]
    ).to_dicts()
    said = pick(derivation, "derivation_id", "method_vi", "method_en", "formula_vi", "formula_en")
    return {
        "derivation": said,
        "components": [
            {
                **pick(part, "role", "operation", "coefficient", "indicator_vi", "indicator_en"),
                **figure_of(part),
                **follow(settings, release, part),
            }
            for part in components_of_figure(release, str(row["observation_key"]))
        ],
    }


class StillReading(Exception):
    """Snapshots are being read again for somebody else, for longer than a visitor is kept waiting."""


def follow_one_at_a_time(
    settings: Settings, release: Release, row: Mapping[str, Any], wait_seconds: float = MOST_WAIT_SECONDS
) -> dict[str, Any]:
    """What `follow` says, for visitors: one reading at a time in this process, whatever number of them ask, and the
    same figure is not read again for a while. Raises StillReading.
    """
    key = (str(settings.home), release.key, str(row["observation_key"]))
    known = _kept_below(key)
    if known is not None:
        return known
    if not _one_at_a_time.acquire(timeout=wait_seconds):
        raise StillReading
    try:
        # Whoever held the lock may have asked for the same figure.
        below = _kept_below(key)
        if below is None:
            below = follow(settings, release, row)
            for problem in _problems(below):
                logger.warning(
                    "release %s, figure %s: %s", release.release_id, row["observation_key"], problem
                )
            _below[key] = (time.monotonic(), below)
            while len(_below) > MOST_KEPT:
                _below.popitem(last=False)
        return below
    finally:
        _one_at_a_time.release()


_one_at_a_time = Lock()
_below: OrderedDict[Hashable, tuple[float, dict[str, Any]]] = OrderedDict()


def _kept_below(key: Hashable) -> dict[str, Any] | None:
    at, below = _below.get(key, (0.0, None))
    return below if below is not None and time.monotonic() - at < KEPT_SECONDS else None


def _problems(chain: Mapping[str, Any]) -> list[str]:
    problem = chain.get("snapshot", {}).get("problem")
    parts = [each for part in chain.get("components", ()) for each in _problems(part)]
    return [str(problem), *parts] if problem else parts


def not_found_again(chain: Mapping[str, Any]) -> int:
    """How many figures at the ends of a chain (or of a list of inputs in it) were not found again in their snapshot."""
    below = [*chain.get("inputs", ()), *chain.get("components", ())]
    snapshot = chain.get("snapshot")
    return sum(map(not_found_again, below)) + (snapshot is not None and snapshot["same_value"] is not True)


def figure_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a reader needs of an observation: the value, when and by whom it was published, and where it stands."""
    return pick(row, *FIGURE_COLUMNS) | {
        "value_text": shown_text(row),
        "rank": row.get("source_rank", row.get("rank")),
    }


def pick(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Some columns of a row, in the order named; None for a column the release does not have."""
    return {name: row.get(name) for name in names}


def shown_text(row: Mapping[str, Any]) -> str | None:
    """The figure as printed; of a derived one, which nobody printed, its value to its supported decimals."""
    if row.get("value_text") is not None or row.get("value") is None or not row.get("derivation_id"):
        return row.get("value_text")
    return f"{row['value']:.{row['value_decimals'] or 0}f}"


def follow_to_cell(
    settings: Settings, records: Mapping[str, SourceRecord], row: Mapping[str, Any]
) -> dict[str, Any]:
    """Read the observation's snapshot again and find its cell.

    `same_value` says whether the cell read now gives the value the release states (before the record's unit factor,
    the printed text is compared); `problem` says why that could not be told, and `fault` which kind of problem it is.
    """
    place = pick(row, "snapshot_sha256", "route", "document", "table_title", "cell_ref")
    cells = _cells_again(settings, records, row)
    if not isinstance(cells, pl.DataFrame):
        fault, problem = cells
        return {**place, "same_value": None, "fault": fault, "problem": problem}
    found = cells.filter(
        (cells["cell_ref"] == row["cell_ref"]) & (cells["table_title"] == row["table_title"])
    )
    if found.is_empty():
        problem = "the snapshot has no such cell"
        return {**place, "same_value": False, "fault": "no_cell", "problem": problem}
    cell = found.row(0, named=True)
    labels = {label["dimension"]: label["label"] for label in cell["labels"]}
    return {
        **place,
        "cell_labels": labels,
        "cell_text": cell["value_text"],
        "same_value": same_figure(cell["value_text"], row["value_text"]),
        "fault": None,
        "problem": None,
    }


def _cells_again(
    settings: Settings, records: Mapping[str, SourceRecord], row: Mapping[str, Any]
) -> pl.DataFrame | tuple[Fault, str]:
    """The cells of an observation's snapshot, or the kind and the text of what stands in the way."""
    record = records.get(str(row["source_id"]))
    if record is None:
        return "no_record", f"the release carries no record {row['source_id']}"
    sha256 = str(row["snapshot_sha256"])
    try:
        if step := _destroyed(settings, sha256):
            day = step.at.astimezone(ZoneInfo(settings.time_zone)).date()
            return "destroyed", f"the snapshot was destroyed on {day} ({step.reason_text})"
        # Asked of the landing each time, which holds the bytes against their name; only the reading is kept.
        return _cells(_Section(settings, record, str(row["route"]), sha256, get(settings, sha256)))
    except LandingError as error:
        return "no_snapshot", str(error)
    except ReadingError as error:
        return "unreadable", str(error)
    except Exception as error:  # the chain is shown as far as it goes
        return "other", f"{type(error).__name__}: {error}"


class _Section:
    """The bytes of a snapshot and how a record reads them; told apart by the sha256 and the reading."""

    def __init__(
        self, settings: Settings, record: SourceRecord, route: str, sha256: str, data: bytes
    ) -> None:
        self.settings, self.sha256, self.data = settings, sha256, data
        self.section = record.route(route).reading
        self._name = (str(settings.home), sha256, record.source_id, route, self.section.model_dump_json())

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Section) and self._name == other._name


@lru_cache(maxsize=32)
def _cells(of: _Section) -> pl.DataFrame:
    return read_confined(of.settings, of.section, of.data, of.sha256).cells


def _destroyed(settings: Settings, sha256: str) -> Destruction | None:
    with reading(settings) as connection:
        return destroyed(connection).get(sha256)


def same_figure(left: object, right: object) -> bool:
    """Whether two printed figures are the same text, or the same number."""
    if left == right:
        return True
    try:
        return Decimal(str(left)) == Decimal(str(right))
    except InvalidOperation:
        return False
