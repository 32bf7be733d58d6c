"""The parts of a target's page that look back: the states it had in earlier releases, the revisions of its figures."""

from __future__ import annotations

from reports.frame import RELEASE, Page
from reports.history import MOST_SHOWN, PastState, history_of
from reports.markup import Column, Markup, element, link, page_address, state, table
from reports.numbers import format_number, with_unit
from reports.periods import period_words
from reports.plan_facts import target_key
from reports.release_data import Row
from reports.series_facts import SeriesKey, revisions_of
from reports.statements import unit_symbol
from reports.target_facts import TargetFacts
from store.settings import load_settings


def write_history(page: Page, facts: TargetFacts) -> None:
    """What each release up to this one said of the target, with the way to it and why it said something else."""
    words = page.words
    history = history_of(load_settings(), page.release, target_key(facts.target))
    past = history.states
    if not past:
        return
    page.header(words("history.title"))
    if len(past) == 1 and history.goes_on_in is None:
        page.write(element("p", words("history.first", release=past[0].release_id)))
        return
    changed = sum(entry.reason is not None for entry in past)
    said = words.counted("history.changed", changed, releases=page.number(len(past)))
    columns = [
        Column(words("footer.release")),
        Column(words("footer.cut_off")),
        Column(words("column.status")),
        Column(words("target.level")),
        Column(words("target.pace")),
        Column(words("history.why")),
    ]
    is_whole = history.goes_on_in is None
    rows = [_row(page, facts, entry, is_oldest=is_whole and entry is past[-1]) for entry in past]
    parts = [element("p", said), table(words("history.title"), columns, rows)]
    if history.goes_on_in is not None:
        older = link(words("history.older"), _address(page, facts, history.goes_on_in))
        parts.append(element("p", words("history.latest", n=page.number(MOST_SHOWN)), " ", older))
    page.write(*parts, classes="ppw-list ppw-vintages")


def _address(page: Page, facts: TargetFacts, release_id: str) -> str:
    """The page of the target in another release."""
    parameters = {"target": facts.target_id, RELEASE: release_id}
    if not facts.reference:
        parameters["plan"] = facts.plan_version
    return page_address("chi-tieu", page.language, **parameters)


def _row(page: Page, facts: TargetFacts, entry: PastState, *, is_oldest: bool) -> tuple[object, ...]:
    words, row = page.words, entry.assessment
    codes = {name: str(row.get(name) or "not_assessed") for name in ("bucket", "level_state", "pace_state")}
    if entry.reason is not None:
        why = words.of("change_reason", entry.reason)
    else:
        why = words("history.begins" if is_oldest else "history.same")
    return (
        link(entry.release_id, _address(page, facts, entry.release_id)),
        page.date(entry.cut_off),
        state(codes["bucket"], words.of("bucket", codes["bucket"])),
        words.of("level", codes["level_state"]),
        words.of("pace", codes["pace_state"]),
        why,
    )


def write_revisions(page: Page, facts: TargetFacts) -> None:
    """How the figures of the target were changed by those who published them, the latest first."""
    words = page.words
    if not page.release.has("fct_revision") or not (facts.points or facts.other_points):
        return
    key = SeriesKey(str(facts.target["indicator_code"]), str(facts.target["area_id"]))
    found = revisions_of(page.release, key)
    page.header(words("history.revisions"))
    if not found:
        page.write(element("p", words("history.no_revisions")))
        return
    columns = [
        Column(words("column.period")),
        Column(words("history.was"), "number"),
        Column(words("history.became"), "number"),
        Column(words("history.issued")),
        Column(words("history.kind")),
    ]
    page.write(
        element("p", words.counted("history.revised", len(found))),
        table(words("history.revisions"), columns, [_revision(page, facts, row) for row in found]),
    )


def _revision(page: Page, facts: TargetFacts, row: Row) -> tuple[object, ...]:
    words = page.words

    def shown(value: object) -> Markup | str:
        if value is None:
            return words("none")
        unit = unit_symbol(facts, row.get("unit"), words)
        return with_unit(format_number(value, words.language), unit)  # type: ignore[arg-type]

    return (
        period_words(str(row["period_id"]), words),
        shown(row.get("from_value")),
        shown(row.get("to_value")),
        page.date(row.get("to_issued_on")),
        words.of("revision_kind", row.get("kind")),
    )
