"""Our reading of a target, and how its result is to be read, as labels and sentences."""

from __future__ import annotations

from datetime import date, datetime

from reports.needs import range_sentence
from reports.numbers import format_date, format_number, to_decimal
from reports.periods import period_words
from reports.plan_facts import is_true
from reports.release_data import Row
from reports.statements import level_words, measured, promised_value, reason_codes, unit_of_change
from reports.target_facts import TargetFacts, period_list
from reports.words import Words

NOTHING_TO_MEND = {"NOT_DUE", "TARGET_YEAR_OVER"}
APPROXIMATE = {"approx", "approx_between", "approx_gt", "hold_approx"}
PATHED = {"level", "interval", "count", "area", "capacity", "structure", "rank", "hold", "floor", "ceiling"}
GROWTH_PHASING = "growth:"
RATIO_DECIMALS = 3
DISTANCE_UNIT = "percentage_point"


def is_confirmed(target: Row) -> bool:
    """Whether a document confirms the reading."""
    return target.get("reading_status") == "confirmed"


def confirmation(target: Row, words: Words) -> str:
    """The document that confirms the reading: number, with its date where one is given."""
    number = target.get("reading_document_number") or target.get("reading_document") or words("none")
    day = target.get("reading_document_date")
    if isinstance(day, datetime):
        day = day.date()
    if isinstance(day, date):
        return words("reading.confirmed_dated", number=number, day=format_date(day))
    return str(number)


def target_period(target: Row, words: Words) -> str:
    """The target year or its span, in words."""
    first, last = target.get("period_start"), target.get("period_end")
    if last is None:
        return words("none")
    if first is not None and first != last:
        return words("period.span", first=first, last=last)
    return words("period.year", year=last)


def reading_entries(facts: TargetFacts, words: Words) -> list[tuple[str, str]]:
    """What we read into a target with figures: label and text, in the order a reader asks."""
    target, kind = facts.target, str(facts.target["target_type"])
    entries = [
        ("type", words.of("target_type", kind)),
        ("value", promised_value(facts, words)),
        ("direction", words.of("direction", target.get("direction"))),
        ("period", _period(target, words)),
    ]
    if kind in PATHED:
        base = target.get("base_period")
        entries.append(("base", period_words(base, words) if base else words("reading.base_none")))
        path = target.get("trajectory")
        entries.append(
            ("trajectory", words.of("trajectory", path) if path else words("reading.trajectory_none"))
        )
    if kind == "cumulative":
        entries.append(("phasing", _phasing(target.get("phasing"), words)))
    if target.get("tolerance") is not None:
        value = measured(target["tolerance"], unit_of_change(facts, target.get("unit")), facts, words)
        entries.append(("tolerance", words("reading.tolerance_value", value=value)))
    elif target.get("comparator") in APPROXIMATE:
        entries.append(("tolerance", words("reading.tolerance_none")))
    if target.get("range_kind"):
        entries.append(("range_kind", words.of("range_kind", target["range_kind"])))
    return [(words(f"reading.{name}"), text) for name, text in (*entries, *_shared(target, words))]


def milestone_entries(target: Row, words: Words) -> list[tuple[str, str]]:
    """What we read into a milestone: what is to be done, by when, by whom."""
    year = target.get("period_end")
    rule = str(target.get("due_rule") or "by_end")
    due = words(f"due_rule.{rule}", year=year) if year is not None else words("none")
    if is_true(target.get("horizon_inferred")):
        due = words("reading.inferred", period=due)
    entries = [("action", words.of("action", target.get("action"))), ("due", due)]
    return [(words(f"reading.{name}"), text) for name, text in (*entries, *_shared(target, words))]


def _shared(target: Row, words: Words) -> list[tuple[str, str]]:
    entries = []
    if is_true(target.get("aspiration")):
        entries.append(("aspiration", words("reading.aspiration_true")))
    if target.get("frame_id"):
        entries.append(("frame", words.of("frame", str(target["frame_id"]))))
    for name, column in (("responsible", "responsible_vi"), ("coordinating", "coordinating_vi")):
        if target.get(column):
            entries.append((name, str(target[column])))
    return entries


def reading_note(target: Row, words: Words) -> str | None:
    """What we read into the target beyond its words, in a sentence; None when nothing is noted."""
    if not (target.get("note_vi") or target.get("note_en")):
        return None
    return words("reading.note", note=words.pick(target, "note"))


def _period(target: Row, words: Words) -> str:
    period = target_period(target, words)
    return words("reading.inferred", period=period) if is_true(target.get("horizon_inferred")) else period


def _phasing(phasing: object, words: Words) -> str:
    text = str(phasing or "")
    if text == "equal":
        return words("reading.phasing_equal")
    if text.startswith(GROWTH_PHASING):
        rate = format_number(text.removeprefix(GROWTH_PHASING).strip(), words.language)
        return words("reading.phasing_growth", rate=f"{rate}%")
    return text or words("reading.phasing_none")


