"""Running expectations with Great Expectations on pandas frames: the one place that imports it.

Its import costs seconds, so callers come here only when something is to be checked. An expectation that
raises, and a column that is not there, are reported apart from a value that breaks the rule: Great
Expectations itself calls both "not successful".

Every rule looks at each row by itself and at one or two columns of it, so rows that are equal in these columns are
validated once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from expectations.rules import NULL_SEEKING, Rule

if TYPE_CHECKING:
    import pandas as pd

_RULE = "rule_id"
# Names the rows of a validated frame; no column of a prepared frame is called so.
_PLACE = "place of the row"
_MEMORY_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_DIRECTORIES = re.compile(r"(?<![\w.])(?:/[\w.+-]+)+/(?=[\w.+-])")


@dataclass(frozen=True)
class Verdict:
    """What an expectation found: which rows break it, true or false for each, or why it could not be checked."""

    broken: pl.Series
    error: str | None = None


def rows_asked(rule: Rule, rows: pl.DataFrame) -> tuple[pl.Series, int]:
    """Which rows of a frame a rule asks about, and how many more there were with nothing to compare.

    A null where the rule compares leaves nothing to compare, unless it is nulls that the rule looks for.
    Raises polars' error when the rule's condition names a column that is not there.
    """
    about = (
        pl.repeat(True, rows.height, eager=True)
        if rule.applies_when is None
        else rows.select(pl.sql_expr(rule.applies_when).alias("about"))["about"].fill_null(False)
    )
    present = [pl.col(name).is_not_null() for name in rule.expectation.columns() if name in rows.columns]
    if rule.expectation.type in NULL_SEEKING or not present:
        return about, 0
    comparable = about & rows.select(pl.all_horizontal(present).alias("present"))["present"]
    return comparable, int(about.sum()) - int(comparable.sum())


# Places of the rows that break a rule, or why it could not be checked.
_Answer = tuple[frozenset[int], str | None]


def _nowhere(rows: pl.DataFrame) -> pl.Series:
    return pl.repeat(False, rows.height, eager=True)


class Validation:
    """A Great Expectations context for the length of one run, made when the first frame is validated."""

    def __init__(self) -> None:
        self._whole_frame: Any = None

    def validate(
        self, name: str, rules: Sequence[Rule], rows: pl.DataFrame, asked: Mapping[str, pl.Series]
    ) -> Mapping[str, Verdict]:
        """Validate the rows that rules ask about (`asked`: rule id -> which rows); one verdict per rule id.

        Whatever goes wrong becomes a verdict with an error.
        """
        groups: dict[tuple[str, ...], list[Rule]] = {}
        for rule in rules:
            columns = tuple(sorted(column for column in rule.expectation.columns() if column in rows.columns))
            groups.setdefault(columns, []).append(rule)
        verdicts: dict[str, Verdict] = {}
        for columns, group in groups.items():
            verdicts |= self._validate_columns(name, group, rows, columns, asked)
        return verdicts

    def _validate_columns(
        self,
        name: str,
        rules: Sequence[Rule],
        rows: pl.DataFrame,
        columns: Sequence[str],
        asked: Mapping[str, pl.Series],
    ) -> Mapping[str, Verdict]:
        """Validate rules that look at the same columns, over the different values in them."""
        wanted = rows.select(pl.any_horizontal([asked[rule.rule_id] for rule in rules]).alias("wanted"))[
            "wanted"
        ]
        # A rule over columns that are not there is run on one row, so that the library says what is missing.
        different = (
            rows.filter(wanted).select(columns).unique(maintain_order=True)
            if columns
            else pl.DataFrame({"": [None]})
        ).with_row_index(_PLACE)
        try:
            results = self._results(name, rules, different.to_pandas())
        except Exception as error:  # the library raises many kinds, and a crash is an outcome of the check
            return {rule.rule_id: Verdict(_nowhere(rows), error_text(error)) for rule in rules}
        verdicts: dict[str, Verdict] = {}
        for rule in rules:
            broken, why_not = results.get(
                rule.rule_id, (frozenset(), "Great Expectations returned no result for the rule")
            )
            if why_not is not None or not broken:
                verdicts[rule.rule_id] = Verdict(_nowhere(rows), why_not)
                continue
            values = different.filter(pl.col(_PLACE).is_in(list(broken)))
            found = rows.select(columns).join(
                values.with_columns(pl.lit(True).alias("found")),
                on=list(columns), how="left", nulls_equal=True, maintain_order="left",
            )["found"]  # fmt: skip
            verdicts[rule.rule_id] = Verdict(found.fill_null(False) & asked[rule.rule_id])
        return verdicts

    def _results(self, frame_name: str, rules: Sequence[Rule], frame: pd.DataFrame) -> dict[str, _Answer]:
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
                result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [_PLACE]},
            )
        )
        answers: dict[str, _Answer] = {}
        for result in answer.results:
            configuration: Any = result.expectation_config
            answers[configuration.meta[_RULE]] = _answer(result)
        return answers

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


def _answer(result: Any) -> _Answer:
    if raised := _raised(result.exception_info or {}):
        return frozenset(), raised
    if result.success:
        return frozenset(), None
    rows = result.result.get("unexpected_index_list")
    if rows is None:
        return frozenset(), "Great Expectations named no rows for a rule it found broken"
    return frozenset(int(row[_PLACE]) for row in rows), None


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
