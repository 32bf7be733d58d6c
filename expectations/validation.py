"""Running expectations with Great Expectations on a pandas frame: the one place that imports it.

Its import costs seconds, so callers come here only when something is to be checked. An expectation that
raises, and a column that is not there, are reported apart from a value that breaks the rule: Great
Expectations itself calls both "not successful".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import polars as pl

from expectations.frame import EVIDENCE_KEY
from expectations.rules import NULL_SEEKING, Rule

_RULE = "rule_id"
_MEMORY_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_DIRECTORIES = re.compile(r"(?<![\w.])(?:/[\w.+-]+)+/(?=[\w.+-])")


@dataclass(frozen=True)
class Verdict:
    """What an expectation found: evidence keys of breaking rows, or why it could not be checked."""

    broken: frozenset[str] = frozenset()
    error: str | None = None


def rows_asked(rule: Rule, rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The rows of a frame that a rule asks about, and how many more there were with nothing to compare.

    A null where the rule compares leaves nothing to compare, unless it is nulls that the rule looks for.
    Raises polars' error when the rule's condition names a column that is not there.
    """
    about = rows if rule.applies_when is None else rows.filter(pl.sql_expr(rule.applies_when))
    present = [pl.col(name).is_not_null() for name in rule.expectation.columns() if name in rows.columns]
    if rule.expectation.type in NULL_SEEKING or not present:
        return about, 0
    comparable = about.filter(pl.all_horizontal(present))
    return comparable, about.height - comparable.height


class Validation:
    """A Great Expectations context for the length of one run, made when the first frame is validated."""

    def __init__(self) -> None:
        self._whole_frame: Any = None

    def validate(self, frame_name: str, rules: Sequence[Rule], frame: pd.DataFrame) -> Mapping[str, Verdict]:
        """Validate a frame (with a column `evidence_key`) against rules; one verdict per rule id.

        Whatever goes wrong becomes a verdict with an error: of one rule where its expectation raised, of all
        rules where the suite as a whole did.
        """
        try:
            results = self._results(frame_name, rules, frame)
        except Exception as error:  # the library raises many kinds, and a crash is an outcome of the check
            return {rule.rule_id: Verdict(error=error_text(error)) for rule in rules}
        unanswered = Verdict(error="Great Expectations returned no result for the rule")
        return {rule.rule_id: results.get(rule.rule_id, unanswered) for rule in rules}

    def _results(self, frame_name: str, rules: Sequence[Rule], frame: pd.DataFrame) -> dict[str, Verdict]:
        import great_expectations as gx
        from great_expectations import expectations as types

        suite = gx.ExpectationSuite(
            name=frame_name,
            expectations=[
                getattr(types, rule.expectation.type)(
                    **rule.expectation.arguments, meta={_RULE: rule.rule_id}
                )
                for rule in rules
            ],
        )
        answer = (
            self._definition()
            .get_batch(batch_parameters={"dataframe": frame})
            .validate(
                suite,
                result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [EVIDENCE_KEY]},
            )
        )
        verdicts: dict[str, Verdict] = {}
        for result in answer.results:
            configuration: Any = result.expectation_config
            verdicts[configuration.meta[_RULE]] = _verdict(result)
        return verdicts

    def _definition(self) -> Any:
        """The batch definition "the whole of a data frame given at run time", in an ephemeral context."""
        if self._whole_frame is None:
            import great_expectations as gx
            from great_expectations.data_context.types.base import ProgressBarsConfig

            context = gx.get_context(mode="ephemeral")
            context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
            asset = context.data_sources.add_pandas(name="frames").add_dataframe_asset(name="frame")
            self._whole_frame = asset.add_batch_definition_whole_dataframe("whole")
        return self._whole_frame


def error_text(error: BaseException) -> str:
    """The kind and first line of an error, the same wherever it happens: no addresses, no directories."""
    return _portable(f"{type(error).__name__}: {error}" if str(error).strip() else type(error).__name__)


def _portable(text: str) -> str:
    line = next(line.strip() for line in text.splitlines() if line.strip())
    return _DIRECTORIES.sub("", _MEMORY_ADDRESS.sub("", line))


def _verdict(result: Any) -> Verdict:
    if raised := _raised(result.exception_info or {}):
        return Verdict(error=raised)
    if result.success:
        return Verdict()
    rows = result.result.get("unexpected_index_list")
    if rows is None:
        return Verdict(error="Great Expectations named no rows for a rule it found broken")
    return Verdict(broken=frozenset(str(row[EVIDENCE_KEY]) for row in rows))


def _raised(info: Mapping[str, Any]) -> str | None:
    """The message of an exception inside an expectation; the information comes flat, or nested by metric."""
    if "raised_exception" in info:
        entries: list[Mapping[str, Any]] = [info]
    else:
        entries = [entry for entry in info.values() if isinstance(entry, Mapping)]
    messages = sorted(
        _portable(str(entry.get("exception_message") or "").strip() or "an exception without a message")
        for entry in entries
        if entry.get("raised_exception")
    )
    return messages[0] if messages else None
