"""The plan documents that the project knows, from the bytes it kept of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sources.plan.document import PLAN_DOCUMENTS, plan_source_id
from sources.plan.plan import Plan
from sources.plan.reading import plan_files, plan_versions, read_directory, read_plan
from sources.read_vintage import is_plan
from store import landing, state
from store.settings import Settings
from store.state import Vintage

# Routes of a plan: shipped with the project, or imported by `ppw plan import`.
SHIPPED_ROUTE, IMPORTED_ROUTE = "recorded", "imported"
# The bytes that say a table was taken out of a plan: the state database only ever grows.
WITHDRAWN = b""
_FILES = {document: file for file, document in PLAN_DOCUMENTS.items()}


@dataclass(frozen=True)
class KnownPlan:
    """A plan as last retrieved or imported; `snapshots` gives the sha256 of each of its files."""

    plan: Plan
    route: str
    files: dict[str, bytes]
    snapshots: dict[str, str]


def plans_of(
    settings: Settings, vintages: Iterable[Vintage]
) -> tuple[list[KnownPlan], list[tuple[str, str]]]:
    """Read the plans among vintages, given oldest first, each from its latest snapshots.

    Returns them by source_id, and (source_id, reason) for those that cannot be read.
    """
    latest: dict[str, dict[str, Vintage]] = {}
    for vintage in vintages:
        if is_plan(vintage):
            latest.setdefault(vintage.source_id, {})[_FILES[vintage.document]] = vintage
    plans: list[KnownPlan] = []
    spoiled: list[tuple[str, str]] = []
    for source_id, documents in sorted(latest.items()):
        try:
            files = {
                file: data
                for file, vintage in documents.items()
                if (data := landing.get(settings, vintage.snapshot_sha256)) != WITHDRAWN
            }
        except landing.LandingError as error:
            spoiled.append((source_id, str(error)))
            continue
        plan, problems = read_plan(files, source_id)
        if plan is None:
            spoiled.append((source_id, "; ".join(str(problem) for problem in problems)))
            continue
        route = max(documents.values(), key=lambda vintage: vintage.retrieval_id).route
        snapshots = {file: documents[file].snapshot_sha256 for file in files}
        plans.append(KnownPlan(plan, route, files, snapshots))
    return plans, spoiled


@dataclass(frozen=True)
class Library:
    """Every plan document at hand by plan_version, and what is wrong with those that cannot be read."""

    plans: dict[str, KnownPlan]
    problems: list[str]

    def of_source(self, source_id: str) -> KnownPlan | None:
        """Return the plan kept under a source id; versions that differ in case only share one."""
        found = (known for known in self.plans.values() if known.plan.document.source_id == source_id)
        return next(found, None)


def library(settings: Settings) -> Library:
    """Read the plans that ship with the project as they are now, and those imported or kept from before.

    The state database must be migrated.
    """
    plans: dict[str, KnownPlan] = {}
    problems: list[str] = []
    shipped = plan_versions(settings.plans_dir)
    for version in shipped:
        directory = settings.plans_dir / version
        plan, found = read_directory(directory)
        problems += [str(problem) for problem in found]
        if plan is not None:
            plans[version] = KnownPlan(plan, SHIPPED_ROUTE, plan_files(directory), {})
    with state.reading(settings) as connection:
        vintages = state.vintages(connection)
    here = {plan_source_id(version) for version in shipped}
    kept, spoiled = plans_of(settings, (vintage for vintage in vintages if vintage.source_id not in here))
    problems += [f"{source_id}: {reason}" for source_id, reason in spoiled]
    plans |= {known.plan.document.plan_version: known for known in kept}
    return Library(dict(sorted(plans.items())), problems)
