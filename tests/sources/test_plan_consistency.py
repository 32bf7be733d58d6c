"""Consistency: what does not add up is refused, unless an annotation says that the document prints it so."""

from collections.abc import Callable

import pytest

from sources.plan.consistency import consistency_problems
from sources.plan.reading import read_tables
from tests.sources.plans import DOCUMENT, Row, Tables, files_of, relation, tables, target


def said(made: Tables) -> list[str]:
    plan, problems = read_tables(files_of(DOCUMENT, made))
    assert plan is not None, problems
    return [f"{problem.file} {problem.message}" for problem in consistency_problems(plan)]


def shares(*values: str, **more: str) -> list[Row]:
    return [
        target(
            f"S_{number}", value, "chiếm", 2, target_type="structure", unit="percent", group_id="G",
            comparator="approx", **more,
        )
        for number, value in enumerate(values)
    ]  # fmt: skip


def annotate(made: Tables, kind: str, subject: str) -> None:
    made["annotations.csv"].append(
        made["annotations.csv"][0] | {"annotation_id": "AN_SAID", "kind": kind, "subjects": subject}
    )


def test_the_made_up_plan_agrees_with_itself() -> None:
    assert said(tables()) == []


def test_a_broken_sum_of_counts_is_refused_to_the_unit() -> None:
    made = tables()
    made["targets.csv"][1]["value_low"] = "201"
    assert said(made) == ["relations.csv the parts add up to 551, the whole is 550"]
    annotate(made, "parts_do_not_sum", "T_SCHOOLS_2030")
    for row in made["relations.csv"][:2]:
        row["annotation_id"] = "AN_SAID"
    assert said(made) == []


def test_a_dropped_part_breaks_the_sum() -> None:
    made = tables()
    del made["relations.csv"][0]
    assert said(made) == ["relations.csv the parts add up to 350, the whole is 550"]


@pytest.mark.parametrize(
    ("parts", "whole", "holds"),
    [
        (("10.1", "20.2"), "30.3", True),
        (("10.1", "20.2"), "30.4", True),
        (("10.1", "20.2"), "30.5", False),
        (("10", "20.4"), "30.9", True),
        (("10", "20.4"), "31.1", False),
    ],
)
def test_rounded_parts_may_be_off_by_half_their_last_digit(
    parts: tuple[str, str], whole: str, holds: bool
) -> None:
    made = tables()
    made["targets.csv"] = [
        target(f"A_{number}", value, "ha", 2, target_type="area", unit="ha")
        for number, value in enumerate(parts)
    ]
    made["relations.csv"] = [
        relation("R", "part_of_sum", f"A_{number}", "", whole_value=whole, whole_unit="ha")
        for number in range(2)
    ]
    assert (said(made) == []) is holds


def test_a_sum_of_ranges_holds_where_it_can() -> None:
    made = tables()
    made["targets.csv"][1] |= {"comparator": "between", "value_low": "190", "value_high": "210"}
    assert said(made) == []
    made["targets.csv"][1] |= {"value_low": "201"}
    assert said(made) == ["relations.csv the parts add up to 551-560, the whole is 550"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda made: made["targets.csv"][1].update(unit="ha"), "several units (ha, school)"),
        (
            lambda made: made["relations.csv"][1].update(target_id="MS_ROAD"),
            "MS_ROAD has no figure to add",
        ),
        (
            lambda made: made.update(
                {
                    "relations.csv": [
                        relation(
                            "R", "part_of_sum", "T_AREA_2030", "", whole_value="1500.5", whole_unit="school"
                        )
                    ]
                }
            ),
            "the parts are in ha, the whole in school",
        ),
    ],
)
def test_what_cannot_be_added_is_said(spoil: Callable[[Tables], None], message: str) -> None:
    made = tables()
    spoil(made)
    assert any(message in line for line in said(made))


def test_shares_add_up_to_a_hundred() -> None:
    made = tables()
    made["relations.csv"] = []
    made["targets.csv"] = shares("12.5", "21.7", "63.3", "2.5")
    assert said(made) == []
    made["targets.csv"] = shares("12.5", "21.7", "63.3")
    assert said(made) == ["targets.csv the shares of group G add up to 97.5, not to 100"]
    annotate(made, "parts_do_not_sum", "S_1")
    assert said(made) == []


def test_shares_given_as_ranges_reach_a_hundred() -> None:
    made = tables()
    made["relations.csv"] = []
    made["targets.csv"] = [
        row | {"comparator": "approx_between", "value_high": "51"} for row in shares("48", "49")
    ]
    assert said(made) == []
    made["targets.csv"] = made["targets.csv"] + [row | {"target_id": "S_9"} for row in shares("9")]
    assert said(made) == ["targets.csv the shares of group G add up to 106-111, not to 100"]


def test_a_list_is_as_long_as_its_count() -> None:
    made = tables()
    del made["members.csv"][2]
    assert said(made) == ["lists.csv the document counts 3 in L_TOWNS, and 2 are listed"]
    annotate(made, "other", "list:L_TOWNS")
    assert len(said(made)) == 1, "only an annotation of that kind explains it"
    made["annotations.csv"][-1]["kind"] = "list_shorter_than_count"
    assert said(made) == []


def test_a_list_longer_than_its_count_is_annotated_too() -> None:
    made = tables()
    made["annotations.csv"] = []
    made["lists.csv"][0]["count_printed"] = "2"
    assert said(made) == ["lists.csv the document counts 2 in L_TOWNS, and 3 are listed"]


def test_an_annotation_that_is_no_longer_true_is_refused() -> None:
    made = tables()
    annotate(made, "list_shorter_than_count", "list:L_TOWNS")
    assert said(made) == ["annotations.csv L_TOWNS is as long as its count"]


def test_a_part_is_not_above_its_whole() -> None:
    made = tables()
    made["relations.csv"] = [relation("R", "subset_of", "T_SCHOOLS_2030", "T_PRESCHOOLS_2030")]
    assert said(made) == [
        "relations.csv the part T_SCHOOLS_2030 (550) is above its whole T_PRESCHOOLS_2030 (200)"
    ]
    made["relations.csv"] = [relation("R", "subset_of", "T_AREA_2030", "T_PRESCHOOLS_2030")]
    assert said(made) == [], "other units cannot be compared"


def test_an_interim_horizon_comes_first() -> None:
    made = tables()
    made["relations.csv"] = [relation("R", "interim_of", "T_SCHOOLS_2030", "T_SCHOOLS_2025")]
    assert said(made) == ["relations.csv T_SCHOOLS_2030 (2030) does not come before T_SCHOOLS_2025 (2025)"]
