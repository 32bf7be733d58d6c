"""The sentences of the pages: what a release knows, said in words; only what is known is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from reports.numbers import decimals_of, format_number, to_decimal, with_unit
from reports.periods import first_year, period_words, sentence_case, span_years, year_of
from reports.plan_facts import is_true
from reports.release_data import Release, Row
from reports.target_facts import Point, TargetFacts, counted, observation_of, period_list
from reports.words import FAMILIES, Words

Number = Decimal | float | int | str | None

COMPUTED_DECIMALS = 2
CHANGES_TOLD = ("figures_added", "figures_changed", "figures_removed", "assessments", "targets")


def unit_symbol(facts: TargetFacts, unit: str | None, words: Words) -> str:
    """The short form of a unit; a unit that would read as a fraction (/10.000 dân) is written by its name."""
    row = facts.units.get(unit or "")
    if row is None:
        return unit or ""
    symbol = words.pick(row, "symbol")
    return words.pick(row, "name") if symbol.startswith("/") else symbol


def figure(point: Point, facts: TargetFacts, words: Words) -> str:
    """A figure in force as its publisher printed it: 56,48%; with the word before it: gần 2.524 tỷ đồng."""
    number = format_number(point.value, words.language, point.decimals)
    value = with_unit(number, unit_symbol(facts, point.row.get("unit"), words))
    return words(f"qualifier.{point.qualifier}", value=value) if point.qualifier else value


def measured(
    value: Number, unit: str | None, facts: TargetFacts, words: Words, decimals: int | None = None
) -> str:
    """A value of the assessment with its unit. Without decimals given, at most two are printed: none is
    invented.
    """
    number = to_decimal(value)
    if number is None:
        return words("none")
    places = min(decimals_of(number), COMPUTED_DECIMALS) if decimals is None else decimals
    return with_unit(format_number(number, words.language, places), unit_symbol(facts, unit, words))


def unit_of_change(facts: TargetFacts, unit: str | None) -> str | None:
    """The unit of a difference of two values: of per cents it is percentage points, else the unit itself."""
    change = {"percent": "percentage_point", "percent_per_year": "percentage_point_per_year"}.get(unit or "")
    return change if change in facts.units else unit


def promised_value(facts: TargetFacts, words: Words) -> str:
    """The value a target promises with its comparator: trên 95%, từ 4 đến 5 triệu lượt, giảm trên 4 điểm %/năm.

    A dash when it has none.
    """
    target = facts.target
    low, high = to_decimal(target.get("value_low")), to_decimal(target.get("value_high"))
    if low is None and high is None:
        return words("none")
    unit = unit_symbol(facts, target.get("unit"), words)
    single = low if low is not None else high
    value = words(
        f"comparator.{target['comparator']}" if target.get("comparator") else "comparator.eq",
        value=with_unit(_printed(single, words), unit),
        low=_printed(low, words),
        high=with_unit(_printed(high, words), unit),
    )
    verb = _verb(target) if target["target_type"] == "annual_change" else None
    return words(f"promise.yearly_{verb}", value=value) if verb else value


def _verb(target: Row) -> str | None:
    """Whether a yearly change is promised as a rise or a fall: by the document's verb, else by the direction."""
    for text in (target.get("printed_text"), target.get("name_vi")):
        for word, verb in (("giảm", "decrease"), ("tăng", "increase")):
            if word in str(text or "").casefold():
                return verb
    direction = target.get("direction")
    return str(direction) if direction in ("increase", "decrease") else None


def promise(facts: TargetFacts, words: Words) -> str:
    """The whole promise with its time: bình quân 9,72%/năm giai đoạn 2021-2030."""
    value = promised_value(facts, words)
    if value == words("none"):
        return words("promise.no_value")
    kind, first, last = facts.target["target_type"], facts.first_year, facts.last_year
    if kind == "average_growth":
        value = words("promise.average", value=value)
    elif kind == "cumulative":
        value = words("promise.cumulative", value=value)
    if last is None:
        return value
    if first is not None and first != last:
        return words("promise.span", value=value, first=first, last=last)
    return words("promise.year", value=value, year=last)


def _printed(value: Decimal | None, words: Words) -> str:
    return format_number(value, words.language)


def level_words(facts: TargetFacts, words: Words) -> str:
    """The level in words; after the target year it is said to be final."""
    level = str(facts.assessment.get("level_state") or "not_assessed")
    label = words.of("level", level)
    final = is_true(facts.assessment.get("level_final")) and level != "not_assessed"
    return words("state.final", state=label) if final else label


