"""What a load run saw, as the section of docs/benchmarks.md that the command writes."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from benchmarks.load.measure import CLICK_GOAL_SECONDS, FIRST_PAGE_SECONDS, Quantiles, Result, Step
from benchmarks.load.people import CLICK_SECONDS

BEGIN = "<!-- load: written by `python -m benchmarks.load --write` -->"
END = "<!-- load: end -->"
_SHOWN_FAULTS = 5


def section(result: Result, day: date) -> str:
    """The section in Markdown, with its heading."""
    low, high = CLICK_SECONDS
    lines = [
        "## People on the pages",
        "",
        f"Release {result.release_id} of {_count(result.observations)} observations, {result.cores} cores, "
        f"{day:%d/%m/%Y}. Sessions are real websocket sessions on loopback; a person clicks "
        f"every {low:g} to {high:g} s. A link opens a session of its own, as in a browser, and so pays what a first "
        "page pays. Milliseconds are from the request to the end of the script, as the generator saw them: it runs "
        "beside the server on the same cores, and its delays are in them.",
        "",
        f"The server answers {result.seconds_to_start:.1f} s after its start. The very first page takes "
        f"{_ms(result.open_pages.very_first_seconds)} ms.",
        "",
        "| people | first page p50 | p95 | p99 | clicks | click p50 | p95 | p99 | faults | server CPU "
        "| CPU ms a page | generator CPU | other CPU | load | memory, MB |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        *(_row(step) for step in result.steps),
        "",
        f"A click is a link or a filter. The aim is a first page under {_ms(FIRST_PAGE_SECONDS)} ms and a click under "
        f"{_ms(CLICK_GOAL_SECONDS)} ms (p95). CPU is in cores; other CPU is what else the machine did meanwhile.",
        "",
        knee(result),
        "",
        memory(result),
        "",
    ]
    busiest = _told(result)
    lines += [
        f"With {busiest.people} people, by kind and by page:",
        "",
        "| what | number | p50 | p95 | p99 |",
        "|---|--:|--:|--:|--:|",
        *(_line(name, found) for name, found in busiest.by_click.items()),
        *(_line(f"page `{name}`", found) for name, found in busiest.by_page.items()),
        "",
    ]
    if faults := Counter(fault for step in result.steps for fault in step.faults):
        lines += ["Faults:", "", *(f"* {n} × {fault}" for fault, n in faults.most_common(_SHOWN_FAULTS)), ""]
    return "\n".join(lines)


def knee(result: Result) -> str:
    """Where pages become slow, in a sentence."""
    held = [step.people for step in result.steps if step.holds]
    broke = [step.people for step in result.steps if not step.holds]
    if not broke:
        return f"With {max(held)} people the aim holds; more were not tried."
    below = [people for people in held if people < min(broke)]
    if not below:
        return f"With {min(broke)} people the aim does not hold."
    return f"The knee lies between {max(below)} and {min(broke)} people: there a p95 passes the aim, or pages fail."


def memory(result: Result) -> str:
    """What memory pages and people take, in a sentence."""
    pages = result.open_pages
    said = (
        f"Memory of the server: {result.megabytes_at_start:.0f} MB when it answers, {pages.before:.0f} MB when the "
        f"first pages were shown; {pages.megabytes_each:.2f} MB for each of {pages.number} overviews held open."
    )
    slope = result.megabytes_a_person
    return (
        said
        if slope is None
        else f"{said} From step to step it grew by {slope:.1f} MB for each active person."
    )


def write(document: Path, text: str) -> None:
    """Put the section in its place in the document, at the end when it has none yet."""
    whole = document.read_text(encoding="utf-8")
    before, begin, rest = whole.partition(BEGIN)
    after = rest.partition(END)[2] if begin else ""
    document.write_text(
        f"{before.rstrip()}\n\n{BEGIN}\n\n{text.rstrip()}\n\n{END}\n{after}", encoding="utf-8"
    )


def _told(result: Result) -> Step:
    """The step that is told in detail: the busiest at which the aim holds, else the first."""
    return max(
        (step for step in result.steps if step.holds), key=lambda step: step.people, default=result.steps[0]
    )


def _row(step: Step) -> str:
    first, clicks = step.first_page, step.clicks
    cells = [
        str(step.people),
        *(_ms(value) for value in (first.p50, first.p95, first.p99)),
        str(clicks.count),
        *(_ms(value) for value in (clicks.p50, clicks.p95, clicks.p99)),
        str(len(step.faults)),
        f"{step.server_cpu:.2f}",
        _ms(step.server_cpu_a_page),
        *(f"{value:.2f}" for value in (step.generator_cpu, step.other_cpu)),
        f"{step.machine_load:.1f}",
        f"{step.most_megabytes:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def _line(name: str, found: Quantiles) -> str:
    return f"| {name} | {found.count} | {_ms(found.p50)} | {_ms(found.p95)} | {_ms(found.p99)} |"


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f}"


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")
