"""The part of the sources page on release calendars: what was due by the cut-off, what came, what is owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.frame import Page
from reports.long_page import fold
from reports.markup import Column, Markup, element, table
from reports.periods import period_words
from reports.release_data import Row
from reports.words import Words

# Issues that someone should ask for, the longest overdue first.
OWED = ("late", "missing")


def show_calendar(page: Page, sources: Sequence[Row]) -> None:
    """Write the section; nothing for a release that was made before calendars were part of it."""
    if not page.release.has("fct_release_issue"):
        return
    words = page.words
    page.header(words("calendar.title"))
    known = [source for source in sources if source["calendar_state"] == "known"]
    page.write(element("p", _summary(page, known)))
    if known:
        label = words("calendar.by_source")
        listed = fold(words, words("calendar.title"), _by_source(page, known), label=label)
        page.write(listed, classes="ppw-calendar")
    _owed(page, {str(source["source_id"]): words.pick(source, "title") for source in sources})
    _without_rules(page, sources)


def _summary(page: Page, known: Sequence[Row]) -> str:
    due, received, late, missing, not_collected = (
        sum(int(source[name] or 0) for source in known)
        for name in ("n_due", "n_received", "n_late", "n_missing", "n_not_collected")
    )
    words = page.words
    if not due:
        return words("calendar.nothing_due", date=page.date(page.release.cut_off))
    return words(
        "calendar.summary",
        date=page.date(page.release.cut_off),
        due=words.counted("calendar.issues", due),
        received=page.number(received),
        late=page.number(late),
        missing=page.number(missing),
        not_collected=page.number(not_collected),
    )


def _by_source(page: Page, known: Sequence[Row]) -> str:
    words = page.words
    columns = [
        Column(words("column.source")),
        *(
            Column(words(f"column.issues_{name}"), "number")
            for name in ("due", "received", "late", "missing", "not_collected")
        ),
        Column(words("column.completeness"), "number"),
        Column(words("column.next_due")),
    ]
    rows = [
        (
            words.pick(source, "title"),
            *(
                page.number(source[name] or 0)
                for name in ("n_due", "n_received", "n_late", "n_missing", "n_not_collected")
            ),
            words("none") if source["completeness"] is None else _percent(page, source["completeness"]),
            page.date(source["next_due_on"]),
        )
        for source in known
    ]
    return table(words("calendar.by_source"), columns, rows)


def _percent(page: Page, share: float) -> str:
    return page.words("calendar.percent", value=page.number(round(100 * share, 1)))


def _owed(page: Page, titles: dict[str, str]) -> None:
    words = page.words
    issues = [row for row in page.release.rows("fct_release_issue") if row["state"] in OWED]
    if not issues:
        page.write(element("p", words("calendar.none_owed")))
        return
    ordered = sorted(issues, key=lambda row: (row["due_on"], row["issue_key"]))
    marks = remarks_on(ordered, words)
    rows = [
        (
            titles[str(issue["source_id"])],
            _period(page, issue),
            page.date(issue["due_on"]),
            words.of("issue_state", issue["state"]),
            basis_of(issue, marks, words),
        )
        for issue in ordered
    ]
    columns = [
        Column(words("column.source")),
        Column(words("column.period")),
        Column(words("column.due")),
        Column(words("column.status")),
        Column(words("column.calendar_basis")),
    ]
    name, label = words("calendar.title"), words("calendar.owed")
    listed = table(label, columns, rows, caption_shown=True)
    page.write(fold(words, name, remark_list(marks, words), listed, label=label), classes="ppw-calendar")


def remarks_on(issues: Sequence[Row], words: Words) -> dict[str, int]:
    """What is noted on the days of some issues, each told once: sentence -> number, in the order they come up.

    The first sentence of a basis says what the day is, those after it what is to be noted.
    """
    marks: dict[str, int] = {}
    for issue in issues:
        for remark in _sentences(issue, words)[1:]:
            marks.setdefault(remark, len(marks) + 1)
    return marks


def basis_of(issue: Row, marks: Mapping[str, int], words: Words) -> str:
    """What the day of an issue rests on, with the numbers of what is noted on it; a dash where nothing is said."""
    first, *remarks = _sentences(issue, words)
    return " ".join([first, *(f"({marks[remark]})" for remark in remarks)])


def remark_list(marks: Mapping[str, int], words: Words) -> Markup:
    """The remarks behind the numbers, over the table that has them."""
    if not marks:
        return Markup("")
    items = [element("li", f"({number}) {remark}.") for remark, number in marks.items()]
    heading = element("p", words("calendar.noted"))
    return element("div", heading, element("ul", *items, classes="ppw-marked"), classes="ppw-small")


def _sentences(issue: Row, words: Words) -> list[str]:
    return [part.rstrip(".") for part in words.pick(issue, "basis").split(". ")]


def _period(page: Page, issue: Row) -> str:
    period = period_words(issue["period_id"], page.words)
    if issue["maturity"] is None:
        return period
    maturity = page.words.of("maturity", issue["maturity"])
    return page.words("calendar.period_maturity", period=period, maturity=maturity)


def _without_rules(page: Page, sources: Sequence[Row]) -> None:
    words = page.words
    unknown = [source for source in sources if source["calendar_state"] == "none_known"]
    single = [source for source in sources if source["calendar_state"] == "nothing_due"]
    if single:
        page.write(element("p", words.counted("calendar.single", len(single))))
    if not unknown:
        return
    # Sources of one kind share a reason: each reason is told once.
    by_reason: dict[str, list[str]] = {}
    for source in sorted(unknown, key=lambda row: str(row["source_id"])):
        reason = words.pick(source, "calendar_note")
        by_reason.setdefault(reason, []).append(words.pick(source, "title"))
    rows = [("; ".join(titles), reason) for reason, titles in by_reason.items()]
    columns = [Column(words("column.source")), Column(words("column.reason"))]
    listed = table(words("calendar.unknown"), columns, rows, caption_shown=True)
    label = words("calendar.unknown")
    page.write(fold(words, words("calendar.title"), listed, label=label), classes="ppw-calendar")
