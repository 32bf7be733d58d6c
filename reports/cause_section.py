"""How statements of offices are shown on the pages: each as the word of the office it is from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from expectations.gate.permissions import may
from reports.causes import Cause, answers, attribution, causes_of, state_sentence
from reports.frame import Page
from reports.markup import Markup, element, joined, link, state
from reports.plan_facts import TargetKey, target_key
from reports.release_data import Release, Row


class Promise(Protocol):
    """A target or a milestone."""

    @property
    def target_id(self) -> str: ...

    @property
    def plan_version(self) -> str: ...


def statements_section(page: Page, facts: Promise) -> None:
    """What the responsible office says of a target; nothing where none says anything and this reader may not either."""
    words = page.words
    if not page.release.has("fct_statement"):
        return
    causes = causes_of(page.release, facts.target_id, facts.plan_version)
    may_state = may(page.person, "state_cause")
    if not causes and not may_state:
        return
    page.header(words("statement.title"))
    parts: list[Markup] = []
    if causes:
        parts += [element("p", words("statement.whose"), classes="ppw-small"), cause_list(page, causes)]
    else:
        parts.append(element("p", words("statement.none")))
    if may_state:
        form = page.address("statements", target=facts.target_id)
        parts.append(element("p", link(words("statement.to_form"), form)))
    page.write(*parts)


def cause_list(page: Page, causes: Sequence[Cause], targets: dict[TargetKey, Row] | None = None) -> Markup:
    """Statements one under the other; with `targets` each names its target."""
    return element("div", *(_one(page, cause, targets) for cause in causes), classes="ppw-causes")


def targets_by_key(release: Release) -> dict[TargetKey, Row]:
    """The targets of every plan."""
    return {target_key(row): row for row in release.rows("fct_target")}


def _one(page: Page, cause: Cause, targets: dict[TargetKey, Row] | None) -> Markup:
    words = page.words
    parts = [element("strong", attribution(cause, words))]
    if targets is not None:
        target = targets.get((cause.plan_version, cause.target_id), {})
        name = words.pick(target, "name") if target else cause.target_id
        page_name = "milestones" if target.get("target_type") == "milestone" else "target"
        parts.append(link(name, page.address(page_name, target=cause.target_id)))
    parts.append(state(cause.shape, words.of("statement_state", cause.state)))
    entries = [
        element("div", element("dt", label), element("dd", said)) for label, said in answers(cause, words)
    ]
    return element(
        "article",
        element("p", joined(parts, " · ")),
        element("dl", *entries, classes="ppw-cause"),
        element("p", state_sentence(cause, words), classes="ppw-small"),
    )
