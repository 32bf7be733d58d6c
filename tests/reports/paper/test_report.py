"""The printed report: PDF, Word and pages say the same; nothing of a source becomes code; the same bytes every time."""

from __future__ import annotations

import csv
import io
import logging
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import unescape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pdfplumber
import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from pdfplumber.page import Page

from expectations.gate.clearance import FULL, OFFICE, PUBLIC
from orchestration.printed_reports import Asked, build_report
from reports.numbers import format_number
from reports.paper.contents import Material, write_contents
from reports.paper.editions import EditionName, edition_of, editions_at
from reports.paper.files import material_of, parts_of, write_reports
from reports.paper.fonts import EMBEDDED_FAMILY, Face, has_every_letter, print_face
from reports.paper.model import Appendix, Column, Heading, Paper, Paragraph, Row, Table
from reports.paper.pdf import write_pdf
from reports.paper.report_file import FOLDER, WHOLE, ReportFile, editions_of
from reports.paper.sections import changes_table, weakest_first
from reports.paper.word import FEW_ROWS, LONG_CELL, write_word
from reports.plan_facts import target_key
from reports.release_data import Release, current_release, release_at
from reports.statements import bucket_counts, figure, level_words, promise, shown_period
from reports.target_facts import TargetFacts
from reports.words import Words
from store.releases import list_files_again, release_dir, verify
from store.settings import Settings
from tests.reports.conftest import Show

VIETNAMESE = Words("vi")
HOSTILE = (
    '#read("/etc/passwd")',
    "=1+1",
    "]",
    "*b* _i_ $x$ @ref <label> `raw` \\n // end",
    "{ PAGE }",
    "&lt;b>",
)


def plain(text: str | None) -> str:
    return " ".join((text or "").replace("\u00a0", " ").split())


def squeezed(text: str) -> str:
    """A text without the spaces and line breaks that its layout put in or took out."""
    return "".join(text.split())


@pytest.fixture(scope="module")
def release(synthetic_home: Path) -> Release:
    found = current_release(Settings(home=synthetic_home))
    assert found is not None
    return found.seen_with(PUBLIC)


@pytest.fixture(scope="module")
def settings(synthetic_home: Path) -> Settings:
    return Settings(home=synthetic_home)


@pytest.fixture(scope="module")
def material(release: Release) -> Material:
    return material_of(release, None, VIETNAMESE)[0]


@pytest.fixture(scope="module")
def annual(material: Material, release: Release, settings: Settings) -> Paper:
    (edition,) = [edition for edition in editions_of(release) if edition.name == "annual"]
    return write_contents(material, edition, WHOLE, settings, VIETNAMESE)


@pytest.fixture(scope="module")
def pdf(annual: Paper) -> bytes:
    return write_pdf(annual, print_face())


@pytest.fixture(scope="module")
def docx(annual: Paper) -> bytes:
    return write_word(annual)


@dataclass(frozen=True)
class PdfPage:
    """A page of the PDF: its words, its tables where it is set across, the fonts and sizes of its letters."""

    text: str
    tables: list[list[list[str]]]
    size: tuple[int, int]
    letters: set[tuple[str, float]]


def _tables(page: Page) -> list[list[list[str]]]:
    return [[[cell or "" for cell in row] for row in table] for table in page.extract_tables()]


@pytest.fixture(scope="module")
def pages(pdf: bytes) -> list[PdfPage]:
    with pdfplumber.open(io.BytesIO(pdf)) as file:
        return [
            PdfPage(
                page.extract_text(),
                _tables(page) if page.width > page.height else [],
                (round(page.width), round(page.height)),
                {(char["fontname"].partition("+")[2].partition("-")[0], char["size"]) for char in page.chars},
            )
            for page in file.pages
        ]


def pdf_rows(pages: Sequence[PdfPage], n_columns: int) -> list[list[str]]:
    """The rows of the tables of so many columns; a row that is the header comes once a page."""
    return [row for page in pages for table in page.tables for row in table if len(row) == n_columns]


def docx_rows(content: bytes, n_columns: int) -> list[list[str]]:
    tables: Sequence[WordTable] = Document(io.BytesIO(content)).tables
    return [
        [cell.text for cell in row.cells]
        for table in tables
        for row in table.rows
        if len(row.cells) == n_columns
    ]