def aspiration_words(facts: TargetFacts, words: Words) -> str | None:
    """The words beside a shortfall of a target to strive for; None for any other target."""
    return words("reading.aspiration_beside") if facts.aspiration else None


def reason_codes(facts: TargetFacts) -> list[str]:
    """The reason codes of level and pace, without repetition."""
    codes = (facts.assessment.get("reason_code"), facts.assessment.get("pace_reason_code"))
    return list(dict.fromkeys(str(code) for code in codes if code))


def card_reason(facts: TargetFacts, words: Words) -> str:
    """Why something is not assessed, in a few words; empty when everything is."""
    return " · ".join(words.of("reason", code) for code in reason_codes(facts))


def path_words(facts: TargetFacts, words: Words) -> str | None:
    """What the path asks for by now and how far the actual is from it; None where no path is declared."""
    row = facts.assessment
    path, gap = to_decimal(row.get("path_value")), to_decimal(row.get("gap"))
    if path is None:
        return None
    value = measured(path, row.get("unit"), facts, words)
    if gap is None:
        return words("card.path", value=value)
    side = "higher" if gap > 0 else "lower" if gap < 0 else "equal"
    away = measured(abs(gap), unit_of_change(facts, row.get("unit")), facts, words)
    return words(f"card.path_{side}", value=value, gap=away)


def required_words(facts: TargetFacts, words: Words) -> str | None:
    """What each year from now on has to bring; None where the release states no such pace."""
    row = facts.assessment
    unit = row.get("unit") or facts.target.get("unit")
    if row.get("required_growth_from_published") is not None:
        span = span_years(str(row.get("published_average_period_id") or ""))
        value = measured(row["required_growth_from_published"], unit, facts, words, COMPUTED_DECIMALS)
        first = span[1] + 1 if span else words("none")
        return words("card.required_growth_from", value=value, first=first, last=facts.last_year)
    if facts.average and row.get("required_growth") is not None:
        value = measured(row["required_growth"], unit, facts, words, COMPUTED_DECIMALS)
        return words("card.required_growth", value=value)
    required = to_decimal(row.get("required_per_year"))
    if required is None or required == 0:
        return None
    value = measured(abs(required), unit_of_change(facts, unit), facts, words)
    # Counted from the year of the figure, which may lie well before today.
    period = period_words(facts.shown.period_id, words) if facts.shown else words("none")
    return words(f"card.{_required_key(facts, required)}", value=value, period=period)


def _required_key(facts: TargetFacts, required: Decimal) -> str:
    """Whether each year has to bring more or less; of a structure, which is judged as one, how far its parts move."""
    if facts.target["target_type"] == "structure":
        return "required_structure"
    return "required_more" if required > 0 else "required_less"


def standing_words(facts: TargetFacts, words: Words) -> str:
    """Where a target stands in a few words: the figure, what the path asks for, the promise."""
    shown = facts.shown
    parts = []
    if shown is not None:
        parts.append(
            words(
                "lead.actual", period=period_words(shown.period_id, words), value=figure(shown, facts, words)
            )
        )
    if facts.assessment.get("path_value") is not None:
        path = measured(facts.assessment["path_value"], facts.assessment.get("unit"), facts, words)
        parts.append(words("lead.path", value=path))
    parts.append(words("lead.target", promise=promise(facts, words)))
    return "; ".join(parts)


def custodians_counted(every: Sequence[TargetFacts], words: Words) -> list[tuple[str, int]]:
    """The offices that keep the figures of targets, each with how many of these it is, the most first."""
    known = Counter(str(facts.indicator.get("custodian_vi") or words("none")) for facts in every)
    return sorted(known.items(), key=lambda item: (-item[1], item[0]))


def source_name(release: Release, words: Words, source_id: object) -> str | None:
    """Publisher and title of a source, as its record names them; None when the release has no such source."""
    row = next((row for row in release.rows("dim_source") if row["source_id"] == source_id), None)
    if row is None:
        return None
    publisher, title = words.pick(row, "publisher"), words.pick(row, "title")
    # A title that begins with its publisher says both.
    return title if publisher in title else words("target.source_named", publisher=publisher, title=title)


def published_average_source(release: Release, facts: TargetFacts, words: Words) -> str | None:
    """The source of the published average as its citation prints it, else by the source's record."""
    observation = observation_of(release, facts.assessment.get("published_average_observation_key"))
    if observation and observation.get("citation_publisher"):
        title, publisher = observation.get("citation_title"), str(observation["citation_publisher"])
        return words("target.source_named", publisher=publisher, title=title) if title else publisher
    return source_name(release, words, facts.assessment.get("published_average_source_id"))


