"""The pages over a synthetic release, in both languages and in every state, without a browser."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from reports.frame import PATHS, STALE_AFTER_DAYS
from reports.numbers import Language
from reports.promise_sections import notes_count, own_notes, versions_table
from reports.release_data import current_release
from reports.static_edition.static_leaf import StaticLeaf
from reports.target_facts import every_target, of_the_plan
from reports.words import FAMILIES, LANGUAGES, NOT_PUBLIC, Words, catalogue
from store.releases import current_release_id, release_dir
from store.settings import Settings
from tests.reports.conftest import Show, Shown
from tests.reports.make_release import CUT_OFF, SyntheticRelease, publish_synthetic

PERSON = "Người xem thử"
EVERY_TARGET = [f"SYNTHETIC_{number:02d}" for number in range(1, 27)]


def headings(page: Shown) -> list[int]:
    """Levels of the headings in the order of the page's own HTML, after the title."""
    return [1, *(int(level) for level in re.findall(r"<h([1-6])", page.html))]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(PATHS))
def test_every_page_opens_in_every_language_and_ends_with_where_it_is_from(
    show: Show, synthetic_home: Path, name: str, language: Language
) -> None:
    page = show(name, lang=language, person=PERSON)
    assert not page.failed
    release_id = current_release_id(Settings(home=synthetic_home))
    words = catalogue(language)
    foot = page.words[page.words.index(words["footer.release"]) :]
    assert f"{words['footer.release']} {release_id}" in foot
    assert f"{words['footer.cut_off']} 20/11/2026" in foot
    assert f"{words['footer.method']} synthetic-1" in foot
    assert re.search(rf"{words['footer.digest']} [0-9a-f]{{12}}\b", foot)


@pytest.mark.parametrize("name", list(PATHS))
def test_under_every_title_stand_the_plan_and_the_ribbon(show: Show, name: str) -> None:
    vietnamese, english = show(name, person=PERSON), show(name, lang="en", person=PERSON)
    assert "Chỉ tiêu theo Nghị quyết 99/NQ-HĐND; Quyết định 98/QĐ-TTg chưa được nhập." in vietnamese.words
    assert "Targets of resolution 99/NQ-HĐND; decision 98/QĐ-TTg not transcribed." in english.words
    assert "Chưa được rà soát." in vietnamese.words
    assert "Not reviewed." in english.words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("target_id", EVERY_TARGET)
def test_every_target_has_a_page(
    target_pages: dict[tuple[Language, str], Shown], target_id: str, language: Language
) -> None:
    page = target_pages[language, target_id]
    assert not page.failed
    assert "synthetic" in page.title.casefold()
    assert catalogue(language)["table.in_plan"] in page.words
    assert "None" not in page.words


def test_the_overview_begins_with_the_counts_of_every_bucket(show: Show) -> None:
    page = show()
    first = page.html[page.html.index('class="ppw-lead"') :]
    assert first.startswith(
        'class="ppw-lead">Trong 25 chỉ tiêu của quy hoạch: 3 đã đạt, 1 đúng tiến độ, 1 chậm nhẹ, 2 chậm, '
        "1 xa mục tiêu (diễn biến ngược chiều), 4 chưa đạt và 13 chưa đánh giá được."
    )
    counts = [int(n) for n in re.findall(r'class="ppw-big">(\d+)<', page.html)]
    assert counts == [3, 1, 1, 2, 1, 4, 13]
    assert sum(counts) == len(EVERY_TARGET) - 1, "the two parts of the structure are counted once"
    assert "12 chỉ tiêu đánh giá được mức đạt; 5 chỉ tiêu đánh giá được tiến độ." in page.words


def test_the_overview_says_what_is_new_and_how_fresh_it_is(show: Show) -> None:
    page = show()
    assert "Đây là bản công bố đầu tiên" in page.words
    assert "Số liệu chốt đến ngày 20/11/2026. Đã có số liệu của" in page.words
    assert "Vì sao chưa đánh giá được: Xem Trong 13 chỉ tiêu chưa đánh giá được:" in page.words
    assert "đang chờ số liệu: Chưa đủ các năm (2);" in page.words


def test_the_overview_lists_every_target_with_a_link_to_its_page(show: Show) -> None:
    page = show(lang="en")
    listed = page.html[page.html.index("ppw-list") :]
    for target_id in EVERY_TARGET:
        assert f'href="chi-tieu?target={target_id}&amp;lang=en"' in listed


