"""JSON whose numbers stay as printed: 500.10 read and written again is 500.10.

Parts of one table are put together with it; the usual parser would turn printed decimals into binary ones.
"""

import json
from typing import Any

from sources.web import json_of


class Literal(str):
    """A number as it stands in the JSON text."""

    __slots__ = ()


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number that JSON knows")


# Options of `json.loads` under which numbers become Literal.
KEEP_NUMBERS: dict[str, Any] = {
    "parse_float": Literal,
    "parse_int": Literal,
    "parse_constant": _refuse,
}


def read_literal(data: bytes) -> Any:
    """Parse JSON bytes, numbers as Literal. Raises ValueError."""
    return json_of(data, **KEEP_NUMBERS)


def write_literal(value: Any) -> bytes:
    """Write what `read_literal` read: UTF-8, no blanks, keys in their order."""
    pieces: list[str] = []
    _write(value, pieces)
    return "".join(pieces).encode()


def _write(value: Any, pieces: list[str]) -> None:
    if isinstance(value, dict):
        mark = "{"
        for key, item in value.items():
            pieces += [mark, json.dumps(str(key), ensure_ascii=False), ":"]
            _write(item, pieces)
            mark = ","
        pieces.append("}" if value else "{}")
    elif isinstance(value, list):
        mark = "["
        for item in value:
            pieces.append(mark)
            _write(item, pieces)
            mark = ","
        pieces.append("]" if value else "[]")
    elif isinstance(value, Literal):
        pieces.append(value)
    else:
        pieces.append(json.dumps(value, ensure_ascii=False))
