"""The rule registry: every check the project knows, read from versioned YAML files, one file per suite.

A rule is data: what it expects (a Great Expectations type and its arguments over the prepared frame of its
suite), how severe a breach is, from which vintages on it applies, and what it says in Vietnamese and English.
This module never imports Great Expectations: a run with nothing new to check has no use for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from sources.problems import load_yaml

SUITES_DIR = Path(__file__).resolve().parent / "suites"
SUPPRESSIONS_FILE = Path(__file__).resolve().parent / "suppressions.yml"
# Where a release keeps the rules it was checked by.
KEPT_DIR = "rules"
RELEASE_SUITE = "release"

# Suites run in this order: a value that an earlier suite holds is not what later suites compare others with.
SUITE_ORDER = (
    "domain",
    "scale",
    "maturity",
    "series",
    "structure",
    "agreement",
    "revision",
    "documents",
    "target",
    "mapping",
    "calendar",
    "registry",
    RELEASE_SUITE,
)

Severity = Literal["error", "warning", "information"]
Content = TypeVar("Content", bound=BaseModel)

# Row-wise types only: the outcome of a row must not depend on which other rows stand in the frame, or a run
# over the new rows alone would not agree with a run over all of them. Each is paired with its column
# arguments.
EXPECTATION_COLUMNS: dict[str, tuple[str, ...]] = {
    "ExpectColumnValuesToBeBetween": ("column",),
    "ExpectColumnValuesToBeInSet": ("column",),
    "ExpectColumnValuesToNotBeInSet": ("column",),
    "ExpectColumnValuesToMatchRegex": ("column",),
    "ExpectColumnValuesToNotBeNull": ("column",),
    "ExpectColumnPairValuesAToBeGreaterThanB": ("column_A", "column_B"),
    "ExpectColumnPairValuesToBeEqual": ("column_A", "column_B"),
}
# A null in the column is what this type looks for; everywhere else a null leaves nothing to compare.
NULL_SEEKING = frozenset({"ExpectColumnValuesToNotBeNull"})


class RulesError(Exception):
    """The suite files cannot be used; the message lists every problem with its file and place."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """One text in both languages."""

    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def placeholders(self, language: Literal["vi", "en"]) -> set[str]:
        """Names in braces in the text of a language."""
        return {name for _, name, _, _ in Formatter().parse(getattr(self, language)) if name}


class Reason(_Strict):
    """Why a rule, or an exception to one, is there, and since when."""

    date: date
    text: Words


class Expected(_Strict):
    """A Great Expectations type with its arguments, over columns of the prepared frame."""

    type: str
    arguments: dict[str, Any]

    @field_validator("type")
    @classmethod
    def _row_wise(cls, name: str) -> str:
        if name not in EXPECTATION_COLUMNS:
            raise ValueError(f"{name} is not one of the row-wise types {', '.join(EXPECTATION_COLUMNS)}")
        return name

    @model_validator(mode="after")
    def _has_its_columns(self) -> Expected:
        missing = [name for name in EXPECTATION_COLUMNS[self.type] if name not in self.arguments]
        if missing:
            raise ValueError(f"{self.type} needs the argument {', '.join(missing)}")
        return self

    def columns(self) -> tuple[str, ...]:
        """The frame columns the expectation reads."""
        return tuple(str(self.arguments[name]) for name in EXPECTATION_COLUMNS[self.type])

    def canonical_text(self) -> str:
        """The expectation as one text, for the identity of its results."""
        return json.dumps([self.type, self.arguments], sort_keys=True, ensure_ascii=False, default=str)


class Rule(_Strict):
    """One check. `suite`, `frame` and `owner` are filled in from the file it stands in.

    A new rule is on trial: it warns until `promote_by`, and somebody decides by then whether it gets its
    `intended_severity`. `left` and `right` name the columns with the two sides of the comparison, `low` and
    `high` those with the expected interval.
    """

    rule_id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = Field(ge=1)
    severity: Severity
    applies_from: date
    title: Words
    description: Words
    expectation: Expected
    message: Words
    owner: Words
    reason: Reason
    promote_by: date | None = None
    intended_severity: Severity | None = None
    applies_when: str | None = None
    left: str | None = None
    right: str | None = None
    low: str | None = None
    high: str | None = None
    frame: str
    suite: str

    @model_validator(mode="after")
    def _on_trial(self) -> Rule:
        if (self.promote_by is None) != (self.intended_severity is None):
            raise ValueError("promote_by and intended_severity go together: give both, or neither")
        if self.promote_by is not None and self.severity == "error":
            raise ValueError("a rule on trial (promote_by) warns or informs: severity error is for later")
        if self.promote_by is not None and self.promote_by <= self.reason.date:
            raise ValueError("promote_by lies after the date of the reason")
        return self

    def severity_for(self, arrived_on: date | None) -> Severity:
        """How severe a breach is by a vintage of that day: one older than `applies_from` only informs."""
        if self.severity == "error" and arrived_on is not None and arrived_on < self.applies_from:
            return "information"
        return self.severity

    @property
    def identity(self) -> str:
        """Name of what this rule says of a row it asks about: a hash of rule, version and expectation."""
        return _hash(self.rule_id, str(self.version), self.expectation.canonical_text())

    def result_id(self, evidence_key: str) -> str:
        """Name of the outcome of this rule on one row: a hash of rule, version, expectation and row."""
        return _hash(self.rule_id, str(self.version), self.expectation.canonical_text(), evidence_key)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


class Suppression(_Strict):
    """A known breach of one rule by one figure that asks nobody for a decision until `expires` (that day included).

    Only of rules that do not hold figures: a figure that an error holds is released by a decision of two people.
    """

    rule_id: str
    indicator_code: str
    area_id: str
    breakdown: str = "_T"
    source_id: str
    period_id: str
    expires: date
    owner: Words
    reason: Reason

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Suppression:
        if self.expires <= self.reason.date:
            raise ValueError("expires lies after the date of the reason")
        return self

    @property
    def subject(self) -> str:
        """The rule and the figure it is about."""
        figure = (self.indicator_code, self.area_id, self.period_id, self.breakdown, self.source_id)
        return "|".join((self.rule_id, *figure))


class _SuppressionFile(_Strict):
    suppressions: list[Suppression]


class _SuiteFile(_Strict):
    suite: str
    title: Words
    owner: Words
    parameters: dict[str, Any] = Field(default_factory=dict)
    rules: list[Rule] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _rules_know_their_suite(cls, content: Any) -> Any:
        """A rule does not repeat the suite it stands in; frame and owner are named where they differ."""
        if not isinstance(content, dict) or not isinstance(content.get("rules"), list):
            return content
        name = content.get("suite")
        given = {"frame": name} | ({"owner": content["owner"]} if "owner" in content else {})
        rules = [
            {**given, **rule, "suite": name} if isinstance(rule, dict) else rule for rule in content["rules"]
        ]
        return {**content, "rules": rules}

    @field_validator("suite")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in SUITE_ORDER:
            raise ValueError(f"suite {name!r} is unknown; the suites are {', '.join(SUITE_ORDER)}")
        return name


@dataclass(frozen=True)
class Suite:
    """Rules over the prepared frame (or frames) of one question."""

    name: str
    title: Words
    owner: Words
    parameters: dict[str, Any]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class RuleSet:
    """All suites, in the order they run, and the suppressions in force beside them.

    `version` is the sha256 of the files they were read from.
    """

    suites: tuple[Suite, ...]
    version: str
    suppressions: tuple[Suppression, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, suite by suite in the order they run."""
        return tuple(rule for suite in self.suites for rule in suite.rules)

    def suite(self, name: str) -> Suite:
        """The suite of that name. KeyError when there is none."""
        for suite in self.suites:
            if suite.name == name:
                return suite
        raise KeyError(
            f"no suite is called {name!r}; there are {', '.join(suite.name for suite in self.suites)}"
        )

    def rule(self, rule_id: str) -> Rule:
        """The rule of that name. KeyError when there is none."""
        for rule in self.rules:
            if rule.rule_id == rule_id:
                return rule
        raise KeyError(f"no rule is called {rule_id!r}; the rules stand in expectations/suites")


