"""An office of three and what it decides on, for the tests of the gate. Nobody here is anybody."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from expectations.gate.candidates import Offer, read_offer
from expectations.gate.findings import Evidence
from expectations.gate.people import Person, StandIn
from store.releases import table_path
from store.settings import Settings
from tests.store.building import TABLES, seal, write_candidate

ALL = frozenset({"*"})
REVIEWER = Person("reviewer-1", "Reviewer 1", {"reviewer": ALL})
OTHER_REVIEWER = Person("reviewer-2", "Reviewer 2", {"reviewer": ALL})
APPROVER = Person("approver-1", "Approver 1", {"approver": ALL})
OTHER_APPROVER = Person("approver-2", "Approver 2", {"approver": ALL})
BOTH = Person("both-1", "Both 1", {"reviewer": ALL, "approver": ALL})
ENGINEER = Person("engineer-1", "Engineer 1", {"engineer": ALL})
LEADER = Person("leader-1", "Leader 1", {"leader": ALL})
ERROR = Evidence(
    "k" * 64, "f" * 64, "digit_slip", "error", "a_source", "POVERTY_RATE", "VN-04", "2024", "_T", "o" * 64,
    46.2, "percent", 0.05, is_owned=True, rule_version=1,
)  # fmt: skip
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)
WHY: dict[str, Any] = {"reason_code": "KNOWN_EVENT", "reason_text": "a merger of communes"}


def deputy(identifier: str, role: Any, principal: str) -> Person:
    """Somebody who holds a role only in somebody's place."""
    return Person(identifier, identifier, {}, {role: StandIn(principal, ALL)})


def later(**time: float) -> datetime:
    return AT + timedelta(**time)


def offered(settings: Settings, policy: str = "one", *values: str, **changes: Any) -> Offer:
    """A sealed candidate, as it is signed. Nothing is recorded of it yet."""
    candidate = write_candidate(settings, *(values or ("551.1",)))
    seal(settings, candidate, review_policy=policy, **changes)
    return read_offer(candidate)


FINDING_TABLES = {**TABLES, "fct_finding": ("finding_id",), "fct_observation": ("observation_key",)}


def sealed_with_findings(
    settings: Settings,
    findings: Sequence[dict[str, Any]],
    *,
    observations: Sequence[dict[str, Any]] = (),
    influence: Sequence[dict[str, Any]] | None = None,
    sources: Sequence[dict[str, Any]] | None = None,
    **changes: Any,
) -> Path:
    """A sealed candidate with these findings and observations."""
    candidate = write_candidate(settings, "551.1")
    pl.DataFrame(
        findings, schema=FINDING_SCHEMA | _more(findings, FINDING_SCHEMA), orient="row"
    ).write_parquet(table_path(candidate, "fct_finding"))
    pl.DataFrame(observations, schema=OBSERVATION_SCHEMA, orient="row").write_parquet(
        table_path(candidate, "fct_observation")
    )
    tables = dict(FINDING_TABLES)
    for table, rows, key in (
        ("fct_finding_influence", influence, ("finding_id", "target_id", "scenario")),
        ("dim_source", sources, ("source_id",)),
    ):
        if rows is not None:
            pl.DataFrame(rows, orient="row", infer_schema_length=None).write_parquet(
                table_path(candidate, table)
            )
            tables[table] = key
    seal(settings, candidate, tables=tables, **changes)
    return candidate


FINDING_SCHEMA: dict[str, Any] = {
    "finding_id": pl.String, "rule_id": pl.String, "rule_version": pl.Int64, "suite": pl.String,
    "severity": pl.String, "outcome": pl.String, "subject": pl.String, "observation_key": pl.String,
    "indicator_code": pl.String, "area_id": pl.String, "period_id": pl.String, "breakdown": pl.String,
    "source_id": pl.String, "message_vi": pl.String, "message_en": pl.String, "decision": pl.String,
}  # fmt: skip
OBSERVATION_SCHEMA: dict[str, Any] = {
    "observation_key": pl.String, "indicator_code": pl.String, "area_id": pl.String, "period_id": pl.String,
    "breakdown": pl.String, "form": pl.String, "source_id": pl.String, "value": pl.Decimal(38, 15),
    "value_text": pl.String, "value_decimals": pl.Int32, "rounding_half_width": pl.Float64, "unit": pl.String,
    "maturity": pl.String, "vintage_at": pl.Datetime("us"), "published_at": pl.Date, "document": pl.String,
    "cell_ref": pl.String, "held": pl.Boolean,
}  # fmt: skip


def _more(rows: Sequence[dict[str, Any]], schema: dict[str, Any]) -> dict[str, Any]:
    return {name: pl.String for row in rows for name in row if name not in schema}


def finding(number: int, **changes: Any) -> dict[str, Any]:
    """A row of fct_finding on the poverty rate of 2024."""
    row: dict[str, Any] = {
        "finding_id": f"{number:064x}", "rule_id": "digit_slip", "rule_version": 1, "suite": "magnitude",
        "severity": "error", "outcome": "failed", "subject": None, "observation_key": f"o{number}",
        "indicator_code": "POVERTY_RATE", "area_id": "VN-04", "period_id": "2024", "breakdown": "_T",
        "source_id": "a_source", "message_vi": "lệch", "message_en": "off", "decision": "none",
    }  # fmt: skip
    return row | changes


def observation(number: int, value: str = "46.2", **changes: Any) -> dict[str, Any]:
    """The row of fct_observation that `finding(number)` is about."""
    row: dict[str, Any] = {
        "observation_key": f"o{number}", "indicator_code": "POVERTY_RATE", "area_id": "VN-04", "period_id": "2024",
        "breakdown": "_T", "form": "level", "source_id": "a_source", "value": Decimal(value), "value_text": value,
        "value_decimals": 1, "rounding_half_width": 0.05, "unit": "percent", "maturity": "official",
        "vintage_at": datetime(2026, 11, 20), "published_at": date(2026, 1, 1), "document": "issue", "cell_ref": "B2",
        "held": True,
    }  # fmt: skip
    return row | changes


def copy_home(template: Path, home: Path) -> Settings:
    """Settings of a home of its own whose state database is that of a template."""
    shutil.copytree(template, home, dirs_exist_ok=True)
    return Settings(home=home)
