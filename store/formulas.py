"""The formulas that a release ships as SQL, run in memory on cases: the plan's own, or any that somebody supposes.

`sql/<schema>/<model>.sql` in a release is the SQL that dbt compiled and ran for it, `sql/relations.json` the columns of
the relations that it reads: cases, their series, parameters. The SQL names relations as the warehouse does, so a
database in memory with those relations is all it needs. `sql/cases.json` and `sql/case_series.json` are the rows of the
plan's own cases.
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

from store.manifest import ReleaseError
from store.releases import table_path
from store.warehouse import connect_tables, quoted

SQL_DIR = "sql"
RELATIONS_NAME = "relations.json"
PARAMETERS = ("seed", "assessment_parameter")
CASES, CASE_SERIES = ("assess", "asm_case"), ("assess", "asm_case_series")
CASE_FILES = {CASES: "cases.json", CASE_SERIES: "case_series.json"}
_RELATION = re.compile(r'"warehouse"\."(\w+)"\."(\w+)"')

Relation = tuple[str, str]
Row = dict[str, Any]


@dataclass(frozen=True)
class Formulas:
    """Formulas at hand: their folder, and the rows of the parameters they read."""

    folder: Path
    parameters: Sequence[Row]


def formulas_of_release(release: Path) -> Formulas:
    """The formulas and parameters of a release. Raises ReleaseError for one that was made before SQL was shipped."""
    folder = release / SQL_DIR
    if not folder.is_dir():
        raise ReleaseError(
            f"The release {release.name} ships no formulas; `ppw run` makes one that does, or name another."
        )
    with connect_tables({"dim_parameter": table_path(release, "dim_parameter")}) as connection:
        rows = connection.execute("select parameter, value from dim_parameter order by parameter").fetchall()
    return Formulas(folder, [{"parameter": name, "value": value} for name, value in rows])


def plan_cases(release: Path) -> dict[Relation, list[Row]] | None:
    """The rows of the plan's own cases and their series as a release ships them; None for one that ships none."""
    folder = release / SQL_DIR
    if not all((folder / name).is_file() for name in CASE_FILES.values()):
        return None
    return {
        relation: json.loads((folder / name).read_text(encoding="utf-8"))
        for relation, name in CASE_FILES.items()
    }


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
