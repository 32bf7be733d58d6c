"""Running the suites over the warehouse: what is new is checked, the rest is taken from kept results.

A check is a pure function of a row of evidence and a rule, and its result is kept by the hash of both. So a
run over new vintages alone and a run over everything write the same `check_result.parquet`, and a run with
nothing new never imports Great Expectations.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from expectations.finding_keys import figure_subject, finding_key
from expectations.frame import EVIDENCE_KEY, SUBJECT_COLUMNS, Frame
from expectations.frames import (
    agreement,
    calendar,
    documents,
    domain,
    mapping,
    maturity,
    registry,
    revision,
    scale,
    series,
    structure,
    target,
)
from expectations.gate.decisions_in_force import FINDING_DECISION_SCHEMA, DecisionsInForce
from expectations.gate.findings import Evidence
from expectations.kept_results import keep_results, read_results, write_parquet
from expectations.known import Known
from expectations.messages import render
from expectations.rules import RELEASE_SUITE, Rule, RuleSet, Severity, Suite
from expectations.validation import Validation, error_text, rows_asked
from store.settings import Settings
from store.warehouse import connect

PASSED, FAILED, NOT_CHECKED = "passed", "failed", "not_checked"
# Failed, and known: a suppression says until when nobody is asked for a decision.
SUPPRESSED = "suppressed"

RESULT_SCHEMA: dict[str, Any] = {
    "finding_id": pl.String,
    "finding_key": pl.String,
    "rule_id": pl.String,
    "rule_version": pl.Int64,
    "suite": pl.String,
    "severity": pl.String,
    "outcome": pl.String,
    "observation_key": pl.String,
    "indicator_code": pl.String,
    "area_id": pl.String,
    "period_id": pl.String,
    "breakdown": pl.String,
    "source_id": pl.String,
    "message_vi": pl.String,
    "message_en": pl.String,
    "left_value": pl.Float64,
    "right_value": pl.Float64,
    "expected_low": pl.Float64,
    "expected_high": pl.Float64,
    "unit": pl.String,
    "subject": pl.String,
}
SUMMARY_SCHEMA: dict[str, Any] = {
    "rule_id": pl.String,
    "rule_version": pl.Int64,
    "suite": pl.String,
    "severity": pl.String,
    "title_vi": pl.String,
    "title_en": pl.String,
    "description_vi": pl.String,
    "description_en": pl.String,
    "owner_vi": pl.String,
    "owner_en": pl.String,
    "reason_on": pl.Date,
    "reason_vi": pl.String,
    "reason_en": pl.String,
    "applies_from": pl.Date,
    "promote_by": pl.Date,
    "intended_severity": pl.String,
    "n_passed": pl.Int64,
    "n_failed": pl.Int64,
    "n_suppressed": pl.Int64,
    "n_not_checked": pl.Int64,
    "n_nothing_to_compare": pl.Int64,
}

_FRAMES: dict[str, Callable[[Known, Mapping[str, Any], Path], Frame]] = {
    "domain": lambda known, _, __: domain.prepare(known.observations),
    "scale": lambda known, parameters, checks_dir: scale.prepare(
        known.observations, known.held, scale.Limits(**parameters), checks_dir
    ),
    "maturity_history": lambda known, _, __: maturity.prepare_history(known.observations),
    "maturity_ranks": lambda known, _, __: maturity.prepare_ranks(known.published_in_force()),
    "series_changes": lambda known, parameters, _: series.prepare_changes(
        known.published_in_force(),
        known.indicators,
        known.breaks,
        series.limits_of(parameters),
        known.rule_set.suite("structure").parameters["breakdowns"],
    ),
    "series_first_figures": lambda known, parameters, _: series.prepare_first_figures(
        known.published_in_force(), parameters["neighbour_years"]
    ),
    "series_running_totals": lambda known, _, __: series.prepare_running_totals(
        known.published_in_force(), known.indicators, known.breaks
    ),
    "series_bases": lambda known, _, __: series.prepare_bases(known.published_in_force()),
    "structure": lambda known, parameters, _: structure.prepare(
        known.published_in_force(), known.area_sets, **parameters
    ),
    "agreement_sources": lambda known, _, __: agreement.prepare_sources(known.in_force()),
    "agreement_within_source": lambda known, _, __: agreement.prepare_within_source(
        known.observations, known.held
    ),
    "agreement_open_periods": lambda known, _, __: agreement.prepare_open_periods(known.in_force()),
    "agreement_derived": lambda known, parameters, _: agreement.prepare_derived(
        known.in_force(), known.components, **parameters
    ),
    "revision": lambda known, parameters, _: revision.prepare(known.issues(), known.benchmarks, **parameters),
    "document_bytes": lambda known, _, __: documents.prepare_bytes(known.document_bytes),
    "document_figures": lambda known, parameters, _: documents.prepare_figures(
        known.document_figures, known.source_names, parameters["fewest_figures"]
    ),
    "document_titles": lambda known, _, __: documents.prepare_titles(
        known.document_figures, known.source_names
    ),
    "document_years": lambda known, parameters, _: documents.prepare_copied(
        known.published_in_force(), parameters["significant_digits"], parameters["fewest_figures"]
    ),
    "document_revisions": lambda known, parameters, _: documents.prepare_revised_periods(
        known.issues(), known.benchmarks, parameters["fewest_figures"]
    ),
    "document_rows": lambda known, parameters, _: documents.prepare_rows(
        known.published_in_force(), known.issues(), parameters["least_distance"]
    ),
    "target": lambda known, _, __: target.prepare(
        known.targets, known.in_force(), known.indicators, known.cut_off
    ),
    "registry_trials": lambda known, _, __: registry.prepare_trials(known.rule_set, known.cut_off),
    "registry_suppressions": lambda known, _, __: registry.prepare_suppressions(
        known.rule_set, known.cut_off
    ),
    "mapping_cells": lambda known, _, __: mapping.prepare_cells(known.unclaimed_cells),
    "mapping_series": lambda known, _, __: mapping.prepare_series(known.series_cells),
    "mapping_drift": lambda known, _, __: mapping.prepare_drift(known.structure_drift),
    "retrievals": lambda known, _, __: calendar.prepare_retrievals(known.retrievals),
    "calendar_issues": lambda known, _, __: calendar.prepare_issues(known.release_issues),
}


@dataclass(frozen=True)
class Counts:
    """Outcomes of one rule or suite.

    `failed` leaves out what is suppressed, `held` counts those of it that hold their observation.
    `nothing_to_compare`: rows a rule asks about that have no counterpart yet, or too few, such as the first
    figure of a series; they could not be checked, and are neither passed nor a finding.
    """

    passed: int = 0
    failed: int = 0
    not_checked: int = 0
    nothing_to_compare: int = 0
    held: int = 0
    suppressed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.not_checked + other.not_checked,
            self.nothing_to_compare + other.nothing_to_compare,
            self.held + other.held,
            self.suppressed + other.suppressed,
        )


@dataclass(frozen=True)
class RuleRun:
    """What one rule found. `errors`: why it could not be checked, where it could not."""

    rule: Rule
    counts: Counts
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckRun:
    """What the suites found.

    `results`: the rows of check_result.parquet; `decisions`: those of finding_decision.parquet. `n_checked`:
    outcomes worked out in this run; `n_kept`: outcomes taken from earlier runs.
    """

    rule_set_version: str
    rules: tuple[RuleRun, ...]
    results: pl.DataFrame
    decisions: pl.DataFrame
    n_checked: int
    n_kept: int

    @property
    def suites(self) -> dict[str, Counts]:
        """Counts per suite, in the order the suites ran."""
        counts: dict[str, Counts] = {}
        for run in self.rules:
            counts[run.rule.suite] = counts.get(run.rule.suite, Counts()) + run.counts
        return counts

    def of_suite(self, suite: str) -> tuple[RuleRun, ...]:
        """The rules of one suite."""
        return tuple(run for run in self.rules if run.rule.suite == suite)

    @property
    def held(self) -> frozenset[str]:
        """Keys of the observations that an error rule or a decision holds."""
        decided = {row["finding_id"]: row for row in self.decisions.iter_rows(named=True)}
        rows = self.results.iter_rows(named=True)
        return frozenset(row["observation_key"] for row in rows if _holds(row, decided))


@dataclass
class _Outcomes:
    """What is gathered while suites run, and the one validation they share."""

    known: Known
    decisions: DecisionsInForce
    validation: Validation = field(default_factory=Validation)
    # The rows of finding_decision.parquet by finding_id.
    decided: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    rules: list[RuleRun] = field(default_factory=list)
    n_checked: int = 0
    n_kept: int = 0
    # Subjects of the suppressions in force, see Suppression.subject.
    suppressed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Asked:
    """A rule with what it asks about: which rows, and which of these have no kept outcome."""

    rule: Rule
    rows: pl.Series
    waiting: pl.Series
    nothing_to_compare: int


def run_suites(settings: Settings, rule_set: RuleSet, decisions: DecisionsInForce | None = None) -> CheckRun:
    """Check the warehouse and write `inputs/check_result.parquet`, `check_summary.parquet`, `finding_decision.parquet`.

    `decisions`: those the build knows; what one of them lets through counts for the rules that come later. The
    caller holds the warehouse lock; the warehouse file is opened read-only. Results of rows not checked before are
    added to `warehouse/checks`. A suite that cannot run is an outcome, never an exception; a warehouse that cannot
    be opened raises store.warehouse.WarehouseError.
    """
    with connect(settings, read_only=True) as connection:
        run = check(
            Known(connection, settings.inputs_dir, rule_set), rule_set, settings.checks_dir, decisions
        )
    write_parquet(settings.inputs_dir / "check_result.parquet", run.results)
    write_parquet(settings.inputs_dir / "finding_decision.parquet", run.decisions)
    write_parquet(settings.inputs_dir / "check_summary.parquet", _summary(run, rule_set))
    return run


def empty_check_result(settings: Settings) -> None:
    """Write the three files of `run_suites` without rows where they are not: dbt reads them."""
    schemas = {
        "check_result": RESULT_SCHEMA,
        "check_summary": SUMMARY_SCHEMA,
        "finding_decision": FINDING_DECISION_SCHEMA,
    }
    for name, schema in schemas.items():
        path = settings.inputs_dir / f"{name}.parquet"
        if not path.is_file():
            write_parquet(path, pl.DataFrame(schema=schema))


def check(
    known: Known, rule_set: RuleSet, checks_dir: Path, decisions: DecisionsInForce | None = None
) -> CheckRun:
    """Run every suite but `release` in order; what one suite holds is no reference for the later ones."""
    outcomes = _Outcomes(known, decisions or DecisionsInForce(), suppressed=_suppressed(rule_set, known))
    for suite in rule_set.suites:
        if suite.name == RELEASE_SUITE:
            continue
        _run_suite(suite, known, checks_dir, outcomes)
        known.hold(
            frozenset(row["observation_key"] for row in outcomes.rows if _holds(row, outcomes.decided))
        )
    results = pl.DataFrame(outcomes.rows, schema=RESULT_SCHEMA, orient="row")
    return CheckRun(
        rule_set_version=rule_set.version,
        rules=tuple(outcomes.rules),
        results=results.unique(subset=["finding_id"], maintain_order=True).sort(
            ["suite", "rule_id", "finding_id"]
        ),
        decisions=pl.DataFrame(
            list(outcomes.decided.values()), schema=FINDING_DECISION_SCHEMA, orient="row"
        ).sort("finding_id"),
        n_checked=outcomes.n_checked,
        n_kept=outcomes.n_kept,
    )


def _suppressed(rule_set: RuleSet, known: Known) -> frozenset[str]:
    """The subjects of the suppressions that are in force at the cut-off."""
    if not rule_set.suppressions:
        return frozenset()
    return frozenset(entry.subject for entry in rule_set.suppressions if entry.expires >= known.cut_off)


def _run_suite(suite: Suite, known: Known, checks_dir: Path, outcomes: _Outcomes) -> None:
    for frame_name, rules in _by_frame(suite.rules):
        try:
            frame = _FRAMES[frame_name](known, suite.parameters, checks_dir)
            rows = frame.with_evidence_key().unique(subset=[EVIDENCE_KEY], maintain_order=True)
        except (
            Exception
        ) as error:  # whatever stops the preparation, its rules are not checked and the run goes on
            for rule in rules:
                _not_checked(rule, error_text(error), 1, Counts(), outcomes)
            continue
        _run_frame(frame_name, rules, rows, checks_dir, outcomes)


def _run_frame(
    frame_name: str,
    rules: Sequence[Rule],
    rows: pl.DataFrame,
    checks_dir: Path,
    outcomes: _Outcomes,
) -> None:
    kept = read_results(checks_dir, frame_name, [rule.identity for rule in rules])
    # Outcomes of the rows of this run, in their order; a column for each rule.
    passed = rows.select(EVIDENCE_KEY).join(kept, on=EVIDENCE_KEY, how="left", maintain_order="left")
    asked: list[_Asked] = []
    for rule in rules:
        try:
            about, nothing_to_compare = rows_asked(rule, rows)
        except Exception as error:  # a condition over a column that is not there
            _not_checked(rule, error_text(error), rows.height, Counts(), outcomes)
            continue
        asked.append(_Asked(rule, about, about & passed[rule.identity].is_null(), nothing_to_compare))
    # Nothing is imported and nothing run where nothing waits.
    waiting = [question for question in asked if question.waiting.any()]
    verdicts = outcomes.validation.validate(
        frame_name,
        [question.rule for question in waiting],
        rows,
        {question.rule.rule_id: question.waiting for question in waiting},
    )
    for question in asked:
        rule = question.rule
        verdict = verdicts.get(rule.rule_id)
        n_waiting, why_not = int(question.waiting.sum()), verdict.error if verdict else None
        if verdict is not None and why_not is None:
            new = pl.select(pl.when(question.waiting).then(~verdict.broken).otherwise(passed[rule.identity]))
            passed = passed.with_columns(new.to_series().alias(rule.identity))
            outcomes.n_checked += n_waiting
        outcome = passed[rule.identity].filter(question.rows)
        outcomes.n_kept += int(question.rows.sum()) - n_waiting
        broken = question.rows & (~passed[rule.identity]).fill_null(False)
        failures = [
            _failed_row(rule, row, outcomes.suppressed) for row in rows.filter(broken).iter_rows(named=True)
        ]
        outcomes.rows += failures
        _take_decisions(failures, outcomes)
        suppressed = sum(row["outcome"] == SUPPRESSED for row in failures)
        counts = Counts(
            passed=int(outcome.sum()),
            failed=len(failures) - suppressed,
            nothing_to_compare=question.nothing_to_compare,
            held=sum(_holds(failure, outcomes.decided) for failure in failures),
            suppressed=suppressed,
        )
        if why_not is not None:
            _not_checked(rule, why_not, n_waiting, counts, outcomes)
        else:
            outcomes.rules.append(RuleRun(rule, counts))
    if verdicts:
        keep_results(checks_dir, frame_name, kept, passed)


def _by_frame(rules: Sequence[Rule]) -> Iterator[tuple[str, list[Rule]]]:
    """The rules of a suite grouped by the frame they look at, in the order of the file."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(rule.frame, []).append(rule)
    yield from groups.items()


