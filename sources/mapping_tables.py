"""Mapping sections become tables: labels as keys, period labels as period ids; dbt joins them to cells."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from sources.input_tables import Rows
from sources.record import (
    AreaByLabel,
    AreaConstant,
    IgnoredLabels,
    PeriodByLabel,
    PeriodConstant,
    SourceRecord,
)
from sources.record import (
    Mapping as MappingSection,
)
from sources.text.labels import label_key, tidy_text
from sources.text.periods import parse_label


def printed_labels(files: Iterable[Path]) -> dict[str, dict[str, str]]:
    """Return dimension -> label key -> a label as printed, over the cells of a route."""
    paths = sorted(files)
    if not paths:
        return {}
    labels = (
        pl.scan_parquet(paths)
        .select(pl.col("labels").explode().struct.unnest())
        .group_by("dimension", "key")
        .agg(pl.col("label").min())
        .drop_nulls("dimension")
        .sort("dimension", "key")
        .collect()
    )
    printed: dict[str, dict[str, str]] = {}
    for dimension, key, label in labels.select("dimension", "key", "label").iter_rows():
        printed.setdefault(dimension, {})[key] = label
    return printed


def _ignored_keys(ignored: IgnoredLabels, printed: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    if ignored.labels is not None:
        return {label_key(label) for label in ignored.labels}
    kept = {label_key(label) for label in ignored.except_ or []}
    return printed.get(tidy_text(ignored.dimension), {}).keys() - kept


def compile_route(
    source_id: str,
    route_name: str,
    mapping: MappingSection | None,
    printed: Mapping[str, Mapping[str, str]],
    tables: dict[str, Rows],
) -> None:
    place = {"source_id": source_id, "route": route_name}
    if mapping is None:
        return
    for series_id, series in enumerate(mapping.series, start=1):
        own = {**place, "series_id": series_id}
        tables["mapping_series"].append({
            **own,
            "indicator_code": series.indicator,
            "unit": series.unit,
            "factor": series.factor,
            "form": series.form,
            "breakdown": series.breakdown,
            "maturity": series.maturity,
            "index_base": series.index_base,
            "price_basis": series.price_basis,
            "table_key": None if series.table is None else label_key(series.table),
            "n_conditions": len(series.where),
            "checks_unit_text": mapping.unit_column,
        })  # fmt: skip
        tables["mapping_condition"] += [
            {**own, "dimension": tidy_text(dimension), "label_key": label_key(label)}
            for dimension, label in series.where.items()
        ]
    match mapping.area:
        case AreaConstant(constant=area_id):
            tables["mapping_area"].append({**place, "dimension": "", "label_key": "", "area_id": area_id})
        case AreaByLabel(dimension=dimension, labels=labels):
            areas = {label_key(label): area_id for label, area_id in labels.items()}
            tables["mapping_area"] += [
                {**place, "dimension": tidy_text(dimension), "label_key": key, "area_id": area_id}
                for key, area_id in areas.items()
            ]
    match mapping.period:
        case PeriodConstant(constant=period_id, maturity=maturity):
            constant = {"dimension": "", "label_key": "", "period_id": period_id, "maturity": maturity}
            tables["mapping_period"].append({**place, **constant})
        case PeriodByLabel(dimension=dimension, format=format):
            for key, label in printed.get(tidy_text(dimension), {}).items():
                period = parse_label(label, format)
                if period is not None:
                    row = {**place, "dimension": tidy_text(dimension), "label_key": key}
                    tables["mapping_period"].append(
                        {**row, "period_id": period.period_id, "maturity": period.maturity}
                    )
    reasons = {
        (tidy_text(ignored.dimension), key): ignored.reason
        for ignored in reversed(mapping.ignore)
        for key in _ignored_keys(ignored, printed)
    }
    tables["mapping_ignored"] += [
        {**place, "dimension": dimension, "label_key": key, "reason": reason}
        for (dimension, key), reason in reasons.items()
    ]


def rank_rows(record: SourceRecord) -> Rows:
    """Return the dated exceptions to the rank of a source; an empty indicator_code stands for all indicators."""
    return [
        {
            "source_id": record.source_id,
            "indicator_code": code,
            "applies_from": rule.applies_from,
            "rank": rule.rank,
            "reason": rule.reason,
        }
        for rule in record.ranks
        for code in rule.indicators or [""]
    ]


def record_row(record: SourceRecord) -> dict[str, Any]:
    """Return the row of the input table `source_record`."""
    note = None if record.calendar is None else record.calendar.note
    plain = (
        "source_id",
        "publisher_kind",
        "rank",
        "origin",
        "licence",
        "access",
        "owned",
        "cadence",
        "topic",
    )
    return {
        **{name: getattr(record, name) for name in plain},
        "title_vi": record.title.vi,
        "title_en": record.title.en,
        "publisher_vi": record.publisher.vi,
        "publisher_en": record.publisher.en,
        # A record that says nothing of its calendar has none that is known.
        "calendar_state": "none_known" if record.calendar is None else record.calendar.state,
        "calendar_note_vi": None if note is None else note.vi,
        "calendar_note_en": None if note is None else note.en,
    }
