"""The ledger: which tokens a text has, and that nothing can be left out of it or altered unseen."""

import hashlib
import re
from collections.abc import Callable
from decimal import Decimal

import pytest

from sources.plan.ledger import Token, counts_by_use, text_problems, tokens, value_of
from sources.plan.plan import Plan
from sources.plan.reading import read_plan
from tests.sources.plans import TEXT, Tables, document, files_of, read, tables


def texts(text: str) -> list[str]:
    return [token.text for token in tokens(text)]


def plan(made: Tables | None = None) -> Plan:
    found, problems = read(made or tables())
    assert found is not None, problems
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tăng 9,72%/năm", ["9,72"]),
        ("1.500 ha, 6.700,3 km2", ["1.500", "6.700,3", "2"]),
        ("đạt khoảng 25-26%", ["25", "26"]),
        ("ngày 3/8/2020", ["3", "8", "2020"]),
        ("đường cấp III, quý IV", ["III", "IV"]),
        ("VIỆT Nam, Xã, LX", ["LX"]),
        ("một số; Hai bên; mười lăm", ["một", "Hai", "mười"]),
        ("160 nghìn tỷ đồng", ["160", "nghìn", "tỷ"]),
        ("tỷ lệ, tỉ trọng, tỷ giá, 5 tỉ", ["5", "tỉ"]),
        ("năm năm, thứ năm, thứ  hai", ["thứ năm", "thứ  hai"]),
        ("nửa đầu, gấp đôi, cặp chợ, baba", ["nửa", "đôi", "cặp"]),
    ],
)
def test_numbers_of_a_text_are_tokens(text: str, found: list[str]) -> None:
    assert texts(text) == found


def test_a_token_has_its_place_and_kind() -> None:
    assert list(tokens("mục I\n\n  có hai 75 xã")) == [
        Token(1, 5, "I", "roman"),
        Token(3, 6, "hai", "word"),
        Token(3, 10, "75", "digits"),
    ]


def test_only_a_line_feed_ends_a_line() -> None:
    assert [token.line for token in tokens("1\u2028\x0c2\n3")] == [1, 1, 2]


@pytest.mark.parametrize(
    ("token", "kind", "value"),
    [
        ("1.500", "digits", "1500"),
        ("6.700,3", "digits", "6700.3"),
        ("04", "digits", "4"),
        ("9,72", "digits", "9.72"),
        ("1,2,3", "digits", None),
        ("mười", "word", "10"),
        ("Thứ  Ba", "word", "3"),
        ("cặp", "word", None),
        ("XIV", "roman", "14"),
        ("IX", "roman", "9"),
    ],
)
def test_a_token_is_read_the_vietnamese_way(token: str, kind: str, value: str | None) -> None:
    expected = None if value is None else Decimal(value)
    assert value_of(token, kind) == expected  # type: ignore[arg-type]


def test_the_ledger_of_the_made_up_plan_holds() -> None:
    made = plan()
    assert text_problems(made, TEXT.encode()) == []
    counts = counts_by_use(made.ledger)
    assert sum(counts.values()) == len(texts(TEXT))
    assert counts["target"] == 5


def without(file: str, name: str) -> Callable[[Tables], None]:
    def drop(made: Tables) -> None:
        made[file] = [row for row in made[file] if row["target_id"] != name]

    return drop


def entry(made: Tables, token: str) -> dict[str, str]:
    return next(row for row in made["ledger.csv"] if row["token"] == token)


def alter(token: str, **fields: str) -> Callable[[Tables], None]:
    return lambda made: entry(made, token).update(fields)


