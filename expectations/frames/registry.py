"""Suite `registry`: are the rules themselves looked after?"""

from __future__ import annotations

from datetime import date

import polars as pl

from expectations.frame import Frame
from expectations.rules import RuleSet

_RULE_WORDS = ("rule_vi", "rule_en", "owner_vi", "owner_en")


def prepare_trials(rule_set: RuleSet, cut_off: date) -> Frame:
    """One row per rule on trial, with whether its time was over at the cut-off."""
    rows = [
        {
            "subject": rule.rule_id,
            "promote_by": rule.promote_by,
            "overdue": rule.promote_by < cut_off,
            "rule_vi": rule.title.vi,
            "rule_en": rule.title.en,
            "owner_vi": rule.owner.vi,
            "owner_en": rule.owner.en,
        }
        for rule in rule_set.rules
        if rule.promote_by is not None
    ]
    schema = {"subject": pl.String, "promote_by": pl.Date, "overdue": pl.Boolean}
    return Frame(
        pl.DataFrame(rows, schema={**schema, **dict.fromkeys(_RULE_WORDS, pl.String)}, orient="row"),
        frozenset(_RULE_WORDS),
    )


def prepare_suppressions(rule_set: RuleSet, cut_off: date) -> Frame:
    """One row per suppression, with whether it had ended at the cut-off."""
    rows = [
        {
            "subject": entry.subject,
            "indicator_code": entry.indicator_code,
            "area_id": entry.area_id,
            "period_id": entry.period_id,
            "breakdown": entry.breakdown,
            "source_id": entry.source_id,
            "expires": entry.expires,
            "ended": entry.expires < cut_off,
            "rule_vi": rule_set.rule(entry.rule_id).title.vi,
            "rule_en": rule_set.rule(entry.rule_id).title.en,
            "owner_vi": entry.owner.vi,
            "owner_en": entry.owner.en,
        }
        for entry in rule_set.suppressions
    ]
    places = ("subject", "indicator_code", "area_id", "period_id", "breakdown", "source_id")
    schema = {**dict.fromkeys(places, pl.String), "expires": pl.Date, "ended": pl.Boolean}
    return Frame(
        pl.DataFrame(rows, schema={**schema, **dict.fromkeys(_RULE_WORDS, pl.String)}, orient="row"),
        frozenset(_RULE_WORDS),
    )
