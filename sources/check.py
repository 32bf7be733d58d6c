"""`python -m sources.check`: read all source records, snapshots and plan tables, say what is wrong."""

import sys

from sources.plan.codes import code_problems
from sources.plan.evidence import report_problems
from sources.plan.reading import load_plans
from sources.plan.references import lineage_problems
from sources.registry import check_record, load_records
from store.settings import load_settings


def main() -> int:
    """Print all problems; return 0 when there are none, else 1."""
    settings = load_settings()
    records, plans = load_records(settings.specs_dir), load_plans(settings.plans_dir)
    problems = records.problems + plans.problems
    seeds_dir = settings.dbt_project_dir / "seeds"
    areas = {area.area_id for plan in plans.plans.values() for _, area in plan.areas}
    for record in records.records.values():
        problems += check_record(record, seeds_dir, settings.recorded_dir, areas)
        problems += report_problems(record, settings.recorded_dir, plans.plans)
    for plan in plans.plans.values():
        problems += [*code_problems(plan, seeds_dir), *lineage_problems(plan, plans.plans)]
    for problem in problems:
        print(problem, file=sys.stderr)
    targets = sum(len(plan.targets) for plan in plans.plans.values())
    milestones = sum(len(plan.milestones) for plan in plans.plans.values())
    print(
        f"{len(records.records)} source records, {len(plans.plans)} plan documents, {targets} targets, "
        f"{milestones} milestones"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
