"""The page of downloads: the files that a reader is cleared for, each as the manifest has it, of any release."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path

import pytest

import reports.release_files
import reports.views.downloads
from expectations.gate.clearance import FULL, PUBLIC
from expectations.gate.publication import Notice
from reports.frame import Page
from reports.open_data.write import write_open_data
from reports.paper.report_file import known_reports
from reports.release_data import Release, ReleaseUnreadable, current_release
from reports.release_files import OPEN_DATA, TABLES, ReleaseFile, bundle, bundled, content, files_for
from reports.static_edition.write import FOLDER as STATIC
from reports.views.downloads import release_items
from reports.words import Words
from store.releases import list_files_again, verify
from store.settings import Settings
from tests.reports.conftest import Show
from tests.reports.make_release import publish_synthetic


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with open data, a page of the edition, a paper, a quality report and a file that no kind names."""
    home = tmp_path_factory.mktemp("downloads") / "home"
    publish_synthetic(Settings(home=home))
    release = current_release(Settings(home=home))
    assert release is not None
    write_open_data(release, release.directory / OPEN_DATA, ["xlsx", "sdmx-csv"])
    for name in (
        f"{STATIC}/index.html",
        "paper/report-synthetic.pdf",
        "quality/index.html",
        "secret/other.txt",
    ):
        path = release.directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"synthetic {name}", encoding="utf-8")
    list_files_again(release.directory)
    return home


def release_of(home: Path) -> Release:
    found = current_release(Settings(home=home))
    assert found is not None
    return found


def test_files_listed_again_are_those_of_the_release(home: Path) -> None:
    assert verify(release_of(home).directory).files.keys() >= {
        "open_data/plan-data.xlsx",
        "paper/report-synthetic.pdf",
    }


def test_whoever_sees_only_what_is_public_is_offered_no_other_file(home: Path) -> None:
    public = files_for(release_of(home).seen_with(PUBLIC))
    assert list(public) == ["paper", "xlsx", "static", "sdmx"]
    full = files_for(release_of(home).seen_with(FULL))
    assert set(full) - set(public) == {"quality", TABLES}
    assert {one.name for one in full[TABLES]} >= {"fct_observation.parquet", "fct_finding.parquet"}
    offered = [one.name for files in full.values() for one in files]
    assert "secret/other.txt" not in offered