def load_rules(directory: Path = SUITES_DIR, suppressions_file: Path = SUPPRESSIONS_FILE) -> RuleSet:
    """Read every `*.yml` of a directory, and the file of suppressions, into the registry.

    Raises RulesError with all problems at once: an unreadable file, an unknown key, an expectation that is
    not row-wise, a rule id used twice, an unknown suite name, a suppression of a rule that is not there or of
    one that holds figures. That a rule is past its `promote_by` or a suppression past its `expires` is no such
    problem: it is told by the suite `registry` as of the cut-off.
    """
    paths = sorted(directory.glob("*.yml"))
    if not paths:
        raise RulesError(f"{directory}: no suite file (*.yml) is there; restore expectations/suites")
    problems: list[str] = []
    suites: dict[str, Suite] = {}
    seen: dict[str, str] = {}
    digest = hashlib.sha256()
    for path in paths:
        data = path.read_bytes()
        digest.update(f"{path.name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
        suite = _read_suite(path, data, problems)
        if suite is None:
            continue
        if suite.name in suites:
            problems.append(f"{path.name}: suite {suite.name!r} stands in another file too; join them")
        for rule in suite.rules:
            if rule.rule_id in seen:
                problems.append(f"{path.name}: rule_id {rule.rule_id!r} is used in {seen[rule.rule_id]} too")
            seen[rule.rule_id] = path.name
        suites[suite.name] = suite
    data = suppressions_file.read_bytes()
    digest.update(f"{suppressions_file.name}\0{hashlib.sha256(data).hexdigest()}\n".encode())
    severities = {rule.rule_id: rule.severity for suite in suites.values() for rule in suite.rules}
    suppressions = _read_suppressions(suppressions_file, data, severities, problems)
    if problems:
        raise RulesError(
            "The rule files cannot be used:\n" + "\n".join(f"  {problem}" for problem in problems)
        )
    ordered = sorted(suites.values(), key=lambda suite: SUITE_ORDER.index(suite.name))
    return RuleSet(tuple(ordered), digest.hexdigest(), suppressions)


def _read_suppressions(
    path: Path, data: bytes, severities: Mapping[str, Severity], problems: list[str]
) -> tuple[Suppression, ...]:
    file = _read(_SuppressionFile, path, data, problems)
    if file is None:
        return ()
    seen: set[str] = set()
    for place, entry in enumerate(file.suppressions):
        if entry.rule_id not in severities:
            said = f"no rule is called {entry.rule_id!r}"
        elif severities[entry.rule_id] == "error":
            said = f"{entry.rule_id} holds figures: decide the finding instead"
        elif entry.subject in seen:
            said = f"{entry.subject} is suppressed twice"
        else:
            seen.add(entry.subject)
            continue
        problems.append(f"{path.name}: suppressions.{place}: {said}")
    return tuple(file.suppressions)


def keep_rules(candidate: Path) -> None:
    """Copy the rule files, byte for byte, into a candidate: what is signed names the rules it was checked by."""
    suites = candidate / KEPT_DIR / SUITES_DIR.name
    suites.mkdir(parents=True)
    for path in sorted(SUITES_DIR.glob("*.yml")):
        (suites / path.name).write_bytes(path.read_bytes())
    (suites.parent / SUPPRESSIONS_FILE.name).write_bytes(SUPPRESSIONS_FILE.read_bytes())


def rules_of_release(release: Path) -> RuleSet:
    """The rules that a release keeps. Raises RulesError for one made before rules were kept."""
    folder = release / KEPT_DIR
    return load_rules(folder / SUITES_DIR.name, folder / SUPPRESSIONS_FILE.name)


def _read_suite(path: Path, data: bytes, problems: list[str]) -> Suite | None:
    file = _read(_SuiteFile, path, data, problems)
    if file is None:
        return None
    return Suite(file.suite, file.title, file.owner, file.parameters, tuple(file.rules))


def _read(kind: type[Content], path: Path, data: bytes, problems: list[str]) -> Content | None:
    try:
        content, unreadable = load_yaml(data.decode("utf-8"), path.name)
        if unreadable:
            problems += [f"{path.name}: not readable as YAML: {problem}" for problem in unreadable]
            return None
        return kind.model_validate(content)
    except UnicodeDecodeError as error:
        problems.append(f"{path.name}: not readable as text: {error}")
    except ValidationError as error:
        for item in error.errors():
            place = ".".join(str(part) for part in item["loc"]) or "file"
            problems.append(f"{path.name}: {place}: {item['msg']}")
    return None
