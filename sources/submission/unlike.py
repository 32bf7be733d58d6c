"""Figures that do not look like the last ones in force: slips of thousands, of rows, of decimal marks."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sources.submission.figures import ReportedFigure
from sources.submission.in_force import LastValue
from sources.submission.owed import OwedFigure
from sources.submission.periods import period_name
from sources.submission.problems import CellProblem
from sources.text.periods import parse_period_id

# A slip of magnitude is a slip of thousands: nghìn, triệu, tỷ. A ratio within this of a power counts as one.
_SLIP_POWERS = (3, 6, 9)
_SLIP_TOLERANCE = math.log10(2.2)
# So many times the last value is a lost decimal mark or another thing altogether; below ten units it may be growth.
_UNLIKE_TIMES, _UNLIKE_FROM = 8, 10
# A value far from its own last one that is another row's to within this share, with digits enough to be no accident.
_OTHER_ROW_TIMES, _OTHER_ROW_SHARE, _OTHER_ROW_DIGITS = 2, 0.03, 3
# The code of a problem, and the words that only it needs.
_Found = tuple[str, dict[str, str]]
_ANNUAL = ("year", "date", "school_year")


@dataclass(frozen=True)
class LastValues:
    """What a department owes, and the last value in force of each series before the period, by series code."""

    owed: Mapping[str, OwedFigure]
    values: Mapping[str, LastValue | None]

    def unlike(self, figure: ReportedFigure) -> CellProblem | None:
        """Say in what a figure does not look like its last value; None when it does, or when there is none."""
        unit = self.owed[figure.code].indicator.unit
        last = self.values[figure.code]
        if last is None or last.unit != unit.unit or not last.value:
            return None
        told = {"last": last.value, "unit": unit.symbol_vi, "period": period_name(last.period_id)}
        if not figure.value:
            is_much = abs(last.value) >= _UNLIKE_FROM
            return figure.cell.problem("zero_for_blank", **told) if is_much else None
        if (figure.value < 0) != (last.value < 0):
            return None  # of another sign: the bounds of the indicator tell
        orders = _orders(figure.value, last.value)
        found = _slip(orders)
        # The last values are of years: a part of one is smaller.
        if found is None and parse_period_id(figure.period_id).type in _ANNUAL:
            found = self._other_row(figure, orders) or _times(figure.value, last.value)
        if found is None:
            return None
        code, words = found
        way = "gấp" if orders > 0 else "nhỏ hơn"
        return figure.cell.problem(code, found=figure.value, way=way, **told, **words)

    def _other_row(self, figure: ReportedFigure, orders: float) -> _Found | None:
        digits = len(figure.value.normalize().as_tuple().digits)
        if abs(orders) < math.log10(_OTHER_ROW_TIMES) or digits < _OTHER_ROW_DIGITS:
            return None
        near = math.log10(1 + _OTHER_ROW_SHARE)
        for code, last in self.values.items():
            if code != figure.code and last and last.value and abs(_orders(figure.value, last.value)) <= near:
                return "value_of_other_row", {"name": self.owed[code].name_vi}
        return None


def _orders(value: Decimal, last: Decimal) -> float:
    return math.log10(abs(value)) - math.log10(abs(last))


def _slip(orders: float) -> _Found | None:
    for power in _SLIP_POWERS:
        if abs(abs(orders) - power) <= _SLIP_TOLERANCE:
            return "unit_slip", {"times": f"{10**power:,}".replace(",", ".")}
    return None


def _times(value: Decimal, last: Decimal) -> _Found | None:
    times = 10 ** abs(_orders(value, last))
    if times < _UNLIKE_TIMES or max(abs(value), abs(last)) < _UNLIKE_FROM:
        return None
    return "unlike_last", {"times": f"{round(times):,}".replace(",", ".")}
