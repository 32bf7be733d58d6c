"""The parts of the report that are made of targets: tables, figures and notes. Nothing is worked out here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from reports.cited import cited
from reports.confidence import confidence_sentences, keeper_sentence, origin_sentences
from reports.history import direction_of
from reports.markup import SHORTFALLS
from reports.needs import needed_table, status_head
from reports.numbers import format_number
from reports.paper.model import Block, Column, Figure, Heading, Paragraph, Picture, Row, Table
from reports.periods import period_words, sentence_case, year_of
from reports.plan_facts import TargetKey, target_key
from reports.plan_words import place_words
from reports.reading import confirmation, is_confirmed, reading_entries, reading_note, result_sentences
from reports.release_data import Release
from reports.search import domain_order
from reports.setbacks import setback_words, setbacks
from reports.statements import (
    aspiration_words,
    bucket_counts,
    card_reason,
    chart_finding,
    counts_in_words,
    figure,
    level_words,
    promise,
    published_average_source,
    shown_period,
    target_sentences,
    unit_symbol,
)
from reports.target_facts import Point, TargetFacts, observation_of
from reports.words import Words

# Results in the order of concern: what comes first makes a domain weaker.
CONCERNS = ("moving_away", "behind", "slightly_behind", "not_reached")
_YEARS_IN_A_ROW = 10
# Fewer, for the words under each of them.
_NEEDED_IN_A_ROW = 7


@dataclass
class Sources:
    """The numbered list of the places that figures were copied from."""

    release: Release
    words: Words
    entries: dict[str, int] = field(default_factory=dict)

    def mark(self, point: Point) -> str:
        """[1], the number of a figure's source in the list; a dash when the release does not have it."""
        observation = observation_of(self.release, point.row.get("observation_key"))
        if observation is None:
            return self.words("none")
        text = cited(observation, self.release, self.words).plain()
        return f"[{self.entries.setdefault(text, len(self.entries) + 1)}]"


@dataclass
class Numbering:
    """Tables and figures are numbered through the whole report."""

    words: Words
    tables: int = 0
    figures: int = 0

    def table(self, title: str) -> str:
        self.tables += 1
        return self.words("paper.table", n=self.tables, title=title)

    def figure(self, title: str) -> str:
        self.figures += 1
        return self.words("paper.figure", n=self.figures, title=title)


def weakest_first(every: Sequence[TargetFacts]) -> list[str]:
    """The domains of some targets: those with most that moves away or lags first, those with nothing assessed last."""

    def weakness(domain: str) -> tuple[bool, tuple[int, ...], tuple[int, str]]:
        counts = bucket_counts([facts for facts in every if facts.domain == domain])
        assessed = sum(counts.values()) - counts["not_assessed"]
        return not assessed, tuple(-counts[bucket] for bucket in CONCERNS), domain_order(domain)

    return sorted({facts.domain for facts in every}, key=weakness)


def domain_title(domain: str, words: Words) -> str:
    """The heading of a domain: Lĩnh vực xã hội."""
    name = words.of("domain", domain)
    return sentence_case(words("paper.domain", name=name[:1].lower() + name[1:]))


def counts_sentence(key: str, every: Sequence[TargetFacts], words: Words) -> str:
    """How many targets a part has, and how many are in each bucket."""
    n = format_number(sum(bucket_counts(every).values()), words.language)
    return words(key, n=n, parts=counts_in_words(every, words))


def counts_table(every: Sequence[TargetFacts], domains: Sequence[str], title: str, words: Words) -> Table:
    """Counts by domain and bucket; buckets in which there is nothing are left out, not assessed never."""
    total = bucket_counts(every)
    buckets = [bucket for bucket, n in total.items() if n or bucket == "not_assessed"]
    columns = [
        Column(words("paper.column.domain"), 5),
        Column(words("paper.total"), 1.6, "right"),
        # The longest label says what it means as well.
        *(
            Column(words.of("bucket", bucket), 2.7 if bucket == "moving_away" else 1.8, "right")
            for bucket in buckets
        ),
    ]

    def row(name: str, counts: Mapping[str, int]) -> Row:
        numbers = [sum(counts.values()), *(counts[bucket] for bucket in buckets)]
        return Row([name, *(format_number(n, words.language) for n in numbers)])

    rows = [
        row(words.of("domain", domain), bucket_counts([f for f in every if f.domain == domain]))
        for domain in domains
    ]
    return Table(title, columns, [*rows, row(words("paper.total"), total)])