def _failed_row(rule: Rule, row: Mapping[str, Any], suppressed: frozenset[str]) -> dict[str, Any]:
    return {
        "finding_id": rule.result_id(row[EVIDENCE_KEY]),
        "finding_key": finding_key(rule.rule_id, row),
        "rule_id": rule.rule_id,
        "rule_version": rule.version,
        "suite": rule.suite,
        "severity": rule.severity_for(_day(row.get("vintage_at"))),
        "outcome": SUPPRESSED if figure_subject(rule.rule_id, row) in suppressed else FAILED,
        **{name: row.get(name) for name in SUBJECT_COLUMNS if name != "vintage_at"},
        "message_vi": render(rule.message.vi, row, "vi"),
        "message_en": render(rule.message.en, row, "en"),
        "left_value": _number(row, rule.left),
        "right_value": _number(row, rule.right),
        "expected_low": _number(row, rule.low),
        "expected_high": _number(row, rule.high),
        "unit": row.get("unit"),
    }


def _take_decisions(failures: Sequence[Mapping[str, Any]], outcomes: _Outcomes) -> None:
    """Look up what people decided on these findings; nothing is read where nobody took a step on any."""
    asked = [row for row in failures if row["finding_key"] in outcomes.decisions.steps]
    if not asked:
        return
    keys = [row["observation_key"] for row in asked]
    figures = outcomes.known.observations.filter(pl.col("observation_key").is_in(keys))
    of_key = {
        row["observation_key"]: {"value": row["value"], "unit": row["unit"]}
        for row in figures.select("observation_key", "value", "unit").iter_rows(named=True)
    }
    for row in asked:
        decided = outcomes.decisions.row(Evidence.of_row({**row, **of_key.get(row["observation_key"], {})}))
        if decided is not None:
            outcomes.decided[row["finding_id"]] = decided