def test_the_list_is_filtered_by_domain_and_status_and_sorted(show: Show) -> None:
    page = show()
    page.app.selectbox(key="filter_domain").select("labour").run()
    labour = Shown(page.app)
    assert "Đang hiển thị 7 trên 26 chỉ tiêu" in labour.words
    page.app.selectbox(key="filter_status").select("not_reached").run()
    assert "Đang hiển thị 1 trên 26 chỉ tiêu" in Shown(page.app).words
    page.app.selectbox(key="filter_domain").select("tourism").run()
    assert "Không có mục nào khớp với tất cả điều kiện đã chọn." in Shown(page.app).words
    page.app.selectbox(key="filter_domain").select("").run()
    page.app.selectbox(key="filter_status").select("").run()
    page.app.selectbox(key="sort_targets").select("status").run()
    ordered = Shown(page.app).html
    listed = ordered[ordered.index("ppw-list") :]
    groups = listed.split("<summary>")[1:]
    for group in groups:
        ranks = [FAMILIES["bucket"].index(state) for state in re.findall(r"ppw-state-(\w+)", group)]
        assert ranks == sorted(ranks)
    assert sum(len(re.findall(r"ppw-state-\w+", group)) for group in groups) == len(EVERY_TARGET)


def test_the_list_is_searched_without_accents_and_narrowed_by_horizon(show: Show) -> None:
    page = show()
    page.app.text_input(key="search_targets").set_value("CHI TIEU gia lap so 07").run()
    found = Shown(page.app)
    assert "Đang hiển thị 1 trên 26 chỉ tiêu" in found.words
    assert "<details open" in found.html
    page.app.text_input(key="search_targets").set_value("").run()
    page.app.selectbox(key="filter_horizon").select("2050").run()
    assert "Đang hiển thị 1 trên 26 chỉ tiêu" in Shown(page.app).words


def test_a_long_domain_is_folded_and_says_its_counts(show: Show) -> None:
    page = show()
    assert "<details><summary>Lao động · 7: 1 chưa đạt và 6 chưa đánh giá được</summary>" in page.html
    assert "Danh sách có 26 chỉ tiêu nhưng chỉ đếm là 25, vì các phần của cùng một cơ cấu" in page.words


def test_milestones_are_counted_apart_on_the_overview(show: Show) -> None:
    page = show()
    assert (
        "Ngoài ra có 8 công trình, mốc: 1 đã xong, 1 xong muộn, 1 quá hạn, 1 sắp đến hạn, 2 chưa đến hạn, "
        "1 đã tới hạn mà chưa có báo cáo và 1 đã rút." in page.words
    )
    assert 'href="cong-trinh"' in page.html


def test_every_state_and_reason_of_the_release_is_said_in_words(
    target_pages: dict[tuple[Language, str], Shown],
) -> None:
    pages = "".join(page.words for (language, _), page in target_pages.items() if language == "vi")
    words = catalogue("vi")
    for level in FAMILIES["level"]:
        assert words[f"level.{level}"] in pages
    for pace in FAMILIES["pace"]:
        assert words[f"pace.{pace}"] in pages
    for reason in set(FAMILIES["reason"]) - {NOT_PUBLIC}:
        assert words[f"reason.{reason}"] in pages
        assert words[f"reason_mend.{reason}"] in pages
    for maturity in FAMILIES["maturity"]:
        assert words[f"maturity.{maturity}"] in pages


def test_a_target_with_a_path_says_where_it_should_be_and_what_each_year_needs(show: Show) -> None:
    page = show("target", target="SYNTHETIC_06")
    assert (
        "Năm 2025 đạt 52,5%; theo lộ trình phải là 52%; mục tiêu là từ 60% trở lên vào năm 2030; "
        "tính từ năm 2025, bình quân mỗi năm cần tăng thêm 1,5 điểm %." in page.words
    )


