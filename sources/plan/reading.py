"""Reading the files of a plan document; whatever is wrong is said together, and refuses the plan whole."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sources.plan.consistency import consistency_problems
from sources.plan.document import (
    ANNOTATIONS_FILE,
    AREAS_FILE,
    CLAUSES_FILE,
    LEDGER_FILE,
    LISTS_FILE,
    MEMBERS_FILE,
    MILESTONES_FILE,
    PLAN_DOCUMENTS,
    PLAN_FILE,
    RELATIONS_FILE,
    TARGETS_FILE,
    read_document,
)
from sources.plan.ledger import ledger_problems
from sources.plan.plan import TABLE_MODELS, Plan
from sources.plan.references import reference_problems
from sources.plan.rows import BadRow, read_table_rows, repeated
from sources.plan.tables import names_of
from sources.problems import Problem

# File -> the column whose values stand once in it.
_KEYS = {
    CLAUSES_FILE: "clause",
    TARGETS_FILE: "target_id",
    MILESTONES_FILE: "target_id",
    ANNOTATIONS_FILE: "annotation_id",
    LISTS_FILE: "list_id",
    AREAS_FILE: "area_id",
}
# File -> the columns whose names other tables use; a proof that misses them says nothing new of a row left out.
_NAMING = {
    CLAUSES_FILE: ("clause",),
    TARGETS_FILE: ("target_id", "group_id"),
    MILESTONES_FILE: ("target_id",),
    ANNOTATIONS_FILE: ("annotation_id", "subjects"),
    LISTS_FILE: ("list_id",),
    MEMBERS_FILE: ("list_id",),
    RELATIONS_FILE: ("relation_id",),
    LEDGER_FILE: ("ref",),
    AREAS_FILE: ("area_id",),
}


@dataclass(frozen=True)
class Reading:
    """What the files of a plan gave: everything wrong, and the plan as far as it can be read.

    With problems the plan lacks the rows of `bad_rows`; it is for looking further, not for use. It is None when a
    whole file could not be read.
    """

    plan: Plan | None
    problems: list[Problem]
    bad_rows: list[BadRow] = field(default_factory=list)


def read_plan(files: Mapping[str, bytes], place: str) -> tuple[Plan | None, list[Problem]]:
    """Read the files of one plan document (file name -> bytes); `place` goes before the names in problems.

    Everything wrong comes back at once; a plan with a problem is None.
    """
    reading = read_as_far_as_possible(files, place)
    return (None if reading.problems else reading.plan), reading.problems


def read_as_far_as_possible(files: Mapping[str, bytes], place: str) -> Reading:
    """Read the files of one plan document and make every proof that its readable rows allow."""
    reading = _read_tables(files)
    problems = list(reading.problems)
    if reading.plan is not None:
        plan = reading.plan
        found = [*reference_problems(plan), *consistency_problems(plan), *ledger_problems(plan)]
        problems += _without_echoes(found, reading.bad_rows)
    placed = [replace(problem, file=f"{place}/{problem.file}") for problem in problems]
    return replace(reading, problems=placed)


def _without_echoes(problems: list[Problem], bad_rows: Iterable[BadRow]) -> list[Problem]:
    """Leave out what is wrong only because a row could not be read: the row itself has been said."""
    names = {
        name.removeprefix("list:").removeprefix("clause:")
        for bad in bad_rows
        for column in _NAMING[bad.file]
        for name in names_of(bad.fields.get(column))
        if name
    }
    if not names:
        return problems
    echo = re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, sorted(names)))})(?![\w-])")
    return [one for one in problems if not echo.search(f"{one.place} {one.message} {one.mend}")]


def read_tables(files: Mapping[str, bytes]) -> tuple[Plan | None, list[Problem]]:
    """Read every row of the files, without holding the tables against each other; None beside problems."""
    reading = _read_tables(files)
    return (None if reading.problems else reading.plan), reading.problems


def _read_tables(files: Mapping[str, bytes]) -> Reading:
    if PLAN_FILE not in files:
        return Reading(None, [Problem(PLAN_FILE, "the whole file", "the file is missing", "add it")])
    document, problems = read_document(files[PLAN_FILE], PLAN_FILE)
    tables: dict[str, Any] = {}
    bad_rows: list[BadRow] = []
    whole = document is not None
    for file, model in TABLE_MODELS.items():
        if file in files:
            rows, found, bad = read_table_rows(files[file], model, file)
            tables[PLAN_DOCUMENTS[file]] = rows
            problems += found
            bad_rows += bad or []
            whole = whole and bad is not None
            if file in _KEYS:
                key = _KEYS[file]
                problems += repeated([(number, getattr(row, key)) for number, row in rows], key, file)
    if document is not None and document.targets_transcribed != (TARGETS_FILE in files):
        stated = str(document.targets_transcribed).lower()
        message = f"targets_transcribed is {stated}, and {TARGETS_FILE} says otherwise"
        mend = f"correct it, or mend {TARGETS_FILE}"
        problems.append(Problem(PLAN_FILE, "targets_transcribed", message, mend))
    if document is None or not whole:
        return Reading(None, problems, bad_rows)
    return Reading(Plan(document, **tables), problems, bad_rows)


@dataclass(frozen=True)
class Plans:
    """The plan documents that could be read, by plan_version, and what is wrong with the others."""

    plans: dict[str, Plan]
    problems: list[Problem]


def plan_versions(plans_dir: Path) -> list[str]:
    """Return the directories under `plans_dir`, one per plan document, in name order."""
    if not plans_dir.is_dir():
        return []
    return sorted(path.name for path in plans_dir.iterdir() if path.is_dir() and path.name[0] not in "._")


def plan_files(directory: Path) -> dict[str, bytes]:
    """Return the bytes of the plan files that are there."""
    return {name: (directory / name).read_bytes() for name in PLAN_DOCUMENTS if (directory / name).is_file()}


def strangers(names: Iterable[str], place: str) -> list[Problem]:
    """Say which files of a plan's directory are no files of a plan; a misspelt name would be passed over."""
    return [
        Problem(f"{place}/{name}", "the whole file", "a plan has no such file", _mend_of(name))
        for name in sorted(names)
        if name not in PLAN_DOCUMENTS and not name.startswith(".")
    ]


def _mend_of(name: str) -> str:
    near = difflib.get_close_matches(name, PLAN_DOCUMENTS, n=1)
    return f"call it {near[0]}, or take it away" if near else f"take it away ({', '.join(PLAN_DOCUMENTS)})"


def read_directory(directory: Path) -> tuple[Plan | None, list[Problem]]:
    """Read a plan document from its directory, which carries the document's name and holds nothing else."""
    plan, problems = read_plan(plan_files(directory), directory.name)
    if plan is not None and plan.document.plan_version != directory.name:
        message = f"plan_version is '{plan.document.plan_version}', the directory '{directory.name}'"
        place = f"{directory.name}/{PLAN_FILE}"
        problems.append(Problem(place, "plan_version", message, "give both the same name"))
    if directory.is_dir():
        problems += strangers((path.name for path in directory.iterdir()), directory.name)
    return (None if problems else plan), problems


def load_plans(plans_dir: Path) -> Plans:
    """Read every plan document under `plans_dir`; one bad document does not stop the others."""
    plans: dict[str, Plan] = {}
    problems: list[Problem] = []
    for version in plan_versions(plans_dir):
        plan, found = read_directory(plans_dir / version)
        problems += found
        if plan is not None:
            plans[version] = plan
    return Plans(plans, problems)
