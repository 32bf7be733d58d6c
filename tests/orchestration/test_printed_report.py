"""The report in the first release, and reports built of it by name."""

import io
from pathlib import Path

import pdfplumber
import pytest
from docx import Document

from reports.milestone_facts import every_milestone
from reports.paper.contents import read_material
from reports.paper.files import parts_of
from reports.paper.report_file import FOLDER, editions_of
from reports.release_data import release_at
from store.releases import release_dir
from store.settings import Settings
from tests.orchestration.conftest import Answer, current, ppw

pytestmark = pytest.mark.integration

Run = tuple[Path, Answer]


def test_the_release_carries_every_edition_and_every_part_of_the_default_one(first_run: Run) -> None:
    release = release_at(release_dir(Settings(home=first_run[0]), current(first_run[0])))
    material, editions = read_material(release, None, {}), editions_of(release)
    listed = ppw(first_run[0], "report", "list", "--json").json

    names = [Path(row["file"]).name for row in listed["files"]]
    assert len(names) == 2 * (len(editions) + len(parts_of(material)))
    assert all(name.isascii() for name in names)
    assert [row["edition"] for row in listed["editions"]] == [edition.name for edition in editions]
    assert len(every_milestone(release)) > 200
    with pdfplumber.open(release.directory / FOLDER / "report-annual-2025.pdf") as file:
        first = file.pages[0].extract_text()
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in first
    assert "Quy hoạch tỉnh Cao Bằng" in first


def test_a_report_is_built_by_name_and_what_there_is_not_is_said(first_run: Run, tmp_path: Path) -> None:
    home, out = first_run[0], tmp_path / "health.docx"
    built = ppw(
        home, "report", "build", "--department", "so-y-te", "--format", "docx", "--out", str(out), "--json"
    )
    assert built.code == 0, built.err
    assert built.json["size_bytes"] == out.stat().st_size
    said = [paragraph.text for paragraph in Document(io.BytesIO(out.read_bytes())).paragraphs]
    assert "(Trích phần các chỉ tiêu do Sở Y tế giữ số liệu hoặc chủ trì)" in said

    refused = ppw(home, "report", "build", "--domain", "nowhere", "--out", str(tmp_path / "x.pdf"))
    assert refused.code == 1
    assert "there are: economy" in refused.err
    assert ppw(home, "report", "build", "--domain", "health", "--department", "so-y-te").code == 2
