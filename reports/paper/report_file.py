"""What the files of the report are called, and what each of them is in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from expectations.gate.clearance import FULL, OFFICE, PUBLIC, Clearance
from reports.milestone_facts import every_milestone
from reports.numbers import Language
from reports.paper.editions import Edition, editions_at
from reports.paper.scope import Scope, extracts
from reports.plan_facts import documents, reference_versions
from reports.release_data import Release
from reports.target_facts import every_target, of_the_plan

FOLDER = "paper"
Format = Literal["pdf", "docx"]
WHOLE = Scope()
# What a file says in its name of whom it is for; nothing where it is for everybody.
_FOR: Mapping[Clearance, str] = {OFFICE: "internal", FULL: "full"}


@dataclass(frozen=True)
class ReportFile:
    """One file of the report: an edition of a part of the plan in a format, a language and for whom it is."""

    edition: Edition
    scope: Scope
    format: Format
    language: Language = "vi"
    clearance: Clearance = PUBLIC

    @property
    def name(self) -> str:
        """ASCII, and the same for the same report: report-annual-2025-department-so-y-te-en-internal.pdf; of language
        and access it says what is not Vietnamese and not public.
        """
        edition = self.edition
        years = {edition.first_year, edition.last_year}
        parts = ["report", edition.name, *(str(year) for year in sorted(years))]
        if self.scope != WHOLE:
            parts += [self.scope.kind, self.scope.key]
        if self.language != "vi":
            parts.append(self.language)
        if self.clearance != PUBLIC:
            parts.append(_FOR[self.clearance])
        return f"{'-'.join(parts)}.{self.format}"


def editions_of(release: Release) -> list[Edition]:
    """The editions that can be written of a release, the one its cut-off asks for first.

    LookupError when the release has no plan whose targets are counted, or its first year is still under way.
    """
    used = reference_versions(release)
    starts = [
        int(row["period_start"])
        for version, row in documents(release).items()
        if version in used and row.get("period_start") is not None
    ]
    known = editions_at(release.cut_off, min(starts)) if starts else []
    if not known:
        raise LookupError(
            f"{release.release_id}: no period of the plan in use is closed at {release.cut_off:%d/%m/%Y}, "
            "so there is nothing to report on yet"
        )
    return known


def known_reports(release: Release) -> dict[str, ReportFile]:
    """Path in the release -> the report it would be, of every edition and part in Vietnamese and for everybody.

    Editions in their order, in each the whole plan first; empty where no edition can be written.
    """
    try:
        editions = editions_of(release)
    except LookupError:
        return {}
    milestones = [facts for facts in every_milestone(release) if facts.reference]
    scopes = [WHOLE, *extracts([*of_the_plan(every_target(release)), *milestones])]
    known = [
        ReportFile(edition, scope, form)
        for edition in editions
        for scope in scopes
        for form in get_args(Format)
    ]
    return {f"{FOLDER}/{one.name}": one for one in known}