def comparison_table(
    chosen: Sequence[TargetFacts], periods: Sequence[str], title: str, words: Words
) -> Table:
    """Targets with their figures of some periods side by side, the figure assessed, and the result."""
    many = len(periods) > 2
    columns = [
        Column(words("paper.column.target"), 4.4),
        Column(words("paper.column.promise"), 3.1),
        *(Column(_short(period, words) if many else period_words(period, words), 1.5 if many else 2.8, "right")
          for period in periods),
        *([] if many else [Column(words("paper.column.latest"), 2.8, "right")]),
        Column(words("paper.column.result"), 2.3),
    ]  # fmt: skip
    rows = []
    for facts in chosen:
        compared = [_of_period(facts, period) for period in periods]
        name = words.pick(facts.target, "name")
        if many and facts.chart_unit:
            name = f"{name} ({unit_symbol(facts, facts.chart_unit, words)})"
        latest = [] if many else [_with_period(facts, words)]
        rows.append(
            Row(
                [
                    name,
                    promise(facts, words),
                    *(_compared(point, facts, words, bare=many) for point in compared),
                    *latest,
                    result(facts, words),
                ]
            )
        )
    return Table(title, columns, rows)


def _compared(point: Point | None, facts: TargetFacts, words: Words, *, bare: bool) -> str:
    """A figure with its unit; bare, without the one that all figures of the target share."""
    if point is None:
        return words("none")
    if bare and point.row.get("unit") == facts.chart_unit:
        return format_number(point.value, words.language, point.decimals)
    return figure(point, facts, words)


def _of_period(facts: TargetFacts, period_id: str) -> Point | None:
    """The figure of a period; of a year also one of a day in it."""
    exact = facts.point_of(period_id)
    if exact is not None or not period_id.isdigit():
        return exact
    return next((point for point in facts.points if point.year == int(period_id)), None)


def _short(period_id: str, words: Words) -> str:
    year = year_of(period_id)
    return str(year) if year is not None else period_words(period_id, words)


def _with_period(facts: TargetFacts, words: Words) -> str:
    shown = facts.shown
    if shown is None:
        return words("none")
    return f"{figure(shown, facts, words)} ({shown_period(facts, words)})"


def result(facts: TargetFacts, words: Words) -> str:
    """The bucket in words, with what softens a shortfall of something to strive for."""
    beside = aspiration_words(facts, words)
    word = words.of("bucket", facts.bucket)
    return f"{word} ({beside})" if beside and facts.bucket in SHORTFALLS else word


def headline_blocks(
    facts: TargetFacts, letter: str, picture: Picture | None, numbering: Numbering, release: Release
) -> list[Block]:
    """A headline target: its sentences, its chart, the same figures as a table, and what each coming year needs."""
    words = numbering.words
    source = published_average_source(release, facts, words)
    blocks: list[Block] = [Heading(3, f"{letter}) {words.pick(facts.target, 'name')}")]
    blocks += [Paragraph(line) for line in target_sentences(facts, words, source)]
    if picture is not None:
        drawn = words("chart.drawn", unit=unit_symbol(facts, facts.chart_unit, words))
        if not facts.target_bounds():
            drawn = f"{drawn} {words('chart.no_target')}"
        blocks.append(Figure(numbering.figure(chart_finding(facts, words)), picture, drawn))
    return [*blocks, *_years_tables(facts, words), *_needed_blocks(facts, release, words)]


