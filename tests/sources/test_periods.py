"""Periods: the grammar of ids, and labels as Vietnamese publishers print them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.text.periods import PeriodError, PeriodLabel, parse_label, parse_period_id

years = st.integers(1900, 2100)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def accepted(period_id: str) -> bool:
    try:
        parse_period_id(period_id)
    except PeriodError:
        return False
    return True


candidates = st.one_of(
    years.map(str),
    st.builds("{}-H{}".format, years, st.integers(1, 2)),
    st.builds("{}-Q{}".format, years, st.integers(1, 4)),
    st.builds("{}-M{:02d}".format, years, st.integers(1, 12)),
    st.builds("{}-YTD{:02d}".format, years, st.integers(1, 12)),
    days.map("{0:%Y}-YTD{0:%m%d}".format),
    years.map("{}-YTDx".format),
    years.map("SY{}".format),
    days.map("D{}".format),
    st.builds("{}..{}".format, years, years),
)
period_ids = candidates.filter(accepted)


@given(period_ids)
def test_a_period_runs_forward_and_keeps_its_id(period_id: str) -> None:
    period = parse_period_id(period_id)
    assert period.period_id == period_id
    assert period.end is None or period.start <= period.end
    assert (period.end is None) == (period.type == "year_to_date_open")


@given(period_ids, period_ids)
def test_one_stretch_of_time_has_one_id(left: str, right: str) -> None:
    first, second = parse_period_id(left), parse_period_id(right)
    one_stretch = (first.start, first.end) == (second.start, second.end)
    # A month from January and the month itself are one; a date is a moment, not the month it may stand for.
    if one_stretch and "date" not in {first.type, second.type}:
        assert left == right


@given(period_ids)
def test_our_own_ids_read_as_labels(period_id: str) -> None:
    assert parse_label(period_id, "period_id") == PeriodLabel(period_id, None)


@given(st.text())
def test_any_other_text_is_refused_and_never_guessed(text: str) -> None:
    found = parse_label(text, "vietnamese")
    assert found is None or accepted(found.period_id)


@given(st.integers(1900, 2099), st.integers(1, 12))
def test_months_from_january_by_words_and_by_number(year: int, months: int) -> None:
    label = parse_label(f"{months} tháng đầu năm {year}", "vietnamese")
    assert label is not None
    period = parse_period_id(label.period_id)
    assert (period.start, period.end and period.end.month) == (date(year, 1, 1), months)


@pytest.mark.parametrize(
    ("period_id", "kind", "start", "end"),
    [
        ("2024", "year", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-H2", "half_year", date(2024, 7, 1), date(2024, 12, 31)),
        ("2024-Q1", "quarter", date(2024, 1, 1), date(2024, 3, 31)),
        ("2024-M02", "month", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024-YTD09", "year_to_date", date(2024, 1, 1), date(2024, 9, 30)),
        ("2025-YTD1219", "year_to_day", date(2025, 1, 1), date(2025, 12, 19)),
        ("2025-YTDx", "year_to_date_open", date(2025, 1, 1), None),
        ("SY2024", "school_year", date(2024, 9, 1), date(2025, 8, 31)),
        ("D2024-12-31", "date", date(2024, 12, 31), date(2024, 12, 31)),
        ("2021..2025", "span", date(2021, 1, 1), date(2025, 12, 31)),
    ],
)
def test_the_forms_of_the_contract(period_id: str, kind: str, start: date, end: date | None) -> None:
    period = parse_period_id(period_id)
    assert (period.type, period.start, period.end) == (kind, start, end)


@pytest.mark.parametrize(
    ("period_id", "message"),
    [
        ("2024-YTD06", "2024-H1"),
        ("2024-YTD12", "'2024'"),
        ("2024-YTD0331", "2024-Q1"),
        ("2024-M13", "no month 13"),
        ("2024-YTD0230", "not a day"),
        ("2025..2021", "last year"),
        ("1500", "1900"),
        ("2024 ", "write one of the forms"),
        ("٢٠٢٤", "write one of the forms"),
    ],
)
def test_a_wrong_id_is_refused_with_the_mend(period_id: str, message: str) -> None:
    with pytest.raises(PeriodError, match=message):
        parse_period_id(period_id)


@pytest.mark.parametrize(
    ("text", "period_id", "maturity"),
    [
        ("Năm 2024", "2024", None),
        ("Sơ bộ 2024", "2024", "preliminary"),
        ("Prel. 2024", "2024", "preliminary"),
        ("2024 (sơ bộ)", "2024", "preliminary"),
        ("Ước tính năm 2024", "2024", "estimate"),
        ("6 tháng đầu năm 2024", "2024-H1", None),
        ("sáu tháng cuối năm 2023", "2023-H2", None),
        ("9 tháng năm 2024", "2024-YTD09", None),
        ("Cộng dồn 6 tháng năm 2024", "2024-H1", None),
        ("Ước tính\n quý II năm 2024", "2024-Q2", "estimate"),
        ("Quý I/2024", "2024-Q1", None),
        ("T12.2024", "2024-M12", None),
        ("tháng 4 năm 2024", "2024-M04", None),
        ("năm học 2023-2024", "SY2023", None),
        ("bình quân giai đoạn 2021 - 2025", "2021..2025", None),
        ("thời điểm 01/12/2024", "D2024-12-01", None),
        ("ngày 31 tháng 12 năm 2024", "D2024-12-31", None),
        ("lũy kế từ đầu năm đến 19/12/2025", "2025-YTD1219", None),
        ("từ đầu năm đến hết ngày 30/9/2024", "2024-YTD09", None),
        ("Luỹ kế từ đầu năm đến hết tháng 9/2024", "2024-YTD09", None),
        ("Lũy kế từ đầu năm đến hết quý III/2024", "2024-YTD09", None),
        ("Lũy kế 9 tháng 2024", "2024-YTD09", None),
        ("nửa đầu năm 2024", "2024-H1", None),
        ("Pre. 2011", "2011", "preliminary"),
        ("Ước tính - Est. 1997", "1997", "estimate"),
        ("Sơ bộ Prel. 2011", "2011", "preliminary"),
        ("Ước 9 tháng năm 2025", "2025-YTD09", "estimate"),
        ("Có đến 31/12/2011", "D2011-12-31", None),
        ("As of 1 January 2011", "D2011-01-01", None),
        ("September 2024", "2024-M09", None),
        ("Q3 2024", "2024-Q3", None),
        ("Quí III/2024", "2024-Q3", None),
        ("ƯTH năm 2024", "2024", "estimate"),
        ("Sơ bộ/Prel.2024", "2024", "preliminary"),
        ("9T/2024", "2024-YTD09", None),
        ("12/2024", "2024-M12", None),
        ("tháng năm năm 2024", "2024-M05", None),
        ("Năm học 2024/25", "SY2024", None),
        ("First 9 months of 2024", "2024-YTD09", None),
        ("3rd quarter 2024", "2024-Q3", None),
        ("Dec. 2024", "2024-M12", None),
        ("As of December 31, 2024", "D2024-12-31", None),
        ("giai đoạn 2024-2025", "2024..2025", None),
    ],
)
def test_labels_as_printed(text: str, period_id: str, maturity: str | None) -> None:
    assert parse_label(text, "vietnamese") == (period_id, maturity)


@pytest.mark.parametrize(
    "text",
    [
        "31/2/2024",
        "6 tháng",
        "quý V năm 2024",
        "13 tháng năm 2024",
        "năm học 2020-2024",
        "khoảng năm 2024",
        "sơ bộ ước tính 2024",
        "lũy kế đến 30/9/2024",
        "1-6/2024",
        "1-6.2024",
        "2024-2025",
        "năm học 2024-26",
        "tháng năm 2024",
        "12/31/2024",
        "",
    ],
)
def test_a_label_that_is_not_clear_stays_unread(text: str) -> None:
    assert parse_label(text, "vietnamese") is None


def test_the_format_of_years_reads_nothing_but_years() -> None:
    assert parse_label("Prel. 2024", "year") == ("2024", "preliminary")
    assert parse_label("quý I năm 2024", "year") is None


def test_a_year_printed_twice_in_a_dimension_is_two_maturities() -> None:
    printed = ["Sơ bộ 2023", "2023", "Sơ bộ 2024"]
    assert [parse_label(text, "year") for text in printed] == [
        ("2023", "preliminary"),
        ("2023", None),
        ("2024", "preliminary"),
    ]


@given(st.sampled_from(["Sơ bộ", "Ước tính", "Prel.", "Est.", "Chính thức"]), st.integers(1900, 2099))
def test_a_word_for_maturity_changes_nothing_of_the_period(word: str, year: int) -> None:
    for plain in (f"{year}", f"quý III năm {year}", f"9 tháng năm {year}"):
        with_word, without = parse_label(f"{word} {plain}", "vietnamese"), parse_label(plain, "vietnamese")
        assert with_word is not None
        assert without is not None
        assert (with_word.period_id, without.maturity) == (without.period_id, None)
        assert with_word.maturity is not None


@pytest.mark.parametrize(
    ("code", "period_id"),
    [
        ("2024", "2024"),
        ("2024-A1", "2024"),
        ("2024-S2", "2024-H2"),
        ("2024-Q1", "2024-Q1"),
        ("2024K4", "2024-Q4"),
        ("2024-06", "2024-M06"),
        ("2024M6", "2024-M06"),
        ("2024-12-31", "D2024-12-31"),
    ],
)
def test_time_codes_of_sdmx_and_px_web(code: str, period_id: str) -> None:
    assert parse_label(code, "time_code") == (period_id, None)


@pytest.mark.parametrize("code", ["2024-W05", "2024-T1", "2024-13", "202412", "2024-02-30", "Sơ bộ 2024"])
def test_other_time_codes_stay_unread(code: str) -> None:
    assert parse_label(code, "time_code") is None
