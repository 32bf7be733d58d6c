"""The fields of a record that someone hands over as JSON, read by name and checked; every fault is noted."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIRST_YEAR, LAST_YEAR = 1800, 2200
# Magnitudes outside are no statistics, and their powers leave the range of doubles.
_LEAST, _LARGEST = 1e-100, 1e100

_DIRECTIONS = {
    "increase": 1,
    "increasing": 1,
    "positive": 1,
    "up": 1,
    "higher": 1,
    "decrease": -1,
    "decreasing": -1,
    "negative": -1,
    "down": -1,
    "lower": -1,
    "parity": 0,
}

Row = dict[str, Any]


class InputError(Exception):
    """The file as a whole cannot be used."""


@dataclass(frozen=True)
class Problem:
    """One fault of a record: a code for programs, a sentence with the mend for people."""

    code: str
    message: str


@dataclass
class Case:
    """One record of the file: its id as given, and either the rows it becomes or why it is refused."""

    id: object
    method: str = ""
    row: Row = field(default_factory=dict)
    series: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    note: str = ""


class Repeated(dict[str, Any]):
    """A JSON object in which a name stood more than once."""

    names: Sequence[str] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = Repeated(pairs)
    if len(result) < len(pairs):
        seen = [name for name, _ in pairs]
        result.names = sorted({name for name in seen if seen.count(name) > 1})
    return result


def read_records(path: Path) -> list[object]:
    """The records of a JSON file: an array, or an object whose `cases` is one. Raises InputError in one sentence."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as UTF-8 text: {error}") from error
    try:
        data = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {error}") from error
    records = data.get("cases") if isinstance(data, dict) else data
    if not isinstance(records, list):
        raise InputError(f"{path} holds neither an array of cases nor an object with an array `cases`")
    return records


class Fields:
    """Reads the fields of one record by dotted names; every fault is noted, none is raised."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record
        self.problems: list[Problem] = []

    def refuse(self, code: str, message: str) -> None:
        """Note a fault."""
        self.problems.append(Problem(code, message))

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.raw(name) is not None

    def raw(self, name: str) -> Any:
        """The value under a dotted name; None where there is none."""
        value: Any = self.record
        walked: list[str] = []
        for part in name.split("."):
            if value is None:
                return None
            if not isinstance(value, Mapping):
                fault = Problem("WRONG_TYPE", f"`{'.'.join(walked)}` must be an object")
                if fault not in self.problems:
                    self.problems.append(fault)
                return None
            walked.append(part)
            value = value.get(part)
        return value

    def missing(self, name: str) -> None:
        """Note that a field is missing, unless the object it belongs to was found wanting already."""
        if not any(f"`{name.split('.', maxsplit=1)[0]}`" in problem.message for problem in self.problems):
            self.refuse("MISSING_FIELD", f"`{name}` is missing; give it")

    def number(self, name: str, *, required: bool = False) -> float | None:
        """A finite number."""
        value = self.raw(name)
        if value is None:
            if required:
                self.missing(name)
            return None
        return self.as_number(value, name)

    def as_number(self, value: object, name: str) -> float | None:
        """A value of the record as a finite number of usable size."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse("WRONG_TYPE", f"`{name}` must be a number, not {shown(value)}")
            return None
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.refuse("NOT_FINITE", f"`{name}` must be finite; leave out what is not known")
            return None
        if number != 0 and not _LEAST <= abs(number) <= _LARGEST:
            self.refuse("IMPOSSIBLE_VALUE", f"`{name}` is {number:g}; give it in a unit of usable size")
            return None
        return number

    def positive(self, name: str, *, required: bool = False) -> float | None:
        """A number above zero."""
        number = self.number(name, required=required)
        if number is not None and number <= 0:
            self.refuse("IMPOSSIBLE_VALUE", f"`{name}` must be above 0, not {number:g}")
            return None
        return number

    def year(self, name: str, *, required: bool = False) -> int | None:
        """A year as a whole number."""
        value = self.raw(name)
        if value is None:
            if required:
                self.missing(name)
            return None
        return self.as_year(value, name)

    def as_year(self, value: object, name: str) -> int | None:
        """A value of the record as a year."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse("WRONG_TYPE", f"`{name}` must be a year as a number, not {shown(value)}")
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self.refuse("NOT_FINITE", f"`{name}` must be a year")
            return None
        if value != int(value) or not FIRST_YEAR <= value <= LAST_YEAR:
            self.refuse(
                "IMPOSSIBLE_YEAR",
                f"`{name}` is {shown(value)}; give a whole year from {FIRST_YEAR} to {LAST_YEAR}",
            )
            return None
        return int(value)

    def flag(self, name: str) -> bool:
        """True or false; false when absent."""
        value = self.raw(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.refuse("WRONG_TYPE", f"`{name}` must be true or false, not {shown(value)}")
        return False

    def text(self, name: str) -> str | None:
        """A text, or None."""
        value = self.raw(name)
        if value is None or isinstance(value, str):
            return value
        self.refuse("WRONG_TYPE", f"`{name}` must be a text, not {shown(value)}")
        return None

    def choice(self, name: str, choices: Sequence[str], *, required: bool = False) -> str | None:
        """One of the words given, or None."""
        word = self.text(name)
        if word is None and required and not any(f"`{name}`" in problem.message for problem in self.problems):
            self.missing(name)
        if word is not None and word not in choices:
            self.refuse("UNKNOWN_WORD", f"`{name}` is {shown(word)}; give one of {', '.join(choices)}")
            return None
        return word

    def direction(self, *, required: bool, parity: bool = False) -> int | None:
        """1 higher is better, -1 lower, 0 parity where the method knows it."""
        word = self.text("direction")
        if word is None:
            if required and not self.problems:
                self.refuse("MISSING_FIELD", "`direction` is missing; give increase or decrease")
            return None
        direction = _DIRECTIONS.get(word.strip().lower())
        if direction is None or (direction == 0 and not parity):
            self.refuse(
                "UNKNOWN_DIRECTION",
                f"`direction` is {shown(word)}; give increase{', decrease or parity' if parity else ' or decrease'}",
            )
        return direction

    def list_of_numbers(self, name: str) -> list[float | None]:
        """A required array of numbers and nulls."""
        value = self.raw(name)
        if value is None:
            self.missing(name)
            return []
        if not isinstance(value, list):
            self.refuse("WRONG_TYPE", f"`{name}` must be an array of numbers, not {shown(value)}")
            return []
        return [
            None if item is None else self.as_number(item, f"{name}[{place}]")
            for place, item in enumerate(value)
        ]

    def yearly(self, name: str = "series", *, spans: bool = False) -> dict[int, float]:
        """An object of values by year; nulls are years without a value. With `spans`, 2015-16 is 2015."""
        value = self.raw(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.refuse("WRONG_TYPE", f"`{name}` must be an object of values by year, not {shown(value)}")
            return {}
        points: dict[int, float] = {}
        for key, item in value.items():
            pattern = r"(\d{4})(?:[-/–]\d{2,4})?" if spans else r"(\d{4})"
            match = re.fullmatch(pattern, key.strip())
            if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
                self.refuse(
                    "IMPOSSIBLE_YEAR", f"`{name}` has the key {shown(key)}; keys are years of four digits"
                )
            elif item is not None:
                number = self.as_number(item, f"{name}.{key}")
                if int(match[1]) in points:
                    self.refuse("REPEATED_KEY", f"`{name}` has the year {match[1]} twice; keep one")
                elif number is not None:
                    points[int(match[1])] = number
        return points


def shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:37] + "..."
