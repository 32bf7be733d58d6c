"""Where things are known and by whom: the pages of places and offices, what offices state, and who may read it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.gate.clearance import OFFICE, PUBLIC
from expectations.gate.office_statements import read_statements
from expectations.gate.people import role_called
from expectations.gate.roles import grant_role
from reports import release_data
from reports.causes import answers, causes_of, every_cause, state_sentence
from reports.commune_shapes import ShapesUnusable, read_shapes
from reports.identity import NOBODY
from reports.milestone_chart import stops
from reports.milestone_facts import MilestoneFacts
from reports.office_facts import every_office, known_offices, office_name
from reports.paper.contents import read_material, write_contents
from reports.paper.report_file import WHOLE, editions_of
from reports.per_release import forget
from reports.place_facts import coverage, known_by_place, local_indicators
from reports.place_map import Place, area_share, names_that_fit, place_map, spots_of
from reports.plan_counts import (
    WAITS_FOR_FIGURES,
    not_assessed_sentence,
    plan_counts,
    reason_list,
    waits_for_figures,
)
from reports.release_data import Release, current_release
from reports.statements import custodians_counted
from reports.target_facts import every_target, of_the_plan
from reports.views.places import highest_first
from reports.words import LANGUAGES, Words
from store import state
from store.settings import Settings
from tests.reports.conftest import Show, Shown
from tests.reports.make_release import AREA, CUT_OFF, PLAN, SyntheticRelease, publish_synthetic

SHAPES = (
    Path(__file__).resolve().parents[3]
    / "shared"
    / "data"
    / "geo"
    / "cao_bang_56_communes_2025.simplified.geojson"
)
OFFICE_NAME = "Sở giả lập (synthetic)"
TARGET = "SYNTHETIC_01"


def area(content: SyntheticRelease, area_id: str, level: str, name: str, **fields: Any) -> None:
    content.add(
        "dim_area", area_id=area_id, code=area_id[-5:].removesuffix("-2025"), level=level, name_vi=name,
        name_en=f"{name} (en)", **fields,
    )  # fmt: skip


def with_places() -> SyntheticRelease:
    """Two districts with three communes become two communes, one across the districts; one has a figure."""
    content = SyntheticRelease().every_state()
    last, first = date(2025, 6, 30), date(2025, 7, 1)
    for district in ("D1", "D2"):
        area(content, district, "district", f"Huyện {district}", valid_to=last, parent_area_id=AREA)
    for commune, district in (("00001", "D1"), ("00002", "D1"), ("00003", "D2")):
        name = f"Xã Cũ {commune[-1]}"
        area(content, commune, "commune", name, valid_to=last, parent_area_id=district)
    for commune, lon in (("N0001", 106.1), ("N0002", 106.4)):
        area(
            content, commune, "commune", f"Xã Mới {commune[-1]}", valid_from=first, parent_area_id=AREA,
            centre_lon=lon, centre_lat=22.6,
        )  # fmt: skip
    for old, new, straddles in (
        ("00001", "N0001", False),
        ("00002", "N0002", True),
        ("00003", "N0002", True),
    ):
        content.add(
            "dim_area_relation", from_area_id=old, to_area_id=new, kind="merged_into", valid_from=first,
            straddles_districts=straddles, code_reused=False,
        )  # fmt: skip
    figure = next(row for row in content.rows["fct_actual"] if row["breakdown"] == "_T")
    content.rows["fct_actual"].append({**figure, "area_id": "N0001", "observation_key": "synthetic_local"})
    known = {row["indicator_code"] for row in content.rows["fct_actual"] if row["value"] is not None}
    unknown = next(r for r in content.rows["dim_indicator"] if r["indicator_code"] not in known)
    formerly = {"indicator_code": unknown["indicator_code"], "area_id": "00001"}
    content.rows["fct_actual"].append({**figure, **formerly, "observation_key": "synthetic_formerly"})
    return content


def with_statements(content: SyntheticRelease, about: str = "2026-01-01-00000000") -> SyntheticRelease:
    """An office that keeps the first target's figures said four things, one of them inside the offices only."""
    codes = {row["indicator_code"] for row in content.rows["fct_target"] if row["target_id"] == TARGET}
    for row in content.rows["dim_indicator"]:
        if row["indicator_code"] in codes:
            row["custodian_vi"] = OFFICE_NAME
    for number, (current, access, ended) in enumerate(
        (
            ("open", "public", None),
            ("overdue", "internal", None),
            ("done", "public", date(2026, 2, 3)),
            ("lapsed", "public", None),
        )
    ):
        content.add(
            "fct_statement", statement_id=f"s{number}", plan_version=PLAN, target_id=TARGET, office=OFFICE_NAME,
            cause=f"nguyên nhân giả lập {number}", measure=f"biện pháp giả lập {number}", deadline=date(2026, 6, 30),
            state=current, access=access, stated_on=date(2026, 1, 2), stated_about=about, ended_on=ended,
            ended_note="ghi chú giả lập" if ended else None,
        )  # fmt: skip
    return content


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("places") / "home"
    publish_synthetic(Settings(home=made), with_statements(with_places()))
    return made


