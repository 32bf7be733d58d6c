"""The main job on the shipped figures, as a data engineer meets it: commands in, exit codes and releases out."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from benchmarks.main_job import by_hand
from expectations.rules import SUITES_DIR, rules_of_release
from reports.quality_report import REPORT_NAME, report_file
from store.manifest import read_manifest
from store.releases import verify
from store.settings import load_settings
from tests.orchestration.conftest import Answer, current, ppw, rows

pytestmark = pytest.mark.integration


def test_first_run_makes_a_release_with_a_scorecard(first_run: tuple[Path, Answer]) -> None:
    home, answer = first_run
    result = answer.json
    assert result["new_release"] is True
    assert result["release_id"] == current(home)
    assert result["source_problems"] == []
    counts = result["scorecard"]["counts"]
    # 122 targets with figures, the four shares of one structure counted once.
    assert sum(counts.values()) == 119
    assert result["scorecard"]["plan_in_force"] == {"number": "1486/QĐ-TTg", "targets_transcribed": False}
    assert counts["not_assessed"] > 0
    assert [stage["name"] for stage in result["stages"]][-1] == "publish"


def test_a_release_carries_its_quality_report_and_the_rules_as_they_were(
    first_run: tuple[Path, Answer],
) -> None:
    home, _ = first_run
    release = home / "releases" / current(home)
    files = read_manifest(release).files
    kept = {name for name in files if name.startswith("rules/")}
    assert {f"rules/suites/{path.name}" for path in SUITES_DIR.glob("*.yml")} < kept
    assert read_manifest(release).rule_set_version == rules_of_release(release).version[:12]
    # They are vouched for by the manifest, and no row of the content depends on them.
    assert all(files[name].key is None for name in (REPORT_NAME, *kept))
    n_findings = pl.read_parquet(release / "fct_finding.parquet").height
    html = report_file(release).read_text(encoding="utf-8")
    assert html.count('data-label="Quyết định"') == n_findings
    verify(release)


def test_every_target_has_an_assessment_and_every_milestone_a_state(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    (counts,) = rows(
        home,
        "select (select count(*) from fct_observation) as observations, "
        "(select count(*) from fct_target where target_type <> 'milestone') as targets, "
        "(select count(*) from fct_target where target_type = 'milestone') as milestones, "
        "(select count(*) from fct_assessment) as assessments, (select count(state) from fct_milestone) as states",
    )
    assert counts["observations"] >= 200
    assert counts["targets"] >= 122
    assert counts["milestones"] >= 214
    assert counts["assessments"] == counts["targets"]
    assert counts["states"] == counts["milestones"]


def test_the_benchmark_by_hand_makes_the_same_observations_and_actuals(
    first_run: tuple[Path, Answer],
) -> None:
    home, _ = first_run
    timing, compared = by_hand(load_settings().model_copy(update={"home": home}))
    assert timing.cpu_seconds > 0
    assert [(table["only by hand"], table["only in the release"]) for table in compared] == [(0, 0), (0, 0)]
    assert all(table["rows by hand"] for table in compared)


def test_every_target_not_assessed_says_why(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    assert (
        rows(
            home,
            "select target_id from fct_assessment where (level_state = 'not_assessed' and reason_code is null) "
            "or (pace_state = 'not_assessed' and pace_reason_code is null)",
        )
        == []
    )


def test_a_base_is_a_proposal_that_says_so(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    proposed = rows(
        home,
        "select t.target_id, t.reading_status, t.note_vi, t.note_en, a.base_value, a.pace_state, a.pace_reason_code, "
        "a.confidence from fct_target t join fct_assessment a using (plan_version, target_id) "
        "where t.base_period is not null and t.is_reference",
    )
    assert {row["reading_status"] for row in proposed} == {"proposed"}
    assert all(row["note_vi"] and row["note_en"] for row in proposed)
    assert {row["confidence"] for row in proposed} <= {"C", "D"}
    # A reading names a year, never a value: without a figure of that year there is no pace.
    assert {row["pace_state"] for row in proposed if row["base_value"] is None} == {"not_assessed"}
    assert [row["target_id"] for row in proposed if row["pace_state"] != "not_assessed"]


def test_structure_of_2024_is_the_statistics_offices(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    shares = rows(
        home,
        "select value, source_id from fct_actual where indicator_code in ('GRDP_SHARE_AGRICULTURE', "
        "'GRDP_SHARE_INDUSTRY_CONSTRUCTION', 'GRDP_SHARE_SERVICES', 'GRDP_SHARE_PRODUCT_TAXES') and period_id = '2024' "
        "and area_id = 'VN-04' order by indicator_code",
    )
    assert [share["value"] for share in shares] == [20.83, 18.99, 3.7, 56.48]
    assert {share["source_id"] for share in shares} == {"statistics_office_cao_bang"}


def test_population_of_2024(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    (population,) = rows(
        home,
        "select value, unit from fct_actual where indicator_code = 'POPULATION_AVERAGE' and area_id = 'VN-04' "
        "and period_id = '2024' and breakdown = '_T'",
    )
    assert population == {"value": 558.461, "unit": "thousand_person"}


def test_growth_chain_is_incomplete_and_works_from_the_published_average(
    first_run: tuple[Path, Answer],
) -> None:
    home, _ = first_run
    (growth,) = rows(
        home, "select * from fct_assessment where target_id = 'GRDP_GROWTH_2021_2030' and is_reference"
    )
    assert (growth["level_state"], growth["pace_state"]) == ("not_assessed", "not_assessed")
    assert growth["pace_reason_code"] == "INCOMPLETE_SUM"
    assert growth["periods_missing"] == "2021"
    assert growth["average_to_date"] == pytest.approx(5.29, abs=0.005)
    assert growth["published_average"] == pytest.approx(4.46)
    assert growth["published_average_source_id"]
    assert growth["required_growth_from_published"] == pytest.approx(15.24, abs=0.005)
    assert growth["required_growth"] is None


def test_what_an_earlier_plan_promised_for_2025_is_judged_on_the_published_average(
    first_run: tuple[Path, Answer],
) -> None:
    home, _ = first_run
    (growth,) = rows(
        home,
        "select a.*, i.observation_key as input_key from fct_assessment a left join fct_assessment_input i "
        "on a.assessment_key = i.assessment_key and i.role = 'actual' "
        "where a.plan_version = 'QHTT-2014' and a.target_id = 'GRDP_GROWTH_2021_2025'",
    )
    assert (growth["level_state"], growth["level_state_final"]) == ("not_reached", "not_reached")
    assert (growth["value_low"], growth["actual_value"]) == (pytest.approx(13.4), pytest.approx(4.46))
    assert (growth["actual_period_id"], growth["note"]) == ("2021..2025", "published_average_used")
    assert growth["gap"] == pytest.approx(4.46 - 13.4)
    assert growth["periods_missing"] == "2021"
    assert growth["input_key"] == growth["actual_observation_key"] is not None


def test_an_aspiration_and_its_reading_are_said_with_the_state(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    differing = rows(
        home,
        "select target_id from fct_assessment a join fct_target t using (plan_version, target_id) "
        "where a.aspiration <> t.aspiration or a.reading_status <> t.reading_status",
    )
    assert differing == []
    assert rows(home, "select target_id from fct_assessment where aspiration")


def test_explain_growth_ends_at_rows_that_read_the_same(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    answer = ppw(home, "explain", "GRDP_GROWTH_2021_2030", "--json")
    assert answer.code == 0, answer.err
    chain = answer.json
    assert chain["clause"]["clause"] == "II.2.b"
    in_2024 = [entry for entry in chain["inputs"] if entry["period_id"] == "2024"]
    assert [entry["snapshot"]["cell_text"] for entry in in_2024] == ["6.74"]
    assert all(entry["snapshot"]["same_value"] for entry in chain["inputs"])


def test_urbanisation_is_assessed_on_a_figure_followed_through_both_components(
    first_run: tuple[Path, Answer],
) -> None:
    home, _ = first_run
    answer = ppw(home, "explain", "URBANISATION_RATE_2030", "--period", "2024", "--json")
    assert answer.code == 0, answer.err
    chain = answer.json
    assert chain["assessment"]["level_state"] == "not_reached"
    (actual,) = [entry for entry in chain["inputs"] if entry["role"] == "actual"]
    assert (actual["source_id"], actual["value_text"]) == ("ppw_derived", "25.46")
    assert actual["derivation"]["derivation_id"] == "ratio_urbanisation_rate"
    assert [
        (part["role"], part["breakdown"], part["value_text"], part["snapshot"]["same_value"])
        for part in actual["components"]
    ] == [("numerator", "RES_URBAN", "142.199", True), ("denominator", "_T", "558.461", True)]


def test_explain_notices_a_snapshot_that_changed(home: Path) -> None:
    chain = ppw(home, "explain", "GRDP_GROWTH_2021_2030", "--json").json
    sha256 = next(
        entry["snapshot"]["snapshot_sha256"] for entry in chain["inputs"] if entry["period_id"] == "2024"
    )
    (file,) = (home / "landing").glob(f"*/{sha256}")
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b"6.74", b"7.64"))
    answer = ppw(home, "explain", "GRDP_GROWTH_2021_2030", "--json")
    assert answer.code == 1
    assert "could not be found again" in answer.err


def test_known_conflicts_are_kept_and_found(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    budget = rows(
        home,
        "select value from fct_observation where indicator_code = 'BUDGET_REVENUE' and period_id = '2024' order by 1",
    )
    assert [row["value"] for row in budget] == [2292, 2458, 2524]
    findings = rows(
        home, "select distinct indicator_code, period_id from fct_finding where suite = 'agreement'"
    )
    found = {(row["indicator_code"], row["period_id"]) for row in findings}
    assert {("BUDGET_REVENUE", "2024"), ("GRDP_PER_CAPITA", "2020"), ("TRADE_TURNOVER", "2023")} <= found


def test_where_sources_are_apart_the_loser_is_kept_with_what_decided(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    apart = rows(
        home,
        "select indicator_code, cast(value as double) as value, standing, decided_by from fct_observation "
        "where (indicator_code, period_id) in (('GRDP_PER_CAPITA', '2020'), ('TRADE_TURNOVER', '2023')) "
        "and origin <> 'derived' order by indicator_code, source_rank desc",
    )
    assert [tuple(row.values()) for row in apart] == [
        ("GRDP_PER_CAPITA", 35.62, "in_force", None),
        ("GRDP_PER_CAPITA", 36.5, "outranked", "source_rank"),
        ("TRADE_TURNOVER", 661.0, "in_force", None),
        ("TRADE_TURNOVER", 700.0, "outranked", "source_rank"),
    ]


def test_nothing_new_makes_no_release(home: Path) -> None:
    before = current(home)
    releases = sorted(path.name for path in (home / "releases").iterdir())
    answer = ppw(home, "run", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["nothing_new"] is True
    assert answer.json["new_release"] is False
    assert current(home) == before
    assert sorted(path.name for path in (home / "releases").iterdir()) == releases


def test_deleted_warehouse_gives_the_same_digest_with_other_threads(home: Path) -> None:
    before = current(home)
    shutil.rmtree(home / "warehouse")
    answer = ppw(home, "run", "--json", extra={"PPW_DUCKDB_THREADS": "4"})
    assert answer.code == 0, answer.err
    assert answer.json["nothing_new"] is False, "the tables were to be built again"
    assert answer.json["new_release"] is False
    assert current(home) == before


def test_query_cannot_write(first_run: tuple[Path, Answer], tmp_path: Path) -> None:
    home, _ = first_run
    for sql in (
        f"copy fct_target to '{tmp_path / 'stolen.csv'}'",
        "delete from fct_target",
        "select * from read_csv('/etc/passwd')",
    ):
        answer = ppw(home, "query", sql)
        assert answer.code == 1, sql
    assert not list(tmp_path.iterdir())


def test_query_names_the_tables_there_are(first_run: tuple[Path, Answer]) -> None:
    answer = ppw(first_run[0], "query", "select * from fct_targets")
    assert answer.code == 1
    assert "fct_target" in answer.err


def test_every_command_with_json_gives_json(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    for arguments in (
        ["source", "list"],
        ["source", "show", "nso_population"],
        ["source", "test", "sources/specs/nso_population.yml"],
        ["target", "list"],
        ["target", "show", "GRDP_GROWTH_2021_2030"],
        ["release", "list"],
        ["release", "show"],
        ["doctor"],
    ):
        answer = ppw(home, *arguments, "--json")
        assert answer.code == 0, f"{arguments}: {answer.err}{answer.out}"
        assert json.loads(answer.out)


def test_source_commands_say_what_was_due_at_the_cut_off_of_the_release(
    first_run: tuple[Path, Answer],
) -> None:
    home, _ = first_run
    listed = {row["source_id"]: row for row in ppw(home, "source", "list", "--json").json}
    shown = ppw(home, "source", "show", "statistics_office_cao_bang", "--json").json
    cut_off = shown["calendar_cut_off"]
    assert cut_off == ppw(home, "release", "show", "--json").json["cut_off"]
    states = [issue["state"] for issue in shown["calendar"] if issue["due_on"] <= cut_off]
    row = listed["statistics_office_cao_bang"]
    assert (row["due"], row["late"]) == (len(states), states.count("late"))
    # The year 2024 came, though the day of its issue is not known; the quarters after it have not.
    assert (states.count("received_undated"), row["received"]) == (1, 1)
    assert row["late"] > 0 and row["completeness"] == pytest.approx(1 / len(states))
    assert (listed["department_health"]["calendar"], listed["vna"]["calendar"]) == (
        "none_known",
        "nothing_due",
    )
    assert listed["nsdp_labour"]["not_collected"] == listed["nsdp_labour"]["due"] > 0
    late = "select count(*) as n from fct_finding where rule_id = 'calendar_issue_late'"
    assert rows(home, late) == [{"n": row["late"]}]


def test_wrong_usage_is_exit_code_two(first_run: tuple[Path, Answer]) -> None:
    home, _ = first_run
    assert ppw(home, "run", "--source", "no_such_source").code == 2
    assert ppw(home, "query").code == 2
    assert ppw(home, "release", "show", "no-such-release").code == 1
    assert ppw(home, "target", "show", "NO_SUCH_TARGET").code == 1
