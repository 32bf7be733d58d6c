"""How the targets of a plan, or of a part of it, divide: every count of them that a page, the report or the command
line says comes from here, so that no two of them are taken for one another.

Listed = counted + parts of a structure beyond the first. Counted = assessed + not assessed. Not assessed = waiting for
figures + not assessed for another reason, each by its main reason. Across this, a counted target has figures or none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reports.numbers import format_number
from reports.periods import first_year
from reports.statements import main_reason
from reports.target_facts import TargetFacts, counted
from reports.words import Words

# Reasons that end when somebody delivers figures.
WAITS_FOR_FIGURES = ("NO_DATA", "NO_BASE", "TOO_FEW", "STALE", "INCOMPLETE_SUM")
Reasons = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class PlanCounts:
    """The division: numbers of targets; reasons as code and number, the most frequent first; `years` the number of
    counted targets by the year of their latest figure.
    """

    listed: int
    assessed: int
    waiting: Reasons
    otherwise: Reasons
    assessed_with_figures: int
    years: tuple[tuple[int, int], ...]

    @property
    def n_waiting(self) -> int:
        """Targets that are not assessed for want of figures."""
        return sum(n for _, n in self.waiting)

    @property
    def n_otherwise(self) -> int:
        """Targets that are not assessed for a reason that no figure ends."""
        return sum(n for _, n in self.otherwise)

    @property
    def not_assessed(self) -> int:
        return self.n_waiting + self.n_otherwise

    @property
    def counted(self) -> int:
        return self.assessed + self.not_assessed

    @property
    def with_figures(self) -> int:
        """Counted targets of which there is any figure, whether or not it can be used."""
        return sum(n for _, n in self.years)

    @property
    def reasons(self) -> Reasons:
        """Both kinds of reasons in one list, the most frequent first."""
        return _by_number(dict((*self.waiting, *self.otherwise)))


def plan_counts(every: Sequence[TargetFacts]) -> PlanCounts:
    """How some targets divide."""
    these = counted(every)
    open_ones = [facts for facts in these if facts.bucket == "not_assessed"]
    codes = Counter(main_reason(facts) for facts in open_ones)
    years = Counter(year for facts in these if (year := latest_year(facts)) is not None)
    return PlanCounts(
        listed=len(every),
        assessed=len(these) - len(open_ones),
        waiting=_by_number({code: n for code, n in codes.items() if code in WAITS_FOR_FIGURES}),
        otherwise=_by_number({code: n for code, n in codes.items() if code not in WAITS_FOR_FIGURES}),
        assessed_with_figures=sum(
            facts.bucket != "not_assessed" and latest_year(facts) is not None for facts in these
        ),
        years=tuple(sorted(years.items())),
    )


def _by_number(codes: dict[str, int]) -> Reasons:
    return tuple(sorted(codes.items(), key=lambda item: (-item[1], item[0])))


def waits_for_figures(facts: TargetFacts) -> bool:
    """Whether a target is among those that are counted as waiting for figures."""
    return facts.counted and facts.bucket == "not_assessed" and main_reason(facts) in WAITS_FOR_FIGURES


def latest_year(facts: TargetFacts) -> int | None:
    """Year of the latest figure known for a target, whether or not it could be used."""
    known = facts.assessment.get("latest_known_period_id") or facts.assessment.get("actual_period_id")
    shown = facts.shown
    return first_year(str(known)) if known else (shown.year if shown else None)


def listed_sentence(every: Sequence[TargetFacts], words: Words) -> str | None:
    """Why fewer targets are counted than are listed; None where the two numbers are the same."""
    counts = plan_counts(every)
    if counts.listed == counts.counted:
        return None
    said = {name: format_number(getattr(counts, name), words.language) for name in ("listed", "counted")}
    return words("count.listed", **said)


def reason_list(reasons: Reasons, words: Words) -> str:
    """Reasons within a sentence, each with its number of targets."""
    return ", ".join(
        words("count.reason", n=format_number(n, words.language), reason=_lowered(words.of("reason", code)))
        for code, n in reasons
    )


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def not_assessed_sentence(every: Sequence[TargetFacts], words: Words) -> str | None:
    """Of the targets that are not assessed, how many wait for figures and how many have another reason, by reason; None
    when all are assessed.
    """
    counts = plan_counts(every)
    if not counts.not_assessed:
        return None
    parts = [
        words(f"count.{name}", n=format_number(n, words.language), reasons=reason_list(reasons, words))
        for name, n, reasons in (
            ("waiting", counts.n_waiting, counts.waiting),
            ("otherwise", counts.n_otherwise, counts.otherwise),
        )
        if n
    ]
    lead = words("count.not_assessed", n=format_number(counts.not_assessed, words.language))
    return f"{lead} {'; '.join(parts)}."


def fresh_sentence(every: Sequence[TargetFacts], cut_off: str, words: Words) -> str:
    """How fresh the figures are: cut-off, how many targets have any, and of which years."""
    counts = plan_counts(every)

    def number(n: int) -> str:
        return format_number(n, words.language)

    said = {"day": cut_off, "counted": number(counts.counted)}
    if not counts.years:
        return words("overview.fresh_none", **said)
    newest, n = counts.years[-1]
    parts = [words("overview.newest", n=number(n), year=newest)]
    if older := counts.with_figures - n:
        parts.append(words("overview.older", n=number(older)))
    known = {"known": number(counts.with_figures)}
    fresh = words("overview.fresh", parts=", ".join(parts), **known, **said)
    assessed = words("overview.fresh_assessed", assessed=number(counts.assessed_with_figures), **known)
    return f"{fresh} {assessed}"
