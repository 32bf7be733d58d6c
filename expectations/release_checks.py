"""The suite `release` over a candidate: what it finds blocks publication.

A release rule that could not be checked blocks too: a candidate nobody could look into is not known to be
whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from expectations.frames import release
from expectations.messages import render
from expectations.rules import RELEASE_SUITE, Rule, RuleSet, load_rules
from expectations.validation import Validation, error_text, rows_asked
from store.release_tables import RELEASE_TABLES
from store.releases import table_path
from store.warehouse import connect_tables

_EXAMPLES = 3


@dataclass(frozen=True)
class BlockingFailure:
    """A release rule that the candidate breaks (`failed`) or that could not be checked (`not_checked`).

    `n_rows`: how many rows break it; `messages_vi` and `messages_en` show the first of them.
    """

    rule_id: str
    rule_version: int
    outcome: str
    title_vi: str
    title_en: str
    n_rows: int
    messages_vi: tuple[str, ...]
    messages_en: tuple[str, ...]

    def __str__(self) -> str:
        more = (
            f" (and {self.n_rows - len(self.messages_en)} more)"
            if self.n_rows > len(self.messages_en)
            else ""
        )
        return f"{self.rule_id}: {' '.join(self.messages_en)}{more}"


def run(candidate_dir: Path, rule_set: RuleSet | None = None) -> list[BlockingFailure]:
    """Check a candidate directory; an empty list means that nothing stands against its publication.

    Only rules of severity error block. Nothing raises: what cannot be read is a rule that could not be
    checked.
    """
    suite = (rule_set or load_rules()).suite(RELEASE_SUITE)
    rules = [rule for rule in suite.rules if rule.severity == "error"]
    files = {table: table_path(candidate_dir, table) for table in RELEASE_TABLES}
    present = {table: path for table, path in files.items() if path.is_file()}
    frames: dict[str, list[Rule]] = {}
    for rule in rules:
        frames.setdefault(rule.frame, []).append(rule)
    failures: list[BlockingFailure] = []
    validation = Validation()
    try:
        with connect_tables(present) as connection:
            for name, of_frame in frames.items():
                try:
                    rows = release.prepare(name, candidate_dir, connection).rows
                    failures += _check(validation, of_frame, rows)
                except (
                    Exception
                ) as error:  # a table or column that is not there stops this frame, not the others
                    failures += [_not_checked(rule, error_text(error)) for rule in of_frame]
    except Exception as error:  # a file that is no Parquet stops them all
        return [_not_checked(rule, error_text(error)) for rule in rules]
    return failures


def _check(validation: Validation, rules: Sequence[Rule], rows: pl.DataFrame) -> list[BlockingFailure]:
    asked: dict[str, pl.Series] = {}
    failures = []
    for rule in rules:
        try:
            asked[rule.rule_id], _ = rows_asked(rule, rows)
        except Exception as error:  # a condition over a column that is not there
            failures.append(_not_checked(rule, error_text(error)))
    waiting = [rule for rule in rules if rule.rule_id in asked and asked[rule.rule_id].any()]
    verdicts = validation.validate(RELEASE_SUITE, waiting, rows, asked)
    for rule in waiting:
        verdict = verdicts[rule.rule_id]
        if verdict.error is not None:
            failures.append(_not_checked(rule, verdict.error))
        elif verdict.broken.any():
            failures.append(_failed(rule, rows.filter(verdict.broken)))
    return failures


def _failed(rule: Rule, broken: pl.DataFrame) -> BlockingFailure:
    shown = list(broken.sort("subject").head(_EXAMPLES).iter_rows(named=True))
    return BlockingFailure(
        rule_id=rule.rule_id,
        rule_version=rule.version,
        outcome="failed",
        title_vi=rule.title.vi,
        title_en=rule.title.en,
        n_rows=broken.height,
        messages_vi=tuple(render(rule.message.vi, row, "vi") for row in shown),
        messages_en=tuple(render(rule.message.en, row, "en") for row in shown),
    )


def _not_checked(rule: Rule, error: str) -> BlockingFailure:
    return BlockingFailure(
        rule_id=rule.rule_id,
        rule_version=rule.version,
        outcome="not_checked",
        title_vi=rule.title.vi,
        title_en=rule.title.en,
        n_rows=1,
        messages_vi=(f"Không kiểm tra được quy tắc “{rule.title.vi}”: {error}",),
        messages_en=(f"The rule “{rule.title.en}” could not be checked: {error}",),
    )
