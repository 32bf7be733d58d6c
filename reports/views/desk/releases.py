"""The releases: what was published when, signed by whom, and what differs between two?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import streamlit as st

from expectations.gate.candidates import Offer, act, read_offer
from expectations.gate.permissions import may
from expectations.gate.rollback import ask_rollback, waiting_request
from expectations.gate.states import CandidateAction, NotAllowed
from reports.desk.change_list import show_changes
from reports.desk.desk_page import Desk, badge, notice, say, show_desk
from reports.desk.sign_off_facts import release_standing, steps_by_release
from reports.desk.sign_off_table import sign_offs_table
from reports.markup import Column, Markup, element, link, table
from reports.release_data import release_at
from store.manifest import ReleaseError
from store.releases import ReleaseListing, list_releases
from store.review import Overtaken, SignOff

ON_A_RELEASE: tuple[CandidateAction, ...] = ("correction_note", "retract")
ROLL_BACK = "roll_back"


def show() -> None:
    """The page."""
    show_desk("releases", body, about_draft=False)


def body(desk: Desk) -> None:
    """Everything between the title and the footer."""
    words = desk.words
    listings = list_releases(desk.settings)[::-1]
    steps = steps_by_release(desk.settings)
    current = next((one for one in listings if one.is_current), None)
    if current is None:
        desk.lead(words("releases.none"))
        return
    desk.lead(
        words(
            "releases.lead",
            releases=words.counted("releases.count", len(listings)),
            release=current.release_id,
            day=desk.moment(current.manifest.created_at),
        ),
        element("p", _signed(desk, current, steps.get(current.release_id, []))),
    )
    request = waiting_request(desk.settings)
    if request is not None:
        said = words(
            "releases.rollback_waits", release=request.subject, who=request.actor, at=desk.moment(request.at)
        )
        desk.page.write(notice("ppw-notice", words("releases.rollback"), said))
    _list(desk, listings, steps)
    asked = st.query_params.get("release")
    chosen = next((one for one in listings if one.release_id == asked), None)
    if chosen is not None:
        _one(desk, chosen, steps.get(chosen.release_id, []))
    _compare(desk, listings)


def _signed(desk: Desk, listing: ReleaseListing, steps: Sequence[SignOff]) -> str:
    words = desk.words
    signatures = release_standing(steps, listing.manifest).signatures
    if not signatures:
        return words("releases.not_signed")
    return words("releases.signed_by", who=words.listed([step.actor for step in signatures]))


def _list(desk: Desk, listings: Sequence[ReleaseListing], steps: Mapping[str, Sequence[SignOff]]) -> None:
    words, page = desk.words, desk.page
    st.header(words("releases.history"), anchor=False)
    columns = [
        Column(words("footer.release")),
        Column(words("footer.cut_off")),
        Column(words("candidate.made")),
        Column(words("column.status")),
        Column(words("releases.signed")),
        Column(words("releases.report")),
    ]
    rows = [
        (
            link(one.release_id, page.address("releases", release=one.release_id)),
            page.date(one.manifest.cut_off),
            desk.moment(one.manifest.created_at),
            _state(desk, one, steps.get(one.release_id, [])),
            _signed(desk, one, steps.get(one.release_id, [])),
            _report(desk, one),
        )
        for one in listings
    ]
    page.write(table(words("releases.history"), columns, rows), classes="ppw-list ppw-vintages")


def _state(desk: Desk, listing: ReleaseListing, steps: Sequence[SignOff]) -> Markup:
    words = desk.words
    state = release_standing(steps, listing.manifest).state
    if state == "retracted":
        return badge("retracted", words.of("candidate_state", "retracted"))
    if listing.is_current:
        return badge("published", words("releases.current"))
    return badge("superseded", words("releases.past"))


def _report(desk: Desk, listing: ReleaseListing) -> Markup | str:
    """The way to the quality report of a release, for one that has it."""
    if quality_report(listing) is None:
        return desk.words("none")
    return link(desk.words("releases.open_report"), desk.page.address("releases", release=listing.release_id))


def quality_report(listing: ReleaseListing) -> str | None:
    """The file of the static quality report among those of a release; None when it was made without one."""
    names = [name for name in listing.manifest.files if name.endswith(".html") and "quality" in name]
    return min(names, default=None)


def _one(desk: Desk, listing: ReleaseListing, steps: Sequence[SignOff]) -> None:
    """A release that was asked for: its steps, its quality report, what may be done with it."""
    words, page = desk.words, desk.page
    st.header(words("releases.chosen", release=listing.release_id), anchor=False)
    if steps:
        page.write(
            sign_offs_table(desk, words("releases.steps"), steps[::-1]), classes="ppw-list ppw-vintages"
        )
    else:
        page.write(element("p", words("releases.no_steps")))
    report = quality_report(listing)
    if report is not None:
        st.download_button(
            words("releases.download_report"),
            data=(listing.directory / report).read_bytes,
            file_name=f"chat-luong-{listing.release_id}.html",
            mime="text/html",
            on_click="ignore",
            key="release_report",
        )
    _form(desk, listing, steps)


def _form(desk: Desk, listing: ReleaseListing, steps: Sequence[SignOff]) -> None:
    words = desk.words
    standing = release_standing(steps, listing.manifest)
    offered: list[str] = []
    if standing.state == "published" and desk.person.has("approver"):
        offered += ON_A_RELEASE
    if not listing.is_current and may(desk.person, "roll_back"):
        offered.append(ROLL_BACK)
    if not offered:
        return
    action = st.radio(
        words("decision.what"),
        offered,
        index=None,
        format_func=lambda one: words.of("candidate_action", one),
        captions=[words.of("candidate_action_meaning", one) for one in offered],
        key="release_action",
    )
    if action is None:
        return
    st.text_area(words("decision.reason_text"), max_chars=2000, height=90, key="release_text")
    st.button(
        words.of("candidate_send", action),
        type="primary",
        on_click=_send,
        args=(desk, listing, standing.sequence),
        key="release_send",
    )


def _send(desk: Desk, listing: ReleaseListing, seen: int) -> None:
    """Takes the step; a rollback is only asked for here, the orchestrator moves `current`."""
    words, said = desk.words, st.session_state
    action, text = said["release_action"], said.get("release_text") or ""
    if not text.strip():
        say("error", words("decision.lacks"), words("decision.lacks_text"))
        return
    try:
        if action == ROLL_BACK:
            ask_rollback(desk.settings, desk.person, listing.release_id, text, at=datetime.now(UTC))
            done = words("releases.rollback_asked", release=listing.release_id)
        else:
            offer: Offer = read_offer(listing.directory)
            after = act(
                desk.settings, desk.person, offer, action, seen=seen, reason_text=text, at=datetime.now(UTC)
            )
            done = words("candidate.done", state=words.of("candidate_state", after.state))
    except Overtaken:
        say("error", words("decision.overtaken"), words("decision.overtaken_refused"))
        return
    except (NotAllowed, ReleaseError) as error:
        say("error", words("desk.refused"), words("desk.refused_meaning", details=str(error)))
        return
    said.pop("release_action", None)
    say("done", words("desk.done"), done)


def _compare(desk: Desk, listings: Sequence[ReleaseListing]) -> None:
    """What differs between any two releases; the pair stands in the address."""
    words = desk.words
    if len(listings) < 2:
        return
    st.header(words("releases.compare"), anchor=False)
    ids = [one.release_id for one in listings]
    first, second = st.columns(2)
    chosen = {}
    for place, name, usual in ((first, "from", ids[1]), (second, "to", ids[0])):
        asked = st.query_params.get(name)
        chosen[name] = place.selectbox(
            words(f"releases.compare_{name}"),
            ids,
            index=ids.index(asked if asked in ids else usual),
            key=f"compare_{name}",
        )
    for name, value in chosen.items():
        if st.query_params.get(name, {"from": ids[1], "to": ids[0]}[name]) != value:
            st.query_params[name] = value
    directory = {one.release_id: one.directory for one in listings}[chosen["to"]]
    if chosen["from"] == chosen["to"]:
        desk.page.write(element("p", words("releases.same")))
        return
    show_changes(desk, release_at(directory), before=chosen["from"])


if __name__ == "__main__":
    show()
