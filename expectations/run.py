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

from expectations.frame import EVIDENCE_KEY, SUBJECT_COLUMNS, Frame
from expectations.frames import agreement, calendar, domain, mapping, maturity, scale, structure
from expectations.kept_results import keep_results, read_results, write_parquet
from expectations.known import Known
from expectations.messages import render
from expectations.rules import RELEASE_SUITE, Rule, RuleSet, Severity, Suite
from expectations.validation import Validation, error_text, rows_asked
from store.settings import Settings
from store.warehouse import connect

PASSED, FAILED, NOT_CHECKED = "passed", "failed", "not_checked"

RESULT_SCHEMA: dict[str, Any] = {
    "finding_id": pl.String,
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
    "subject": pl.String,
}
SUMMARY_SCHEMA: dict[str, Any] = {
    "rule_id": pl.String,
    "rule_version": pl.Int64,
    "suite": pl.String,
    "severity": pl.String,
    "title_vi": pl.String,
    "title_en": pl.String,
    "n_passed": pl.Int64,
    "n_failed": pl.Int64,
    "n_not_checked": pl.Int64,
    "n_nothing_to_compare": pl.Int64,
}

_FRAMES: dict[str, Callable[[Known, Mapping[str, Any]], Frame]] = {
    "domain": lambda known, _: domain.prepare(known.observations),
    "scale": lambda known, parameters: scale.prepare(
        known.observations, known.held, scale.Limits(**parameters)
    ),
    "maturity_history": lambda known, _: maturity.prepare_history(known.observations),
    "maturity_ranks": lambda known, _: maturity.prepare_ranks(known.published_in_force()),
    "structure": lambda known, parameters: structure.prepare(known.published_in_force(), **parameters),
    "agreement_sources": lambda known, _: agreement.prepare_sources(known.in_force()),
    "agreement_within_source": lambda known, _: agreement.prepare_within_source(
        known.observations, known.held
    ),
    "agreement_open_periods": lambda known, _: agreement.prepare_open_periods(known.in_force()),
    "agreement_derived": lambda known, _: agreement.prepare_derived(known.in_force(), known.components),
    "mapping_cells": lambda known, _: mapping.prepare_cells(known.unclaimed_cells),
    "mapping_series": lambda known, _: mapping.prepare_series(known.series_cells),
    "mapping_drift": lambda known, _: mapping.prepare_drift(known.structure_drift),
    "retrievals": lambda known, _: calendar.prepare_retrievals(known.retrievals),
    "calendar_issues": lambda known, _: calendar.prepare_issues(known.release_issues),
}


