"""The figures in force as JSON-stat 2: one dataset for each indicator, unit and form, and a collection that lists them.

A cube has the dimensions indicator (one category, which carries the unit), area, period and breakdown; `status` has
the maturity of each value, `not_public` where there is none for that reason. Values stand by position, as a list where
the cube is nearly full, else as an object, as the format allows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import polars as pl

from reports.disclosure import NOT_PUBLIC_VALUE
from reports.numbers import Language
from reports.open_data.statements import Said, statements_of
from reports.open_data.tables import FIGURES
from reports.periods import period_words, sentence_case
from reports.release_data import Release, Row
from reports.words import Words

COLLECTION_NAME = "collection.json"
DATASET = ("indicator_code", "unit", "form")
_CUBE = ("area_id", "period_id", "breakdown")
# A cube that is filled less than this is written by position.
_NEARLY_FULL = 0.5
_LANGUAGE: Language = "vi"


def dataset_name(indicator_code: str, unit: str, form: str) -> str:
    """The file of a dataset."""
    return f"{indicator_code}.{unit}.{form}.json"


def write_json_stat(release: Release, tables: Mapping[str, Path], folder: Path) -> None:
    """Write the datasets of the open tables (name -> Parquet file) and their collection."""
    folder.mkdir(parents=True, exist_ok=True)
    known = {
        name: {str(row[key]): row for row in pl.read_parquet(tables[name]).to_dicts()}
        for name, key in (
            ("dim_indicator", "indicator_code"),
            ("dim_unit", "unit"),
            ("dim_area", "area_id"),
            ("dim_period", "period_id"),
            ("dim_breakdown", "breakdown"),
        )
    }
    words = Words(_LANGUAGE)
    said = statements_of(release, words)
    figures = (
        pl.scan_parquet(tables[FIGURES])
        .select(*DATASET, *_CUBE, "value", "value_decimals", "maturity", "missing_code")
        .with_columns(pl.col("value").cast(pl.Float64))
        .sort(*DATASET, *_CUBE)
        .collect()
    )
    links: list[dict[str, Any]] = []
    for of_one in figures.partition_by(DATASET, maintain_order=True):
        dataset = _dataset(of_one, known, release, said, words)
        path = folder / dataset_name(*(str(part) for part in of_one.row(0)[: len(DATASET)]))
        path.write_text(
            json.dumps(dataset, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
        )
        links.append({"class": "dataset", "href": path.name, "label": dataset["label"]})
    (folder / COLLECTION_NAME).write_text(
        json.dumps(
            {**_head(release, said), "class": "collection", "label": said.title, "link": {"item": links}},
            ensure_ascii=False,
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )


def _head(release: Release, said: Said) -> dict[str, Any]:
    return {
        "version": "2.0",
        "updated": release.cut_off.isoformat(),
        "note": [said.plan, said.review, said.rights, said.citation],
        "extension": {"release_id": release.release_id, "reviewed": release.reviewed},
    }


def _dataset(
    figures: pl.DataFrame, known: Mapping[str, Mapping[str, Row]], release: Release, said: Said, words: Words
) -> dict[str, Any]:
    code, unit, form = (str(part) for part in figures.row(0)[: len(DATASET)])
    indicator, unit_row = known["dim_indicator"].get(code, {}), known["dim_unit"].get(unit, {})
    areas = figures["area_id"].unique().sort().to_list()
    starts = known["dim_period"]
    periods = sorted(
        figures["period_id"].unique().to_list(), key=lambda p: (str(starts.get(p, {}).get("start")), p)
    )
    breakdowns = figures["breakdown"].unique().sort().to_list()
    size = [1, len(areas), len(periods), len(breakdowns)]
    places = [{key: place for place, key in enumerate(keys)} for keys in (areas, periods, breakdowns)]
    values: dict[int, float | None] = {}
    status: dict[str, str] = {}
    for area, period, breakdown, value, maturity, missing in figures.select(
        *_CUBE, "value", "maturity", "missing_code"
    ).iter_rows():
        place = (places[0][area] * size[2] + places[1][period]) * size[3] + places[2][breakdown]
        values[place] = value
        status[str(place)] = missing if missing == NOT_PUBLIC_VALUE else str(maturity or "not_stated")
    decimals = figures["value_decimals"].max()
    name = words.pick(indicator, "name")
    total = words("open_data.total")
    return {
        **_head(release, said),
        "class": "dataset",
        "label": f"{name} ({words.pick(unit_row, 'name')})",
        "source": said.title,
        "id": ["indicator", "area", "period", "breakdown"],
        "size": size,
        "role": {"metric": ["indicator"], "geo": ["area"], "time": ["period"]},
        "dimension": {
            "indicator": {
                "label": _heading("indicator", words),
                "category": {
                    "index": [code],
                    "label": {code: name},
                    "unit": {
                        code: {"label": words.pick(unit_row, "name"), "code": unit, "decimals": decimals}
                    },
                },
            },
            "area": _dimension(
                _heading("area", words),
                areas,
                {a: words.pick(known["dim_area"].get(a, {}), "name") for a in areas},
            ),
            "period": _dimension(
                _heading("period", words), periods, {p: period_words(p, words) for p in periods}
            ),
            "breakdown": _dimension(
                _heading("breakdown", words),
                breakdowns,
                {
                    b: words.pick(known["dim_breakdown"][b], "name") if b in known["dim_breakdown"] else total
                    for b in breakdowns
                },
            ),
        },
        "value": _values(values, prod(size)),
        "status": status,
        "extension": {"release_id": release.release_id, "reviewed": release.reviewed, "form": form},
    }


def _heading(dimension: str, words: Words) -> str:
    return sentence_case(words.of("sheet_column", dimension))


def _values(values: Mapping[int, float | None], cells: int) -> list[float | None] | dict[str, float | None]:
    if len(values) >= _NEARLY_FULL * cells:
        return [values.get(place) for place in range(cells)]
    return {str(place): value for place, value in sorted(values.items())}


def _dimension(label: str, codes: Sequence[str], labels: Mapping[str, str]) -> dict[str, Any]:
    return {"label": label, "category": {"index": list(codes), "label": dict(labels)}}
