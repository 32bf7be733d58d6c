"""Source records and plain tables for tests, made by hand: no figure here is a published one."""

from copy import deepcopy
from typing import Any

import yaml

from sources.adapters.plain_table import COLUMNS
from sources.record import SourceRecord

RECORD: dict[str, Any] = {
    "source_id": "made_up",
    "title": {"vi": "Nguồn thử", "en": "A source for tests"},
    "publisher": {"vi": "Cơ quan thử", "en": "An office for tests"},
    "publisher_kind": "research",
    "rank": 20,
    "origin": "transcription",
    "licence": "none",
    "cadence": "annual",
    "topic": "population",
    "routes": {
        "recorded": {
            "documents": [
                {
                    "document": "issue_1",
                    "file": "made_up.csv",
                    "vintage_at": "2026-01-02",
                    "published_at_basis": "not_stated",
                }
            ],
            "reading": {"adapter": "plain_table"},
            "mapping": {
                "area": {"dimension": "area", "labels": {"Cao Bằng": "VN-04"}},
                "period": {"dimension": "period", "format": "period_id"},
                "unit_column": True,
                "series": [
                    {
                        "where": {"indicator": "Dân số trung bình"},
                        "indicator": "POPULATION_AVERAGE",
                        "unit": "thousand_person",
                        "form": "level",
                        "breakdown": "_T",
                    }
                ],
            },
        }
    },
}

LIVE_ROUTE: dict[str, Any] = {
    "fetch": {
        "protocol": "pxweb_v1",
        "address": "http://127.0.0.1:1/api/v1/vi/V02/V02.01.px",
        "query": [],
        "response_format": "json-stat",
    },
    "reading": {"adapter": "json_stat"},
    "mapping": {
        "area": {"dimension": "Địa phương", "labels": {"Cao Bằng": "VN-04"}},
        "period": {"dimension": "Năm", "format": "year"},
        "series": [
            {
                "where": {"Chỉ tiêu": "Dân số trung bình"},
                "indicator": "POPULATION_AVERAGE",
                "unit": "thousand_person",
                "form": "level",
                "breakdown": "_T",
            }
        ],
        "ignore": [{"dimension": "Địa phương", "except": ["Cao Bằng"], "reason": "ngoài phạm vi"}],
    },
}


def content(live: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the content of a record, to be changed by the test."""
    made = deepcopy(RECORD)
    if live is not None:
        made["routes"]["live"] = deepcopy(live)
    return made


def as_yaml(made: dict[str, Any]) -> str:
    text = yaml.safe_dump(made, allow_unicode=True, sort_keys=False)
    return text.replace("'2026-01-02'", "2026-01-02")


def record(made: dict[str, Any] | None = None) -> SourceRecord:
    return SourceRecord.model_validate(yaml.safe_load(as_yaml(made or content())))


def plain_table(*rows: dict[str, str]) -> bytes:
    """Return a plain table; a row gives what differs from the usual one."""
    usual = {
        "indicator": "Dân số trung bình",
        "area": "Cao Bằng",
        "period": "2024",
        "breakdown": "Chung",
        "value": "500.5",
        "unit": "Nghìn người",
        "maturity": "not_stated",
        "publisher": "Cơ quan thử",
        "title": "Bảng thử",
        "place": "bảng 1",
    }
    lines = [",".join(COLUMNS)]
    lines += [
        ",".join({**dict.fromkeys(COLUMNS, ""), **usual, **row}[name] for name in COLUMNS) for row in rows
    ]
    return ("\n".join(lines) + "\n").encode()
