"""The real series that defects are put into: the figures the project ships, and tables of all provinces.

A body is a set of observations in the shape of `observe.obs_observation` with the rest of a warehouse around it, so
that the checks see it as they see any warehouse. Nothing is made up here: defects are (benchmarks/defects/classes.py).
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from expectations.known import Known
from expectations.rules import RuleSet
from sources.input_tables import write_table
from sources.reading_process import ReadingLimits, view_in_process
from sources.text.periods import parse_period_id
from store.settings import Settings
from store.warehouse import quoted

Row = dict[str, Any]

_GIVEN = {
    ("observe", "obs_observation"): "observations",
    ("observe", "obs_cell_claim"): "claims",
    ("staging", "stg_vintage"): "vintages",
}
_DERIVATIONS = (("observe", "obs_derivation_input"), ("observe", "obs_derivation"))
_YEAR = re.compile(r"(?P<preliminary>Prel\.\s*)?(?P<year>\d{4})")


@dataclass(frozen=True)
class Figures:
    """What arrived: `observe.obs_observation`, the cells they come from (`observe.obs_cell_claim`), and the documents
    (`staging.stg_vintage`)."""

    observations: pl.DataFrame
    claims: pl.DataFrame
    vintages: pl.DataFrame


@dataclass(frozen=True)
class Body:
    """Figures to put defects into, and the warehouse file and inputs they stand among.

    `inputs_dir` is one of the body's own. `suites_left_out`: those that look at what the body does not have.
    """

    name: str
    title: str
    warehouse_file: Path
    inputs_dir: Path
    figures: Figures
    keeps_derivations: bool
    suites_left_out: frozenset[str] = frozenset()

    def codes(self, query: str) -> list[str]:
        """The first column of a query over the warehouse file."""
        with duckdb.connect(str(self.warehouse_file), read_only=True) as connection:
            return [str(row[0]) for row in connection.execute(query).fetchall()]

    @contextmanager
    def known(self, rule_set: RuleSet, figures: Figures | None = None) -> Iterator[Known]:
        """The warehouse with these figures instead of its own, as the checks read it."""
        given = figures or self.figures
        with duckdb.connect(":memory:", config={"threads": "2"}) as connection:
            file = str(self.warehouse_file).replace("'", "''")
            connection.execute(f"attach '{file}' as whole (read_only)")
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'whole' order by all"
            ).fetchall()
            for schema in sorted({schema for schema, _ in tables}):
                connection.execute(f"create schema if not exists {quoted(schema)}")
            for schema, table in tables:
                if (schema, table) in _GIVEN:
                    name = _GIVEN[schema, table]
                    connection.register(f"given_{name}", getattr(given, name))
                    connection.execute(f"create table {quoted(schema)}.{quoted(table)} as from given_{name}")
                    continue
                of_others = (schema, table) in _DERIVATIONS and not self.keeps_derivations
                connection.execute(
                    f"create view {quoted(schema)}.{quoted(table)} as "
                    f"from whole.{quoted(schema)}.{quoted(table)} {'limit 0' if of_others else ''}"
                )
            yield Known(connection, self.inputs_dir, rule_set)


def shipped(settings: Settings, folder: Path) -> Body:
    """The figures of the warehouse as the last run left it.

    Raises FileNotFoundError when there is no warehouse. The caller holds the warehouse lock.
    """
    figures = _figures_of(settings)
    inputs_dir = _inputs(settings, folder / "shipped", figures.observations)
    return Body(
        "shipped", "the figures the project ships", settings.warehouse_file, inputs_dir, figures, True
    )


@dataclass(frozen=True)
class _Table:
    """A published table of all provinces, and which observations its cells are.

    `items`: (a label of the table's other dimension, or None where there is none) -> (indicator, breakdown).
    """

    file: str
    source_id: str
    unit: str
    form: str
    published_at: date
    items: dict[str | None, tuple[str, str]]


_ALL_PROVINCES = (
    _Table(
        "nso_pxweb/E02.03-07.json", "nso_population", "thousand_person", "level", date(2025, 7, 23),
        {
            "Total": ("POPULATION_AVERAGE", "_T"),
            "Male": ("POPULATION_AVERAGE", "SEX_MALE"),
            "Female": ("POPULATION_AVERAGE", "SEX_FEMALE"),
            "Urban": ("POPULATION_AVERAGE", "RES_URBAN"),
            "Rural": ("POPULATION_AVERAGE", "RES_RURAL"),
        },
    ),
    _Table(
        "nso_pxweb/E02.01.json", "nso_population", "person_per_km2", "ratio", date(2025, 7, 23),
        {"Population density (Person/km2)": ("POPULATION_DENSITY", "_T")},
    ),
    _Table(
        "nso_labour/21_trained_labour_force_by_province_2008_2024.xlsx", "nso_labour", "percent", "ratio",
        date(2025, 7, 23), {None: ("EMPLOYED_TRAINED_SHARE", "_T")},
    ),
    _Table(
        "nso_labour/29_unemployment_rate_by_province_2018_2024.xlsx", "nso_labour", "percent", "ratio",
        date(2025, 7, 23), {None: ("UNEMPLOYMENT_TOTAL", "_T")},
    ),
    _Table(
        "gso_csv/Population and Employment/Labour force at 15 years of age and above by province.csv",
        "gso_2018_tables", "thousand_person", "level", date(2018, 9, 21), {None: ("LABOUR_FORCE", "_T")},
    ),
    _Table(
        "gso_csv/Trade, Price and Tourism/Retail sales of goods and services at current prices by province.csv",
        "gso_2018_tables", "billion_vnd", "level", date(2018, 9, 21), {None: ("RETAIL_SALES", "_T")},
    ),
    _Table(
        "gso_csv/Trade, Price and Tourism/Turnover of travelling at current prices by province.csv",
        "gso_2018_tables", "billion_vnd", "level", date(2018, 9, 21),
        {None: ("TRAVEL_AGENCY_TURNOVER", "_T")},
    ),
)  # fmt: skip
# Lines of these tables that are no unit of administration of their own.
_ITEM_DIMENSIONS = ("Items", "Average population")


# Suites whose rules look at records, calendars and targets: the tables of all provinces have none.
_NOT_OF_TABLES = frozenset({"mapping", "calendar", "registry", "target"})


def provinces(settings: Settings, folder: Path, data: Path) -> Body:
    """Published tables of all provinces, read by the project's own adapters from the files in `data`.

    The figures of a source, province and year are laid out as one sheet, as a provincial office sends them; its
    title is made up, the figures are as printed. Provinces that the seeds do not know become areas of the bench.
    Raises FileNotFoundError when a file or the warehouse is not there. The caller holds the warehouse lock.
    """
    whole = _figures_of(settings)
    areas: dict[str, str] = {}
    rows: list[Row] = []
    for number, table in enumerate(_ALL_PROVINCES, start=1):
        rows += _rows_of(settings, data / table.file, table, number, areas)
    observations = pl.DataFrame(rows, schema=whole.observations.schema, orient="row").unique(
        ["indicator_code", "area_id", "period_id", "breakdown", "source_id"],
        keep="first",
        maintain_order=True,
    )
    sources = pl.col("source_id").is_in([table.source_id for table in _ALL_PROVINCES])
    figures = Figures(
        observations,
        pl.concat([whole.claims.filter(~sources), claims_of(rows, whole.claims.schema)]),
        pl.concat([whole.vintages.filter(~sources), vintages_of(rows, whole.vintages.schema)]),
    )
    return Body(
        "provinces",
        "tables of all provinces (population, labour, retail sales, 1995 to 2024)",
        settings.warehouse_file,
        _inputs(settings, folder / "provinces", observations, areas),
        figures,
        False,
        _NOT_OF_TABLES,
    )


def claims_of(observations: Sequence[Row], schema: pl.Schema) -> pl.DataFrame:
    """The cells that observations come from, one each."""
    rows = [
        {
            **{name: row.get(name) for name in schema},
            "cell_set_key": row["document"],
            "cell_index": index,
            "reason": None,
        }
        for index, row in enumerate(observations)
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def vintages_of(observations: Sequence[Row], schema: pl.Schema) -> pl.DataFrame:
    """The documents that observations come from."""
    rows = [
        {
            **{name: row.get(name) for name in schema},
            "cell_set_key": row["document"],
            "is_whole": True,
        }
        for row in observations
    ]
    names = ["source_id", "route", "document"]
    return pl.DataFrame(rows, schema=schema, orient="row").unique(names, keep="first", maintain_order=True)


def _rows_of(
    settings: Settings, file: Path, table: _Table, number: int, areas: dict[str, str]
) -> Iterator[Row]:
    seen = json.loads(view_in_process(file.read_bytes(), file.name, None, ReadingLimits.of(settings)))
    for cell in (cell for found in seen["tables"] for cell in found["cells"]):
        labels: dict[str, str] = cell["labels"]
        label = next((labels[name] for name in _ITEM_DIMENSIONS if name in labels), None)
        if label not in table.items or cell["value"] is None:
            continue
        indicator, breakdown = table.items[label]
        printed_year = labels.get("Year") or labels["column"]
        year = _YEAR.fullmatch(printed_year.strip())
        if year is None:
            continue
        name = (labels.get("Cities, provincies") or labels["row"]).strip()
        area_id = _area_id(name)
        areas[area_id] = name
        value = Decimal(str(cell["value"])).normalize()
        decimals = max(0, -int(value.as_tuple().exponent))
        yield {
            "observation_key": hashlib.md5(f"{number}|{cell['ref']}".encode()).hexdigest(),
            "indicator_code": indicator,
            "area_id": area_id,
            "period_id": year["year"],
            "breakdown": breakdown,
            "source_id": table.source_id,
            "vintage_at": datetime(2026, 11, 20),
            "published_at": table.published_at,
            "published_at_basis": "printed",
            "value": value,
            "value_text": cell["text"],
            "value_decimals": decimals,
            "unit": table.unit,
            "form": table.form,
            "maturity": "preliminary" if year["preliminary"] else "not_stated",
            "origin": "third_party_copy",
            "review_state": "not_reviewed",
            "snapshot_sha256": hashlib.sha256(
                f"{table.source_id}|{area_id}|{year['year']}".encode()
            ).hexdigest(),
            "cell_ref": cell["ref"],
            "table_title": f"{name} {year['year']}",
            # Each province sends its own sheets.
            "route": area_id,
            "document": f"{table.source_id}_{area_id}_{year['year']}",
            "rounding_half_width": 0.5 * 10.0**-decimals,
            "arrival": 1,
            "confirmed_published_at": table.published_at,
            "confirmed_vintage_at": datetime(2026, 11, 20),
        }


def _area_id(name: str) -> str:
    if name.upper() == "WHOLE COUNTRY":
        return "VN"
    if name == "Cao Bang":
        return "VN-04"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "BENCH-" + re.sub(r"[^A-Z0-9]+", "-", plain.upper()).strip("-")


def _figures_of(settings: Settings) -> Figures:
    if not settings.warehouse_file.is_file():
        raise FileNotFoundError(f"{settings.warehouse_file} is not there; `ppw run` makes it")
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
        frames = {
            name: connection.execute(f"from {schema}.{table} order by all").pl()
            for (schema, table), name in _GIVEN.items()
        }
    return Figures(**frames)


def _inputs(
    settings: Settings, folder: Path, observations: pl.DataFrame, areas: dict[str, str] | None = None
) -> Path:
    """A folder with the inputs of the warehouse, the periods of the body and of its defects, and its areas."""
    folder.mkdir(parents=True)
    own = {"period"} if areas is None else {"period", "plan_area"}
    for file in settings.inputs_dir.glob("*.parquet"):
        if file.stem not in own:
            (folder / file.name).symlink_to(file.resolve())
    known = pl.read_parquet(settings.inputs_dir / "period.parquet")
    wanted = sorted(_periods(observations["period_id"].unique().to_list()) - set(known["period_id"]))
    periods = [parse_period_id(period_id) for period_id in wanted]
    added = pl.DataFrame(
        {
            "period_id": [period.period_id for period in periods],
            "type": [str(period.type) for period in periods],
            "start_date": pl.Series([period.start for period in periods], dtype=pl.Date),
            "end_date": pl.Series([period.end for period in periods], dtype=pl.Date),
        },
        schema_overrides={"period_id": pl.String, "type": pl.String},
    )
    pl.concat([known, added], how="diagonal_relaxed").write_parquet(folder / "period.parquet")
    if areas is not None:
        write_table(
            folder,
            "plan_area",
            [{"area_id": area_id, "name_vi": name, "name_en": name} for area_id, name in areas.items()],
        )
    return folder


def _periods(period_ids: Sequence[str]) -> set[str]:
    """The periods given, and those that a later report of the same year, or the next year, would be about."""
    years = {int(match[0]) for match in (re.search(r"\d{4}", period_id) for period_id in period_ids) if match}
    parts = ("", "-H1", "-YTD09")
    return set(period_ids) | {f"{year}{part}" for year in years | {max(years) + 1} for part in parts}
