"""The rule registry: every check the project knows, read from versioned YAML files, one file per suite.

A rule is data: what it expects (a Great Expectations type and its arguments over the prepared frame of its
suite), how severe a breach is, from which vintages on it applies, and what it says in Vietnamese and English.
This module never imports Great Expectations: a run with nothing new to check has no use for it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

SUITES_DIR = Path(__file__).resolve().parent / "suites"
RELEASE_SUITE = "release"

# Suites run in this order: a value that an earlier suite holds is not what later suites compare others with.
SUITE_ORDER = ("domain", "scale", "maturity", "structure", "agreement", "mapping", "calendar", RELEASE_SUITE)

Severity = Literal["error", "warning", "information"]

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
    """One check. `suite` and `frame` are filled in from the file it stands in."""

    rule_id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = Field(ge=1)
    severity: Severity
    applies_from: date
    title: Words
    description: Words
    expectation: Expected
    message: Words
    applies_when: str | None = None
    left: str | None = None
    right: str | None = None
    frame: str
    suite: str

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


class _SuiteFile(_Strict):
    suite: str
    title: Words
    parameters: dict[str, Any] = Field(default_factory=dict)
    rules: list[Rule] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _rules_know_their_suite(cls, content: Any) -> Any:
        """A rule stands under its suite and does not repeat its name; a frame is named where it differs."""
        if not isinstance(content, dict) or not isinstance(content.get("rules"), list):
            return content
        name = content.get("suite")
        rules = [
            {"frame": name, **rule, "suite": name} if isinstance(rule, dict) else rule
            for rule in content["rules"]
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
    parameters: dict[str, Any]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class RuleSet:
    """All suites, in the order they run. `version` is the sha256 of the files they were read from."""

    suites: tuple[Suite, ...]
    version: str

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


def load_rules(directory: Path = SUITES_DIR) -> RuleSet:
    """Read every `*.yml` of a directory into the registry.

    Raises RulesError with all problems at once: an unreadable file, an unknown key, an expectation that is
    not row-wise, a rule id used twice, an unknown suite name, a suite that is missing.
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
    if problems:
        raise RulesError(
            "The rule files cannot be used:\n" + "\n".join(f"  {problem}" for problem in problems)
        )
    ordered = sorted(suites.values(), key=lambda suite: SUITE_ORDER.index(suite.name))
    return RuleSet(suites=tuple(ordered), version=digest.hexdigest())


def _read_suite(path: Path, data: bytes, problems: list[str]) -> Suite | None:
    try:
        file = _SuiteFile.model_validate(yaml.safe_load(data.decode("utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(f"{path.name}: not readable as YAML: {error}")
        return None
    except ValidationError as error:
        for item in error.errors():
            place = ".".join(str(part) for part in item["loc"]) or "file"
            problems.append(f"{path.name}: {place}: {item['msg']}")
        return None
    return Suite(name=file.suite, title=file.title, parameters=file.parameters, rules=tuple(file.rules))
