"""What a release knows of the offices: what each keeps, owes and delivered, what it answers for, what waits for it.

An office answers for a target only where the plan document says so. Who keeps the figures of an indicator is another
thing: the indicator's record names him, and a target without figures waits for him.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from expectations.gate.office_statements import Concern
from reports.causes import Cause, every_cause
from reports.derived import is_derived
from reports.milestone_facts import MilestoneFacts, every_milestone
from reports.office_names import STATISTICS_OFFICE, english_names
from reports.page_data import giving_sources
from reports.per_release import per_release
from reports.plan_counts import waits_for_figures
from reports.plan_facts import is_true, reference_versions
from reports.release_data import Release, Row
from reports.target_facts import TargetFacts, every_target, of_the_plan
from reports.words import Words

# Kinds of publishers that work for the State here; the press and others owe nothing.
OFFICE_KINDS = ("department", "peoples_council", "ministry", "statistics_office")


@dataclass
class Office:
    """One office: its sources, the indicators whose figures it keeps, its targets, its statements."""

    name: str
    name_en: str | None = None
    sources: list[Row] = field(default_factory=list)
    issues: list[Row] = field(default_factory=list)
    figures: int = 0
    indicators: list[Row] = field(default_factory=list)
    answers_for: list[TargetFacts | MilestoneFacts] = field(default_factory=list)
    keeps: list[TargetFacts] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)

    @property
    def waiting(self) -> list[TargetFacts]:
        """Targets that are not assessed for want of figures this office keeps."""
        return [facts for facts in self.keeps if waits_for_figures(facts)]

    @property
    def has_calendar(self) -> bool:
        """Whether it is known when the office has to deliver anything."""
        return any(source.get("calendar_state") == "known" for source in self.sources)

    def counted(self, *states: str) -> int:
        """Its issues that are in one of these states."""
        return sum(str(issue["state"]) in states for issue in self.issues)

    @property
    def due(self) -> int:
        return sum(is_true(issue["is_due"]) for issue in self.issues)

    @property
    def received(self) -> int:
        return sum(
            is_true(issue["is_due"]) and str(issue["state"]).startswith("received") for issue in self.issues
        )

    @property
    def late(self) -> int:
        return self.counted("late")

    @property
    def missing(self) -> int:
        return self.counted("missing")

    @property
    def owed(self) -> list[Row]:
        """Issues that are late or missing, the longest overdue first."""
        issues = [issue for issue in self.issues if issue["state"] in ("late", "missing")]
        return sorted(issues, key=lambda issue: (issue["due_on"], str(issue["issue_key"])))


@per_release
def every_office(release: Release) -> list[Office]:
    """The offices that the release names, those that most waits for first."""
    offices: dict[str, Office] = {}

    def of(name: object) -> Office:
        return offices.setdefault(str(name), Office(str(name)))

    for indicator in release.rows("dim_indicator"):
        if indicator.get("custodian_vi"):
            of(indicator["custodian_vi"]).indicators.append(indicator)
    for facts in of_the_plan(every_target(release)):
        if facts.indicator.get("custodian_vi"):
            of(facts.indicator["custodian_vi"]).keeps.append(facts)
    for promise in _promises(release):
        if promise.target.get("responsible_vi"):
            of(promise.target["responsible_vi"]).answers_for.append(promise)
    for cause in every_cause(release):
        of(cause.office).causes.append(cause)
    _add_sources(release, offices)
    in_english = english_names(release)
    for office in offices.values():
        office.name_en = in_english.get(office.name)
    return sorted(offices.values(), key=lambda o: (-len(o.waiting), -o.late - o.missing, o.name))


def _promises(release: Release) -> list[TargetFacts | MilestoneFacts]:
    milestones = [facts for facts in every_milestone(release) if facts.reference]
    return [*of_the_plan(every_target(release)), *milestones]


def unanswered(release: Release) -> tuple[int, int]:
    """How many targets and how many milestones of the plan name no office that answers for them."""
    without = [one for one in _promises(release) if not one.target.get("responsible_vi")]
    milestones = sum(isinstance(one, MilestoneFacts) for one in without)
    return len(without) - milestones, milestones


def _add_sources(release: Release, offices: dict[str, Office]) -> None:
    issues: dict[str, list[Row]] = defaultdict(list)
    for issue in release.optional_rows("fct_release_issue"):
        issues[str(issue["source_id"])].append(issue)
    figures = giving_sources(release)
    for source in release.rows("dim_source"):
        name = office_of_source(source, offices)
        if name is None:
            continue
        office = offices.setdefault(name, Office(name))
        office.sources.append(source)
        office.issues += issues[str(source["source_id"])]
        office.figures += figures[str(source["source_id"])]


def office_of_source(source: Row, known: Iterable[str]) -> str | None:
    """The office that a source's figures come from; None for what comes from no office."""
    if is_derived(source):
        return None
    publisher = str(source.get("publisher_vi") or "")
    if source["publisher_kind"] == "statistics_office":
        return STATISTICS_OFFICE
    for name in known:
        if publisher == name or publisher.startswith(f"{name} ("):
            return name
    return publisher if publisher and source["publisher_kind"] in OFFICE_KINDS else None


def office_name(office: Office, words: Words) -> str:
    """The name of an office; in Vietnamese where no record gives it in English."""
    return (office.name_en if words.language == "en" else None) or office.name


def known_offices(release: Release) -> list[str]:
    """The offices that may make a statement, by name: those that keep figures, answer for targets or publish here."""
    return sorted(office.name for office in every_office(release))


def concern_of(release: Release, target_id: str, plan_version: str | None = None) -> Concern | None:
    """What a statement on a target is about; None when the plan in use, or the one named, has no such target."""
    versions = reference_versions(release) if plan_version is None else frozenset({plan_version})
    target = next(
        (
            row
            for row in release.rows("fct_target")
            if row["target_id"] == target_id and str(row["plan_version"]) in versions
        ),
        None,
    )
    if target is None:
        return None
    bucket = next(
        (
            str(row["bucket"])
            for row in release.rows("fct_assessment")
            if (row["plan_version"], row["target_id"]) == (target["plan_version"], target_id)
            and row["bucket"]
        ),
        None,
    )
    indicator = target.get("indicator_code")
    return Concern(
        plan_version=str(target["plan_version"]),
        target_id=target_id,
        indicator_code=None if indicator is None else str(indicator),
        release_id=release.release_id,
        bucket=bucket,
    )