def test_an_archive_has_the_bytes_of_the_release_and_is_the_same_each_time(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = release_of(home).seen_with(PUBLIC)
    files = files_for(release)
    with bundle(release, "static", files["static"]) as first:
        packed = first.read()
    monkeypatch.setattr(reports.release_files, "_archives", OrderedDict())
    with bundle(release, "static", files["static"]) as second:
        assert packed == second.read()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        # The edition links to the open data.
        assert {f"{STATIC}/index.html", "open_data/plan-data.xlsx"} <= set(archive.namelist())
        for one in files["sdmx"]:
            assert hashlib.sha256(archive.read(one.name)).hexdigest() == one.sha256


def test_an_archive_is_made_once_and_a_broken_one_leaves_nothing_behind(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reports.release_files, "_archives", OrderedDict())
    monkeypatch.setattr(reports.release_files, "_temporary_folder", lambda: tmp_path)
    release = release_of(home)
    files = files_for(release)["sdmx"]
    with bundle(release, "sdmx", files) as first, bundle(release, "sdmx", files) as second:
        assert first.name == second.name
    (made,) = tmp_path.iterdir()
    changed = [*files, ReleaseFile("paper/report-synthetic.pdf", 1, "0" * 64)]
    with pytest.raises(ReleaseUnreadable, match="restore the release"):
        bundle(release, "sdmx", changed)
    assert list(tmp_path.iterdir()) == [made]


def test_the_size_of_the_edition_counts_the_open_data_packed_with_it(home: Path) -> None:
    release = release_of(home)
    files = files_for(release)["static"]
    with bundle(release, "static", files) as packed, zipfile.ZipFile(packed) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    assert sum(one.size_bytes for one in bundled(release, "static", files)) == unpacked
    assert unpacked > sum(one.size_bytes for one in files)


def test_what_is_too_large_for_one_archive_is_offered_file_by_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    offered: list[str] = []
    monkeypatch.setattr(Page, "write", lambda self, *content, classes="": said.extend(map(str, content)))
    monkeypatch.setattr(reports.views.downloads, "_button", lambda page, name, *_: offered.append(name))
    release = release_of(home)
    page = Page("downloads", Words("vi"), release, release.cut_off, "light")
    files = files_for(release)[TABLES]
    reports.views.downloads.offer_kind(page, TABLES, files)
    assert len(offered) == 1 and "không gộp thành một tệp nén" not in "".join(said)
    monkeypatch.setattr(reports.views.downloads, "MOST_BUNDLED_BYTES", 0)
    reports.views.downloads.offer_kind(page, TABLES, files)
    assert len(offered) == 1 and "không gộp thành một tệp nén" in "".join(said)


def test_a_retracted_release_is_listed_as_retracted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, release = Settings(home=home), release_of(home)
    page = Page("downloads", Words("vi"), release, release.cut_off, "light")
    assert "ppw-notice" not in "".join(release_items(page, settings))
    told = Notice("retracted", datetime(2026, 11, 23, tzinfo=UTC), "lý do giả lập")
    monkeypatch.setattr(reports.views.downloads, "notices_of", lambda settings, release_id: [told])
    (item,) = release_items(page, settings)
    assert "lý do giả lập" in item


def test_a_file_that_was_changed_is_not_handed_out(home: Path) -> None:
    release = release_of(home)
    with pytest.raises(ReleaseUnreadable, match="restore the release"):
        content(release, ReleaseFile("paper/report-synthetic.pdf", 1, "0" * 64))
    with pytest.raises(ReleaseUnreadable, match="cannot be read"):
        content(release, ReleaseFile("paper/none.pdf", 1, "0" * 64))


def test_the_page_offers_each_kind_with_size_digest_and_citation(home: Path, show: Show) -> None:
    shown = show("downloads", home=home)
    assert not shown.failed
    release = release_of(home)
    workbook = release.manifest.files["open_data/plan-data.xlsx"]
    assert workbook.sha256 in shown.html
    assert release.release_id in shown.words and "Chưa được rà soát" in shown.words
    labels = [str(getattr(button, "label", "")) for button in shown.app.get("download_button")]
    assert any("report-synthetic.pdf" in label for label in labels)
    assert any("plan-data.xlsx" in label for label in labels)
    assert not any("quality" in label for label in labels)
    assert "Bảng tính Excel" in shown.headers and "Báo cáo chất lượng" not in shown.headers


def test_reports_are_offered_by_name_and_a_part_by_choice(tmp_path: Path, show: Show) -> None:
    home = tmp_path / "home"
    publish_synthetic(Settings(home=home))
    release = release_of(home)
    every = known_reports(release)
    assert every
    for path in every:
        file = release.directory / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"synthetic {path}", encoding="utf-8")
    list_files_again(release.directory)
    shown = show("downloads", home=home)
    assert not shown.failed
    labels = [str(getattr(button, "label", "")) for button in shown.app.get("download_button")]
    whole = {one.edition.period(Words("vi")) for one in every.values()}
    for period in whole:
        assert any(label.startswith(f"Báo cáo {period} · PDF (") for label in labels)
        assert any(label.startswith(f"Báo cáo {period} · Word (") for label in labels)
    # The files of the report have no button by their names, but each stands in the list with its digest.
    assert not any(path.rpartition("/")[2] in label for path in list(every)[:6] for label in labels[:8])
    assert all(release_of(home).manifest.files[path].sha256 in shown.html for path in every)
    (part,) = [box for box in shown.app.selectbox if box.label == "Phần theo lĩnh vực hoặc cơ quan"]
    assert not any("report-" in option for option in part.options)