def _needed_blocks(facts: TargetFacts, release: Release, words: Words) -> list[Block]:
    """The levels that the coming years have to reach, years across the paper, or why none are told."""
    needed = needed_table(facts, release.cut_off, words)
    title = words("need.title")
    if isinstance(needed, str):
        return [Paragraph(needed, label=f"{title}.")]
    blocks: list[Block] = [Paragraph(" ".join(needed.said), label=f"{title}.")]
    years = needed.years
    in_a_row = ceil(len(years) / ceil(len(years) / _NEEDED_IN_A_ROW))
    for start in range(0, len(years), in_a_row):
        part = years[start : start + in_a_row]
        columns = [
            Column(words("paper.per_year"), 4.2),
            *(Column(str(one.year), 1.7, "right") for one in part),
        ]
        rows = [Row([head, *(one.values[place] for one in part)]) for place, head in enumerate(needed.heads)]
        status = status_head(release.cut_off, words)
        rows.append(Row([status, *(words.of("need_year", one.state) for one in part)]))
        blocks.append(Table("", columns, rows))
    return blocks


def _years_tables(facts: TargetFacts, words: Words) -> list[Table]:
    """Every annual figure of a target, years across the paper; none for fewer than two."""
    points = [point for point in facts.points if point.year is not None]
    if len(points) < 2:
        return []
    unit = unit_symbol(facts, facts.chart_unit, words)
    tables = []
    # Rows of the same length, so that no year stands alone.
    in_a_row = ceil(len(points) / ceil(len(points) / _YEARS_IN_A_ROW))
    for start in range(0, len(points), in_a_row):
        part = points[start : start + in_a_row]
        columns = [
            Column(words("paper.per_year"), 2.6),
            *(Column(str(point.year), 1.4, "right") for point in part),
        ]
        values = [_compared(point, facts, words, bare=True) for point in part]
        tables.append(Table("", columns, [Row([words("column.value_unit", unit=unit), *values])]))
    return tables


def targets_table(every: Sequence[TargetFacts], domains: Sequence[str], title: str, words: Words) -> Table:
    """Every target with its promise, the figure assessed, level, pace, confidence and why it is not assessed."""
    columns = [
        Column(words("paper.column.order"), 1.0, "right"),
        Column(words("paper.column.target"), 6.4),
        Column(words("paper.column.clause"), 1.7),
        Column(words("paper.column.promise"), 4.4),
        Column(words("column.actual"), 3.0, "right"),
        Column(words("paper.column.latest_period"), 2.6),
        Column(words("paper.column.level"), 2.4),
        Column(words("paper.column.pace"), 2.4),
        Column(words("paper.column.confidence"), 1.5, "center"),
        Column(words("paper.column.reason"), 3.4),
    ]
    rows: list[Row] = []
    for domain in domains:
        rows.append(Row([domain_title(domain, words)], is_group=True))
        for number, facts in ((n, f) for n, f in numbered(every, domains) if f.domain == domain):
            shown = facts.shown
            rows.append(
                Row(
                    [
                        str(number),
                        words.pick(facts.target, "name"),
                        str(facts.target.get("clause") or words("none")),
                        promise(facts, words),
                        figure(shown, facts, words) if shown else words("none"),
                        _period_and_maturity(facts, shown, words) if shown else words("card.no_figure"),
                        level_words(facts, words),
                        words.of("pace", str(facts.assessment.get("pace_state") or "not_assessed")),
                        str(facts.assessment.get("confidence") or words("none")),
                        card_reason(facts, words) or words("none"),
                    ]
                )
            )
    return Table(title, columns, rows)


def numbered(every: Sequence[TargetFacts], domains: Sequence[str]) -> list[tuple[int, TargetFacts]]:
    """The targets with the numbers they have in the annexes: domain by domain, each in the order of the document."""
    ordered = [facts for domain in domains for facts in every if facts.domain == domain]
    return list(enumerate(ordered, start=1))


def _period_and_maturity(facts: TargetFacts, point: Point, words: Words) -> str:
    maturity = point.row.get("maturity") or "not_stated"
    period = shown_period(facts, words)
    return period if maturity == "not_stated" else f"{period} ({words.of('maturity', maturity)})"


def note_blocks(
    every: Sequence[TargetFacts], domains: Sequence[str], sources: Sources, words: Words
) -> list[Block]:
    """For each target: where it stands in the document, how it is read, how it was assessed, its figure's source."""
    blocks: list[Block] = []
    domain = None
    for number, facts in numbered(every, domains):
        if facts.domain != domain:
            domain = facts.domain
            blocks.append(Heading(2, domain_title(domain, words)))
        blocks.append(Paragraph("", "entry", f"{number}. {words.pick(facts.target, 'name')}"))
        blocks += [Paragraph(line, "note") for line in _note_lines(facts, sources, words)]
    return blocks


