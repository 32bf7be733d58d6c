"""The chart of a target as the browser draws it, made once: making and checking it takes longer than the rest of its
page.
"""

from __future__ import annotations

from typing import Any

from reports.charts import target_chart
from reports.numbers import Language
from reports.palette import Theme
from reports.per_release import per_release
from reports.release_data import Release
from reports.target_facts import TargetFacts, every_target, find_target
from reports.words import Words

Specification = dict[str, Any]


def target_chart_specification(
    release: Release, facts: TargetFacts, words: Words, theme: Theme
) -> Specification | None:
    """The Vega-Lite specification of `target_chart`, its figures inside; None when nothing can be drawn.

    It is shared: nobody writes into it.
    """
    return _specification(release, facts.plan_version, facts.target_id, words.language, theme)


@per_release
def _specification(
    release: Release, plan_version: str, target_id: str, language: Language, theme: Theme
) -> Specification | None:
    facts = find_target(every_target(release), target_id, plan_version)
    chart = None if facts is None else target_chart(facts, Words(language), theme)
    if chart is None:
        return None
    # Tests check specifications against the schema; here that would take as long as making one.
    specification: Specification = chart.to_dict(validate=False)
    # A size of Altair's own; the page gives the width.
    view = specification.get("config", {}).get("view", {})
    for size in ("continuousWidth", "continuousHeight"):
        view.pop(size, None)
    named: Specification = specification.pop("datasets", {})
    inside = _with_figures(specification, named)
    assert isinstance(inside, dict)
    return inside


def _with_figures(part: Any, named: Specification) -> Any:
    """A part of a specification with its data in the place of their names."""
    if isinstance(part, list):
        return [_with_figures(item, named) for item in part]
    if not isinstance(part, dict):
        return part
    inside = {name: _with_figures(item, named) for name, item in part.items()}
    data = inside.get("data")
    if isinstance(data, dict) and data.get("name") in named:
        inside["data"] = {"values": named[data["name"]]}
    return inside
