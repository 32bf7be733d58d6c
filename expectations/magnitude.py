"""Pure functions on the size of a figure beside what was known: has it slipped by a power of ten?

A unit or scale slip (million for billion, a fraction for a percentage, a lost decimal point) multiplies a
figure by a power of ten and leaves its digits nearly alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

# Results enter the identity of a check; nine decimals are the same on every machine.
_DECIMALS = 9


def comparable(value: float | None, reference: float | None) -> bool:
    """Whether a ratio can be formed: both present, finite and not zero, and of one sign."""
    return (
        value is not None
        and reference is not None
        and math.isfinite(value)
        and math.isfinite(reference)
        and value != 0
        and reference != 0
        and (value > 0) == (reference > 0)
    )


def orders_of_magnitude(value: float, reference: float) -> float:
    """The decimal logarithm of value / reference without its sign: 3 for a thousandfold change either way."""
    return round(abs(math.log10(abs(value)) - math.log10(abs(reference))), _DECIMALS)


def distance_from_power_of_ten(value: float, reference: float) -> float:
    """How far the ratio of two figures lies from the nearest 10^k with k other than 0.

    The distance is relative and the same whichever figure is put first: 0.05 means that the larger is 5 %
    more, or 5 % less, than ten (a hundred, a thousand, ...) times the smaller. Equal figures are 0.9 away.
    """
    orders = orders_of_magnitude(value, reference)
    candidates = {max(1, math.floor(orders)), max(1, math.ceil(orders))}
    return round(min(abs(math.pow(10.0, orders - power) - 1.0) for power in candidates), _DECIMALS)


def majority_smallest(values: Sequence[float]) -> float:
    """The value that more than half of all values do not exceed: below a limit only if a majority is."""
    return sorted(values)[len(values) // 2]


def majority_largest(values: Sequence[float]) -> float:
    """The value that more than half of all values reach: above a limit only if a majority is."""
    return sorted(values, reverse=True)[len(values) // 2]