@dataclass(frozen=True)
class Counts:
    """Outcomes of one rule or suite.

    `held`: those of `failed` that hold their observation. `nothing_to_compare`: rows a rule asks about that
    have no counterpart yet, such as the first figure of a series; they are neither passed nor a finding.
    """

    passed: int = 0
    failed: int = 0
    not_checked: int = 0
    nothing_to_compare: int = 0
    held: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.not_checked + other.not_checked,
            self.nothing_to_compare + other.nothing_to_compare,
            self.held + other.held,
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

    `results`: the rows of check_result.parquet. `n_checked`: outcomes worked out in this run; `n_kept`:
    outcomes taken from earlier runs.
    """

    rule_set_version: str
    rules: tuple[RuleRun, ...]
    results: pl.DataFrame
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
        """Keys of the observations that an error rule holds."""
        rows = self.results.filter(
            (pl.col("severity") == "error")
            & (pl.col("outcome") == FAILED)
            & pl.col("observation_key").is_not_null()
        )
        return frozenset(rows["observation_key"].to_list())


@dataclass
class _Outcomes:
    """What is gathered while suites run, and the one validation they share."""

    validation: Validation = field(default_factory=Validation)
    rows: list[dict[str, Any]] = field(default_factory=list)
    rules: list[RuleRun] = field(default_factory=list)
    n_checked: int = 0
    n_kept: int = 0


@dataclass(frozen=True)
class _Asked:
    """A rule with what it asks about: which rows, and which of these have no kept outcome."""

    rule: Rule
    rows: pl.Series
    waiting: pl.Series
    nothing_to_compare: int


def run_suites(settings: Settings, rule_set: RuleSet) -> CheckRun:
    """Check the warehouse and write `inputs/check_result.parquet` and `inputs/check_summary.parquet`.

    The caller holds the warehouse lock; the warehouse file is opened read-only. Results of rows not checked
    before are added to `warehouse/checks`. A suite that cannot run is an outcome, never an exception; a
    warehouse that cannot be opened raises store.warehouse.WarehouseError.
    """
    with connect(settings, read_only=True) as connection:
        run = check(Known(connection, settings.inputs_dir), rule_set, settings.checks_dir)
    write_parquet(settings.inputs_dir / "check_result.parquet", run.results)
    write_parquet(settings.inputs_dir / "check_summary.parquet", _summary(run))
    return run


def empty_check_result(settings: Settings) -> Path:
    """Write an empty `inputs/check_result.parquet` where there is none: dbt reads it before any check."""
    path = settings.inputs_dir / "check_result.parquet"
    if not path.is_file():
        write_parquet(path, pl.DataFrame(schema=RESULT_SCHEMA))
    return path


def check(known: Known, rule_set: RuleSet, checks_dir: Path) -> CheckRun:
    """Run every suite but `release` in order; what one suite holds is no reference for the later ones."""
    outcomes = _Outcomes()
    for suite in rule_set.suites:
        if suite.name == RELEASE_SUITE:
            continue
        _run_suite(suite, known, checks_dir, outcomes)
        known.hold(frozenset(row["observation_key"] for row in outcomes.rows if _holds(row)))
    results = pl.DataFrame(outcomes.rows, schema=RESULT_SCHEMA, orient="row")
    return CheckRun(
        rule_set_version=rule_set.version,
        rules=tuple(outcomes.rules),
        results=results.unique(subset=["finding_id"], maintain_order=True).sort(
            ["suite", "rule_id", "finding_id"]
        ),
        n_checked=outcomes.n_checked,
        n_kept=outcomes.n_kept,
    )


def _run_suite(suite: Suite, known: Known, checks_dir: Path, outcomes: _Outcomes) -> None:
    for frame_name, rules in _by_frame(suite.rules):
        try:
            frame = _FRAMES[frame_name](known, suite.parameters)
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
            _failed_row(rule, rule.result_id(row[EVIDENCE_KEY]), row)
            for row in rows.filter(broken).iter_rows(named=True)
        ]
        outcomes.rows += failures
        counts = Counts(
            int(outcome.sum()), len(failures), 0, question.nothing_to_compare, sum(map(_holds, failures))
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


def _failed_row(rule: Rule, result_id: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "finding_id": result_id,
        "rule_id": rule.rule_id,
        "rule_version": rule.version,
        "suite": rule.suite,
        "severity": rule.severity_for(_day(row.get("vintage_at"))),
        "outcome": FAILED,
        **{name: row.get(name) for name in SUBJECT_COLUMNS if name != "vintage_at"},
        "message_vi": render(rule.message.vi, row, "vi"),
        "message_en": render(rule.message.en, row, "en"),
        "left_value": _number(row, rule.left),
        "right_value": _number(row, rule.right),
    }


def _holds(finding: Mapping[str, Any]) -> bool:
    """Only a failed rule of severity error holds, and only what it can name."""
    return (
        finding["outcome"] == FAILED
        and finding["severity"] == "error"
        and finding.get("observation_key") is not None
    )


def _not_checked(rule: Rule, error: str, count: int, counts: Counts, outcomes: _Outcomes) -> None:
    severity: Severity = rule.severity
    identity = "\x1f".join((rule.rule_id, str(rule.version), NOT_CHECKED, error))
    outcomes.rows.append(
        {
            "finding_id": hashlib.sha256(identity.encode()).hexdigest(),
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


def _summary(run: CheckRun) -> pl.DataFrame:
    rows = [
        {
            "rule_id": entry.rule.rule_id,
            "rule_version": entry.rule.version,
            "suite": entry.rule.suite,
            "severity": entry.rule.severity,
            "title_vi": entry.rule.title.vi,
            "title_en": entry.rule.title.en,
            "n_passed": entry.counts.passed,
            "n_failed": entry.counts.failed,
            "n_not_checked": entry.counts.not_checked,
            "n_nothing_to_compare": entry.counts.nothing_to_compare,
        }
        for entry in run.rules
    ]
    return pl.DataFrame(rows, schema=SUMMARY_SCHEMA, orient="row")
