"""SDMX-ML 2.1 data messages, generic and structure-specific, with the observation dimension in series or flat.

Dimensions and attributes keep their ids and codes: without the structure message nothing tells the two apart in
a structure-specific series, so the well-known attribute ids are attributes and every other id is a dimension.
`UNIT_MULT` is applied to the number (the text stays as printed); `OBS_STATUS` says why a value is not there.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from io import BytesIO
from xml.etree import ElementTree

from sources.adapters.json_stat import MOST_CELLS
from sources.cells import AdapterResult, Cell, Label, ReadingError, Skipped
from sources.content import is_html
from sources.record import SdmxReading
from sources.text.numbers import PrintedNumber, read_printed_number

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


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        # Some publishers print thousands apart even here: "8 339.9".
        return read_printed_number(text, "point").decimal
    return value if value.is_finite() else None


def _printed(text: str | None, fields: Mapping[str, str]) -> PrintedNumber:
    status = fields.get("OBS_STATUS")
    flags: tuple[str, ...] = ()
    if text is not None and text.strip() and text.strip().casefold() != "nan":
        value = _number(text)
        if value is None:
            return read_printed_number(text, "point")
        power = fields.get("UNIT_MULT", "0")
        if power.removeprefix("-").isdigit() and int(power):
            value, flags = value.scaleb(int(power)), ("unit_mult_applied",)
        return PrintedNumber(text, value, None, flags)
    code = _ABSENT.get(status or "", "not_available" if text and text.strip() else "blank")
    return PrintedNumber(text or "", None, code)


def _cell(title: str, index: int, fields: Mapping[str, str]) -> Cell:
    dimensions = [name for name in fields if name not in _ATTRIBUTES and name != VALUE]
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
            for name in fields
            if name in _ATTRIBUTES and fields[name]
        ),
    )


def _generic_values(element: ElementTree.Element | None) -> dict[str, str]:
    if element is None:
        return {}
    return {value.get("id", ""): value.get("value", "") for value in element}


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((child for child in element if _local(child.tag) == name), None)


def _observation(
    element: ElementTree.Element, shared: Mapping[str, str], at_observation: str
) -> dict[str, str]:
    """Return the fields of one Obs, generic or structure-specific."""
    fields = {**shared, **{_local(name): text for name, text in element.attrib.items()}}
    for child in element:
        name = _local(child.tag)
        if name == "ObsDimension":
            fields[child.get("id") or at_observation] = child.get("value", "")
        elif name == "ObsValue":
            fields[VALUE] = child.get("value", "")
        elif name in ("ObsKey", "Attributes"):
            fields |= _generic_values(child)
    return fields


def _series_fields(element: ElementTree.Element) -> dict[str, str]:
    fields = {_local(name): text for name, text in element.attrib.items()}
    return (
        fields
        | _generic_values(_child(element, "SeriesKey"))
        | _generic_values(_child(element, "Attributes"))
    )


def _data_set(element: ElementTree.Element, at_observation: str) -> Iterator[dict[str, str]]:
    own = {
        _local(name): text
        for name, text in element.attrib.items()
        if _local(name) in _ATTRIBUTES and not name.startswith("{")
    }
    own |= _generic_values(_child(element, "Attributes"))
    groups: list[dict[str, str]] = []
    for child in element:
        name = _local(child.tag)
        if name == "Group":
            fields = _generic_values(_child(child, "GroupKey")) | _generic_values(_child(child, "Attributes"))
            plain = {_local(key): text for key, text in child.attrib.items() if not key.startswith("{")}
            groups.append({**fields, **{key: text for key, text in plain.items() if key != "type"}})
        elif name == "Series":
            series = _series_fields(child)
            shared = {**own, **_of_groups(series, groups), **series}
            for observation in child:
                if _local(observation.tag) == "Obs":
                    yield _observation(observation, shared, at_observation)
        elif name == "Obs":
            yield _observation(child, own, at_observation)


def _of_groups(series: Mapping[str, str], groups: list[dict[str, str]]) -> dict[str, str]:
    """Return the attributes of the groups that the series belongs to."""
    found: dict[str, str] = {}
    for group in groups:
        keys = {name: code for name, code in group.items() if name not in _ATTRIBUTES}
        if all(series.get(name) == code for name, code in keys.items()):
            found |= {name: text for name, text in group.items() if name in _ATTRIBUTES}
    return found


def _root(data: bytes) -> ElementTree.Element:
    if is_html(data):
        raise ReadingError(
            "the whole file", "the answer is a web page (HTML), not SDMX", "open the address in a browser to see why"
        )  # fmt: skip
    if _FORBIDDEN.search(data):
        raise ReadingError(
            "the whole file",
            "the file declares entities; such files are not opened",
            "check where it comes from",
        )
    try:
        root = ElementTree.parse(BytesIO(data.rstrip(b"\0 \t\r\n"))).getroot()
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
