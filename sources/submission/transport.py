"""A filled workbook as JSON: it is opened in a process of its own, and comes back as nothing but its answer."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from sources.submission.filled import Filled
from sources.submission.grid import FilledCell, FilledRow
from sources.submission.layout import Stamp, StructureRow
from sources.submission.problems import CellProblem

_TIMES: dict[str, type[date] | type[datetime] | type[time]] = {
    "datetime": datetime, "date": date, "time": time,
}  # fmt: skip


def _coded(value: Any) -> Any:
    """Return a cell's value as JSON has it; days and times under the name of their kind."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date() | time():
            return {type(value).__name__: value.isoformat()}
        case timedelta():
            return {"seconds": value.total_seconds()}
    return str(value)


def _decoded(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    (kind, told), *_ = value.items()
    return timedelta(seconds=told) if kind == "seconds" else _TIMES[kind].fromisoformat(told)


def _cell(cell: FilledCell) -> list[Any]:
    return [
        cell.sheet,
        cell.ref,
        _coded(cell.value),
        cell.is_formula,
        cell.is_error,
        cell.number_format,
        cell.comment,
    ]


def _cell_of(told: list[Any]) -> FilledCell:
    sheet, ref, value, *rest = told
    return FilledCell(sheet, ref, _decoded(value), *rest)


def to_json(filled: Filled) -> bytes:
    """Write a filled workbook; `from_json` gives it back as it was."""
    told = {
        "stamp": filled.stamp and filled.stamp.model_dump(mode="json"),
        "structure": filled.structure,
        "rows": {
            sheet: [
                [row.number, row.code, {key: _cell(cell) for key, cell in row.cells.items()}] for row in rows
            ]
            for sheet, rows in filled.rows.items()
        },
        "fields": {
            sheet: {key: _cell(cell) for key, cell in fields.items()}
            for sheet, fields in filled.fields.items()
        },
        "problems": [asdict(problem) for problem in filled.problems],
    }
    return json.dumps(told, ensure_ascii=False).encode()


def from_json(data: bytes) -> Filled:
    """Read what `to_json` wrote."""
    told = json.loads(data)
    return Filled(
        stamp=None if told["stamp"] is None else Stamp.model_validate(told["stamp"]),
        structure=[
            StructureRow(sheet, code, tuple(asked), tuple(shown))
            for sheet, code, asked, shown in told["structure"]
        ],
        rows={
            sheet: [
                FilledRow(number, code, {key: _cell_of(cell) for key, cell in cells.items()})
                for number, code, cells in rows
            ]
            for sheet, rows in told["rows"].items()
        },
        fields={
            sheet: {key: _cell_of(cell) for key, cell in fields.items()}
            for sheet, fields in told["fields"].items()
        },
        problems=[CellProblem(**problem) for problem in told["problems"]],
    )