def target_sentences(facts: TargetFacts, words: Words, source_title: str | None) -> list[str]:
    """The first lines of a target's page. `source_title` names the source of the published average, if there
    is one.
    """
    return _growth_sentences(facts, words, source_title) if facts.average else _level_sentences(facts, words)


def _level_sentences(facts: TargetFacts, words: Words) -> list[str]:
    assessment = facts.assessment
    target = words("lead.target", promise=promise(facts, words))
    shown = facts.shown
    if shown is None:
        return [_sentence([words("lead.nothing"), target])]
    said = {"period": period_words(shown.period_id, words), "value": figure(shown, facts, words)}
    if facts.judged is None:
        return [_sentence([words("lead.latest_known", **said), target])]
    parts = [words("lead.actual", **said)]
    unit = assessment.get("unit")
    if assessment.get("path_value") is not None:
        parts.append(words("lead.path", value=measured(assessment["path_value"], unit, facts, words)))
    parts.append(target)
    required = to_decimal(assessment.get("required_per_year"))
    if required is not None and required != 0:
        value = measured(abs(required), unit_of_change(facts, unit), facts, words)
        key = f"lead.{_required_key(facts, required)}"
        parts.append(words(key, value=value, period=said["period"]))
    return [_sentence(parts)]


def _growth_sentences(facts: TargetFacts, words: Words, source_title: str | None) -> list[str]:
    assessment = facts.assessment
    target = words("lead.target", promise=promise(facts, words))
    shown = facts.shown
    present, missing = (period_list(assessment.get(f"periods_{name}")) for name in ("present", "missing"))
    unit = assessment.get("unit") or facts.target.get("unit")
    if shown is None:
        lines = [_sentence([words("lead.nothing"), target])]
    else:
        said = {"period": period_words(shown.period_id, words), "value": figure(shown, facts, words)}
        lines = [_sentence([words("lead.actual", **said), target])]
    if present and missing:
        lines.append(
            _sentence(
                [words("lead.growth_years", present=_years(present, words), missing=_years(missing, words))]
            )
        )
    mean = assessment.get("average_to_date")
    # A published average that the verdict is taken from has been said as the actual.
    if mean is not None and assessment.get("note") != "published_average_used":
        key = "lead.growth_mean_ungraded" if missing else "lead.growth_mean"
        lines.append(_sentence([words(key, value=measured(mean, unit, facts, words, COMPUTED_DECIMALS))]))
    if assessment.get("required_growth") is not None:
        value = measured(assessment["required_growth"], unit, facts, words, COMPUTED_DECIMALS)
        lines.append(_sentence([words("lead.growth_required", value=value)]))
    if assessment.get("required_growth_from_published") is not None:
        period_id = str(assessment.get("published_average_period_id") or "")
        span = span_years(period_id)
        lines.append(
            _sentence(
                [
                    words(
                        "lead.growth_required_from_published",
                        period=period_words(period_id, words),
                        average=measured(assessment.get("published_average"), unit, facts, words),
                        source=source_title
                        or str(assessment.get("published_average_source_id") or words("none")),
                        first=span[1] + 1 if span else words("none"),
                        last=facts.last_year,
                        value=measured(
                            assessment["required_growth_from_published"],
                            unit,
                            facts,
                            words,
                            COMPUTED_DECIMALS,
                        ),
                    )
                ]
            )
        )
    return lines


def _years(period_ids: Sequence[str], words: Words) -> str:
    return words.listed([str(year_of(p) or period_words(p, words)) for p in period_ids])


def _sentence(parts: Sequence[str]) -> str:
    return sentence_case("; ".join(parts)).rstrip(".") + "."


def bucket_counts(every: Sequence[TargetFacts]) -> dict[str, int]:
    """Number of counted targets in each bucket, every bucket named, in the order of the contract."""
    known = Counter(facts.bucket for facts in counted(every))
    return {bucket: known.get(bucket, 0) for bucket in FAMILIES["bucket"]}


def overview_sentence(every: Sequence[TargetFacts], words: Words) -> str:
    """Where the plan stands, in one sentence with the counts; not assessed is always said."""
    counts = bucket_counts(every)
    parts = [
        words(f"bucket_count.{bucket}", n=format_number(count, words.language))
        for bucket, count in counts.items()
        if count or bucket == "not_assessed"
    ]
    return _sentence([words.counted("overview.lead", sum(counts.values()), parts=words.listed(parts))])


