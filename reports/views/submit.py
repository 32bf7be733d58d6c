"""Handing in figures: take a department's workbook for a period, hand in the filled one, see its receipt.

It takes files of people whose role lets them hand in, and its receipts name them. What is handed in goes the road of
the drop folder (`sources.submission.inbox`).
"""

from __future__ import annotations

import uuid
from datetime import date
from zoneinfo import ZoneInfo

import streamlit as st

from reports.frame import show_page, today, write
from reports.identity import current_person
from reports.markup import Column, Markup, element, table
from reports.numbers import format_number
from reports.periods import period_words, sentence_case
from reports.words import Words
from sources.fingerprint import code_version
from sources.record import SourceRecord
from sources.registry import load_records
from sources.submission.filled import MOST_BYTES
from sources.submission.in_force import in_force
from sources.submission.inbox import TooLarge, hand_in
from sources.submission.owed import Owed, departments, owed
from sources.submission.receive import answer_path, same_as_in_words
from sources.submission.template import department_template
from store import state
from store.settings import Settings, load_settings
from store.submissions import Submission, same_file_before, submissions

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LATEST = 20
_RECEIPT = "submit_receipt"


def show() -> None:
    """The page."""
    show_page("submit", lambda page: desk(page.words), without_release=desk)


def desk(words: Words) -> None:
    """Everything between the title and the footer; it needs no release."""
    settings = load_settings()
    records = load_records(settings.specs_dir).records
    write(
        words.language,
        element("p", words("submit.lead"), classes="ppw-lead"),
    )
    _template(words, settings, records)
    _hand_in(words, settings, records)
    _latest(words, settings, records)


def _periods(day: date) -> list[str]:
    """The periods that someone may report on today: this year and the two before, the latest first."""
    parts = ("", "-H2", "-H1", "-Q4", "-Q3", "-Q2", "-Q1")
    return [f"{year}{part}" for year in (day.year, day.year - 1, day.year - 2) for part in parts]


def _template(words: Words, settings: Settings, records: dict[str, SourceRecord]) -> None:
    st.header(words("submit.template"), anchor=False)
    department = st.selectbox(
        words("submit.department"),
        list(departments(records)),
        index=None,
        format_func=lambda source_id: words.pick(_names(records[source_id]), "name"),
        placeholder=words("submit.choose"),
        key="submit_department",
    )
    period = st.selectbox(
        words("submit.period"),
        _periods(today(settings)),
        index=None,
        format_func=lambda period_id: sentence_case(period_words(period_id, words)),
        placeholder=words("submit.choose"),
        key="submit_period",
    )
    if department is None or period is None:
        return
    state.migrate(settings)
    wanted = owed(settings, records[department], period)
    figures = words.counted("submit.figures", len(wanted.figures))
    milestones = words.counted("submit.milestones", len(wanted.milestones))
    write(words.language, element("p", words("submit.owed", figures=figures, milestones=milestones)))
    st.download_button(
        words("submit.download_template"),
        data=lambda: _workbook(settings, wanted),
        file_name=f"{department}-{period}.xlsx",
        mime=XLSX,
        on_click="ignore",
        key="submit_template",
    )


def _workbook(settings: Settings, wanted: Owed) -> bytes:
    return department_template(wanted, in_force(settings), code_version(settings)).data


def _names(record: SourceRecord) -> dict[str, str]:
    return {"name_vi": record.publisher.vi, "name_en": record.publisher.en}


def _hand_in(words: Words, settings: Settings, records: dict[str, SourceRecord]) -> None:
    st.header(words("submit.hand_in"), anchor=False)
    with st.form("submit_form", clear_on_submit=True, border=False):
        files = st.file_uploader(
            words("submit.file"),
            accept_multiple_files=True,
            max_upload_size=MOST_BYTES // 1_000_000,
            key="submit_file",
        )
        asked = st.form_submit_button(words("submit.send"))
    if asked:
        state.migrate(settings)
        if not files:
            write(words.language, element("p", words("submit.no_file"), classes="ppw-notice", role="alert"))
        with st.spinner(words("submit.reading")):
            numbers = [_received(words, settings, records, file.name, file.getvalue()) for file in files]
        st.session_state[_RECEIPT] = [number for number in numbers if number is not None]
    for number in st.session_state.get(_RECEIPT, []):
        _receipt(words, settings, records, number)


