"""What is asked of the queue by the address, and the findings that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import streamlit as st

from reports.desk.desk_page import Desk
from reports.release_data import Row

# What a reader asks for by the address: parameter -> column of the queue.
FILTERS: Mapping[str, str] = {
    "severity": "severity",
    "state": "state",
    "domain": "domain",
    "source": "source_id",
    "rule": "rule_id",
    "period": "period_id",
    "owner": "owner",
}
WAITING, EVERY = "waiting", "all"


@dataclass(frozen=True)
class Asked:
    """What the address asks for: values of filters, and the page of the list from 1."""

    values: Mapping[str, str]
    number: int

    @property
    def state(self) -> str:
        return self.values.get("state") or WAITING


def with_owner(desk: Desk, found: pl.DataFrame) -> pl.DataFrame:
    """The queue with the domain of each finding's indicator and the owner of its rule."""
    indicators = desk.release.table("dim_indicator").select("indicator_code", "domain")
    joined_up = found.join(indicators, on="indicator_code", how="left", maintain_order="left")
    owners = {rule_id: desk.words.pick(row, "owner") for rule_id, row in desk.names.rules.items()}
    owner = pl.col("rule_id").replace_strict(owners, default=None, return_dtype=pl.String)
    return joined_up.with_columns(owner=owner)


def asked_for() -> Asked:
    """What the address asks for."""
    values = {name: st.query_params[name] for name in FILTERS if st.query_params.get(name)}
    number = st.query_params.get("page", "1")
    return Asked(values, max(1, int(number)) if number.isdigit() else 1)


def choose(every: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """The findings asked for, in the order of the queue; those that wait for somebody unless a state is named."""
    conditions = [pl.col(FILTERS[name]) == value for name, value in asked.values.items() if name != "state"]
    if asked.state == WAITING:
        conditions.append(pl.col("needs_step"))
    elif asked.state != EVERY:
        conditions.append(pl.col("state") == asked.state)
    return every.filter(*conditions)


def finding_address(desk: Desk, row: Row) -> str:
    """Where a finding is decided on; the filters go along, so that the next one can be opened from there."""
    kept = {name: value for name, value in st.query_params.items() if name in FILTERS}
    return desk.page.address("finding", id=str(row["finding_id"])[:16], **kept)
