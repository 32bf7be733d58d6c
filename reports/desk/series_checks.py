"""What the rules found on a series, on which vintage, and what was decided: for those who see findings."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import streamlit as st

from reports.desk.desk_page import badge
from reports.desk.names import Names, names_of
from reports.frame import Page
from reports.guards import may_see
from reports.markup import Column, Markup, element, link, table
from reports.periods import period_words
from reports.release_data import Row
from reports.series_facts import SeriesKey


def checks_of(page: Page, key: SeriesKey) -> list[tuple[Row, Row | None]]:
    """The findings on a series, the latest period and the gravest first, each with the observation it is about."""
    of_series = (
        pl.col("indicator_code") == key.indicator_code,
        pl.col("area_id") == key.area_id,
        pl.col("breakdown") == key.breakdown,
    )
    observed = {
        row["observation_key"]: row
        for row in page.release.matching("fct_observation", *of_series).iter_rows(named=True)
    }
    ends = {str(row["period_id"]): str(row["end"]) for row in page.release.rows("dim_period")}
    graveness = ("error", "warning", "information")
    found = page.release.matching("fct_finding", *of_series).to_dicts()
    found.sort(key=lambda row: (graveness.index(row["severity"]), row["rule_id"], row["finding_id"]))
    found.sort(key=lambda row: ends.get(str(row["period_id"]), ""), reverse=True)
    return [(row, observed.get(row["observation_key"])) for row in found]


def write_checks(page: Page, key: SeriesKey) -> None:
    """The history of checks of a series. Nothing for those who do not see findings."""
    if not may_see(page.person, "finding") or not page.release.has("fct_finding"):
        return
    words = page.words
    st.header(words("series.checks"), anchor=False)
    found = checks_of(page, key)
    if not found:
        page.write(element("p", words("series.no_checks")))
        return
    page.write(
        element("p", words("series.checks_meaning"), classes="ppw-small"),
        _table(page, names_of(page.release, words), found),
        classes="ppw-list ppw-vintages",
    )


def _table(page: Page, names: Names, found: Sequence[tuple[Row, Row | None]]) -> Markup:
    words = page.words
    columns = [
        Column(words("column.period")),
        Column(words("column.rule")),
        Column(words("series.outcome")),
        Column(words("series.checked_vintage")),
        Column(words("decision.title")),
    ]
    rows = [
        (
            period_words(row["period_id"], words) if row["period_id"] else words("none"),
            element(
                "span",
                link(names.rule(row["rule_id"]), page.address("finding", id=str(row["finding_id"])[:16])),
                element("span", words.pick(row, "message"), classes="ppw-small ppw-block"),
            ),
            element(
                "span",
                badge(row["severity"], words.of("severity", row["severity"])),
                element("span", words.of("finding_outcome", row["outcome"]), classes="ppw-small ppw-block"),
            ),
            _vintage(page, names, observation),
            _decision(page, row),
        )
        for row, observation in found
    ]
    return table(words("series.checks"), columns, rows)


def _vintage(page: Page, names: Names, observation: Row | None) -> str:
    """The value that was checked, and the day it was received; a finding on a whole series has none."""
    if observation is None:
        return page.words("none")
    value = (
        page.words.of("missing", observation["missing_code"])
        if observation["value"] is None
        else names.measured(observation["value"], observation["unit"], observation["value_decimals"])
    )
    return f"{value}, {page.words('series.arrived', day=page.date(observation['vintage_at']))}"


def _decision(page: Page, row: Row) -> str:
    """What was decided, why, when and by how many; who, stands on the finding's own page."""
    words = page.words
    said = [words.of("finding_decision", row["decision"])]
    if row.get("reason_code"):
        said.append(words.of("decision_reason", row["reason_code"]))
    if row.get("decided_on"):
        said.append(page.date(row["decided_on"]))
    if row.get("n_people"):
        said.append(words.counted("series.people", row["n_people"]))
    return " · ".join(said)
