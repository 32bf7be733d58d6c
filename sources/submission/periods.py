"""The periods a department reports on: which period each indicator then has, and its name in Vietnamese."""

from sources.text.periods import Period, parse_period_id

REPORTED_TYPES = ("year", "half_year", "quarter", "month", "year_to_date")
_QUARTERS = ("I", "II", "III", "IV")


class NotReported(ValueError):
    """No department reports on such a period; the message names those there are."""


def reported_period(period_id: str) -> Period:
    """Return the period of a template. Raises PeriodError for no period id, NotReported for one of another type."""
    period = parse_period_id(period_id)
    if period.type not in REPORTED_TYPES:
        raise NotReported(
            f"'{period_id}' is a {period.type.replace('_', ' ')}; departments report on a year (2025), a half "
            "(2025-H1), a quarter (2025-Q1), a month (2025-M06) or the months from January (2025-YTD09)"
        )
    return period


def period_of_indicator(period: Period, period_type: str) -> str:
    """Return the period id of an indicator's figure in a report on `period`.

    What is counted on a day is counted on the last day; the school year of a year is the one that begins in it.
    """
    match period_type:
        case "date":
            return f"D{period.end}"
        case "school_year":
            return f"SY{period.start.year}"
    return period.period_id


def period_name(period_id: str) -> str:
    """Return the name of a period in Vietnamese; `parse_label(..., "vietnamese")` reads it back."""
    period = parse_period_id(period_id)
    year, end = period.start.year, period.end or period.start
    names = {
        "year": f"Năm {year}",
        "half_year": f"6 tháng {'đầu' if end.month == 6 else 'cuối'} năm {year}",
        "quarter": f"Quý {_QUARTERS[(end.month - 1) // 3]} năm {year}",
        "month": f"Tháng {end.month} năm {year}",
        "year_to_date": f"{end.month} tháng đầu năm {year}",
        "school_year": f"Năm học {year}-{year + 1}",
        "date": f"Ngày {end:%d/%m/%Y}",
        "span": f"Giai đoạn {year}-{end.year}",
    }
    return names.get(period.type, period_id)
