"""What differs between two releases as an approver reads it: headlines first, then states, figures, targets, rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from reports.desk.desk_page import Desk
from reports.markup import Column, Markup, element, link, state, table
from reports.periods import period_words
from reports.release_changes import Change, ReleaseChanges, Section, release_changes
from reports.release_data import Release, Row, release_at
from store.manifest import ReleaseError
from store.releases import release_dir

SHOWN = 25
# What is listed row by row; the rest is counted.
LISTED: tuple[Section, ...] = ("state", "value", "target", "milestone", "statement")


def changes_of(before: Release, after: Release) -> ReleaseChanges:
    """The changes from a release to another or to a candidate; a pair of them never changes, so it is read once."""
    return _changes(before.digest, str(before.directory), after.digest, str(after.directory))


@lru_cache(maxsize=8)
def _changes(before_digest: str, before: str, after_digest: str, after: str) -> ReleaseChanges:
    return release_changes(release_at(Path(before)), release_at(Path(after)))


def show_changes(desk: Desk, after: Release, before: str | None = None) -> None:
    """The changes since a release, since the one before unless it is named."""
    words = desk.words
    named = before or after.manifest.previous_release_id
    if named is None:
        desk.page.write(element("p", words("changes.first")))
        return
    try:
        changes = changes_of(release_at(release_dir(desk.settings, named)), after)
    except ReleaseError:
        desk.page.write(element("p", words("changes.gone", release=named)))
        return
    counts = [
        words.of("change_section", section) + f": {desk.page.number(number)}"
        for section, number in changes.counts().items()
    ]
    if not counts:
        desk.page.write(element("p", words("changes.none")))
    else:
        headlines = sum(change.is_headline for change in changes.of("state"))
        said = words.counted("changes.headlines", headlines) if headlines else words("changes.no_headlines")
        desk.page.write(element("p", words("changes.lead", counts="; ".join(counts)), " ", said))
    tables: dict[Section, Callable[[Desk, Sequence[Change]], Markup]] = {
        "state": _states,
        "value": _figures,
        "target": _targets,
        "milestone": _milestones,
        "statement": _statements,
    }
    for section in LISTED:
        rows = sorted(changes.of(section), key=lambda change: not change.is_headline)
        if rows:
            desk.page.write(tables[section](desk, rows), classes="ppw-list ppw-vintages ppw-narrow")
    for name, (old, new) in changes.facts.items():
        fact = words.of("change_fact", name)
        before_words, after_words = (_fact(desk, name, text) for text in (old, new))
        desk.page.write(
            element("p", words("changes.fact", fact=fact, before=before_words, after=after_words))
        )


def _fact(desk: Desk, name: str, text: str) -> str:
    """What a manifest says: a day as dd/mm/yyyy, a digest by how it begins."""
    if name == "cut_off":
        return desk.page.date(date.fromisoformat(text))
    return f"{text[:12]}…" if len(text) > 32 else text


def _caption(desk: Desk, section: Section, rows: Sequence[Change]) -> str:
    named = desk.words.of("change_section", section)
    if len(rows) <= SHOWN:
        return named
    return desk.words(
        "changes.first_of", section=named, n=desk.page.number(SHOWN), total=desk.page.number(len(rows))
    )


def _target_name(desk: Desk, row: Row, is_headline: bool) -> Markup:
    target_id = str(row.get("target_id"))
    known = desk.names.target(str(row.get("plan_version")), target_id)
    named = link(known, desk.page.address("target", target=target_id))
    mark = element("span", f" {desk.words('changes.headline')}", classes="ppw-remark") if is_headline else ""
    return element("span", named, mark)


def _states(desk: Desk, rows: Sequence[Change]) -> Markup:
    words = desk.words
    columns = [
        Column(words("column.target")),
        Column(words("changes.before")),
        Column(words("changes.after")),
        Column(words("desk.why")),
    ]
    lines = [
        (
            _target_name(desk, change.row, change.is_headline),
            _bucket(desk, change.before),
            _bucket(desk, change.after),
            words.of("change_reason", change.reason),
        )
        for change in rows[:SHOWN]
    ]
    return table(_caption(desk, "state", rows), columns, lines, caption_shown=True)


def _bucket(desk: Desk, row: Row | None) -> Markup | str:
    code = (row or {}).get("bucket")
    return desk.words("changes.absent") if code is None else state(code, desk.words.of("bucket", code))


def _figures(desk: Desk, rows: Sequence[Change]) -> Markup:
    words, names = desk.words, desk.names
    columns = [
        Column(words("column.indicator")),
        Column(words("column.period")),
        Column(words("changes.before"), "number"),
        Column(words("changes.after"), "number"),
        Column(words("desk.why")),
    ]
    lines = [
        (
            element(
                "span",
                link(
                    names.subject(change.row),
                    desk.page.address(
                        "series",
                        indicator=change.row["indicator_code"],
                        area=change.row["area_id"],
                        breakdown=change.row["breakdown"],
                    ),
                ),
                element("span", names.source(change.row["source_id"]), classes="ppw-small ppw-block"),
            ),
            period_words(change.row["period_id"], words),
            _value(desk, change.before),
            _value(desk, change.after),
            words.of("change_reason", change.reason),
        )
        for change in rows[:SHOWN]
    ]
    return table(_caption(desk, "value", rows), columns, lines, caption_shown=True)


def _value(desk: Desk, row: Row | None) -> str:
    if row is None or row["value"] is None:
        return desk.words("changes.absent")
    return desk.names.measured(row["value"], row["unit"], row["value_decimals"])


def _targets(desk: Desk, rows: Sequence[Change]) -> Markup:
    return _promises(desk, "target", rows)


def _milestones(desk: Desk, rows: Sequence[Change]) -> Markup:
    return _promises(desk, "milestone", rows)


def _statements(desk: Desk, rows: Sequence[Change]) -> Markup:
    """What offices said since, whole: it is signed with the rest."""
    words = desk.words
    columns = [
        Column(words("column.office")),
        Column(words("column.target")),
        Column(words("statement.cause")),
        Column(words("statement.measure")),
        Column(words("statement.deadline")),
        Column(words("column.status")),
        Column(words("desk.why")),
    ]
    lines = [
        (
            str(change.row.get("office")),
            _target_name(desk, change.row, is_headline=False),
            str(change.row.get("cause") or words("none")),
            str(change.row.get("measure") or words("none")),
            desk.page.date(change.row.get("deadline")),
            words.of("statement_state", change.row.get("state")),
            words.of("change_reason", change.reason),
        )
        for change in rows[:SHOWN]
    ]
    return table(_caption(desk, "statement", rows), columns, lines, caption_shown=True)


def _promises(desk: Desk, section: Section, rows: Sequence[Change]) -> Markup:
    words = desk.words
    columns = [Column(words("column.target")), Column(words("desk.what")), Column(words("desk.why"))]
    lines = [
        (
            _target_name(desk, change.row, change.is_headline),
            words.of("change_kind", change.kind),
            words.of("change_reason", change.reason),
        )
        for change in rows[:SHOWN]
    ]
    return table(_caption(desk, section, rows), columns, lines, caption_shown=True)