def test_average_growth_is_shown_ungraded_and_what_is_required_names_its_source(show: Show) -> None:
    words = show("target", target="SYNTHETIC_10").words
    assert "Đã có số liệu các năm 2022, 2023, 2024 và 2025; còn thiếu 2021" in words
    assert (
        "Tốc độ tăng bình quân (bình quân nhân) của các năm có số liệu là 5,48%/năm; con số này chỉ để tham khảo"
        in words
    )
    assert (
        "Theo mức bình quân giai đoạn 2021–2025 đã công bố là 4,46%/năm "
        "(nguồn: Nơi công bố giả lập 40, Bảng giả lập synthetic_press), "
        "các năm 2026–2030 phải tăng bình quân 15,24%/năm mới đạt mục tiêu." in words
    )
    assert "Chưa đủ các năm. Chỉ tiêu tính trên nhiều năm" in words


def test_figures_are_printed_with_their_publishers_decimals(show: Show) -> None:
    words = show("target", target="SYNTHETIC_01").words
    assert "năm 2023 48,00 sơ bộ" in words
    assert "năm 2021 46,5 chính thức" in words
    assert "năm 2020 – thiếu số liệu –" in words
    # In the table as printed; in a sentence that names the target, in the target's unit.
    assert "năm 2025 25.204,5 ước tính" in show("target", target="SYNTHETIC_03").words
    assert (
        "2025: 25.2045 million visits; the target is"
        in show("target", target="SYNTHETIC_03", lang="en").words
    )


def test_a_held_figure_is_counted_and_never_printed(show: Show) -> None:
    page = show("target", target="SYNTHETIC_10")
    assert "1 số liệu của chỉ tiêu này đang bị giữ lại chờ rà soát" in page.words
    assert "61,0" not in page.words
    withheld = show("target", target="SYNTHETIC_19")
    assert "610" not in withheld.words
    assert "Đang chờ rà soát." in withheld.words


def test_a_figure_worked_out_is_cited_by_its_formula_and_each_of_its_components(show: Show) -> None:
    page = show("target", target="SYNTHETIC_09")
    assert "do hệ thống tính từ số liệu thành phần (Tử số giả lập: Mẫu số giả lập)" in page.words
    assert "Tính từ số liệu thành phần, không phải số công bố: Tử số giả lập: Mẫu số giả lập." in page.words
    assert "giả lập (synthetic) 03 = 2.700 nghìn lượt" in page.words
    assert page.words.count("Chép lại từ Nơi công bố giả lập synthetic_office") >= 2
    english = show("target", target="SYNTHETIC_09", lang="en").words
    assert "Worked out from component figures, not published" in english


def test_other_sources_values_stand_beside_the_one_in_force(show: Show) -> None:
    words = show("target", target="SYNTHETIC_10").words
    assert "năm 2024 6,10% 6,74% Nơi công bố giả lập 40, Bảng giả lập synthetic_press" in words


def test_each_figure_is_cited_with_publisher_title_place_date_and_address(show: Show) -> None:
    page = show("target", target="SYNTHETIC_10")
    assert (
        "Chép lại từ Nơi công bố giả lập synthetic_office, “Báo cáo giả lập <synthetic> & co”, "
        "bảng 1, dòng 2, 04/03/2026." in page.words
    )
    assert "&lt;synthetic&gt; &amp; co" in page.html
    assert 'href="https://example.invalid/synthetic"' in page.html
    assert "Đọc từ Nơi công bố giả lập 40, Bảng giả lập synthetic_press, ô row 2." in page.words


def test_a_proposed_reading_is_said_to_be_unconfirmed_and_a_confirmed_one_names_its_document(
    show: Show,
) -> None:
    assert "Cách hiểu chỉ tiêu chưa được xác nhận." in show("target", target="SYNTHETIC_02").words
    confirmed = show("target", target="SYNTHETIC_01").words
    assert "Cách hiểu đã được xác nhận tại 99/XX-YYY ngày 04/03/2099." in confirmed
    assert "Cách hiểu chỉ tiêu chưa được xác nhận" not in confirmed


def test_the_reading_says_what_the_document_leaves_open(show: Show) -> None:
    words = show("target", target="SYNTHETIC_26").words
    assert "Con số khoảng 70%" in words
    assert "Thời hạn năm 2050 (lấy theo tên mục; câu văn không ghi năm)" in words
    assert "Năm gốc không nêu, hệ thống không tự chọn" in words
    assert "Biên cho phép chưa được quy định; “khoảng” chưa có nghĩa bằng số" in words
    assert "văn bản viết là “phấn đấu”" in words
    assert "161 xã, phường, thị trấn" in words
    assert "Phối hợp Sở giả lập thứ hai" in words
    declared = show("target", target="SYNTHETIC_06").words
    assert "Năm gốc năm 2020 Lộ trình đường thẳng" in declared


