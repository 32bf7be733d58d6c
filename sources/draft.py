"""A source record drafted from what a table says of itself.

What the table states is filled in: its address, reading section, dimensions, labels, the areas and units that our
seeds know by their printed names. What a person must decide stays empty on a line with DECIDE, and the empty value is
refused until it is filled: nothing is invented to make the draft pass.
"""

import csv
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, product
from pathlib import Path, PurePosixPath
from typing import Any, get_args
from urllib.parse import unquote, urlsplit

from sources.cells import AdapterResult, Cell, ReadingError
from sources.detect import detect
from sources.reading import ADAPTERS, AnyReading
from sources.reading_process import ReadingLimits, facts_in_process
from sources.record import (
    Form,
    Origin,
    PdfTable,
    PdfTableReading,
    PublisherKind,
    SourceRecord,
    WorkbookReading,
)
from sources.text.labels import label_key, tidy_text
from sources.text.periods import PeriodFormat, parse_label
from sources.text.units import unit_aliases, unit_in_brackets, unit_key
from sources.view import section_for, view

_MOST_SERIES = 40
_PERIOD_FORMATS: tuple[PeriodFormat, ...] = ("year", "period_id", "vietnamese", "time_code")
_PERIOD_SHARE = 0.8
_WORKBOOKS = frozenset(("xlsx", "xls", "ods"))
# A region keeps its name when the provinces in it change, so its name alone does not tell which region is meant.
_NAMED_ONCE = frozenset(("country", "province"))
_AREA_WORDS = re.compile(r"^(?:tinh|thanh pho|tp\.?|province of)\s+|\s+(?:province|city)$|\s*\(.*\)$")
_YEAR = re.compile(r"(?:19|20)\d{2}")


@dataclass(frozen=True)
class Dimension:
    """A dimension of a table with its labels as printed, in their order."""

    name: str
    labels: list[str]
    is_time: bool = False


@dataclass(frozen=True)
class TableFacts:
    """What a table says of itself. `rows`: the labels of each cell, by dimension, and the unit printed for it.

    A description without figures has no rows; then every combination of labels is a cell.
    """

    title: str
    dimensions: list[Dimension]
    reading: dict[str, Any]
    rows: Sequence[tuple[Mapping[str, str], str | None]] = ()


def _folded(text: str) -> str:
    """Return a name without accents and words for its kind: publishers in English print "Cao Bang"."""
    plain = unicodedata.normalize("NFD", label_key(text).replace("đ", "d"))
    return _AREA_WORDS.sub(
        "", "".join(letter for letter in plain if not unicodedata.combining(letter))
    ).strip()


