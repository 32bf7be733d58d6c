"""Suite `calendar`: did every issue that a source owes come, and in time, and what became of the last retrieval?"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from expectations.frame import Frame
from expectations.messages import CODES, LANGUAGES, periods_in_words
from sources.text.period_words import Language

# Of these nobody can say yet, or at all, whether the publisher kept its day.
_UNDECIDED = ("due", "not_collected", "received_undated")


def prepare_issues(issues: pl.DataFrame) -> Frame:
    """One row per due issue whose fate is known: received, received_late, late or missing."""
    rows = (
        issues.filter(~pl.col("state").is_in(_UNDECIDED))
        .select(
            pl.col("issue_key").alias("subject"),
            "source_id",
            "source_vi",
            "source_en",
            "period_id",
            "maturity",
            "due_on",
            "state",
            "issued_on",
            (pl.col("issued_on") - pl.col("due_on")).dt.total_days().alias("days_late"),
            "basis_vi",
            "basis_en",
            *(_issue(periods_in_words(issues["period_id"], language), language) for language in LANGUAGES),
        )
        .sort("subject")
    )
    return Frame(rows, frozenset({"source_vi", "source_en", "basis_vi", "basis_en", "issue_vi", "issue_en"}))


def prepare_retrievals(retrievals: pl.DataFrame) -> Frame:
    """One row per document (of several routes the first in order): its last outcome and the reason of a fault."""
    rows = (
        retrievals.with_columns(pl.concat_str("source_id", "document", separator="|").alias("subject"))
        .sort("subject", "last_outcome", "reason")
        .unique("subject", keep="first", maintain_order=True)
        .select("subject", "source_id", "source_vi", "source_en", "document", "last_outcome", "reason")
    )
    return Frame(rows, frozenset({"source_vi", "source_en"}))


def _issue(periods: Mapping[str, str], language: Language) -> pl.Expr:
    """The period, with the maturity in brackets where the calendar asks for one."""
    words = {code: in_both[language] for code, in_both in CODES.items()}
    maturity = pl.format(" ({})", pl.col("maturity").replace(words)).fill_null("")
    return pl.concat_str(pl.col("period_id").replace(periods), maturity).alias(f"issue_{language}")