def reason_sentences(facts: TargetFacts, words: Words) -> list[tuple[str, str, str]]:
    """Why something is not assessed and who can mend it: label, meaning, mend; one entry per reason."""
    entries = []
    for code in reason_codes(facts):
        mend = words.of("reason_mend", code)
        if code not in NOTHING_TO_MEND:
            mend = words("target.mend", mend=mend)
        if code == "NO_DATA" and facts.indicator.get("custodian_vi"):
            keeper = words.pick(facts.indicator, "custodian")
            mend = f"{mend} {words('more.custodian', name=keeper)}"
        meaning = words.of("reason_meaning", code)
        if code == "NO_TARGET" and _lacks_band(facts):
            meaning = words("reading.no_band")
        entries.append((words.of("reason", code), meaning, mend))
    return entries


def _lacks_band(facts: TargetFacts) -> bool:
    target = facts.target
    return target["target_type"] == "hold" and target.get("tolerance") is None


def result_sentences(facts: TargetFacts, words: Words) -> list[str]:
    """How the result is to be read: range, structure, best year, projection, margin, missing years and breaks."""
    row, unit = facts.assessment, facts.assessment.get("unit") or facts.target.get("unit")
    lines = []
    if ends := range_sentence(facts, words):
        lines.append(ends)
    distance = to_decimal(row.get("structure_distance"))
    if distance is not None:
        said = {"value": measured(distance, DISTANCE_UNIT, facts, words)}
        base = row.get("structure_base_distance")
        if base is None:
            lines.append(words("more.structure", **said))
        else:
            said["base"] = measured(base, DISTANCE_UNIT, facts, words)
            lines.append(words("more.structure_base", **said))
    if row.get("interim_year") is not None:
        lines.append(_interim(facts, unit, words))
    if facts.average and row.get("required_growth") is not None and row.get("best_year_growth") is not None:
        lines.append(words("more.best_year", best=measured(row["best_year_growth"], "percent", facts, words)))
    if row.get("required_per_year") is not None and row.get("best_year_change") is not None:
        change = unit_of_change(facts, row.get("actual_unit") or unit)
        lines.append(words("more.best_change", best=measured(row["best_year_change"], change, facts, words)))
    lines += _projection(facts, unit, words)
    margin = to_decimal(row.get("margin_to_band"))
    # Of a structure the distance to its nearest limit is the distance already said.
    if margin is not None and distance is None and row.get("band_margin_of") == "level":
        value = measured(abs(margin), unit_of_change(facts, unit), facts, words)
        lines.append(words(f"more.{_margin_key(facts)}", value=value))
    missing = period_list(row.get("missing_years"))
    if missing and not period_list(row.get("periods_missing")):
        lines.append(words("more.missing", years=words.listed(missing)))
    breaks = period_list(row.get("break_years"))
    if breaks:
        lines.append(words("more.breaks", years=words.listed(breaks)))
    return lines


def _margin_key(facts: TargetFacts) -> str:
    """How the distance of a level to its threshold is said: as what is missing where the threshold is the target."""
    row, target = facts.assessment, facts.target
    if not to_decimal(row.get("margin_to_band")):
        return "margin_nothing"
    is_short = row.get("level_state") in ("not_reached", "lost") and facts.bucket != "reached"
    if not is_short or target["target_type"] in ("hold", "annual_change"):
        return "margin_level"
    by_direction = {"increase": "margin_more", "decrease": "margin_less"}
    return by_direction.get(str(target.get("direction")), "margin_level")


def _interim(facts: TargetFacts, unit: str | None, words: Words) -> str:
    row = facts.assessment
    said = {"year": row["interim_year"], "value": measured(row.get("interim_value"), unit, facts, words)}
    state = row.get("interim_state")
    return (
        words("more.interim", state=words.of("level", state), **said)
        if state
        else words("more.interim_open", **said)
    )


def _projection(facts: TargetFacts, unit: object, words: Words) -> list[str]:
    row = facts.assessment
    if row.get("projection_note") == "words_only":
        return [words("more.projection_words", year=facts.last_year)]
    if row.get("projected_value") is None:
        return []
    ends = {
        name: measured(row.get(column), str(unit), facts, words)
        for name, column in (
            ("value", "projected_value"),
            ("low", "projected_low"),
            ("high", "projected_high"),
        )
    }
    known = row.get("projected_low") is not None and row.get("projected_high") is not None
    if not known:
        return [words("more.projection_point", year=facts.last_year, value=ends["value"])]
    return [words("more.projection", year=facts.last_year, **ends)]


def sensitivity(facts: TargetFacts, words: Words) -> str | None:
    """What a revision of the usual size would do; None when the result stands it or that is not known."""
    if not is_true(facts.assessment.get("is_revision_sensitive")):
        return None
    typical = facts.assessment.get("typical_revision")
    if typical is None:
        return words("more.sensitive_meaning_unknown")
    unit = facts.assessment.get("unit") or facts.target.get("unit")
    return words("more.sensitive_meaning", value=measured(typical, unit_of_change(facts, unit), facts, words))


def verdict(facts: TargetFacts, words: Words) -> str:
    """The result in a few words: level, pace where there is one, else the reason."""
    said = []
    if facts.assessment.get("level_state") not in (None, "not_assessed"):
        said.append(level_words(facts, words))
    if facts.assessment.get("pace_state") not in (None, "not_assessed"):
        said.append(words.of("pace", facts.assessment["pace_state"]))
    if said:
        return " · ".join(said)
    reason = facts.assessment.get("reason_code") or facts.assessment.get("pace_reason_code")
    unassessed = words.of("level", "not_assessed")
    return f"{unassessed}: {words.of('reason', reason)}" if reason else unassessed
