"""Which part of the plan a report is about: all of it, one domain, or one office."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reports.milestone_facts import MilestoneFacts
from reports.search import domain_order, folded
from reports.target_facts import TargetFacts
from reports.words import Words

Kind = Literal["whole", "domain", "department"]


@dataclass(frozen=True)
class Scope:
    """A part of the plan: `name` is a domain's code or an office's name, empty for the whole."""

    kind: Kind = "whole"
    name: str = ""

    @property
    def key(self) -> str:
        """The part in a file name, in ASCII: so-y-te, economy."""
        return _key(self.name)

    def holds(self, facts: TargetFacts | MilestoneFacts) -> bool:
        """Whether a target or milestone belongs to the part. To an office: what it keeps the figures of or, where the
        document names it, answers for.
        """
        if self.kind == "domain":
            return facts.domain == self.name
        if self.kind == "department":
            return self.name in offices_of(facts)
        return True

    def title(self, words: Words) -> str:
        """The line under the report's title; empty for the whole plan."""
        if self.kind == "domain":
            return words("paper.extract_domain", name=words.of("domain", self.name))
        return words("paper.extract_department", name=self.name) if self.kind == "department" else ""


def offices_of(facts: TargetFacts | MilestoneFacts) -> list[str]:
    """The offices of a target or milestone: who keeps its figures, and who answers for it."""
    custodian = facts.indicator.get("custodian_vi") if isinstance(facts, TargetFacts) else None
    named = (custodian, facts.target.get("responsible_vi"))
    return list(dict.fromkeys(str(name) for name in named if name))


def extracts(every: Sequence[TargetFacts | MilestoneFacts]) -> list[Scope]:
    """Every domain and office that has a target or milestone, domains in the order of the pages."""
    domains = {facts.domain for facts in every if facts.domain}
    offices = {office for facts in every for office in offices_of(facts)}
    return [
        *(Scope("domain", code) for code in sorted(domains, key=domain_order)),
        *(Scope("department", name) for name in sorted(offices, key=_key)),
    ]


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", folded(text)).strip("-")
