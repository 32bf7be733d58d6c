"""Typed periods: the grammar of period ids, and the period labels that publishers print.

| id | type | runs |
|---|---|---|
| `2024` | year | 1 January to 31 December |
| `2024-H1` | half_year | |
| `2024-Q1` | quarter | |
| `2024-M06` | month | |
| `2024-YTD09` | year_to_date | from 1 January to the end of that month |
| `2025-YTD1219` | year_to_day | from 1 January to that day |
| `2025-YTDx` | year_to_date_open | from 1 January; the publisher does not say to when, so there is no end |
| `SY2024` | school_year | the school year that begins in September 2024 |
| `D2024-12-31` | date | that day |
| `2021..2025` | span | the years from the first to the last |

One stretch of time has one id: three, six and twelve months from January are `Q1`, `H1` and the year,
one month is `M01`, and an id that says otherwise is refused.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from sources.text.labels import label_key

PeriodType = Literal[
    "year",
    "half_year",
    "quarter",
    "month",
    "year_to_date",
    "year_to_day",
    "year_to_date_open",
    "school_year",
    "date",
    "span",
]
PeriodFormat = Literal["period_id", "year", "vietnamese", "time_code"]
Maturity = Literal["estimate", "preliminary", "official", "not_stated"]

FIRST_YEAR, LAST_YEAR = 1900, 2100


class PeriodError(ValueError):
    """A text is not a period id; the message says what is wrong and how to write it."""


@dataclass(frozen=True)
class Period:
    """A stretch of time; `end` is None only where the publisher does not state it. Both days belong to it."""

    period_id: str
    type: PeriodType
    start: date
    end: date | None


class PeriodLabel(NamedTuple):
    """What a printed period label says: the period, and the maturity when the label states one."""

    period_id: str
    maturity: Maturity | None


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _year_to_month_id(year: int, month: int) -> str:
    """Return the one id of January to `month`."""
    named = {1: f"{year}-M01", 3: f"{year}-Q1", 6: f"{year}-H1", 12: f"{year}"}
    return named.get(month, f"{year}-YTD{month:02d}")


def _year_to_day_id(day: date) -> str:
    if day == _month_end(day.year, day.month):
        return _year_to_month_id(day.year, day.month)
    return f"{day.year}-YTD{day:%m%d}"


_FORMS = (
    "2024, 2024-H1, 2024-Q1, 2024-M06, 2024-YTD09, 2025-YTD1219, 2025-YTDx, SY2024, D2024-12-31, 2021..2025"
)
_ID = re.compile(
    r"(?P<year>\d{4})(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|M(?P<month>\d{2})"
    r"|YTD(?:(?P<open>x)|(?P<to_day>\d{4})|(?P<to_month>\d{2}))))?"
    r"|SY(?P<school>\d{4})|D(?P<date>\d{4}-\d{2}-\d{2})|(?P<first>\d{4})\.\.(?P<last>\d{4})",
    re.ASCII,
)


def _checked_year(text: str, period_id: str) -> int:
    year = int(text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PeriodError(f"'{period_id}': the year {year} lies outside {FIRST_YEAR}-{LAST_YEAR}")
    return year


def _checked_date(text: str, period_id: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PeriodError(f"'{period_id}': {text} is not a day of the calendar") from error


def _checked_month(text: str, period_id: str) -> int:
    if not 1 <= int(text) <= 12:
        raise PeriodError(f"'{period_id}': there is no month {text}; months run from 01 to 12")
    return int(text)


def _refuse_second_name(period_id: str, right: str) -> None:
    if right != period_id:
        raise PeriodError(f"'{period_id}': this period has the id '{right}'; write that")


def _read_year_part(period_id: str, part: dict[str, str | None]) -> Period:
    """Read an id that begins with a year: the year, or a stretch of months in it."""
    kind: PeriodType
    year = _checked_year(part["year"] or "", period_id)
    if part["half"]:
        first, kind, months = 6 * int(part["half"]) - 5, "half_year", 6
    elif part["quarter"]:
        first, kind, months = 3 * int(part["quarter"]) - 2, "quarter", 3
    elif part["month"]:
        first, kind, months = _checked_month(part["month"], period_id), "month", 1
    elif part["to_month"]:
        first, kind, months = 1, "year_to_date", _checked_month(part["to_month"], period_id)
        _refuse_second_name(period_id, _year_to_month_id(year, months))
    else:
        first, kind, months = 1, "year", 12
    return Period(period_id, kind, date(year, first, 1), _month_end(year, first + months - 1))


def _read_year_to_day(period_id: str, part: dict[str, str | None]) -> Period:
    year = _checked_year(part["year"] or "", period_id)
    if part["open"]:
        return Period(period_id, "year_to_date_open", date(year, 1, 1), None)
    month_and_day = part["to_day"] or ""
    day = _checked_date(f"{year:04d}-{month_and_day[:2]}-{month_and_day[2:]}", period_id)
    _refuse_second_name(period_id, _year_to_day_id(day))
    return Period(period_id, "year_to_day", date(year, 1, 1), day)


def _read_span_of_years(period_id: str, part: dict[str, str | None]) -> Period:
    first, last = (_checked_year(part[name] or "", period_id) for name in ("first", "last"))
    if last <= first:
        raise PeriodError(f"'{period_id}': the last year must come after the first")
    return Period(period_id, "span", date(first, 1, 1), date(last, 12, 31))


def parse_period_id(period_id: str) -> Period:
    """Read a period id. Raises PeriodError, naming the id and the mend, for anything else."""
    match = _ID.fullmatch(period_id)
    if match is None:
        raise PeriodError(f"'{period_id}' is not a period id; write one of the forms {_FORMS}")
    part = match.groupdict()
    if part["school"]:
        year = _checked_year(part["school"], period_id)
        return Period(period_id, "school_year", date(year, 9, 1), date(year + 1, 8, 31))
    if part["date"]:
        day = _checked_date(part["date"], period_id)
        _checked_year(f"{day.year:04d}", period_id)
        return Period(period_id, "date", day, day)
    if part["first"]:
        return _read_span_of_years(period_id, part)
    if part["open"] or part["to_day"]:
        return _read_year_to_day(period_id, part)
    return _read_year_part(period_id, part)


_MATURITY_WORDS: tuple[tuple[str, Maturity], ...] = (
    ("ước tính", "estimate"),
    ("ước thực hiện", "estimate"),
    ("ước th", "estimate"),
    ("ưth", "estimate"),
    ("ước đạt", "estimate"),
    ("ước", "estimate"),
    ("ut", "estimate"),
    ("estimated", "estimate"),
    ("estimate", "estimate"),
    ("est.", "estimate"),
    ("est", "estimate"),
    ("sơ bộ", "preliminary"),
    ("preliminary", "preliminary"),
    ("prel.", "preliminary"),
    ("prel", "preliminary"),
    ("pre.", "preliminary"),
    ("pre", "preliminary"),
    ("chính thức", "official"),
    ("official", "official"),
)
_NUMBER_WORDS = {
    "một": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "sáu": 6,
    "bảy": 7, "tám": 8, "chín": 9, "mười": 10, "mười một": 11, "mười hai": 12,
}  # fmt: skip
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}

_YEAR = r"(?P<year>(?:19|20)\d{2})"
_OF_YEAR = rf"(?:\s*năm\s+|\s+of\s+|\s*[/.\-]\s*|\s+){_YEAR}"
_ENGLISH_MONTHS = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
}
_ENGLISH_NTH = ("first", "second", "third", "fourth", "1st", "2nd", "3rd", "4th")
_ENGLISH_MONTH = rf"(?P<month>{'|'.join(_ENGLISH_MONTHS)})\.?"
# "Lũy kế đến ..." alone may run from the start of a programme, so "đầu năm" must be printed.
_FROM_JANUARY = (
    r"(?:(?:lũy kế|cộng dồn|tính chung)\s+)?(?:từ\s+)?đầu năm\s+(?:tính\s+)?đến\s+(?:hết\s+|cuối\s+)?"
)
# "1-6/2024" may be the months 1 to 6: a day is read where one mark parts it from month and year.
_COUNT = r"(?P<count>\d{1,2}|" + "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True)) + r")"
_DAY = (
    r"(?:ngày\s+)?(?P<day>\d{1,2})(?:\s*(?P<mark>[/.\-])\s*|\s+tháng\s+)(?P<month>\d{1,2})"
    r"(?:\s*(?(mark)(?P=mark)|[/.\-])\s*|\s+năm\s+)" + _YEAR
)
_TWO_YEARS = r"(?P<first>(?:19|20)\d{2})\s*(?:-|–|—|đến|\.\.)\s*(?:năm\s+)?(?P<last>(?:19|20)\d{2})"
_SCHOOL_YEARS = r"(?P<first>(?:19|20)\d{2})\s*(?:-|–|—|/)\s*(?P<last>(?:(?:19|20))?\d{2})"
_MONTHS_IN_WORDS = "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True))


def _count(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBER_WORDS[text]


def _read_quarter(part: dict[str, str]) -> str:
    quarter = part["quarter"]
    return f"{part['year']}-Q{_ROMAN.get(quarter, quarter)}"


def _read_months(part: dict[str, str]) -> str:
    count = _count(part["count"])
    if not 1 <= count <= 12:
        raise PeriodError(f"{count} months do not fit in a year")
    return _year_to_month_id(int(part["year"]), count)


def _read_month_in_words(part: dict[str, str]) -> str:
    return f"{part['year']}-M{_NUMBER_WORDS[part['word']]:02d}"


def _read_nth_quarter(part: dict[str, str]) -> str:
    return f"{part['year']}-Q{_ENGLISH_NTH.index(part['quarter']) % 4 + 1}"


def _read_last_months(part: dict[str, str]) -> str:
    if _count(part["count"]) != 6:
        raise PeriodError("only the last six months of a year have an id")
    return f"{part['year']}-H2"


def _read_day(part: dict[str, str]) -> date:
    try:
        return date(int(part["year"]), int(part["month"]), int(part["day"]))
    except ValueError as error:
        raise PeriodError(str(error)) from error


def _read_english_day(part: dict[str, str]) -> date:
    return _read_day({**part, "month": str(_ENGLISH_MONTHS[part["month"]])})


def _read_half(part: dict[str, str]) -> str:
    return f"{part['year']}-H{1 if part['half'] == 'đầu' else 2}"


def _read_to_quarter(part: dict[str, str]) -> str:
    quarter = part["quarter"]
    return _year_to_month_id(int(part["year"]), 3 * int(_ROMAN.get(quarter, quarter)))


def _read_school_year(part: dict[str, str]) -> str:
    if int(part["last"]) not in (int(part["first"]) + 1, (int(part["first"]) + 1) % 100):
        raise PeriodError("a school year runs over two years in a row")
    return f"SY{part['first']}"


def _read_span(part: dict[str, str]) -> str:
    if int(part["last"]) == int(part["first"]) + 1 and not part["said"]:
        raise PeriodError("two years in a row without a word may be a school year or a season")
    return f"{part['first']}..{part['last']}"


_VIETNAMESE: tuple[tuple[re.Pattern[str], Callable[[dict[str, str]], str]], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (rf"(?:cả\s+)?(?:năm\s+)?{_YEAR}", lambda part: part["year"]),
        (rf"(?:năm học|school year)\s+{_SCHOOL_YEARS}", _read_school_year),
        (
            r"(?P<said>(?:(?:bình quân|trung bình|bq)\s+(?:năm\s+)?)?(?:giai đoạn\s+|thời kỳ\s+|các năm\s+)?)"
            + _TWO_YEARS,
            _read_span,
        ),
        (rf"(?:quý|quí|quarter|q\.?)\s*(?P<quarter>iv|i{{1,3}}|[1-4]){_OF_YEAR}", _read_quarter),
        (rf"nửa\s+(?P<half>đầu|cuối){_OF_YEAR}", _read_half),
        (
            rf"(?:(?:lũy kế|cộng dồn|tính chung)\s+)?(?:first\s+)?{_COUNT}\s+(?:tháng|months?)(?:\s+đầu)?{_OF_YEAR}",
            _read_months,
        ),
        (rf"(?P<count>\d{{1,2}})\s?t\s*[/.\-]?\s*{_YEAR}", _read_months),
        (rf"tháng\s+(?P<word>{_MONTHS_IN_WORDS})\s+năm\s+{_YEAR}", _read_month_in_words),
        (rf"(?P<month>\d{{1,2}})/{_YEAR}", lambda part: f"{part['year']}-M{int(part['month']):02d}"),
        (rf"(?P<quarter>1st|2nd|3rd|4th|first|second|third|fourth)\s+quarter{_OF_YEAR}", _read_nth_quarter),
        (rf"{_FROM_JANUARY}(?:tháng\s+|t\.?\s*)(?P<count>\d{{1,2}}){_OF_YEAR}", _read_months),
        (rf"{_FROM_JANUARY}quý\s+(?P<quarter>iv|i{{1,3}}|[1-4]){_OF_YEAR}", _read_to_quarter),
        (rf"{_COUNT}\s+tháng\s+cuối{_OF_YEAR}", _read_last_months),
        (
            rf"(?:tháng\s+|t\.?\s*)(?P<month>\d{{1,2}}){_OF_YEAR}",
            lambda part: f"{part['year']}-M{int(part['month']):02d}",
        ),
        (
            rf"{_FROM_JANUARY}{_DAY}",
            lambda part: _year_to_day_id(_read_day(part)),
        ),
        (
            rf"(?:(?:tại\s+)?thời điểm\s+|(?:(?:tính|có)\s+)?đến\s+(?:hết\s+)?|as of\s+)?{_DAY}",
            lambda part: f"D{_read_day(part).isoformat()}",
        ),
        (
            rf"(?:as of\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_ENGLISH_MONTH},?\s+{_YEAR}",
            lambda part: f"D{_read_english_day(part).isoformat()}",
        ),
        (
            rf"(?:as of\s+)?{_ENGLISH_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
            lambda part: f"D{_read_english_day(part).isoformat()}",
        ),
        (
            rf"{_ENGLISH_MONTH},?{_OF_YEAR}",
            lambda part: f"{part['year']}-M{_ENGLISH_MONTHS[part['month']]:02d}",
        ),
    )
)


_TIME_CODE = re.compile(
    r"(?P<year>\d{4})(?:-?(?:[SH](?P<half>[12])|[QK](?P<quarter>[1-4])|M(?P<month>\d{1,2}))|-(?P<iso>\d{2})"
    r"|(?P<whole>-?A1)|-(?P<day>\d{2}-\d{2}))?",
    re.ASCII,
)


def _read_time_code(text: str) -> str:
    """Return the id for a code of SDMX or PX-Web; an empty text for another code, such as a week (2024-W05)."""
    match = _TIME_CODE.fullmatch(text)
    if match is None:
        return ""
    year = match["year"]
    if match["day"]:
        return f"D{year}-{match['day']}"
    if match["half"]:
        return f"{year}-H{match['half']}"
    if match["quarter"]:
        return f"{year}-Q{match['quarter']}"
    month = match["month"] or match["iso"]
    return f"{year}-M{int(month):02d}" if month else year


def _one_maturity_less(key: str) -> tuple[str, Maturity | None]:
    for word, maturity in _MATURITY_WORDS:
        if key.startswith((f"{word} ", f"{word}/")) or (word.endswith(".") and key.startswith(word)):
            return key.removeprefix(word).strip(" -–/"), maturity
        for tail in (f" ({word})", f" {word}"):
            if key.endswith(tail):
                return key.removesuffix(tail).strip(" -–/"), maturity
    return key, None


def _without_maturity(key: str) -> tuple[str, Maturity | None]:
    """Take the words for maturity off; two languages may say it ("Sơ bộ - Prel. 2011"), but not two states."""
    key, maturity = _one_maturity_less(key)
    while maturity is not None:
        rest, again = _one_maturity_less(key)
        if again is None:
            break
        if again != maturity:
            return "", None
        key = rest
    return key, maturity


def parse_label(text: str, format: PeriodFormat) -> PeriodLabel | None:
    """Read a period label as printed; None when the label is not of that format (never a guess).

    `period_id`: our own ids. `year`: a calendar year, with or without a word for its maturity
    ("2024", "Prel. 2024", "Sơ bộ 2024"). `time_code`: codes of SDMX and PX-Web (2024, 2024-S1, 2024-Q1, 2024Q1,
    2024-06, 2024M06, 2024-12-31). `vietnamese`: years, halves, quarters, months, months from
    January, days, school years and spans as Vietnamese publishers print them. The cut-off of a figure
    "from January" is read only where it is printed.
    """
    candidate, maturity = "", None
    if format == "period_id":
        candidate = text.strip()
    elif format == "time_code":
        candidate = _read_time_code(text.strip())
    else:
        key, maturity = _without_maturity(label_key(text))
        patterns = _VIETNAMESE[:1] if format == "year" else _VIETNAMESE
        for pattern, build in patterns:
            match = pattern.fullmatch(key)
            if match is not None:
                try:
                    candidate = build(match.groupdict())
                except PeriodError:
                    return None
                break
    try:
        return PeriodLabel(parse_period_id(candidate).period_id, maturity)
    except PeriodError:
        return None