def _holds(finding: Mapping[str, Any], decided: Mapping[str, Mapping[str, Any]]) -> bool:
    """A failed rule of severity error holds what it can name, unless a decision lets it through; a decision that
    excludes or corrects a value holds it too.
    """
    if finding["outcome"] != FAILED or finding.get("observation_key") is None:
        return False
    effect = decided.get(finding["finding_id"], {}).get("effect")
    return effect == "holds" or (finding["severity"] == "error" and effect is None)


def _not_checked(rule: Rule, error: str, count: int, counts: Counts, outcomes: _Outcomes) -> None:
    severity: Severity = rule.severity
    identity = "\x1f".join((rule.rule_id, str(rule.version), NOT_CHECKED, error))
    outcomes.rows.append(
        {
            "finding_id": hashlib.sha256(identity.encode()).hexdigest(),
            "finding_key": finding_key(rule.rule_id, {"subject": rule.frame}),
            "rule_id": rule.rule_id,
            "rule_version": rule.version,
            "suite": rule.suite,
            "severity": severity,
            "outcome": NOT_CHECKED,
            "message_vi": f"Không kiểm tra được quy tắc “{rule.title.vi}”: {error}",
            "message_en": f"The rule “{rule.title.en}” could not be checked: {error}",
            "subject": rule.frame,
        }
    )
    outcomes.rules.append(RuleRun(rule, counts + Counts(not_checked=count), (error,)))


