"""What the pages read: the tables and the manifest of one release, from its Parquet files, and nothing else.

What a visitor is not cleared for is taken out on the way (`reports.disclosure`). `current` is resolved once per run of
a page; tables are kept by release id (`reports.per_release`), so a page never mixes two releases, and a new release
needs no restart.
"""

from __future__ import annotations

import shutil
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from expectations.gate.clearance import FULL, Clearance
from reports.disclosure import Closed, disclosed, shown_as_they_are, what_is_closed
from reports.per_release import per_release
from store.manifest import MANIFEST_NAME, Manifest, ReleaseError, read_manifest
from store.releases import ReleaseMissing, current_release_id, release_dir, release_in_force_on
from store.settings import Settings

Row = dict[str, Any]

# Rows up to which a table is read whole.
SMALL_TABLE = 20_000

# The columns the pages cannot do without, by table. A release that lacks one is refused with its name.
COLUMNS_READ: dict[str, tuple[str, ...]] = {
    "dim_plan_document": ("plan_version", "legal_status", "targets_transcribed", "number"),
    "dim_clause": ("plan_version", "clause"),
    "dim_parameter": ("parameter", "value"),
    "dim_unit": ("unit",),
    "dim_source": ("source_id", "publisher_kind", "rank", "origin"),
    "dim_indicator": ("indicator_code", "unit", "form", "domain"),
    "dim_area": ("area_id", "level"),
    "dim_period": ("period_id", "type"),
    "fct_target": (
        "target_id",
        "plan_version",
        "indicator_code",
        "area_id",
        "target_type",
        "comparator",
        "value_low",
        "value_high",
        "unit",
        "period_start",
        "period_end",
        "clause",
        "reading_status",
    ),
    "fct_observation": (
        "observation_key",
        "indicator_code",
        "area_id",
        "period_id",
        "source_id",
        "value",
        "held",
    ),
    "fct_revision": ("to_observation_key", "kind"),
    "fct_series_revision": ("indicator_code", "n_periods_compared", "mean_absolute_revision"),
    "fct_observation_component": ("observation_key", "position", "component_observation_key"),
    "dim_breakdown": ("breakdown", "name_vi"),
    "dim_derivation": ("derivation_id", "formula_vi"),
    "fct_actual": ("indicator_code", "area_id", "period_id", "breakdown", "value", "unit", "maturity"),
    "fct_assessment": (
        "target_id",
        "level_state",
        "pace_state",
        "confidence",
        "reason_code",
        "pace_reason_code",
        "bucket",
    ),
    "fct_assessment_input": (),
    "fct_milestone": ("plan_version", "target_id", "due_date", "state"),
    "fct_statement": ("statement_id", "plan_version", "target_id", "office", "deadline", "state"),
    "fct_method_result": ("target_id", "plan_version", "method", "status"),
    "dim_rule": ("rule_id", "suite", "severity", "title_vi", "n_passed", "n_failed", "n_not_checked"),
    "dim_annotation": ("plan_version", "annotation_id", "kind", "text_vi"),
    "dim_annotation_subject": ("plan_version", "annotation_id", "subject_type", "subject_id"),
    "dim_plan_list": ("plan_version", "list_id", "name_vi"),
    "dim_plan_list_member": ("plan_version", "list_id", "position", "name"),
    "dim_target_relation": ("plan_version", "relation_id", "kind", "target_id"),
    "fct_finding": ("finding_id", "rule_id", "severity", "outcome"),
    "fct_cell_unclaimed": ("source_id", "reason"),
    "fct_release_issue": ("source_id", "period_id", "maturity", "due_on", "is_due", "state", "basis_vi"),
    "fct_release_change": ("change_kind", "table_name", "row_key", "column_name"),
}


class ReleaseUnreadable(Exception):
    """A release whose files cannot be read as the contract says; the message names file, fault and mend."""