def alter_target(name: str, **fields: str) -> Callable[[Tables], None]:
    return lambda made: next(r for r in made["targets.csv"] if r["target_id"] == name).update(fields)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without("targets.csv", "T_AREA_2030"), "'T_AREA_2030' is not in targets.csv"),
        (without("milestones.csv", "MS_ROAD"), "'MS_ROAD' is neither in targets.csv nor in milestones.csv"),
        (alter_target("T_AREA_2030", value_low="1500.4"), "the figure 1500.4 of T_AREA_2030 is no token"),
        (alter_target("T_AREA_2030", value_low="1.5005"), "the token '1.500,5' on line 3 is no figure"),
        (alter("1.500,5", use="situation", ref=""), "the figure 1500.5 of T_AREA_2030 is no token"),
        (alter("205", use="name", ref=""), None),
        (alter("2025", use="target"), "the token '2025' on line 5 is no figure of T_SCHOOLS_2025"),
        (alter("3", ref="L_NONE"), "'L_NONE' is not in lists.csv"),
        (alter("1.500,5", ref=""), "use target says whose number it is"),
        (alter("2030", ref="T_AREA_2030"), "use plan_period belongs to no promise"),
        (alter("2030", use="odd"), "'odd' is not a known value"),
        (alter("2030", use=""), "use"),
        (alter("500", line="9"), "line 9 is after the last line of the text (5)"),
        (lambda made: made["ledger.csv"].reverse(), "stands after"),
        (lambda made: made["ledger.csv"].append(made["ledger.csv"][-1]), "stands also in row"),
    ],
)
def test_a_ledger_that_does_not_answer_to_the_promises_is_refused(
    spoil: Callable[[Tables], None], message: str | None
) -> None:
    made = tables()
    made["annotations.csv"][0] |= {"subjects": "list:L_TOWNS"}
    made["relations.csv"] = []
    spoil(made)
    found, problems = read(made)
    said = [f"{problem.place} {problem.message}" for problem in problems]
    if message is None:
        # The milestone keeps another token of its own, its year, on the same line.
        assert found is not None, said
    else:
        assert any(message in line for line in said), said


def test_a_milestone_that_prints_digits_has_a_token() -> None:
    made = tables()
    for token in ("205", "2028"):
        entry(made, token).update(use="name", ref="")
    (problem,) = read(made)[1]
    assert problem.message == "MS_ROAD prints 205 and no token is its own"


@pytest.mark.parametrize("text", [TEXT.replace("550", "551"), TEXT + " "])
def test_another_text_is_told_by_its_digest(text: str) -> None:
    (problem,) = text_problems(plan(), text.encode())
    assert "the text has sha256" in problem.message


def against(text: str, made: Tables | None = None, **changes: object) -> list[str]:
    """Compare a ledger with a text that the plan names by its digest."""
    named = {"text_sha256": hashlib.sha256(text.encode()).hexdigest(), "text_lines": text.count("\n")}
    found, problems = read_plan(files_of(document(**(named | changes)), made or tables()), "plan")
    assert found is not None, problems
    return [problem.message for problem in text_problems(found, text.encode())]


def test_every_token_of_the_text_has_its_entry() -> None:
    assert against(TEXT) == []
    assert against(TEXT + "Có 9 xã.") == ["1 tokens of the text have no entry, first '9' (6:4)"]
    assert against(TEXT.replace(" có 500 trường.", "")) == [
        "the text has 12 tokens; the entry '500' is one too many",
        "'có 500 trường' does not begin on line 5 of the text",
    ]
    assert against(TEXT.replace("diện tích trường", "diện tích các trường")) == [
        "the entry is '1.500,5' (digits, 3:21), the token of the text '1.500,5' (digits, 3:25)"
    ]


def test_printed_words_begin_on_their_line() -> None:
    made = tables()
    made["targets.csv"][0]["printed_text"] = "có 550  trường"
    made["targets.csv"][2]["printed_text"] = "350 trường phổ thông; diện tích"
    assert against(TEXT, made) == []
    made["targets.csv"][0]["printed_text"] = "diện tích trường"
    assert against(TEXT, made) == ["'diện tích trường' does not begin on line 2 of the text"]


def test_the_number_of_lines_is_that_of_the_text() -> None:
    assert against(TEXT, text_lines=6) == ["the text has 5 lines, and the plan says 6"]


def test_no_number_is_taken_twice() -> None:
    text = "IV.2 thứ hai, 1.500 nghìn tỷ; XV"
    ends = 0
    for token in tokens(text):
        assert token.column > ends
        ends = token.column + len(token.text) - 1
    assert re.sub(r"\s", "", "".join(texts(text))) == "IV2thứhai1.500nghìntỷXV"
