"""SDMX-ML 2.1 data messages, generic and structure-specific, with the observation dimension in series or flat.

Dimensions and attributes keep their ids and codes: without the structure message nothing tells the two apart in
a structure-specific series, so the well-known attribute ids are attributes and every other id is a dimension; of a
group, what no series or observation states is an attribute too. A generic message calls its attributes so.
`UNIT_MULT` is applied to the number (the text stays as printed); what is no power of ten leaves it unread.
`OBS_STATUS` says why a value is not there.
"""

import codecs
import re
from array import array
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from typing import Generic, NamedTuple, TypeVar
from xml.etree import ElementTree

import numpy as np
import polars as pl

from sources.adapters.json_stat import MOST_CELLS
from sources.cell_table import CellTable, Repeated, changed, constant
from sources.cells import AdapterResult, Label, ReadingError, Skipped
from sources.content import is_html
from sources.figures import read_figures
from sources.record import SdmxReading
from sources.text.numbers import UNREADABLE, PrintedNumber, decimal_of_literal, read_printed_number

VERSION = "2"

TIME = "TIME_PERIOD"
VALUE = "OBS_VALUE"
_UNITS = ("UNIT_MEASURE", "UNIT")
# Ids under which data structures keep the power of ten of a figure.
_POWERS = ("UNIT_MULT", "UNIT_MULTIPLIER", "POWERCODE")
# Ids that the common concept scheme and the data structures in use make attributes.
_ATTRIBUTES = frozenset(
    (
        *_POWERS, "UNIT_MEASURE", "UNIT", "DECIMALS", "OBS_STATUS", "OBS_CONF", "CONF_STATUS", "OBS_PRE_BREAK",
        "TIME_FORMAT", "TITLE", "TITLE_COMPL", "COMMENT", "COMMENT_OBS", "COMMENT_TS", "BASE_PER", "BASE_PERIOD",
        "REF_PERIOD_DETAIL", "REPYEARSTART", "REPORTING_YEAR_START_DAY", "SOURCE_AGENCY", "COLLECTION",
        "PRE_BREAK_VALUE",
        "LAST_UPDATE", "EMBARGO_TIME", "METHODOLOGY", "SOURCE", "NATURE", "PUBL_PUBLIC",
    )
)  # fmt: skip
# OBS_STATUS codes that mean "no value", to our code for absence.
_ABSENT = {
    "M": "not_available",
    "L": "not_available",
    "H": "not_available",
    "K": "not_available",
    "O": "not_available",
    "Q": "suppressed",
}
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WHOLE_NUMBER = re.compile(r"[-+]?\d{1,9}(?:\.0*)?", re.ASCII)
_LARGEST_POWER = 15
H = TypeVar("H", bound=Hashable)


@lru_cache(maxsize=1024)
def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


class _Fields(NamedTuple):
    """What an observation, series or group states: id -> code, and which of the ids the message calls attributes."""

    of: Mapping[str, str]
    attributes: frozenset[str] = frozenset()

    def under(self, shared: "_Fields") -> "_Fields":
        """Return these fields over those that hold for more than this."""
        return _Fields({**shared.of, **self.of}, shared.attributes | self.attributes)


def _number(text: str) -> Decimal | None:
    value = decimal_of_literal(text.strip())
    if value is not None:
        return value
    # Some publishers print thousands apart even here: "8 339.9". "1,234" may be either.
    if read_printed_number(text, "either").decimal is None:
        return None
    return read_printed_number(text, "point").decimal


@lru_cache(maxsize=64)
def _power(text: str) -> int | None:
    """Return the power of ten that UNIT_MULT states; None where it is none that a figure can have."""
    if not text.strip():
        return 0
    if not _WHOLE_NUMBER.fullmatch(text.strip()):
        return None
    power = int(Decimal(text.strip()))
    return power if abs(power) <= _LARGEST_POWER else None


