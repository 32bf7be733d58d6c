"""What `ppw plan` shows: the plan documents at hand, the counts of one, its proofs, and an import."""

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sources.plan.codes import code_problems
from sources.plan.document import reference_version
from sources.plan.importing import ExaminedPlan, examine_files
from sources.plan.known import KnownPlan, Library, library
from sources.plan.ledger import counts_by_use, text_problems
from sources.plan.package import read_package
from sources.plan.plan import Plan
from sources.plan.references import lineage_problems
from sources.problems import Problem
from store.settings import Settings
from store.state import migrate


def _library(settings: Settings) -> Library:
    migrate(settings)
    return library(settings)


def _row(known: KnownPlan, reference: str | None) -> dict[str, Any]:
    document = known.plan.document
    return {
        "plan_version": document.plan_version,
        "number": document.number,
        "area_id": document.area_id,
        "kind": document.kind,
        "legal_status": document.legal_status,
        "adopted_on": document.adopted_on,
        "supersedes": document.supersedes,
        "targets_transcribed": document.targets_transcribed,
        "is_reference": document.plan_version == reference,
        "route": known.route,
        "targets": len(known.plan.targets),
        "milestones": len(known.plan.milestones),
        "annotations": len(known.plan.annotations),
    }


def _reference(settings: Settings, shelf: Library) -> str | None:
    return reference_version((known.plan.document for known in shelf.plans.values()), settings.area_id)


def plan_rows(settings: Settings) -> tuple[list[dict[str, Any]], list[str]]:
    """One row per plan document, and what is wrong with those that cannot be read."""
    shelf = _library(settings)
    reference = _reference(settings, shelf)
    return [_row(known, reference) for known in shelf.plans.values()], shelf.problems


def plan_detail(settings: Settings, plan_version: str) -> dict[str, Any] | None:
    """One plan document with its counts; None when there is none of that version that can be read."""
    shelf = _library(settings)
    known = shelf.plans.get(plan_version)
    if known is None:
        return None
    plan, document = known.plan, known.plan.document
    return {
        **_row(known, _reference(settings, shelf)),
        "title_vi": document.title_vi,
        "title_en": document.title_en,
        "period": f"{document.period_start}-{document.period_end}",
        "vision_year": document.vision_year,
        "clauses": len(plan.clauses),
        "targets_with_values": sum(bool(target.figures) for _, target in plan.targets),
        "headlines": sum(promise.headline == "true" for _, _, promise in plan.promises()),
        "lists": len(plan.lists),
        "list_members": len(plan.members),
        "relations": len(plan.relations),
        "ledger_entries": len(plan.ledger),
        "text_sha256": document.text_sha256,
        "text_lines": document.text_lines,
        "ledger_by_use": counts_by_use(plan.ledger),
    }


def check_plans(
    settings: Settings, plan_version: str | None, text: Path | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """Prove one plan or all: what was proven, counted, and every problem.

    Reading a plan makes the proofs on its tables, so a plan that is at hand has passed them; a text is compared with
    the plan named, else with the plans that were made from it.
    """
    shelf = _library(settings)
    plans = {version: known.plan for version, known in shelf.plans.items()}
    problems = list(shelf.problems)
    if plan_version is not None:
        source = plan_version.lower().replace("-", "_")
        problems = [line for line in problems if line.startswith((f"{plan_version}/", f"plan_{source}"))]
        if plan_version not in plans and not problems:
            problems.append(
                f"there is no plan {plan_version}. Mend: name one of {', '.join(plans) or 'none at hand'}"
            )
    chosen = [plan for version, plan in plans.items() if plan_version in {None, version}]
    data = None if text is None else text.read_bytes()
    compared = _compared_with(chosen, data, by_name=plan_version is not None)
    if data is not None and chosen and not compared:
        sha256 = hashlib.sha256(data).hexdigest()
        problems.append(
            f"no plan was made from this text (sha256 {sha256}). Mend: give the text that was read"
        )
    rows = []
    for plan in chosen:
        found = [*code_problems(plan, settings.dbt_project_dir / "seeds"), *lineage_problems(plan, plans)]
        version = plan.document.plan_version
        if data is not None and version in compared:
            found += [_placed(problem, version) for problem in text_problems(plan, data)]
        problems += [str(problem) for problem in found]
        rows.append(_proven(plan, version in compared))
    return rows, problems


def check_package(
    settings: Settings, path: Path, text: Path | None
) -> tuple[list[dict[str, Any]], list[str]]:
    """Prove a plan that is being prepared (a directory, .zip or .xlsx), with its text where it is given.

    Raises NoPackage when the path is none of these.
    """
    files, found = read_package(path)
    plan, problems = examine_files(settings, _library(settings), files, path.name, found)
    if plan is not None and text is not None:
        problems += [_placed(problem, path.name) for problem in text_problems(plan, text.read_bytes())]
    rows = [] if plan is None else [_proven(plan, against_text=text is not None)]
    return rows, [str(problem) for problem in problems]


def _compared_with(plans: list[Plan], data: bytes | None, by_name: bool) -> set[str]:
    if data is None:
        return set()
    sha256 = hashlib.sha256(data).hexdigest()
    return {plan.document.plan_version for plan in plans if by_name or plan.document.text_sha256 == sha256}


def _placed(problem: Problem, version: str) -> Problem:
    return Problem(f"{version}/{problem.file}", problem.place, problem.message, problem.mend)


def _proven(plan: Plan, against_text: bool) -> dict[str, Any]:
    return {
        "plan_version": plan.document.plan_version,
        "figures": sum(len(target.figures) for _, target in plan.targets),
        "sums": len({row.relation_id for _, row in plan.relations if row.kind == "part_of_sum"}),
        "structures": len({row.group_id for _, row in plan.targets if row.target_type == "structure"}),
        "lists": len(plan.lists),
        "annotations": len(plan.annotations),
        "ledger_entries": len(plan.ledger),
        "against_text": against_text,
    }


def import_report(examined: ExaminedPlan, dry_run: bool) -> dict[str, Any]:
    """What an import did, or would do."""
    plan = examined.plan
    return {
        "plan_version": plan.document.plan_version,
        "supersedes": plan.document.supersedes,
        "imported": not dry_run and not examined.is_known,
        "said": _said(examined, dry_run),
        "targets": len(plan.targets),
        "milestones": len(plan.milestones),
        "annotations": len(plan.annotations),
        "difference": None if examined.difference is None else asdict(examined.difference),
    }


def _said(examined: ExaminedPlan, dry_run: bool) -> str:
    version = examined.plan.document.plan_version
    if examined.is_known:
        return f"{version} is there with this very content; nothing changes"
    if dry_run:
        return f"{version} could be imported; nothing was changed"
    return f"{version} is imported; the next `ppw run` uses it"