def expected_row(number: int, facts: TargetFacts) -> list[str]:
    """What the annex must say of a target, from the functions the pages use."""
    shown = facts.shown
    pace = str(facts.assessment.get("pace_state") or "not_assessed")
    said = [
        str(number),
        VIETNAMESE.pick(facts.target, "name"),
        promise(facts, VIETNAMESE),
        figure(shown, facts, VIETNAMESE) if shown else VIETNAMESE("none"),
        shown_period(facts, VIETNAMESE) if shown else VIETNAMESE("card.no_figure"),
        level_words(facts, VIETNAMESE),
        VIETNAMESE.of("pace", pace),
    ]
    return [squeezed(text) for text in said]


def told(row: list[str]) -> list[str]:
    """The same parts of a row of the annex; the period without the maturity beside it."""
    period = re.sub(r"\s\([^)]*\)$", "", row[5])
    return [squeezed(text) for text in (row[0], row[1], row[3], row[4], period, row[6], row[7])]


def test_pdf_and_word_say_of_every_target_what_the_pages_say(
    material: Material, pages: list[PdfPage], docx: bytes
) -> None:
    domains = weakest_first(material.targets)
    ordered = [facts for domain in domains for facts in material.targets if facts.domain == domain]
    expected = [expected_row(number, facts) for number, facts in enumerate(ordered, start=1)]
    assert len(expected) == len(material.targets) > 20

    for rows in (pdf_rows(pages, 10), docx_rows(docx, 10)):
        assert [told(row) for row in rows if row[0].isdigit()] == expected


def test_the_overview_shows_the_figures_that_the_report_prints(show: Show, docx: bytes) -> None:
    printed = {
        plain(row[1]): [plain(row[4]), plain(row[3])] for row in docx_rows(docx, 10) if row[0].isdigit()
    }
    html = show().html
    shown = {}
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", html[html.index("ppw-list") :], flags=re.DOTALL):
        cells = re.findall(r"<t[dh].*?</t[dh]>", row, flags=re.DOTALL)
        words = [plain(unescape(re.sub(r"<[^>]+>", " ", cell))) for cell in cells]
        for name in printed:
            if words and words[0].startswith(name):
                shown[name] = words
    assert shown.keys() == printed.keys()
    assert [name for name in printed if not set(printed[name]) <= set(shown[name])] == []


