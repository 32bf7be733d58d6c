"""The quality report: three outcomes, both languages, nothing from outside, the same bytes again."""

import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.rules import RuleSet, load_rules
from reports.quality_report import MOST_SHOWN, render, report_file, write_report
from reports.release_data import ReleaseUnreadable
from tests.reports.make_release import contract

DAY = date(2026, 11, 22)
STEP, RANGE, SUM = "scale_step_from_year_before", "domain_upper_bound", "structure_parts_sum"
LATER = "release_keys_unique"
# What a page may fetch with: none of it stands in the report.
OUTSIDE = re.compile(r"https?:|//|<script|<link|<img|<iframe|@import|url\(|\bsrc=", re.IGNORECASE)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules()


# Passed, failed, suppressed, broken off, nothing to compare.
COUNTS = {STEP: (7, 2, 1, 0, 31), RANGE: (4, 1, 0, 0, 0), SUM: (0, 0, 0, 5, 0)}


def outcomes(rules: RuleSet) -> list[dict[str, Any]]:
    """The rows of dim_rule: three rules that ran, and one over the candidate, which runs later."""
    rows = []
    for rule_id, counts in {**COUNTS, LATER: (None,) * 5}.items():
        rule = rules.rule(rule_id)
        passed, failed, suppressed, not_checked, nothing = counts
        rows.append(
            {
                "rule_id": rule_id,
                "rule_version": rule.version,
                "suite": rule.suite,
                "severity": rule.severity,
                "title_vi": rule.title.vi,
                "title_en": rule.title.en,
                "description_vi": rule.description.vi,
                "description_en": rule.description.en,
                "promote_by": date(2027, 5, 31) if rule_id == STEP else None,
                "n_passed": passed,
                "n_failed": failed,
                "n_suppressed": suppressed,
                "n_not_checked": not_checked,
                "n_nothing_to_compare": nothing,
            }
        )
    return rows


def finding(number: int, rule_id: str, severity: str, outcome: str = "failed", **more: Any) -> dict[str, Any]:
    return {
        "finding_id": f"f{number:04d}",
        "rule_id": rule_id,
        "severity": severity,
        "outcome": outcome,
        "message_vi": f"Phát hiện giả lập {number}",
        "message_en": f"Synthetic finding {number}",
        "decision": "none",
        **more,
    }


def candidate(folder: Path, *findings: dict[str, Any]) -> Path:
    """The tables of a candidate that the report reads."""
    place = {
        "observation_key": "o1", "document": "issue_2025", "cell_ref": "Sheet!B7", "snapshot_sha256": "a" * 64,
        "source_id": "office", "indicator_code": "X", "area_id": "XX-00", "period_id": "2024", "held": False,
    }  # fmt: skip
    source = {"source_id": "office", "title_vi": "Nguồn giả lập", "title_en": "Synthetic source", "rank": 90}
    for table, rows in (
        ("dim_rule", outcomes(load_rules())),
        ("fct_finding", list(findings)),
        ("fct_observation", [place]),
        ("dim_source", [source]),
    ):
        schema = contract()[table]
        whole = [{**dict.fromkeys(schema), **row} for row in rows]
        pl.DataFrame(whole, schema=schema, orient="row").write_parquet(folder / f"{table}.parquet")
    return folder


FINDINGS = (
    finding(
        1,
        STEP,
        "warning",
        observation_key="o1",
        indicator_code="X",
        source_id="office",
        left_value=1234.5,
        right_value=0.1 + 0.2,
        expected_low=-2.0,
        expected_high=700.0,
    ),
    finding(2, STEP, "warning", decision="accepted", source_id="office"),
    finding(3, RANGE, "error", observation_key="o1", source_id="office"),
    finding(5, STEP, "warning", "suppressed", source_id="office"),
    finding(4, SUM, "warning", "not_checked", message_vi="Không kiểm tra được quy tắc này"),
)


def page(html: str, language: str) -> str:
    """The words of one language, one space between them."""
    (main,) = re.findall(rf'<main class="page {language}".*?</main>', html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory, rules: RuleSet) -> str:
    folder = candidate(tmp_path_factory.mktemp("candidate"), *FINDINGS)
    return write_report(folder, rules, DAY).read_text(encoding="utf-8")


def test_nothing_comes_from_outside(html: str) -> None:
    assert OUTSIDE.findall(html) == []


