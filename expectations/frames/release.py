"""Suite `release`: is a candidate whole? One frame per question, by plain SQL over its Parquet tables."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from expectations.frame import Frame
from store.manifest import read_manifest
from store.release_tables import RELEASE_TABLES
from store.releases import table_path
from store.warehouse import quoted

# One row per target, with how many states it has: its assessments, or the states of a milestone.
_TARGETS = """
select
    t.plan_version || ' ' || t.target_id as subject, t.indicator_code, t.target_type,
    case
        when t.target_type = 'milestone' then (
            select count(*) from fct_milestone m
            where m.plan_version = t.plan_version and m.target_id = t.target_id
        )
        else (
            select count(*) from fct_assessment a
            where a.plan_version = t.plan_version and a.target_id = t.target_id
        )
    end as n_states
from fct_target t
"""

# One row per assessment, with whether the target it assesses is in the release.
_ASSESSMENTS = """
select
    a.assessment_key as subject, a.plan_version, a.target_id, a.indicator_code,
    t.target_id is not null as has_target
from fct_assessment a left join fct_target t using (plan_version, target_id)
"""

# One row per actual, with the observation it came from.
_ACTUALS = """
select
    a.indicator_code || ' ' || a.area_id || ' ' || a.period_id || ' ' || a.breakdown as subject,
    a.indicator_code, a.area_id, a.period_id, a.breakdown, a.source_id, a.observation_key,
    case
        when o.observation_key is null then 'no_observation'
        -- A derived figure is traced when all it was made of is there; each of these is traced in turn.
        when o.derivation_id is not null and coalesce(c.n_components, 0) = 0 then 'no_component'
        when o.derivation_id is not null and c.n_components > c.n_found then 'component_missing'
        when o.derivation_id is not null then 'traced'
        when coalesce(o.snapshot_sha256, '') !~ '^[0-9a-f]{64}$' then 'no_snapshot'
        when coalesce(o.cell_ref, '') = '' then 'no_cell'
        else 'traced'
    end as trace,
    coalesce(o.held, false) as held,
    cast(a.value as double) as value,
    cast(o.value as double) as observed_value,
    a.value is not distinct from o.value as same_value
from fct_actual a
left join fct_observation o using (observation_key)
left join (
    select p.observation_key, count(*) as n_components, count(m.observation_key) as n_found
    from fct_observation_component p
    left join fct_observation m on m.observation_key = p.component_observation_key
    group by p.observation_key
) c using (observation_key)
"""

# One row per observation, with what its value is.
_OBSERVATIONS = """
select
    observation_key as subject, observation_key, indicator_code, area_id, period_id, breakdown, source_id,
    cast(value as double) as value,
    case
        when value is not null and not isfinite(cast(value as double)) then 'not_finite'
        when value is not null and missing_code is not null then 'both'
        when value is not null then 'value'
        when missing_code is not null then 'missing_code'
        else 'neither'
    end as value_state
from fct_observation
"""

# One row per input of an assessment, with whether both of its ends are in the release.
_INPUTS = """
select
    i.assessment_key || ' ' || i.role as subject, i.role, i.observation_key,
    case
        when a.assessment_key is null then 'no_assessment'
        when o.observation_key is null then 'no_observation'
        else 'resolved'
    end as resolution
from fct_assessment_input i
left join fct_assessment a using (assessment_key)
left join fct_observation o using (observation_key)
"""

# One row: what a release cannot be without.
_COUNTS = """
select
    'release' as subject,
    (select count(*) from fct_actual) as n_actuals,
    (select count(*) from fct_target) as n_targets
"""

QUERIES = {
    "release_targets": _TARGETS,
    "release_assessments": _ASSESSMENTS,
    "release_actuals": _ACTUALS,
    "release_observations": _OBSERVATIONS,
    "release_inputs": _INPUTS,
    "release_counts": _COUNTS,
}


def prepare(frame: str, candidate: Path, connection: duckdb.DuckDBPyConnection) -> Frame:
    """The frame of that name over a connection that holds the candidate's tables.

    A table that is not there raises duckdb.Error; an unknown frame KeyError.
    """
    if frame == "release_table_list":
        return _table_list(candidate)
    if frame == "release_keys":
        return _keys(candidate, connection)
    return Frame(connection.sql(QUERIES[frame]).pl())


def _table_list(candidate: Path) -> Frame:
    """One row per table of the contract or the manifest: present, not_listed, no_file or unknown."""
    listed = set(read_manifest(candidate).tables())
    rows = []
    for table in sorted(listed | set(RELEASE_TABLES)):
        if table not in RELEASE_TABLES:
            state = "unknown"
        elif table not in listed:
            state = "not_listed"
        elif not table_path(candidate, table).is_file():
            state = "no_file"
        else:
            state = "present"
        rows.append({"subject": table, "state": state})
    return Frame(pl.DataFrame(rows, schema={"subject": pl.String, "state": pl.String}))


def _keys(candidate: Path, connection: duckdb.DuckDBPyConnection) -> Frame:
    """One row per table that has a file: its rows, distinct keys, and rows with an empty key column."""
    counts = []
    for table, key in RELEASE_TABLES.items():
        if not table_path(candidate, table).is_file():
            continue  # the table list reports it
        columns = ", ".join(quoted(column) for column in key)
        empty = " or ".join(f"{quoted(column)} is null" for column in key)
        n_rows, n_keys, n_empty = connection.execute(
            f"select count(*), (select count(*) from (select distinct {columns} from {quoted(table)})), "
            f"count(*) filter (where {empty}) from {quoted(table)}"
        ).fetchall()[0]
        counts.append(
            {"subject": table, "key": ", ".join(key), "n_rows": n_rows, "n_keys": n_keys, "n_empty": n_empty}
        )
    schema = {
        "subject": pl.String,
        "key": pl.String,
        "n_rows": pl.Int64,
        "n_keys": pl.Int64,
        "n_empty": pl.Int64,
    }
    return Frame(pl.DataFrame(counts, schema=schema))