def pace_sentence(every: Sequence[TargetFacts], words: Words) -> str:
    """How many targets have a pace and a level; said because counts by bucket do not show it."""
    rows = [f.assessment for f in counted(every)]
    level = sum(row.get("level_state") not in (None, "not_assessed") for row in rows)
    pace = sum(row.get("pace_state") not in (None, "not_assessed") for row in rows)
    if pace == 0:
        return words("overview.no_pace", level=format_number(level, words.language))
    return words(
        "overview.with_pace",
        level=format_number(level, words.language),
        pace=format_number(pace, words.language),
    )


def counts_in_words(every: Sequence[TargetFacts], words: Words) -> str:
    """How many targets are in each bucket that has any, listed; empty where none is counted."""
    counts = bucket_counts(every).items()
    return words.listed(
        [words(f"bucket_count.{b}", n=format_number(n, words.language)) for b, n in counts if n]
    )


def main_reason(facts: TargetFacts) -> str:
    """The one reason under which a target that is not assessed is counted: that of its level, else of its pace."""
    return (reason_codes(facts) or ["NO_DATA"])[0]


def reasons_counted(every: Sequence[TargetFacts]) -> list[tuple[str, int]]:
    """Why targets are not assessed: reason code and number of targets, most frequent first."""
    codes = Counter(main_reason(facts) for facts in counted(every) if facts.bucket == "not_assessed")
    return sorted(codes.items(), key=lambda item: (-item[1], item[0]))


def latest_year(facts: TargetFacts) -> int | None:
    """Year of the latest figure known for a target, whether or not it could be used."""
    known = facts.assessment.get("latest_known_period_id") or facts.assessment.get("actual_period_id")
    shown = facts.shown
    return first_year(str(known)) if known else (shown.year if shown else None)


def fresh_sentence(every: Sequence[TargetFacts], cut_off: str, words: Words) -> str:
    """How fresh the figures are: cut-off, the latest year and how many targets have it, how many have
    nothing.
    """
    years = [latest_year(facts) for facts in counted(every)]
    known = Counter(year for year in years if year is not None)
    parts = [words("overview.cut_off", day=cut_off)]
    if known:
        newest = max(known)
        parts.append(words.counted("overview.newest", known[newest], year=newest))
        if older := sum(count for year, count in known.items() if year < newest):
            parts.append(words.counted("overview.older", older))
    if nothing := years.count(None):
        parts.append(words.counted("overview.without_figures", nothing))
    return _sentence(parts)


def change_sentence(changes: Sequence[Row], has_previous: bool, words: Words) -> str:
    """What changed since the release before: actuals, assessments and targets, each row counted once."""
    if not has_previous:
        return words("overview.first_release")
    touched: dict[str, set[str]] = {key: set() for key in CHANGES_TOLD}
    # With another cut-off each assessment is a row of its own, so a change of state does not show as one.
    made_anew = any(c["table_name"] == "fct_assessment" and c["change_kind"] == "added" for c in changes)
    for change in changes:
        kind, table = str(change["change_kind"]), str(change["table_name"])
        key = {
            ("added", "fct_actual"): "figures_added",
            ("changed", "fct_actual"): "figures_changed",
            ("removed", "fct_actual"): "figures_removed",
        }.get((kind, table))
        if table == "fct_assessment" and change["column_name"] in ("level_state", "pace_state"):
            key = "assessments"
        elif table in ("fct_target", "fct_milestone", "dim_plan_document"):
            key = "targets"
        if key:
            touched[key].add(f"{table} {change['row_key']}")
    parts = [words.counted(f"change.{key}", len(rows)) for key, rows in touched.items() if rows]
    if not parts:
        return words("overview.only_reassessed" if made_anew else "overview.no_changes")
    if made_anew:
        parts.append(words("overview.reassessed"))
    return _sentence([words("overview.changes", parts=words.listed(parts))])


def chart_summary(facts: TargetFacts, words: Words) -> str:
    """A chart in one line of words, for those who do not see it."""
    points = facts.points
    target = words("lead.target", promise=promise(facts, words))
    if not points:
        return _sentence([words("chart.no_points"), target])
    first, last = points[0], points[-1]
    ends = words.counted(
        "chart.summary",
        len(points),
        first=period_words(first.period_id, words),
        first_value=figure(first, facts, words),
        last=period_words(last.period_id, words),
        last_value=figure(last, facts, words),
    )
    return _sentence([ends, target])


def chart_finding(facts: TargetFacts, words: Words) -> str:
    """The finding a chart shows, as its title."""
    shown = facts.shown if facts.shown in facts.points else (facts.points[-1] if facts.points else None)
    if shown is None:
        return words("chart.finding_none")
    return words(
        "chart.finding",
        period=period_words(shown.period_id, words),
        value=figure(shown, facts, words),
        target=promised_value(facts, words),
    )