def _note_lines(facts: TargetFacts, sources: Sources, words: Words) -> list[str]:
    target, assessment = facts.target, facts.assessment
    place = place_words(sources.release, target, words)
    quoted = words("citation.quoted", title=target.get("printed_text") or words("none"))
    status = (
        words("paper.reading_confirmed", document=confirmation(target, words))
        if is_confirmed(target)
        else words("paper.reading_proposed")
    )
    entries = "; ".join(f"{label}: {text}" for label, text in reading_entries(facts, words))
    letter = assessment.get("confidence")
    confidence = (
        words("target.confidence_value", letter=letter, word=words.of("confidence", letter))
        if letter
        else None
    )
    read = [
        words("paper.note_place", place=place, quoted=quoted),
        words("paper.note_reading", status=status, entries=entries.rstrip(".")),
    ]
    if noted := reading_note(target, words):
        read.append(noted)
    assessed = [
        words(
            "paper.note_assessed",
            level=level_words(facts, words),
            pace=words.of("pace", str(assessment.get("pace_state") or "not_assessed")),
            confidence=confidence or words("none"),
        )
    ]
    if reason := card_reason(facts, words):
        assessed.append(words("paper.note_reason", reasons=reason))
    if assessment.get("note"):
        assessed.append(words.of("assessment_note", assessment["note"]))
    assessed += result_sentences(facts, words)
    shown = facts.shown
    if shown is None:
        assessed += [words("paper.note_no_figure"), keeper_sentence(facts, words)]
    else:
        maturity = words.of("maturity", shown.row.get("maturity") or "not_stated")
        said = {"period": period_words(shown.period_id, words), "value": figure(shown, facts, words)}
        assessed.append(words("paper.note_figure", maturity=maturity, mark=sources.mark(shown), **said))
        assessed += origin_sentences(sources.release, facts, words)
        if letter:
            assessed += [words("target.how_sure", letter=letter), *confidence_sentences(facts, words)]
    return [" ".join(read), " ".join(assessed)]


def changes_table(
    before: Sequence[TargetFacts], now: Sequence[TargetFacts], title: str, words: Words
) -> Table | None:
    """Targets of which the release before said another figure or result; None when it said the same of all."""
    was: dict[TargetKey, TargetFacts] = {target_key(facts.target): facts for facts in before}
    rows = []
    for facts in now:
        old = was.get(target_key(facts.target))
        then, today = (_told(one, words) if one else words("none") for one in (old, facts))
        if then != today:
            rows.append(Row([words.pick(facts.target, "name"), then, today]))
    columns = [
        Column(words("paper.column.target"), 6),
        Column(words("paper.column.before"), 4.5),
        Column(words("paper.column.now"), 4.5),
    ]
    return Table(title, columns, rows) if rows else None


def worse_blocks(before: Sequence[TargetFacts], now: Sequence[TargetFacts], words: Words) -> list[Block]:
    """Which targets moved to a worse state, and which went back without that, from what to what."""
    was = {target_key(facts.target): facts.assessment for facts in before}
    worse = [
        words.pick(facts.target, "name")
        for facts in now
        if (old := was.get(target_key(facts.target))) is not None
        and direction_of(old, facts.assessment) in ("worse", "ended")
    ]
    said = words("answer.none_worse")
    if worse:
        said = f"{words.counted('answer.worse', len(worse))} {'; '.join(worse)}."
    blocks: list[Block] = [Paragraph(said)]
    back = setbacks(before, now)
    same = [one for one in back if one.same_state]
    others = [one for one in back if not one.same_state and one.direction not in ("worse", "ended")]
    for key, these in (("setback.same_state", same), ("setback.other_state", others)):
        if these:
            blocks.append(Paragraph(words.counted(key, len(these))))
            blocks += [
                Paragraph(f"{words.pick(one.now.target, 'name')}: {setback_words(one, words)}.", "note")
                for one in these
            ]
    return blocks


def _told(facts: TargetFacts, words: Words) -> str:
    return f"{_with_period(facts, words)}; {result(facts, words)}"
