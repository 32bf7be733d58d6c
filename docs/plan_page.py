"""Writes `docs/plan.md`: every plan document clause by clause, to be held beside the text itself.

Vietnamese first, English under it. The page says what the plan tables say and nothing of how a target stands.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reports.numbers import format_date, format_number, with_unit
from reports.plan_words import plan_name
from reports.reading import confirmation, is_confirmed, milestone_entries, reading_entries, reading_note
from reports.statements import promise
from reports.target_facts import TargetFacts
from reports.words import Words
from sources.plan.ledger import counts_by_use
from sources.plan.plan import Plan
from sources.plan.reading import load_plans
from sources.plan.rows import CsvRow
from sources.plan.targets import PlanMilestone, PlanTarget
from store.settings import Settings

Row = Mapping[str, Any]

VIETNAMESE, ENGLISH = Words("vi"), Words("en")
USES = {
    "target": "con số của chỉ tiêu / value of a target",
    "target_term": "kỳ, đơn vị, mẫu số của chỉ tiêu / period, unit or denominator of a target",
    "milestone": "công trình, mốc / milestone",
    "milestone_term": "năm hạn, cấp, quy mô trong công trình, mốc / year, class or size inside a milestone",
    "list_member": "mục của một danh mục / member of a list",
    "legal_reference": "dẫn chiếu văn bản / legal reference",
    "date": "ngày tháng / date",
    "plan_period": "thời kỳ của chính quy hoạch / period of the plan itself",
    "section_number": "số mục / section number",
    "name": "số trong tên riêng / number in a proper name",
    "unit_exponent": "số mũ của đơn vị / exponent of a unit",
    "situation": "mô tả hiện trạng / what is, not a promise",
    "zoning": "phân chia lãnh thổ, liệt kê cái đang có / division of territory, things that exist",
    "indefinite": "số không xác định (“một số”) / indefinite",
    "generic": "số trong câu chung, không kiểm được / number in a general phrase",
}


def plan_page(settings: Settings) -> str:
    """The whole page, Markdown. ValueError when a plan table cannot be read: nothing is left out in silence."""
    found = load_plans(settings.project_root / "sources" / "plans")
    if found.problems:
        raise ValueError(
            f"{len(found.problems)} problem(s) in sources/plans, the first: {found.problems[0]}; "
            "mend the plan tables, then run `make docs`"
        )
    units = _units(settings)
    documents = sorted(
        found.plans.values(),
        key=lambda plan: (-len(plan.targets), -plan.document.period_start, plan.document.plan_version),
    )
    parts = [
        "# Quy hoạch dưới dạng dữ liệu / The plan as data",
        "",
        "Do `make docs` viết ra từ các bảng trong `sources/plans`; không sửa ở đây. "
        "Mỗi chỉ tiêu và công trình, mốc đứng trong mục của văn bản, theo số dòng của bản văn bản đã đọc, "
        "để đặt cạnh văn bản mà đối chiếu. Phần “in là” là vài chữ quanh con số như đã in; "
        "mọi phần khác là lời của hệ thống.",
        "",
        "Written by `make docs` from the tables in `sources/plans`; do not edit here. "
        "Each target and milestone stands in its clause, by the line of the text that was read, "
        "so that the page can be held beside the document. “In là” (printed) is the few words around the figure; "
        "everything else is our own wording.",
        "",
        "| văn bản / document | chỉ tiêu có con số / targets with values | công trình, mốc / milestones | "
        "ghi nhận / annotations | danh mục / lists | mục trong sổ số / ledger entries |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    parts += [_summary(plan) for plan in documents]
    for plan in documents:
        parts += _document(plan, units)
    return "\n".join(parts) + "\n"


def _units(settings: Settings) -> dict[str, dict[str, Any]]:
    path = settings.project_root / "dbt_project" / "seeds" / "unit.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["unit"]: dict(row) for row in csv.DictReader(file)}


def _summary(plan: Plan) -> str:
    name = plan_name(plan.document.model_dump(), VIETNAMESE)
    if not plan.document.targets_transcribed:
        return f"| {name} | chưa nhập / not transcribed | | | | |"
    counts = (plan.targets, plan.milestones, plan.annotations, plan.lists, plan.ledger)
    return f"| {name} | " + " | ".join(str(len(rows)) for rows in counts) + " |"


def _document(plan: Plan, units: dict[str, dict[str, Any]]) -> list[str]:
    document = plan.document
    row = document.model_dump()
    facts = [
        VIETNAMESE.of("plan_kind", document.kind),
        VIETNAMESE.of("legal_status", document.legal_status),
        VIETNAMESE("period.span", first=document.period_start, last=document.period_end),
    ]
    facts_en = [
        ENGLISH.of("plan_kind", document.kind),
        ENGLISH.of("legal_status", document.legal_status),
        ENGLISH("period.span", first=document.period_start, last=document.period_end),
    ]
    if document.adopted_on:
        facts.insert(0, format_date(document.adopted_on))
        facts_en.insert(0, format_date(document.adopted_on))
    parts = ["", f"## {plan_name(row, VIETNAMESE)}", "", f"{document.title_vi}. {'; '.join(facts)}.", ""]
    parts += [f"*{document.title_en}. {'; '.join(facts_en)}.*"]
    for note in (document.note_vi, document.note_en):
        parts += ["", _one_line(note)] if note else []
    if not document.targets_transcribed:
        return parts
    parts += _uses(plan)
    within = _by_clause(plan)
    for clause in _in_order(plan):
        parts += [
            "",
            f"### {clause.clause} {clause.heading_vi}",
            "",
            f"*{clause.heading_en}* · dòng / lines {clause.line_from}–{clause.line_to}",
        ]
        parts += _rows_of_clause(plan, within[clause.clause], units)
    parts += _relations(plan, units)
    return parts


def _uses(plan: Plan) -> list[str]:
    """The ledger by use: what every number of the text is."""
    if not plan.ledger:
        return []
    parts = ["", "| số trong văn bản là / a number of the text is | lần / times |", "|---|--:|"]
    return parts + [f"| {USES.get(use, use)} | {n} |" for use, n in counts_by_use(plan.ledger).items()]


def _in_order(plan: Plan) -> list[Any]:
    """The clauses as the document has them: by line, the one that holds others before them."""
    return sorted((clause for _, clause in plan.clauses), key=lambda c: (c.line_from, -c.line_to, c.clause))


def _by_clause(plan: Plan) -> dict[str, dict[str, list[Any]]]:
    within: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    tables: Mapping[str, Sequence[tuple[int, Any]]] = {
        "targets": plan.targets,
        "milestones": plan.milestones,
        "annotations": plan.annotations,
        "lists": plan.lists,
    }
    for name, rows in tables.items():
        for _, row in sorted(rows, key=lambda pair: (pair[1].line, pair[0])):
            within[row.clause][name].append(row)
    return within


def _rows_of_clause(
    plan: Plan, rows: Mapping[str, Sequence[Any]], units: dict[str, dict[str, Any]]
) -> list[str]:
    parts: list[str] = []
    if rows.get("targets"):
        parts += _table("dòng", "chỉ tiêu", "in là", "hiểu là", "năm", "cách hiểu")
        parts += [_target_line(target, units) for target in rows["targets"]]
    if rows.get("milestones"):
        parts += _table("dòng", "công trình, mốc", "in là", "việc, hạn", "năm", "cách hiểu")
        parts += [_milestone_line(milestone) for milestone in rows["milestones"]]
    for named in rows.get("lists", ()):
        parts += _list(plan, named)
    if rows.get("annotations"):
        parts += ["", "Ghi nhận về câu chữ / Remarks on the wording:", ""]
        for note in rows["annotations"]:
            subjects = ", ".join(f"`{subject}`" for subject in str(note.subjects).split("|"))
            parts.append(
                f"* dòng {note.line}, **{VIETNAMESE.of('annotation', note.kind)}** ({subjects}): "
                f"{_one_line(note.text_vi)}  \n  *{ENGLISH.of('annotation', note.kind)}: {_one_line(note.text_en)}*"
            )
    return parts


def _table(*headers: str) -> list[str]:
    return ["", f"| {' | '.join(headers)} |", "|--:|" + "---|" * (len(headers) - 1)]


def _named(row: PlanTarget | PlanMilestone) -> str:
    return f"{_cell(row.name_vi)}<br>*{_cell(row.name_en)}*<br>`{row.target_id}`"


def _target_line(target: PlanTarget, units: dict[str, dict[str, Any]]) -> str:
    facts = TargetFacts(
        target=_plain(target), assessment={}, indicator={}, points=(), other_points=(), units=units
    )
    kind = VIETNAMESE.of("target_type", target.target_type), ENGLISH.of("target_type", target.target_type)
    said = f"{promise(facts, VIETNAMESE)}; {kind[0]}<br>*{promise(facts, ENGLISH)}; {kind[1]}*"
    more = [f"{label}: {text}" for label, text in reading_entries(facts, VIETNAMESE)[3:]]
    return _line(target, said, more)


def _milestone_line(milestone: PlanMilestone) -> str:
    row = _plain(milestone)
    said = "; ".join(text for _, text in milestone_entries(row, VIETNAMESE)[:2])
    said_en = "; ".join(text for _, text in milestone_entries(row, ENGLISH)[:2])
    more = [f"{label}: {text}" for label, text in milestone_entries(row, VIETNAMESE)[2:]]
    return _line(milestone, f"{said}<br>*{said_en}*", more)


def _line(row: PlanTarget | PlanMilestone, said: str, more: Iterable[str]) -> str:
    plain = _plain(row)
    status = (
        VIETNAMESE("reading.confirmed", document=confirmation(plain, VIETNAMESE))
        if is_confirmed(plain)
        else "đề xuất / proposed"
    )
    noted = reading_note(plain, VIETNAMESE)
    reading = "<br>".join([status, *(_cell(text) for text in (*more, *([noted] if noted else [])))])
    return (
        f"| {row.line} | {_named(row)} | “{_cell(row.printed_text)}” | {said.replace('|', '/')} | "
        f"{row.period_end} | {reading} |"
    )


def _list(plan: Plan, named: Any) -> list[str]:
    members = sorted((m for _, m in plan.members if m.list_id == named.list_id), key=lambda m: m.position)
    printed = (
        "văn bản không nêu số / no count given"
        if named.count_printed is None
        else f"văn bản nêu / the text says {format_number(named.count_printed, 'vi')}"
    )
    parts = [
        "",
        f"Danh mục dòng {named.line}: **{named.name_vi}** / *{named.name_en}* (`{named.list_id}`); "
        f"liệt kê / listed {len(members)}; {printed}.",
        "",
    ]
    for member in members:
        own = f" → `{member.target_id}`" if member.target_id else ""
        parts.append(f"{member.position}. {member.name} (dòng {member.line}){own}")
    return parts


def _relations(plan: Plan, units: dict[str, dict[str, Any]]) -> list[str]:
    if not plan.relations:
        return []
    parts = ["", "### Quan hệ giữa các chỉ tiêu / Relations", ""]
    sums: dict[str, list[Any]] = defaultdict(list)
    for _, relation in plan.relations:
        if relation.kind == "part_of_sum":
            sums[relation.relation_id].append(relation)
            continue
        kind = f"{relation.kind}_part"
        said = f"{VIETNAMESE.of('relation', kind)} / *{ENGLISH.of('relation', kind)}*"
        parts.append(f"* `{relation.target_id}`: {said} `{relation.to_target_id}`")
    for same in sums.values():
        first = same[0]
        whole = f"`{first.to_target_id}`" if first.to_target_id else ""
        if first.whole_value is not None:
            symbol = units.get(first.whole_unit or "", {}).get("symbol_vi")
            whole = with_unit(format_number(first.whole_value, "vi"), symbol)
        members = " + ".join(f"`{relation.target_id}`" for relation in same)
        broken = f" (không khớp / does not hold: {first.annotation_id})" if first.annotation_id else ""
        parts.append(f"* {members}: tổng / *sum* {whole}{broken}")
    return parts


def _plain(row: CsvRow) -> dict[str, Any]:
    """A row as a release has it; a milestone has the type of one."""
    plain = row.model_dump()
    return plain if "target_type" in plain else {**plain, "target_type": "milestone"}


def _cell(text: str) -> str:
    return _one_line(text).replace("|", "\\|")


def _one_line(text: str) -> str:
    return " ".join(text.split())
