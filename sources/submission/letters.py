"""Letters and scans keyed by two people: each sheet read, the two compared, what both say made a plain table."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sources.adapters.plain_table import COLUMNS as PLAIN_COLUMNS
from sources.record import SourceRecord
from sources.submission.catalogue import Indicator, split_series_code
from sources.submission.filled import Filled
from sources.submission.grid import FilledCell, FilledRow
from sources.submission.layout import ENTRY, ENTRY_COLUMNS, FIELDS, MATURITIES
from sources.submission.periods import period_name
from sources.submission.problems import CellProblem, in_order, problem, shown
from sources.submission.values import read_choice, read_day, read_number
from sources.text.labels import label_key, tidy_text
from sources.text.numbers import canonical_decimal
from sources.text.periods import PeriodError, parse_label, parse_period_id
from sources.text.units import unit_key

_MATURITY_NAMES = {code: name for name, code in MATURITIES.items()} | {"not_stated": "không ghi"}
_HEADERS = {column.key: column.header for column in ENTRY_COLUMNS}
_REQUIRED = ("page", "code", "period", "value", "unit")


def person_key(name: str) -> str:
    """Return what spellings of one name share: letters and digits without accents and case."""
    return "".join(letter for letter in _without_accents(name) if letter.isalnum())


def _without_accents(text: str) -> str:
    plain = tidy_text(text).casefold().replace("đ", "d")
    return "".join(
        letter for letter in unicodedata.normalize("NFD", plain) if not unicodedata.combining(letter)
    )


@dataclass(frozen=True)
class KeyedFigure:
    """A figure as one person keyed it."""

    row: FilledRow
    code: str
    period_id: str
    value: Decimal
    unit: str
    maturity: str
    page: str
    table: str
    note: str

    @property
    def key(self) -> tuple[str, str]:
        return self.code, self.period_id

    def said(self, column: str) -> str:
        """What stands in a column, in words that two people write alike."""
        match column:
            case "maturity":
                return _MATURITY_NAMES[self.maturity]
            case "value":
                return shown(self.value)
        return str(getattr(self, column))


@dataclass(frozen=True)
class Letter:
    """A letter as one person keyed it; with problems it is not compared."""

    person: str
    number: str
    day: date | None
    title: str
    figures: dict[tuple[str, str], KeyedFigure]
    fields: dict[str, FilledCell]
    problems: list[CellProblem]

    @property
    def document(self) -> str:
        """The name of the letter in the state database, the same for both people: number and day."""
        plain = _without_accents(self.number)
        words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
        return "_".join([*words, str(self.day)])


def read_letter(filled: Filled, indicators: Mapping[str, Indicator]) -> Letter:
    """Read one person's sheet."""
    fields = filled.fields.get(ENTRY, {})
    problems = list(filled.problems)
    texts = {}
    for key, label in FIELDS[ENTRY].items():
        cell = fields.get(key, FilledCell(ENTRY, "A1"))
        texts[key] = cell.text
        if cell.is_empty:
            problems.append(cell.problem("field_missing", column=label.rstrip(":")))
    day, wrong = read_day(fields["document_date"]) if "document_date" in fields else (None, None)
    problems += [] if wrong is None else [wrong]
    figures: dict[tuple[str, str], KeyedFigure] = {}
    for row in filled.rows.get(ENTRY, []):
        figure, found = _figure(row, indicators)
        problems += found
        if figure is not None and figure.key in figures:
            first = figures[figure.key].row.number
            problems.append(row["code"].problem("entry_repeated", row=first))
        elif figure is not None:
            figures[figure.key] = figure
    if not problems and not figures:
        problems.append(problem("nothing_filled"))
    return Letter(
        texts["person"], texts["document"], day, texts["title"], figures, fields, in_order(problems)
    )


def _period(text: str) -> str | None:
    label = parse_label(text, "vietnamese")
    if label is not None:
        return label.period_id
    try:
        return parse_period_id(text).period_id
    except PeriodError:
        return None


def _figure(
    row: FilledRow, indicators: Mapping[str, Indicator]
) -> tuple[KeyedFigure | None, list[CellProblem]]:
    problems = [
        row[key].problem("field_missing", column=_HEADERS[key]) for key in _REQUIRED if row[key].is_empty
    ]
    value, wrong = read_number(row["value"])
    problems += [] if wrong is None else [wrong]
    code = row["code"].text.upper()
    indicator = indicators.get(split_series_code(code)[0])
    if indicator is None:
        problems += [row["code"].problem("indicator_unknown")] if code else []
    elif row["unit"].text and unit_key(row["unit"].text) not in indicator.unit.alias_keys:
        problems.append(row["unit"].problem("unit_of_other", unit=indicator.unit.symbol_vi))
    period = _period(row["period"].text)
    if period is None and not row["period"].is_empty:
        problems.append(row["period"].problem("period_unreadable"))
    maturity = read_choice(row["maturity"], MATURITIES)
    if maturity is None and not row["maturity"].is_empty:
        problems.append(row["maturity"].problem("maturity_unknown"))
    if problems or value is None or period is None or indicator is None:
        return None, problems
    words = {key: row[key].text for key in ("page", "table", "note")}
    unit = indicator.unit.symbol_vi
    return KeyedFigure(row, code, period, value, unit, maturity or "not_stated", **words), []


_COMPARED = ("value", "unit", "maturity", "page", "table")


def compare(first: Letter, second: Letter) -> list[CellProblem]:
    """Return where the second sheet differs from the first, at the second's cells, naming both values."""
    return in_order([*_field_differences(first, second), *_figure_differences(first, second)])


def _field_differences(first: Letter, second: Letter) -> Iterator[CellProblem]:
    if label_key(first.title) != label_key(second.title):
        column = FIELDS[ENTRY]["title"].rstrip(":")
        words = {"column": column, "first": first.title, "second": second.title}
        yield second.fields["title"].problem("keyed_differently", **words)


def _figure_differences(first: Letter, second: Letter) -> Iterator[CellProblem]:
    for key, figure in second.figures.items():
        other = first.figures.get(key)
        words = {"key": figure.code, "period": period_name(figure.period_id)}
        if other is None:
            yield figure.row["code"].problem("keyed_once", **words, who="người nhập sau (tệp này)")
            continue
        for column in _COMPARED:
            before, after = other.said(column), figure.said(column)
            if label_key(before) != label_key(after):
                told = {"column": _HEADERS[column], "first": before, "second": after}
                yield figure.row[column].problem("keyed_differently", **told)
    for key, figure in first.figures.items():
        if key not in second.figures:
            words = {"key": figure.code, "period": period_name(figure.period_id)}
            yield problem("keyed_once", found=shown(figure.value), **words, who="người nhập trước")


def plain_table(letter: Letter, record: SourceRecord, area_id: str) -> bytes:
    """Return what both people keyed as a plain table with the letter as its citation."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, PLAIN_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for key in sorted(letter.figures):
        figure = letter.figures[key]
        place = f"trang {figure.page}" + (f", {figure.table}" if figure.table else "")
        writer.writerow(
            {
                "indicator": figure.code,
                "area": area_id,
                "period": figure.period_id,
                "breakdown": "",
                "value": canonical_decimal(figure.value),
                "unit": figure.unit,
                "maturity": figure.maturity,
                "publisher": record.publisher.vi,
                "title": f"Văn bản số {letter.number}: {letter.title}",
                "address": "",
                "published": str(letter.day),
                "place": place,
                "note": figure.note,
            }
        )
    return buffer.getvalue().encode()
