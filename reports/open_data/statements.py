"""What every open file says of itself: which release, which plan, whether people reviewed it, how to cite it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reports.numbers import format_date
from reports.periods import sentence_case
from reports.plan_facts import reference_versions
from reports.plan_words import plan_line, province_name
from reports.release_data import Release
from reports.words import Words


@dataclass(frozen=True)
class Said:
    """The statements of one release in one language."""

    title: str
    plan: str
    review: str
    cut_off: str
    citation: str
    rights: str


def statements_of(release: Release, words: Words) -> Said:
    """What the files of a release say of it."""
    day = format_date(release.cut_off)
    line = plan_line(release.rows("dim_plan_document"), reference_versions(release), words)
    title = words("open_data.title", area=province_name(release, words))
    return Said(
        title=title,
        plan=f"{sentence_case(line)}.",
        review=words("open_data.reviewed" if release.reviewed else "open_data.not_reviewed"),
        cut_off=words("open_data.cut_off", day=day),
        citation=words("open_data.citation", title=title, release=release.release_id, day=day),
        rights=words("open_data.rights"),
    )


def facts_of(release: Release) -> dict[str, str]:
    """The same as keys and texts, for the metadata of a file: English beside Vietnamese."""
    vi, en = (statements_of(release, words) for words in (Words("vi"), Words("en")))
    both = {
        f"{name}_{language}": getattr(said, name)
        for language, said in (("vi", vi), ("en", en))
        for name in ("title", "plan", "review", "citation", "rights")
    }
    return {
        **both,
        "release_id": release.release_id,
        "cut_off": release.cut_off.isoformat(),
        "content_digest": release.digest,
        "reviewed": str(release.reviewed).lower(),
    }


def clock(release: Release) -> tuple[int, int, int, int, int, int]:
    """The only time that files carry: noon of the cut-off, so that the same release gives the same bytes."""
    day: date = release.cut_off
    return (day.year, day.month, day.day, 12, 0, 0)
