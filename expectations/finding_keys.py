"""Names of the question that a finding puts, the same whatever vintage raises it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

# Where the figure stands; no vintage and no value.
_FIGURE = ("indicator_code", "area_id", "period_id", "breakdown")
# What the figure is set beside, where one figure may be set beside several: another source, another row.
BESIDE = "beside"


def finding_key(rule_id: str, row: Mapping[str, Any]) -> str:
    """The sha256 (hex) of the rule and of what it was asked about.

    For a figure that is indicator, area, period, breakdown, form and source; the row's `subject` stands for
    what is no single figure (a table, a document, a sum of parts), beside as much of the place as it has. A
    column `beside` tells findings apart that set one figure beside several others. A vintage, a value or a
    wording is no part of it: a decision finds the question again when the figure came a second time.
    """
    names = [*_FIGURE, "form", "source_id", BESIDE]
    if row.get("observation_key") is None:
        names.append("subject")
    text = "\x1f".join([rule_id, *(str(row[name]) if row.get(name) is not None else "" for name in names)])
    return hashlib.sha256(text.encode()).hexdigest()


def figure_subject(rule_id: str, row: Mapping[str, Any]) -> str:
    """The rule and the figure as a suppression names them: `rule|indicator|area|period|breakdown|source`."""
    return "|".join([rule_id, *(str(row.get(name)) for name in (*_FIGURE, "source_id"))])
