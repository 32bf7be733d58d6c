"""Figures that were worked out from others: what they were made of, as a reader is told."""

from __future__ import annotations

import polars as pl

from reports.page_data import page_table
from reports.per_release import per_release
from reports.release_data import Release, Row
from reports.target_facts import observation_of
from reports.words import Words

DERIVED = "derived"


def is_derived(row: Row) -> bool:
    """Whether an observation or a source is this warehouse's own working out."""
    return row.get("origin") == DERIVED


def components_of(release: Release, observation: Row) -> list[Row]:
    """The observations that a derived one was made of, in the order of the formula."""
    keys = _promised_parts(release).get(str(observation["observation_key"]))
    if keys is None:
        is_whole = pl.col("observation_key") == observation["observation_key"]
        parts = release.matching("fct_observation_component", is_whole)
        keys = parts.sort("position")["component_observation_key"].to_list()
    found = [observation_of(release, key) for key in keys]
    return [row for row in found if row is not None]


@per_release
def _promised_parts(release: Release) -> dict[str, list[str]]:
    """Observation key -> keys of what it was made of, for what pages of targets show."""
    parts: dict[str, list[str]] = {}
    steps = page_table(release, "promised_components")
    for whole, part in steps.select("observation_key", "component_observation_key").iter_rows():
        parts.setdefault(whole, []).append(part)
    return parts


def formula(release: Release, observation: Row, words: Words) -> str:
    """The formula of a derived observation in words."""
    rows = release.rows("dim_derivation")
    (row,) = [row for row in rows if row["derivation_id"] == observation["derivation_id"]]
    return words.pick(row, "formula")
