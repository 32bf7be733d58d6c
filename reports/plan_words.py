"""The plan documents in words: their names, which one is counted, where in them a target stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from reports.periods import sentence_case
from reports.plan_facts import clause_of, documents, is_true, reference_versions
from reports.release_data import Release, Row
from reports.words import Words


def province_name(release: Release, words: Words) -> str:
    """The area the plan in use is about: the one its document names, else the one its targets name."""
    areas = {str(row["area_id"]): row for row in release.rows("dim_area")}
    reference = reference_versions(release)
    named = [d.get("area_id") for version, d in documents(release).items() if version in reference]
    named += [t["area_id"] for t in release.rows("fct_target") if str(t["plan_version"]) in reference]
    area = next((str(area_id) for area_id in named if area_id), None)
    return words.pick(areas.get(area, {}), "name") if area else words("none")


def plan_name(document: Row, words: Words) -> str:
    """Form and number of a plan document: Nghị quyết 07/NQ-HĐND. The form is read from the number, as the law
    writes it.
    """
    number = str(document["number"])
    form = number.partition("/")[2].partition("-")[0]
    known = words.of("legal_form", form)
    return f"{known} {number}" if known != form else number


def plan_line(every: Sequence[Row], used: Collection[str], words: Words) -> str:
    """Whose targets are counted, and which document in force is not transcribed."""
    shown = [plan_name(d, words) for d in every if str(d["plan_version"]) in used]
    absent = [
        plan_name(d, words)
        for d in every
        if d["legal_status"] == "in_force" and not is_true(d["targets_transcribed"])
    ]
    line = words("plan.shown", documents=words.listed(shown)) if shown else words("plan.none")
    return f"{line}; {words('plan.absent', documents=words.listed(absent))}" if absent else line


def place_words(release: Release, target: Row, words: Words) -> str:
    """Document, clause by its own numbering, heading, line."""
    document = documents(release).get(str(target["plan_version"]))
    place = words(
        "target.clause_place",
        document=plan_name(document, words) if document else str(target["plan_version"]),
        clause=target["clause"],
        heading=words.pick(clause_of(release, target), "heading"),
        line=target.get("line") if target.get("line") is not None else words("none"),
    )
    return sentence_case(place)
