"""Building again what was known: by today's method as of a day, or as a published release was built.

Nothing of either is published. The build has a folder of its own in the warehouse, with the landing and the state
database of the real home and the cells that were read before; it is kept by what went into it, so that the same
question is answered once.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestration.build import RunPlan, check_observations, plan_run, write_warehouse_inputs
from orchestration.dbt_command import ACCEPT_SELECTION, EXCLUDED, OBSERVE_SELECTION, run_dbt, target_path
from orchestration.publication import build_candidate
from store.files import discard_directory, make_directory
from store.manifest import Manifest, ReleaseError, read_manifest
from store.release_diff import changes_between
from store.releases import release_dir
from store.settings import Settings
from store.warehouse import warehouse_lock

# Builds that are kept; older ones are made again when somebody asks.
_KEPT = 4


class NothingKnown(ReleaseError):
    """Nothing had reached us by that day."""


@dataclass(frozen=True)
class Rebuilt:
    """A published release built again from what was on record when it was made.

    `differences` is empty exactly when the digests are equal.
    """

    published: Manifest
    rebuilt: Manifest
    differences: Sequence[str]

    @property
    def same(self) -> bool:
        return self.published.content_digest == self.rebuilt.content_digest


def recompute(settings: Settings, day: date) -> Path:
    """Today's method on what was known at the end of `day`: values, targets, decisions, the outcomes of retrievals.

    Returns a directory laid out as a release. Raises NothingKnown before the first figure; whatever keeps a run from
    building is raised too.
    """
    end_of_day = datetime.combine(day, time.max, ZoneInfo(settings.time_zone))
    plan = plan_run(settings, day, received_by=end_of_day)
    if not any(vintage.vintage_at.date() <= day for vintage in plan.vintages):
        first = min(vintage.vintage_at.date() for vintage in plan.vintages)
        raise NothingKnown(
            f"nothing was known on {day}; the first figures arrived on {first}: choose a later day"
        )
    return _kept_build(settings, plan)


def rebuild(settings: Settings, release_id: str | None = None) -> Rebuilt:
    """Build a published release again, from the retrievals that were on record when it was made.

    Raises ReleaseMissing, NoRelease.
    """
    published = read_manifest(release_dir(settings, release_id))
    plan = plan_run(
        settings,
        published.cut_off,
        recorded_by=published.created_at,
        decisions_up_to=published.decisions_up_to,
        statements_up_to=published.statements_up_to,
    )
    directory = _kept_build(settings, plan)
    again = read_manifest(directory)
    differences: list[str] = []
    if again.content_digest != published.content_digest:
        counts = changes_between(release_dir(settings, published.release_id), directory).counts()
        differences = [
            f"{table}: {', '.join(f'{number} {kind}' for kind, number in sorted(kinds.items()))}"
            for table, kinds in counts.items()
        ]
    return Rebuilt(published, again, differences)


def _kept_build(settings: Settings, plan: RunPlan) -> Path:
    folder = settings.warehouse_dir / "rebuilt" / plan.inputs_hash[:16]
    private = settings.model_copy(
        update={
            "home": folder,
            "landing_url": settings.landing_location,
            "state_url": settings.state_location,
        }
    )
    make_directory(folder.parent)
    with warehouse_lock(private):
        kept = _finished(private)
        if kept is not None:
            return kept
        _prune(folder.parent, keep=_KEPT - 1, but=folder)
        _borrow(settings, private)
        directory = build(private, plan)
        private.warehouse_file.unlink()
        return directory


def build(settings: Settings, plan: RunPlan) -> Path:
    """Build a candidate of what the plan knows, step by step in this process; returns its directory.

    For the holder of the warehouse lock.
    """
    write_warehouse_inputs(settings, plan)
    run_dbt(settings, "build", "--select", *OBSERVE_SELECTION.split(), "--exclude", *EXCLUDED.split())
    check_observations(settings)
    run_dbt(settings, "build", "--select", *ACCEPT_SELECTION.split(), "--exclude", *EXCLUDED.split())
    return build_candidate(settings)


def _finished(private: Settings) -> Path | None:
    """The directory of an earlier build of the same inputs, or None: the warehouse file goes when it is done."""
    if private.warehouse_file.exists() or not private.candidates_dir.is_dir():
        return None
    done = [path for path in private.candidates_dir.iterdir() if (path / "manifest.json").is_file()]
    return done[0] if len(done) == 1 else None


def _borrow(settings: Settings, private: Settings) -> None:
    """Read with the cells of the real warehouse, and begin with its parsed dbt project."""
    make_directory(settings.cells_dir)
    make_directory(private.warehouse_dir)
    if not private.cells_dir.exists():
        private.cells_dir.symlink_to(settings.cells_dir, target_is_directory=True)
    parsed = target_path(settings) / "partial_parse.msgpack"
    if parsed.is_file():
        make_directory(target_path(private))
        shutil.copyfile(parsed, target_path(private) / parsed.name)


def _prune(folder: Path, *, keep: int, but: Path) -> None:
    others = sorted(
        (path for path in folder.iterdir() if path.is_dir() and path != but),
        key=lambda path: path.stat().st_mtime_ns,
        reverse=True,
    )
    for path in others[keep:]:
        discard_directory(path)
