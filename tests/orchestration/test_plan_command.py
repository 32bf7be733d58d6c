"""`ppw plan`: what it lists, proves and imports, and how it says that it refuses. No run is made here."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.orchestration.conftest import Answer, ppw
from tests.sources.plans import TEXT, VERSION, csv_bytes, document, files_of, tables, whole_files, write

NEW = "02-TEST-2024"
AMENDS = ("--amends", VERSION, "--plan-version", NEW, "--number", "02/TEST", "--adopted-on", "2024-05-06")


class Office:
    """A home with one plan of its own, and the command."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.plans = root / "plans"
        write(self.plans / VERSION, whole_files())

    def __call__(self, *arguments: str) -> Answer:
        return ppw(self.root / "home", "plan", *arguments, extra={"PPW_PLANS_DIR": str(self.plans)})

    def targets(self, **change: str) -> str:
        """A table of one amended target as a .csv."""
        rows = [tables()["targets.csv"][3] | change]
        path = self.root / "targets.csv"
        path.write_bytes(csv_bytes("targets.csv", rows))
        return str(path)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_plans_are_listed_with_their_counts(office: Office) -> None:
    (row,) = office("list", "--json").json
    expected: dict[str, Any] = {
        "plan_version": VERSION, "kind": "long_term", "legal_status": "adopted", "is_reference": True,
        "targets": 5, "milestones": 2, "annotations": 1, "route": "recorded",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert VERSION in office("list").out


def test_one_plan_is_shown_with_its_ledger_by_use(office: Office) -> None:
    shown = office("show", VERSION, "--json").json
    assert (shown["targets_with_values"], shown["milestones"], shown["annotations"]) == (5, 2, 1)
    assert shown["ledger_by_use"]["target"] == 5
    assert sum(shown["ledger_by_use"].values()) == shown["ledger_entries"] == 13
    assert "ledger, target: 5" in office("show", VERSION).out
    assert office("show", "00-NONE").code == 1


def test_the_proofs_are_made_again_on_demand(office: Office) -> None:
    text = office.root / "text.txt"
    text.write_text(TEXT, encoding="utf-8")
    answer = office("check", VERSION, "--text", str(text), "--json")
    assert answer.code == 0, answer.err
    (row,) = answer.json["plans"]
    assert (row["figures"], row["sums"], row["ledger_entries"], row["against_text"]) == (5, 1, 13, True)
    assert office("check").code == 0
    text.write_text(TEXT.replace("550", "551"), encoding="utf-8")
    assert "the text has sha256" in office("check", VERSION, "--text", str(text)).err
    assert "no plan was made from this text" in office("check", "--text", str(text)).err
    assert "there is no plan 00-NONE" in office("check", "00-NONE").err


def spoil_target(made: dict[str, list[dict[str, str]]]) -> None:
    del made["targets.csv"][3]


def spoil_sum(made: dict[str, list[dict[str, str]]]) -> None:
    made["targets.csv"][1]["value_low"] = "201"


def spoil_list(made: dict[str, list[dict[str, str]]]) -> None:
    del made["members.csv"][2]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (spoil_target, "'T_AREA_2030' is not in targets.csv"),
        (spoil_sum, "the parts add up to 551, the whole is 550"),
        (spoil_list, "the document counts 3 in L_TOWNS, and 2 are listed"),
    ],
)
def test_what_is_left_out_is_found(office: Office, spoil: Any, message: str) -> None:
    made = tables()
    spoil(made)
    write(office.plans / VERSION, files_of(document(), made))
    for arguments in (("check",), ("check", VERSION), ("list",)):
        answer = office(*arguments)
        assert answer.code == 1
        assert message in answer.err
        assert "Mend:" in answer.err


def test_a_ledger_of_another_text_is_found_with_the_text(office: Office) -> None:
    longer = TEXT + "Có 9 xã.\n"
    facts = {"text_sha256": hashlib.sha256(longer.encode()).hexdigest(), "text_lines": longer.count("\n")}
    write(office.plans / VERSION, files_of(document(**facts), tables()))
    text = office.root / "text.txt"
    text.write_text(longer, encoding="utf-8")
    assert office("check").code == 0
    answer = office("check", "--text", str(text))
    assert (answer.code, "1 tokens of the text have no entry" in answer.err) == (1, True)


