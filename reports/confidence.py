"""What the confidence in a target's result rests on: what would raise it, where the figure is from, who keeps it."""

from __future__ import annotations

from reports.cited import publisher_named
from reports.derived import components_of, is_derived
from reports.periods import period_words
from reports.reading import NOTHING_TO_MEND, is_confirmed
from reports.release_data import Release, Row
from reports.statements import figure, reason_codes
from reports.target_facts import TargetFacts, observation_of, other_sources
from reports.words import Words

# More years than the highest letter asks for (the confidence of asm_assessment) raise nothing.
ENOUGH_YEARS = 6


def confidence_sentences(facts: TargetFacts, words: Words) -> list[str]:
    """What the letter means and what would raise it; [] for a target without a letter."""
    letter = facts.assessment.get("confidence")
    if not letter:
        return []
    said = [words.of("confidence_meaning", letter)]
    if parts := _raised_by(facts, words):
        said.append(words("confidence_why.raised", parts=words.listed(parts)))
    return said


def origin_sentences(release: Release, facts: TargetFacts, words: Words) -> list[str]:
    """The sources of the figure that is shown, and who keeps the figures."""
    said = _figure_sentences(release, facts, words)
    # The reason NO_DATA names the keeper as the one who can mend it.
    if "NO_DATA" not in reason_codes(facts) or not facts.indicator.get("custodian_vi"):
        said.append(keeper_sentence(facts, words))
    return said


def keeper_sentence(facts: TargetFacts, words: Words) -> str:
    """The office that keeps the figures; that none is named where the indicator's record names none."""
    if not facts.indicator.get("custodian_vi"):
        return words("confidence_why.no_holder")
    return words("confidence_why.holder", office=words.pick(facts.indicator, "custodian"))


def _figure_sentences(release: Release, facts: TargetFacts, words: Words) -> list[str]:
    shown = facts.shown
    if shown is None:
        return [words("confidence_why.no_figure")]
    observation = observation_of(release, shown.row.get("observation_key"))
    if observation is None:
        return []
    stated = str(shown.row.get("maturity") or "not_stated")
    maturity = (
        words("confidence_why.maturity_not_stated")
        if stated == "not_stated"
        else words("confidence_why.maturity", maturity=words.of("maturity", stated))
    )
    others = len(other_sources(release, shown))
    return [
        words(
            "confidence_why.figure",
            value=figure(shown, facts, words),
            period=period_words(shown.period_id, words),
            source=_source(release, observation, words),
            maturity=maturity,
        ),
        words.counted("confidence_why.others", others) if others else words("confidence_why.alone"),
    ]


def _source(release: Release, observation: Row, words: Words) -> str:
    """Who gave a figure, what kind of publisher that is, and in what form; of one worked out here, of its parts."""
    if not is_derived(observation):
        return _publisher(release, observation, words)
    parts = components_of(release, observation)
    publishers = dict.fromkeys(_publisher(release, part, words) for part in _published_parts(release, parts))
    return words("confidence_why.derived", n=len(parts), sources=words.listed(list(publishers)))


def _published_parts(release: Release, parts: list[Row]) -> list[Row]:
    """The published figures that stand below figures worked out here."""
    found: list[Row] = []
    for part in parts:
        found += _published_parts(release, components_of(release, part)) if is_derived(part) else [part]
    return found


def _publisher(release: Release, observation: Row, words: Words) -> str:
    source = next(
        (row for row in release.rows("dim_source") if row["source_id"] == observation["source_id"]), {}
    )
    kind = words.of("publisher_kind", source.get("publisher_kind"))
    return words(
        "confidence_why.source",
        name=publisher_named(release, observation, words),
        kind=kind[:1].lower() + kind[1:],
        origin=words.of("origin", observation.get("origin")),
    )


def _raised_by(facts: TargetFacts, words: Words) -> list[str]:
    """What would raise the letter, by the rule that gives it."""
    row, letter = facts.assessment, facts.assessment.get("confidence")
    if letter == "A":
        return []
    parts = []
    reasons = [words.of("reason", code) for code in reason_codes(facts) if code not in NOTHING_TO_MEND]
    if letter == "D" and reasons:
        parts.append(words("confidence_why.raised_reason", reasons=" · ".join(reasons)))
    if not is_confirmed(facts.target):
        parts.append(words("confidence_why.raised_reading"))
    if facts.judged is not None:
        if row.get("actual_maturity") not in ("preliminary", "official"):
            parts.append(words("confidence_why.raised_maturity"))
        if (years := int(row.get("n_points") or 0)) < ENOUGH_YEARS:
            parts.append(words("confidence_why.raised_years", n=years))
    return parts
