"""Source records: what is refused, and that the message names file, place and mend."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sources.record import SourceRecord
from sources.registry import SCHEMA_FILE, check_record, load_records, read_record, schema_text
from store.settings import PROJECT_ROOT
from tests.sources.records import LIVE_ROUTE, as_yaml, content, plain_table, record


def problems_after(change: Callable[[dict[str, Any]], object], live: bool = False) -> list[str]:
    made = content(LIVE_ROUTE if live else None)
    change(made)
    found, problems = read_record(as_yaml(made), "made_up.yml")
    assert found is None
    return [str(problem) for problem in problems]


def mapping(made: dict[str, Any]) -> dict[str, Any]:
    return made["routes"]["recorded"]["mapping"]  # type: ignore[no-any-return]


def documents_of(made: dict[str, Any]) -> list[Any]:
    return made["routes"]["recorded"]["documents"]  # type: ignore[no-any-return]


def test_a_good_record_reads() -> None:
    found, problems = read_record(as_yaml(content(LIVE_ROUTE)), "made_up.yml")
    assert problems == []
    assert isinstance(found, SourceRecord)
    assert found.route_names() == ["recorded", "live"]


def test_an_unknown_key_is_named_with_line_and_nearest_known_key() -> None:
    def misspell(made: dict[str, Any]) -> None:
        series = mapping(made)["series"][0]
        series["indicatr"] = series.pop("indicator")

    missing, unknown = sorted(problems_after(misspell), key=lambda text: "unknown" in text)
    assert "the key 'indicator' is missing" in missing
    assert unknown.startswith("made_up.yml: line ")
    assert "routes.recorded.mapping.series[0].indicatr" in unknown
    assert "write 'indicator', or remove it" in unknown
    text = as_yaml(content()).replace("indicator: POP", "indicatr: POP")
    line = next(n for n, row in enumerate(text.splitlines(), start=1) if "indicatr" in row)
    _, problems = read_record(text, "made_up.yml")
    assert any(
        problem.place.startswith(f"line {line},") for problem in problems if "unknown" in problem.message
    )


def test_all_problems_of_one_record_come_together() -> None:
    def spoil(made: dict[str, Any]) -> None:
        made["rank"] = 200
        made["origin"] = "hearsay"
        mapping(made)["series"][0]["where"] = {"colour": "red"}
        del made["licence"]

    assert len(problems_after(spoil)) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda made: made.update(source_id="other"), "call the file other.yml"),
        (lambda made: mapping(made)["area"]["labels"].update({"cao  bằng": "VN"}), "both VN-04 and VN"),
        (lambda made: mapping(made)["series"].append(mapping(made)["series"][0]), "same conditions"),
        (lambda made: mapping(made)["series"][0].update(where={"Year": "2024"}), "no dimension Year"),
        (
            lambda made: mapping(made)["period"].update(format="roman"),
            "'vietnamese' or 'time_code'",
        ),
        (lambda made: mapping(made).update(period={"constant": "2024-YTD06"}), "2024-H1"),
        (lambda made: mapping(made).update(area={"constant": "Cao Bằng"}), "area.constant"),
        (lambda made: made["routes"]["recorded"].update(reading={"adapter": "pdf"}), "plain_table"),
        (
            lambda made: made["routes"]["recorded"]["documents"][0].update(published_at_basis="printed"),
            "published_at and published_at_basis disagree",
        ),
        (
            lambda made: made["routes"]["recorded"]["documents"].append(
                made["routes"]["recorded"]["documents"][0]
            ),
            "named twice: issue_1",
        ),
        (
            lambda made: mapping(made).update(ignore=[{"dimension": "area", "reason": "ngoài phạm vi"}]),
            "exactly one of the two",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(change: Callable[[dict[str, Any]], object], message: str) -> None:
    found = problems_after(change)
    assert any(message in text for text in found), found


def test_an_address_with_a_password_is_refused() -> None:
    def expose(made: dict[str, Any]) -> None:
        made["routes"]["live"]["fetch"]["address"] = "https://me:secret@example.org/t.px"

    assert "name or password" in problems_after(expose, live=True)[0]


def test_a_key_written_twice_is_refused() -> None:
    found, problems = read_record(as_yaml(content()) + "rank: 90\n", "made_up.yml")
    assert found is None
    assert "'rank' stands here twice" in problems[0].message


def test_a_broken_file_names_its_line() -> None:
    _, problems = read_record("source_id: made_up\ntitle: {vi: [\n", "made_up.yml")
    assert problems[0].place.startswith("line ")


def test_a_bad_record_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "made_up.yml").write_text(as_yaml(content()), encoding="utf-8")
    (tmp_path / "bad.yml").write_text("source_id: bad\ncolour: red\n", encoding="utf-8")
    (tmp_path / "worse.yml").write_bytes(b"\xff\xfe")
    loaded = load_records(tmp_path)
    assert list(loaded.records) == ["made_up"]
    assert {problem.file for problem in loaded.problems} == {"bad.yml", "worse.yml"}


def test_names_are_checked_against_the_seeds_and_snapshots_are_read(tmp_path: Path) -> None:
    seeds = PROJECT_ROOT / "dbt_project" / "seeds"
    made = content()
    mapping(made)["series"][0]["indicator"] = "NO_SUCH_INDICATOR"
    (tmp_path / "made_up.csv").write_bytes(plain_table({"period": "2024-YTD06"}))
    unknown, wrong_period = check_record(record(made), seeds, tmp_path)
    assert (unknown.file, unknown.place) == ("made_up.yml", "routes.recorded.mapping.series[0].indicator")
    assert (wrong_period.file, wrong_period.place) == ("made_up.csv", "row 2")
    (missing,) = check_record(record(), seeds, tmp_path / "elsewhere")
    assert "made_up.csv is not in" in missing.message


def test_the_published_schema_is_fresh() -> None:
    published = PROJECT_ROOT / "sources" / "specs" / SCHEMA_FILE
    assert published.read_text(encoding="utf-8") == schema_text(), "run `make docs`"
