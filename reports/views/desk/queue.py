"""The queue: what needs a decision today, in the order of what it would change?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
import streamlit as st

from expectations.gate.findings import Evidence, accept_information
from expectations.gate.states import NotAllowed
from reports.desk.asked_queue import (
    EVERY,
    FILTERS,
    WAITING,
    Asked,
    asked_for,
    choose,
    finding_address,
    with_owner,
)
from reports.desk.desk_page import Desk, badge, say, show_desk
from reports.desk.subject import queue_of
from reports.frame import DESK_PATHS
from reports.markup import Column, Markup, element, joined, link, page_address, table
from reports.periods import period_words
from reports.release_data import Row
from reports.words import FAMILIES
from store.review import Overtaken

PAGE_SIZE = 25
ALL = ""


def show() -> None:
    """The page."""
    show_desk("queue", body)


def body(desk: Desk) -> None:
    """Everything between the title and the footer."""
    every = with_owner(desk, queue_of(desk.settings, desk.subject, desk.page.today))
    waiting = every.filter(pl.col("needs_step"))
    _lead(desk, every, waiting)
    if not every.height:
        return
    asked = asked_for()
    _filters(desk, every, asked)
    chosen = choose(every, asked)
    _list(desk, chosen, asked)
    _batch(desk, chosen)


def _lead(desk: Desk, every: pl.DataFrame, waiting: pl.DataFrame) -> None:
    words = desk.words
    if not waiting.height:
        settled = words.counted("queue.settled", every.height) if every.height else words("queue.none_found")
        desk.lead(words("queue.nothing"), element("p", settled))
        return
    first = waiting.row(0, named=True)
    overdue = int(waiting["is_overdue"].sum())
    parts = [
        words(f"severity_count.{s}", n=desk.page.number(n))
        for s in FAMILIES["severity"]
        if (n := waiting.filter(pl.col("severity") == s).height)
    ]
    said = [
        words("queue.by_severity", counts=words.listed(parts)),
        words.counted("queue.overdue", overdue) if overdue else words("queue.none_overdue"),
    ]
    confirm = waiting.filter(pl.col("state") == "proposed").height
    if confirm:
        said.append(words.counted("queue.to_confirm", confirm))
    desk.lead(
        words(
            "queue.lead",
            waiting=words.counted("queue.waiting", waiting.height),
            subject=desk.names.subject(first),
            period=period_words(first["period_id"], words)
            if first["period_id"]
            else words("queue.no_period"),
            influence=words.of("influence_lead", first["influence"]),
        ),
        element("p", " ".join(said)),
        element("p", link(words("queue.open_first"), finding_address(desk, first)), classes="ppw-action"),
    )


def _filters(desk: Desk, every: pl.DataFrame, asked: Asked) -> None:
    """Chips for severity and state, lists for the rest: all of them links or fields that change the address."""
    words = desk.words
    page = desk.page
    states = [WAITING, *(s for s in FAMILIES["finding_state"] if (every["state"] == s).any()), EVERY]
    severities = [ALL, *(s for s in FAMILIES["severity"] if (every["severity"] == s).any())]
    page.write(
        element(
            "nav",
            _chips(
                desk,
                asked,
                "state",
                {
                    s: words.of("queue_state", s) if s in (WAITING, EVERY) else words.of("finding_state", s)
                    for s in states
                },
                asked.state,
            ),
            _chips(
                desk,
                asked,
                "severity",
                {s: words.of("severity", s) if s else words("queue.every_severity") for s in severities},
                asked.values.get("severity", ALL),
            ),
            aria_label=words("queue.filters"),
            classes="ppw-chips",
        )
    )
    choices: dict[str, Callable[[object], str]] = {
        "domain": lambda code: words.of("domain", str(code)),
        "source": desk.names.source,
        "rule": desk.names.rule,
        "period": lambda period_id: period_words(str(period_id), words),
        "owner": str,
    }
    columns = st.columns(len(choices))
    for place, (name, named) in zip(columns, choices.items(), strict=True):
        values = sorted(
            every[FILTERS[name]].drop_nulls().unique(), key=lambda value: str(named(value)).casefold()
        )
        if name == "period":
            values.sort(reverse=True)
        asked_value = asked.values.get(name)
        if asked_value and asked_value not in values:
            values.append(asked_value)
        chosen = place.selectbox(
            words(f"queue.filter_{name}"),
            values,
            index=values.index(asked_value) if asked_value else None,
            format_func=lambda value, named=named: named(value),
            placeholder=words("queue.any"),
            disabled=not values,
            key=f"queue_{name}",
        )
        if chosen != asked_value:
            _ask(name, chosen)


def _ask(name: str, value: str | None) -> None:
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)
    st.query_params.pop("page", None)
    st.rerun()


def _chips(desk: Desk, asked: Asked, name: str, labels: Mapping[str, str], chosen: str) -> Markup:
    items = []
    for value, label in labels.items():
        kept = {key: one for key, one in asked.values.items() if key != name}
        if value and not (name == "state" and value == WAITING):
            kept[name] = value
        current = {"aria_current": "true"} if value == chosen else {}
        items.append(element("a", label, href=_address(desk, kept), **current))
    return element(
        "span",
        element("span", desk.words(f"queue.filter_{name}"), classes="ppw-small"),
        " ",
        joined(items, " "),
    )


def _address(desk: Desk, values: Mapping[str, str], number: int = 1) -> str:
    paged = {"page": str(number)} if number > 1 else {}
    return page_address(DESK_PATHS["queue"], desk.page.language, **values, **paged)


def _list(desk: Desk, chosen: pl.DataFrame, asked: Asked) -> None:
    words = desk.words
    if not chosen.height:
        desk.page.write(element("p", words("queue.none_chosen"), classes="ppw-state-page"))
        return
    pages = -(-chosen.height // PAGE_SIZE)
    number = min(asked.number, pages)
    first = (number - 1) * PAGE_SIZE
    part = chosen.slice(first, PAGE_SIZE)
    caption = words(
        "queue.caption",
        first=desk.page.number(first + 1),
        last=desk.page.number(first + part.height),
        total=desk.page.number(chosen.height),
    )
    columns = [
        Column(words("column.finding")),
        Column(words("column.severity")),
        Column(words("queue.influence")),
        Column(words("column.status")),
        Column(words("queue.age"), "number"),
        Column(words("queue.due")),
    ]
    rows = [_row(desk, row) for row in part.iter_rows(named=True)]
    desk.page.write(
        table(caption, columns, rows, caption_shown=True),
        _pager(desk, asked, number, pages),
        classes="ppw-list ppw-queue",
    )


def _row(desk: Desk, row: Row) -> tuple[object, ...]:
    words = desk.words
    where = [desk.names.rule(row["rule_id"])]
    if row["period_id"]:
        where.insert(0, period_words(row["period_id"], words))
    if row["value"] is not None:
        where.insert(1, desk.names.measured(row["value"], row["unit"], row["value_decimals"]))
    name = element(
        "span",
        link(desk.names.subject(row), finding_address(desk, row)),
        element("span", " · ".join(where), classes="ppw-small ppw-block"),
        element("span", words.pick(row, "message"), classes="ppw-block ppw-clamp"),
    )
    due = desk.page.date(row["due_on"])
    return (
        name,
        badge(row["severity"], words.of("severity", row["severity"])),
        words.of("influence", row["influence"]),
        _state(desk, row),
        words.counted("queue.days", row["age_days"]),
        element("strong", words("queue.due_over", day=due)) if row["is_overdue"] else due,
    )


def _state(desk: Desk, row: Row) -> Markup:
    words = desk.words
    label = words.of("finding_state", row["state"])
    if row["proposed_action"]:
        label = f"{label}: {words.of('finding_action', row['proposed_action'])}"
    return badge(row["state"], label)


def _pager(desk: Desk, asked: Asked, number: int, pages: int) -> Markup:
    words = desk.words
    if pages < 2:
        return Markup("")
    parts: list[object] = []
    if number > 1:
        parts.append(
            element("a", words("queue.before"), href=_address(desk, asked.values, number - 1), rel="prev")
        )
    parts.append(words("queue.page_of", n=desk.page.number(number), total=desk.page.number(pages)))
    if number < pages:
        parts.append(
            element("a", words("queue.next"), href=_address(desk, asked.values, number + 1), rel="next")
        )
    return element("nav", joined(parts, " · "), aria_label=words("queue.pages"), classes="ppw-pager")


def _batch(desk: Desk, chosen: pl.DataFrame) -> None:
    """Accepting everything that only informs, among what is shown, in one go."""
    words = desk.words
    informing = chosen.filter(
        (pl.col("severity") == "information")
        & pl.col("state").is_in(["open", "lapsed"])
        & pl.col("needs_step")
    )
    if not informing.height or not desk.person.has("reviewer"):
        return
    st.header(words("queue.batch"), anchor=False)
    desk.page.write(element("p", words.counted("queue.batch_meaning", informing.height)))
    st.button(
        words.counted("queue.batch_accept", informing.height),
        on_click=_accept_all,
        args=(desk, informing),
        key="queue_batch",
    )


def _accept_all(desk: Desk, informing: pl.DataFrame) -> None:
    words = desk.words
    found = [Evidence.of_row(row) for row in informing.iter_rows(named=True)]
    try:
        accepted = accept_information(desk.settings, desk.person, found)
    except (NotAllowed, Overtaken) as error:
        say("error", words("desk.refused"), str(error))
        return
    say("done", words("desk.done"), words.counted("queue.batch_done", accepted))


if __name__ == "__main__":
    show()
