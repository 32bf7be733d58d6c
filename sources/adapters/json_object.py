"""Opening a JSON file that holds one object, with its numbers exact."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sources.cells import ReadingError
from sources.content import is_html


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number that JSON knows")


def json_object(data: bytes, what: str, mend: str) -> Mapping[str, Any]:
    """Parse bytes into an object, numbers as Decimal. Raises ReadingError for anything else than `what`."""
    if is_html(data):
        raise ReadingError(
            "the whole file",
            "the answer is a web page (HTML), not JSON",
            "open the address in a browser to see why",
        )
    try:
        text = data.rstrip(b"\0 \t\r\n").decode("utf-8-sig")
        content = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ReadingError(f"byte {error.start}", "the file is not UTF-8", mend) from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, character {error.colno}"
        raise ReadingError(place, f"the JSON breaks off or is broken ({error.msg})", mend) from error
    except (ValueError, RecursionError) as error:
        raise ReadingError("the whole file", f"the JSON cannot be read ({error})", mend) from error
    if not isinstance(content, dict):
        raise ReadingError("the whole file", f"this is JSON, but not {what}", mend)
    return content
