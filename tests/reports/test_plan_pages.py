"""Where the plan stands, by release and by domain, and how it is found: over synthetic releases, without a browser."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import history, per_release
from reports.history import direction_of, history_of, release_before
from reports.release_data import current_release
from reports.search import folded, matches
from store import review, state
from store.releases import current_release_id
from store.settings import Settings
from tests.reports.conftest import Show, Shown
from tests.reports.make_release import PLAN, SyntheticRelease, publish_synthetic


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A home with two releases: in the later one a target got worse, one became better, and two, that one among them,
    fell behind their path; with their ids.
    """
    settings = Settings(home=tmp_path_factory.mktemp("two") / "home")
    first = publish_synthetic(settings)
    later = SyntheticRelease().every_state()
    changes = {
        "SYNTHETIC_03": {"level_state": "not_reached", "pace_state": "moving_away", "bucket": "moving_away"},
        "SYNTHETIC_08": {"pace_state": "on_track", "bucket": "on_track", "gap": -1.25},
        "SYNTHETIC_09": {"gap": -2.5},
    }
    for row in later.rows["fct_assessment"]:
        row.update(changes.get(str(row["target_id"]), {}))
    second = publish_synthetic(settings, later, cut_off=date(2026, 11, 21))
    return settings.home, first, second


def test_the_overview_names_what_got_worse_and_what_improved_since_the_release_before_and_why(
    show: Show, two_releases: tuple[Path, str, str]
) -> None:
    words = show(home=two_releases[0]).words
    # The same names stand in the list to jump by before.
    worse = words[words.rindex("Thay đổi so với bản trước") : words.rindex("Yếu nhất")]
    assert "1 chỉ tiêu chuyển sang tình trạng xấu hơn hoặc không còn đánh giá được:" in worse
    assert "(synthetic) số 03" in worse
    assert "Xa mục tiêu" in worse
    assert "; do ngày chốt số liệu thay đổi" in worse
    assert f"So với bản công bố trước ({two_releases[1]}, chốt số liệu ngày 20/11/2026)" in worse
    same = worse[
        worse.index("1 chỉ tiêu có số liệu mới kém hơn hoặc cách lộ trình xa hơn, tuy tình trạng chưa đổi:") :
    ]
    assert "(synthetic) số 09" in same
    assert "trước cao hơn lộ trình 0,5 điểm %, nay thấp hơn 2,5 điểm %" in same
    improved = words[words.index("Tiến bộ nhất so với bản trước") :]
    assert (
        "nhưng khoảng cách rộng hơn trước (trước cao hơn lộ trình 0,5 điểm %, nay thấp hơn 1,25" in improved
    )
    assert improved.index("(synthetic) số 08") < improved.index("trước là")


def test_a_target_says_what_each_release_said_of_it(show: Show, two_releases: tuple[Path, str, str]) -> None:
    home, first, second = two_releases
    page = show("target", home=home, target="SYNTHETIC_08")
    assert "Qua 2 bản công bố, kết luận thay đổi 1 lần." in page.words
    assert f"release={first}" in page.html
    assert f"release={second}" in page.html
    assert "ngày chốt số liệu thay đổi" in page.words
    same = show("target", home=home, target="SYNTHETIC_05")
    assert "Qua 2 bản công bố, kết luận thay đổi 0 lần." in same.words


def test_a_look_back_ends_and_says_where_it_goes_on(two_releases: tuple[Path, str, str]) -> None:
    home, first, second = two_releases
    settings = Settings(home=home)
    release = current_release(settings)
    assert release is not None
    key = (PLAN, "SYNTHETIC_08")
    whole = history_of(settings, release, key)
    assert [(one.release_id, one.reason) for one in whole.states] == [(second, "cut_off"), (first, None)]
    assert whole.goes_on_in is None
    cut = history_of(settings, release, key, most=1)
    assert cut.states == whole.states[:1]
    assert cut.goes_on_in == first


