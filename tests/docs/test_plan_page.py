"""The plan page names everything of the plan tables, each under its clause."""

from docs.plan_page import plan_page
from sources.plan.reading import load_plans
from store.settings import Settings


def _above(parts: list[str]) -> list[str]:
    """The page above each of the places it was split at."""
    return ["".join(parts[: number + 1]) for number in range(len(parts))]


def test_every_row_of_the_plan_tables_stands_under_its_clause() -> None:
    settings = Settings()
    page = plan_page(settings)
    for plan in load_plans(settings.project_root / "sources" / "plans").plans.values():
        for _, clause in plan.clauses:
            assert f"### {clause.clause} {clause.heading_vi}" in page
        for _, _, promise in plan.promises():
            # Two documents may give a promise the same id; one of its rows stands in this clause.
            before = page.split(f"<br>`{promise.target_id}` |")[:-1]
            clauses = {part.rpartition("\n### ")[2].split(" ")[0] for part in _above(before)}
            assert promise.clause in clauses, promise.target_id
        for _, note in plan.annotations:
            assert " ".join(note.text_vi.split()) in page
        for _, member in plan.members:
            assert f"{member.position}. {member.name} (dòng {member.line})" in page
