"""`python -m sources.check`: read all source records, snapshots and plan tables, say what is wrong."""

import sys

from sources.plan_tables import load_plans
from sources.registry import check_record, load_records
from store.settings import load_settings


def main() -> int:
    """Print all problems; return 0 when there are none, else 1."""
    settings = load_settings()
    records, plans = load_records(settings.specs_dir), load_plans(settings.plans_dir)
    problems = records.problems + plans.problems
    for record in records.records.values():
        problems += check_record(record, settings.dbt_project_dir / "seeds", settings.recorded_dir)
    for problem in problems:
        print(problem, file=sys.stderr)
    targets = sum(len(plan.targets) for plan in plans.plans.values())
    print(f"{len(records.records)} source records, {len(plans.plans)} plan documents, {targets} targets")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
