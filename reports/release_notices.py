"""What a published release carries on every page: that it was corrected in a note, or retracted, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from expectations.gate.publication import Notice, notices
from reports.identity import has_records
from reports.markup import Markup, element
from reports.words import Words
from store.settings import Settings

# The figures of a retracted release stay readable, struck out.
STRUCK_OUT = (
    "<style>.ppw td.ppw-number, .ppw-lead, .ppw-big, .ppw-figure { text-decoration: line-through; }</style>"
)


def notices_of(settings: Settings, release_id: str) -> list[Notice]:
    """The notices of a release, oldest first; after its retraction nothing else is said of it."""
    found = notices(settings, release_id) if has_records(settings) else []
    retracted = [one for one in found if one.kind == "retracted"]
    return retracted or found


def notice_marks(settings: Settings, found: Sequence[Notice], words: Words) -> list[Markup]:
    """A line for each notice. Nobody is named: who did it stands in the log."""
    zone = ZoneInfo(settings.time_zone)
    return [
        element(
            "div",
            element("strong", f"{words.of('release_notice', one.kind)}."),
            " ",
            words(
                f"notice.{one.kind}", at=f"{one.at.astimezone(zone):%d/%m/%Y %H:%M}", reason=one.reason_text
            ),
            classes="ppw-notice ppw-error" if one.kind == "retracted" else "ppw-notice",
            role="note",
        )
        for one in found
    ]