def _day(arrived_at: Any) -> date | None:
    return arrived_at.date() if isinstance(arrived_at, datetime) else None


def _number(row: Mapping[str, Any], column: str | None) -> float | None:
    return None if column is None or row.get(column) is None else float(row[column])


def _summary(run: CheckRun, rule_set: RuleSet) -> pl.DataFrame:
    """Every rule with its outcomes; the rules over the candidate are run later and have none here."""
    counted = {entry.rule.rule_id: entry.counts for entry in run.rules}
    rows = [_summary_row(rule, counted.get(rule.rule_id)) for rule in rule_set.rules]
    return pl.DataFrame(rows, schema=SUMMARY_SCHEMA, orient="row")


def _summary_row(rule: Rule, counts: Counts | None) -> dict[str, Any]:
    return {
        "rule_id": rule.rule_id,
        "rule_version": rule.version,
        "suite": rule.suite,
        "severity": rule.severity,
        "title_vi": rule.title.vi,
        "title_en": rule.title.en,
        "description_vi": rule.description.vi,
        "description_en": rule.description.en,
        "owner_vi": rule.owner.vi,
        "owner_en": rule.owner.en,
        "reason_on": rule.reason.date,
        "reason_vi": rule.reason.text.vi,
        "reason_en": rule.reason.text.en,
        "applies_from": rule.applies_from,
        "promote_by": rule.promote_by,
        "intended_severity": rule.intended_severity,
        "n_passed": counts.passed if counts else None,
        "n_failed": counts.failed if counts else None,
        "n_suppressed": counts.suppressed if counts else None,
        "n_not_checked": counts.not_checked if counts else None,
        "n_nothing_to_compare": counts.nothing_to_compare if counts else None,
    }
