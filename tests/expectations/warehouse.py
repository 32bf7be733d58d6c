"""Small warehouses for the tests of the checks: observations as dbt makes them, over the project's seeds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import md5
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from sources.input_tables import write_table
from sources.text.periods import parse_period_id
from store.settings import PROJECT_ROOT, Settings

SNAPSHOT = "5" * 64
OBSERVATION_SCHEMA: dict[str, Any] = {
    "observation_key": pl.String,
    "indicator_code": pl.String,
    "area_id": pl.String,
    "period_id": pl.String,
    "breakdown": pl.String,
    "source_id": pl.String,
    "vintage_at": pl.Datetime("us"),
    "published_at": pl.Date,
    "published_at_basis": pl.String,
    "value": pl.Decimal(38, 15),
    "value_text": pl.String,
    "value_decimals": pl.Int16,
    "missing_code": pl.String,
    "unit": pl.String,
    "form": pl.String,
    "index_base": pl.String,
    "price_basis": pl.String,
    "maturity": pl.String,
    "origin": pl.String,
    "review_state": pl.String,
    "snapshot_sha256": pl.String,
    "cell_ref": pl.String,
    "table_title": pl.String,
    "route": pl.String,
    "document": pl.String,
    "citation_publisher": pl.String,
    "citation_title": pl.String,
    "citation_address": pl.String,
    "citation_published": pl.String,
    "citation_place": pl.String,
    "note": pl.String,
    "rounding_half_width": pl.Float64,
    "derivation_id": pl.String,
    "arrival": pl.Int64,
    "confirmed_published_at": pl.Date,
    "confirmed_vintage_at": pl.Datetime("us"),
}
COMPONENT_SCHEMA: dict[str, Any] = {
    "observation_key": pl.String,
    "position": pl.Int32,
    "component_observation_key": pl.String,
    "derivation_id": pl.String,
}
DERIVATION_SCHEMA: dict[str, Any] = {"derivation_id": pl.String, "method": pl.String}
CELL_SCHEMA: dict[str, Any] = {
    "source_id": pl.String,
    "route": pl.String,
    "document": pl.String,
    "snapshot_sha256": pl.String,
    "cell_set_key": pl.String,
    "cell_index": pl.Int64,
    "cell_ref": pl.String,
    "table_title": pl.String,
    "indicator_code": pl.String,
    "area_id": pl.String,
    "period_id": pl.String,
    "breakdown": pl.String,
    "form": pl.String,
    "unit": pl.String,
    "value": pl.Decimal(38, 15),
    "labels_text": pl.String,
    "value_text": pl.String,
    "series_id": pl.Int64,
    "reason": pl.String,
}
SERIES_SCHEMA: dict[str, Any] = {
    "source_id": pl.String,
    "route": pl.String,
    "series_id": pl.Int64,
    "indicator_code": pl.String,
    "breakdown": pl.String,
    "form": pl.String,
}
VINTAGE_SCHEMA: dict[str, Any] = {
    "source_id": pl.String,
    "route": pl.String,
    "document": pl.String,
    "snapshot_sha256": pl.String,
    "cell_set_key": pl.String,
    "vintage_at": pl.Datetime("us"),
    "published_at": pl.Date,
}
ISSUE_SCHEMA: dict[str, Any] = {
    "issue_key": pl.String,
    "source_id": pl.String,
    "period_id": pl.String,
    "maturity": pl.String,
    "due_on": pl.Date,
    "is_due": pl.Boolean,
    "state": pl.String,
    "issued_on": pl.Date,
    "basis_vi": pl.String,
    "basis_en": pl.String,
}
SOURCE_TITLE = "Nguồn"
RANKS = {"nso": 90, "ministry": 70, "press": 40, "paper": 40}


_SEEDS = (
    "indicator",
    "unit",
    "area",
    "breakdown",
    "running_total",
    "series_break",
    "administrative_frame",
    "benchmark_revision",
)


@dataclass
class Warehouse:
    """Rows of the tables that the checks read, and the files to write them to."""

    observations: list[dict[str, Any]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)
    series: list[dict[str, Any]] = field(default_factory=list)
    vintages: list[dict[str, Any]] = field(default_factory=list)
    drift: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    retrievals: list[dict[str, Any]] = field(default_factory=list)
    periods: set[str] = field(default_factory=set)
    plan_areas: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    derivations: dict[str, str] = field(default_factory=dict)
    targets: list[dict[str, Any]] = field(default_factory=list)
    cut_off: date = date(2026, 11, 22)

    def observe(self, indicator: str, period: str, value: str | None, **changes: Any) -> str:
        """Add an observation of Cao Bằng, a level of `nso` that arrived on 20 November 2026 unless changed.

        The value is given as printed, with a decimal point; None is a dash. Returns its observation key.
        """
        seed = _indicators().get(indicator, {"unit": "percent", "form": "level"})
        row: dict[str, Any] = {
            "indicator_code": indicator,
            "area_id": "VN-04",
            "period_id": period,
            "breakdown": "_T",
            "source_id": "nso",
            "vintage_at": datetime(2026, 11, 20),
            "published_at": date(2025, 7, 1),
            "published_at_basis": "printed",
            "value": None if value is None else Decimal(value),
            "value_text": value,
            "value_decimals": 0 if value is None else len(value.partition(".")[2]),
            "missing_code": "dash" if value is None else None,
            "unit": seed["unit"],
            "form": seed["form"],
            "maturity": "not_stated",
            "origin": "transcription",
            "review_state": "not_reviewed",
            "snapshot_sha256": SNAPSHOT,
            "cell_ref": f"row {len(self.observations) + 2} value",
            "route": "recorded",
            "document": "issue_2025",
            "citation_publisher": "Publisher",
            "citation_title": "Title",
            **changes,
        }
        row.setdefault("rounding_half_width", _half_width(row))
        row["observation_key"] = md5(
            repr((len(self.observations), sorted(map(str, row.items())))).encode()
        ).hexdigest()
        self.observations.append(row)
        self.periods.add(period)
        return str(row["observation_key"])

    def derive(self, derivation_id: str, method: str, key: str, components: Sequence[str]) -> None:
        """Say that an observation was worked out from others."""
        for row in self.observations:
            if row["observation_key"] == key:
                row["derivation_id"] = derivation_id
        self.derivations[derivation_id] = method
        self.components += [
            {
                "observation_key": key,
                "position": position,
                "component_observation_key": component,
                "derivation_id": derivation_id,
            }
            for position, component in enumerate(components, start=1)
        ]

    def document(self, source: str, document: str, *, day: int = 20, snapshot: str = SNAPSHOT) -> None:
        """Add a vintage of a document without cells."""
        self.vintages.append(
            {
                "source_id": source,
                "route": "recorded",
                "document": document,
                "snapshot_sha256": snapshot,
                "cell_set_key": f"{document}-{snapshot[:4]}",
                "vintage_at": datetime(2026, 11, day),
            }
        )

    def table(self, title: str, period: str, figures: Mapping[str, str], document: str, **place: Any) -> None:
        """Add a document with one table that gives figures of a period: claimed cells, and no observations."""
        self.document("nso", document, **place)
        for indicator, value in figures.items():
            self.cell(len(self.vintages) - 1, 1, None)
            self.cells[-1] |= {
                "table_title": title,
                "indicator_code": indicator,
                "area_id": "VN-04",
                "period_id": period,
                "breakdown": "_T",
                "form": "level",
                "unit": _indicators()[indicator]["unit"],
                "value": Decimal(value),
            }

    def target(self, indicator: str, value: str, **changes: Any) -> None:
        """Add a target of 07/NQ-HĐND: a level of Cao Bằng for 2030 with the base year 2020, unless changed."""
        row = {
            "plan_version": "07-NQ-HDND-2023", "target_id": f"{indicator}_2030", "indicator_code": indicator,
            "name_vi": f"Chỉ tiêu {indicator}", "name_en": f"Target {indicator}", "area_id": "VN-04",
            "target_type": "level", "comparator": "eq", "value_low": Decimal(value), "clause": "II.2.b",
            "unit": _indicators()[indicator]["unit"], "period_end": 2030, "base_period": "2020",
        }  # fmt: skip
        self.targets.append({**row, **changes})

    def cell(self, vintage: int, series_id: int | None, reason: str | None) -> None:
        """Add a cell to a vintage: claimed by a series, or not, with the reason."""
        of = self.vintages[vintage]
        self.cells.append(
            {
                **{name: of[name] for name in of if name != "vintage_at"},
                "cell_index": len(self.cells),
                "cell_ref": f"row {len(self.cells) + 2} value",
                "labels_text": f"indicator: label {len(self.cells)}",
                "value_text": "1",
                "series_id": series_id,
                "reason": reason,
            }
        )

    def change(self, kind: str, what: str = "“Hà Tây”", was: str | None = None) -> None:
        """Add a change of structure since the last snapshot of the first document."""
        names = ("source_id", "route", "document", "snapshot_sha256", "vintage_at")
        place = {name: self.vintages[0][name] for name in names}
        words = {"table_title": "Dân số", "dimension": "Địa phương", "n_changes": 1, "what": what, "was": was}
        self.drift.append({**place, **words, "kind": kind})

    def issue(self, state: str, issued_on: date | None = None, **changes: Any) -> None:
        """Add an issue of `nso` that was due on 6 October 2025, and what became of it."""
        place = {"source_id": "nso", "period_id": "2025-M09", "maturity": None, "due_on": date(2025, 10, 6)}
        row = {**place, "is_due": True, "state": state, "issued_on": issued_on, **changes}
        key = f"{row['source_id']}|{row['period_id']}|{row['maturity'] or ''}"
        self.issues.append({"issue_key": key, "basis_vi": "Nghị định", "basis_en": "Decree", **row})

    def retrieval(self, outcome: str, reason: str | None = None, document: str = "live") -> None:
        """Add the last retrieval of a document of `nso`."""
        row = {"source_id": "nso", "last_outcome": outcome, "last_reason": reason, "document": document}
        self.retrievals.append(row)

    def write(self, settings: Settings) -> None:
        """Write the warehouse file and the input files, as a build leaves them."""
        settings.inputs_dir.mkdir(parents=True, exist_ok=True)
        settings.warehouse_file.unlink(missing_ok=True)
        with duckdb.connect(str(settings.warehouse_file)) as connection:
            self._write_tables(connection)
        self._write_inputs(settings.inputs_dir)

    def _write_tables(self, connection: duckdb.DuckDBPyConnection) -> None:
        observations = pl.DataFrame(self._arrived(), schema=OBSERVATION_SCHEMA, orient="row")
        cells = pl.DataFrame(self.cells, schema=CELL_SCHEMA, orient="row")
        vintages = pl.DataFrame(self.vintages, schema=VINTAGE_SCHEMA, orient="row")
        for schema in ("seed", "staging", "observe"):
            connection.execute(f"create schema {schema}")
        for name in _SEEDS:
            file = PROJECT_ROOT / "dbt_project" / "seeds" / f"{name}.csv"
            connection.execute(
                f"create table seed.{name} as from read_csv(?, all_varchar = true)", [str(file)]
            )
        for column in ("lower_bound", "upper_bound"):
            connection.execute(f"alter table seed.indicator alter {column} type double")
        connection.execute("alter table seed.unit alter factor type double")
        for name, frame in (
            ("observe.obs_observation", observations),
            ("observe.obs_derivation_input", pl.DataFrame(self.components, schema=COMPONENT_SCHEMA)),
            (
                "observe.obs_derivation",
                pl.DataFrame(list(self.derivations.items()), schema=DERIVATION_SCHEMA, orient="row"),
            ),
            ("observe.obs_cell_claim", cells),
            ("observe.obs_cell_unclaimed", cells.filter(pl.col("reason").is_not_null())),
            ("observe.obs_release_issue", pl.DataFrame(self.issues, schema=ISSUE_SCHEMA, orient="row")),
            ("staging.stg_vintage", vintages),
        ):
            connection.register("frame", frame)
            connection.execute(f"create table {name} as from frame")
            connection.unregister("frame")

    def _arrived(self) -> list[dict[str, Any]]:
        """The observations with their order of arrival within their key."""
        seen: Counter[tuple[Any, ...]] = Counter()
        rows = []
        ordered = sorted(
            self.observations,
            key=lambda row: (row["vintage_at"], row["published_at"] or date.min, row["document"]),
        )
        for row in ordered:
            key = tuple(
                row[name]
                for name in ("indicator_code", "area_id", "period_id", "breakdown", "form", "source_id")
            )
            seen[key] += 1
            confirmed = {
                "confirmed_published_at": row["published_at"],
                "confirmed_vintage_at": row["vintage_at"],
            }
            rows.append({**confirmed, **row, "arrival": seen[key]})
        return rows

    def _write_inputs(self, directory: Path) -> None:
        write_table(directory, "plan_area", self.plan_areas)
        write_table(directory, "source_outcome", self.retrievals)
        write_table(directory, "plan_target", self.targets)
        write_table(
            directory,
            "plan_document",
            [{"plan_version": "07-NQ-HDND-2023", "number": "07/NQ-HĐND", "legal_status": "adopted"}],
        )
        write_table(directory, "run_parameter", [{"cut_off": self.cut_off}])
        periods = [parse_period_id(period_id) for period_id in sorted(self.periods)]
        pl.DataFrame(
            [(period.period_id, period.type, period.start, period.end) for period in periods],
            schema={"period_id": pl.String, "type": pl.String, "start_date": pl.Date, "end_date": pl.Date},
            orient="row",
        ).write_parquet(directory / "period.parquet")
        pl.DataFrame(
            [
                (source, f"{SOURCE_TITLE} {source}", f"Source {source}", rank)
                for source, rank in RANKS.items()
            ],
            schema={"source_id": pl.String, "title_vi": pl.String, "title_en": pl.String, "rank": pl.Int64},
            orient="row",
        ).write_parquet(directory / "source_record.parquet")
        pl.DataFrame(self.series, schema=SERIES_SCHEMA, orient="row").write_parquet(
            directory / "mapping_series.parquet"
        )
        pl.DataFrame(
            [(row["source_id"], row["route"], row["series_id"], "indicator", "label") for row in self.series],
            schema={
                "source_id": pl.String,
                "route": pl.String,
                "series_id": pl.Int64,
                "dimension": pl.String,
                "label_key": pl.String,
            },
            orient="row",
        ).write_parquet(directory / "mapping_condition.parquet")
        write_table(directory, "structure_drift", self.drift)


@cache
def _unit_decimals() -> dict[str, int]:
    units = pl.read_csv(PROJECT_ROOT / "dbt_project" / "seeds" / "unit.csv", infer_schema=False)
    return {row["unit"]: int(row["decimals"]) for row in units.iter_rows(named=True)}


def _half_width(row: dict[str, Any]) -> float | None:
    """Half a unit of the last digit of a figure printed in the unit it is kept in."""
    if row["value"] is None:
        return None
    return float(0.5 * 10.0 ** -min(row["value_decimals"], _unit_decimals().get(row["unit"], 9)))


@cache
def _indicators() -> dict[str, dict[str, str]]:
    file = PROJECT_ROOT / "dbt_project" / "seeds" / "indicator.csv"
    frame = pl.read_csv(file, infer_schema=False).select("indicator_code", "unit", "form")
    return {row["indicator_code"]: row for row in frame.iter_rows(named=True)}