def test_no_figures_names_who_keeps_them(show: Show) -> None:
    assert "Nơi giữ số liệu: Sở giả lập." in show("target", target="SYNTHETIC_26").words
    assert "Who keeps the figures: Sở giả lập." in show("target", target="SYNTHETIC_26", lang="en").words


def test_remarks_stand_wherever_the_target_stands(show: Show) -> None:
    overview = show().html
    card = overview[overview.index('<article class="ppw-card">') : overview.index("</article>")]
    assert "1 ghi nhận về văn bản" in card
    listed = overview[overview.index("ppw-list") :]
    assert listed.count("ghi nhận về văn bản") == 3
    page = show("target", target="SYNTHETIC_11")
    assert "Thước đo không rõ. Ghi nhận giả lập số 2." in page.words
    assert "Vì vậy số liệu hiện có không dùng để so với chỉ tiêu này." in page.words
    assert (
        "Danh sách ngắn hơn số đã nêu. Ghi nhận giả lập số 4." in show("target", target="SYNTHETIC_26").words
    )
    assert "List shorter than its count. Synthetic remark 4." in (
        show("target", target="SYNTHETIC_26", lang="en").words
    )


@pytest.mark.parametrize(
    ("touches", "said"),
    [
        (("target", "list"), "2 ghi nhận về văn bản"),
        (("target", "clause"), "2 ghi nhận về văn bản (trong đó 1 về cả mục)"),
        (("clause",), "1 ghi nhận về văn bản (về cả mục)"),
    ],
)
def test_the_count_of_remarks_is_that_of_the_list_below(touches: tuple[str, ...], said: str) -> None:
    remarks = [{"touches": one} for one in touches]
    assert notes_count(remarks, Words("vi")) == said


def test_head_of_the_page_and_list_count_the_same_remarks(show: Show, synthetic_home: Path) -> None:
    release = current_release(Settings(home=synthetic_home))
    assert release is not None
    marked = [f for f in of_the_plan(every_target(release)) if own_notes(f.annotations)]
    facts = max(marked, key=lambda f: len(f.annotations))
    said = notes_count(facts.annotations, Words("vi"))
    html = show("target", target=facts.target_id).html
    assert html.count(said) == 2
    assert html.count("ghi nhận về văn bản") == 2


def test_figures_of_another_area_are_named_beside_other_versions(synthetic_home: Path) -> None:
    release = current_release(Settings(home=synthetic_home))
    assert release is not None
    page = StaticLeaf("target", Words("vi"), release, "")
    known = {f.target_id: f for f in of_the_plan(every_target(release))}
    own = known["SYNTHETIC_06"]
    place = next(row for row in release.rows("dim_area") if row["area_id"] == own.target["area_id"])
    other = replace(own, target={**own.target, "area_id": "SYNTHETIC_REGION"}, points=own.points[-1:])
    both = versions_table(page, [own, other])
    for name in (place["name_vi"], "SYNTHETIC_REGION"):
        assert f"{name}: " in both
    assert f"{place['name_vi']}: " not in versions_table(page, [own, own])


def test_relations_and_lists_are_links(show: Show) -> None:
    page = show("target", target="SYNTHETIC_20")
    assert "Là mốc trước của" in page.words
    assert 'href="chi-tieu?target=SYNTHETIC_01"' in page.html
    part = show("target", target="SYNTHETIC_24")
    assert "Là một phần của tổng" in part.words
    assert "tổng 100%" in part.words
    named = show("target", target="SYNTHETIC_26")
    assert "Danh mục liệt kê 2 mục; văn bản nêu 3." in named.words
    assert 'href="cong-trinh?target=MS_SYNTHETIC_01"' in named.html


def test_a_structure_is_said_to_be_judged_once(show: Show) -> None:
    words = show("target", target="SYNTHETIC_25").words
    assert "Cả cơ cấu được đánh giá một lần: còn phải dịch chuyển 7,25 điểm %" in words
    assert "ở năm gốc là 9,5 điểm %." in words