@pytest.fixture(scope="module")
def release(home: Path) -> Release:
    found = current_release(Settings(home=home))
    assert found is not None
    return found


def test_places_begin_with_what_is_known_by_commune_and_what_is_not(show: Show, home: Path) -> None:
    page = show("places", home=home)
    assert not page.failed
    assert page.charts == 1
    assert "Mới có số liệu đến từng xã, phường cho 1/" in page.words
    assert "; 1 chỉ tiêu chỉ có số liệu của địa bàn khác (huyện, xã trước sắp xếp," in page.words
    assert "Từ ngày 01/07/2025 tỉnh có 2 xã, phường, không còn cấp huyện" in page.words
    assert "đến ngày 30/06/2025 có 3 xã, phường, thị trấn thuộc 2 huyện, thành phố" in page.words
    assert "1 xã, phường chưa có số liệu." in page.words
    assert "Không có ranh giới xã trong dữ liệu." in page.words


def test_zero_is_a_figure_and_below_zero_comes_after_it() -> None:
    values = (None, -2.0, 0.0, 3.0, None, -0.5)
    places = [Place(str(n), "A", None, None, value, "") for n, value in enumerate(values)]
    order = [place.value for place in sorted(places, key=highest_first)]
    assert order == [3.0, 0.0, -0.5, -2.0, None, None]


def test_every_indicator_is_counted_where_it_has_figures(release: Release) -> None:
    known = known_by_place(release, AREA)
    figures = release.table("fct_actual").filter(pl.col("value").is_not_null())
    assert known.indicators == release.table("dim_indicator").height
    assert (known.by_commune, known.elsewhere) == (1, 1)
    assert known.nowhere == known.indicators - figures["indicator_code"].n_unique()
    assert coverage(release) == {
        area_id: figures.filter(area_id=area_id)["indicator_code"].n_unique()
        for area_id in figures["area_id"].unique()
    }


