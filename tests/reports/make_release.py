"""A small release of made-up figures, published by the store itself, with every state the pages must show.

Every name says `synthetic`; nothing in it is a figure of any province. The columns and their types are those
that the marts promise (`dbt_project/models/marts/_marts.yml`), so a change of the contract shows here first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from store.releases import new_candidate, publish, seal_candidate, table_path
from store.settings import PROJECT_ROOT, Settings

Row = dict[str, Any]

MARTS_FILE = PROJECT_ROOT / "dbt_project" / "models" / "marts" / "_marts.yml"
CUT_OFF = date(2026, 11, 20)
PLAN, PLAN_IN_FORCE = "99-NQ-HDND-2099", "98-QD-TTG-2099"
AREA = "XX-00"
TYPES: dict[str, pl.DataType] = {
    "varchar": pl.String(),
    "integer": pl.Int32(),
    "smallint": pl.Int16(),
    "bigint": pl.Int64(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
}


@cache
def contract() -> dict[str, dict[str, pl.DataType]]:
    """Table -> column -> type, as the marts declare them."""
    models = yaml.safe_load(MARTS_FILE.read_text(encoding="utf-8"))["models"]
    return {m["name"]: {c["name"]: _type(c["data_type"]) for c in m["columns"]} for m in models}


def _type(name: str) -> pl.DataType:
    decimal = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", name)
    return pl.Decimal(int(decimal.group(1)), int(decimal.group(2))) if decimal else TYPES[name]


class SyntheticRelease:
    """Rows by table, filled by the methods below; `write` checks them against the contract."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self._dimensions()

    def add(self, table: str, **row: Any) -> None:
        unknown = set(row) - set(contract()[table])
        if unknown:
            raise KeyError(f"{table} has no column {', '.join(sorted(unknown))} in {MARTS_FILE.name}")
        self.rows[table].append(row)

    def _dimensions(self) -> None:
        for version, kind, status, transcribed, number in (
            (PLAN, "NQ", "adopted", True, "99/NQ-HĐND"),
            (PLAN_IN_FORCE, "QĐ", "in_force", False, "98/QĐ-TTg"),
        ):
            self.add(
                "dim_plan_document",
                plan_version=version,
                kind="long_term",
                legal_status=status,
                targets_transcribed=transcribed,
                number=number,
                title_vi=f"Văn bản giả lập (synthetic) {kind}",
                title_en=f"Synthetic document {kind}",
                issuer_vi="Cơ quan giả lập",
                issuer_en="Synthetic issuer",
                adopted_on=date(2099, 1, 2) if transcribed else None,
            )
        self.add(
            "dim_clause",
            plan_version=PLAN,
            clause="II.2.b",
            heading_vi="Mục tiêu giả lập",
            heading_en="Synthetic objectives",
            line_from=1,
            line_to=99,
        )
        for unit, symbol_vi, symbol_en, dimension, factor in (
            ("percent", "%", "%", "ratio", 0.01),
            ("percent_per_year", "%/năm", "%/year", "ratio_per_year", 0.01),
            ("percentage_point_per_year", "điểm %/năm", "pp/year", "ratio_difference_per_year", 0.01),
            ("percentage_point", "điểm %", "pp", "ratio_difference", 0.01),
            ("billion_vnd", "tỷ đồng", "billion VND", "currency_vnd", 1e9),
            ("thousand_visit", "nghìn lượt", "thousand visits", "visit", 1e3),
            ("million_visit", "triệu lượt", "million visits", "visit", 1e6),
            ("per_10000_population", "/10.000 dân", "/10,000", "per_population", 1e-4),
        ):
            self.add(
                "dim_unit",
                unit=unit,
                name_vi="trên một vạn dân" if unit == "per_10000_population" else symbol_vi,
                name_en="per 10,000 population" if unit == "per_10000_population" else symbol_en,
                symbol_vi=symbol_vi,
                symbol_en=symbol_en,
                dimension=dimension,
                factor=factor,
                decimals=1,
                aliases=symbol_vi,
            )
        for parameter, value in (("band_on_track", 0.95), ("band_slightly_behind", 0.6), ("band_behind", 0)):
            self.add("dim_parameter", parameter=parameter, value=value, meaning="synthetic")
        for source_id, kind, rank, origin, outcome, reason in (
            ("synthetic_office", "statistics_office", 90, "third_party_copy", "received", None),
            ("synthetic_ministry", "ministry", 70, "transcription", "failed", "synthetic fault: no answer"),
            ("synthetic_council", "peoples_council", 65, "transcription", "received", None),
            ("synthetic_press", "press", 40, "transcription", "not_yet_published", None),
        ):
            self.add(
                "dim_source",
                source_id=source_id,
                title_vi=f"Bảng giả lập {source_id}",
                title_en=f"Synthetic table {source_id}",
                publisher_vi=f"Nơi công bố giả lập {rank}",
                publisher_en=f"Synthetic publisher {rank}",
                publisher_kind=kind,
                rank=rank,
                origin=origin,
                licence="synthetic",
                cadence="annual",
                topic="synthetic",
                last_outcome=outcome,
                last_reason=reason,
            )
        self.add(
            "dim_area",
            area_id=AREA,
            code="00",
            level="province",
            name_vi="Tỉnh giả lập (synthetic)",
            name_en="Synthetic province",
        )
        for year in range(2010, 2051):
            self.add(
                "dim_period", period_id=str(year), type="year", start=date(year, 1, 1), end=date(year, 12, 31)
            )
        for period_id, kind, start, end in (
            ("2025-H1", "half_year", date(2025, 1, 1), date(2025, 6, 30)),
            ("2026-YTD09", "year_to_date", date(2026, 1, 1), date(2026, 9, 30)),
            ("2025-YTDx", "year_to_date_open", date(2025, 1, 1), None),
            ("2021..2025", "span", date(2021, 1, 1), date(2025, 12, 31)),
            ("SY2024", "school_year", date(2024, 9, 1), date(2025, 5, 31)),
            ("D2023-12-31", "date", date(2023, 12, 31), date(2023, 12, 31)),
        ):
            self.add("dim_period", period_id=period_id, type=kind, start=start, end=end)

    def observe(
        self,
        indicator: str,
        period: str,
        value: str,
        *,
        unit: str = "percent",
        maturity: str = "official",
        source: str = "synthetic_office",
        in_force: bool = True,
        held: bool = False,
        form: str = "ratio",
        cited: bool = True,
    ) -> str:
        """An observation, and unless told otherwise the actual made of it; returns its key."""
        key = md5(f"{indicator}{period}{source}{value}".encode(), usedforsecurity=False).hexdigest()
        number = Decimal(value)
        decimals = len(value.partition(".")[2])
        shared: Row = {
            "indicator_code": indicator,
            "area_id": AREA,
            "period_id": period,
            "breakdown": "_T",
            "value": number,
            "value_text": value,
            "value_decimals": decimals,
            "unit": unit,
            "form": form,
            "maturity": maturity,
            "source_id": source,
            "vintage_at": datetime(2026, 11, 20),
            "published_at": date(2026, 3, 4),
            "observation_key": key,
        }
        citation: Row = {}
        if cited:
            citation = {
                "citation_publisher": f"Nơi công bố giả lập {source}",
                "citation_title": "Báo cáo giả lập <synthetic> & co",
                "citation_address": "https://example.invalid/synthetic",
                "citation_published": "2026-03-04",
                "citation_place": "bảng 1, dòng 2",
            }
        self.add(
            "fct_observation",
            **shared,
            **citation,
            published_at_basis="printed",
            origin="transcription",
            review_state="not_reviewed",
            held=held,
            held_reason="synthetic rule" if held else None,
            snapshot_sha256="0" * 64,
            cell_ref="row 2",
            route="recorded",
            document="synthetic",
        )
        if in_force and not held:
            self.add("fct_actual", **shared, n_other_sources=0, n_vintages=1, conflict=False)
        return key

    def target(
        self,
        number: int,
        *,
        domain: str = "economy",
        form: str = "ratio",
        unit: str = "percent",
        target_unit: str | None = None,
        target_type: str = "level",
        comparator: str = "ge",
        low: str | None = "60",
        high: str | None = None,
        start: int | None = None,
        end: int = 2030,
        headline: bool = False,
        direction: str = "increase",
        figures: dict[str, tuple[str, str]] | None = None,
        assessment: Row | None = None,
        reading: str = "proposed",
        trajectory: str | None = None,
        base_period: str | None = None,
    ) -> str:
        """An indicator, a target for it, its figures (period -> value, maturity) and its assessment; returns
        its id.
        """
        target_id, indicator = f"SYNTHETIC_{number:02d}", f"SYNTHETIC_INDICATOR_{number:02d}"
        self.add(
            "dim_indicator",
            indicator_code=indicator,
            name_vi=f"Chỉ tiêu thống kê giả lập (synthetic) {number:02d}",
            name_en=f"Synthetic indicator {number:02d}",
            unit=unit,
            form=form,
            direction=direction,
            domain=domain,
            custodian_vi="Sở giả lập",
            definition_vi="Định nghĩa giả lập.",
            definition_en="Synthetic definition.",
            observation_period_type="year",
        )
        keys = {
            period: self.observe(indicator, period, value, unit=unit, maturity=maturity, form=form)
            for period, (value, maturity) in (figures or {}).items()
        }
        shared: Row = {
            "plan_version": PLAN,
            "target_id": target_id,
            "indicator_code": indicator,
            "area_id": AREA,
            "target_type": target_type,
            "comparator": comparator,
            "value_low": None if low is None else Decimal(low),
            "value_high": None if high is None else Decimal(high),
            "unit": target_unit or unit,
            "period_start": start,
            "period_end": end,
        }
        self.add(
            "fct_target",
            **shared,
            name_vi=f"Chỉ tiêu giả lập (synthetic) số {number:02d}",
            name_en=f"Synthetic target {number:02d}",
            horizon_inferred=False,
            clause="II.2.b",
            line=number,
            printed_text=f"chữ in giả lập số {number}",
            aspiration=False,
            direction=direction,
            headline=headline,
            headline_order=number if headline else None,
            responsible_vi="Sở giả lập",
            reading_status=reading,
            reading_document="99/XX-YYY" if reading == "confirmed" else None,
            note_vi="Ghi chú giả lập.",
            note_en="Synthetic note.",
            trajectory=trajectory,
            base_period=base_period,
        )
        state: Row = {"level_state": "not_assessed", "pace_state": "not_assessed", "bucket": "not_assessed"}
        state |= {"confidence": "D", "level_final": False} | (assessment or {})
        if "actual_period_id" in state:
            period = str(state["actual_period_id"])
            state |= {
                "actual_value": Decimal((figures or {})[period][0]),
                "actual_unit": unit,
                "actual_maturity": (figures or {})[period][1],
                "actual_observation_key": keys[period],
                "actual_source_id": "synthetic_office",
            }
        elif figures:
            latest = max(figures)
            state |= {"latest_known_period_id": latest, "latest_known_value": Decimal(figures[latest][0])}
            state |= {"latest_known_unit": unit, "latest_known_observation_key": keys[latest]}
        self.add(
            "fct_assessment",
            **shared,
            assessment_key=md5(target_id.encode(), usedforsecurity=False).hexdigest(),
            method="standard",
            method_version="synthetic-1",
            cut_off=CUT_OFF,
            **state,
        )
        return target_id

    def every_state(self) -> SyntheticRelease:
        """One target for each state, reason and way of drawing."""
        run = {str(y): (str(Decimal("40.25") + y - 2015), "official") for y in range(2015, 2020)}
        run |= {"2021": ("46.5", "official"), "2022": ("47.25", "official"), "2023": ("48.00", "preliminary")}
        run |= {"2024": ("50.75", "not_stated"), "2025": ("52.5", "estimate")}
        judged = {"actual_period_id": "2025", "confidence": "C"}
        path = {
            "base_period_id": "2020",
            "base_value": Decimal("44"),
            "path_value": 52.0,
            "gap": 0.5,
            "n_points": 9,
        }
        path |= {"share_of_way": 0.53, "required_per_year": 1.5, "periods_missing": "2020"}
        no_base = {"reason_code": None, "pace_reason_code": "NO_BASE"}
        self.target(
            1,
            headline=True,
            low="50",
            figures=run,
            reading="confirmed",
            assessment={**judged, **no_base, "level_state": "reached", "bucket": "reached"},
        )
        self.target(
            2,
            headline=True,
            target_type="interval",
            comparator="between",
            low="50",
            high="55",
            figures=run,
            assessment={**judged, **no_base, "level_state": "in_band", "bucket": "reached"},
        )
        self.target(
            3,
            domain="tourism",
            headline=True,
            form="level",
            unit="thousand_visit",
            target_unit="million_visit",
            target_type="interval",
            comparator="approx_between",
            low="4",
            high="5",
            figures={
                "2023": ("1900", "estimate"),
                "2025": ("25204.5", "estimate"),
                "2026-YTD09": ("2700", "not_stated"),
            },
            assessment={**judged, **no_base, "level_state": "above_range", "bucket": "reached"},
        )
        self.target(
            4,
            domain="environment",
            figures=run,
            assessment={**judged, **no_base, "level_state": "lost", "bucket": "not_reached"},
        )
        self.target(
            5,
            domain="society",
            headline=True,
            unit="per_10000_population",
            comparator="eq",
            low="60",
            figures=run,
            assessment={**judged, **no_base, "level_state": "not_reached", "bucket": "not_reached"},
        )
        for number, pace in enumerate(("on_track", "slightly_behind", "behind", "moving_away"), start=6):
            self.target(
                number,
                domain="urbanisation",
                headline=True,
                figures=run,
                trajectory="linear",
                base_period="2020",
                assessment={
                    **judged,
                    **path,
                    "level_state": "not_reached",
                    "pace_state": pace,
                    "bucket": pace,
                    "pace": 0.9,
                },
            )
        growth = {"2022": ("5.04", "not_stated"), "2023": ("3.60", "estimate"), "2024": ("6.10", "official")}
        growth |= {"2025": ("7.22", "not_stated")}
        target_id = self.target(
            10,
            headline=True,
            form="growth_rate",
            target_unit="percent_per_year",
            target_type="average_growth",
            comparator="eq",
            low="9.72",
            start=2021,
            figures=growth,
            assessment={
                "reason_code": "INCOMPLETE_SUM",
                "pace_reason_code": "INCOMPLETE_SUM",
                "periods_present": "2022,2023,2024,2025",
                "periods_missing": "2021",
                "average_to_date": 5.4801,
                "published_average": Decimal("4.46"),
                "published_average_period_id": "2021..2025",
                "published_average_source_id": "synthetic_press",
                "required_growth_from_published": 15.238,
            },
        )
        indicator = "SYNTHETIC_INDICATOR_10"
        self.observe(
            indicator,
            "2021..2025",
            "4.46",
            source="synthetic_press",
            form="average_growth",
            maturity="not_stated",
        )
        self.observe(indicator, "2025-H1", "6.9", source="synthetic_ministry", maturity="estimate")
        self.observe(indicator, "2024", "6.74", source="synthetic_press", in_force=False, cited=False)
        self.observe(indicator, "2024", "61.0", source="synthetic_ministry", held=True)
        assert target_id == "SYNTHETIC_10"
        self.target(11, domain="environment", headline=True, assessment={"reason_code": "NO_DATA"})
        reasons = ("TOO_FEW", "STALE", "BREAK", "NOT_COMPARABLE", "NOT_DUE", "SUPERSEDED_BASIS")
        for number, reason in enumerate(reasons, start=12):
            self.target(
                number,
                domain="labour",
                figures={"2019": ("61.5", "official")},
                assessment={"reason_code": reason},
            )
        self.target(18, low=None, comparator="approx", assessment={"reason_code": "NO_TARGET"})
        self.target(19, domain="security", assessment={"reason_code": "WITHHELD"})
        self.observe("SYNTHETIC_INDICATOR_19", "2024", "610", held=True)
        self.target(
            20,
            domain="labour",
            end=2025,
            figures=run,
            assessment={
                **judged,
                "level_state": "not_reached",
                "level_final": True,
                "bucket": "not_reached",
                "pace_reason_code": "TARGET_YEAR_OVER",
            },
        )
        self.target(
            21,
            domain="society",
            unit="percentage_point",
            target_unit="percentage_point_per_year",
            target_type="annual_change",
            comparator="gt",
            low="4.0",
            start=2021,
            end=2025,
            direction="decrease",
            figures={"2023": ("-4.23", "official"), "2024": ("-4.49", "official")},
            assessment={"reason_code": "INCOMPLETE_SUM", "periods_missing": "2021,2022,2025"},
        )
        self.target(
            22,
            form="level",
            unit="billion_vnd",
            target_unit="percent_per_year",
            target_type="average_growth",
            comparator="gt",
            low="12",
            start=2021,
            figures={"2023": ("2009.8", "estimate"), "2024": ("2292", "estimate")},
            assessment={"reason_code": "NO_BASE", "note": "met_at_base"},
        )
        self.target(
            23,
            domain="society",
            figures={"SY2024": ("37.2", "not_stated"), "D2023-12-31": ("35", "official")},
            assessment={
                **no_base,
                "actual_period_id": "SY2024",
                "level_state": "not_reached",
                "bucket": "not_reached",
            },
        )
        for number in range(3):
            self.add(
                "fct_cell_unclaimed",
                source_id="synthetic_office",
                route="recorded",
                document="synthetic",
                snapshot_sha256="0" * 64,
                cell_ref=f"B{number}",
                reason="IGNORED" if number else "NO_SERIES",
            )
        for number, (severity, outcome) in enumerate(
            (("error", "failed"), ("warning", "failed"), ("information", "not_checked"))
        ):
            self.add(
                "fct_finding",
                finding_id=f"f{number}",
                rule_id=f"synthetic.rule_{number}",
                rule_version=1,
                suite="synthetic",
                severity=severity,
                outcome=outcome,
                source_id="synthetic_ministry",
                period_id="2024",
                message_vi=f"Phát hiện giả lập {number}",
                message_en=f"Synthetic finding {number}",
            )
        return self

    def write(self, directory: Path) -> None:
        """Writes every table of the contract, empty ones too."""
        for table, columns in contract().items():
            frame = pl.DataFrame(self.rows[table], schema=pl.Schema(columns), orient="row")
            frame.write_parquet(table_path(directory, table))


def publish_synthetic(
    settings: Settings, content: SyntheticRelease | None = None, cut_off: date = CUT_OFF
) -> str:
    """Publishes a synthetic release into the settings' home and returns its id."""
    candidate = new_candidate(settings)
    (content or SyntheticRelease().every_state()).write(candidate)
    seal_candidate(
        settings,
        candidate,
        cut_off=cut_off,
        created_at=datetime(2026, 11, 20, tzinfo=UTC),
        inputs_hash=sha256(str(cut_off).encode()).hexdigest(),
        plan_versions=[PLAN],
        rule_set_version="synthetic-1",
        method_version="synthetic-1",
        code_version="0",
        input_snapshots=[],
    )
    return publish(settings, candidate)