def _printed(text: str | None, fields: Mapping[str, str]) -> PrintedNumber:
    if text is not None and text.strip() and text.strip().casefold() != "nan":
        value = _number(text)
        if value is None:
            printed = read_printed_number(text, "either")
            return printed if printed.decimal is None else PrintedNumber(text, None, UNREADABLE)
        if (absent := _ABSENT.get(fields.get("OBS_STATUS", ""))) is not None:
            # The status says that there is no value: a number beside it, often 0, only fills the place.
            return PrintedNumber(text, None, absent, ("value_against_status",))
        power = _power(next((fields[name] for name in _POWERS if name in fields), ""))
        if power is None:
            return PrintedNumber(text, None, UNREADABLE, ("unit_mult_unclear",))
        if power:
            return PrintedNumber(text, value.scaleb(power), None, ("unit_mult_applied",))
        return PrintedNumber(text, value, None)
    code = _ABSENT.get(fields.get("OBS_STATUS", ""), "not_available" if text and text.strip() else "blank")
    return PrintedNumber(text or "", None, code)


def _generic_values(element: ElementTree.Element | None) -> dict[str, str]:
    if element is None:
        return {}
    # SDMX 2.0 says "concept" where 2.1 says "id".
    return {value.get("id", value.get("concept", "")): value.get("value", "") for value in element}


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((child for child in element if _local(child.tag) == name), None)


@lru_cache(maxsize=1024)
def _are_own(names: tuple[str, ...]) -> bool:
    """Say whether no name is in a namespace (xsi:type): those are XML's own."""
    return not any(name.startswith("{") for name in names)


def _stated(element: ElementTree.Element, at_observation: str) -> _Fields:
    """Return the fields that one Series, Group or Obs states itself, generic or structure-specific."""
    if len(element) == 0 and _are_own(tuple(element.attrib)):
        return _Fields(element.attrib)
    fields = {name: text for name, text in element.attrib.items() if _are_own((name,))}
    attributes: dict[str, str] = {}
    for child in element:
        name = _local(child.tag)
        if name == "ObsDimension":
            fields[child.get("id") or at_observation] = child.get("value", "")
        elif name == "ObsValue":
            fields[VALUE] = child.get("value", "")
        elif name == "Time":
            fields[TIME] = child.text or ""
        elif name in ("SeriesKey", "ObsKey", "GroupKey"):
            fields |= _generic_values(child)
        elif name == "Attributes":
            attributes |= _generic_values(child)
    return _Fields(fields | attributes, frozenset(attributes))


class _Groups:
    """The groups of a data set: the attributes of each under its keys."""

    def __init__(self, elements: Sequence[ElementTree.Element], known: frozenset[str]) -> None:
        """`known`: the ids that some series or observation states; what else a group states are attributes."""
        self._by_keys: dict[tuple[str, ...], dict[tuple[str, ...], dict[str, str]]] = {}
        self.keyed_by: frozenset[str] = frozenset()
        for element in elements:
            stated = _stated(element, TIME)
            keys = _generic_values(_child(element, "GroupKey")) or {
                name: code
                for name, code in stated.of.items()
                if name in known and name not in _ATTRIBUTES and name not in stated.attributes
            }
            # Without a key nothing says what a group is of.
            if keys:
                attributes = {n: text for n, text in stated.of.items() if n not in keys and n != "type"}
                names = tuple(sorted(keys))
                found = self._by_keys.setdefault(names, {}).setdefault(tuple(keys[n] for n in names), {})
                found |= attributes
                self.keyed_by |= keys.keys()

    def of(self, fields: Mapping[str, str]) -> _Fields:
        """Return the attributes of the groups that an observation belongs to."""
        found: dict[str, str] = {}
        for names, groups in self._by_keys.items():
            found |= groups.get(tuple(fields.get(name, "") for name in names), {})
        return _Fields(found, frozenset(found))


@dataclass(frozen=True)
class _Run:
    """Observations one after another that state the same ids and share all else.

    `rows`: the codes of each, in the order of `names`.
    """

    series: _Fields
    shared: _Fields
    names: tuple[str, ...]
    attributes: frozenset[str]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def goes_on(self, series: _Fields, stated: _Fields, keyed_by: frozenset[str]) -> bool:
        """Say whether another observation belongs to the run; a group may part any two that state one of its keys."""
        return (
            series is self.series
            and tuple(stated.of) == self.names
            and stated.attributes == self.attributes
            and keyed_by.isdisjoint(self.names)
        )


@lru_cache(maxsize=1024)
def _attributes_in_series(
    names: tuple[str, ...], called: frozenset[str], at_observation: str
) -> frozenset[str]:
    """Return the attributes among what an observation in a series states: all but its value and its one dimension.

    Where it does not state that dimension, only those that the message calls so.
    """
    return called if at_observation not in names else called | frozenset(names) - {at_observation, VALUE}


