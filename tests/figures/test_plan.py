"""The plan documents that ship: what they promise, read as it is worded, and the proofs on them."""

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from sources.plan.codes import code_problems
from sources.plan.document import reference_version
from sources.plan.ledger import ledger_problems, text_problems
from sources.plan.plan import Plan
from sources.plan.references import lineage_problems, reference_problems
from sources.plan.targets import PlanMilestone, PlanTarget
from tests.figures.shipped import RESOLUTION, SEEDS, plans

DECISION = "1486-QD-TTG-2023"
TEXT_FILE = "000_6a307a0b7f952353.txt"
# The sentence keeps the fall of poverty "to 2030" and prints no figure; it is that of the sentence before.
WITHOUT_FIGURE = {"POVERTY_REDUCTION_2026_2030"}
# Things that are held or bounded from above have no path; a floor to be reached may have one, from its base.
WITHOUT_PATH = {"hold", "ceiling"}


def resolution() -> Plan:
    return plans().plans[RESOLUTION]


def targets() -> list[PlanTarget]:
    return [target for _, target in resolution().targets]


@cache
def promises() -> list[tuple[str, PlanTarget | PlanMilestone]]:
    return [
        (version, promise) for version, plan in plans().plans.items() for _, _, promise in plan.promises()
    ]


def numbers_in(text: str) -> set[Decimal]:
    """Return the figures of a Vietnamese text: a point parts thousands, a comma the decimals."""
    return {
        Decimal(number.replace(".", "").replace(",", "."))
        for number in re.findall(r"\d+(?:\.\d{3})*(?:,\d+)?", text)
    }


def test_every_plan_document_reads_and_its_proofs_hold() -> None:
    """Reading proves the ledger, the sums and the lists; see the tests of sources/plan for what they refuse."""
    assert plans().problems == []


@pytest.mark.parametrize("version", sorted(plans().plans))
def test_codes_and_lineage_are_known(version: str) -> None:
    plan = plans().plans[version]
    assert code_problems(plan, SEEDS) == []
    assert lineage_problems(plan, plans().plans) == []


def test_the_resolution_is_the_reference_until_the_decision_is_transcribed() -> None:
    documents = [plan.document for plan in plans().plans.values()]
    assert reference_version(documents, "VN-04") == RESOLUTION
    decision = plans().plans[DECISION]
    assert decision.document.legal_status == "in_force"
    assert not decision.document.targets_transcribed
    assert list(decision.promises()) == []


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.target_id)
def test_the_figure_is_the_one_printed(target: PlanTarget) -> None:
    """Digits beside the target; a number in words, and one the sentence before prints, is proven by the ledger."""
    printed = numbers_in(target.printed_text)
    assert (set(target.figures) <= printed) is (target.target_id not in WITHOUT_FIGURE)


def test_no_reading_is_confirmed() -> None:
    for version, promise in promises():
        assert promise.reading_status == "proposed", (version, promise.target_id)


def test_a_reading_we_propose_is_said() -> None:
    """A base and a path decide what is said of the pace, and the text states neither."""
    for target in targets():
        if target.base_period is not None or target.trajectory is not None:
            assert target.note_vi and target.note_en, target.target_id
        if target.target_type in WITHOUT_PATH:
            assert target.trajectory is None, target.target_id
        if target.target_type == "floor":
            assert (target.trajectory is None) is (target.base_period is None), target.target_id
        if target.target_type != "hold" and target.comparator.startswith("approx"):
            assert target.tolerance is None, target.target_id


def test_both_languages_say_as_much() -> None:
    for version, promise in promises():
        assert (promise.note_vi is None) is (promise.note_en is None), (version, promise.target_id)


def test_wording_decides_the_comparator() -> None:
    comparators = {target.target_id: target.comparator for target in targets()}
    assert comparators["GRDP_GROWTH_2021_2030"] == "eq"
    assert comparators["BUDGET_REVENUE_GROWTH_2030"] == "gt"
    assert comparators["TRADE_TURNOVER_GROWTH_2030"] == "approx_gt"
    assert comparators["UNEMPLOYMENT_URBAN_2025"] == "le"
    assert comparators["UNEMPLOYMENT_URBAN_2026_2030"] == "lt"
    assert comparators["FOREST_COVER_2030"] == "hold_approx"
    for target in targets():
        between = target.comparator in ("between", "approx_between")
        assert between is (target.value_high is not None), target.target_id
        words = target.printed_text.lower()
        if "khoảng trên" in words:
            assert target.comparator == "approx_gt", target.target_id
        elif "khoảng" in words and target.target_type != "hold":
            assert target.comparator.startswith("approx"), target.target_id
        if words.startswith("phấn đấu"):
            assert target.aspiration == "true", target.target_id


def test_printed_words_are_few() -> None:
    for version, promise in promises():
        assert len(promise.printed_text.split()) <= 14, (version, promise.target_id)


def test_units_that_were_abolished_name_their_frame() -> None:
    for target in targets():
        if target.unit in ("commune", "district") or target.indicator_code == "COMMUNES_SAFE":
            assert target.frame_id == "CB-161", target.target_id


def test_headlines_are_numbered_without_gaps() -> None:
    headlines = [promise for _, _, promise in resolution().promises() if promise.headline == "true"]
    orders = sorted(promise.headline_order or 0 for promise in headlines)
    assert orders == list(range(1, len(headlines) + 1))


def test_a_list_without_members_says_why() -> None:
    listed = {member.list_id for _, member in resolution().members}
    for _, named in resolution().lists:
        assert named.list_id in listed or resolution().annotation_kinds(f"list:{named.list_id}"), (
            named.list_id
        )


def test_the_ledger_is_that_of_the_text(shared_data: Path) -> None:
    """Every number of the text has its entry, and the printed words stand on their lines."""
    path = shared_data.parent / "plan" / TEXT_FILE
    if resolution().document.text_sha256 is None or not path.is_file():
        pytest.skip("the text of the resolution, or its ledger, is not on this machine")
    assert text_problems(resolution(), path.read_bytes()) == []


def test_the_resolution_is_transcribed_whole() -> None:
    """At least what is there now: a table that shrinks has lost a promise."""
    plan = resolution()
    assert len(plan.targets) >= 122
    assert len(plan.milestones) >= 214
    assert len(plan.annotations) >= 143
    assert len(plan.ledger) == 427


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.target_id)
def test_no_target_can_be_left_out_unseen(target: PlanTarget) -> None:
    """Without a target its tokens in the ledger belong to nobody, and what names it leads nowhere."""
    without = replace(resolution(), targets=[one for one in resolution().targets if one[1] is not target])
    problems = [*reference_problems(without), *ledger_problems(without)]
    assert any(f"'{target.target_id}'" in problem.message for problem in problems)


def test_numbered_promises_inside_works_are_targets() -> None:
    figures = {target.target_id: target.figures for target in targets()}
    assert figures["FAIR_CENTRES_INTERNATIONAL_STUDIED_2030"] == [1]
    assert figures["EXPRESSWAY_LAND_LANES_BAC_KAN_CAO_BANG_2030"] == [4]
