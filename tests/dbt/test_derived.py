"""Derived figures from the compiled SQL of their models: the rounding of the components bounds the error."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt.project import compiled_sql

pytestmark = pytest.mark.integration

Row = dict[str, Any]
WorkOut = Callable[[str, Sequence[Row]], dict[tuple[str, str], Row]]

TABLES = (
    "observe.obs_figure", "observe.obs_derived_merger", "observe.obs_derived_sum", "observe.obs_derived_level",
    "observe.obs_derivation", "observe.obs_derivation_component", "seed.unit", "seed.maturity_rank",
    "seed.series_break", "seed.indicator", "seed.derivation_method", "seed.period_composition",
)  # fmt: skip
# Doubles and twelve significant digits are no part of the rounding of what was printed.
NOISE = Fraction(1, 10**10)


@pytest.fixture(scope="module")
def work_out(empty_warehouse: Path) -> Iterator[WorkOut]:
    """A function (model, figures) -> derived figures by (indicator, area), over an empty copy of the warehouse."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{empty_warehouse / 'warehouse.duckdb'}' as built (read_only)")
        connection.execute("attach ':memory:' as warehouse")
        for schema in ("observe", "seed"):
            connection.execute(f"create schema warehouse.{schema}")
        for table in TABLES:
            connection.execute(f"create table warehouse.{table} as from built.{table}")
        connection.execute("detach built")

        def run(model: str, figures: Sequence[Row]) -> dict[tuple[str, str], Row]:
            connection.execute("delete from warehouse.observe.obs_figure")
            names = list(figures[0])
            places = ", ".join("?" for _ in names)
            connection.executemany(
                f"insert into warehouse.observe.obs_figure ({', '.join(names)}) values ({places})",
                [list(figure.values()) for figure in figures],
            )
            result = connection.execute(compiled_sql(f"models/observe/{model}.sql"))
            columns = [column[0] for column in result.description]
            rows = [dict(zip(columns, values, strict=True)) for values in result.fetchall()]
            return {(row["indicator_code"], row["area_id"]): row for row in rows}

        yield run


def figure(indicator: str, unit: str, area: str, value: Decimal, places: int, **more: Any) -> Row:
    """A figure as printed with so many decimals, of 2024."""
    return {
        "observation_key": f"{indicator} {area} {more.get('breakdown', '_T')}",
        "indicator_code": indicator,
        "area_id": area,
        "period_id": "2024",
        "breakdown": "_T",
        "form": "level",
        "source_id": "s",
        "source_rank": 90,
        "value": round(value, places),
        "rounding_half_width": 0.5 * 10.0**-places,
        "unit": unit,
        "price_basis": None,
        "maturity": "official",
        "maturity_rank": 3,
        "vintage_at": datetime(2026, 1, 1),
        "confirmed_vintage_at": datetime(2026, 1, 1),
        "arrival": 1,
    } | more


amounts = st.decimals(min_value="0.01", max_value="1000000", places=4, allow_nan=False)
pairs = st.lists(st.tuples(amounts, amounts, st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)
quickly = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(pairs)
@quickly
def test_the_true_ratio_lies_within_the_half_width(
    work_out: WorkOut, drawn: list[tuple[Decimal, Decimal, int, int]]
) -> None:
    figures = []
    for number, (persons, area, above, below) in enumerate(drawn):
        figures.append(figure("POPULATION_AVERAGE", "thousand_person", str(number), persons, above))
        figures.append(figure("AREA_TOTAL", "km2", str(number), area, below))
    derived = work_out("obs_derived_ratio", figures)
    for number, (persons, area, _, below) in enumerate(drawn):
        row = derived.get(("POPULATION_DENSITY", str(number)))
        if row is None:
            # Only where the area may be nothing at all.
            assert round(area, below) <= Decimal(5).scaleb(-below - 1)
            continue
        true = 1000 * Fraction(persons) / Fraction(area)
        bound = Fraction(row["rounding_half_width"]) + NOISE * (1 + true)
        assert abs(true - Fraction(row["value"])) <= bound


@given(pairs)
@quickly
def test_the_true_sum_lies_within_the_half_width(
    work_out: WorkOut, drawn: list[tuple[Decimal, Decimal, int, int]]
) -> None:
    figures = []
    for number, (natural, planted, one, other) in enumerate(drawn):
        figures.append(figure("FOREST_AREA_NATURAL", "thousand_ha", str(number), natural, one))
        figures.append(figure("FOREST_AREA_PLANTED", "thousand_ha", str(number), planted, other))
    derived = work_out("obs_derived_sum", figures)
    for number, (natural, planted, _, _) in enumerate(drawn):
        row = derived["FOREST_AREA", str(number)]
        true = Fraction(natural) + Fraction(planted)
        assert abs(true - Fraction(row["value"])) <= Fraction(row["rounding_half_width"]) + NOISE * (1 + true)


@pytest.mark.parametrize(
    ("sector", "amount", "published"),
    [
        ("AGRICULTURE", "5249", "20.83"),
        ("INDUSTRY_CONSTRUCTION", "4787", "18.99"),
        ("SERVICES", "14236", "56.48"),
        ("PRODUCT_TAXES", "932", "3.70"),
    ],
)
def test_published_shares_of_2024_agree_with_the_published_amounts(
    work_out: WorkOut, sector: str, amount: str, published: str
) -> None:
    current = {"price_basis": "current"}
    figures = [
        figure(f"GRDP_CURRENT_{sector}", "billion_vnd", "VN-04", Decimal(amount), 0, **current),
        figure("GRDP_CURRENT", "billion_vnd", "VN-04", Decimal(25204), 0, **current),
    ]
    row = work_out("obs_derived_ratio", figures)[f"GRDP_SHARE_{sector}", "VN-04"]
    assert abs(float(row["value"]) - float(published)) <= row["rounding_half_width"] + 0.005
    assert row["value_decimals"] == 2
