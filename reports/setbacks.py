"""Which targets have a new figure that is worse, or stand farther from their path, than the release before said.

A state is a band: a figure may fall, or the path run ahead, without the state changing. Both are compared as they were
published, at the precision they are printed with; nothing is assessed anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from reports.history import direction_of
from reports.numbers import decimals_of, format_number, to_decimal
from reports.per_release import looking_back
from reports.periods import first_year, period_words, year_of
from reports.plan_facts import target_key
from reports.release_data import Release
from reports.statements import COMPUTED_DECIMALS, figure, measured, unit_of_change
from reports.target_facts import Point, TargetFacts, counted, every_target, of_the_plan
from reports.words import Words

_STATES = ("level_state", "pace_state", "bucket")
# What is promised and along which path: gaps to another promise, or another path, are not comparable.
_PROMISE = (
    "target_type", "comparator", "value_low", "value_high", "unit", "direction", "tolerance", "period_start",
    "period_end", "trajectory", "phasing", "base_period",
)  # fmt: skip
_AT_LEAST = ("ge", "gt", "approx_gt")
_AT_MOST = ("le", "lt", "approx_lt")


@dataclass(frozen=True)
class Setback:
    """A target of two releases whose figure is worse in the later one (`is_worse`) or which is farther from its path on
    the wrong side (`is_farther`). `gaps`: actual less path in the unit of the assessment, before and now; of a
    structure the distance from the promised one. None where the two are not comparable.
    """

    was: TargetFacts
    now: TargetFacts
    is_worse: bool
    is_farther: bool
    gaps: tuple[Decimal, Decimal] | None

    @property
    def same_state(self) -> bool:
        """Whether level, pace and bucket are what they were."""
        return all(self.was.assessment.get(name) == self.now.assessment.get(name) for name in _STATES)

    @property
    def direction(self) -> str:
        """What became of the state, as `reports.history.direction_of` says it."""
        return direction_of(self.was.assessment, self.now.assessment)


def setbacks_since(before: Release | None, now: Sequence[TargetFacts]) -> list[Setback]:
    """What of some targets went back since a release; nothing without one to compare with."""
    if before is None:
        return []
    with looking_back():
        return setbacks(of_the_plan(every_target(before)), now)


def setbacks(before: Sequence[TargetFacts], now: Sequence[TargetFacts]) -> list[Setback]:
    """The counted targets of the plan in use that both releases have and that went back, headline targets first."""
    was = {target_key(facts.target): facts for facts in counted(before)}
    pairs = ((was.get(target_key(facts.target)), facts) for facts in counted(now))
    found = [one for old, facts in pairs if old is not None and (one := setback(old, facts)) is not None]
    return sorted(found, key=lambda one: not one.now.headline)


def setback(was: TargetFacts, now: TargetFacts) -> Setback | None:
    """Whether a target went back from one release to another.

    Only figures of the same unit and form are compared, of the same period (revised) or the same kind of a later one: a
    year with a year, a half-year with that half of another year. Worse is by the target's own direction; one that is to
    be kept, or to lie in a band, is worse when it is farther from it.
    """
    old, new = was.shown, now.shown
    if old is None or new is None or not _follows(old, new):
        return None
    gaps = _gaps(was, now)
    if now.target["target_type"] == "structure":
        # Judged as one, by how far it is from the promised one; a part alone says nothing of it.
        is_worse, is_farther = False, gaps is not None and _shown(gaps[1]) > _shown(gaps[0])
    else:
        is_worse = _is_worse(old, new, now)
        is_farther = gaps is not None and _is_farther(gaps, now)
    return Setback(was, now, is_worse, is_farther, gaps) if is_worse or is_farther else None


def _follows(old: Point, new: Point) -> bool:
    if any(old.row.get(name) != new.row.get(name) for name in ("unit", "form")):
        return False
    if old.period_id == new.period_id:
        return True
    first, second = first_year(old.period_id), first_year(new.period_id)
    later = first is not None and second is not None and second > first
    return later and _kind(old.period_id) == _kind(new.period_id)


def _kind(period_id: str) -> str:
    """What of a period is the same from year to year: nothing of an annual one, -H1 of a half-year."""
    return "" if year_of(period_id) is not None else period_id[4:]


def _is_worse(old: Point, new: Point, facts: TargetFacts) -> bool:
    target, unit = facts.target, new.row.get("unit")
    places = min(
        p.decimals if p.decimals is not None else decimals_of(p.value) for p in (old, new)
    )  # A difference that rounding alone may have made is none.
    before, after = (_rounded(point.value, places) for point in (old, new))
    direction = target.get("direction")
    is_comparable = facts.in_unit(new.value, unit, target.get("unit")) is not None
    # A level that falls where growth is promised goes the wrong way too.
    if not is_comparable and not (facts.average and direction == "increase"):
        return False
    if direction == "increase":
        return after < before
    if direction == "decrease":
        return after > before
    band = _band(facts, unit)
    return band is not None and _outside(after, band) > _outside(before, band)


def _band(facts: TargetFacts, unit: str | None) -> tuple[Decimal | None, Decimal | None] | None:
    """The ends that a target is to lie between, in a unit; None for an open end, or for a target without values."""
    target = facts.target
    low, high = to_decimal(target.get("value_low")), to_decimal(target.get("value_high"))
    if low is None and high is None:
        return None
    low, high = (low if low is not None else high), (high if high is not None else low)
    tolerance = to_decimal(target.get("tolerance")) or Decimal(0)
    is_open_above, is_open_below = target.get("comparator") in _AT_LEAST, target.get("comparator") in _AT_MOST
    ends = (
        None if low is None or is_open_below else low - tolerance,
        None if high is None or is_open_above else high + tolerance,
    )
    first, second = (facts.in_unit(end, target.get("unit"), unit) for end in ends)
    return first, second


def _outside(value: Decimal, band: tuple[Decimal | None, Decimal | None]) -> Decimal:
    low, high = band
    if low is not None and value < low:
        return low - value
    return value - high if high is not None and value > high else Decimal(0)


def _gaps(was: TargetFacts, now: TargetFacts) -> tuple[Decimal, Decimal] | None:
    rows = (was.assessment, now.assessment)
    if rows[0].get("unit") != rows[1].get("unit") or any(
        was.target.get(name) != now.target.get(name) for name in _PROMISE
    ):
        return None
    is_structure = now.target["target_type"] == "structure"
    if not is_structure and any(row.get("path_value") is None for row in rows):
        return None
    old, new = (to_decimal(row.get("structure_distance" if is_structure else "gap")) for row in rows)
    return None if old is None or new is None else (old, new)


def _is_farther(gaps: tuple[Decimal, Decimal], facts: TargetFacts) -> bool:
    """Whether what is missing to the path grew; being ahead of it is missing nothing."""
    direction = facts.target.get("direction")
    if direction in ("increase", "decrease"):
        sign = -1 if direction == "increase" else 1
        old, new = (max(_shown(sign * gap), Decimal(0)) for gap in gaps)
    else:
        old, new = (_shown(abs(gap)) for gap in gaps)
    return new > old


def _shown(value: Decimal) -> Decimal:
    return _rounded(value, COMPUTED_DECIMALS)


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def setback_words(one: Setback, words: Words) -> str:
    """From what to what: 1.900 nghìn lượt (năm 2023) → 1.800 nghìn lượt (năm 2024), and the gaps to the path."""
    said = [_told(facts, words) for facts in (one.was, one.now)]
    parts = [said[0] if said[0] == said[1] else words("setback.from_to", was=said[0], now=said[1])]
    if gap := gap_words(one, words):
        parts.append(gap)
    return "; ".join(parts)


def gap_words(one: Setback, words: Words) -> str | None:
    """How far the target was, and is, from its path; None where that cannot be compared."""
    if one.gaps is None:
        return None
    unit = unit_of_change(one.now, one.now.assessment.get("unit"))
    away = [measured(abs(gap), unit, one.now, words) for gap in one.gaps]
    first = one.gaps[0]
    bare = format_number(abs(first), words.language, min(decimals_of(first), COMPUTED_DECIMALS))
    if one.now.target["target_type"] == "structure":
        return words("setback.structure", was=bare, now=away[1])
    if one.gaps[0] * one.gaps[1] < 0:
        crossed = "to_lower" if one.gaps[1] < 0 else "to_higher"
        return words(f"setback.{crossed}", was=away[0], now=away[1])
    return words("setback.lower" if min(one.gaps) < 0 else "setback.higher", was=bare, now=away[1])


def but_words(one: Setback, words: Words) -> str:
    """The sentence beside a better state: what of it went back all the same."""
    if one.is_worse:
        return words("setback.but_worse", said=setback_words(one, words))
    return words("setback.but_farther", said=gap_words(one, words))


def _told(facts: TargetFacts, words: Words) -> str:
    shown = facts.shown
    if shown is None:
        return words("none")
    return f"{figure(shown, facts, words)} ({period_words(shown.period_id, words)})"
