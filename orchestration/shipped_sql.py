"""Writing the formulas of a run, and the plan's own cases, into a candidate; `store.formulas` reads and runs them."""

import json
from pathlib import Path

import duckdb

from orchestration.dbt_command import compiled_models_dir
from store.formulas import CASE_FILES, CASE_SERIES, CASES, PARAMETERS, RELATIONS_NAME, SQL_DIR, Relation
from store.manifest import ReleaseError
from store.settings import Settings
from store.warehouse import quoted

SCHEMAS = ("assess", "method")
# What makes cases out of a plan and its figures reads the machine's own files, and is no formula.
_CASE_MAKERS = {
    "asm_case", "asm_case_series", "asm_scenario", "asm_scenario_case", "asm_scenario_case_series", "mth_request",
    "mth_case", "mth_series",
}  # fmt: skip
_GIVEN = (
    CASES,
    CASE_SERIES,
    ("method", "mth_case"),
    ("method", "mth_series"),
    PARAMETERS,
)


def keep_sql(settings: Settings, connection: duckdb.DuckDBPyConnection, candidate: Path) -> None:
    """Copy the compiled formulas of the run into a candidate. Raises ReleaseError when dbt left none."""
    write_sql(
        compiled_models_dir(settings), settings.dbt_project_dir / "models", connection, candidate / SQL_DIR
    )
    write_cases(connection, candidate / SQL_DIR)


def write_cases(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the plan's own cases and the figures of each, so that a reader of the release can suppose others."""
    orders = {CASES: "assessment_key", CASE_SERIES: "assessment_key, role, period_id, observation_key"}
    for relation, name in CASE_FILES.items():
        result = connection.execute(
            f"select * from {quoted(relation[0])}.{quoted(relation[1])} order by {orders[relation]}"
        )
        names = [column[0] for column in result.description or []]
        rows = [
            {key: value for key, value in zip(names, row, strict=True) if value is not None}
            for row in result.fetchall()
        ]
        lines = ",\n".join(json.dumps(row, ensure_ascii=False, default=str) for row in rows)
        (folder / name).write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def write_sql(compiled: Path, project: Path, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the formulas of the models in `project` as `compiled` has them, and what they read, to `folder`."""
    for schema in SCHEMAS:
        (folder / schema).mkdir(parents=True)
        # The folder of compiled files keeps those of models that are gone.
        for source in sorted((project / schema).glob("*.sql")):
            if source.stem in _CASE_MAKERS:
                continue
            try:
                content = (compiled / schema / source.name).read_bytes()
            except FileNotFoundError as error:
                raise ReleaseError(
                    f"dbt left no compiled {schema}/{source.name} in {compiled}; run `ppw run` again."
                ) from error
            (folder / schema / source.name).write_bytes(content)
    columns = {".".join(relation): _columns(connection, relation) for relation in _GIVEN}
    (folder / RELATIONS_NAME).write_text(json.dumps(columns, indent=1) + "\n", encoding="utf-8")


def _columns(connection: duckdb.DuckDBPyConnection, relation: Relation) -> list[list[str]]:
    schema, name = relation
    found = connection.execute(f"describe {quoted(schema)}.{quoted(name)}").fetchall()
    return [[str(row[0]), str(row[1])] for row in found]
