"""Opening a JSON file that holds one object, with its numbers exact."""

import codecs
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sources.cells import ReadingError
from sources.content import is_html
from sources.text.numbers import decimal_of_literal


def json_encoding(data: bytes) -> str:
    """Return the encoding of JSON by its byte order mark."""
    return "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number that JSON knows")


def json_number(text: str) -> Decimal | str:
    """Return the number; one that is none of ours (an exponent out of all bounds) stays text, to be unreadable."""
    value = decimal_of_literal(text)
    return text if value is None else value


def json_text(data: bytes, mend: str) -> str:
    """Return the text of a JSON file. Raises ReadingError for a web page, or bytes that are no text."""
    if is_html(data):
        raise ReadingError(
            "the whole file",
            "the answer is a web page (HTML), not JSON",
            "open the address in a browser to see why",
        )
    try:
        # Stripped after decoding: in UTF-16 a NUL byte is half a character.
        return data.decode(json_encoding(data)).rstrip("\0 \t\r\n")
    except UnicodeDecodeError as error:
        raise ReadingError(f"byte {error.start}", "the file is neither UTF-8 nor UTF-16", mend) from error


def object_in(text: str, what: str, mend: str) -> Mapping[str, Any]:
    """Parse a text into an object, numbers as Decimal. Raises ReadingError for anything else than `what`."""
    try:
        content = json.loads(
            text, parse_float=json_number, parse_int=Decimal, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, character {error.colno}"
        raise ReadingError(place, f"the JSON breaks off or is broken ({error.msg})", mend) from error
    except (ValueError, RecursionError) as error:
        raise ReadingError("the whole file", f"the JSON cannot be read ({error})", mend) from error
    if not isinstance(content, dict):
        raise ReadingError("the whole file", f"this is JSON, but not {what}", mend)
    return content


def json_object(data: bytes, what: str, mend: str) -> Mapping[str, Any]:
    """Parse bytes into an object, numbers as Decimal. Raises ReadingError for anything else than `what`."""
    return object_in(json_text(data, mend), what, mend)
