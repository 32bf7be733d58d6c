"""Statements: what does the office responsible for a target say of it? The form for plan owners, and what is on record.

What is stated here goes into the state database; it enters the next release as the office's own word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import get_args

import streamlit as st

from expectations.gate.office_statements import (
    MOST_LETTERS,
    StatementsOnRecord,
    end_statement,
    read_statements,
    state_cause,
)
from expectations.gate.people import Person, Role
from expectations.gate.states import NotAllowed
from expectations.gate.vocabulary import STATEMENT_ACCESS, StatementEnd
from reports.causes import every_cause
from reports.frame import Page, path_of, show_page, today
from reports.identity import current_person
from reports.markup import element, link, page_address
from reports.milestone_facts import MilestoneFacts, every_milestone
from reports.numbers import format_date
from reports.office_facts import concern_of, known_offices
from reports.statements import promised_value
from reports.target_facts import TargetFacts, every_target, of_the_plan
from store import state
from store.review import OfficeStatement, Overtaken
from store.settings import Settings, load_settings

_SAID = "statement_said"
ROLE: Role = "plan_owner"


def show() -> None:
    """The page."""
    show_page("statements", body)


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    words, settings = page.words, load_settings()
    # Looking makes no state database.
    on_record = read_statements(settings) if state.is_made(settings) else StatementsOnRecord()
    known = {cause.statement_id for cause in every_cause(page.release)}
    waiting = sum(row["statement_id"] not in known for row in on_record.rows())
    page.write(
        element("p", words("statements.lead"), classes="ppw-lead"),
        element("p", words("statements.next_release", n=page.number(waiting))),
    )
    said = st.session_state.pop(_SAID, None)
    if said:
        kind, text = said
        page.write(element("div", text, classes=f"ppw-notice ppw-{kind}", role="status"), classes="ppw-under")
    if shows_the_current_release(page):
        _form(page, settings)
    else:
        _only_of_the_current_release(page)
    _on_record(page, settings, on_record)


def may_state_on(person: Person, facts: TargetFacts | MilestoneFacts, offices: Sequence[str]) -> list[str]:
    """The offices for which a person may speak on a target; none when he may not."""
    indicator = facts.target.get("indicator_code")
    about = [str(one) for one in (indicator, facts.target_id) if one]
    return [office for office in offices if person.has(ROLE, *about, office)]


def shows_the_current_release(page: Page) -> bool:
    """Whether the page is of the release in force: a statement is made on what is promised and judged now."""
    return page.as_of is None and page.named is None


def _only_of_the_current_release(page: Page) -> None:
    words, asked = page.words, st.query_params.get("target")
    about = {"target": asked} if asked else {}
    back = link(words("as_of.back"), page_address(path_of("statements"), page.language, **about))
    page.header(words("statements.new"))
    page.write(element("p", words("statements.only_current"), " ", back))


def _promises(page: Page) -> list[TargetFacts | MilestoneFacts]:
    milestones = [facts for facts in every_milestone(page.release) if facts.reference]
    return [*of_the_plan(every_target(page.release)), *milestones]


def _form(page: Page, settings: Settings) -> None:
    words, offices = page.words, known_offices(page.release)
    page.header(words("statements.new"))
    open_to = {f.target_id: f for f in _promises(page) if may_state_on(page.person, f, offices)}
    if not open_to:
        page.write(element("p", words("statements.no_target")))
        return
    asked = st.query_params.get("target")
    options = list(open_to)
    chosen = st.selectbox(
        words("column.target"),
        options,
        index=options.index(asked) if asked in options else None,
        format_func=lambda target_id: words.pick(open_to[target_id].target, "name"),
        placeholder=words("statements.choose"),
        key="statement_target",
    )
    if chosen is None:
        return
    facts = open_to[chosen]
    if isinstance(facts, TargetFacts):
        said = words(
            "statements.about",
            promise=promised_value(facts, words),
            state=words.of("bucket", facts.bucket),
        )
    else:
        said = words(
            "statements.about", promise=format_date(facts.due), state=words.of("milestone", facts.state)
        )
    page.write(element("p", said))
    _questions(page, settings, facts, may_state_on(page.person, facts, offices))


def _questions(
    page: Page, settings: Settings, facts: TargetFacts | MilestoneFacts, offices: Sequence[str]
) -> None:
    words = page.words
    # Proposed is only whom the plan names, or who alone may speak; who keeps figures need not answer for the target.
    likely = offices[0] if len(offices) == 1 else facts.target.get("responsible_vi")
    key = f"statement_{facts.target_id}"
    with st.form(key, clear_on_submit=False):
        office = st.selectbox(
            words("column.office"),
            offices,
            index=offices.index(likely) if likely in offices else None,
            placeholder=words("statements.choose"),
        )
        cause = st.text_area(words("statement.cause"), max_chars=MOST_LETTERS)
        measure = st.text_area(words("statement.measure"), max_chars=MOST_LETTERS)
        deadline = st.date_input(
            words("statement.deadline"), value=None, min_value=page.today, format="DD/MM/YYYY"
        )
        access = st.radio(
            words("statements.access"),
            STATEMENT_ACCESS[::-1],
            format_func=lambda one: words.of("statement_access", one),
        )
        st.caption(words("statements.no_person"))
        sent = st.form_submit_button(words("statements.send"), type="primary")
    if not sent:
        return
    if not office or not cause.strip() or not measure.strip() or not isinstance(deadline, date):
        _refused(page, words("statements.incomplete"))
        return
    concern = concern_of(page.release, facts.target_id, facts.plan_version)
    if concern is None:
        raise ValueError(f"{facts.plan_version} {facts.target_id} is no target of {page.release.release_id}")

    def record(person: Person) -> None:
        state_cause(
            settings, person, concern, office=office, offices=offices, cause=cause, measure=measure,
            deadline=deadline, day=today(settings), access=access,
        )  # fmt: skip

    _do(page, settings, record, words("statements.done_new"))


def _on_record(page: Page, settings: Settings, on_record: StatementsOnRecord) -> None:
    """Statements on record that have not ended, each with the way to end it for those who may."""
    words = page.words
    ended = {step.statement_key for step in on_record.steps if step.sequence > 1}
    running = [step for step in on_record.steps if step.sequence == 1 and step.statement_key not in ended]
    mine = [step for step in running if _may_end(page.person, step)]
    page.header(words("statements.running"))
    if not mine:
        page.write(element("p", words("statements.none_running")))
        return
    names = {facts.target_id: words.pick(facts.target, "name") for facts in _promises(page)}
    for step in sorted(mine, key=lambda one: (one.deadline or date.max, one.office_statement_id)):
        _ending(page, settings, step, names.get(step.target_id, step.target_id))


def _may_end(person: Person, step: OfficeStatement) -> bool:
    scopes = [one for one in (step.indicator_code, step.target_id, step.office) if one]
    return person.has(ROLE, *scopes)


def _ending(page: Page, settings: Settings, step: OfficeStatement, name: str) -> None:
    words = page.words
    late = step.deadline is not None and step.deadline < page.today
    heading = words(
        "statements.item_late" if late else "statements.item",
        office=step.office,
        target=name,
        deadline=format_date(step.deadline),
    )
    key = step.statement_key[:16]
    with st.expander(heading):
        page.write(
            element("p", element("strong", words("statement.cause")), ": ", step.cause or ""),
            element("p", element("strong", words("statement.measure")), ": ", step.measure or ""),
        )
        with st.form(f"statement_end_{key}"):
            how = st.radio(
                words("statements.how"),
                get_args(StatementEnd),
                index=None,
                format_func=lambda one: words.of("statement_end", one),
            )
            note = st.text_area(words("statements.note"), max_chars=MOST_LETTERS)
            sent = st.form_submit_button(words("statements.end"))
        if not sent:
            return
        if how is None or not note.strip():
            _refused(page, words("statements.incomplete_end"))
            return

        def record(person: Person) -> None:
            end_statement(settings, person, step.statement_key, how, reason_text=note)

        _do(page, settings, record, words("statements.done_end"))


def _do(page: Page, settings: Settings, record: Callable[[Person], None], done: str) -> None:
    """Take the step as whoever presses the button, with the roles he then has, and say how it went."""
    state.migrate(settings)
    try:
        record(current_person(settings, page.today))
    except (NotAllowed, Overtaken) as error:
        _refused(page, str(error))
        return
    st.session_state[_SAID] = ("done", done)
    st.rerun()


def _refused(page: Page, why: str) -> None:
    label = element("strong", page.words("statements.refused"), ".")
    page.write(element("div", label, " ", why, classes="ppw-notice ppw-error", role="alert"))


if __name__ == "__main__":
    show()
