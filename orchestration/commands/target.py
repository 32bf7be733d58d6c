"""`ppw target`: targets with their latest assessment."""

import click

from orchestration.output import emit_fields, emit_json, emit_table, fail
from orchestration.release_query import one, query, resolve_release
from store.manifest import ReleaseError
from store.settings import load_settings

_LIST = """
select t.target_id, t.clause, t.name_vi as name, t.target_type, t.comparator, t.value_low, t.value_high, t.unit,
       t.period_end, a.actual_value, a.actual_period_id, a.level_state, a.pace_state, a.bucket,
       coalesce(a.reason_code, '') as reason_code, coalesce(a.pace_reason_code, '') as pace_reason_code,
       t.reading_status
from fct_target t left join fct_assessment a using (plan_version, target_id)
order by t.plan_version, t.line, t.target_id
"""
_SHOW = """
select t.*, a.* exclude (target_id, plan_version, indicator_code, area_id, target_type, comparator, value_low,
                         value_high, unit, period_start, period_end)
from fct_target t left join fct_assessment a using (plan_version, target_id)
where t.target_id = ?
"""


@click.group()
def command() -> None:
    """Targets of the plan documents and where they stand."""


@command.command("list")
@click.option("--release", "release_id", help="This release instead of the current one.")
@click.option("--json", "as_json", is_flag=True)
def list_targets(release_id: str | None, as_json: bool) -> None:
    """All targets with value, latest actual, level, pace and reason."""
    try:
        rows = query(resolve_release(load_settings(), release_id), _LIST)
    except ReleaseError as error:
        fail(str(error))
    if as_json:
        emit_json(rows)
        return
    columns = ["target_id", "clause", "name", "value_low", "value_high", "unit", "period_end", "actual_value",
               "actual_period_id", "level_state", "pace_state", "reason_code", "pace_reason_code"]  # fmt: skip
    emit_table(rows, columns, right=["value_low", "value_high", "actual_value"])


@command.command()
@click.argument("target_id")
@click.option("--release", "release_id", help="This release instead of the current one.")
@click.option("--json", "as_json", is_flag=True)
def show(target_id: str, release_id: str | None, as_json: bool) -> None:
    """One target: the clause, our reading of it, and its assessment."""
    try:
        row = one(resolve_release(load_settings(), release_id), _SHOW, [target_id])
    except ReleaseError as error:
        fail(str(error))
    if row is None:
        fail(f"There is no target {target_id}; `ppw target list` shows those there are")
    if as_json:
        emit_json(row)
    else:
        emit_fields({name: value for name, value in row.items() if value is not None and value != ""})
