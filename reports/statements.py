"""The sentences of the pages: what a release knows, said in words; only what is known is said."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from reports.needed_levels import first_open_year
from reports.numbers import decimals_of, format_date, format_number, to_decimal, with_unit
from reports.periods import first_year, period_words, sentence_case, span_years, year_of
from reports.plan_facts import is_true
from reports.release_data import Release, Row
from reports.target_facts import Need, Point, TargetFacts, counted, observation_of, period_list
from reports.words import FAMILIES, Words

Number = Decimal | float | int | str | None

COMPUTED_DECIMALS = 2
# A thousand, a million, a billion of a unit: what takes more decimals is no step between units that people use.
MOST_DECIMALS_ADDED = 9
CHANGE_FORMS = ("change", "increment")
FALLING_BEHIND = ("slightly_behind", "behind", "moving_away")
_STATES = ("level_state", "pace_state", "bucket")


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


def figure_beside_promise(point: Point, facts: TargetFacts, words: Words) -> str:
    """A figure as a sentence that also names the promise has it: in the unit of the promise, where that is another
    unit of the same quantity (1.800 nghìn lượt beside 4 triệu lượt is 1,8 triệu lượt). The value stays exact.
    """
    unit = point.row.get("unit")
    own, promised = (facts.units.get(str(name)) for name in (unit, facts.target.get("unit")))
    if own is None or promised is None or own is promised or own["dimension"] != promised["dimension"]:
        return figure(point, facts, words)
    value = facts.in_unit(point.value, unit, facts.target.get("unit"))
    if value is None or decimals_of(value) > (point.decimals or 0) + MOST_DECIMALS_ADDED:
        return figure(point, facts, words)
    carried = with_unit(
        format_number(value, words.language), unit_symbol(facts, facts.target.get("unit"), words)
    )
    return words(f"qualifier.{point.qualifier}", value=carried) if point.qualifier else carried


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
    """Why something is not assessed, in a few words, and why a figure that is shown does not count; empty when
    everything is assessed.
    """
    said = [words.of("reason", code) for code in reason_codes(facts)]
    if said and facts.shown is not None and (why := why_for_reference(facts, words)):
        said[0] = words(
            "for_reference.said", reason=said[0], period=period_words(facts.shown.period_id, words), why=why
        )
    return " · ".join(said)


def why_for_reference(facts: TargetFacts, words: Words) -> str | None:
    """Why the figure that is shown is not the one the assessment asks for; None where it is, or there is none."""
    shown = facts.shown
    if shown is None or facts.judged is not None:
        return None
    code, year = main_reason(facts), first_year(shown.period_id)
    first, last = facts.first_year, facts.last_year
    if code in ("NO_DATA", "NOT_DUE") and first is not None and year is not None and year < first:
        return words("for_reference.before_span", first=first, last=last)
    if code == "NOT_DUE" and first is None and last is not None:
        return words("for_reference.far_year", year=last)
    if code == "NO_DATA" and is_true(facts.assessment.get("level_final")) and year != last:
        return words("for_reference.other_year", year=last)
    if code == "NO_DATA" and shown.year is None and span_years(shown.period_id) is None:
        return words("for_reference.part_year")
    return words.of("for_reference_reason", code)


def shown_period(facts: TargetFacts, words: Words) -> str:
    """The period of the figure that is shown; said to be for reference only where the assessment does not use it. A
    dash without a figure.
    """
    if facts.shown is None:
        return words("none")
    period = period_words(facts.shown.period_id, words)
    return words("for_reference.period", period=period) if why_for_reference(facts, words) else period


def _told_beside_promise(point: Point, facts: TargetFacts, words: Words) -> str:
    """A figure as the first line tells it: with the unit of the promise, or with what it is beside a promise of
    another kind (a level beside a growth, a fall or a rise).
    """
    unit, aim = point.row.get("unit"), facts.target.get("unit")
    carried = facts.in_unit(point.value, unit, aim)
    if carried is None and facts.average and aim is not None:
        return words("lead.level_beside_growth", value=figure(point, facts, words))
    value = figure_beside_promise(point, facts, words)
    if carried is not None and carried != point.value:
        return value
    # A figure of a change is a fall or a rise, as its promise is; without the word a fall would read as a share.
    # That holds where more is better, so that the indicator counts in the direction of the promise.
    counts_change = point.row.get("form") in CHANGE_FORMS and facts.indicator.get("direction") == "increase"
    verb = _verb(facts.target) if counts_change and point.value >= 0 else None
    return words(f"lead.change_{verb}", value=value) if verb else value


def _actual_words(facts: TargetFacts, words: Words) -> str:
    """The figure that is shown, with its period: reached, no longer up to the target, or for reference only."""
    shown = facts.shown
    if shown is None:
        return words("lead.nothing")
    value = _told_beside_promise(shown, facts, words)
    said = {"period": period_words(shown.period_id, words), "value": value}
    if why := why_for_reference(facts, words):
        return words("lead.latest_known", why=why, **said)
    if facts.assessment.get("level_state") == "lost":
        return words("lead.lost", **said)
    return words("lead.actual_less" if less_is_better(facts) else "lead.actual", **said)


def less_is_better(facts: TargetFacts) -> bool:
    """Whether the level itself has to come down; of a yearly change the fall is what is reached."""
    target = facts.target
    return target["target_type"] != "annual_change" and target.get("direction") == "decrease"


def path_words(facts: TargetFacts, words: Words) -> str | None:
    """What the path asks for by now and how far the actual is from it; None where no path is declared."""
    row = facts.assessment
    path, gap = to_decimal(row.get("path_value")), to_decimal(row.get("gap"))
    if path is None:
        return None
    value = by_end(measured(path, row.get("unit"), facts, words), facts, words)
    if gap is None:
        return words("card.path", value=value)
    side = "higher" if gap > 0 else "lower" if gap < 0 else "equal"
    away = measured(abs(gap), unit_of_change(facts, row.get("unit")), facts, words)
    return words(f"card.path_{side}", value=value, gap=away)


def goal_words(need: Need, facts: TargetFacts, words: Words) -> str:
    """One end of a promised range: cận dưới 4 triệu lượt."""
    goal = measured(need.goal, facts.target.get("unit"), facts, words)
    return words(f"need_end.{need.bound}", goal=goal)


def by_end(value: str, facts: TargetFacts, words: Words) -> str:
    """A value with the end of the promised range that it is taken of; as it is where one value is promised."""
    assessed = next((need for need in facts.needs if need.is_assessed and need.bound != "only"), None)
    return words("need.by_end", value=value, end=goal_words(assessed, facts, words)) if assessed else value


def _to_ends(
    stated: Decimal | None,
    of: Callable[[Need], Decimal | None],
    said: Callable[[Decimal], str],
    facts: TargetFacts,
    words: Words,
) -> str | None:
    """What is required, for each end of a range that still asks for something; None where nothing is."""
    asking = [
        (need, value) for need in facts.needs if need.bound != "only" and (value := of(need)) is not None
    ]
    if asking:
        return words("need.between").join(
            words("need.to_end", value=said(value), end=goal_words(need, facts, words))
            for need, value in asking
        )
    return None if stated is None else said(stated)


def _required_change(facts: TargetFacts, words: Words) -> tuple[str, str] | None:
    """The change a year that is required, as the name of its sentence and in words with the ends of a range."""
    row = facts.assessment
    unit = unit_of_change(facts, row.get("unit") or facts.target.get("unit"))
    stated = to_decimal(row.get("required_per_year")) or None
    said = _to_ends(
        stated,
        lambda need: need.per_year or None,
        lambda value: measured(abs(value), unit, facts, words),
        facts,
        words,
    )
    some = stated or next((need.per_year for need in facts.needs if need.per_year), None)
    return None if said is None or some is None else (_required_key(facts, some), said)


def _required_growth(facts: TargetFacts, words: Words) -> str | None:
    """The growth a year that a promised average still needs, in words with the ends of a range."""
    row = facts.assessment
    unit = row.get("unit") or facts.target.get("unit")
    stated = row.get("required_growth")
    return _to_ends(
        to_decimal(row.get("required_growth_from_published") if stated is None else stated),
        lambda need: need.growth,
        lambda value: measured(value, unit, facts, words, COMPUTED_DECIMALS),
        facts,
        words,
    )


def required_words(facts: TargetFacts, words: Words) -> str | None:
    """What the years ahead have to bring, and of which years that is said; None where the release states no pace."""
    if facts.average:
        growth = _required_growth(facts, words)
        first = first_open_year(facts.assessment)
        return growth and words("card.required_growth", value=growth, first=first, last=facts.last_year)
    required = _required_change(facts, words)
    if required is None:
        return None
    # Counted from the year of the figure, which may lie well before today.
    period = period_words(facts.shown.period_id, words) if facts.shown else words("none")
    return words(f"card.{required[0]}", value=required[1], period=period)


def _required_key(facts: TargetFacts, required: Decimal) -> str:
    """Whether each year has to bring more or less; of a structure, which is judged as one, how far its parts move."""
    if facts.target["target_type"] == "structure":
        return "required_structure"
    return "required_more" if required > 0 else "required_less"


def standing_words(facts: TargetFacts, words: Words) -> str:
    """Where a target stands in a few words: the figure, what the path asks for, the promise."""
    parts = [_actual_words(facts, words)] if facts.shown is not None else []
    if facts.assessment.get("path_value") is not None:
        path = measured(facts.assessment["path_value"], facts.assessment.get("unit"), facts, words)
        parts.append(words("lead.path", value=by_end(path, facts, words)))
    parts.append(words("lead.target", promise=promise(facts, words)))
    return "; ".join(parts)


def custodians_counted(every: Sequence[TargetFacts], words: Words) -> list[tuple[str, int]]:
    """The offices that keep the figures of targets, each with how many of these it is, the most first."""
    known = Counter(words.pick(facts.indicator, "custodian") for facts in every)
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
    parts = [_actual_words(facts, words)]
    if facts.shown is None or facts.judged is None:
        return [_sentence([*parts, target])]
    unit = assessment.get("unit")
    if assessment.get("path_value") is not None:
        path = measured(assessment["path_value"], unit, facts, words)
        parts.append(words("lead.path", value=by_end(path, facts, words)))
    parts.append(target)
    if required := _required_change(facts, words):
        period = period_words(facts.shown.period_id, words)
        parts.append(words(f"lead.{required[0]}", value=required[1], period=period))
    return [_sentence(parts)]


def _growth_sentences(facts: TargetFacts, words: Words, source_title: str | None) -> list[str]:
    assessment = facts.assessment
    target = words("lead.target", promise=promise(facts, words))
    present, missing = (period_list(assessment.get(f"periods_{name}")) for name in ("present", "missing"))
    unit = assessment.get("unit") or facts.target.get("unit")
    lines = [_sentence([_actual_words(facts, words), target])]
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
    required = _required_growth(facts, words)
    if required is None:
        return lines
    coming = {"value": required, "first": first_open_year(assessment), "last": facts.last_year}
    if assessment.get("required_growth") is not None:
        return [*lines, _sentence([words("lead.growth_required", **coming)])]
    published = words(
        "lead.growth_required_from_published",
        period=period_words(str(assessment.get("published_average_period_id") or ""), words),
        average=measured(assessment.get("published_average"), unit, facts, words),
        source=source_title or str(assessment.get("published_average_source_id") or words("none")),
        **coming,
    )
    return [*lines, _sentence([published])]


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


def domains_sentence(by_domain: Mapping[str, Sequence[TargetFacts]], words: Words) -> str:
    """How the domains stand beside each other: which have targets behind or moving away, which none assessed."""
    counts = {domain: bucket_counts(these) for domain, these in by_domain.items()}
    behind = [domain for domain, of in counts.items() if any(of[state] for state in FALLING_BEHIND)]
    unknown = [domain for domain, of in counts.items() if not sum(of.values()) - of["not_assessed"]]

    def named(domains: Sequence[str]) -> str:
        # Names of domains have commas in them.
        return "; ".join(words.of("domain", domain) for domain in domains)

    said = [words.counted("domains.choose", len(counts))]
    if behind:
        said.append(words("domains.behind", domains=named(behind)))
    elif len(unknown) < len(counts):
        said.append(words("domains.none_behind"))
    if unknown:
        said.append(words("domains.none_assessed", domains=named(unknown)))
    return " ".join(said)


def main_reason(facts: TargetFacts) -> str:
    """The one reason under which a target that is not assessed is counted: that of its level, else of its pace."""
    return (reason_codes(facts) or ["NO_DATA"])[0]


def previous_words(release: Release, before: Release | None, words: Words) -> str | None:
    """The release that a release was compared with: its id, and its cut-off where it is here; None without one."""
    previous = release.manifest.previous_release_id
    if previous is None or before is None:
        return previous
    return words("overview.before", release=previous, day=format_date(before.cut_off))


def change_sentence(
    changes: Sequence[Row], every: Sequence[TargetFacts], previous: str | None, words: Words
) -> str:
    """What changed since the release before: actuals, assessments and targets, each row counted once.

    `every`: the targets of the plan in use, whose assessments are told apart from those of other documents. `previous`:
    the release before, as `previous_words` names it.
    """
    if previous is None:
        return words("overview.first_release")
    of_the_plan = {facts.assessment.get("assessment_key"): facts for facts in every}
    parts_changed: set[str] = set()
    touched: dict[str, set[str]] = {key: set() for key in FAMILIES["change"]}
    # With another cut-off each assessment is a row of its own, so a change of state does not show as one.
    made_anew = any(c["table_name"] == "fct_assessment" and c["change_kind"] == "added" for c in changes)
    for change in changes:
        kind, table = str(change["change_kind"]), str(change["table_name"])
        key = {
            ("added", "fct_actual"): "figures_added",
            ("changed", "fct_actual"): "figures_changed",
            ("removed", "fct_actual"): "figures_removed",
        }.get((kind, table))
        if table == "fct_assessment" and change["column_name"] in _STATES:
            facts = of_the_plan.get(_assessment_key(str(change["row_key"])))
            key = "other_assessments" if facts is None else "assessments"
            if facts is not None and not facts.counted:
                parts_changed.add(facts.target_id)
        elif table in ("fct_target", "fct_milestone", "dim_plan_document"):
            key = "targets"
        if key:
            touched[key].add(f"{table} {change['row_key']}")
    told = {key: words.counted(f"change.{key}", len(rows)) for key, rows in touched.items() if rows}
    if parts_changed:
        n = format_number(len(parts_changed), words.language)
        told["assessments"] = words("overview.of_a_structure", told=told["assessments"], n=n)
    parts = list(told.values())
    if not parts:
        return words("overview.only_reassessed" if made_anew else "overview.no_changes", before=previous)
    if made_anew:
        parts.append(words("overview.reassessed"))
    return _sentence([words("overview.changes", parts=words.listed(parts), before=previous)])


def _assessment_key(row_key: str) -> str | None:
    """The key of an assessment in the text that names its row in a list of changes."""
    try:
        named = json.loads(row_key)
    except ValueError:
        return None
    return named.get("assessment_key") if isinstance(named, dict) else None


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
        first_value=figure_beside_promise(first, facts, words),
        last=period_words(last.period_id, words),
        last_value=figure_beside_promise(last, facts, words),
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
        value=figure_beside_promise(shown, facts, words),
        target=promised_value(facts, words),
    )
