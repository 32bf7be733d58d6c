"""The scorecard at the end of a run: counts by bucket, and the headline targets, in the pages' own words."""

from typing import Any

import click

from orchestration.output import console, emit_table
from orchestration.target_reports import in_force_sentence, plan_in_force
from reports.milestone_facts import every_milestone, milestone_apart, state_counts
from reports.numbers import Language, format_date
from reports.plan_counts import listed_sentence, not_assessed_sentence
from reports.plan_facts import documents, reference_versions
from reports.release_data import Release, current_release
from reports.statements import (
    bucket_counts,
    card_reason,
    figure,
    overview_sentence,
    pace_sentence,
    promise,
    published_average_source,
    target_sentences,
)
from reports.target_facts import TargetFacts, every_target, observation_of, of_the_plan
from reports.words import Words
from store.settings import Settings


def scorecard(settings: Settings, language: Language) -> dict[str, Any]:
    """Counts by bucket, milestones by state, and one row per headline target of the current release's plan in use.

    Row: target_id, name, actual with unit, period, target, level, pace, reason, source (publisher), and the first
    lines of the target's page (lead, notes). Raises LookupError
    when there is no release.
    """
    release = current_release(settings)
    if release is None:
        raise LookupError("There is no release yet; `ppw run` makes the first")
    words = Words(language)
    every = of_the_plan(every_target(release))
    milestones = [facts for facts in every_milestone(release) if facts.reference]
    headline = sorted(
        (facts for facts in every if facts.headline),
        key=lambda facts: int(facts.target.get("headline_order") or 999),
    )
    said = [
        (str(documents(release)[version]["number"]), other)
        for version in sorted(reference_versions(release))
        if (other := plan_in_force(release, version)) is not None
    ]
    return {
        "release_id": release.release_id,
        "cut_off": release.cut_off,
        "counts": bucket_counts(every),
        "counts_in_words": [
            f"{words.of('bucket', bucket)} {count}" for bucket, count in bucket_counts(every).items()
        ],
        "sentence": overview_sentence(every, words),
        "pace_sentence": pace_sentence(every, words),
        "counting_sentences": [
            sentence
            for sentence in (listed_sentence(every, words), not_assessed_sentence(every, words))
            if sentence
        ],
        "milestones": state_counts(milestones),
        "milestone_sentence": milestone_apart(milestones, words) if milestones else None,
        "plan_in_force": said[0][1] if said else None,
        "plan_in_force_sentences": [in_force_sentence(number, other, words) for number, other in said],
        "headline": [_row(facts, release, words) for facts in headline],
    }


def _row(facts: TargetFacts, release: Release, words: Words) -> dict[str, Any]:
    shown = facts.shown
    observation = observation_of(release, shown.row.get("observation_key")) if shown else None
    lead, *notes = target_sentences(facts, words, published_average_source(release, facts, words))
    return {
        "target_id": facts.target_id,
        "name": words.pick(facts.target, "name"),
        "actual": figure(shown, facts, words) if shown else words("none"),
        "period": shown.period_id if shown else words("none"),
        "target": promise(facts, words),
        "level": words.of("level", facts.assessment.get("level_state")),
        "pace": words.of("pace", facts.assessment.get("pace_state")),
        "aspiration": facts.aspiration,
        "reason": card_reason(facts, words),
        "source": str((observation or {}).get("citation_publisher") or words("none")),
        "lead": lead,
        "notes": notes,
    }


def print_scorecard(card: dict[str, Any]) -> None:
    """Print the scorecard: sentence, counts, headline table."""
    console().print()
    click.secho(card["sentence"], bold=True)
    click.echo(card["pace_sentence"])
    for sentence in card["counting_sentences"]:
        click.echo(sentence)
    if card["milestone_sentence"]:
        click.echo(card["milestone_sentence"])
    for sentence in card["plan_in_force_sentences"]:
        click.echo(sentence)
    click.echo(" · ".join(card["counts_in_words"]))
    click.echo()
    emit_table(
        card["headline"],
        ["name", "actual", "period", "target", "level", "pace", "reason", "source"],
        right=["actual"],
    )
    for row in card["headline"]:
        if row["notes"]:
            click.echo(f"\n{row['name']}: {' '.join(row['notes'])}")
    click.echo()
    click.echo(f"{card['release_id']} · {format_date(card['cut_off'])}")
    click.echo(
        "make serve opens the pages on http://127.0.0.1:8501 and the Dagster UI on http://127.0.0.1:3000"
    )