def test_the_result_is_read_with_its_projection_margin_and_sensitivity(show: Show) -> None:
    words = show("target", target="SYNTHETIC_07").words
    assert "Mức cải thiện lớn nhất trong một năm là 2,75 điểm %." in words
    assert "Mốc trước của cùng cam kết, năm 2025: 50%; Đạt." in words
    assert "năm 2030 vào khoảng 61,5% (từ 55% đến 68%)" in words
    assert "Khoảng cách của tỷ số tiến độ tới ngưỡng xếp loại gần nhất 0,05" in words
    assert "Nhạy với điều chỉnh số liệu: nếu số liệu được chỉnh lý như thường gặp (0,6 điểm %)" in words
    assert "Chuỗi bị gián đoạn tại 2021" in words
    wide = show("target", target="SYNTHETIC_08").words
    assert "vì vậy không nêu con số dự báo." in wide
    assert "61,5" not in wide
    assert "Nhạy với" not in wide


def test_what_another_document_promised_stands_beside_and_is_never_counted(show: Show) -> None:
    page = show("target", target="SYNTHETIC_01")
    assert "Quyết định 97/QĐ-TTg (đã được thay thế)" in page.words
    # No figure of 2020 exists; 2019 and 2021 are equally near, and the earlier one is taken.
    assert (
        "từ 45% trở lên năm 2020 44,25% (năm 2019) Chưa đạt (theo số liệu hiện có, đã hết kỳ)" in page.words
    )
    before = show("target", target="SYNTHETIC_01", plan="97-QD-TTG-2089")
    assert before.title == "Chỉ tiêu giả lập (synthetic) của văn bản trước"
    assert "của văn bản trước" not in show().words


def test_the_documents_page_compares_what_they_promised(show: Show) -> None:
    words = show("documents").words
    assert "Số đếm trên các trang theo Nghị quyết 99/NQ-HĐND;" in words
    assert "Có 3 văn bản, trong đó 2 đã nhập chỉ tiêu." in words
    assert "Nghị quyết 99/NQ-HĐND (đang dùng để đếm)" in words
    assert "giai đoạn 2021–2030, tầm nhìn 2050 26 8" in words
    assert "Quyết định 97/QĐ-TTg: Ghi chú giả lập về hiệu lực." in words
    assert "Chỉ tiêu thống kê giả lập (synthetic) 01" in words


def test_the_milestones_page_begins_with_counts_and_what_is_due_next(show: Show) -> None:
    page = show("milestones")
    assert "Trong 8 công trình, mốc của quy hoạch: 1 đã xong," in page.words
    assert "Hạn gần nhất là 31/12/2027: Công trình giả lập (synthetic) số 05." in page.words
    assert "Cơ quan giả lập, 12/BC-XX, ngày 04/03/2026" in page.words
    assert "chưa có báo cáo" in page.words
    assert "Hạ tầng kỹ thuật: 4 việc" in page.words
    assert "Ghi nhận giả lập số 4." in page.words
    # A remark on the whole clause stands on the page of each milestone, not under each name.
    assert "Ghi nhận giả lập số 3." not in page.words
    assert "Ghi nhận giả lập số 3." in show("milestones", target="MS_SYNTHETIC_06").words
    page.app.selectbox(key="milestone_state").select("overdue").run()
    assert "overdue" in page.app.query_params["state"]
    assert "Đang hiển thị 1 trên 8 công trình, mốc" in Shown(page.app).words
    # The filter stands in the address; what an address asks for that there is not is not asked for.
    assert "Đang hiển thị 1 trên 8 công trình, mốc" in show("milestones", state="overdue").words
    assert "Đang hiển thị 8 trên 8 công trình, mốc" in show("milestones", state="unheard").words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_milestone_has_a_page_of_its_own(show: Show, language: Language) -> None:
    page = show("milestones", lang=language, target="MS_SYNTHETIC_06")
    words = catalogue(language)
    assert not page.failed
    assert words["milestone.not_due"] in page.words
    assert words["action.build"] in page.words
    assert words["annotation.repeated_word"] in page.words
    assert "MS_UNHEARD" in show("milestones", lang=language, target="MS_UNHEARD").words


def test_the_methods_of_other_offices_are_headed_as_never_deciding(show: Show) -> None:
    words = show("method").words
    assert "Chúng không bao giờ quyết định kết quả trên các trang." in words
    assert "synthetic sun (2)" in words
    assert "Kết luận khác nhau tùy phương pháp. Thí dụ, với “Chỉ tiêu giả lập (synthetic) số 06”:" in words
    for target in ("SYNTHETIC_06", "SYNTHETIC_07"):
        assert "synthetic sun" not in show("target", target=target).words


