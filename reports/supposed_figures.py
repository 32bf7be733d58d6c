"""Figures of a year that nobody published, as the formulas of a release read them (`asm_case_series`)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any


def supposed_figure(key: str, year: int, value: Decimal, unit: str) -> dict[str, Any]:
    """A year's figure of the case `key`, in `unit`; of the lowest maturity that is stated."""
    return {
        "assessment_key": key,
        "role": "annual",
        "period_id": str(year),
        "period_type": "year",
        "year": year,
        "last_year": year,
        "start_date": date(year, 1, 1).isoformat(),
        "end_date": date(year, 12, 31).isoformat(),
        "value": format(value, "f"),
        "value_text": format(value, "f"),
        "unit": unit,
        "maturity": "estimate",
        "maturity_rank": 1,
        "source_id": "supposed",
        "observation_key": f"supposed|{year}",
    }
