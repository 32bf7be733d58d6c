"""SDMX-ML 2.1 data messages, generic and structure-specific, with the observation dimension in series or flat.

Dimensions and attributes keep their ids and codes: without the structure message nothing tells the two apart in
a structure-specific series, so the well-known attribute ids are attributes and every other id is a dimension; of a
group, what no series or observation states is an attribute too. A generic message calls its attributes so.
`UNIT_MULT` is applied to the number (the text stays as printed); what is no power of ten leaves it unread.
`OBS_STATUS` says why a value is not there.
"""

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from xml.etree import ElementTree

from sources.adapters.json_stat import MOST_CELLS
from sources.cells import AdapterResult, Cell, Label, ReadingError, Skipped
from sources.content import is_html
from sources.record import SdmxReading
from sources.text.numbers import UNREADABLE, PrintedNumber, decimal_of_literal, read_printed_number

VERSION = "1"

TIME = "TIME_PERIOD"
VALUE = "OBS_VALUE"
_UNITS = ("UNIT_MEASURE", "UNIT")
# Ids that the common concept scheme and the data structures in use make attributes.
_ATTRIBUTES = frozenset(
    (
        "UNIT_MULT", "UNIT_MEASURE", "UNIT", "DECIMALS", "OBS_STATUS", "OBS_CONF", "CONF_STATUS", "OBS_PRE_BREAK",
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
    "Q": "suppressed",
}
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_WHOLE_NUMBER = re.compile(r"[-+]?\d{1,9}(?:\.0*)?", re.ASCII)
_LARGEST_POWER = 15


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


@dataclass(frozen=True)
class _Fields:
    """What an observation, series or group states: id -> code, and which of the ids the message calls attributes."""

    of: Mapping[str, str]
    attributes: frozenset[str] = frozenset()

    def under(self, shared: "_Fields") -> "_Fields":
        """Return these fields over those that hold for more than this."""
        return _Fields({**shared.of, **self.of}, shared.attributes | self.attributes)


def _number(text: str) -> Decimal | None:
    value = decimal_of_literal(text.strip())
    # Some publishers print thousands apart even here: "8 339.9".
    return read_printed_number(text, "point").decimal if value is None else value


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
            return read_printed_number(text, "point")
        power = _power(fields.get("UNIT_MULT", ""))
        if power is None:
            return PrintedNumber(text, None, UNREADABLE, ("unit_mult_unclear",))
        if power:
            return PrintedNumber(text, value.scaleb(power), None, ("unit_mult_applied",))
        return PrintedNumber(text, value, None)
    code = _ABSENT.get(fields.get("OBS_STATUS", ""), "not_available" if text and text.strip() else "blank")
    return PrintedNumber(text or "", None, code)


def _cell(title: str, index: int, observation: _Fields) -> Cell:
    fields = observation.of
    attributes = [name for name in fields if name in _ATTRIBUTES or name in observation.attributes]
    dimensions = [name for name in fields if name not in attributes and name != VALUE]
    # The period comes last, as SDMX orders a series.
    ordered = [name for name in dimensions if name != TIME] + [name for name in dimensions if name == TIME]
    return Cell(
        table_title=title,
        cell_ref=str(index),
        labels=tuple(Label(name, fields[name], fields[name]) for name in ordered),
        value=_printed(fields.get(VALUE), fields),
        unit_text=next((fields[name] for name in _UNITS if fields.get(name)), None),
        period_text=fields.get(TIME),
        attributes=tuple(
            ("status" if name == "OBS_STATUS" else name.lower(), fields[name])
            for name in attributes
            if fields[name]
        ),
    )


def _generic_values(element: ElementTree.Element | None) -> dict[str, str]:
    if element is None:
        return {}
    return {value.get("id", ""): value.get("value", "") for value in element}


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((child for child in element if _local(child.tag) == name), None)


def _stated(element: ElementTree.Element, at_observation: str) -> _Fields:
    """Return the fields that one Series, Group or Obs states itself, generic or structure-specific."""
    # Names in a namespace (xsi:type) are XML's own.
    fields = {name: text for name, text in element.attrib.items() if not name.startswith("{")}
    attributes: dict[str, str] = {}
    for child in element:
        name = _local(child.tag)
        if name == "ObsDimension":
            fields[child.get("id") or at_observation] = child.get("value", "")
        elif name == "ObsValue":
            fields[VALUE] = child.get("value", "")
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

    def of(self, fields: Mapping[str, str]) -> _Fields:
        """Return the attributes of the groups that an observation belongs to."""
        found: dict[str, str] = {}
        for names, groups in self._by_keys.items():
            found |= groups.get(tuple(fields.get(name, "") for name in names), {})
        return _Fields(found, frozenset(found))


def _data_set(element: ElementTree.Element, at_observation: str) -> Iterator[_Fields]:
    attributes = _generic_values(_child(element, "Attributes"))
    own = _Fields(
        {name: text for name, text in element.attrib.items() if name in _ATTRIBUTES} | attributes,
        frozenset(attributes),
    )
    # A group may stand after the series that it is of.
    named = [(_local(child.tag), child) for child in element]
    known = frozenset(
        key
        for name, child in named
        if name in ("Series", "Obs")
        for part in (child, *child)
        for key in part.attrib
    )
    groups = _Groups([child for name, child in named if name == "Group"], known)
    for name, child in named:
        if name == "Series":
            series = _stated(child, at_observation)
            observations = [part for part in child if _local(part.tag) == "Obs"]
        elif name == "Obs":
            series, observations = _Fields({}), [child]
        else:
            continue
        for observation in observations:
            stated = _stated(observation, at_observation).under(series)
            yield stated.under(groups.of(stated.of).under(own))


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
    cells: list[Cell] = []
    skipped = []
    for number, element in enumerate((e for e in root if _local(e.tag) == "DataSet"), 1):
        before = len(cells)
        for fields in _data_set(element, at_observation):
            cells.append(_cell(title, len(cells), fields))
            if len(cells) > MOST_CELLS:
                raise ReadingError("DataSet", f"more than {MOST_CELLS} observations", "narrow the query")
        if len(cells) == before:
            skipped.append(Skipped(f"data set {number}", "it holds no observation"))
    return AdapterResult(cells, skipped)
