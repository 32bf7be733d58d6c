"""The partition of the targets, and why a figure that is shown does not count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reports.confidence import confidence_sentences, origin_sentences
from reports.milestone_chart import BREAK, LONG, _in_two_lines
from reports.numbers import Language
from reports.plan_counts import fresh_sentence, listed_sentence, plan_counts
from reports.release_data import Release, current_release
from reports.search import domain_order
from reports.statements import card_reason, shown_period, target_sentences
from reports.target_facts import TargetFacts, every_target, of_the_plan
from reports.words import FAMILIES, LANGUAGES, Words
from store.settings import Settings

VIETNAMESE = Words("vi")


@pytest.fixture(scope="module")
def release(synthetic_home: Path) -> Release:
    found = current_release(Settings(home=synthetic_home))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def plan(release: Release) -> list[TargetFacts]:
    return of_the_plan(every_target(release))


def test_the_parts_of_every_count_add_up(plan: list[TargetFacts]) -> None:
    for these in (plan, *([f for f in plan if f.domain == d] for d in {f.domain for f in plan})):
        counts = plan_counts(these)
        assert counts.listed == len(these)
        assert counts.counted == counts.assessed + counts.not_assessed == sum(f.counted for f in these)
        assert sum(n for _, n in counts.reasons) == counts.n_waiting + counts.n_otherwise
        assert not {code for code, _ in counts.waiting} & {code for code, _ in counts.otherwise}
        assert counts.assessed_with_figures <= counts.with_figures <= counts.counted


def test_fewer_counted_than_listed_is_explained_and_equal_numbers_are_not(plan: list[TargetFacts]) -> None:
    assert str(listed_sentence(plan, VIETNAMESE)).startswith("Danh sách có 26 chỉ tiêu nhưng chỉ đếm là 25,")
    assert listed_sentence([facts for facts in plan if facts.counted], VIETNAMESE) is None


def test_without_any_figure_it_is_said_so(plan: list[TargetFacts]) -> None:
    bare = [replace(facts, points=(), other_points=(), assessment={}) for facts in plan[:3]]
    assert fresh_sentence(bare, "01/01/2027", VIETNAMESE) == (
        "Số liệu chốt đến ngày 01/01/2027. Chưa có số liệu của chỉ tiêu nào trong 3 chỉ tiêu."
    )


@pytest.mark.parametrize(
    ("code", "span", "final", "why"),
    [
        ("NO_DATA", (None, 2025), True, "năm phải đánh giá là 2025"),
        ("NOT_DUE", (2026, 2030), False, "giai đoạn phải đánh giá là 2026–2030"),
        ("NOT_DUE", (None, 2050), False, "chưa đến lúc đánh giá chỉ tiêu của năm 2050"),
        ("STALE", (None, 2030), False, "quá cũ để nói về hiện nay"),
    ],
)
def test_a_figure_that_does_not_count_says_its_year_and_why(
    plan: list[TargetFacts], code: str, span: tuple[int | None, int], final: bool, why: str
) -> None:
    known = next(facts for facts in plan if len(facts.points) > 1 and not facts.average)
    target = {**known.target, "period_start": span[0], "period_end": span[1]}
    points = tuple(point for point in known.points if point.year is not None and point.year < 2025)
    assessment = {"reason_code": code, "level_final": final, "bucket": "not_assessed"}
    facts = replace(known, target=target, points=points, other_points=(), assessment=assessment)
    year = points[-1].year
    assert shown_period(facts, VIETNAMESE) == f"năm {year}, chỉ để tham khảo"
    assert f"(số liệu năm {year} chỉ để tham khảo, vì {why})" in card_reason(facts, VIETNAMESE)
    assert f"(năm {year}), chỉ để tham khảo, vì {why};" in target_sentences(facts, VIETNAMESE, None)[0]


def test_a_target_that_was_lost_is_not_said_to_reach_its_figure(plan: list[TargetFacts]) -> None:
    judged = next(facts for facts in plan if facts.judged is not None and not facts.average)
    lost = replace(judged, assessment={**judged.assessment, "level_state": "lost"})
    assert " đạt " not in target_sentences(lost, VIETNAMESE, None)[0].split(",")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_confidence_names_the_source_of_the_figure_and_who_keeps_it(
    release: Release, plan: list[TargetFacts], language: Language
) -> None:
    words = Words(language)
    for facts in plan:
        origin = " ".join(origin_sentences(release, facts, words))
        if facts.shown is None:
            assert words("confidence_why.no_figure") in origin
        holder = facts.indicator.get("custodian_vi")
        if not holder:
            assert words("confidence_why.no_holder") in origin
        if facts.assessment.get("confidence") == "A":
            assert len(confidence_sentences(facts, words)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_of_the_timeline_is_wider_than_its_place(language: Language) -> None:
    words = Words(language)
    for domain in sorted(FAMILIES["domain"], key=domain_order):
        name = words.of("domain", domain)
        lines = _in_two_lines(name).split(BREAK)
        assert " ".join(lines) == name
        assert max(map(len, lines)) <= LONG
