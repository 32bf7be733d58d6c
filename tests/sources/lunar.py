"""The Vietnamese lunar calendar (UTC+7), after Ho Ngoc Duc's algorithm on the series of Meeus, Astronomical Algorithms.

Only what the table of holidays is compared with: the solar date of a day of the lunar year.
"""

from datetime import date, timedelta
from math import floor, pi, sin

_EPOCH = date(2000, 1, 1).toordinal() - 2451545
_UTC_OFFSET = 7 / 24


def _new_moon(number: int) -> int:
    """The Julian day number, in Viet Nam, of the new moon `number` counted from 1900."""
    t = number / 1236.85
    degrees = pi / 180
    day = 2415020.75933 + 29.53058868 * number + 0.0001178 * t**2 - 0.000000155 * t**3
    day += 0.00033 * sin((166.56 + 132.87 * t - 0.009173 * t**2) * degrees)
    sun = (359.2242 + 29.10535608 * number - 0.0000333 * t**2 - 0.00000347 * t**3) * degrees
    moon = (306.0253 + 385.81691806 * number + 0.0107306 * t**2 + 0.00001236 * t**3) * degrees
    node = (21.2964 + 390.67050646 * number - 0.0016528 * t**2 - 0.00000239 * t**3) * degrees
    day += (0.1734 - 0.000393 * t) * sin(sun) + 0.0021 * sin(2 * sun) - 0.4068 * sin(moon)
    day += 0.0161 * sin(2 * moon) - 0.0004 * sin(3 * moon) + 0.0104 * sin(2 * node) - 0.0051 * sin(sun + moon)
    day += -0.0074 * sin(sun - moon) + 0.0004 * sin(2 * node + sun) - 0.0004 * sin(2 * node - sun)
    day += -0.0006 * sin(2 * node + moon) + 0.0010 * sin(2 * node - moon) + 0.0005 * sin(2 * moon + sun)
    delta_t = -0.000278 + 0.000265 * t + 0.000262 * t**2
    return floor(day - delta_t + 0.5 + _UTC_OFFSET)


def _sun_sector(julian_day: int) -> int:
    """In which twelfth of its way from the spring equinox the sun stands at midnight of a day."""
    t = (julian_day - 0.5 - _UTC_OFFSET - 2451545.0) / 36525
    degrees = pi / 180
    anomaly = 357.52910 + 35999.05030 * t - 0.0001559 * t**2 - 0.00000048 * t**3
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t**2
    longitude += (1.914600 - 0.004817 * t - 0.000014 * t**2) * sin(degrees * anomaly)
    longitude += (0.019993 - 0.000101 * t) * sin(degrees * 2 * anomaly) + 0.000290 * sin(
        degrees * 3 * anomaly
    )
    return floor(longitude * degrees / (2 * pi) % 1 * 12)


def _month_11(year: int) -> int:
    """The number of the new moon with which the month of the winter solstice of a year begins."""
    last = date(year, 12, 31).toordinal() - _EPOCH
    number = floor((last - 2415021) / 29.530588853)
    return number - 1 if _sun_sector(_new_moon(number)) >= 9 else number


def lunar_month_begins(year: int, month: int) -> date:
    """The first day of month 1 to 10 of the lunar year that begins in `year` (never a leap month)."""
    start, after = _month_11(year - 1), _month_11(year)
    steps = month + 1
    if after - start == 13:
        sectors = [_sun_sector(_new_moon(start + step)) for step in range(1, 15)]
        leap = next(step for step in range(1, 14) if sectors[step - 1] == sectors[step])
        steps += leap <= steps
    return date.fromordinal(_new_moon(start + steps) + _EPOCH)


def tet(year: int) -> date:
    """The first day of the lunar year."""
    return lunar_month_begins(year, 1)


def hung_kings(year: int) -> date:
    """The tenth day of the third lunar month."""
    return lunar_month_begins(year, 3) + timedelta(days=9)
