"""The workbook of a release: every target with its assessment, every figure in force, milestones, sources, remarks.

Vietnamese with English headings; figures are numbers, shown with the decimals their publisher gave. What a page says
of a target stands here in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from reports.disclosure import NOT_PUBLIC_VALUE
from reports.milestone_facts import every_milestone, evidence
from reports.needs import needed_table, year_state
from reports.numbers import format_number
from reports.open_data.statements import clock, statements_of
from reports.open_data.tables import FIGURES
from reports.open_data.workbook_file import Number, SheetColumn, Value, workbook_file
from reports.periods import period_words
from reports.plan_words import plan_name
from reports.reading import is_confirmed
from reports.release_data import Release, Row
from reports.statements import card_reason, level_words, promise, reason_codes
from reports.target_facts import Need, TargetFacts, every_target
from reports.words import FAMILIES, Words

BATCH_ROWS = 20_000
# Figures the sheet shows. The format allows ten times as many, but nobody reads such a sheet, and it takes minutes to
# write and to open.
MOST_FIGURES = 100_000
AUTHOR = "ppw"
MIXED = 2
# Sheets by part: their titles.
TITLES: Mapping[str, str] = {
    "read_me": "Hướng dẫn - Read me",
    "targets": "Chỉ tiêu - Targets",
    "needed": "Mức cần đạt - Needed",
    "series": "Số liệu - Series",
    "milestones": "Công trình, mốc - Milestones",
    "sources": "Nguồn - Sources",
    "notes": "Ghi chú - Notes",
    "glossary": "Thuật ngữ - Glossary",
}
# The words a reader meets in the sheets, family by family.
GLOSSARY = ("level", "pace", "confidence", "maturity", "milestone", "reason")

Cells = Sequence[Value | Number]


def write_workbook(
    release: Release, tables: Mapping[str, Path], path: Path, most_rows: int = MOST_FIGURES
) -> int:
    """Write the workbook of a release as the public may see it; returns how many figures no longer fit its sheet.

    `tables`: the open tables, name -> Parquet file. Figures are read in batches.
    """
    words = Words("vi")
    figures = pq.ParquetFile(tables[FIGURES])
    n_figures = int(figures.metadata.num_rows)
    n_shown = min(n_figures, most_rows)
    said = statements_of(release, words)
    instant = datetime(*clock(release), tzinfo=UTC).replace(tzinfo=None)
    with workbook_file(path, said.title, said.review, AUTHOR, instant) as workbook:
        workbook.lines(TITLES["read_me"], _read_me(release, n_shown, n_figures), (34, 60, 60))
        targets = _targets(release, words)
        workbook.table(TITLES["targets"], TARGET_COLUMNS, targets, len(targets))
        needed = _needed(release, words)
        workbook.table(TITLES["needed"], NEEDED_COLUMNS, needed, len(needed))
        workbook.table(TITLES["series"], SERIES_COLUMNS, _series(release, figures, n_shown, words), n_shown)
        milestones = _milestones(release, words)
        workbook.table(TITLES["milestones"], MILESTONE_COLUMNS, milestones, len(milestones))
        sources = _sources(release, words)
        workbook.table(TITLES["sources"], SOURCE_COLUMNS, sources, len(sources))
        notes = _notes(release, words)
        workbook.table(TITLES["notes"], NOTE_COLUMNS, notes, len(notes))
        glossary = _glossary(release)
        workbook.table(TITLES["glossary"], GLOSSARY_COLUMNS, glossary, len(glossary))
    return n_figures - n_shown


def _read_me(release: Release, n_shown: int, n_figures: int) -> list[tuple[str, ...]]:
    vi, en = Words("vi"), Words("en")
    said_vi, said_en = (statements_of(release, words) for words in (vi, en))
    lines: list[tuple[str, ...]] = [
        (said_vi.title, "", said_en.title),
        (vi("open_data.sheet_review"), said_vi.review, said_en.review),
        (vi("open_data.sheet_plan"), said_vi.plan, said_en.plan),
        (vi("open_data.sheet_release"), release.release_id, release.digest),
        (vi("open_data.sheet_cut_off"), said_vi.cut_off, said_en.cut_off),
        (vi("open_data.sheet_rights"), said_vi.rights, said_en.rights),
        (vi("open_data.sheet_cite"), said_vi.citation, said_en.citation),
        (vi("open_data.sheet_numbers"), vi("open_data.numbers_rule"), en("open_data.numbers_rule")),
        (vi("open_data.sheet_texts"), vi("open_data.plain_rule"), en("open_data.plain_rule")),
    ]
    if n_shown < n_figures:
        told = [
            words(
                "open_data.cut_short",
                shown=format_number(n_shown, words.language),
                total=format_number(n_figures, words.language),
            )
            for words in (vi, en)
        ]
        lines.append((vi("open_data.sheet_limit"), *told))
    lines += [
        (title, vi(f"open_data.sheet_{part}"), en(f"open_data.sheet_{part}"))
        for part, title in TITLES.items()
    ]
    return lines


TARGET_COLUMNS = (
    SheetColumn("Chỉ tiêu", "Target", 44),
    SheetColumn("Tên tiếng Anh", "Name in English", 36),
    SheetColumn("Mã chỉ tiêu", "Target id", 18),
    SheetColumn("Lĩnh vực", "Domain", 16),
    SheetColumn("Văn bản", "Document", 24),
    SheetColumn("Mục", "Clause", 10),
    SheetColumn("Chỉ tiêu chủ yếu", "Headline", 10),
    SheetColumn("Mục tiêu đặt ra", "Promise", 34),
    SheetColumn("Giá trị mục tiêu, cận dưới", "Target value, lower", 14),
    SheetColumn("Giá trị mục tiêu, cận trên", "Target value, upper", 14),
    SheetColumn("Đơn vị của mục tiêu", "Unit of the target", 16),
    SheetColumn("Năm đầu", "First year", 9),
    SheetColumn("Năm đích", "Target year", 9),
    SheetColumn("Thực hiện", "Actual", 14),
    SheetColumn("Đơn vị của số thực hiện", "Unit of the actual", 16),
    SheetColumn("Kỳ của số thực hiện", "Period of the actual", 18),
    SheetColumn("Mức độ hoàn chỉnh", "Maturity", 14),
    SheetColumn("Nguồn của số thực hiện", "Source of the actual", 30),
    SheetColumn("Giá trị theo lộ trình", "Path value", 14),
    SheetColumn("Chênh lệch so với lộ trình", "Gap to the path", 14),
    SheetColumn("Cần mỗi năm", "Required per year", 14),
    SheetColumn("Cận được xét của khoảng", "End of the range that is judged", 14),
    SheetColumn("Mức đạt", "Level", 20),
    SheetColumn("Tiến độ", "Pace", 18),
    SheetColumn("Độ tin cậy", "Confidence", 12),
    SheetColumn("Lý do chưa đánh giá", "Reason not assessed", 30),
    SheetColumn("Mã lý do", "Reason code", 18),
    SheetColumn("Cách hiểu", "Reading", 20),
    SheetColumn("Nguyên văn", "Printed text", 60),
)


def _targets(release: Release, words: Words) -> list[Cells]:
    documents = {str(row["plan_version"]): plan_name(row, words) for row in release.rows("dim_plan_document")}
    sources = {str(row["source_id"]): words.pick(row, "title") for row in release.rows("dim_source")}
    return [_target(facts, documents, sources, words) for facts in every_target(release)]


def _target(
    facts: TargetFacts, documents: Mapping[str, str], sources: Mapping[str, str], words: Words
) -> list[Value | Number]:
    target, assessment, shown = facts.target, facts.assessment, facts.shown
    confidence = assessment.get("confidence")
    codes = reason_codes(facts)
    return [
        words.pick(target, "name"),
        target.get("name_en"),
        facts.target_id,
        words.of("domain", facts.domain),
        documents.get(facts.plan_version, facts.plan_version),
        str(target["clause"]),
        words("open_data.is_headline") if facts.headline else None,
        promise(facts, words),
        _number(target.get("value_low")),
        _number(target.get("value_high")),
        _unit(facts, target.get("unit"), words),
        target.get("period_start"),
        target.get("period_end"),
        Number(shown.value, shown.decimals) if shown else None,
        _unit(facts, shown.row.get("unit"), words) if shown else None,
        period_words(shown.period_id, words) if shown else None,
        words.of("maturity", shown.row.get("maturity") or "not_stated") if shown else None,
        sources.get(str(shown.row.get("source_id"))) if shown else None,
        _number(assessment.get("path_value"), MIXED),
        _number(assessment.get("gap"), MIXED),
        _number(assessment.get("required_per_year"), MIXED),
        next((words.of("need_end_short", n.bound) for n in _ends(facts) if n.is_assessed), None),
        level_words(facts, words),
        words.of("pace", assessment.get("pace_state") or "not_assessed"),
        words("target.confidence_value", letter=confidence, word=words.of("confidence", confidence))
        if confidence
        else None,
        card_reason(facts, words) or None,
        "; ".join(codes) or None,
        words("open_data.reading_confirmed" if is_confirmed(target) else "reading.proposed"),
        target.get("printed_text"),
    ]


def _ends(facts: TargetFacts) -> list[Need]:
    """The ends of a promised range; none where one value is promised."""
    return [need for need in facts.needs if need.bound != "only"]


NEEDED_COLUMNS = (
    SheetColumn("Chỉ tiêu", "Target", 44),
    SheetColumn("Mã chỉ tiêu", "Target id", 18),
    SheetColumn("Văn bản", "Document", 24),
    SheetColumn("Cận của khoảng", "End of the range", 14),
    SheetColumn("Giá trị mục tiêu", "Target value", 14),
    SheetColumn("Năm", "Year", 9),
    SheetColumn("Tình trạng của năm khi chốt số liệu", "How the year stands at the cut-off", 30),
    SheetColumn("Mức cần đạt", "Needed", 14),
    SheetColumn("Đơn vị", "Unit", 16),
    SheetColumn("Là mức của năm hay lượng trong năm", "Level of the year or amount in it", 20),
    SheetColumn("Cần bình quân mỗi năm", "Required per year", 14),
    SheetColumn("Tốc độ cần mỗi năm, %", "Required growth, % a year", 14),
    SheetColumn("Cách tính", "How", 60),
)


def _needed(release: Release, words: Words) -> list[Cells]:
    """What each coming year has to reach, as the pages of the targets have it."""
    documents = {str(row["plan_version"]): plan_name(row, words) for row in release.rows("dim_plan_document")}
    rows: list[Cells] = []
    for facts in every_target(release):
        told = needed_table(facts, release.cut_off, words)
        if isinstance(told, str):
            continue
        for need in facts.needs:
            end = None if need.bound == "only" else words.of("need_end_short", need.bound)
            for year, value in need.years:
                state = year_state(facts, year, release.cut_off)
                rows.append(
                    [
                        words.pick(facts.target, "name"),
                        facts.target_id,
                        documents.get(facts.plan_version, facts.plan_version),
                        end,
                        _number(need.goal),
                        year,
                        words.of("need_year", state),
                        _number(value, MIXED),
                        _unit(facts, need.unit, words),
                        words.of("need_kind", need.kind),
                        _number(need.per_year, MIXED),
                        _number(need.growth, MIXED),
                        " ".join(told.said),
                    ]
                )
    return rows


def _number(value: Any, decimals: int | None = None) -> Number | None:
    return None if value is None else Number(value, decimals)


def _unit(facts: TargetFacts, unit: Any, words: Words) -> str | None:
    row = facts.units.get(str(unit))
    return words.pick(row, "name") if row else None


SERIES_COLUMNS = (
    SheetColumn("Chỉ tiêu thống kê", "Indicator", 40),
    SheetColumn("Mã chỉ tiêu thống kê", "Indicator code", 20),
    SheetColumn("Địa bàn", "Area", 20),
    SheetColumn("Mã địa bàn", "Area id", 16),
    SheetColumn("Phân tổ", "Breakdown", 14),
    SheetColumn("Kỳ", "Period", 20),
    SheetColumn("Mã kỳ", "Period id", 12),
    SheetColumn("Giá trị", "Value", 14),
    SheetColumn("Như đã in", "As printed", 14),
    SheetColumn("Đơn vị tính", "Unit", 16),
    SheetColumn("Dạng số liệu", "Form", 14),
    SheetColumn("Mức độ hoàn chỉnh", "Maturity", 14),
    SheetColumn("Nguồn", "Source", 34),
    SheetColumn("Ngày công bố", "Published", 12),
    SheetColumn("Trích dẫn: nơi công bố", "Citation: publisher", 26),
    SheetColumn("Trích dẫn: nhan đề", "Citation: title", 40),
    SheetColumn("Trích dẫn: địa chỉ", "Citation: address", 34),
    SheetColumn("Trích dẫn: vị trí", "Citation: place", 20),
    SheetColumn("Ghi chú", "Note", 40),
)
_READ = (
    "indicator_code", "area_id", "breakdown", "period_id", "value", "value_text", "value_decimals", "unit", "form",
    "maturity", "source_id", "published_at", "citation_publisher", "citation_title", "citation_address",
    "citation_place", "note", "missing_code",
)  # fmt: skip


def _series(release: Release, figures: pq.ParquetFile, n_rows: int, words: Words) -> Iterator[Cells]:
    """The figures in force, batch by batch; names are looked up once."""
    names = {
        key: {str(row[key]): words.pick(row, name) for row in release.rows(table)}
        for table, key, name in (
            ("dim_indicator", "indicator_code", "name"),
            ("dim_area", "area_id", "name"),
            ("dim_breakdown", "breakdown", "name"),
            ("dim_unit", "unit", "name"),
            ("dim_source", "source_id", "title"),
        )
    }
    total, hidden = words("open_data.total"), words.of("missing", NOT_PUBLIC_VALUE)
    known = [name for name in _READ if name in figures.schema_arrow.names]
    maturities = {code: words.of("maturity", code) for code in FAMILIES["maturity"]}
    forms = {code: words.of("form", code) for code in FAMILIES["form"]}
    left = n_rows
    for batch in figures.iter_batches(batch_size=BATCH_ROWS, columns=known):
        for row in batch.slice(0, left).to_pylist():
            decimals = row["value_decimals"]
            closed = row.get("missing_code") == NOT_PUBLIC_VALUE
            yield [
                names["indicator_code"].get(row["indicator_code"]),
                row["indicator_code"],
                names["area_id"].get(row["area_id"]),
                row["area_id"],
                names["breakdown"].get(row["breakdown"], total),
                period_words(row["period_id"], words),
                row["period_id"],
                None if row["value"] is None else Number(row["value"], decimals),
                hidden if closed else row["value_text"],
                names["unit"].get(row["unit"]),
                forms.get(row["form"], row["form"]),
                maturities.get(row["maturity"] or "not_stated"),
                names["source_id"].get(row["source_id"]),
                row["published_at"],
                row.get("citation_publisher"),
                row.get("citation_title"),
                row.get("citation_address"),
                row.get("citation_place"),
                row.get("note"),
            ]
        left -= min(left, batch.num_rows)
        if left == 0:
            return


MILESTONE_COLUMNS = (
    SheetColumn("Công trình, mốc", "Milestone", 50),
    SheetColumn("Tên tiếng Anh", "Name in English", 40),
    SheetColumn("Mã", "Id", 18),
    SheetColumn("Lĩnh vực", "Domain", 16),
    SheetColumn("Mục", "Clause", 10),
    SheetColumn("Đến hạn", "Due", 12),
    SheetColumn("Tình trạng", "State", 20),
    SheetColumn("Căn cứ", "Evidence", 40),
    SheetColumn("Cơ quan chủ trì", "Responsible", 30),
    SheetColumn("Nguyên văn", "Printed text", 60),
)


def _milestones(release: Release, words: Words) -> list[Cells]:
    return [
        [
            words.pick(facts.target, "name"),
            facts.target.get("name_en"),
            facts.target_id,
            words.of("domain", facts.domain),
            str(facts.target["clause"]),
            facts.due,
            words.of("milestone", facts.state),
            evidence(facts, words),
            facts.target.get("responsible_vi"),
            facts.target.get("printed_text"),
        ]
        for facts in every_milestone(release)
    ]


SOURCE_COLUMNS = (
    SheetColumn("Nguồn", "Source", 46),
    SheetColumn("Tên tiếng Anh", "Title in English", 40),
    SheetColumn("Mã nguồn", "Source id", 22),
    SheetColumn("Nơi công bố", "Publisher", 34),
    SheetColumn("Loại", "Kind", 20),
    SheetColumn("Bậc", "Rank", 8),
    SheetColumn("Nguồn gốc", "Origin", 18),
    SheetColumn("Quyền sử dụng", "Licence", 60),
    SheetColumn("Nhịp công bố", "Cadence", 14),
    SheetColumn("Lần thu thập gần nhất", "Latest retrieval", 20),
    SheetColumn("Đến hạn", "Due", 9),
    SheetColumn("Đã nhận", "Received", 9),
    SheetColumn("Muộn", "Late", 9),
    SheetColumn("Thiếu", "Missing", 9),
)


def _sources(release: Release, words: Words) -> list[Cells]:
    return [
        [
            words.pick(row, "title"),
            row.get("title_en"),
            str(row["source_id"]),
            words.pick(row, "publisher"),
            words.of("publisher_kind", row["publisher_kind"]),
            row.get("rank"),
            words.of("origin", row["origin"]),
            row.get("licence"),
            words.of("cadence", row.get("cadence")),
            words.of("outcome", row.get("last_outcome")),
            *(row.get(name) for name in ("n_due", "n_received", "n_late", "n_missing")),
        ]
        for row in release.rows("dim_source")
    ]


NOTE_COLUMNS = (
    SheetColumn("Ghi nhận về", "About", 24),
    SheetColumn("Mã", "Id", 22),
    SheetColumn("Loại", "Kind", 24),
    SheetColumn("Nội dung", "Text", 80),
    SheetColumn("Tiếng Anh", "English", 80),
    SheetColumn("Văn bản", "Document", 24),
    SheetColumn("Mục", "Clause", 10),
    SheetColumn("Dòng", "Line", 8),
)


def _notes(release: Release, words: Words) -> list[Cells]:
    """Remarks on the wording of the plan, one row for each thing a remark is about, then our own notes on targets."""
    documents = {str(row["plan_version"]): plan_name(row, words) for row in release.rows("dim_plan_document")}
    notes = {
        (row["plan_version"], row["annotation_id"]): row for row in release.optional_rows("dim_annotation")
    }
    rows: list[Cells] = []
    for subject in release.optional_rows("dim_annotation_subject"):
        note: Row | None = notes.get((subject["plan_version"], subject["annotation_id"]))
        if note is None:
            continue
        rows.append(
            [
                words.of("annotation_touches", subject["subject_type"]),
                str(subject["subject_id"]),
                words.of("annotation", note["kind"]),
                words.pick(note, "text"),
                note.get("text_en"),
                documents.get(str(note["plan_version"])),
                note.get("clause"),
                note.get("line"),
            ]
        )
    for target in release.rows("fct_target"):
        if target.get("note_vi") or target.get("note_en"):
            rows.append(
                [
                    words.of("annotation_touches", "target"),
                    str(target["target_id"]),
                    words("open_data.our_note"),
                    words.pick(target, "note"),
                    target.get("note_en"),
                    documents.get(str(target["plan_version"])),
                    str(target["clause"]),
                    target.get("line"),
                ]
            )
    return rows


GLOSSARY_COLUMNS = (
    SheetColumn("Từ", "Word", 30),
    SheetColumn("Tiếng Anh", "English", 30),
    SheetColumn("Mã", "Code", 20),
    SheetColumn("Nghĩa", "Meaning", 80),
    SheetColumn("Nghĩa bằng tiếng Anh", "Meaning in English", 80),
)


def _glossary(release: Release) -> list[Cells]:
    """The words for states, maturity, confidence and reasons, with the limits that this release works with."""
    vi, en = Words("vi"), Words("en")
    return [
        [
            vi.of(family, code),
            en.of(family, code),
            code,
            _meaning(family, code, release, vi),
            _meaning(family, code, release, en),
        ]
        for family in GLOSSARY
        for code in FAMILIES[family]
    ]


def _meaning(family: str, code: str, release: Release, words: Words) -> str:
    parameters = release.parameters()
    limits = {name: parameters.get(f"band_{name}") for name in ("on_track", "slightly_behind", "behind")}
    limits["months"] = parameters.get("milestone_due_months")
    return words(
        f"{family}_meaning.{code}",
        **{name: format_number(value, words.language) for name, value in limits.items()},
    )
