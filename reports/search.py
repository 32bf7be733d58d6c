"""Finding things in a release without accents and capitals: targets, indicators, clauses, domains."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reports.milestone_facts import MilestoneFacts
from reports.plan_facts import reference_versions
from reports.release_data import Release, Row
from reports.target_facts import TargetFacts
from reports.words import FAMILIES, Words


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """A text without accents and capitals, for searching: Độ che phủ -> do che phu."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def matches(asked: str | None, *texts: object) -> bool:
    """Whether every word asked for occurs in one of the texts, accents and capitals aside."""
    whole = " ".join(folded(str(text)) for text in texts if text)
    return all(word in whole for word in folded(asked or "").split())


@dataclass(frozen=True)
class Found:
    """What answers to the words asked for, each in the order of the plan."""

    targets: Sequence[TargetFacts]
    milestones: Sequence[MilestoneFacts]
    domains: Sequence[str]
    clauses: Sequence[Row]
    indicators: Sequence[Row]

    def __len__(self) -> int:
        return sum(map(len, (self.targets, self.milestones, self.domains, self.clauses, self.indicators)))


def find(
    release: Release,
    asked: str,
    targets: Sequence[TargetFacts],
    milestones: Sequence[MilestoneFacts],
    words: Words,
) -> Found:
    """What of a release answers: by name in either language, by id or code, by number and heading of a clause.

    A target also answers to the number of its clause and to its domain. `targets` and `milestones` are those of the
    plan in use.
    """
    reference = reference_versions(release)
    return Found(
        [
            f
            for f in targets
            if matches(asked, *_named(f.target), f.indicator.get("name_vi"), words.of("domain", f.domain))
        ],
        [f for f in milestones if matches(asked, *_named(f.target))],
        [code for code in _domains(targets) if matches(asked, code, words.of("domain", code))],
        [
            row
            for row in release.rows("dim_clause")
            if row["plan_version"] in reference
            and matches(asked, row["clause"], row.get("heading_vi"), row.get("heading_en"))
        ],
        [
            row
            for row in release.rows("dim_indicator")
            if matches(
                asked, row["indicator_code"], row.get("name_vi"), row.get("name_en"), row.get("t_code")
            )
        ],
    )


def _named(target: Row) -> tuple[object, ...]:
    return tuple(target.get(name) for name in ("target_id", "name_vi", "name_en", "clause"))


def _domains(targets: Iterable[TargetFacts]) -> list[str]:
    return sorted({facts.domain for facts in targets}, key=domain_order)


def domain_order(domain: str) -> tuple[int, str]:
    """Where a domain stands: in the order of the contract, those it does not name after it."""
    known = FAMILIES["domain"]
    return (known.index(domain) if domain in known else len(known), domain)
