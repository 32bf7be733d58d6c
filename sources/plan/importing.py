"""Import of a plan: its files become snapshots and vintages, as those of a plan that ships with the project do.

Rows never change: a version that is there stays as it is, and other content needs another version.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sources.plan.amendment import AmendedPlan, Amendment, amended_files
from sources.plan.codes import code_problems
from sources.plan.difference import Difference, difference
from sources.plan.document import (
    PLAN_DOCUMENTS,
    PLAN_FILE,
    may_be_reference,
    plan_source_id,
    reference_version,
)
from sources.plan.known import IMPORTED_ROUTE, Library, library
from sources.plan.package import MOST_BYTES, NoPackage, read_package
from sources.plan.plan import Plan
from sources.plan.reading import plan_versions, read_as_far_as_possible
from sources.plan.references import lineage_problems
from sources.problems import Problem
from sources.read_vintage import plan_reading, write_cells
from store import landing, state
from store.settings import Settings

_MEDIA_TYPES = {".yml": "application/yaml", ".csv": "text/csv"}


@dataclass(frozen=True)
class ExaminedPlan:
    """A plan that may be imported. `is_known`: the same content is there already under this version.

    `difference` is against the document it supersedes or amends; without one, a plan that may become the reference
    of its area is compared with the present reference, and any other with nothing (None).
    """

    plan: Plan
    files: dict[str, bytes]
    is_known: bool
    difference: Difference | None


def examine(
    settings: Settings, path: Path, amends: str | None = None, amendment: Amendment | None = None
) -> tuple[ExaminedPlan | None, list[Problem]]:
    """Read and check what is to be imported, without changing anything; None beside all its problems.

    `amends` and `amendment` go with a .csv of targets and with nothing else. Raises NoPackage when the path or
    the document it amends cannot be used at all. The state database must be migrated.
    """
    shelf = library(settings)
    made = _files(shelf, path, amends, amendment)
    plan, problems = examine_files(settings, shelf, made.files, path.name, made.problems)
    if plan is not None:
        problems += _taken(settings, shelf, plan, made.files)
    problems = [made.placed(problem) for problem in problems]
    if plan is None or problems:
        return None, problems
    known = shelf.of_source(plan.document.source_id)
    return ExaminedPlan(plan, made.files, known is not None, _difference(plan, shelf)), []


def examine_files(
    settings: Settings, shelf: Library, files: Mapping[str, bytes], place: str, before: Sequence[Problem] = ()
) -> tuple[Plan | None, list[Problem]]:
    """Read the files of a plan and check it against the seeds and the plans at hand: the plan as far as it can be
    read, and all problems, those found `before` among them.
    """
    problems = list(before)
    if before and not files:
        return None, problems
    reading = read_as_far_as_possible(files, place)
    problems += reading.problems
    if reading.plan is not None:
        others = {version: known.plan for version, known in shelf.plans.items()}
        problems += code_problems(reading.plan, settings.dbt_project_dir / "seeds", reading.bad_rows)
        problems += lineage_problems(reading.plan, others)
    return reading.plan, problems


def _files(shelf: Library, path: Path, amends: str | None, amendment: Amendment | None) -> AmendedPlan:
    if path.suffix.lower() != ".csv" or path.is_dir():
        if amends is not None:
            raise NoPackage(
                "--amends goes with a .csv of targets; a whole plan says in plan.yml what it supersedes"
            )
        return AmendedPlan(*read_package(path))
    if amends is None or amendment is None:
        raise NoPackage(
            f"{path.name} is a table of targets alone: say which document it amends and what amends it "
            "(--amends, --plan-version, --number, --adopted-on)"
        )
    if amends not in shelf.plans:
        raise NoPackage(f"there is no plan {amends} to amend; `ppw plan list` shows those there are")
    if not path.is_file():
        raise NoPackage(f"{path} is not there; name a directory, a .zip, an .xlsx or a .csv")
    if path.stat().st_size > MOST_BYTES:
        message = f"it has more than {MOST_BYTES} bytes"
        mend = "check where it comes from; it is not read"
        return AmendedPlan({}, [Problem(path.name, "the whole file", message, mend)])
    return amended_files(shelf.plans[amends].plan, path.read_bytes(), path.name, amendment)


def _taken(settings: Settings, shelf: Library, plan: Plan, files: Mapping[str, bytes]) -> list[Problem]:
    """Say so when the version stands for other content already."""
    document = plan.document
    known = shelf.of_source(document.source_id)
    names = {plan_source_id(version) for version in plan_versions(settings.plans_dir)}
    if known is None and document.source_id not in names:
        return []
    if known is not None and known.files == files:
        return []
    message = f"there is a plan {document.plan_version} with another content, and a version never changes"
    mend = f"choose a new version name; `supersedes: {document.plan_version}` says that it follows that one"
    return [Problem(PLAN_FILE, "plan_version", message, mend)]


def _difference(plan: Plan, shelf: Library) -> Difference | None:
    document = plan.document
    before = document.supersedes
    if before is None and may_be_reference(document):
        others = (known.plan.document for known in shelf.plans.values())
        earlier = (other for other in others if other.plan_version != document.plan_version)
        before = reference_version(earlier, document.area_id)
    return None if before is None else difference(shelf.plans[before].plan, plan)


def import_plan(
    settings: Settings, examined: ExaminedPlan, batch_id: str, actor: str, clock: Callable[[], datetime]
) -> None:
    """Keep the files of an examined plan and record them, all or none; the next run reads them.

    It is known from the moment it is imported, whatever day its document bears. The clock gives aware times.
    """
    if examined.is_known:
        return
    document = examined.plan.document
    started_at = clock()
    snapshots = {name: landing.put(settings, data) for name, data in examined.files.items()}
    for name, sha256 in snapshots.items():
        reading = plan_reading(PLAN_DOCUMENTS[name])
        if reading is not None:
            write_cells(settings, reading, sha256, examined.files[name])
    finished_at = clock()
    with state.writing(settings) as connection:
        for name, sha256 in snapshots.items():
            state.record_snapshot(
                connection,
                sha256=sha256,
                size_bytes=len(examined.files[name]),
                media_type=_MEDIA_TYPES[Path(name).suffix],
                origin="transcription",
                first_seen_at=finished_at,
            )
            state.record_retrieval(
                connection,
                batch_id=batch_id,
                source_id=document.source_id,
                route=IMPORTED_ROUTE,
                document=PLAN_DOCUMENTS[name],
                outcome="new",
                snapshot_sha256=sha256,
                vintage_at=finished_at.astimezone(UTC).replace(tzinfo=None),
                published_at_basis="not_stated",
                address=f"{document.plan_version}/{name}",
                started_at=started_at,
                finished_at=finished_at,
            )
        state.record_audit_event(
            connection,
            actor=actor,
            action="plan_imported",
            subject=document.plan_version,
            detail={"batch_id": batch_id, "supersedes": document.supersedes, "snapshots": snapshots},
            at=finished_at,
        )
