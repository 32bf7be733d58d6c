"""The steps of a build as plain functions: what a run would use, the inputs for dbt, the checks.

Both ways into the main job use them: `ppw run`, which first asks whether anything is new, and Dagster's assets.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

from expectations.gate.decisions_in_force import DecisionsInForce, known_on, read_decisions
from expectations.gate.office_statements import StatementsOnRecord, read_statements
from expectations.gate.publication import pending_candidates
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
    decisions: DecisionsInForce
    statements: StatementsOnRecord
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
    decisions_up_to: int = 0
    statements_up_to: int = 0


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
    decisions_up_to: int | None = None,
    statements_up_to: int | None = None,
) -> RunPlan:
    """Put together what a build would use now. Without a cut-off it is the day of the latest vintage, decision or
    statement.

    `recorded_by` leaves out what was recorded after that moment; `received_by` tells the outcomes of retrievals as
    they stood then. Decisions and statements of offices are those made by the end of the cut-off, by `received_by`,
    up to the numbers `decisions_up_to` and `statements_up_to`; one that is made after this waits for the next build.
    Raises NothingRetrieved when no snapshot was ever retrieved.
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
    taken_by = received_by or (known_on(cut_off) if cut_off else None)
    decisions = read_decisions(settings, up_to=decisions_up_to, taken_by=taken_by)
    statements = read_statements(settings, up_to=statements_up_to, taken_by=taken_by)
    if cut_off is None:
        day = max(day, decisions.last_day or day, statements.last_day or day)
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
        decisions,
        statements,
        inputs_hash(
            day, usable.records, vintages, current, versions, home_area_id=settings.area_id,
            decisions=decisions.fingerprint, statements=statements.fingerprint,
        ),
    )  # fmt: skip


def nothing_new(settings: Settings, plan: RunPlan) -> bool:
    """Whether the last build that came to an end used just these inputs, and what it made still stands: its release is
    in force, or its candidate waits for signatures under the same policy.

    The last build is remembered in the warehouse: where that was deleted everything is built again.
    """
    last = last_build(settings)
    if last is None or not settings.warehouse_file.exists():
        return False
    if (last.inputs_hash, last.release_id) != (plan.inputs_hash, current_release_id(settings)):
        return False
    if last.candidate is None:
        return True
    waiting = {one.directory.name for one, _ in pending_candidates(settings)}
    return last.candidate in waiting and last.policy == _policy(settings)


@dataclass(frozen=True)
class LastBuild:
    """The last build that came to an end: what was in force after it, and which candidate of it waits, if one does."""

    inputs_hash: str
    release_id: str | None
    candidate: str | None = None
    policy: str = ""
    decisions_up_to: int = 0
    statements_up_to: int = 0


def last_build(settings: Settings) -> LastBuild | None:
    """The last build that came to an end; None where the warehouse does not remember one."""
    try:
        return LastBuild(**json.loads(_last_build_file(settings).read_text(encoding="utf-8")))
    except (FileNotFoundError, TypeError):
        return None


def remember_build(settings: Settings, release_id: str | None, candidate: str | None = None) -> None:
    """Note that the build under way came to its end, which release is in force after it, which candidate waits.

    A build whose candidate said what the release in force says made no release, and need not be made again either.
    """
    inputs = read_run_inputs(settings)
    _write_last_build(
        settings,
        LastBuild(
            inputs.inputs_hash,
            release_id,
            candidate,
            _policy(settings),
            inputs.decisions_up_to,
            inputs.statements_up_to,
        ),
    )


def remember_publication(settings: Settings, candidate: str, release_id: str) -> None:
    """Note that the candidate of the last build came in force, so that it is not built again."""
    last = last_build(settings)
    if last is not None and last.candidate == candidate:
        _write_last_build(settings, replace(last, release_id=release_id, candidate=None))


def _write_last_build(settings: Settings, last: LastBuild) -> None:
    write_durably(_last_build_file(settings), json.dumps(asdict(last)).encode())


def _policy(settings: Settings) -> str:
    return f"{settings.review_policy}, headlines {settings.headline_review_policy or 'the same'}"


def _last_build_file(settings: Settings) -> Path:
    return settings.warehouse_dir / "last_build.json"


def write_warehouse_inputs(settings: Settings, plan: RunPlan) -> RunInputs:
    """Write dbt's inputs for what the plan knows; vintages not read before are read."""
    settings.inputs_dir.mkdir(parents=True, exist_ok=True)
    written = write_inputs(
        settings, plan.cut_off, plan.usable.records, plan.vintages, plan.outcomes, plan.versions,
        corrections=plan.decisions.corrections(), statements=plan.statements.rows(),
    )  # fmt: skip
    empty_check_result(settings)
    inputs = RunInputs(
        cut_off=plan.cut_off,
        inputs_hash=plan.inputs_hash,
        plan_versions=tuple(written.plan_versions),
        n_vintages=written.n_vintages,
        decisions_up_to=plan.decisions.up_to,
        statements_up_to=plan.statements.up_to,
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
    """Run the rules on the observations of the warehouse and write `check_result.parquet`.

    The decisions are those of the build's first step, whatever was decided since.
    """
    decisions = read_decisions(settings, up_to=read_run_inputs(settings).decisions_up_to)
    run = run_suites(settings, load_rules(), decisions)
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