def _seed(seeds_dir: Path, name: str) -> list[dict[str, str]]:
    with (seeds_dir / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def known_areas(seeds_dir: Path) -> dict[str, str]:
    """Return folded name -> area, for the country and provinces whose name stands for one area only."""
    found: dict[str, set[str]] = {}
    for row in _seed(seeds_dir, "area.csv"):
        if row["level"] in _NAMED_ONCE:
            for name in (row["name_vi"], row["name_en"], row["area_id"]):
                found.setdefault(_folded(name), set()).add(row["area_id"])
    return {name: areas.pop() for name, areas in found.items() if len(areas) == 1 and name}


# --- what a table says of itself -------------------------------------------------------------------


def _dimensions(cells: Sequence[Cell]) -> list[Dimension]:
    """Return the dimensions of cells with their labels; of time is one whose labels are the cells' period texts."""
    labels: dict[str, dict[str, None]] = {}
    times: set[str] = set()
    for cell in cells:
        for label in cell.labels:
            labels.setdefault(tidy_text(label.dimension), {})[tidy_text(label.label)] = None
            if cell.period_text is not None and tidy_text(cell.period_text) == tidy_text(label.label):
                times.add(tidy_text(label.dimension))
    return [Dimension(name, list(values), name in times) for name, values in labels.items()]


def _rows(cells: Iterable[Cell]) -> list[tuple[Mapping[str, str], str | None]]:
    return [
        ({tidy_text(label.dimension): tidy_text(label.label) for label in cell.labels}, cell.unit_text)
        for cell in cells
    ]


def _chosen(cells: Sequence[Cell], table: str | None, place: str) -> tuple[str, Sequence[Cell]]:
    """Return title and cells of the table wanted. Raises ReadingError where a file holds several and none is named."""
    titles = list(dict.fromkeys(tidy_text(cell.table_title) for cell in cells))
    wanted = titles if table is None else [title for title in titles if label_key(table) in label_key(title)]
    if len(wanted) != 1:
        shown = "; ".join(f"'{title[:80]}'" for title in (wanted or titles)[:12])
        said = "none named" if table is None else f"{len(wanted)} of them with the words '{table}'"
        raise ReadingError(
            place, f"the file holds {len(titles)} tables, {said}: {shown}",
            "name one with --table, by words of its title",
        )  # fmt: skip
    return wanted[0], [cell for cell in cells if tidy_text(cell.table_title) == wanted[0]]


def _title_pattern(title: str) -> str:
    """Return a pattern for the title of a workbook's table that another issue, with another year, matches too."""
    return _YEAR.sub(r"\\d{4}", re.escape(label_key(title)).replace(r"\ ", " ")).replace("\\\\d", "\\d")


def _workbook_table(title: str, cells: Sequence[Cell]) -> dict[str, str]:
    """Return how to find a table again: by its title, or by its sheet where it has no other name."""
    sheet = cells[0].cell_ref.rpartition("!")[0]
    if tidy_text(sheet) == title:
        return {"sheet": f"^{_title_pattern(sheet)}$"}
    return {"title": _title_pattern(title)}


def facts_of_file(data: bytes, name: str, table: str | None = None) -> TableFacts:
    """Return what a table in a file says of itself. Raises ReadingError."""
    format_name = detect(data, name)
    if format_name == "zip":
        raise ReadingError("the whole file", "this is an archive", "unpack it and give the file inside")
    reading: AnyReading
    if format_name == "pdf":
        title, cells = _chosen(view(data, name, format_name).result.cells, table, name)
        reading = PdfTableReading(adapter="pdf_table", tables=[PdfTable(title=_title_pattern(title))])
        cells = _as_read(reading, data).cells
    elif format_name in _WORKBOOKS:
        title, cells = _chosen(view(data, name, format_name).result.cells, table, name)
        reading = WorkbookReading.model_validate(
            {"adapter": "workbook", "tables": [_workbook_table(title, cells)]}
        )
        cells = _as_read(reading, data).cells
    else:
        reading = section_for(format_name, data)
        title, cells = _chosen(_as_read(reading, data).cells, table, name)
    section = reading.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    dataset = cells[0].cell_ref.rpartition(":")[0]
    if reading.adapter == "json_stat" and dataset:
        section["dataset"] = dataset
    return TableFacts(title, _dimensions(cells), section, _rows(cells))


def facts_confined(
    data: bytes, name: str, table: str | None = None, limits: ReadingLimits | None = None
) -> TableFacts:
    """Return what a table in a file says of itself, workbooks and PDFs read in a child. Raises ReadingError.

    `limits` are those of the child; without them, the usual ones.
    """
    if detect(data, name) not in (*_WORKBOOKS, "pdf"):
        return facts_of_file(data, name, table)
    told = facts_in_process(data, name, table, limits or ReadingLimits())
    dimensions = [Dimension(**dimension) for dimension in told["dimensions"]]
    rows = [(labels, unit) for labels, unit in told["rows"]]
    return TableFacts(told["title"], dimensions, told["reading"], rows)


def _as_read(reading: AnyReading, data: bytes) -> AdapterResult:
    _, read = ADAPTERS[reading.adapter]
    return read(data, reading)


# --- the draft -------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _period_dimension(dimensions: Sequence[Dimension]) -> tuple[Dimension, PeriodFormat] | None:
    """Return the dimension of periods and the format that reads most of its labels."""
    best: tuple[float, bool, Dimension, PeriodFormat] | None = None
    for dimension in dimensions:
        for format_name in _PERIOD_FORMATS:
            read = sum(parse_label(label, format_name) is not None for label in dimension.labels)
            share = read / len(dimension.labels)
            if share >= _PERIOD_SHARE and (best is None or (share, dimension.is_time) > best[:2]):
                best = (share, dimension.is_time, dimension, format_name)
    return None if best is None else best[2:]


@dataclass(frozen=True)
class _Areas:
    dimension: Dimension
    labels: dict[str, str]


def _area_dimension(dimensions: Sequence[Dimension], areas: Mapping[str, str]) -> _Areas | None:
    """Return the dimension with the most labels that name an area of ours."""
    found = [
        _Areas(
            dimension, {label: areas[_folded(label)] for label in dimension.labels if _folded(label) in areas}
        )
        for dimension in dimensions
    ]
    best = max(found, key=lambda part: len(part.labels), default=None)
    return best if best is not None and best.labels else None


def _header(source_id: str, origin: str, title: str) -> list[str]:
    is_vietnamese = any("ạ" <= letter <= "ỹ" or letter in "ăâđêôơưĂÂĐÊÔƠƯ" for letter in tidy_text(title))
    printed = _quoted(title) if title else ""
    vi, en = (printed, "") if is_vietnamese else ("", printed)
    return [
        f"# Drafted by `ppw source new` from {origin}: what the table says of itself is filled in.",
        "# A person decides each line with DECIDE; `ppw source test` on this file then shows what is read and claimed.",
        f"source_id: {source_id}",
        "title:",
        f"  vi: {vi}" + ("" if vi else "  # DECIDE: the title in Vietnamese"),
        f"  en: {en}" + ("" if en else "  # DECIDE: the title in English"),
        "publisher:",
        "  vi:  # DECIDE: who published the figures, in Vietnamese",
        "  en:  # DECIDE: the same in English",
        f"publisher_kind:  # DECIDE: one of {', '.join(get_args(PublisherKind))}",
        "rank:  # DECIDE: 1 to 100; where two sources give one figure the higher rank wins (statistics office: 90)",
        f"origin:  # DECIDE: one of {', '.join(get_args(Origin))}",
        "licence:  # DECIDE: under which terms the figures may be used",
        "access: internal  # or public (everybody) or restricted (only those who work on the figures)",
        "cadence:  # DECIDE: one of annual, monthly, irregular",
        "calendar:  # DECIDE: rules (when issues are due), or none_known or nothing_due with the reason (vi, en)",
        "topic:  # DECIDE: one word, such as population",
    ]


def _yaml_value(value: Any, indent: int) -> list[str]:
    """Return a reading section or fetch section as YAML, one key per line, texts in double quotes."""
    pad = " " * indent
    lines = []
    for key, item in value.items():
        if isinstance(item, list) and item and isinstance(item[0], Mapping):
            lines.append(f"{pad}{key}:")
            lines += [f"{pad}  - {json.dumps(part, ensure_ascii=False)}" for part in item]
        elif isinstance(item, str) and re.fullmatch(r"[a-z][a-z0-9_-]*", item):
            lines.append(f"{pad}{key}: {item}")
        else:
            lines.append(f"{pad}{key}: {json.dumps(item, ensure_ascii=False)}")
    return lines


def _combinations(
    others: Sequence[Dimension], facts: TableFacts
) -> tuple[dict[tuple[str, ...], str | None], int]:
    """Return the first combinations of labels with the unit printed for each, and how many there are."""
    if not facts.rows:
        first = islice(product(*(dimension.labels for dimension in others)), _MOST_SERIES)
        return dict.fromkeys(first), math.prod(len(dimension.labels) for dimension in others)
    found: dict[tuple[str, ...], str | None] = {}
    for labels, unit in facts.rows:
        if all(dimension.name in labels for dimension in others):
            key = tuple(labels[dimension.name] for dimension in others)
            found[key] = found.get(key) or unit
    return dict(islice(found.items(), _MOST_SERIES)), len(found)


def _series(others: Sequence[Dimension], facts: TableFacts, units: Mapping[str, str], pad: str) -> list[str]:
    combinations, n_combinations = _combinations(others, facts)
    lines = [f"{pad}series:"]
    if not others:
        # A series needs a condition: where the table is one series, that is its area or period dimension.
        combinations, n_combinations = {}, 0
        lines += [
            f"{pad}  - where:  # DECIDE: a dimension and the label that all figures of this series have",
            f"{pad}    indicator:  # DECIDE: a code of indicator.csv",
            f"{pad}    unit:  # DECIDE: a unit of unit.csv",
            f"{pad}    form:  # DECIDE: one of {', '.join(get_args(Form))}",
            f"{pad}    breakdown: _T",
        ]
    for labels, unit_text in combinations.items():
        printed = unit_text or next((unit for label in labels if (unit := unit_in_brackets(label))), None)
        unit = units.get(unit_key(printed)) if printed else None
        pairs = [(d.name, label) for d, label in zip(others, labels, strict=True) if label]
        where = ", ".join(f"{_quoted(name)}: {_quoted(label)}" for name, label in pairs)
        said = f"printed as {_quoted(printed)}" if printed else "the table prints none"
        lines += [
            f"{pad}  - where: {{{where}}}",
            f"{pad}    indicator:  # DECIDE: a code of indicator.csv, or remove this series",
            f"{pad}    unit: {unit}" if unit else f"{pad}    unit:  # DECIDE: a unit of unit.csv; {said}",
            f"{pad}    form:  # DECIDE: one of {', '.join(get_args(Form))}",
            f"{pad}    breakdown: _T" + ("" if len(others) < 2 else "  # the total, or a code of its own"),
        ]
    if n_combinations > len(combinations):
        rest = n_combinations - len(combinations)
        lines.append(
            f"{pad}  # and {rest} combinations more; `ppw source test` lists the cells that none claims"
        )
    return lines


def _mapping(facts: TableFacts, seeds_dir: Path, indent: int) -> list[str]:
    pad = " " * indent
    inner = pad + "  "
    period = _period_dimension(facts.dimensions)
    times = [period[0]] if period else [dimension for dimension in facts.dimensions if dimension.is_time][:1]
    rest = [dimension for dimension in facts.dimensions if dimension not in times]
    area = _area_dimension(rest, known_areas(seeds_dir))
    others = [dimension for dimension in rest if area is None or dimension is not area.dimension]
    units = {alias.alias_key: alias.unit for alias in unit_aliases(_seed(seeds_dir, "unit.csv"))}
    lines = [f"{pad}mapping:", f"{inner}area:"]
    if area is None:
        names = "; ".join(f"{d.name}: {', '.join(d.labels[:3])} ..." for d in others[:4])
        lines.append(
            f"{inner}  constant:  # DECIDE: the area of all figures, or 'dimension' and 'labels' ({names})"
        )
    else:
        lines += [f"{inner}  dimension: {_quoted(area.dimension.name)}", f"{inner}  labels:"]
        lines += [f"{inner}    {_quoted(label)}: {area_id}" for label, area_id in area.labels.items()]
    if period is None and times:
        formats = f"no format known here reads {_quoted(times[0].labels[0])}"
        lines += [f"{inner}period:", f"{inner}  dimension: {_quoted(times[0].name)}"]
        lines += [f"{inner}  format:  # DECIDE: {formats}"]
    elif period is None:
        lines += [f"{inner}period:", f"{inner}  constant:  # DECIDE: the period of all figures, such as 2024"]
    else:
        dimension, format_name = period
        lines.append(f"{inner}period: {{dimension: {_quoted(dimension.name)}, format: {format_name}}}")
    # A dimension with one label tells figures apart no more than the title does, but a series needs a condition.
    telling = [dimension for dimension in others if len(dimension.labels) > 1] or others[:1]
    lines += _series(telling, facts, units, inner)
    if area is not None and len(area.labels) < len(area.dimension.labels):
        kept = ", ".join(_quoted(label) for label in area.labels)
        lines += [
            f"{inner}ignore:",
            f"{inner}  - dimension: {_quoted(area.dimension.name)}",
            f"{inner}    except: [{kept}]",
            f'{inner}    reason: "other areas"',
        ]
    return lines


def draft_of_file(source_id: str, file: Path, seeds_dir: Path, today: date, table: str | None = None) -> str:
    """Return the draft of a record whose snapshot is a file. Raises ReadingError."""
    facts = facts_confined(file.read_bytes(), file.name, table)
    shipped = f"{source_id}{file.suffix.lower()}"
    lines = [
        *_header(source_id, file.name, facts.title),
        "routes:",
        "  recorded:",
        "    documents:",
        "      - document: issue_1",
        f"        file: {shipped}  # copy {file.name} to sources/recorded/ under this name",
        f"        vintage_at: {today.isoformat()}  # the day on which the file reached us",
        "        published_at_basis: not_stated  # or 'printed' or 'inferred', with published_at",
        "    reading:",
        *_yaml_value(facts.reading, 6),
        *_mapping(facts, seeds_dir, 4),
    ]
    return "\n".join(lines) + "\n"


def draft_of_address(
    source_id: str, address: str, fetch: Mapping[str, Any], facts: TableFacts, seeds_dir: Path
) -> str:
    """Return the draft of a record whose figures are pulled from an address."""
    lines = [
        *_header(source_id, address, facts.title),
        "routes:",
        "  live:",
        "    fetch:",
        *_yaml_value(fetch, 6),
        "    reading:",
        *_yaml_value(facts.reading, 6),
        *_mapping(facts, seeds_dir, 4),
    ]
    return "\n".join(lines) + "\n"


def id_from(name: str) -> str:
    """Return a source id made of a file's name or an address: small letters, digits, underscores."""
    path = unquote(urlsplit(name).path) if "://" in name else name
    stem = PurePosixPath(path).stem or "source"
    plain = re.sub(r"[^a-z0-9]+", "_", _folded(stem)).strip("_")
    return plain if plain[:1].isalpha() else f"source_{plain}".rstrip("_")


def is_source_id(text: str) -> bool:
    """Say whether a text can be a source_id."""
    constraint = SourceRecord.model_fields["source_id"].metadata[0]
    return re.fullmatch(constraint.pattern, text) is not None
