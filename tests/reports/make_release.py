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

from orchestration.influence import INFLUENCE_SCHEMA
from reports.page_data import write_page_data
from store.release_tables import INFLUENCE_TABLE, RELEASE_TABLES
from store.releases import new_candidate, publish, seal_candidate, table_path
from store.settings import PROJECT_ROOT, Settings

Row = dict[str, Any]

MARTS_FILE = PROJECT_ROOT / "dbt_project" / "models" / "marts" / "_marts.yml"
CUT_OFF = date(2026, 11, 20)
PLAN, PLAN_IN_FORCE, PLAN_BEFORE = "99-NQ-HDND-2099", "98-QD-TTG-2099", "97-QD-TTG-2089"
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


CALENDARS: dict[str, Row] = {
    "synthetic_office": {
        "calendar_state": "known",
        "n_due": 4,
        "n_received": 2,
        "n_late": 1,
        "n_missing": 1,
        "n_not_collected": 0,
        "completeness": 0.5,
        "next_due_on": date(2027, 1, 6),
    },
    "synthetic_ministry": {"calendar_state": "none_known", "calendar_note_vi": "Chưa có văn bản (giả lập)"},
    "synthetic_council": {"calendar_state": "none_known"},
    "synthetic_institute": {"calendar_state": "nothing_due"},
    "synthetic_press": {"calendar_state": "nothing_due", "calendar_note_vi": "Đăng một lần (giả lập)"},
}


# What releases did not have before the whole plan was data; pages read such releases as well.
LATER_TABLES = frozenset(
    {
        "fct_finding_influence",
        "dim_rule",
        "dim_annotation",
        "dim_annotation_subject",
        "dim_plan_list",
        "dim_plan_list_member",
        "dim_target_relation",
        "fct_method_result",
        "fct_revision",
        "fct_series_revision",
        "fct_release_issue",
        "fct_statement",
    }
)
LATER_COLUMNS = {
    "fct_finding": frozenset(
        (
            "finding_key",
            "left_value",
            "right_value",
            "expected_low",
            "expected_high",
            "unit",
            "decision_id",
            "reason_code",
            "decided_on",
            "n_people",
        )
    ),
    "fct_observation": frozenset(
        (
            "source_rank",
            "standing",
            "decided_by",
            "behind_observation_key",
            "review_flag",
            "corrects_observation_key",
            "ended_by_observation_key",
        )
    ),
    "fct_actual": frozenset(("review_state", "review_flag", "waiting_observation_key", "waiting_since")),
    "fct_target": frozenset(
        (
            "domain",
            "action",
            "due_rule",
            "list_id",
            "coordinating_vi",
            "reading_document_number",
            "reading_document_date",
            "is_reference",
        )
    ),
    "dim_plan_document": frozenset(
        ("area_id", "period_start", "period_end", "vision_year", "is_reference", "plan_in_force")
    ),
    "fct_assessment": frozenset(
        (
            "group_id",
            "is_reference",
            "is_counted",
            "structure_distance",
            "structure_base_distance",
            "missing_years",
            "break_years",
            "projected_value",
            "projected_low",
            "projected_high",
            "projection_note",
            "margin_to_band",
            "band_margin_of",
            "is_revision_sensitive",
            "typical_revision",
            "best_year_growth",
            "best_year_change",
            "interim_target_id",
            "interim_year",
            "interim_value",
            "interim_state",
            "inputs_hash",
        )
    ),
}


@cache
def contract() -> dict[str, dict[str, pl.DataType]]:
    """Table -> column -> type, as the marts declare them."""
    models = yaml.safe_load(MARTS_FILE.read_text(encoding="utf-8"))["models"]
    declared = {m["name"]: {c["name"]: _type(c["data_type"]) for c in m["columns"]} for m in models}
    return declared


def _type(name: str) -> pl.DataType:
    decimal = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", name)
    return pl.Decimal(int(decimal.group(1)), int(decimal.group(2))) if decimal else TYPES[name]


