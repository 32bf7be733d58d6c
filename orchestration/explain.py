"""The whole chain of one target: clause, target, reading, indicator, rule, inputs, vintages, snapshot, cell.

Everything is read from a release; the last link is proved by reading the snapshot's bytes again and finding the cell. A
figure that was worked out from others is followed into each of them.
"""

from pathlib import Path
from typing import Any

from orchestration.release_query import query
from orchestration.target_reports import target_record
from reports.explanation import figure_of, follow, inputs_of
from reports.release_data import release_at
from store.settings import Settings

_OTHERS = """
select o.*, s.publisher_vi, s.publisher_en, s.rank,
       exists (select 1 from fct_actual a where a.observation_key = o.observation_key) as in_force
from fct_observation o join dim_source s using (source_id)
where o.indicator_code = ? and o.area_id = ? and o.breakdown = '_T'
  and (cast(? as varchar) is null or o.period_id = ?)
order by o.period_id, s.rank desc, o.source_id, o.vintage_at
"""
_FINDINGS = "select * from fct_finding where indicator_code = ? and area_id = ? order by severity, finding_id"


def explain_target(
    settings: Settings,
    directory: Path,
    target_id: str,
    period_id: str | None,
    plan_version: str | None = None,
) -> dict[str, Any] | None:
    """The chain of one target in one release, or None when the release has no such target.

    What `target_record` gives (document, clause, target, reading, remarks, indicator, assessment, ...), then `inputs`
    with each followed to its cell (a derived one through its components, as deep as they go), `vintages` and `findings`
    of the indicator. With a period, only the figures of that period are followed. A milestone has no figures.
    """
    record = target_record(directory, target_id, plan_version)
    if record is None:
        return None
    assessment, release = record["assessment"], release_at(directory)
    inputs = [] if assessment is None else inputs_of(release, assessment["assessment_key"], period_id)
    subject = [record["target"]["indicator_code"], record["target"]["area_id"]]
    return {
        **record,
        "inputs": [
            {**figure_of(row), "role": row["role"], **follow(settings, release, row)} for row in inputs
        ],
        "vintages": [
            {**figure_of(row), "in_force": row["in_force"]}
            for row in query(directory, _OTHERS, [*subject, period_id, period_id])
        ],
        "findings": query(directory, _FINDINGS, subject),
    }