def test_the_open_data_has_the_figures_that_the_report_prints(
    release: Release, material: Material, docx: bytes, tmp_path: Path
) -> None:
    if find_spec("reports.open_data") is None:
        pytest.skip("there are no open data files to compare with yet")
    write = import_module("reports.open_data.write").write_open_data
    with (write(release, tmp_path / "open") / "csv" / "fct_assessment.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = {(row["plan_version"], row["target_id"]): row for row in csv.DictReader(file)}
    printed = {row[1]: row for row in docx_rows(docx, 10) if row[0].isdigit()}
    compared = 0
    for facts in material.targets:
        row, line = rows[target_key(facts.target)], printed[VIETNAMESE.pick(facts.target, "name")]
        assert line[6].startswith(VIETNAMESE.of("level", row["level_state"])), facts.target_id
        assert line[7] == VIETNAMESE.of("pace", row["pace_state"]), facts.target_id
        value = row["actual_value"] or row["latest_known_value"]
        if value and facts.shown is not None:
            assert format_number(value, "vi", facts.shown.decimals) in line[4], facts.target_id
            compared += 1
    assert compared > 10


def test_what_is_printed_is_the_same_every_time(annual: Paper, pdf: bytes, docx: bytes) -> None:
    assert write_pdf(annual, print_face()) == pdf
    assert write_word(annual) == docx


def small(*blocks: Heading | Paragraph | Table, paper: Paper, appendices: Sequence[Appendix] = ()) -> Paper:
    return replace(paper, blocks=blocks, appendices=appendices)


def test_words_of_a_source_stay_words(annual: Paper) -> None:
    table = Table(
        HOSTILE[0], [Column(text, 1) for text in HOSTILE], [Row(HOSTILE), Row([HOSTILE[0]], is_group=True)]
    )
    blocks: list[Heading | Paragraph | Table] = [Heading(1, HOSTILE[0]), table]
    blocks += [Paragraph(text, label=text) for text in HOSTILE]
    paper = small(*blocks, paper=annual, appendices=[Appendix(HOSTILE[0], HOSTILE[1], [table], is_wide=True)])

    with pdfplumber.open(io.BytesIO(write_pdf(paper, print_face()))) as file:
        text = plain("".join(page.extract_text(layout=False) for page in file.pages))
    word = Document(io.BytesIO(write_word(paper)))
    said = [paragraph.text for paragraph in word.paragraphs]
    for hostile in HOSTILE:
        assert text.count(hostile) >= 2, hostile
        assert f"{hostile} {hostile}" in said
    assert [cell.text for cell in word.tables[1].rows[1].cells] == list(HOSTILE)
    with zipfile.ZipFile(io.BytesIO(write_word(paper))) as package:
        assert b"instrText" not in package.read("word/document.xml")


def test_letters_that_xml_cannot_hold_do_not_break_a_file(annual: Paper) -> None:
    text = "trước\x00\x0b\x1f\ud800\ufffe\uffffsau"
    paper = replace(small(Paragraph(text), paper=annual), title=text, mark=text)
    assert "trướcsau" in [p.text for p in Document(io.BytesIO(write_word(paper))).paragraphs]
    assert b"pdfuaid" in write_pdf(paper, print_face())


def test_every_page_says_which_release_it_is_of_and_that_nobody_reviewed_it(
    annual: Paper, pages: list[PdfPage], release: Release
) -> None:
    texts = [page.text for page in pages]
    assert len(texts) > 5
    for text in texts:
        assert release.release_id in text
        assert VIETNAMESE("paper.mark") in text
    assert texts[1].splitlines()[0].startswith("2")
    assert not texts[0].splitlines()[0].startswith("1")

    word = Document(io.BytesIO(write_word(annual))).sections[0]
    for part in (word.first_page_header, word.header):
        assert VIETNAMESE("paper.mark") in [paragraph.text for paragraph in part.paragraphs]
    for foot in (word.first_page_footer, word.footer):
        assert release.release_id in foot.paragraphs[0].text


def test_a_reviewed_report_has_no_mark_and_one_not_for_everybody_says_so(
    release: Release, settings: Settings, material: Material
) -> None:
    edition = editions_of(release)[0]

    def mark_of(one: Release) -> str:
        return write_contents(replace(material, release=one), edition, WHOLE, settings, VIETNAMESE).mark

    reviewed = replace(release, manifest=release.manifest.model_copy(update={"review_policy": "two"}))
    assert mark_of(reviewed) == ""
    assert mark_of(reviewed.seen_with(FULL)) == VIETNAMESE("paper.for_reviewers")
    assert mark_of(release) == VIETNAMESE("paper.mark")


def test_the_organ_stands_over_the_report_when_it_is_set_and_dots_when_not(
    annual: Paper, release: Release, synthetic_home: Path, material: Material
) -> None:
    assert "……" in annual.head.organ
    assert annual.head.parent_organ == ""
    named = Settings(
        home=synthetic_home, report_organ="Sở Giả lập", report_place="Nơi giả lập", report_symbol="BC-SGL"
    )
    paper = write_contents(material, editions_of(release)[0], WHOLE, named, VIETNAMESE)
    assert (paper.head.organ, paper.head.number) == ("SỞ GIẢ LẬP", "Số:        /BC-SGL")
    assert paper.head.place_and_date.startswith("Nơi giả lập, ngày")


def test_the_page_is_laid_out_as_the_decree_asks(docx: bytes, pages: list[PdfPage]) -> None:
    word = Document(io.BytesIO(docx))
    first = word.sections[0]
    sizes = (first.page_width, first.page_height, first.left_margin, first.right_margin, first.top_margin)
    assert [round(size.mm) if size is not None else None for size in sizes] == [210, 297, 30, 15, 20]
    assert word.styles["Normal"].font.name == "Times New Roman"
    assert pages[0].size == (595, 842)
    letters = set().union(*(page.letters for page in pages))
    assert {font for font, _ in letters} == {print_face().family.replace(" ", "")}
    assert min(size for _, size in letters) >= 9


def test_a_few_short_rows_stay_on_one_page(docx: bytes) -> None:
    short, long = 0, 0
    for table in Document(io.BytesIO(docx)).tables:
        if table._tbl.find(qn("w:tr")).find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is None:
            continue  # what stands side by side, like the heading
        kept = [
            all(
                paragraph.paragraph_format.keep_with_next
                for cell in row.cells
                for paragraph in cell.paragraphs
            )
            for row in table.rows
        ]
        if len(table.rows) <= FEW_ROWS + 1 and all(
            len(c.text) <= LONG_CELL for row in table.rows for c in row.cells
        ):
            short += 1
            assert kept == [True] * (len(table.rows) - 1) + [False]
        else:
            long += 1
            assert not kept[0]
    assert short and long


def test_a_picture_says_in_words_what_it_shows(material: Material, docx: bytes) -> None:
    described = re.findall(
        r'descr="([^"]+)"', zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml").decode()
    )
    assert set(described) == {picture.alt for picture in material.pictures.values()}
    assert len(described) > 3


def test_the_parts_together_are_the_whole(material: Material, release: Release, settings: Settings) -> None:
    parts = parts_of(material)
    domains = [part for part in parts if part.kind == "domain"]
    of_domains = [facts.target_id for facts in material.targets for part in domains if part.holds(facts)]
    assert sorted(of_domains) == sorted(facts.target_id for facts in material.targets)
    assert len({(part.kind, part.key) for part in parts}) == len(parts)
    for part in parts:
        assert part.key.isascii() and part.key
        paper = write_contents(material, editions_of(release)[0], part, settings, VIETNAMESE)
        held = [facts for facts in material.targets if part.holds(facts)]
        numbers = [
            row.cells[0]
            for appendix in paper.appendices[:1]
            for table in appendix.blocks
            if isinstance(table, Table) and len(table.columns) == 10
            for row in table.rows
            if not row.is_group
        ]
        assert len(numbers) == len(held)


def test_every_headline_of_a_domain_is_told_however_many_there_are(
    material: Material, release: Release, settings: Settings
) -> None:
    headline = next(facts for facts in material.targets if facts.headline)
    many = [replace(headline, target={**headline.target, "name_vi": f"synthetic {n}"}) for n in range(50)]
    paper = write_contents(
        replace(material, targets=many), editions_of(release)[0], WHOLE, settings, VIETNAMESE
    )
    told = [block.text for block in paper.blocks if isinstance(block, Heading) and block.level == 3]
    assert (told[0], told[21], told[22], told[44]) == (
        "a) synthetic 0",
        "y) synthetic 21",
        "aa) synthetic 22",
        "aaa) synthetic 44",
    )
    assert len(told) == 50


def test_what_changed_is_told_by_figure_and_result(material: Material) -> None:
    now = material.targets
    assert changes_table(now, now, "", VIETNAMESE) is None
    old = replace(now[0], assessment={**now[0].assessment, "bucket": "not_assessed"})
    table = changes_table([old, *now[1:]], now, "", VIETNAMESE)
    assert table is not None
    (row,) = table.rows
    assert row.cells[0] == VIETNAMESE.pick(now[0].target, "name")
    assert row.cells[1].endswith(VIETNAMESE.of("bucket", "not_assessed"))


def test_weak_domains_come_first_and_those_without_results_last(material: Material) -> None:
    def counts(domain: str) -> dict[str, int]:
        return bucket_counts([facts for facts in material.targets if facts.domain == domain])

    ordered = [counts(domain) for domain in weakest_first(material.targets)]
    assessed = [sum(of.values()) > of["not_assessed"] for of in ordered]
    assert assessed == sorted(assessed, reverse=True)
    away = [of["moving_away"] for of, has in zip(ordered, assessed, strict=True) if has]
    assert away == sorted(away, reverse=True)


@pytest.mark.parametrize(
    ("name", "cut_off", "years"),
    [
        ("annual", date(2026, 12, 13), (2025, 2025)),
        ("annual", date(2026, 12, 14), (2026, 2026)),
        ("half-year", date(2026, 6, 13), (2025, 2025)),
        ("half-year", date(2026, 6, 14), (2026, 2026)),
        ("five-year", date(2025, 12, 13), None),
        ("five-year", date(2025, 12, 14), (2021, 2025)),
        ("five-year", date(2030, 12, 13), (2021, 2025)),
        ("five-year", date(2030, 12, 14), (2026, 2030)),
        ("annual", date(2021, 6, 1), None),
    ],
)
def test_an_edition_is_of_the_last_closed_period(
    name: EditionName, cut_off: date, years: tuple[int, int] | None
) -> None:
    edition = edition_of(name, cut_off, 2021)
    assert (None if edition is None else (edition.first_year, edition.last_year)) == years


@pytest.mark.parametrize(
    ("cut_off", "default"),
    [
        (date(2026, 11, 22), "half-year"),
        (date(2026, 12, 20), "annual"),
        (date(2026, 1, 10), "five-year"),
    ],
)
def test_the_default_edition_was_closed_last(cut_off: date, default: str) -> None:
    assert editions_at(cut_off, 2021)[0].name == default


def test_editions_set_side_by_side_what_they_compare() -> None:
    compared = {edition.name: edition.compared_periods for edition in editions_at(date(2026, 11, 22), 2021)}
    assert compared == {
        "annual": ("2024", "2025"),
        "half-year": ("2025-H1", "2026-H1"),
        "five-year": ("2021", "2022", "2023", "2024", "2025"),
    }


def test_a_file_says_for_whom_it_is_and_takes_no_place_of_another(
    release: Release, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = editions_of(release)[0]
    names = {
        ReportFile(edition, WHOLE, "docx", words.language, clearance).name
        for words in (VIETNAMESE, Words("en"))
        for clearance in (PUBLIC, OFFICE, FULL)
    }
    assert len(names) == 6
    monkeypatch.chdir(tmp_path)
    public = tmp_path / ReportFile(edition, WHOLE, "docx").name
    public.write_text("synthetic")
    asked = Asked(edition.name, None, None, "docx", "vi", PUBLIC)
    with pytest.raises(FileExistsError, match="name the file to write with --out"):
        build_report(settings, release.directory, asked, None)
    built = build_report(settings, release.directory, replace(asked, clearance=FULL), None)
    assert built["file"] == public.name.replace(".docx", "-full.docx")
    assert public.read_text() == "synthetic"


def test_a_font_is_tried_and_not_believed(system_part: Callable[[str, bool], None]) -> None:
    assert has_every_letter(Face(EMBEDDED_FAMILY, None))
    assert not has_every_letter(Face("A family that is nowhere", None))
    assert has_every_letter(print_face())
    without_letters = Path("/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf")
    if without_letters.is_file() and print_face().folder not in (None, without_letters.parent):
        assert not has_every_letter(Face("Liberation Serif", without_letters.parent))
    system_part("a serif as wide as Times New Roman (fonts-liberation2)", print_face().is_metric)


def test_a_letter_that_the_font_lacks_is_said_and_stops_nothing(
    annual: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        content = write_pdf(small(Paragraph("Trích 漢字"), paper=annual), print_face())
    assert content.startswith(b"%PDF")
    assert "could not be displayed" in caplog.text


def test_a_sealed_candidate_takes_the_report_in_and_stays_whole(
    synthetic_home: Path, release: Release, tmp_path: Path
) -> None:
    settings = Settings(home=synthetic_home, report_files="whole")
    candidate = tmp_path / release.release_id
    shutil.copytree(release_dir(settings, release.release_id), candidate)
    written = write_reports(candidate, None, settings)
    listed = list_files_again(candidate)

    assert {path.name for path in written} == {
        f"report-{name}.{form}"
        for name in ("half-year-2026", "five-year-2021-2025", "annual-2025")
        for form in ("pdf", "docx")
    }
    assert {f"{FOLDER}/{path.name}" for path in written} <= set(listed.files)
    assert listed.content_digest == release.manifest.content_digest
    assert verify(candidate) == listed
    assert release_at(candidate).release_id == release.release_id
