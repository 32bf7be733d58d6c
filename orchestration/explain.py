"""The whole chain of one target: clause, target, reading, indicator, rule, inputs, vintages, snapshot, cell.

Everything is read from a release; the last link is proved by reading the snapshot's bytes again and finding the cell. A
figure that was worked out from others is followed into each of them.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from orchestration.records import records_of_release
from orchestration.release_query import query
from orchestration.target_reports import pick, target_record
from sources.read_vintage import read_confined
from sources.record import SourceRecord
from store.landing import get
from store.review import Destruction, destroyed
from store.settings import Settings
from store.state import reading

INPUTS = """
select i.role, o.*, s.publisher_vi, s.publisher_en, s.rank
from fct_assessment_input i
join fct_observation o using (observation_key)
join dim_source s using (source_id)
where i.assessment_key = ? and (cast(? as varchar) is null or o.period_id = ?)
order by i.role, o.period_id, s.rank desc, o.source_id
"""
_OTHERS = """
select o.*, s.publisher_vi, s.publisher_en, s.rank,
       exists (select 1 from fct_actual a where a.observation_key = o.observation_key) as in_force
from fct_observation o join dim_source s using (source_id)
where o.indicator_code = ? and o.area_id = ? and o.breakdown = '_T'
  and (cast(? as varchar) is null or o.period_id = ?)
order by o.period_id, s.rank desc, o.source_id, o.vintage_at
"""
_COMPONENTS = """
select c.role, c.operation, c.coefficient, o.*, s.publisher_vi, s.publisher_en, s.rank,
       i.name_vi as indicator_vi, i.name_en as indicator_en
from fct_observation_component c
join fct_observation o on o.observation_key = c.component_observation_key
join dim_source s using (source_id)
left join dim_indicator i using (indicator_code)
where c.observation_key = ?
order by c.position
"""
_DERIVATION = (
    "select method_vi, method_en, formula_vi, formula_en from dim_derivation where derivation_id = ?"
)
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
    assessment = record["assessment"]
    inputs = (
        []
        if assessment is None
        else query(directory, INPUTS, [assessment["assessment_key"], period_id, period_id])
    )
    subject = [record["target"]["indicator_code"], record["target"]["area_id"]]
    records = records_of_release(directory)
    return {
        **record,
        "inputs": [
            {**figure(row), "role": row["role"], **follow(settings, directory, records, row)}
            for row in inputs
        ],
        "vintages": [
            {**figure(row), "in_force": row["in_force"]}
            for row in query(directory, _OTHERS, [*subject, period_id, period_id])
        ],
        "findings": query(directory, _FINDINGS, subject),
    }


def follow(
    settings: Settings, directory: Path, records: Mapping[str, SourceRecord], row: Mapping[str, Any]
) -> dict[str, Any]:
    """What stands below an observation: its `snapshot` and cell, or its `derivation` with the `components`.

    A component is a figure with its role, operation and coefficient, and what stands below it in turn.
    """
    if not row.get("derivation_id"):
        return {"snapshot": follow_to_cell(settings, records, row)}
    (derivation,) = query(directory, _DERIVATION, [row["derivation_id"]])
    return {
        "derivation": {"derivation_id": row["derivation_id"], **derivation},
        "components": [
            {
                **pick(part, "role", "operation", "coefficient", "indicator_vi", "indicator_en"),
                **figure(part),
                **follow(settings, directory, records, part),
            }
            for part in query(directory, _COMPONENTS, [row["observation_key"]])
        ],
    }


def not_found_again(chain: Mapping[str, Any]) -> int:
    """How many figures at the ends of a chain (or of a list of inputs in it) were not found again in their snapshot."""
    below = [*chain.get("inputs", ()), *chain.get("components", ())]
    snapshot = chain.get("snapshot")
    return sum(map(not_found_again, below)) + (snapshot is not None and snapshot["same_value"] is not True)


def figure(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a reader needs of an observation: the value, when and by whom it was published, and where it stands."""
    return pick(
        row,
        "observation_key",
        "indicator_code",
        "area_id",
        "period_id",
        "breakdown",
        "value",
        "value_text",
        "value_decimals",
        "rounding_half_width",
        "unit",
        "form",
        "maturity",
        "source_id",
        "publisher_vi",
        "rank",
        "vintage_at",
        "published_at",
        "published_at_basis",
        "held",
        "citation_publisher",
        "citation_title",
        "citation_address",
        "citation_published",
        "citation_place",
        "note",
        "derivation_id",
    ) | {"value_text": shown_text(row), "rank": row.get("source_rank", row.get("rank"))}


def shown_text(row: Mapping[str, Any]) -> str | None:
    """The figure as printed; of a derived one, which nobody printed, its value to its supported decimals."""
    if row.get("value_text") is not None or row.get("value") is None or not row.get("derivation_id"):
        return row.get("value_text")
    return f"{row['value']:.{row['value_decimals'] or 0}f}"


def follow_to_cell(
    settings: Settings, records: Mapping[str, SourceRecord], row: Mapping[str, Any]
) -> dict[str, Any]:
    """Read the observation's snapshot again and find its cell.

    `same_value` says whether the cell read now gives the value the release states (before the record's unit factor,
    the printed text is compared); `problem` says why that could not be told.
    """
    place = pick(row, "snapshot_sha256", "route", "document", "table_title", "cell_ref")
    record = records.get(str(row["source_id"]))
    if record is None:
        return {**place, "same_value": None, "problem": f"the release carries no record {row['source_id']}"}
    sha256 = str(row["snapshot_sha256"])
    try:
        if step := _destroyed(settings, sha256):
            day = step.at.astimezone(ZoneInfo(settings.time_zone)).date()
            said = f"the snapshot was destroyed on {day} ({step.reason_text})"
            return {**place, "same_value": None, "problem": said}
        route = record.route(str(row["route"]))
        cells = read_confined(settings, route.reading, get(settings, sha256), sha256).cells
    except Exception as error:  # the chain is shown as far as it goes
        return {**place, "same_value": None, "problem": str(error)}
    found = cells.filter(
        (cells["cell_ref"] == row["cell_ref"]) & (cells["table_title"] == row["table_title"])
    )
    if found.is_empty():
        return {**place, "same_value": False, "problem": "the snapshot has no such cell"}
    cell = found.row(0, named=True)
    labels = {label["dimension"]: label["label"] for label in cell["labels"]}
    return {
        **place,
        "cell_labels": labels,
        "cell_text": cell["value_text"],
        "same_value": same_figure(cell["value_text"], row["value_text"]),
        "problem": None,
    }


def _destroyed(settings: Settings, sha256: str) -> Destruction | None:
    with reading(settings) as connection:
        return destroyed(connection).get(sha256)


def same_figure(left: object, right: object) -> bool:
    """Whether two printed figures are the same text, or the same number."""
    if left == right:
        return True
    try:
        return Decimal(str(left)) == Decimal(str(right))
    except InvalidOperation:
        return False