class SyntheticRelease:
    """Rows by table, filled by the methods below; `write` checks them against the contract."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.left_out: set[str] = set()
        self.dropped: dict[str, set[str]] = defaultdict(set)
        self._dimensions()

    def add(self, table: str, **row: Any) -> None:
        unknown = set(row) - set(contract()[table])
        if unknown:
            raise KeyError(f"{table} has no column {', '.join(sorted(unknown))} in {MARTS_FILE.name}")
        self.rows[table].append(row)

    def _dimensions(self) -> None:
        for version, kind, status, transcribed, printed, area, first in (
            (PLAN, "NQ", "adopted", True, "99/NQ-HĐND", AREA, 2021),
            (PLAN_IN_FORCE, "QĐ", "in_force", False, "98/QĐ-TTg", AREA, 2021),
            (PLAN_BEFORE, "QĐ", "superseded", True, "97/QĐ-TTg", AREA, 2011),
        ):
            self.add(
                "dim_plan_document",
                plan_version=version,
                area_id=area,
                period_start=first,
                period_end=first + 9,
                vision_year=2050 if version == PLAN else None,
                is_reference=version == PLAN,
                plan_in_force=None if version == PLAN_IN_FORCE else "98/QĐ-TTg",
                note_vi="Ghi chú giả lập về hiệu lực." if version == PLAN_BEFORE else None,
                note_en="Synthetic note on legal force." if version == PLAN_BEFORE else None,
                kind="long_term",
                legal_status=status,
                targets_transcribed=transcribed,
                number=printed,
                title_vi=f"Văn bản giả lập (synthetic) {kind}",
                title_en=f"Synthetic document {kind}",
                issuer_vi="Cơ quan giả lập",
                issuer_en="Synthetic issuer",
                adopted_on=date(2099, 1, 2) if transcribed else None,
            )
        for version, clause, line in ((PLAN, "II.2.b", 1), (PLAN, "VI.1.2", 100), (PLAN_BEFORE, "1", 1)):
            self.add(
                "dim_clause",
                plan_version=version,
                clause=clause,
                heading_vi="Mục tiêu giả lập",
                heading_en="Synthetic objectives",
                line_from=line,
                line_to=line + 98,
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
        for parameter, value in (
            ("band_on_track", 0.95),
            ("band_slightly_behind", 0.6),
            ("band_behind", 0),
            ("milestone_due_months", 12),
        ):
            self.add("dim_parameter", parameter=parameter, value=value, meaning="synthetic")
        for source_id, kind, rank, origin, outcome, reason in (
            ("synthetic_office", "statistics_office", 90, "third_party_copy", "received", None),
            ("synthetic_ministry", "ministry", 70, "transcription", "failed", "synthetic fault: no answer"),
            ("synthetic_council", "peoples_council", 65, "transcription", "received", None),
            ("synthetic_press", "press", 40, "transcription", "not_yet_published", None),
            ("synthetic_institute", "research", 20, "original", None, None),
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
                access="public",
                owned=False,
                cadence="annual",
                topic="synthetic",
                last_outcome=outcome,
                last_reason=reason,
                **CALENDARS[source_id],
            )
        for state, period_id, maturity, due_on, issued_on in (
            ("received", "2025-Q2", None, date(2025, 7, 7), date(2025, 7, 7)),
            ("missing", "2025-Q3", None, date(2025, 10, 6), None),
            ("received_late", "2025-Q4", None, date(2026, 1, 6), date(2026, 3, 2)),
            ("late", "2025", "preliminary", date(2026, 10, 6), None),
            ("not_due", "2026-Q4", None, date(2027, 1, 6), None),
        ):
            self.add(
                "fct_release_issue",
                issue_key=f"synthetic_office|{period_id}|{maturity or ''}",
                source_id="synthetic_office",
                periodicity="annual" if period_id == "2025" else "quarterly",
                period_id=period_id,
                period_end=date(2025, 12, 31),
                maturity=maturity,
                due_on=due_on,
                grace_until=due_on,
                is_due=state != "not_due",
                state=state,
                issued_on=issued_on,
                basis_vi="Quy định giả lập",
                basis_en="A synthetic rule",
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
        published: date = date(2026, 3, 4),
        behind: tuple[str, str, str] | None = None,
    ) -> str:
        """An observation, and unless told otherwise the actual made of it; returns its key.

        `behind`: standing, what decided, and the key of the observation it stands behind.
        """
        key = md5(f"{indicator}{period}{source}{value}".encode(), usedforsecurity=False).hexdigest()
        in_force = in_force and behind is None
        standing, decided_by, other = behind or ("held" if held else "in_force", None, None)
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
            "published_at": published,
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
            source_rank=40 if source == "synthetic_press" else 90,
            standing=standing,
            decided_by=decided_by,
            behind_observation_key=other,
            snapshot_sha256="0" * 64,
            cell_ref="row 2",
            route="recorded",
            document="synthetic",
        )
        if in_force and not held:
            self.add(
                "fct_actual",
                **shared,
                n_other_sources=0,
                n_vintages=1,
                conflict=False,
                review_state="not_reviewed",
            )
        return key

    def revised_series(self, indicator: str) -> None:
        """A year said three times by one source and once by another; a second year repeated by nobody."""
        self.add(
            "dim_indicator", indicator_code=indicator, name_vi="Chỉ tiêu giả lập (synthetic) có sửa đổi",
            name_en="Synthetic indicator with revisions", unit="percent", form="ratio", direction="increase",
            domain="economy", observation_period_type="year",
        )  # fmt: skip
        late = self.observe(indicator, "2023", "12.5", published=date(2026, 1, 2))
        early = self.observe(
            indicator, "2023", "10.0", maturity="preliminary", published=date(2024, 1, 2),
            behind=("superseded", "published_at", late),
        )  # fmt: skip
        middle = self.observe(
            indicator, "2023", "12.0", published=date(2025, 1, 2), behind=("superseded", "published_at", late)
        )
        self.observe(
            indicator, "2023", "13.1", source="synthetic_press", behind=("outranked", "source_rank", late)
        )
        self.observe(indicator, "2024", "14.0", published=date(2025, 1, 2))
        series: Row = {
            "indicator_code": indicator, "area_id": AREA, "breakdown": "_T", "form": "ratio",
            "source_id": "synthetic_office", "unit": "percent",
        }  # fmt: skip
        steps = (
            (1, "scheduled_revision", early, middle, "10.0", "12.0", date(2024, 1, 2), date(2025, 1, 2)),
            (2, "correction", middle, late, "12.0", "12.5", date(2025, 1, 2), date(2026, 1, 2)),
        )
        for number, kind, before, after, from_value, to_value, first, last in steps:
            difference = Decimal(to_value) - Decimal(from_value)
            self.add(
                "fct_revision", **series, period_id="2023", revision_number=number, kind=kind,
                from_observation_key=before, to_observation_key=after, from_value=Decimal(from_value),
                to_value=Decimal(to_value), revision=difference,
                revision_percent=float(100 * difference / Decimal(from_value)), from_maturity="preliminary",
                to_maturity="official", from_issued_on=first, to_issued_on=last, is_dated_by_arrival=False,
                days_between_issues=(last - first).days, held=False,
            )  # fmt: skip
        self.add(
            "fct_series_revision", **series, index_base="", price_basis="", n_periods=2, n_periods_compared=1,
            n_periods_revised=1, n_periods_revised_upward=1,
            n_scheduled_revisions=1, n_corrections=1, n_undeclared_revisions=0,
            mean_absolute_revision=2.5, mean_revision=2.5, largest_revision=2.5,
        )  # fmt: skip

    def work_out(self, indicator: str, numerator: str, denominator: str) -> None:
        """Turn the latest figure of an indicator into one worked out from the latest of two others."""
        latest = {
            code: max(
                (row for row in self.rows["fct_observation"] if row["indicator_code"] == code),
                key=lambda row: str(row["period_id"]),
            )
            for code in (indicator, numerator, denominator)
        }
        derived = latest[indicator]
        derived |= {name: None for name in derived if name.startswith("citation_")}
        derived |= dict.fromkeys(("snapshot_sha256", "cell_ref", "route", "document", "value_text"))
        derived |= {"origin": "derived", "derivation_id": "synthetic_ratio"}
        self.add(
            "dim_derivation",
            derivation_id="synthetic_ratio",
            method="ratio",
            method_vi="Tỷ số",
            method_en="Ratio",
            indicator_code=indicator,
            breakdown="_T",
            formula_vi="Tử số giả lập : Mẫu số giả lập",
            formula_en="Synthetic numerator : Synthetic denominator",
        )
        for position, (role, code) in enumerate(
            (("numerator", numerator), ("denominator", denominator)), start=1
        ):
            self.add(
                "fct_observation_component",
                observation_key=derived["observation_key"],
                position=position,
                role=role,
                component_observation_key=latest[code]["observation_key"],
                operation="multiply" if position == 1 else "divide",
                coefficient=1.0,
                derivation_id="synthetic_ratio",
            )

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
        reads: Row | None = None,
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
        columns: Row = dict(
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
            reading_document_number="99/XX-YYY" if reading == "confirmed" else None,
            reading_document_date=date(2099, 3, 4) if reading == "confirmed" else None,
            note_vi="Ghi chú giả lập.",
            note_en="Synthetic note.",
            trajectory=trajectory,
            base_period=base_period,
            domain=domain,
            is_reference=True,
        )
        self.add("fct_target", **{**columns, **(reads or {})})
        state: Row = {"level_state": "not_assessed", "pace_state": "not_assessed", "bucket": "not_assessed"}
        state |= {"confidence": "D", "level_final": False, "is_reference": True, "is_counted": True}
        state |= assessment or {}
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
        self.revised_series("SYNTHETIC_REVISED")
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
        path |= {
            "best_year_change": 2.75,
            "best_year_growth": 6.8,
            "margin_to_band": 0.05,
            "band_margin_of": "pace",
        }
        path |= {"projected_value": 61.5, "projected_low": 55.0, "projected_high": 68.0}
        sensitive: Row = {"interim_year": 2025, "interim_value": Decimal("50"), "interim_state": "reached"}
        sensitive |= {"is_revision_sensitive": True, "typical_revision": 0.6, "break_years": "2021"}
        wide = {"projection_note": "words_only", "projected_value": None}
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
                    **(sensitive if number == 7 else {}),
                    **(wide if number == 8 else {}),
                },
            )
        self.work_out("SYNTHETIC_INDICATOR_09", "SYNTHETIC_INDICATOR_03", "SYNTHETIC_INDICATOR_01")
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
        self.around_the_targets()
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
                finding_key=f"k{number}",
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
            self.add(
                "dim_rule",
                rule_id=f"synthetic.rule_{number}",
                rule_version=1,
                suite="synthetic",
                severity=severity,
                title_vi=f"Quy tắc giả lập {number}",
                title_en=f"Synthetic rule {number}",
            )
        return self

    def around_the_targets(self) -> None:
        """A structure in two parts, an earlier plan, milestones in every state, remarks, a list, relations, named
        methods.
        """
        structure: Row = {
            "level_state": "not_reached",
            "pace_state": "behind",
            "bucket": "behind",
            "confidence": "C",
        }
        structure |= {"actual_period_id": "2025", "group_id": "SYNTHETIC_STRUCTURE"}
        structure |= {"structure_distance": 7.25, "structure_base_distance": 9.5}
        for number, low in ((24, "40"), (25, "60")):
            self.target(
                number,
                target_type="structure",
                comparator="approx",
                low=low,
                direction="none",
                figures={"2024": ("50.5", "official"), "2025": ("51.25", "preliminary")},
                assessment={**structure, "is_counted": number == 24},
                trajectory="linear",
                base_period="2020",
                reads={"group_id": "SYNTHETIC_STRUCTURE"},
            )
        self.target(
            26,
            domain="infrastructure",
            comparator="approx",
            target_type="area",
            low="70",
            end=2050,
            assessment={"reason_code": "NO_DATA", "pace_reason_code": "NO_BASE"},
            reads={
                "aspiration": True,
                "horizon_inferred": True,
                "frame_id": "CB-161",
                "coordinating_vi": "Sở giả lập thứ hai",
                "list_id": "SYNTHETIC_LIST",
            },
        )
        self._earlier_plan()
        for number, (state, year) in enumerate(
            (
                ("done", 2024),
                ("done_late", 2024),
                ("overdue", 2025),
                ("no_report", 2025),
                ("due", 2027),
                ("not_due", 2030),
                ("not_due", 2030),
                ("withdrawn", 2030),
            ),
            start=1,
        ):
            self.milestone(number, state, year)
        self._remarks()
        self._methods()

    def _earlier_plan(self) -> None:
        """Another document's target for the indicator of target 1, with the same id as a target of this plan."""
        of_now = next(row for row in self.rows["fct_target"] if row["target_id"] == "SYNTHETIC_01")
        judged = next(row for row in self.rows["fct_assessment"] if row["target_id"] == "SYNTHETIC_01")
        before = {
            "plan_version": PLAN_BEFORE,
            "is_reference": False,
            "period_end": 2020,
            "clause": "1",
            "line": 5,
        }
        value = {"value_low": Decimal("45"), "name_vi": "Chỉ tiêu giả lập (synthetic) của văn bản trước"}
        self.add("fct_target", **{**of_now, **before, **value, "headline": False, "headline_order": None})
        final = {
            "level_state": "not_reached",
            "bucket": "not_reached",
            "level_final": True,
            "is_counted": False,
        }
        key = md5(b"before", usedforsecurity=False).hexdigest()
        kept = {name: judged[name] for name in judged if name not in ("reason_code", "pace_reason_code")}
        self.add(
            "fct_assessment",
            **{
                **kept,
                "plan_version": PLAN_BEFORE,
                "is_reference": False,
                "period_end": 2020,
                "assessment_key": key,
                "pace_reason_code": "TARGET_YEAR_OVER",
                **final,
            },
        )

    def milestone(self, number: int, state: str, year: int) -> str:
        """A thing to be done by the end of a year, with its state; returns its id."""
        target_id = f"MS_SYNTHETIC_{number:02d}"
        self.add(
            "fct_target",
            plan_version=PLAN,
            target_id=target_id,
            area_id=AREA,
            target_type="milestone",
            period_end=year,
            name_vi=f"Công trình giả lập (synthetic) số {number:02d}",
            name_en=f"Synthetic milestone {number:02d}",
            horizon_inferred=year == 2030,
            clause="VI.1.2",
            line=100 + number,
            printed_text=f"công trình giả lập số {number}",
            aspiration=False,
            direction="none",
            headline=False,
            responsible_vi=None,
            reading_status="proposed",
            domain="infrastructure" if number % 2 else "health",
            action="build",
            due_rule="by_end",
            list_id="SYNTHETIC_LIST" if number < 4 else None,
            is_reference=True,
        )
        reported = state in ("done", "done_late", "overdue", "withdrawn")
        self.add(
            "fct_milestone",
            plan_version=PLAN,
            target_id=target_id,
            due_date=date(year, 12, 31),
            due_rule="by_end",
            state=state,
            evidence="Cơ quan giả lập, 12/BC-XX" if reported else None,
            evidence_issuer="Cơ quan giả lập" if reported else None,
            evidence_document_number="12/BC-XX" if reported else None,
            evidence_document_date=date(2026, 3, 4) if reported else None,
        )
        return target_id

    def _remarks(self) -> None:
        for number, (kind, subject_type, subject, effect) in enumerate(
            (
                ("missing_unit", "target", "SYNTHETIC_01", None),
                ("ambiguous_measure", "target", "SYNTHETIC_11", "not_comparable"),
                ("repeated_word", "clause", "VI.1.2", None),
                ("list_shorter_than_count", "list", "SYNTHETIC_LIST", None),
            ),
            start=1,
        ):
            remark = f"A{number}"
            self.add(
                "dim_annotation",
                plan_version=PLAN,
                annotation_id=remark,
                kind=kind,
                clause="II.2.b",
                line=number,
                effect=effect,
                text_vi=f"Ghi nhận giả lập số {number}.",
                text_en=f"Synthetic remark {number}.",
            )
            self.add(
                "dim_annotation_subject",
                plan_version=PLAN,
                annotation_id=remark,
                subject_type=subject_type,
                subject_id=subject,
            )
        self.add(
            "dim_plan_list",
            plan_version=PLAN,
            list_id="SYNTHETIC_LIST",
            name_vi="Danh mục giả lập (synthetic)",
            name_en="Synthetic list",
            clause="VI.1.2",
            line=100,
            count_printed=3,
            count_listed=2,
        )
        for position, target_id in ((1, "MS_SYNTHETIC_01"), (2, None)):
            self.add(
                "dim_plan_list_member",
                plan_version=PLAN,
                list_id="SYNTHETIC_LIST",
                position=position,
                name=f"Thành viên giả lập {position}",
                line=100 + position,
                target_id=target_id,
            )
        for relation, kind, source, target, whole in (
            ("R1", "interim_of", "SYNTHETIC_20", "SYNTHETIC_01", None),
            ("R2", "part_of_sum", "SYNTHETIC_24", None, "100"),
            ("R2", "part_of_sum", "SYNTHETIC_25", None, "100"),
        ):
            self.add(
                "dim_target_relation",
                plan_version=PLAN,
                relation_id=relation,
                kind=kind,
                target_id=source,
                to_target_id=target,
                whole_value=None if whole is None else Decimal(whole),
                whole_unit=None if whole is None else "percent",
            )

    def _methods(self) -> None:
        keys_of = {row["target_id"]: row["assessment_key"] for row in self.rows["fct_assessment"]}
        for target_id, method, status, value in (
            ("SYNTHETIC_06", "destatis_weather", "synthetic sun", 0.1),
            ("SYNTHETIC_06", "statcan_cagr_ratio", "synthetic limited", 0.5),
            ("SYNTHETIC_07", "destatis_weather", "synthetic sun", 0.2),
            ("SYNTHETIC_08", "statcan_cagr_ratio", None, None),
        ):
            self.add(
                "fct_method_result",
                assessment_key=keys_of[target_id],
                target_id=target_id,
                plan_version=PLAN,
                area_id=AREA,
                indicator_code=target_id.replace("SYNTHETIC_", "SYNTHETIC_INDICATOR_"),
                method=method,
                cut_off=CUT_OFF,
                status=status,
                value=value,
                refused_reason=None if status else "synthetic refusal",
            )

    def before_the_plan_tables(self) -> None:
        """Leaves what a release had before the whole plan was data: one document's targets, no other tables."""
        self.left_out = set(LATER_TABLES)
        self.rows["fct_milestone"] = []
        self.rows["fct_target"] = [
            row
            for row in self.rows["fct_target"]
            if row["target_type"] != "milestone" and row["plan_version"] == PLAN
        ]
        self.rows["dim_plan_document"] = [
            row for row in self.rows["dim_plan_document"] if row["plan_version"] != PLAN_BEFORE
        ]
        for table, columns in LATER_COLUMNS.items():
            self.dropped[table] = set(columns)

    def write(self, directory: Path) -> None:
        """Writes every table of the contract, empty ones too."""
        for table, declared in contract().items():
            if table in self.left_out:
                continue
            columns = {name: kind for name, kind in declared.items() if name not in self.dropped[table]}
            rows = [{name: row.get(name) for name in columns} for row in self.rows[table]]
            frame = pl.DataFrame(rows, schema=pl.Schema(columns), orient="row")
            frame.write_parquet(table_path(directory, table))
        if INFLUENCE_TABLE not in self.left_out:
            rows = [{name: row.get(name) for name in INFLUENCE_SCHEMA} for row in self.rows[INFLUENCE_TABLE]]
            frame = pl.DataFrame(rows, schema=INFLUENCE_SCHEMA, orient="row")
            frame.write_parquet(table_path(directory, INFLUENCE_TABLE))


def publish_synthetic(
    settings: Settings,
    content: SyntheticRelease | None = None,
    cut_off: date = CUT_OFF,
    *,
    prepares_pages: bool = False,
) -> str:
    """Publishes a synthetic release into the settings' home and returns its id."""
    candidate = new_candidate(settings)
    written = content or SyntheticRelease().every_state()
    written.write(candidate)
    if prepares_pages:
        write_page_data(candidate)
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
        tables={table: key for table, key in RELEASE_TABLES.items() if table not in written.left_out},
    )
    return publish(settings, candidate)