def _runs(element: ElementTree.Element, at_observation: str) -> Iterator[_Run]:
    attributes = _generic_values(_child(element, "Attributes"))
    own = _Fields(
        {name: text for name, text in element.attrib.items() if name in _ATTRIBUTES} | attributes,
        frozenset(attributes),
    )
    # A group may stand after the series that it is of.
    named = [(_local(child.tag), child) for child in element]
    known = (
        frozenset(
            key
            for name, child in named
            if name in ("Series", "Obs")
            for part in (child, *child)
            for key in part.attrib
        )
        if any(name == "Group" for name, _ in named)
        else frozenset()
    )
    groups = _Groups([child for name, child in named if name == "Group"], known)
    alone = _Fields({})
    run: _Run | None = None
    for name, child in named:
        if name == "Series":
            series = _stated(child, at_observation)
            observations = [part for part in child if _local(part.tag) == "Obs"]
        elif name == "Obs":
            series, observations = alone, [child]
        else:
            continue
        for observation in observations:
            stated = _stated(observation, at_observation)
            if name == "Series":
                called = _attributes_in_series(tuple(stated.of), stated.attributes, at_observation)
                stated = _Fields(stated.of, called)
            if run is None or not run.goes_on(series, stated, groups.keyed_by):
                if run is not None:
                    yield run
                shared = series.under(groups.of(stated.under(series).of).under(own))
                run = _Run(series, shared, tuple(stated.of), stated.attributes)
            run.rows.append(tuple(stated.of.values()))
    if run is not None:
        yield run


class _Column(Generic[H]):
    """A column that grows run by run."""

    def __init__(self, n_before: int = 0) -> None:
        self._found: dict[H | None, int] = {None: 0}
        self._places = array("i", bytes(4 * n_before))

    def __len__(self) -> int:
        return len(self._places)

    def add(self, items: Iterable[H | None]) -> None:
        found = self._found
        self._places.extend([found.setdefault(item, len(found)) for item in items])

    def add_one(self, item: H | None, times: int) -> None:
        self._places.extend([self._found.setdefault(item, len(self._found))] * times)

    def repeated(self) -> Repeated[H | None]:
        return Repeated(list(self._found), np.frombuffer(self._places, np.int32))


class _Table:
    """The cells of a message by column."""

    def __init__(self) -> None:
        self._labels: list[_Column[tuple[str, str]]] = []
        self._attributes: list[_Column[tuple[str, str]]] = []
        self._units: _Column[str] = _Column()
        self._periods: _Column[str] = _Column()
        self._values: list[str] = []

    def __len__(self) -> int:
        return len(self._values)

    def add(self, run: _Run) -> None:
        """Add the observations of a run."""
        before, times = len(self), len(run.rows)
        stated = dict(zip(run.names, zip(*run.rows, strict=True), strict=True))
        names = list({**run.shared.of, **stated})
        attribute_ids = run.shared.attributes | run.attributes
        attributes = [name for name in names if name in _ATTRIBUTES or name in attribute_ids]
        dimensions = [name for name in names if name not in attributes and name != VALUE]
        # The period comes last, as SDMX orders a series.
        ordered = [name for name in dimensions if name != TIME] + [TIME] * (TIME in dimensions)

        def codes(name: str) -> Sequence[str | None]:
            return stated[name] if name in stated else [run.shared.of.get(name)] * times

        def add_pairs(columns: list[_Column[tuple[str, str]]], of: Mapping[str, str]) -> None:
            columns += [_Column(before) for _ in range(len(of) - len(columns))]
            for column, (name, called) in zip(columns, of.items(), strict=False):
                if name in stated:
                    column.add((called, code) for code in stated[name])
                else:
                    column.add_one((called, run.shared.of[name]), times)
            for column in columns[len(of) :]:
                column.add_one(None, times)

        add_pairs(self._labels, {name: name for name in ordered})
        add_pairs(
            self._attributes,
            {name: "status" if name == "OBS_STATUS" else name.lower() for name in attributes},
        )
        if any(unit in stated for unit in _UNITS):
            both = zip(*(codes(unit) for unit in _UNITS), strict=True)
            self._units.add(next((code for code in row if code), None) for row in both)
        else:
            self._units.add_one(next((code for u in _UNITS if (code := run.shared.of.get(u))), None), times)
        self._periods.add(codes(TIME))
        power = next((name for name in _POWERS if name in names), _POWERS[0])
        self._values += map(_marked, codes(VALUE), codes(power), codes("OBS_STATUS"))

    def cells(self, title: str) -> CellTable:
        return CellTable(
            titles=constant(title, len(self)),
            refs=pl.int_range(len(self), eager=True).cast(pl.String),
            labels=[
                changed(column.repeated(), lambda pair: pair and Label(pair[0], pair[1], pair[1]))
                for column in self._labels
            ],
            figures=read_figures(pl.Series(self._values, dtype=pl.String), "point", _read_marked),
            units=self._units.repeated(),
            periods=self._periods.repeated(),
            attributes=[
                changed(column.repeated(), lambda pair: pair if pair and pair[1] else None)
                for column in self._attributes
            ],
        )


