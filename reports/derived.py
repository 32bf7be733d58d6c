"""Figures that were worked out from others: what they were made of, as a reader is told."""

from __future__ import annotations

import polars as pl

from reports.release_data import Release, Row
from reports.words import Words

DERIVED = "derived"


def is_derived(row: Row) -> bool:
    """Whether an observation or a source is this warehouse's own working out."""
    return row.get("origin") == DERIVED


def components_of(release: Release, observation: Row) -> list[Row]:
    """The observations that a derived one was made of, in the order of the formula."""
    parts = release.table("fct_observation_component").filter(
        pl.col("observation_key") == observation["observation_key"]
    )
    keys = parts.sort("position")["component_observation_key"].to_list()
    table = release.table("fct_observation")
    found = {
        row["observation_key"]: row for row in table.filter(pl.col("observation_key").is_in(keys)).to_dicts()
    }
    return [found[key] for key in keys]


def formula(release: Release, observation: Row, words: Words) -> str:
    """The formula of a derived observation in words."""
    rows = release.rows("dim_derivation")
    (row,) = [row for row in rows if row["derivation_id"] == observation["derivation_id"]]
    return words.pick(row, "formula")
