"""The figures of the bench as Markdown, for the terminal and for docs/quality.md."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from benchmarks.defects.bench import Outcome, Result, by_class, wilson
from benchmarks.defects.classes import CLASSES

START, END = "<!-- figures of the bench: start -->", "<!-- figures of the bench: end -->"
_ALONE = "nothing to compare with"
_MISSED = (
    _ALONE,
    "a sheet of one or two figures",
    "less than 10 % from the right figure",
    "no rule objects to it",
)


def page_with(page: str, figures: str) -> str:
    """The page with new figures between its marks. Raises ValueError when it has no marks."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the page has no lines {START} and {END}; put them where the figures belong")
    return f"{before}{START}\n\n{figures}\n\n{END}{after}"


def figures(results: Sequence[Result], *, seed: int, repeats: int, rule_set_version: str) -> str:
    """All tables of a run of the bench."""
    parts = [
        f"Seed {seed}, {repeats} rounds, rule set `{rule_set_version[:12]}`. Intervals are 95 % (Wilson). "
        "*Named*: a finding names the injected figure, its document or its fact. *Held*: an error rule holds "
        "the figure, so that it never becomes an actual."
    ]
    for result in results:
        parts += [
            f"### {result.title[0].upper()}{result.title[1:]}",
            f"{_count(result.n_values)} published figures.",
            _table(
                (
                    "defect",
                    "arrives as",
                    "put in",
                    "named",
                    "share",
                    "95 %",
                    "of the comparable",
                    "held",
                    *_MISSED,
                ),
                _class_rows(result.outcomes),
            ),
            "Which rule named what (a defect may be named by several):",
            _rule_table(result.outcomes),
            "On untouched figures:",
            _table(
                ("rule", "severity", "checked", "findings", "per 1,000", "95 %"),
                _alarm_rows(result),
            ),
            "On what a good source sends (every finding is a false alarm):",
            _table(
                ("sent", "rule", "figures", "findings", "per 1,000", "95 %"), _control_rows(result.controls)
            ),
            _beside(result),
        ]
    return "\n\n".join(parts)


def _beside(result: Result) -> str:
    """What wrong figures bring about for their neighbours, in all rounds together."""
    rules = ", ".join(f"`{rule}` {_count(number)}" for rule, number in result.beside.most_common())
    sent = _count(len(result.outcomes) + len(result.controls))
    total = _count(result.beside.total())
    return f"Findings about other figures than those sent: {total} beside {sent} that were sent ({rules or 'none'})."


def _class_rows(outcomes: Sequence[Outcome]) -> Iterator[Sequence[str]]:
    for defect, of_class in by_class(outcomes).items():
        ordered = sorted(of_class, key=lambda outcome: outcome.injection.variant)
        for variant, group in groupby(ordered, key=lambda outcome: outcome.injection.variant):
            same = list(group)
            named = sum(bool(outcome.rules) for outcome in same)
            missed = Counter(outcome.missed_because for outcome in same)
            yield (
                defect,
                variant,
                _count(len(same)),
                _count(named),
                f"{100 * named / len(same):.0f} %",
                _interval(named, len(same)),
                f"{100 * named / (len(same) - missed[_ALONE]):.0f} %" if len(same) > missed[_ALONE] else "",
                _count(sum(outcome.held for outcome in same)),
                *(_count(missed[reason]) for reason in _MISSED),
            )


def _rule_table(outcomes: Sequence[Outcome]) -> str:
    drawn = [defect for defect in CLASSES if defect in by_class(outcomes)]
    counts = Counter((rule, outcome.injection.defect) for outcome in outcomes for rule in set(outcome.rules))
    rows = [
        (rule, *(_count(counts[rule, defect]) for defect in drawn))
        for rule in sorted({rule for rule, _ in counts})
    ]
    return _table(("rule", *drawn), rows)


def _alarm_rows(result: Result) -> Iterator[Sequence[str]]:
    asked = [alarms for alarms in result.alarms if alarms.checked]
    for alarms in asked:
        if alarms.found:
            yield (alarms.rule_id, alarms.severity, *_per_thousand(alarms.found, alarms.checked))
    silent = [alarms for alarms in asked if not alarms.found]
    yield (
        f"{len(silent)} other rules",
        "",
        *_per_thousand(0, sum(alarms.checked for alarms in silent)),
    )


def _control_rows(controls: Sequence[Outcome]) -> Iterator[Sequence[str]]:
    for sent, group in by_class(controls).items():
        figures_sent = sum(len(outcome.injection.added) for outcome in group)
        found = Counter(rule for outcome in group for rule in outcome.rules)
        for rule, number in sorted(found.items()):
            yield (sent, rule, *_per_thousand(number, figures_sent))
        if not found:
            yield (sent, "none", *_per_thousand(0, figures_sent))


def _per_thousand(found: int, checked: int) -> tuple[str, str, str, str]:
    low, high = wilson(found, checked)
    return (
        _count(checked),
        _count(found),
        f"{1000 * found / checked:.1f}",
        f"{1000 * low:.1f} to {1000 * high:.1f}",
    )


def _interval(hits: int, of: int) -> str:
    low, high = wilson(hits, of)
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def _count(number: int) -> str:
    return f"{number:,}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines)