@dataclass(frozen=True)
class Release:
    """One release as somebody may see it: its id, directory and manifest, and what he is cleared for.

    `table` reads a table as a polars frame.
    """

    release_id: str
    directory: Path
    manifest: Manifest
    clearance: Clearance = FULL

    @property
    def key(self) -> Hashable:
        """What tells this release as this reader sees it from every other; ids are in it because directories may be
        moved, and the release before because a candidate may be compared with another one.
        """
        return str(self.directory), self.release_id, self.manifest.previous_release_id, self.clearance

    def table(self, name: str) -> pl.DataFrame:
        """A release table, rows in the release's order. ReleaseUnreadable when the file or a column is
        missing.

        It stays in memory: of a table that may have millions of rows ask `matching` or `scan`.
        """
        return _table(self, name)

    def matching(self, name: str, *conditions: pl.Expr, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of a release table that meet the conditions, in no stated order: for a few rows of a table that may
        have millions. Of a large table only these are read.
        """
        found = _chosen(self, name, *conditions)
        return _read(found if columns is None else found.select(columns), self.directory, name)

    def scan(self, name: str) -> pl.LazyFrame:
        """A release table whose rows are read when they are asked for; one that is small is in memory already."""
        return _scanned(self, name)

    def seen_with(self, clearance: Clearance) -> Release:
        """The same release as somebody with this clearance may see it."""
        return replace(self, clearance=clearance)

    def parameters(self) -> dict[str, float]:
        """The numbers the method works with, by name."""
        return {str(row["parameter"]): float(row["value"]) for row in self.rows("dim_parameter")}

    def rows(self, name: str) -> list[Row]:
        """A release table as a list of rows. The rows are shared: who wants to change one copies it."""
        return list(_rows(self, name))

    def has(self, name: str) -> bool:
        """Whether the release has the table: one made before the table existed stays readable."""
        return f"{name}.parquet" in self.manifest.files

    def optional_rows(self, name: str) -> list[Row]:
        """The rows of a table that older releases do not have; [] when this one does not."""
        return self.rows(name) if self.has(name) else []

    @property
    def cut_off(self) -> date:
        """The date up to which things are known and judged in this release."""
        return self.manifest.cut_off

    @property
    def digest(self) -> str:
        """The content digest, in full."""
        return self.manifest.content_digest

    @property
    def short_digest(self) -> str:
        """The beginning of the content digest, as pages show it."""
        return self.digest[:12]

    @property
    def method_version(self) -> str:
        """The version of the method that made the assessments."""
        return self.manifest.method_version

    @property
    def reviewed(self) -> bool:
        """Whether people reviewed the figures: a release under the policies `one` and `two` was signed by as many."""
        return self.manifest.review_policy in ("one", "two")


def read_table(directory: Path, name: str) -> pl.DataFrame:
    """Reads one table of a release directory as it is, and holds it to the columns the pages read."""
    return _read(_scan(directory, name), directory, name)


def _read(frame: pl.LazyFrame, directory: Path, name: str) -> pl.DataFrame:
    try:
        return frame.collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(directory, name, error) from error


def disclosed_table(directory: Path, release_id: str, name: str, clearance: Clearance) -> pl.LazyFrame:
    """One table as somebody with this clearance may see it, its rows not read yet."""
    frame = _scan(directory, name)
    if clearance == FULL:
        return frame
    return disclosed(name, frame, _closed(str(directory), release_id, clearance), clearance)


def _shown(release: Release, name: str) -> pl.LazyFrame:
    frame = _scan(release.directory, name)
    if release.clearance == FULL:
        return frame
    return disclosed(name, frame, _closed_in(release), release.clearance)


@per_release
def _closed_in(release: Release) -> Closed:
    return _what_is_closed(release.directory, release.clearance)


@lru_cache(maxsize=4)
def _closed(directory: str, release_id: str, clearance: Clearance) -> Closed:
    """What is closed in a directory that is written from, for one table after the other."""
    return _what_is_closed(Path(directory), clearance)


def _what_is_closed(directory: Path, clearance: Clearance) -> Closed:
    found = {path.stem: _scan(directory, path.stem) for path in directory.glob("*.parquet")}
    return what_is_closed(found, clearance)


def _scan(directory: Path, name: str) -> pl.LazyFrame:
    """One table, its columns looked at and its rows not read yet. ReleaseUnreadable names file, fault and mend."""
    path = directory / f"{name}.parquet"
    try:
        frame = pl.scan_parquet(path)
        columns = frame.collect_schema().names()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unreadable(directory, name, error) from error
    missing = [column for column in COLUMNS_READ.get(name, ()) if column not in columns]
    if missing:
        raise ReleaseUnreadable(
            f"{path}: no column {', '.join(missing)}; "
            "the release was made by another version of the program: run `ppw run` with this one"
        )
    return frame


def write_cut(directory: Path, clearance: Clearance, folder: Path) -> Path:
    """Write the release in a directory as somebody with this clearance may see it, in a folder of the release's name.

    Returns that folder: tables and manifest. The manifest is the release's own, so its digests are not of this cut.
    """
    manifest = read_manifest(directory)
    cut = folder / manifest.release_id
    cut.mkdir(parents=True)
    for name in manifest.tables():
        shown = disclosed_table(directory, manifest.release_id, name, clearance)
        _read(shown, directory, name).write_parquet(cut / f"{name}.parquet")
    shutil.copyfile(directory / MANIFEST_NAME, cut / MANIFEST_NAME)
    return cut


def _chosen(release: Release, name: str, *conditions: pl.Expr) -> pl.LazyFrame:
    """Some rows of a table. Of a large one they are chosen before what is closed is taken out of them, where they are
    chosen by what is closed to nobody: a few rows are cut in no time, and the same comes out.
    """
    if release.clearance == FULL or _is_small(release, name):
        return release.scan(name).filter(*conditions)
    rows = _scan(release.directory, name)
    asked = {column for condition in conditions for column in condition.meta.root_names()}
    if not asked <= shown_as_they_are(name, rows.collect_schema().names(), release.clearance):
        return release.scan(name).filter(*conditions)
    chosen = _read(rows.filter(*conditions), release.directory, name)
    closed = _closed_in(release).among(chosen)
    return disclosed(name, chosen.lazy(), closed, release.clearance)


def _is_small(release: Release, name: str) -> bool:
    stated = release.manifest.files.get(f"{name}.parquet")
    return stated is not None and (stated.rows or 0) <= SMALL_TABLE


def _unreadable(directory: Path, name: str, error: Exception) -> ReleaseUnreadable:
    return ReleaseUnreadable(
        f"{directory / f'{name}.parquet'}: cannot be read ({type(error).__name__}); "
        "run `ppw release list`, then `ppw release rollback` to a whole release"
    )


@per_release
def _table(release: Release, name: str) -> pl.DataFrame:
    return _read(_shown(release, name), release.directory, name)


@per_release
def _rows(release: Release, name: str) -> Sequence[Row]:
    return release.table(name).to_dicts()


@per_release
def _scanned(release: Release, name: str) -> pl.LazyFrame:
    if _is_small(release, name):
        return release.table(name).lazy()
    return _shown(release, name)


def current_release(settings: Settings) -> Release | None:
    """The release that `releases/current` names, or None when nothing was published yet.

    ReleaseUnreadable when the pointer names nothing whole or the manifest cannot be read.
    """
    try:
        release_id = current_release_id(settings)
        if release_id is None:
            return None
        return release_at(release_dir(settings, release_id))
    except ReleaseError as error:
        raise ReleaseUnreadable(str(error)) from error


def release_in_force(settings: Settings, day: date) -> Release | None:
    """The release that was in force at the end of a day, or None when there was none yet.

    ReleaseUnreadable when it cannot be read any more.
    """
    try:
        release_id = release_in_force_on(settings, day)
        return None if release_id is None else release_at(release_dir(settings, release_id))
    except ReleaseError as error:
        raise ReleaseUnreadable(str(error)) from error


def named_release(settings: Settings, release_id: str) -> Release | None:
    """The published release of an id, None when there is none. ReleaseUnreadable when it cannot be read any more."""
    try:
        return release_at(release_dir(settings, release_id))
    except ReleaseMissing:
        return None
    except ReleaseError as error:
        raise ReleaseUnreadable(str(error)) from error


def release_at(directory: Path) -> Release:
    """The release in a directory. ReleaseError when its manifest cannot be read."""
    try:
        written = (directory / MANIFEST_NAME).stat()
    except OSError:
        return _release_at(directory, 0, 0)
    return _release_at(directory, written.st_mtime_ns, written.st_size)


@lru_cache(maxsize=32)
def _release_at(directory: Path, _written_ns: int, _size: int) -> Release:
    """A candidate may be sealed again: its manifest is then another file of the same name."""
    manifest = read_manifest(directory)
    return Release(release_id=manifest.release_id, directory=directory, manifest=manifest)