def test_each_rule_says_its_three_outcomes(html: str, rules: RuleSet) -> None:
    words = page(html, "vi")
    title = rules.rule(STEP).title.vi
    assert f"{title} {STEP} đang thử đến 31/05/2027 cảnh báo 7 3 1 đã miễn nhắc 31" in words
    assert f"{rules.rule(SUM).title.vi} {SUM} cảnh báo 0 0 5 5 do quy tắc bị lỗi" in words
    assert "11 Đạt 4 Không đạt 36 Không kiểm tra được" in words


def test_what_could_not_be_checked_stands_apart_from_what_failed(html: str) -> None:
    notices = re.findall(r'<p class="notice">(.*?)</p>', html)
    assert notices == ["Không kiểm tra được quy tắc này", "Synthetic finding 4"]


def test_errors_come_first_and_say_what_is_held(html: str) -> None:
    words = page(html, "vi")
    assert "1 lỗi và 3 cảnh báo" in words
    assert "Số liệu đang giữ lại 1" in words
    assert words.index("Phát hiện giả lập 3") < words.index("Phát hiện giả lập 1")


def test_a_finding_says_its_source_cell_and_decision_in_both_languages(html: str) -> None:
    vietnamese, english = page(html, "vi"), page(html, "en")
    assert "Nguồn giả lập tài liệu issue_2025 ô Sheet!B7 aaaaaaaaaaaa chưa xử lý" in vietnamese
    assert "Synthetic source document issue_2025 cell Sheet!B7 aaaaaaaaaaaa not decided" in english
    assert "chấp nhận" in vietnamese


def test_both_sides_and_the_interval_are_written_as_the_language_writes_them(html: str) -> None:
    assert "số đang xét: 1.234,5 đối chiếu với: 0,3 khoảng chấp nhận: -2 đến 700" in page(html, "vi")
    assert "the figure: 1,234.5 beside: 0.3 expected: -2 to 700" in page(html, "en")


def test_what_is_suppressed_is_shown_and_asks_nobody(html: str) -> None:
    words = page(html, "vi")
    assert "Phát hiện giả lập 5" in words and "1 lỗi và 3 cảnh báo" in words
    assert words.count("đã miễn nhắc") == 2


def test_rules_over_the_candidate_are_named_without_outcomes(html: str, rules: RuleSet) -> None:
    words = page(html, "vi")
    assert f"{len(rules.suite('release').rules)} quy tắc của nhóm này" in words
    assert LATER not in words and "Số quy tắc đã chạy 3" in words


def test_the_page_can_be_read_without_its_style(html: str) -> None:
    assert html.startswith("<!doctype html>")
    assert '<html lang="vi">' in html and '<main class="page en" lang="en">' in html
    assert len(re.findall(r"<h1>", html)) == 2
    headed = re.findall(r"<table\b.*?</table>", html, flags=re.DOTALL)
    assert headed and all("<caption" in table and 'scope="col"' in table for table in headed)
    identifiers = re.findall(r'\bid="([^"]+)"', html)
    assert len(identifiers) == len(set(identifiers))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(identifiers)


def test_rendering_again_gives_the_same_bytes(tmp_path: Path, rules: RuleSet) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, findings in ((first, FINDINGS), (second, FINDINGS[::-1])):
        folder.mkdir()
        candidate(folder, *findings)
    assert render(first, rules, DAY) == render(second, rules, DAY)


def test_words_of_a_publisher_are_no_markup(tmp_path: Path, rules: RuleSet) -> None:
    folder = candidate(tmp_path, finding(1, STEP, "warning", message_vi="<script>alert(1)</script>"))
    assert "<script" not in render(folder, rules, DAY)


def test_many_findings_of_a_rule_are_counted_not_listed(tmp_path: Path, rules: RuleSet) -> None:
    folder = candidate(tmp_path, *(finding(n, STEP, "warning") for n in range(MOST_SHOWN + 1234)))
    html = render(folder, rules, DAY)
    assert html.count('<td role="cell" data-label="Quyết định">') == MOST_SHOWN
    assert "Và 1.234 phát hiện nữa" in html and "And 1,234 more findings" in html


def test_the_report_is_found_in_a_release_and_missed_in_an_older_one(tmp_path: Path, rules: RuleSet) -> None:
    folder = candidate(tmp_path, *FINDINGS)
    with pytest.raises(ReleaseUnreadable, match="ppw run"):
        report_file(folder)
    write_report(folder, rules, DAY)
    assert report_file(folder).name == "index.html"