def test_an_amended_table_is_shown_then_imported(office: Office) -> None:
    path = office.targets(value_low="1600.5")
    tried = office("import", path, *AMENDS, "--dry-run", "--json").json
    assert (tried["imported"], tried["difference"]["against"]) == (False, VERSION)
    assert tried["difference"]["changed"] == [
        {"target_id": "T_AREA_2030", "field": "value_low", "before": "1500.5", "after": "1600.5"}
    ]
    assert len(office("list", "--json").json) == 1, "a dry run changes nothing"
    answer = office("import", path, *AMENDS)
    assert (answer.code, "is imported" in answer.out, "1600.5" in answer.out) == (0, True, True)
    counts = "6 carried over, 1 changed, 0 added, 0 removed"
    assert answer.out.index(counts) < answer.out.index("added: none")
    rows = {row["plan_version"]: row for row in office("list", "--json").json}
    assert (rows[NEW]["is_reference"], rows[NEW]["supersedes"], rows[NEW]["route"]) == (
        True,
        VERSION,
        "imported",
    )
    assert not rows[VERSION]["is_reference"]
    again = office("import", path, *AMENDS)
    assert (again.code, "nothing changes" in again.out) == (0, True)
    changed = office("import", office.targets(value_low="1700.5"), *AMENDS)
    assert (changed.code, "a version never changes" in changed.err) == (1, True)


def test_a_table_that_is_wrong_is_refused_whole(office: Office) -> None:
    path = office.targets(value_low="1.600,5", unit="furlong", clause="X")
    answer = office("import", path, *AMENDS, "--json")
    assert answer.code == 1
    assert not answer.json["imported"]
    assert len(office("list", "--json").json) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "also needs --amends, --plan-version, --number, --adopted-on"),
        (("--amends", VERSION), "also needs --plan-version, --number, --adopted-on"),
        (("--amends", "00-NONE", *AMENDS[2:]), "there is no plan 00-NONE to amend"),
    ],
)
def test_a_table_alone_needs_the_facts_of_its_document(
    office: Office, arguments: tuple[str, ...], message: str
) -> None:
    answer = office("import", office.targets(), *arguments)
    assert answer.code == 2
    assert message in answer.err


def test_what_is_no_plan_is_wrong_usage(office: Office) -> None:
    path = office.root / "plan.pdf"
    path.write_bytes(b"")
    assert office("import", str(path)).code == 2
    assert office("import", str(office.root / "nowhere")).code == 2
    assert office("import", str(office.plans / VERSION), *AMENDS).code == 2


def test_a_target_ends_only_when_it_is_named(office: Office) -> None:
    path = office.targets(value_low="1600.5")
    ended = office("import", path, *AMENDS, "--remove", "MS_ROAD", "--dry-run", "--json").json["difference"]
    assert (ended["removed"], ended["counts"]["carried_over"]) == (["MS_ROAD"], 5)
    whole = office("import", path, *AMENDS, "--replace-all", "--dry-run", "--json").json["difference"]
    assert whole["counts"] == {"carried_over": 2, "changed": 1, "added": 0, "removed": 4}
    both = office("import", path, *AMENDS, "--replace-all", "--remove", "MS_ROAD")
    assert (both.code, "do without --remove" in both.err) == (2, True)
    assert office("import", str(office.plans / VERSION), "--replace-all").code == 2


def test_a_plan_being_prepared_is_proven_before_it_is_imported(office: Office) -> None:
    made = tables()
    text = office.root / "text.txt"
    text.write_text(TEXT, encoding="utf-8")
    write(office.root / "prepared", files_of(document(plan_version=NEW), made))
    answer = office("check", str(office.root / "prepared"), "--text", str(text), "--json")
    assert (answer.code, answer.json["plans"][0]["ledger_entries"]) == (0, 13), answer.err
    spoil_target(made)
    spoil_list(made)
    write(office.root / "prepared", files_of(document(plan_version=NEW), made))
    answer = office("check", str(office.root / "prepared"))
    assert answer.code == 1
    for part in ("'T_AREA_2030' is not in targets.csv", "the document counts 3 in L_TOWNS"):
        assert part in answer.err
    assert office("check", str(text)).code == 2