_MARK = "\0"


def _marked(text: str | None, power: str | None, status: str | None) -> str:
    """Return a value as one text with what else decides how it reads; XML knows no NUL."""
    if text and text[-1].isdigit() and (not power or _power(power) == 0) and status not in _ABSENT:
        return text
    return _MARK.join(("", power or "", status or "", "-" if text is None else "+" + text))


def _read_marked(marked: str) -> PrintedNumber:
    if not marked.startswith(_MARK):
        return _printed(marked, {})
    _, power, status, text = marked.split(_MARK)
    return _printed(None if text == "-" else text[1:], {_POWERS[0]: power, "OBS_STATUS": status})


def _root(data: bytes) -> ElementTree.Element:
    if is_html(data):
        raise ReadingError(
            "the whole file", "the answer is a web page (HTML), not SDMX", "open the address in a browser to see why"
        )  # fmt: skip
    encoding = None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # As UTF-8, so that what is forbidden is seen and no half letter is stripped.
        data, encoding = data.decode("utf-16", errors="replace").encode(), "utf-8"
    data = data.rstrip(b"\0 \t\r\n")
    if _FORBIDDEN.search(data) or b"\0" in data:
        raise ReadingError(
            "the whole file",
            "the file declares entities; such files are not opened",
            "check where it comes from",
        )
    try:
        root = ElementTree.parse(BytesIO(data), ElementTree.XMLParser(encoding=encoding)).getroot()
    except ElementTree.ParseError as error:
        raise ReadingError(
            f"line {error.position[0]}", f"the XML breaks off or is broken ({error})", "fetch the file again"
        ) from error
    if not any(_local(child.tag) == "DataSet" for child in root):
        found = next(
            (_local(e.tag) for e in root.iter() if _local(e.tag) in ("ErrorMessage", "Structures")), None
        )
        what = {"ErrorMessage": "an error message", "Structures": "a structure message"}.get(
            found or "", "no data"
        )
        raise ReadingError(
            "the whole file", f"the file is {what}, it holds no data set", "ask for an SDMX-ML 2.1 data message"
        )  # fmt: skip
    return root


def _structures(root: ElementTree.Element) -> tuple[str, str]:
    """Return the id of the data structure and the dimension at the observation."""
    header = _child(root, "Header")
    structure = None if header is None else _child(header, "Structure")
    if structure is None:
        return "", TIME
    at_observation = structure.get("dimensionAtObservation") or TIME
    reference = next((e for e in structure.iter() if _local(e.tag) == "Ref"), None)
    name = reference.get("id", "") if reference is not None else structure.get("structureID", "")
    return name, at_observation


def read(data: bytes, options: SdmxReading) -> AdapterResult:
    """Read an SDMX-ML data message into cells, one per observation, in the order of the file. Raises ReadingError."""
    root = _root(data)
    title, at_observation = _structures(root)
    table = _Table()
    skipped = []
    for number, element in enumerate((e for e in root if _local(e.tag) == "DataSet"), 1):
        before = len(table)
        for run in _runs(element, at_observation):
            table.add(run)
            if len(table) > MOST_CELLS:
                raise ReadingError("DataSet", f"more than {MOST_CELLS} observations", "narrow the query")
        if len(table) == before:
            skipped.append(Skipped(f"data set {number}", "it holds no observation"))
    return AdapterResult(table.cells(title), skipped)
