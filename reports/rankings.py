"""Which targets stand weakest and which strongest: by states and ratios that the release states, nothing computed."""

from __future__ import annotations

from collections.abc import Sequence

from reports.plan_facts import is_true
from reports.target_facts import TargetFacts, counted

# The weakest first. A final shortfall cannot be made good any more.
_WEAK = ("moving_away", "behind", "final", "slightly_behind")
_STRONG = ("reached", "on_track")


def weakest(every: Sequence[TargetFacts]) -> list[TargetFacts]:
    """The counted targets that fall short, the weakest first: by state, then by the ratio of their pace, then in the
    order of the document. One to strive for comes after all others, for falling short of it is no fault.
    """
    short = [facts for facts in counted(every) if _weakness(facts) in _WEAK]
    return sorted(short, key=lambda f: (f.aspiration, _WEAK.index(_weakness(f)), _pace(f)))


def strongest(every: Sequence[TargetFacts]) -> list[TargetFacts]:
    """The counted targets that are reached or on their way, reached ones first, then by the ratio of their pace."""
    good = [facts for facts in counted(every) if facts.bucket in _STRONG]
    return sorted(good, key=lambda f: (_STRONG.index(f.bucket), -_pace(f)))


def _weakness(facts: TargetFacts) -> str:
    final = is_true(facts.assessment.get("level_final"))
    return "final" if facts.bucket == "not_reached" and final else facts.bucket


def _pace(facts: TargetFacts) -> float:
    """The ratio of the pace to the one the path asks for; 1, just what is asked, where none is stated."""
    pace = facts.assessment.get("pace")
    return 1.0 if pace is None else float(pace)