def test_places_read_no_table_of_figures_whole(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    (local,) = local_indicators(release)
    assert list(local.figures) == ["N0001"]
    whole = Release.table

    def small_alone(release: Release, name: str) -> pl.DataFrame:
        assert not name.startswith("fct_"), f"{name} is read whole"
        return whole(release, name)

    forget()
    monkeypatch.setattr(release_data, "SMALL_TABLE", -1)
    monkeypatch.setattr(Release, "table", small_alone)
    assert local_indicators(release) == [local]
    assert coverage(release)["N0001"] == known_by_place(release, AREA).by_commune == 1


def test_a_switch_shows_former_communes_and_what_each_became(show: Show, home: Path) -> None:
    page = show("places", home=home, on="2025-06-30", commune="cu 2")
    assert page.charts == 0
    assert "Các xã cũ không có điểm trung tâm đã công bố, nên không vẽ bản đồ." in page.words
    assert "Huyện D1: 2 đơn vị cũ, nay thuộc 2 xã, phường" in page.words
    assert "Đơn vị mới ghép từ nhiều huyện cũ: Huyện D1 và Huyện D2" in page.words
    page.app.radio(key="places_on").set_value("2025-07-01").run()
    assert Shown(page.app).charts == 1
    assert "on" not in page.app.query_params


def test_a_commune_without_figures_is_drawn_hollow_and_grey() -> None:
    places = [Place("1", "A", 106.1, 22.6, 5.0, "5"), Place("2", "B", 106.2, 22.7, None, "chưa có số liệu")]
    chart = place_map(places, None, "light", "vi", {"name": "n", "value": "v"})
    assert chart is not None
    layers = {json.dumps(layer["data"]): layer["mark"] for layer in chart.to_dict()["layer"]}
    (hollow,) = [mark for mark in layers.values() if mark.get("strokeDash")]
    assert (hollow["filled"], hollow["color"]) == (False, "#525d69")
    assert (
        place_map([Place("1", "A", None, None, 5.0, "5")], None, "light", "vi", {"name": "n", "value": "v"})
        is None
    )


def test_the_discs_of_a_map_do_not_lie_over_each_other_and_a_name_covers_nothing() -> None:
    near: dict[str, Any] = {"lon": 106.19, "lat": 22.68, "value": 9.0, "number": None}
    rows: list[dict[str, Any]] = [
        {**near, "code": "1", "name": "Xã Một"},
        {**near, "code": "2", "name": "Xã Hai", "lon": 106.24, "value": 4.0},
        {**near, "code": "3", "name": "Xã Ba", "lon": 105.4, "lat": 22.9, "value": 1.0},
        {**near, "code": "4", "name": "Phường Bốn", "lon": 106.7, "lat": 22.4, "value": 8.0, "number": 1},
        {**near, "code": "5", "name": "Xã Năm", "lon": 106.22, "value": 2.0},
    ]
    share, spots = area_share(rows), spots_of(rows, 1.0)
    radii = [math.sqrt(share / math.pi * row["value"] / 9.0) for row in rows]
    apart = [math.dist(spots[i], spots[j]) - radii[i] - radii[j] for i in range(5) for j in range(i)]
    assert min(apart) == pytest.approx(0, abs=1e-9)
    # Over and under the three that are near each other there is room for two names; that of the third would
    # stick out, the fourth has a number.
    named = names_that_fit(rows, 330)
    assert [(row["code"], row["side"] < 0) for row in named] == [("1", True), ("2", False)]
    wide = names_that_fit([{**row, "number": None} for row in rows], 6000)
    assert [row["code"] for row in wide] == ["1", "2", "5"]


def test_the_published_polygons_can_be_configured(
    show: Show, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if SHAPES.is_file():
        codes = frozenset(one["properties"]["code"] for one in json.loads(SHAPES.read_text())["features"])
        shapes = read_shapes(SHAPES, codes | {"99999"})
        assert (len(shapes.polygons), shapes.missing) == (56, ("99999",))
    file = tmp_path / "communes.geojson"
    square = [[106.0, 22.5], [106.1, 22.5], [106.1, 22.6], [106.0, 22.6], [106.0, 22.5]]
    properties = {"code": "N0001", "name": "Xã Mới 1"}
    feature = {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert read_shapes(file, frozenset({"N0001"})).polygons["N0001"] == [[square[::-1]]]
    monkeypatch.setenv("PPW_COMMUNES_GEOJSON", str(file))
    words = show("places", home=home).words
    assert "Ranh giới theo tệp do đơn vị vận hành cung cấp" in words
    assert "Tệp ranh giới không có: Xã Mới 2." in words
    file.write_text("{}", encoding="utf-8")
    page = show("places", home=home)
    assert "Tệp ranh giới không dùng được" in page.words
    assert "communes.geojson: the whole is no FeatureCollection" in page.words
    assert str(tmp_path) not in page.words
    assert page.charts == 1


@pytest.mark.parametrize(
    ("feature", "why"),
    [
        ({"properties": {"name": "x"}}, r"features\[0\]: properties.code is no text"),
        ({"properties": {"code": "1", "name": "x"}, "geometry": {"type": "Point"}}, "geometry is Point"),
        (
            {
                "properties": {"code": "1", "name": "x"},
                "geometry": {"type": "Polygon", "coordinates": [[[560000, 2500000]] * 4]},
            },
            r"\(?.*point 0: .*transform the file to WGS 84",
        ),
        (
            {
                "properties": {"code": "2", "name": "x"},
                "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]},
            },
            "no commune in force has this code",
        ),
    ],
)
def test_a_file_of_polygons_that_cannot_be_used_says_where_and_how_to_mend_it(
    tmp_path: Path, feature: dict[str, Any], why: str
) -> None:
    file = tmp_path / "communes.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    with pytest.raises(ShapesUnusable, match=why):
        read_shapes(file, frozenset({"1"}))


def test_offices_begin_with_what_is_late_and_what_waits_and_invent_no_responsibility(
    show: Show, home: Path, release: Release
) -> None:
    page = show("departments", home=home)
    assert not page.failed
    assert "Văn bản quy hoạch không nêu cơ quan chủ trì của" in page.words
    (office,) = [one for one in every_office(release) if one.name == OFFICE_NAME]
    assert TARGET in [facts.target_id for facts in office.keeps]
    assert not office.answers_for
    assert f"Theo {OFFICE_NAME} (ngày 02/01/2026)" in page.words
    # Page, printed report and the overview's reasons count the same targets.
    every = of_the_plan(every_target(release))
    waiting = [facts for facts in every if waits_for_figures(facts)]
    words = Words("vi")
    by_pace = {"reason_code": None, "pace_reason_code": "NO_BASE"}
    one = waiting[0]
    assert waits_for_figures(replace(one, assessment={**one.assessment, **by_pace}))
    assert not waits_for_figures(replace(one, assessment={**one.assessment, "is_counted": False}))
    counts = plan_counts(every)
    assert (
        len(waiting) == counts.n_waiting == sum(n for code, n in counts.reasons if code in WAITS_FOR_FIGURES)
    )
    assert f"{len(waiting)} chỉ tiêu đang chờ số liệu" in page.words
    assert str(not_assessed_sentence(every, words)) in page.words
    material = read_material(release, None, {})
    paper = write_contents(material, editions_of(release)[0], WHOLE, Settings(home=home), words)
    lead = words(
        "paper.gaps_lead",
        n=len(waiting),
        not_assessed=counts.not_assessed,
        reasons=reason_list(counts.waiting, words),
    )
    assert lead in [getattr(block, "text", "") for block in paper.blocks]
    own = show("departments", home=home, office=OFFICE_NAME)
    assert own.title == OFFICE_NAME
    assert "Chưa biết lịch cung cấp số liệu của cơ quan này" in own.words or "chưa có nguồn" in own.words
    assert "Không có cơ quan nào tên “Sở X”" in show("departments", home=home, office="Sở X").words


def test_offices_have_their_english_names_wherever_a_target_names_them(tmp_path: Path) -> None:
    content = with_statements(SyntheticRelease().every_state())
    content.rows["dim_source"][0] |= {
        "publisher_vi": f"{OFFICE_NAME} (SGL)",
        "publisher_en": "Synthetic department (SD)",
        "publisher_kind": "department",
    }
    publish_synthetic(Settings(home=tmp_path), content)
    release = current_release(Settings(home=tmp_path))
    assert release is not None
    (facts,) = (facts for facts in every_target(release) if facts.target_id == TARGET and facts.reference)
    assert custodians_counted([facts], Words("en")) == [("Synthetic department", 1)]
    assert custodians_counted([facts], Words("vi")) == [(OFFICE_NAME, 1)]
    (office,) = (office for office in every_office(release) if office.name == OFFICE_NAME)
    assert office_name(office, Words("en")) == "Synthetic department"


def test_a_statement_is_told_as_the_offices_word_with_what_became_of_it(release: Release) -> None:
    causes = causes_of(release, TARGET, PLAN)
    assert [cause.state for cause in causes] == ["overdue", "open", "done", "lapsed"]
    assert not any(cause.carried_from for cause in causes), "there is no release before"
    assert causes_of(release, TARGET, "another plan") == []
    for language in LANGUAGES:
        words = Words(language)
        for cause in causes:
            assert state_sentence(cause, words)
            assert [label for label, _ in answers(cause, words)] == [
                words("statement.cause"),
                words("statement.measure"),
                words("statement.deadline"),
            ]
    assert "“ghi chú giả lập”" in state_sentence(causes[2], Words("vi"))


def test_the_words_of_a_statement_are_for_those_whom_the_office_names(release: Release) -> None:
    public = {cause.statement_id: cause for cause in every_cause(release.seen_with(PUBLIC))}
    assert [public[f"s{n}"].is_closed for n in range(4)] == [False, True, False, False]
    assert public["s1"].state == "overdue"
    assert answers(public["s1"], Words("vi"))[0][1].startswith("không công bố")
    assert not any(cause.is_closed for cause in every_cause(release.seen_with(OFFICE)))


def test_the_change_list_tells_the_public_no_words_of_a_statement(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first = publish_synthetic(settings, with_places())
    publish_synthetic(settings, with_statements(with_places(), about=first))
    release = current_release(settings)
    assert release is not None
    changes = release.seen_with(PUBLIC).table("fct_release_change")
    told = changes.filter(pl.col("table_name") == "fct_statement")
    assert told.height > 0
    assert told["to_value"].drop_nulls().to_list() == []


def test_a_target_shows_what_its_office_says_and_the_way_to_the_form_for_plan_owners(
    show: Show, home: Path
) -> None:
    words = show("target", home=home, target=TARGET).words
    assert "Đây là lời của cơ quan được nêu tên" in words
    assert "nguyên nhân giả lập 0" in words
    assert "nguyên nhân giả lập 1" not in words
    assert "Nêu nguyên nhân, biện pháp cho chỉ tiêu này" not in words
    owner = show("target", home=home, target="SYNTHETIC_02", person="a").words
    assert "Chưa có cơ quan nào giải trình." in owner
    assert "Nêu nguyên nhân, biện pháp cho chỉ tiêu này" in owner


def test_a_plan_owner_states_and_ends_at_the_form_and_others_are_refused(show: Show, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    publish_synthetic(settings, with_statements(with_places()))
    state.migrate(settings)
    from expectations.gate.people import stated_person

    approver = stated_person(settings, "a", CUT_OFF)
    grant_role(settings, approver, "a", role_called("approver"), day=CUT_OFF)
    approver = stated_person(settings, "a", CUT_OFF)
    grant_role(settings, approver, "p", role_called("plan_owner"), day=CUT_OFF, scope=OFFICE_NAME)
    assert "ppw-refused" in show("statements", home=tmp_path, person="a").html
    later = date(2100, 1, 1)
    past = show("statements", home=tmp_path, day=later, person="p", target=TARGET, as_of=later.isoformat())
    assert "giải trình mới chỉ ghi theo bản công bố hiện hành" in past.words
    assert not past.failed and not past.app.text_area
    page = show("statements", home=tmp_path, person="p", target=TARGET)
    assert not page.failed
    app = page.app
    assert app.selectbox[1].options == [OFFICE_NAME]
    assert app.selectbox[1].value == OFFICE_NAME
    app.text_area[0].set_value("thiếu vốn")
    app.button[0].click().run()
    assert "ghi đủ nguyên nhân, biện pháp, thời hạn" in Shown(app).words
    app.text_area[0].set_value("thiếu vốn")
    app.text_area[1].set_value("bố trí vốn")
    app.date_input[0].set_value(date(2027, 6, 30))
    app.button[0].click().run()
    assert "Đã ghi nhận giải trình" in Shown(app).words
    (row,) = read_statements(settings).rows()
    assert (row["office"], row["cause"], row["deadline"]) == (OFFICE_NAME, "thiếu vốn", date(2027, 6, 30))
    assert (row["access"], row["ended_by"]) == ("internal", None)
    again = show("statements", home=tmp_path, person="p")
    again.app.radio[0].set_value("done")
    again.app.text_area[0].set_value("đã bố trí")
    again.app.button[0].click().run()
    (row,) = read_statements(settings).rows()
    assert (row["ended_by"], row["ended_note"]) == ("done", "đã bố trí")


def test_offices_that_may_speak_are_those_of_the_release(release: Release) -> None:
    assert OFFICE_NAME in known_offices(release)
    assert not any(office.startswith("Nơi công bố giả lập 40") for office in known_offices(release))


def test_the_timeline_counts_every_dated_milestone_once() -> None:
    every = [
        MilestoneFacts(
            {"target_id": str(n), "plan_version": "p", "domain": domain}, {"due_date": due, "state": now}
        )
        for n, (domain, due, now) in enumerate(
            (
                ("health", date(2030, 12, 31), "not_due"),
                ("health", date(2030, 12, 31), "not_due"),
                ("health", date(2030, 12, 31), "overdue"),
                ("trade", None, "not_due"),
            )
        )
    ]
    found = stops(every, ["health", "trade"])
    assert [(one.domain, one.state, one.n) for one in found] == [
        ("health", "overdue", 1),
        ("health", "not_due", 2),
    ]


def test_nobody_is_no_plan_owner() -> None:
    from reports.guards import may_see

    assert not may_see(NOBODY, "statements")
    assert may_see(NOBODY, "places")


def test_what_an_office_says_is_among_the_changes_with_why(tmp_path: Path) -> None:
    from reports.release_changes import release_changes
    from reports.release_data import release_at
    from store.releases import release_dir

    settings = Settings(home=tmp_path)
    later = with_statements(SyntheticRelease().every_state())
    for row in later.rows["fct_statement"]:
        row["state"] = {"open": "overdue", "overdue": "done"}.get(row["state"], row["state"])
    later.rows["fct_statement"].append({**later.rows["fct_statement"][0], "statement_id": "s4"})
    ids = [
        publish_synthetic(settings, content, CUT_OFF + timedelta(days=day))
        for day, content in enumerate(
            (SyntheticRelease().every_state(), with_statements(SyntheticRelease().every_state()), later)
        )
    ]
    first, second, third = (release_at(release_dir(settings, one)) for one in ids)
    (fresh,) = [one for one in every_cause(third) if one.statement_id == "s4"]
    assert fresh.carried_from is None
    assert [one.carried_from for one in every_cause(second)] == [None] * 4, "none was in the first"
    assert {one.carried_from for one in every_cause(third)} == {None, second.release_id}
    carried = next(one for one in every_cause(third.seen_with(PUBLIC)) if one.statement_id == "s0")
    assert state_sentence(carried, Words("vi")).endswith(f"chuyển tiếp từ bản công bố {second.release_id}.")
    made = release_changes(first, second).of("statement")
    assert sorted(change.reason for change in made) == ["statement"] * 4
    moved = release_changes(second, third).of("statement")
    assert {change.row["statement_id"]: change.reason for change in moved} == {
        "s0": "cut_off",
        "s1": "statement",
        "s4": "statement",
    }