def _received(
    words: Words, settings: Settings, records: dict[str, SourceRecord], name: str, data: bytes
) -> int | None:
    """Hand in one file; its receipt's number, None when it was not even kept."""
    try:
        who = current_person(settings, today(settings)).identifier
        receipt = hand_in(settings, records, name, data, uuid.uuid4().hex, who)
    except TooLarge:
        said = words(
            "submit.too_large", name=name, limit=format_number(MOST_BYTES // 1_000_000, words.language)
        )
        write(words.language, element("p", said, classes="ppw-notice", role="alert"))
        return None
    return receipt.submission.submission_id


def _receipt(words: Words, settings: Settings, records: dict[str, SourceRecord], number: int) -> None:
    with state.reading(settings) as connection:
        (one,) = submissions(connection, submission_id=number)
        earlier = same_file_before(connection, one)
    st.subheader(words("submit.receipt", number=number), anchor=False)
    said = words.of("submit_meaning", one.outcome)
    parts = [
        element("p", element("strong", words.of("submit_outcome", one.outcome)), ". ", said, role="status"),
        element("p", f"{one.file_name} · {_sender(words, records, one)}", classes="ppw-small"),
    ]
    if earlier is not None:
        parts.append(element("p", same_as_in_words(settings, earlier), lang="vi"))
    if one.problems:
        parts.append(_problems(words, one))
    elif one.accepted:
        parts.append(_accepted(words, one))
    write(words.language, *parts, classes="ppw-list")
    answer = answer_path(settings, one)
    if answer.is_file():
        st.download_button(
            words("submit.download_marked" if one.outcome == "returned" else "submit.download_receipt"),
            data=answer.read_bytes(),
            file_name=answer.name,
            mime=XLSX,
            on_click="ignore",
            key=f"submit_answer_{number}",
        )


def _problems(words: Words, one: Submission) -> Markup:
    columns = [Column(words(f"submit.{name}")) for name in ("place", "found", "problem", "mend")]
    rows = [
        (
            problem["place"],
            problem["found"] or words("none"),
            element("span", problem["message_vi"], lang="vi"),
            element("span", problem["mend_vi"], lang="vi"),
        )
        for problem in one.problems
    ]
    return table(words.counted("submit.problems", len(rows)), columns, rows, caption_shown=True)


def _accepted(words: Words, one: Submission) -> Markup:
    columns = [Column(words(f"submit.{name}")) for name in ("place", "code", "as_of", "value", "detail")]
    rows = [
        (row["cell"], row["code"], row["period"], row["value"], element("span", row["detail"], lang="vi"))
        for row in one.accepted
    ]
    return table(words.counted("submit.accepted", len(rows)), columns, rows, caption_shown=True)


def _sender(words: Words, records: dict[str, SourceRecord], one: Submission) -> str:
    record = records.get(one.source_id or "")
    return words("submit.unknown") if record is None else words.pick(_names(record), "name")


def _latest(words: Words, settings: Settings, records: dict[str, SourceRecord]) -> None:
    st.header(words("submit.latest"), anchor=False)
    latest: list[Submission] = []
    if state.is_made(settings):
        with state.reading(settings) as connection:
            latest = submissions(connection)[-_LATEST:][::-1]
    if not latest:
        write(words.language, element("p", words("submit.none_yet")))
        return
    names = (
        "number",
        "received",
        "department",
        "period",
        "outcome",
        "n_figures",
        "n_milestones",
        "n_problems",
    )
    columns = [Column(words(f"submit.{name}"), "number" if name[:2] == "n_" else "words") for name in names]
    rows = [
        (
            format_number(one.submission_id, words.language),
            f"{one.received_at.astimezone(ZoneInfo(settings.time_zone)):%d/%m/%Y %H:%M}",
            _sender(words, records, one),
            sentence_case(period_words(one.period_id, words))
            if one.period_id
            else one.document or words("none"),
            words.of("submit_outcome", one.outcome),
            *(
                format_number(count, words.language)
                for count in (one.n_figures, one.n_milestones, len(one.problems))
            ),
        )
        for one in latest
    ]
    write(words.language, table(words("submit.latest"), columns, rows), classes="ppw-list")


if __name__ == "__main__":
    show()
