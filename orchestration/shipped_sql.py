"""The formulas that a release ships as SQL, and how to run them on cases that are not the plan's.

`sql/<schema>/<model>.sql` in a release is the SQL that dbt compiled and ran for it, `sql/relations.json` the columns of
the relations that it reads: cases, their series, parameters. The SQL names relations as the warehouse does, so a
database in memory with those relations is all it needs.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.dbt_command import compiled_models_dir
from orchestration.release_query import query
from store.manifest import ReleaseError
from store.settings import Settings
from store.warehouse import quoted

SQL_DIR = "sql"
RELATIONS_NAME = "relations.json"
SCHEMAS = ("assess", "method")
PARAMETERS = ("seed", "assessment_parameter")
# What makes cases out of a plan and its figures reads the machine's own files, and is no formula.
_CASE_MAKERS = {
    "asm_case", "asm_case_series", "asm_scenario", "asm_scenario_case", "asm_scenario_case_series", "mth_request",
    "mth_case", "mth_series",
}  # fmt: skip
_GIVEN = (
    ("assess", "asm_case"),
    ("assess", "asm_case_series"),
    ("method", "mth_case"),
    ("method", "mth_series"),
    PARAMETERS,
)
_RELATION = re.compile(r'"warehouse"\."(\w+)"\."(\w+)"')

Relation = tuple[str, str]
Row = dict[str, Any]


@dataclass(frozen=True)
class Formulas:
    """Formulas at hand: their folder, and the rows of the parameters they read."""

    folder: Path
    parameters: Sequence[Row]


def keep_sql(settings: Settings, connection: duckdb.DuckDBPyConnection, candidate: Path) -> None:
    """Copy the compiled formulas of the run into a candidate. Raises ReleaseError when dbt left none."""
    write_sql(
        compiled_models_dir(settings), settings.dbt_project_dir / "models", connection, candidate / SQL_DIR
    )


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


def formulas_of_release(release: Path) -> Formulas:
    """The formulas and parameters of a release. Raises ReleaseError for one that was made before SQL was shipped."""
    folder = release / SQL_DIR
    if not folder.is_dir():
        raise ReleaseError(
            f"The release {release.name} ships no formulas; `ppw run` makes one that does, or name another."
        )
    return Formulas(folder, query(release, "select parameter, value from dim_parameter"))


def run_models(
    formulas: Formulas, given: Mapping[Relation, Sequence[Row]], wanted: Sequence[Relation]
) -> dict[Relation, list[Row]]:
    """The rows of the models wanted, computed from the rows given; columns that a row leaves out are null.

    Models that the wanted ones read are run first. Raises ReleaseError naming a relation that is neither shipped nor
    given, duckdb.Error when the SQL fails on the rows.
    """
    folder = formulas.folder
    columns: dict[str, list[list[str]]] = json.loads((folder / RELATIONS_NAME).read_text(encoding="utf-8"))
    inputs = {**given, PARAMETERS: formulas.parameters}
    statements: dict[Relation, str] = {}
    graph: dict[Relation, set[Relation]] = {}
    pending = list(wanted)
    while pending:
        relation = pending.pop()
        if relation in graph or relation in inputs:
            continue
        path = folder.joinpath(*relation).with_suffix(".sql")
        if not path.is_file():
            raise ReleaseError(f"{folder} has no {'/'.join(relation)}.sql; `ppw run` makes a whole release.")
        statements[relation] = path.read_text(encoding="utf-8")
        graph[relation] = {(schema, name) for schema, name in _RELATION.findall(statements[relation])}
        pending += graph[relation]
    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        connection.execute("attach ':memory:' as warehouse")
        connection.execute("set enable_external_access = false")
        for schema in sorted({schema for schema, _ in [*inputs, *graph]}):
            connection.execute(f'create schema "warehouse".{quoted(schema)}')
        for relation, rows in inputs.items():
            _fill(connection, relation, columns[".".join(relation)], rows)
        for relation in TopologicalSorter(graph).static_order():
            if relation in statements:
                connection.execute(f"create table {_name(relation)} as {statements[relation]}")
        return {relation: _rows(connection, relation) for relation in wanted}


def _name(relation: Relation) -> str:
    return f'"warehouse".{quoted(relation[0])}.{quoted(relation[1])}'


def _columns(connection: duckdb.DuckDBPyConnection, relation: Relation) -> list[list[str]]:
    schema, name = relation
    found = connection.execute(f"describe {quoted(schema)}.{quoted(name)}").fetchall()
    return [[str(row[0]), str(row[1])] for row in found]


def _fill(
    connection: duckdb.DuckDBPyConnection, relation: Relation, columns: list[list[str]], rows: Sequence[Row]
) -> None:
    declared = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)
    connection.execute(f"create table {_name(relation)} ({declared})")
    if not rows:
        return
    names = [name for name, _ in columns]
    table = pa.table({name: [row.get(name) for row in rows] for name in names})
    connection.register("given_rows", table)
    cast = ", ".join(f"cast({quoted(name)} as {kind})" for name, kind in columns)
    connection.execute(f"insert into {_name(relation)} select {cast} from given_rows")
    connection.unregister("given_rows")


def _rows(connection: duckdb.DuckDBPyConnection, relation: Relation) -> list[Row]:
    result = connection.execute(f"select * from {_name(relation)}")
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
