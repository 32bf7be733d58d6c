"""Small releases for the tests of the store: two tables, one of them with every kind of column."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from store.manifest import InputSnapshot, Manifest
from store.release_tables import RELEASE_CHANGE_TABLE, RELEASE_TABLES
from store.releases import new_candidate, publish, seal_candidate, table_path
from store.settings import Settings

TABLES: Mapping[str, Sequence[str]] = {
    "dim_indicator": ("indicator_code",),
    "fct_actual": ("indicator_code", "period_id"),
    RELEASE_CHANGE_TABLE: RELEASE_TABLES[RELEASE_CHANGE_TABLE],
}
CUT_OFF = date(2026, 11, 20)
CREATED_AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
INPUTS_HASH = "0" * 64


def indicators() -> pl.DataFrame:
    return pl.DataFrame(
        {"indicator_code": ["POPULATION_AVERAGE", "GRDP_GROWTH"], "unit": ["thousand_person", "percent"]}
    )


def actuals(*values: str) -> pl.DataFrame:
    """Actuals of POPULATION_AVERAGE for 2020, 2021, ...; values as decimal text."""
    return pl.DataFrame(
        {
            "indicator_code": ["POPULATION_AVERAGE"] * len(values),
            "period_id": [str(2020 + position) for position in range(len(values))],
            "value": pl.Series([Decimal(value) for value in values], dtype=pl.Decimal(38, 15)),
            "published_at": pl.Series([date(2021 + position, 7, 1) for position in range(len(values))]),
            "vintage_at": pl.Series([datetime(2026, 11, 20)] * len(values), dtype=pl.Datetime("us")),
            "conflict": [False] * len(values),
            "note": [None if position else "sơ bộ" for position in range(len(values))],
        }
    )


def write_candidate(settings: Settings, *values: str, candidate_id: str | None = None) -> Path:
    """An unsealed candidate with those actuals."""
    candidate = new_candidate(settings, candidate_id)
    indicators().write_parquet(table_path(candidate, "dim_indicator"))
    actuals(*values).write_parquet(table_path(candidate, "fct_actual"))
    return candidate


def seal(settings: Settings, candidate: Path, **changes: Any) -> Manifest:
    """Seal with facts of no importance, except those given."""
    facts: dict[str, Any] = {
        "cut_off": CUT_OFF,
        "created_at": CREATED_AT,
        "inputs_hash": INPUTS_HASH,
        "plan_versions": ["07-NQ-HDND-2023"],
        "rule_set_version": "1",
        "method_version": "1",
        "code_version": "0.1.0",
        "input_snapshots": [
            InputSnapshot(
                source_id="nso_population",
                route="recorded",
                document="issue_2025",
                snapshot_sha256="a" * 64,
                vintage_at=datetime(2026, 11, 20),
            )
        ],
        "tables": TABLES,
    }
    return seal_candidate(settings, candidate, **(facts | changes))


def sealed_candidate(settings: Settings, *values: str, **changes: Any) -> Path:
    candidate = write_candidate(settings, *values)
    seal(settings, candidate, **changes)
    return candidate


def published(settings: Settings, *values: str, **changes: Any) -> str:
    """Make a release with those actuals and publish it."""
    return publish(settings, sealed_candidate(settings, *values, **changes))
