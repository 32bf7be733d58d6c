"""The structure of the SDMX-CSV file as an SDMX-JSON 2.0.0 structure message: dataflow, structure, concepts, codelists.

The codes of each list are those that the release has; names stand in Vietnamese and English. The meanings of FREQ and
OBS_STATUS are those of the SDMX cross-domain code lists.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from reports.open_data.sdmx import AGENCY, ATTRIBUTES, DATAFLOW, DIMENSIONS, MEASURE, VERSION, review_status
from reports.open_data.statements import statements_of
from reports.page_data import TOTAL
from reports.release_data import Release
from reports.words import FAMILIES, Words

STRUCTURE = "DSD_PLAN_FIGURES"
CONCEPTS = "CS_PLAN_FIGURES"
_URN = "urn:sdmx:org.sdmx.infomodel"
_SCHEMA = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/develop/structure-message/tools/schemas/2.0.0/"
    "sdmx-json-structure-schema.json"
)


@dataclass(frozen=True)
class Code:
    """A code with its names."""

    code: str
    name_vi: str
    name_en: str


FREQUENCY_CODES = (
    Code("A", "Năm", "Annual"),
    Code("S", "Nửa năm", "Half-yearly"),
    Code("Q", "Quý", "Quarterly"),
    Code("M", "Tháng", "Monthly"),
    Code("_O", "Kỳ khác", "Other"),
)
STATUS_CODES = (
    Code("A", "Giá trị thông thường", "Normal value"),
    Code("P", "Số sơ bộ", "Provisional value"),
    Code("E", "Số ước tính", "Estimated value"),
    Code("B", "Chuỗi bị gián đoạn", "Time series break"),
    Code("U", "Độ tin cậy thấp", "Low reliability"),
    Code("Q", "Không công khai", "Missing value; suppressed"),
)
REVIEW_CODES = (
    Code("NOT_REVIEWED", "Chưa được rà soát", "Not reviewed"),
    Code("REVIEWED", "Đã được rà soát, phê duyệt", "Reviewed and signed"),
)
# Component -> its names, and the code list it takes its values from (None: no codes).
_COMPONENTS: Mapping[str, tuple[str, str, str | None]] = {
    "FREQ": ("Tần suất", "Frequency", "CL_FREQ"),
    "REF_AREA": ("Địa bàn", "Reference area", "CL_REF_AREA"),
    "INDICATOR": ("Chỉ tiêu thống kê", "Indicator", "CL_INDICATOR"),
    "BREAKDOWN": ("Phân tổ", "Breakdown", "CL_BREAKDOWN"),
    "TIME_PERIOD": ("Kỳ", "Time period", None),
    "OBS_VALUE": ("Giá trị", "Observation value", None),
    "OBS_STATUS": ("Tình trạng giá trị", "Observation status", "CL_OBS_STATUS"),
    "UNIT_MEASURE": ("Đơn vị tính", "Unit of measure", "CL_UNIT_MEASURE"),
    "DECIMALS": ("Số chữ số thập phân như đã công bố", "Decimals as published", None),
    "FORM": ("Dạng số liệu", "Form of the figure", "CL_FORM"),
    "MATURITY": ("Mức độ hoàn chỉnh", "Maturity", "CL_MATURITY"),
    "SOURCE": ("Nguồn", "Source", "CL_SOURCE"),
    "PERIOD_ID": ("Mã kỳ trong bản công bố", "Period id of the release", None),
    "REVIEW_STATUS": ("Rà soát", "Review status", "CL_REVIEW_STATUS"),
}
_DATA_TYPES: Mapping[str, str] = {
    "TIME_PERIOD": "ObservationalTimePeriod",
    "OBS_VALUE": "Decimal",
    "DECIMALS": "Integer",
    "PERIOD_ID": "String",
}
_REQUIRED = frozenset({"OBS_STATUS", "UNIT_MEASURE", "MATURITY", "SOURCE", "REVIEW_STATUS"})


def write_structure(release: Release, tables: Mapping[str, Path], path: Path, left_out: int) -> None:
    """Write the structure message of the SDMX-CSV file of a release. `left_out`: figures without a place in time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    message = {
        "meta": {
            "schema": _SCHEMA,
            "id": f"PPW_{release.release_id.replace('-', '_')}",
            "test": False,
            "prepared": f"{release.cut_off.isoformat()}T12:00:00Z",
            "contentLanguages": ["vi", "en"],
            "sender": {"id": AGENCY},
        },
        "data": {
            "dataStructures": [_data_structure()],
            "dataflows": [_dataflow(release, left_out)],
            "conceptSchemes": [_concept_scheme()],
            "codelists": [_codelist(name, codes) for name, codes in _codes(release, tables).items()],
        },
    }
    path.write_text(json.dumps(message, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _codes(release: Release, tables: Mapping[str, Path]) -> dict[str, Iterable[Code]]:
    vi, en = Words("vi"), Words("en")
    total = Code(TOTAL, vi("open_data.total"), en("open_data.total"))
    forms = pl.scan_parquet(tables["fct_actual"]).select("form").drop_nulls().unique().sort("form").collect()
    return {
        "CL_FREQ": FREQUENCY_CODES,
        "CL_REF_AREA": _named(tables["dim_area"], "area_id", "name"),
        "CL_INDICATOR": _named(tables["dim_indicator"], "indicator_code", "name"),
        "CL_BREAKDOWN": (total, *_named(tables["dim_breakdown"], "breakdown", "name")),
        "CL_OBS_STATUS": STATUS_CODES,
        "CL_UNIT_MEASURE": _named(tables["dim_unit"], "unit", "name"),
        "CL_FORM": [Code(form, vi.of("form", form), en.of("form", form)) for form in forms["form"].to_list()],
        "CL_MATURITY": [
            Code(code, vi.of("maturity", code), en.of("maturity", code)) for code in FAMILIES["maturity"]
        ],
        "CL_SOURCE": _named(tables["dim_source"], "source_id", "title"),
        "CL_REVIEW_STATUS": REVIEW_CODES,
    }


def _named(parquet: Path, code: str, name: str) -> list[Code]:
    """The codes of a table with their names; a code of several rows (an area that changed) is named by its last."""
    table = pl.read_parquet(parquet).unique(code, keep="last", maintain_order=True)
    return [Code(str(row[code]), _name(row, name, "vi"), _name(row, name, "en")) for row in table.to_dicts()]


def _name(row: Mapping[str, Any], name: str, language: str) -> str:
    other = "en" if language == "vi" else "vi"
    return str(row.get(f"{name}_{language}") or row.get(f"{name}_{other}") or "-")


def _names(vi: str, en: str) -> dict[str, Any]:
    return {"name": en, "names": {"vi": vi, "en": en}}


def _codelist(name: str, codes: Iterable[Code]) -> dict[str, Any]:
    vi, en = next((v, e) for v, e, codelist in _COMPONENTS.values() if codelist == name)
    return {
        "id": name,
        "agencyID": AGENCY,
        "version": VERSION,
        **_names(vi, en),
        "codes": [{"id": one.code, **_names(one.name_vi, one.name_en)} for one in codes],
    }


def _concept_scheme() -> dict[str, Any]:
    return {
        "id": CONCEPTS,
        "agencyID": AGENCY,
        "version": VERSION,
        **_names("Khái niệm của bộ số liệu", "Concepts of the figures"),
        "concepts": [{"id": name, **_names(vi, en)} for name, (vi, en, _) in _COMPONENTS.items()],
    }


def _component(name: str) -> dict[str, Any]:
    codelist = _COMPONENTS[name][2]
    representation: dict[str, Any] = (
        {"enumeration": f"{_URN}.codelist.Codelist={AGENCY}:{codelist}({VERSION})"}
        if codelist
        else {"format": {"dataType": _DATA_TYPES[name]}}
    )
    return {
        "id": name,
        "conceptIdentity": f"{_URN}.conceptscheme.Concept={AGENCY}:{CONCEPTS}({VERSION}).{name}",
        "localRepresentation": representation,
    }


def _data_structure() -> dict[str, Any]:
    dimensions = [name for name in DIMENSIONS if name != "TIME_PERIOD"]
    return {
        "id": STRUCTURE,
        "agencyID": AGENCY,
        "version": VERSION,
        **_names("Cấu trúc số liệu theo dõi quy hoạch", "Structure of the figures of a plan"),
        "dataStructureComponents": {
            "dimensionList": {
                "id": "DimensionDescriptor",
                "dimensions": [
                    {**_component(name), "position": place} for place, name in enumerate(dimensions, start=1)
                ],
                "timeDimension": _component("TIME_PERIOD"),
            },
            "measureList": {
                "id": "MeasureDescriptor",
                "measures": [{**_component(MEASURE), "usage": "mandatory"}],
            },
            "attributeList": {
                "id": "AttributeDescriptor",
                "attributes": [
                    {
                        **_component(name),
                        "usage": "mandatory" if name in _REQUIRED else "optional",
                        "attributeRelationship": {"observation": {}},
                        "measureRelationship": [MEASURE],
                    }
                    for name in ATTRIBUTES
                ],
            },
        },
    }


def _dataflow(release: Release, left_out: int) -> dict[str, Any]:
    vi, en = (statements_of(release, words) for words in (Words("vi"), Words("en")))
    told = Words("en").counted("open_data.left_out", left_out) if left_out else ""
    return {
        "id": DATAFLOW,
        "agencyID": AGENCY,
        "version": VERSION,
        **_names(vi.title, en.title),
        "description": " ".join(part for part in (en.plan, en.review, told, en.rights) if part),
        "structure": f"{_URN}.datastructure.DataStructure={AGENCY}:{STRUCTURE}({VERSION})",
        "annotations": [
            {"id": "RELEASE", "type": "RELEASE", "text": release.release_id},
            {"id": "CUT_OFF", "type": "CUT_OFF", "text": release.cut_off.isoformat()},
            {"id": "REVIEW_STATUS", "type": "REVIEW_STATUS", "text": review_status(release)},
        ],
    }
