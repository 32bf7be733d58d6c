"""The steps of a build as plain functions: what a run would use, the inputs for dbt, the checks.

Both ways into the main job use them: `ppw run`, which first asks whether anything is new, and Dagster's assets.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from expectations.rules import RELEASE_SUITE, RuleSet, load_rules
from expectations.run import empty_check_result, run_suites
from orchestration.records import UsableRecords, usable_records
from orchestration.retrieval import RECORD_DOCUMENT
from sources.compile import Versions, code_version, default_cut_off, inputs_hash, write_inputs
from store import state
from store.files import write_durably
from store.releases import current_release_id
from store.settings import Settings
from store.state import Retrieval, Vintage

# Raised when a formula, a band or a state of dbt_project/models/assess changes what it says of the same figures.
METHOD_VERSION = "2.1"
_RUN_INPUTS_FILE = "run.json"


class NothingRetrieved(Exception):
    """There is no snapshot at all to build from."""


@dataclass(frozen=True)
class RunPlan:
    """What a build would use: everything that decides a release, and the hash of it."""

    cut_off: date
    usable: UsableRecords
    vintages: Sequence[Vintage]
    outcomes: Sequence[Retrieval]
    versions: Versions
    inputs_hash: str


@dataclass(frozen=True)
class RunInputs:
    """What the build under way uses, as its first step wrote it down for the later ones."""

    cut_off: date
    inputs_hash: str
    plan_versions: tuple[str, ...]
    rule_set_version: str
    method_version: str
    code_version: str
    n_vintages: int


@dataclass(frozen=True)
class SuiteCounts:
    """Outcomes of one suite; `holds_values`: an error rule of it failed."""

    name: str
    passed: int
    failed: int
    not_checked: int
    holds_values: bool


@dataclass(frozen=True)
class CheckCounts:
    """What the checks of one run found."""

    checked_now: int
    findings: int
    suites: list[SuiteCounts]


def plan_run(
    settings: Settings,
    cut_off: date | None,
    *,
    recorded_by: datetime | None = None,
    received_by: datetime | None = None,
) -> RunPlan:
    """Put together what a build would use now. Without a cut-off it is the day of the latest vintage.

    `recorded_by` leaves out what was recorded after that moment; `received_by` tells the outcomes of retrievals as
    they stood then. Raises NothingRetrieved when no snapshot was ever retrieved.
    """
    with state.reading(settings) as connection:
        vintages = state.vintages(connection, recorded_by)
        outcomes = state.latest_retrieval_per_document(
            connection, recorded_by=recorded_by, received_by=received_by
        )
    day = cut_off or default_cut_off(vintages)
    if day is None:
        raise NothingRetrieved(
            "No source and no plan was ever retrieved; the messages above say why. `ppw doctor` helps."
        )
    usable = usable_records(settings)
    # A record that was mended has no later retrieval under the name its fault was reported by.
    current = [row for row in outcomes if row.document != RECORD_DOCUMENT or row.source_id in usable.spoiled]
    versions = Versions(load_rules().version[:12], METHOD_VERSION, code_version(settings))
    return RunPlan(
        day,
        usable,
        vintages,
        current,
        versions,
        inputs_hash(day, usable.records, vintages, current, versions, home_area_id=settings.area_id),
    )


def nothing_new(settings: Settings, plan: RunPlan) -> bool:
    """Whether the last build that came to an end used just these inputs, and its release is still in force.

    The last build is remembered in the warehouse: where that was deleted everything is built again.
    """
    file = _last_build_file(settings)
    if not file.exists() or not settings.warehouse_file.exists():
        return False
    last = json.loads(file.read_text(encoding="utf-8"))
    return bool(last == {"inputs_hash": plan.inputs_hash, "release_id": current_release_id(settings)})


def remember_build(settings: Settings, release_id: str) -> None:
    """Note that the build under way came to its end, and which release is in force after it.

    A build whose candidate said what the release in force says made no release, and need not be made again either.
    """
    last = {"inputs_hash": read_run_inputs(settings).inputs_hash, "release_id": release_id}
    write_durably(_last_build_file(settings), json.dumps(last).encode())


def _last_build_file(settings: Settings) -> Path:
    return settings.warehouse_dir / "last_build.json"


def write_warehouse_inputs(settings: Settings, plan: RunPlan) -> RunInputs:
    """Write dbt's inputs for what the plan knows; vintages not read before are read."""
    settings.inputs_dir.mkdir(parents=True, exist_ok=True)
    written = write_inputs(
        settings, plan.cut_off, plan.usable.records, plan.vintages, plan.outcomes, plan.versions
    )
    empty_check_result(settings)
    inputs = RunInputs(
        cut_off=plan.cut_off,
        inputs_hash=plan.inputs_hash,
        plan_versions=tuple(written.plan_versions),
        n_vintages=written.n_vintages,
        **asdict(plan.versions),
    )
    text = json.dumps({**asdict(inputs), "cut_off": inputs.cut_off.isoformat()})
    _run_inputs_file(settings).write_text(text, encoding="utf-8")
    return inputs


def read_run_inputs(settings: Settings) -> RunInputs:
    """What `write_warehouse_inputs` wrote down for this build."""
    content = json.loads(_run_inputs_file(settings).read_text(encoding="utf-8"))
    content["cut_off"] = date.fromisoformat(content["cut_off"])
    content["plan_versions"] = tuple(content["plan_versions"])
    return RunInputs(**content)


def _run_inputs_file(settings: Settings) -> Path:
    return settings.inputs_dir / _RUN_INPUTS_FILE


def observation_suites(rule_set: RuleSet) -> list[str]:
    """The suites that look at observations: all but the one that looks at the candidate."""
    return [suite.name for suite in rule_set.suites if suite.name != RELEASE_SUITE]


def check_observations(settings: Settings) -> CheckCounts:
    """Run the rules on the observations of the warehouse and write `check_result.parquet`."""
    run = run_suites(settings, load_rules())
    holding = {
        entry.rule.suite for entry in run.rules if entry.rule.severity == "error" and entry.counts.failed
    }
    return CheckCounts(
        checked_now=run.n_checked,
        findings=run.results.height,
        suites=[
            SuiteCounts(name, counts.passed, counts.failed, counts.not_checked, name in holding)
            for name, counts in run.suites.items()
        ],
    )