def test_a_release_made_before_the_plan_tables_stays_readable(show: Show, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    content = SyntheticRelease().every_state()
    content.before_the_plan_tables()
    publish_synthetic(settings, content)
    for name in PATHS:
        assert not show(name, home=settings.home).failed
    assert "Trong 26 chỉ tiêu của quy hoạch" in show(home=settings.home).words
    assert not show("target", home=settings.home, target="SYNTHETIC_01").failed


def test_a_target_without_figures_says_so_and_draws_nothing(show: Show) -> None:
    page = show("target", target="SYNTHETIC_11")
    assert "Chưa có số liệu nào về chỉ tiêu này; mục tiêu là từ 60% trở lên vào năm 2030." in page.words
    assert "Chưa có số liệu năm nên không có biểu đồ." in page.words
    assert page.charts == 0
    assert show("target", target="SYNTHETIC_10").charts == 1


def test_a_target_in_another_unit_is_not_drawn_on_the_axis_and_the_page_says_why(show: Show) -> None:
    words = show("target", target="SYNTHETIC_22").words
    assert "Mục tiêu tính bằng đơn vị khác nên không vẽ chung trục." in words


def test_an_unknown_target_gets_words_and_the_list(show: Show) -> None:
    page = show("target", target="<b>unheard</b>")
    assert "Không có chỉ tiêu nào mang mã <b>unheard</b>. Mời chọn trong danh sách." in page.words
    assert "<b>" not in page.html
    assert page.html.count('href="chi-tieu?target=SYNTHETIC') == len(EVERY_TARGET)


def test_sources_are_grouped_by_kind_with_what_came_and_what_did_not(show: Show) -> None:
    page = show("sources")
    kinds = page.headers
    assert kinds[:4] == [
        "Cơ quan thống kê",
        "Bộ, ngành trung ương",
        "Hội đồng nhân dân, Ủy ban nhân dân",
        "Báo chí",
    ]
    assert "không lấy được" in page.words
    assert "synthetic fault" not in page.words, "why is for the office"
    assert "không lấy được: synthetic fault: no answer" in show("sources", person=PERSON).words
    assert "1 nguồn không lấy được hoặc bị cách ly ở lần thu thập gần nhất." in page.words
    assert "9 tháng đầu năm 2026 đã nhận 3 0" in page.words
    assert "Các quy tắc kiểm tra có 1 lỗi, 1 cảnh báo và 1 thông tin." in page.words


def test_sources_that_gave_no_figure_are_counted_apart_on_the_page_and_not_at_its_foot(show: Show) -> None:
    page = show("sources")
    assert "Số liệu lấy từ 3 nguồn" in page.words
    assert "2 nguồn nữa đã khai báo nhưng chưa nhận được số liệu nào" in page.words
    assert "Nguồn số liệu 3 nguồn Bản công bố" in page.words


def test_the_calendar_says_what_was_due_what_is_owed_and_where_no_calendar_is_known(show: Show) -> None:
    page = show("sources")
    assert (
        "Đến 20/11/2026, theo lịch của các nguồn có 4 kỳ đến hạn: đã nhận 2, quá hạn chưa nhận 1, chưa cung cấp 1, "
        "chưa thu thập 0." in page.words
    )
    assert "Bảng giả lập synthetic_office 4 2 1 1 0 50% 06/01/2027" in page.words
    overdue = page.words.index("quý III năm 2025 06/10/2025 chưa cung cấp Quy định giả lập")
    assert overdue < page.words.index("năm 2025, sơ bộ 06/10/2026 quá hạn Quy định giả lập")
    assert "Bảng giả lập synthetic_ministry Chưa có văn bản (giả lập)" in page.words
    assert "2 nguồn không có kỳ công bố đến hạn" in page.words


def test_the_method_explains_every_word_that_the_pages_use(show: Show) -> None:
    page = show("method")
    words = catalogue("vi")
    for family in ("level", "pace", "reason", "maturity", "confidence"):
        for code in FAMILIES[family]:
            assert words[f"{family}.{code}"] in page.words
            limits = {"on_track": "0,95", "slightly_behind": "0,6", "behind": "0"} if family == "pace" else {}
            assert words[f"{family}_meaning.{code}"].format(**limits) in page.words


def test_the_limits_of_the_bands_are_those_of_the_release(show: Show) -> None:
    words = show("method").words
    assert "đạt từ 0,95 trở lên." in words
    assert "đạt từ 0,6 đến dưới 0,95." in words


def test_headings_never_skip_a_level(show: Show) -> None:
    levels = [level for level in headings(show()) if level > 1]
    assert levels[0] == 2
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_before_the_first_release_the_page_says_what_to_do(show: Show, tmp_path: Path) -> None:
    for name in PATHS:
        for language in LANGUAGES:
            page = show(name, home=tmp_path / "empty", lang=language, person=PERSON)
            assert not page.failed
            if name == "submit":
                assert catalogue(language)["submit.none_yet"] in page.words, "figures come before releases"
                continue
            if name == "account":
                assert PERSON in page.words
                continue
            assert catalogue(language)["state.empty"] in page.words
            assert "ppw run" in page.words
    assert not (tmp_path / "empty").exists(), "looking makes nothing"


def test_an_old_release_is_called_old_and_one_of_yesterday_is_not(show: Show) -> None:
    old = show(day=CUT_OFF + timedelta(days=STALE_AFTER_DAYS + 1))
    assert "Bản công bố đã cũ." in old.words
    assert f"20/11/2026, cách đây {STALE_AFTER_DAYS + 1} ngày" in old.words
    assert "Bản công bố đã cũ" not in show(day=CUT_OFF + timedelta(days=STALE_AFTER_DAYS)).words


def test_a_broken_release_is_an_error_in_words_that_names_the_file(show: Show, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    publish_synthetic(settings)
    (release_dir(settings) / "fct_assessment.parquet").write_bytes(b"no parquet")
    page = show(home=settings.home)
    assert page.failed
    assert "Không hiển thị được trang này." in page.words
    assert "fct_assessment.parquet" in page.words
    assert str(tmp_path) not in page.words


def test_a_release_without_a_column_names_table_and_column(show: Show, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    publish_synthetic(settings)
    path = release_dir(settings) / "fct_target.parquet"
    pl.read_parquet(path).drop("comparator").write_parquet(path)
    assert "fct_target.parquet: no column comparator" in show(home=settings.home).words


def test_a_pointer_to_nothing_is_an_error_in_words(show: Show, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    settings.releases_dir.mkdir(parents=True)
    (settings.releases_dir / "current").write_text("2026-01-01-00000000\n", encoding="utf-8")
    page = show(home=settings.home, lang="en")
    assert page.failed
    assert "This page cannot be shown." in page.words


def test_the_next_release_is_shown_at_once_with_what_changed(show: Show, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    first = publish_synthetic(settings)
    assert "3 đã đạt" in show(home=settings.home).words
    second = SyntheticRelease().every_state()
    second.observe("SYNTHETIC_INDICATOR_11", "2025", "61.5")
    for row in second.rows["fct_actual"]:
        if (row["indicator_code"], row["period_id"]) == ("SYNTHETIC_INDICATOR_01", "2025"):
            row["value"] = Decimal("53.5")
    for row in second.rows["fct_assessment"]:
        if row["target_id"] == "SYNTHETIC_11":
            row |= {"level_state": "reached", "bucket": "reached"}
    publish_synthetic(settings, second, cut_off=date(2026, 11, 21))
    words = show(home=settings.home).words
    assert "4 đã đạt" in words
    assert (
        f"So với bản công bố trước ({first}, chốt số liệu ngày 20/11/2026): 1 số liệu thực hiện mới, "
        "1 số liệu thực hiện được sửa và 1 chỉ tiêu của quy hoạch đổi kết quả đánh giá." in words
    )
    assert "Chốt số liệu 21/11/2026" in words


def test_nothing_is_written_while_pages_are_read(show: Show, synthetic_home: Path) -> None:
    def state() -> dict[str, tuple[int, int]]:
        return {
            str(p): (p.stat().st_mtime_ns, p.stat().st_size) for p in synthetic_home.rglob("*") if p.is_file()
        }

    before = state()
    for name in PATHS:
        show(name)
    show("target", target="SYNTHETIC_10")
    assert state() == before