def test_a_look_back_pushes_no_open_release_out_of_memory(
    two_releases: tuple[Path, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=two_releases[0])
    release = current_release(settings)
    assert release is not None
    per_release.forget()
    monkeypatch.setattr(per_release, "MOST_KEPT", 1)
    history._said_kept.cache_clear()
    history._changes_kept.cache_clear()
    opened = release.table("dim_unit")
    assert len(history_of(settings, release, (PLAN, "SYNTHETIC_08")).states) == 2
    assert release.table("dim_unit") is opened
    # Opened by somebody, a release of the past is one like any other.
    past = release_before(settings, release)
    assert past is not None
    past.table("dim_unit")
    assert release.table("dim_unit") is not opened


def test_a_link_to_a_past_release_shows_it_says_so_and_is_kept_by_every_link(
    show: Show, two_releases: tuple[Path, str, str]
) -> None:
    home, first, second = two_releases
    page = show(home=home, release=first)
    assert "Bản công bố đã qua." in page.words
    assert f"bản đang có hiệu lực là {second}" in page.words
    assert f'href="linh-vuc?release={first}"' in page.html
    assert f"chi-tieu?release={first}&amp;target=SYNTHETIC_01" in page.html
    current = show(home=home, release=second)
    assert "Bản công bố đã qua." not in current.words
    unknown = show(home=home, release="2020-01-01-00000000")
    assert "Không có bản công bố nào mang mã 2020-01-01-00000000." in unknown.words
    assert "ppw-foot" not in unknown.html


def test_a_retracted_release_says_so_with_the_reason_and_strikes_its_figures_out(
    show: Show, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home")
    release_id = publish_synthetic(settings)
    with state.writing(settings) as connection:
        review.record_sign_off(
            connection,
            review.SignOff(
                manifest_sha256="0" * 64,
                content_digest="0" * 64,
                candidate_id="synthetic",
                release_id=release_id,
                actor="Người ký thử",
                role="approver",
                decisions_up_to=0,
                action="retract",
                at=datetime(2026, 11, 22, tzinfo=UTC),
                reason_text="Số liệu giả lập sai.",
            ),
            seen=0,
        )
    page = show(home=settings.home, release=release_id)
    assert "Bản công bố này đã bị thu hồi." in page.words
    assert "Lý do: Số liệu giả lập sai." in page.words
    assert "Người ký thử" not in page.words
    assert "line-through" in "".join(block.value for block in page.app.html)


def test_a_domain_begins_with_its_weakest_and_strongest_and_lists_all_of_it(show: Show) -> None:
    page = show("domains", domain="economy")
    assert page.title == "Kinh tế"
    lead = page.html[page.html.index('class="ppw-lead"') :]
    lead = lead[: lead.index("</p>")]
    assert "Yếu nhất:" in lead
    assert lead.index("Yếu nhất:") < lead.index("Mạnh nhất:")
    rows = page.html[page.html.index("ppw-targets") :].count('scope="row"')
    overview = Shown(show(domain="economy").app)
    assert f"Toàn bộ {rows} chỉ tiêu" in page.headers
    assert f"Đang hiển thị {rows} trên 26 chỉ tiêu" in overview.words
    every = show("domains")
    assert every.html.count("linh-vuc?domain=") >= 3


def test_what_the_list_is_narrowed_to_stands_in_the_address_and_comes_from_it(show: Show) -> None:
    page = show(domain="labour", status="not_reached")
    assert "Đang hiển thị 1 trên 26 chỉ tiêu" in page.words
    page.app.selectbox(key="filter_status").select("").run()
    assert "status" not in page.app.query_params
    assert page.app.query_params["domain"] == "labour"
    assert "Đang hiển thị 7 trên 26 chỉ tiêu" in Shown(page.app).words
    nothing = show(reason="NO_DATA")
    assert "Nơi giữ số liệu và số chỉ tiêu chưa có số liệu của kỳ đánh giá:" in nothing.words


@pytest.mark.parametrize(
    ("asked", "group", "found"),
    [
        ("CHI TIEU gia lap so 07", "1 chỉ tiêu", "SYNTHETIC_07"),
        ("synthetic_22", "1 chỉ tiêu", "SYNTHETIC_22"),
        ("kinh te", "1 lĩnh vực", "linh-vuc?domain=economy"),
        ("MS_SYNTHETIC_01", "1 công trình, mốc", "cong-trinh?target=MS_SYNTHETIC_01"),
        ("synthetic_indicator_11", "1 chỉ tiêu thống kê (chuỗi số liệu)", "indicator=SYNTHETIC_INDICATOR_11"),
    ],
)
def test_search_finds_without_accents_by_name_id_code_and_domain(
    show: Show, asked: str, group: str, found: str
) -> None:
    page = show("search", q=asked)
    assert group in page.headers
    assert found in page.html


def test_search_finds_a_clause_by_its_number_and_says_when_nothing_answers(show: Show) -> None:
    first = SyntheticRelease().every_state().rows["dim_clause"][0]
    page = show("search", q=str(first["clause"]))
    assert f"Mục {first['clause']}" in page.words
    nothing = show("search", q="không có gì như thế")
    assert "Không tìm thấy mục nào khớp với “không có gì như thế”." in nothing.words
    assert nothing.headers == []


def test_the_field_of_the_head_keeps_language_and_release(show: Show, synthetic_home: Path) -> None:
    release_id = current_release_id(Settings(home=synthetic_home))
    page = show("method", lang="en", release=str(release_id))
    form = page.html[page.html.index("<form") : page.html.index("</form>")]
    assert 'role="search"' in form
    assert 'name="lang" value="en"' in form
    assert f'name="release" value="{release_id}"' in form


@given(st.text(alphabet="aăâbcdđeêoôơuưyáàảãạ ", min_size=1, max_size=12))
def test_a_text_is_found_by_itself_without_accents(text: str) -> None:
    assert matches(folded(text), text)
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("was", "now", "direction"),
    [
        ("on_track", "behind", "worse"),
        ("reached", "not_reached", "worse"),
        ("moving_away", "slightly_behind", "better"),
        ("not_assessed", "behind", "begun"),
        ("on_track", "not_assessed", "ended"),
        ("slightly_behind", "not_reached", "other"),
        ("behind", "behind", "other"),
    ],
)
def test_better_and_worse_are_said_only_where_one_follows_from_the_other(
    was: str, now: str, direction: str
) -> None:
    assert direction_of({"bucket": was}, {"bucket": now}) == direction
